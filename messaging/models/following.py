"""Columns that follow from what a row holds in JSON. Migrations name these classes and their arguments."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from messaging.content import (
    DERIVED_FROM,
    TOOL,
    Part,
    TokenCount,
    failed_tool,
    part_of_row,
    texts_in,
    tokens_of,
)
from messaging.sql.derived import NULLABLE, READ_ONCE, Deconstructed, DerivedField
from messaging.sql.fields import CodePointField, ContainsFolded, Parameters, by_code_point, folded

if TYPE_CHECKING:  # generic to the type checker alone
    TextField = models.TextField[Any, Any]
    PositiveIntegerField = models.PositiveIntegerField[Any, Any]
else:
    from django.db.models import PositiveIntegerField, TextField

SHORT = {**NULLABLE, "max_length": 255}
SHOWN = (
    *("text", "file_id", "url", "mime_type", "data_type", "tool_name", "tool_call_id"),
    *("payload", "payload_ref", "error_text", "metadata"),
)
"""The columns of a part that a transcript shows."""


class OtherTextField(DerivedField, TextField):
    """The folded texts of what staff see of a row besides the text that has a folded copy of its own.

    One on each line, up to `INDEXED_TEXT_BYTES` in all; null where there are none. Of a message with `parts`,
    the name of a relation, what these say counts too: those that its writer has set as `given_parts`, else
    those that are stored.
    """

    constants = NULLABLE

    def __init__(self, *, source: Sequence[str], besides: str, parts: str = "", **kwargs: Any) -> None:
        self.source, self.besides, self.parts = source, besides, parts
        self.sources = (*source, *(["has_parts"] if parts else []))
        super().__init__(**kwargs)

    def deconstruct(self) -> Deconstructed:
        name, path, args, kwargs = super().deconstruct()
        own = {"source": list(self.source), "besides": self.besides, "parts": self.parts}
        return name, path, args, kwargs | own

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Parameters:
        return by_code_point(super().db_parameters(connection), connection)

    def derive(self, row: models.Model) -> str | None:
        values = [value for name in self.source if (value := getattr(row, name))]
        values += self._parts_of(row)
        if not values:
            return None
        own = getattr(row, self.besides) or ""
        texts = dict.fromkeys(text for text in texts_in(values) if text not in own)
        return folded("\n".join(texts)) if texts else None

    def _parts_of(self, row: models.Model) -> list[Any]:
        if not self.parts or not getattr(row, "has_parts", False):
            return []
        given = vars(row).get("given_parts")
        if given is not None:
            return list(given)
        return [[part[name] for name in SHOWN] for part in _stored_parts(row, self.parts)]


OtherTextField.register_lookup(ContainsFolded)


class FailedToolField(DerivedField, CodePointField):
    """The name of the tool whose failure a message without parts tells of, empty for one without a name; null
    where it tells of none. Parts that are rows say so themselves."""

    sources = (*DERIVED_FROM, "has_parts")
    constants = SHORT

    def derive(self, row: models.Model) -> str | None:
        message: Any = row
        if message.has_parts or message.role != TOOL:  # most have none, and every row that is written asks
            return None
        tool = failed_tool({name: getattr(row, name) for name in DERIVED_FROM})
        return tool if tool is None else tool[:255]


COUNTED_FROM = ("content", "structured_content", "tool_calls", "derived_meta_data", "has_parts")
"""What the tokens of a message follow from. Parts that are rows change together with the last two."""


class TokenCountField(DerivedField, PositiveIntegerField):
    """The tokens of a message, see `messaging.content.tokens_of`: as the counter of the settings says, or as
    its writer does, who has set `given_tokens`."""

    sources = COUNTED_FROM
    constants = NULLABLE

    def derive(self, row: models.Model) -> int:
        values = vars(row)
        count: TokenCount | None = values.get("given_tokens")
        if count is None:
            content, structured, calls, _, has_parts = (getattr(row, name) for name in COUNTED_FROM)
            count = tokens_of(content, calls, structured, _counted_parts(row) if has_parts else ())
        number, values["token_counter"] = count
        return number


class TokenCounterField(DerivedField, CodePointField):
    """Who counted the tokens; set together with their number, whose field comes before this one."""

    sources = COUNTED_FROM
    constants = SHORT

    def derive(self, row: models.Model) -> str | None:
        counter: str | None = vars(row)["token_counter"]
        return counter


def _counted_parts(row: models.Model) -> Sequence[Part]:
    """The parts of a message that are rows: those that its writer has set, else those that are stored."""
    given: Sequence[Part] | None = vars(row).get("given_parts")
    if given is not None:
        return given
    return [part_of_row(part).stored() for part in _stored_parts(row, "parts")]


def _stored_parts(row: models.Model, relation: str) -> Sequence[Mapping[str, Any]]:
    """The columns of the parts of a message, in their order; once for all that is derived together."""
    read: dict[str, Sequence[Mapping[str, Any]]] = vars(row).get(READ_ONCE, {})
    if relation not in read:
        stored = getattr(row, relation).filter(workspace_id=vars(row)["workspace_id"])
        read[relation] = list(stored.order_by("position").values())
    return read[relation]
