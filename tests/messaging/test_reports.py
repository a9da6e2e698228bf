"""The figures of a period."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.models import Conversation
from messaging.reports import ActivityReport, Period, activity_report
from messaging.services import MessageDraft, Writer, append_messages, create_conversation
from tests.cast import Tenant

pytestmark = pytest.mark.django_db

MARCH = Period(date(2024, 3, 1), date(2024, 3, 31))
NOON = datetime(2024, 3, 9, 12, tzinfo=UTC)
TODAY = Period.of_days(2, until=timezone.localdate() + timedelta(days=1))


def write(tenant: Tenant, *roles: str, at: datetime = NOON, sender: str = "ada", title: str = "") -> None:
    """Into the conversation of the cast, or a new one with this title."""
    conversation_id = tenant.conversation.pk
    if title:
        conversation, _ = create_conversation(
            workspace_id=tenant.workspace.pk, writer=Writer(), title=title, drafts=[]
        )
        conversation_id = conversation.pk
    drafts = [
        MessageDraft(content=f"{place}", role=role, created_at=at, sender_id=sender)
        for place, role in enumerate(roles)
    ]
    append_messages(
        workspace_id=tenant.workspace.pk, conversation_id=conversation_id, drafts=drafts, writer=Writer()
    )


def report(*tenants: Tenant, period: Period = MARCH) -> ActivityReport:
    return activity_report(period=period, workspace_ids=[tenant.workspace.pk for tenant in tenants])


def began(tenant: Tenant, since: date, *, until: date) -> None:
    """Let the conversation of the cast have its first message and its last on these days."""
    first, last = (datetime(day.year, day.month, day.day, 12, tzinfo=UTC) for day in (since, until))
    Conversation.objects.filter(pk=tenant.conversation.pk).update(created_at=first, updated_at=last)


def active(tenant: Tenant, since: date, until: date) -> tuple[int, int]:
    """How many conversations were active, and how many of them were new."""
    found = report(tenant, period=Period(since, until))
    return found.conversations, sum(step.conversations for step in found.steps)


def by_day(found: ActivityReport) -> dict[str, tuple[int, ...]]:
    return {str(step.bucket.since): step.by_role for step in found.steps if step.messages}


def test_messages_by_role_of_each_day(acme: Tenant):
    write(acme, "user", "assistant", "tool", "system", "developer")
    write(acme, "user", title="Another")
    write(acme, "user", at=NOON + timedelta(days=1))
    assert by_day(report(acme)) == {"2024-03-09": (2, 1, 1, 1, 1), "2024-03-10": (1, 0, 0, 0, 0)}


def test_every_day_is_there(acme: Tenant):
    assert [step.bucket.since.day for step in report(acme).steps] == list(range(1, 32))


def test_first_and_last_day_belong_to_the_period(acme: Tenant):
    for day in (datetime(2024, 2, 29, 23, 59), datetime(2024, 3, 1), datetime(2024, 3, 31, 23, 59)):
        write(acme, "user", at=timezone.make_aware(day))
    write(acme, "user", at=timezone.make_aware(datetime(2024, 4, 1)))
    assert report(acme).messages == 2


def test_a_year_is_counted_by_weeks(acme: Tenant):
    for day in (4, 5, 10, 11):  # Monday and Tuesday, Sunday, and the next Monday
        write(acme, "user", at=NOON.replace(day=day))
    found = report(acme, period=Period(date(2024, 1, 1), date(2024, 12, 31)))
    assert by_day(found) == {"2024-03-04": (3, 0, 0, 0, 0), "2024-03-11": (1, 0, 0, 0, 0)}


def test_longer_periods_are_counted_by_months(acme: Tenant):
    write(acme, "user")
    write(acme, "user", at=NOON.replace(day=31))
    found = report(acme, period=Period(date(2020, 1, 1), date(2024, 12, 31)))
    assert by_day(found) == {"2024-03-01": (2, 0, 0, 0, 0)}


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kathmandu"])
def test_days_are_those_of_the_time_zone_of_the_project(acme: Tenant, settings, zone: str):
    settings.TIME_ZONE = zone
    for moment in (datetime(2024, 3, 8, 23, 30), datetime(2024, 3, 9, 0, 30)):
        write(acme, "user", at=moment.replace(tzinfo=ZoneInfo(zone)))
    assert list(by_day(report(acme))) == ["2024-03-08", "2024-03-09"]


def test_conversations_are_active_from_their_beginning_to_their_last_message(acme: Tenant, globex: Tenant):
    began(acme, date(2024, 3, 9), until=date(2024, 3, 20))
    assert active(acme, date(2024, 3, 1), date(2024, 3, 8)) == (0, 0)
    assert active(acme, date(2024, 3, 9), date(2024, 3, 9)) == (1, 1)
    assert active(acme, date(2024, 3, 10), date(2024, 3, 20)) == (1, 0)
    assert active(acme, date(2024, 3, 21), date(2024, 3, 31)) == (0, 0)


def test_top_senders(acme: Tenant):
    write(acme, "user", "user", sender="ada")
    write(acme, "user", "assistant", "tool", sender="bot", title="Another")
    found = report(acme)
    assert [(one.sender_id, one.messages) for one in found.top_senders] == [("bot", 3), ("ada", 2)]
    assert found.senders == 2


def test_largest_conversations_are_those_with_the_most_messages(acme: Tenant):
    write(acme, "user", "user", "user", title="Long")
    found = report(acme, period=TODAY)
    assert [(one.title, one.message_count) for one in found.largest] == [
        ("Long", 3),
        ("acme opening hours", 2),
    ]


def test_lists_are_bounded_and_totals_are_not(acme: Tenant):
    for name in ("ada", "eve", "bob"):
        write(acme, "user", sender=name, title=name)
    found = activity_report(period=MARCH, workspace_ids=[acme.workspace.pk], top=2)
    assert (len(found.top_senders), found.senders) == (2, 3)
    found = activity_report(period=TODAY, workspace_ids=[acme.workspace.pk], top=2)
    assert (len(found.largest), found.conversations) == (2, 4)


def test_other_workspaces_do_not_count(acme: Tenant, globex: Tenant):
    write(globex, "user", sender="eve")
    found = report(acme)
    assert (found.messages, found.conversations, found.senders, found.largest) == (0, 0, 0, [])
    assert found.recent_conversations == 1


def test_all_workspaces_or_some_of_them(acme: Tenant, globex: Tenant):
    write(acme, "user")
    write(globex, "user")
    assert activity_report(period=MARCH).messages == report(acme, globex).messages == 2


def test_nobody_s_workspaces(acme: Tenant):
    found = report()
    assert (found.messages, found.conversations, found.recent_conversations) == (0, 0, 0)


def test_recent_conversations_are_those_of_the_last_day(acme: Tenant, globex: Tenant):
    assert activity_report(period=MARCH).recent_conversations == 2


@pytest.mark.parametrize("days", [7, 366, 3_000])
def test_the_number_of_statements_does_not_grow(acme: Tenant, globex: Tenant, days: int):
    period = Period.of_days(days, until=date(2024, 3, 31))
    for title in ("", *map(str, range(10))):
        write(acme, "user", "assistant", sender=f"sender {title}", title=title)
    with CaptureQueriesContext(connection) as taken:
        assert report(acme, globex, period=period).messages == (0 if days == 7 else 22)
    # Errors, senders, roles, conversations that are new, active, recent, and the largest.
    assert len(taken) == 7


@pytest.mark.parametrize("few", [0, 100])
def test_all_workspaces_are_counted_however_many_there_are(
    acme: Tenant, globex: Tenant, few: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("messaging.reports.activity.FEW", few)
    for tenant in (acme, globex):
        write(tenant, "user", "assistant", sender="ada", title="of all")
    assert activity_report(period=MARCH).messages == 4


def test_a_century_is_counted_month_by_month(acme: Tenant):
    write(acme, "user", at=datetime(1950, 6, 1, tzinfo=UTC), title="then")
    found = report(acme, period=Period(date(1926, 1, 1), date(2025, 12, 31)))
    assert (found.messages, len(found.steps)) == (1, 1_200)


def test_a_period_of_no_days_has_nothing(acme: Tenant):
    assert report(acme, period=Period(date(2024, 3, 2), date(2024, 3, 1))).steps == []
