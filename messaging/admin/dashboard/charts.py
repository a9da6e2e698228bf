"""The charts of an activity report: numbers in, rectangles out. The template draws them as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from messaging.admin.typed import StrOrPromise
from messaging.reports import ROLES, ActivityReport, Bucket, Unit


class Titles(NamedTuple):
    """What the charts show, per day, week or month."""

    messages: StrOrPromise
    conversations: StrOrPromise
    tool_errors: StrOrPromise


TITLES: dict[Unit, Titles] = {
    "day": Titles(_("Messages per day by role"), _("New conversations per day"), _("Tool errors per day")),
    "week": Titles(
        _("Messages per week by role"), _("New conversations per week"), _("Tool errors per week")
    ),
    "month": Titles(
        _("Messages per month by role"), _("New conversations per month"), _("Tool errors per month")
    ),
}
UNITS: dict[Unit, StrOrPromise] = {"day": _("Day"), "week": _("Week"), "month": _("Month")}
SERIES = (*ROLES, "other")
SERIES_NAMES = {
    "other": _("other"),
    "conversations": _("conversations"),
    "errors": _("errors"),
}
"""Of those that are no roles: a role is a word of the wires."""

WIDTH, HEIGHT = 1000.0, 200.0
FILL = 0.8
"""The share of its column that a bar takes; the rest is the gap to the next."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One value of a bar, on top of those before it."""

    series: int
    value: int
    y: float
    """Of its upper edge; y grows downwards."""
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    width: float
    values: Sequence[int]
    segments: Sequence[Segment]
    """Those with a value, from the bottom up."""

    @property
    def total(self) -> int:
        return sum(self.values)


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars side by side in a box of `width` by `height`."""

    width: float
    height: float
    top: int
    """The value at the upper edge."""
    bars: Sequence[Bar]

    @property
    def middle(self) -> int:
        """The value at half the height."""
        return self.top // 2

    @property
    def half(self) -> float:
        return self.height / 2

    @property
    def is_empty(self) -> bool:
        return not any(bar.total for bar in self.bars)


def bar_chart(rows: Sequence[Sequence[int]]) -> Chart:
    """A bar for each row, its values stacked. The series of a value is its position in the row."""
    top = scale_top(max(map(sum, rows), default=0))
    column = WIDTH / max(len(rows), 1)
    bars = [
        Bar(_rounded((number + (1 - FILL) / 2) * column), _rounded(column * FILL), row, _stacked(row, top))
        for number, row in enumerate(rows)
    ]
    return Chart(WIDTH, HEIGHT, top, bars)


def scale_top(largest: int) -> int:
    """The least of 2, 4, 6, 8, 10, 20, 40 ... that is not below: its half is a whole number, too."""
    unit = 1
    while 10 * unit < largest:
        unit *= 10
    return next(step * unit for step in (2, 4, 6, 8, 10) if step * unit >= largest)


def _stacked(row: Sequence[int], top: int) -> list[Segment]:
    segments, below = [], 0
    for series, value in enumerate(row):
        below += value
        if value:
            y = HEIGHT * (1 - below / top)
            segments.append(Segment(series, value, _rounded(y), _rounded(HEIGHT * value / top)))
    return segments


def _rounded(length: float) -> float:
    return round(length, 3)


@dataclass(frozen=True, slots=True)
class Figures:
    """One chart, and the table of its figures."""

    name: str
    title: StrOrPromise
    series: Sequence[tuple[str, StrOrPromise]]
    """(name, label) of each, from the bottom up."""
    chart: Chart
    columns: Sequence[tuple[str, Bar]]
    """(name of the day, week or month; its bar)"""

    @property
    def peak(self) -> tuple[str, Bar]:
        return max(self.columns, key=lambda column: column[1].total)


def figures_of(report: ActivityReport) -> list[Figures]:
    """The charts of a report, in the order in which the page shows them."""
    unit, steps = report.period.unit, report.steps
    titles = TITLES[unit]
    labels = [_label(unit, step.bucket) for step in steps]

    def figures(
        name: str, title: StrOrPromise, series: Sequence[str], rows: Sequence[Sequence[int]]
    ) -> Figures:
        chart = bar_chart(rows)
        named = [(name, SERIES_NAMES.get(name, name)) for name in series]
        return Figures(name, title, named, chart, list(zip(labels, chart.bars, strict=True)))

    conversations, errors = [(step.conversations,) for step in steps], [(step.tool_errors,) for step in steps]
    return [
        figures("messages", titles.messages, SERIES, [step.by_role for step in steps]),
        figures("conversations", titles.conversations, ("conversations",), conversations),
        figures("tool-errors", titles.tool_errors, ("errors",), errors),
    ]


def _label(unit: Unit, bucket: Bucket) -> str:
    """The name of a column: a day, the days of a week, or a month."""
    if unit == "month":
        return date_format(bucket.since, "YEAR_MONTH_FORMAT")
    days = [date_format(day) for day in (bucket.since, bucket.until)]
    return days[0] if bucket.since == bucket.until else " – ".join(days)
