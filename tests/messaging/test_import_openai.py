"""OpenAI chat messages, in whatever they come wrapped, without ids and times."""

from typing import Any

import pytest

from messaging.models import Conversation
from tests.cast import Tenant
from tests.transfer import counts, imported, lines, messages, others

CALL = {"id": "call_1", "type": "function", "function": {"name": "find", "arguments": '{"n": 1}'}}
CHAT: list[dict[str, Any]] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Where is order 1?"},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "content": "in transit", "tool_call_id": "call_1", "name": "find"},
    {"role": "assistant", "content": "On its way."},
    {"role": "user", "content": "ok"},
    {"role": "user", "content": "ok"},
]


def saying(*texts: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text} for text in texts]}


def texts(conversation: Conversation) -> list[str]:
    return [message.content for message in messages(conversation)]


@pytest.mark.parametrize(
    "source",
    [
        [{"task_id": 1, "traj": CHAT}],
        lines({"messages": CHAT}),
        lines(CHAT),
        CHAT,
        lines(*CHAT),
        {"messages": CHAT},
    ],
    ids=["array of objects", "lines of objects", "lines of lists", "list", "lines of messages", "object"],
)
def test_every_wrapping_is_one_conversation_and_stored_once(acme: Tenant, source: Any):
    assert counts(imported(acme, source)[0]) == (1, 7, 0, 0, 0)
    [conversation] = others(acme)
    assert [message.role for message in messages(conversation)] == [item["role"] for item in CHAT]
    assert (conversation.message_count, conversation.last_seq) == (7, 7)
    assert counts(imported(acme, source)[0]) == (0, 0, 1, 7, 0)
    assert len(messages(conversation)) == 7


def test_tool_calls_and_their_results_are_the_store_s(acme: Tenant):
    imported(acme, {"messages": CHAT})
    _, _, call, result, *_ = messages(others(acme)[0])
    assert (call.content, call.tool_calls) == ("", [CALL])
    assert (result.content, result.sender_id) == ("in transit", "anonymous")
    assert result.meta_data == {"tool_call_id": "call_1", "name": "find"}


def test_what_is_said_of_the_conversation_is_kept(acme: Tenant):
    imported(acme, [{"id": "a7", "title": "Order", "user": "ada", "reward": 0.5, **saying("hello")}])
    [conversation] = others(acme)
    assert (conversation.title, conversation.user_id) == ("Order", "ada")
    assert conversation.meta_data == {"id": "a7", "title": "Order", "user": "ada", "reward": 0.5}
    assert messages(conversation)[0].sender_id == "ada"


def test_the_sender_is_the_end_user_whoever_speaks(acme: Tenant):
    roles = ["system", "developer", "user", "assistant", "tool", "function"]
    said = [{"role": role, "content": role, "name": f"{role}'s name"} for role in roles]
    imported(acme, {"user": "ada", "messages": [*said, {"role": "assistant", "content": "last"}]})
    rows = messages(others(acme)[0])
    assert [row.sender_id for row in rows] == ["ada", "ada", "user's name", "ada", "ada", "ada", "ada"]
    assert [row.agent_id for row in rows] == [None, None, None, "assistant's name", None, None, None]
    assert [(row.meta_data or {}).get("name") for row in rows][:6] == [f"{role}'s name" for role in roles]


def test_items_become_text_and_attachments(acme: Tenant):
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}}
    items = [{"type": "text", "text": "one"}, image, {"type": "text", "text": "two"}]
    imported(acme, {"messages": [{"role": "user", "content": items}]})
    [message] = messages(others(acme)[0])
    assert (message.content, message.attachments) == ("one\ntwo", [image])


def test_blocks_of_anthropic_are_parts(acme: Tenant):
    blocks = [
        {"type": "thinking", "thinking": "Hm.", "signature": "x"},
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "t1", "name": "find", "input": {"n": 1}},
    ]
    answer = [{"type": "tool_result", "tool_use_id": "t1", "content": "in transit"}]
    imported(
        acme, {"messages": [{"role": "assistant", "content": blocks}, {"role": "user", "content": answer}]}
    )
    first, second = messages(others(acme)[0])
    assert (first.content, [call["id"] for call in first.tool_calls or []]) == ("I look.", ["t1"])
    kinds = [part.type for row in (first, second) for part in row.parts.order_by("position")]
    assert kinds == ["reasoning", "text", "tool-call", "tool-result"]


@pytest.mark.parametrize(
    "item", [{"type": "hologram", "x": 1}, {"type": "memo", "text": "words", "color": "red"}]
)
def test_an_item_that_nobody_foresaw_is_kept_as_data(acme: Tenant, item: dict[str, Any]):
    source = {"messages": [{"role": "assistant", "content": [item], "tool_calls": [CALL]}]}
    report, _ = imported(acme, source)
    [row] = messages(others(acme)[0])
    stored = {part.type: part.payload for part in row.parts.all()}
    assert stored["data"] == item
    assert row.tool_calls == [CALL]
    assert (item["type"], "data") in {(kind, outcome.value) for kind, outcome in report.kinds}


def test_items_of_the_responses_api_are_messages(acme: Tenant):
    said = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]}
    assert counts(imported(acme, [said, said | {"role": "assistant"}])[0]) == (1, 2, 0, 0, 0)
    assert texts(others(acme)[0]) == ["hello", "hello"]


