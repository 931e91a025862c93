"""Forgetting a person: their entries stay as times and outcomes, without anything about them (SPEC K2)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from holdfast.core.people import Fate
from holdfast.core.transactions import command
from holdfast.lib.actors import WAITLIST
from holdfast.waitlist.commands.joining import leave_waitlist
from holdfast.waitlist.models import Entry, EntryChange
from holdfast.waitlist.queries.person import live_entries

_NOBODY = {"name": "", "email": "", "phone": ""}


@command
def forget_person(*, business_id: UUID, customer_id: UUID, now: datetime) -> list[Fate]:
    """Take the person off the list and out of every entry of theirs. Refusals: :class:`Missing`."""
    for id in live_entries(business_id=business_id, customer_id=customer_id):
        leave_waitlist(actor=WAITLIST, business_id=business_id, entry_id=id, now=now)
    entries = list(Entry.objects.filter(business_id=business_id, customer_id=customer_id))
    for entry in entries:
        entry.contact, entry.account = dict(_NOBODY), None
        entry.save(update_fields=["contact", "account"])
    ids = [entry.id for entry in entries]
    for change in EntryChange.objects.filter(entry_id__in=ids, details__has_key="reason"):
        del change.details["reason"]
        change.save(update_fields=["details"])
    return [Fate("waitlist", len(entries), is_kept=True, why="figures")]
