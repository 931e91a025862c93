"""What each letter about a booking may speak of, in the active language: calm, plain facts (ux README §8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from holdfast.catalog.rules.questions import AGREED, NOT_AGREED
from holdfast.notifications.queries.together import rows_of_several, values_of_several
from holdfast.notifications.rules import formats
from holdfast.notifications.rules.letters import LetterFacts, first_name


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter is filled with. ``values`` are those of its variables; ``rows`` the facts as (label, value);
    ``link`` is the one thing to do next, ``others`` what else may be done, as (label, link).
    """

    values: dict[str, str]
    rows: list[tuple[str, str]]
    link_label: str
    link: str
    others: list[tuple[str, str]] = field(default_factory=list)


def words_of(facts: LetterFacts) -> Words:
    """The letter's values for its reader."""
    link_label, link = _next_step(facts)
    return Words(
        values=_values(facts),
        rows=_rows(facts),
        link_label=link_label,
        link=link,
        others=_other_steps(facts),
    )


def event_summary(facts: LetterFacts) -> str:
    """What the calendar calls it: what and with whom, seen from the reader; of a discreet letter only where."""
    if facts.for_staff:
        return _("%(service)s: %(customer)s") % {"service": facts.service_name, "customer": _customer(facts)}
    return _what(facts) if facts.service_name else facts.business_name


def _values(facts: LetterFacts) -> dict[str, str]:
    said = _what(facts)
    if facts.kind == "cancelled" and not facts.service_name:
        said = said[:1].upper() + said[1:]
    values = {
        "name": first_name(facts.customer_name),
        "customer": _customer(facts),
        "what": said,
        "service": facts.service_name,
        "resource": facts.resource_name,
        "artist": facts.resource_name or facts.business_name,
        "reference": facts.reference,
        "party": _people(facts.party_size) if facts.party_size > 1 else "",
        "price": formats.money(facts.price, facts.language) if facts.price.minor else "",
        "changes": "" if facts.for_staff else _changes(facts),
        "amount": formats.money(facts.amount, facts.language) if facts.amount is not None else "",
        "by_staff": "1" if facts.by_staff else "",
        "rebook_link": facts.book_url,
    }
    return values | _times(facts) | values_of_several(facts)


def _times(facts: LetterFacts) -> dict[str, str]:
    wall = _wall(facts, facts.starts_at)
    days = (wall.date() - _wall(facts, facts.now).date()).days
    moved = facts.old_starts_at is not None and facts.old_starts_at != facts.starts_at
    other = facts.old_resource_name if facts.old_resource_name != facts.resource_name or not moved else ""
    return {
        "when": _short(facts, facts.starts_at),
        "day": _day_in_full(facts),
        "short_day": formats.day(wall, facts.language),
        "time": _clock(facts, facts.starts_at),
        "soon": _soon(facts, days),
        "is_today": "1" if days == 0 else "",
        "is_tomorrow": "1" if days == 1 else "",
        "old_when": _short(facts, facts.old_starts_at) if moved and facts.old_starts_at else "",
        "old_resource": other,
    }


def _soon(facts: LetterFacts, days: int) -> str:
    """The start as people say it: ``tomorrow at 10:30``, within a week by the weekday, later by the date."""
    wall = _wall(facts, facts.starts_at)
    said = {"time": _clock(facts, facts.starts_at), "day": formats.weekday(wall, facts.language)}
    if days == 0:
        return _("today at %(time)s") % said
    if days == 1:
        return _("tomorrow at %(time)s") % said
    if not 1 < days < 7:
        said["day"] = formats.day(wall, facts.language)
    return _("on %(day)s at %(time)s") % said


def _people(count: int) -> str:
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": count}


def _rows(facts: LetterFacts) -> list[tuple[str, str]]:
    rows = [
        (_("When"), _when(facts)),
        (_("Service"), facts.service_name),
        *rows_of_several(facts),
    ]
    if facts.resource_name:
        rows.append((_("With") if facts.resource_is_person else _("Place"), facts.resource_name))
    if facts.party_size > 1:
        rows.append((_("Party"), _people(facts.party_size)))
    if facts.for_staff:
        rows += [
            (_("Customer"), _customer(facts)),
            (_("Email"), facts.customer_email),
            (_("Phone"), facts.customer_phone),
        ]
    elif facts.kind != "thanks":
        rows.append((_("Where"), "" if facts.venue else facts.business_address))
    rows += facts.event
    if facts.amount is not None:
        rows.append((_("Amount"), formats.money(facts.amount, facts.language)))
    if facts.price.minor and facts.kind not in ("cancelled", "thanks"):
        rows.append((_("Price"), formats.money(facts.price, facts.language)))
    if facts.promo_code:
        rows.append((_("Code"), facts.promo_code))
    if facts.for_staff:
        said = {AGREED: _("Yes"), NOT_AGREED: _("No")}
        rows += [(label, said.get(answer, answer)) for label, answer in facts.answers]
    rows.append((_("Note") if facts.for_staff else _("Your note"), facts.notes))
    rows.append((_("Reference"), facts.reference))
    return [(label, value) for label, value in rows if value]


