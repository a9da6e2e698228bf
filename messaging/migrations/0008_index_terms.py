"""Tags, meta data and texts are found by terms of their workspace or conversation: see `messaging.models.terms`.

The column is null at first, so that no row is written while the table is locked; the rows that are there get
their terms batch by batch. What a server of the version before writes meanwhile gets none, and is found by
`manage.py fill_index_terms` once that server is gone.
"""

from django.db import migrations

import messaging.models.terms
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

    dependencies = [("messaging", "0007_an_index_for_every_filter")]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="index_terms",
            field=messaging.models.terms.IndexTermsField(
                scopes=["workspace_id"], lists=["collections"], objects=["meta_data"]
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="index_terms",
            field=messaging.models.terms.IndexTermsField(
                scopes=["workspace_id", "conversation_id"], lists=["tags"], objects=["meta_data"]
            ),
        ),
        FillIndexTerms("Conversation"),
        FillIndexTerms("Message"),
        SwapIndexesUnderLoad(BEFORE, AFTER),
    ]
