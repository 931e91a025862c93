"""Writes to businesses and to who works for them."""

from holdfast.businesses.commands.businesses import (
    change_business_settings,
    change_logo,
    change_privacy_text,
    change_profile,
    create_business,
    offer_changed,
    remove_logo,
)
from holdfast.businesses.commands.invitations import (
    accept_invitation,
    invite_member,
    join_by_invitation,
    resend_invitation,
    withdraw_invitation,
)
from holdfast.businesses.commands.members import add_member, change_role, remove_member
from holdfast.businesses.commands.tokens import issue_token, rotate_token, withdraw_token

__all__ = [
    "accept_invitation",
    "add_member",
    "change_business_settings",
    "change_logo",
    "change_privacy_text",
    "change_profile",
    "change_role",
    "create_business",
    "invite_member",
    "issue_token",
    "join_by_invitation",
    "offer_changed",
    "remove_logo",
    "remove_member",
    "resend_invitation",
    "rotate_token",
    "withdraw_invitation",
    "withdraw_token",
]
