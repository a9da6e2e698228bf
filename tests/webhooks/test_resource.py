"""/api/v1/webhooks: what can be made, changed and read; the secret is shown once."""

from datetime import datetime, timedelta

import pytest
from django.core import serializers
from django.utils import timezone

from messaging.changes import current_position, read_changes
from messaging.models import IdempotencyRecord, Webhook, WebhookDelivery
from messaging.services import create_webhook
from messaging.values.signatures import secret_of
from tests.cast import Tenant
from tests.client import ApiClient

PATH = "/api/v1/webhooks"
URL = "https://127.0.0.1/hook"


@pytest.fixture
def webhook(acme: Tenant) -> Webhook:
    return create_webhook(workspace_id=acme.workspace.pk, url=URL)[0]


def delivery(webhook: Webhook, **fields: object) -> WebhookDelivery:
    values = {"event_id": "chg_1", "type": "messages.created", "attempt": 1, "milliseconds": 12} | fields
    return WebhookDelivery.objects.create(workspace_id=webhook.workspace_id, webhook=webhook, **values)


@pytest.mark.wire("mielto", "create_webhook", "201 with the secret, `whsec_` and 32 bytes in base64")
def test_a_webhook_is_made(api: ApiClient, acme: Tenant):
    response = api.post(PATH, {"url": URL, "types": ["messages.created", "conversation.deleted"]})
    assert response.status_code == 201
    row = response.json()
    assert row["secret"].startswith("whsec_")
    assert (row["url"], row["state"], row["failures"]) == (URL, "active", 0)
    assert row["types"] == ["conversation.deleted", "messages.created"]
    assert (row["workspace_id"], row["created_by"]) == (acme.workspace.pk, "acme-owner")


@pytest.mark.wire("mielto", "create_webhook", "it is sent what happens from then on")
def test_it_begins_at_the_present(api: ApiClient):
    row = api.post(PATH, {"url": URL}).json()
    assert row["position"] == current_position()


@pytest.mark.wire("mielto", "create_webhook", "the database holds nothing that signs")
def test_the_table_does_not_hold_the_secret(api: ApiClient):
    row = api.post(PATH, {"url": URL}).json()
    stored = serializers.serialize("json", Webhook.objects.filter(workspace_id=row["workspace_id"]))
    assert row["secret"].removeprefix("whsec_") not in stored
    webhook = Webhook.objects.get(pk=row["id"])
    assert secret_of(webhook.secrets[0]) == row["secret"]


@pytest.mark.wire(
    "mielto", "create_webhook", "Idempotency-Key is not honoured: its answer would keep the secret"
)
def test_no_answer_with_a_secret_is_kept(api: ApiClient):
    first, second = (api.post(PATH, {"url": URL}, idempotency_key="k").json() for _ in range(2))
    assert first["secret"] != second["secret"]
    api.post(f"{PATH}/{first['id']}/secret", {}, idempotency_key="k")
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.wire("mielto", "create_webhook", "422 for a URL that is not sent to")
@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.1/",
        "http://8.8.8.8/",
        "ftp://127.0.0.1/",
        "https://a:b@127.0.0.1/",
        "hook",
        "https://",
    ],
)
def test_a_url_that_is_not_sent_to_is_422(api: ApiClient, webhook: Webhook, url: str):
    for response in (api.post(PATH, {"url": url}), api.patch(f"{PATH}/{webhook.pk}", {"url": url})):
        assert response.status_code == 422
        [problem] = response.json()["detail"]
        assert (problem["loc"], problem["type"]) == (["body", "url"], "url_refused")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("types", ["message.created"]),
        ("types", "messages.created"),
        ("include", "everything"),
        ("url", ""),
        ("url", None),
        ("description", "x" * 256),
        ("conversation_id", 1),
    ],
)
def test_an_unknown_value_is_422(api: ApiClient, name: str, value: object):
    response = api.post(PATH, {"url": URL, name: value})
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"][:2] == ["body", name]


@pytest.mark.wire("mielto", "create_webhook", "404 for a conversation of another workspace")
def test_a_foreign_conversation_is_an_absent_one(api: ApiClient, globex: Tenant, webhook: Webhook):
    for conversation_id in (globex.conversation.pk, "conv_unknown"):
        body = {"url": URL, "conversation_id": conversation_id}
        assert api.post(PATH, body).status_code == 404
        assert api.patch(f"{PATH}/{webhook.pk}", body).status_code == 404


