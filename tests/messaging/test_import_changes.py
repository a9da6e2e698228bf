"""An incremental export brings what was corrected, tagged and redacted since; a redaction always wins."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from messaging.models import Conversation, IdempotencyRecord, Message
from messaging.services import (
    MessageDraft,
    Writer,
    append_messages,
    delete_conversation,
    redact_conversation,
    redact_messages,
    tag_messages,
    update_conversation,
    update_message,
)
from messaging.services.redaction import MARK
from messaging.transfer.export import changed_since, export_conversations
from messaging.transfer.report import Report
from tests.cast import Tenant
from tests.client import ApiClient
from tests.transfer import exported, imported, messages

ELSEWHERE, HERE = "a copy in another workspace", "a store that was emptied and filled from the export"


def since(tenant: Tenant, moment: datetime) -> bytes:
    """An incremental export of a tenant's workspace."""
    conversations = Conversation.objects.for_workspace(tenant.workspace.pk)
    return b"".join(export_conversations(changed_since(conversations, moment)))


def correct(tenant: Tenant, message: Message, **changes: object) -> None:
    update_message(workspace_id=tenant.workspace.pk, message_id=message.pk, changes=changes)


@pytest.fixture(params=[ELSEWHERE, HERE])
def follow(request: pytest.FixtureRequest, acme: Tenant, globex: Tenant) -> Callable[..., Report]:
    """Copies acme's conversation, changes the original, and brings an incremental export over."""

    def run(
        change: Callable[[], object], meanwhile: Callable[[Conversation], object] | None = None
    ) -> Report:
        before = exported(acme)
        moment = timezone.now()
        copy = globex if request.param == ELSEWHERE else acme
        if copy is globex:
            imported(copy, before)
        change()
        later = since(acme, moment)
        if copy is acme:
            delete_conversation(workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk)
            imported(copy, before)
        if meanwhile:
            meanwhile(copied(copy))
        report, rejections = imported(copy, later)
        assert rejections == []
        again, _ = imported(copy, later)
        assert (again.new_messages, again.changed_messages, again.changed_conversations) == (0, 0, 0)
        run.copy = copied(copy)  # type: ignore[attr-defined]
        return report

    return run


def copied(tenant: Tenant) -> Conversation:
    own = Conversation.objects.for_workspace(tenant.workspace.pk)
    return own.get(title__in=["acme opening hours", "Opening hours", MARK])


def test_a_correction_comes_over(acme: Tenant, follow):
    report = follow(lambda: correct(acme, acme.reply, content="No.", meta_data={"by": "ann"}))
    question, reply = messages(follow.copy)
    assert (report.changed_messages, report.known_messages, report.new_messages) == (1, 2, 0)
    assert (question.content, reply.content, reply.meta_data) == (acme.question.content, "No.", {"by": "ann"})
    assert reply.search_text == "no."


def test_tags_come_over(acme: Tenant, follow):
    follow(lambda: tag_messages(workspace_id=acme.workspace.pk, message_ids=[acme.reply.pk], add=["checked"]))
    _, reply = messages(follow.copy)
    assert reply.tags == ["checked"]


def test_a_redaction_comes_over_whatever_was_done_to_the_copy_since(acme: Tenant, follow):
    def correct_copy(copy: Conversation) -> None:
        row = messages(copy)[1]
        Message.objects.filter(pk=row.pk).update(updated_at=timezone.now() + timedelta(hours=1))

    follow(lambda: redact_messages(workspace_id=acme.workspace.pk, message_ids=[acme.reply.pk]), correct_copy)
    reply = messages(follow.copy)[1]
    assert (reply.content, reply.redacted_at is not None) == (MARK, True)


def test_what_was_redacted_in_the_copy_does_not_come_back(acme: Tenant, follow):
    def redact_copy(copy: Conversation) -> None:
        redact_conversation(workspace_id=copy.workspace_id, conversation_id=copy.pk)

    def change() -> None:
        later = timezone.now() + timedelta(hours=1)
        Message.objects.filter(pk=acme.reply.pk).update(content="secret", updated_at=later)
        Conversation.objects.filter(pk=acme.conversation.pk).update(title="Opening hours", updated_at=later)

    follow(change, redact_copy)
    assert follow.copy.title == MARK
    assert {row.content for row in messages(follow.copy)} == {MARK}


