"""What an author asks to have remembered or forgotten."""

import re

from .facts import Fact, fact_in, is_fit, sentence_case

REMEMBER = re.compile(
    r"(?:(?:please|kindly|can you|could you|bitte) )*"
    r"(?:remember(?: for (?:later|next time))?|do(?: not|n't) forget|keep in mind|bear in mind|"
    r"make a note|note down|"
    r"merk(?:e)? dir(?: bitte)?|merken sie sich(?: bitte)?|vergiss (?:bitte )?nicht|"
    r"behalte (?:bitte )?im kopf|"
    r"denk (?:bitte )?daran|notier(?:e)? dir)\b"
    r"(?:[:,]? (?:that|dass)|:|,)?\s+(?P<what>.+)",
    re.I,
)
FORGET = re.compile(
    r"(?:(?:please|bitte|can you|could you|would you|you can|kannst du|könntest du|du kannst) )*"
    r"(?:forget|vergiss(?: bitte)?|vergessen sie(?: bitte)?)\b"
    r"(?:[:,]? (?:that|dass))?,?\s+(?P<what>.+)",
    re.I,
)
ERASE = re.compile(
    r"(?:(?:please|bitte|can you|could you|would you|you can|kannst du|könntest du|du kannst) )*"
    r"(?:delete|erase|clear|wipe|remove|drop|lösche?(?: bitte)?|löschen sie(?: bitte)?)\b\s+(?P<what>.+)",
    re.I,
)
"""Of anything but memories it is a task."""
EVERYTHING = re.compile(
    r"(?:everything|all|anything)(?: that)? you (?:know|remember|have stored|saved)(?: (?:about|of) me)?"
    r"|(?:everything|anything|all) about me"
    r"|what you (?:know|remember|have stored|saved) (?:about|of) me"
    r"|(?:all |all of )?(?:my|your) (?:saved |stored )?(?:memory|memories)(?: (?:of|about) me)?"
    r"|(?:all |all of )?(?:the )?memories (?:of|about) me"
    r"|(?:all |the )?memories you have(?: (?:of|about) me)?"
    r"|(?:alles,? )?was du (?:dir )?(?:(?:über|von) (?:mich|mir) )?(?:weißt|gespeichert hast|gemerkt hast)"
    r"|alles (?:über mich|von mir)(?: weißt)?"
    r"|(?:alle |all )?(?:meine|deine) (?:gespeicherten )?erinnerungen(?: (?:an|über|von) (?:mich|mir))?"
    r"|alle erinnerungen (?:an|über|von) (?:mich|mir)",
    re.I,
)
POLITELY = re.compile(
    r"(?:[ ,]+(?:please|now|right now|immediately|again|bitte|jetzt|sofort|wieder))+$", re.I
)
OF_THE_AUTHOR = re.compile(r"\b(?:i|i'm|i've|me|my|mine|we|our|us|ich|mein\w*|mir|mich|wir|unser\w*)\b", re.I)
NOT_OF_NOW = re.compile(
    r"^(?:when|the time|that time|that (?:scene|day|night|one)|how|to|what|who|where|why|if|als|wie|was|"
    r"wer|wo|zu|die zahl)\b"
    r"|\b(?:told|said|asked|mentioned|talked|sagte|gesagt|erzählt|gefragt|erwähnt)\b",
    re.I,
)
SUBORDINATE = re.compile(
    r"(?:dass )?(?P<subject>ich|wir|mein\w* \w+|unser\w* \w+) (?P<rest>.+) (?P<verb>\w+)", re.I
)
FINITE = re.compile(
    r"(?:bin|habe|hat|ist|sind|haben|wohne|lebe|heiße|heißt|trinke|esse|mag|liebe|hasse|arbeite|sitzt|"
    r"spreche|"
    r"brauche|braucht|fahre|fährt|komme|kommt|kann|darf|muss|will|möchte|bevorzuge|wohnt|lebt|studiere|"
    r"spiele)",
    re.I,
)
SEPARABLE = re.compile(r"(?:gegangen|geworden|\w+en)$", re.I)


def to_remember(clause: str) -> Fact | None:
    """What this clause asks to have remembered of its author; None where it asks for no such thing."""
    match = REMEMBER.match(clause)
    if not match or NOT_OF_NOW.search(match["what"]):
        return None
    text = _in_main_order(match["what"]) if "dass" in match.group().lower().split() else match["what"]
    if text is None or not OF_THE_AUTHOR.search(text) or not is_fit(text):
        return None
    return fact_in(text) or Fact(sentence_case(text), "notes")


def to_forget(clause: str) -> str | None:
    """What this clause asks to have forgotten, in its words; None where it asks for no such thing."""
    clause = POLITELY.sub("", clause)
    if (erased := ERASE.match(clause)) and EVERYTHING.fullmatch(erased["what"]):
        return erased["what"]
    match = FORGET.match(clause)
    if not match or re.match(r"(?:nicht|not|about it|it|es|that|to)\b", match["what"], re.I):
        return None
    what = match["what"]
    return (_in_main_order(what) or what) if "dass" in match.group().lower().split() else what


def _in_main_order(clause: str) -> str | None:
    """A German subordinate clause as a sentence of its own: its verb comes second. None where it is unclear
    which word that is."""
    match = SUBORDINATE.fullmatch(clause)
    if not match or not FINITE.fullmatch(match["verb"]):
        return None
    return f"{match['subject']} {match['verb']} {match['rest']}"