@pytest.mark.wire("mielto", "list_webhooks", "those of the workspace, the newest first, without secrets")
def test_a_list(api: ApiClient, globex: Tenant, webhook: Webhook):
    create_webhook(workspace_id=globex.workspace.pk, url=URL)
    newer = api.post(PATH, {"url": f"{URL}/2"}).json()
    page = api.get(PATH).json()
    assert [row["id"] for row in page["data"]] == [newer["id"], webhook.pk]
    assert page["total_count"] == 2


@pytest.mark.wire("mielto", "get_webhook", "state, failures, and the position up to which all was delivered")
def test_one(api: ApiClient, webhook: Webhook):
    row = api.get(f"{PATH}/{webhook.pk}").json()
    assert (row["id"], row["position"]) == (webhook.pk, str(webhook.position))
    assert "secret" not in row


@pytest.mark.wire("mielto", "update_webhook", "only what is given changes")
def test_only_what_is_given_changes(api: ApiClient, acme: Tenant, webhook: Webhook):
    given = {"conversation_id": acme.conversation.pk, "include": "messages"}
    row = api.patch(f"{PATH}/{webhook.pk}", given).json()
    assert {name: row[name] for name in given} == given
    assert (row["url"], row["state"], row["position"]) == (URL, "active", str(webhook.position))
    assert api.put(f"{PATH}/{webhook.pk}", {"conversation_id": None}).json()["conversation_id"] is None
    assert api.get(f"{PATH}/{webhook.pk}").json()["include"] == "messages"


@pytest.mark.wire("mielto", "update_webhook", "`paused` stops it, and resumes one that was disabled")
def test_paused_and_resumed(api: ApiClient, webhook: Webhook):
    assert api.patch(f"{PATH}/{webhook.pk}", {"paused": True}).json()["state"] == "paused"
    later = timezone.now() + timedelta(hours=5)
    Webhook.objects.filter(pk=webhook.pk).update(
        state="disabled", state_reason="gone", failures=9, next_attempt_at=later
    )
    row = api.patch(f"{PATH}/{webhook.pk}", {"paused": False}).json()
    assert (row["state"], row["state_reason"], row["failures"]) == ("active", "", 0)
    assert datetime.fromisoformat(row["next_attempt_at"]) <= timezone.now()


@pytest.mark.wire("mielto", "rotate_webhook_secret", "both secrets sign until the former one ends")
def test_a_new_secret(api: ApiClient, webhook: Webhook):
    former = secret_of(webhook.secrets[0])
    row = api.post(f"{PATH}/{webhook.pk}/secret", {"overlap_seconds": 60}).json()
    webhook.refresh_from_db()
    newest, older = webhook.secrets
    assert (secret_of(newest), secret_of(older)) == (row["secret"], former)
    assert newest["until"] is None
    assert timezone.now() < datetime.fromisoformat(older["until"]) < timezone.now() + timedelta(seconds=61)


def test_a_third_secret_ends_the_first(api: ApiClient, webhook: Webhook):
    second, third = (api.post(f"{PATH}/{webhook.pk}/secret").json()["secret"] for _ in range(2))
    webhook.refresh_from_db()
    assert [secret_of(one) for one in webhook.secrets] == [third, second]


@pytest.mark.wire("mielto", "ping_webhook", "202 with the id of the event that a worker is about to send")
def test_a_ping_waits_for_a_worker(api: ApiClient, webhook: Webhook):
    response = api.post(f"{PATH}/{webhook.pk}/ping")
    webhook.refresh_from_db()
    assert (response.status_code, response.json()) == (202, {"id": webhook.ping_id})


@pytest.mark.wire("mielto", "replay_webhook", "what follows the position is sent again")
def test_a_replay_goes_back(api: ApiClient, acme: Tenant, webhook: Webhook):
    api.post("/api/v1/messages", {"conversation_id": acme.conversation.pk, "content": {"content": "new"}})
    present = current_position()
    assert api.post(f"{PATH}/{webhook.pk}/replay", {"after": present}).json()["position"] == present
    row = api.post(f"{PATH}/{webhook.pk}/replay", {"after": str(webhook.position)}).json()
    assert row["position"] == str(webhook.position)


