"""The examples of the documents, run in their order by a shell against a real server."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.server import Server
from tests.e2e.tenant import Tenant

ROOT = Path(__file__).resolve().parents[2]
FRONT, MIELTO, SEEKRFLOW, ALIKE, MEMORIES, TRANSCRIPTS = (
    ROOT / name
    for name in (
        "README.md",
        "messaging/api/README.md",
        "threads/seekrflow/README.md",
        "messaging/wire/README.md",
        "messaging/memories/README.md",
        "messaging/transcript/README.md",
    )
)
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)


def examples(*pages: Path) -> str:
    """The blocks of these pages that call the service, one behind the other."""
    blocks = [block for page in pages for block in BLOCK.findall(page.read_text())]
    return "\necho\n".join(block for block in blocks if "curl" in block)


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl on this machine")
@pytest.mark.parametrize(
    ("pages", "calls"),
    [((FRONT, MIELTO), 17), ((SEEKRFLOW, ALIKE), 6), ((MEMORIES,), 2), ((FRONT, TRANSCRIPTS), 10)],
    ids=["Mielto", "SeekrFlow", "memories", "transcripts"],
)
def test_the_examples_work_as_they_stand(
    server: Server, tenant: Tenant, pages: tuple[Path, ...], calls: int
) -> None:
    script = examples(*pages).replace("localhost:8000", server.url.removeprefix("http://"))
    # Every call must succeed; what it answers is shown where one does not.
    script = f'curl() {{ command curl --fail-with-body --show-error "$@"; }}\nset -euo pipefail\n{script}'
    finished = subprocess.run(
        ["bash", "-c", script],
        env={"KEY": tenant.secret, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert script.count("curl -s") >= calls
