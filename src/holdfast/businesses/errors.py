"""Refusals of the businesses app."""

from __future__ import annotations

from holdfast.lib.refusals import Conflict


class SlugTaken(Conflict):
    """Another business already uses this address."""

    code = "slug_taken"


class AlreadyMember(Conflict):
    """The account already has a role in this business."""

    code = "already_member"
