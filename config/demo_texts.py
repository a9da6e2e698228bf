"""The words of the demo."""

from typing import Any

from messaging.services import MessageDraft

Conversation = tuple[dict[str, Any], list[MessageDraft]]
Exchange = tuple[str, tuple[tuple[str, str], ...]]
"""A title, and (role, text) of each message."""

PICTURE = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAHgAAABIBAMAAADPMCxMAAAAFVBMVEU8LCBaWlqWcErEmmzevpLs8PP6+vrjlie8AA"
    "AArUlEQVR42u3XUQqAIAwG4FFdoBtEXSDyAj10ha7Q/Y+QQmnOqDYhCv69BMKn22RgNGcEAQMDX+E2jcnGyfK3cGd4"
    "OJwsDsDAwMDAd3iscjBlYfpBw5YQW9o52BVNpRZPFtNDXO/hseFaUDNPWojpMU7STvolapj99NEOQhz3TNRtfrTo5J"
    "6VLUubXbRsMNjRiqkKO2hG0ic/KJ6PjcWF6u3ppP7hSkeNfwzgl/AKOXWH9RlcMEwAAAAASUVORK5CYII="
)
"""A parcel with a torn side, as a customer photographs it."""


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
                content="The parcel arrived torn, and the book in it. Can I send it back?",
                attachments=[{"url": PICTURE, "mime_type": "image/png", "name": "parcel.png"}],
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

CUSTOMERS = ("ada", "grace", "konrad", "emmy", "alan", "hedy", "linus")

# What a bookshop hears every week.
EXCHANGES: tuple[Exchange, ...] = (
    (
        "A book for a ten-year-old",
        (
            ("user", "My niece is ten and has read all of Narnia. What next?"),
            ("assistant", "The Dark Is Rising, or A Wizard of Earthsea. Both are in stock."),
            ("user", "Earthsea, please."),
            ("assistant", "It is set aside for you until Saturday."),
        ),
    ),
    (
        "Change of address",
        (
            ("user", "I have moved. Can you send order 2210 to the new place?"),
            ("assistant", "Of course. Which street and town?"),
            ("user", "12 Mill Lane, Cambridge."),
            ("assistant", "Changed; it leaves this afternoon."),
        ),
    ),
    (
        "Paid twice",
        (
            ("user", "My card was charged twice for order 1187."),
            ("system", "The payment provider did not answer within 10 seconds."),
            ("assistant", "I see both payments. The refund of the second one reaches you in three days."),
        ),
    ),
    (
        "Is the reading still on?",
        (
            ("user", "Is the reading on Friday still on?"),
            ("assistant", "Yes, at seven, and there are nine seats left."),
        ),
    ),
    (
        "Gift wrapping",
        (
            ("user", "Could you wrap the atlas as a gift, with a card?"),
            ("assistant", "Gladly. What shall the card say?"),
            ("user", "For Lise, who always knows the way."),
        ),
    ),
)

AGENT: dict[str, Any] = {
    "title": "Which edition did I buy?",
    "agent_id": "bookshop-agent",
    "question": {
        "content": "I want the same edition of Middlemarch that I bought in spring, as a gift. Which was it?",
        "sender_id": "emmy",
    },
    "usage": {"prompt_tokens": 1480, "completion_tokens": 212, "total_tokens": 1692},
}
_ORDERS = {"tool_name": "list_orders", "tool_call_id": "call_orders"}
_STOCK = {"tool_name": "check_stock", "tool_call_id": "call_stock"}
_AGAIN = {"tool_name": "check_stock", "tool_call_id": "call_stock_again"}
AGENT_TURNS: tuple[dict[str, Any], ...] = (
    {
        "role": "assistant",
        "content": None,
        "parts": [
            {
                "type": "reasoning",
                "text": "Spring means March to May. The customer's orders tell the edition.",
            },
            {"type": "tool-call", **_ORDERS, "args": {"customer": "emmy", "title": "Middlemarch"}},
        ],
    },
    {
        "role": "tool",
        "content": None,
        "parts": [
            {
                "type": "tool-result",
                **_ORDERS,
                "output": {
                    "orders": [
                        {"number": 871, "date": "2026-04-14", "isbn": "9780141439549", "binding": "paperback"}
                    ]
                },
            }
        ],
    },
    {
        "role": "assistant",
        "content": "Found it. Let me see whether we have another copy.",
        "parts": [
            {"type": "text", "text": "Found it. Let me see whether we have another copy."},
            {"type": "tool-call", **_STOCK, "args": {"isbn": "9780141439549"}},
        ],
    },
    {
        "role": "tool",
        "content": None,
        "parts": [
            {
                "type": "tool-error",
                **_STOCK,
                "input": {"isbn": "9780141439549"},
                "error_text": "The warehouse did not answer within 5 seconds.",
            }
        ],
    },
    {
        "role": "assistant",
        "content": None,
        "parts": [
            {"type": "reasoning", "text": "A timeout, not a refusal: asking once more does no harm."},
            {"type": "tool-call", **_AGAIN, "args": {"isbn": "9780141439549"}},
        ],
    },
    {
        "role": "tool",
        "content": None,
        "parts": [{"type": "tool-result", **_AGAIN, "output": {"isbn": "9780141439549", "in_stock": 4}}],
    },
    {
        "role": "assistant",
        "content": "It was the Penguin Classics paperback, on 14 April. Four are here: shall I wrap one?",
    },
)
