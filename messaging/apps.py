from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"
    label = "parley"
    verbose_name = "Parley"
    # Pinned: a host's DEFAULT_AUTO_FIELD must not change our migrations.
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import checks, services  # noqa: F401  registers the system checks, the removal of files
        from .jobs import upkeep  # noqa: F401  registers the schedule
        from .memories import following, working  # noqa: F401  register themselves
        from .webhooks import deliver_webhooks  # noqa: F401  registers itself
