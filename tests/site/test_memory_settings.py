"""The variables that choose what draws memories and finds them."""

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from config.settings import memories


def test_the_rules_draw_unless_something_else_is_chosen():
    assert memories() == {"EXTRACTOR": "messaging.memories.rules.RuleExtractor", "EMBEDDER": None}


@pytest.mark.parametrize("name", ["none", "rules", "openai"])
def test_every_short_name_leads_to_something_sound(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, name: str
):
    monkeypatch.setenv("MEMORY_EXTRACTOR", name)
    monkeypatch.setenv("MEMORY_EMBEDDER", "none" if name == "rules" else name)
    monkeypatch.setenv("MEMORY_URL", "http://127.0.0.1:11434/v1")
    monkeypatch.setenv("MEMORY_MODEL", "m")
    settings.PARLEY = {"MEMORIES": memories()}
    assert run_checks(tags=["parley"]) == []


def test_the_semantic_one(monkeypatch: pytest.MonkeyPatch, settings: Settings):
    pytest.importorskip("wordllama")
    monkeypatch.setenv("MEMORY_EMBEDDER", "semantic")
    settings.PARLEY = {"MEMORIES": memories()}
    assert run_checks(tags=["parley"]) == []


def test_embeddings_may_come_from_elsewhere(monkeypatch: pytest.MonkeyPatch):
    for name, value in {
        "MEMORY_EXTRACTOR": "openai",
        "MEMORY_EMBEDDER": "openai",
        "MEMORY_URL": "https://a.example/v1",
        "MEMORY_MODEL": "chat",
        "MEMORY_KEY": "k",
        "MEMORY_EMBEDDER_MODEL": "embed",
    }.items():
        monkeypatch.setenv(name, value)
    chosen = memories()
    assert chosen["EXTRACTOR_OPTIONS"] == {"url": "https://a.example/v1", "model": "chat", "key": "k"}
    assert chosen["EMBEDDER_OPTIONS"] == {"url": "https://a.example/v1", "model": "embed", "key": "k"}


def test_a_model_that_is_not_named_is_reported(monkeypatch: pytest.MonkeyPatch, settings: Settings):
    monkeypatch.setenv("MEMORY_EXTRACTOR", "openai")
    settings.PARLEY = {"MEMORIES": memories()}
    assert [error.id for error in run_checks(tags=["parley"])] == ["messaging.E011"]
