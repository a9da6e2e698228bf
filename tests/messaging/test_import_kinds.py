"""Nothing that an export holds vanishes: what nobody foresaw is kept as data, and every kind is counted."""

from typing import Any

import pytest

from messaging.models import Message
from messaging.services.reading import parts_of_messages
from messaging.transfer.kinds import Outcome
from messaging.transfer.report import Report
from tests.cast import Tenant
from tests.messaging.test_import_chatgpt import node, tree
from tests.transfer import counts, imported, messages, others

PNG = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_1", "width": 4}

# As public importers know them.
KNOWN: list[dict[str, Any]] = [
    {"content_type": "text", "parts": ["words"]},
    {"content_type": "multimodal_text", "parts": [PNG, "words"]},
    {"content_type": "code", "language": "python", "text": "words", "response_format_name": None},
    {"content_type": "execution_output", "text": "words"},
    {"content_type": "thoughts", "thoughts": [{"summary": "a", "content": "words", "chunks": ["words"]}]},
    {"content_type": "reasoning_recap", "content": "words"},
    {
        "content_type": "tether_quote",
        "url": "https://a.example",
        "domain": "a",
        "title": "t",
        "text": "words",
    },
    {"content_type": "tether_browsing_code", "text": "words"},
    {"content_type": "tether_browsing_display", "result": "words", "summary": None, "assets": None},
    {
        "content_type": "sonic_webpage",
        "url": "https://a.example",
        "title": "t",
        "text": "words",
        "snippet": "s",
    },
    {"content_type": "system_error", "name": "tool_error", "text": "words"},
    {"content_type": "system_message", "text": "words"},
    {"content_type": "system_content", "parts": ["words"]},
    {"content_type": "developer_content", "parts": ["words"]},
    {"content_type": "user_editable_context", "user_profile": "words", "user_instructions": "more"},
    {"content_type": "model_editable_context", "model_set_context": "words", "repository": None},
]

SMELL = {"content_type": "smell", "note": "words"}
# What nobody foresaw, and what of it is data.
INVENTED: list[tuple[Any, Any]] = [
    ({"content_type": "hologram", "frames": [{"caption": "x"}]}, {"frames": [{"caption": "x"}]}),
    ({"content_type": "poll", "question": {"a": ["Tea?"]}, "n": 3}, {"question": {"a": ["Tea?"]}, "n": 3}),
    ({"content_type": "text", "parts": [], "blocks": [{"words": 7}]}, {"blocks": [{"words": 7}]}),
    ({"content_type": "multimodal_text", "parts": [SMELL]}, SMELL),
    ({"parts": None, "words": "without a type"}, {"parts": None, "words": "without a type"}),
    ({"content_type": {"of": "another shape"}, "words": "x"}, {"words": "x"}),
    (17, 17),
]


def of_one(tenant: Tenant, content: Any, **more: Any) -> tuple[Report, Message]:
    """The report, and the message, of an import of one message."""
    report, _ = imported(tenant, [tree(node("n", None, "assistant", content=content, **more), current="n")])
    [row] = messages(others(tenant)[0])
    return report, row


def data_of(row: Message) -> list[Any]:
    parts = parts_of_messages([row], workspace_id=row.workspace_id, link=str)[row.pk]
    return [part["data"] for part in parts if part["type"] == "data"]


def outcomes(report: Report) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (kind, outcome), count in report.kinds.items():
        found.setdefault(kind, {})[outcome.value] = count
    return found


@pytest.mark.parametrize("content", KNOWN, ids=lambda content: content["content_type"])
def test_a_known_kind_is_kept_whole(acme: Tenant, content: dict[str, Any]):
    report, row = of_one(acme, content)
    assert "words" in row.content
    assert data_of(row) == []
    assert {outcome for _, outcome in report.kinds} == {Outcome.WHOLE}
    assert report.kinds[content["content_type"], Outcome.WHOLE] == 1


@pytest.mark.parametrize(("content", "kept"), INVENTED)
def test_a_kind_that_nobody_foresaw_is_kept_as_data(acme: Tenant, content: Any, kept: Any):
    report, row = of_one(acme, content)
    assert data_of(row) == [kept]
    assert any(outcome is Outcome.DATA for _, outcome in report.kinds)


def test_words_under_a_usual_name_are_the_text_of_an_unknown_kind_too(acme: Tenant):
    _, row = of_one(acme, {"content_type": "memo", "text": "Call Ada", "color": "red"})
    assert row.content == "Call Ada"
    assert data_of(row) == [{"text": "Call Ada", "color": "red"}]


