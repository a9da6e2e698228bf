"""What an archive holds next to its conversations: files as stored objects, and ratings."""

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest

from messaging.models import Feedback, Message, StoredObject
from messaging.transfer.report import Report
from tests.cast import Tenant
from tests.messaging.test_import_chatgpt import node, tree
from tests.transfer import counts, imported, messages, others

PNG = b"\x89PNG\r\n\x1a\n" + b"image" * 100
PDF = b"%PDF-1.7 paper"
MIB = 1024 * 1024


def archive(conversations: Any, **members: bytes) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("conversations.json", json.dumps(conversations))
        for name, content in members.items():
            packed.writestr(name, content)
    file.seek(0)
    return file


def pointing(*pointers: str, attachments: Any = ()) -> Any:
    parts = [{"content_type": "image_asset_pointer", "asset_pointer": pointer} for pointer in pointers]
    content = {"content_type": "multimodal_text", "parts": [*parts, "look"]}
    return tree(node("n", None, content=content, metadata={"attachments": list(attachments)}), current="n")


def only(tenant: Tenant) -> tuple[Message, list[StoredObject]]:
    [row] = messages(others(tenant)[0])
    return row, list(StoredObject.objects.filter(message=row).order_by("mime_type"))


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        ("file-service://file-AbC1", "file-AbC1-photo.png"),
        ("sediment://file_00ab", "user-7/file_00ab-1234.png"),
        ("sediment://file_00ab", "file_00ab.dat"),
        ("file-service://file-AbC1", "dalle-generations/file-AbC1-5678.webp"),
        ("sediment://file_00ab?shared=1", "0f8a-conversation\\image\\file_00ab.png"),
    ],
)
def test_an_image_comes_along_wherever_the_archive_keeps_it(acme: Tenant, pointer: str, name: str):
    report, _ = imported(acme, archive([pointing(pointer)], **{name: PNG}))
    row, [stored] = only(acme)
    [attachment] = row.attachments or []
    assert (attachment["type"], attachment["object_id"]) == ("image", stored.pk)
    assert (stored.mime_type, stored.size_bytes) == ("image/png", len(PNG))
    assert stored.sha256 == hashlib.sha256(PNG).hexdigest()
    with stored.open() as file:
        assert file.read() == PNG
    assert (report.files, report.missing, report.not_read) == (1, 0, [])


def test_it_has_the_name_that_a_person_gave_it(acme: Tenant):
    listed = {"id": "file-1", "name": "Übersicht.pdf", "mime_type": "application/pdf", "size": 3}
    pointer = {"id": "file-2", "name": "cat.png", "mime_type": "image/png"}
    source = archive(
        [pointing("file-service://file-2", attachments=[listed, pointer])],
        **{"file-1-x.pdf": PDF, "file-2-y.dat": PNG},
    )
    imported(acme, source)
    row, stored = only(acme)
    assert [(file["name"], file["type"]) for file in row.attachments or []] == [
        ("cat.png", "image"),
        ("Übersicht.pdf", "file"),
    ]
    assert [one.mime_type for one in stored] == ["application/pdf", "image/png"]


def test_the_list_of_names_of_newer_archives_is_read(acme: Tenant):
    names = json.dumps({"file_9.dat": "holiday.png"}).encode()
    imported(
        acme,
        archive(
            [pointing("sediment://file_9")],
            **{"file_9.dat": PNG, "conversation_asset_file_names.json": names},
        ),
    )
    assert only(acme)[0].attachments == [
        {
            "type": "image",
            "file_id": "sediment://file_9",
            "asset_pointer": "sediment://file_9",
            "name": "holiday.png",
            "object_id": only(acme)[1][0].pk,
            "mime_type": "image/png",
            "size": len(PNG),
        }
    ]


def test_a_second_import_adds_nothing(acme: Tenant):
    source = archive([pointing("file-service://file-1", "file-service://file-1")], **{"file-1-a.png": PNG})
    report, _ = imported(acme, source)
    assert (report.files, StoredObject.objects.count()) == (1, 1)
    report, _ = imported(acme, source)
    assert (counts(report), report.files, StoredObject.objects.count()) == ((0, 0, 1, 1, 0), 0, 1)


def test_a_file_that_is_missing_is_named_and_counted(acme: Tenant):
    listed = {"id": "file-8", "name": "contract.pdf"}
    report, _ = imported(acme, archive([pointing("file-service://file-7", attachments=[listed])]))
    assert report.missing == 2
    assert report.missing_files == ["file-service://file-7", "contract.pdf"]
    assert (
        "2 references to files that are not in the source: file-service://file-7, contract.pdf"
        in report.remarks
    )
    assert "object_id" not in (only(acme)[0].attachments or [])[0]


