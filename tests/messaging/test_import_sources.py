"""Whatever a file is packed in, written in, or from: it is read, or named with what to do."""

import gzip
import io
import json
import tarfile
import zipfile

import pytest

from messaging.transfer.opening import opened
from messaging.transfer.source import SourceBroken, Unusable
from tests.cast import Tenant
from tests.messaging.test_import_chatgpt import BRANCHED
from tests.transfer import counts, imported, lines, others

GOOD = {"messages": [{"role": "user", "content": "Grüße 😀"}]}
OTHER = {"messages": [{"role": "user", "content": "Another"}]}


def packed(**members: bytes) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    file.seek(0)
    return file


def tree_named(name: str) -> bytes:
    return json.dumps([BRANCHED | {"conversation_id": name}]).encode()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
@pytest.mark.parametrize("is_packed", [False, True])
def test_every_encoding_of_unicode_is_read(acme: Tenant, encoding: str, is_packed: bool):
    raw = json.dumps([GOOD], ensure_ascii=False, indent=1).encode(encoding)
    imported(acme, packed(**{"conversations.json": raw}) if is_packed else io.BytesIO(raw))
    assert others(acme)[0].messages.get().content == "Grüße 😀"


def test_another_encoding_is_named(acme: Tenant):
    raw = json.dumps({"messages": [{"role": "user", "content": "Grüße"}]}, ensure_ascii=False).encode(
        "cp1252"
    )
    report, [rejection] = imported(acme, io.BytesIO(lines(GOOD) + raw))
    assert counts(report) == (1, 1, 0, 0, 1)
    assert "not valid UTF-8" in rejection.reason
    assert "iconv" in rejection.reason


def test_one_member_that_is_cut_off_costs_its_rest_and_is_named(acme: Tenant):
    whole = packed(
        **{"conversations-000.json": tree_named("a")[:-400], "conversations-001.json": tree_named("b")}
    )
    report, [rejection] = imported(acme, whole)
    assert (report.new_conversations, report.rejected) == (1, 1)
    assert str(rejection).startswith("conversations-000.json, record 1, line 1: ")


def test_a_member_whose_bytes_are_damaged_costs_its_rest(acme: Tenant):
    source = packed(
        **{
            "conversations-000.json": tree_named("a") + b" " * 10_000,
            "conversations-001.json": tree_named("b"),
        }
    )
    raw = bytearray(source.getvalue())
    at = raw.index(b"conversations-000.json") + 200
    raw[at : at + 20] = b"\xff" * 20
    report, rejections = imported(acme, io.BytesIO(bytes(raw)))
    assert report.new_conversations >= 1
    assert {rejection.member for rejection in rejections} == {"conversations-000.json"}


def test_a_member_of_nothing_that_is_known_costs_itself(acme: Tenant):
    report, [rejection] = imported(
        acme, packed(**{"conversations/a.json": b'{"x": 1}', "conversations/b.json": tree_named("b")})
    )
    assert report.new_conversations == 1
    assert "format is not known" in str(rejection)
    assert rejection.member == "conversations/a.json"


def test_each_conversation_may_be_a_file_of_its_own(acme: Tenant):
    single = {f"conversations/{name}.json": tree_named(name)[1:-1] for name in "abc"}
    assert counts(imported(acme, packed(**single))[0])[0] == 3


def test_names_as_windows_writes_them(acme: Tenant):
    source = packed(**{"export\\conversations.json": tree_named("a")})
    assert counts(imported(acme, source)[0])[0] == 1


def test_an_archive_in_an_archive_is_read(acme: Tenant):
    first, second = (
        packed(**{"conversations.json": tree_named("a")}),
        packed(**{"conversations.json": tree_named("b")}),
    )
    outer = packed(**{"chatgpt-0001.zip": first.getvalue(), "more/chatgpt-0002.zip": second.getvalue()})
    assert counts(imported(acme, outer)[0])[0] == 2


def test_records_under_other_names_are_read(acme: Tenant):
    source = packed(**{"chats.jsonl.gz": gzip.compress(lines(GOOD)), "users.json": b"[]"})
    assert counts(imported(acme, source)[0]) == (1, 1, 0, 0, 0)


@pytest.mark.parametrize("in_archive", [False, True])
def test_all_members_of_gzip_are_read(acme: Tenant, in_archive: bool):
    members = gzip.compress(lines(GOOD)) + gzip.compress(b"") * 3_000 + gzip.compress(lines(OTHER))
    source = packed(**{"chats.jsonl.gz": members}) if in_archive else io.BytesIO(members)
    assert counts(imported(acme, source)[0])[0] == 2


