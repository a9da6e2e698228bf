"""What SQLite finds messages by: true to the rows whatever is done to them, and a way to the same answers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.models import Count, Q
from django.test.utils import CaptureQueriesContext
from hypothesis import strategies as st

from messaging.index.conditions import HasTexts
from messaging.index.filters import Compared, Contains, Equal, Filter, Pairs, Texts
from messaging.index.listing import Listing, Order, Window
from messaging.index.plan import plan
from messaging.index.postings import (
    FIRST_OF_CONVERSATION,
    FIRST_OF_WORKSPACE,
    SEQ_BITS,
    SEQ_MASK,
    Postings,
    Selectivity,
)
from messaging.index.sources import RowSource
from messaging.index.terms import IndexTermsField, index_terms_of
from messaging.models import Conversation, Message, MessageQuerySet
from messaging.services import (
    MessageDraft,
    Writer,
    append_messages,
    create_conversation,
    create_workspace,
    delete_conversation,
    delete_message,
    delete_workspace,
    redact_messages,
    update_message,
)
from tests.cast import Tenant, make_tenant
from tests.generated import made_up

pytestmark = pytest.mark.django_db

TERMS: IndexTermsField = Message._meta.get_field("index_terms")
WRITER = Writer(owner_id="o")


@pytest.fixture(autouse=True)
def on_sqlite(db: None) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has an index of its own")


def rows_of(sql: str, *params: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def numbers() -> dict[int, Message]:
    """The messages by their numbers."""
    given = {
        (workspace, conversation): number
        for workspace, conversation, number in rows_of(
            "SELECT workspace_id, conversation_id, number FROM parley_conversation_number"
        )
    }
    rows = Message.objects.all()
    return {given[row.workspace_id, row.conversation_id] << SEQ_BITS | row.seq: row for row in rows}


def assert_true_to_the_rows() -> None:
    messages = numbers()
    terms = {(term, number) for number, row in messages.items() for term in TERMS.derive(row)[2::2]}
    assert set(rows_of("SELECT term, message FROM parley_message_term")) == terms
    text = {number: row.search_text for number, row in messages.items()}
    trigrams = {(one[at : at + 3], number) for number, one in text.items() for at in range(len(one) - 2)}
    with found_trigrams() as found:
        assert found == trigrams


@contextmanager
def found_trigrams() -> Iterator[set[tuple[str, int]]]:
    rows_of("CREATE VIRTUAL TABLE temp.trigrams USING fts5vocab('main', 'parley_message_text', 'instance')")
    try:
        yield set(rows_of("SELECT term, doc FROM temp.trigrams"))
    finally:
        rows_of("DROP TABLE temp.trigrams")


def append(tenant: Tenant, *drafts: MessageDraft) -> list[Message]:
    place = {"workspace_id": tenant.workspace.pk, "conversation_id": tenant.conversation.pk}
    return append_messages(**place, drafts=drafts, writer=WRITER)


def start_conversation(tenant: Tenant) -> Conversation:
    drafts = [MessageDraft(content="hello")]
    return create_conversation(workspace_id=tenant.workspace.pk, writer=WRITER, drafts=drafts)[0]


def rows_in(tenant: Tenant) -> MessageQuerySet:
    return Message.objects.for_workspace(tenant.workspace.pk)


def correct(tenant: Tenant) -> None:
    changes = {"content": "Ärger, nichts als ÄRGER", "tags": ["a", "a", "b"], "meta_data": {"k": 1}}
    update_message(workspace_id=tenant.workspace.pk, message_id=tenant.reply.pk, changes=changes)


def tag(tenant: Tenant) -> None:
    update_message(workspace_id=tenant.workspace.pk, message_id=tenant.question.pk, changes={"tags": ["vip"]})


def redact(tenant: Tenant) -> None:
    correct(tenant)
    redact_messages(workspace_id=tenant.workspace.pk, message_ids=[tenant.reply.pk])


def delete_one(tenant: Tenant) -> None:
    tag(tenant)
    delete_message(workspace_id=tenant.workspace.pk, message_id=tenant.question.pk)


def delete_all(tenant: Tenant) -> None:
    tag(tenant)
    delete_conversation(workspace_id=tenant.workspace.pk, conversation_id=tenant.conversation.pk)


def delete_everything(tenant: Tenant) -> None:
    tag(tenant)
    delete_workspace(workspace_id=tenant.workspace.pk, force=True)


def move(tenant: Tenant) -> None:
    tag(tenant)
    other, _ = create_conversation(workspace_id=tenant.workspace.pk, writer=WRITER)
    Message.objects.filter(pk=tenant.question.pk).update(conversation=other, seq=7)
    tenant.question.refresh_from_db()
    tenant.question.save()


def move_to_another_workspace(tenant: Tenant) -> None:
    tag(tenant)
    other = create_workspace(name="other")
    Conversation.objects.filter(pk=tenant.conversation.pk).update(workspace=other)
    for row in Message.objects.in_conversation(tenant.conversation.pk):
        row.workspace = other
        held = index_terms_of(Message)
        assert held
        terms = held.derive(row)
        Message.objects.filter(pk=row.pk).update(workspace=other, index_terms=terms)
    moved = Tenant(**{**vars(tenant), "workspace": other})
    for each in (text("sunday"), tagged("vip")):
        assert listed(moved, each).keys() == [tenant.question.pk]


def delete_parents_first(tenant: Tenant) -> None:
    tag(tenant)
    for table, column in (("parley_conversation", "id"), ("parley_message", "conversation_id")):
        rows_of(f"DELETE FROM {table} WHERE {column} = %s", tenant.conversation.pk)


def write_behind_our_back(tenant: Tenant) -> None:
    tag(tenant)
    Message.objects.filter(pk=tenant.question.pk).update(search_text="by hand")
    Message.objects.filter(pk=tenant.reply.pk).update(index_terms=None, search_text="unseen")
    Message.objects.filter(pk=tenant.reply.pk).update(tags=["late"])
    call_command("fill_index_terms")


def save_as_it_is(tenant: Tenant) -> None:
    tenant.question.save()


@pytest.mark.parametrize(
    "happens",
    [
        correct,
        tag,
        redact,
        delete_one,
        delete_all,
        delete_everything,
        move,
        move_to_another_workspace,
        delete_parents_first,
        write_behind_our_back,
        save_as_it_is,
    ],
)
def test_the_tables_are_true_to_the_rows(acme: Tenant, globex: Tenant, happens: Callable[[Tenant], None]):
    assert_true_to_the_rows()
    tag(globex)
    happens(acme)
    assert_true_to_the_rows()


@pytest.mark.django_db(transaction=True)
def test_the_tables_are_made_anew_by_going_back_and_forth(acme: Tenant, globex: Tenant):
    tag(acme)
    start_conversation(acme)
    call_command("migrate", "parley", "0001", verbosity=0)
    call_command("migrate", verbosity=0)  # all apps, for those that stand on ours went back too
    assert_true_to_the_rows()
    start_conversation(acme)
    correct(globex)
    assert_true_to_the_rows()


@pytest.mark.parametrize("delete", [delete_all, delete_everything, delete_parents_first])
def test_a_deleted_conversation_leaves_no_number(
    acme: Tenant, globex: Tenant, delete: Callable[[Tenant], None]
):
    delete(acme)
    left = [pk for [pk] in rows_of("SELECT conversation_id FROM parley_conversation_number")]
    assert left == [globex.conversation.pk]


def test_numbers_of_a_workspace_are_side_by_side(acme: Tenant, globex: Tenant):
    for tenant in (acme, globex, acme):
        start_conversation(tenant)
    first, second = (
        [
            number
            for [number] in rows_of(
                "SELECT number FROM parley_conversation_number WHERE workspace_id = %s ORDER BY 1",
                tenant.workspace.pk,
            )
        ]
        for tenant in (acme, globex)
    )
    assert first == [1 << 23, (1 << 23) + 1, (1 << 23) + 2]
    assert second == [2 << 23, (2 << 23) + 1]


def test_a_message_without_a_number_left_is_refused(acme: Tenant):
    acme.reply.pk, acme.reply.seq = "msg_beyond", SEQ_MASK + 1
    with pytest.raises(DatabaseError, match="no number is left in this conversation"):
        acme.reply.save(force_insert=True)


def test_a_conversation_without_a_number_left_is_refused(acme: Tenant, globex: Tenant):
    last = "UPDATE parley_conversation_number SET number = number + 8388607 WHERE workspace_id = %s"
    rows_of(last, globex.workspace.pk)
    assert append(globex, MessageDraft(content="there is room in this one"))
    with pytest.raises(DatabaseError, match="no number is left for a conversation"):
        start_conversation(globex)
    assert start_conversation(acme)


def test_a_workspace_without_a_number_left_is_refused(acme: Tenant):
    last = "UPDATE parley_conversation_number SET number = 131071 << 23 WHERE workspace_id = %s"
    rows_of(last, acme.workspace.pk)
    assert start_conversation(acme)
    assert len(listed(acme, text("hello")).keys()) == 1
    with pytest.raises(DatabaseError, match="no number is left for a workspace"):
        make_tenant("one too many")


def test_who_names_what_is_not_there_reads_nothing_of_others(acme: Tenant, globex: Tenant):
    """Without bounds FTS5 would read all texts, and the time would tell whether one is somebody's."""
    for conversation in ("conv_nowhere", globex.conversation.pk):
        [[first]] = rows_of(f"SELECT {FIRST_OF_CONVERSATION}", conversation, acme.workspace.pk)
        assert first < 0
    [[first]] = rows_of(f"SELECT {FIRST_OF_WORKSPACE}", "wsp_nowhere")
    assert first < 0


