"""What an endpoint is sent: every change, in order, signed; and what follows from how it answers."""

import json
import re
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks
from django.db import connections
from django.test import override_settings
from django.utils import timezone

from messaging.changes import change_read, current_position, read_changes
from messaging.jobs import Worker
from messaging.models import Change, Webhook, WebhookDelivery
from messaging.services import (
    create_webhook,
    delete_conversation,
    ping_webhook,
    replay_webhook,
    rotate_webhook_secret,
    update_message,
    update_webhook,
)
from messaging.values.position import Position
from messaging.values.signatures import secret_of
from messaging.webhooks import events, schedule
from messaging.webhooks.leases import claim
from tests.cast import Tenant
from tests.client import ApiClient

from .conftest import let_pass, messages_in, waits
from .endpoint import Endpoint, drip, hang, reset, running, status

MANUAL = Path(events.__file__).with_name("README.md")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, settings) -> None:
    """An endpoint has a second."""
    settings.PARLEY = settings.PARLEY | {"WEBHOOK_TIMEOUT_SECONDS": 1}


def deliveries(webhook: Webhook) -> list[WebhookDelivery]:
    return list(WebhookDelivery.objects.for_workspace(webhook.workspace_id).order_by("created_at", "pk"))


class TestEvent:
    def test_a_change_is_sent_as_the_feed_shows_it(self, hook, endpoint: Endpoint, say, send):
        [message_id] = say("new")
        send()
        [received] = endpoint.received
        event = received.event
        assert (set(event), event["type"]) == ({"type", "timestamp", "data"}, "messages.created")
        [row] = read_changes(workspace_id=hook.workspace_id, after=str(hook.position)).changes
        change = change_read(row)
        assert event["data"] == change
        assert event["timestamp"] == change["created_at"]
        assert change["message_ids"] == [message_id]

    def test_it_never_quotes_a_message(self, hook, endpoint: Endpoint, say, send):
        say("a very private text")
        send()
        assert b"private" not in endpoint.received[0].body

    def test_the_package_of_the_standard_verifies_it(self, hook, endpoint: Endpoint, say, send):
        say("new")
        send()
        [received] = endpoint.received
        verifier = standardwebhooks.Webhook(secret_of(hook.secrets[0]))
        assert verifier.verify(received.body, received.headers) == received.event
        with pytest.raises(standardwebhooks.WebhookVerificationError):
            verifier.verify(received.body + b" ", received.headers)
        assert "." not in received.id

    def test_the_ten_lines_of_the_manual_verify_it(self, hook, endpoint: Endpoint, say, send):
        say("new")
        send()
        [received] = endpoint.received
        [lines] = re.findall(r"```python\n(.*?)```", MANUAL.read_text(), re.DOTALL)
        names: dict[str, Any] = {}
        exec(lines, names)  # noqa: S102
        verified, secret = names["verified"], secret_of(hook.secrets[0])
        assert verified(secret, received.headers, received.body)
        assert not verified(secret, received.headers, received.body + b" ")

    def test_two_secrets_sign_after_a_rotation(self, hook, endpoint: Endpoint, say, send):
        former = secret_of(hook.secrets[0])
        _, newest = rotate_webhook_secret(workspace_id=hook.workspace_id, webhook_id=hook.pk)
        say("new")
        send()
        [received] = endpoint.received
        for secret in (former, newest):
            assert standardwebhooks.Webhook(secret).verify(received.body, received.headers)

    def test_a_former_secret_ends(self, hook, endpoint: Endpoint, say, send):
        former = secret_of(hook.secrets[0])
        rotate_webhook_secret(workspace_id=hook.workspace_id, webhook_id=hook.pk, overlap=timedelta())
        say("new")
        send()
        [received] = endpoint.received
        with pytest.raises(standardwebhooks.WebhookVerificationError):
            standardwebhooks.Webhook(former).verify(received.body, received.headers)

    def test_a_key_that_was_replaced_still_signs(self, hook, endpoint: Endpoint, say, send, settings):
        settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
        say("new")
        send()
        [received] = endpoint.received
        assert standardwebhooks.Webhook(secret_of(hook.secrets[0])).verify(received.body, received.headers)

    def test_without_the_key_nothing_is_sent(self, hook, endpoint: Endpoint, say, send):
        say("new")
        with override_settings(SECRET_KEY="another"):
            send()
        hook.refresh_from_db()
        assert (hook.state, endpoint.received) == ("disabled", [])
        assert "SECRET_KEY" in hook.state_reason

    @pytest.mark.parametrize("field", ["types", "conversation_id"])
    def test_only_what_was_asked_for(self, acme: Tenant, globex: Tenant, endpoint, say, send, field):
        values = {"types": ["messages.updated"], "conversation_id": "conv_other"}
        hook, _ = create_webhook(workspace_id=acme.workspace.pk, url=endpoint.url)
        Webhook.objects.filter(pk=hook.pk).update(**{field: values[field]})
        say("new")
        update_message(workspace_id=acme.workspace.pk, message_id=acme.reply.pk, changes={"content": "other"})
        update_message(
            workspace_id=globex.workspace.pk, message_id=globex.reply.pk, changes={"content": "other"}
        )
        end = Position.of(current_position())
        send()
        kinds = [received.event["type"] for received in endpoint.received]
        assert kinds == (["messages.updated"] if field == "types" else [])
        hook.refresh_from_db()
        assert hook.position >= end

    def test_messages_go_along_where_they_are_asked_for(self, api: ApiClient, hook, endpoint, say, send):
        update_webhook(workspace_id=hook.workspace_id, webhook_id=hook.pk, changes={"include": "messages"})
        [message_id] = say("a text")
        send()
        [received] = endpoint.received
        assert received.event["data"]["messages"] == [api.get(f"/api/v1/messages/{message_id}").json()]

    def test_large_messages_do_not(self, hook, endpoint, say, send):
        update_webhook(workspace_id=hook.workspace_id, webhook_id=hook.pk, changes={"include": "messages"})
        say("x" * 20_000)
        send()
        [received] = endpoint.received
        assert "messages" not in received.event["data"]
        assert len(received.body) < 1_000


