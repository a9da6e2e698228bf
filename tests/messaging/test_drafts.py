"""What a host's own code gives to the services is checked as what clients send is."""

from datetime import datetime
from typing import Any

import pytest

from messaging.exceptions import InvalidValue
from messaging.services import MessageDraft

BAD: dict[str, Any] = {
    "content": 5,
    "role": "x" * 65,
    "message_type": None,
    "sender_id": "a" * 256,
    "parent_message_id": "\0",
    "agent_id": "\ud800",
    "run_id": "r" * 41,
    "tool_calls": {"id": "call"},
    "tags": ["fine", 5],
    "attachments": "file",
    "meta_data": ["a"],
    "created_at": datetime(2026, 11, 28),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_value_is_refused_by_the_name_of_its_field(name: str):
    with pytest.raises(InvalidValue) as refused:
        MessageDraft(**{name: BAD[name]})
    assert refused.value.loc == (name,)


def test_a_time_is_no_text():
    draft: Any = MessageDraft
    with pytest.raises(InvalidValue):
        draft(created_at="2026-11-28T10:00:00Z")
