"""A whole wire: all that a further vendor's folder needs, in one module."""

from pydantic import BaseModel, Field

from messaging.exceptions import ConversationNotFound
from messaging.models import Conversation
from messaging.services import create_conversation
from messaging.wire.dialect import BEARER_SCHEME, Dialect, ErrorFormat
from messaging.wire.errors import Refusal
from messaging.wire.operations import operation
from messaging.wire.routes import both_spellings
from messaging.wire.shapes import Body
from messaging.wire.view import WireViewSet


class ToyRefusal(BaseModel):
    error: dict[str, str]


class ToyErrors(ErrorFormat):
    model = invalid_model = ToyRefusal
    statuses = {422: 400}

    def body(self, refusal: Refusal) -> object:
        return {"error": {"message": refusal.detail, "code": refusal.code}}


TOY = Dialect(
    name="toy",
    title="Toy",
    prefix="v1/toy/",
    urls=__name__,
    errors=ToyErrors(),
    security={"ToyKey": BEARER_SCHEME},
    ignored_headers=("x-toy-version",),
    moment=lambda moment: int(moment.timestamp()),
    nouns={"Conversation": "Chat"},
)


class Chat(BaseModel):
    id: str
    title: str | None
    opened: int | None


class ChatRequest(Body):
    title: str | None = None


class ChatQuery(BaseModel):
    include: list[str] = Field([], alias="include[]", description="What to add to the chat")


class ChatViewSet(WireViewSet):
    dialect = TOY
    queryset = Conversation.objects.all()
    not_found = ConversationNotFound
    tag = "Chats"

    @operation("Open chat", "write", body_required=False, answer=Chat, idempotent=True)
    def create(self, body: ChatRequest) -> dict[str, object]:
        """Open a chat."""
        workspace_id = self.access.workspace_id
        chat, _ = create_conversation(workspace_id=workspace_id, writer=self.writer(), title=body.title)
        return {"id": chat.pk, "title": chat.title, "opened": chat.created_at}

    @operation("Get chat", "read", answer=Chat)
    def retrieve(self, conversation_id: str, query: ChatQuery) -> dict[str, object]:
        """One chat."""
        chat = self.find(conversation_id)
        opened = chat.created_at if "opened" in query.include else None
        return {"id": chat.pk, "title": chat.title, "opened": opened}


operations = [
    *both_spellings("chats", ChatViewSet, {"post": "create"}),
    *both_spellings("chats/<str:conversation_id>", ChatViewSet, {"get": "retrieve"}),
]