@pytest.mark.parametrize("in_archive", [False, True])
def test_gzip_that_is_cut_off_is_told(acme: Tenant, in_archive: bool):
    cut = gzip.compress(lines(GOOD)) + gzip.compress(lines(OTHER))[:-9]
    source = packed(**{"chats.jsonl.gz": cut}) if in_archive else io.BytesIO(cut)
    _, rejections = imported(acme, source)
    assert any("breaks off" in rejection.reason for rejection in rejections)


def test_members_of_gzip_that_hold_nothing_do_not_hold_up_who_reads():
    with opened(io.BytesIO(gzip.compress(b"") * 1_000_000), seconds=0) as source:
        [member] = source.members
        with pytest.raises(SourceBroken, match="Ended after 0 seconds"):
            list(member.chunks)


def tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("conversations.json"), io.BytesIO(b""))
    return file.getvalue()


FOREIGN: list[tuple[bytes, str]] = [
    (tar(), "tar archive"),
    (gzip.compress(tar()), "tar archive"),
    (b"7z\xbc\xaf\x27\x1c\x00\x04", "7z archive"),
    (b"Rar!\x1a\x07\x00", "RAR archive"),
    (b"%PDF-1.7", "PDF"),
    (b"<!DOCTYPE html><html><title>ChatGPT Data Export</title>", "web page"),
    (b"\xef\xbb\xbf<html><body>Gemini Apps", "Gemini"),
    (b"[12/01/2026, 10:11:12] Ada: Hello\n[12/01/2026, 10:11:15] Bob: Hi\n", "WhatsApp"),
    ("\u200e12.01.26, 10:11 - Ada: Hello\n".encode(), "WhatsApp"),
    (
        json.dumps(
            [{"header": "Gemini Apps", "title": "Prompted", "time": "x", "products": ["Gemini Apps"]}]
        ).encode(),
        "Gemini",
    ),
    (
        json.dumps([{"v": 1, "channel_values": {"messages": []}, "channel_versions": {}}]).encode(),
        "LangGraph",
    ),
    (json.dumps({"values": {"messages": []}, "next": []}).encode(), "LangGraph"),
    (json.dumps([{"type": "message", "user": "U1", "ts": "1.2", "text": "Hi"}]).encode(), "Slack"),
    (json.dumps([{"messageType": "message", "from": {}, "body": {}}]).encode(), "Teams"),
    (json.dumps({"userId": "8:a", "conversations": [{"id": "1", "MessageList": []}]}).encode(), "Teams"),
    (json.dumps({"conversations": [{"conversation": {}, "responses": []}]}).encode(), "Grok"),
    (json.dumps({"guild": {}, "channel": {}, "messages": [{"content": "x"}]}).encode(), "Discord"),
    (json.dumps({"name": "Ada", "messages": [{"from_id": "u1", "text": "x"}]}).encode(), "Telegram"),
    (b'{"type":"user","sessionId":"a","uuid":"b","message":{"role":"user","content":"x"}}\n', "coding agent"),
]


@pytest.mark.parametrize(("raw", "name"), FOREIGN, ids=[name for _, name in FOREIGN])
def test_what_cannot_be_imported_is_named_with_what_to_do(acme: Tenant, raw: bytes, name: str):
    with pytest.raises(Unusable, match=name) as error:
        imported(acme, io.BytesIO(raw))
    assert any(
        advice in str(error.value) for advice in ("Convert it", "unpack it", "import conversations.json")
    )


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ("Takeout/My Activity/Gemini Apps/MyActivity.html", "Gemini"),
        ("channels.json", "Slack"),
        ("WhatsApp Chat with Ada.txt", "WhatsApp"),
    ],
)
def test_a_foreign_archive_is_named(acme: Tenant, member: str, name: str):
    with pytest.raises(Unusable, match=name):
        imported(acme, packed(**{member: b"[]", "users.json": b"[]"}))


def test_an_archive_that_is_cut_off_says_to_download_it_again(acme: Tenant):
    raw = packed(**{"conversations.json": tree_named("a")}).getvalue()
    with pytest.raises(Unusable, match="download it again"):
        imported(acme, io.BytesIO(raw[:-60]))


def test_an_archive_with_a_password_says_so(acme: Tenant):
    raw = bytearray(packed(**{"conversations.json": tree_named("a")}).getvalue())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(signature) + offset] |= 1
    with pytest.raises(Unusable, match="password"):
        imported(acme, io.BytesIO(bytes(raw)))


@pytest.mark.parametrize("cut", [3, 50, 500, 900])
def test_a_list_that_is_cut_off_keeps_what_came_before(acme: Tenant, cut: int):
    raw = json.dumps([BRANCHED | {"conversation_id": name} for name in "abc"]).encode()
    report, [rejection] = imported(acme, io.BytesIO(raw[:-cut]))
    assert (report.new_conversations, report.rejected) == (2, 1)
    assert "breaks off" in rejection.reason
