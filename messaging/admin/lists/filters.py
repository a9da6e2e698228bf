"""Filters of the lists: forms of plain HTML, which keep what else is chosen."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, Literal

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from messaging.admin.typed import StrOrPromise, TypedAdmin
from messaging.index.filters import Compared, Equal, Filter


def text_field(label: StrOrPromise, **kwargs: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=255, **kwargs)


def within_years(day: date) -> None:
    """Refuses days near the ends of the calendar, which not every time zone and database can hold."""
    if not 1900 <= day.year < 9000:
        raise ValidationError(gettext("Give a date between 1900 and 9000."))


class FormFilter(admin.ListFilter):
    """Values that are typed. A wrong one is reported, and nothing is listed: all rows would be too many."""

    template = "admin/parley/filter_form.html"
    fields: ClassVar[Mapping[str, forms.Field]] = {}
    """The fields of the form under the names of their parameters."""
    parameters: ClassVar[tuple[str, ...]] = ()
    parameter_name: ClassVar[str] = ""
    """The first of them, for skins of the admin that ask each filter for one."""

    def __init_subclass__(cls) -> None:
        cls.parameters = tuple(cls.fields)
        cls.parameter_name = next(iter(cls.parameters), "")

    def __init__(self, request: HttpRequest, params: dict[str, list[str]], *args: Any) -> None:
        super().__init__(request, params, *args)
        self.used_parameters = {name: params.pop(name)[-1] for name in self.parameters if name in params}
        form_class: type[forms.Form] = type("FilterForm", (forms.Form,), dict(self.fields))
        self.form = form_class(self.used_parameters, auto_id="filter_%s")
        self.form.is_valid()

    @property
    def given(self) -> dict[str, Any]:
        """The values that are not empty."""
        return {name: value for name, value in self.form.cleaned_data.items() if value}

    @property
    def filters(self) -> list[Filter]:
        """What narrows the listing."""
        return []

    @property
    def problems(self) -> list[str]:
        labels = {name: field.label for name, field in self.form.fields.items()}
        return [f"{labels[name]}: {' '.join(map(str, errors))}" for name, errors in self.form.errors.items()]

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(self.parameters)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset  # the listing is narrowed by `filters`

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """One choice: the form, the values that it has to keep, and the address that empties it."""
        others = [
            (name, value)
            for name, values in changelist.filter_params.items()
            if name not in self.parameters
            for value in values
        ]
        clear = changelist.get_query_string(remove=self.parameters) if self.used_parameters else None
        yield {"form": self.form, "others": others, "clear": clear, "presets": self.presets(changelist)}

    def presets(self, changelist: ChangeList) -> Iterable[dict[str, Any]]:
        """Links to values that are often wanted."""
        return ()


class ValuesFilter(FormFilter):
    """Exact values, each typed into a field of its own."""

    narrows: ClassVar[Mapping[str, Callable[[str], Filter]]]
    """From a parameter to the filter of its value."""
    labels: ClassVar[Mapping[str, StrOrPromise]]
    """What people call each parameter."""

    def __init_subclass__(cls) -> None:
        cls.fields = {name: text_field(cls.labels[name]) for name in cls.narrows}
        super().__init_subclass__()

    @property
    def filters(self) -> list[Filter]:
        return [] if self.problems else [self.narrows[name](value) for name, value in self.given.items()]


class DateRangeFilter(FormFilter):
    """From one day to another, both included, as days are in the present time zone."""

    title: StrOrPromise = _("date")
    fields = {
        name: forms.DateField(
            label=label,
            required=False,
            input_formats=["%Y-%m-%d"],
            error_messages={"invalid": _("Give a date as in 2026-11-21.")},
            validators=[within_years],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        )
        for name, label in (("since", pgettext_lazy("day", "From")), ("until", pgettext_lazy("day", "To")))
    }
    column = "created_at"
    """The moment that must lie in the range."""
    days = ((_("Today"), 0), (_("Past 7 days"), 7), (_("Past 30 days"), 30), (_("Past year"), 365))

    @property
    def problems(self) -> list[str]:
        since, until = (self.form.cleaned_data.get(name) for name in ("since", "until"))
        if since and until and since > until:
            return [gettext("From: The day is after the one in To.")]
        return super().problems

    @property
    def given(self) -> dict[str, Any]:
        """The moments at which the range begins and ends."""
        days = super().given
        if "until" in days:
            days["until"] += timedelta(days=1)
        return {name: timezone.make_aware(datetime.combine(day, time.min)) for name, day in days.items()}

    @property
    def filters(self) -> list[Filter]:
        ends: list[tuple[str, Literal["gte", "lt"]]] = [("since", "gte"), ("until", "lt")]
        given = {} if self.problems else self.given
        return [Compared(self.column, lookup, given[name]) for name, lookup in ends if name in given]

    def presets(self, changelist: ChangeList) -> Iterable[dict[str, Any]]:
        today = timezone.localdate()
        chosen = self.used_parameters
        for label, days in self.days:
            since = (today - timedelta(days=days)).isoformat()
            yield {
                "display": label,
                "query_string": changelist.get_query_string({"since": since, "until": None}),
                "selected": chosen.get("since") == since and not chosen.get("until"),
            }


class RoleFilter(admin.SimpleListFilter):
    """One of the usual roles; any other by its name in the address."""

    title = _("role")
    parameter_name = "role"
    parameters = ("role",)
    usual = ("user", "assistant", "system", "tool")

    def lookups(self, request: HttpRequest, model_admin: TypedAdmin[Any]) -> list[tuple[str, str]]:
        asked = self.value()
        return [(role, role) for role in dict.fromkeys((*self.usual, *([asked] if asked else [])))]

    @property
    def filters(self) -> list[Filter]:
        """The filter of the role."""
        return [Equal("role", self.value())] if self.value() else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset  # the listing is narrowed by `filters`


def parameters_of(list_filter: Iterable[object]) -> set[str]:
    """The parameters that these filters accept."""
    names: set[str] = set()
    for item in list_filter:
        spec = item[0] if isinstance(item, list | tuple) else item
        if isinstance(spec, str):  # a column, by a filter of Django's own
            names |= {spec, *(f"{spec}__{lookup}" for lookup in ("exact", "isnull", "in", "gte", "lt"))}
        else:
            names |= {*getattr(spec, "parameters", ()), getattr(spec, "parameter_name", "")}
    return names
