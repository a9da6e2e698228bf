"""A whole wire: all that a further vendor's folder needs, in one module."""

from pydantic import BaseModel, Field

from messaging.exceptions import ConversationNotFound
from messaging.models import Conversation
from messaging.services import create_conversation
from messaging.wire.dialect import BEARER_SCHEME, Dialect, ErrorFormat
from messaging.wire.operations import operation
from messaging.wire.routes import both_spellings
from messaging.wire.shapes import Body, Read
from messaging.wire.view import WireViewSet


class ToyRefusal(BaseModel):
    error: dict[str, str]


TOY = Dialect(
    name="toy",
    prefix="v1/toy/",
    urls=__name__,
    errors=ErrorFormat(ToyRefusal, lambda it: {"error": {"message": it.detail, "code": it.code}}, {422: 400}),
    security={"ToyKey": BEARER_SCHEME},
    ignored_headers=("x-toy-version",),
    moment=lambda moment: int(moment.timestamp()),
    nouns={"Conversation": "Chat"},
)


class Chat(Read):
    id: str
    title: str | None
    created_at: int


class ChatRequest(Body):
    title: str | None = None


class ChatQuery(BaseModel):
    hide: list[str] = Field([], alias="hide[]", description="Fields to answer as null")


class ChatViewSet(WireViewSet):
    dialect, tag = TOY, "Chats"
    queryset, not_found = Conversation.objects.all(), ConversationNotFound

    @operation("Open chat", "write", answer=Chat, body_required=False, idempotent=True)
    def create(self, body: ChatRequest) -> object:
        chat, _ = create_conversation(workspace_id=self.workspace_id, writer=self.writer(), title=body.title)
        return Chat.of(chat)

    @operation("Get chat", "read", answer=Chat)
    def retrieve(self, conversation_id: str, query: ChatQuery) -> object:
        chat = Chat.of(self.find(conversation_id))
        return chat | dict.fromkeys(chat.keys() & query.hide)


operations = [
    *both_spellings("chats", ChatViewSet, {"post": "create"}),
    *both_spellings("chats/<str:conversation_id>", ChatViewSet, {"get": "retrieve"}),
]
