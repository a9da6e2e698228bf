"""The lines of the log: no text of a caller makes one, and as JSON each is one object."""

import json
import logging
import re
import sys

import pytest
from django.test import Client

from config.watching.logs import AccessEntry, Formatter
from config.watching.records import Record, recording
from messaging.sql.tally import tally
from tests.cast import Tenant

FORGED = '/x\n2026-01-01 00:00:00,000 INFO a: b\r\x1b[2J\x85\u2028\ud800"'


def a_record(message: str, *args: object, error: bool = False, **extra: object) -> logging.LogRecord:
    info = sys.exc_info() if error else None
    return logging.getLogger("tests").makeRecord(
        "tests", logging.INFO, __file__, 1, message, args, info, extra=extra
    )


def an_entry(**fields: object) -> AccessEntry:
    known: dict[str, object] = {
        "client": "192.0.2.7",
        "method": "GET",
        "path": "/api/v1/messages",
        "http_version": "1.1",
        "status": 200,
        "bytes": 12,
        "duration_ms": 3.04,
        "request_id": "mine",
        "wire": "mielto",
        "route": "/api/v1/messages",
        "key": "abcdefgh",
        "statements": 3,
    }
    return AccessEntry(**(known | fields))  # type: ignore[arg-type]


class TestLines:
    formatter = Formatter(as_json=False)

    def test_text_of_a_caller_ends_no_line(self):
        [line] = self.formatter.format(a_record("GET %s failed", FORGED)).splitlines()
        assert line.isprintable()
        assert line.endswith(
            'GET /x\\n2026-01-01 00:00:00,000 INFO a: b\\r\\x1b[2J\\x85\\u2028\\ud800" failed'
        )

    def test_the_text_of_an_error_begins_no_line(self):
        try:
            raise ValueError("x\n2026-01-01 00:00:00,000 INFO a: b\x1b[2J")
        except ValueError:
            head, *rest = self.formatter.format(a_record("failed", error=True)).split("\n")
        assert re.fullmatch(r"\S+ \S+ INFO tests: failed", head)
        assert all(line.startswith("    ") and line.isprintable() for line in rest)

    def test_the_id_of_the_request_stands_in_it(self):
        with recording(Record(request_id="mine")):
            assert " INFO tests [mine]: hello" in self.formatter.format(a_record("hello"))

    def test_a_path_closes_no_quotes(self):
        entry = an_entry(path='/x" 200 5 0.1ms other')
        line = self.formatter.format(a_record("", access=entry))
        assert line.count('"') == 2
        assert re.fullmatch(
            r'192.0.2.7 - abcdefgh \[.{26}\] "GET /x\\x22 200 5 0.1ms other HTTP/1.1" 200 12 3.0ms mine', line
        )

    def test_who_went_before_the_answer_has_no_status(self):
        assert '" - 0 ' in self.formatter.format(a_record("", access=an_entry(status=0, bytes=0)))


class TestJSON:
    formatter = Formatter(as_json=True)

    def read(self, record: logging.LogRecord) -> dict[str, object]:
        line = self.formatter.format(record)
        assert line.isascii()
        assert line.isprintable()
        fields: dict[str, object] = json.loads(line)
        return fields

    def test_a_line_is_one_object(self):
        fields = self.read(a_record("GET %s failed", FORGED))
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", str(fields.pop("time")))
        assert fields == {"level": "INFO", "logger": "tests", "message": f"GET {FORGED} failed"}

    def test_an_error_is_part_of_it(self):
        try:
            raise ValueError("x\ny")
        except ValueError:
            fields = self.read(a_record("failed", error=True))
        assert str(fields["exception"]).endswith("ValueError: x\ny")

    def test_the_id_of_the_request_is_part_of_it(self):
        with recording(Record(request_id="mine")):
            assert self.read(a_record("hello"))["request_id"] == "mine"

    def test_the_access_log_has_fields(self):
        fields = self.read(a_record("", access=an_entry()))
        assert fields["status"] == 200
        assert set(fields) == {"time", "level", "logger", *AccessEntry.__dataclass_fields__}


class TestRecord:
    """What a request leaves for its line."""

    @pytest.fixture
    def record(self) -> Record:
        return Record()

    def ask(self, record: Record, path: str, secret: str) -> None:
        client = Client(SERVER_NAME="localhost", **{"parley.record": record})  # type: ignore[arg-type]
        client.get(path, headers={"Authorization": f"Bearer {secret}"})

    def test_route_key_and_statements(self, acme: Tenant, record: Record):
        before = tally.statements
        self.ask(record, f"/api/v1/conversations/{acme.conversation.pk}/", acme.secret)
        assert record.route == "/api/v1/conversations/<str:conversation_id>"
        assert record.key == acme.api_key.public_prefix
        assert 0 < record.statements <= tally.statements - before

    def test_a_key_that_is_not_valid_is_no_key(self, acme: Tenant, record: Record):
        self.ask(record, "/api/v1/conversations", acme.secret[:-1] + ("y" if acme.secret[-1] == "x" else "x"))
        assert record.key == ""

    @pytest.mark.django_db
    @pytest.mark.parametrize("path", ["/nowhere", "/api/v1/nowhere/x", "/v1/nowhere"])
    def test_what_no_view_serves_has_no_route(self, record: Record, path: str):
        self.ask(record, path, "none")
        assert record.route == ""

    @pytest.mark.parametrize(
        "path", ["/api/v1/conversations/{}", "/v1/threads/{}", "/api/v1/messages?limit=1&conversation_id={}"]
    )
    def test_the_conversation_that_it_names(self, acme: Tenant, record: Record, path: str):
        self.ask(record, path.format(acme.conversation.pk), acme.secret)
        assert record.conversation_id == acme.conversation.pk

    def test_a_text_is_no_conversation(self, acme: Tenant, record: Record):
        self.ask(record, "/api/v1/messages?conversation_id=my+secret&search=secret", acme.secret)
        assert record.conversation_id == ""
