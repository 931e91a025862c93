"""Holdfast: a self-hosted, multi-tenant booking and waitlist platform."""

__version__ = "0.1.0"
