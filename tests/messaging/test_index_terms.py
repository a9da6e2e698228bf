"""The terms by which tags and meta data are found: always those of what the row holds, and enough."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, Q
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.index.conditions import HasKeys, HasPair, HasTexts
from messaging.index.filling import fill_index_terms
from messaging.index.filters import Pairs, Texts
from messaging.index.listing import Listing, Order
from messaging.index.plan import plan
from messaging.index.terms import IndexTermsField, listed
from messaging.models import Conversation, Message
from messaging.services import (
    MessageDraft,
    Writer,
    append_messages,
    redact_messages,
    tag_messages,
    update_conversation,
    update_message,
)
from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db

LIST = "/api/v1/messages"
VIP = Texts.any_of("tags", ["vip"])
TERMS: IndexTermsField = Message._meta.get_field("index_terms")


of_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL alone")


def is_true_to_its_row(row: Message | Conversation) -> bool:
    row.refresh_from_db()
    stored = row.index_terms
    return stored is not None and stored == row._meta.get_field("index_terms").derive(row)


def tagged(tenant: Tenant, tag: str) -> list[str]:
    rows = Message.objects.for_workspace(tenant.workspace.pk).narrow(Texts.any_of("tags", [tag]))
    return [row.pk for row in rows]


def is_by_keys(queryset: Any) -> bool:
    return "index_terms" in str(queryset.query).partition(" WHERE ")[2]


def test_a_new_message_and_a_new_conversation_have_theirs(acme: Tenant):
    assert is_true_to_its_row(acme.question)
    assert is_true_to_its_row(acme.conversation)


def test_new_tags_and_meta_data_renew_them(acme: Tenant):
    changes = {"tags": ["new"], "meta_data": {"step": 2}}
    update_message(workspace_id=acme.workspace.pk, message_id=acme.reply.pk, changes=changes)
    assert is_true_to_its_row(acme.reply)
    assert tagged(acme, "new") == [acme.reply.pk]


def test_tagging_many_renews_them(acme: Tenant):
    ids = [row.pk for row in acme.messages]
    tag_messages(workspace_id=acme.workspace.pk, message_ids=ids, add=["many"])
    assert all(is_true_to_its_row(row) for row in acme.messages)
    assert sorted(tagged(acme, "many")) == sorted(ids)
    tag_messages(workspace_id=acme.workspace.pk, message_ids=ids[:1], remove=["many"])
    assert tagged(acme, "many") == ids[1:]


def test_redaction_renews_them(acme: Tenant):
    changes = {"meta_data": {"name": "Ada"}}
    update_message(workspace_id=acme.workspace.pk, message_id=acme.reply.pk, changes=changes)
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[acme.reply.pk])
    assert is_true_to_its_row(acme.reply)
    rows = Message.objects.for_workspace(acme.workspace.pk)
    assert not rows.narrow(Pairs.of("meta_data", {"name": "Ada"})).exists()


def test_a_changed_conversation_renews_them(acme: Tenant):
    changes = {"collections": ["spring"], "meta_data": {"channel": "web"}}
    update_conversation(workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk, changes=changes)
    assert is_true_to_its_row(acme.conversation)
    assert (
        Conversation.objects.for_workspace(acme.workspace.pk)
        .narrow(Texts.any_of("collections", ["spring"]))
        .get()
    )


def test_the_same_tag_of_another_tenant_or_conversation_has_another_term(acme: Tenant, globex: Tenant):
    for tenant in (acme, globex):
        ids = [tenant.question.pk]
        tag_messages(workspace_id=tenant.workspace.pk, message_ids=ids, add=["vip"])
    first, other = (Message.objects.get(pk=tenant.question.pk) for tenant in (acme, globex))
    assert len(set(first.index_terms)) == 8  # itself, role, sender and tag, in workspace and conversation
    assert not set(first.index_terms) & set(other.index_terms)


def test_a_list_of_several_workspaces_finds_in_each(acme: Tenant, globex: Tenant):
    for tenant in (acme, globex):
        tag_messages(workspace_id=tenant.workspace.pk, message_ids=[tenant.reply.pk], add=["vip"])
    listing = Listing(
        model=Message,
        workspaces=[acme.workspace.pk, globex.workspace.pk],
        filters=[VIP],
        order=Order(("created_at", "conversation_id", "seq")),
    )
    source = plan(listing)
    assert is_by_keys(source.queryset)
    assert source.keys() == [acme.reply.pk, globex.reply.pk]


def test_who_names_no_tenant_is_answered_by_value(acme: Tenant):
    tag_messages(workspace_id=acme.workspace.pk, message_ids=[acme.reply.pk], add=["vip"])
    everywhere = Message.objects.narrow(VIP)
    assert not is_by_keys(everywhere)
    assert [row.pk for row in everywhere] == [acme.reply.pk]
    assert is_by_keys(Message.objects.for_workspace(acme.workspace.pk).narrow(VIP))


def test_an_excluded_tenant_is_not_the_one_that_is_searched(acme: Tenant, globex: Tenant):
    tag_messages(workspace_id=globex.workspace.pk, message_ids=[globex.reply.pk], add=["vip"])
    others = Message.objects.exclude(workspace=acme.workspace).narrow(VIP)
    assert [row.pk for row in others] == [globex.reply.pk]


def test_all_of_several_tags_and_pairs_are_one_condition_each(acme: Tenant, api: ApiClient):
    many = [f"t{number}" for number in range(100)]
    api.post(LIST, {"content": {"content": "much", "tags": many, "meta_data": {"a": 1, "b": None}}})
    query = f"tags={','.join(many)}&tags_mode=all&meta_data.a=1&meta_data.b=null"
    assert [row["content"] for row in api.get(f"{LIST}?{query}").json()["data"]] == ["much"]
    assert api.get(f"{LIST}?{query}&meta_data.a=2").json()["data"] == []


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = SCALARS | st.sampled_from(["3", "3.0", "1e2", "null", "true", "", "-0"]) | st.lists(st.integers())


@of_postgresql
@given(value=VALUES, asked=SCALARS.map(json.dumps) | st.sampled_from(["3", "100", "0", "-0.0", "x", "1e2"]))
@settings(max_examples=300, deadline=None)
def test_a_term_finds_what_the_value_does(value, asked: str):
    facts = set(TERMS.facts_of(Message(meta_data={"k": value})))
    condition = HasPair("meta_data", "k", asked)
    [wanted] = Pairs("meta_data", (("k", asked),)).facts(TERMS)
    with connection.cursor() as cursor:
        pairs = [json.dumps({"k": one}) for one in condition.values]
        cursor.execute("SELECT %s::jsonb @> ANY(%s::jsonb[])", [json.dumps({"k": value}), pairs])
        assert cursor.fetchone() == (not facts.isdisjoint(wanted),)


def test_what_was_written_behind_our_back_is_found_after_a_fill(
    acme: Tenant, capsys: pytest.CaptureFixture[str]
):
    tag_messages(workspace_id=acme.workspace.pk, message_ids=[acme.reply.pk], add=["old"])
    Message.objects.filter(pk=acme.reply.pk).update(index_terms=None)
    Message.objects.filter(pk=acme.question.pk).update(tags=["new"])
    assert not tagged(acme, "old")
    assert not tagged(acme, "new")
    call_command("fill_index_terms")
    assert "Filled 2 rows" in capsys.readouterr().out
    assert is_true_to_its_row(acme.reply)
    assert tagged(acme, "old") == [acme.reply.pk]
    assert tagged(acme, "new") == [acme.question.pk]
    call_command("fill_index_terms")
    assert "Filled 0 rows" in capsys.readouterr().out


def test_a_long_history_is_filled_batch_by_batch(acme: Tenant, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("messaging.index.filling.BATCH", 3)
    drafts = [MessageDraft(content=str(number), tags=["t"]) for number in range(8)]
    append_messages(
        workspace_id=acme.workspace.pk,
        conversation_id=acme.conversation.pk,
        drafts=drafts,
        writer=Writer(owner_id="o"),
    )
    Message.objects.update(index_terms=None)
    assert fill_index_terms(Message, "default") == Message.objects.count()
    assert len(tagged(acme, "t")) == 8
    assert fill_index_terms(Message, "default") == 0


@of_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_writes_is_filled_when_he_is_done(acme: Tenant, monkeypatch: pytest.MonkeyPatch):
    Message.objects.update(index_terms=None)
    other = connection.copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("SELECT 1 FROM parley_message WHERE id = %s FOR UPDATE", [acme.reply.pk])
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            other.rollback()
            other.close()

    monkeypatch.setattr("messaging.sql.passes.time.sleep", wait)
    assert fill_index_terms(Message, "default") == Message.objects.count()
    assert len(waits) == 2
    assert is_true_to_its_row(acme.reply)


def test_saving_some_columns_brings_the_terms_along(acme: Tenant):
    acme.reply.tags = ["saved"]
    acme.reply.save(update_fields=["tags"])
    assert tagged(acme, "saved") == [acme.reply.pk]


def test_no_tag_at_all_is_asked_by_value(acme: Tenant):
    update_message(workspace_id=acme.workspace.pk, message_id=acme.reply.pk, changes={"tags": []})
    rows = Message.objects.for_workspace(acme.workspace.pk)
    assert [row.pk for row in rows.narrow(Texts.all_of("tags", []))] == [acme.reply.pk]
    assert not rows.narrow(Texts.any_of("tags", []))


def test_what_lacks_a_tag_is_the_same_whoever_asks(acme: Tenant):
    tag_messages(workspace_id=acme.workspace.pk, message_ids=[acme.reply.pk], add=["vip"])
    lacking = Q(HasKeys([acme.workspace.pk], [[listed("tags", "vip")]]))
    by_keys = Message.objects.for_workspace(acme.workspace.pk).exclude(lacking)
    by_value = by_keys.model.objects.filter(pk__in=[acme.question.pk, acme.reply.pk]).exclude(
        Q(HasTexts("tags", [["vip"]]))
    )
    assert [row.pk for row in by_keys] == [row.pk for row in by_value] == [acme.question.pk]


def test_what_names_no_tenant_for_sure_is_asked_by_value(acme: Tenant):
    tag_messages(workspace_id=acme.workspace.pk, message_ids=[acme.reply.pk], add=["vip"])
    assert Message.objects.filter(workspace_id__in=[acme.workspace.pk, None]).narrow(VIP).count() == 1
    some = Message.objects.for_workspace(acme.workspace.pk)[:5]
    assert some.aggregate(n=Count("pk", filter=Q(HasTexts("tags", [["vip"]]))))["n"] == 1
