"""Search in the admin: what was found is marked where it stands; a short term walks no whole table."""

from typing import Any

import pytest
from django.test import Client

from messaging.models import Message
from messaging.services import MessageDraft, Writer, append_messages
from messaging.values.text import has_trigram
from tests.cast import Tenant

MESSAGES = "/admin/parley/message/"


@pytest.fixture
def staff(admin_client: Client, acme: Tenant) -> Client:
    return admin_client


def say(acme: Tenant, *texts: str) -> list[Message]:
    return append_messages(
        workspace_id=acme.workspace.pk,
        conversation_id=acme.conversation.pk,
        drafts=[MessageDraft(content=text) for text in texts],
        writer=Writer(owner_id="owner"),
    )


def page(client: Client, term: str) -> str:
    return client.get(MESSAGES, {"q": term}).content.decode()


def test_a_match_is_marked_as_it_was_written(staff: Client, acme: Tenant):
    say(acme, "Wegen der Straße <b>5</b>")
    assert "Wegen der <mark>Straße</mark> &lt;b&gt;5" in page(staff, "STRASSE")


@pytest.mark.parametrize("before", ["x" * 50_000, "ß" * 1_000, "İ" * 700 + "x" * 9_000])
def test_a_match_deep_in_a_long_text_is_shown(staff: Client, acme: Tenant, before: str):
    say(acme, f"{before} the Needle {'y' * 50_000}")
    shown = page(staff, "needle")
    assert " the <mark>Needle</mark> yyy" in shown
    assert len(shown) < 60_000


def test_a_long_text_is_cut_in_the_list(staff: Client, acme: Tenant):
    say(acme, "z" * 1_000_000)
    shown = page(staff, "")
    assert "zzz…" in shown
    assert len(shown) < 60_000


def test_space_around_a_term_is_not_searched_for(staff: Client, acme: Tenant):
    assert "<mark>Sunday</mark>" in page(staff, "  Sunday ")


@pytest.mark.parametrize("term", ["qu", "?", "- -", "退款", "a_b"])
def test_without_three_letters_in_a_row_only_the_newest_are_searched(
    staff: Client, acme: Tenant, settings: Any, term: str
):
    settings.PARLEY = {"COUNT_CEILING": 2}
    say(acme, f"old {term}", f"new {term}", "newest")
    shown = page(staff, term)
    assert "looked for in the first 2 of the list alone" in shown
    assert f"new <mark>{term}</mark>" in shown
    assert "old" not in shown.split("result_list")[1]


@pytest.mark.parametrize("term", ["abc", "a-bcd", "ÄÖÜ", "123"])
def test_three_letters_in_a_row_are_found_by_the_index(term: str):
    assert has_trigram(term)


def test_nothing_found_is_said(staff: Client):
    assert "0 messages" in page(staff, "no such word")
