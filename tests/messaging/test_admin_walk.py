"""Every page of the admin, walked by people who may not: what is not theirs is not there, for them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import reverse

from messaging.models import Membership, Workspace
from tests.cast import Tenant
from tests.client import ApiClient
from tests.walk import OURS, Forms, absent, answer, ids, impersonal, paths, patterns, state

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:Pagination may yield")]

# Carried by every text of the other workspace.
MARK = "globex"
CONFIRMED = {"post": "yes", "confirm": "yes", "apply": "yes", "tag": "x", "tags": "x"}
LARGE = "globex " * 40_000


def fill(tenant: Tenant, name: str) -> None:
    """A run that is under way with a message of many parts, one of them too large for its row."""
    api = ApiClient(tenant.secret)
    thread = api.post("/v1/threads", {"meta_data": {"of": name}}).json()["id"]
    api.post(f"/v1/threads/{thread}/messages", {"role": "user", "content": f"{name} asks"})
    run = api.post(f"/v1/threads/{thread}/runs", {"agent_id": f"{name}-agent"}).json()["run_id"]
    call = {"tool_name": f"{name}-tool", "tool_call_id": f"{name}-call"}
    parts = [
        {"type": "reasoning", "text": f"{name} thinks"},
        {"type": "tool-call", **call, "args": {"of": name}},
        {"type": "tool-result", **call, "output": LARGE.replace(MARK, name)},
        {"type": "file", "url": f"https://{name}.example/picture.png", "mime_type": "image/png"},
    ]
    body = {"role": "assistant", "content": f"{name} answers", "parts": parts}
    api.post(f"/v1/threads/{thread}/runs/{run}/messages", body)


def person(name: str, permissions: Any, workspace: Workspace) -> Client:
    """A client of somebody of the staff who is a member of this workspace alone."""
    user = get_user_model().objects.create_superuser(name, email=f"{name}@example.com", password="secret")
    user.is_superuser = False
    user.save()
    user.user_permissions.set(permissions)
    Membership.objects.create(user=user, workspace=workspace)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def filled(acme: Tenant, globex: Tenant) -> None:
    fill(acme, "acme")
    fill(globex, "globex")
    outsider = get_user_model().objects.create_user("outsider")
    # Its number must not be found anywhere by accident.
    Membership.objects.create(pk=765_432_101, user=outsider, workspace=globex.workspace)


@pytest.fixture
def member(acme: Tenant, filled: None) -> Client:
    """Of acme alone, with every permission but that of entering every workspace."""
    return person("member", Permission.objects.exclude(codename="access_all_workspaces"), acme.workspace)


@pytest.fixture
def reader(acme: Tenant, filled: None) -> Client:
    """Of acme alone, who may look and do nothing else."""
    return person("reader", Permission.objects.filter(codename__startswith="view_"), acme.workspace)


@pytest.fixture
def same(member: Client, globex: Tenant) -> Callable[..., None]:
    """Holds the answers to a request with an id of globex and with one of nothing against each other."""

    def hold(method: str, request: Callable[[str], tuple[str, Any]], foreign: str) -> None:
        nothing = absent(foreign)
        with undone():
            theirs = answer(member, method, *request(foreign))
            assert state(globex.workspace.pk) == before
        with undone():
            expected = answer(member, method, *request(nothing))
        assert MARK not in theirs
        assert not [pk for pk in known if pk != foreign and pk in theirs]
        assert impersonal(theirs, foreign) == impersonal(expected, nothing)

    before, known = state(globex.workspace.pk), ids(globex.workspace.pk).values()
    return hold


def main_ids(tenant: Tenant) -> list[str]:
    """The ids that other rows refer to."""
    found = ids(tenant.workspace.pk)
    return [found[f"messaging.{name}"] for name in ("Workspace", "Conversation", "Message")] + [
        found[name] for name in ("threads.Run",) if name in found
    ]


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_the_walk_knows_its_pages():
    found = patterns()
    assert {"", "messaging/message/", "messaging/message/<path:object_id>/change/", "autocomplete/"} <= set(
        found
    )


def test_the_walk_reaches_pages_of_ones_own(member: Client, acme: Tenant):
    """Without which the rest would prove nothing: there are own rows, and their pages open."""
    own = ids(acme.workspace.pk)
    assert {"messaging.Message", "messaging.Conversation", "messaging.ApiKey", "threads.Run"} <= set(own)
    for pattern in patterns():
        if "<path:object_id>/change/" in pattern:
            assert any(answer(member, "GET", path).startswith("200 []") for path in paths(pattern, own)), (
                pattern
            )


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("pattern", patterns())
def test_a_foreign_id_in_the_path_is_as_absent_as_any(same: Any, globex: Tenant, pattern: str, method: str):
    for foreign in ids(globex.workspace.pk).values():
        same(
            method,
            lambda pk: (paths(pattern, {"id": pk})[0], CONFIRMED if method == "POST" else None),
            foreign,
        )


def registered() -> list[Any]:
    return [found for model, found in admin.site._registry.items() if model._meta.app_label in OURS]


def names(model_admin: Any, request: Any) -> list[str]:
    """Every parameter by which a list might be narrowed, and those that our pages take."""
    specs = model_admin.get_changelist_instance(request).filter_specs
    filters = [name for spec in specs for name in spec.expected_parameters() if name]
    relations = [field.name for field in model_admin.model._meta.fields if field.is_relation]
    looked_up = [f"{name}{lookup}" for name in relations for lookup in ("", "__id__exact", "__in")]
    return [*filters, *looked_up, "id", "q", "_changelist_filters"]


@pytest.mark.parametrize("model_admin", registered(), ids=str)
def test_a_foreign_id_in_the_query_is_as_absent_as_any(same: Any, globex: Tenant, model_admin: Any):
    request = RequestFactory().get("/admin/")
    request.user = get_user_model().objects.get(username="member")
    path = reverse(f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_changelist")
    for name, foreign in product(dict.fromkeys(names(model_admin, request)), main_ids(globex)):
        same("GET", lambda pk, name=name: (path, {name: pk}), foreign)


@pytest.mark.parametrize("text", [MARK, "answers", "globex-agent", "globex-customer"])
def test_searches_find_nothing_of_others(member: Client, text: str):
    for pattern in patterns():
        if "<" not in pattern:
            page = answer(member, "GET", f"/admin/{pattern}", {"q": text, "search": text, "term": text})
            assert MARK not in page.replace(text, "")
            assert MARK not in answer(member, "GET", f"/admin/{pattern}")


@pytest.mark.parametrize("model_admin", registered(), ids=str)
def test_actions_do_nothing_to_foreign_rows(same: Any, globex: Tenant, model_admin: Any):
    request = RequestFactory().get("/admin/")
    request.user = get_user_model().objects.get(username="member")
    path = reverse(f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_changelist")
    for action in model_admin.get_actions(request):
        for foreign in ids(globex.workspace.pk).values():
            data = {"action": action, "index": "0", **CONFIRMED}
            same("POST", lambda pk, data=data: (path, data | {"_selected_action": [pk]}), foreign)
            data["select_across"] = "1"
            same("POST", lambda pk, data=data: (path, data | {"_selected_action": [pk]}), foreign)


def test_completions_offer_nothing_of_others(member: Client):
    for model_admin in registered():
        for field in model_admin.model._meta.get_fields():
            query = {
                "app_label": model_admin.opts.app_label,
                "model_name": model_admin.opts.model_name,
                "field_name": field.name,
            }
            assert MARK not in answer(member, "GET", "/admin/autocomplete/", query | {"term": ""})


@pytest.mark.parametrize("pattern", patterns())
def test_a_foreign_id_in_a_form_is_as_absent_as_any(
    same: Any, member: Client, acme: Tenant, globex: Tenant, pattern: str
):
    for path in paths(pattern, ids(acme.workspace.pk)):
        page = answer(member, "GET", path)
        assert MARK not in page
        if not page.startswith("200 []"):  # walked as the page at which it ends
            continue
        for target, form in Forms(page).posted(path):
            given = [name for name in form if name != "csrfmiddlewaretoken"]
            for name, foreign in product(given, main_ids(globex)):
                same("POST", lambda pk, to=target, form=form, name=name: (to, form | {name: [pk]}), foreign)


@pytest.mark.parametrize("pattern", patterns())
def test_one_who_may_only_look_writes_nothing(reader: Client, acme: Tenant, pattern: str):
    before, entries = state(acme.workspace.pk), LogEntry.objects.count()
    for path in paths(pattern, ids(acme.workspace.pk)):
        answer(reader, "POST", path, CONFIRMED)
        for target, form in Forms(answer(reader, "GET", path)).posted(path):
            answer(reader, "POST", target, form | CONFIRMED)
    if pattern.endswith("/") and "<" not in pattern:
        for action in ("delete_selected", "redact", "archive", "tag", "untag"):
            chosen = {"action": action, "index": "0", "select_across": "1"}
            answer(reader, "POST", f"/admin/{pattern}", CONFIRMED | chosen | {"_selected_action": ["x"]})
    assert (state(acme.workspace.pk), LogEntry.objects.count()) == (before, entries)


@pytest.mark.parametrize("pattern", patterns())
def test_a_visitor_sees_the_door(client: Client, acme: Tenant, filled: None, pattern: str):
    before = state(acme.workspace.pk)
    for path in paths(pattern, ids(acme.workspace.pk)):
        for method in ("GET", "POST"):
            page = answer(client, method, path, CONFIRMED if method == "POST" else None)
            assert "acme" not in page
            assert page.startswith(("404", "405")) or 'id="login-form"' in page, page[:200]
    assert state(acme.workspace.pk) == before
