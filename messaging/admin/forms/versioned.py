"""Forms carry the version that they were opened with, so that nobody overwrites what they have not seen."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext

from messaging.admin.refusals import in_words
from messaging.admin.typed import Row, TypedForm
from messaging.exceptions import ChangedMeanwhile, InvalidValue, ParleyError
from messaging.services.rows import Version, digest_of
from messaging.values.text import with_plain_line_ends

from .fields import field_for, of_lines

LONGEST_SHOWN = 2_000


class Difference(NamedTuple):
    """A field that somebody else changed while the form was open."""

    label: str
    stored: str
    mine: str | None
    """None where the person did not touch it: the form shows what is stored."""
    is_final: bool = False
    """The stored value cannot be written over any more."""


class VersionedForm(TypedForm[Row]):
    """Carries the version that it was opened with, and shows what the services refuse.

    A second pass over a refused form has `refusal` set; what was typed is all still there.
    """

    may_become_final: ClassVar[tuple[str, ...]] = ()
    """Columns that a form offers until their value is made final, which may happen while it is open."""
    refusal: ParleyError | None = None
    differences: tuple[Difference, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            self.fields[name] = of_lines(field, self.initial.get(name))

    @property
    def token(self) -> str:
        """What the page carries: after a refusal for a stale version, the version that is stored now."""
        if self.is_bound and not isinstance(self.refusal, ChangedMeanwhile):
            return str(self.data.get("opened", ""))
        return json.dumps({"at": timezone.now().isoformat(), "version": self._stored})

    @cached_property
    def expected_version(self) -> Version | None:
        """The version that the form was opened with; None where it does not say."""
        version = self._opened.get("version")
        if not isinstance(version, dict):
            return None
        known = {*self._stored, *self._typed_too_late}
        return {name: str(digest) for name, digest in version.items() if name in known}

    @property
    def opened_at(self) -> datetime | None:
        """When the form was opened, where it says so."""
        try:
            return datetime.fromisoformat(str(self._opened["at"]))
        except (KeyError, ValueError):
            return None

    @cached_property
    def changed_data(self) -> list[str]:
        """What the person changed of the values they saw, which may differ from what is stored now.

        Columns that have become final since are included: the services refuse them, and the form reports it.
        """
        changed = [*super().changed_data, *self._typed_too_late]
        return [name for name in changed if not self._is_untouched(name)]

    @property
    def lost(self) -> list[tuple[str, str]]:
        """(label, text) of all that was typed into columns that have become final meanwhile."""
        typed = self._typed_too_late.items()
        return [(self._label(name), text) for name, text in typed if not self._is_untouched(name)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned |= self._typed_too_late
        match self.refusal:
            case ChangedMeanwhile():
                self.differences = tuple(self._take_over())
                self.add_error(
                    None,
                    gettext("Somebody else changed this while you were editing. Nothing is saved yet."),
                )
            case InvalidValue(loc=loc) if loc[-1] in self.fields:
                self.add_error(str(loc[-1]), in_words(self.refusal))
            case ParleyError():
                self.add_error(NON_FIELD_ERRORS, in_words(self.refusal))
        return cleaned

    @cached_property
    def _opened(self) -> dict[str, Any]:
        try:
            opened = json.loads(self.data.get("opened", ""))
        except ValueError:
            return {}
        return opened if isinstance(opened, dict) else {}

    @cached_property
    def _stored(self) -> Version:
        """The version of the row as it is now, of the columns that can be edited here."""
        columns = {column.name for column in self._meta.model._meta.concrete_fields if not column.is_relation}
        names = [name for name in self.fields if name in columns and name in self.initial]
        return {name: digest_of(self.initial[name]) for name in names}

    @cached_property
    def _typed_too_late(self) -> dict[str, str]:
        """What was sent for columns that became final after the form was opened."""
        names = [name for name in self.may_become_final if name in self.data and name not in self.fields]
        fields = {name: field_for(self._column(name)) or forms.CharField() for name in names}
        return {name: field.to_python(self.data[name]) or "" for name, field in fields.items()}

    def _column(self, name: str) -> "models.Field[Any, Any]":
        column = self._meta.model._meta.get_field(name)
        return cast("models.Field[Any, Any]", column)

    def _label(self, name: str) -> str:
        if name in self.fields:
            return str(self[name].label)
        return str(capfirst(self._column(name).verbose_name))

    def _is_untouched(self, name: str) -> bool:
        seen = (self.expected_version or {}).get(name)
        if seen is None or name not in getattr(self, "cleaned_data", {}):
            return False
        value = self.cleaned_data[name]
        is_set = isinstance(self.fields.get(name), forms.MultipleChoiceField)  # its order means nothing
        return seen == digest_of(sorted(value) if is_set else value)

    def _take_over(self) -> Iterator[Difference]:
        """The differences; fields that the person did not touch show the stored value."""
        for name, seen in (self.expected_version or {}).items():
            label = self._label(name)
            if name in self._typed_too_late:
                mine = None if self._is_untouched(name) else self._typed_too_late[name]
                yield Difference(label, as_text(getattr(self.instance, name)), mine, is_final=True)
                continue
            if seen == self._stored[name]:
                continue
            field = self.fields[name]
            stored = as_text(field.prepare_value(self.initial[name]))
            if self._is_untouched(name):
                yield Difference(label, stored, None)
                vars(field)["bound_data"] = lambda data, initial: initial
            elif (mine := as_text(self[name].value())) != stored:
                yield Difference(label, stored, mine)


def as_text(value: object) -> str:
    """A value on a page, its end cut off where it is very long."""
    text = (
        ", ".join(map(str, value)) if isinstance(value, list | tuple) else str("" if value is None else value)
    )
    text = with_plain_line_ends(text)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]} …"
