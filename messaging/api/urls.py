"""The Mielto wire, operation by operation, in the vendor's order. A host includes it below `api/v1/`."""

from messaging.wire.routes import DETAIL, LIST, both_spellings, closed

from .changes.views import ChangeViewSet
from .conversations.views import ConversationMessagesViewSet, ConversationViewSet
from .dialect import MIELTO
from .feedback.views import FeedbackViewSet, MessageFeedbackViewSet
from .keys.views import ApiKeyViewSet
from .memories.views import (
    MemoryChunksViewSet,
    MemoryFromMessagesViewSet,
    MemoryHistoryViewSet,
    MemoryProfileViewSet,
    MemoryReplaceViewSet,
    MemorySearchViewSet,
    MemoryViewSet,
)
from .messages.views import MessageViewSet
from .objects.views import ObjectViewSet
from .session.views import SessionViewSet
from .transcripts.views import TranscriptViewSet
from .webhooks.views import (
    WebhookDeliveryViewSet,
    WebhookPingViewSet,
    WebhookReplayViewSet,
    WebhookSecretViewSet,
    WebhookViewSet,
)
from .workspaces.views import WorkspaceViewSet

operations = [
    *both_spellings("messages", MessageViewSet, LIST, name="parley-messages"),
    *both_spellings("messages/<str:message_id>", MessageViewSet, DETAIL),
    *both_spellings("messages/<str:message_id>/feedback", MessageFeedbackViewSet, LIST),
    *both_spellings("feedback", FeedbackViewSet, {"get": "list"}),
    *both_spellings("feedback/<str:feedback_id>", FeedbackViewSet, {"get": "retrieve", "delete": "destroy"}),
    *both_spellings("objects/<str:object_id>", ObjectViewSet, {"get": "retrieve"}),
    *both_spellings("conversations", ConversationViewSet, {**LIST, "put": "upsert"}),
    *both_spellings("conversations/<str:conversation_id>", ConversationViewSet, DETAIL),
    *both_spellings("conversations/<str:conversation_id>/fork", ConversationViewSet, {"post": "fork"}),
    *both_spellings("conversations/<str:conversation_id>/messages", ConversationMessagesViewSet, LIST),
    *both_spellings(
        "conversations/<str:conversation_id>/transcript",
        TranscriptViewSet,
        {"get": "retrieve", "post": "create"},
    ),
    *both_spellings("memories", MemoryViewSet, LIST, name="parley-memories"),
    *both_spellings("memories/search", MemorySearchViewSet, {"post": "create"}),
    *both_spellings("memories/from_messages", MemoryFromMessagesViewSet, {"post": "create"}),
    *both_spellings("memories/chunks", MemoryChunksViewSet, {"get": "list"}),
    *both_spellings("memories/profile", MemoryProfileViewSet, {"get": "retrieve"}),
    *both_spellings("memories/<str:memory_id>", MemoryViewSet, DETAIL),
    *both_spellings("memories/<str:memory_id>/replace", MemoryReplaceViewSet, {"post": "create"}),
    *both_spellings("memories/<str:memory_id>/history", MemoryHistoryViewSet, {"get": "list"}),
    *both_spellings("changes", ChangeViewSet, {"get": "list"}, name="parley-changes"),
    *both_spellings("changes/stream", ChangeViewSet, {"get": "stream"}),
    *both_spellings("workspaces", WorkspaceViewSet, LIST),
    *both_spellings("workspaces/<str:workspace_id>", WorkspaceViewSet, DETAIL),
    *both_spellings("api-keys", ApiKeyViewSet, LIST),
    *both_spellings(
        "api-keys/<str:api_key_id>", ApiKeyViewSet, {"get": "retrieve", "put": "update", "delete": "destroy"}
    ),
    *both_spellings("webhooks", WebhookViewSet, LIST),
    *both_spellings("webhooks/<str:webhook_id>", WebhookViewSet, DETAIL),
    *both_spellings("webhooks/<str:webhook_id>/secret", WebhookSecretViewSet, {"post": "create"}),
    *both_spellings("webhooks/<str:webhook_id>/ping", WebhookPingViewSet, {"post": "create"}),
    *both_spellings("webhooks/<str:webhook_id>/replay", WebhookReplayViewSet, {"post": "create"}),
    *both_spellings("webhooks/<str:webhook_id>/deliveries", WebhookDeliveryViewSet, {"get": "list"}),
    *both_spellings("auth/session", SessionViewSet, {"get": "retrieve"}, name="parley-session"),
]
urlpatterns = closed(MIELTO, operations)
