"""A whole wire: all that a further vendor's folder needs, in one module."""

from pydantic import BaseModel, Field

from messaging.exceptions import ConversationNotFound
from messaging.models import Conversation
from messaging.services import Writer, create_conversation
from messaging.wire.dialect import BEARER_SCHEME, Dialect, ErrorFormat
from messaging.wire.errors import Refusal
from messaging.wire.operations import operation
from messaging.wire.routes import both_spellings
from messaging.wire.view import WireViewSet


class ToyError(BaseModel):
    message: str
    code: str


class ToyRefusal(BaseModel):
    error: ToyError


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


class ChatRequest(BaseModel):
    title: str | None = None


class ChatQuery(BaseModel):
    include: list[str] = Field([], alias="include[]", description="What to add to the chat")


class ChatViewSet(WireViewSet):
    dialect = TOY
    queryset = Conversation.objects.all()
    not_found = ConversationNotFound
    tag = "Chats"

    @operation(
        summary="Open chat",
        permission="write",
        body=ChatRequest,
        body_required=False,
        answer=Chat,
        idempotent=True,
    )
    def create(self, body: ChatRequest) -> dict[str, object]:
        """Open a chat."""
        workspace_id = self.access.workspace_id
        chat, _ = create_conversation(workspace_id=workspace_id, writer=Writer(), title=body.title)
        return {"id": chat.pk, "title": chat.title, "opened": chat.created_at}

    @operation(
        summary="Get chat", permission="read", query=ChatQuery, answer=Chat, not_found="Chat not found"
    )
    def retrieve(self, conversation_id: str, query: ChatQuery) -> dict[str, object]:
        """One chat."""
        chat = self.find(conversation_id)
        opened = chat.created_at if "opened" in query.include else None
        return {"id": chat.pk, "title": chat.title, "opened": opened}


operations = [
    *both_spellings("chats", ChatViewSet, {"post": "create"}),
    *both_spellings("chats/<str:conversation_id>", ChatViewSet, {"get": "retrieve"}),
]
