"""Large texts of attachments: kept as files, answered as they were sent, gone with their message."""

import base64
import json
import os
from typing import Any

import pytest

from messaging.models import Change, Message, StoredObject
from messaging.services import delete_workspace, redact_messages, update_message
from tests.cast import Tenant
from tests.client import ApiClient
from tests.threads.test_objects import _clean, files  # noqa: F401  the fixture empties the storage
from tests.transfer import exported, imported, others

pytestmark = pytest.mark.django_db

PATH = "/api/v1/messages"
PICTURE = os.urandom(40_000)
URL = f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"
TEXT = "Größe\n" * 10_000
SENT: list[dict[str, Any]] = [
    {"type": "image_url", "image_url": {"url": URL, "detail": "low"}, "name": "cat.png"},
    {"type": "text/plain", "data": TEXT, "size": 1e16},
    {"url": "https://example.com/small.png"},
]


@pytest.fixture
def sent(api: ApiClient, acme: Tenant) -> Any:
    """A message with these attachments, as it was answered."""
    body = {"conversation_id": acme.conversation.pk, "content": {"content": "see", "attachments": SENT}}
    [message] = api.post(PATH, body).json()
    return message


def stored(message: Any) -> Message:
    return Message.objects.get(pk=message["id"])


def objects(message: Any) -> set[str]:
    """Names of the files of the objects of a message."""
    paths = StoredObject.objects.filter(message=message["id"]).values_list("path", flat=True)
    return {path.rsplit("/", 1)[1] for path in paths}


@pytest.mark.wire(
    "mielto", "create_message", "large texts of attachments leave the row; the answer is what was sent"
)
def test_the_row_is_small_and_the_answer_is_what_was_sent(api: ApiClient, acme: Tenant, sent):
    assert len(json.dumps(stored(sent).attachments)) < 1_500
    assert files() == objects(sent)
    assert len(files()) == 2
    lists = (PATH, f"/api/v1/conversations/{acme.conversation.pk}/messages")
    answers = [sent, api.get(f"{PATH}/{sent['id']}").json()]
    answers += [api.get(f"{path}?limit=1").json()["data"][0] for path in lists]
    answers.append(api.get("/api/v1/conversations?include=last_message").json()["data"][0]["last_message"])
    for answer in answers:
        assert json.dumps(answer["attachments"]) == json.dumps(SENT)  # in this order


@pytest.mark.wire(
    "mielto", "get_stored_object", "beyond INLINE_OBJECTS_BYTES an answer has refs, and this the bytes"
)
def test_beyond_the_budget_there_are_refs(api: ApiClient, stranger: ApiClient, settings, sent):
    settings.PARLEY = {"INLINE_OBJECTS_BYTES": 50_000}
    picture, text, small = api.get(f"{PATH}/{sent['id']}").json()["attachments"]
    assert picture["image_url"]["url"] == URL
    assert (list(text), small) == (["type", "data_ref", "size"], SENT[2])
    ref = text["data_ref"]
    assert set(ref) == {"object_id", "size_bytes", "mime_type", "sha256", "preview_text", "truncated"}
    assert (ref["size_bytes"], ref["mime_type"]) == (len(TEXT.encode()), "text/plain")
    path = f"/api/v1/objects/{ref['object_id']}"
    assert api.get(path).content_read == TEXT.encode()
    assert (stranger.get(path).status_code, stranger.get(path).json()) == (
        404,
        {"detail": "Object not found"},
    )


@pytest.mark.parametrize("budget", [8_000_000, 0], ids=["texts", "refs"])
def test_what_was_read_and_is_sent_back_changes_nothing(api: ApiClient, settings, sent, budget):
    settings.PARLEY = {"INLINE_OBJECTS_BYTES": budget}
    shown, before = api.get(f"{PATH}/{sent['id']}").json(), files()
    count = Change.objects.count()
    assert api.put(f"{PATH}/{sent['id']}", shown).json() == shown
    assert (files(), objects(sent), Change.objects.count()) == (before, before, count)
    settings.PARLEY = {}
    assert api.get(f"{PATH}/{sent['id']}").json() == sent


def test_refs_that_are_sent_back_beside_others_stay(api: ApiClient, settings, sent):
    settings.PARLEY = {"INLINE_OBJECTS_BYTES": 0}
    shown, before = api.get(f"{PATH}/{sent['id']}").json()["attachments"], files()
    api.patch(f"{PATH}/{sent['id']}", {"attachments": [*shown, {"data": TEXT[:-1]}]})
    settings.PARLEY = {}
    assert api.get(f"{PATH}/{sent['id']}").json()["attachments"] == [*SENT, {"data": TEXT[:-1]}]
    assert before < files() == objects(sent)


