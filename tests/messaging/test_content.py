"""The vocabulary of content: a kind is a class, and a class that is defined is known everywhere."""

from collections.abc import Iterator
from typing import Any

import pytest

from messaging.content import (
    ItemKind,
    Link,
    Part,
    PartKind,
    attachments_of,
    calls_of,
    derived_parts,
    item_of,
    items_in,
    part_of,
    results_shown,
    text_of,
)
from messaging.values.choices import PartType


@pytest.fixture
def apology() -> Iterator[type[ItemKind]]:
    """A further kind of item, which is known for the time of a test."""

    class Apology(ItemKind):
        type = "apology"

        @classmethod
        def reads(cls, given: Any) -> bool:
            return isinstance(given.get("apology"), str)

        @property
        def text(self) -> str | None:
            return str(self.given["apology"])

        def parts(self, link: Link) -> list[Part]:
            return [{"type": "text", "text": self.text, "metadata": {"is_refusal": True}}]

    yield Apology
    del ItemKind.known["apology"]


def message(**fields: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("tool_calls", "attachments", "meta_data", "derived_meta_data"))
    return empty | {"id": "msg_1", "role": "assistant", "content": "", "structured_content": None} | fields


def test_a_kind_that_is_defined_is_known(apology: type[ItemKind]):
    given = {"type": "apology", "apology": "No."}
    assert isinstance(item_of(given), apology)
    assert text_of(items_in([given])) == "No."
    [part] = derived_parts(message(content="No.", structured_content=[given]), str)
    assert (part["type"], part["text"], part["metadata"]) == ("text", "No.", {"is_refusal": True})


def test_what_a_kind_cannot_read_is_unknown(apology: type[ItemKind]):
    assert not item_of({"type": "apology"}).is_known


def test_every_kind_of_part_that_is_stored_has_a_class():
    assert set(PartKind.known) == set(PartType.values)


def test_parts_say_text_calls_results_and_files():
    kinds = [
        part_of({"type": "text", "text": "a"}),
        part_of({"type": "reasoning", "text": "hm"}),
        part_of({"type": "tool-call", "tool_name": "f", "tool_call_id": "c", "args": {"n": 1}}),
        part_of({"type": "tool-result", "tool_name": "f", "tool_call_id": "c", "output": [1]}),
        part_of({"type": "tool-error", "tool_name": "f", "tool_call_id": "d", "error_text": "no"}),
        part_of({"type": "file", "file_id": "x"}),
        part_of({"type": "data", "data": 1}),
    ]
    assert text_of(kinds) == "a\n[1]\nno"
    function = {"name": "f", "arguments": '{"n":1}'}
    assert calls_of(kinds) == [{"id": "c", "type": "function", "function": function}]
    assert attachments_of(kinds) == [{"type": "file", "file_id": "x"}]
    shown = results_shown("tool", kinds)
    assert shown is not None
    assert [(one["tool_call_id"], one["is_error"]) for one in shown["tool_results"]] == [
        ("c", False),
        ("d", True),
    ]


@pytest.mark.parametrize("value", [None, 7, "x", [], {}, {"type": []}, {"type": "text", "metadata": 1}])
def test_anything_at_all_is_data(value: Any):
    for kind in (part_of(value), item_of(value)):
        [part] = kind.parts(str) if isinstance(kind, ItemKind) else [kind.stored()]
        assert (part["type"], part["data"]) == ("data", value)
        assert (kind.text, kind.call, kind.attachments) == (None, None, [])
