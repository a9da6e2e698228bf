"""The suite on every supported Django and interpreter found here, on SQLite and on the newest PostgreSQL.

`python -m tests.matrix --uv PATH [--newest] [pytest arguments]` prints a table of the cells and says which
could not be run and why. The exit status is 1 when a cell failed.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
DJANGO = {"52": (3, 11), "60": (3, 12), "61": (3, 12)}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


class Cell(NamedTuple):
    django: str
    python: str
    executable: Path | None

    @property
    def name(self) -> str:
        return f"Django {self.django[0]}.{self.django[1]} on Python {self.python}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uv", type=Path, required=True)
    parser.add_argument("--newest", action="store_true", help="only the newest of both that is here")
    arguments, pytest_arguments = parser.parse_known_args()
    chosen = list(cells(arguments.uv))
    if arguments.newest:
        chosen = [cell for cell in chosen if cell.executable][-1:]
    outcomes: dict[str, str] = {}
    for cell in chosen:
        outcomes |= run(cell, arguments.uv, pytest_arguments)
    width = max(len(name) for name in outcomes)
    print("\n".join(f"{name:{width}}  {outcome}" for name, outcome in outcomes.items()))
    return int("FAILED" in outcomes.values())


def cells(uv: Path) -> Iterator[Cell]:
    """Each Django with each interpreter that it supports, found or not; the newest last."""
    found = {version: _interpreter(uv, version) for version in PYTHONS}
    for django, oldest in DJANGO.items():
        for version, executable in found.items():
            if tuple(int(part) for part in version.split(".")) >= oldest:
                yield Cell(django, version, executable)


def run(cell: Cell, uv: Path, pytest_arguments: list[str]) -> dict[str, str]:
    """Outcome of the suite in this cell, on each database."""
    if cell.executable is None:
        return {cell.name: f"not run: no Python {cell.python} here"}
    python = _environment(cell, uv)
    command: list[str | Path] = [
        python,
        "-m",
        "pytest",
        "-q",
        "-n",
        "auto",
        "--dist",
        "worksteal",
        "-m",
        "not drill and not browser",
        *pytest_arguments,
    ]
    outcomes = {}
    on_postgresql: list[str | Path] = [python, "-m", "tests.postgres", "--packaged"]
    for database, prefix in {"SQLite": [], "PostgreSQL": on_postgresql}.items():
        print(f"--- {cell.name}, {database}", flush=True)
        passed = subprocess.call([*prefix, *command], cwd=ROOT) == 0
        outcomes[f"{cell.name}, {database}"] = "passed" if passed else "FAILED"
    return outcomes


def _interpreter(uv: Path, version: str) -> Path | None:
    """Where this Python is, if it is here: on the path, as uv sees it, or among pyenv's."""
    candidates = [shutil.which(f"python{version}")]
    found = subprocess.run([uv, "python", "find", version], capture_output=True, text=True)
    candidates += [found.stdout.strip() if found.returncode == 0 else None]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates += [str(path / "bin" / "python") for path in sorted(pyenv.glob(f"{version}.*"), reverse=True)]
    return next((Path(path) for path in candidates if path and _is(path, version)), None)


def _is(path: str, version: str) -> bool:
    """Whether this really starts, as that version: a shim may not."""
    answer = subprocess.run([path, "--version"], capture_output=True, text=True)
    return bool(re.match(rf"Python {re.escape(version)}\.", answer.stdout))


def _environment(cell: Cell, uv: Path) -> Path:
    folder = ROOT / f".venv-matrix-{cell.django}-{cell.python}"
    lock = ROOT / ".locks" / f"django{cell.django}.txt"
    subprocess.check_call([uv, "venv", "--quiet", "--clear", "--python", str(cell.executable), folder])
    environment = os.environ | {"VIRTUAL_ENV": str(folder)}
    subprocess.check_call([uv, "pip", "sync", "--quiet", "--require-hashes", lock], env=environment)
    return folder / "bin" / "python"


if __name__ == "__main__":
    sys.exit(main())
