"""The database's own part of the schema."""

from django.db import migrations

from messaging.migrations.sql import postgresql, sqlite
from messaging.migrations.sql.operations import RunOn, SharedTrigramExtension


class Migration(migrations.Migration):
    dependencies = [("parley", "0001_initial")]

    # The extension is trusted: the owner of the database may create it (PostgreSQL 13 and later).
    operations = [
        SharedTrigramExtension(),
        RunOn("postgresql", forwards=postgresql.FORWARDS, backwards=postgresql.BACKWARDS),
        RunOn("sqlite", forwards=sqlite.FORWARDS, backwards=sqlite.BACKWARDS),
    ]
