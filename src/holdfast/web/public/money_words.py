"""Money as customers read it: what a booking costs, what of it is paid when, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules import Demand, refund_due, tax_within
from holdfast.bookings.rules.money import RefundTerms
from holdfast.web import formats

NOTHING = Demand("")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a sum."""

    name: str
    amount: str
    is_total: bool = False


def money(booking: BookingFacts, minor: int, *, brief: bool = False) -> str:
    """An amount in the booking's currency."""
    return formats.money(minor, booking.currency, brief=brief)


def sums(booking: BookingFacts, name: str, before_minor: int, demand: Demand) -> list[Line]:
    """The price, what a code takes off it, what is paid now and what is paid there, and the tax in all of it."""
    if not before_minor and not demand.amount_minor:
        return []
    off = before_minor - booking.price_minor
    lines = [Line(name, money(booking, before_minor))] if before_minor else []
    if off:
        lines.append(Line(_("Code %(code)s") % {"code": booking.promo_code}, f"−{money(booking, off)}"))
    paid = booking.paid_minor
    if paid:
        lines.append(Line(_("Paid"), f"−{money(booking, paid)}"))
    now = demand.amount_minor
    if now:
        lines.append(Line(_now_words(demand), money(booking, now), is_total=True))
        rest = booking.price_minor - now
        lines.append(
            Line(_("To pay there"), money(booking, max(rest, 0))) if booking.price_minor else _bill()
        )
    else:
        lines.append(Line(_("To pay there"), money(booking, booking.balance_minor), is_total=True))
    return [*lines, *_tax(booking)]


def _bill() -> Line:
    return Line(_("It comes off your bill"), "")


def _now_words(demand: Demand) -> str:
    return _("Deposit to pay now") if demand.kind == "deposit" else _("To pay now")


def _tax(booking: BookingFacts) -> list[Line]:
    rate = booking.policy.money.tax_basis_points
    if not rate or not booking.price_minor:
        return []
    named = _("Tax in it, %(rate)s") % {"rate": formats.percent(rate / 10_000)}
    return [Line(named, money(booking, tax_within(booking.price_minor, rate)))]


def paid_words(booking: BookingFacts, state: str) -> str:
    """What it costs and how that stands, in one line."""
    price = money(booking, booking.price_minor)
    if state == "awaiting_payment":
        said = _owed_words(booking, price)
    elif booking.paid_minor:
        facts = {"price": price, "paid": money(booking, booking.paid_minor), "rest": money(booking, booking.balance_minor)}  # fmt: skip
        if booking.balance_minor:
            said = _("%(price)s, %(paid)s of it paid, %(rest)s to pay there") % facts
        else:
            said = _("%(paid)s, paid") % facts
    else:
        said = _("%(price)s, to pay there") % {"price": price} if booking.price_minor else _("Nothing to pay")
    if booking.promo_code:
        said = _("%(paid)s · code %(code)s") % {"paid": said, "code": booking.promo_code}
    return said


def _owed_words(booking: BookingFacts, price: str) -> str:
    demand = booking.awaited
    facts = {"price": price, "amount": money(booking, demand.amount_minor)}
    if demand.kind == "card":
        return _("%(price)s, a card is still to be given") % facts
    if demand.kind == "price":
        return _("%(amount)s still to pay") % facts
    if not booking.price_minor:
        return _("%(amount)s deposit still to pay") % facts
    return _("%(price)s, %(amount)s deposit still to pay") % facts


def button(booking: BookingFacts, demand: Demand) -> str:
    """What the button says that books: the amount, where one is paid."""
    if demand.kind == "card":
        return _("Give a card and confirm")
    if demand.amount_minor:
        return _("Pay %(amount)s and confirm") % {"amount": money(booking, demand.amount_minor, brief=True)}
    return _("Book it")


