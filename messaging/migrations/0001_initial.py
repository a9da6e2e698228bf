"""All tables, as the models say."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import messaging.index.terms
import messaging.models.following
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
                ("id", messaging.sql.fields.IdField(prefix="conv", serialize=False, verbose_name="id")),
                (
                    "external_id",
                    messaging.sql.fields.CodePointField(
                        editable=False, max_length=255, null=True, verbose_name="external id"
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=255, null=True, verbose_name="title")),
                (
                    "search_title",
                    messaging.sql.fields.FoldedTextField(source="title", verbose_name="search title"),
                ),
                ("summary", models.TextField(blank=True, null=True, verbose_name="summary")),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "Active"), ("ended", "Ended"), ("archived", "Archived")],
                        default="active",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("is_public", models.BooleanField(default=False, verbose_name="is public")),
                (
                    "collections",
                    messaging.sql.fields.TagsField(blank=True, default=list, verbose_name="collections"),
                ),
                (
                    "meta_data",
                    messaging.sql.fields.ObjectField(blank=True, default=dict, verbose_name="meta data"),
                ),
                (
                    "search_other",
                    messaging.models.following.OtherTextField(
                        besides="title",
                        parts="",
                        source=["summary", "user_id", "meta_data", "settings"],
                        verbose_name="search other",
                    ),
                ),
                (
                    "index_terms",
                    messaging.index.terms.IndexTermsField(
                        lists=["collections"],
                        objects=["meta_data"],
                        scopes=["workspace_id"],
                        verbose_name="index terms",
                    ),
                ),
                (
                    "settings",
                    messaging.sql.fields.ObjectField(blank=True, default=dict, verbose_name="settings"),
                ),
                (
                    "user_id",
                    messaging.sql.fields.CodePointField(
                        blank=True, max_length=255, null=True, verbose_name="user id"
                    ),
                ),
                (
                    "owner_id",
                    messaging.sql.fields.CodePointField(
                        blank=True, max_length=255, null=True, verbose_name="owner id"
                    ),
                ),
                (
                    "created_by",
                    messaging.sql.fields.CodePointField(
                        editable=False, max_length=255, null=True, verbose_name="created by"
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("last_seq", models.BigIntegerField(default=0, editable=False, verbose_name="last seq")),
                (
                    "last_created_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="last created at"),
                ),
                (
                    "message_count",
                    models.BigIntegerField(default=0, editable=False, verbose_name="message count"),
                ),
                (
                    "superseded_count",
                    models.BigIntegerField(default=0, editable=False, verbose_name="superseded count"),
                ),
                (
                    "active_run",
                    messaging.sql.fields.CodePointField(
                        editable=False, max_length=40, null=True, verbose_name="active run"
                    ),
                ),
                (
                    "redacted_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="redacted at"),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created at"
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="updated at"
                    ),
                ),
            ],
            options={
                "verbose_name": "conversation",
                "verbose_name_plural": "conversations",
            },
        ),
        migrations.CreateModel(
            name="RateWindow",
            fields=[
                (
                    "identity",
                    messaging.sql.fields.CodePointField(
                        max_length=255, primary_key=True, serialize=False, verbose_name="identity"
                    ),
                ),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("count", models.BigIntegerField(verbose_name="count")),
            ],
            options={
                "verbose_name": "rate window",
                "verbose_name_plural": "rate windows",
            },
        ),
        migrations.CreateModel(
            name="Workspace",
            fields=[
                ("id", messaging.sql.fields.IdField(prefix="wsp", serialize=False, verbose_name="id")),
                ("name", messaging.sql.fields.CodePointField(max_length=255, verbose_name="name")),
                ("slug", models.SlugField(max_length=100, unique=True, verbose_name="slug")),
                (
                    "meta_data",
                    messaging.sql.fields.ObjectField(blank=True, default=dict, verbose_name="meta data"),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created at"
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="updated at"
                    ),
                ),
            ],
            options={
                "verbose_name": "workspace",
                "verbose_name_plural": "workspaces",
                "ordering": ("name", "id"),
                "permissions": [
                    ("access_all_workspaces", "Can enter every workspace without being a member")
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", messaging.sql.fields.IdField(prefix="msg", serialize=False, verbose_name="id")),
                ("seq", models.BigIntegerField(verbose_name="seq")),
                (
                    "role",
                    messaging.sql.fields.CodePointField(default="user", max_length=64, verbose_name="role"),
                ),
                ("content", models.TextField(blank=True, verbose_name="content")),
                (
                    "search_text",
                    messaging.sql.fields.FoldedTextField(source="content", verbose_name="search text"),
                ),
                (
                    "structured_content",
                    messaging.sql.fields.ExactJSONField(
                        blank=True, null=True, verbose_name="structured content"
                    ),
                ),
                (
                    "search_other",
                    messaging.models.following.OtherTextField(
                        besides="content",
                        parts="parts",
                        source=[
                            "structured_content",
                            "tool_calls",
                            "attachments",
                            "meta_data",
                            "derived_meta_data",
                        ],
                        verbose_name="search other",
                    ),
                ),
                (
                    "content_dialect",
                    messaging.sql.fields.CodePointField(
                        blank=True, editable=False, max_length=32, null=True, verbose_name="content dialect"
                    ),
                ),
                ("has_parts", models.BooleanField(default=False, editable=False, verbose_name="has parts")),
                ("sender_id", messaging.sql.fields.CodePointField(max_length=255, verbose_name="sender id")),
                (
                    "message_type",
                    messaging.sql.fields.CodePointField(
                        default="text", max_length=64, verbose_name="message type"
                    ),
                ),
                (
                    "tool_calls",
                    messaging.sql.fields.ExactJSONField(blank=True, null=True, verbose_name="tool calls"),
                ),
                ("tags", messaging.sql.fields.TagsField(blank=True, null=True, verbose_name="tags")),
                (
                    "attachments",
                    messaging.sql.fields.ExactJSONField(blank=True, null=True, verbose_name="attachments"),
                ),
                (
                    "parent_message_id",
                    messaging.sql.fields.CodePointField(
                        blank=True, max_length=255, null=True, verbose_name="parent message id"
                    ),
                ),
                (
                    "meta_data",
                    messaging.sql.fields.ObjectField(blank=True, null=True, verbose_name="meta data"),
                ),
                (
                    "derived_meta_data",
                    messaging.sql.fields.ObjectField(
                        blank=True, editable=False, null=True, verbose_name="derived meta data"
                    ),
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
                        verbose_name="index terms",
                    ),
                ),
                ("checksum", models.CharField(editable=False, max_length=64, verbose_name="checksum")),
                (
                    "dedup_key",
                    models.CharField(editable=False, max_length=64, null=True, verbose_name="dedup key"),
                ),
                ("enable_memories", models.BooleanField(default=False, verbose_name="enable memories")),
                ("sent_at", models.DateTimeField(verbose_name="sent at")),
                (
                    "owner_id",
                    messaging.sql.fields.CodePointField(
                        blank=True, max_length=255, null=True, verbose_name="owner id"
                    ),
                ),
                (
                    "agent_id",
                    messaging.sql.fields.CodePointField(
                        blank=True, max_length=255, null=True, verbose_name="agent id"
                    ),
                ),
                (
                    "run_id",
                    messaging.sql.fields.CodePointField(
                        blank=True, max_length=40, null=True, verbose_name="run id"
                    ),
                ),
                (
                    "item_id",
                    messaging.sql.fields.CodePointField(
                        editable=False, max_length=255, null=True, verbose_name="item id"
                    ),
                ),
                ("token_count", messaging.models.following.TokenCountField(verbose_name="token count")),
                ("token_counter", messaging.models.following.TokenCounterField(verbose_name="token counter")),
                (
                    "failed_tool",
                    messaging.models.following.FailedToolField(verbose_name="failed tool"),
                ),
                (
                    "superseded_by",
                    messaging.sql.fields.CodePointField(
                        editable=False, max_length=40, null=True, verbose_name="superseded by"
                    ),
                ),
                (
                    "redacted_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="redacted at"),
                ),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                (
                    "updated_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="updated at"),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="parley.conversation",
                        verbose_name="conversation",
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
                        verbose_name="workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "message",
                "verbose_name_plural": "messages",
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
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created at"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="parley.workspace",
                        verbose_name="workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "membership",
                "verbose_name_plural": "memberships",
            },
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False, verbose_name="id")),
                ("xid", models.BigIntegerField(default=0, editable=False, verbose_name="xid")),
                ("kind", messaging.sql.fields.CodePointField(max_length=40, verbose_name="kind")),
                (
                    "conversation_id",
                    messaging.sql.fields.CodePointField(
                        max_length=40, null=True, verbose_name="conversation id"
                    ),
                ),
                (
                    "run_id",
                    messaging.sql.fields.CodePointField(max_length=40, null=True, verbose_name="run id"),
                ),
                ("message_ids", messaging.sql.fields.ExactJSONField(null=True, verbose_name="message ids")),
                ("first_seq", models.BigIntegerField(null=True, verbose_name="first seq")),
                ("last_seq", models.BigIntegerField(null=True, verbose_name="last seq")),
                ("count", models.BigIntegerField(null=True, verbose_name="count")),
                ("imported", models.BooleanField(default=False, verbose_name="imported")),
                ("enable_memories", models.BooleanField(null=True, verbose_name="enable memories")),
                ("actor_kind", models.CharField(max_length=10, null=True, verbose_name="actor kind")),
                (
                    "actor_id",
                    messaging.sql.fields.CodePointField(max_length=255, null=True, verbose_name="actor id"),
                ),
                (
                    "memory_ids",
                    messaging.sql.fields.ExactJSONField(null=True, verbose_name="memory ids"),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="created at"),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="parley.workspace",
                        verbose_name="workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "change",
                "verbose_name_plural": "changes",
                "indexes": [
                    models.Index(fields=["workspace", "xid", "id"], name="parley_change_order"),
                    models.Index(
                        condition=models.Q(
                            ("enable_memories__in", [True]),
                            ("kind__in", ("memory.created", "memory.updated")),
                            _connector="OR",
                        ),
                        fields=["xid", "id"],
                        name="parley_change_memories",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChangeReader",
            fields=[
                (
                    "name",
                    messaging.sql.fields.CodePointField(
                        max_length=100, primary_key=True, serialize=False, verbose_name="name"
                    ),
                ),
                ("position", messaging.sql.fields.CodePointField(max_length=100, verbose_name="position")),
                (
                    "moved_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="moved at"),
                ),
            ],
            options={
                "verbose_name": "reader of changes",
                "verbose_name_plural": "readers of changes",
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
                ("caller", messaging.sql.fields.CodePointField(max_length=255, verbose_name="caller")),
                ("key", messaging.sql.fields.CodePointField(max_length=255, verbose_name="key")),
                ("fingerprint", models.CharField(max_length=64, verbose_name="fingerprint")),
                ("status_code", models.PositiveSmallIntegerField(null=True, verbose_name="status code")),
                ("body", models.BinaryField(null=True, verbose_name="body")),
                (
                    "subject_id",
                    messaging.sql.fields.CodePointField(max_length=40, null=True, verbose_name="subject id"),
                ),
                (
                    "shows_columns",
                    models.BooleanField(db_default=False, default=False, verbose_name="shows columns"),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="created at"
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
                        verbose_name="workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "kept answer",
                "verbose_name_plural": "kept answers",
            },
        ),
        migrations.AddField(
            model_name="conversation",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="conversations",
                to="parley.workspace",
                verbose_name="workspace",
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
                ("id", messaging.sql.fields.IdField(prefix="key", serialize=False, verbose_name="id")),
                ("label", messaging.sql.fields.CodePointField(max_length=255, verbose_name="label")),
                (
                    "public_prefix",
                    messaging.sql.fields.CodePointField(
                        editable=False, max_length=8, unique=True, verbose_name="public prefix"
                    ),
                ),
                ("digest", models.CharField(editable=False, max_length=64, verbose_name="digest")),
                ("permissions", models.JSONField(default=list, verbose_name="permissions")),
                (
                    "owner_id",
                    messaging.sql.fields.CodePointField(
                        blank=True, max_length=255, null=True, verbose_name="owner id"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "Active"), ("inactive", "Inactive")],
                        default="active",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="expires at")),
                (
                    "last_used_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="last used at"),
                ),
                (
                    "created_by",
                    messaging.sql.fields.CodePointField(
                        editable=False, max_length=255, null=True, verbose_name="created by"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created at"
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="updated at"
                    ),
                ),
                (
                    "further_workspaces",
                    models.ManyToManyField(
                        blank=True,
                        related_name="further_keys",
                        to="parley.workspace",
                        verbose_name="further workspaces",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_keys",
                        to="parley.workspace",
                        verbose_name="workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "API key",
                "verbose_name_plural": "API keys",
                "ordering": ("-created_at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="StoredObject",
            fields=[
                ("id", messaging.sql.fields.IdField(prefix="obj", serialize=False, verbose_name="id")),
                (
                    "path",
                    messaging.sql.fields.CodePointField(editable=False, max_length=255, verbose_name="path"),
                ),
                ("size_bytes", models.BigIntegerField(verbose_name="size bytes")),
                ("mime_type", models.CharField(max_length=255, verbose_name="mime type")),
                ("sha256", models.CharField(max_length=64, verbose_name="sha256")),
                ("preview_text", models.TextField(blank=True, null=True, verbose_name="preview text")),
                ("truncated", models.BooleanField(default=False, verbose_name="truncated")),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created at"
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stored_objects",
                        to="parley.message",
                        verbose_name="message",
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
                        verbose_name="workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "stored object",
                "verbose_name_plural": "stored objects",
                "indexes": [
                    models.Index(fields=["message", "workspace"], name="parley_object_message"),
                    models.Index(fields=["workspace", "path"], name="parley_object_path"),
                ],
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
                ("id", messaging.sql.fields.IdField(prefix="run", serialize=False, verbose_name="id")),
                ("agent_id", messaging.sql.fields.CodePointField(max_length=255, verbose_name="agent id")),
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
                        verbose_name="status",
                    ),
                ),
                ("group", models.TextField(blank=True, null=True, verbose_name="group")),
                ("model", models.TextField(blank=True, default="", verbose_name="model")),
                ("instructions", models.TextField(blank=True, null=True, verbose_name="instructions")),
                (
                    "tools",
                    messaging.sql.fields.ExactJSONField(blank=True, default=list, verbose_name="tools"),
                ),
                (
                    "meta_data",
                    messaging.sql.fields.ObjectField(blank=True, default=dict, verbose_name="meta data"),
                ),
                ("usage", messaging.sql.fields.ExactJSONField(blank=True, null=True, verbose_name="usage")),
                (
                    "model_settings",
                    messaging.sql.fields.ExactJSONField(
                        blank=True, default=dict, verbose_name="model settings"
                    ),
                ),
                (
                    "response_format",
                    messaging.sql.fields.ExactJSONField(
                        blank=True, null=True, verbose_name="response format"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created at"
                    ),
                ),
                ("started_at", models.DateTimeField(editable=False, null=True, verbose_name="started at")),
                ("expires_at", models.DateTimeField(editable=False, verbose_name="expires at")),
                (
                    "cancelled_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="cancelled at"),
                ),
                ("failed_at", models.DateTimeField(editable=False, null=True, verbose_name="failed at")),
                (
                    "completed_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="completed at"),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="parley.conversation",
                        verbose_name="conversation",
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
                        verbose_name="workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "run",
                "verbose_name_plural": "runs",
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
                ("id", messaging.sql.fields.IdField(prefix="part", serialize=False, verbose_name="id")),
                ("position", models.PositiveIntegerField(verbose_name="position")),
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
                        verbose_name="type",
                    ),
                ),
                ("text", models.TextField(blank=True, null=True, verbose_name="text")),
                ("file_id", models.TextField(blank=True, null=True, verbose_name="file id")),
                ("url", models.TextField(blank=True, null=True, verbose_name="url")),
                ("mime_type", models.TextField(blank=True, null=True, verbose_name="mime type")),
                ("detail", models.CharField(blank=True, max_length=4, null=True, verbose_name="detail")),
                ("data_type", models.TextField(blank=True, null=True, verbose_name="data type")),
                ("tool_name", models.TextField(blank=True, null=True, verbose_name="tool name")),
                ("tool_call_id", models.TextField(blank=True, null=True, verbose_name="tool call id")),
                (
                    "payload",
                    messaging.sql.fields.ExactJSONField(blank=True, null=True, verbose_name="payload"),
                ),
                (
                    "payload_ref",
                    messaging.sql.fields.ExactJSONField(blank=True, null=True, verbose_name="payload ref"),
                ),
                ("is_error", models.BooleanField(default=False, verbose_name="is error")),
                ("error_text", models.TextField(blank=True, null=True, verbose_name="error text")),
                (
                    "metadata",
                    messaging.sql.fields.ExactJSONField(blank=True, null=True, verbose_name="metadata"),
                ),
                ("failed_at", models.DateTimeField(editable=False, null=True, verbose_name="failed at")),
                (
                    "message",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="parley.message",
                        verbose_name="message",
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
                        verbose_name="workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "part",
                "verbose_name_plural": "parts",
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
                fields=[
                    "workspace",
                    "conversation",
                    "created_at",
                    "seq",
                    "role",
                    "token_count",
                    "superseded_by",
                ],
                name="parley_message_in_conversation",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("role__in", ("system", "developer"))),
                fields=["workspace", "conversation", "created_at", "seq", "token_count"],
                name="parley_message_pinned",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                fields=[
                    "workspace",
                    "created_at",
                    "conversation",
                    "seq",
                    "role",
                    "sender_id",
                    "superseded_by",
                ],
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
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("superseded_by__isnull", False)),
                fields=["workspace", "conversation"],
                name="parley_message_superseded",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("failed_tool__isnull", False)),
                fields=["workspace", "created_at", "failed_tool"],
                name="parley_message_failed",
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
            constraint=models.UniqueConstraint(
                fields=("workspace", "caller", "key"), name="parley_idempotency_key"
            ),
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
                ("id", messaging.sql.fields.IdField(prefix="job", serialize=False, verbose_name="id")),
                ("kind", messaging.sql.fields.CodePointField(max_length=100, verbose_name="kind")),
                (
                    "schedule_key",
                    messaging.sql.fields.CodePointField(
                        max_length=100, null=True, verbose_name="schedule key"
                    ),
                ),
                ("parameters", models.JSONField(blank=True, default=dict, verbose_name="parameters")),
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
                        verbose_name="state",
                    ),
                ),
                ("run_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="run at")),
                ("attempts", models.PositiveIntegerField(default=0, verbose_name="attempts")),
                ("failures", models.PositiveIntegerField(default=0, verbose_name="failures")),
                ("max_attempts", models.PositiveIntegerField(default=1, verbose_name="max attempts")),
                (
                    "leased_by",
                    messaging.sql.fields.CodePointField(max_length=255, null=True, verbose_name="leased by"),
                ),
                ("lease_until", models.DateTimeField(null=True, verbose_name="lease until")),
                ("heartbeat_at", models.DateTimeField(null=True, verbose_name="heartbeat at")),
                (
                    "is_cancel_requested",
                    models.BooleanField(default=False, verbose_name="is cancel requested"),
                ),
                ("progress_done", models.BigIntegerField(null=True, verbose_name="progress done")),
                ("progress_total", models.BigIntegerField(null=True, verbose_name="progress total")),
                (
                    "progress_note",
                    messaging.sql.fields.CodePointField(
                        blank=True, default="", max_length=100, verbose_name="progress note"
                    ),
                ),
                ("result", models.JSONField(null=True, verbose_name="result")),
                ("error", models.TextField(null=True, verbose_name="error")),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created at"
                    ),
                ),
                ("started_at", models.DateTimeField(editable=False, null=True, verbose_name="started at")),
                ("finished_at", models.DateTimeField(editable=False, null=True, verbose_name="finished at")),
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
                        verbose_name="workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "job",
                "verbose_name_plural": "jobs",
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
                ("id", messaging.sql.fields.IdField(prefix="whk", serialize=False, verbose_name="id")),
                ("url", messaging.sql.fields.CodePointField(max_length=2000, verbose_name="url")),
                (
                    "description",
                    messaging.sql.fields.CodePointField(
                        blank=True, default="", max_length=255, verbose_name="description"
                    ),
                ),
                (
                    "types",
                    messaging.sql.fields.ExactJSONField(blank=True, default=list, verbose_name="types"),
                ),
                (
                    "conversation_id",
                    messaging.sql.fields.CodePointField(
                        blank=True, max_length=40, null=True, verbose_name="conversation id"
                    ),
                ),
                (
                    "include",
                    models.CharField(
                        blank=True,
                        choices=[("messages", "messages")],
                        default="",
                        max_length=10,
                        verbose_name="include",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "Active"), ("paused", "Paused"), ("disabled", "Disabled")],
                        default="active",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "state_reason",
                    messaging.sql.fields.CodePointField(
                        blank=True, default="", max_length=255, verbose_name="state reason"
                    ),
                ),
                (
                    "state_since",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="state since"
                    ),
                ),
                (
                    "secrets",
                    messaging.sql.fields.ExactJSONField(default=list, editable=False, verbose_name="secrets"),
                ),
                ("epoch", models.CharField(editable=False, max_length=12, verbose_name="epoch")),
                ("xid", models.BigIntegerField(editable=False, verbose_name="xid")),
                ("change_id", models.BigIntegerField(editable=False, verbose_name="change id")),
                (
                    "moved_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="moved at"
                    ),
                ),
                (
                    "resync_reason",
                    messaging.sql.fields.CodePointField(
                        blank=True, default="", editable=False, max_length=255, verbose_name="resync reason"
                    ),
                ),
                (
                    "ping_id",
                    messaging.sql.fields.CodePointField(
                        editable=False, max_length=40, null=True, verbose_name="ping id"
                    ),
                ),
                ("failures", models.PositiveIntegerField(default=0, editable=False, verbose_name="failures")),
                (
                    "next_attempt_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="next attempt at"
                    ),
                ),
                (
                    "leased_by",
                    messaging.sql.fields.CodePointField(
                        editable=False, max_length=255, null=True, verbose_name="leased by"
                    ),
                ),
                ("lease_until", models.DateTimeField(editable=False, null=True, verbose_name="lease until")),
                (
                    "created_by",
                    messaging.sql.fields.CodePointField(
                        editable=False, max_length=255, null=True, verbose_name="created by"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created at"
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="updated at"
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="parley.workspace",
                        verbose_name="workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "webhook",
                "verbose_name_plural": "webhooks",
                "ordering": ("-created_at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                ("id", messaging.sql.fields.IdField(prefix="whd", serialize=False, verbose_name="id")),
                ("event_id", messaging.sql.fields.CodePointField(max_length=100, verbose_name="event id")),
                ("type", messaging.sql.fields.CodePointField(max_length=40, verbose_name="type")),
                ("attempt", models.PositiveIntegerField(verbose_name="attempt")),
                ("status", models.PositiveIntegerField(null=True, verbose_name="status")),
                ("answer", models.TextField(blank=True, default="", verbose_name="answer")),
                (
                    "error",
                    messaging.sql.fields.CodePointField(
                        blank=True, default="", max_length=255, verbose_name="error"
                    ),
                ),
                ("milliseconds", models.PositiveIntegerField(verbose_name="milliseconds")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="created at"),
                ),
                (
                    "webhook",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="parley.webhook",
                        verbose_name="webhook",
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
                        verbose_name="workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "webhook delivery",
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
        migrations.CreateModel(
            name="Memory",
            fields=[
                ("id", messaging.sql.fields.IdField(prefix="mem", serialize=False, verbose_name="id")),
                ("user_id", messaging.sql.fields.CodePointField(max_length=255, verbose_name="user id")),
                ("memory", models.TextField(blank=True, verbose_name="memory")),
                (
                    "search_text",
                    messaging.sql.fields.FoldedTextField(source="memory", verbose_name="search text"),
                ),
                (
                    "memory_type",
                    messaging.sql.fields.CodePointField(
                        default="user", max_length=64, verbose_name="memory type"
                    ),
                ),
                ("topics", messaging.sql.fields.TagsField(blank=True, null=True, verbose_name="topics")),
                (
                    "metadata",
                    messaging.sql.fields.ObjectField(blank=True, null=True, verbose_name="metadata"),
                ),
                (
                    "text_hash",
                    models.CharField(editable=False, max_length=64, null=True, verbose_name="text hash"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("live", "Live"), ("hidden", "Hidden")],
                        default="live",
                        editable=False,
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                (
                    "extractor",
                    messaging.sql.fields.CodePointField(
                        editable=False, max_length=255, null=True, verbose_name="extractor"
                    ),
                ),
                (
                    "extractor_version",
                    messaging.sql.fields.CodePointField(
                        editable=False, max_length=64, null=True, verbose_name="extractor version"
                    ),
                ),
                ("embedding", models.BinaryField(null=True, verbose_name="embedding")),
                (
                    "embedder",
                    messaging.sql.fields.CodePointField(
                        editable=False, max_length=255, null=True, verbose_name="embedder"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created at"
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="updated at"
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="parley.workspace",
                        verbose_name="workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "memory",
                "verbose_name_plural": "memories",
                "ordering": ("-updated_at", "-id"),
                "permissions": [("redraw_memory", "Can have memories drawn anew")],
            },
        ),
        migrations.CreateModel(
            name="MemoryCursor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "conversation_id",
                    messaging.sql.fields.CodePointField(max_length=40, verbose_name="conversation id"),
                ),
                ("drawn_seq", models.BigIntegerField(verbose_name="drawn seq")),
                ("wanted_seq", models.BigIntegerField(verbose_name="wanted seq")),
                ("failures", models.PositiveIntegerField(default=0, verbose_name="failures")),
                (
                    "job_id",
                    messaging.sql.fields.CodePointField(max_length=40, null=True, verbose_name="job id"),
                ),
                ("is_enqueued", models.BooleanField(default=False, verbose_name="is enqueued")),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="parley.workspace",
                        verbose_name="workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "memory cursor",
                "verbose_name_plural": "memory cursors",
            },
        ),
        migrations.CreateModel(
            name="MemoryRevision",
            fields=[
                ("id", messaging.sql.fields.IdField(prefix="mrev", serialize=False, verbose_name="id")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("created", "Created"),
                            ("updated", "Updated"),
                            ("replaced", "Replaced"),
                            ("drawn_anew", "Drawn anew"),
                        ],
                        max_length=10,
                        verbose_name="action",
                    ),
                ),
                ("text", models.TextField(verbose_name="memory")),
                (
                    "memory_type",
                    messaging.sql.fields.CodePointField(max_length=64, verbose_name="memory type"),
                ),
                ("topics", messaging.sql.fields.TagsField(null=True, verbose_name="topics")),
                ("metadata", messaging.sql.fields.ObjectField(null=True, verbose_name="metadata")),
                (
                    "message_ids",
                    messaging.sql.fields.ExactJSONField(default=list, verbose_name="message ids"),
                ),
                (
                    "extractor",
                    messaging.sql.fields.CodePointField(max_length=255, null=True, verbose_name="extractor"),
                ),
                (
                    "extractor_version",
                    messaging.sql.fields.CodePointField(
                        max_length=64, null=True, verbose_name="extractor version"
                    ),
                ),
                ("actor_kind", models.CharField(max_length=10, null=True, verbose_name="actor kind")),
                (
                    "actor_id",
                    messaging.sql.fields.CodePointField(max_length=255, null=True, verbose_name="actor id"),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="created at"),
                ),
                (
                    "memory",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="revisions",
                        to="parley.memory",
                        verbose_name="memory",
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
                        verbose_name="workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of a memory",
                "verbose_name_plural": "versions of memories",
            },
        ),
        migrations.CreateModel(
            name="MemorySource",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created at"
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memory_sources",
                        to="parley.conversation",
                        verbose_name="conversation",
                    ),
                ),
                (
                    "memory",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sources",
                        to="parley.memory",
                        verbose_name="memory",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memory_sources",
                        to="parley.message",
                        verbose_name="message",
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
                        verbose_name="workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "source of a memory",
                "verbose_name_plural": "sources of memories",
            },
        ),
        migrations.AddIndex(
            model_name="memory",
            index=models.Index(
                fields=["workspace", "state", "user_id", "updated_at", "id", "version"],
                name="parley_memory_user",
            ),
        ),
        migrations.AddIndex(
            model_name="memory",
            index=models.Index(
                fields=["workspace", "state", "user_id", "created_at", "id"], name="parley_memory_user_first"
            ),
        ),
        migrations.AddIndex(
            model_name="memory",
            index=models.Index(
                fields=["workspace", "state", "updated_at", "id"], name="parley_memory_updated"
            ),
        ),
        migrations.AddIndex(
            model_name="memory",
            index=models.Index(
                fields=["workspace", "state", "created_at", "id"], name="parley_memory_created"
            ),
        ),
        migrations.AddConstraint(
            model_name="memory",
            constraint=models.UniqueConstraint(fields=("id", "workspace"), name="parley_memory_tenant"),
        ),
        migrations.AddConstraint(
            model_name="memory",
            constraint=models.UniqueConstraint(
                condition=models.Q(("text_hash__isnull", False)),
                fields=("workspace", "user_id", "text_hash"),
                name="parley_memory_text",
            ),
        ),
        migrations.AddConstraint(
            model_name="memorycursor",
            constraint=models.UniqueConstraint(
                fields=("workspace", "conversation_id"), name="parley_memorycursor_conversation"
            ),
        ),
        migrations.AddConstraint(
            model_name="memoryrevision",
            constraint=models.UniqueConstraint(
                fields=("memory", "workspace", "version"), name="parley_memoryrevision_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="memoryrevision",
            constraint=messaging.sql.references.TenantReference(
                "memory", name="parley_memoryrevision_memory_fk", to="parley_memory"
            ),
        ),
        migrations.AddIndex(
            model_name="memorysource",
            index=models.Index(fields=["message", "workspace"], name="parley_memorysource_of_message"),
        ),
        migrations.AddIndex(
            model_name="memorysource",
            index=models.Index(fields=["conversation", "workspace"], name="parley_memorysource_within"),
        ),
        migrations.AddConstraint(
            model_name="memorysource",
            constraint=models.UniqueConstraint(
                fields=("memory", "workspace", "message"), name="parley_memorysource_message"
            ),
        ),
        migrations.AddConstraint(
            model_name="memorysource",
            constraint=messaging.sql.references.TenantReference(
                "memory", name="parley_memorysource_memory_fk", to="parley_memory"
            ),
        ),
        migrations.AddConstraint(
            model_name="memorysource",
            constraint=messaging.sql.references.TenantReference(
                "message", name="parley_memorysource_message_fk", to="parley_message"
            ),
        ),
        migrations.AddConstraint(
            model_name="memorysource",
            constraint=messaging.sql.references.TenantReference(
                "conversation", name="parley_memorysource_conversation_fk", to="parley_conversation"
            ),
        ),
        migrations.CreateModel(
            name="Feedback",
            fields=[
                ("id", messaging.sql.fields.IdField(prefix="fbk", serialize=False, verbose_name="id")),
                (
                    "conversation_id",
                    messaging.sql.fields.CodePointField(max_length=40, verbose_name="conversation id"),
                ),
                ("name", messaging.sql.fields.CodePointField(max_length=255, verbose_name="name")),
                (
                    "data_type",
                    models.CharField(
                        choices=[
                            ("numeric", "Numeric"),
                            ("categorical", "Categorical"),
                            ("boolean", "Boolean"),
                            ("text", "Text"),
                        ],
                        max_length=11,
                        verbose_name="data type",
                    ),
                ),
                ("number", models.FloatField(blank=True, null=True, verbose_name="number")),
                ("text", models.TextField(blank=True, null=True, verbose_name="text")),
                ("comment", models.TextField(blank=True, null=True, verbose_name="comment")),
                (
                    "user_id",
                    messaging.sql.fields.CodePointField(
                        blank=True, default="", max_length=255, verbose_name="user id"
                    ),
                ),
                (
                    "created_by",
                    messaging.sql.fields.CodePointField(
                        editable=False, max_length=255, null=True, verbose_name="created by"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created at"
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="updated at"
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="feedback",
                        to="parley.message",
                        verbose_name="message",
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
                        verbose_name="workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "feedback",
                "verbose_name_plural": "feedback",
                "indexes": [
                    models.Index(fields=["workspace", "created_at", "id"], name="parley_feedback_created"),
                    models.Index(
                        fields=["workspace", "conversation_id", "created_at", "id"],
                        name="parley_feedback_within",
                    ),
                    models.Index(
                        fields=["workspace", "name", "created_at", "id"], name="parley_feedback_name"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("message", "workspace", "name", "user_id"), name="parley_feedback_of_user"
                    ),
                    messaging.sql.references.TenantReference(
                        "message", name="parley_feedback_message_fk", to="parley_message"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MemoryDismissal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text_hash", models.CharField(max_length=64, verbose_name="text hash")),
                (
                    "message",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memory_dismissals",
                        to="parley.message",
                        verbose_name="message",
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
                        verbose_name="workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "dismissed memory",
                "verbose_name_plural": "dismissed memories",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("message", "workspace", "text_hash"), name="parley_memorydismissal_text"
                    ),
                    messaging.sql.references.TenantReference(
                        "message", name="parley_memorydismissal_message_fk", to="parley_message"
                    ),
                ],
            },
        ),
    ]
