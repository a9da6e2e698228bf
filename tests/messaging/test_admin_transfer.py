"""Exports and imports of staff: what they may, what they get, and what the log says of it."""

import gzip
import io
import json
import re
import zipfile
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import quote
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging.models import Conversation, Membership
from tests.cast import Tenant
from tests.client import statements
from tests.transfer import exported, lines, messages, others

pytestmark = pytest.mark.django_db

CONVERSATIONS, MESSAGES = "/admin/parley/conversation/", "/admin/parley/message/"
IMPORT = f"{CONVERSATIONS}import/"
GOOD = {"messages": [{"role": "user", "content": "<script>alert(1)</script>"}]}


@pytest.fixture
def staff(admin_client: Client) -> Client:
    return admin_client


@pytest.fixture
def member(acme: Tenant) -> Any:
    """Makes a client of somebody of the staff who is a member of acme and has these permissions."""

    def make(*codenames: str) -> Client:
        user = get_user_model().objects.create_superuser("member", email="m@example.com", password="secret")
        user.is_superuser = False
        user.save()
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        Membership.objects.create(user=user, workspace=acme.workspace)
        client = Client()
        client.force_login(user)
        return client

    return make


def select(client: Client, path: str, *ids: str, across: bool = False, query: str = "") -> Any:
    chosen = {"action": "export_as_jsonl", "_selected_action": ids, "select_across": int(across)}
    return client.post(path + query, chosen)


def records(response: Any) -> list[dict[str, Any]]:
    assert response.streaming
    return [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]


def ids(response: Any) -> list[str]:
    return [record["id"] for record in records(response)[1:-1]]


def upload(client: Client, tenant: Tenant, content: bytes, name: str = "chats.jsonl", **fields: Any) -> Any:
    given = {"workspace": tenant.workspace.pk, "source_format": "auto"} | fields
    return client.post(IMPORT, given | {"file": SimpleUploadedFile(name, content)})


def test_selected_conversations_leave_as_the_command_writes_them(staff: Client, acme: Tenant, globex: Tenant):
    response = select(staff, CONVERSATIONS, acme.conversation.pk)
    assert response["Content-Disposition"].startswith('attachment; filename="conversations-')
    assert b"".join(response.streaming_content).splitlines()[1:] == exported(acme).splitlines()[1:]


def test_all_that_a_list_finds_leaves(staff: Client, acme: Tenant, globex: Tenant):
    query = f"?workspace={acme.workspace.pk}"
    found = select(staff, CONVERSATIONS, acme.conversation.pk, across=True, query=query)
    assert ids(found) == [acme.conversation.pk, acme.question.pk, acme.reply.pk]
    everything = select(staff, MESSAGES, acme.question.pk, across=True)
    assert {acme.reply.pk, globex.reply.pk} <= set(ids(everything))


def test_selected_messages_leave_below_their_conversation(staff: Client, acme: Tenant, globex: Tenant):
    response = select(staff, MESSAGES, acme.reply.pk, globex.question.pk)
    expected = [acme.conversation.pk, acme.reply.pk, globex.conversation.pk, globex.question.pk]
    assert ids(response) == expected


def test_one_conversation_and_one_message_leave(staff: Client, acme: Tenant):
    found = staff.get(f"{CONVERSATIONS}{acme.conversation.pk}/export/")
    assert ids(found) == [acme.conversation.pk, acme.question.pk, acme.reply.pk]
    assert ids(staff.get(f"{MESSAGES}{acme.reply.pk}/export/")) == [acme.conversation.pk, acme.reply.pk]


HOLOGRAM = {"content_type": "hologram", "x": 1}
LINKS = re.compile(rf'"({CONVERSATIONS}[^"]+/export/)"')


@pytest.mark.parametrize("page", ["change", "transcript"])
def test_the_page_of_a_conversation_leads_to_its_export(staff: Client, member: Any, acme: Tenant, page: str):
    path = f"{CONVERSATIONS}{quote(acme.conversation.pk)}/{page}/"
    [link] = set(LINKS.findall(staff.get(path).content.decode()))
    assert ids(staff.get(link))[0] == acme.conversation.pk
    assert not LINKS.search(member("view_conversation", "view_message").get(path).content.decode())


