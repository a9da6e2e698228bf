"""A message that takes the place of an earlier one, and of all behind it: what lists leave out since."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from messaging.exceptions import MessageNotFound, MessageSuperseded
from messaging.models import Change, Conversation, Message, kept_total
from messaging.services import (
    MessageDraft,
    Writer,
    append_messages,
    create_conversation,
    delete_message,
    fitting,
    fork_conversation,
    recount_messages,
    redact_messages,
)
from messaging.signals import message_updated
from messaging.testing import make_conversation, make_message
from messaging.transcript import Selection, transcript_of
from tests.cast import Tenant
from tests.client import ApiClient
from tests.transfer import exported, imported, messages

pytestmark = pytest.mark.django_db

LISTS = (
    "/api/v1/messages?conversation_id={}&order_direction=asc",
    "/api/v1/conversations/{}/messages?order_direction=asc",
    "/api/v1/conversations/{}/messages?after_seq=0",
    "/v1/threads/{}/messages?order=asc",
)


@pytest.fixture
def chat(acme: Tenant) -> Conversation:
    """Two questions and their answers."""
    return make_conversation(acme.workspace, "Open?", "Yes.", "On Sunday?", "No.")[0]


def said(conversation: Conversation, content: str) -> Message:
    return conversation.messages.get(content=content)


def anew(conversation: Conversation, content: str, instead_of: str, role: str = "assistant") -> Message:
    """A message that takes the place of the one with this text."""
    superseded = said(conversation, instead_of)
    return make_message(conversation, content, role=role, supersedes=superseded.pk)


def listed(api: ApiClient, path: str) -> list[str]:
    answer = api.get(path).json()
    return [row["content"] for row in (answer if isinstance(answer, list) else answer["data"])]


@pytest.mark.wire(
    "mielto", "create_message", "`supersedes`: it takes the place of a message and of all behind it"
)
def test_an_edited_question_takes_the_place_of_the_old_one_and_of_what_followed(
    api: ApiClient, chat: Conversation
):
    body = {"content": "Open today?", "supersedes": said(chat, "Yes.").pk}
    response = api.post("/api/v1/messages", {"conversation_id": chat.pk, "content": body})
    assert response.status_code == 201
    superseder = response.json()[0]["id"]
    rows = {row.content: row.superseded_by for row in messages(chat)}
    assert rows == {
        "Open?": None,
        "Yes.": superseder,
        "On Sunday?": superseder,
        "No.": superseder,
        "Open today?": None,
    }


@pytest.mark.parametrize("path", LISTS)
def test_lists_show_the_current_branch_and_on_request_all(api: ApiClient, chat: Conversation, path: str):
    anew(chat, "Until four.", "No.")
    path = path.format(chat.pk)
    assert listed(api, path) == ["Open?", "Yes.", "On Sunday?", "Until four."]
    assert listed(api, f"{path}&branch=all") == ["Open?", "Yes.", "On Sunday?", "No.", "Until four."]


@pytest.mark.wire("openai", "list_items", "what others took the place of is left out, but for `branch=all`")
def test_items_and_messages_of_openai_leave_out_what_was_superseded(api: ApiClient, chat: Conversation):
    anew(chat, "Until four.", "No.")
    for path, number in (("conversations/{}/items", 4), ("threads/{}/messages", 4)):
        path = f"/openai/v1/{path.format(chat.pk)}?order=asc"
        assert len(api.get(path).json()["data"]) == number
        assert len(api.get(f"{path}&branch=all").json()["data"]) == number + 1


@pytest.mark.wire(
    "mielto", "list_messages", "`branch=current`, the default, leaves out what others took the place of"
)
def test_totals_count_what_the_list_shows(api: ApiClient, acme: Tenant, chat: Conversation):
    anew(chat, "Not at all.", "Yes.")
    for where, current in ((f"?conversation_id={chat.pk}&", 2), ("?", 4)):
        for filters in ("", "role=assistant&", "meta_data.no=thing&", "created_after=2020-01-01T00:00:00Z&"):
            path = f"/api/v1/messages{where}{filters}limit=1"
            every = api.get(f"{path}&branch=all").json()["total_count"]
            page = api.get(path).json()
            whole = api.get(f"{path.replace('limit=1', 'limit=100')}").json()
            assert page["total_count"] == len(whole["data"]), path
            assert every >= page["total_count"]
        assert api.get(f"/api/v1/messages{where}limit=1").json()["total_count"] == current
        every = api.get(f"/api/v1/messages{where}limit=1&branch=all").json()["total_count"]
        assert every == current + 3


def test_a_search_finds_what_the_list_shows(api: ApiClient, chat: Conversation):
    anew(chat, "Sunday until four.", "On Sunday?")
    path = "/api/v1/messages?search=sunday&order_direction=asc"
    assert listed(api, path)[-1:] == ["Sunday until four."]
    assert "On Sunday?" not in listed(api, path)
    assert "On Sunday?" in listed(api, f"{path}&branch=all")


def test_one_that_was_superseded_is_there_by_its_id_and_names_what_took_its_place(
    api: ApiClient, chat: Conversation
):
    superseder = anew(chat, "Until four.", "No.")
    read = api.get(f"/api/v1/messages/{said(chat, 'No.').pk}").json()
    assert read["superseded_by"] == superseder.pk
    assert api.get(f"/api/v1/messages/{superseder.pk}").json()["superseded_by"] is None


def test_a_reader_at_the_end_misses_nothing_when_its_last_message_is_superseded(
    api: ApiClient, chat: Conversation
):
    last = said(chat, "No.")
    anew(chat, "Until four.", "No.")
    for after in (f"after_seq={last.seq}", f"after={last.pk}"):
        assert listed(api, f"/api/v1/conversations/{chat.pk}/messages?{after}") == ["Until four."]
    assert listed(api, f"/v1/threads/{chat.pk}/messages?order=asc&after={last.pk}") == ["Until four."]


def test_a_cursor_goes_on_behind_what_was_superseded(api: ApiClient, chat: Conversation):
    path = f"/api/v1/conversations/{chat.pk}/messages?order_direction=asc&limit=2"
    cursor = api.get(path).json()["next_cursor"]
    anew(chat, "On Monday?", "On Sunday?", role="user")
    assert listed(api, f"{path}&cursor={cursor}") == ["On Monday?"]


def test_transcripts_have_the_current_branch_and_on_request_all(acme: Tenant, chat: Conversation):
    anew(chat, "Until four.", "No.")
    names = {"workspace_id": acme.workspace.pk, "conversation_id": chat.pk, "format": "text"}
    current = transcript_of(**names)
    assert ("No." in str(current.given), current.omitted) == (False, 0)
    every = transcript_of(**names, selection=Selection(all_branches=True))
    assert ("No." in str(every.given), every.omitted) == (True, 0)
    assert "No." not in str(transcript_of(**names, selection=Selection(last=2)).given)


def test_a_budget_counts_what_the_list_shows(acme: Tenant, chat: Conversation):
    make_message(chat, "x" * 4_000, role="assistant", supersedes=said(chat, "No.").pk)
    anew(chat, "Until four.", "x" * 4_000)
    names = {"workspace_id": acme.workspace.pk, "conversation_id": chat.pk, "max_tokens": 200}
    assert fitting(**names).messages == 4
    assert fitting(**names, all_branches=True).messages == 1


def test_counters_follow_and_can_be_counted_anew(acme: Tenant, chat: Conversation):
    anew(chat, "Not at all.", "Yes.")
    chat.refresh_from_db()
    assert (chat.message_count, chat.superseded_count) == (5, 3)
    assert kept_total("messages - superseded", [acme.workspace.pk]) == 4
    delete_message(workspace_id=acme.workspace.pk, message_id=said(chat, "No.").pk)
    delete_message(workspace_id=acme.workspace.pk, message_id=said(chat, "Open?").pk)
    chat.refresh_from_db()
    assert (chat.message_count, chat.superseded_count) == (3, 2)
    assert kept_total("messages - superseded", [acme.workspace.pk]) == 3
    Conversation.objects.filter(pk=chat.pk).update(superseded_count=9)
    assert recount_messages() == 1
    chat.refresh_from_db()
    assert chat.superseded_count == 2
    assert kept_total("messages - superseded", [acme.workspace.pk]) == 3


def test_of_two_that_would_take_one_place_the_second_is_refused_and_told(api: ApiClient, chat: Conversation):
    answer = said(chat, "No.")
    superseder = anew(chat, "Until four.", "No.")
    body = {"content": {"content": "Until five.", "supersedes": answer.pk}, "conversation_id": chat.pk}
    response = api.post("/api/v1/messages", body)
    assert (response.status_code, superseder.pk in response.json()["detail"]) == (409, True)
    assert not chat.messages.filter(content="Until five.").exists()


def test_a_message_of_another_conversation_or_workspace_is_not_found(
    api: ApiClient, acme: Tenant, globex: Tenant, chat: Conversation
):
    for other in (acme.reply, globex.reply):
        body = {"content": {"content": "x", "supersedes": other.pk}, "conversation_id": chat.pk}
        assert api.post("/api/v1/messages", body).status_code == 404
    with pytest.raises(MessageNotFound):
        create_conversation(
            workspace_id=acme.workspace.pk, writer=Writer(), drafts=[MessageDraft(supersedes=acme.reply.pk)]
        )


def test_of_several_messages_the_first_alone_takes_a_place(api: ApiClient, chat: Conversation):
    question = said(chat, "On Sunday?").pk
    messages = [{"content": "On Monday?", "supersedes": question}, {"content": "Yes.", "role": "assistant"}]
    body: dict[str, Any] = {"conversation_id": chat.pk, "content": messages}
    assert api.post("/api/v1/messages", body).status_code == 201
    assert listed(api, LISTS[0].format(chat.pk)) == ["Open?", "Yes.", "On Monday?", "Yes."]
    body["content"] = [{"content": "x"}, {"content": "y", "supersedes": question}]
    answer = api.post("/api/v1/messages", body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "content", 1, "supersedes"]


def test_the_feed_and_the_signal_tell_of_what_was_superseded(
    acme: Tenant, chat: Conversation, django_capture_on_commit_callbacks
):
    told: list[tuple[str, list[str]]] = []

    def receive(message: Message, changed: list[str], **_: Any) -> None:
        told.append((message.content, changed))

    message_updated.connect(receive)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            superseder = anew(chat, "On Monday?", "On Sunday?", role="user")
    finally:
        message_updated.disconnect(receive)
    changes = list(Change.objects.for_workspace(acme.workspace.pk).order_by("id"))[-2:]
    assert [change.kind for change in changes] == ["messages.updated", "messages.created"]
    assert changes[0].message_ids == [said(chat, text).pk for text in ("On Sunday?", "No.")]
    assert changes[1].message_ids == [superseder.pk]
    assert told == [("On Sunday?", ["superseded_by"]), ("No.", ["superseded_by"])]


def test_a_history_that_is_sent_again_supersedes_nothing_again(acme: Tenant, chat: Conversation):
    moment = timezone.now() + timedelta(seconds=1)
    draft = MessageDraft(content="Until four.", created_at=moment, supersedes=said(chat, "No.").pk)
    names = {"workspace_id": acme.workspace.pk, "conversation_id": chat.pk, "writer": Writer()}
    first, again = (append_messages(**names, drafts=[draft])[0] for _ in range(2))
    assert first.pk == again.pk
    chat.refresh_from_db()
    assert (chat.message_count, chat.superseded_count) == (5, 1)


def test_neither_a_deletion_nor_a_redaction_of_the_superseder_brings_anything_back(
    api: ApiClient, acme: Tenant, chat: Conversation
):
    superseder = anew(chat, "Until four.", "No.")
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[superseder.pk])
    assert listed(api, LISTS[0].format(chat.pk))[2:] == ["On Sunday?", "[redacted]"]
    assert said(chat, "No.").superseded_by == superseder.pk
    delete_message(workspace_id=acme.workspace.pk, message_id=superseder.pk)
    assert listed(api, LISTS[0].format(chat.pk)) == ["Open?", "Yes.", "On Sunday?"]


def test_an_export_brings_the_branches_over(acme: Tenant, globex: Tenant, chat: Conversation):
    anew(chat, "Until four.", "No.")
    imported(globex, exported(acme))
    [copy] = Conversation.objects.for_workspace(globex.workspace.pk).filter(superseded_count__gt=0)
    assert (copy.message_count, copy.superseded_count) == (5, 1)
    assert said(copy, "No.").superseded_by == said(copy, "Until four.").pk


def test_an_incremental_export_brings_over_what_was_superseded_since(
    acme: Tenant, globex: Tenant, chat: Conversation
):
    imported(globex, exported(acme))
    anew(chat, "Until four.", "No.")
    imported(globex, exported(acme))
    [copy] = Conversation.objects.for_workspace(globex.workspace.pk).filter(superseded_count__gt=0)
    assert (copy.message_count, copy.superseded_count) == (5, 1)
    assert said(copy, "No.").superseded_by == said(copy, "Until four.").pk


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (None, ["Open?", "Yes.", "On Monday?"]),
        ("Yes.", ["Open?", "Yes."]),
        ("No.", ["Open?", "Yes.", "On Sunday?", "No."]),
        ("Until four.", ["Open?", "Yes.", "On Sunday?", "Until four."]),
    ],
)
def test_a_fork_has_one_branch_and_goes_back_to_one_that_was_superseded(
    acme: Tenant, chat: Conversation, until: str | None, expected: list[str]
):
    anew(chat, "Until four.", "No.")
    anew(chat, "On Monday?", "On Sunday?", role="user")
    fork = fork_conversation(
        workspace_id=acme.workspace.pk,
        conversation_id=chat.pk,
        writer=Writer(),
        until=said(chat, until).pk if until else None,
    )
    assert [row.content for row in messages(fork)] == expected
    assert {row.superseded_by for row in messages(fork)} == {None}
    assert (fork.message_count, fork.superseded_count) == (len(expected), 0)


def test_a_branch_that_was_superseded_cannot_be_superseded_again(acme: Tenant, chat: Conversation):
    anew(chat, "On Monday?", "On Sunday?", role="user")
    with pytest.raises(MessageSuperseded):
        anew(chat, "Until four.", "No.")


def test_the_last_message_of_a_conversation_is_of_its_current_branch(api: ApiClient, chat: Conversation):
    draft = {"content": "Earlier.", "created_at": "2020-01-01T00:00:00Z", "supersedes": said(chat, "No.").pk}
    api.post("/api/v1/messages", {"conversation_id": chat.pk, "content": draft})
    path = "/api/v1/conversations?include=last_message"
    [found] = [one for one in api.get(path).json()["data"] if one["id"] == chat.pk]
    assert found["last_message"]["content"] == "On Sunday?"


@pytest.mark.wire(
    "seekrflow", "create_run_message", "`supersedes`: an answer takes the place of an earlier one"
)
def test_a_run_answers_anew_and_a_thread_takes_an_edited_question(api: ApiClient, chat: Conversation):
    thread = f"/v1/threads/{chat.pk}"
    run = api.post(f"{thread}/runs", {"agent_id": "librarian"}).json()["run_id"]
    answer = {"role": "assistant", "content": "Until four.", "supersedes": said(chat, "No.").pk}
    assert api.post(f"{thread}/runs/{run}/messages", answer).status_code == 200
    api.patch(f"{thread}/runs/{run}", {"status": "completed"})
    assert listed(api, f"{thread}/messages?order=asc") == ["Open?", "Yes.", "On Sunday?", "Until four."]
    question = {"role": "user", "content": "On Monday?", "supersedes": said(chat, "On Sunday?").pk}
    assert api.post(f"{thread}/messages", question).status_code == 200
    assert listed(api, f"{thread}/messages?order=asc") == ["Open?", "Yes.", "On Monday?"]
    question["supersedes"] = said(chat, "No.").pk
    assert api.post(f"{thread}/messages", question).status_code == 409


@pytest.mark.wire("seekrflow", "list_messages", "`superseded_by` where another message took the place of one")
@pytest.mark.wire("openai", "list_items", "`superseded_by` where another message took the place of its own")
@pytest.mark.wire("openai", "list_thread_messages", "`superseded_by` where another one took its place")
@pytest.mark.parametrize(
    "path",
    ["/v1/threads/{}/messages", "/openai/v1/threads/{}/messages", "/openai/v1/conversations/{}/items"],
)
def test_every_wire_tells_what_was_superseded(api: ApiClient, chat: Conversation, path: str):
    superseder = anew(chat, "Until four.", "No.").pk
    answer = api.get(f"{path.format(chat.pk)}?order=asc&branch=all").json()
    told = [row.get("superseded_by") for row in (answer if isinstance(answer, list) else answer["data"])]
    assert told == [None, None, None, superseder, None]


def test_an_item_that_is_referred_to_takes_no_superseder_along(api: ApiClient, chat: Conversation):
    anew(chat, "Until four.", "No.")
    path = f"/openai/v1/conversations/{chat.pk}/items"
    *_, old, _ = api.get(f"{path}?order=asc&branch=all").json()["data"]
    [again] = api.post(path, {"items": [{"type": "item_reference", "id": old["id"]}]}).json()["data"]
    assert "superseded_by" in old
    assert "superseded_by" not in again
