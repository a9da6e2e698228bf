from django.apps import AppConfig


class ThreadsConfig(AppConfig):
    name = "threads"
    label = "parley_threads"
    verbose_name = "Parley threads"
    # Pinned: a host's DEFAULT_AUTO_FIELD must not change our migrations.
    default_auto_field = "django.db.models.BigAutoField"
