"""The geometry of bar charts: numbers in, rectangles out. The template draws them as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Bar", "Chart", "Segment", "bar_chart", "scale_top"]

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
