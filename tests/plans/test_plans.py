"""Every query of every list and search scans an index, and reads no more than ten times what it returns.

Held on PostgreSQL with fresh statistics, where another tenant has as much of the same: whatever names a value
that one message in a hundred has. Totals are judged by the rows they count.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging.index.index_scan import CUT, HIDDEN_CUT, IndexScan
from messaging.models import Message, Part, Run
from messaging.sql.rows import first_json_rows, json_rows
from tests.cast import make_tenant
from tests.client import ApiClient, statements

from .history import LARGE, History, write_history
from .plan import TABLES, Plan, plan_of

MESSAGES = "/api/v1/messages?limit=100"
IN_LARGE = f"{MESSAGES}&conversation_id={{large}}"
CONVERSATIONS = "/api/v1/conversations?limit=100"
THREAD = "/v1/threads/{large}/messages?limit=100"
BY_KEYS = "parley_message_terms"
"""The index of keys and trigrams."""

ALONE = {
    "role": "role=tool",
    "sender": "sender_id=ada",
    "type": "message_type=image",
    "tag": "tags=tag-7",
    "tag of long ago": "tags=early",
    "two tags": "tags=tag-7,often&tags_mode=all",
    "parent": "parent_message_id=msg_parent",
    "meta data": "meta_data.case=7",
    "rare text": "search=zebrafinch",
    "text": "search=quokka",
    "frequent text": "search=parcel",
    "short text": "search=n",
    "created range": "created_after=2025-01-05T00:00:00Z&created_before=2025-01-06T00:00:00Z",
}
RANGE = "created_after=2025-01-05T00:00:00Z&created_before=2025-03-06T00:00:00Z"
COMBINED = {
    "sender and range": f"sender_id=ada&{RANGE}",
    "role and range": f"role=tool&{RANGE}",
    "role and frequent tag": "role=tool&tags=often",
    "meta data and role": "meta_data.case=7&role=user",
    "text and role": "search=quokka&role=user",
    "tag and sender": "tags=tag-7&sender_id=sender-1",
}
IN_THREAD = {
    "everything": "",
    "oldest first": "order=asc",
    "parts": "include_parts=true",
    "agent": "agent_id=librarian",
    "run": "run_id=run_3",
    "role": "role=tool",
    "meta data": "meta_data.case=7",
    "created range": "created_after=2025-01-05T00:00:00Z&created_before=2025-01-06T00:00:00Z",
    "agent and role": "agent_id=librarian&role=user",
}
OF_CONVERSATIONS = {
    "everything": "",
    "by creation": "sort_by=created_at",
    "status": "status=ended",
    "public": "is_public=true",
    "user": "user_id=user-7",
    "collection": "collection_id=collection-7",
    "title": "search=number 77",
    "own id": "external_id=crm/7",
    "meta data": "meta_data.case=7",
    "meta data and status": "meta_data.case=7&status=active",
    "last messages": "sort_by=created_at&sort_order=asc&limit=60&include=last_message",
    "status and user": "status=active&user_id=user-7",
}
CASES = {
    **{f"workspace, {name}": f"{MESSAGES}&{query}" for name, query in (ALONE | COMBINED).items()},
    **{f"conversation, {name}": f"{IN_LARGE}&{query}" for name, query in (ALONE | COMBINED).items()},
    "workspace": MESSAGES,
    "workspace, oldest first": f"{MESSAGES}&order_direction=asc",
    "conversation": IN_LARGE,
    "conversation, oldest first": f"{IN_LARGE}&order_direction=asc",
    "conversation, order of arrival": f"{IN_LARGE}&order_by=seq",
    "conversation, by its path": "/api/v1/conversations/{large}/messages",
    **{f"thread, {name}": f"{THREAD}&{query}" for name, query in IN_THREAD.items()},
    **{f"conversations, {name}": f"{CONVERSATIONS}&{query}" for name, query in OF_CONVERSATIONS.items()},
    "threads": "/v1/threads",
    "threads, meta data": "/v1/threads?limit=100&meta_data.case=7",
    "threads, created range": "/v1/threads?created_after=2025-01-01T10:00:00Z&order=asc",
    "runs": "/v1/threads/{large}/runs",
    "run messages": "/v1/threads/{large}/runs/{run}/messages",
    "API keys": "/api/v1/api-keys",
    "workspaces": "/api/v1/workspaces",
}

OF_THE_ADMIN = {
    "messages": "message/",
    "messages, oldest first": "message/?o=6",
    "messages, role": "message/?role=tool",
    "messages, sender": "message/?sender=ada",
    "messages, type": "message/?type=image",
    "messages, tag": "message/?tag=tag-7",
    "messages, text": "message/?q=quokka",
    "messages, frequent text": "message/?q=parcel",
    "messages, range": "message/?since=2025-01-05&until=2025-01-06",
    "conversations": "conversation/",
    "conversations, status": "conversation/?status__exact=ended",
    "conversations, user": "conversation/?user=user-7",
    "conversations, title": "conversation/?q=number+777",
}

# Of a text that one row in four has, the planner reads any thousand: it need not begin with the tenant's.
OF_ONE_WORKSPACE = {
    **{name: path for name, path in OF_THE_ADMIN.items() if name != "messages, frequent text"},
    "messages, agent": "message/?agent=librarian&conversation={large}",
    "messages, run": "message/?run=run_3&conversation={large}",
    "messages of a conversation": "message/?conversation={large}",
    "conversations, own id": "conversation/?external_id=crm/7",
    "conversations, collection": "conversation/?collection=collection-7",
    "runs": "run/",
    "parts": "part/",
    "stored objects": "storedobject/",
    "keys": "apikey/",
}

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def history(django_db_setup, django_db_blocker) -> Iterator[History]:
    """Written once for all cases, and taken back after the last."""
    with django_db_blocker.unblock():
        if connection.vendor != "postgresql":
            pytest.skip("plans are PostgreSQL's")
        with transaction.atomic():
            written = write_history(make_tenant("acme"), make_tenant("globex"))
            connection.check_constraints()  # once: what is checked later, the end of each test checks again
            yield written
            transaction.set_rollback(True)


@pytest.fixture
def api(history: History) -> ApiClient:
    client = ApiClient(history.tenant.secret)
    client.get("/api/v1/auth/session")
    return client


def plans_of(api: ApiClient, path: str) -> list[Plan]:
    with CaptureQueriesContext(connection) as context:
        assert api.get(path).status_code == 200
    reading = [sql for sql in statements(context) if not sql.startswith("EXPLAIN")]
    assert len(reading) >= 2
    return [plan_of(sql) for sql in reading]


def faults(api: ApiClient, path: str) -> list[str]:
    return [f"{fault}: {plan.sql}" for plan in plans_of(api, path) for fault in plan.faults()]


@pytest.mark.parametrize("name", CASES)
def test_a_list_reads_what_it_returns(api: ApiClient, history: History, name: str):
    run = Run.objects.in_conversation(history.large).values_list("pk", flat=True)[0]
    assert not faults(api, CASES[name].format(large=history.large, run=run))


FREQUENT = {
    "role": f"{MESSAGES}&role=user",
    "role, the next page": f"{MESSAGES}&role=user&skip=100",
    "role, oldest first": f"{MESSAGES}&role=user&order_direction=asc",
    "sender": f"{MESSAGES}&sender_id=sender-1",
    "sender and role": f"{MESSAGES}&sender_id=sender-1&role=user",
    "thread, role": f"{THREAD}&role=user",
}


@pytest.mark.parametrize("name", FREQUENT)
def test_what_is_frequent_is_read_in_the_order_asked_for_and_counted_without_its_posting_list(
    api: ApiClient, history: History, settings: Any, name: str
):
    settings.PARLEY = {"COUNT_CEILING": 500}
    plans = plans_of(api, FREQUENT[name].format(large=history.large))
    assert not [fault for plan in plans for fault in plan.faults()]
    assert not any(BY_KEYS in plan.indexes for plan in plans)


def test_what_is_frequent_in_a_conversation_reads_what_it_returns(
    api: ApiClient, history: History, settings: Any
):
    settings.PARLEY = {"COUNT_CEILING": 500}
    assert not faults(api, f"{IN_LARGE}&role=assistant".format(large=history.large))


@pytest.mark.parametrize("query", ["role=tool", "sender_id=ada", "role=user&sender_id=ada"])
def test_what_is_rare_is_read_by_its_posting_list_and_its_total_is_exact(
    api: ApiClient, history: History, settings: Any, query: str
):
    settings.PARLEY = {"COUNT_CEILING": 500}
    path = f"{MESSAGES}&{query}"
    [plan] = [plan for plan in plans_of(api, path) if "parley_message" in plan.sql]
    assert not plan.faults()
    assert BY_KEYS in plan.indexes
    response = api.get(path)
    assert "X-Total-Count-Estimated" not in response.headers
    given = dict(pair.split("=") for pair in query.split("&"))
    rows = Message.objects.for_workspace(history.tenant.workspace.pk).current().filter(**given)
    assert response.json()["total_count"] == rows.count()


@pytest.mark.parametrize("path", [MESSAGES, IN_LARGE, CONVERSATIONS])
def test_a_page_by_cursor_reads_what_it_returns(api: ApiClient, history: History, path: str):
    url = path.format(large=history.large)
    page = api.get(f"{url}&skip=2000").json()
    assert not faults(api, f"{url}&cursor={page['next_cursor']}")


def test_a_thread_from_a_message_on_reads_what_it_returns(api: ApiClient, history: History):
    url = THREAD.format(large=history.large)
    middle = api.get(f"{url}&offset=3000").json()[0]["id"]
    for side in ("after", "before"):
        assert not faults(api, f"{url}&{side}={middle}")


@pytest.mark.parametrize("name", OF_THE_ADMIN)
def test_a_list_of_all_workspaces_is_merged_from_scans(
    history: History, admin_client: Client, settings: pytest.FixtureRequest, name: str
):
    settings.PARLEY = {"COUNT_CEILING": 100}  # type: ignore[attr-defined]
    with CaptureQueriesContext(connection) as context:
        assert admin_client.get(f"/admin/parley/{OF_THE_ADMIN[name]}").status_code == 200
    [sql] = [sql for sql in statements(context) if "UNION ALL" in sql]
    plan = plan_of(sql)
    assert not plan.faults()
    assert plan.returned > 20


@pytest.mark.parametrize("name", OF_ONE_WORKSPACE)
def test_a_list_of_one_workspace_reads_what_it_returns(
    history: History, admin_client: Client, settings: pytest.FixtureRequest, name: str
):
    settings.PARLEY = {"COUNT_CEILING": 1_000}  # type: ignore[attr-defined]
    path = OF_ONE_WORKSPACE[name].format(large=history.large)
    joined = "&" if "?" in path else "?"
    with CaptureQueriesContext(connection) as context:
        url = f"/admin/parley/{path}{joined}workspace={history.tenant.workspace.slug}"
        assert admin_client.get(url).status_code == 200
    reading = [sql for sql in statements(context) if any(f'"{table}"' in sql for table in TABLES)]
    reading = [sql for sql in reading if not sql.startswith("EXPLAIN")]
    assert reading or name in ("stored objects", "keys")
    assert not [fault for sql in reading for fault in plan_of(sql).faults()]


def test_the_judge_sees_a_scan_through_everything(history: History):
    table = "parley_message"
    for sql in (
        f"SELECT id FROM {table} WHERE content = 'nowhere'",
        f"SELECT id FROM {table} ORDER BY content LIMIT 5",
        f"SELECT count(*) FROM {table} WHERE content = 'nowhere'",
    ):
        assert plan_of(sql).faults(), sql


def conversation_scan(history: History) -> IndexScan:
    return IndexScan.of_workspace(Message, history.tenant.workspace.pk, conversation_id=history.large)


def workspace_scan(history: History) -> IndexScan:
    return IndexScan.of_workspace(Message, history.tenant.workspace.pk)


def parts_scan(history: History) -> IndexScan:
    messages = Message.objects.in_conversation(history.large).values_list("pk", flat=True)[:100]
    scan = IndexScan.of_workspace(Part, history.tenant.workspace.pk, message_id=list(messages))
    return scan.in_order(("message_id", "position"))


@pytest.fixture
def prepared(settings: Any) -> None:
    settings.PARLEY = {"PREPARED_STATEMENTS": True}


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("bounded", [True, False])
@pytest.mark.parametrize(
    ("scan", "order"),
    [
        (conversation_scan, ("created_at", "conversation_id", "seq")),
        (conversation_scan, ("created_at", "seq")),
        (conversation_scan, ("seq", "conversation_id")),
        (workspace_scan, ("created_at", "conversation_id", "seq")),
    ],
)
def test_the_plan_that_may_be_kept_for_a_scan_is_one(
    history: History,
    scan: Callable[[History], IndexScan],
    order: tuple[str, ...],
    bounded: bool,
    descending: bool,
):
    rows = scan(history).in_order(order, descending=descending)
    if bounded:
        middle = Message.objects.in_conversation(history.large).values_list(*order)[LARGE // 2]
        rows = rows.after(order, middle, descending=descending)
    for cut in (CUT, HIDDEN_CUT):
        kinds = kept_plan(rows[:101], cut)
        assert any(kind.startswith("Index") for kind in kinds)
        assert "Sort" not in kinds


def test_the_plan_for_a_page_of_a_conversation_is_kept(prepared: None, history: History):
    rows = conversation_scan(history).in_order(("created_at", "conversation_id", "seq"), descending=True)
    for _ in range(20):
        first_json_rows(rows[:101], ("id", "content"), most_bytes=1_000_000)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement LIKE %s",
            ["%running%parley_message%"],
        )
        [(custom, generic)] = cursor.fetchall()
    assert (custom, generic) == (5, 10)


def test_a_page_of_a_workspace_is_planned_for_its_limit(history: History):
    rows = IndexScan.of_workspace(Message, history.tenant.workspace.pk, superseded_by=None)
    with CaptureQueriesContext(connection) as queries:
        json_rows(rows.in_order(("created_at", "conversation_id", "seq"))[:101], ("id",))
    assert queries.captured_queries[0]["sql"].endswith("LIMIT 101 OFFSET 0")


def test_the_plan_that_may_be_kept_for_parts_looks_them_up(history: History):
    assert "Seq Scan" not in kept_plan(parts_scan(history))


def test_the_planner_knows_how_frequent_a_text_is(history: History):
    """One message in a hundred has each of these. Of a hundred samples that may be none, or three."""
    total, wrong = Message.objects.count(), []
    for text in (f"number {number}" for number in range(20, 80)):
        found = Message.objects.filter(search_text__contains=text)
        [plan] = json.loads(found.explain(format="json"))
        estimate, count = plan["Plan"]["Plan Rows"], found.count()
        assert total / 120 < count < total / 60
        if not count / 2.5 < estimate < count * 2.5:
            wrong.append((text, estimate, count))
    assert len(wrong) < 4, wrong


def kept_plan(scan: IndexScan, cut: str = HIDDEN_CUT) -> list[str]:
    """The kinds of nodes of the plan that is made without a look at the values."""
    text, params = scan.statement("id", cut)
    for place in range(1, len(params) + 1):
        text = text.replace("%s", f"${place}", 1)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE scan AS {text}")
        try:
            places = ", ".join(["%s"] * len(params))
            cursor.execute(f"EXPLAIN (FORMAT json) EXECUTE scan ({places})", params)
            [[[explained]]] = cursor.fetchall()
        finally:
            cursor.execute("DEALLOCATE scan")
            cursor.execute("SET LOCAL plan_cache_mode = auto")
    return [node["Node Type"] for node in Plan(text, explained["Plan"]).nodes()]
