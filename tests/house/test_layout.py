"""Every folder of a resource has the same files, so that whoever knows one wire knows all."""

from pathlib import Path
from typing import Any

import pytest

from config.wires import dialects
from messaging.wire.operations import Operation, operation_of
from messaging.wire.routes import operations_of
from tests.house.imports import ROOT

FILES = {"__init__.py", "inputs.py", "outputs.py", "query.py", "views.py"}
# What else a folder holds, and why.
FURTHER = {
    "messaging/api/changes/stream.py": "changes as events, which go on after the view has answered",
    "threads/openai/items/reading.py": "items by their ids, under which messages of every wire are shown",
    "threads/openai/runs/steps.py": "what a run did, derived from its messages",
    "threads/seekrflow/messages/images.py": "images that are kept outside their rows",
    "threads/seekrflow/messages/items.py": "the vendor's items, which go in and come out",
    "threads/seekrflow/runs/events.py": "messages of a run as the events of the vendor's stream",
    "threads/seekrflow/runs/stream.py": "what a run writes, which goes on after the view has answered",
}
WIRES = [ROOT.joinpath(*dialect.urls.split(".")[:-1]) for dialect in dialects()]
RESOURCES = [file.parent for wire in WIRES for file in sorted(wire.glob("*/__init__.py"))]


@pytest.mark.parametrize("folder", RESOURCES, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_a_folder_has_the_files_that_every_folder_has(folder: Path):
    others = {file for file in folder.glob("*.py") if file.name not in FILES}
    assert (folder / "views.py").exists()
    assert {str(file.relative_to(ROOT)) for file in others} <= set(FURTHER)


@pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)
def test_a_wire_has_its_dialect_its_routes_and_its_page(wire: Path):
    assert {"dialect.py", "urls.py", "view.py", "README.md"} <= {file.name for file in wire.iterdir()}


def operations() -> dict[str, Operation]:
    """Every operation of the wires, by view and method."""
    callbacks: list[Any] = [route.callback for each in dialects() for route in operations_of(each)]
    return {
        f"{callback.cls.__name__}.{name}": operation
        for callback in callbacks
        for name in callback.actions.values()
        if (operation := operation_of(getattr(callback.cls, name)))
    }


@pytest.mark.parametrize(("name", "operation"), operations().items())
def test_a_shape_lies_in_the_file_of_its_kind(name: str, operation: Operation):
    """What lists of a wire share lies in its `pages.py`; events are the same on every wire."""
    answers = {"outputs", "pages", "builtins", "events"}
    files = {"body": {"inputs"}, "query": {"query", "pages"}, "answer": answers}
    for kind, names in files.items():
        shape = getattr(operation, kind)
        if isinstance(shape, type):
            assert shape.__module__.rsplit(".")[-1] in names, shape


def test_the_folders_are_seen():
    assert len(RESOURCES) >= 10
