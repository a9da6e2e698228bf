"""Runs, parts and stored objects; threads and their messages as proxies."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import messaging.models.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("messaging", "0003_runs_and_meta_data"),
    ]

    operations = [
        migrations.CreateModel(
            name="Thread",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("messaging.conversation",),
        ),
        migrations.CreateModel(
            name="ThreadMessage",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("messaging.message",),
        ),
        migrations.CreateModel(
            name="Part",
            fields=[
                ("id", messaging.models.fields.IdField(prefix="part", serialize=False)),
                ("position", models.PositiveIntegerField()),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("reasoning", "Reasoning"),
                            ("file", "File"),
                            ("data", "Data"),
                            ("tool-call", "Tool Call"),
                            ("tool-error", "Tool Error"),
                            ("tool-result", "Tool Result"),
                        ],
                        max_length=16,
                    ),
                ),
                ("text", models.TextField(blank=True, null=True)),
                ("file_id", models.TextField(blank=True, null=True)),
                ("url", models.TextField(blank=True, null=True)),
                ("mime_type", models.TextField(blank=True, null=True)),
                ("detail", models.CharField(blank=True, max_length=4, null=True)),
                ("data_type", models.TextField(blank=True, null=True)),
                ("tool_name", models.TextField(blank=True, null=True)),
                ("tool_call_id", models.TextField(blank=True, null=True)),
                ("payload", messaging.models.fields.ExactJSONField(blank=True, null=True)),
                ("payload_ref", messaging.models.fields.ExactJSONField(blank=True, null=True)),
                ("is_error", models.BooleanField(default=False)),
                ("error_text", models.TextField(blank=True, null=True)),
                ("metadata", messaging.models.fields.ExactJSONField(blank=True, null=True)),
                (
                    "message",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="messaging.message",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="messaging.workspace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("message", "workspace", "position"), name="part_position")
                ],
            },
        ),
        migrations.CreateModel(
            name="StoredObject",
            fields=[
                ("id", messaging.models.fields.IdField(prefix="obj", serialize=False)),
                ("path", messaging.models.fields.CodePointField(editable=False, max_length=255)),
                ("size_bytes", models.BigIntegerField()),
                ("mime_type", models.CharField(max_length=255)),
                ("sha256", models.CharField(max_length=64)),
                ("preview_text", models.TextField(blank=True, null=True)),
                ("truncated", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "message",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stored_objects",
                        to="messaging.message",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="messaging.workspace",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["message", "workspace"], name="object_message")],
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", messaging.models.fields.IdField(prefix="run", serialize=False)),
                ("agent_id", messaging.models.fields.CodePointField(max_length=255)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("completed", "Completed"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("group", models.TextField(blank=True, null=True)),
                ("model", models.TextField(blank=True, default="")),
                ("instructions", models.TextField(blank=True, null=True)),
                ("tools", messaging.models.fields.ExactJSONField(blank=True, default=list)),
                ("meta_data", messaging.models.fields.ObjectField(blank=True, default=dict)),
                ("usage", messaging.models.fields.ExactJSONField(blank=True, null=True)),
                ("model_settings", messaging.models.fields.ExactJSONField(blank=True, default=dict)),
                ("response_format", messaging.models.fields.ExactJSONField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("started_at", models.DateTimeField(editable=False, null=True)),
                ("expires_at", models.DateTimeField(editable=False)),
                ("cancelled_at", models.DateTimeField(editable=False, null=True)),
                ("failed_at", models.DateTimeField(editable=False, null=True)),
                ("completed_at", models.DateTimeField(editable=False, null=True)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="messaging.workspace",
                    ),
                ),
                (
                    "thread",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="threads.thread",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["thread", "workspace", "created_at", "id"], name="run_thread_created"
                    ),
                    models.Index(
                        condition=models.Q(("status__in", ("queued", "running"))),
                        fields=["expires_at", "workspace"],
                        name="run_expiry",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ("queued", "running"))),
                        fields=("workspace", "thread"),
                        name="run_one_active",
                    )
                ],
            },
        ),
    ]
