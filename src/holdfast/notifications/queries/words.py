"""The words of each letter, in the active language: calm, plain, what happened and what is next (ux README §8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from holdfast.catalog.rules.questions import AGREED, NOT_AGREED
from holdfast.notifications.queries.together import rows_of_several, said_of_several
from holdfast.notifications.rules import formats
from holdfast.notifications.rules.letters import LetterFacts, first_name


@dataclass(frozen=True, slots=True)
class Words:
    """A letter's sentences. ``rows`` are the facts as (label, value); ``link`` is the one thing to do next, ``others``
    what else may be done, as (label, link).
    """

    subject: str
    heading: str
    opening: str
    rows: list[tuple[str, str]]
    closing: str
    link_label: str
    link: str
    others: list[tuple[str, str]] = field(default_factory=list)


def words_of(facts: LetterFacts) -> Words:
    """The letter's sentences for its reader."""
    subject, heading, opening = said_of_several(facts, _said(facts)) if facts.several else _said(facts)
    link_label, link = _next_step(facts)
    return Words(
        subject=subject,
        heading=heading,
        opening=opening,
        rows=_rows(facts),
        closing="" if facts.for_staff else _closing(facts),
        link_label=link_label,
        link=link,
    )


def event_summary(facts: LetterFacts) -> str:
    """What the calendar calls it: what and with whom, seen from the reader."""
    if facts.for_staff:
        return _("%(service)s: %(customer)s") % {"service": facts.service_name, "customer": _customer(facts)}
    return _what(facts)


def short_time(facts: LetterFacts) -> str:
    """``Sat 21 Nov, 10:30``."""
    return _short(facts, facts.starts_at)


def _said(facts: LetterFacts) -> tuple[str, str, str]:
    say = {
        ("booked", "customer"): _booked,
        ("accepted", "customer"): _accepted,
        ("changed", "customer"): _changed,
        ("cancelled", "customer"): _cancelled,
        ("reminder", "customer"): _reminder,
        ("proposed", "customer"): _proposed,
        ("booked", "staff"): _booked_for_staff,
        ("accepted", "staff"): _accepted_for_staff,
        ("changed", "staff"): _changed_for_staff,
        ("cancelled", "staff"): _cancelled_for_staff,
    }[facts.kind, facts.audience]
    return say(facts)


def _booked(facts: LetterFacts) -> tuple[str, str, str]:
    name = first_name(facts.customer_name)
    return (
        _("Booked: %(time)s at %(business)s") % {"time": short_time(facts), "business": facts.business_name},
        _("You're booked, %(name)s") % {"name": name} if name else _("You're booked"),
        _("We look forward to seeing you on %(day)s at %(time)s.")
        % {"day": _day_in_full(facts), "time": _clock(facts, facts.starts_at)},
    )


def _accepted(facts: LetterFacts) -> tuple[str, str, str]:
    names = {"artist": facts.resource_name or facts.business_name, "day": _day_in_full(facts)}
    return (
        _("Accepted: %(time)s, %(business)s") % {"time": short_time(facts), "business": facts.business_name},
        _("It is a date, %(name)s") % {"name": first_name(facts.customer_name)},
        _("%(artist)s comes on %(day)s. The date is yours.") % names,
    )


def _accepted_for_staff(facts: LetterFacts) -> tuple[str, str, str]:
    names = {"customer": _customer(facts), "time": short_time(facts), "day": _day_in_full(facts)}
    return (
        _("Agreed: %(customer)s, %(time)s") % names,
        _("A request is agreed"),
        _("%(customer)s has the date, %(day)s.") % names,
    )


def _changed(facts: LetterFacts) -> tuple[str, str, str]:
    where = {"time": short_time(facts), "business": facts.business_name}
    if facts.old_starts_at == facts.starts_at:
        return (
            _("Changed: %(time)s at %(business)s") % where,
            _("A small change to your booking"),
            _("Your time stays the same. It was with %(old)s, it is now with %(new)s.")
            % {"old": facts.old_resource_name, "new": facts.resource_name},
        )
    return (_("Moved: %(time)s at %(business)s") % where, _("Your booking has moved"), _moved_from(facts))


def _cancelled(facts: LetterFacts) -> tuple[str, str, str]:
    subject = _("Cancelled: %(time)s at %(business)s") % {
        "time": short_time(facts),
        "business": facts.business_name,
    }
    details = {"what": _what(facts), "day": _day_in_full(facts), "time": _clock(facts, facts.starts_at)}
    if facts.by_staff:
        return (
            subject,
            _("We had to cancel your booking"),
            _("We are sorry: %(what)s on %(day)s at %(time)s cannot take place.") % details,
        )
    return (
        subject,
        _("Your booking is cancelled"),
        _("%(what)s on %(day)s at %(time)s is off, as you asked. There is nothing more to do.") % details,
    )


