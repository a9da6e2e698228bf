"""Deleting and revoking while others write: every answer is a documented one, and nothing is left over."""

from collections import Counter
from collections.abc import Callable
from time import sleep

import httpx
import pytest

from tests.e2e.server import PROCESSES, THREADS
from tests.e2e.tenant import CONVERSATIONS, MESSAGES, Tenant, at_once, created, page

WRITERS = 8
MANY = 1_000
TABLES = ("apikey", "conversation", "idempotencyrecord", "message")


def orphans(tenant: Tenant) -> dict[str, int]:
    """How many rows of each table have lost their workspace or their conversation."""
    below_workspace = {
        table: f"SELECT count(*) FROM parley_{table} AS t LEFT JOIN parley_workspace AS parent"
        " ON parent.id = t.workspace_id WHERE parent.id IS NULL"
        for table in TABLES
    }
    below_conversation = (
        "SELECT count(*) FROM parley_message AS t LEFT JOIN parley_conversation AS parent"
        " ON parent.id = t.conversation_id AND parent.workspace_id = t.workspace_id WHERE parent.id IS NULL"
    )
    return {
        name: tenant.store.value(sql) for name, sql in (below_workspace | {"": below_conversation}).items()
    }


NO_ORPHANS = dict.fromkeys((*TABLES, ""), 0)


def write_until_gone(write: Callable[[int], httpx.Response], gone: tuple[int, ...]) -> None:
    """Write as fast as answers come: 201 until the first refusal, refused ever after."""
    statuses = [write(0).status_code]
    while statuses[-1] == 201 and len(statuses) < MANY:
        statuses.append(write(len(statuses)).status_code)
    assert statuses[-1] in gone, f"{Counter(statuses)}"
    assert write(len(statuses)).status_code in gone


@pytest.mark.parametrize("retried", [False, True], ids=["plain", "with-a-key"])
def test_a_conversation_deleted_among_appends_takes_every_message_with_it(tenant: Tenant, retried: bool):
    for _ in range(3):
        conversation = tenant.conversation()

        def act(worker: int, conversation: str = conversation) -> None:
            if worker == WRITERS:
                sleep(0.1)
                assert tenant.client.delete(f"{CONVERSATIONS}/{conversation}").status_code == 204
                return
            body = {"conversation_id": conversation, "content": [{"content": "x"}] * (1 + worker % 3)}

            def write(number: int) -> httpx.Response:
                headers = {"Idempotency-Key": f"{conversation}/{worker}/{number}"} if retried else {}
                return tenant.client.post(MESSAGES, json=body, headers=headers)

            write_until_gone(write, gone=(404,))

        at_once(WRITERS + 1, act)
        assert tenant.ids(conversation) == []
    assert orphans(tenant) == NO_ORPHANS


def test_corrections_of_messages_that_are_being_deleted(tenant: Tenant):
    conversation = tenant.conversation()
    body = {"conversation_id": conversation, "content": [{"content": "x"}] * 40}
    ids = [row["id"] for row in created(tenant.client.post(MESSAGES, json=body))]

    def act(worker: int) -> set[int]:
        if worker == 0:
            return {tenant.client.delete(f"{CONVERSATIONS}/{conversation}").status_code}
        patches = [tenant.client.patch(f"{MESSAGES}/{one}", json={"content": "y"}) for one in ids[worker::3]]
        return {answer.status_code for answer in patches}

    deleted, *corrected = at_once(4, act)
    assert deleted == {204}
    assert set().union(*corrected) <= {200, 404}
    assert orphans(tenant) == NO_ORPHANS


def test_one_message_is_deleted_once_and_counted_out_once(tenant: Tenant):
    conversation = tenant.conversation()
    body = {"conversation_id": conversation, "content": [{"content": "goes"}] * 5 + [{"content": "stays"}]}
    *going, _ = [row["id"] for row in created(tenant.client.post(MESSAGES, json=body))]

    def delete_all(_: int) -> list[int]:
        return [tenant.client.delete(f"{MESSAGES}/{message_id}").status_code for message_id in going]

    for statuses in zip(*at_once(8, delete_all), strict=True):
        assert Counter(statuses) == {204: 1, 404: 7}
    assert tenant.counters(conversation) == (1, 6)
    assert page(tenant.client, conversation_id=conversation)["total_count"] == 1


def writes(client: httpx.Client, conversation: str) -> list[Callable[[int], httpx.Response]]:
    """One of each way to write into a workspace."""
    first, append = {"content": "x"}, f"{CONVERSATIONS}/{conversation}/messages"

    def once(key: str) -> dict[str, str]:
        return {"Idempotency-Key": key}

    return [
        lambda _: client.post(append, json=first),
        lambda n: client.post(append, json=first, headers=once(f"append {n}")),
        lambda _: client.post(MESSAGES, json={"content": first}),
        lambda n: client.post(MESSAGES, json={"content": first}, headers=once(f"open {n}")),
        lambda n: client.post(CONVERSATIONS, json={"messages": [first]}, headers=once(f"with {n}")),
        lambda _: client.post("/api/v1/api-keys", json={"label": "x", "permissions": ["read"]}),
        lambda n: client.post("/api/v1/workspaces", json={"name": "x"}),
    ]


def test_a_workspace_deleted_by_force_among_writers_leaves_nothing(tenant: Tenant):
    conversation = tenant.conversation()
    kinds = [write for _ in range(2) for write in writes(tenant.client, conversation)]

    def act(worker: int) -> None:
        if worker < len(kinds):
            write_until_gone(kinds[worker], gone=(401, 404))
            return
        sleep(0.3)
        deleted = tenant.operator.delete(f"/api/v1/workspaces/{tenant.workspace_id}?force=true")
        assert deleted.status_code == 204, deleted.text

    at_once(len(kinds) + 1, act)
    assert orphans(tenant) == NO_ORPHANS


def test_workspaces_of_one_name_made_at_once_get_slugs_of_their_own(tenant: Tenant):
    body = {"name": "A name that all of them like"}
    made = at_once(8, lambda _: created(tenant.client.post("/api/v1/workspaces", json=body)))
    assert len({workspace["slug"] for workspace in made}) == 8


def test_a_revoked_key_fails_at_the_next_request_in_every_process(tenant: Tenant):
    many = 3 * PROCESSES * THREADS

    def ask(_: int) -> int:
        return tenant.client.get(MESSAGES).status_code

    assert set(at_once(many, ask)) == {200}
    for status, expected in (("inactive", 401), ("active", 200)):
        changed = tenant.operator.put(f"/api/v1/api-keys/{tenant.key_id}", json={"status": status})
        assert changed.status_code == 200
        assert set(at_once(many, ask)) == {expected}
    assert tenant.operator.delete(f"/api/v1/api-keys/{tenant.key_id}").status_code == 204
    assert set(at_once(many, ask)) == {401}