def test_a_statement_inserts_any_number(acme: Tenant):
    """One for each number would be kept with the connection, megabytes each."""
    seen = set()

    def watch(execute: Any, sql: str, *rest: Any) -> Any:
        seen.update([sql] if sql.startswith('INSERT INTO "parley_message"') else [])
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        for number in (1, 2, 30):
            append(acme, *[MessageDraft(content="hello")] * number)
    assert len(seen) == 1


WANTED = Postings("SELECT 1", (), are_exact=True)
MAYBE = Postings("SELECT 1", (), are_exact=False)


@pytest.mark.parametrize(
    ("postings", "selectivity", "in_order", "way"),
    [
        (WANTED, Selectivity(10**6, rest=900, postings=5), True, "one by one"),
        (WANTED, Selectivity(10**6, rest=10**6, postings=5), True, "looked up"),
        (WANTED, Selectivity(10**6, rest=10**6, postings=10_000), True, "scanned"),
        (WANTED, Selectivity(10**6, rest=10**6, postings=10_000), False, "looked up"),
        (WANTED, Selectivity(10**6, rest=2_000, postings=10_000), False, "scanned"),
        (WANTED, Selectivity(10**6, rest=10**6, postings=62_501), True, "one by one"),
        (WANTED, Selectivity(10**6, rest=10**6, postings=62_501), False, "looked up"),
        (MAYBE, Selectivity(10**6, rest=10**6, postings=62_501), False, "one by one"),
        (MAYBE, Selectivity(2_000, rest=2_000, postings=1_000), True, "scanned"),
    ],
)
def test_the_way_follows_from_selectivity(
    postings: Postings, selectivity: Selectivity, in_order: bool, way: str
):
    condition = postings.condition(selectivity, in_order=in_order)
    assert way == ("one by one" if condition is None else "scanned" if condition.is_scan else "looked up")


