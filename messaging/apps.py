from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"
    label = "parley"
    verbose_name = "Parley"
    # Pinned: a host's DEFAULT_AUTO_FIELD must not change our migrations.
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import checks  # noqa: F401  registers the system checks
        from .companion import register_companion
        from .parts import register_part_store
        from .services import receivers  # noqa: F401  registers them
        from .services.stored_parts import ThreadParts
        from .transfer.companion import ThreadCompanion

        register_part_store(ThreadParts())
        register_companion(ThreadCompanion())
