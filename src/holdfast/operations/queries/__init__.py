"""Every read of operations."""

from holdfast.operations.queries.integrity import Invariant, Result, invariants, look

__all__ = ["Invariant", "Result", "invariants", "look"]
