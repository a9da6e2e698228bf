"""The clauses of a turn that may speak of its author: no quotes, code, questions, letters, plays or maybes.

What is left out here is the greater part of the precision: a text that somebody pastes, has translated or
plays says "I" too, and means somebody else.
"""

import re
from collections.abc import Iterator

MOST_CHARACTERS = 4_000
"""Of a turn; a longer one is pasted for the most part."""
FEW_WORDS = 3
"""Up to so many within quotation marks are a name or a title, which the marks merely set off."""

CODE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]*`", re.S)
QUOTED_LINE = re.compile(r"^\s*(?:>|\|).*$", re.M)
SPEAKER = re.compile(
    r"^\s*(?!(?:ps|p\.s\.|fyi|btw|note|also|update|edit|remember|hinweis|info|übrigens|merk\w* dir|notiz|"
    r"wichtig|about me|(?:kurz )?zu mir|(?:quick )?intro[\w ]*)\s*:)"
    r"[*_]*\w[\w.'-]*(?: [\w.'-]+){0,2}[*_]*\s*:.*$",
    re.M | re.I,
)
"""A line of a dialogue, of a form or of a list of headers."""
QUOTED = re.compile(
    r"\"([^\"]*)\"|“([^”]*)”|„([^“”]*)[“”]|«([^»]*)»|»([^«]*)«|(?<!\w)['‘‚]([^'’‘\n]*)['’‘](?!\w)"
)
FIRST_PERSON = re.compile(r"\b(?:i|i'm|i’m|me|my|we|our|ich|mein\w*|mich|mir|wir|uns\w*)\b", re.I)
MASK = "\N{OBJECT REPLACEMENT CHARACTER}"

LETTER = re.compile(
    r"^\s*(?:dear|sehr geehrte[rs]?|liebe[rs]?)\s+\w+[^\n]*,|"
    r"\b(?:(?:best|kind|warm) regards|yours (?:sincerely|faithfully)|sincerely,|"
    r"mit freundlichen grüßen|(?:viele|beste|liebe) grüße)",
    re.I | re.M,
)
# From such words on a turn is material or a game.
TASK = re.compile(
    r"\b(?:translate|proofread|rewrite|rephrase|paraphrase|summari[sz]e|role-?play|pretend|imagine|suppose|"
    r"hypothetically|act as|you are now|you're now|let'?s play|lets play|i want you to be|for example|e\.g\.|"
    r"as an example|(?:dummy|sample|placeholder|fake|made-up|fictional|fictitious) \w+|"
    r"fill (?:in|out) (?:the|this|an?) |"
    r"(?:beispiel|test|muster|platzhalter)(?:daten|person\w*)|füll\w* (?:bitte )?(?:das|dieses) formular|"
    r"in character|in the voice of|the lyrics|fix the grammar|correct (?:this|the|my)|"
    r"(?:write|draft|compose|generate|create|make|give|tell) (?:me |us |up )?(?:an?|the|some|my|another|"
    r"two|three|\d+) "
    r"(?:\w+ ){0,4}(?:story|poem|email|e-mail|letter|message|text|song|dialogue|dialog|script|bio|"
    r"biography|cv|"
    r"cover letter|speech|post|tweet|essay|sentences?|joke|template|test data|monologue|caption|profile)|"
    r"how (?:do|would) (?:you|i|we) say|what does .* mean|"
    r"(?:this|the following|following|diese\w*|folgende\w*) (?:\w+ ){0,3}\w*:|"
    r"übersetz\w*|korrigier\w*|formulier\w*|umformulier\w*|fass\w* .* zusammen|stell dir vor|angenommen|"
    r"tu so|"
    r"spiel(?:e|en)? (?:wir|mir|eine)|rollenspiel|du bist jetzt|beispielsweise|zum beispiel|z\.\s?b\.|"
    r"schreib\w* (?:mir |uns |bitte )*(?:eine?n?|den|die|das) (?:\w+ ){0,4}(?:geschichte|gedicht|e-?mail|"
    r"mail|brief|nachricht|"
    r"text|lied|dialog|rede|lebenslauf|bewerbung|anschreiben|beispiel\w*|satz|sätze|witz)|was heißt|"
    r"wie sagt man)(?!\w)",
    re.I,
)

# No end: a period after the number of a day ("am 3. Mai"), an initial, a title or an abbreviation.
END = re.compile(
    r"(?<!\b[A-ZÄÖÜ])(?<!\bSt)(?<!\bDr)(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bProf)(?<!\bNr)(?<!\bca)(?<!\bbzw)(?<!\bvs)\.+"
    r"(?=\s|$)(?!(?<=\d\.)\s+(?:[a-zäöü]|jan|feb|mär|apr|mai|jun|jul|aug|sep|okt|nov|dez|stock|semester))"
    r"|[!?…]+(?=\s|$)|\n+|;",
    re.I,
)
# What a new clause begins with, behind a conjunction, and behind a comma alone.
SUBJECT = r"(?:i|i'm|i've|my|we|you|it|that's|this|ich|mein\w*|wir|du|das|nenn\w*|call|remember|merk)"
REQUEST = (
    r"(?:please|can|could|would|what|how|which|who|where|when|why|is|are|do|does|did|should|any|so|but|"
    r"call|recommend|"
    r"suggest|show|give|find|tell|make|write|help|explain|plan|use|try|avoid|don't|never|always|keep|"
    r"bitte|kannst|könntest|können|was|wie|welche\w*|wo|wer|wann|warum|ist|sind|darf|dürfen|soll|gibt|"
    r"hast|also|aber|"
    r"weil|nenn\w*|empfiehl|empfehle|schlag|zeig\w*|gib|hilf|mach|such\w*|plane|erklär\w*)"
)
NAMED_BEFORE = r"(?:it|them|him|her|ihn|sie|es|ihm|ihnen)"
"""Behind a verb: a request about what the clause before has named."""
BETWEEN = re.compile(
    r"\s*,?\s+(?:and|but|so|because|since|although|though|und|aber|denn|weil|also|sowie)\s+"
    rf"(?={SUBJECT}\b|{REQUEST}\b)"
    rf"|\s*,\s+(?={SUBJECT}\b|{REQUEST}\b|\w+ {NAMED_BEFORE}\b)"
    r"|\s+[-–—]+\s+|\s*\(|\)\s*",
    re.I,
)
NO_FICTION = (
    r"(?!.*(?::|\b(?:story|novel|character|game|dream|play|playing|spiele|rolle|figur|charakter|roman|"
    r"geschichte)\b))"
)
WITHOUT_SUBJECT = tuple(
    (subject, re.compile(begins, re.I), re.compile(more, re.I))
    for subject, begins, more in (
        (
            "ich",
            rf"ich\b{NO_FICTION}",
            r"(?:\s*,|\s+und)\s+"
            r"(?=(?:wohne|lebe|komme|heiße|bin|arbeite|studiere|habe|mag|spreche|esse|trinke)\b)",
        ),
        (
            "I",
            rf"i(?:'m| am| live| work| have)\b{NO_FICTION}"
            r"(?!.*(?:(?<!allergic )\bto|\b(?:who|that|which|where|they|he|she))\b)",
            r"\s+and\s+(?=(?:am|live|work|speak|have|prefer)\b)",
        ),
    )
)
"""A subject, how a clause of it begins, and what stands before the verbs that follow without it: a German
verb tells whom it means, an English one where nobody else and no infinitive comes before."""
STATING = re.compile(
    rf"(?:{SUBJECT}|keep|don't forget|always|never|please|bitte|am liebsten|ab jetzt)\b", re.I
)
HEDGED = re.compile(
    r"\b(?:if|unless|whether|would|could|might|maybe|perhaps|probably|supposedly|apparently|used to|"
    r"when i was|"
    r"as a (?:kid|child)|let's say|no longer|any ?more|once upon|in my dream|i dreamt|i dreamed|"
    r"according to|in (?:scenario|example|case) \w+|just kidding|jk|lol|rofl|ha(?:ha)+|hehe|"
    r"today|tonight|yesterday|tomorrow|right now|at the moment|this (?:week|morning|evening|afternoon|"
    r"time)|for now|"
    r"wenn|falls|ob|würde|würdest|hätte|wäre|könnte|vielleicht|eventuell|wahrscheinlich|angeblich|früher|"
    r"als (?:ich|kind)|nicht mehr|im traum|geträumt|heute|gestern|morgen|gerade|momentan|diese woche|"
    r"nur spaß|scherz)\b",
    re.I,
)
IRONIC = re.compile(
    r"(?:(?:oh|ah|yeah|yes|well|na|ja|ach)[\s,]+)*"
    r"(?:sure|great|fantastic|wonderful|brilliant|right|super|toll|klasse|prima|klar|herrlich|wunderbar)\b[\s,]+"
    r".*\b(?:love|adore|enjoy|liebe|mag|genieße)\b",
    re.I,
)
"""Praise that leads to more of it is seldom meant."""
REPORTED = re.compile(
    r"\b(?:says?|said|thinks?|thought|claims?|claimed|tells?|told|wrote|writes|believes?|asks?|asked|"
    r"sagt|sagte|meint|meinte|behauptet\w*|glaubt|denkt|schreibt|schrieb|erzählt\w*|fragt|fragte)\b",
    re.I,
)
"""What follows is somebody's word."""
FORGETTING = re.compile(
    r"(?:(?:please|bitte|can you|could you|would you|you can|kannst du|könntest du|du kannst) )*"
    r"(?:forget|vergiss|vergessen sie|(?:delete|erase|clear|wipe|remove|drop|lösche?|löschen sie)\b(?=.*\b"
    r"(?:memory|memories|you|erinnerungen|du|mich|mir)\b))\b(?! (?:bitte )?nicht\b)",
    re.I,
)
"""A wish that may name what somebody said, and is one clause with that."""
GREETING = re.compile(
    r"^(?:(?:hi|hello|hey|hallo|hej|moin|servus|guten (?:tag|morgen|abend)|good (?:morning|evening|"
    r"afternoon)|there|"
    r"btw|by the way|oh|ah|ach|also|and|und|so|well|ok|okay|yes|ja|no|nein|naja|actually|anyway|as you know|"
    r"for (?:the record|context|reference|what it's worth)|just so you know|just fyi|fyi|ps|p\.s\.|note|"
    r"please note(?: that)?|"
    r"you should know(?: that)?|one more thing|for your information|first of all|thanks|thank you|danke|"
    r"übrigens|"
    r"eigentlich|nur damit du es weißt|zur info|hinweis|wie gesagt|noch was|außerdem|update|edit|info|"
    r"because|since|about me|(?:kurz )?zu mir|(?:quick )?intro(?: before we (?:begin|start))?|"
    r"but|aber|denn|all|everyone|zusammen|sorry|entschuldigung|nope|yep|sure|great|cool|super|wichtig|"
    r"important)\b"
    r"[\s,:!.…-]*)+",
    re.I,
)


def clauses(text: str) -> Iterator[str]:
    """What may be a statement or a wish of the author, clause by clause, in their order."""
    if len(text) > MOST_CHARACTERS or LETTER.search(text):
        return
    for sentence, is_question in _sentences(_own_words(text)):
        if TASK.search(sentence):
            return
        if IRONIC.match(sentence):
            continue
        yield from _stated(sentence, is_question)


def plain(text: str) -> str:
    """One line, with single spaces and plain apostrophes."""
    return " ".join(text.replace("’", "'").split())


def _own_words(text: str) -> str:
    for masked in (CODE, QUOTED_LINE, SPEAKER):
        text = masked.sub(MASK, text)
    return QUOTED.sub(_unquoted, text)


def _unquoted(match: re.Match[str]) -> str:
    inner = next((group for group in match.groups() if group is not None), "")
    is_title = 0 < len(inner.split()) <= FEW_WORDS and not FIRST_PERSON.search(inner)
    return inner if is_title else MASK


def _sentences(text: str) -> Iterator[tuple[str, bool]]:
    """Each sentence, and whether it asks."""
    begin = 0
    for end in END.finditer(text):
        yield plain(text[begin : end.start()]), "?" in end.group()
        begin = end.end()
    yield plain(text[begin:]), False


def _stated(sentence: str, is_question: bool) -> Iterator[str]:
    """The clauses that state something: of a question those before the one that asks, and none from the first
    on that says maybe, or whose word it is."""
    if not is_question and FORGETTING.match(whole := _cut(sentence)) and MASK not in whole:
        yield whole
        return
    parts = [cut for clause in BETWEEN.split(sentence) for cut in _with_subjects(_cut(clause)) if cut]
    if is_question and parts and not STATING.match(parts[0]):
        return
    for clause in parts[:-1] if is_question else parts:
        if HEDGED.search(clause) or REPORTED.search(clause):
            return
        if MASK not in clause:
            yield clause


def _with_subjects(clause: str) -> list[str]:
    """The clause, and what it says further of the same "I", each as a clause of its own."""
    for subject, begins, more in WITHOUT_SUBJECT:
        if begins.match(clause):
            first, *further = more.split(clause)
            return [first, *(f"{subject} {each}" for each in further)]
    return [clause]


def _cut(clause: str) -> str:
    """The clause without what only leads to it."""
    return GREETING.sub("", clause.strip(" ,:-*•")).strip(" ,:-.")
