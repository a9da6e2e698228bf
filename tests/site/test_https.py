"""What `HTTPS=true` promises to browsers, and what only an operator who asks for it does."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

NAMES = (
    "SECURE_HSTS_SECONDS",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    "SECURE_HSTS_PRELOAD",
    "SECURE_SSL_REDIRECT",
)
SHOW = f"import json, config.settings as s; print(json.dumps([getattr(s, name) for name in {NAMES}]))"
ROOT = Path(__file__).parents[2]
YEAR = 31_536_000


def run(tmp_path: Path, *command: str, **given: str) -> str:
    """What a command says in an environment of these variables alone."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY": "0123456789" * 6,
        **given,
    }
    done = subprocess.run(
        [sys.executable, *command], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("given", "promised"),
    [
        ({}, [0, False, False, False]),
        ({"HSTS_SUBDOMAINS": "true", "HSTS_PRELOAD": "true"}, [0, False, False, False]),
        ({"HTTPS": "true"}, [YEAR, False, False, True]),
        ({"HTTPS": "true", "HSTS_SECONDS": "60"}, [60, False, False, True]),
        ({"HTTPS": "true", "HSTS_SUBDOMAINS": "true"}, [YEAR, True, False, True]),
        ({"HTTPS": "true", "HSTS_PRELOAD": "true"}, [YEAR, True, True, True]),
    ],
)
def test_subdomains_and_preload_are_promised_by_those_who_ask_for_it(
    tmp_path: Path, given: dict[str, str], promised: list[int | bool]
):
    assert json.loads(run(tmp_path, "-c", SHOW, **given)) == promised


def test_a_deployment_with_https_needs_neither(tmp_path: Path):
    said = run(tmp_path, "manage.py", "check", "--deploy", HTTPS="true")
    assert "no issues" in said


def test_the_api_without_tls_is_refused_and_not_redirected_with_its_key(settings: Any):
    settings.SECURE_SSL_REDIRECT = True
    response = Client(SERVER_NAME="localhost").get("/api/v1/messages", headers={"X-API-Key": "k"})
    assert (response.status_code, response.has_header("Location")) == (403, False)
    assert response.json() == {"detail": "Use HTTPS; a key that was sent without it should be replaced"}


@pytest.mark.django_db
def test_the_api_with_tls_is_served(settings: Any):
    settings.SECURE_SSL_REDIRECT = True
    assert Client(SERVER_NAME="localhost").get("/api/v1/messages", secure=True).status_code == 401


def test_a_page_without_tls_is_redirected(settings: Any):
    settings.SECURE_SSL_REDIRECT = True
    response = Client(SERVER_NAME="localhost").get("/admin/")
    assert (response.status_code, response["Location"]) == (301, "https://localhost/admin/")


def test_who_says_that_it_came_with_tls_is_believed_behind_a_proxy_alone(settings: Any):
    settings.SECURE_SSL_REDIRECT = True
    client = Client(SERVER_NAME="localhost", headers={"X-Forwarded-Proto": "https"})
    assert client.get("/api/v1/messages").status_code == 403
