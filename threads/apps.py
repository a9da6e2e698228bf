from django.apps import AppConfig


class ThreadsConfig(AppConfig):
    name = "threads"
    label = "threads"
    verbose_name = "Parley threads"
    # Pinned: a host's DEFAULT_AUTO_FIELD must not change our migrations.
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from messaging.companion import register_companion
        from messaging.parts import register_part_store

        from . import receivers  # noqa: F401  registers them
        from .partstore import ThreadParts
        from .transfer.companion import ThreadCompanion

        register_part_store(ThreadParts())
        register_companion(ThreadCompanion())
