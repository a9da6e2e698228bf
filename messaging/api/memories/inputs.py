"""What the memory operations take, under the vendor's component names."""

from typing import Annotated, Any, Literal

from pydantic import Field

from messaging.values.types import JSONObject, SearchText, SomeText255, Tags, Text64, Text255
from messaging.wire.shapes import Body

RetrievalMethod = Literal[
    "agentic",
    "agentic_vector",
    "agentic_hybrid",
    "agentic_keyword",
    "vector",
    "hybrid",
    "keyword",
    "last_n",
    "first_n",
]
OF_OWNER = "The end user whose memory it is; with another one it is not found"
OF_TOPICS = "Topics associated with the memory"


class MemoryCreate(Body):
    """A memory to write."""

    examples = {
        "A preference": {
            "user_id": "customer-7",
            "memory": "Prefers to be called in the morning",
            "topics": ["preferences"],
        }
    }

    user_id: SomeText255 = Field(description="The end user whom it is about")
    memory: str = Field(description="What is known, in one sentence")
    memory_type: Text64 | None = Field(
        None, description="Type of the memory, `user` if not given; the one of type `profile` is the profile"
    )
    topics: Tags | None = Field(None, description=OF_TOPICS)
    metadata: JSONObject | None = Field(None, description="Additional metadata")


class MemoryUpdate(Body):
    """The fields to change. What is left out stays; null clears topics and metadata, leaves the others."""

    examples = {"Correct": {"memory": "Prefers to be called in the evening"}}
    clearable = frozenset({"topics", "metadata"})

    user_id: SomeText255 | None = Field(None, description=OF_OWNER)
    memory: str | None = Field(None, description="What is known now")
    memory_type: Text64 | None = Field(None, description="Type of the memory")
    topics: Tags | None = Field(None, description=OF_TOPICS)
    metadata: JSONObject | None = Field(None, description="Additional metadata")

    def changes(self) -> dict[str, Any]:
        """The columns to change."""
        return {name: value for name, value in self.given().items() if name != "user_id"}


class MemoryReplace(Body):
    """What stands in the place of a memory. What is left out is cleared."""

    examples = {"Replace": {"memory": "Has moved to Paris", "topics": ["location"]}}

    user_id: SomeText255 | None = Field(None, description=OF_OWNER)
    memory: str = Field(description="What is known from now on")
    topics: Tags | None = Field(None, description=OF_TOPICS)
    metadata: JSONObject | None = Field(None, description="Additional metadata")


class MemorySearchRequest(Body):
    """What is looked for, among whose memories, and how."""

    examples = {"By words": {"query": "call", "user_id": "customer-7", "retrieval_method": "keyword"}}

    query: SearchText = Field(description="What is looked for; `last_n` and `first_n` leave it aside")
    user_id: SomeText255 | None = Field(
        None, description="The end user whose memories are searched; those of all users if not given"
    )
    limit: Annotated[int, Field(ge=1, le=100)] | None = Field(
        None, description="Maximum number of memories to return, 10 if not given"
    )
    retrieval_method: RetrievalMethod | None = Field(
        None,
        description="How to search, `agentic` if not given. The answer names how it was done: without an"
        " embedder by `keyword`",
    )


class MemoryMessage(Body):
    """A message from which memories are drawn. It is not stored."""

    role: Text64 = Field(description="Who speaks; memories are drawn of what the user says")
    content: str | list[JSONObject] | None = Field(None, description="Text, or items that have a `text`")

    @property
    def text(self) -> str:
        """What it says."""
        if not isinstance(self.content, list):
            return self.content or ""
        return "\n".join(text for item in self.content if isinstance(text := item.get("text"), str))


class MemoryFromMessagesRequest(Body):
    """Messages from which memories of an end user are drawn at once."""

    examples = {
        "A conversation": {
            "user_id": "customer-7",
            "messages": [
                {"role": "user", "content": "My name is Ada and I live in Rome."},
                {"role": "assistant", "content": "Nice to meet you, Ada."},
            ],
        }
    }

    messages: list[MemoryMessage] = Field(description="Messages in their order")
    user_id: SomeText255 = Field(description="The end user who speaks, and whom the memories are about")
    agent_id: Text255 | None = Field(None, description="Accepted, and without effect")
    team_id: Text255 | None = Field(None, description="Accepted, and without effect")

    @property
    def turns(self) -> list[tuple[str, str]]:
        """(role, text) of each message."""
        return [(message.role, message.text) for message in self.messages]
