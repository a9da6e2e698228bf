"""System checks of what watching needs. Each has a stable id and a hint that says what to type."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

__all__ = ["check_extras"]


@register("parley")
def check_extras(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    missing: list[CheckMessage] = []
    if not _is_installed("prometheus_client"):
        missing.append(
            Warning(
                "prometheus-client is not installed, so /metrics answers 404.",
                hint="pip install 'django-parley[metrics]'",
                id="config.W001",
            )
        )
    if settings.TRACING and not _is_installed("opentelemetry.exporter.otlp.proto.http"):
        missing.append(
            Error(
                "TRACING is on, and the exporter of OpenTelemetry is not installed.",
                hint="pip install 'django-parley[otel]', or set TRACING=false.",
                id="config.E001",
            )
        )
    return missing


def _is_installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # not even the package that it would lie in
        return False
