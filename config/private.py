"""The check that the files of the service are its owner's alone."""

import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

__all__ = ["check_modes"]

OTHERS = stat.S_IRWXG | stat.S_IRWXO
SUFFIXES = ("", "-wal", "-shm", "-journal")
"""Files of a SQLite database. It makes the others with the mode of the first."""


@register("parley")
def check_modes(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    return [
        Warning(
            f"Others may read {path}.",
            hint=f"chmod {'700' if path.is_dir() else '600'} {path}",
            id="config.W002",
        )
        for path in _private_paths()
        if path.exists() and path.stat().st_mode & OTHERS
    ]


def _private_paths() -> Iterator[Path]:
    yield from (settings.DATA_DIR, settings.DATA_DIR / "secret_key")
    for config in settings.DATABASES.values():
        if config["ENGINE"].endswith("sqlite3") and not str(config["NAME"]).startswith((":memory:", "file:")):
            yield from (Path(f"{config['NAME']}{suffix}") for suffix in SUFFIXES)
    if "location" in (options := settings.STORAGES["default"].get("OPTIONS", {})):
        yield Path(options["location"])