def _when(facts: LetterFacts) -> str:
    starts, ends = _wall(facts, facts.starts_at), _wall(facts, facts.ends_at)
    until = formats.clock(ends, facts.language)
    if ends.date() != starts.date():
        until = _("%(time)s on %(day)s") % {"time": until, "day": formats.weekday(ends, facts.language)}
    return _("%(day)s, %(from)s to %(until)s, %(place)s time (%(offset)s)") % {
        "day": _day_in_full(facts),
        "from": formats.clock(starts, facts.language),
        "until": until,
        "place": formats.place_of_zone(facts.timezone, facts.language),
        "offset": formats.name_of_offset(starts, facts.language),
    }


def _changes(facts: LetterFacts) -> str:
    """Until when changes are the customer's own to make; nothing where there is nothing to change."""
    if facts.kind in ("cancelled", "proposed", "thanks", "refunded", "fee"):
        return ""
    call = _("After that, call %(phone)s.") % {"phone": facts.business_phone} if facts.business_phone else ""
    move, cancel = _short(facts, facts.move_until), _short(facts, facts.cancel_until)
    may_move, may_cancel = facts.now < facts.move_until, facts.now < facts.cancel_until
    if may_move and may_cancel and move == cancel:
        said = _("Move or cancel free until %(until)s.") % {"until": cancel}
    elif may_move and may_cancel:
        said = _("Move free until %(move)s, cancel free until %(cancel)s.") % {"move": move, "cancel": cancel}
    elif may_move:
        said = _("Move free until %(until)s.") % {"until": move}
    elif may_cancel:
        said = _("Cancel free until %(until)s.") % {"until": cancel}
    elif facts.business_phone:
        return _("It is too late to move or cancel online. If plans change, call %(phone)s.") % {
            "phone": facts.business_phone
        }
    else:
        return _("It is too late to move or cancel online. If plans change, answer this mail.")
    return f"{said} {call}".strip()


def _next_step(facts: LetterFacts) -> tuple[str, str]:
    if facts.for_staff:
        return _("Open the booking"), facts.desk_url
    if facts.kind == "cancelled":
        return _("Find another time"), facts.book_url
    if facts.kind == "proposed":
        return _("Choose another time"), facts.manage_url
    if facts.kind == "come":
        return _("Yes, I am coming"), f"{facts.manage_url}/coming"
    if facts.kind == "thanks":
        return _("Rate your visit"), f"{facts.manage_url}/rating"
    if facts.kind == "payment_due":
        return _("Pay now"), facts.manage_url
    return _("See or change your booking"), facts.manage_url


def _other_steps(facts: LetterFacts) -> list[tuple[str, str]]:
    if facts.kind == "come":
        return [(_("See or change your booking"), facts.manage_url)]
    if facts.kind == "thanks":
        return [(_("Book again"), facts.book_url)]
    return []


def _what(facts: LetterFacts) -> str:
    service = facts.service_name or _("your booking")
    if not facts.resource_name:
        return service
    names = {"service": service, "resource": facts.resource_name}
    return (
        _("%(service)s with %(resource)s") % names
        if facts.resource_is_person
        else _("%(service)s, %(resource)s") % names
    )


def _customer(facts: LetterFacts) -> str:
    return facts.customer_name or _("A guest")


def _wall(facts: LetterFacts, at: datetime) -> datetime:
    return formats.wall(at, facts.timezone)


def _clock(facts: LetterFacts, at: datetime) -> str:
    return formats.clock(_wall(facts, at), facts.language)


def _day_in_full(facts: LetterFacts) -> str:
    return formats.day_in_full(_wall(facts, facts.starts_at), facts.language)


def _short(facts: LetterFacts, at: datetime) -> str:
    wall = _wall(facts, at)
    return _("%(day)s, %(time)s") % {
        "day": formats.day(wall, facts.language),
        "time": formats.clock(wall, facts.language),
    }
