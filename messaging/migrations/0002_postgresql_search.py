"""Search indexes that only PostgreSQL has: trigrams of the folded texts, and tags."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

INDEXES = {
    "message_search_text": "ON messaging_message USING gin (search_text gin_trgm_ops)",
    "conversation_search_title": "ON messaging_conversation USING gin (search_title gin_trgm_ops)",
    "message_tags": "ON messaging_message USING gin (tags)",
    "conversation_collections": "ON messaging_conversation USING gin (collections)",
}


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name, definition in INDEXES.items():
            schema_editor.execute(f"CREATE INDEX {name} {definition}")


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name in INDEXES:
            schema_editor.execute(f"DROP INDEX {name}")


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial")]

    # The extension is trusted: the owner of the database may create it (PostgreSQL 13 and later).
    operations = [TrigramExtension(), migrations.RunPython(create, drop)]