def test_each_export_is_noted(staff: Client, acme: Tenant):
    select(staff, CONVERSATIONS, acme.conversation.pk)
    staff.get(f"{MESSAGES}{acme.reply.pk}/export/")
    select(staff, MESSAGES, acme.reply.pk, across=True)
    noted = LogEntry.objects.order_by("pk").values_list("object_id", "object_repr", "change_message")
    assert [entry[0] for entry in noted] == [acme.conversation.pk, acme.reply.pk, None]
    assert noted[2][1] == "4 messages"
    assert {entry[2] for entry in noted} == {"Exported as JSONL."}


def test_who_may_not_export_is_not_offered_it(member: Any, acme: Tenant):
    reader = member("view_conversation", "view_message")
    assert "export" not in reader.get(CONVERSATIONS).content.decode()
    assert not select(reader, CONVERSATIONS, acme.conversation.pk).streaming
    assert reader.get(f"{CONVERSATIONS}{acme.conversation.pk}/export/").status_code == 403
    assert not LogEntry.objects.exists()


def test_the_right_to_export_shows_nothing_that_may_not_be_looked_at(member: Any, acme: Tenant):
    exporter = member("export_message", "view_conversation")
    assert exporter.get(f"{MESSAGES}{acme.reply.pk}/export/").status_code == 403


def test_a_member_exports_nothing_of_another_workspace(member: Any, acme: Tenant, globex: Tenant):
    exporter = member("export_message", "view_conversation", "view_message")
    assert "Export as JSONL" in exporter.get(CONVERSATIONS).content.decode()
    everything = [acme.conversation.pk, acme.question.pk, acme.reply.pk]
    assert ids(select(exporter, CONVERSATIONS, acme.conversation.pk, globex.conversation.pk)) == everything
    assert ids(select(exporter, MESSAGES, acme.reply.pk, across=True)) == everything
    foreign, absent = (
        exporter.get(f"{CONVERSATIONS}{name}/export/") for name in (globex.conversation.pk, "conv_1")
    )
    assert (foreign.status_code, foreign.url) == (absent.status_code, absent.url) == (302, "/admin/")


def test_a_file_is_imported_and_the_page_says_what_became_of_it(staff: Client, acme: Tenant):
    assert "Import" in staff.get(CONVERSATIONS).content.decode()
    assert "manage.py import_conversations" in staff.get(IMPORT).content.decode()
    page = upload(staff, acme, lines(GOOD) + b'{"<b>bad": \n').content.decode()
    assert "<td>1</td><td>0</td>" in page
    assert "Not JSON" in page
    assert messages(others(acme)[0])[0].content == "<script>alert(1)</script>"
    entry = LogEntry.objects.get()
    assert (entry.object_id, "Imported a file: 1 messages" in entry.change_message) == (
        acme.workspace.pk,
        True,
    )
    page = upload(staff, acme, gzip.compress(lines(GOOD)), "chats.jsonl.gz").content.decode()
    assert "<td>0</td><td>1</td>" in page


def test_the_page_takes_the_end_user(staff: Client, acme: Tenant):
    upload(staff, acme, lines(GOOD), user_id="ada")
    assert others(acme)[0].user_id == "ada"


def test_a_dry_run_reports_the_same_and_stores_nothing(staff: Client, acme: Tenant):
    page = upload(staff, acme, lines(GOOD) + b"{\n", dry_run="on").content.decode()
    assert "Would be imported into" in page
    assert "<td>1</td><td>0</td>" in page
    assert "Rejected: 1" in page
    assert (others(acme), LogEntry.objects.count()) == ([], 0)
    assert "Would be" not in upload(staff, acme, lines(GOOD)).content.decode()


def test_the_page_says_what_became_of_each_kind_and_of_files(staff: Client, acme: Tenant):
    source = {"mapping": {"n": {"message": {"author": {"role": "user"}, "content": HOLOGRAM}}}, "id": "c1"}
    listed = {"id": "file-1", "name": "<b>.png"}
    source["mapping"]["n"]["message"]["metadata"] = {"attachments": [listed]}  # type: ignore[index]
    page = upload(staff, acme, lines(source)).content.decode()
    assert (
        '<th scope="row"><bdi>hologram</bdi></th><td>0</td><td>1</td><td>0</td><td>0</td><td>0</td>' in page
    )
    assert "1 references to files that are not in the source: &lt;b&gt;.png" in page


