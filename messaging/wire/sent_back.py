"""Fields of an answer that a request carries though only the server sets them.

A client that reads an object, changes a field and writes the whole back loses nothing by it.
"""

from collections.abc import Callable, Collection, Mapping
from functools import cache, cached_property
from typing import get_args, get_origin

from pydantic import BaseModel

from .ignored import Ignored
from .operations import Operation


class SentBack:
    """What the answer of an operation shows of the object at these ids.

    `shown_now` reads how it is shown before the request changes it.
    """

    def __init__(
        self,
        operation: Operation,
        ids: Mapping[str, str],
        shown_now: Callable[[Mapping[str, str]], Mapping[str, object]],
    ) -> None:
        self.operation, self.ids, self.shown_now = operation, ids, shown_now

    @property
    def names(self) -> Collection[str]:
        """The fields of the answer."""
        return _defaults_of(self.operation.answer)

    def is_shown(self, ignored: Ignored) -> bool:
        """Whether the value says no more than the answer does: it is as stored, or the only one possible."""
        name, value = ignored.name, ignored.value
        if ignored.loc[0] != "body":
            return False
        return self._says_nothing(name, value) or (
            len(ignored.loc) == 2 and self._stored.get(name, ...) == value
        )

    def _says_nothing(self, name: str, value: object) -> bool:
        """Whether a field of the answer has this value by its path or its kind, or none at all."""
        defaults = _defaults_of(self.operation.answer)
        if name not in defaults:
            return False
        constant = defaults[name]
        return value is None or self.ids.get(name) == value or (constant is not None and constant == value)

    @cached_property
    def _stored(self) -> Mapping[str, object]:
        return self.shown_now(self.ids)


@cache
def _defaults_of(answer: object) -> Mapping[str, object]:
    """The fields of an answer, or of the items of a list, and the value of each that has a constant one."""
    if get_origin(answer) is list:
        return _defaults_of(get_args(answer)[0])
    if not (isinstance(answer, type) and issubclass(answer, BaseModel)):
        return {}
    fields = answer.model_fields.items()
    return {name: None if field.is_required() else field.default for name, field in fields}
