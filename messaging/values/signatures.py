"""Secrets and signatures of webhooks, as Standard Webhooks 1.0 has them.

A secret is derived from the key of the installation and from random digits, and only the latter are stored:
whoever has the database alone cannot sign. A fingerprint tells under which key a secret was made.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.conf import settings

PREFIX = "whsec_"
PURPOSE = b"parley.webhooks.secret:"
FINGERPRINT_DIGITS = 16
Stored = dict[str, str | None]
"""What is kept of a secret: `salt`, `fingerprint`, and `until`, null for one that has no end."""


class SecretLost(Exception):
    """The installation has no longer the key under which the secret was made."""

    def __init__(self) -> None:
        super().__init__("The signing secret was made under another SECRET_KEY; rotate it")


def made_secret() -> tuple[Stored, str]:
    """(what is stored, the secret as its owner is shown it)."""
    salt = secrets.token_hex(32)
    secret = _derived(settings.SECRET_KEY, salt)
    return {"salt": salt, "fingerprint": _fingerprint(secret), "until": None}, secret


def secret_of(stored: Mapping[str, str | None]) -> str:
    """The secret. Raises SecretLost where neither SECRET_KEY nor SECRET_KEY_FALLBACKS is what made it."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        secret = _derived(key, stored["salt"] or "")
        if hmac.compare_digest(_fingerprint(secret), stored["fingerprint"] or ""):
            return secret
    raise SecretLost


def is_known(stored: Mapping[str, str | None]) -> bool:
    """Whether the installation still has the key under which the secret was made."""
    try:
        return bool(secret_of(stored))
    except SecretLost:
        return False


def signature(
    stored: Iterable[Mapping[str, str | None]], *, event_id: str, sent_at: datetime, body: bytes
) -> str:
    """The header `webhook-signature`: one signature for each secret that is valid at this moment."""
    text = f"{event_id}.{int(sent_at.timestamp())}.".encode() + body
    valid = [one for one in stored if not one["until"] or datetime.fromisoformat(one["until"]) > sent_at]
    return " ".join(_signed(secret_of(one), text) for one in valid)


def _signed(secret: str, text: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return f"v1,{base64.b64encode(hmac.digest(key, text, 'sha256')).decode()}"


def _derived(key: str | bytes, salt: str) -> str:
    key = key.encode() if isinstance(key, str) else key
    digest = hmac.digest(key, PURPOSE + salt.encode(), "sha256")
    return PREFIX + base64.b64encode(digest).decode()


def _fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:FINGERPRINT_DIGITS]
