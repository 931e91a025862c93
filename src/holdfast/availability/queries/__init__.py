"""What is free, why not, and what else."""

from holdfast.availability.queries.asking import MOST_DAYS, FreeBoard, free_board
from holdfast.availability.queries.times import (
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
    "FreeBoard",
    "OpenDay",
    "OpenTime",
    "alternatives",
    "explain",
    "free_board",
    "next_open_day",
    "open_counts",
    "open_times",
]
