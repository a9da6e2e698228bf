"""The values of a bound form: as it shows them, as they were typed, and put in as if they had been typed."""

from django import forms
from django.http import QueryDict

__all__ = ["as_text", "is_set", "put", "shown", "typed"]

LONGEST_SHOWN = 2_000


def is_set(field: forms.Field | None) -> bool:
    """Whether the order of the values means nothing."""
    return isinstance(field, forms.MultipleChoiceField)


def shown(form: forms.BaseForm, name: str, value: object) -> str:
    """A stored value as the field of this name would show it."""
    return as_text(form.fields[name].prepare_value(value))


def typed(form: forms.BaseForm, name: str) -> str:
    """What the person typed into the field of this name."""
    return as_text(form[name].value())


def as_text(value: object) -> str:
    """A value on a page, its end cut off where it is very long."""
    text = (
        ", ".join(map(str, value)) if isinstance(value, list | tuple) else str("" if value is None else value)
    )
    text = text.replace("\r\n", "\n")
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]} …"


def put(data: QueryDict, form: forms.BaseForm, name: str, value: object) -> None:
    """Write this value into the data of a bound form as if it had been typed."""
    field, html_name = form.fields[name], form.add_prefix(name)
    prepared = field.prepare_value(value)
    match field.widget:
        case forms.MultiWidget() as widget:
            suffixes, values = widget.widgets_names, widget.decompress(prepared) or ()  # type: ignore[attr-defined]
            for suffix, part, shown_part in zip(suffixes, widget.widgets, values, strict=True):
                data[f"{html_name}{suffix}"] = part.format_value(shown_part) or ""
        case forms.CheckboxInput():
            data.pop(html_name, None)
            if prepared:
                data[html_name] = "on"
        case forms.SelectMultiple() | forms.CheckboxSelectMultiple():
            data.setlist(html_name, [str(item) for item in prepared or ()])
        case _:
            data[html_name] = "" if prepared is None else str(prepared)