def aside(demand: Demand) -> str:
    """What is said of paying before the button."""
    if demand.kind == "card":
        return _("You give a card on our card provider's page. Nothing is charged unless you do not come.")
    if demand.amount_minor:
        return _("You pay on our card provider's secure page, then come straight back here.")
    return ""


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be paid, as the page of a booking shows it."""

    title: str
    words: str
    button: str
    is_owed: bool = True


def due(booking: BookingFacts, state: str, now: datetime, *, takes_online: bool) -> Due | None:
    """What a booking waits for, or what can be paid before the visit; None where there is nothing."""
    if state == "awaiting_payment" and booking.releases_at is not None:
        return _awaited(booking, booking.awaited, now)
    if not takes_online or state not in ("confirmed", "checked_in"):
        return None
    rest = booking.due_now
    if rest.kind not in ("deposit", "price", "balance"):
        return None
    amount = money(booking, rest.amount_minor, brief=True)
    words = (
        _("You can pay it now, or when you come. It comes off your bill.")
        if rest.kind == "deposit"
        else _("You can pay it now, or when you come.")
    )
    title = _("%(amount)s deposit") if rest.kind == "deposit" else _("%(amount)s to pay")
    return Due(title % {"amount": amount}, words, _("Pay %(amount)s") % {"amount": amount}, is_owed=False)


def _awaited(booking: BookingFacts, demand: Demand, now: datetime) -> Due:
    assert booking.releases_at is not None
    local, today = formats.local(booking.releases_at, booking.timezone), formats.local(now, booking.timezone)
    by = formats.clock(local) if local.date() == today.date() else formats.day_and_clock(local)
    amount = money(booking, demand.amount_minor, brief=True)
    facts = {"amount": amount, "by": by}
    unpaid = _("Unpaid times go back on sale.")
    if demand.kind == "card":
        return Due(
            _("A card, by %(by)s") % facts, _("Nothing is charged unless you do not come."), _("Give a card")
        )
    if demand.kind == "deposit":
        return Due(
            _("%(amount)s deposit, by %(by)s") % facts,
            _("It comes off your bill.") + " " + unpaid,
            _("Pay %(amount)s") % facts,
        )
    return Due(_("%(amount)s, by %(by)s") % facts, unpaid, _("Pay %(amount)s") % facts)


def refund_words(booking: BookingFacts, now: datetime, *, minutes: int) -> str:
    """What comes back of this very moment's cancelling, before the button; ``minutes`` are those to undo it."""
    undo = _("You can undo this for %(minutes)s minutes, then the time goes back on sale.") % {
        "minutes": minutes
    }
    if booking.state == "awaiting_payment":
        return _("Nothing was paid yet. The time goes back on sale at once.")
    if not booking.paid_minor:
        return _("There is nothing to pay back.") + " " + undo
    back = refund_due(
        booking.policy.money.refunds,
        paid_minor=booking.paid_minor,
        starts_at=booking.starts_at,
        now=now,
        by_staff=booking.proposed is not None,
    )
    facts = {"back": money(booking, back), "paid": money(booking, booking.paid_minor)}
    if back == booking.paid_minor:
        said = _("You get your %(back)s back, the way you paid, usually in 3 to 5 days.") % facts
    elif back:
        said = _("You get %(back)s of your %(paid)s back, the way you paid, usually in 3 to 5 days.") % facts
    else:
        said = _("It is too late for a refund: your %(paid)s stay with the business.") % facts
    return f"{said} {undo}"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Until when which part of what was paid comes back."""

    until: datetime
    words: str


def refund_stretches(terms: RefundTerms, starts_at: datetime) -> list[Stretch]:
    """The refund terms as instants, in order of time."""
    found = []
    for minutes, percent in terms.stretches():
        said = (
            _("Everything you paid comes back")
            if percent == 100
            else _("%(percent)s of what you paid comes back") % {"percent": formats.percent(percent / 100)}
            if percent
            else _("What you paid is kept")
        )
        found.append(Stretch(starts_at - timedelta(minutes=minutes), said))
    return found
