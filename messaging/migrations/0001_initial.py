"""All tables, as the models say."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import messaging.index.terms
import messaging.sql.fields
import messaging.sql.references


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Conversation",
            fields=[
                ("id", messaging.sql.fields.IdField(prefix="conv", serialize=False)),
                (
                    "external_id",
                    messaging.sql.fields.CodePointField(editable=False, max_length=255, null=True),
                ),
                ("title", models.CharField(blank=True, max_length=255, null=True)),
                ("search_title", messaging.sql.fields.FoldedTextField(source="title")),
                ("summary", models.TextField(blank=True, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "Active"), ("ended", "Ended"), ("archived", "Archived")],
                        default="active",
                        max_length=10,
                    ),
                ),
                ("is_public", models.BooleanField(default=False)),
                ("collections", messaging.sql.fields.TagsField(blank=True, default=list)),
                ("meta_data", messaging.sql.fields.ObjectField(blank=True, default=dict)),
                (
                    "index_terms",
                    messaging.index.terms.IndexTermsField(
                        lists=["collections"], objects=["meta_data"], scopes=["workspace_id"]
                    ),
                ),
                ("settings", messaging.sql.fields.ObjectField(blank=True, default=dict)),
                ("user_id", messaging.sql.fields.CodePointField(blank=True, max_length=255, null=True)),
                ("owner_id", messaging.sql.fields.CodePointField(blank=True, max_length=255, null=True)),
                (
                    "created_by",
                    messaging.sql.fields.CodePointField(editable=False, max_length=255, null=True),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("last_seq", models.BigIntegerField(default=0, editable=False)),
                ("last_created_at", models.DateTimeField(editable=False, null=True)),
                ("message_count", models.BigIntegerField(default=0, editable=False)),
                ("active_run", messaging.sql.fields.CodePointField(editable=False, max_length=40, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
        ),
        migrations.CreateModel(
            name="RateWindow",
            fields=[
                (
                    "identity",
                    messaging.sql.fields.CodePointField(max_length=255, primary_key=True, serialize=False),
                ),
                ("started_at", models.DateTimeField()),
                ("count", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Workspace",
            fields=[
                ("id", messaging.sql.fields.IdField(prefix="wsp", serialize=False)),
                ("name", messaging.sql.fields.CodePointField(max_length=255)),
                ("slug", models.SlugField(max_length=100, unique=True)),
                ("meta_data", messaging.sql.fields.ObjectField(blank=True, default=dict)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "ordering": ("name", "id"),
                "permissions": [
                    ("access_all_workspaces", "Can enter every workspace without being a member")
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", messaging.sql.fields.IdField(prefix="msg", serialize=False)),
                ("seq", models.BigIntegerField()),
                ("role", messaging.sql.fields.CodePointField(default="user", max_length=64)),
                ("content", models.TextField(blank=True)),
                ("search_text", messaging.sql.fields.FoldedTextField(source="content")),
                ("structured_content", messaging.sql.fields.ExactJSONField(blank=True, null=True)),
                (
                    "content_dialect",
                    messaging.sql.fields.CodePointField(blank=True, editable=False, max_length=32, null=True),
                ),
                ("has_parts", models.BooleanField(default=False, editable=False)),
                ("sender_id", messaging.sql.fields.CodePointField(max_length=255)),
                ("message_type", messaging.sql.fields.CodePointField(default="text", max_length=64)),
                ("tool_calls", messaging.sql.fields.ExactJSONField(blank=True, null=True)),
                ("tags", messaging.sql.fields.TagsField(blank=True, null=True)),
                ("attachments", messaging.sql.fields.ExactJSONField(blank=True, null=True)),
                (
                    "parent_message_id",
                    messaging.sql.fields.CodePointField(blank=True, max_length=255, null=True),
                ),
                ("meta_data", messaging.sql.fields.ObjectField(blank=True, null=True)),
                (
                    "derived_meta_data",
                    messaging.sql.fields.ObjectField(blank=True, editable=False, null=True),
                ),
                (
                    "index_terms",
                    messaging.index.terms.IndexTermsField(
                        lists=["tags"],
                        merged={"derived_meta_data": "meta_data"},
                        objects=["meta_data"],
                        scopes=["workspace_id", "conversation_id"],
                        usual={"message_type": "text"},
                        values=["role", "sender_id", "message_type"],
                    ),
                ),
                ("checksum", models.CharField(editable=False, max_length=64)),
                ("dedup_key", models.CharField(editable=False, max_length=64, null=True)),
                ("enable_memories", models.BooleanField(default=False)),
                ("sent_at", models.DateTimeField()),
                ("owner_id", messaging.sql.fields.CodePointField(blank=True, max_length=255, null=True)),
                ("agent_id", messaging.sql.fields.CodePointField(blank=True, max_length=255, null=True)),
                ("run_id", messaging.sql.fields.CodePointField(blank=True, max_length=40, null=True)),
                ("item_id", messaging.sql.fields.CodePointField(editable=False, max_length=255, null=True)),
                ("token_count", models.PositiveIntegerField(editable=False, null=True)),
                ("redacted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="parley.conversation",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="parley.workspace",
                    ),
                ),
            ],
            options={
                "permissions": [
                    ("redact_message", "Can redact messages"),
                    ("export_message", "Can export conversations and messages"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="parley.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("xid", models.BigIntegerField(default=0, editable=False)),
                ("kind", messaging.sql.fields.CodePointField(max_length=40)),
                ("conversation_id", messaging.sql.fields.CodePointField(max_length=40, null=True)),
                ("run_id", messaging.sql.fields.CodePointField(max_length=40, null=True)),
                ("message_ids", messaging.sql.fields.ExactJSONField(null=True)),
                ("first_seq", models.BigIntegerField(null=True)),
                ("last_seq", models.BigIntegerField(null=True)),
                ("count", models.BigIntegerField(null=True)),
                ("imported", models.BooleanField(default=False)),
                ("enable_memories", models.BooleanField(null=True)),
                ("actor_kind", models.CharField(max_length=10, null=True)),
                ("actor_id", messaging.sql.fields.CodePointField(max_length=255, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="parley.workspace",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["workspace", "xid", "id"], name="parley_change_order")],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", messaging.sql.fields.CodePointField(max_length=255)),
                ("fingerprint", models.CharField(max_length=64)),
                ("status_code", models.PositiveSmallIntegerField(null=True)),
                ("body", models.BinaryField(null=True)),
                ("subject_id", messaging.sql.fields.CodePointField(max_length=40, null=True)),
                ("created_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="parley.workspace",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="conversation",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="conversations",
                to="parley.workspace",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.UniqueConstraint(fields=("id", "workspace"), name="parley_conversation_tenant"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("id", "workspace"), name="parley_message_tenant"),
        ),
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                ("id", messaging.sql.fields.IdField(prefix="key", serialize=False)),
                ("label", messaging.sql.fields.CodePointField(max_length=255)),
                (
                    "public_prefix",
                    messaging.sql.fields.CodePointField(editable=False, max_length=8, unique=True),
                ),
                ("digest", models.CharField(editable=False, max_length=64)),
                ("permissions", models.JSONField(default=list)),
                ("owner_id", messaging.sql.fields.CodePointField(blank=True, max_length=255, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "Active"), ("inactive", "Inactive")],
                        default="active",
                        max_length=10,
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(editable=False, null=True)),
                (
                    "created_by",
                    messaging.sql.fields.CodePointField(editable=False, max_length=255, null=True),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "further_workspaces",
                    models.ManyToManyField(blank=True, related_name="further_keys", to="parley.workspace"),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_keys",
                        to="parley.workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "API key",
                "ordering": ("-created_at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="StoredObject",
            fields=[
                ("id", messaging.sql.fields.IdField(prefix="obj", serialize=False)),
                ("path", messaging.sql.fields.CodePointField(editable=False, max_length=255)),
                ("size_bytes", models.BigIntegerField()),
                ("mime_type", models.CharField(max_length=255)),
                ("sha256", models.CharField(max_length=64)),
                ("preview_text", models.TextField(blank=True, null=True)),
                ("truncated", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "message",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stored_objects",
                        to="parley.message",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="parley.workspace",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["message", "workspace"], name="parley_object_message")],
                "constraints": [
                    messaging.sql.references.TenantReference(
                        "message", name="parley_object_message_fk", to="parley_message"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", messaging.sql.fields.IdField(prefix="run", serialize=False)),
                ("agent_id", messaging.sql.fields.CodePointField(max_length=255)),
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
                ("tools", messaging.sql.fields.ExactJSONField(blank=True, default=list)),
                ("meta_data", messaging.sql.fields.ObjectField(blank=True, default=dict)),
                ("usage", messaging.sql.fields.ExactJSONField(blank=True, null=True)),
                ("model_settings", messaging.sql.fields.ExactJSONField(blank=True, default=dict)),
                ("response_format", messaging.sql.fields.ExactJSONField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("started_at", models.DateTimeField(editable=False, null=True)),
                ("expires_at", models.DateTimeField(editable=False)),
                ("cancelled_at", models.DateTimeField(editable=False, null=True)),
                ("failed_at", models.DateTimeField(editable=False, null=True)),
                ("completed_at", models.DateTimeField(editable=False, null=True)),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="parley.conversation",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="parley.workspace",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["conversation", "workspace", "created_at", "id"],
                        name="parley_run_conversation",
                    ),
                    models.Index(
                        condition=models.Q(("status__in", ("queued", "running"))),
                        fields=["expires_at", "workspace"],
                        name="parley_run_expiry",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("id", "workspace"), name="parley_run_tenant"),
                    messaging.sql.references.TenantReference(
                        "conversation", name="parley_run_conversation_fk", to="parley_conversation"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ("queued", "running"))),
                        fields=("workspace", "conversation"),
                        name="parley_run_one_active",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Part",
            fields=[
                ("id", messaging.sql.fields.IdField(prefix="part", serialize=False)),
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
                ("payload", messaging.sql.fields.ExactJSONField(blank=True, null=True)),
                ("payload_ref", messaging.sql.fields.ExactJSONField(blank=True, null=True)),
                ("is_error", models.BooleanField(default=False)),
                ("error_text", models.TextField(blank=True, null=True)),
                ("metadata", messaging.sql.fields.ExactJSONField(blank=True, null=True)),
                ("failed_at", models.DateTimeField(editable=False, null=True)),
                (
                    "message",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="parley.message",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="parley.workspace",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("failed_at__isnull", False)),
                        fields=["workspace", "failed_at", "tool_name"],
                        name="parley_part_failed",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("message", "workspace", "position"), name="parley_part_position"
                    ),
                    messaging.sql.references.TenantReference(
                        "message", name="parley_part_message_fk", to="parley_message"
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                fields=["workspace", "conversation", "created_at", "seq"],
                name="parley_message_in_conversation",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                fields=["workspace", "created_at", "conversation", "seq", "role", "sender_id"],
                name="parley_message_in_workspace",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("parent_message_id__isnull", False)),
                fields=["workspace", "parent_message_id", "created_at", "conversation", "seq"],
                name="parley_message_parent",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("run_id__isnull", False)),
                fields=["workspace", "conversation", "run_id", "created_at", "seq"],
                name="parley_message_run",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("agent_id__isnull", False)),
                fields=["workspace", "conversation", "agent_id", "created_at", "seq"],
                name="parley_message_agent_within",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                fields=("conversation", "workspace", "seq"), name="parley_message_seq"
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("dedup_key__isnull", False)),
                fields=("workspace", "conversation", "dedup_key"),
                name="parley_message_dedup_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("item_id__isnull", False)),
                fields=("workspace", "conversation", "item_id"),
                name="parley_message_item",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=messaging.sql.references.TenantReference(
                "conversation", name="parley_message_conversation_fk", to="parley_conversation"
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                fields=("workspace", "user"), name="parley_membership_workspace_user"
            ),
        ),
        migrations.AddIndex(
            model_name="idempotencyrecord",
            index=models.Index(
                condition=models.Q(("subject_id__isnull", False)),
                fields=["workspace", "subject_id"],
                name="parley_idempotency_subject",
            ),
        ),
        migrations.AddConstraint(
            model_name="idempotencyrecord",
            constraint=models.UniqueConstraint(fields=("workspace", "key"), name="parley_idempotency_key"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                fields=["workspace", "updated_at", "id", "message_count"], name="parley_conversation_activity"
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["workspace", "created_at", "id"], name="parley_conversation_created"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                fields=["workspace", "user_id", "updated_at", "id"], name="parley_conversation_user"
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                fields=["workspace", "status", "updated_at", "id"], name="parley_conversation_status"
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("is_public", True)),
                fields=["workspace", "updated_at", "id"],
                name="parley_conversation_public",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("active_run__isnull", False)),
                fields=["active_run", "workspace"],
                name="parley_conversation_held",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id__isnull", False)),
                fields=("workspace", "external_id"),
                name="parley_conversation_external_id",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=messaging.sql.references.TenantReference(
                "active_run", name="parley_conversation_active_run_fk", to="parley_run"
            ),
        ),
        migrations.AddIndex(
            model_name="apikey",
            index=models.Index(fields=["workspace", "created_at", "id"], name="parley_apikey_created"),
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", messaging.sql.fields.IdField(prefix="job", serialize=False)),
                ("kind", messaging.sql.fields.CodePointField(max_length=100)),
                ("schedule_key", messaging.sql.fields.CodePointField(max_length=100, null=True)),
                ("parameters", models.JSONField(blank=True, default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("run_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("max_attempts", models.PositiveIntegerField(default=1)),
                ("leased_by", messaging.sql.fields.CodePointField(max_length=255, null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("heartbeat_at", models.DateTimeField(null=True)),
                ("is_cancel_requested", models.BooleanField(default=False)),
                ("progress_done", models.BigIntegerField(null=True)),
                ("progress_total", models.BigIntegerField(null=True)),
                (
                    "progress_note",
                    messaging.sql.fields.CodePointField(blank=True, default="", max_length=100),
                ),
                ("result", models.JSONField(null=True)),
                ("error", models.TextField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("started_at", models.DateTimeField(editable=False, null=True)),
                ("finished_at", models.DateTimeField(editable=False, null=True)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="parley.workspace",
                    ),
                ),
            ],
            options={
                "permissions": [("run_job", "Can run and cancel jobs")],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ("queued", "running"))),
                        fields=["run_at"],
                        name="parley_job_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("schedule_key",), name="parley_job_schedule")
                ],
            },
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                ("id", messaging.sql.fields.IdField(prefix="whk", serialize=False)),
                ("url", messaging.sql.fields.CodePointField(max_length=2000)),
                ("description", messaging.sql.fields.CodePointField(blank=True, default="", max_length=255)),
                ("types", messaging.sql.fields.ExactJSONField(blank=True, default=list)),
                (
                    "conversation_id",
                    messaging.sql.fields.CodePointField(blank=True, max_length=40, null=True),
                ),
                (
                    "include",
                    models.CharField(
                        blank=True, choices=[("messages", "messages")], default="", max_length=10
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "Active"), ("paused", "Paused"), ("disabled", "Disabled")],
                        default="active",
                        max_length=10,
                    ),
                ),
                ("state_reason", messaging.sql.fields.CodePointField(blank=True, default="", max_length=255)),
                ("state_since", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("secrets", messaging.sql.fields.ExactJSONField(default=list, editable=False)),
                ("epoch", models.CharField(editable=False, max_length=12)),
                ("xid", models.BigIntegerField(editable=False)),
                ("change_id", models.BigIntegerField(editable=False)),
                ("moved_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "resync_reason",
                    messaging.sql.fields.CodePointField(
                        blank=True, default="", editable=False, max_length=255
                    ),
                ),
                ("ping_id", messaging.sql.fields.CodePointField(editable=False, max_length=40, null=True)),
                ("failures", models.PositiveIntegerField(default=0, editable=False)),
                ("next_attempt_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("leased_by", messaging.sql.fields.CodePointField(editable=False, max_length=255, null=True)),
                ("lease_until", models.DateTimeField(editable=False, null=True)),
                (
                    "created_by",
                    messaging.sql.fields.CodePointField(editable=False, max_length=255, null=True),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="parley.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                ("id", messaging.sql.fields.IdField(prefix="whd", serialize=False)),
                ("event_id", messaging.sql.fields.CodePointField(max_length=100)),
                ("type", messaging.sql.fields.CodePointField(max_length=40)),
                ("attempt", models.PositiveIntegerField()),
                ("status", models.PositiveIntegerField(null=True)),
                ("answer", models.TextField(blank=True, default="")),
                ("error", messaging.sql.fields.CodePointField(blank=True, default="", max_length=255)),
                ("milliseconds", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "webhook",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="parley.webhook",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="parley.workspace",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "webhook deliveries",
                "ordering": ("-created_at", "-id"),
            },
        ),
        migrations.AddIndex(
            model_name="webhook",
            index=models.Index(fields=["workspace", "created_at", "id"], name="parley_webhook_created"),
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=models.UniqueConstraint(fields=("id", "workspace"), name="parley_webhook_tenant"),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(
                fields=["webhook", "workspace", "created_at", "id"], name="parley_webhookdelivery_webhook"
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookdelivery",
            constraint=messaging.sql.references.TenantReference(
                "webhook", name="parley_webhookdelivery_fk", to="parley_webhook"
            ),
        ),
    ]
