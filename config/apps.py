from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The standalone site: its pages, its probes and its demo."""

    name = "config"
    label = "parley_site"
    verbose_name = "Parley site"

    def ready(self) -> None:
        from messaging.signals import changed

        from . import private, unread  # noqa: F401  register themselves
        from .watching import checks  # noqa: F401  registers itself
        from .watching.receivers import note_change

        changed.connect(note_change)
