"""Finding memories: by words on every install, by meaning where there is an embedder."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from random import Random
from typing import Any

import numpy
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from messaging.memories import kept, texts
from messaging.memories.embedding import normalised
from messaging.memories.extracting import ModelUnavailable
from messaging.memories.search import METHODS, search_memories
from messaging.memories.texts import FEW
from messaging.memories.working import tend_all_memories
from messaging.models import Memory
from messaging.services import add_memory, delete_memory, update_memory
from messaging.services.memories.stored import hide
from tests.cast import Tenant

from .conftest import Say, Work

THEMES = (
    ("dog", "puppy", "cat", "pet"),
    ("tea", "coffee", "drink", "wine"),
    ("rome", "turin", "city", "live"),
)


class Themes:
    """An embedder that knows three themes, and a text by how much of each it holds."""

    name = "themes"
    is_away = False

    def embed(self, texts: Sequence[str]) -> Any:
        if self.is_away:
            raise ModelUnavailable("away")
        counts = [[sum(word in text.lower() for word in theme) for theme in THEMES] for text in texts]
        return normalised(numpy.array(counts, dtype=numpy.float32))


@pytest.fixture
def themes(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> type[Themes]:
    path = f"{Themes.__module__}.{Themes.__qualname__}"
    settings.PARLEY = {**settings.PARLEY, "MEMORIES": {"EMBEDDER": path}}
    monkeypatch.setattr(Themes, "is_away", False)
    return Themes


@pytest.fixture
def know(acme: Tenant) -> Callable[..., None]:
    """Adds memories, each newer than the one before."""

    def add(*texts: str, user_id: str = "ada", tenant: Tenant = acme) -> None:
        for text in texts:
            row, _ = add_memory(workspace_id=tenant.workspace.pk, user_id=user_id, memory=text)
            later = timezone.now() + timedelta(seconds=Memory.objects.count())
            Memory.objects.filter(pk=row.pk).update(updated_at=later)

    return add


@pytest.fixture
def search(acme: Tenant) -> Callable[..., list[str]]:
    def run(query: str, method: str = "keyword", **more: Any) -> list[str]:
        answer = search_memories(
            workspace_id=acme.workspace.pk, query=query, method=method, **{"user_id": "ada", **more}
        )
        return [row.memory for row in answer.memories]

    return run


class TestKeyword:
    @pytest.fixture(autouse=True, params=[kept.MANY, 0], ids=["read", "by the database"])
    def _known(
        self, know: Callable[..., None], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(kept, "MANY", request.param)
        monkeypatch.setattr(kept, "MOST_CHARACTERS", 1)
        know("Lives in Rome", "Likes green tea", "Likes tea from Rome", "Ich wohne in KÖLN", "100 % sure")

    def test_what_holds_more_of_the_query_comes_first(self, search: Any):
        assert search("tea in rome") == ["Likes tea from Rome", "Likes green tea", "Lives in Rome"]

    def test_the_whole_query_outweighs_its_words(self, search: Any):
        assert search("green tea")[0] == "Likes green tea"

    def test_equals_are_newest_first(self, search: Any):
        assert search("likes") == ["Likes tea from Rome", "Likes green tea"]

    @pytest.mark.parametrize("query", ["köln", "KÖLN", "ko\u0308ln"])
    def test_case_and_composition_do_not_matter(self, search: Any, query: str):
        assert search(query) == ["Ich wohne in KÖLN"]

    @pytest.mark.parametrize("query", ["%", "100 %"])
    def test_signs_mean_themselves(self, search: Any, query: str):
        assert search(query) == ["100 % sure"]

    @pytest.mark.parametrize(
        "query", ["zebra", "_", "\\", "'; DROP TABLE", "x" * 10_000, " ".join(map(str, range(900, 2_000)))]
    )
    def test_what_is_not_there(self, search: Any, query: str):
        assert search(query) == []

    def test_a_limit(self, search: Any):
        assert len(search("likes lives tea rome", limit=2)) == 2

    def test_of_one_user_or_of_all(self, know: Any, search: Any):
        know("Bob has tea", user_id="bob")
        assert "Bob has tea" not in search("tea")
        assert "Bob has tea" in search("tea", user_id=None)

    def test_of_all_users_the_newest_are_searched(self, search: Any, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("messaging.memories.search.MOST_OF_ALL", 3)
        assert search("tea", user_id=None) == ["Likes tea from Rome"]


@pytest.fixture
def long_query() -> str:
    """More words than are looked for one by one."""
    return " ".join(f"nothing{number}" for number in range(FEW + 1))


class TestLongQuery:
    """For many words an index of the words is made, which answers the same."""

    @pytest.fixture(autouse=True)
    def _known(self, know: Callable[..., None]) -> None:
        know("Lives in Rome", "Likes green tea", "Likes teamwork in Rome, Rome", "(tea)")

    def test_a_word_is_a_part_of_words_or_a_whole_one(self, search: Any, long_query: str):
        assert search(f"tea {long_query}") == ["(tea)", "Likes teamwork in Rome, Rome", "Likes green tea"]

    def test_what_holds_more_comes_first(self, search: Any, long_query: str):
        assert search(f"tea rome {long_query}")[0] == "Likes teamwork in Rome, Rome"

    def test_the_whole_query_counts(self, know: Any, search: Any, long_query: str):
        know(f"Says {long_query}", "Rome tea likes green lives")
        assert search(long_query) == [f"Says {long_query}"]

    def test_it_knows_what_came_since(self, know: Any, search: Any, long_query: str, many: None):
        search(long_query)
        know("Drinks tea")
        assert search(f"tea {long_query}")[0] == "Drinks tea"

    def test_it_is_made_anew_when_much_came(
        self, know: Any, search: Any, long_query: str, many: None, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(texts, "MANY", 1)
        search(long_query)
        know("Drinks tea", "Tea again")
        assert search(f"tea {long_query}")[:2] == ["Tea again", "Drinks tea"]


def test_an_index_of_words_serves_further_searches(know: Any, search: Any, many: None):
    know("Lives in Rome", "Likes green tea", "Likes teamwork")
    answers = [search("green tea rome") for _ in range(FEW)]
    assert answers == [["Likes green tea", "Likes teamwork", "Lives in Rome"]] * FEW


class TestByTime:
    def test_newest_and_oldest(self, know: Any, search: Any):
        know("a", "b", "c")
        assert search("zebra", "last_n", limit=2) == ["c", "b"]
        assert search("zebra", "first_n", limit=2) == ["a", "b"]


@pytest.mark.parametrize("method", METHODS)
def test_without_an_embedder_every_method_answers_and_says_how(acme: Tenant, know: Any, method: str):
    know("Likes tea")
    answer = search_memories(workspace_id=acme.workspace.pk, user_id="ada", query="tea", method=method)
    assert [row.memory for row in answer.memories] == ["Likes tea"]
    assert answer.method == (method if method in ("last_n", "first_n") else "keyword")


@pytest.mark.parametrize("method", METHODS)
def test_no_method_sees_another_workspace(
    acme: Tenant, globex: Tenant, know: Any, themes: object, method: str
):
    know("Globex likes tea", tenant=globex)
    tend_all_memories()
    for user_id in ("ada", None):
        answer = search_memories(workspace_id=acme.workspace.pk, user_id=user_id, query="tea", method=method)
        assert answer.memories == []


def test_a_method_that_is_none(acme: Tenant):
    with pytest.raises(ValueError, match="no way to search"):
        search_memories(workspace_id=acme.workspace.pk, query="x", method="agentic_last_n")


class TestByMeaning:
    @pytest.fixture(autouse=True)
    def _known(self, know: Any, themes: object) -> None:
        know("Has a puppy", "Drinks coffee", "Is from Turin", "Drinks tea with the dog")
        tend_all_memories()

    def test_what_means_the_same_is_nearest(self, search: Any):
        assert search("pet", "vector", limit=2) == ["Has a puppy", "Drinks tea with the dog"]

    def test_both_rankings_count(self, search: Any):
        assert search("dog", "hybrid")[:2] == ["Drinks tea with the dog", "Has a puppy"]

    @pytest.mark.parametrize(
        ("asked", "answered"),
        [
            ("agentic", "hybrid"),
            ("agentic_vector", "vector"),
            ("agentic_keyword", "keyword"),
            ("hybrid", "hybrid"),
        ],
    )
    def test_it_says_how(self, acme: Tenant, asked: str, answered: str):
        answer = search_memories(workspace_id=acme.workspace.pk, user_id="ada", query="pet", method=asked)
        assert answer.method == answered

    def test_an_embedder_that_is_away_leaves_words(self, acme: Tenant, themes: type[Themes]):
        themes.is_away = True
        answer = search_memories(workspace_id=acme.workspace.pk, user_id="ada", query="tea", method="vector")
        assert ([row.memory for row in answer.memories], answer.method) == (
            ["Drinks tea with the dog"],
            "keyword",
        )

    def test_vectors_of_another_embedder_are_not_compared(self, search: Any, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(Themes, "name", "others")
        assert search("pet", "vector") == []
        tend_all_memories()
        assert search("pet", "vector", limit=1) == ["Has a puppy"]

    def test_without_a_user_it_goes_by_words(self, acme: Tenant):
        answer = search_memories(workspace_id=acme.workspace.pk, query="coffee", method="vector")
        assert ([row.memory for row in answer.memories], answer.method) == (["Drinks coffee"], "keyword")


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is compared is kept, however little it is, and however lately it changed."""
    monkeypatch.setattr(kept, "MANY", 3)
    monkeypatch.setattr(kept, "SETTLING", timedelta(days=-1))
    yield
    kept._keeping.clear()


