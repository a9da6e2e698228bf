"""Text written to break pages, in every place of the store that takes text from strangers."""

from typing import Any

from tests.e2e.tenant import CONVERSATIONS, Tenant, created

BOOM = "alert('executed')"
RIGHT_TO_LEFT, ZERO_WIDTH = "\u202e", "\u200b\u200d\ufeff\u2060"
TEXTS = (
    f"<script>{BOOM}</script>",
    f'"><img src=/executed onerror="{BOOM}"><svg onload={BOOM}>',
    f"</textarea></pre></style></script><script>{BOOM}</script>",
    f"' autofocus onfocus={BOOM} x='",
    f"--><iframe srcdoc='<script>{BOOM}</script>'></iframe><!--",
    f"<style>body {{ display: none }}</style><form action=//evil.example><button>{BOOM}",
    "{{ 7|add:7 }} {% debug %} ${7*7} &lt;b&gt; &amp;nbsp; %3Cscript%3E",
    f"javascript:{BOOM}",
    f"[link](javascript:{BOOM}) ![image](https://evil.example/pixel.png) https://evil.example/?a=1&b=<2>",
    f"{RIGHT_TO_LEFT}exe.fdp{ZERO_WIDTH} \u2066\u2067\u2068 unclosed \u05d0\u05d1\u05d2 \u0645\u0631\u062d",
    "\x1b[31mred\x1b[0m \x07 \x08 \x7f \x85 \u2028 \u2029 tab\tend",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 e" + "\u0301" * 200 + " \ufffd\U000e0041",
)
LINE = "x" * 1_000_000
UNBROKEN = "w" * 255
LINKS = (
    f"javascript:{BOOM}",
    f" java\nscript:{BOOM}",
    f"data:text/html,<script>{BOOM}</script>",
    f"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='{BOOM}'/>",
    "data:image/png;base64,@@@ this is no base64 @@@",
    "data:image/png;base64,iVBORw0KGgo=",
    "https://evil.example/pixel.png",
    "//evil.example/pixel.png",
    "http://[broken",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "",
)


def deep(levels: int) -> Any:
    """JSON as deep as it may be, its innermost value a script."""
    value: Any = TEXTS[0]
    for level in range(levels):
        value = [value] if level % 2 else {TEXTS[1]: value}
    return value


def messages() -> list[dict[str, Any]]:
    """One message for each way of being unpleasant."""
    call = {"id": TEXTS[0], "type": "function", "function": {"name": TEXTS[1], "arguments": TEXTS[2]}}
    broken = {"id": "c", "type": "function", "function": {"name": None, "arguments": '{"half": '}}
    odd = [{"function": TEXTS[0]}, {TEXTS[1]: deep(90)}, {"type": 7, "id": [1], "function": [None]}]
    return [
        *({"content": text, "sender_id": text[:255], "tags": [text], "role": "user"} for text in TEXTS),
        {
            "content": "a line",
            "meta_data": {"deep": deep(90)},
            "role": TEXTS[0][:64],
            "message_type": TEXTS[1][:64],
        },
        {"content": LINE, "sender_id": UNBROKEN, "parent_message_id": UNBROKEN},
        {"content": "many\n" * 20_000},
        {
            "content": "tags",
            "tags": [f"{number} {TEXTS[number % len(TEXTS)]}" for number in range(99)] + [UNBROKEN],
        },
        {"content": "", "role": "assistant", "tool_calls": [call, broken, *odd]},
        {"content": TEXTS[1], "role": "tool", "meta_data": {"tool_call_id": TEXTS[0], "name": TEXTS[1]}},
        {
            "content": '{"error": ' + "[" * 95 + "1" + "]" * 95 + "}",
            "role": "tool",
            "meta_data": {"tool_call_id": "c"},
        },
        {"content": LINE[:200_000], "role": "tool", "meta_data": {"is_error": True, "name": UNBROKEN}},
        {
            "content": "files",
            "attachments": [attachment for link in LINKS for attachment in attachments(link)],
        },
        {"content": "no list", "attachments": [{"url": [1]}, {"type": TEXTS[0]}, {}, {"url": UNBROKEN * 40}]},
    ]


