"""Whether the audit trail is whole (SPEC J7, O5): nothing changed, left out, put in or cut off, here and in what it copied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from holdfast.core.models import AuditChain, AuditRecord
from holdfast.core.sealing import Anchor, anchors, histories, seal_of

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a chain, and where: ``changed``, ``missing``, ``put_in``, ``cut_off``, ``rewritten``,
    ``history_changed`` or ``history_missing``.
    """

    business_id: UUID
    what: str
    position: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was looked at and what was found."""

    chains: int
    lines: int
    unsealed: int
    anchors: int
    faults: tuple[Fault, ...]

    @property
    def is_whole(self) -> bool:
        return not self.faults


def verify(*, business_id: UUID | None = None, most_faults: int = 100) -> Verdict:
    """Read every chain, or one, from its beginning, and hold it against its anchors and the histories it copied."""
    written: dict[UUID, list[Anchor]] = {}
    for anchor in anchors():
        written.setdefault(anchor.business_id, []).append(anchor)
    chains = {chain.business_id: chain for chain in AuditChain.objects.all()}
    owners = set(chains) | set(written)
    owners |= set(AuditRecord.objects.exclude(position=None).values_list("business_id", flat=True).distinct())
    if business_id is not None:
        owners &= {business_id}
    faults: list[Fault] = []
    lines = 0
    for owner in sorted(owners):
        chain = chains.get(owner) or AuditChain(business_id=owner)
        reading = _Reading(chain, written.get(owner, []))
        faults += islice(reading.faults(), max(0, most_faults - len(faults)))
        lines += reading.lines
    pending = AuditRecord.objects.filter(position=None)
    if business_id is not None:
        pending = pending.filter(business_id=business_id)
    count = sum(len(written.get(owner, [])) for owner in owners)
    return Verdict(len(owners), lines, pending.count(), count, tuple(faults))


class _Reading:
    """One chain, read from its beginning to its end."""

    def __init__(self, chain: AuditChain, written: list[Anchor]) -> None:
        self.chain = chain
        self.anchors: dict[int, set[str]] = {}
        for anchor in written:
            self.anchors.setdefault(anchor.position, set()).add(anchor.seal)
        self.lines = 0

    def faults(self) -> Iterator[Fault]:
        """Every fault, in the order of the chain."""
        position, seal = self.chain.begins_after, self.chain.begins_with
        batch: list[AuditRecord] = []
        for record in self._records():
            self.lines += 1
            at = record.position or 0
            if at <= self.chain.begins_after:
                yield self._fault("put_in", at)
                continue
            if at != position + 1:
                yield self._fault("missing", position + 1)
            elif seal_of(record, seal) != record.seal:
                yield self._fault("changed", at)
            if record.seal not in self.anchors.get(at, {record.seal}):
                yield self._fault("rewritten", at)
            position, seal = at, record.seal
            if record.source:
                batch.append(record)
            if len(batch) >= _BATCH:
                yield from self._against_history(batch)
                batch = []
        yield from self._against_history(batch)
        yield from self._end(position, seal)

    def _records(self) -> Iterator[AuditRecord]:
        rows = AuditRecord.objects.filter(business_id=self.chain.business_id).exclude(position=None)
        return iter(rows.order_by("position").iterator(chunk_size=_BATCH))

    def _end(self, position: int, seal: str) -> Iterator[Fault]:
        now = AuditChain.objects.filter(business_id=self.chain.business_id).first() or self.chain
        if position < max([*self.anchors, self.chain.position]):
            yield self._fault("cut_off", position + 1)
        elif position > now.position:  # what was sealed while we read is not put in
            yield self._fault("put_in", position)
        elif position == now.position and seal != now.seal:
            yield self._fault("rewritten", position)

    def _against_history(self, batch: list[AuditRecord]) -> Iterator[Fault]:
        for name, standing in histories().items():
            copied = {record.source_id: record for record in batch if record.source == name}
            if not copied:
                continue
            stands = standing(lines={id: record.subject_id for id, record in copied.items()})
            for id, record in copied.items():
                if id is None or id not in stands or stands[id] == record.details.get("line"):
                    continue
                what = "history_missing" if stands[id] is None else "history_changed"
                yield self._fault(what, record.position or 0)

    def _fault(self, what: str, position: int) -> Fault:
        return Fault(self.chain.business_id, what, position)
