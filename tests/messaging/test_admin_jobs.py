"""Jobs in the admin: who sees them, what their actions do, and what the dashboard says of them."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models.functions import Now
from django.test import Client

from messaging.jobs import enqueue
from messaging.models import Job
from messaging.values.choices import JobState
from tests.cast import Tenant
from tests.messaging.staff import client_of, make_member

pytestmark = pytest.mark.django_db

LIST = "/admin/parley/job/"
DASHBOARD = "/admin/parley/workspace/dashboard/"
AGO = timedelta(minutes=11)


@pytest.fixture
def queued(acme: Tenant) -> Job:
    return enqueue("end_stale_runs", workspace_id=acme.workspace.pk)


def do(client: Client, action: str, *jobs: Job) -> str:
    chosen = {"action": action, "_selected_action": [job.pk for job in jobs]}
    return client.post(LIST, chosen, follow=True).content.decode()


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_the_list_shows_state_progress_and_error(admin_client: Client, queued: Job):
    Job.objects.update(
        state="running", progress_done=1200, progress_total=5000, error="OperationalError in x"
    )
    for text in (page(admin_client, LIST), page(admin_client, f"{LIST}{queued.pk}/change/")):
        for shown in ("Running", "1,200 of 5,000", "OperationalError in x"):
            assert shown in text


def test_nobody_adds_changes_or_deletes_a_job(admin_client: Client, queued: Job):
    assert admin_client.get(f"{LIST}add/").status_code == 403
    assert admin_client.get(f"{LIST}{queued.pk}/delete/").status_code == 403
    assert 'name="_save"' not in page(admin_client, f"{LIST}{queued.pk}/change/")


def test_a_job_is_cancelled_and_run_again(admin_client: Client, queued: Job):
    assert "Cancelled 1 of 1 jobs" in do(admin_client, "cancel", queued)
    assert Job.objects.get().state == JobState.CANCELLED
    assert "Queued 1 of 1 jobs" in do(admin_client, "run_now", queued)
    assert Job.objects.get().state == JobState.QUEUED
    assert [entry.object_id for entry in LogEntry.objects.all()] == [queued.pk, queued.pk]


def test_what_an_action_does_not_apply_to_is_not_logged(admin_client: Client, queued: Job):
    Job.objects.update(state=JobState.DONE)
    assert "Cancelled 0 of 1 jobs" in do(admin_client, "cancel", queued)
    assert not LogEntry.objects.exists()


def test_who_may_only_look_is_offered_no_action(acme: Tenant, queued: Job):
    client = client_of(make_member(acme.workspace, permissions=("view_job",)))
    assert "end_<wbr>stale_<wbr>runs" in page(client, LIST)
    do(client, "cancel", queued)
    assert Job.objects.get().state == JobState.QUEUED


def test_a_member_sees_the_jobs_of_the_workspace_alone(acme: Tenant, globex: Tenant, queued: Job):
    enqueue("remove_expired_answers")
    enqueue("remove_orphaned_objects", workspace_id=globex.workspace.pk)
    text = page(client_of(make_member(acme.workspace)), LIST)
    assert "1 job" in text
    assert "end_<wbr>stale_<wbr>runs" in text
    assert "answers" not in text
    assert "orphaned" not in text


def test_the_dashboard_says_nothing_where_all_is_well(admin_client: Client, queued: Job):
    assert 'role="status"' not in page(admin_client, DASHBOARD)


def test_the_dashboard_tells_of_jobs_that_failed(admin_client: Client, queued: Job):
    Job.objects.update(state=JobState.FAILED, error="Error")
    assert "1 job has failed." in page(admin_client, DASHBOARD)


def test_a_scheduled_job_counts_as_failed_until_it_succeeds_and_a_retry_does_not(
    admin_client: Client, queued: Job
):
    Job.objects.update(error="Error", attempts=1)
    assert "failed." not in page(admin_client, DASHBOARD)
    Job.objects.update(schedule_key="end_stale_runs")
    assert "1 job has failed." in page(admin_client, DASHBOARD)


def test_the_dashboard_tells_that_no_worker_is_seen(admin_client: Client, queued: Job):
    Job.objects.update(run_at=Now() - AGO)
    text = page(admin_client, DASHBOARD)
    assert "1 job has been due for more than ten minutes: does a worker run?" in text
    assert f'href="{LIST}"' in text


def test_a_job_that_runs_under_a_lease_is_not_overdue(admin_client: Client, queued: Job):
    Job.objects.update(run_at=Now() - AGO, state="running", lease_until=Now() + AGO)
    assert 'role="status"' not in page(admin_client, DASHBOARD)


def test_of_jobs_only_those_learn_who_may_see_them(acme: Tenant, queued: Job):
    Job.objects.update(state=JobState.FAILED, error="Error")
    client = client_of(make_member(acme.workspace, permissions=("view_message",)))
    assert "failed." not in page(client, DASHBOARD)
