"""The environment, read so that a wrong value is one line, which names the variable and shows no secret."""

import builtins
import os
import warnings
from collections.abc import Iterator
from dataclasses import fields
from difflib import get_close_matches
from typing import Any, TypeVar

import environ
from django.core.exceptions import ImproperlyConfigured

from messaging.conf import ParleySettings

__all__ = ["Environment", "unread"]

NOTHING = environ.Env.NOTSET
Number = TypeVar("Number", int, float)

FALSE = ("false", "off", "no", "n", "0", "")
LIKENESS = 0.85
"""How alike two spellings are that are one name: an environment has many that are none of ours."""
DATABASE = "postgres://USER:PASSWORD@HOST:PORT/NAME or sqlite:////PATH"


class Environment(environ.Env):  # type: ignore[misc]  # which has no types
    """Raises ImproperlyConfigured for whatever cannot be read."""

    def __init__(self) -> None:
        super().__init__()
        self.known: set[str] = set()
        """The names that were asked for."""

    def get_value(self, var: str, *args: Any, **kwargs: Any) -> Any:
        self.known.add(var)
        return super().get_value(var, *args, **kwargs)

    def at_least(self, name: str, least: builtins.int, *, default: builtins.int) -> builtins.int:
        """A whole number that is no smaller."""
        number = self.int(name, default=default)
        if number < least:
            raise ImproperlyConfigured(f"{name} is {number}: write {least} or more")
        return number

    def int(self, var: str, default: object = NOTHING) -> builtins.int:
        return self._number(builtins.int, "a whole number", var, default)

    def float(self, var: str, default: object = NOTHING) -> builtins.float:
        return self._number(builtins.float, "a number", var, default)

    def bool(self, var: str, default: object = NOTHING) -> builtins.bool:
        given = self.ENVIRON.get(var, "false").strip().lower()
        if given not in (*self.BOOLEAN_TRUE_STRINGS, *FALSE):
            raise ImproperlyConfigured(f"{var} is {given!r}: write true or false")
        truth: builtins.bool = super().bool(var, default=default)
        return truth

    def db_url(self, var: str, default: object = NOTHING, engine: str | None = None) -> dict[str, Any]:
        with warnings.catch_warnings(action="ignore"):  # errors and warnings of it may show the password
            try:
                config: dict[str, Any] = super().db_url(var, default=default, engine=engine)
            except (KeyError, ValueError):
                config = {}
        if "." not in config.get("ENGINE", ""):  # a scheme that is not known
            raise ImproperlyConfigured(f"{var} cannot be read: write {DATABASE}")
        return config

    def _number(self, kind: type[Number], expected: str, var: str, default: object) -> Number:
        try:
            number: Number = self.get_value(var, cast=kind, default=default)
        except ValueError:
            raise ImproperlyConfigured(f"{var} is {self.ENVIRON[var]!r}: write {expected}") from None
        return number


def unread(known: set[str]) -> Iterator[tuple[str, str]]:
    """(a variable that is set and has no effect, what to do instead), as far as it was meant for Parley."""
    of_app = {field.name.upper() for field in fields(ParleySettings)}
    for name in sorted(set(os.environ) - known):
        if name in of_app:
            yield name, f"Set PARLEY[{name!r}] in a settings module of your own; no variable stands for it."
        elif near := get_close_matches(name, known, n=1, cutoff=LIKENESS):
            yield name, f"Did you mean {near[0]}?"
