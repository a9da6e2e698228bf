"""Clients that others' generators make of the OpenAPI document, and OpenAI's own for Node: checked by their
compilers, and run.

`make generators` installs the generators; where they cannot be had the tests are skipped and say so.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.e2e.server import Server
from tests.e2e.tenant import Tenant

pytestmark = pytest.mark.drill

ROOT = Path(__file__).resolve().parents[2]
GENERATORS = ROOT / ".tools/generators"
PROGRAMS = Path(__file__).with_name("clients")
PYTHON = GENERATORS / "python/bin/python"
MODULES = GENERATORS / "node_modules"
TYPESCRIPT = MODULES / ".bin/openapi-typescript"
OMITTED = {
    "GET /api/v1/objects/{object_id}",
    "GET /v1/objects/{object_id}",
    "POST /api/v1/conversations/{conversation_id}/transcript",
}
"""Of what the generator for Python has no type: any file, and a body as `text/plain` next to JSON."""
COMPILER = """{
  "compilerOptions": {
    "strict": true, "target": "ES2022", "module": "ES2022", "moduleResolution": "bundler",
    "lib": ["ES2022", "DOM"], "types": [], "skipLibCheck": true, "outDir": "out"
  },
  "files": ["%s.ts"]
}"""


@pytest.fixture
def folder(tmp_path: Path, server: Server) -> Path:
    """A folder with the document as this server gives it."""
    (tmp_path / "openapi.json").write_bytes(httpx.get(f"{server.url}/api/schema", timeout=60).content)
    return tmp_path


def run(folder: Path, *command: str | Path, **environment: str) -> str:
    """What the command writes; it must succeed, and warn of nothing."""
    finished = subprocess.run(
        [*map(str, command)],
        cwd=folder,
        env={"PATH": f"{PYTHON.parent}:{os.environ['PATH']}", "HOME": str(folder), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
    return finished.stdout


@pytest.mark.skipif(not PYTHON.exists(), reason="no openapi-python-client here: run `make generators`")
def test_a_client_for_python(folder: Path, server: Server, tenant: Tenant) -> None:
    generator = PYTHON.with_name("openapi-python-client")
    generated = run(
        folder,
        generator,
        "generate",
        "--path",
        "openapi.json",
        "--meta",
        "none",
        "--output-path",
        "parley_client",
    )
    assert "will not be generated" not in generated
    omitted = set(re.findall(r"WARNING parsing (.*?) within", generated))
    assert omitted <= OMITTED, generated
    shutil.copy(PROGRAMS / "use.py", folder)
    assert run(folder, PYTHON, "use.py", URL=server.url, KEY=tenant.secret) == "done\n"


@pytest.mark.skipif(not TYPESCRIPT.exists(), reason="no openapi-typescript here: run `make generators`")
def test_a_client_for_typescript(folder: Path, server: Server, tenant: Tenant) -> None:
    run(folder, TYPESCRIPT, "openapi.json", "--output", "schema.d.ts")
    assert compiled_and_run(folder, "use", URL=server.url, KEY=tenant.secret) == "done\n"


@pytest.mark.skipif(not (MODULES / "openai").exists(), reason="no package `openai`: run `make generators`")
def test_the_client_of_openai_for_node(tmp_path: Path, server: Server, tenant: Tenant) -> None:
    assert compiled_and_run(tmp_path, "openai", URL=server.url, KEY=tenant.secret) == "done\n"


def compiled_and_run(folder: Path, program: str, **environment: str) -> str:
    """What a program in TypeScript writes, which its compiler takes without a complaint."""
    (folder / "node_modules").symlink_to(MODULES)
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "tsconfig.json").write_text(COMPILER % program)
    shutil.copy(PROGRAMS / f"{program}.ts", folder)
    run(folder, MODULES / ".bin/tsc", "--project", "tsconfig.json")
    return run(folder, "node", f"out/{program}.js", **environment)
