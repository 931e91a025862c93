"""The chains of the audit trail (SPEC J7): sealed by one periodic job, so that no command waits for a chain.

Each business has a chain. A line's seal is the digest of the line and of the seal before it, so that no line can be
changed, left out or put in without all later seals changing. Where a chain ended is written to
``HOLDFAST_HOME/audit/anchors.jsonl`` and to the log as well, so that the database cannot lose its end unnoticed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Max

from holdfast.core.clock import now
from holdfast.core.models import AuditChain, AuditRecord

log = structlog.get_logger("holdfast.audit")

BATCH = 500
# Lines get their ids before their transactions end: a line may appear below one that was copied already.
_LATE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A line of another room's history, as the trail copies it; ``digest`` is that of the whole line as it lies there."""

    id: int
    business_id: UUID
    at: datetime
    action: str
    actor: str
    account_id: UUID | None
    via: str
    subject: str
    subject_id: UUID
    details: dict[str, Any]
    digest: str


Lines = Callable[..., Sequence[HistoryLine]]
"""Called with ``after`` (an id) and ``limit``: the lines that follow, by id."""
Standing = Callable[..., Mapping[int, "str | None"]]
"""Called with ``lines`` (id to subject's id): the digests of those lines now, None for one that was taken out."""

_histories: dict[str, tuple[Lines, Standing]] = {}


def register_history(name: str, lines: Lines, standing: Standing) -> None:
    """Have the trail copy this history."""
    _histories[name] = (lines, standing)


def histories() -> dict[str, Standing]:
    """How to hold each history that is copied against its copy."""
    return {name: standing for name, (_, standing) in _histories.items()}


def seal() -> int:
    """Copy what the histories have and seal every line that is not yet; how many were sealed."""
    for name, (lines, _) in _histories.items():
        copy_history(name, lines)
    sealed, ends = 0, {}
    while True:
        unsealed = list(
            AuditRecord.objects.filter(position=None).order_by("id").values_list("id", "business_id")[:BATCH]
        )
        if not unsealed:
            break
        for business_id in dict.fromkeys(row[1] for row in unsealed):
            ids = [id for id, owner in unsealed if owner == business_id]
            ends[business_id] = _seal_some(business_id, ids)
        sealed += len(unsealed)
    for business_id, (position, value) in ends.items():
        anchor(business_id, position, value)
    return sealed


def copy_history(name: str, lines: Lines) -> int:
    """Add the lines of a history that the trail does not have yet; how many."""
    settled = AuditRecord.objects.filter(source=name, at__lt=now() - _LATE)
    after = settled.aggregate(last=Max("source_id"))["last"] or 0
    copied = 0
    while found := lines(after=after, limit=BATCH):
        after = found[-1].id
        ids = [line.id for line in found]
        known = AuditRecord.objects.filter(source=name, source_id__in=ids)
        have = set(known.values_list("source_id", flat=True))
        new = [_copied(name, line) for line in found if line.id not in have]
        AuditRecord.objects.bulk_create(new, ignore_conflicts=True)
        copied += len(new)
    return copied


def _copied(name: str, line: HistoryLine) -> AuditRecord:
    return AuditRecord(
        business_id=line.business_id,
        at=line.at,
        action=f"{name}.{line.action}",
        actor="" if line.account_id and line.actor != "customer" else line.actor,
        account_id=line.account_id,
        via=line.via,
        subject=line.subject,
        subject_id=line.subject_id,
        details={"values": line.details, "line": line.digest},
        source=name,
        source_id=line.id,
    )


def _seal_some(business_id: UUID, ids: Sequence[int]) -> tuple[int, str]:
    with transaction.atomic():
        AuditChain.objects.get_or_create(business_id=business_id)
        chain = AuditChain.objects.select_for_update().get(business_id=business_id)
        records = list(AuditRecord.objects.filter(id__in=ids, position=None).order_by("id"))
        for record in records:
            chain.position += 1
            record.position = chain.position
            record.seal = chain.seal = seal_of(record, chain.seal)
        AuditRecord.objects.bulk_update(records, ["position", "seal"], batch_size=100)
        chain.save(update_fields=["position", "seal"])
    return chain.position, chain.seal


def seal_of(record: AuditRecord, before: str) -> str:
    """The digest of a line at its place in the chain, after the seal ``before``."""
    facts = [
        record.position,
        record.business_id.hex,
        record.at.isoformat(),
        record.action,
        record.actor,
        record.role,
        record.account_id.hex if record.account_id else None,
        record.token_id.hex if record.token_id else None,
        record.via,
        record.origin,
        record.subject,
        record.subject_id.hex if record.subject_id else None,
        record.details,
        record.request_id,
        record.source,
        record.source_id,
        before,
    ]
    plain = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def digest_of(facts: Any) -> str:
    """The digest of a line of a history: of JSON-ready facts, the order of keys aside."""
    plain = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(plain.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Anchor:
    """How far a chain reached once, and with which seal."""

    business_id: UUID
    position: int
    seal: str


def anchors_file() -> Path:
    """Where the ends of the chains are written down, outside the database."""
    home: Path = settings.HOLDFAST_HOME
    return home / "audit" / "anchors.jsonl"


def anchor(business_id: UUID, position: int, value: str) -> None:
    """Write down where a chain ends now. A file that cannot be written stops nothing: the log has the anchor too."""
    fact = {"business": str(business_id), "position": position, "seal": value, "at": now().isoformat()}
    log.info("audit_anchored", business=fact["business"], position=position, seal=value)
    path = anchors_file()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(json.dumps(fact) + "\n")
    except OSError:
        log.warning("audit_anchor_not_written", exc_info=True)


def anchors() -> Iterator[Anchor]:
    """Every anchor that was written down; half a line, of a crash, is passed over."""
    path = anchors_file()
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                fact = json.loads(line)
                yield Anchor(UUID(fact["business"]), int(fact["position"]), str(fact["seal"]))
            except (ValueError, KeyError, TypeError):
                continue


def chains() -> list[UUID]:
    """Whose chains there are."""
    return list(AuditChain.objects.order_by("business_id").values_list("business_id", flat=True))


@transaction.atomic
def cut_before(*, business_id: UUID, before: datetime, dry_run: bool = False) -> int:
    """Retention: cut off the sealed lines of one chain that are older, as far as they are its beginning; how many.

    The chain remembers where it begins now, so that the rest stays provable; a line says that it was done.
    """
    chain = AuditChain.objects.select_for_update().filter(business_id=business_id).first()
    if chain is None:
        return 0
    kept = AuditRecord.objects.filter(business_id=business_id, position__gt=chain.begins_after)
    first_kept = kept.filter(at__gte=before).order_by("position").values_list("position", flat=True).first()
    last = kept.order_by("-position").values_list("position", flat=True).first()
    until = first_kept - 1 if first_kept is not None else last
    if until is None or until <= chain.begins_after:
        return 0
    old = AuditRecord.objects.filter(business_id=business_id, position__lte=until)
    if dry_run:
        return old.count()
    chain.begins_with = old.values_list("seal", flat=True).get(position=until)
    chain.begins_after = until
    chain.save(update_fields=["begins_after", "begins_with"])
    count: int = old._raw_delete(old.db)
    return count
