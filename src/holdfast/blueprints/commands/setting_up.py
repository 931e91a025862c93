"""From an empty installation to the first business (SPEC A1, L5)."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from holdfast.accounts.commands import create_operator
from holdfast.accounts.models import Account
from holdfast.blueprints.commands.creating import create_from_blueprint
from holdfast.blueprints.errors import AlreadySetUp
from holdfast.blueprints.queries import has_accounts
from holdfast.blueprints.rules import Blueprint
from holdfast.blueprints.sql import lock_first_account
from holdfast.businesses.commands import add_member
from holdfast.businesses.models import Business
from holdfast.businesses.queries import memberships_of
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Forbidden


@command
def create_first_account(*, email: str, password: str, name: str = "") -> Account:
    """The first sign-in of an installation: an operator's. Who asks has proved to be its owner by the set-up code.

    Of several at once one gets it. Refusals: :class:`AlreadySetUp` when there is any account, ``Invalid`` (email,
    password, name).
    """
    lock_first_account()
    if has_accounts():
        raise AlreadySetUp
    return create_operator(
        actor=Actor(role=Role.OPERATOR, via="page"), email=email, name=name, password=password
    )


@command
def set_up_business(
    *,
    actor: Actor,
    blueprint: Blueprint,
    slug: str,
    name: str,
    timezone: str,
    currency: str,
    language: str = "en",
    is_open_to_all: bool = False,
) -> Business:
    """A business as the wizard's answers describe it; the actor's account becomes its admin. All of it or nothing.

    Operators may; with ``is_open_to_all`` also whoever is signed in and works for no business yet.
    Refusals: :class:`Forbidden`, and those of :func:`create_from_blueprint`.
    """
    account_id = _account_that_may(actor, is_open_to_all=is_open_to_all)
    operator = replace(actor, role=Role.OPERATOR)
    business = create_from_blueprint(
        actor=operator,
        blueprint=blueprint.kind,
        slug=slug,
        name=name,
        timezone=timezone,
        currency=currency,
        language=language,
        changed=blueprint,
    )
    add_member(actor=operator, business_id=business.id, account_id=account_id, role=Role.ADMIN)
    return business


def _account_that_may(actor: Actor, *, is_open_to_all: bool) -> UUID:
    if actor.account_id is None:
        raise Forbidden(action="create_business", needs="signed_in")
    if actor.role is Role.OPERATOR or (is_open_to_all and not memberships_of(account_id=actor.account_id)):
        return actor.account_id
    raise Forbidden(action="create_business", needs=str(Role.OPERATOR))
