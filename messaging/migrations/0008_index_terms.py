"""Columns for the terms by which tags, meta data and texts are found: see `messaging.models.terms`.

They are null at first, so that no row is written while the tables are locked.
"""

from django.db import migrations

import messaging.models.terms


class Migration(migrations.Migration):
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
    ]
