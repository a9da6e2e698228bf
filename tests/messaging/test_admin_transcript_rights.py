"""Who may read transcripts, and what is offered there to whom."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from messaging.models import Membership
from messaging.services import redact_messages
from tests.cast import Tenant
from tests.messaging.transcripts import articles, path_of, transcript

pytestmark = pytest.mark.django_db

READER = ("view_conversation", "view_message")


@pytest.fixture
def staff(acme: Tenant) -> Callable[..., Client]:
    """Makes the client of a member of acme who has just these permissions."""

    def make(*permissions: str) -> Client:
        user = get_user_model().objects.create_superuser("member", email="m@example.com", password="secret")
        user.is_superuser = False
        user.save()
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        Membership.objects.create(user=user, workspace=acme.workspace)
        client = Client()
        client.force_login(user)
        return client

    return make


def test_a_reader_reads_and_is_offered_no_change(staff: Callable[..., Client], acme: Tenant):
    page = transcript(staff(*READER), acme)
    assert "are you open on Sunday?" in page
    assert ">Edit<" not in page
    assert ">Redact<" not in page


def test_who_may_change_is_offered_it(staff: Callable[..., Client], acme: Tenant):
    page = transcript(staff(*READER, "change_message"), acme)
    assert f"/admin/parley/message/{acme.question.pk}/change/" in page


@pytest.mark.parametrize("only", READER)
def test_both_rights_are_needed(staff: Callable[..., Client], acme: Tenant, only: str):
    assert staff(only).get(path_of(acme)).status_code == 403


@pytest.mark.parametrize("page", ["open", "whole"])
def test_without_the_right_to_messages_there_is_none(staff: Callable[..., Client], acme: Tenant, page: str):
    path = f"/admin/parley/message/{acme.question.pk}/{page}/"
    assert staff("view_conversation").get(path).status_code == 403


def test_the_list_leads_to_the_form_who_may_not_read_messages(staff: Callable[..., Client], acme: Tenant):
    page = staff("view_conversation").get("/admin/parley/conversation/").content.decode()
    assert acme.conversation.pk[5:] in page
    assert "/transcript/" not in page


@pytest.mark.parametrize(
    ("page", "there", "nowhere"),
    [
        ("conversation/{}/transcript/", "conversation", "conv_01m7yvvaenegzbgw3d20w14tfh"),
        ("message/{}/open/", "question", "msg_01m7yvvaenegzbgw3d20w14tfh"),
        ("message/{}/whole/", "question", "msg_01m7yvvaenegzbgw3d20w14tfh"),
    ],
)
def test_a_row_of_another_workspace_answers_as_one_that_is_not_there(
    staff: Callable[..., Client], globex: Tenant, page: str, there: str, nowhere: str
):
    foreign = getattr(globex, there).pk
    client = staff(*READER)

    def answer(key: str) -> tuple[Any, list[str]]:
        response = client.get(f"/admin/parley/{page.format(key)}", follow=True)
        said = [str(message).replace(key, "ID") for message in response.context["messages"]]
        return response.redirect_chain, said

    assert answer(foreign) == answer(nowhere)
    assert answer(foreign)[0] == [("/admin/", 302)]


def test_nobody_reads_without_logging_in(client: Client, acme: Tenant):
    assert client.get(path_of(acme)).status_code == 302


def test_redaction_and_export_are_offered_to_those_who_may(staff: Callable[..., Client], acme: Tenant):
    page = transcript(staff(*READER, "redact_message", "export_message"), acme)
    place = f"%2Fadmin%2Fparley%2Fmessage%2F{acme.question.pk}%2Fopen%2F"
    assert f"/admin/parley/message/{acme.question.pk}/redact/?next={place}" in page
    for offered in ("redact", "export"):
        assert f"/admin/parley/conversation/{acme.conversation.pk}/{offered}/" in page


def test_a_redacted_message_says_so_and_is_not_redacted_again(admin_client: Client, acme: Tenant):
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[acme.question.pk])
    shown = articles(transcript(admin_client, acme))[acme.question.pk]
    assert '<span class="parley-badge">redacted <time' in shown
    assert "[redacted]" in shown
    assert ">Redact<" not in shown
