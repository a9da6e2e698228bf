"""Actions on many rows: asked once more, in batches, each row logged, reported by count and reason."""

import json
import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging.admin.actions.bulk import BulkAction
from messaging.admin.actions.messages import REDACT_MESSAGES, TAG_MESSAGES
from messaging.models import Conversation, IdempotencyRecord, Message
from messaging.services import MessageDraft, Writer, append_messages
from tests.cast import Tenant
from tests.client import ApiClient, statements
from tests.messaging.staff import client_of
from tests.messaging.test_admin_redact import allow, member  # noqa: F401

pytestmark = pytest.mark.django_db

MESSAGES = "/admin/parley/message/"
CONVERSATIONS = "/admin/parley/conversation/"


def chosen(action: str, *ids: str, **fields: str) -> dict[str, Any]:
    return {"action": action, "_selected_action": list(ids), "post": "yes"} | fields


def said(client: Client, path: str, fields: dict[str, Any]) -> list[str]:
    """What the list says after an action."""
    page: Any = client.post(path, fields, follow=True)
    return [str(message) for message in page.context["messages"]]


def hidden(page: Any) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.content.decode()))


def more(acme: Tenant, count: int) -> list[str]:
    drafts = [MessageDraft(content=f"more {number}") for number in range(count)]
    rows = append_messages(
        workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk, drafts=drafts, writer=Writer()
    )
    return [row.pk for row in rows]


def tags(pk: str) -> list[str] | None:
    found: list[str] | None = Message.objects.get(pk=pk).tags
    return found


def test_it_asks_what_tags(admin_client: Client, acme: Tenant):
    ids = [message.pk for message in acme.messages]
    page = admin_client.post(MESSAGES, {"action": "tag", "_selected_action": ids, "index": "0"})
    assert "Messages: 2" in page.content.decode()
    assert 'name="tags"' in page.content.decode()
    assert 'type="submit" value="Tag"' in page.content.decode()
    assert tags(ids[0]) is None
    assert said(admin_client, MESSAGES, chosen("tag", *ids, tags="urgent, b")) == ["Tagged 2 of 2 messages."]
    assert tags(ids[0]) == ["urgent", "b"]
    assert said(admin_client, MESSAGES, chosen("untag", *ids, tags="b")) == ["Untagged 2 of 2 messages."]
    assert tags(ids[1]) == ["urgent"]


def test_without_a_tag_it_asks_again(admin_client: Client, acme: Tenant):
    page = admin_client.post(MESSAGES, chosen("tag", acme.question.pk, tags=" , "))
    assert "Give at least one tag." in page.content.decode()
    assert hidden(page)["_selected_action"] == acme.question.pk


def test_each_row_is_logged(admin_client: Client, acme: Tenant):
    admin_client.post(MESSAGES, chosen("tag", acme.question.pk, tags="a"))
    admin_client.post(MESSAGES, chosen("tag", acme.question.pk, acme.reply.pk, tags="a"))
    admin_client.post(MESSAGES, chosen("redact", acme.question.pk))
    admin_client.post(CONVERSATIONS, chosen("set_archived", acme.conversation.pk))
    admin_client.post(MESSAGES, chosen("delete_selected", acme.reply.pk))
    entries = LogEntry.objects.order_by("pk").values_list("object_id", "action_flag", "object_repr")
    question, reply, conversation = acme.question.pk, acme.reply.pk, acme.conversation.pk
    assert list(entries) == [
        (question, 2, question),
        (reply, 2, reply),
        (question, 2, question),
        (conversation, 2, conversation),
        (reply, 3, reply),
    ]
    change = json.loads(LogEntry.objects.earliest("pk").change_message)
    assert change == [{"changed": {"fields": ["Tags"]}}]


def test_partial_failures_are_reported_by_count_and_reason(
    admin_client: Client, api: ApiClient, acme: Tenant
):
    api.post(f"/v1/threads/{acme.conversation.pk}/runs", {})
    free, tagged = api.post(
        "/api/v1/messages", {"content": [{"content": "free"}, {"content": "tagged", "tags": ["a"]}]}
    ).json()
    ids = [acme.question.pk, acme.reply.pk, free["id"], tagged["id"]]
    first, second = said(admin_client, MESSAGES, chosen("tag", *ids, tags="a"))
    assert first == "Tagged 1 of 4 messages. 1 needed no change."
    assert second.startswith("2 refused: Locked by run_")
    none, reason = said(admin_client, MESSAGES, chosen("redact", *ids[:2]))
    assert (none, reason[:9]) == ("Redacted 0 of 2 messages.", "2 refused")


@pytest.mark.parametrize(
    ("action", "status"), [("set_archived", "archived"), ("set_ended", "ended"), ("set_active", "active")]
)
def test_conversations_change_their_status(admin_client: Client, acme: Tenant, action: str, status: str):
    Conversation.objects.update(status="ended" if status == "active" else "active")
    [text] = said(admin_client, CONVERSATIONS, chosen(action, acme.conversation.pk))
    assert "1 of 1 conversations" in text
    assert Conversation.objects.get(pk=acme.conversation.pk).status == status


