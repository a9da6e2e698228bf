"""An expired key is used anew while what its answer told of is deleted: no two writers wait in a ring."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from time import monotonic, sleep

import pytest
from django.db import connection
from django.utils import timezone

from messaging.models import Conversation, IdempotencyRecord, Message
from messaging.services import Answer, MessageDraft, Writer, answer_once, append_messages, delete_messages
from messaging.services.transactions import atomic
from tests.cast import Tenant

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]
WAITERS = """
SELECT COUNT(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'"""


def until_somebody_waits() -> None:
    deadline = monotonic() + 10
    with connection.cursor() as cursor:
        while monotonic() < deadline:
            cursor.execute(WAITERS)
            if cursor.fetchone() != (0,):
                return
            sleep(0.01)
    raise AssertionError("nobody waits")


def test_a_deletion_and_a_key_past_its_time_do_not_wait_for_each_other(acme: Tenant):
    workspace_id, conversation_id = acme.workspace.pk, acme.conversation.pk
    is_claimed, is_locked = Event(), Event()

    once = {"workspace_id": workspace_id, "caller": "c", "key": "k"}

    def write(content: str) -> Answer:
        [row] = append_messages(
            workspace_id=workspace_id,
            conversation_id=conversation_id,
            drafts=[MessageDraft(content=content)],
            writer=Writer(),
        )
        return Answer(201, f'["{conversation_id}", "{row.pk}"]'.encode())

    def write_again() -> Answer:
        is_claimed.set()
        assert is_locked.wait(10)
        return write("second")

    def repeat() -> None:
        try:
            answer_once(**once, fingerprint="2", perform=write_again)
        finally:
            connection.close()

    answer_once(**once, fingerprint="1", perform=lambda: write("first"))
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=25))
    first = Message.objects.get(content="first")
    with ThreadPoolExecutor(1) as pool:
        repeated = pool.submit(repeat)
        assert is_claimed.wait(10)
        with atomic():
            Conversation.objects.select_for_update().get(pk=conversation_id, workspace_id=workspace_id)
            is_locked.set()
            until_somebody_waits()
            delete_messages(workspace_id=workspace_id, message_ids=[first.pk])
        repeated.result(10)
    assert [row.content for row in Message.objects.order_by("seq")][-1] == "second"
