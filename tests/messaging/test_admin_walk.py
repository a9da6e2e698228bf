"""Every page of the admin, walked by people who may not: what is not theirs is not there, for them."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from itertools import chain, product
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import AutoField
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from messaging.jobs import enqueue
from messaging.models import Membership, WebhookDelivery, Workspace
from messaging.services import AddMemory, apply_memory_changes, create_webhook, give_feedback
from messaging.values.ids import new_id
from tests.cast import Tenant, make_tenant
from tests.client import ApiClient
from tests.messaging.staff import make_member
from tests.walk import ARGUMENT, OURS, Fields, Forms, answer, ids, impersonal, paths, sections, state, writes

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:Pagination may yield")]

IdsFor = Callable[[Tenant, str], dict[str, str]]
# Carried by every text of the other workspace.
MARK = "globex"
NOTHING = new_id("key")  # of a kind that the boxes know: an id of none is text to them
CONFIRMED = {"post": "yes", "confirm": "yes", "apply": "yes", "tag": "x", "tags": "x"}
LARGE = "globex " * 40_000
# Counts of a formset, which hold numbers and no id.
COUNTS = ("-TOTAL_FORMS", "-INITIAL_FORMS", "-MIN_NUM_FORMS", "-MAX_NUM_FORMS")
REFERRED_TO = ("parley.Workspace", "parley.Conversation")
# What the boxes of the lists find by its id.
SOUGHT = "workspace conversation message run"
# A host may have a door of its own before that of the admin.
DOORS = ("302 /admin/", f"302 {settings.LOGIN_URL}", "404", "405")


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
    rating = {"name": f"{name}-rating", "value": name, "comment": f"{name} says so", "user_id": name}
    give_feedback(workspace_id=tenant.workspace.pk, message_id=tenant.reply.pk, **rating)
    enqueue("remove_expired_answers", workspace_id=tenant.workspace.pk)
    apply_memory_changes(
        workspace_id=tenant.workspace.pk,
        user_id=tenant.question.sender_id,
        changes=[AddMemory(text=f"{name} is known", message_ids=[tenant.question.pk])],
        extractor="rules",
        version="1",
    )
    url = f"https://127.0.0.1/{name}"
    webhook, _ = create_webhook(workspace_id=tenant.workspace.pk, url=url, description=name)
    sent = {"event_id": f"{name}-event", "type": "ping", "attempt": 1, "milliseconds": 1, "answer": name}
    WebhookDelivery.objects.create(workspace_id=tenant.workspace.pk, webhook=webhook, **sent)
    body = {"role": "assistant", "content": f"{name} answers", "parts": parts}
    api.post(f"/v1/threads/{thread}/runs/{run}/messages", body)


def person(name: str, permissions: Any, workspace: Workspace) -> Client:
    """A client of somebody of the staff who is a member of this workspace alone.

    The numbers of memberships are such as stand nowhere by accident.
    """
    user = get_user_model().objects.create_superuser(name, email=f"{name}@example.com", password="secret")
    user.is_superuser = False
    user.save()
    user.user_permissions.set(permissions)
    Membership.objects.create(pk=765_432_102, user=user, workspace=workspace)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(scope="module")
def both(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Tenant]]:
    """The two tenants with all that they hold, written once: each test takes back what it does to them."""
    with django_db_blocker.unblock(), undone():
        tenants = {name: make_tenant(name) for name in ("acme", "globex")}
        for name, tenant in tenants.items():
            fill(tenant, name)
        outsider = make_member(name="outsider")
        Membership.objects.create(pk=765_432_101, user=outsider, workspace=tenants["globex"].workspace)
        yield tenants


@pytest.fixture
def acme(both: dict[str, Tenant], db: None) -> Tenant:
    return both["acme"]


@pytest.fixture(autouse=True)
def globex(both: dict[str, Tenant], db: None) -> Tenant:
    return both["globex"]


@pytest.fixture
def member(acme: Tenant) -> Client:
    """Of acme alone, with every permission but that of entering every workspace."""
    return person("member", Permission.objects.exclude(codename="access_all_workspaces"), acme.workspace)


@pytest.fixture
def reader(acme: Tenant) -> Client:
    """Of acme alone, who may look and do nothing else."""
    return person("reader", Permission.objects.filter(codename__startswith="view_"), acme.workspace)


@pytest.fixture
def same(member: Client, globex: Tenant) -> Callable[..., None]:
    """Holds the answers to a request with an id of globex and with one of nothing against each other."""

    def hold(method: str, request: Callable[[str], tuple[str, Any]], foreign: Iterable[str]) -> None:
        @cache
        def expected(nothing: str) -> str:
            with undone():
                return impersonal(answer(member, method, *request(nothing)), nothing)

        for known in foreign:
            with undone(), writes() as written:
                theirs = answer(member, method, *request(known))
                assert not written or state(globex.workspace.pk) == before
            assert MARK not in theirs
            assert impersonal(theirs, known) == expected("987654321" if known.isdecimal() else NOTHING)

    before = state(globex.workspace.pk)
    return hold


@pytest.fixture(params=["likely", pytest.param("all", marks=pytest.mark.drill)])
def ids_for(request: pytest.FixtureRequest) -> IdsFor:
    """The ids of a tenant that a page, parameter or field may be about.

    They are of the tables that its name mentions, or of those that most rows refer to; for the drill, of all.
    """

    known_of = cache(ids)  # no test changes what both hold

    @cache
    def found(tenant: Tenant, name: str) -> dict[str, str]:
        known = known_of(tenant.workspace.pk)
        if request.param == "all":
            return known
        words = name.replace("_", "").lower()
        named = {label: pk for label, pk in known.items() if label.rpartition(".")[2].lower() in words}
        return named or {label: known[label] for label in REFERRED_TO}

    return found


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


every_section = pytest.mark.parametrize("patterns", sections().values(), ids=sections().keys())


def test_the_walk_knows_its_pages():
    found = sections()
    assert {"site", "parley/message", "parley/conversation", "parley/workspace"} <= set(found)
    assert {"parley/message/", "parley/message/<path:object_id>/change/"} <= set(found["parley/message"])


@every_section
def test_the_walk_reaches_pages_of_ones_own(
    member: Client, acme: Tenant, ids_for: IdsFor, patterns: list[str]
):
    """Without which the rest would prove nothing: there are own rows, and their pages open."""
    assert {"parley.Message", "parley.Conversation", "parley.ApiKey", "parley.Run"} <= set(
        ids(acme.workspace.pk)
    )
    for pattern in patterns:
        if "<path:object_id>/change/" in pattern:
            own = paths(pattern, ids_for(acme, pattern))
            assert any(answer(member, "GET", path).startswith("200 ") for path in own), pattern


@every_section
def test_a_foreign_id_in_the_path_is_as_absent_as_any(
    same: Any, globex: Tenant, ids_for: IdsFor, patterns: list[str]
):
    for pattern in filter(ARGUMENT.search, patterns):
        foreign = ids_for(globex, pattern).values()
        same("GET", lambda pk, pattern=pattern: (paths(pattern, {"id": pk})[0], None), foreign)
        same("POST", lambda pk, pattern=pattern: (paths(pattern, {"id": pk})[0], CONFIRMED), foreign)


def registered() -> list[Any]:
    return [found for model, found in admin.site._registry.items() if model._meta.app_label in OURS]


def names(model_admin: Any, request: Any) -> list[str]:
    """Every parameter by which a list might be narrowed, and those that our pages take."""
    specs = model_admin.get_changelist_instance(request).filter_specs
    filters = [name for spec in specs for name in spec.expected_parameters() if name]
    relations = [field.name for field in model_admin.model._meta.fields if field.is_relation]
    looked_up = [f"{name}{lookup}" for name in relations for lookup in ("", "__id__exact", "__in")]
    return [*filters, *looked_up, "id", "q", "_changelist_filters"]


def asking(name: str) -> Any:
    """A request of this person."""
    request = RequestFactory().get("/admin/")
    request.user = get_user_model().objects.get_by_natural_key(name)
    return request


def actions(pattern: str) -> set[str]:
    """The names of the actions that somebody is offered on the list of this path; none elsewhere."""
    request = RequestFactory().get("/admin/")
    request.user = get_user_model()(is_superuser=True, is_active=True, is_staff=True)
    there = (found for found in registered() if pattern == f"{found.opts.app_label}/{found.opts.model_name}/")
    return {name for model_admin in there for name in model_admin.get_actions(request)}


@pytest.mark.parametrize("model_admin", registered(), ids=str)
def test_a_foreign_id_in_the_query_is_as_absent_as_any(
    same: Any, globex: Tenant, ids_for: IdsFor, model_admin: Any
):
    request = asking("member")
    path = reverse(f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_changelist")
    for name in dict.fromkeys(names(model_admin, request)):
        foreign = ids_for(globex, {"id": path, "q": f"{path} {SOUGHT}"}.get(name, name))
        same("GET", lambda pk, name=name: (path, {name: pk}), foreign.values())


@pytest.mark.parametrize("text", [MARK, "answers", "globex-agent", "globex-customer"])
def test_searches_find_nothing_of_others(member: Client, text: str):
    for pattern in chain(*sections().values()):
        if "<" not in pattern:
            page = answer(member, "GET", f"/admin/{pattern}", {"q": text, "search": text, "term": text})
            assert MARK not in page.replace(text, "")


@pytest.mark.parametrize("model_admin", registered(), ids=str)
def test_actions_do_nothing_to_foreign_rows(same: Any, globex: Tenant, ids_for: IdsFor, model_admin: Any):
    request = asking("member")
    path = reverse(f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_changelist")
    numbered = isinstance(model_admin.opts.pk, AutoField)  # of which Django takes numbers alone
    foreign = [pk for pk in ids_for(globex, model_admin.opts.label).values() if pk.isdecimal() == numbered]
    assert foreign
    for action, across in product(model_admin.get_actions(request), ("0", "1")):
        data = {"action": action, "index": "0", "select_across": across, **CONFIRMED}
        same("POST", lambda pk, data=data: (path, data | {"_selected_action": [pk]}), foreign)


def test_completions_offer_nothing_of_others(member: Client):
    for model_admin in registered():
        for field in (*model_admin.opts.fields, *model_admin.opts.many_to_many):
            query = {
                "app_label": model_admin.opts.app_label,
                "model_name": model_admin.opts.model_name,
                "field_name": field.name,
            }
            assert MARK not in answer(member, "GET", "/admin/autocomplete/", query | {"term": ""})


def changed(target: str, form: Fields, name: str, value: str) -> tuple[str, Fields]:
    return target, form | {name: [value]}


@every_section
def test_a_foreign_id_in_a_form_is_as_absent_as_any(
    same: Any, member: Client, acme: Tenant, globex: Tenant, ids_for: IdsFor, patterns: list[str]
):
    for path in chain(*(paths(pattern, ids_for(acme, pattern)) for pattern in patterns)):
        page = answer(member, "GET", path)
        assert MARK not in page
        if page.startswith("200 "):  # others are walked as the page at which they end
            for target, form in Forms(page).posted(path):
                for name in form.keys() - {"csrfmiddlewaretoken", "_selected_action"}:
                    if name.endswith(COUNTS):
                        continue
                    foreign = ids_for(globex, name).values()
                    same("POST", partial(changed, target, form, name), foreign)


@every_section
def test_one_who_may_only_look_writes_nothing(
    reader: Client, acme: Tenant, ids_for: IdsFor, patterns: list[str]
):
    before, entries = state(acme.workspace.pk), LogEntry.objects.count()
    for pattern in patterns:
        for path in paths(pattern, ids_for(acme, pattern)):
            answer(reader, "POST", path, CONFIRMED)
            for target, form in Forms(answer(reader, "GET", path)).posted(path):
                answer(reader, "POST", target, form | CONFIRMED)
        for action in actions(pattern):
            data = {"action": action, "index": "0", "select_across": "1", "_selected_action": ["x"]}
            answer(reader, "POST", f"/admin/{pattern}", CONFIRMED | data)
    assert (state(acme.workspace.pk), LogEntry.objects.count()) == (before, entries)


@every_section
def test_a_visitor_sees_the_door(client: Client, acme: Tenant, ids_for: IdsFor, patterns: list[str]):
    before = state(acme.workspace.pk)
    for path in chain(*(paths(pattern, ids_for(acme, pattern)) for pattern in patterns)):
        for method in ("GET", "POST"):
            page = answer(client, method, path, CONFIRMED if method == "POST" else None)
            assert "acme" not in page
            assert page.startswith(DOORS) or 'id="login-form"' in page, page[:200]
    assert state(acme.workspace.pk) == before
