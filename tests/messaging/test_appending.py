"""A conversation that was written to before is written to in one statement: nothing else differs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.models import Conversation, Message
from messaging.services import (
    MessageDraft,
    Writer,
    append_messages,
    checksum_of,
    delete_conversation,
    update_conversation,
)
from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db


def append(tenant: Tenant, *contents: str, owner_id: str | None = None) -> list[Message]:
    return append_messages(
        workspace_id=tenant.workspace.pk,
        conversation_id=tenant.conversation.pk,
        drafts=[MessageDraft(content=content) for content in contents],
        writer=Writer(owner_id=owner_id),
    )


def stored(rows: list[Message]) -> list[Message]:
    return [Message.objects.get(pk=row.pk) for row in rows]


@pytest.fixture
def known(acme: Tenant) -> list[Message]:
    return append(acme, "first")


def values(row: Message) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in Message._meta.concrete_fields}


def test_what_is_returned_is_what_is_stored(acme: Tenant, known: list[Message]):
    rows = append(acme, "second", "third", owner_id="key owner")
    assert [values(row) for row in stored(rows)] == [values(row) for row in rows]


def test_numbers_go_on_and_times_never_back(acme: Tenant, known: list[Message]):
    later = timezone.now() + timedelta(hours=1)
    Conversation.objects.filter(pk=acme.conversation.pk).update(updated_at=later)
    second, third = append(acme, "second", "third")
    assert [second.seq, third.seq] == [known[0].seq + 1, known[0].seq + 2]
    assert second.created_at == second.sent_at == second.updated_at == later


def test_the_counter_counts_them(acme: Tenant, known: list[Message]):
    append(acme, "second", "third")
    acme.conversation.refresh_from_db()
    assert acme.conversation.message_count == acme.conversation.last_seq == known[0].seq + 2


def test_the_checksum_is_that_of_the_row(acme: Tenant, known: list[Message]):
    [row] = stored(append(acme, "second"))
    assert row.checksum == checksum_of(row, imported_at=None)


def test_a_conversation_that_changed_hands_gives_its_new_user(acme: Tenant, known: list[Message]):
    update_conversation(
        workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk, changes={"user_id": "grace"}
    )
    assert [row.sender_id for row in append(acme, "second")] == ["grace"]
    assert [row.sender_id for row in append(acme, "third")] == ["grace"]


def test_nothing_appended_is_nothing_written(acme: Tenant, known: list[Message]):
    assert append(acme) == []
    acme.conversation.refresh_from_db()
    assert acme.conversation.last_seq == known[0].seq


def test_one_of_another_workspace_is_as_absent_as_one_that_is_gone(
    acme: Tenant, stranger: ApiClient, known: list[Message]
):
    body = {"conversation_id": acme.conversation.pk, "content": {"content": "x"}}
    foreign = stranger.post("/api/v1/messages", body)
    delete_conversation(workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk)
    gone = ApiClient(acme.secret).post("/api/v1/messages", body)
    assert (foreign.status_code, foreign.content) == (gone.status_code, gone.content)
    assert gone.status_code == 404
