"""What SQLite finds messages by: true to the rows whatever is done to them, and a way to the same answers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.models import Conversation, Message
from messaging.models.candidates import SEQ_MASK
from messaging.models.terms import IndexTermsField
from messaging.services import (
    MessageDraft,
    Writer,
    append_messages,
    create_conversation,
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
    given = dict(rows_of("SELECT conversation_id, number FROM messaging_conversation_number"))
    return {given[row.conversation_id] << 23 | row.seq: row for row in Message.objects.all()}


def assert_true_to_the_rows() -> None:
    messages = numbers()
    terms = {(term, number) for number, row in messages.items() for term in TERMS.derive(row)[2::2]}
    assert set(rows_of("SELECT term, message FROM messaging_message_term")) == terms
    text = {number: row.search_text for number, row in messages.items()}
    trigrams = {(one[at : at + 3], number) for number, one in text.items() for at in range(len(one) - 2)}
    with found_trigrams() as found:
        assert found == trigrams


@contextmanager
def found_trigrams() -> Iterator[set[tuple[str, int]]]:
    rows_of(
        "CREATE VIRTUAL TABLE temp.trigrams USING fts5vocab('main', 'messaging_message_found', 'instance')"
    )
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
    for target in ("0011", "0013"):
        call_command("migrate", "messaging", target, verbosity=0)
    assert_true_to_the_rows()
    correct(globex)
    assert_true_to_the_rows()


def test_a_deleted_conversation_leaves_no_number(acme: Tenant, globex: Tenant):
    delete_all(acme)
    left = [pk for [pk] in rows_of("SELECT conversation_id FROM messaging_conversation_number")]
    assert left == [globex.conversation.pk]


def test_numbers_of_a_workspace_are_side_by_side(acme: Tenant, globex: Tenant):
    for tenant in (acme, globex, acme):
        start_conversation(tenant)
    first, second = (
        [
            number
            for [number] in rows_of(
                "SELECT number FROM messaging_conversation_number WHERE workspace_id = %s ORDER BY 1",
                tenant.workspace.pk,
            )
        ]
        for tenant in (acme, globex)
    )
    assert first == [1 << 23, (1 << 23) + 1, (1 << 23) + 2]
    assert second == [2 << 23, (2 << 23) + 1]


def test_a_message_without_a_number_left_is_refused(acme: Tenant):
    acme.reply.pk, acme.reply.seq = "msg_beyond", SEQ_MASK + 1
    with pytest.raises(DatabaseError, match="up to 8388607 messages"):
        acme.reply.save(force_insert=True)


def test_a_conversation_without_a_number_left_is_refused(acme: Tenant, globex: Tenant):
    last = "UPDATE messaging_conversation_number SET number = number + 8388607 WHERE workspace_id = %s"
    rows_of(last, globex.workspace.pk)
    assert append(globex, MessageDraft(content="there is room in this one"))
    with pytest.raises(DatabaseError, match="up to 8388608 conversations"):
        start_conversation(globex)
    assert start_conversation(acme)


def test_a_workspace_without_a_number_left_is_refused(acme: Tenant):
    last = "UPDATE messaging_conversation_number SET number = 131071 << 23 WHERE workspace_id = %s"
    rows_of(last, acme.workspace.pk)
    assert start_conversation(acme)
    with pytest.raises(DatabaseError, match="up to 131071 workspaces"):
        make_tenant("one too many")


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
WAYS = {"looked up": (10**6, 10**9), "walked": (10**6, 0), "row by row": (-1, 0)}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", NARROWED)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_each_way_gives_the_same_rows(
    acme: Tenant, globex: Tenant, monkeypatch: pytest.MonkeyPatch, way: str, name: str, data: st.DataObject
):
    for constant, number in zip(("FEW", "WALK", "OF_ALL"), (*WAYS[way], 10**9), strict=True):
        monkeypatch.setattr(f"messaging.models.candidates.{constant}", number)
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
