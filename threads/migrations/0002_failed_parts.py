"""When a tool failed, beside the part that tells of it, and an index of these."""

from django.db import migrations, models
from django.db.models import OuterRef, Q, Subquery

from messaging.operations import AddIndexUnderLoad

AT_ONCE = 1_000


def fill(apps, schema_editor):
    """Some at a time, each in its own transaction: others write meanwhile."""
    parts = apps.get_model("threads", "Part").objects.using(schema_editor.connection.alias)
    messages = apps.get_model("messaging", "Message").objects.filter(pk=OuterRef("message_id"))
    failed, last = parts.filter(Q(type="tool-error") | Q(is_error=True)).order_by("pk"), ""
    while some := list(failed.filter(pk__gt=last).values_list("pk", flat=True)[:AT_ONCE]):
        parts.filter(pk__in=some).update(failed_at=Subquery(messages.values("created_at")))
        last = some[-1]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("threads", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="part",
            name="failed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        AddIndexUnderLoad(
            model_name="part",
            index=models.Index(
                condition=models.Q(("failed_at__isnull", False)),
                fields=["workspace", "failed_at", "tool_name"],
                name="part_failed",
            ),
        ),
    ]
