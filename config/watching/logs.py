"""The lines of the log: for people, or one JSON object each."""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from messaging.values.text import escaped

from .records import current_record

__all__ = ["AccessEntry", "Formatter"]

Fields = Mapping[str, object]
INDENT = "    "


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessEntry:
    """An answered request, as a line of the access log tells it; times are in milliseconds."""

    client: str
    method: str
    path: str
    """As it was sent, without the query: that may hold what somebody searched for."""
    http_version: str
    status: int
    """0 where the client went before there was an answer."""
    bytes: int
    duration_ms: float
    """Until the last byte was sent, and so at the pace of the client."""
    request_id: str
    wire: str
    route: str
    key: str
    statements: int

    def line(self) -> str:
        """The common format, with the duration and the id of the request."""
        moment = time.strftime("%d/%b/%Y:%H:%M:%S %z")
        request = escaped(f"{self.method} {self.path} HTTP/{self.http_version}").replace('"', r"\x22")
        return (
            f'{self.client} - {self.key or "-"} [{moment}] "{request}" {self.status or "-"} {self.bytes} '
            f"{self.duration_ms:.1f}ms {self.request_id}"
        )


class Formatter(logging.Formatter):
    """Formats every line of the service. The id of the request stands in each that a request caused.

    An AccessEntry comes as the attribute `access` of a log record.
    """

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self.as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        entry: AccessEntry | None = getattr(record, "access", None)
        if not self.as_json:
            return entry.line() if entry else self._line(record)
        fields = asdict(entry) if entry else self._fields(record)
        head = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
        }
        return json.dumps(head | fields, default=str)

    def _line(self, record: logging.LogRecord) -> str:
        request = current_record()
        of_request = f" [{request.request_id}]" if request else ""
        message = escaped(record.getMessage())
        lines = [f"{self.formatTime(record)} {record.levelname} {record.name}{of_request}: {message}"]
        # An indented line is no entry of its own, whatever the text of an error says.
        lines += [f"{INDENT}{escaped(line)}" for line in self._trace(record).splitlines()]
        return "\n".join(lines)

    def _fields(self, record: logging.LogRecord) -> dict[str, object]:
        fields: dict[str, object] = {"message": record.getMessage()}
        if request := current_record():
            fields["request_id"] = request.request_id
        if trace := self._trace(record):
            fields["exception"] = trace
        return fields

    def _trace(self, record: logging.LogRecord) -> str:
        parts = []
        if record.exc_info and record.exc_info[0]:
            parts.append(self.formatException(record.exc_info))
        if record.stack_info:
            parts.append(self.formatStack(record.stack_info))
        return "\n".join(parts)
