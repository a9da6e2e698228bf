"""The README names every variable that the service reads from its environment."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
README = ROOT / "README.md"
READ = re.compile(r"""(?:\benv\.\w+\(|os\.environ\.get\(|os\.environ\[)\s*["']([A-Z_]+)["']""")
SOURCES = sorted((ROOT / "config").rglob("*.py"))
VARIABLES = sorted({name for source in SOURCES for name in READ.findall(source.read_text())})


def test_the_reader_of_variables_sees_them():
    assert {"SECRET_KEY", "DATABASE_URL", "ALLOWED_HOSTS", "RATE_LIMIT"} <= set(VARIABLES)


@pytest.mark.skipif(not README.exists(), reason="there is no README yet")
@pytest.mark.parametrize("variable", VARIABLES)
def test_a_variable_is_named(variable):
    assert f"`{variable}`" in README.read_text()