def test_other_attachments_take_the_place_of_the_files(
    api: ApiClient, sent, django_capture_on_commit_callbacks
):
    before = files()
    for attachments in ([{"data": TEXT * 2}], [{"url": "small"}], None):
        with django_capture_on_commit_callbacks(execute=True):
            changed = api.put(f"{PATH}/{sent['id']}", {"attachments": attachments}).json()
        assert changed["attachments"] == attachments == api.get(f"{PATH}/{sent['id']}").json()["attachments"]
        assert files() == objects(sent)
        assert before.isdisjoint(files())


@pytest.mark.parametrize("act", ["delete", "redact", "workspace"])
def test_the_files_go_with_their_message(
    api: ApiClient, acme: Tenant, sent, django_capture_on_commit_callbacks, act
):
    with django_capture_on_commit_callbacks(execute=True):
        if act == "delete":
            api.delete(f"{PATH}/{sent['id']}")
        elif act == "redact":
            redact_messages(workspace_id=acme.workspace.pk, message_ids=[sent["id"]])
        else:
            delete_workspace(workspace_id=acme.workspace.pk, force=True)
    assert (files(), objects(sent)) == (set(), set())


def test_an_object_of_another_message_is_not_given_by_its_name(api: ApiClient, acme: Tenant, sent):
    ref = stored(sent).attachments[1]["data_ref"]
    other = [{"data_ref": ref}]
    [message] = api.post(PATH, {"content": {"content": "mine", "attachments": other}}).json()
    assert message["attachments"] == other == api.get(f"{PATH}/{message['id']}").json()["attachments"]
    api.patch(f"{PATH}/{message['id']}", {"attachments": []})
    assert files() == objects(sent)


def test_a_text_stays_where_its_ref_would_take_the_place_of_another_value(api: ApiClient):
    attachments = [{"data": TEXT, "data_ref": "mine"}]
    [message] = api.post(PATH, {"content": {"content": "x", "attachments": attachments}}).json()
    assert message["attachments"] == attachments == stored(message).attachments
    assert files() == set()


def test_the_same_import_again_is_known(api: ApiClient, acme: Tenant):
    message = {"content": "x", "attachments": SENT, "created_at": "2024-05-01T12:00:00Z"}
    body = {"conversation_id": acme.conversation.pk, "content": message}
    first, second = (api.post(PATH, body).json() for _ in range(2))
    assert first == second
    assert len(files()) == 2
    other = {**message, "attachments": [SENT[0], {**SENT[1], "data": TEXT + "x"}, SENT[2]]}
    assert api.post(PATH, {**body, "content": other}).json() != first


def test_a_batch_that_is_refused_leaves_no_file(api: ApiClient, acme: Tenant):
    body = {"conversation_id": "conv_unknown", "content": {"content": "x", "attachments": SENT}}
    assert api.post(PATH, body).status_code == 404
    assert files() == set()


def test_an_update_that_is_refused_leaves_no_file(api: ApiClient, acme: Tenant, sent):
    before = files()
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[sent["id"]])
    assert api.patch(f"{PATH}/{sent['id']}", {"attachments": [{"data": TEXT}]}).status_code == 409
    assert files() <= before


def test_threads_show_them_as_files_with_a_link(api: ApiClient, acme: Tenant, sent):
    path = f"/v1/threads/{acme.conversation.pk}/messages/{sent['id']}?include_parts=true"
    _, picture, text, small = api.get(path).json()["parts"]
    assert (picture["type"], picture["mime_type"], small["url"]) == ("file", "image/png", SENT[2]["url"])
    assert api.get(picture["url"].removeprefix(api.prefix)).content_read == PICTURE
    assert api.get(text["url"].removeprefix(api.prefix)).content_read == TEXT.encode()


def test_staff_and_hosts_write_them_like_this_too(api: ApiClient, acme: Tenant):
    update_message(
        workspace_id=acme.workspace.pk,
        message_id=acme.reply.pk,
        changes={"attachments": SENT},
    )
    assert api.get(f"{PATH}/{acme.reply.pk}").json()["attachments"] == SENT
    assert len(json.dumps(stored({"id": acme.reply.pk}).attachments)) < 1_500


def test_an_export_brings_them_along(api: ApiClient, acme: Tenant, globex: Tenant, stranger: ApiClient, sent):
    imported(globex, exported(acme))
    [copy] = others(globex)
    [message] = stranger.get(f"/api/v1/conversations/{copy.pk}/messages?limit=1").json()["data"]
    assert message["attachments"] == SENT
    assert files() == objects(sent) | objects(message)
