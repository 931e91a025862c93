"""What is free, why not, and what else."""

from holdfast.availability.queries.times import (
    MOST_DAYS,
    Alternative,
    DayCount,
    Explanation,
    OpenDay,
    OpenTime,
    alternatives,
    explain,
    next_open_day,
    open_counts,
    open_times,
)

__all__ = [
    "MOST_DAYS",
    "Alternative",
    "DayCount",
    "Explanation",
    "OpenDay",
    "OpenTime",
    "alternatives",
    "explain",
    "next_open_day",
    "open_counts",
    "open_times",
]
