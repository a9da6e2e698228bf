"""Every folder of a resource has the same files, so that whoever knows one wire knows all."""

from pathlib import Path

import pytest

from config.wires import dialects
from tests.house.imports import ROOT

FILES = {"__init__.py", "inputs.py", "outputs.py", "query.py", "views.py"}
# What else a folder holds, and why.
FURTHER = {
    "threads/seekrflow/messages/images.py": "images that are kept outside their rows",
    "threads/seekrflow/messages/items.py": "the vendor's items, which go in and come out",
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


def test_the_folders_are_seen():
    assert len(RESOURCES) >= 10