def attachments(link: str) -> list[dict[str, Any]]:
    """This link in the shapes that attachments have."""
    return [
        {"url": link, "mime_type": "image/png", "name": TEXTS[1]},
        {"type": "image_url", "image_url": {"url": link}},
        {"url": link, "mime_type": TEXTS[0], "file_name": TEXTS[9]},
    ]


def parts() -> list[dict[str, Any]]:
    """Each kind of part, with such text in each field."""
    call = {"tool_name": TEXTS[1], "tool_call_id": TEXTS[0]}
    return [
        {"type": "reasoning", "text": TEXTS[0], "metadata": {TEXTS[1]: TEXTS[2]}},
        {"type": "text", "text": LINE[:300_000]},
        *({"type": "file", "url": link, "mime_type": "image/png", "file_id": TEXTS[0]} for link in LINKS),
        {"type": "data", "data": deep(90), "data_type": TEXTS[1], "mime_type": TEXTS[0]},
        {"type": "data", "data": TEXTS, "data_type": UNBROKEN, "mime_type": "text/html"},
        {"type": "tool-call", **call, "args": {TEXTS[0]: TEXTS[1], "deep": deep(90)}},
        {"type": "tool-call", "tool_name": UNBROKEN, "tool_call_id": UNBROKEN, "args": {"large": LINE}},
        {"type": "tool-result", **call, "output": TEXTS[0], "is_error": True, "error_text": TEXTS[1]},
        {
            "type": "tool-result",
            "tool_name": "x",
            "tool_call_id": UNBROKEN,
            "output": f"{TEXTS[0]} " * 20_000,
        },
        {"type": "tool-error", **call, "input": {TEXTS[0]: 1}, "error_text": TEXTS[2], "mime_type": TEXTS[3]},
    ]


def fill(tenant: Tenant) -> str:
    """Write all of it; returns the id of the conversation of `messages()`."""
    client = tenant.client
    created(
        client.post(
            "/api/v1/api-keys",
            json={"label": TEXTS[0][:255], "permissions": ["read"], "owner_id": TEXTS[1][:255]},
        )
    )
    for webhook in ({"description": TEXTS[0][:255]}, {"description": UNBROKEN}):
        url = f"https://nowhere.invalid/{'w' * 1_900}"
        made = created(client.post("/api/v1/webhooks", json={"url": url, **webhook}))
        assert client.post(f"/api/v1/webhooks/{made['id']}/ping").status_code == 202
    renamed = client.patch(
        f"/api/v1/workspaces/{tenant.workspace_id}", json={"name": TEXTS[1], "meta_data": {"deep": deep(90)}}
    )
    assert renamed.status_code == 200, renamed.text
    for text in (UNBROKEN, *TEXTS):
        tenant.conversation(title=text, user_id=text[:255], collections=[text], settings={text: text})
    conversation = tenant.conversation(
        title=TEXTS[0], summary=TEXTS[1], user_id=TEXTS[1][:255], meta_data={"deep": deep(90)}
    )
    for message in messages():
        created(client.post(f"{CONVERSATIONS}/{conversation}/messages", json=message))
    run(tenant)
    return conversation


def run(tenant: Tenant) -> None:
    """A run that failed, with a message of `parts()`."""
    client = tenant.client
    thread = client.post("/v1/threads", json={"meta_data": {"title": TEXTS[0]}}).json()["id"]
    images = [{"type": "input_image", "detail": "low", "image_url": link} for link in LINKS]
    asked = {"role": "user", "content": [{"type": "input_text", "text": TEXTS[0]}, *images]}
    assert client.post(f"/v1/threads/{thread}/messages", json=asked).status_code == 200
    opened = client.post(
        f"/v1/threads/{thread}/runs",
        json={"agent_id": TEXTS[1][:255], "group": TEXTS[0], "metadata": {"a": TEXTS[2]}},
    )
    path = f"/v1/threads/{thread}/runs/{opened.json()['run_id']}"
    said = client.post(f"{path}/messages", json={"role": "assistant", "content": TEXTS[0], "parts": parts()})
    assert said.status_code == 200, said.text
    ended = client.patch(
        path,
        json={"status": "failed", "model": TEXTS[1], "instructions": TEXTS[2], "tools": [{"t": TEXTS[0]}]},
    )
    assert ended.status_code == 200, ended.text
