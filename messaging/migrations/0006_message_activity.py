"""From this index alone the dashboard counts a million messages by day, role and sender."""

from django.db import migrations, models

from messaging.operations import AddIndexUnderLoad


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0005_redacted_messages")]

    operations = [
        AddIndexUnderLoad(
            model_name="message",
            index=models.Index(
                fields=["workspace", "created_at", "role", "sender_id"], name="message_activity"
            ),
        ),
    ]
