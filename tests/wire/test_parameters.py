"""A query parameter is declared once: how it narrows is part of its type."""

from importlib import import_module
from typing import Any

import pytest
from pydantic import BaseModel

from config.wires import dialects
from messaging.api.messages.query import MessageFilter, MessagesQuery
from messaging.index.filters import Equal, Texts
from messaging.models import Message
from messaging.services import tag_messages
from messaging.wire.parameters import Narrows, filters_of
from messaging.wire.view import WireViewSet
from tests.cast import Tenant

ORDER_AND_WINDOW = frozenset(
    {"skip", "limit", "cursor", "order_by", "order_direction", "page", "sort_by", "sort_order", "direction"}
    | {"offset", "order", "after", "before", "include", "include_parts", "tags_mode"}
    | {"include_in_brackets", "include_embedding"}
)
"""Parameters that do not narrow by themselves."""
NOT_OF_LISTINGS = ("PartsOfMessageQuery", "ChangesQuery", "HistoryQuery")
"""Derived parts are no rows, changes have one order, a history is that of one memory: these narrow by
themselves."""


def list_queries() -> list[type[BaseModel]]:
    for dialect in dialects():
        import_module(dialect.urls)
    pending: list[Any] = [WireViewSet]
    queries: dict[str, type[BaseModel]] = {}
    while pending:
        view = pending.pop()
        pending += view.__subclasses__()
        query = getattr(getattr(view, "list", None), "operation", None) and view.list.operation.query
        if query and query.__name__ not in NOT_OF_LISTINGS:
            queries[f"{query.__module__}.{query.__name__}"] = query
    return list(queries.values())


@pytest.mark.parametrize("query", list_queries(), ids=lambda query: f"{query.__module__}.{query.__name__}")
def test_every_parameter_of_a_list_says_how_it_narrows(query: type[BaseModel]):
    silent = {
        name
        for name, field in query.model_fields.items()
        if not any(isinstance(each, Narrows) for each in field.metadata)
    }
    assert silent <= ORDER_AND_WINDOW


def test_what_is_given_becomes_filters_and_what_is_empty_none():
    query = MessagesQuery.model_validate({"role": "tool", "sender_id": "", "tags": "a,b"})
    current = Equal("superseded_by", None)
    assert filters_of(query) == (current, Equal("role", "tool"), Texts.any_of("tags", ["a", "b"]))
    both = MessagesQuery.model_validate({"tags": "a,b", "tags_mode": "all", "branch": "all"})
    assert filters_of(both) == (Texts.all_of("tags", ["a", "b"]),)


@pytest.mark.django_db
def test_a_host_takes_the_same_parameters_as_a_filterset(acme: Tenant):
    tag_messages(workspace_id=acme.workspace.pk, message_ids=[acme.reply.pk], add=["vip"])
    rows = Message.objects.for_workspace(acme.workspace.pk)
    for given in ({"tags": "vip"}, {"search": acme.reply.content.upper()}, {"role": acme.reply.role}):
        assert list(MessageFilter(given, rows).qs) == [acme.reply]
    assert MessageFilter({"tags": ""}, rows).qs.count() == 2
