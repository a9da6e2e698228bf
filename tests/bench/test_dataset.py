"""The generated rows are those that the services would have written."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.forms.models import model_to_dict
from pytest_django import DjangoDbBlocker

from messaging.index.filters import Pairs, Texts
from messaging.models import Conversation, Message, Part
from messaging.services import append_messages, checksum_of, create_conversation
from messaging.testing import make_workspace
from messaging.values.text import fold
from tests.bench.build import add_thread
from tests.bench.dataset import CASES, START, WRITER, YEAR, Dataset
from tests.bench.filling import fill, without_indexes
from tests.bench.words import COMMON, RARE, TAG
from tests.cast import Tenant

MESSAGES = 2_000
OF_THE_MOMENT = {"id", "conversation", "checksum", "index_terms"}


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Dataset]:
    """Written once for all tests, and taken back after the last."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = Dataset(make_workspace("dataset").pk, MESSAGES)
        fill(Conversation, made.conversations)
        fill(Message, made.rows())
        connection.check_constraints()  # or no index could be dropped
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def dataset(filled: Dataset, db: None) -> Dataset:
    return filled


def columns(row: Any, without: set[str]) -> dict[str, Any]:
    return {
        field.name: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in without and not field.name.endswith("_at")
    }


def test_a_conversation_is_as_if_appended(dataset: Dataset):
    drafts = [dataset.draft(number) for number in range(0, MESSAGES, 10)]
    made = dataset.conversations[0]
    twin, _ = create_conversation(
        workspace_id=dataset.workspace_id, writer=WRITER, title=made.title, user_id=made.user_id
    )
    for draft in drafts:
        append_messages(
            workspace_id=dataset.workspace_id, conversation_id=twin.pk, drafts=[draft], writer=WRITER
        )
    stored, appended = (Message.objects.in_conversation(pk).order_by("seq") for pk in (made.pk, twin.pk))
    assert [columns(row, OF_THE_MOMENT) for row in stored] == [
        columns(row, OF_THE_MOMENT) for row in appended
    ]
    rows = [Conversation.objects.get(pk=pk) for pk in (made.pk, twin.pk)]
    assert columns(rows[0], {"id"}) == columns(rows[1], {"id"})
    assert model_to_dict(rows[0]).keys() == model_to_dict(rows[1]).keys()


def test_every_row_holds_together(dataset: Dataset):
    rows = list(Message.objects.all())
    assert len(rows) == MESSAGES
    assert all(row.checksum == checksum_of(row, imported_at=None) for row in rows)
    assert all(row.search_text == fold(row.content) for row in rows)
    assert all(row.created_at == row.sent_at == row.updated_at for row in rows)
    assert len({row.pk for row in rows}) == MESSAGES


def test_counters_are_those_of_the_messages(dataset: Dataset):
    for conversation in Conversation.objects.all():
        rows = list(conversation.messages.order_by("seq"))
        assert [row.seq for row in rows] == list(range(1, conversation.last_seq + 1))
        assert conversation.message_count == len(rows)
        assert (conversation.created_at, conversation.updated_at) == (rows[0].created_at, rows[-1].created_at)


def test_a_tenth_is_in_the_large_conversation(dataset: Dataset):
    counts = sorted(Conversation.objects.values_list("message_count", flat=True))
    assert counts[-1] == MESSAGES // 10
    assert counts[-2] <= 2 * 90


def test_terms_tag_and_cases_are_as_rare_as_said(dataset: Dataset):
    large = Message.objects.in_conversation(dataset.conversations[0].pk)
    assert (large.search(RARE).count(), Message.objects.search(RARE).count()) == (10, 20)
    share = [
        rows.count() * 100 / MESSAGES
        for rows in (Message.objects.search(COMMON), Message.objects.narrow(Texts.any_of("tags", [TAG])))
    ]
    assert share == pytest.approx([1, 1], abs=0.1)
    assert Message.objects.narrow(Pairs.of("meta_data", {"case": "7"})).count() == pytest.approx(
        MESSAGES / CASES, abs=1
    )


def test_the_messages_of_the_agent_have_parts_in_rows(acme: Tenant):
    add_thread(acme.workspace.pk, 6)
    messages = Message.objects.exclude(run_id=None)
    kinds = [part.type for part in Part.objects.order_by("message__seq", "position")]
    assert messages.count() == 6
    assert kinds == ["text", "tool-call", "tool-result", "reasoning", "text"] * 2


def test_indexes_are_back_after_filling(db: None):
    def indexes() -> set[str]:
        with connection.cursor() as cursor:
            return set(connection.introspection.get_constraints(cursor, Message._meta.db_table))

    before = indexes()
    with without_indexes(Message):
        assert indexes() < before
    assert indexes() == before


def test_ten_million_messages_fit_into_the_year():
    year = Dataset("wsp_", 10_000_000)
    assert START < year._time_of(1) < year._time_of(9_999_998) < year._time_of(9_999_999) < START + YEAR
