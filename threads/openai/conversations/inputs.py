"""What the operations on conversations take, under the vendor's component names."""

from pydantic import Field

from messaging.values.types import JSONObject
from messaging.wire.shapes import Body
from threads.openai.items.inputs import MAX_ITEMS
from threads.openai.metadata import Metadata


class CreateConversationBody(Body):
    """A conversation to open, with its first items if there are any."""

    examples = {
        "A conversation": {
            "metadata": {"topic": "orders"},
            "items": [{"type": "message", "role": "user", "content": "Where is order 1042?"}],
        }
    }

    metadata: Metadata | None = Field(None, description="Up to 16 texts of your own, by name")
    items: list[JSONObject] | None = Field(None, max_length=MAX_ITEMS, description="Up to 20 items")


class UpdateConversationBody(Body):
    """What the metadata shall be from now on."""

    examples = {"Other metadata": {"metadata": {"topic": "returns"}}}

    metadata: Metadata | None = Field(description="Takes the place of what there is; null for none")