def test_the_list_of_rejected_records_is_bounded(staff: Client, acme: Tenant):
    bad = {"messages": [{"role": "r" * 65}]}
    page = upload(staff, acme, lines(GOOD, *[bad] * 150)).content.decode()
    assert page.count("String should have at most 64 characters") == 100
    assert "Rejected: 150" in page
    assert "These are the first 100." in page


def test_a_file_that_is_too_large_is_refused(staff: Client, acme: Tenant, settings: Any):
    settings.PARLEY = {"IMPORT_BYTES": 100}
    assert "This is more than 100" in upload(staff, acme, b"x" * 101).content.decode()
    source = gzip.compress(lines(GOOD) + b" " * 1_000_000 + lines(GOOD))
    settings.PARLEY = {"IMPORT_BYTES": 5_000}
    assert "The source is larger than 5,000 bytes" in upload(staff, acme, source).content.decode()


def test_a_file_that_takes_too_long_is_ended_and_goes_on_when_it_comes_again(
    staff: Client, acme: Tenant, settings: Any
):
    source = lines(GOOD) + b" " * 300_000 + lines(GOOD)
    settings.PARLEY = {"IMPORT_SECONDS": 0}
    assert "Ended after 0 seconds" in upload(staff, acme, source).content.decode()
    assert not others(acme)
    settings.PARLEY = {}
    upload(staff, acme, source)
    assert others(acme)


def test_an_archive_of_too_many_files_is_refused_before_they_are_listed(
    staff: Client, acme: Tenant, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("messaging.transfer.archive.MOST_OF_A_DIRECTORY", 1_000)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(20):
            archive.writestr(f"{number}/conversations.json", "[]")
    assert "too many files" in upload(staff, acme, packed.getvalue(), "chats.zip").content.decode()


@pytest.mark.parametrize(
    "content", [b"", b"nothing", b'{"a": 1}', b"PK\x03\x04nonsense", b"\x1f\x8bnonsense"]
)
def test_what_cannot_be_read_is_an_error_of_the_form(staff: Client, acme: Tenant, content: bytes):
    page = upload(staff, acme, content)
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert not others(acme)


def test_why_nothing_can_be_read_is_said_line_by_line(staff: Client, acme: Tenant):
    page = upload(staff, acme, b"this is\nno export").content.decode()
    assert "No record of it can be read" in page
    assert "Nothing was imported" in page
    [(line, reason)] = re.findall(r"<tr><td>1</td><td>(\d+)</td><td[^>]*>([^<]+)</td>", page)
    assert line == "1"
    assert "JSON" in reason


def test_who_may_not_add_conversations_is_not_offered_it(member: Any, acme: Tenant):
    reader = member("view_conversation", "change_conversation")
    assert IMPORT not in reader.get(CONVERSATIONS).content.decode()
    assert reader.get(IMPORT).status_code == 403
    assert upload(reader, acme, lines(GOOD)).status_code == 403
    assert Client().get(IMPORT).status_code == 302


def test_a_member_imports_into_no_other_workspace(member: Any, acme: Tenant, globex: Tenant):
    importer = member("view_conversation", "add_conversation")
    assert globex.workspace.pk not in importer.get(IMPORT).content.decode()
    page = upload(importer, globex, lines(GOOD)).content.decode()
    assert "errorlist" in page
    assert not others(globex)
    assert "<td>1</td><td>0</td>" in upload(importer, acme, lines(GOOD)).content.decode()


def test_a_member_does_not_learn_whether_an_id_is_taken_elsewhere(member: Any, acme: Tenant, globex: Tenant):
    importer = member("view_conversation", "add_conversation")
    upload(importer, acme, exported(globex))
    [copy] = others(acme)
    free = globex.conversation.pk[:-1] + "z"
    upload(importer, acme, exported(globex).replace(globex.conversation.pk.encode(), free.encode()))
    assert free not in {conversation.pk for conversation in others(acme)}
    assert copy.pk != globex.conversation.pk
    assert Conversation.objects.get(pk=globex.conversation.pk).workspace_id == globex.workspace.pk


def test_the_pages_cost_the_same_whatever_they_hold(staff: Client, acme: Tenant):
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as context:
            staff.get(IMPORT)
        return len(statements(context))

    before = cost()
    upload(staff, acme, lines(*[GOOD] * 20))
    assert cost() == before
