"""The rows of the store in the vocabulary of threads: no tables of its own."""

from django.db import migrations


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("parley", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Thread",
            fields=[],
            options={
                "verbose_name": "thread",
                "verbose_name_plural": "threads",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("parley.conversation",),
        ),
    ]
