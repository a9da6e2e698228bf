"""`__all__` is the list of what a host may use: neither more nor less than what is there."""

import importlib
import pkgutil
from types import ModuleType

import pytest

import messaging
import messaging.jobs
import messaging.models
import messaging.services
import messaging.signals


def all_modules() -> list[ModuleType]:
    found = pkgutil.walk_packages(messaging.__path__, "messaging.")
    return [importlib.import_module(module.name) for module in found if ".migrations." not in module.name]


@pytest.mark.parametrize("module", [messaging.services, messaging.models, messaging.jobs])
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
