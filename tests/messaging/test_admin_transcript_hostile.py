"""Whatever a message holds is text to the transcript: nothing runs, nothing is loaded from elsewhere."""

import base64
from typing import Any

import pytest
from django.test import Client

from messaging.services import MessageDraft
from tests.cast import Tenant
from tests.messaging.transcripts import articles, say, transcript

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 30).decode()
SVG = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>").decode()


def shown(client: Client, acme: Tenant, **fields: Any) -> str:
    """How a message with these fields is shown."""
    [message] = say(acme, MessageDraft(**{"content": "", "role": "assistant", **fields}))
    return articles(transcript(client, acme))[message.pk]


@pytest.mark.parametrize(
    "fields",
    [
        {"content": SCRIPT},
        {"sender_id": SCRIPT},
        {"role": SCRIPT},
        {"message_type": SCRIPT},
        {"tags": [SCRIPT]},
        {"meta_data": {SCRIPT: SCRIPT}},
        {"parent_message_id": SCRIPT},
        {"agent_id": SCRIPT},
        {"run_id": SCRIPT[:40]},
        {"role": "tool", "content": SCRIPT, "meta_data": {"name": SCRIPT, "tool_call_id": SCRIPT}},
        {"tool_calls": [{"id": SCRIPT, "function": {"name": SCRIPT, "arguments": SCRIPT}}]},
        {"tool_calls": [SCRIPT, 7, None, {"function": {"name": 7, "arguments": [SCRIPT]}}]},
        {"attachments": [SCRIPT, {"url": SCRIPT, "mime_type": SCRIPT, "file_id": SCRIPT}]},
    ],
)
def test_markup_is_escaped_wherever_it_stands(admin_client: Client, acme: Tenant, fields: dict[str, Any]):
    html = shown(admin_client, acme, **fields)
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


def test_a_search_for_markup_is_escaped(admin_client: Client, acme: Tenant):
    shown(admin_client, acme, content=f"before {SCRIPT}")
    page = transcript(admin_client, acme, q="<script>")
    assert "<mark>&lt;script&gt;</mark>" in page
    assert 'value="&lt;script&gt;"' in page


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "vbscript:x",
        "data:text/html,<b>x</b>",
        "file:///etc/passwd",
        "//example.com/x",
        "/admin/logout/",
        "https:example.com",
        "https://example.com/\u202egpj.exe",
        "https://exa mple.com/",
        "http://[::1",
        "https://example.com/" + "x" * 3_000,
        f"data:image/svg+xml;base64,{SVG}",
        f"data:image/png;base64,{SVG}",
        f"data:image/jpeg;base64,{PNG}",
        "data:image/png;base64,!!!!",
        f"data:image/png;base64,{PNG}A",
        f"data:image/png;base64,{PNG[:-4]}{'A' * 400_000}",
    ],
)
def test_such_an_address_is_neither_followed_nor_shown(
    admin_client: Client, acme: Tenant, settings: Any, url: str
):
    settings.PARLEY = {"OBJECT_THRESHOLD_BYTES": 1_000_000}  # none leaves its row
    html = shown(admin_client, acme, attachments=[{"url": url, "mime_type": "image/png"}])
    assert "<img" not in html
    assert "noopener" not in html
    assert f'href="{url}' not in html


def test_an_address_of_the_web_is_a_link_and_no_image(admin_client: Client, acme: Tenant):
    html = shown(
        admin_client, acme, attachments=[{"image_url": {"url": "https://example.com/a.png?b=1&c=2"}}]
    )
    assert 'href="https://example.com/a.png?b=1&amp;c=2" rel="noopener noreferrer nofollow"' in html
    assert "<img" not in html


def test_a_small_image_in_the_message_itself_is_shown(admin_client: Client, acme: Tenant):
    html = shown(admin_client, acme, attachments=[{"url": f"data:image/png;base64,{PNG}"}])
    assert f'<img src="data:image/png;base64,{PNG}"' in html


def test_right_to_left_overrides_stay_within_their_text(admin_client: Client, acme: Tenant):
    html = shown(admin_client, acme, content="\u202eevil", sender_id="\u202esender", tags=["\u202etag"])
    for isolated in ('dir="auto">\u202eevil</div>', ">\u202esender</bdi>", ">\u202etag</bdi>"):
        assert isolated in html


@pytest.mark.parametrize("arguments", ["[" * 900 + "]" * 900, "[" * 100_000, "9" * 10_000, '{"a": NaN}'])
def test_json_that_is_deep_or_broken_leaves_the_page_usable(
    admin_client: Client, acme: Tenant, arguments: str
):
    html = shown(
        admin_client, acme, tool_calls=[{"id": "c", "function": {"name": "f", "arguments": arguments}}]
    )
    assert "Tool call" in html
    assert len(html) < 20_000
