"""Calendar intervals by number, as the histograms count them."""

from __future__ import annotations

from datetime import date

INTERVALS = ("day", "week", "month", "quarter", "year")

LONGEST = 1_000
"""Intervals that one time may fill; a longer one counts where it begins. As `search.histograms` has it."""


def bucket_number(day: date, interval: str) -> int:
    """Number of the interval that a day lies in, as `search.histograms` numbers them."""
    ordinal = day.toordinal()
    if interval == "day":
        return ordinal
    if interval == "week":
        return (ordinal - 1) // 7  # ordinal 1 was a Monday
    return (day.year * 12 + day.month - 1) // {"month": 1, "quarter": 3, "year": 12}[interval]


def filled(first: date, last: date, interval: str) -> tuple[int, int]:
    """First and last number of the intervals that a time fills."""
    low, high = bucket_number(first, interval), bucket_number(last, interval)
    return (low, low) if high - low >= LONGEST else (low, high)