@pytest.mark.parametrize(
    "message", ["a text", ["a", "list"], {"fragments": [{"type": "REQUEST", "content": "hi"}]}]
)
def test_a_message_of_another_shape_is_kept_as_data(acme: Tenant, message: Any):
    source = tree(node("n", None, "user", "x"), current="n")
    source["mapping"]["n"]["message"] = message
    assert counts(imported(acme, [source])[0]) == (1, 1, 0, 0, 0)
    assert data_of(messages(others(acme)[0])[0]) == [message]


def test_a_node_of_another_shape_is_kept_as_data(acme: Tenant):
    source = tree(node("n", None, "user", "x"), current="n")
    source["mapping"] |= {"odd": "not a node", "bare": {"id": "bare", "parent": "n", "said": "hello"}}
    assert counts(imported(acme, [source])[0]) == (1, 3, 0, 0, 0)
    kept = [data_of(row) for row in messages(others(acme)[0])]
    assert ["not a node"] in kept
    assert [{"said": "hello"}] in kept


def test_instructions_in_the_meta_data_are_the_words_of_an_empty_message(acme: Tenant):
    given = {"about_user_message": "I am Ada", "about_model_message": "Be brief"}
    metadata = {"is_user_system_message": True, "user_context_message_data": given}
    _, row = of_one(acme, {"content_type": "text", "parts": [""]}, metadata=metadata)
    assert row.content == "I am Ada\nBe brief"


def test_sound_and_pictures_of_a_voice_conversation_are_attachments(acme: Tenant):
    sound = {"content_type": "audio_asset_pointer", "asset_pointer": "sediment://file_2", "format": "wav"}
    part: dict[str, Any] = {
        "content_type": "real_time_user_audio_video_asset_pointer",
        "audio_asset_pointer": sound,
        "frames_asset_pointers": [PNG],
        "audio_start_timestamp": 1.5,
    }
    spoken = {"content_type": "audio_transcription", "text": "Hello?", "direction": "in"}
    report, row = of_one(acme, {"content_type": "multimodal_text", "parts": [spoken, part]})
    assert row.content == "Hello?"
    files = row.attachments or []
    assert [(file["type"], file["file_id"]) for file in files] == [
        ("file", "sediment://file_2"),
        ("image", "sediment://file_1"),
    ]
    about = (row.meta_data or {})["chatgpt"]
    assert (about["spoken"], about["real_time"]) == ([{"direction": "in"}], [{"audio_start_timestamp": 1.5}])
    assert report.kinds[part["content_type"], Outcome.WHOLE] == 1


def test_pictures_that_code_has_drawn_are_attachments(acme: Tenant):
    drawn = {"message_type": "image", "image_url": "file-service://file-3"}
    metadata = {"aggregate_result": {"messages": [drawn, {"message_type": "stream", "text": "2"}]}}
    _, row = of_one(acme, {"content_type": "execution_output", "text": ""}, metadata=metadata)
    assert [file["file_id"] for file in row.attachments or []] == ["file-service://file-3"]


def test_the_report_counts_each_kind_by_what_became_of_it(acme: Tenant):
    hidden = {"is_visually_hidden_from_conversation": True}
    source = tree(
        node("r", None, "system", ""),
        node("h", "r", "system", "Be brief.", metadata=hidden),
        node("q", "h", "user", "one"),
        node("a", "q", "assistant", content={"content_type": "hologram", "x": 1}),
        node("b", "a", "r" * 65, "bad"),
        current="b",
    )
    report, _ = imported(acme, [source])
    assert outcomes(report) == {
        "text": {"empty": 1, "hidden": 1, "whole": 1, "rejected": 1},
        "hologram": {"data": 1},
    }
    assert (report.new_messages, report.empty_messages, report.hidden_messages, report.rejected) == (
        3,
        1,
        1,
        1,
    )
    assert [str(line) for line in report.kind_lines] == [
        "hologram: 1 kept as data",
        "text: 1 kept whole, 1 hidden, 1 empty, 1 rejected",
    ]


def test_weight_and_status_are_kept_as_marks(acme: Tenant):
    source = tree(node("n", None, "assistant", "Half an ans"), current="n")
    source["mapping"]["n"]["message"] |= {"weight": 0, "status": "in_progress", "end_turn": False}
    report, _ = imported(acme, [source])
    marks = messages(others(acme)[0])[0].meta_data or {}
    assert (marks["weight"], marks["status"]) == (0, "in_progress")
    assert report.hidden_messages == 1
