"""A transcript shows content of any kind: what nothing reads or renders is shown as JSON."""

import json
from collections.abc import Iterator

import pytest
from django.test import Client

from messaging.content import PartKind
from messaging.models import Part
from messaging.services import MessageDraft
from tests.cast import Tenant
from tests.messaging.transcripts import articles, say, transcript

pytestmark = pytest.mark.django_db


@pytest.fixture
def poll() -> Iterator[type[PartKind]]:
    """A kind of part that the vocabulary knows and the page does not."""

    class PollPart(PartKind):
        type = "poll"
        fields = ("question", "url")

    yield PollPart
    del PartKind.known["poll"]


def test_a_known_kind_without_a_rendering_shows_its_fields(
    admin_client: Client, acme: Tenant, poll: type[PartKind]
):
    [message] = say(acme, MessageDraft(content="", role="assistant", parts=[{"type": "text", "text": "x"}]))
    Part.objects.filter(message=message).update(type="poll", url="https://example.com/poll")
    article = articles(transcript(admin_client, acme))[message.pk]
    assert "https://example.com/poll" in article
    assert '<summary><span class="parley-kind">Data</span> <bdi>poll</bdi></summary>' in article


@pytest.mark.parametrize(
    "part",
    [
        {"type": "tool-call"},
        {"type": "tool-result", "output": [1]},
        {"type": "file", "detail": "huge", "url": 7},
        {"type": "data", "data_type": 1},
        {"type": []},
        {},
    ],
    ids=json.dumps,
)
def test_a_malformed_part_fails_no_page(admin_client: Client, acme: Tenant, part: dict[str, object]):
    [message] = say(acme, MessageDraft(content="", role="assistant", parts=[part]))
    assert message.pk in articles(transcript(admin_client, acme))
    assert admin_client.get(f"/admin/parley/message/{message.pk}/whole/").status_code == 200
