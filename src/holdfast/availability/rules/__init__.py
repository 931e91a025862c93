"""Decisions about what else there is: the nearest other times, and the least that would have to change."""

from holdfast.availability.rules.nearest import MOST, Choice, nearest
from holdfast.availability.rules.remedies import Remedy, smallest_change

__all__ = ["MOST", "Choice", "Remedy", "nearest", "smallest_change"]
