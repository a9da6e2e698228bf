"""Every page of the admin that may show rows of the store, found by itself, and what it answers."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from itertools import product
from typing import Any
from urllib.parse import quote as url_quoted
from urllib.parse import urljoin

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import quote as admin_quoted
from django.contrib.messages import get_messages
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver

from messaging.models import Workspace

Fields = dict[str, list[str]]

ROOT = "/admin/"
OURS = ("parley",)
ARGUMENT = re.compile(r"<(?:\w+:)?\w+>")
WRITING = re.compile(r"\b(?:INSERT|UPDATE|DELETE|REPLACE|TRUNCATE)\b", re.IGNORECASE)

# What differs between two answers that say the same.
CHANGING = (
    re.compile(r'(?<=name="csrfmiddlewaretoken" value=")\w+'),
    re.compile(r'(?<=name="promise" value=")[\w:-]+'),
    re.compile(r"\b(?:wsp|key|conv|mem|mrev|msg|run|obj|part|whk|whd|ping)_(?:5F)?[0-9a-z]{26}\b"),
    re.compile(r"\bparley_\w{46}\b"),
    re.compile(r"\bwhsec_[\w+/]{43}="),
    re.compile(r"(?<!\d)\d\d?:\d\d(?::\d\d(?:\.\d+)?)?(?: [ap]\.m\.)?"),
)


def models() -> list[type[Model]]:
    """The tables of the store."""
    return [
        model
        for model in apps.get_app_config("parley").get_models()
        if not model._meta.proxy and (model is Workspace or _has_tenants(model))
    ]


def rows(model: type[Model], workspace_id: str) -> list[dict[str, Any]]:
    """All that a table holds of one workspace, as stored."""
    column = "pk" if model is Workspace else "workspace"
    return list(model._default_manager.filter(**{column: workspace_id}).order_by("pk").values())


def state(workspace_id: str) -> dict[str, list[dict[str, Any]]]:
    """All that is stored of one workspace."""
    return {model._meta.label: rows(model, workspace_id) for model in models()}


@contextmanager
def writes() -> Iterator[list[str]]:
    """The statements executed inside that may have changed a table of the store."""
    noted: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if WRITING.search(sql) and "parley_" in sql:
            noted.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield noted


def ids(workspace_id: str) -> dict[str, str]:
    """The id of the latest row of the workspace, for each table whose ids are like nothing else on a page."""
    keys = {model._meta.label: model._meta.pk.attname for model in models() if model._meta.pk}
    latest = {label: found[-1] for label, found in state(workspace_id).items() if found}
    found = {label: str(row.get(keys[label], "")) for label, row in latest.items()}
    return {label: known for label, known in found.items() if len(known) > 8}


def sections() -> dict[str, list[str]]:
    """The paths below the root of the admin, arguments in angle brackets, by the table they are about."""
    found: dict[str, list[str]] = {}
    others = {model._meta.app_label for model in admin.site._registry} - set(OURS)
    for path in _routes(admin.site.urls[0]):
        app, *rest = path.split("/")
        if app not in others and path != "logout/" and not path.startswith("("):
            found.setdefault(f"{app}/{rest[0]}" if app in OURS and len(rest) > 1 else "site", []).append(path)
    return found


def paths(pattern: str, given: dict[str, str]) -> list[str]:
    """The paths of a pattern with each of these ids, or each combination of them, as its arguments."""
    count = len(ARGUMENT.findall(pattern))
    if not count:
        return [ROOT + pattern]
    literal = ARGUMENT.sub("{}", pattern)
    return [ROOT + literal.format(*chosen) for chosen in product(given.values(), repeat=count)]


def answer(client: Client, method: str, path: str, data: dict[str, Any] | None = None) -> str:
    """Status, target, messages to the user and text of the answer to a request."""
    client.cookies.pop("messages", None)  # what an earlier answer left to be told
    response: Any = getattr(client, method.lower())(path, data or {})
    content = b"".join(response.streaming_content) if response.streaming else response.content
    told = [str(message) for message in get_messages(response.wsgi_request)]
    return (
        f"{response.status_code} {response.headers.get('Location')} {told} {content.decode(errors='replace')}"
    )


def impersonal(text: str, *given: str) -> str:
    """The answer without what may differ: the ids that were asked for, times, tokens and new ids."""
    for value in given:
        for spelling in (value, admin_quoted(value), url_quoted(value), url_quoted(admin_quoted(value))):
            text = text.replace(spelling, "ID")
    for pattern in CHANGING:
        text = pattern.sub("_", text)
    return text


class Forms(HTMLParser):
    """The fields of the forms of a page, as a browser would send them untouched."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Fields] = []
        self.heads: list[tuple[str, str]] = []
        self.select: str | None = None
        self.area: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name"), given.get("value") or ""
        if tag == "form":
            self.forms.append({})
            self.heads.append(((given.get("method") or "get").lower(), given.get("action") or ""))
        elif not self.forms:
            return
        elif tag == "select":
            self.select = name
            self.forms[-1].setdefault(name or "", [])
        elif tag == "option" and self.select and "selected" in given:
            self.forms[-1][self.select].append(value)
        elif tag == "textarea" and name:
            self.area = name
            self.forms[-1].setdefault(name, [""])
        elif tag == "input" and name and _is_sent(given):
            self.forms[-1].setdefault(name, []).append(value)
        elif tag == "input" and name and given.get("type") in ("checkbox", "radio"):
            self.forms[-1].setdefault(name, [])

    def handle_data(self, data: str) -> None:
        if self.area:  # the first line break after the tag is not part of the text
            self.forms[-1][self.area][0] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = None
        elif tag == "select":
            self.select = None

    def posted(self, path: str) -> Iterator[tuple[str, Fields]]:
        """Target and fields of the forms that write on the page of this path, but for that of logging out."""
        for (method, action), fields in zip(self.heads, self.forms, strict=True):
            if method == "post" and not action.endswith("/logout/"):
                yield urljoin(path, action), fields


def _has_tenants(model: type[Model]) -> bool:
    return any(field.name == "workspace" for field in model._meta.fields)


def _is_sent(given: dict[str, str | None]) -> bool:
    kind = given.get("type")
    return kind not in ("checkbox", "radio", "submit", "file", "reset") or "checked" in given


def _routes(found: list[Any], before: str = "") -> Iterator[str]:
    for entry in found:
        route = before + str(entry.pattern).removeprefix("^").removesuffix("$")
        if isinstance(entry, URLResolver):
            yield from _routes(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            yield route
