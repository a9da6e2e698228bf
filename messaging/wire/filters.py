"""Query parameters that narrow a list: django-filter's FilterSet, each filter one method of the queryset.

Values arrive validated by the operation's query model, whose errors are FastAPI's; so no form is built.
"""

from collections.abc import Mapping
from typing import Any

from django_filters import Filter
from django_filters.constants import EMPTY_VALUES
from django_filters.rest_framework import FilterSet

__all__ = ["NarrowBy", "WireFilterSet"]


class NarrowBy(Filter):  # type: ignore[misc]
    """Calls one method of the queryset with the value of the parameter.

    `by_terms` says that its condition is a ByTerms.
    """

    def __init__(self, method: str, *, by_terms: bool = False) -> None:
        super().__init__()
        self.queryset_method, self.by_terms = method, by_terms

    def filter(self, queryset: Any, value: Any) -> Any:
        return getattr(queryset, self.queryset_method)(value)


class WireFilterSet(FilterSet):  # type: ignore[misc]
    """Narrows a queryset by the parameters that were given; an empty one counts as not given."""

    @classmethod
    def given(cls, query: object) -> dict[str, Any]:
        """The values that narrow, by parameter."""
        values = {name: getattr(query, name, None) for name in cls.base_filters}
        return {name: value for name, value in values.items() if value not in EMPTY_VALUES}

    @classmethod
    def beneath(cls, given: Mapping[str, Any]) -> dict[str, Any]:
        """The values but for those by terms: what narrows the rows that an index of terms chooses from."""
        return {name: value for name, value in given.items() if not cls.base_filters[name].by_terms}

    @classmethod
    def narrow(cls, queryset: Any, given: Mapping[str, Any]) -> Any:
        for name, value in given.items():
            queryset = cls.base_filters[name].filter(queryset, value)
        return queryset