def test_a_damaged_file_costs_itself(acme: Tenant):
    source = archive(
        [pointing("file-service://file-1", "file-service://file-2")],
        **{
            "file-1-a.png": PNG,
            "file-2-b.png": PNG + bytes(range(256)),
        },
    )
    raw = bytearray(source.getvalue())
    at = raw.index(b"file-2-b.png") + len("file-2-b.png")
    raw[at + 4 : at + 8] = b"\xff\xff\xff\xff"
    report, _ = imported(acme, io.BytesIO(bytes(raw)))
    assert (report.files, report.missing) == (1, 1)
    assert [stored.size_bytes for stored in only(acme)[1]] == [len(PNG)]


def test_what_was_not_needed_is_named(acme: Tenant):
    report, _ = imported(acme, archive([pointing()], **{"user.json": b"{}", "file-5-lost.png": PNG}))
    assert report.not_read == ["file-5-lost.png", "user.json"]


def test_large_files_are_copied_piece_by_piece(acme: Tenant, monkeypatch: Any):
    sizes = []
    saved = zipfile.ZipExtFile.read

    def read(self: Any, n: int | None = -1) -> bytes:
        piece = saved(self, n)
        sizes.append(len(piece))
        return piece

    monkeypatch.setattr(zipfile.ZipExtFile, "read", read)
    imported(acme, archive([pointing("file-service://file-1")], **{"file-1-a.png": PNG + bytes(20 * MIB)}))
    assert max(sizes) <= MIB
    assert only(acme)[1][0].size_bytes == len(PNG) + 20 * MIB


def test_files_count_towards_the_limit_of_what_is_unpacked(acme: Tenant):
    source = archive([pointing("file-service://file-1")], **{"file-1-a.png": bytes(5 * MIB)})
    report, _ = imported(acme, source, limit=MIB)
    assert (report.files, report.missing) == (0, 1)


def test_ratings_are_kept_with_their_messages(acme: Tenant):
    rated = {"message_id": "n", "conversation_id": "3c6a", "rating": "thumbs_down", "content": '{"tags": []}'}
    imported(acme, archive([pointing()], **{"message_feedback.json": json.dumps([rated]).encode()}))
    message = only(acme)[0]
    given = message.meta_data or {}
    assert (given["rating"], given["feedback"]) == ("thumbs_down", rated)
    [thumb] = Feedback.objects.for_workspace(acme.workspace.pk).of_messages([message.pk])
    assert (thumb.name, thumb.value, thumb.comment) == ("rating", False, None)


def test_ratings_of_messages_that_are_not_there_are_counted(acme: Tenant):
    rated = [{"message_id": name, "rating": "thumbs_up"} for name in ("n", "gone", "lost")]
    source = archive([pointing()], **{"message_feedback.json": json.dumps(rated).encode()})
    report, _ = imported(acme, source)
    assert "2 ratings of messages that are not in the source" in report.remarks


def test_ratings_that_cannot_be_read_are_named(acme: Tenant):
    report, _ = imported(acme, archive([pointing()], **{"message_feedback.json": b"[{"}))
    assert report.not_read == ["message_feedback.json"]


def test_what_a_rating_says_besides_is_its_comment(acme: Tenant):
    about = '{"tags": ["unclear", "long"], "text": "Too much of it"}'
    rated = {"message_id": "n", "rating": "thumbs_up", "content": about}
    for _ in range(2):
        imported(acme, archive([pointing()], **{"message_feedback.json": json.dumps([rated]).encode()}))
    [thumb] = Feedback.objects.for_workspace(acme.workspace.pk)
    assert (thumb.value, thumb.comment) == (True, "Too much of it\nunclear, long")


def test_a_dry_run_says_the_same_of_files_and_stores_none(acme: Tenant):
    source = archive([pointing("file-service://file-1", "file-service://file-2")], **{"file-1-a.png": PNG})

    def told(report: Report) -> Any:
        return report.files, report.missing_files, report.kinds

    dry, _ = imported(acme, source, dry_run=True)
    assert not StoredObject.objects.exists()
    real, _ = imported(acme, source)
    assert told(dry) == told(real) == (1, ["file-service://file-2"], dry.kinds)


def test_an_unknown_kind_next_to_an_image_keeps_both(acme: Tenant):
    source = pointing("file-service://file-1")
    source["mapping"]["n"]["message"]["content"]["parts"].append({"content_type": "smell", "note": "x"})
    imported(acme, archive([source], **{"file-1-a.png": PNG}))
    row, [stored] = only(acme)
    refs = [part.payload_ref for part in row.parts.order_by("position") if part.payload_ref]
    assert [ref["object_id"] for ref in refs] == [stored.pk]
