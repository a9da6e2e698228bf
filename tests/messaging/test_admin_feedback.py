"""Feedback in the admin: found by what it says, tied to its message, counted on the dashboard."""

import re
from typing import Any

import pytest
from django.test import Client

from messaging.services import give_feedback
from tests.cast import Tenant

from .staff import client_of, make_member

pytestmark = pytest.mark.django_db

LIST = "/admin/parley/feedback/"
DASHBOARD = "/admin/parley/workspace/dashboard/"


def give(tenant: Tenant, **values: Any) -> str:
    """The id of feedback on the reply."""
    row, _ = give_feedback(workspace_id=tenant.workspace.pk, message_id=tenant.reply.pk, **values)
    return str(row.pk)


@pytest.fixture
def given(acme: Tenant) -> dict[str, str]:
    """Feedback of acme, by its name."""
    return {
        "rating": give(acme, value=True, user_id="ada", comment="quick"),
        "politeness": give(acme, name="politeness", value=False, user_id="bob"),
        "helpfulness": give(acme, name="helpfulness", value=0.75),
        "topic": give(acme, name="topic", value="delivery", user_id="ada"),
    }


def shown(client: Client, query: str) -> set[str]:
    """The ids of the rows of a list."""
    response = client.get(f"{LIST}?{query}")
    assert response.status_code == 200, response
    return {*re.findall(r"/admin/parley/feedback/(fbk_[0-9a-z]{26})/", response.content.decode())}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"rating", "politeness", "helpfulness", "topic"}),
        ("rated=topic", {"topic"}),
        ("user=ada", {"rating", "topic"}),
        ("value=0.75", {"helpfulness"}),
        ("value=delivery", {"topic"}),
        ("value=Yes", {"rating"}),
        ("value=false", {"politeness"}),
        ("user=ada&value=yes", {"rating"}),
        ("data_type__exact=boolean", {"rating", "politeness"}),
        ("rated=nothing", set()),
        ("value=nan", set()),
    ],
)
def test_it_is_found_by_what_it_says(
    admin_client: Client, given: dict[str, str], query: str, names: set[str]
):
    assert shown(admin_client, query) == {given[name] for name in names}


def test_an_id_of_its_message_finds_it(admin_client: Client, given: dict[str, str], acme: Tenant):
    for key in (given["rating"], acme.reply.pk, acme.conversation.pk):
        assert given["rating"] in shown(admin_client, f"q={key}")


def test_it_leads_to_its_message_and_back(admin_client: Client, given: dict[str, str], acme: Tenant):
    page = admin_client.get(f"{LIST}{given['rating']}/change/").content.decode()
    for fact in ("rating", "yes", "quick", "ada", acme.reply.pk, acme.conversation.pk):
        assert fact in page
    there = admin_client.get(f"/admin/parley/message/{acme.reply.pk}/open/", follow=True).content.decode()
    assert f'<a href="{LIST}{given["rating"]}/change/">Feedback</a>' in there


def test_who_may_not_see_it_reads_it_in_the_transcript_alone(given: dict[str, str], acme: Tenant):
    client = client_of(make_member(acme.workspace, permissions=("view_message", "view_conversation")))
    assert client.get(LIST).status_code == 403
    there = client.get(f"/admin/parley/message/{acme.reply.pk}/open/", follow=True).content.decode()
    assert "quick" in there
    assert LIST not in there
    assert "politeness" not in client.get(DASHBOARD).content.decode()


def test_a_member_sees_that_of_their_own_workspaces(given: dict[str, str], acme: Tenant, globex: Tenant):
    foreign = give(globex, name="theirs", value="hidden")
    client = client_of(make_member(acme.workspace))
    assert shown(client, "") == set(given.values())
    assert client.get(f"{LIST}{foreign}/change/").status_code == 302
    assert "theirs" not in client.get(DASHBOARD).content.decode()


def test_the_dashboard_sums_it_up_by_name(admin_client: Client, given: dict[str, str], acme: Tenant):
    give(acme, value=False, user_id="bob")
    give(acme, name="helpfulness", value=0.25, user_id="bob")
    for path in (DASHBOARD, f"/admin/parley/workspace/{acme.workspace.pk}/change/"):
        page = re.sub(r"\s+", " ", admin_client.get(path).content.decode())
        for name, number, mean in (
            ("rating", 2, "50 % yes"),
            ("helpfulness", 2, "0.50"),
            ("politeness", 1, "0 % yes"),
            ("topic", 1, "-"),
        ):
            cells = f'<td class="parley-number">{number}</td> <td class="parley-number">{mean}</td>'
            assert f'?rated={name}"><bdi>{name}</bdi></a></th> {cells}' in page
    assert "?rated=" not in admin_client.get(f"{DASHBOARD}?from=2020-01-01&to=2020-01-31").content.decode()


def test_it_is_read_only(admin_client: Client, given: dict[str, str]):
    assert admin_client.get(f"{LIST}add/").status_code == 403
    assert admin_client.post(f"{LIST}{given['rating']}/delete/", {"post": "yes"}).status_code == 403
