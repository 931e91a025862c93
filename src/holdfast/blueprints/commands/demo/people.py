"""The sign-ins of the demo."""

from __future__ import annotations

from holdfast.accounts.commands import create_account, create_operator
from holdfast.accounts.models import Account
from holdfast.accounts.queries import account_by_email
from holdfast.blueprints.commands.demo.parts import Person
from holdfast.businesses.commands import add_member
from holdfast.businesses.models import Business, Member
from holdfast.catalog.models import Resource
from holdfast.lib.actors import Actor

OPERATOR_EMAIL = "operator@holdfast.example"


def employ_operator(*, actor: Actor, password: str) -> None:
    """The demo's operator, with this password."""
    account = account_by_email(email=OPERATOR_EMAIL)
    if account is None:
        create_operator(
            actor=actor, email=OPERATOR_EMAIL, name="Demo operator", password=password, is_demo=True
        )
    else:
        _keep_password(account, password)


def employ(*, actor: Actor, business: Business, people: tuple[Person, ...], password: str) -> None:
    """Sign-ins, roles and, for people who are a resource, the link between the two."""
    for person in people:
        account = account_by_email(email=person.email)
        if account is None:
            account = create_account(email=person.email, name=person.name, password=password, is_demo=True)
        else:
            _keep_password(account, password)
        member = Member.objects.filter(business=business, account=account).first()
        if member is None:
            member = add_member(actor=actor, business_id=business.id, account_id=account.id, role=person.role)
        if person.resource:
            nobodys = Resource.objects.filter(business=business, name=person.resource, member=None)
            nobodys.update(member=member)


def _keep_password(account: Account, password: str) -> None:
    """Of a demo account only: whoever else has this address keeps what they chose."""
    if account.is_demo and not account.check_password(password):
        account.set_password(password)
        account.save(update_fields=["password"])
