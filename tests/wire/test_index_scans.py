"""An index scan reads what a queryset that is narrowed, ordered and cut in the same way does."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from messaging.index.index_scan import IndexScan, holds_order
from messaging.models import Conversation, Message, Run
from messaging.services import MessageDraft, Writer, append_messages
from messaging.sql.rows import json_rows
from tests.cast import Tenant

pytestmark = pytest.mark.django_db

COLUMNS = ("id", "content", "seq", "created_at", "meta_data", "tags", "enable_memories")
ORDERS = (("created_at", "conversation_id", "seq"), ("created_at", "seq"), ("seq",))


@pytest.fixture(autouse=True)
def history(acme: Tenant, globex: Tenant) -> None:
    """Of equal moments too."""
    for tenant in (acme, globex):
        now = timezone.now() - timedelta(days=1)
        drafts = [
            MessageDraft(content=str(n), created_at=now + timedelta(hours=n // 3), tags=["a"])
            for n in range(12)
        ]
        append_messages(
            workspace_id=tenant.workspace.pk,
            conversation_id=tenant.conversation.pk,
            drafts=drafts,
            writer=Writer(),
        )


def both(tenant: Tenant, **values: Any) -> tuple[IndexScan, Any]:
    scan = IndexScan.of_workspace(Message, tenant.workspace.pk, **values)
    return scan, Message.objects.for_workspace(tenant.workspace.pk).filter(**values)


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("order", ORDERS)
def test_it_goes_in_the_same_order(acme: Tenant, order: tuple[str, ...], descending: bool):
    scan, rows = (
        each.in_order(order, descending=descending)
        for each in both(acme, conversation_id=acme.conversation.pk)
    )
    assert json_rows(scan, COLUMNS, read=str) == json_rows(rows, COLUMNS, read=str)
    assert len(json_rows(scan, COLUMNS)) == 14


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("place", [0, 5, 13])
def test_it_goes_on_from_the_same_place(acme: Tenant, order: tuple[str, ...], descending: bool, place: int):
    scan, rows = both(acme)
    rows = rows.in_order(order, descending=descending)
    position = rows.values_list(*order)[place]
    found = scan.in_order(order, descending=descending).after(order, position, descending=descending)
    wanted = rows.after(order, position, descending=descending)
    assert json_rows(found, COLUMNS, read=str) == json_rows(wanted, COLUMNS, read=str)
    assert len(json_rows(found, COLUMNS)) == 13 - place


def test_it_stops_at_two_bounds(acme: Tenant):
    order = ("created_at", "seq")
    scan, rows = both(acme)
    rows = rows.in_order(order, descending=False)
    first, last = rows.values_list(*order)[2], rows.values_list(*order)[7]
    between = scan.in_order(order).after(order, first, descending=False).after(order, last, descending=True)
    assert [row["id"] for row in json_rows(between, ("id",))] == [row.pk for row in rows[3:7]]


@pytest.mark.parametrize("part", [slice(0, 3), slice(4, 9), slice(2, None), slice(20, 25), slice(3, 3)])
def test_it_is_cut_alike(acme: Tenant, part: slice):
    scan, rows = (
        each.in_order(("seq",), descending=False) for each in both(acme, conversation_id=acme.conversation.pk)
    )
    assert json_rows(scan[part], COLUMNS, read=str) == json_rows(rows[part], COLUMNS, read=str)


def test_it_takes_one_of_several_values(acme: Tenant, globex: Tenant):
    ids = [acme.question.pk, globex.reply.pk, "msg_none"]
    scan = IndexScan.of_workspace(Message, acme.workspace.pk, id=ids).in_order(("id",))
    assert [row["id"] for row in json_rows(scan, ("id",))] == [acme.question.pk]


@pytest.mark.parametrize(
    ("model", "equal", "order", "held"),
    [
        (Message, {"workspace_id"}, ("created_at", "conversation_id", "seq"), True),
        (Message, {"workspace_id", "conversation_id"}, ("created_at", "conversation_id", "seq"), True),
        (Message, {"workspace_id", "conversation_id"}, ("seq", "conversation_id"), True),
        (Message, {"workspace_id"}, ("updated_at", "conversation_id", "seq"), False),
        (Message, {"workspace_id"}, ("seq", "conversation_id"), False),
        (Message, {"workspace_id", "agent_id"}, ("created_at", "conversation_id", "seq"), False),
        (Conversation, {"workspace_id"}, ("updated_at", "id"), True),
        (Conversation, {"workspace_id", "is_public"}, ("updated_at", "id"), False),
        (Run, {"workspace_id", "conversation_id"}, ("created_at", "id"), True),
    ],
)
def test_what_an_index_holds_is_read_from_the_model(
    model: Any, equal: set[str], order: tuple[str, ...], held: bool
):
    assert holds_order(model, frozenset(equal), order) is held
