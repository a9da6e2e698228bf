"""The documents: their links lead somewhere, and every setting has its place in them."""

import re
from collections import Counter
from dataclasses import fields
from pathlib import Path

import pytest

from messaging.conf import MemorySettings, ParleySettings
from tests.markers import pages

ROOT = Path(__file__).parent.parent.parent
README = ROOT / "README.md"
OPERATIONS = ROOT / "config/OPERATIONS.md"
MEMORIES = ROOT / "messaging/memories/README.md"
FOLDERS = (".github", "config", "messaging", "threads", "tests")
DOCUMENTS = sorted([README, *(page for folder in FOLDERS for page in (ROOT / folder).rglob("*.md"))])

FENCE = re.compile(r"^```.*?^```$", re.M | re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.M)
ANCHOR = re.compile(r'<a id="([^"]+)">')
# The first column of the tables of settings.
SETTING_ROWS = re.compile(r"^\| ((?:`[A-Z_0-9]+`(?:, )?)+) \|", re.M)
READ = re.compile(r"""(?:\benv\.\w+\(|os\.environ(?:\.get\(|\[)|os\.getenv\()\s*["']([A-Z_0-9]+)["']""")


def prose(page: Path) -> str:
    """What a page says, without its blocks of code."""
    return FENCE.sub("", page.read_text())


def anchors(page: Path) -> set[str]:
    """The fragments that lead into a page, as GitHub makes them of headings."""
    titles = [title.lower() for title in HEADING.findall(prose(page))]
    headings = [re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles]
    repeated = [f"{slug}-{n}" for slug, count in Counter(headings).items() for n in range(1, count)]
    return {*headings, *repeated, *ANCHOR.findall(prose(page))}


def is_missing(page: Path, link: str) -> bool:
    """Whether a relative link of a page leads nowhere."""
    path, _, fragment = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.is_relative_to(ROOT.resolve()) or not target.exists():
        return True
    return bool(fragment) and fragment not in anchors(target)


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", DOCUMENTS, ids=name_of)
def test_every_relative_link_leads_somewhere(page):
    links = [link for link in LINK.findall(prose(page)) if "://" not in link]
    assert not [link for link in links if is_missing(page, link)]


def test_a_link_to_nowhere_is_noticed():
    assert is_missing(README, "nowhere.md")
    assert is_missing(README, "config/OPERATIONS.md#nowhere")
    assert is_missing(README, "../outside.md")
    assert not is_missing(README, "config/OPERATIONS.md#overload")


def test_the_front_page_leads_to_every_other_page():
    linked = {(ROOT / link.partition("#")[0]).resolve() for link in LINK.findall(prose(README))}
    assert not [name_of(page) for page in DOCUMENTS if page != README and page.resolve() not in linked]


def test_the_front_page_is_short():
    text = README.read_bytes()
    assert len(text.splitlines()) <= 250
    assert len(text) <= 16 * 1024


@pytest.mark.parametrize("page", pages().values(), ids=name_of)
def test_the_page_of_a_wire_says_what_is_not_there(page):
    assert "what-is-not-there" in anchors(page)


def section(title: str, page: Path = OPERATIONS) -> Counter[str]:
    """The settings that a section of a page has in the first column of its table."""
    text = page.read_text().partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return Counter(name for row in SETTING_ROWS.findall(text) for name in re.findall(r"[A-Z_0-9]+", row))


def variables() -> set[str]:
    """The variables that `config` reads from its environment."""
    sources = (ROOT / "config").rglob("*.py")
    return {name for source in sources for name in READ.findall(source.read_text())}


def test_every_setting_of_the_app_is_documented_once():
    names = [field.name.upper() for field in fields(ParleySettings)]
    assert section("Settings of the app") == Counter(names)


def test_every_setting_of_memories_is_documented_once():
    names = [field.name.upper() for field in fields(MemorySettings)]
    assert section("Settings", MEMORIES) == Counter(names)


def test_every_variable_of_the_service_is_documented_once():
    assert section("Settings of the service") == Counter(variables())


def test_every_target_of_make_is_documented():
    targets = re.search(r"^\.PHONY:((?:.*\\\n)*.*)$", (ROOT / "Makefile").read_text(), re.M)
    assert targets
    page = (ROOT / "tests/README.md").read_text()
    names = targets[1].replace("\\", "").split()
    assert not [name for name in names if f"`make {name}`" not in page]


def test_every_folder_of_tests_is_documented():
    page = (ROOT / "tests/README.md").read_text()
    folders = [path.parent.name for path in (ROOT / "tests").glob("*/__init__.py")]
    assert not [name for name in folders if f"| `{name}/` |" not in page]


def test_the_reader_of_variables_sees_them():
    assert {"SECRET_KEY", "DATABASE_URL", "ALLOWED_HOSTS", "S3_BUCKET", "THREADS"} <= variables()
