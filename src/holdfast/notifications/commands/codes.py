"""Writing the message that carries a code to the address it is to prove (SPEC D1)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from holdfast.businesses.queries import business_facts
from holdfast.core.outbox import wake
from holdfast.core.transactions import command
from holdfast.customers.commands import letter_written
from holdfast.customers.queries import letter_of_code
from holdfast.notifications.models import Message
from holdfast.notifications.rules.delivery import dedupe_key


@command
def mail_code(*, business_id: UUID, code_id: UUID, now: datetime) -> int:
    """Write the letter of a code, once; 0 when it is written already, or a later code has taken its place."""
    found = letter_of_code(code_id=code_id)
    if found is None:
        return 0
    address, code, expires_at = found
    Message.objects.create(
        business_id=business_id,
        kind=Message.Kind.CODE,
        audience=Message.Audience.CUSTOMER,
        recipient=address,
        locale=business_facts(business_id=business_id).language,
        context={"code": code, "expires_at": expires_at.isoformat()},
        dedupe_key=dedupe_key("code", code_id),
        send_after=now,
        next_attempt_at=now,
    )
    letter_written(code_id=code_id)
    wake()
    return 1
