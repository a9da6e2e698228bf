"""GET /api/v1/changes"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from messaging.changes import Position, change_read, current_position, read_changes
from messaging.models import ApiKey
from messaging.services import remove_old_changes
from tests.cast import Tenant
from tests.changes.test_old_changes import age
from tests.client import ApiClient

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/api/v1/changes"
KEYS = [
    *("id", "type", "workspace_id", "conversation_id", "message_ids", "run_id", "memory_ids"),
    *("first_seq", "last_seq", "count", "imported", "actor", "created_at"),
]


def create(api: ApiClient, tenant: Tenant, *contents: str, **fields: object) -> list[str]:
    content = [{"content": text, **fields} for text in contents]
    body = {"conversation_id": tenant.conversation.pk, "content": content}
    return [row["id"] for row in api.post("/api/v1/messages", body).json()]


def types(page: dict[str, list[dict[str, str]]]) -> list[str]:
    return [change["type"] for change in page["data"]]


@pytest.mark.wire("mielto", "list_changes", "a change names its messages and who caused it")
def test_a_change_on_the_wire(api: ApiClient, acme: Tenant):
    position = current_position()
    ids = create(api, acme, "a", "b")
    [change] = api.get(f"{PATH}?after={position}").json()["data"]
    assert list(change) == KEYS
    assert (change["type"], change["message_ids"], change["count"]) == ("messages.created", ids, 2)
    assert (change["first_seq"], change["last_seq"], change["imported"]) == (3, 4, False)
    assert change["actor"] == {"type": "api_key", "id": acme.api_key.pk}
    assert (change["workspace_id"], change["conversation_id"]) == (acme.workspace.pk, acme.conversation.pk)


def test_the_example_of_the_readme_is_one():
    readme = (Path(__file__).parents[2] / "messaging/changes/README.md").read_text()
    example = json.loads(readme.split("```json\n")[1].split("```")[0])
    assert list(example) == KEYS
    assert str(Position.of(example["id"])) == example["id"]


def test_what_a_change_of_superseded_messages_names_can_be_fetched(api: ApiClient, acme: Tenant):
    ids = create(api, acme, "a", "b")
    position = current_position()
    create(api, acme, "c", supersedes=ids[0])
    change = api.get(f"{PATH}?after={position}").json()["data"][0]
    between = f"after_seq={change['first_seq'] - 1}&before_seq={change['last_seq'] + 1}&branch=all"
    page = api.get(f"/api/v1/messages?conversation_id={acme.conversation.pk}&{between}").json()
    assert (change["type"], [row["id"] for row in page["data"]]) == ("messages.updated", ids)


def test_it_is_the_object_of_python(api: ApiClient, acme: Tenant):
    page = api.get(PATH).json()
    assert page["data"] == [change_read(row) for row in read_changes(workspace_id=acme.workspace.pk).changes]
    assert [change["actor"] for change in page["data"]] == [None] * 3


@pytest.mark.wire("mielto", "list_changes", "pages meet; next_cursor is never null, and asked again")
def test_pages_meet(api: ApiClient, acme: Tenant):
    seen, position, more = [], "", True
    while more:
        page = api.get(f"{PATH}?limit=1&after={position}").json()
        seen += types(page)
        position, more = page["next_cursor"], page["has_more"]
    assert seen == ["workspace.created", "conversation.created", "messages.created"]
    assert api.get(f"{PATH}?after={position}").json()["data"] == []
    create(api, acme, "a")
    assert types(api.get(f"{PATH}?after={position}").json()) == ["messages.created"]


@pytest.mark.wire("mielto", "list_changes", "the id of a change is a position")
def test_an_id_is_a_position(api: ApiClient):
    first, *rest = api.get(PATH).json()["data"]
    assert api.get(f"{PATH}?after={first['id']}").json()["data"] == rest


@pytest.mark.wire("mielto", "list_changes", "after=latest begins behind every change")
def test_latest_is_behind_everything(api: ApiClient, acme: Tenant):
    page = api.get(f"{PATH}?after=latest").json()
    assert (page["data"], page["has_more"]) == ([], False)
    create(api, acme, "a")
    assert types(api.get(f"{PATH}?after={page['next_cursor']}").json()) == ["messages.created"]


@pytest.mark.wire("mielto", "list_changes", "types and conversation_id narrow; messages.* is a group")
@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("types=messages.created", ["messages.created"]),
        ("types=messages.*", ["messages.created"]),
        ("types=workspace.created, conversation.*", ["workspace.created", "conversation.created"]),
        ("types=run.created", []),
        ("types=", ["workspace.created", "conversation.created", "messages.created"]),
        ("conversation_id=conv_absent", []),
    ],
)
def test_it_narrows(api: ApiClient, query: str, wanted: list[str]):
    assert types(api.get(f"{PATH}?{query}").json()) == wanted


def test_it_narrows_to_a_conversation(api: ApiClient, acme: Tenant):
    made = api.post("/api/v1/conversations", {}).json()
    page = api.get(f"{PATH}?conversation_id={made['id']}").json()
    assert types(page) == ["conversation.created"]


@pytest.mark.wire("mielto", "list_changes", "an unknown type is 422 and names those that there are")
def test_an_unknown_type_is_refused(api: ApiClient):
    response = api.get(f"{PATH}?types=messages.create")
    assert response.status_code == 422
    [error] = response.json()["detail"]
    assert error["loc"] == ["query", "types"]
    assert "messages.created" in error["msg"]


@pytest.mark.wire("mielto", "list_changes", "what is no position is 422")
@pytest.mark.parametrize("after", ["x", "chg_", "0", "latest "])
def test_what_is_no_position_is_refused(api: ApiClient, after: str):
    response = api.get(f"{PATH}?after={after}")
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["query", "after"]


@pytest.mark.parametrize("limit", ["0", "1001", "x"])
def test_a_limit_out_of_range_is_refused(api: ApiClient, limit: str):
    assert api.get(f"{PATH}?limit={limit}").status_code == 422


@pytest.mark.wire("mielto", "list_changes", "410 with another position, where changes behind it are gone")
def test_too_old_a_position_is_gone(api: ApiClient, acme: Tenant):
    changes = read_changes(workspace_id=acme.workspace.pk).changes
    age(*changes)
    remove_old_changes()
    response = api.get(f"{PATH}?after={changes[0].position}")
    assert response.status_code == 410
    create(api, acme, "a")
    assert types(api.get(f"{PATH}?after={response.json()['next_cursor']}").json()) == ["messages.created"]


@pytest.mark.wire("mielto", "list_changes", "410 for a position of another store, or from before a restore")
def test_a_position_of_another_store_is_gone(api: ApiClient):
    foreign = Position.of(current_position())._replace(epoch="0" * 12)
    assert api.get(f"{PATH}?after={foreign}").status_code == 410


@pytest.mark.wire("mielto", "list_changes", "a workspace sees its own changes alone, whatever the position")
def test_a_stranger_sees_its_own(api: ApiClient, stranger: ApiClient, acme: Tenant, globex: Tenant):
    create(api, acme, "a")
    position = api.get(PATH).json()["data"][0]["id"]
    for query in ("", f"?after={position}", f"?conversation_id={acme.conversation.pk}"):
        workspaces = {change["workspace_id"] for change in stranger.get(PATH + query).json()["data"]}
        assert workspaces <= {globex.workspace.pk}


@pytest.mark.wire("mielto", "list_changes", "the permission read is enough, and needed")
def test_it_needs_read(client_with: Callable[..., ApiClient]):
    assert client_with("read").get(PATH).status_code == 200
    assert client_with("write", "admin").get(PATH).status_code == 403


def test_the_key_of_a_run_is_named_too(api: ApiClient, acme: Tenant):
    position = current_position()
    thread = f"/v1/threads/{acme.conversation.pk}"
    run = api.post(f"{thread}/runs", {}).json()
    api.post(f"{thread}/runs/{run['run_id']}/messages", {"role": "assistant", "content": "x"})
    changes = api.get(f"{PATH}?after={position}").json()["data"]
    assert [change["type"] for change in changes] == ["run.created", "messages.created", "run.started"]
    assert {change["run_id"] for change in changes} == {run["run_id"]}
    assert {change["actor"]["id"] for change in changes} == {ApiKey.objects.get(pk=acme.api_key.pk).pk}
