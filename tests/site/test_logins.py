"""The login of staff: guessing is braked, and every try leaves a line."""

from typing import Any

import pytest
from django.test import Client

from config import logins

PASSWORD = "correct horse battery staple"

pytestmark = pytest.mark.django_db


@pytest.fixture
def mia(django_user_model: Any) -> Any:
    return django_user_model.objects.create_user("mia", password=PASSWORD, is_staff=True)


def attempt(password: str, name: str = "mia", address: str = "10.0.0.1", **headers: str) -> Any:
    client = Client(SERVER_NAME="localhost", REMOTE_ADDR=address, headers=headers)
    return client.post("/admin/login/?next=/admin/", {"username": name, "password": password})


def test_who_knows_the_password_gets_in(mia: Any):
    response = attempt(PASSWORD)
    assert (response.status_code, response["Location"]) == (302, "/admin/")


def test_guesses_of_one_user_are_braked_from_wherever(mia: Any):
    statuses = [attempt("x", address=f"10.0.0.{n}").status_code for n in range(logins.TRIES_OF_A_USER + 2)]
    assert statuses == [200] * logins.TRIES_OF_A_USER + [429] * 2
    refused = attempt(PASSWORD, name="MIA")
    assert refused.status_code == 429
    assert "Too many tries: wait " in refused.content.decode()


def test_guesses_from_one_address_are_braked_whoever_is_meant(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(logins, "TRIES_FROM_AN_ADDRESS", 3)
    assert [attempt("x", name=f"user {n}").status_code for n in range(4)] == [200, 200, 200, 429]
    assert attempt("x", name="user 9", address="10.0.0.2").status_code == 200


def test_a_braked_try_checks_no_password(mia: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(logins, "TRIES_OF_A_USER", 0)
    monkeypatch.delattr("django.contrib.auth.forms.authenticate")
    assert attempt(PASSWORD).status_code == 429


def test_a_login_forgets_the_failures_before_it(mia: Any):
    for _ in range(2):
        for _ in range(logins.TRIES_OF_A_USER - 1):
            assert attempt("x").status_code == 200
        assert attempt(PASSWORD).status_code == 302


def test_logins_do_not_count_against_their_address(mia: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(logins, "TRIES_FROM_AN_ADDRESS", 2)
    assert [attempt(PASSWORD).status_code for _ in range(4)] == [302] * 4


def test_behind_a_proxy_the_address_is_what_the_proxy_says(settings: Any, caplog: pytest.LogCaptureFixture):
    settings.BEHIND_PROXY = True
    attempt("x", name="eve", **{"X-Forwarded-For": "1.2.3.4, 203.0.113.7"})
    assert "login of 'eve' from 203.0.113.7 refused: invalid_login" in caplog.text


@pytest.mark.parametrize("forged", ["1.2.3.4 refused: x", "::1\u2028login of 'mia' from 10.0.0.9", ""])
def test_what_is_no_address_is_not_believed(settings: Any, caplog: pytest.LogCaptureFixture, forged: str):
    settings.BEHIND_PROXY = True
    attempt("x", name="eve", **{"X-Forwarded-For": f"1.2.3.4, {forged}"})
    assert "login of 'eve' from 10.0.0.1 refused: invalid_login" in caplog.text


def test_every_try_leaves_a_line_that_nobody_can_forge(mia: Any, caplog: pytest.LogCaptureFixture):
    caplog.set_level("INFO", logger="config.security")
    attempt("x", name="eve\nlogin of 'mia'")
    attempt(PASSWORD)
    lines = [record.getMessage() for record in caplog.records if record.name == "config.security"]
    assert lines == [
        "login of \"eve\\nlogin of 'mia'\" from 10.0.0.1 refused: invalid_login",
        "login of 'mia' from 10.0.0.1",
    ]
