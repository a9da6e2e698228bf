"""Which requests compete for one lock, and which come from one caller."""

from io import BytesIO
from typing import Any

import pytest

from config.serving.shares import LOOKED_AT, Shares

ID = "conv_01m8hvjs2ceb4a0mjz96k9apyg"
MESSAGE, FEEDBACK = ID.replace("conv", "msg"), ID.replace("conv", "fbk")
FILLER = b" " * 2 * LOOKED_AT


def names(method: str, path: str, body: bytes = b"", *, writers: bool = False, **headers: str) -> list[str]:
    shares = Shares(8, patience=2, lock_patience=3, single_writer=writers)
    scope: dict[str, Any] = {"method": method, "path": path, "raw_path": path.encode()}
    scope["headers"] = [(name.encode(), value.encode()) for name, value in headers.items()]
    stream = BytesIO(body)
    found = shares.of(scope, stream)
    assert stream.tell() == 0
    return [f"{share.name} {share.threads}" for share in found]


@pytest.mark.parametrize(
    "body",
    [
        f'{{"conversation_id": "{ID}", "content": []}}'.encode(),
        f'{{"conversation_id":"{ID}", "content": '.encode() + FILLER + b"[]}",
        b'{"content": [], ' + FILLER + f'"conversation_id" : "{ID}"}}'.encode(),
    ],
)
def test_a_body_names_its_conversation_at_either_end(body: bytes):
    assert names("POST", "/api/v1/messages", body) == [f"lock {ID} 4"]


def test_a_path_names_it_first():
    assert names("POST", f"/v1/threads/{ID}/messages", b'{"conversation_id": "x"}') == [f"lock {ID} 4"]


def test_an_id_of_another_vendor_is_one_too():
    assert names("POST", "/openai/v1/threads/thread_AbC1/messages") == ["lock thread_AbC1 4"]
    assert names("POST", "/openai/v1/threads/runs") == []


@pytest.mark.parametrize(
    "path", [f"messages/{MESSAGE}/feedback", f"messages/{MESSAGE}", f"feedback/{FEEDBACK}"]
)
def test_messages_that_are_named_alone_compete_with_those_of_the_same_key(path: str):
    shares = names("PATCH", f"/api/v1/{path}", authorization="Bearer k")
    assert shares == ["key Bearer k 6", "lock messages of Bearer k 4"]


@pytest.mark.parametrize("path", ["", "/mem_01m8hvjs2ceb4a0mjz96k9apyg/replace", "/from_messages"])
def test_so_do_memories(path: str):
    shares = names("POST", f"/api/v1/memories{path}", authorization="Bearer k")
    assert shares == ["key Bearer k 6", "lock memories of Bearer k 4"]


def test_a_read_waits_for_no_lock():
    assert names("GET", f"/v1/threads/{ID}/messages") == []
    assert names("GET", "/api/v1/memories") == []
    assert names("POST", "/api/v1/memories/search", writers=True) == []


def test_where_one_writes_at_a_time_all_writers_compete():
    assert names("PATCH", "/api/v1/messages/msg_x", writers=True) == ["lock writers 1"]


def test_one_key_leaves_a_quarter_of_the_threads():
    assert names("GET", "/api/v1/messages", authorization="Bearer k") == ["key Bearer k 6"]


def test_logins_have_a_quarter():
    assert names("POST", "/admin/login/") == ["login 2"]
