"""A new Django project with a user model of its own takes the wheel, by the lines of the README alone.

The wheel is what a stranger installs: what is missing in it no other test would notice. Its dependencies are
those of the tests.
"""

import os
import re
import site
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, sync_playwright

from tests.browser import chromium
from tests.e2e.server import ROOT

pytestmark = pytest.mark.drill

UV = ROOT / ".tools/bin/uv"
PATIENCE_SECONDS = 30
PASSWORD = "correct horse battery staple"
USER = """
import uuid
from django.contrib.auth.models import AbstractUser
from django.db import models

class User(AbstractUser):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
"""
URLS = """
from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("admin/", admin.site.urls)]
"""
MEMBER = """
from django.contrib.auth import get_user_model
from messaging.models import Membership, Workspace
user = get_user_model().objects.create_superuser("ada", "ada@example.com", {password!r})
Membership.objects.create(user=user, workspace=Workspace.objects.get(slug="support"))
"""
POST = """async ([path, body]) => {
  const token = document.cookie.match(/csrftoken=(\\w+)/)[1];
  const headers = {"Content-Type": "application/json", "X-CSRFToken": token};
  const answer = await fetch(path, {method: "POST", headers, body: JSON.stringify(body)});
  return [answer.status, await answer.json()];
}"""


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with a project, and the interpreter that has the wheel."""

    folder: Path
    python: Path

    def manage(self, *command: str) -> str:
        """What a command of the project prints; it must succeed."""
        return run(self.folder, self.python, "manage.py", *command)

    def write(self, name: str, text: str) -> None:
        """Add to a file of the project."""
        with (self.folder / name).open("a") as file:
            file.write(f"\n{text}\n")


def run(folder: Path, *command: str | Path) -> str:
    done = subprocess.run(
        [*map(str, command)],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def readme_blocks() -> list[str]:
    """The Python of the README's chapter on adding Parley to a project."""
    chapter = (ROOT / "README.md").read_text().partition("## Add it to your Django project")[2]
    return re.findall(r"```python\n(.*?)```", chapter.partition("\n## ")[0], re.DOTALL)


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has the wheel, and this repository nowhere on its path."""
    folder = tmp_path_factory.mktemp("wheel")
    if not UV.exists():
        pytest.skip("no uv here: run `make lint`, which installs it")
    built = subprocess.run([UV, "build", "--wheel", "-q", "-o", folder, ROOT], check=False)
    if built.returncode:
        pytest.skip("the wheel cannot be built here: uv needs an index with hatchling")
    run(folder, UV, "venv", "-q", "--python", sys.executable, folder / "venv")
    python = folder / "venv/bin/python"
    [wheel] = folder.glob("*.whl")
    run(folder, UV, "pip", "install", "-q", "--no-deps", "--python", python, wheel)
    [packages] = (folder / "venv/lib").glob("python*/site-packages")
    (packages / "dependencies.pth").write_text("\n".join(site.getsitepackages()))
    where = run(folder, python, "-c", "import messaging; print(messaging.__file__)")
    assert Path(where.strip()).is_relative_to(packages)
    return python


@pytest.fixture(params=["with threads", "without threads"])
def project(request: pytest.FixtureRequest, python: Path, tmp_path: Path) -> Project:
    """The project, with everything that the README tells, and the tables in its database."""
    made = Project(tmp_path, python)
    run(tmp_path, python, "-m", "django", "startproject", "support", ".")
    made.manage("startapp", "accounts")
    made.write("accounts/models.py", USER)
    apps, urls, _, access = readme_blocks()
    access, _, parley = access.partition("\nPARLEY = ")
    if request.param == "without threads":
        apps = re.sub(r'    "threads".*\n', "", apps)
        urls = re.sub(r".*threads\.seekrflow.*\n", "", urls)
    settings = apps.replace("INSTALLED_APPS = [", "INSTALLED_APPS += [\n    'accounts',")
    made.write("support/settings.py", f"AUTH_USER_MODEL = 'accounts.User'\n{settings}")
    (tmp_path / "support/urls.py").write_text(URLS + urls.replace("urlpatterns =", "urlpatterns +="))
    made.write("support/api.py", access)
    made.write("support/sessions.py", f"from .settings import *\nPARLEY = {parley}")
    made.manage("makemigrations", "accounts")
    made.manage("migrate")
    return made


@contextmanager
def serving(project: Project, settings: str) -> Iterator[str]:
    """The address of the project's server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    of_django = ["manage.py", "runserver", "--noreload", f"--settings={settings}", str(port)]
    with (project.folder / "server.log").open("w") as log:
        server = subprocess.Popen([project.python, *of_django], cwd=project.folder, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/admin/login/")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            httpx.get(url).raise_for_status()
        except httpx.TransportError:
            assert time.monotonic() < deadline, "the server does not start"
            time.sleep(0.2)
        else:
            return


def test_a_new_project(project: Project) -> None:
    assert "no issues" in project.manage("check")
    project.manage("makemigrations", "--check", "--dry-run")
    key = project.manage("issue_key", "--workspace", "support").splitlines()[-1]
    project.manage("shell", "-c", MEMBER.format(password=PASSWORD))
    has_threads = '"threads"' in (project.folder / "support/settings.py").read_text()
    with serving(project, "support.settings") as url:
        _wires_answer(url, key, has_threads=has_threads)
    with serving(project, "support.sessions") as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.executable(), args=list(chromium.ARGUMENTS)
        )
        _staff_and_sessions(browser.new_page(base_url=url), url)
        browser.close()


def _wires_answer(url: str, key: str, *, has_threads: bool) -> None:
    with httpx.Client(base_url=f"{url}/chat", headers={"Authorization": f"Bearer {key}"}) as client:
        said = client.post("/api/v1/messages", json={"content": {"content": "Hello", "sender_id": "ada"}})
        assert (said.status_code, said.json()[0]["content"]) == (201, "Hello")
        threads = client.get("/v1/threads")
        assert threads.status_code == (200 if has_threads else 404)
        if has_threads:
            assert [row["id"] for row in threads.json()] == [said.json()[0]["conversation_id"]]
        assert client.get("/api/v1/nothing").json() == {"detail": "Not Found"}
        assert httpx.get(f"{url}/chat/api/v1/messages").status_code == 401


def _staff_and_sessions(page: Page, url: str) -> None:
    """In the browser of a member of the staff: the admin, and the wire with the session alone."""
    path = "/chat/api/v1/messages"
    assert httpx.post(f"{url}{path}", json={"content": {"content": "x"}}).status_code in (401, 403)
    page.goto("/admin/")
    page.fill("#id_username", "ada")
    page.fill("#id_password", PASSWORD)
    page.click("[type=submit]")
    page.goto("/admin/parley/conversation/")
    page.click("#result_list tbody a")
    assert "Hello" in page.inner_text("#content-main")
    status, [row] = page.evaluate(POST, [path, {"content": {"content": "By my session"}}])
    assert (status, row["content"]) == (201, "By my session")
    forged = page.request.post(path, data={"content": {"content": "forged"}})
    assert (forged.status, "CSRF" in forged.text()) == (403, True)
    page.goto(f"/admin/parley/message/{row['id']}/open/")
    assert "By my session" in page.inner_text("#content-main")
