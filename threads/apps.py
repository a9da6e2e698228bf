from types import ModuleType

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured


class ThreadsConfig(AppConfig):
    name = "threads"
    label = "parley_threads"
    verbose_name = "Parley threads"
    # Pinned: a host's DEFAULT_AUTO_FIELD must not change our migrations.
    default_auto_field = "django.db.models.BigAutoField"

    def __init__(self, app_name: str, app_module: ModuleType) -> None:
        _require_store()
        super().__init__(app_name, app_module)


def _require_store() -> None:
    """Raise ImproperlyConfigured where the module `messaging` is another than Parley's."""
    import messaging

    if not getattr(messaging, "is_parley", False):
        raise ImproperlyConfigured(
            f"`threads` of Parley needs the package `messaging` of Parley: Python has {_origin(messaging)}"
            " under that name. Rename that package, or move it, as to `yourproject.messaging`."
        )


def _origin(module: ModuleType) -> str:
    """The file of a module; a namespace has none."""
    return str(getattr(module, "__file__", None) or module.__name__)