@pytest.mark.wire("mielto", "replay_webhook", "without a position all that the store keeps")
@pytest.mark.django_db(transaction=True)  # on PostgreSQL changes are read once they are committed
def test_a_replay_of_everything(api: ApiClient, acme: Tenant, webhook: Webhook):
    after = api.post(f"{PATH}/{webhook.pk}/replay", {}).json()["position"]
    everything = read_changes(workspace_id=acme.workspace.pk).changes
    assert read_changes(workspace_id=acme.workspace.pk, after=after).changes == everything != []


@pytest.mark.wire("mielto", "replay_webhook", "422 for what is no position, or one of another store")
@pytest.mark.parametrize("change", [lambda text: "x", lambda text: text[:-1], lambda text: f"{text}a"])
def test_no_position_is_422(api: ApiClient, webhook: Webhook, change):
    response = api.post(f"{PATH}/{webhook.pk}/replay", {"after": change(str(webhook.position))})
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", "after"]


def test_a_position_of_another_store_is_422(api: ApiClient, webhook: Webhook):
    foreign = str(webhook.position._replace(epoch="0" * 12))
    assert api.post(f"{PATH}/{webhook.pk}/replay", {"after": foreign}).status_code == 422


@pytest.mark.wire("mielto", "list_webhook_deliveries", "each attempt with status, answer's head and duration")
def test_deliveries(api: ApiClient, webhook: Webhook):
    assert api.get(f"{PATH}/{webhook.pk}/deliveries").json()["data"] == []
    delivery(webhook, error="timed out")
    delivery(webhook, attempt=2, status=200, answer="thanks")
    rows = api.get(f"{PATH}/{webhook.pk}/deliveries").json()["data"]
    assert [(row["attempt"], row["status"], row["answer"], row["error"]) for row in rows] == [
        (2, 200, "thanks", ""),
        (1, None, "", "timed out"),
    ]


@pytest.mark.wire("mielto", "list_webhook_deliveries", "404 for a webhook of another workspace")
def test_foreign_deliveries(stranger: ApiClient, webhook: Webhook):
    delivery(webhook)
    assert stranger.get(f"{PATH}/{webhook.pk}/deliveries").status_code == 404


@pytest.mark.wire("mielto", "delete_webhook", "with the list of its deliveries")
def test_a_deletion(api: ApiClient, webhook: Webhook):
    delivery(webhook)
    assert api.delete(f"{PATH}/{webhook.pk}").status_code == 204
    assert api.get(f"{PATH}/{webhook.pk}").status_code == 404
    assert not WebhookDelivery.objects.filter(workspace_id=webhook.workspace_id).exists()


def test_a_workspace_goes_with_its_webhooks(api: ApiClient, acme: Tenant, webhook: Webhook):
    delivery(webhook)
    assert api.delete(f"/api/v1/workspaces/{acme.workspace.pk}?force=true").status_code == 204
    assert not Webhook.objects.filter(workspace_id=acme.workspace.pk).exists()


@pytest.mark.wire("mielto", "create_webhook", "messages are sent along only by a key that may read them")
def test_nobody_is_sent_what_they_may_not_read(client_with, api: ApiClient, webhook: Webhook):
    narrow = client_with("admin")
    assert narrow.post(PATH, {"url": URL, "include": "messages"}).status_code == 403
    assert narrow.patch(f"{PATH}/{webhook.pk}", {"include": "messages"}).status_code == 403
    assert narrow.patch(f"{PATH}/{webhook.pk}", {"url": f"{URL}/2"}).status_code == 200
    api.patch(f"{PATH}/{webhook.pk}", {"include": "messages"})
    assert narrow.patch(f"{PATH}/{webhook.pk}", {"url": f"{URL}/3"}).status_code == 403
    assert narrow.patch(f"{PATH}/{webhook.pk}", {"paused": True}).status_code == 200
    assert narrow.patch(f"{PATH}/{webhook.pk}", {"url": f"{URL}/3", "include": ""}).status_code == 200


def test_a_lost_secret_is_replaced_and_leaves_nothing(api: ApiClient, webhook: Webhook, settings):
    settings.SECRET_KEY = "another"
    secret = api.post(f"{PATH}/{webhook.pk}/secret").json()["secret"]
    webhook.refresh_from_db()
    assert [secret_of(one) for one in webhook.secrets] == [secret]
