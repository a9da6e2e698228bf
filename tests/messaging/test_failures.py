"""What counts as a tool that failed: one rule, whoever wrote the result and in whatever shape."""

import json

import pytest
from django.utils import timezone

from messaging.content import says_failure
from messaging.models import Message
from messaging.reports import Period, activity_report
from messaging.services import MessageDraft, update_message
from tests.cast import Tenant
from tests.client import ApiClient
from tests.messaging.transcripts import say

FAILURES: list[object] = [
    "Error: gift card balance is not enough",
    "ERROR while reading",
    "error",
    "ValueError: no such flight",
    "requests.exceptions.ConnectionError: refused",
    "Traceback (most recent call last):\n  File ...",
    "stderr:\nTraceback (most recent call last):\n  File ...",
    {"error": "gone"},
    {"error": {"code": 7}},
    {"is_error": True, "content": []},
    {"isError": True},
    {"status": "error"},
    {"type": "Error"},
    {"success": False},
    json.dumps({"error": "gone"}),
]
SUCCESSES: list[object] = [
    "",
    "No error was found",
    "Errors of the week: none",
    "terror",
    {"error": None},
    {"errors": []},
    {"is_error": False},
    {"success": True},
    {"status": "ok", "text": "error"},
    '{"error": ',
    "[1]",
    None,
    7,
]


@pytest.mark.parametrize("output", FAILURES, ids=str)
def test_a_failure_is_told_by_its_output(output: object):
    assert says_failure(output)


@pytest.mark.parametrize("output", SUCCESSES, ids=str)
def test_what_is_no_failure_is_not_taken_for_one(output: object):
    assert not says_failure(output)


def result(content: str, **meta_data: object) -> MessageDraft:
    named = {"tool_call_id": "c", "name": "pay"}
    return MessageDraft(role="tool", content=content, meta_data=named | meta_data)


def failing(tenant: Tenant) -> list[tuple[str, int]]:
    period = Period.of_days(2, until=timezone.localdate())
    report = activity_report(period=period, workspace_ids=[tenant.workspace.pk])
    assert report.tool_errors == sum(step.tool_errors for step in report.steps)
    return list(report.failing_tools)


def test_the_figures_count_them(acme: Tenant, globex: Tenant):
    say(acme, result("Error: too little"), result("fine"), result("fine", is_error=True), result("{}"))
    say(acme, MessageDraft(content="Error: I am a person"), result("Error: but", is_error=False))
    assert failing(acme) == [("pay", 2)]
    assert failing(globex) == []


def test_a_correction_is_followed(acme: Tenant):
    [row] = say(acme, result("Error: too little"))
    update_message(workspace_id=row.workspace_id, message_id=row.pk, changes={"content": "paid"})
    assert failing(acme) == []
    assert Message.objects.get(pk=row.pk).failed_tool is None


@pytest.mark.wire("seekrflow", "list_parts", "a result of another wire that reports an error is_error")
def test_the_derived_part_says_so(api: ApiClient, acme: Tenant):
    failed, fine = say(acme, result("Error: too little"), result("fine"))
    path = f"/v1/threads/{acme.conversation.pk}/messages"
    told = [api.get(f"{path}/{row.pk}/parts").json()[0]["is_error"] for row in (failed, fine)]
    assert told == [True, False]