def test_conversations_are_redacted_with_their_titles(admin_client: Client, acme: Tenant, globex: Tenant):
    admin_client.post(CONVERSATIONS, chosen("redact", acme.conversation.pk))
    assert Conversation.objects.get(pk=acme.conversation.pk).title == "[redacted]"
    assert Message.objects.filter(redacted_at=None).count() == 2
    assert Conversation.objects.get(pk=globex.conversation.pk).title == "globex opening hours"


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    for action in (TAG_MESSAGES, REDACT_MESSAGES):
        monkeypatch.setattr(action, "batch_size", 3)


@pytest.mark.usefixtures("small_batches")
def test_all_that_a_list_finds_and_nothing_that_came_later(admin_client: Client, acme: Tenant):
    ids = more(acme, 7)
    select = {"action": "redact", "_selected_action": [ids[0]], "select_across": "1", "index": "0"}
    page = admin_client.post(f"{MESSAGES}?q=more", select)
    assert "Messages: 7" in page.content.decode()
    later = more(acme, 1)
    assert said(admin_client, f"{MESSAGES}?q=more", hidden(page)) == ["Redacted 7 of 7 messages."]
    assert set(Message.objects.exclude(redacted_at=None).values_list("pk", flat=True)) == set(ids)
    assert tags(later[0]) is None


@pytest.mark.usefixtures("small_batches")
def test_across_workspaces_each_by_itself(admin_client: Client, acme: Tenant, globex: Tenant):
    every = chosen("tag", acme.question.pk, tags="a", select_across="1")
    assert said(admin_client, MESSAGES, every) == ["Tagged 4 of 4 messages."]
    assert tags(globex.reply.pk) == ["a"]


def test_a_member_reaches_no_other_workspace(member: Any, acme: Tenant, globex: Tenant):  # noqa: F811
    allow(member, "change_message", "redact_message", "delete_message")
    client = client_of(type(member).objects.get(pk=member.pk))
    ids = [message.pk for message in (*globex.messages, acme.question)]
    for across in ("0", "1"):
        client.post(MESSAGES, chosen("tag", *ids, tags="a", select_across=across))
        client.post(MESSAGES, chosen("redact", *ids, select_across=across))
        page = client.post(MESSAGES, {"action": "redact", "_selected_action": ids, "select_across": across})
        assert re.search(r"Messages: [12]<", page.content.decode())
        client.post(MESSAGES, chosen("delete_selected", *ids, select_across=across))
    assert list(Message.objects.values_list("pk", flat=True).order_by("seq")) == [
        m.pk for m in globex.messages
    ]
    assert tags(globex.question.pk) is None
    assert not Message.objects.exclude(redacted_at=None).exists()


def test_each_action_takes_its_permission(member: Any, acme: Tenant):  # noqa: F811
    client = client_of(member)
    for path, row in ((MESSAGES, acme.question), (CONVERSATIONS, acme.conversation)):
        page = client.get(path).content.decode()
        for action in ("tag", "untag", "redact", "delete_selected", "set_archived", "set_ended"):
            assert f'value="{action}"' not in page
            client.post(path, chosen(action, row.pk, tags="a"))
    assert Message.objects.filter(redacted_at=None, tags__isnull=True).count() == 4
    assert Conversation.objects.filter(status="active").count() == 2


@pytest.mark.parametrize("action", [TAG_MESSAGES, REDACT_MESSAGES], ids=lambda action: action.name)
def test_a_batch_takes_as_many_statements_as_a_row(admin_client: Client, acme: Tenant, action: BulkAction):
    def taken(count: int) -> int:
        fields = chosen(action.name, *more(acme, count), tags="a")
        with CaptureQueriesContext(connection) as context:
            admin_client.post(MESSAGES, fields)
        return len(statements(context))

    taken(1)  # content types are known from then on
    assert taken(40) == taken(1) <= 20


def test_what_is_deleted_leaves_the_kept_answers(admin_client: Client, acme: Tenant, api: ApiClient):
    body = {"conversation_id": acme.conversation.pk, "content": {"content": "4711"}}
    [row] = api.post("/api/v1/messages", body, idempotency_key="k").json()
    opened = api.post("/api/v1/conversations", {"title": "4711"}, idempotency_key="o").json()
    said(admin_client, MESSAGES, chosen("delete_selected", row["id"]))
    said(admin_client, CONVERSATIONS, chosen("delete_selected", opened["id"]))
    assert b"4711" not in b"".join(bytes(kept.body or b"") for kept in IdempotencyRecord.objects.all())
    assert api.post("/api/v1/messages", body, idempotency_key="k").status_code == 404
