"""The checksum is over one spelling of a message, whichever way that spelling was made."""

import hashlib
import json
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from messaging.models import Message
from messaging.services import checksum_of

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def spelled(message: Message, tool_call_id: Any) -> bytes:
    """What is hashed, written by the standard library."""
    identity = [
        message.conversation_id,
        message.sender_id,
        message.role,
        message.message_type,
        message.content,
        message.structured_content,
        message.tool_calls,
        message.attachments,
        tool_call_id,
        None,
    ]
    text = json.dumps(identity, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return normalize("NFC", text).encode()


@example(
    content="\uf900", sender="z\u0301", role="\u212b", tool_call_id="a\u0328"
)  # not in their composed form
@given(content=texts, sender=texts, role=texts, tool_call_id=st.none() | texts | st.integers() | st.floats())
def test_of_texts_it_is_what_the_standard_library_would_write(content, sender, role, tool_call_id):
    message = Message(
        conversation_id="conv_1",
        sender_id=sender,
        role=role,
        content=content,
        meta_data={"tool_call_id": tool_call_id},
    )
    wanted = hashlib.sha256(spelled(message, tool_call_id)).hexdigest()
    assert checksum_of(message, imported_at=None) == wanted


@pytest.mark.parametrize("field", ["tool_calls", "attachments", "structured_content"])
def test_the_order_of_keys_does_not_count(field):
    one, other = (
        Message(conversation_id="conv_1", sender_id="a", content="x", **{field: [value]})
        for value in ({"a": 1, "b": 1e16}, {"b": 1e16, "a": 1})
    )
    assert checksum_of(one, imported_at=None) == checksum_of(other, imported_at=None)
    assert checksum_of(one, imported_at=None) == hashlib.sha256(spelled(one, None)).hexdigest()