class TestKeptTexts:
    """Where a user has many memories their texts are kept, and what changed since shows at once."""

    @pytest.fixture(autouse=True)
    def _known(self, know: Any, search: Any, many: None) -> None:
        know("Has a puppy", "Drinks coffee", "Is from Turin")
        search("puppy")

    def reads(self, search: Any, query: str, *wanted: str) -> bool:
        """Whether a search answers this, and reads the texts for it."""
        with CaptureQueriesContext(connection) as queries:
            assert search(query) == list(wanted)
        return any('"search_text" AS' in each["sql"] or '"search_text", ' in each["sql"] for each in queries)

    def test_they_are_read_once(self, search: Any):
        assert not self.reads(search, "coffee", "Drinks coffee")

    def test_what_is_just_stored_is_read_once(self, search: Any, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(kept, "SETTLING", timedelta(days=1))
        assert not self.reads(search, "coffee", "Drinks coffee")

    def test_what_is_new_is_added(self, search: Any, know: Any):
        know("Drinks tea")
        assert self.reads(search, "drinks", "Drinks tea", "Drinks coffee")
        assert not self.reads(search, "tea", "Drinks tea")

    def test_what_changed_is_replaced(self, acme: Tenant, search: Any):
        row = Memory.objects.for_workspace(acme.workspace.pk).get(memory="Drinks coffee")
        update_memory(workspace_id=acme.workspace.pk, memory_id=row.pk, changes={"memory": "Drinks wine"})
        newest = timezone.now() + timedelta(days=1)
        Memory.objects.filter(pk=row.pk).update(updated_at=newest)
        assert self.reads(search, "wine", "Drinks wine")
        assert not self.reads(search, "coffee")

    def test_what_is_gone_is_not_shown(self, acme: Tenant, search: Any):
        row = Memory.objects.for_workspace(acme.workspace.pk).get(memory="Has a puppy")
        delete_memory(workspace_id=acme.workspace.pk, memory_id=row.pk)
        assert self.reads(search, "puppy")

    def test_a_change_that_is_stored_late_shows(
        self, acme: Tenant, search: Any, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(kept, "SETTLING", timedelta(seconds=10))
        row = Memory.objects.for_workspace(acme.workspace.pk).get(memory="Drinks coffee")
        times = {"updated_at": timezone.now() - timedelta(seconds=5)}
        Memory.objects.filter(pk=row.pk).update(
            memory="Drinks wine", search_text="drinks wine", version=row.version + 1, **times
        )
        assert search("wine") == ["Drinks wine"]


class TestKeptVectors:
    """So is the matrix of their vectors."""

    @pytest.fixture(autouse=True)
    def _known(self, know: Any, themes: object, many: None) -> None:
        know("Has a puppy", "Drinks coffee", "Is from Turin")
        tend_all_memories()

    def reads(self, search: Any, query: str, *wanted: str) -> bool:
        """Whether a search answers this, and reads the vectors for it."""
        with CaptureQueriesContext(connection) as queries:
            assert search(query, "vector", limit=len(wanted)) == list(wanted)
        return any('THEN "parley_memory"."embedding"' in each["sql"] for each in queries)

    def test_it_is_read_once(self, search: Any):
        assert self.reads(search, "pet", "Has a puppy")
        assert not self.reads(search, "city", "Is from Turin")

    def test_what_is_new_is_added(self, search: Any, know: Any):
        search("pet", "vector")
        know("Has a dog and a puppy as a pet")
        tend_all_memories()
        assert search("pet", "vector", limit=2)[0] in ("Has a puppy", "Has a dog and a puppy as a pet")
        assert len(search("pet", "vector")) == 4
        assert not self.reads(search, "city", "Is from Turin")

    def test_what_changed_is_replaced(self, acme: Tenant, search: Any):
        search("pet", "vector")
        row = Memory.objects.for_workspace(acme.workspace.pk).get(memory="Has a puppy")
        later = Memory.objects.order_by("updated_at").last()
        assert later
        update_memory(workspace_id=acme.workspace.pk, memory_id=row.pk, changes={"memory": "Drinks wine"})
        Memory.objects.filter(pk=row.pk).update(updated_at=later.updated_at + timedelta(seconds=1))
        tend_all_memories()
        assert "Drinks wine" in search("coffee", "vector", limit=2)

    def test_one_without_a_vector_does_not_have_the_others_read(self, search: Any, know: Any):
        search("pet", "vector")
        know("Likes tea")
        search("pet", "vector")
        assert [size for size in self.sizes_read(search) if size] == [1]

    def sizes_read(self, search: Any) -> list[int]:
        """How many memories each reading of vectors asks for."""
        sizes, read = [], kept.Kind.read

        def counting(*args: Any, **options: Any) -> Any:
            compared = read(*args, **options)
            sizes.append(len(compared.versions))
            return compared

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(kept.Kind, "read", counting)
            search("pet", "vector")
        return sizes

    def test_a_former_vector_goes_before_the_new_one_comes(self, acme: Tenant, search: Any, know: Any):
        search("pet", "vector")
        know("Likes tea")
        tend_all_memories()
        row = Memory.objects.for_workspace(acme.workspace.pk).get(memory="Has a puppy")
        update_memory(workspace_id=acme.workspace.pk, memory_id=row.pk, changes={"memory": "Drinks wine"})
        later = timezone.now() + timedelta(days=1)
        Memory.objects.filter(pk=row.pk).update(updated_at=later)
        assert row.pk not in [each.pk for each in self.nearest(acme, "pet")]
        tend_all_memories()
        assert row.pk in [each.pk for each in self.nearest(acme, "coffee")[:3]]

    def nearest(self, acme: Tenant, query: str) -> list[Memory]:
        named = {"workspace_id": acme.workspace.pk, "user_id": "ada"}
        return search_memories(**named, query=query, method="vector").memories

    def test_what_is_gone_is_not_shown(self, acme: Tenant, search: Any):
        search("pet", "vector")
        row = Memory.objects.for_workspace(acme.workspace.pk).get(memory="Has a puppy")
        delete_memory(workspace_id=acme.workspace.pk, memory_id=row.pk)
        assert "Has a puppy" not in search("pet", "vector")
        assert len(search("pet", "vector")) == 2

    def test_it_is_of_one_user(self, acme: Tenant, search: Any, know: Any):
        search("pet", "vector")
        know("Bob has a pet", user_id="bob")
        tend_all_memories()
        assert search("pet", "vector", user_id="bob") == ["Bob has a pet"]

    def test_all_of_them_have_bounds(self, search: Any, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(kept, "MOST_BYTES", 0)
        search("pet", "vector")
        assert self.reads(search, "pet", "Has a puppy")

    def test_one_that_nobody_asks_for_goes(self, search: Any, monkeypatch: pytest.MonkeyPatch):
        search("pet", "vector")
        monkeypatch.setattr(kept, "SECONDS", -1.0)
        kept._keeping._sweep()
        assert not kept._keeping._kept
        assert self.reads(search, "pet", "Has a puppy")


@pytest.mark.parametrize("seed", range(2))
def test_what_is_kept_answers_as_what_is_read(
    acme: Tenant, themes: object, many: None, monkeypatch: pytest.MonkeyPatch, seed: int
):
    """Whatever is written, deleted, hidden and given vectors in between."""
    monkeypatch.setattr(kept, "MANY", 6)
    random, workspace_id = Random(seed), acme.workspace.pk
    rows = Memory.objects.for_workspace(workspace_id).live()

    def text() -> str:
        return f"{' '.join(random.choices(sum(THEMES, ()), k=3))} {random.random()}"

    def add() -> None:
        add_memory(workspace_id=workspace_id, user_id="ada", memory=text())

    def change() -> None:
        update_memory(workspace_id=workspace_id, memory_id=chosen(), changes={"memory": text()})

    def chosen() -> str:
        return random.choice(list(rows.order_by("pk").values_list("pk", flat=True)))

    steps = (
        *(add, add, change, tend_all_memories),
        lambda: delete_memory(workspace_id=workspace_id, memory_id=chosen()),
        lambda: hide(workspace_id, [chosen()]),
    )
    for step in [*[add] * 12, *random.choices(steps, k=30)]:
        step() if rows.count() > 2 else add()
        asked = {"workspace_id": workspace_id, "user_id": "ada", "query": "dog tea live in rome", "limit": 4}
        for method in ("keyword", "vector", "hybrid"):
            answer = search_memories(**asked, method=method)
            with monkeypatch.context() as patch:
                patch.setattr(kept, "_keeping", kept._Keeping())
                assert answer == search_memories(**asked, method=method)


class TestDuplicates:
    def test_the_worker_gives_vectors_and_keeps_what_says_the_same_once(
        self, acme: Tenant, say: Say, work: Work, themes: object
    ):
        say("I like coffee in the morning hours.")
        work()
        work()
        [row] = Memory.objects.for_workspace(acme.workspace.pk)
        assert row.embedder == "themes"
        say("I really like coffee before noon.")
        work()
        [same] = Memory.objects.for_workspace(acme.workspace.pk)
        assert (same.pk, same.memory) == (row.pk, row.memory)
        assert same.sources.count() == 2

    def test_what_is_denied_or_counted_otherwise_is_not_the_same(
        self, acme: Tenant, say: Say, work: Work, themes: object, memories: Any
    ):
        for text in (
            "I like coffee.",
            "I don't like coffee.",
            "I drink only 2 coffees.",
            "I like 3 coffees.",
        ):
            say(text)
            work()
            work()
        assert memories() == ["I like coffee", "I don't like coffee", "I like 3 coffees"]
