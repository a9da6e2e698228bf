"""`__all__` is the list of what a host may use: neither more nor less than what is there."""

import importlib
import pkgutil
from types import ModuleType

import pytest

import messaging
import messaging.models
import messaging.services
import messaging.signals
from messaging.wire.filters import NarrowBy, WireFilterSet
from messaging.wire.view import WireViewSet

# Filters that are no query parameter of their own, and why.
DERIVED = {
    "all_tags": "`tags` with `tags_mode=all`",
    "conversation_id": "given by the path below a conversation",
}


def all_modules() -> list[ModuleType]:
    found = pkgutil.walk_packages(messaging.__path__, "messaging.")
    return [importlib.import_module(module.name) for module in found if ".migrations." not in module.name]


@pytest.mark.parametrize("module", [messaging.services, messaging.models])
def test_a_public_package_shows_what_it_imports(module):
    shown = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert set(module.__all__) == shown


def test_every_signal_is_public():
    from django.dispatch import Signal

    assert set(messaging.signals.__all__) == {
        name for name, value in vars(messaging.signals).items() if isinstance(value, Signal)
    }


@pytest.mark.parametrize("module", all_modules(), ids=lambda module: module.__name__)
def test_every_public_name_is_there(module):
    for name in getattr(module, "__all__", ()):
        assert hasattr(module, name), name


@pytest.mark.parametrize("module", [messaging.services, messaging.models])
def test_what_is_public_is_described(module):
    assert not [name for name in module.__all__ if not getattr(module, name).__doc__]


def lists() -> list[tuple[type[WireViewSet], type[WireFilterSet]]]:
    """Every view that lists, with its filters."""
    pending, found = [WireViewSet], []
    while pending:
        view = pending.pop()
        pending += view.__subclasses__()
        if hasattr(view, "list"):
            found.append((view, view.filterset_class))
    return found


@pytest.mark.parametrize(("view", "filters"), lists())
def test_every_filter_is_a_parameter_and_narrows_by_a_method(view, filters):
    query = view.list.operation.query
    for name, narrow_by in filters.base_filters.items():
        assert name in query.model_fields or name in DERIVED, name
        assert isinstance(narrow_by, NarrowBy)
        assert callable(getattr(view.queryset, narrow_by.queryset_method)), name
