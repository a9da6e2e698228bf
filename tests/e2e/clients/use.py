"""A stranger's program over the client that openapi-python-client makes of our document."""

import os

from parley_client import AuthenticatedClient
from parley_client.api.assistants_threads import create_thread_and_run
from parley_client.api.changes import list_changes
from parley_client.api.conversations import (
    create_conversation,
    fork_conversation,
    get_conversation,
    get_transcript,
    list_conversations,
    store_transcript,
)
from parley_client.api.feedback import give_feedback, list_feedback
from parley_client.api.memories import (
    create_memory,
    list_memories,
    list_memory_history,
    replace_memory,
    search_memories,
)
from parley_client.api.messages import (
    create_message_api_v1_messages_post as create_messages,
)
from parley_client.api.messages import (
    list_messages_api_v1_messages_get as list_messages,
)
from parley_client.api.open_ai_conversations import (
    create_conversation as create_conversation_of_openai,
)
from parley_client.api.open_ai_conversations import (
    create_conversation_items,
    list_conversation_items,
)
from parley_client.api.threads import create_thread_endpoint_v1_threads_post as create_thread
from parley_client.api.threads import list_threads_endpoint_v1_threads_get as list_threads
from parley_client.models import (
    ConversationCreate,
    ConversationFork,
    ConversationStatus,
    CreateConversationBody,
    CreateConversationItemsBody,
    CreateMessages,
    CreateThreadAndRunRequest,
    ErrorDetail,
    ErrorResponse,
    FeedbackCreate,
    HTTPValidationError,
    MemoryCreate,
    MemoryReplace,
    MemorySearchRequest,
    MessageCreateRequest,
    ThreadCreateRequest,
    TranscriptCreate,
)
from parley_client.models import ListThreadsEndpointV1ThreadsGetOrder as Order

client = AuthenticatedClient(
    base_url=os.environ["URL"], token=os.environ["KEY"], headers={"Prefer": "handling=strict"}
)


def made(model, **values):
    """A request of a few values, the rest left out."""
    return model.from_dict(values)


conversation = create_conversation.sync(
    client=client, body=made(ConversationCreate, title="python", meta_data={"channel": "py"})
)
assert conversation.status is ConversationStatus.ACTIVE
assert conversation.created_at.tzinfo is not None
assert conversation.message_count == 0

messages = [
    made(MessageCreateRequest, content=str(number), meta_data={"odd": str(number % 2)})
    for number in range(1, 6)
]
body = CreateMessages(conversation_id=conversation.id, content=messages)
assert [row.content for row in create_messages.sync(client=client, body=body)] == ["1", "2", "3", "4", "5"]


def filtered(module, **keys):
    """The filter by the caller's own data. This generator flattens objects, so the keys are whole names."""
    [kind] = [getattr(module, name) for name in dir(module) if name.endswith("MetaData")]
    return kind.from_dict({f"meta_data.{key}": value for key, value in keys.items()})


read, cursor = [], None
while True:
    page = list_messages.sync(
        client=client,
        conversation_id=conversation.id,
        meta_data=filtered(list_messages, odd="1"),
        limit=2,
        order_direction="asc",
        cursor=cursor,
    )
    read += [row.content for row in page.data]
    cursor = page.next_cursor
    if not cursor:
        break
assert read == ["1", "3", "5"], read

listed = list_conversations.sync(client=client, user_id="nobody")
assert (listed.data, listed.total_count) == ([], 0)

refused = list_messages.sync_detailed(client=client, limit=0)
assert refused.status_code == 422
assert isinstance(refused.parsed, HTTPValidationError)
assert refused.parsed.detail[0].loc == ["query", "limit"]
absent = get_conversation.sync(client=client, conversation_id="conv_none")
assert isinstance(absent, ErrorDetail)
assert absent.detail == "Conversation not found"

thread = create_thread.sync(client=client, body=made(ThreadCreateRequest, meta_data={"channel": "py"}))
found = list_threads.sync(client=client, meta_data=filtered(list_threads, channel="py"), order=Order.ASC)
assert [row.id for row in found] == [conversation.id, thread.id]
# A fork, and transcripts of both ways.
last = page.data[-1]
forked = fork_conversation.sync(conversation.id, client=client, body=made(ConversationFork, until=last.id))
assert forked.message_count == 5
history = {"messages": [{"role": "user", "content": "six"}]}
stored = store_transcript.sync(forked.id, client=client, body=TranscriptCreate.from_dict(history))
assert (len(stored.message_ids), stored.known) == (1, 0)
given = get_transcript.sync(forked.id, client=client, last=1)
assert given.to_dict()["messages"] == history["messages"]

# What people think, and what is known of them.
rated = give_feedback.sync(last.id, client=client, body=made(FeedbackCreate, value=True, user_id="ada"))
assert (rated.value, rated.user_id) == (True, "ada")
assert [row.id for row in list_feedback.sync(client=client, message_id=last.id).data] == [rated.id]
written = create_memory.sync(client=client, body=made(MemoryCreate, user_id="ada", memory="Likes tea"))
replace_memory.sync(written.memory_id, client=client, body=made(MemoryReplace, memory="Likes coffee"))
searched = search_memories.sync(client=client, body=made(MemorySearchRequest, query="coffee", user_id="ada"))
assert [row.memory for row in searched.memories] == ["Likes coffee"]
assert [row.memory_id for row in list_memories.sync(client=client, user_id="ada").data] == [written.memory_id]
assert len(list_memory_history.sync(written.memory_id, client=client).data) == 2
assert list_changes.sync(client=client, types="memory.*").data[-1].type_ == "memory.updated"

# OpenAI's wire: items of any type, runs, and errors in its own shape.
opened = create_conversation_of_openai.sync(client=client, body=made(CreateConversationBody))
item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]}
body = CreateConversationItemsBody.from_dict({"items": [item]})
[created] = create_conversation_items.sync(opened.id, client=client, body=body).data
[listed] = list_conversation_items.sync(opened.id, client=client).data
assert created["content"] == listed["content"] == item["content"]
absent = list_conversation_items.sync("conv_none", client=client)
assert isinstance(absent, ErrorResponse)
assert absent.error.type_ == "invalid_request_error"
run = create_thread_and_run.sync(client=client, body=made(CreateThreadAndRunRequest, assistant_id="bot"))
assert run.status == "queued"
print("done")