class TestOrder:
    def test_every_change_comes_once_in_order(self, hook, endpoint: Endpoint, say, send):
        ids = say(*map(str, range(250)))
        send()
        assert messages_in(endpoint) == ids
        assert len({received.id for received in endpoint.received}) == 250

    def test_what_fails_is_repeated_before_what_follows(self, hook, endpoint: Endpoint, say, send):
        ids = say("a", "b", "c")
        endpoint.answers = [status(200), status(500), status(503)]
        send()
        assert messages_in(endpoint) == ids[:2]
        for _ in range(2):
            let_pass(hook)
            send()
        assert messages_in(endpoint) == [ids[0], ids[1], ids[1], ids[1], ids[2]]
        assert len({received.id for received in endpoint.received[1:4]}) == 1
        assert [row.attempt for row in deliveries(hook)] == [1, 1, 2, 3, 1]

    def test_two_workers_send_everything_once_in_order(self, hook, endpoint: Endpoint, say):
        ids = say(*map(str, range(40)))
        workers = [Worker(["deliver_webhooks"], idle=0.05) for _ in range(2)]
        threads = [threading.Thread(target=worker.run) for worker in workers]
        for thread in threads:
            thread.start()
        ids += say(*map(str, range(40, 80)))
        _await(lambda: len(endpoint.received) >= 80)
        for worker in workers:
            worker.stop()
        for thread in threads:
            thread.join(20)
        assert messages_in(endpoint) == ids

    def test_a_webhook_is_taken_by_one(self, hook, say):
        say("new")
        assert [webhook.pk for webhook in claim(5)] == [hook.pk]
        assert claim(5) == []

    def test_those_that_have_waited_longest_are_taken_first(self, acme: Tenant, endpoint: Endpoint, say):
        hooks = [create_webhook(workspace_id=acme.workspace.pk, url=endpoint.url)[0] for _ in range(5)]
        for minutes, hook in enumerate(hooks):
            let_pass(hook, timedelta(minutes=minutes))
        say("new")
        taken = [[webhook.pk for webhook in claim(2)] for _ in range(4)]
        assert taken == [
            [hooks[4].pk, hooks[3].pk],
            [hooks[2].pk, hooks[1].pk],
            [hooks[0].pk],
            [],
        ]

    def test_a_lease_of_one_that_died_ends(self, hook, endpoint, say, send):
        ids = say("new")
        [taken] = claim(5)
        send()
        assert endpoint.received == []
        Webhook.objects.filter(pk=taken.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        send()
        assert messages_in(endpoint) == ids

    def test_one_that_was_replaced_notes_nothing(self, hook, endpoint, say, send):
        ids = say("a", "b")

        def replay(handler) -> None:
            replay_webhook(workspace_id=hook.workspace_id, webhook_id=hook.pk, after=str(hook.position))
            connections.close_all()
            status(200)(handler)

        endpoint.answers = [status(200), replay]
        send()
        assert messages_in(endpoint) == [*ids, *ids]

    @pytest.mark.usefixtures("impatient")
    def test_a_slow_endpoint_delays_no_other(self, acme: Tenant, hook, endpoint: Endpoint, say, send):
        with running() as slow:
            slow.usual = hang
            for _ in range(5):
                create_webhook(workspace_id=acme.workspace.pk, url=slow.url)
            ids, began = say(*map(str, range(20))), time.monotonic()
            send()
        assert messages_in(endpoint) == ids
        assert endpoint.received[-1].at < min(received.at for received in slow.received) + 1
        assert time.monotonic() - began < 10


class TestFailure:
    @pytest.mark.parametrize(
        ("answer", "code", "error"),
        [
            (status(500, b"oh"), 500, "The endpoint answered 500"),
            (status(404), 404, "The endpoint answered 404"),
            (status(301, Location="https://example.com/"), 301, "The endpoint answered 301"),
            (reset, None, "reset"),
            (hang, None, "timed out"),
            (drip, None, "timed out"),
        ],
    )
    @pytest.mark.usefixtures("impatient")
    def test_whatever_is_no_success_is_noted(self, hook, endpoint: Endpoint, say, send, answer, code, error):
        say("new")
        endpoint.answers = [answer]
        began = time.monotonic()
        send()
        assert time.monotonic() - began < 5
        [row] = deliveries(hook)
        assert (row.status, row.type, row.attempt) == (code, "messages.created", 1)
        assert error in row.error
        assert 5 <= waits(hook) + 1 <= 8
        assert (hook.state, hook.failures, len(endpoint.received)) == ("active", 1, 1)

    def test_no_one_listens(self, hook, endpoint: Endpoint, say, send):
        endpoint.shutdown()
        endpoint.server_close()
        say("new")
        send()
        assert "refused" in deliveries(hook)[0].error

    def test_the_answer_is_kept_to_its_beginning(self, hook, endpoint: Endpoint, say, send):
        say("new")
        endpoint.answers = [status(200, b"thanks\0\xff" + b"x" * 100_000)]
        send()
        [row] = deliveries(hook)
        assert (row.answer[:8], len(row.answer), row.error) == ("thanks\ufffd\ufffd", 2_000, "")

    def test_none_is_kept_of_who_is_sent_what_people_say(self, hook, endpoint: Endpoint, say, send):
        """It may quote that, where no redaction would find it."""
        Webhook.objects.filter(pk=hook.pk).update(include="messages")
        endpoint.answers = [status(500, b"cannot read: my number is 4711")]
        say("my number is 4711")
        send()
        row = WebhookDelivery.objects.get()
        assert (row.status, row.answer) == (500, "")

    @pytest.mark.parametrize(
        ("answer", "least", "most"),
        [
            (status(503), 4, 6),
            (status(429), 59, 61),
            (status(502), 59, 61),
            (status(429, Retry_After="7200"), 7199, 7200),
            (status(503, Retry_After="10"), 9, 10),
            (status(503, Retry_After="99999999999"), 86_399, 86_400),
            (status(503, Retry_After="Sun, 06 Nov 1994 08:49:37 GMT"), 4, 6),
            (status(503, Retry_After="soon"), 4, 6),
        ],
    )
    def test_it_is_left_alone_for_as_long_as_it_asks(self, hook, endpoint, say, send, answer, least, most):
        say("new")
        endpoint.answers = [answer]
        send()
        assert least <= waits(hook) <= most

    def test_gone_switches_off(self, hook, endpoint: Endpoint, say, send):
        say("a", "b")
        endpoint.answers = [status(410)]
        send()
        hook.refresh_from_db()
        assert (hook.state, len(endpoint.received)) == ("disabled", 1)
        assert "410" in hook.state_reason

    def test_after_the_whole_schedule_it_is_disabled_and_nothing_is_lost(self, hook, endpoint, say, send):
        ids = say("a", "b")
        endpoint.answers = [status(500)] * 10
        delays = []
        for _ in range(10):
            send()
            delays.append(waits(hook))
            let_pass(hook)
        wanted = [delay.total_seconds() for delay in schedule.DELAYS]
        assert all(
            delay - 2 <= waited <= delay * 1.2 for delay, waited in zip(wanted, delays[:-1], strict=True)
        )
        hook.refresh_from_db()
        assert (hook.state, hook.failures) == ("disabled", 10)
        assert "10 attempts" in hook.state_reason
        send()
        assert len(endpoint.received) == 10
        update_webhook(workspace_id=hook.workspace_id, webhook_id=hook.pk, changes={"state": "active"})
        send()
        assert messages_in(endpoint)[10:] == ids
        assert {received.id for received in endpoint.received[:10]} == {endpoint.received[10].id}

    def test_one_that_is_paused_is_sent_nothing_and_misses_nothing(self, hook, endpoint, say, send):
        update_webhook(workspace_id=hook.workspace_id, webhook_id=hook.pk, changes={"state": "paused"})
        ids = say("new")
        send()
        assert endpoint.received == []
        update_webhook(workspace_id=hook.workspace_id, webhook_id=hook.pk, changes={"state": "active"})
        send()
        assert messages_in(endpoint) == ids


class TestPing:
    @pytest.mark.parametrize("state", ["active", "paused", "disabled"])
    def test_it_is_sent_once_whatever_the_state(self, hook, endpoint: Endpoint, send, state):
        Webhook.objects.filter(pk=hook.pk).update(state=state)
        event_id = ping_webhook(workspace_id=hook.workspace_id, webhook_id=hook.pk)
        endpoint.answers = [status(500)]
        send()
        send()
        [received] = endpoint.received
        assert (received.id, received.event["type"]) == (event_id, "ping")
        [row] = deliveries(hook)
        assert (row.event_id, row.status, row.attempt) == (event_id, 500, 1)
        hook.refresh_from_db()
        assert (hook.state, hook.failures, hook.ping_id) == (state, 0, None)


class TestResync:
    def test_a_position_of_another_epoch_is_told_and_left(self, hook, endpoint, say, send):
        Webhook.objects.filter(pk=hook.pk).update(epoch="0" * 12)
        say("missed")
        send()
        [received] = endpoint.received
        assert received.event["type"] == "resync"
        assert received.event["data"]["reason"]
        ids = say("after")
        send()
        assert messages_in(endpoint) == ids

    def test_it_is_repeated_until_it_arrives_and_what_follows_is_not_lost(self, hook, endpoint, say, send):
        Webhook.objects.filter(pk=hook.pk).update(epoch="0" * 12)
        endpoint.answers = [status(500)]
        send()
        ids = say("after")
        let_pass(hook)
        send()
        first, second, third = endpoint.received
        assert first.id == second.id
        assert first.event["data"] == second.event["data"]
        assert third.event["data"]["message_ids"] == ids


class TestIdle:
    def test_a_webhook_with_nothing_to_be_sent_is_not_taken(self, hook):
        assert claim(5) == []

    def test_its_position_moves_now_and_then(self, hook, send, globex: Tenant):
        """So that it does not come to look too old while the changes of others are removed."""
        Webhook.objects.filter(pk=hook.pk).update(moved_at=timezone.now() - timedelta(hours=2))
        delete_conversation(workspace_id=globex.workspace.pk, conversation_id=globex.conversation.pk)
        end = Position.of(current_position())
        assert hook.position < end
        send()
        hook.refresh_from_db()
        assert hook.position >= end
        assert Change.objects.for_workspace(hook.workspace_id).exists()


def _await(condition, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_was_sent_is_json(hook, endpoint: Endpoint, say, send):
    say("new")
    send()
    assert endpoint.received[0].headers["content-type"] == "application/json"
    assert json.loads(endpoint.received[0].body)
