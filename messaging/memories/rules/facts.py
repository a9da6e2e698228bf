"""Whether a clause is a fact or a wish of its author that is worth keeping."""

import re
from dataclasses import dataclass

from .english import ENGLISH
from .german import GERMAN

SINGLE = frozenset({"name", "salutation", "pronouns", "location", "age", "birthday", "time zone", "contact"})
"""Topics of which a user has one fact: a later one takes the place of the former."""

# Of the task at hand, not of the author.
AT_HAND = re.compile(
    r"\b(?:this|code|function|file|script|class|variable|query|table|regex|string|list|array|method|loop|"
    r"column|"
    r"diese\w*|funktion|datei|skript|klasse|tabelle|abfrage|liste|zeile)\b",
    re.I,
)
SECRET = re.compile(
    r"\b(?:pass ?words?|passwor[dt]\w*|passphrase|pass ?code|kennwort|pin(?: ?code)?|puk|tan|api[ -]?key|"
    r"secret|"
    r"token|credit card|kreditkarte\w*|cvv|cvc|iban|social security|ssn|private key|seed phrase|login|"
    r"zugangsdaten|credentials)\b",
    re.I,
)
"""What nobody wants to find among memories, whoever asks for it."""
PLACEHOLDER = re.compile(r"[\[\]{}<>$_\\|*#=]|\bx{2,}\b|\.\.\.|…", re.I)
ASIDE = re.compile(
    r"(?:,? (?:(?:at )?any ?time|jederzeit|"
    r"by the way|btw|though|too|as well|please|thanks|thank you|actually|sadly|unfortunately|"
    r"übrigens|leider|"
    r"bitte|danke|"
    r"auch))+$",
    re.I,
)
FURTHER = re.compile(
    r"(?:, (?!\w+$)|\s+(?:and|but|so|because|since|with|for|if|by|und|aber|weil|seit|mit|from|aus)\b)", re.I
)
"""Begins what the clause says besides."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What a clause says of its author."""

    memory: str
    """In the author's own words."""
    topic: str


def fact_in(clause: str) -> Fact | None:
    """The fact or wish that this clause is; None where it is none that the rules know."""
    clause = ASIDE.sub("", clause).rstrip(" ,:-")
    if not is_fit(clause):
        return None
    for topic, pattern in (*ENGLISH, *GERMAN):
        match = pattern.match(clause)
        if match and _is_whole(clause[match.end() :]):
            is_of_the_task = topic == "instructions" and AT_HAND.search(clause)
            return None if is_of_the_task else Fact(sentence_case(match.group()), topic)
    return None


def is_fit(clause: str) -> bool:
    """Whether it may be kept at all: it names no secret, and is no template."""
    return not (SECRET.search(clause) or PLACEHOLDER.search(clause))


def sentence_case(text: str) -> str:
    """The text with a capital at its beginning, and the English pronoun as it is written."""
    text = text.strip(" ,:-")
    if re.match(r"(?:i|i'm|my|we|please|you)\b", text, re.I):
        text = re.sub(r"\bi\b(?=['\s])", "I", text)
    return text[:1].upper() + text[1:]


def _is_whole(rest: str) -> bool:
    """Whether a pattern took the clause up to its end, or to where something else begins."""
    return not rest or bool(FURTHER.match(rest))
