"""Rows that are there get their terms, batch by batch, then an index of terms takes the place of the others.

What broke off is done by running it again. What a server of the version before writes meanwhile has no terms or
outdated ones, until `manage.py fill_index_terms` is run once the last such server is gone.
"""

from django.db import migrations

from messaging.operations import FillIndexTerms, SwapIndexesUnderLoad

MESSAGES = "ON messaging_message USING gin"
CONVERSATIONS = "ON messaging_conversation USING gin"
BEFORE = {
    "message_found_by_text": f"{MESSAGES} (workspace_id, conversation_id, search_text gin_trgm_ops)",
    "message_found_by_tag": f"{MESSAGES} (workspace_id, conversation_id, tags)",
    "message_found_by_meta_data": f"{MESSAGES} "
    "(workspace_id, conversation_id, (meta_data::jsonb) jsonb_path_ops)",
    "conversation_found_by_title": f"{CONVERSATIONS} (workspace_id, search_title gin_trgm_ops)",
    "conversation_found_by_collection": f"{CONVERSATIONS} (workspace_id, collections)",
    "conversation_found_by_meta_data": f"{CONVERSATIONS} (workspace_id, (meta_data::jsonb) jsonb_path_ops)",
}
AFTER = {
    "message_found": f"{MESSAGES} (index_terms, search_text gin_trgm_ops)",
    "conversation_found": f"{CONVERSATIONS} (index_terms, search_title gin_trgm_ops)",
}


class Migration(migrations.Migration):
    # Without a transaction, for CREATE INDEX CONCURRENTLY and so that no batch of rows stays locked.
    atomic = False

    dependencies = [("messaging", "0008_index_terms")]

    operations = [
        FillIndexTerms("Conversation", vendor="postgresql"),
        FillIndexTerms("Message", vendor="postgresql"),
        SwapIndexesUnderLoad(BEFORE, AFTER),
    ]