def test_a_newer_row_of_the_copy_stays(acme: Tenant, follow):
    def correct_copy(copy: Conversation) -> None:
        update_message(
            workspace_id=copy.workspace_id, message_id=messages(copy)[1].pk, changes={"content": "newer"}
        )

    report = follow(lambda: correct(acme, acme.reply, content="older"), correct_copy)
    assert report.changed_messages == 0
    assert messages(follow.copy)[1].content == "newer"


def test_title_and_status_come_over(acme: Tenant, follow):
    ids = {"workspace_id": acme.workspace.pk, "conversation_id": acme.conversation.pk}
    report = follow(
        lambda: update_conversation(
            **ids, changes={"title": "Opening hours", "status": "ended", "user_id": None}
        )
    )
    copy = follow.copy
    assert (report.changed_conversations, report.changed_messages) == (1, 0)
    assert (copy.title, copy.status, copy.user_id) == ("Opening hours", "ended", None)
    assert copy.ended_at is not None
    assert copy.search_title == "opening hours"


def test_a_redacted_title_comes_over_although_the_copy_went_on(acme: Tenant, follow):
    ids = {"workspace_id": acme.workspace.pk, "conversation_id": acme.conversation.pk}

    def go_on(copy: Conversation) -> None:
        append_messages(
            workspace_id=copy.workspace_id,
            conversation_id=copy.pk,
            drafts=[MessageDraft(content="mine")],
            writer=Writer(),
        )

    follow(lambda: redact_conversation(**ids), go_on)
    assert follow.copy.title == MARK
    assert [row.content for row in messages(follow.copy)] == [MARK, MARK, "mine"]


def test_a_message_keeps_its_place_and_its_key(acme: Tenant, follow):
    places = [(row.seq, row.created_at, row.dedup_key) for row in messages(acme.conversation)]
    follow(lambda: correct(acme, acme.question, content="Open?"))
    assert [(row.seq, row.created_at, row.dedup_key) for row in messages(follow.copy)] == places


def test_without_a_right_to_change_what_is_there_it_stays(acme: Tenant, globex: Tenant):
    imported(globex, exported(acme))
    correct(acme, acme.reply, content="No.")
    report, _ = imported(globex, exported(acme), revises=False)
    assert report.changed_messages == 0
    assert messages(copied(globex))[1].content == acme.reply.content


def test_a_redaction_reaches_the_answers_that_the_copy_keeps(acme: Tenant, api: ApiClient):
    body = {"conversation_id": acme.conversation.pk, "content": {"content": "4711"}}
    [row] = api.post("/api/v1/messages", body, idempotency_key="k").json()
    source = exported(acme)
    now = timezone.now().isoformat()
    redacted = source.replace(b'"content":"4711"', f'"content":"{MARK}","redacted_at":"{now}"'.encode())
    assert imported(acme, redacted)[0].changed_messages == 1
    assert b"4711" not in b"".join(bytes(kept.body or b"") for kept in IdempotencyRecord.objects.all())
    assert api.get(f"/api/v1/messages/{row['id']}").json()["content"] == MARK


def test_only_what_changed_is_in_an_incremental_export(acme: Tenant):
    moment = timezone.now()
    assert b'"message"' not in since(acme, moment)
    correct(acme, acme.question, tags=["late"])
    assert b'"late"' in since(acme, moment)
    assert b'"message"' not in since(acme, timezone.now() + timedelta(seconds=1))


def test_the_later_of_two_versions_is_the_newer_even_where_a_clock_ran_ahead(acme: Tenant):
    ahead = timezone.now() + timedelta(hours=1)
    Message.objects.filter(pk=acme.reply.pk).update(updated_at=ahead)
    correct(acme, acme.reply, content="No.")
    assert Message.objects.get(pk=acme.reply.pk).updated_at > ahead


def test_the_report_counts_what_changed():
    report = Report(known_messages=3, known_conversations=1, changed_messages=2, changed_conversations=1)
    assert "3 messages in 1 known ones were there, of which 2 and 1 changed, 0 records" in str(report)
