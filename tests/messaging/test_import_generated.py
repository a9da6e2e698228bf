"""Accounts of any shape: nothing raises, no message is lost, and the order of the tree holds."""

import json
from typing import Any

import pytest
from django.db import transaction
from hypothesis import strategies as st

from messaging.models import Conversation, Message
from messaging.transfer.contents import says_something
from messaging.transfer.report import Report
from tests.cast import Tenant
from tests.generated import made_up
from tests.transfer import exported, imported

NAMES = [f"n{number}" for number in range(6)]
TIMES = (
    st.none()
    | st.integers(-5, 2_000_000_000)
    | st.floats()
    | st.sampled_from(["2026-05-01T12:00:00Z", "1714564800", 1_714_564_800_000, "yesterday", "", True])
)
TEXT = st.text(max_size=6) | st.sampled_from(["a\0b", "\ud800", "words"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 2**70) | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
KINDS = st.sampled_from(["text", "code", "thoughts", "multimodal_text", "system_error", "hologram"])


def fields(**strategies: Any) -> Any:
    """An object in which any field may be absent, or of another type."""
    return st.fixed_dictionaries({}, optional={name: one | JSON for name, one in strategies.items()})


PART = TEXT | fields(content_type=st.sampled_from(["image_asset_pointer", "audio_transcription"]), text=TEXT)
CONTENT = fields(
    content_type=KINDS, parts=st.lists(PART, max_size=2), text=TEXT, thoughts=st.lists(JSON, max_size=2)
)
ROLE = st.sampled_from(["user", "assistant", "tool", "system"])
MESSAGE = fields(
    author=fields(role=ROLE, name=TEXT),
    content=CONTENT,
    create_time=TIMES,
    weight=st.sampled_from([0, 1]),
    status=TEXT,
    recipient=st.sampled_from(["all", "python"]),
    metadata=fields(
        attachments=st.lists(JSON, max_size=2), is_visually_hidden_from_conversation=st.booleans()
    ),
)
NODE = fields(
    message=MESSAGE, parent=st.sampled_from(NAMES), children=st.lists(st.sampled_from(NAMES), max_size=3)
)
TREE = fields(
    conversation_id=TEXT, title=TEXT, create_time=TIMES, current_node=st.sampled_from(NAMES)
).flatmap(
    lambda about: st.dictionaries(st.sampled_from(NAMES), NODE | JSON, max_size=6).map(
        lambda mapping: {**about, "mapping": mapping}
    )
)
BLOCK = fields(
    type=st.sampled_from(["text", "thinking", "tool_use", "tool_result", "token_budget", "hologram"]),
    **dict.fromkeys(["text", "thinking", "name", "id", "tool_use_id"], TEXT),
    content=JSON,
    input=JSON,
    is_error=st.booleans(),
)
SAID = fields(
    uuid=st.sampled_from(NAMES),
    sender=st.sampled_from(["human", "assistant"]),
    text=TEXT,
    content=st.lists(BLOCK, max_size=3),
    created_at=TIMES,
    parent_message_uuid=st.sampled_from([*NAMES, "00000000-0000-4000-8000-000000000000"]),
    attachments=st.lists(fields(file_name=TEXT, extracted_content=TEXT), max_size=2),
)
CHAT = fields(
    uuid=TEXT, name=TEXT, created_at=TIMES, current_leaf_message_uuid=st.sampled_from(NAMES)
).flatmap(
    lambda about: st.lists(SAID | JSON, max_size=6).map(lambda listed: {**about, "chat_messages": listed})
)


class Undone(Exception):
    """Ends a transaction without a trace."""


def written(value: Any) -> bytes:
    return json.dumps([value]).encode()


def new(tenant: Tenant) -> list[Conversation]:
    found = Conversation.objects.for_workspace(tenant.workspace.pk).exclude(pk=tenant.conversation.pk)
    return list(found.order_by("pk"))


def listed(conversation: Conversation) -> list[Message]:
    return list(Message.objects.filter(conversation=conversation).order_by("created_at", "seq"))


def said_of(report: Report) -> int:
    """The messages of which the report says what became of them."""
    return report.new_messages + report.known_messages + report.empty_messages


def check(tenant: Tenant, value: Any, count: int) -> None:
    report, rejections = imported(tenant, written(value), source_format="auto")
    of_messages = [one for one in rejections if one.reason.startswith(("mapping.", "chat_messages."))]
    assert said_of(report) + len(of_messages) == count
    for conversation in new(tenant):
        in_order_of_arrival = sorted(listed(conversation), key=lambda row: row.seq)
        assert [row.pk for row in listed(conversation)] == [row.pk for row in in_order_of_arrival]
    again, _ = imported(tenant, written(value))
    assert (again.new_messages, again.known_messages) == (0, report.new_messages)
    copy = exported(tenant)
    once_more, _ = imported(tenant, copy)
    assert (once_more.new_messages, once_more.changed_messages, once_more.rejected) == (0, 0, 0)


def undone(tenant: Tenant, value: Any, count: int) -> None:
    with pytest.raises(Undone), transaction.atomic():
        check(tenant, value, count)
        raise Undone


def holds(node: Any) -> bool:
    """Whether a node of the tree holds a message, or says something in place of one."""
    if not isinstance(node, dict):
        return node is not None
    rest = {name: node[name] for name in node if name not in ("id", "message", "parent", "children")}
    return node.get("message") is not None or says_something(rest)


@made_up(12, 300, value=TREE)
def test_a_tree_of_any_shape(acme: Tenant, value: dict[str, Any]):
    undone(acme, value, sum(map(holds, value["mapping"].values())))


@made_up(12, 300, value=CHAT)
def test_a_chat_of_any_shape(acme: Tenant, value: dict[str, Any]):
    undone(acme, value, len(value["chat_messages"]))