@pytest.fixture
def nothing_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    for constant in ("SMALL", "FEW"):
        monkeypatch.setattr(f"messaging.index.postings.{constant}", 0)


@pytest.fixture
def history(acme: Tenant) -> Tenant:
    """Of 200 messages all have the tag `often`, 40 `usual` and one `rare`."""
    tags = [["often", *["usual"] * (n % 5 == 0), *["rare"] * (n == 7)] for n in range(200)]
    append(acme, *(MessageDraft(content=f"number {n}", tags=tags[n]) for n in range(200)))
    return acme


def listed(tenant: Tenant, *filters: Filter, stop: int | None = None) -> RowSource:
    order = Order(("created_at", "conversation_id", "seq"))
    listing = Listing(model=Message, workspaces=[tenant.workspace.pk], filters=filters, order=order)
    return plan(listing).at(Window(stop=stop))


def tagged(tag: str) -> Texts:
    return Texts.any_of("tags", [tag])


def text(words: str) -> Contains:
    return Contains("search_text", words)


def statements(source: RowSource) -> list[str]:
    """What is asked to read the rows."""
    with CaptureQueriesContext(connection) as context:
        source.keys()
    return [query["sql"] for query in context.captured_queries]


def plan_of(source: RowSource) -> str:
    return "\n".join(row[3] for row in rows_of(f"EXPLAIN QUERY PLAN {statements(source)[-1]}"))


