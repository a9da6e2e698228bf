"""Staff see who wrote a message: the agent of what an agent wrote, never the end user whom it serves."""

import pytest
from django.test import Client

from messaging.services import MessageDraft
from tests.cast import Tenant
from tests.messaging.transcripts import articles, say, transcript

pytestmark = pytest.mark.django_db

CALL = {"id": "call_1", "type": "function", "function": {"name": "hours", "arguments": "{}"}}


def head(article: str) -> str:
    return article.partition("</header>")[0]


@pytest.mark.parametrize("role", ["assistant", "tool", "model", "function"])
def test_what_an_agent_wrote_bears_no_name_of_the_end_user(admin_client: Client, acme: Tenant, role: str):
    [message] = say(acme, MessageDraft(content="x", role=role, sender_id="zoe", agent_id="guide-7"))
    article = articles(transcript(admin_client, acme))[message.pk]
    assert "guide-7" in head(article)
    assert "zoe" not in head(article)
    assert "<dt>End user</dt><dd><bdi>zoe</bdi>" in article


@pytest.mark.parametrize("role", ["user", "system", "referee"])
def test_other_messages_name_their_sender(admin_client: Client, acme: Tenant, role: str):
    [message] = say(acme, MessageDraft(content="x", role=role, sender_id="zoe"))
    article = articles(transcript(admin_client, acme))[message.pk]
    assert "zoe" in head(article)
    assert "<dt>Sender</dt>" in article


def test_a_result_under_its_call_names_its_agent_alone(admin_client: Client, acme: Tenant):
    call, _ = say(
        acme,
        MessageDraft(content="", role="assistant", sender_id="zoe", tool_calls=[CALL]),
        MessageDraft(
            content="9 to 5",
            role="tool",
            sender_id="zoe",
            agent_id="guide-7",
            meta_data={"tool_call_id": "call_1"},
        ),
    )
    answer = articles(transcript(admin_client, acme))[call.pk].partition('class="parley-answer')[2]
    label = answer.partition("</p>")[0]
    assert "guide-7" in label
    assert "zoe" not in label


def test_the_list_names_role_and_agent(admin_client: Client, acme: Tenant):
    say(acme, MessageDraft(content="x", role="assistant", sender_id="zoe", agent_id="guide-7"))
    page = admin_client.get("/admin/parley/message/").content.decode()
    assert "guide-7" in page
    assert "zoe" not in page
