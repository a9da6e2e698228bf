"""https: the certificate is for the name of the URL, whichever address is called."""

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from messaging.webhooks.sending import post

from .endpoint import Endpoint, running


@pytest.fixture
def secured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """An endpoint with a certificate for 127.0.0.1, which this process trusts."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
            ),
            *("-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=test"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with running() as endpoint:
        endpoint.socket = context.wrap_socket(endpoint.socket, server_side=True)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        yield endpoint


def test_a_trusted_certificate(secured: Endpoint):
    url = secured.url.replace("http:", "https:")
    assert post(url, b"{}", {"webhook-id": "x"}, seconds=5).status == 200
    assert secured.received[0].headers["host"] == url.split("/")[2]


def test_a_certificate_of_another_name(secured: Endpoint):
    url = secured.url.replace("http://127.0.0.1", "https://127.0.0.2")
    reply = post(url, b"{}", {}, seconds=5)
    assert reply.status is None


def test_a_certificate_that_nobody_trusts(secured: Endpoint, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    reply = post(secured.url.replace("http:", "https:"), b"{}", {}, seconds=5)
    assert "certificate verify failed" in reply.error
    assert secured.received == []
