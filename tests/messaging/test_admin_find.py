"""The box that finds anything: an id of any kind, as it was pasted, leads to the page of what has it."""

from urllib.parse import quote

import pytest
from django.contrib.admin.utils import quote as admin_quote
from django.test import Client

from messaging.kinds import kinds
from messaging.models import ApiKey, Part, Run, StoredObject
from messaging.services import create_api_key
from messaging.values.ids import new_id
from tests.cast import Tenant
from tests.messaging.staff import client_of, make_member
from threads.models import Thread

FIND = "/admin/parley/message/find/"
LISTS = [f"/admin/parley/{name}/" for name in ("message", "conversation", "apikey", "workspace")]


@pytest.fixture
def staff(admin_client: Client, acme: Tenant) -> Client:
    return admin_client


@pytest.fixture
def member(acme: Tenant) -> Client:
    return client_of(make_member(acme.workspace))


def target(client: Client, text: str, path: str = FIND) -> str:
    """The path to which the text leads, ids unquoted; the page itself where it leads nowhere."""
    response = client.get(path, {"q": text})
    return response.get("Location", "").replace("_5F", "_") or response.content.decode()


def leads_to(model: str, primary_key: str, where: str) -> bool:
    return where.startswith(f"/admin/parley/{model}/{primary_key}/")


@pytest.mark.parametrize("path", [FIND, *LISTS])
def test_an_id_leads_to_its_page_from_every_box(staff: Client, acme: Tenant, path: str):
    assert leads_to("message", acme.reply.pk, target(staff, acme.reply.pk, path))
    assert leads_to("conversation", acme.conversation.pk, target(staff, acme.conversation.pk, path))
    assert leads_to("workspace", acme.workspace.pk, target(staff, acme.workspace.pk, path))
    assert leads_to("apikey", acme.api_key.pk, target(staff, acme.api_key.pk, path))


def test_a_part_and_a_stored_object_lead_to_their_message(staff: Client, acme: Tenant):
    of_reply = {"workspace": acme.workspace, "message": acme.reply}
    part = Part.objects.create(position=0, type="text", **of_reply)
    stored = StoredObject.objects.create(
        path="x", size_bytes=1, mime_type="text/plain", sha256="0", **of_reply
    )
    for row in (part, stored):
        assert leads_to("message", acme.reply.pk, target(staff, row.pk))


def test_every_model_with_an_id_of_ours_is_known():
    assert kinds()["run"] is Run
    of_messages = {"conv", "msg", "run", "obj", "part", "fbk", "mem", "mrev"}
    assert set(kinds()) == of_messages | {"wsp", "key", "job", "whk", "whd"}
    assert Thread not in kinds().values()


@pytest.mark.parametrize(
    "pasted",
    [
        "  {id}\n",
        '"{id}"',
        "`{id}`,",
        "https://example.com/api/v1/messages/{id}",
        "https://example.com/api/v1/messages/{id}?include=parts#top",
        "https://example.com/v1/threads/{other}/messages/{id}/parts",
        "http://localhost/admin/parley/message/{quoted}/change/?_changelist_filters=conversation%3D{other}",
        '{{"message_id": "{id}"}}',
        "message_id=%22{id}%22",
    ],
)
def test_an_id_is_understood_as_it_was_pasted(staff: Client, acme: Tenant, pasted: str):
    text = pasted.format(
        id=acme.reply.pk, quoted=admin_quote(acme.reply.pk), other=acme.conversation.pk, path=quote("x")
    )
    assert leads_to("message", acme.reply.pk, target(staff, text))


@pytest.mark.parametrize("prefix", ["msg", "conv", "key", "wsp", "part", "run", "obj"])
def test_an_id_of_nothing_is_said(staff: Client, prefix: str):
    unknown = new_id(prefix)
    assert f"Nothing that you may see has the id {unknown}." in target(staff, unknown)
    assert f"Nothing that you may see has the id {unknown}." in target(staff, unknown, LISTS[0])


