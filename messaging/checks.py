"""System checks of the app. Each has a stable id and a hint that says what to type."""

import contextlib
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import fields
from difflib import get_close_matches
from ipaddress import ip_network
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections, router
from django.utils.module_loading import import_string

from .conf import MemorySettings, ParleySettings
from .models import Membership
from .services.rate import parse_rate
from .sql import databases
from .values.tokens import ESTIMATE, VOCABULARIES, counter_named

SettingsKind = type[ParleySettings] | type[MemorySettings]
PATHS: dict[SettingsKind, str] = {ParleySettings: "PARLEY", MemorySettings: "PARLEY['MEMORIES']"}
DOTTED_PATHS: dict[SettingsKind, tuple[str, ...]] = {
    ParleySettings: ("authentication", "access", "webhook_messages"),
    MemorySettings: ("extractor", "embedder"),
}
NAMES = {int: "a whole number above 0", float: "a number above 0, such as 0.95", NoneType: "None"}
VENDORS = ("sqlite", "postgresql")
OF_OLDER_BUILD = {"messaging_apikey", "messaging_conversation", "messaging_message"}
"""A host's own app `messaging` has no such three tables."""


@register("parley")
def check_settings(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    given = getattr(settings, "PARLEY", {})
    if not isinstance(given, dict):
        return [Error("PARLEY is not a dict.", hint="Write PARLEY = {...} in settings.", id="messaging.E002")]
    memories = given.get("MEMORIES")
    return [
        *_bad_settings(ParleySettings, given),
        *_bad_networks(given.get("WEBHOOK_NETWORKS", ())),
        *_bad_rate(given),
        *_bad_counter(given),
        *(_bad_memories(memories) if isinstance(memories, dict) else ()),
        *_host_settings(),
    ]


@register(Tags.database)
def check_tables(
    app_configs: Sequence[AppConfig] | None, databases: Collection[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """`migrate` runs it before it creates anything: next to the old tables the new store would look empty."""
    return [
        Error(
            f"DATABASES[{alias!r}] holds the store of an older build, which this version does not read.",
            hint="Export it with the version that wrote it (manage.py export_conversations). Then take a new"
            " database or drop the tables messaging_* and threads_*, and manage.py import_conversations.",
            id="messaging.E008",
        )
        for alias in _aliases()
        if alias in (databases or ()) and _has_older_build(alias)
    ]


def _aliases() -> list[str]:
    """The databases that the routers send the store to.

    Where the host chooses one as it runs, any may be meant that no router keeps the store out of.
    """
    store = apps.get_app_config("parley").get_models()
    used = {alias for model in store for alias in (router.db_for_read(model), router.db_for_write(model))}
    used.add(databases.write_database(Membership))
    if any(isinstance(each, databases.ChosenDatabase) for each in router.routers):
        used |= {alias for alias in connections if router.allow_migrate_model(alias, Membership)}
    return sorted(used)


def _has_older_build(alias: str) -> bool:
    return OF_OLDER_BUILD.issubset(connections[alias].introspection.table_names())


def _bad_settings(kind: SettingsKind, given: dict[str, Any]) -> Iterator[Error]:
    yield from _unknown_keys(kind, given)
    yield from _bad_values(kind, given)
    yield from _bad_paths(kind, given)


def _unknown_keys(kind: SettingsKind, given: dict[str, Any]) -> Iterator[Error]:
    known = [field.name.upper() for field in fields(kind)]
    for key in given:
        if key not in known:
            near = get_close_matches(str(key).upper(), known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Known keys: {', '.join(known)}."
            yield Error(f"{PATHS[kind]}[{key!r}] is not a setting.", hint=hint, id="messaging.E001")


def _bad_values(kind: SettingsKind, given: dict[str, Any]) -> Iterator[Error]:
    for name, hint in get_type_hints(kind).items():
        if (key := name.upper()) not in given:
            continue
        value, types = given[key], _types_of(hint)
        # bool is an int to Python, not to a reader of settings.
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if type(value) not in types or (is_number and not value > 0):
            wanted = " or ".join(NAMES.get(each, each.__name__) for each in types)
            yield Error(
                f"{PATHS[kind]}[{key!r}] is {value!r}.", hint=f"It takes {wanted}.", id="messaging.E002"
            )


def _bad_memories(given: dict[str, Any]) -> Iterator[Error]:
    """What is wrong with the settings of memories; where nothing is, extractor and embedder are made."""
    errors = list(_bad_settings(MemorySettings, given))
    yield from errors
    for name in () if errors else DOTTED_PATHS[MemorySettings]:
        path, options = (
            given.get(name.upper(), getattr(MemorySettings(), name)),
            given.get(f"{name.upper()}_OPTIONS", {}),
        )
        try:
            if path:
                import_string(path)(**options)
        except (ImportError, TypeError, ValueError) as error:
            key = f"{PATHS[MemorySettings]}[{name.upper()!r}]"
            hint = f"Give its arguments in {name.upper()}_OPTIONS, and install what it needs."
            yield Error(f"{key} cannot be made: {error}", hint=hint, id="messaging.E011")


def _types_of(hint: object) -> tuple[type, ...]:
    """The types of a value that a setting takes."""
    if get_origin(hint) is tuple:
        return tuple, list
    if hint is MemorySettings:
        return (dict,)
    kinds = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    return tuple(get_origin(each) or each for each in kinds)


def _bad_rate(given: dict[str, Any]) -> Iterator[Error]:
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


def _bad_paths(kind: SettingsKind, given: dict[str, Any]) -> Iterator[Error]:
    for name in DOTTED_PATHS[kind]:
        path = given.get(name.upper())
        if isinstance(path, str):
            try:
                import_string(path)
            except ImportError as error:
                key = f"{PATHS[kind]}[{name.upper()!r}]"
                yield Error(f"{key}: {error}", hint="Give a dotted path.", id="messaging.E003")


def _bad_counter(given: dict[str, Any]) -> Iterator[Error]:
    name = given.get("TOKEN_COUNTER")
    if isinstance(name, str):
        try:
            counter_named(name)
        except ImportError as error:
            is_ours = name in VOCABULARIES
            yield Error(
                f"PARLEY['TOKEN_COUNTER'] is {name!r}: {error}",
                hint="pip install 'django-parley[tokens]'"
                if is_ours
                else f"Write {', '.join(map(repr, (ESTIMATE, *VOCABULARIES)))} or a dotted path.",
                id="messaging.E010",
            )


def _host_settings() -> Iterator[Error]:
    if not settings.USE_TZ:
        yield Error(
            "Parley needs USE_TZ = True.",
            hint="Messages are stored and answered in UTC; without zones their times would be ambiguous.",
            id="messaging.E004",
        )
    for alias in _aliases():
        yield from _bad_database(alias)
    yield from _users_elsewhere()


def _bad_database(alias: str) -> Iterator[Error]:
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
            hint="Parley needs PostgreSQL or SQLite; a database router can give it a database of its own,"
            " or keep it out of this one by allow_migrate.",
            id="messaging.E007",
        )
    if connections[alias].vendor == "sqlite" and not _has_trigrams():
        yield Error(
            f"SQLite {sqlite3.sqlite_version}, as this Python has it, cannot index trigrams.",
            hint="Take a Python whose SQLite is 3.34 or newer and built with FTS5, or PostgreSQL.",
            id="messaging.E006",
        )


def _users_elsewhere() -> Iterator[Error]:
    """A foreign key cannot leave its database, and a user goes together with memberships of the same one."""
    users, store = (databases.write_database(model) for model in (get_user_model(), Membership))
    if users != store:
        yield Error(
            f"The routers put users into {users!r} and the store of Parley into {store!r}, but memberships of"
            " the staff refer to users.",
            hint="Let DATABASE_ROUTERS put auth (or the app of AUTH_USER_MODEL), contenttypes, admin and"
            " sessions where Parley is, or Parley where they are. If neither can be, run Parley as a service"
            " with users of its own.",
            id="messaging.E009",
        )


def _has_trigrams() -> bool:
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        try:
            database.execute("CREATE VIRTUAL TABLE texts USING fts5 (text, tokenize='trigram')")
        except sqlite3.OperationalError:
            return False
    return True
