"""The dashboard: figures of what the user may see, and of nothing else."""

import re
from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.models import Membership
from messaging.services import MessageDraft, Writer, create_conversation
from tests.cast import Tenant
from tests.client import statements

pytestmark = pytest.mark.django_db

PATH = "/admin/parley/workspace/dashboard/"
TOTAL = r"<dt>{}</dt><dd>([\d.,]+)</dd>"


@pytest.fixture
def member(acme: Tenant, client: Client) -> Client:
    """A member of acme who may read messages and change workspaces."""
    user = get_user_model().objects.create_superuser("member", email="m@example.com", password="secret")
    user.is_superuser = False
    user.save()
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_message", "view_workspace", "change_workspace"])
    )
    Membership.objects.create(user=user, workspace=acme.workspace)
    client.force_login(user)
    return client


def page(client: Client, path: str = PATH) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def total(text: str, name: str = "Messages") -> int:
    [found] = re.findall(TOTAL.format(name), text)
    return int(re.sub("[.,]", "", found))


def change_page(tenant: Tenant) -> str:
    return f"/admin/parley/workspace/{tenant.workspace.pk}/change/"


def add(tenant: Tenant, title: str, count: int = 1, sender: str = "ada") -> None:
    drafts = [MessageDraft(content="x", sender_id=sender) for _ in range(count)]
    create_conversation(workspace_id=tenant.workspace.pk, writer=Writer(), title=title, drafts=drafts)


def test_a_superuser_sees_all_workspaces(admin_client: Client, acme: Tenant):
    text = page(admin_client)
    assert (total(text), total(text, "Active conversations"), total(text, "Senders")) == (4, 2, 2)
    assert "globex opening hours" in text


def test_a_member_sees_those_of_their_own(member: Client):
    text = page(member)
    assert (total(text), total(text, "Active in the last 24 hours")) == (2, 1)
    assert "globex" not in text


def test_a_member_of_nothing_sees_nothing(member: Client):
    Membership.objects.all().delete()
    text = page(member)
    assert total(text) == 0
    assert "acme" not in text.replace(PATH, "")


def test_the_page_of_a_workspace_shows_its_own(admin_client: Client, acme: Tenant):
    text = page(admin_client, change_page(acme))
    assert total(text) == 2
    assert "globex" not in text


def test_the_page_of_a_new_workspace_has_none(admin_client: Client):
    assert "parley-dashboard" not in page(admin_client, "/admin/parley/workspace/add/")


def test_who_may_not_read_messages_sees_none(member: Client, acme: Tenant):
    user = Membership.objects.get().user
    user.user_permissions.remove(Permission.objects.get(codename="view_message"))
    assert member.get(PATH).status_code == 403
    assert "parley-dashboard" not in page(member, change_page(acme))


def test_who_is_not_logged_in_is_sent_to_the_login(client: Client):
    assert client.get(PATH).status_code == 302


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("from=2024-13-01", "“from” is not a date"),
        ("to=yesterday", "“to” is not a date"),
        ("from=2024-03-02&to=2024-03-01", "The first day is after the last one."),
        ("from=1950-01-01", "Ten years are the most"),
        ("from=2999-01-01", "The first day is after the last one."),
        ("days=0", "greater than or equal to 1"),
        ("days=99999999999", "less than or equal to"),
    ],
)
def test_what_is_no_period_is_said_and_the_usual_one_shown(
    admin_client: Client, acme: Tenant, settings, query: str, message: str
):
    settings.LANGUAGE_CODE = "en"
    text = page(admin_client, f"{PATH}?{query}")
    assert message in text
    assert (total(text), "last 30 days" in text) == (4, True)


@pytest.mark.parametrize("end", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_are_refused(admin_client: Client, end: str):
    assert "the years 1900 to 2999" in page(admin_client, f"{PATH}?from={end}&to={end}")
    assert "the years 1900 to 2999" in page(admin_client, f"{PATH}?to={end}")


@pytest.mark.parametrize("end", ["1900-01-01", "2999-12-31"])
def test_what_is_just_within_is_shown(admin_client: Client, end: str):
    assert "1900 to 2999" not in page(admin_client, f"{PATH}?to={end}")


def test_a_period_can_be_chosen(admin_client: Client, acme: Tenant):
    assert total(page(admin_client, f"{PATH}?from=2020-01-01&to=2020-01-31")) == 0
    assert total(page(admin_client, f"{PATH}?from={timezone.localdate():%Y-%m-%d}")) == 4


@pytest.mark.parametrize("days", [7, 30, 90, 365])
def test_the_usual_periods_are_links_and_the_current_one_is_marked(admin_client: Client, days: int):
    assert f'<a href="?days={days}" aria-current="true">' in page(admin_client, f"{PATH}?days={days}")


def test_every_chart_has_a_name_and_a_table(admin_client: Client, acme: Tenant):
    text = page(admin_client)
    names = re.findall(r'role="img" aria-labelledby="(\S+) (\S+)"', text)
    assert names
    for title, description in names:
        assert f'id="{title}"' in text
        assert f'id="{description}"' in text
    assert text.count("<summary>") >= len(names)


def test_charts_are_drawn_the_same_in_every_language(admin_client: Client, acme: Tenant, settings):
    settings.LANGUAGE_CODE, settings.USE_I18N, settings.USE_THOUSAND_SEPARATOR = "de", True, True
    text = page(admin_client)
    lengths = re.findall(r'<(?:rect|line)[^>]* (?:x|y|x2|y1|y2|width|height)="([^"]*)"', text)
    assert lengths
    assert not [length for length in lengths if not re.fullmatch(r"\d+(\.\d+)?", length)]


def test_numbers_are_written_so_that_people_can_read_them(admin_client: Client, acme: Tenant, settings):
    settings.LANGUAGE_CODE, settings.NUMBER_GROUPING = "en", 3
    for place in range(2):
        add(acme, f"{place}", 998)
    assert "<dd>2,000</dd>" in page(admin_client)


def test_hostile_text_is_text(admin_client: Client, acme: Tenant):
    add(acme, "<script>alert(1)</script>", 9, sender="<img src=x onerror=alert(2)>")
    text = page(admin_client)
    assert "&lt;script&gt;alert(1)" in text
    assert "&lt;img src=x" in text
    assert "<script>alert" not in text
    assert "<img src=x" not in text


def test_nothing_is_inline(admin_client: Client, acme: Tenant):
    text = page(admin_client)
    dashboard = text[text.index('class="parley-dashboard"') :]
    assert not re.search(
        r"\bstyle=|\bon\w+=|<script|<style|javascript:", dashboard[: dashboard.index("</section>")]
    )


def test_conversations_lead_to_where_they_are_read(admin_client: Client, acme: Tenant):
    links = re.findall(
        rf'<a href="(/admin/parley/conversation/{acme.conversation.pk}/\w+/)">', page(admin_client)
    )
    assert links
    assert admin_client.get(links[0]).status_code == 200


def test_the_number_of_statements_does_not_grow(admin_client: Client, acme: Tenant):
    page(admin_client)
    with CaptureQueriesContext(connection) as few:
        page(admin_client)
    for place in range(20):
        add(acme, f"{place}", 3, sender=f"sender {place}")
    with CaptureQueriesContext(connection) as many:
        page(admin_client, f"{PATH}?days=365")
    assert len(statements(many)) == len(statements(few)) <= 16


def test_today_is_that_of_the_project(admin_client: Client, acme: Tenant):
    assert f'name="to" value="{date.isoformat(timezone.localdate())}"' in page(admin_client)
