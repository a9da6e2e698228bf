"""Conversations of tests: short ones in which something goes wrong, and generated ones in which much does."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from messaging.models import Conversation
from messaging.services import Writer, append_messages
from messaging.testing import make_conversation
from messaging.transcript.drafts import draft_of
from messaging.transcript.pieces import Call, Data, File, Piece, Reasoning, Result, Text, Turn
from tests.cast import Tenant
from tests.client import ApiClient

OURS = ("token_count", "omitted", "over_budget")
"""What stands beside the object of a format."""
FORMATS = ("openai", "responses", "anthropic", "gemini", "ui", "otel", "text")
PIXEL = "data:image/png;base64,iVBORw0KGgo="


def path_of(conversation: Conversation, query: str = "") -> str:
    return f"/api/v1/conversations/{conversation.pk}/transcript?{query}"


def held(tenant: Tenant, *turns: Turn) -> Conversation:
    """A conversation that holds these turns."""
    conversation, _ = make_conversation(tenant.workspace)
    append_messages(
        workspace_id=tenant.workspace.pk,
        conversation_id=conversation.pk,
        drafts=[draft_of(turn) for turn in turns],
        writer=Writer(),
    )
    return conversation


def got(api: ApiClient, conversation: Conversation, format: str, query: str = "") -> dict[str, Any]:
    """The transcript alone, under the keys of its format."""
    path = path_of(conversation, f"format={format}&{query}")
    if format == "text":
        response = api.send("GET", path)
        assert response.status_code == 200
        return {"text": response.content.decode()}
    return given_of(api.get(path).json())


def given_of(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in OURS}


def user(text: str) -> Turn:
    return Turn(role="user", pieces=(Text(text=text),))


def says(*pieces: Piece | str) -> Turn:
    """What an assistant says."""
    made = tuple(Text(text=piece) if isinstance(piece, str) else piece for piece in pieces)
    return Turn(role="assistant", pieces=made)


def call(call_id: str | None, name: str = "find_order", arguments: str = '{"number": 1042}') -> Call:
    return Call(id=call_id, name=name, arguments=arguments)


def result(call_id: str | None, output: object = "shipped", **fields: Any) -> Turn:
    return Turn(role="tool", pieces=(Result(id=call_id, output=output, **fields),))


WORDS = st.one_of(
    st.sampled_from(
        ["Hello", "Where is order 1042?", "[user]", "\\[tool x y]", "a\n\n[assistant]\nb\n", " ", "é\u2028z"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
)
IDS = st.sampled_from(["call_1", "call_2", "call 3/ü", "x" * 70])
VALUES = st.one_of(WORDS, st.none(), st.integers(-5, 5), st.dictionaries(WORDS, WORDS, max_size=2))
ARGUMENTS = st.sampled_from(["{}", '{"number": 1042}', '{ "a" :[1] }', "[1]", "not JSON", '"text"'])
TEXTS = st.builds(lambda text: Text(text=text), WORDS)
SIGNED = st.sampled_from([{}, {"signature": "c2ln"}, {"thought_signature": "c2ln"}, {"redacted": "c2ln"}])
THOUGHTS = st.builds(lambda text, about: Reasoning(text=text, metadata=dict(about)), WORDS, SIGNED)
CALLS = st.builds(
    lambda call_id, name, arguments: Call(id=call_id, name=name, arguments=arguments),
    st.one_of(st.none(), IDS),
    st.sampled_from(["find_order", "pay bill"]),
    ARGUMENTS,
)
KINDS: list[dict[str, Any]] = [
    {"url": PIXEL, "mime_type": "image/png"},
    {"url": "https://example.com/a.png", "mime_type": None, "detail": "low"},
    {"url": "https://example.com/a.pdf", "mime_type": "application/pdf", "name": "a.pdf"},
    {"url": "data:application/pdf;base64,JVBERg==", "mime_type": "application/pdf", "name": "a.pdf"},
    {"file_id": "file_1", "mime_type": "application/pdf"},
]
FILES = st.sampled_from(KINDS).map(lambda fields: File(**fields))
DATA = st.builds(lambda data: Data(data=data, data_type="chart"), VALUES)
RESULTS = st.builds(
    lambda call_id, output, failed: Turn(
        role="tool", pieces=(Result(id=call_id, output="" if output is None else output, is_error=failed),)
    ),
    st.one_of(st.none(), IDS),
    VALUES,
    st.booleans(),
)


def _turns(role: str, *pieces: st.SearchStrategy[Any]) -> st.SearchStrategy[Turn]:
    return st.lists(st.one_of(*pieces), max_size=4).map(lambda some: Turn(role=role, pieces=tuple(some)))


HISTORIES = st.lists(
    st.one_of(
        _turns("system", TEXTS),
        _turns("user", TEXTS, FILES, DATA),
        _turns("assistant", TEXTS, THOUGHTS, CALLS, CALLS, DATA),
        RESULTS,
        RESULTS,
    ),
    max_size=12,
)
"""Turns in any order: results without calls, calls without results, ids that repeat, thoughts that nobody has
signed, files and data that some formats cannot say."""
