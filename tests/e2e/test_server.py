"""What only a real server can be told: bodies in chunks, lengths that lie, connections that break off."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BODY = b'{"content": {"content": "hi"}}'

pytestmark = pytest.mark.drill


class Server:
    """The service, and a key to its only workspace."""

    def __init__(self, port: int, key: str) -> None:
        self.port, self.key = port, key

    def send(self, head: bytes = b"", body: bytes = b"", *, line: bytes = b"POST /api/v1/messages") -> bytes:
        """Everything the server says to these bytes, after which we say no more."""
        request = (
            line + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
        )
        request += b"Authorization: Bearer " + self.key.encode() + b"\r\n" + head + b"\r\n" + body
        with closing(socket.create_connection(("127.0.0.1", self.port), timeout=10)) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := connection.recv(65_536):
                answer += piece
        return answer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    keep = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    environment = keep | {
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder}/server.sqlite3",
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "SECRET_KEY": "for tests alone",
    }
    manage = [sys.executable, str(ROOT / "manage.py")]
    subprocess.run([*manage, "migrate", "-v0"], env=environment, check=True)
    issued = subprocess.run(
        [*manage, "issue_key", "--workspace", "w"],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    process = subprocess.Popen([*manage, "serve"], env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield Server(port, issued.stdout.split()[-1])
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def chunk(piece: bytes) -> bytes:
    return f"{len(piece):x}\r\n".encode() + piece + b"\r\n"


def status(answer: bytes) -> int:
    return int(answer.split(maxsplit=2)[1])


def test_a_body_in_chunks(server: Server):
    answer = server.send(b"Transfer-Encoding: chunked\r\n", chunk(BODY[:9]) + chunk(BODY[9:]) + chunk(b""))
    assert (status(answer), b'"content":"hi"' in answer) == (201, True)


def test_chunks_over_the_limit(server: Server):
    pieces = chunk(b"x" * 1024 * 1024) * 11 + chunk(b"")
    assert status(server.send(b"Transfer-Encoding: chunked\r\n", pieces)) == 413


@pytest.mark.parametrize("body", [b"zz\r\n" + BODY, b"ff\r\n" + BODY, chunk(BODY)])
def test_chunks_that_break_off(server: Server, body: bytes):
    assert status(server.send(b"Transfer-Encoding: chunked\r\n", body)) == 400


def test_a_body_shorter_than_its_length(server: Server):
    assert status(server.send(b"Content-Length: 500\r\n", BODY)) == 400


def test_a_body_longer_than_its_length(server: Server):
    assert status(server.send(b"Content-Length: 5\r\n", BODY)) == 422


def test_a_length_over_the_limit_is_refused_unread(server: Server):
    assert status(server.send(b"Content-Length: 999999999999\r\n")) == 413


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 30\r\nContent-Length: 5\r\n",
        b"Content-Length: -1\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
    ],
)
def test_contradictions_are_the_servers_to_refuse(server: Server, head: bytes):
    assert status(server.send(head, chunk(BODY) + chunk(b""))) in (400, 501)


def test_no_length_at_all_is_no_body(server: Server):
    assert status(server.send(b"", BODY)) == 422


def test_a_line_as_long_as_the_longest_cursor(server: Server):
    line = b"GET /api/v1/messages?cursor=" + b"x" * 7_000
    assert status(server.send(line=line)) == 422


def test_a_search_of_a_thousand_letters_of_any_script(server: Server):
    line = b"GET /api/v1/messages?search=" + b"%E5%AD%97" * 1_000
    assert status(server.send(line=line)) == 200


@pytest.mark.parametrize("length", [70_000, 1_000_000])
def test_a_line_that_is_too_long_is_told_in_json(server: Server, length: int):
    answer = server.send(line=b"GET /api/v1/messages?search=" + b"x" * length)
    assert status(answer) == 414
    assert answer.endswith(b'{"detail":"The URL is too long; a body may be longer"}')


def test_headers_that_are_too_large_are_told_in_json(server: Server):
    answer = server.send(b"X-Long: " + b"x" * 1_000_000 + b"\r\n", line=b"GET /v1/threads")
    assert status(answer) == 431
    assert answer.endswith(b'{"detail":"The headers of the request are too large"}')


@pytest.mark.parametrize("method", [b"TRACE", b"OPTIONS", b"BREW"])
def test_other_methods(server: Server, method: bytes):
    assert status(server.send(line=method + b" /api/v1/messages")) == 405
