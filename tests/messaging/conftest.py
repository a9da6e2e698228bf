import pytest


@pytest.fixture
def in_english(settings: pytest.FixtureRequest) -> None:
    """Pages in the language of the tests that read them, whatever that of the host is."""
    settings.LANGUAGE_CODE = "en"  # type: ignore[attr-defined]
