"""Refusals of the bookings app."""

from __future__ import annotations

from holdfast.lib.refusals import Conflict


class TimeTaken(Conflict):
    """Somebody else has this time."""

    code = "time_taken"


class SlotFull(Conflict):
    """The slot has fewer places left than are wanted; ``remaining`` says how many."""

    code = "slot_full"


class SlotClosed(Conflict):
    """The slot takes no bookings now."""

    code = "slot_closed"


class PacingReached(TimeTaken):
    """A table is free, but as many guests as the service takes at once start then already; ``pacing_covers`` tells how
    many, ``interval_minutes`` within what time."""

    code = "pacing_reached"


class HoldEnded(Conflict):
    """The hold ran out or was released."""

    code = "hold_ended"


class HoldAtLimit(Conflict):
    """A hold may not be extended beyond its hard limit."""

    code = "hold_at_limit"


class IllegalStep(Conflict):
    """The booking's state does not allow this; ``state`` tells which state it is in."""

    code = "illegal_step"


class TooLate(Conflict):
    """The notice the booking's policy asks for has passed; ``until`` tells when it did."""

    code = "too_late"


class NothingDue(Conflict):
    """There is nothing to be paid for this booking now, or not here."""

    code = "nothing_due"


class TooEarly(Conflict):
    """This may be done only once the booking's time has come; ``from`` tells when."""

    code = "too_early"


class UndoEnded(Conflict):
    """There is nothing to undo, or not any more."""

    code = "undo_ended"


class LimitReached(Conflict):
    """The customer has as many bookings as the business allows; ``limit`` and ``per`` tell which limit."""

    code = "limit_reached"


class CustomerBlocked(Conflict):
    """The business takes no online bookings from this customer."""

    code = "customer_blocked"


class OnlineBookingOff(Conflict):
    """The business has switched online booking off."""

    code = "online_booking_off"


class ChangedMeanwhile(Conflict):
    """Somebody changed the booking since the caller read it; ``sequence`` is the current one."""

    code = "changed_meanwhile"


class NothingToAnswer(Conflict):
    """There is no counter-offer and no challenge that the customer could answer; the business has the next word."""

    code = "nothing_to_answer"


class NoOptionLeft(Conflict):
    """The first, second and third option on this date are given; ``most`` tells how many there can be."""

    code = "no_option_left"


class NoOption(Conflict):
    """The request has no option on its date, or none that can be challenged from."""

    code = "no_option"


class OptionChallengedAlready(Conflict):
    """The holder of the first option is being asked already; ``until`` tells by when they have to confirm."""

    code = "option_challenged"


class TooManyTemplates(Conflict):
    """The customer keeps as many templates as there can be; ``most`` tells how many."""

    code = "too_many_templates"


class OptionHeld(Conflict):
    """Another request has the first option on this date: it has to confirm or let go first."""

    code = "option_held"
