"""The admin in German: its own words, Django's, numbers and dates."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from messaging.models import Conversation, Message
from messaging.testing import make_conversation, make_message
from tests.cast import Tenant

pytestmark = pytest.mark.django_db


def write(acme: Tenant, **given: Any) -> Message:
    """A message in a conversation of its own."""
    conversation, _ = make_conversation(acme.workspace)
    return make_message(conversation, "geheim", **given)


@pytest.fixture
def german(settings: Any, in_english: None, admin_client: Client) -> Client:
    settings.LANGUAGE_CODE, settings.USE_I18N = "de", True
    return admin_client


def test_a_list_and_its_actions(german: Client, acme: Tenant):
    write(acme)
    page = german.get(reverse("admin:parley_message_changelist")).content.decode()
    assert "Ausgewählte Nachrichten schwärzen" in page
    assert "Nach genauem Wert" in page
    assert "Teil des Textes, von Argumenten und Ergebnissen" in page


def test_an_action_asks_and_reports(german: Client, acme: Tenant):
    message = write(acme)
    url = reverse("admin:parley_message_redact", args=[message.pk])
    asked = german.get(url).content.decode()
    assert "<h1>Nachricht schwärzen</h1>" in asked
    assert "Ja, schwärzen" in asked
    assert "Nachrichten: 1" in asked
    done = german.post(url, follow=True).content.decode()
    assert "Nachricht wurde geschwärzt." in done
    assert Message.objects.get(pk=message.pk).redacted_at


def test_days_and_numbers(german: Client, acme: Tenant):
    conversation_id = write(acme, created_at=datetime(2026, 3, 7, 9, tzinfo=UTC)).conversation_id
    transcript = reverse("admin:parley_conversation_transcript", args=[conversation_id])
    page = german.get(transcript).content.decode()
    assert "Samstag, 7. März 2026" in page
    Conversation.objects.filter(pk=conversation_id).update(message_count=12345)
    rows = german.get(reverse("admin:parley_conversation_changelist")).content.decode()
    assert "12.345" in rows
    assert "Aktiv" in rows


def test_a_refusal_of_a_service(german: Client, acme: Tenant, globex: Tenant):
    url = reverse("admin:parley_workspace_add")
    inline = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    answer = german.post(url, {"name": "A", "slug": acme.workspace.slug, "meta_data": "{}", **inline})
    assert "Workspace mit diesem" not in answer.content.decode()
    assert "Kürzel" in answer.content.decode()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://example.com/" + "a" * 2_000, "höchstens 2000 Zeichen"),
        ("https://example.com:99999/", "Der Port einer URL ist eine Zahl von 1 bis 65535"),
        ("https://example.com:abc/", "Der Port einer URL ist eine Zahl von 1 bis 65535"),
        ("https://[::1/", "Das ist keine URL"),
        ("https://ada@example.com/", "weder Benutzernamen noch Passwort"),
        ("https://10.0.0.1/", "weder eine öffentliche Adresse"),
    ],
)
def test_a_url_that_is_refused(german: Client, acme: Tenant, settings: Any, url: str, said: str):
    settings.PARLEY = {"WEBHOOK_NETWORKS": []}
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000  # whatever that of the host is
    given = {"url": url, "workspace": acme.workspace.pk}
    assert said in german.post(reverse("admin:parley_webhook_add"), given).content.decode()
