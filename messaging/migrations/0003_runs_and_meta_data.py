"""Indexes for the messages of a run and, on PostgreSQL, for the filter on top-level keys of meta data."""

from django.db import migrations, models

INDEXES = {
    "message_meta_data": "ON messaging_message USING gin ((meta_data::jsonb) jsonb_path_ops)",
    "conversation_meta_data": "ON messaging_conversation USING gin ((meta_data::jsonb) jsonb_path_ops)",
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
    dependencies = [("messaging", "0002_postgresql_search")]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("run_id__isnull", False)),
                fields=["workspace", "conversation", "run_id", "created_at", "seq"],
                name="message_run",
            ),
        ),
        migrations.RunPython(create, drop),
    ]
