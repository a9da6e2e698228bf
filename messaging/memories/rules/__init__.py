"""Memories by rules: facts and wishes in the first person, in English and German. Without model or network.

Precision comes first: what a rule does not know for certain it leaves out. The same turns give the same
memories, always.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from messaging.memories.extracting import Add, Change, Drop, Known, Proposal, Turn
from messaging.values.text import fold

from .facts import SINGLE, Fact, fact_in
from .sentences import clauses
from .wishes import EVERYTHING, to_forget, to_remember

__all__ = ["RuleExtractor"]

ABOUT = re.compile(
    r"(?:(?:everything|anything|all|what)(?: that)? i (?:ever )?(?:told you|said)(?: to you)? about"
    r"|(?:alles,? )?was ich (?:dir )?über) (?P<what>.+?)(?: (?:gesagt|erzählt) habe)?",
    re.I,
)
MINE = re.compile(r"(?:about )?(?:my|our|mein\w*|unser\w*) (?P<what>[\w -]+)", re.I)
NAMED = {
    "name": "name",
    "nickname": "salutation",
    "spitzname\\w*": "salutation",
    "address|location|home|city|adresse|wohnort": "location",
    "age|alter": "age",
    "birthday|birth date|geburtstag|geburtsdatum": "birthday",
    "pronouns|pronomen": "pronouns",
    "time ?zone|zeitzone": "time zone",
    "e-?mail(?: address)?|mail|e-?mail-adresse|mailadresse": "contact",
}
ASKED = {
    "who i am|what (?:i am called|my name is)|wer ich bin|wie ich heiße": "name",
    "where (?:i|we) live|wo (?:ich|wir) (?:wohnen?|leben?)": "location",
    "how old i am|wie alt ich bin": "age",
    "when (?:i was born|my birthday is)|wann ich (?:geboren bin|geburtstag habe)": "birthday",
}
"""What is to be forgotten as a question."""
WORDS = re.compile(r"[^\W_]{3,}")
EMPTY = re.compile(
    r"(?:the|and|that|this|with|for|from|you|about|are|was|have|has|had|not|"
    r"der|die|das|und|ich|bin|mein|meine|mir|mich|ist|ein|eine|einen|mit|von|für|auf|über|dass|habe)"
)


class RuleExtractor:
    """Draws memories by the rules of this package."""

    name: ClassVar[str] = "rules"
    version: ClassVar[str] = "1"
    sees_all: ClassVar[bool] = True

    def extract(self, turns: Sequence[Turn], known: Sequence[Known]) -> Sequence[Proposal]:
        """What is to be kept, changed and dropped: of what contradicts itself, the later counts."""
        notes = _Notes(known)
        for number, turn in enumerate(turns):
            for clause in clauses(turn.text):
                if (forgotten := to_forget(clause)) is not None:
                    notes.forget(forgotten, number)
                elif (fact := to_remember(clause) or fact_in(clause)) is not None:
                    notes.keep(fact, number)
        return notes.proposals()


class _Notes:
    """What is known, and what the turns so far make of it."""

    def __init__(self, known: Sequence[Known]) -> None:
        self.known = {each.id: each for each in known}
        self.changed: dict[str, Change] = {}
        self.dropped: dict[str, Drop] = {}
        self.added: list[Add] = []

    def keep(self, fact: Fact, turn: int) -> None:
        """Add a fact, or change the one whose place it takes. What is known already gains a source."""
        if fact.topic in SINGLE:
            self.added = [each for each in self.added if fact.topic not in each.topics or _says(each, fact)]
            if former := next((pk for pk, memory in self._held() if _topic(memory) == fact.topic), None):
                self._change(former, fact, turn)
                return
        self._add(fact, turn)

    def forget(self, what: str, turn: int) -> None:
        """Drop what this means."""
        is_meant = _meaning(what)
        self.added = [each for each in self.added if not is_meant(each.memory)]
        for pk, memory in self._held():
            if is_meant(memory):
                self.changed.pop(pk, None)
                self.dropped[pk] = Drop(id=pk, turns=(turn,))

    def proposals(self) -> list[Proposal]:
        return [*self.dropped.values(), *self.changed.values(), *self.added]

    def _add(self, fact: Fact, turn: int) -> None:
        former = next((each for each in self.added if _says(each, fact)), None)
        if former is not None:
            self.added.remove(former)
        known = [memory for _, memory in self._held() if fold(memory) == fold(fact.memory)]
        turns = (*former.turns, turn) if former else (turn,)
        self.added.append(Add(memory=[*known, fact.memory][0], topics=(fact.topic,), turns=turns))

    def _change(self, pk: str, fact: Fact, turn: int) -> None:
        former = self.changed.pop(pk, None)
        if fold(self.known[pk].memory) == fold(fact.memory):
            self._add(fact, turn)
            return
        turns = (*former.turns, turn) if former and _says(former, fact) else (turn,)
        self.changed[pk] = Change(id=pk, memory=fact.memory, topics=(fact.topic,), turns=turns)

    def _held(self) -> list[tuple[str, str]]:
        """(id, text) of what is known and was not dropped."""
        return [
            (pk, self.changed[pk].memory if pk in self.changed else each.memory)
            for pk, each in self.known.items()
            if pk not in self.dropped
        ]


def _says(proposal: Add | Change, fact: Fact) -> bool:
    return fold(proposal.memory) == fold(fact.memory)


def _topic(memory: str) -> str | None:
    """The topic of a memory in the words of a rule; a text of anybody else has none."""
    fact = fact_in(memory)
    return fact.topic if fact else None


def _meaning(what: str) -> Callable[[str], bool]:
    """Whether a memory is what somebody wants forgotten in these words."""
    if EVERYTHING.fullmatch(what):
        return lambda memory: True
    if about := ABOUT.fullmatch(what):
        return _mentions(about["what"])
    mine = MINE.fullmatch(what)
    if topic := _named(mine["what"], NAMED) if mine else _named(what, ASKED):
        return lambda memory: _topic(memory) == topic
    if mine:
        return _mentions(mine["what"])
    fact = fact_in(what)
    return lambda memory: fold(memory) == fold(fact.memory if fact else what) or _mentions(what)(memory)


def _named(words: str, topics: Mapping[str, str]) -> str | None:
    return next((topic for names, topic in topics.items() if re.fullmatch(names, words, re.I)), None)


def _mentions(what: str) -> Callable[[str], bool]:
    """Whether a memory has every word of these that means something."""
    wanted = {word for word in WORDS.findall(fold(what)) if not EMPTY.fullmatch(word)}
    return lambda memory: bool(wanted) and wanted <= set(WORDS.findall(fold(memory)))
