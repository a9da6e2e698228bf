"""Errors of tools in the figures of a period."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from messaging.models import Message
from messaging.reports import ActivityReport, Period, activity_report
from tests.cast import Tenant

pytestmark = pytest.mark.django_db

Act = Callable[..., Any]


def report(tenant: Tenant) -> ActivityReport:
    period = Period.of_days(7, until=timezone.localdate())
    return activity_report(period=period, workspace_ids=[tenant.workspace.pk])


def fail(act: Act, tool_name: str = "look_up") -> Any:
    part = {"type": "tool-error", "tool_name": tool_name, "tool_call_id": "call_1", "error_text": "gone"}
    return act("tool", parts=[part])


@pytest.fixture
def failed_twice(act: Act) -> None:
    fail(act)
    part = {"type": "tool-result", "tool_name": "look_up", "tool_call_id": "call_1", "output": 1}
    act("tool", parts=[part | {"is_error": True}, part])


def test_errors_and_results_that_are_errors_count(acme: Tenant, failed_twice: None):
    found = report(acme)
    assert found.tool_errors == found.steps[-1].tool_errors == 2


def test_those_of_other_workspaces_do_not(globex: Tenant, failed_twice: None):
    assert report(globex).tool_errors == 0


def test_the_tools_that_fail_most_come_first(acme: Tenant, act: Act, failed_twice: None):
    fail(act, "send")
    assert report(acme).failing_tools == [("look_up", 2), ("send", 1)]


def test_what_is_deleted_does_not_count(acme: Tenant, act: Act):
    Message.objects.filter(pk=fail(act)["id"]).delete()
    assert report(acme).tool_errors == 0
