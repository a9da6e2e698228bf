"""Every filter of a list has an index that begins with the tenant.

The indexes of search, tags and meta data named neither workspace nor conversation: what others had written
was found too, and thrown away row by row. With a workspace of 1,000,000 messages a search in one conversation
read every match of the workspace.

What they cost on PostgreSQL 15 is written in the README. A filter that has no index here would walk all that
the conversation or the workspace holds.
"""

from django.contrib.postgres.operations import BtreeGinExtension
from django.db import migrations, models

from messaging.operations import AddIndexUnderLoad, SwapIndexesUnderLoad

BEFORE = {
    "message_search_text": "ON messaging_message USING gin (search_text gin_trgm_ops)",
    "message_tags": "ON messaging_message USING gin (tags)",
    "message_meta_data": "ON messaging_message USING gin ((meta_data::jsonb) jsonb_path_ops)",
    "conversation_search_title": "ON messaging_conversation USING gin (search_title gin_trgm_ops)",
    "conversation_collections": "ON messaging_conversation USING gin (collections)",
    "conversation_meta_data": "ON messaging_conversation USING gin ((meta_data::jsonb) jsonb_path_ops)",
}
MESSAGES = "ON messaging_message USING gin (workspace_id, conversation_id,"
CONVERSATIONS = "ON messaging_conversation USING gin (workspace_id,"
AFTER = {
    "message_found_by_text": f"{MESSAGES} search_text gin_trgm_ops)",
    "message_found_by_tag": f"{MESSAGES} tags)",
    "message_found_by_meta_data": f"{MESSAGES} (meta_data::jsonb) jsonb_path_ops)",
    "conversation_found_by_title": f"{CONVERSATIONS} search_title gin_trgm_ops)",
    "conversation_found_by_collection": f"{CONVERSATIONS} collections)",
    "conversation_found_by_meta_data": f"{CONVERSATIONS} (meta_data::jsonb) jsonb_path_ops)",
}


class Migration(migrations.Migration):
    # Without a transaction, for CREATE INDEX CONCURRENTLY: a live table stays open to who writes.
    atomic = False

    dependencies = [("messaging", "0006_message_activity")]

    operations = [
        # Trusted, as pg_trgm is: the owner of the database may create it.
        BtreeGinExtension(),
        SwapIndexesUnderLoad(BEFORE, AFTER),
        AddIndexUnderLoad(
            model_name="conversation",
            index=models.Index(
                fields=["workspace", "status", "updated_at", "id"], name="conversation_status"
            ),
        ),
        AddIndexUnderLoad(
            model_name="conversation",
            index=models.Index(
                fields=["workspace", "updated_at", "id"],
                name="conversation_public",
                condition=models.Q(("is_public", True)),
            ),
        ),
        AddIndexUnderLoad(
            model_name="message",
            index=models.Index(
                fields=["workspace", "conversation", "role", "created_at", "seq"],
                name="message_conversation_role",
            ),
        ),
        AddIndexUnderLoad(
            model_name="message",
            index=models.Index(
                fields=["workspace", "conversation", "sender_id", "created_at", "seq"],
                name="message_conversation_sender",
            ),
        ),
        AddIndexUnderLoad(
            model_name="message",
            index=models.Index(
                fields=["workspace", "conversation", "message_type", "created_at", "seq"],
                name="message_conversation_type",
                condition=models.Q(("message_type", "text"), _negated=True),
            ),
        ),
        AddIndexUnderLoad(
            model_name="message",
            index=models.Index(
                fields=["workspace", "conversation", "agent_id", "created_at", "seq"],
                name="message_conversation_agent",
                condition=models.Q(("agent_id__isnull", False)),
            ),
        ),
        AddIndexUnderLoad(
            model_name="message",
            index=models.Index(
                fields=["workspace", "role", "created_at", "conversation", "seq"], name="message_role"
            ),
        ),
        AddIndexUnderLoad(
            model_name="message",
            index=models.Index(
                fields=["workspace", "message_type", "created_at", "conversation", "seq"],
                name="message_type",
                condition=models.Q(("message_type", "text"), _negated=True),
            ),
        ),
    ]
