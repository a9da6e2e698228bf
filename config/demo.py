"""What a first start shows: a few conversations that a reader understands at a glance."""

from typing import Any

from messaging.services import MessageDraft

Conversation = tuple[dict[str, Any], list[MessageDraft]]


def _call(call_id: str, name: str, arguments: str) -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


CONVERSATIONS: list[Conversation] = [
    (
        {"title": "Where is my order?", "user_id": "ada"},
        [
            MessageDraft(role="system", content="You help the customers of a bookshop. Be brief."),
            MessageDraft(content="Hello, where is order 1042? It should have come on Monday."),
            MessageDraft(
                role="assistant", content="", tool_calls=[_call("call_1", "find_order", '{"number": 1042}')]
            ),
            MessageDraft(
                role="tool",
                content='{"status": "in transit", "carrier": "Post", "expected": "Thursday"}',
                meta_data={"tool_call_id": "call_1", "name": "find_order"},
            ),
            MessageDraft(role="assistant", content="It is on its way and should arrive on Thursday."),
            MessageDraft(content="Thank you!", tags=["solved"]),
        ],
    ),
    (
        {"title": "Return a damaged book", "user_id": "grace", "meta_data": {"channel": "email"}},
        [
            MessageDraft(
                content="The cover arrived torn. Can I send it back?",
                attachments=[{"url": "https://example.com/cover.jpg", "mime_type": "image/jpeg"}],
            ),
            MessageDraft(
                role="assistant",
                content="I am sorry. A return label is in your inbox; the refund takes three days.",
                tags=["refund"],
            ),
        ],
    ),
    (
        {"title": "Öffnungszeiten am Sonntag", "user_id": "konrad", "status": "ended"},
        [
            MessageDraft(content="Haben Sie am Sonntag geöffnet?"),
            MessageDraft(role="assistant", content="Ja, von zehn bis sechzehn Uhr."),
        ],
    ),
]