LOOKUP = "(conversation_id=? AND workspace_id=? AND seq=?)"
SORT = "USE TEMP B-TREE FOR ORDER BY"


def test_a_short_list_is_read_counted_and_sorted_in_one_statement(history: Tenant):
    for rare in (tagged("rare"), text("number 77"), Texts.all_of("tags", ["rare", "often"])):
        source = listed(history, rare, stop=10)
        with CaptureQueriesContext(connection) as context:
            assert len(source.keys()) == source.total().number == 1
        assert len(context) == 1
        assert LOOKUP in plan_of(source)


def test_a_list_that_is_long_stands_for_no_row(history: Tenant, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("messaging.index.postings.FEW", 30)
    source = listed(history, tagged("usual"), stop=10)
    assert len(source.keys()) == 10
    assert source.total() == (40, True)
    assert len(statements(source)) == 1  # that it is long is known by now, and so is its selectivity


def test_a_page_of_what_is_frequent_is_scanned_in_its_order(history: Tenant, nothing_is_small: None):
    plan = plan_of(listed(history, tagged("usual"), stop=10))
    assert "USING INDEX parley_message_in_workspace" in plan
    assert "LIST SUBQUERY" in plan
    assert plan.count(SORT) == 1  # of the page alone


def test_what_is_frequent_is_looked_up_to_be_counted(history: Tenant, nothing_is_small: None):
    sql, params = listed(history, tagged("usual")).queryset.query.sql_with_params()
    plan = "\n".join(row[3] for row in rows_of(f"EXPLAIN QUERY PLAN {sql}", *params))
    assert LOOKUP in plan


def test_what_two_lists_must_say_is_not_scanned_for(history: Tenant, nothing_is_small: None):
    assert LOOKUP in plan_of(listed(history, tagged("usual"), text("number 1"), stop=10))


def test_what_is_frequent_is_asked_row_by_row_of_what_is_rarer(history: Tenant, nothing_is_small: None):
    source = listed(history, tagged("often"), text("number 77"))
    assert statements(source)[-1].count("parley_message_term") == 0
    assert [Message.objects.get(pk=key).content for key in source.keys()] == ["number 77"]  # noqa: SIM118


def test_ranges_that_leave_less_are_scanned(history: Tenant, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("messaging.index.postings.SMALL", 0)
    monkeypatch.setattr("messaging.index.postings.FEW", 3)
    row = Message.objects.get(content="number 190")
    source = listed(history, tagged("often"), Compared("created_at", "gte", row.created_at))
    assert set(source.keys()) >= {row.pk}
    assert "+" in str(source.queryset.query)


def test_the_rarest_of_several_tags_leads(history: Tenant, nothing_is_small: None):
    assert listed(history, Texts.all_of("tags", ["often", "usual", "rare"])).keys() == []
    [key] = listed(history, Texts.all_of("tags", ["often", "rare"])).keys()
    assert Message.objects.get(pk=key).content == "number 7"


def test_selectivity_is_asked_for_once(history: Tenant, nothing_is_small: None):
    source = listed(history, tagged("usual"), stop=10)
    with CaptureQueriesContext(connection) as context:
        assert len(source.keys()) == 10
        assert source.total() == (40, True)
    assert len(context) == 4  # the list is long, its selectivity, the page and the total


@pytest.mark.parametrize("written", [str, lambda query: query.sql_with_params()])
def test_no_query_asks_the_database_anything_to_be_written(
    history: Tenant, nothing_is_small: None, written: Callable[[Any], Any], django_assert_num_queries: Any
):
    rows = rows_in(history)
    source = listed(history, tagged("usual"), text("number 1"), Equal("role", "user"))
    planned = source.queryset
    with django_assert_num_queries(0):
        for queryset in (
            rows.narrow(tagged("often")).search("number"),
            rows.narrow(Pairs.of("meta_data", {"k": "1"})),
            planned,
        ):
            written(queryset.query)


def test_the_condition_can_be_part_of_others(history: Tenant):
    rows = rows_in(history)
    rare, usual = Q(HasTexts("tags", [["rare"]])), Q(HasTexts("tags", [["usual"]]))
    assert rows.filter(rare | Q(seq=5)).count() == 2
    assert rows.filter(~rare, usual).count() == 40
    assert rows.exclude(rare | usual).count() == 202 - 41
    assert rows.annotate(is_rare=HasTexts("tags", [["rare"]])).filter(is_rare=True).count() == 1
    assert rows.aggregate(number=Count("pk", filter=usual))["number"] == 40


def test_a_text_that_cannot_be_stored_is_not_found(history: Tenant):
    assert not listed(history, text("num\0ber")).keys()
    assert not listed(history, text("m\0b")).keys()


WORDS = [
    "refund",
    "parcel",
    "Straße",
    'say "hi"',
    "日本語の",
    "of",
    "100%",
    "a*b",
    "\ud7ff\ue000\uffff",
    "-AND",
]
TAGS = ["a", "b", "c"]
DRAFTS = st.builds(
    MessageDraft,
    content=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join),
    tags=st.lists(st.sampled_from(TAGS), max_size=3) | st.none(),
    meta_data=st.dictionaries(st.sampled_from("xy"), st.sampled_from([1, "1", None, True]), max_size=2),
    role=st.sampled_from(["user", "tool", "critic"]),
)
FILTERS = {
    "search": st.sampled_from([*WORDS, "refund parcel", "nowhere"]).map(text),
    "tagged": st.lists(st.sampled_from(TAGS), max_size=3).map(lambda tags: Texts.any_of("tags", tags)),
    "all tagged": st.lists(st.sampled_from(TAGS), max_size=3).map(lambda tags: Texts.all_of("tags", tags)),
    "meta data": st.dictionaries(
        st.sampled_from("xy"), st.sampled_from(["1", "null", "true", "2"]), max_size=2
    ).map(lambda pairs: Pairs.of("meta_data", pairs)),
    "role": st.sampled_from(["user", "tool"]).map(lambda role: Equal("role", role)),
}
WAYS = {
    "at once": (-1, 10**6, 10**9),
    "looked up": (-1, 0, 10**9),
    "scanned": (-1, 0, 0),
    "by value": (10**6, 0, 0),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "names", [[name] for name in FILTERS] + [["search", "tagged", "role"]], ids=" and ".join
)
@made_up(5, 100, data=st.data())
def test_each_way_gives_the_same_rows(
    acme: Tenant, globex: Tenant, monkeypatch: pytest.MonkeyPatch, way: str, names: list[str], data: Any
):
    for constant, number in zip(("SMALL", "FEW", "SCAN"), WAYS[way], strict=True):
        monkeypatch.setattr(f"messaging.index.postings.{constant}", number)
    for tenant in (acme, globex):
        append(tenant, *data.draw(st.lists(DRAFTS, max_size=6)))
    filters = [data.draw(FILTERS[name]) for name in names]
    rows: Any = Message.objects.order_by("created_at", "conversation_id", "seq")
    for each in filters:
        rows = rows.filter(each.by_value())
    for tenant in (acme, globex):
        expected = [row.pk for row in rows if row.workspace_id == tenant.workspace.pk]
        for within in ([], [Equal("conversation_id", tenant.conversation.pk)]):
            source = listed(tenant, *filters, *within)
            assert source.keys() == expected
            assert source.total() == (len(expected), True)
            assert source.queryset.count() == len(expected)
    Message.objects.exclude(pk__in=[row.pk for tenant in (acme, globex) for row in tenant.messages]).delete()