@pytest.mark.parametrize("path", [FIND, *LISTS])
def test_a_foreign_id_is_as_one_that_does_not_exist(member: Client, globex: Tenant, path: str):
    for row in (globex.reply, globex.conversation, globex.workspace, globex.api_key):
        unknown = new_id(row.pk.split("_")[0])
        foreign = target(member, row.pk, path).replace(row.pk, unknown)
        assert "Nothing that you may see" in foreign
        assert without_tokens(foreign) == without_tokens(target(member, unknown, path))


def without_tokens(page: str) -> list[str]:
    return [line for line in page.splitlines() if "csrf" not in line]


def test_what_the_permissions_hide_is_not_found(acme: Tenant):
    reader = client_of(make_member(acme.workspace, permissions=("view_message",)))
    assert leads_to("message", acme.reply.pk, target(reader, acme.reply.pk))
    for hidden in (acme.api_key.pk, acme.conversation.pk, acme.api_key.public_prefix):
        assert "/apikey/" not in target(reader, hidden).split("<")[0]
    assert f"has the id {acme.conversation.pk}" in target(reader, acme.conversation.pk)


@pytest.mark.parametrize("pasted", ["{prefix}", "parley_{prefix}", " 'parley_{prefix}' "])
def test_the_public_part_of_a_key_leads_to_the_key(staff: Client, acme: Tenant, pasted: str):
    text = pasted.format(prefix=acme.api_key.public_prefix)
    for path in (FIND, *LISTS):
        assert leads_to("apikey", acme.api_key.pk, target(staff, text, path))


@pytest.mark.parametrize("path", [FIND, *LISTS])
def test_a_whole_key_leads_to_its_page_and_is_shown_nowhere(staff: Client, acme: Tenant, path: str):
    response = staff.get(path, {"q": f"Bearer {acme.secret}"}, follow=True)
    page = response.content.decode()
    assert "a key should not be pasted" in page
    assert (
        response.redirect_chain[-1][0]
        .replace("_5F", "_")
        .startswith(f"/admin/parley/apikey/{acme.api_key.pk}/")
    )
    assert not any("parley_" in address for address, _ in response.redirect_chain)
    assert acme.secret[16:] not in page


@pytest.mark.parametrize("path", [FIND, *LISTS])
def test_a_key_whose_secret_looks_like_a_quoted_id_is_not_shown_either(member: Client, path: str):
    """Addresses of the admin spell a colon `_3A`, and so may the secret of a key begin."""
    pasted = "parley_abcd1234_3Asecretsecretsecret"
    assert "secretsecret" not in member.get(path, {"q": pasted}, follow=True).content.decode()


@pytest.mark.parametrize("path", [FIND, *LISTS])
def test_an_unknown_key_is_not_shown_either(member: Client, globex: Tenant, path: str):
    truncated = globex.secret[:-3]
    for text in (globex.secret, truncated, f"{globex.secret} & more"):
        response = member.get(path, {"q": text}, follow=True)
        page = response.content.decode()
        assert "a key should not be pasted" in page
        assert globex.secret[16:30] not in page
        assert not any("parley_" in address for address, _ in response.redirect_chain)


def test_other_text_is_searched_for_in_messages(staff: Client):
    assert target(staff, "opening hours") == "/admin/parley/message/?q=opening+hours"
    assert target(staff, "refunded").startswith("/admin/parley/message/?q=")  # as long as a public prefix


def test_the_empty_box_says_what_it_takes(staff: Client):
    page = staff.get(FIND).content.decode()
    assert "<code>msg_…</code>" in page
    assert 'action="/admin/parley/message/find/"' in page


def test_the_box_is_for_staff(client: Client, acme: Tenant):
    assert "/login/" in target(client, acme.reply.pk)


def test_a_popup_stays_where_it_is(staff: Client, acme: Tenant):
    response = staff.get(LISTS[1], {"q": acme.reply.pk, "_popup": "1"})
    assert response.status_code == 200


def test_a_secret_is_not_stored_with_the_session(staff: Client, acme: Tenant):
    _, secret = create_api_key(workspace_id=acme.workspace.pk, label="new")
    staff.get(FIND, {"q": secret})
    assert secret not in str(dict(staff.session)) + str(staff.cookies)
    assert ApiKey.objects.filter(label="new").exists()
