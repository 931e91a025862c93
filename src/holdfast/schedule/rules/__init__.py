"""When time is on offer: pure decisions on hours, exceptions, starts and the reasons for a no.

``hours``: the week as entered. ``opening``: windows in minutes. ``starts``: where bookings may start. ``checks``: why not.
"""

from holdfast.schedule.rules.checks import (
    Check,
    Closure,
    check_start,
    earliest_start,
    latest_start,
    next_opening,
    why_closed,
    why_closed_on,
)
from holdfast.schedule.rules.hours import (
    HOUR_TEMPLATES,
    MAX_WINDOWS_A_DAY,
    WeeklyWindow,
    dated_windows,
    end_of,
    format_hhmm,
    parse_hhmm,
    weekly_windows,
)
from holdfast.schedule.rules.opening import (
    DatedException,
    Hours,
    OpenWindow,
    absences,
    absences_of,
    check_exception,
    open_windows,
    windows_by_resource,
    windows_of_interest,
)
from holdfast.schedule.rules.starts import (
    Candidates,
    Shape,
    candidates,
    counts_by_day,
    frame_of,
    open_starts,
    starts_bitmap,
    starts_by_window,
    times_by_day,
)

__all__ = [
    "HOUR_TEMPLATES",
    "MAX_WINDOWS_A_DAY",
    "Candidates",
    "Check",
    "Closure",
    "DatedException",
    "Hours",
    "OpenWindow",
    "Shape",
    "WeeklyWindow",
    "absences",
    "absences_of",
    "candidates",
    "check_exception",
    "check_start",
    "counts_by_day",
    "dated_windows",
    "earliest_start",
    "end_of",
    "format_hhmm",
    "frame_of",
    "latest_start",
    "next_opening",
    "open_starts",
    "open_windows",
    "parse_hhmm",
    "starts_bitmap",
    "starts_by_window",
    "times_by_day",
    "weekly_windows",
    "why_closed",
    "why_closed_on",
    "windows_by_resource",
    "windows_of_interest",
]
