"""When a message was redacted, and which kept answers tell of its conversation.

Columns without a default, so that no row is written; the index is on a table that holds a day's answers.
"""

from django.db import migrations, models

import messaging.models.fields


class Migration(migrations.Migration):
    dependencies = [("messaging", "0004_memberships_and_rights")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="redacted_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="idempotencyrecord",
            name="conversation_id",
            field=messaging.models.fields.CodePointField(max_length=40, null=True),
        ),
        migrations.AddIndex(
            model_name="idempotencyrecord",
            index=models.Index(
                condition=models.Q(("conversation_id__isnull", False)),
                fields=["workspace", "conversation_id"],
                name="idempotency_conversation",
            ),
        ),
    ]
