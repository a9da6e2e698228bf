"""The charts of an activity report."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import date_format

from messaging.reports import ROLES, ActivityReport, Bucket, Unit

from .charts import Bar, Chart, bar_chart

__all__ = ["Figures", "figures_of"]

SERIES = (*ROLES, "other")


@dataclass(frozen=True, slots=True)
class Figures:
    """One chart, and the table of its figures."""

    name: str
    title: str
    series: Sequence[str]
    chart: Chart
    columns: Sequence[tuple[str, Bar]]
    """(name of the day, week or month; its bar)"""

    @property
    def peak(self) -> tuple[str, Bar]:
        return max(self.columns, key=lambda column: column[1].total)


def figures_of(report: ActivityReport) -> list[Figures]:
    """The charts of a report, in the order in which the page shows them."""
    unit, steps = report.period.unit, report.steps
    by_role = [step.by_role for step in steps]
    conversations = [(step.conversations,) for step in steps]
    errors = [(step.tool_errors,) for step in steps]
    return [
        _chart_of(report, "messages", f"Messages per {unit} by role", SERIES, by_role),
        _chart_of(
            report, "conversations", f"New conversations per {unit}", ("conversations",), conversations
        ),
        _chart_of(report, "tool-errors", f"Tool errors per {unit}", ("errors",), errors),
    ]


def _chart_of(
    report: ActivityReport, name: str, title: str, series: Sequence[str], rows: Sequence[Sequence[int]]
) -> Figures:
    chart = bar_chart(rows)
    labels = [_label(report.period.unit, step.bucket) for step in report.steps]
    return Figures(name, title, series, chart, list(zip(labels, chart.bars, strict=True)))


def _label(unit: Unit, bucket: Bucket) -> str:
    """The name of a column: a day, the days of a week, or a month."""
    if unit == "month":
        return date_format(bucket.since, "YEAR_MONTH_FORMAT")
    days = [date_format(day) for day in (bucket.since, bucket.until)]
    return days[0] if bucket.since == bucket.until else " – ".join(days)
