"""Refusals of the businesses app."""

from __future__ import annotations

from holdfast.lib.refusals import Conflict


class SlugTaken(Conflict):
    """Another business already uses this address."""

    code = "slug_taken"


class AlreadyMember(Conflict):
    """The account already has a role in this business."""

    code = "already_member"


class AlreadyInvited(Conflict):
    """There is an open invitation to this address."""

    code = "already_invited"


class TooManyInvitations(Conflict):
    """As many invitations wait for an answer as may. Facts: ``most``."""

    code = "too_many_invitations"


class SentJustNow(Conflict):
    """The invitation was sent a moment ago. Facts: ``from``, when it can be sent again."""

    code = "sent_just_now"


class OtherAddress(Conflict):
    """The invitation is for somebody with another address."""

    code = "other_address"


class LastAdmin(Conflict):
    """Without this admin nobody could let anybody in any more."""

    code = "last_admin"
