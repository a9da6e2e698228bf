"""What SQLite finds messages by: true to the rows whatever is done to them, and a way to the same answers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.models import Count, Q
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.index.candidates import (
    FIRST_OF_CONVERSATION,
    FIRST_OF_WORKSPACE,
    SEQ_BITS,
    SEQ_MASK,
    Candidates,
    Frequency,
)
from messaging.index.lookups import HasTexts
from messaging.index.terms import IndexTermsField
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
        row.save()
    assert Message.objects.for_workspace(other.pk).search("sunday").get() == tenant.question
    assert Message.objects.for_workspace(other.pk).tagged("vip").get() == tenant.question


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
    for target in ("0001", "0002"):
        call_command("migrate", "parley", target, verbosity=0)
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


def test_a_workspace_without_a_number_left_is_refused(acme: Tenant, nothing_is_small: None):
    last = "UPDATE parley_conversation_number SET number = 131071 << 23 WHERE workspace_id = %s"
    rows_of(last, acme.workspace.pk)
    assert start_conversation(acme)
    assert rows_in(acme).search("hello").count() == 1
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
        seen.update([sql] if sql.startswith("INSERT") else [])
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        for number in (1, 2, 30):
            append(acme, *[MessageDraft(content="hello")] * number)
    assert len(seen) == 1


WANTED = Candidates("SELECT 1", (), are_exact=True)
MAYBE = Candidates("SELECT 1", (), are_exact=False)


@pytest.mark.parametrize(
    ("candidates", "frequency", "in_order", "way"),
    [
        (WANTED, Frequency(10**6, beside=900, candidates=5), True, "one by one"),
        (WANTED, Frequency(10**6, beside=10**6, candidates=5), True, "looked up"),
        (WANTED, Frequency(10**6, beside=10**6, candidates=10_000), True, "walked"),
        (WANTED, Frequency(10**6, beside=10**6, candidates=10_000), False, "looked up"),
        (WANTED, Frequency(10**6, beside=2_000, candidates=10_000), False, "walked"),
        (WANTED, Frequency(10**6, beside=10**6, candidates=62_501), True, "one by one"),
        (WANTED, Frequency(10**6, beside=10**6, candidates=62_501), False, "looked up"),
        (MAYBE, Frequency(10**6, beside=10**6, candidates=62_501), False, "one by one"),
        (MAYBE, Frequency(2_000, beside=2_000, candidates=1_000), True, "walked"),
    ],
)
def test_the_way_follows_from_how_frequent_it_is(
    candidates: Candidates, frequency: Frequency, in_order: bool, way: str
):
    condition = candidates.condition('"t"', frequency, in_order=in_order)
    sql = condition[0] if condition else ""
    assert way == ("one by one" if not sql else "walked" if "+" in sql else "looked up")


@pytest.fixture
def nothing_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("messaging.index.candidates.SMALL", -1)


@pytest.fixture
def history(acme: Tenant, nothing_is_small: None) -> MessageQuerySet:
    """Of 200 messages all have the tag `often`, 40 `usual` and one `rare`."""
    tags = [["often", *["usual"] * (n % 5 == 0), *["rare"] * (n == 7)] for n in range(200)]
    append(acme, *(MessageDraft(content=f"number {n}", tags=tags[n]) for n in range(200)))
    return rows_in(acme).order_by("created_at", "conversation_id", "seq")


def plan_of(queryset: Any) -> str:
    sql, params = queryset.query.sql_with_params()
    return "\n".join(row[3] for row in rows_of(f"EXPLAIN QUERY PLAN {sql}", *params))


LOOKUP = "(conversation_id=? AND workspace_id=? AND seq=?)"
SORT = "USE TEMP B-TREE FOR ORDER BY"


def test_what_is_rare_is_looked_up(history: MessageQuerySet):
    for rare in (history.tagged("rare"), history.search("number 77")):
        assert LOOKUP in plan_of(rare)
        assert rare.count() == 1


def test_a_page_of_what_is_usual_is_walked_in_its_order(history: MessageQuerySet):
    plan = plan_of(history.tagged("usual")[:10])
    assert "USING INDEX message_workspace_created" in plan
    assert "LIST SUBQUERY" in plan
    assert SORT not in plan


def test_what_is_usual_is_looked_up_to_be_counted(history: MessageQuerySet):
    assert LOOKUP in plan_of(history.tagged("usual").order_by())


def test_two_conditions_are_not_walked_for(history: MessageQuerySet):
    assert LOOKUP in plan_of(history.tagged("usual").with_meta_data({"k": "1"})[:10])


def test_what_is_usual_is_read_in_the_rows_that_something_rarer_leaves(history: MessageQuerySet):
    """The candidates of `often` are not gathered."""
    both = history.tagged("rare").tagged("often")
    assert plan_of(both).count(LOOKUP) == 1
    assert str(both.query).count("parley_message_term") == 1
    assert [row.content for row in both] == ["number 7"]


def test_a_type_other_than_text_is_found_in_the_index_that_leaves_text_out(history: MessageQuerySet):
    for rows, index in (
        (history.of_type("image"), "message_type"),
        (history.in_conversation("conv_1").of_type("image"), "message_conversation_type"),
    ):
        assert f"USING INDEX {index} " in plan_of(rows)


def test_conditions_beside_that_leave_less_are_walked(
    history: MessageQuerySet, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("messaging.index.candidates.SMALL", 1)
    three = history.tagged("often").filter(seq__in=[5, 6, 7])
    assert three.count() == 3
    assert "+" in str(three.query)


def test_the_rarest_of_several_tags_leads(history: MessageQuerySet):
    assert history.tagged_all(["often", "usual", "rare"]).count() == 0
    assert history.tagged_all(["often", "rare"]).get().content == "number 7"


def test_candidates_are_counted_once_for_a_page_and_its_total(history: MessageQuerySet):
    found = history.tagged("usual")
    with CaptureQueriesContext(connection) as context:
        assert len(found[:10]) == 10
        assert found.count() == 40
    assert len(context) == 3


def test_the_condition_can_be_part_of_others(history: MessageQuerySet):
    rare, usual = Q(HasTexts("tags", ["rare"])), Q(HasTexts("tags", ["usual"]))
    assert history.filter(rare | Q(seq=5)).count() == 2
    assert history.filter(~rare, usual).count() == 40
    assert history.filter(rare | usual).count() == 41
    assert history.exclude(rare | usual).count() == 202 - 41
    assert history.annotate(is_rare=HasTexts("tags", ["rare"])).filter(is_rare=True).count() == 1
    assert history.aggregate(number=Count("pk", filter=usual))["number"] == 40


def test_a_text_that_cannot_be_stored_is_not_found(history: MessageQuerySet):
    assert not history.search("num\0ber")
    assert not history.search("m\0b")


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
)
NARROWED = {
    "search": (lambda rows, word: rows.search(word), st.sampled_from([*WORDS, "refund parcel", "nowhere"])),
    "tagged": (lambda rows, tags: rows.tagged_any(tags), st.lists(st.sampled_from(TAGS), max_size=3)),
    "all tagged": (lambda rows, tags: rows.tagged_all(tags), st.lists(st.sampled_from(TAGS), max_size=3)),
    "meta data": (
        lambda rows, pairs: rows.with_meta_data(pairs),
        st.dictionaries(st.sampled_from("xy"), st.sampled_from(["1", "null", "true", "2"]), max_size=2),
    ),
}
WAYS = {"looked up": (-1, 10**6, 10**9), "walked": (-1, 10**6, 0), "row by row": (10**6, 0, 0)}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", NARROWED)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_each_way_gives_the_same_rows(
    acme: Tenant, globex: Tenant, monkeypatch: pytest.MonkeyPatch, way: str, name: str, data: st.DataObject
):
    for constant, number in zip(("SMALL", "FEW", "WALK"), WAYS[way], strict=True):
        monkeypatch.setattr(f"messaging.index.candidates.{constant}", number)
    for tenant in (acme, globex):
        append(tenant, *data.draw(st.lists(DRAFTS, max_size=6)))
    narrow, values = NARROWED[name]
    value = data.draw(values)
    if isinstance(value, str):
        everywhere = set(
            Message.objects.filter(search_text__contains=value.casefold()).values_list("pk", flat=True)
        )
    else:  # who names no workspace is answered by value
        everywhere = {row.pk for row in narrow(Message.objects.all(), value)}
    for tenant in (acme, globex):
        rows = Message.objects.for_workspace(tenant.workspace.pk)
        expected = [
            pk for pk in rows.order_by("-created_at", "-seq").values_list("pk", flat=True) if pk in everywhere
        ]
        for some in (rows, rows.in_conversation(tenant.conversation.pk)):
            found = narrow(some, value)
            assert [row.pk for row in found.order_by("-created_at", "-seq")] == expected
            assert found.count() == len(expected)
    Message.objects.exclude(pk__in=[row.pk for tenant in (acme, globex) for row in tenant.messages]).delete()
