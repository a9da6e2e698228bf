"""The messages that are there come into the index of SQLite, batch by batch, while others write.

Five minutes for a million. If it breaks off, run again, it goes on where it stopped.
"""

from django.db import migrations

from messaging.operations import FillIndexTerms, RunOnSQLite


class Migration(migrations.Migration):
    # Each batch by itself, so that others get to write in between.
    atomic = False

    dependencies = [("messaging", "0012_an_index_on_sqlite")]

    operations = [
        FillIndexTerms("Message", vendor="sqlite"),
        # What many batches wrote becomes one, in which each text is looked up once.
        RunOnSQLite(
            forwards=["INSERT INTO messaging_message_found (messaging_message_found) VALUES ('optimize')"],
            backwards=[],
        ),
    ]