def test_a_function_call_of_old_is_a_tool_call(acme: Tenant):
    old = {"role": "assistant", "content": None, "function_call": CALL["function"]}
    imported(acme, {"messages": [old, {"role": "function", "name": "find", "content": "1"}]})
    call, result = messages(others(acme)[0])
    assert call.tool_calls == [{"type": "function", "function": CALL["function"]}]
    assert (result.role, result.sender_id) == ("tool", "anonymous")
    assert result.meta_data == {"name": "find"}


def test_times_are_kept_where_there_are_any(acme: Tenant):
    dated = [
        {"role": "user", "content": "one", "created_at": 1714564800},
        {"role": "assistant", "content": "two"},
        {"role": "user", "content": "three", "created_at": "2024-05-01T13:00:00Z"},
    ]
    imported(acme, {"messages": dated})
    [conversation] = others(acme)
    hours = [message.created_at.isoformat()[:16] for message in messages(conversation)]
    assert hours == ["2024-05-01T12:00", "2024-05-01T12:00", "2024-05-01T13:00"]
    assert conversation.created_at.isoformat()[:16] == "2024-05-01T12:00"
    assert conversation.updated_at.isoformat()[:16] == "2024-05-01T13:00"


def test_two_alike_are_two(acme: Tenant):
    source = lines(saying("hi"), saying("hi"))
    assert counts(imported(acme, source)[0]) == (2, 2, 0, 0, 0)
    assert counts(imported(acme, source)[0]) == (0, 0, 2, 2, 0)


def test_a_conversation_that_grew_is_continued(acme: Tenant):
    imported(acme, lines(saying("one", "two"), saying("else")))
    assert counts(imported(acme, lines(saying("one", "two", "two", "three"), saying("else")))[0]) == (
        0,
        2,
        2,
        3,
        0,
    )
    grown = [found for found in others(acme) if len(texts(found)) == 4]
    assert [texts(found) for found in grown] == [["one", "two", "two", "three"]]
    assert counts(imported(acme, lines(saying("one", "two", "two", "three"), saying("else")))[0]) == (
        0,
        0,
        2,
        5,
        0,
    )


def test_a_file_that_grew_brings_only_what_is_new(acme: Tenant):
    imported(acme, lines(saying("one")))
    assert counts(imported(acme, lines(saying("one"), saying("two")))[0]) == (1, 1, 1, 1, 0)


@pytest.mark.parametrize("order", [1, -1])
def test_one_that_begins_as_another_of_its_file_is_another(acme: Tenant, order: int):
    source = lines(*[saying("hi"), saying("hi", "who are you?")][::order])
    assert counts(imported(acme, source)[0]) == (2, 3, 0, 0, 0)
    assert counts(imported(acme, source)[0]) == (0, 0, 2, 3, 0)


def test_one_that_went_on_differently_is_another(acme: Tenant):
    imported(acme, lines(saying("hi")))
    imported(acme, lines(saying("hi", "left")))
    assert counts(imported(acme, lines(saying("hi", "right", "and on")))[0]) == (1, 3, 0, 0, 0)
    assert sorted(map(texts, others(acme))) == [["hi", "left"], ["hi", "right", "and on"]]


def test_another_id_makes_another_conversation(acme: Tenant):
    imported(acme, lines({"id": 1, **saying("hi")}))
    assert counts(imported(acme, lines({"id": 2, **saying("hi")}))[0]) == (1, 1, 0, 0, 0)


def test_what_came_in_live_is_not_disturbed(acme: Tenant, api: Any):
    imported(acme, lines(saying("one")))
    [conversation] = others(acme)
    api.post("/api/v1/messages", {"conversation_id": conversation.pk, "content": {"content": "live"}})
    imported(acme, lines(saying("one", "two")))
    assert texts(conversation) == ["one", "live", "two"]


def test_a_corrected_message_stays_corrected(acme: Tenant, api: Any):
    imported(acme, lines(saying("one")))
    [conversation] = others(acme)
    api.put(f"/api/v1/messages/{messages(conversation)[0].pk}", {"content": "better"})
    imported(acme, lines(saying("one")))
    assert texts(conversation) == ["better"]


def test_a_long_conversation_comes_in_several_transactions_and_whole(acme: Tenant):
    source = lines(saying(*["ok"] * 2_500))
    assert counts(imported(acme, source)[0]) == (1, 2_500, 0, 0, 0)
    [conversation] = others(acme)
    assert [message.seq for message in messages(conversation)] == list(range(1, 2_501))
    assert counts(imported(acme, source)[0]) == (0, 0, 1, 2_500, 0)
    longer = lines(saying(*["ok"] * 2_600))
    assert counts(imported(acme, longer)[0]) == (0, 100, 1, 2_500, 0)


def test_each_workspace_has_its_own(acme: Tenant, globex: Tenant):
    imported(acme, lines(saying("hi")))
    assert counts(imported(globex, lines(saying("hi")))[0]) == (1, 1, 0, 0, 0)
    assert len(others(acme)) == len(others(globex)) == 1


def test_the_order_of_the_list_wins_over_its_times(acme: Tenant):
    times = [1_714_564_800, None, 1_714_564_700, 1_714_564_900]
    chat = [
        {"role": "user", "content": str(number), **({"created_at": time} if time else {})}
        for number, time in enumerate(times)
    ]
    imported(acme, {"messages": chat})
    rows = messages(others(acme)[0])
    assert sorted(rows, key=lambda row: (row.created_at, row.seq)) == rows
    assert [row.sent_at.timestamp() for row in rows] == [times[0], times[0], times[2], times[3]]
    assert [row.created_at.timestamp() for row in rows] == [times[0], times[0], times[0], times[3]]
