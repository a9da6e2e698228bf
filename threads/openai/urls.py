"""OpenAI's wire, operation by operation, in the vendor's order, then what is Azure's.

A host includes it below `openai/v1/`.
"""

from messaging.wire.routes import LIST, both_spellings, closed

from .conversations.views import ConversationViewSet
from .dialect import OPENAI
from .items.views import ItemViewSet
from .messages.views import ThreadMessageViewSet
from .runs.views import AssistantsRunViewSet
from .threads.views import ThreadViewSet

CONVERSATION = "conversations/<str:conversation_id>"
THREAD = "threads/<str:thread_id>"
RUN = f"{THREAD}/runs/<str:run_id>"
CHANGEABLE = {"get": "retrieve", "post": "update", "delete": "destroy"}

operations = [
    *both_spellings("conversations", ConversationViewSet, LIST),
    *both_spellings(CONVERSATION, ConversationViewSet, CHANGEABLE),
    *both_spellings(f"{CONVERSATION}/items", ItemViewSet, LIST),
    *both_spellings(
        f"{CONVERSATION}/items/<str:item_id>", ItemViewSet, {"get": "retrieve", "delete": "destroy"}
    ),
    *both_spellings("threads", ThreadViewSet, {"post": "create"}),
    *both_spellings("threads/runs", AssistantsRunViewSet, {"post": "create_with_thread"}),
    *both_spellings(THREAD, ThreadViewSet, CHANGEABLE),
    *both_spellings(f"{THREAD}/messages", ThreadMessageViewSet, LIST),
    *both_spellings(f"{THREAD}/messages/<str:message_id>", ThreadMessageViewSet, CHANGEABLE),
    *both_spellings(f"{THREAD}/runs", AssistantsRunViewSet, LIST),
    *both_spellings(RUN, AssistantsRunViewSet, {"get": "retrieve", "post": "update"}),
    *both_spellings(f"{RUN}/cancel", AssistantsRunViewSet, {"post": "cancel"}),
    *both_spellings(f"{RUN}/submit_tool_outputs", AssistantsRunViewSet, {"post": "submit"}),
    *both_spellings(f"{RUN}/steps", AssistantsRunViewSet, {"get": "steps"}),
    *both_spellings(f"{RUN}/steps/<str:step_id>", AssistantsRunViewSet, {"get": "step"}),
]
urlpatterns = closed(OPENAI, operations)
