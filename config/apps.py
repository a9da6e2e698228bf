from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The standalone site: its pages, its probes and its demo."""

    name = "config"
    label = "parley_site"
    verbose_name = "Parley site"
