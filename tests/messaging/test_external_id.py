"""A conversation by an id of the caller's own: unique in its workspace, found, made and changed by it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from messaging.exceptions import ExternalIdTaken
from messaging.models import Change, Conversation
from messaging.services import Writer, create_conversation, update_conversation, upsert_conversation
from tests.cast import Tenant
from tests.client import ApiClient

PATH = "/api/v1/conversations"
OWN = "crm/17 ä"


@pytest.fixture
def known(api: ApiClient) -> Any:
    return api.post(PATH, {"external_id": OWN, "title": "first"}).json()


def upsert(api: ApiClient, body: Any, own: str = OWN) -> Any:
    return api.put(f"{PATH}?external_id={quote(own)}", body)


@pytest.mark.wire("mielto", "create_conversation", "external_id is an id of your own, null without one")
def test_it_is_kept_and_shown(api: ApiClient, known):
    assert known["external_id"] == OWN
    assert api.get(f"{PATH}/{known['id']}").json() == known
    assert api.post(PATH, {}).json()["external_id"] is None


@pytest.mark.wire("mielto", "list_conversations", "external_id finds the one conversation that has it")
def test_it_is_found(api: ApiClient, stranger: ApiClient, known):
    assert api.get(f"{PATH}?external_id={quote(OWN)}").json()["data"] == [known]
    assert api.get(f"{PATH}?external_id=crm").json()["data"] == []
    assert stranger.get(f"{PATH}?external_id={quote(OWN)}").json()["data"] == []


@pytest.mark.wire("mielto", "create_conversation", "a taken external_id is 409 that names the conversation")
def test_a_taken_one_is_refused(api: ApiClient, acme: Tenant, known):
    wanted = {"detail": f"The conversation {known['id']} has this external_id"}
    response = api.post(PATH, {"external_id": OWN, "messages": [{"content": "x"}]})
    assert (response.status_code, response.json()) == (409, wanted)
    response = api.patch(f"{PATH}/{acme.conversation.pk}", {"external_id": OWN, "title": "x"})
    assert (response.status_code, response.json()) == (409, wanted)
    acme.conversation.refresh_from_db()
    assert (acme.conversation.title, acme.conversation.external_id) == ("acme opening hours", None)
    assert Conversation.objects.for_workspace(acme.workspace.pk).count() == 2


def test_another_workspace_may_have_the_same(api: ApiClient, stranger: ApiClient, known):
    theirs = stranger.post(PATH, {"external_id": OWN})
    assert (theirs.status_code, theirs.json()["id"] == known["id"]) == (201, False)


@pytest.mark.wire("mielto", "update_conversation", "external_id is given, changed, and cleared by null")
def test_it_changes(api: ApiClient, known):
    path = f"{PATH}/{known['id']}"
    assert api.put(path, {"external_id": "crm/18"}).json()["external_id"] == "crm/18"
    assert api.patch(path, {"title": "x"}).json()["external_id"] == "crm/18"
    assert api.patch(path, {"external_id": None}).json()["external_id"] is None
    assert api.post(PATH, {"external_id": OWN}).status_code == 201


@pytest.mark.parametrize("own", ["", "x" * 256, 7, "\0"])
def test_what_is_no_id_is_refused(api: ApiClient, known, own):
    for response in (
        api.post(PATH, {"external_id": own}),
        api.put(f"{PATH}/{known['id']}", {"external_id": own}),
    ):
        assert response.status_code == 422


@pytest.mark.wire("mielto", "upsert_conversation", "201 with the conversation that it opened")
def test_one_that_is_not_there_is_opened(api: ApiClient, acme: Tenant):
    response = upsert(api, {"title": "new", "status": "ended", "user_id": "ann", "summary": None})
    assert response.status_code == 201
    row = response.json()
    assert (row["external_id"], row["title"], row["user_id"]) == (OWN, "new", "ann")
    assert (row["status"], row["ended_at"] is not None, row["summary"]) == ("ended", True, None)
    assert api.get(f"{PATH}/{row['id']}").json() == row


@pytest.mark.wire(
    "mielto", "upsert_conversation", "200 with the conversation that it changed; what is left out stays"
)
def test_one_that_is_there_is_changed(api: ApiClient, known):
    response = upsert(api, {"summary": "s"})
    assert response.status_code == 200
    changed = response.json()
    assert (changed["id"], changed["title"], changed["summary"]) == (known["id"], "first", "s")
    assert upsert(api, {"title": None}).json()["title"] is None


def test_the_same_again_touches_nothing(api: ApiClient, known):
    before = Change.objects.count()
    assert upsert(api, {"title": "first"}).json() == known
    assert Change.objects.count() == before


def test_one_of_another_workspace_is_not_there(api: ApiClient, stranger: ApiClient, known):
    assert upsert(stranger, {"title": "theirs"}).status_code == 201
    assert api.get(f"{PATH}/{known['id']}").json() == known


@pytest.mark.wire("mielto", "upsert_conversation", "without external_id, or with an empty one, 422")
@pytest.mark.parametrize("query", ["", "?external_id=", f"?external_id={'x' * 256}", "?external_id=%00"])
def test_it_must_say_which(api: ApiClient, query):
    assert api.put(f"{PATH}{query}", {"title": "x"}).status_code == 422


def test_a_bad_value_opens_nothing(api: ApiClient, acme: Tenant):
    assert upsert(api, {"title": "x" * 256}).status_code == 422
    assert Conversation.objects.for_workspace(acme.workspace.pk).count() == 1


@pytest.mark.django_db(transaction=True)
def test_twins_make_one(acme: Tenant):
    def ask(number: int) -> tuple[str, bool]:
        try:
            row, is_new = upsert_conversation(
                workspace_id=acme.workspace.pk,
                external_id=OWN,
                writer=Writer(),
                values={"title": f"of {number}"},
            )
            return row.pk, is_new
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(24)))
    assert len({pk for pk, _ in answers}) == 1
    assert [is_new for _, is_new in answers].count(True) == 1


@pytest.mark.django_db(transaction=True)
def test_twins_who_create_are_told_of_the_one(acme: Tenant):
    def ask(number: int) -> str | None:
        try:
            create_conversation(workspace_id=acme.workspace.pk, writer=Writer(), external_id=OWN)
        except ExternalIdTaken as taken:
            return taken.conversation_id
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    [row] = Conversation.objects.for_workspace(acme.workspace.pk).filter(external_id=OWN)
    assert sorted(map(str, answers)) == sorted(["None", *[row.pk] * 7])


def test_a_write_within_a_transaction_goes_on_after_a_refusal(acme: Tenant):
    create_conversation(workspace_id=acme.workspace.pk, writer=Writer(), external_id=OWN)
    with pytest.raises(ExternalIdTaken):
        update_conversation(
            workspace_id=acme.workspace.pk,
            conversation_id=acme.conversation.pk,
            changes={"external_id": OWN},
        )
    assert Conversation.objects.for_workspace(acme.workspace.pk).count() == 2
