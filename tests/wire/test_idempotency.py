"""`Idempotency-Key`: a retry is answered as the first call was, and writes nothing."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.models import Conversation, IdempotencyRecord, Message
from messaging.services import remove_old_answers
from tests.cast import Tenant
from tests.client import ApiClient
from tests.isolation import ids_of
from tests.wires import Documented, documented

PATH = "/api/v1/messages"
BODY = {"content": {"content": "hi"}}
REPLAYED = "Idempotent-Replayed"
KEYED = [
    operation
    for operation in documented()
    if any(each["name"] == "Idempotency-Key" for each in operation.facts["parameters"])
]


def stored() -> int:
    return Message.objects.filter(content="hi").count()


@pytest.mark.wire(
    "mielto", "create_message", "Idempotency-Key: replayed byte for byte with Idempotent-Replayed"
)
def test_a_retry_is_replayed(api: ApiClient):
    first, second = (api.post(PATH, BODY, idempotency_key="k") for _ in range(2))
    assert (second.status_code, second.content) == (201, first.content)
    assert (REPLAYED in first, second[REPLAYED]) == (False, "true")
    assert second["Content-Type"] == first["Content-Type"] == "application/json"
    assert stored() == 1


def test_the_answer_is_that_of_a_call_without_a_key(api: ApiClient, acme: Tenant):
    body = {"conversation_id": acme.conversation.pk, "content": {"content": "hi"}}
    [with_key], [without] = (api.post(PATH, body, **key).json() for key in ({"idempotency_key": "k"}, {}))
    assert with_key.keys() == without.keys()
    assert api.get(f"{PATH}/{with_key['id']}").json() == with_key


def test_without_a_key_a_repeat_is_a_second_message(api: ApiClient):
    api.post(PATH, BODY)
    assert REPLAYED not in api.post(PATH, BODY)
    assert stored() == 2


def test_another_key_is_another_request(api: ApiClient):
    for key in ("a", "A"):
        assert REPLAYED not in api.post(PATH, BODY, idempotency_key=key)
    assert stored() == 2


@pytest.mark.wire("mielto", "create_message", "same Idempotency-Key, other body: 422")
@pytest.mark.parametrize(
    "body",
    [{"content": {"content": "ho"}}, '{"content": {"content": "hi"} }', BODY | {"enable_memories": True}],
)
def test_another_body_is_refused(api: ApiClient, body):
    api.post(PATH, BODY, idempotency_key="k")
    response = api.post(PATH, body, idempotency_key="k")
    assert response.status_code == 422
    [problem] = response.json()["detail"]
    assert (problem["loc"], problem["type"]) == (["header", "Idempotency-Key"], "idempotency_key_reused")
    assert stored() == 1


@pytest.mark.wire("mielto", "create_conversation_message", "same Idempotency-Key, other path: 422")
def test_another_path_is_refused(api: ApiClient, acme: Tenant):
    other = api.post("/api/v1/conversations", {}).json()["id"]
    for conversation_id, status in ((acme.conversation.pk, 201), (other, 422)):
        path = f"/api/v1/conversations/{conversation_id}/messages"
        assert api.post(path, {"content": "hi"}, idempotency_key="k").status_code == status
    assert stored() == 1


def test_another_user_is_another_request(api: ApiClient):
    api.post(PATH, BODY, idempotency_key="k", x_user_id="ann")
    assert api.post(PATH, BODY, idempotency_key="k", x_user_id="bob").status_code == 422


@pytest.mark.wire("mielto", "create_message", "a request that failed validation burns no Idempotency-Key")
def test_a_refused_request_burns_nothing(api: ApiClient):
    assert api.post(PATH, {"content": 1}, idempotency_key="k").status_code == 422
    assert api.post(PATH, BODY, idempotency_key="k").status_code == 201
    assert REPLAYED in api.post(PATH, BODY, idempotency_key="k")


def test_a_request_for_something_absent_burns_nothing(api: ApiClient, acme: Tenant):
    absent = BODY | {"conversation_id": "conv_unknown"}
    assert api.post(PATH, absent, idempotency_key="k").status_code == 404
    assert not IdempotencyRecord.objects.exists()
    assert api.post(PATH, BODY, idempotency_key="k").status_code == 201


def test_a_forbidden_request_burns_nothing(client_with, api: ApiClient):
    assert client_with("read").post(PATH, BODY, idempotency_key="k").status_code == 403
    assert REPLAYED not in api.post(PATH, BODY, idempotency_key="k")


@pytest.mark.wire("mielto", "create_message", "an Idempotency-Key belongs to the API key that sent it")
def test_a_key_is_known_of_its_sender_alone(api: ApiClient, client_with):
    another = client_with("write")
    first, second = (client.post(PATH, BODY, idempotency_key="1") for client in (api, another))
    assert first.json()[0]["workspace_id"] == second.json()[0]["workspace_id"]
    assert (REPLAYED in first, REPLAYED in second, stored()) == (False, False, 2)
    for client, answer in ((api, first), (another, second)):
        assert client.post(PATH, BODY, idempotency_key="1").content == answer.content
    assert another.post(PATH, {"content": {"content": "ho"}}, idempotency_key="1").status_code == 422


@pytest.mark.wire("mielto", "create_message", "an Idempotency-Key is known in its workspace alone")
def test_a_key_is_known_in_its_workspace_alone(api: ApiClient, stranger: ApiClient):
    first = api.post(PATH, BODY, idempotency_key="k")
    second = stranger.post(PATH, BODY, idempotency_key="k")
    assert REPLAYED not in second
    assert first.json()[0]["workspace_id"] != second.json()[0]["workspace_id"]


@pytest.mark.parametrize("key", ["x" * 255, "kéy", "a b", "💡".encode().decode("latin-1")])
def test_a_key_is_any_text(api: ApiClient, key):
    api.post(PATH, BODY, idempotency_key=key)
    assert REPLAYED in api.post(PATH, BODY, idempotency_key=key)


@pytest.mark.wire("mielto", "create_message", "an Idempotency-Key of more than 255 characters is 422")
@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_of_another_length_is_refused(api: ApiClient, key):
    response = api.post(PATH, BODY, idempotency_key=key)
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["header", "Idempotency-Key"]
    assert stored() == 0


@pytest.mark.wire(
    "mielto", "create_message", "an answer is kept for its lifetime, 24 hours unless set otherwise"
)
@pytest.mark.parametrize(("hours", "age", "replayed"), [(24, 23, True), (24, 25, False), (48, 25, True)])
def test_an_answer_is_kept_for_its_lifetime(api: ApiClient, settings, hours, age, replayed):
    settings.PARLEY = {"IDEMPOTENCY_HOURS": hours}
    api.post(PATH, BODY, idempotency_key="k")
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=age))
    assert (REPLAYED in api.post(PATH, BODY, idempotency_key="k")) is replayed


def test_after_its_lifetime_a_key_may_carry_another_request(api: ApiClient):
    api.post(PATH, BODY, idempotency_key="k")
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=25))
    other = {"content": {"content": "ho"}}
    first, second = (api.post(PATH, other, idempotency_key="k") for _ in range(2))
    assert (REPLAYED in first, second[REPLAYED]) == (False, "true")
    assert second.content == first.content


def test_old_answers_are_forgotten_and_young_ones_kept(api: ApiClient):
    for key in ("old", "young"):
        api.post(PATH, BODY, idempotency_key=key)
    IdempotencyRecord.objects.filter(key="old").update(created_at=timezone.now() - timedelta(hours=25))
    assert remove_old_answers() == 1
    assert [record.key for record in IdempotencyRecord.objects.all()] == ["young"]


@pytest.mark.django_db(transaction=True)
def test_whoever_removes_old_answers_need_not_open_a_transaction(api: ApiClient):
    api.post(PATH, BODY, idempotency_key="old")
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert remove_old_answers() == 1


def test_old_answers_go_in_batches(api: ApiClient):
    for key in "abc":
        api.post(PATH, BODY, idempotency_key=key)
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert [remove_old_answers(limit=2) for _ in range(3)] == [2, 1, 0]


def test_a_replay_shows_the_first_answer_whatever_was_corrected_since(api: ApiClient):
    first = api.post(PATH, BODY, idempotency_key="k")
    api.put(f"{PATH}/{first.json()[0]['id']}", {"content": "ho"})
    assert api.post(PATH, BODY, idempotency_key="k").content == first.content
    assert stored() == 0


@pytest.mark.wire("mielto", "create_conversation", "Idempotency-Key is honoured")
def test_a_conversation_is_opened_once(api: ApiClient, acme: Tenant):
    first, second = (api.post("/api/v1/conversations", {}, idempotency_key="k") for _ in range(2))
    assert first.content == second.content
    assert Conversation.objects.for_workspace(acme.workspace.pk).count() == 2


@pytest.mark.wire("mielto", "create_workspace", "Idempotency-Key is honoured")
def test_a_workspace_is_made_once(api: ApiClient):
    first, second = (api.post("/api/v1/workspaces", {"name": "x"}, idempotency_key="k") for _ in range(2))
    assert (first.content, second[REPLAYED]) == (second.content, "true")


def test_other_methods_do_not_know_it(api: ApiClient, acme: Tenant):
    path = f"{PATH}/{acme.reply.pk}"
    for text in ("one", "two"):
        assert api.put(path, {"content": text}, idempotency_key="k").json()["content"] == text
    assert not IdempotencyRecord.objects.exists()


def test_a_create_with_a_key_needs_no_savepoint_of_its_own(api: ApiClient, acme: Tenant):
    """One stands for the transaction, for the test itself runs in one."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite appends step by step")
    body = BODY | {"conversation_id": acme.conversation.pk}
    api.post(PATH, body)
    with CaptureQueriesContext(connection) as context:
        assert api.post(PATH, body, idempotency_key="k").status_code == 201
    assert [query["sql"].split()[0] for query in context].count("SAVEPOINT") == 1


@pytest.mark.parametrize("operation", KEYED, ids=str)
def test_every_operation_that_takes_a_key_writes_once(api: ApiClient, acme: Tenant, operation: Documented):
    path = operation.path.format(**ids_of(acme, with_run="{run_id}" in operation.path))
    content = operation.facts.get("requestBody", {}).get("content", {})
    examples = content.get("application/json", {}).get("examples", {}).values()
    body = next((example["value"] for example in examples), None)
    first, second = (api.post(path, body, idempotency_key="k") for _ in range(2))
    assert first.status_code < 300, first.content
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second.headers[REPLAYED] == "true"
    if body:
        other = api.post(path, {**body, "of_another_request": 1}, idempotency_key="k")
        assert other.status_code in (400, 422)