def _reminder(facts: LetterFacts) -> tuple[str, str, str]:
    details = {"time": _clock(facts, facts.starts_at), "business": facts.business_name}
    days = (_wall(facts, facts.starts_at).date() - _wall(facts, facts.now).date()).days
    opening = _("A short reminder of %(what)s at %(time)s.") % {"what": _what(facts), "time": details["time"]}
    if days == 0:
        return _("Today, %(time)s at %(business)s") % details, _("See you today"), opening
    if days == 1:
        return _("Tomorrow, %(time)s at %(business)s") % details, _("See you tomorrow"), opening
    return (
        _("Soon: %(time)s at %(business)s") % {"time": short_time(facts), "business": facts.business_name},
        _("See you on %(day)s") % {"day": formats.day(_wall(facts, facts.starts_at), facts.language)},
        opening,
    )


def _proposed(facts: LetterFacts) -> tuple[str, str, str]:
    where = {"time": short_time(facts), "business": facts.business_name}
    return (
        _("Please choose another time: %(time)s at %(business)s") % where,
        _("We cannot keep your time"),
        _(
            "We are sorry: %(what)s on %(day)s at %(time)s does not work out on our side. Choose another time that suits"
            " you, or cancel; it costs you nothing. Until then we keep your booking."
        )
        % {
            "what": _what(facts),
            "day": _day_in_full(facts),
            "time": _clock(facts, facts.starts_at),
        },
    )


def _booked_for_staff(facts: LetterFacts) -> tuple[str, str, str]:
    return (
        _("New booking: %(customer)s, %(time)s") % {"customer": _customer(facts), "time": short_time(facts)},
        _("New booking"),
        _("%(customer)s booked %(what)s.") % {"customer": _customer(facts), "what": _what(facts)},
    )


def _changed_for_staff(facts: LetterFacts) -> tuple[str, str, str]:
    who = {"customer": _customer(facts), "time": short_time(facts)}
    if facts.old_starts_at == facts.starts_at:
        return (
            _("Changed: %(customer)s, %(time)s") % who,
            _("A booking changed hands"),
            _("It was with %(old)s, it is now with %(new)s. The time stays the same.")
            % {"old": facts.old_resource_name, "new": facts.resource_name},
        )
    return _("Moved: %(customer)s, %(time)s") % who, _("A booking has moved"), _moved_from(facts)


def _cancelled_for_staff(facts: LetterFacts) -> tuple[str, str, str]:
    who = {"customer": _customer(facts), "time": short_time(facts)}
    opening = (
        _("%(customer)s cancelled.")
        if not facts.by_staff
        else _("The booking of %(customer)s was cancelled.")
    )
    return _("Cancelled: %(customer)s, %(time)s") % who, _("A booking is cancelled"), opening % who


def _moved_from(facts: LetterFacts) -> str:
    assert facts.old_starts_at is not None  # a move always says what it left
    times = {"old": _short(facts, facts.old_starts_at), "new": short_time(facts)}
    said = _("It was %(old)s, it is now %(new)s.") % times
    if facts.old_resource_name and facts.old_resource_name != facts.resource_name:
        names = {"new": facts.resource_name, "old": facts.old_resource_name}
        said += " " + _("It is now with %(new)s instead of %(old)s.") % names
    return said


def _rows(facts: LetterFacts) -> list[tuple[str, str]]:
    rows = [
        (_("When"), _when(facts)),
        (_("Service"), facts.service_name),
        *rows_of_several(facts),
    ]
    if facts.resource_name:
        rows.append((_("With") if facts.resource_is_person else _("Place"), facts.resource_name))
    if facts.party_size > 1:
        rows.append(
            (
                _("Party"),
                ngettext("%(count)s person", "%(count)s people", facts.party_size)
                % {"count": facts.party_size},
            )
        )
    if facts.for_staff:
        rows += [
            (_("Customer"), _customer(facts)),
            (_("Email"), facts.customer_email),
            (_("Phone"), facts.customer_phone),
        ]
    else:
        rows.append((_("Where"), "" if facts.venue else facts.business_address))
    rows += facts.event
    if facts.price.minor and facts.kind != "cancelled":
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


def _closing(facts: LetterFacts) -> str:
    if facts.kind in ("cancelled", "proposed"):
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
    return _("See or change your booking"), facts.manage_url


def _what(facts: LetterFacts) -> str:
    if not facts.resource_name:
        return facts.service_name
    names = {"service": facts.service_name, "resource": facts.resource_name}
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
