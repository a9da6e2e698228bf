"""The rules: precise on turns that people labelled, and of what contradicts itself the later counts."""

import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from messaging.memories.extracting import Add, Change, Drop, Known, Turn
from messaging.memories.rules import RuleExtractor
from messaging.values.text import fold

TURNS = Path(__file__).with_name("turns.jsonl")
PAGE = Path(__file__).parents[2] / "messaging/memories/README.md"
RULES = RuleExtractor()


class Score(NamedTuple):
    """Memories that were drawn and are labelled, were drawn and are not, are labelled and were not drawn."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)


def drawn(*texts: str, known: list[Known] | None = None) -> list[Add | Change | Drop]:
    return list(RULES.extract([Turn(text=text) for text in texts], known or []))


def texts(*said: str) -> list[str]:
    return [each.memory for each in drawn(*said) if isinstance(each, Add)]


def known(memory: str, pk: str = "mem_1") -> Known:
    return Known(id=pk, memory=memory)


@pytest.fixture(scope="module")
def labelled() -> list[tuple[str, set[tuple[str, str]]]]:
    rows = [json.loads(line) for line in TURNS.read_text().splitlines()]
    return [
        (row["text"], {(each["topic"], fold(each["memory"])) for each in row["memories"]}) for row in rows
    ]


@pytest.fixture(scope="module")
def score(labelled: list[tuple[str, set[tuple[str, str]]]]) -> Score:
    right = wrong = missed = 0
    for text, wanted in labelled:
        found = {(each.topics[0], fold(each.memory)) for each in drawn(text) if isinstance(each, Add)}
        right, wrong, missed = (
            right + len(found & wanted),
            wrong + len(found - wanted),
            missed + len(wanted - found),
        )
    return Score(right, wrong, missed)


def test_the_turns_are_many_and_hold_traps(labelled: list[tuple[str, set[tuple[str, str]]]]):
    assert len({text for text, _ in labelled}) == len(labelled) >= 200
    assert sum(not wanted for _, wanted in labelled) >= 100


def test_precision(score: Score):
    assert score.precision >= 0.95


def test_the_page_says_what_is_measured(score: Score, labelled: list[tuple[str, set[tuple[str, str]]]]):
    said = re.search(
        r"On (\d+) labelled turns: precision (\d\.\d+), recall (\d\.\d+)", " ".join(PAGE.read_text().split())
    )
    assert said
    assert said.groups() == (str(len(labelled)), f"{score.precision:.2f}", f"{score.recall:.2f}")


def test_the_same_turns_give_the_same_memories(labelled: list[tuple[str, set[tuple[str, str]]]]):
    every = [text for text, _ in labelled]
    assert drawn(*every) == drawn(*every)


def test_a_memory_names_the_turns_that_say_it():
    [name, place] = drawn("Hi!", "My name is Ada.", "I live in Turin.")
    assert isinstance(name, Add) and isinstance(place, Add)
    assert (name.turns, name.topics) == ((1,), ("name",))
    assert (place.turns, place.topics) == ((2,), ("location",))


def test_a_second_of_what_a_user_has_one_changes_the_first():
    [change] = drawn("I live in Rome.", known=[known("I live in Turin")])
    assert change == Change(id="mem_1", memory="I live in Rome", topics=("location",), turns=(0,))


def test_the_last_of_a_batch_counts():
    assert texts("I live in Rome.", "I live in Turin.") == ["I live in Turin"]
    [change] = drawn("I live in Rome.", "I live in Bari.", known=[known("I live in Turin")])
    assert isinstance(change, Change) and change.memory == "I live in Bari"


def test_what_a_client_wrote_in_words_of_its_own_is_left_alone():
    [add] = drawn("I live in Rome.", known=[known("Location: Turin, since 2020")])
    assert isinstance(add, Add)


@pytest.mark.parametrize("said", ["I live in Turin.", "i live in TURIN", "Remember that I live in Turin!"])
def test_what_is_known_gains_a_source_and_changes_nothing(said: str):
    [same] = drawn(said, known=[known("I live in Turin")])
    assert same == Add(memory="I live in Turin", topics=("location",), turns=(0,))


@pytest.mark.parametrize("fact", ["I hate cilantro", "I live in Turin"])
def test_the_same_twice_is_one_with_both_turns(fact: str):
    [add] = drawn(f"{fact}.", f"Well, {fact}!")
    assert isinstance(add, Add) and (add.memory, add.turns) == (fact, (0, 1))


def test_the_same_change_twice_is_one_with_both_turns():
    [change] = drawn("I live in Rome.", "Well, I live in Rome.", known=[known("I live in Turin")])
    assert isinstance(change, Change) and change.turns == (0, 1)


@pytest.mark.parametrize(
    "wish",
    [
        "Forget that I live in Turin.",
        "Please forget my address.",
        "forget everything you know about me",
        "Forget what I told you about Turin.",
        "Vergiss, was ich über Turin gesagt habe.",
        "Vergiss meine Adresse.",
        "Vergiss alles, was du über mich weißt.",
        "Please forget everything about me.",
        "Vergiss bitte alles über mich.",
        "Forget where I live.",
        "Vergiss, wo ich wohne.",
        "Delete all my memories.",
        "please erase everything you know about me now",
        "Clear your memory, please.",
        "Forget all my memories.",
        "Lösche alle meine Erinnerungen.",
        "Lösch bitte alles, was du über mich weißt.",
        "Vergiss alles, was du dir gemerkt hast.",
    ],
)
def test_what_is_to_be_forgotten_is_dropped(wish: str):
    assert drawn(wish, known=[known("I live in Turin")]) == [Drop(id="mem_1", turns=(0,))]


def test_only_what_is_meant_is_forgotten():
    both = [known("I live in Turin", "mem_1"), known("I hate cilantro", "mem_2")]
    assert drawn("Forget that I hate cilantro.", known=both) == [Drop(id="mem_2", turns=(0,))]
    assert drawn("Forget my email address.", known=both) == []
    assert drawn("Forget how old I am.", known=both) == []
    assert drawn("Forget where I left the keys.", known=both) == []


@pytest.mark.parametrize(
    "said",
    [
        *("Forget it.", "Forget about that.", "Don't forget to call.", "I forget things."),
        *("Delete all my files.", "Remove Turin from the list.", "Clear the memory of the GPU."),
        *("Delete my memory card.", "Lösche die Zeile über Turin.", "Don't delete my memories."),
        *("How do I delete my memories?", "Lösche meine Erinnerungen an Turin nicht."),
    ],
)
def test_ways_of_speaking_forget_nothing(said: str):
    assert drawn(said, known=[known("I live in Turin")]) == []


def test_what_is_said_and_forgotten_within_a_batch_was_never_there():
    assert drawn("I live in Turin.", "Forget that I live in Turin.") == []


@pytest.mark.parametrize(
    "secret",
    ["my password is hunter2", "my PIN is 4711", "my credit card ends in 9", "mein Passwort geheim ist"],
)
def test_a_secret_is_never_kept(secret: str):
    assert drawn(f"Remember that {secret}.", f"Merk dir, dass {secret}.") == []


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Merk dir, dass mein Hund Rex heißt.", "Mein Hund heißt Rex"),
        ("Merk dir, dass ich gegen Nüsse allergisch bin.", "Ich bin gegen Nüsse allergisch"),
        ("Merk dir, dass ich keinen Kaffee trinke.", "Ich trinke keinen Kaffee"),
    ],
)
def test_a_german_clause_becomes_a_sentence(said: str, kept: str):
    assert texts(said) == [kept]


@pytest.mark.parametrize("length", [4_001, 1_000_000])
def test_a_long_turn_is_material(length: int):
    assert drawn("I live in Turin. " + "x" * length) == []


@pytest.mark.parametrize(
    "hostile",
    [
        "i " * 1_900,
        "my name is " + "a-" * 1_900,
        '"' * 3_900,
        "I have " + "a dog and " * 380,
        "remember that " * 280,
        "I speak English" + ", English" * 430,
        "(" * 3_900,
        "I live in " + "x " * 1_900,
        "`" * 3_900,
        "and " * 900 + "I live in Turin",
        "dass ich " * 400 + "bin",
    ],
)
def test_no_turn_takes_long(hostile: str):
    RULES.extract([Turn(text=hostile)] * 5, [])
