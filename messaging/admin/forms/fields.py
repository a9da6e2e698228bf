"""Form fields for the columns of the store: texts as they are, tags as words, JSON that is legible.

A field that nobody touched counts as unchanged, although browsers spell line ends in their own way.
"""

import json
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime, AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from messaging.sql.fields import ObjectField, TagsField
from messaging.values.json import decode, dumps
from messaging.values.problems import Problem, ValueRefused
from messaging.values.text import with_plain_line_ends

ONE_LINE = (forms.TextInput, AdminTextInputWidget)
SEPARATED = _("Separated by commas, or one on each line.")


class Text(forms.CharField):
    """Text of several lines, with its spaces, lines ending as they do on the wire."""

    widget = AdminTextareaWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**(kwargs | {"strip": False}))

    def to_python(self, value: object) -> str | None:
        text = super().to_python(value)
        return with_plain_line_ends(text) if text else text

    def has_changed(self, initial: str | None, data: str | None) -> bool:
        return with_plain_line_ends(initial or "") != (self.to_python(data) or "")


class DateAndTime(AdminSplitDateTime):
    """Django's two inputs for a moment, each with a name of its own for screen readers."""

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs)
        for widget, name in zip(self.widgets, (_("Date"), _("Time")), strict=True):
            widget.attrs["aria-label"] = name


class ObjectInput(forms.Field):
    """A JSON object, indented, within the limits of the wires. `empty` is the value of an empty field."""

    widget = AdminTextareaWidget

    def __init__(self, *, empty: dict[str, object] | None = None, **kwargs: Any) -> None:
        self.empty = empty
        super().__init__(**(kwargs | {"required": False}))

    def prepare_value(self, value: object) -> str:
        """The text of the field: what a person typed stays as it is."""
        if isinstance(value, str) or value is None:
            return value or ""
        return json.dumps(value, indent=2, ensure_ascii=False)

    def to_python(self, value: str | None) -> dict[str, object] | None:
        text = with_plain_line_ends(value or "")
        if not text.strip():
            return self.empty
        parsed = _parsed(text)
        if not isinstance(parsed, dict):  # the column would accept an empty list
            raise ValidationError(gettext('Give a JSON object, as in {"channel": "email"}.'))
        return parsed

    def has_changed(self, initial: object, data: str | None) -> bool:
        try:
            value = self.to_python(data)
        except ValidationError:
            return True
        return dumps(self.empty if initial is None else initial) != dumps(value)


class TagsInput(forms.CharField):
    """A list of texts: separated by commas, or one on each line, in their order.

    Tags that hold a comma or a line end are shown, and can be given, as a JSON list.
    """

    widget = AdminTextareaWidget

    def __init__(self, *, empty: list[str] | None = None, **kwargs: Any) -> None:
        self.empty = empty
        kwargs.setdefault("help_text", SEPARATED)
        super().__init__(**(kwargs | {"required": False}))
        self.widget.attrs["rows"] = 2

    def prepare_value(self, value: object) -> object:
        return spell_tags(value) if isinstance(value, list) else value

    def to_python(self, value: str | None) -> Any:  # of a list, where Django has a text
        return parse_tags(value or "") or self.empty

    def has_changed(self, initial: list[str] | None, data: str | None) -> bool:
        try:
            return bool((initial or None) != (parse_tags(data or "") or None))
        except ValidationError:
            return True


def of_lines(field: forms.Field, value: object) -> forms.Field:
    """The field, or one of several lines where an input of one line would join the lines of the value."""
    is_one_line = type(field) is forms.CharField and type(field.widget) in ONE_LINE
    if not (is_one_line and isinstance(value, str) and ("\n" in value or "\r" in value)):
        return field
    kept = ("required", "label", "help_text", "disabled", "max_length", "empty_value")
    return Text(**{name: getattr(field, name) for name in kept})


def parse_tags(text: str) -> list[str]:
    """The tags in a text. Raises ValidationError."""
    text = text.strip()
    if not text.startswith("["):
        words = (word.strip() for line in text.splitlines() for word in line.split(","))
        return list(dict.fromkeys(word for word in words if word))
    tags = _parsed(text)
    if not (isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)):
        raise ValidationError(gettext('Give a list of texts, as in ["urgent", "refund"].'))
    return tags


def spell_tags(tags: list[str]) -> str:
    """A text that `parse_tags` reads as these tags."""
    text = ", ".join(tags)
    return text if not text.startswith("[") and parse_tags(text) == tags else dumps(tags).decode()


def field_for(column: "models.Field[Any, Any]") -> forms.Field | None:
    """The form field for a column of the store, where Django's own does not fit."""
    named = {"label": capfirst(column.verbose_name), "help_text": column.help_text}
    match column:
        case ObjectField():
            return ObjectInput(empty=None if column.null else {}, **named)
        case TagsField():
            return TagsInput(empty=None if column.null else [], label=named["label"])
        case models.TextField():
            return Text(required=not column.blank, empty_value=None if column.null else "", **named)
    return None


def _parsed(text: str) -> object:
    """The JSON value of a text. Raises ValidationError for whatever the wires refuse."""
    try:
        parsed: object = decode(text.encode())
    except ValueRefused as invalid:
        raise ValidationError([_explained(problem, text) for problem in invalid.problems]) from None
    return parsed


def _explained(problem: Problem, text: str) -> str:
    """What is wrong with a JSON text, and where."""
    loc = problem["loc"][1:]
    if problem["type"] != "json_invalid":
        where = ".".join(str(key) for key in loc)
        if not where:
            return str(problem["msg"])
        return gettext("%(problem)s (at %(where)s)") % {"problem": problem["msg"], "where": where}
    position = min(loc[0], len(text))
    line, column = text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
    why = {"error": problem["ctx"]["error"], "line": line, "column": column}
    return gettext("Not JSON: %(error)s, in line %(line)s, column %(column)s.") % why
