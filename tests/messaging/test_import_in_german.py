"""What an import tells staff, it tells in their language: figures, reasons, and what is not supported."""

import gzip
import io
import json
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from messaging.transfer.source import Unusable
from tests.cast import Tenant
from tests.transfer import imported, lines

pytestmark = pytest.mark.django_db
GOOD = {"messages": [{"role": "user", "content": "Hello"}]}


@pytest.fixture
def german() -> Iterator[None]:
    with translation.override("de"):
        yield


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b'{"messages": ', "Kein JSON: "),
        (b'{"messages": [{"role": "user", "content": 7}]}', "Nachricht 1: content ist weder ein Text"),
        (json.dumps({"messages": [{"role": "r" * 65, "content": "x"}]}).encode(), "höchstens 64 Zeichen"),
        (json.dumps({"messages": [{"role": "user", "content": "\0"}]}).encode(), "das Zeichen NUL"),
        (json.dumps({**GOOD, "title": "t", "x": "\ud800"}).encode(), "kein halbes Surrogatpaar"),
        (b'{"x": 1}', "Enthält keine Liste von Nachrichten"),
    ],
)
def test_reasons_of_rejections(acme: Tenant, german: None, record: bytes, reason: str):
    report, [rejection] = imported(acme, lines(GOOD) + record)
    assert reason in rejection.reason
    assert str(rejection).startswith("Datensatz 2, Zeile 2: ")
    assert str(report) == (
        "1 Nachrichten in 1 neuen Konversationen, 0 Nachrichten in 0 bekannten waren schon da, "
        "1 Datensätze zurückgewiesen"
    )
    assert [str(line) for line in report.kind_lines] == ["text: 1 ganz übernommen"]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"Rar!\x1a\x07\x00", "Das ist ein RAR-Archiv: bitte entpacken"),
        (json.dumps([{"guild": {}, "channel": {}}]).encode(), "Das ist ein Export von Discord, der nicht"),
        (json.dumps([{"ts": "1", "type": "message", "user": "U"}]).encode(), "je Kanal oder Thread eines"),
        (b"", "Es ist nichts darin"),
    ],
)
def test_what_cannot_be_read_at_all(acme: Tenant, german: None, source: bytes, reason: str):
    with pytest.raises(Unusable, match=reason):
        imported(acme, io.BytesIO(source))


def test_the_page_has_no_english_sentence(admin_client: Client, acme: Tenant):
    admin_client.cookies["django_language"] = "de"
    raw = lines(GOOD) + b'{"messages": [{"role": "user", "content": 7}]}\n'
    for file in (SimpleUploadedFile("a.jsonl", raw), SimpleUploadedFile("a.gz", gzip.compress(raw)[:-20])):
        given = {"workspace": acme.workspace.pk, "file": file, "source_format": "auto"}
        page = admin_client.post(
            "/admin/parley/conversation/import/", given, headers={"accept-language": "de"}
        ).content.decode()
        assert "weder ein Text noch eine Liste" in page or "Die Quelle bricht ab" in page
        for word in ("content is neither", "breaks off", "Kept", "Record"):
            assert word not in page
