"""The check that every variable that was meant for the service is one that it reads."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

from .environment import unread

__all__ = ["check_variables"]


@register("parley")
def check_variables(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    return [
        Warning(f"The variable {name} is set and has no effect.", hint=hint, id="config.W003")
        for name, hint in unread(settings.VARIABLES)
    ]
