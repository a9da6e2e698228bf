"""A range of days, and how it is divided so that a reader can take it in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal

Unit = Literal["day", "week", "month"]

MOST_DAYS, MOST_WEEKS = 92, 106
"""Longer periods are divided into weeks, then months: a quarter by days, two years by weeks."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Days:
    since: date
    until: date
    """The last day, included."""

    def bounds(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """(its first moment in this time zone, the first moment that no longer belongs to it)."""
        first, following = self.since, self.until + DAY
        return datetime.combine(first, time.min, zone), datetime.combine(following, time.min, zone)


@dataclass(frozen=True, slots=True)
class Bucket(_Days):
    """A day, week or month, or what of it lies in the period."""

    key: date
    """The first day of the whole day, week (a Monday) or month."""


@dataclass(frozen=True, slots=True)
class Period(_Days):
    """A range of days that a reader asks for."""

    @classmethod
    def of_days(cls, days: int, *, until: date) -> "Period":
        """So many days, of which this is the last."""
        return cls(until - timedelta(days=days - 1), until)

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    @property
    def unit(self) -> Unit:
        """Into what it is divided."""
        if self.days <= MOST_DAYS:
            return "day"
        return "week" if self.days <= MOST_WEEKS * 7 else "month"

    def buckets(self) -> list[Bucket]:
        """The days, weeks or months, without gaps and in order."""
        first_day_of, buckets, since = FIRST_DAY[self.unit], [], self.since
        while since <= self.until:
            key = first_day_of(since)
            following = first_day_of(key + LONGEST[self.unit])
            buckets.append(Bucket(since, min(following - DAY, self.until), key))
            since = following
        return buckets

    def key_of(self, day: date) -> date:
        """The key of the bucket in which a day falls."""
        return FIRST_DAY[self.unit](day)


FIRST_DAY: dict[Unit, Callable[[date], date]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
}
LONGEST: dict[Unit, timedelta] = {"day": DAY, "week": timedelta(days=7), "month": timedelta(days=31)}
"""From the first day of one always into the next."""
