"""The days that a reader of the dashboard asks for."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from messaging.reports import Period

USUAL, MOST = 30, 3_660
"""Days that are shown by default, and at most."""
EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)
NO_DATE = {
    "from": _("“from” is not a date. Write it as in 2024-12-31."),
    "to": _("“to” is not a date. Write it as in 2024-12-31."),
}


class PeriodForm(forms.Form):
    """The days that the query of a page asks for: `days`, or `from` and `to`."""

    days = forms.IntegerField(min_value=1, max_value=MOST, required=False)

    def __init__(self, data: Mapping[str, str], *, today: date) -> None:
        super().__init__(dict(data.items()))
        self.today = today
        for name in ("from", "to"):  # `from` is a keyword of Python, so no class body can name the field
            widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
            self.fields[name] = forms.DateField(
                required=False,
                input_formats=["%Y-%m-%d"],
                widget=widget,
                validators=[_require_common],
                error_messages={"invalid": NO_DATE[name]},
            )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if not self.errors and (given.get("from") or given.get("to")):
            until = given.get("to") or self.today
            self._check(given.get("from") or until - timedelta(days=USUAL - 1), until)
        return given

    def period(self) -> Period:
        """The days asked for; the last 30 where the query asks for none, or is not valid."""
        given = self.cleaned_data if self.is_valid() else {}
        if given.get("from") or given.get("to"):
            until = given.get("to") or self.today
            return Period(given.get("from") or until - timedelta(days=USUAL - 1), until)
        return Period.of_days(given.get("days") or USUAL, until=self.today)

    def _check(self, since: date, until: date) -> None:
        if since > until:
            raise forms.ValidationError(gettext("The first day is after the last one."))
        if (until - since).days >= MOST:
            raise forms.ValidationError(gettext("Ten years are the most that can be shown at once."))


def _require_common(day: date) -> None:
    """Refuses days near the ends of the calendar, which have no neighbour and fit no other time zone."""
    if not EARLIEST <= day <= LATEST:
        raise forms.ValidationError(gettext("Days of the years 1900 to 2999 can be shown."))
