"""SQLite has one writer at a time: the others wait for their turn, and none hears of a locked database."""

from collections import Counter

from tests.e2e.tenant import CONVERSATIONS, MESSAGES, Tenant, at_once, created

WRITERS, ROUNDS = 8, 12


def test_every_kind_of_write_from_all_threads_of_all_processes(tenant: Tenant):
    shared = tenant.conversation()

    def work(writer: int) -> list[int]:
        own = tenant.conversation(title=f"{writer}")
        statuses = []
        for number in range(ROUNDS):
            body = {"conversation_id": (own, shared)[number % 2], "content": [{"content": "x"}] * 3}
            key = {"Idempotency-Key": f"{writer}/{number}"}
            corrected, deleted, _ = created(tenant.client.post(MESSAGES, json=body, headers=key))
            answers = [
                tenant.client.patch(f"{MESSAGES}/{corrected['id']}", json={"content": "y"}),
                tenant.client.delete(f"{MESSAGES}/{deleted['id']}"),
                tenant.client.get(MESSAGES, params={"conversation_id": shared, "search": "Y"}),
                tenant.client.patch(f"{CONVERSATIONS}/{own}", json={"title": f"{number}"}),
            ]
            statuses += [answer.status_code for answer in answers]
        return statuses

    statuses = Counter(status for mine in at_once(WRITERS, work) for status in mine)
    assert statuses == {200: 3 * WRITERS * ROUNDS, 204: WRITERS * ROUNDS}
    assert tenant.counters(shared) == (WRITERS * ROUNDS, WRITERS * ROUNDS // 2 * 3)
