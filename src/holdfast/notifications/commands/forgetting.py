"""Forgetting a person: what was written to them and about them (SPEC K2)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from holdfast.core.mail_files import forget_mail_files
from holdfast.core.people import Fate
from holdfast.core.transactions import command
from holdfast.customers.queries import customer_by_id, email_index
from holdfast.lib.references import show_reference
from holdfast.notifications.models import Message, Suppression, reader_index
from holdfast.notifications.queries.person import messages_about, suppressions_about


@command
def forget_person(*, business_id: UUID, customer_id: UUID, now: datetime) -> list[Fate]:  # noqa: ARG001
    """Delete every message about a customer, sent or not, also the copies to staff, the files of mail that name them, and
    what is held against their address.

    Refusals: :class:`Missing`.
    """
    customer = customer_by_id(business_id=business_id, customer_id=customer_id)
    found = messages_about(business_id=business_id, customer_id=customer_id)
    about = list(found.values_list("id", "booking__reference"))
    names = {show_reference(reference) for _, reference in about if reference}
    said = {customer.email, customer.phone, *names} - {""}
    held_against = suppressions_about(business_id=business_id, customer_id=customer_id).delete()[0]
    Message.objects.filter(id__in=[id for id, _ in about]).delete()
    count = len(about)
    if customer.email:
        index = email_index(business_id=business_id, email=customer.email)
        codes = Message.objects.filter(
            business_id=business_id, kind=Message.Kind.CODE, booking=None, entry=None
        )
        for message in codes:
            if email_index(business_id=business_id, email=message.recipient) == index:
                message.delete()
                count += 1
    transaction.on_commit(lambda: forget_mail_files(said), robust=True)
    return [
        Fate("messages", count, is_kept=False),
        *([Fate("suppressions", held_against, is_kept=False)] if held_against else []),
    ]


@command
def reindex_messages() -> int:
    """Work out anew by what messages and suppressions are found, with the key that indexes now; how many."""
    count = 0
    for model, address in ((Message, "recipient"), (Suppression, "address")):
        for row in model.objects.order_by("pk").iterator(chunk_size=500):
            index = reader_index(
                business_id=row.business_id, channel=row.channel, address=getattr(row, address)
            )
            model.objects.filter(pk=row.pk).update(reader_index=index)
            count += 1
    return count


@command
def forget_old_messages(*, before: datetime, dry_run: bool = False) -> int:
    """Delete the messages written before then that wait for nothing (SPEC K3); how many."""
    rows = Message.objects.filter(created_at__lt=before).exclude(state=Message.State.QUEUED)
    count = rows.count()
    if not dry_run:
        rows.delete()
    return count
