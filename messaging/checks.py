"""System checks of the app. Each has a stable id and a hint that says what to type."""

import contextlib
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import fields
from difflib import get_close_matches
from ipaddress import ip_network
from typing import Any, get_args, get_origin, get_type_hints

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.utils.module_loading import import_string

from .conf import ParleySettings
from .services.rate import parse_rate
from .services.transactions import write_database

DOTTED_PATHS = ("authentication", "access", "webhook_messages")
VENDORS = ("sqlite", "postgresql")
OF_OLDER_BUILD = {"messaging_apikey", "messaging_conversation", "messaging_message"}
"""A host's own app `messaging` has no such three tables."""


@register("parley")
def check_settings(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    given = getattr(settings, "PARLEY", {})
    if not isinstance(given, dict):
        return [Error("PARLEY is not a dict.", hint="Write PARLEY = {...} in settings.", id="messaging.E002")]
    return [*_unknown_keys(given), *_bad_values(given), *_bad_paths(given), *_host_settings()]


@register(Tags.database)
def check_tables(
    app_configs: Sequence[AppConfig] | None, databases: Collection[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """`migrate` runs it before it creates anything: next to the old tables the new store would look empty."""
    alias = write_database()
    if alias not in (databases or ()) or not _has_older_build(alias):
        return []
    return [
        Error(
            f"DATABASES[{alias!r}] holds the store of an older build, which this version does not read.",
            hint="Export it with the version that wrote it (manage.py export_conversations). Then take a new"
            " database or drop the tables messaging_* and threads_*, and manage.py import_conversations.",
            id="messaging.E008",
        )
    ]


def _has_older_build(alias: str) -> bool:
    return OF_OLDER_BUILD.issubset(connections[alias].introspection.table_names())


def _unknown_keys(given: dict[str, Any]) -> Iterator[Error]:
    known = [field.name.upper() for field in fields(ParleySettings)]
    for key in given:
        if key not in known:
            near = get_close_matches(str(key).upper(), known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Known keys: {', '.join(known)}."
            yield Error(f"PARLEY[{key!r}] is not a setting.", hint=hint, id="messaging.E001")


def _bad_values(given: dict[str, Any]) -> Iterator[Error]:
    for name, hint in get_type_hints(ParleySettings).items():
        if (key := name.upper()) not in given:
            continue
        value = given[key]
        kinds = (tuple, list) if get_origin(hint) is tuple else get_args(hint) or (hint,)
        # bool is an int to Python, not to a reader of settings.
        if type(value) not in kinds or (isinstance(value, int) and not isinstance(value, bool) and value < 1):
            wanted = " or ".join("a whole number above 0" if kind is int else kind.__name__ for kind in kinds)
            yield Error(f"PARLEY[{key!r}] is {value!r}.", hint=f"It takes {wanted}.", id="messaging.E002")
    yield from _bad_networks(given.get("WEBHOOK_NETWORKS", ()))
    rate = given.get("RATE_LIMIT")
    if isinstance(rate, str) and parse_rate(rate) is None:
        yield Error(
            f"PARLEY['RATE_LIMIT'] is {rate!r}.", hint="Write it like '600/minute'.", id="messaging.E002"
        )


def _bad_networks(listed: object) -> Iterator[Error]:
    for text in listed if isinstance(listed, list | tuple) else ():
        try:
            ip_network(text)
        except ValueError as error:
            hint = "Write networks like '10.0.0.0/8'."
            yield Error(f"PARLEY['WEBHOOK_NETWORKS']: {error}.", hint=hint, id="messaging.E002")


def _bad_paths(given: dict[str, Any]) -> Iterator[Error]:
    for name in DOTTED_PATHS:
        path = given.get(name.upper())
        if isinstance(path, str):
            try:
                import_string(path)
            except ImportError as error:
                yield Error(
                    f"PARLEY[{name.upper()!r}]: {error}", hint="Give a dotted path.", id="messaging.E003"
                )


def _host_settings() -> Iterator[Error]:
    if not settings.USE_TZ:
        yield Error(
            "Parley needs USE_TZ = True.",
            hint="Messages are stored and answered in UTC; without zones their times would be ambiguous.",
            id="messaging.E004",
        )
    alias = write_database()
    zone = settings.DATABASES.get(alias, {}).get("TIME_ZONE")
    if zone not in (None, "UTC"):
        yield Error(
            f"DATABASES[{alias!r}]['TIME_ZONE'] is {zone!r}.",
            hint="Remove it: moments come from the database as they go out on the wire, in UTC.",
            id="messaging.E005",
        )
    if connections[alias].vendor not in VENDORS:
        yield Error(
            f"DATABASES[{alias!r}] is {connections[alias].display_name}.",
            hint="Parley needs PostgreSQL or SQLite; a database router can give it a database of its own.",
            id="messaging.E007",
        )
    if connections[alias].vendor == "sqlite" and not _has_trigrams():
        yield Error(
            f"SQLite {sqlite3.sqlite_version}, as this Python has it, cannot index trigrams.",
            hint="Take a Python whose SQLite is 3.34 or newer and built with FTS5, or PostgreSQL.",
            id="messaging.E006",
        )


def _has_trigrams() -> bool:
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        try:
            database.execute("CREATE VIRTUAL TABLE texts USING fts5 (text, tokenize='trigram')")
        except sqlite3.OperationalError:
            return False
    return True
