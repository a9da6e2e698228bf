"""What the patterns of both languages are made of: names, places and values, and what is none of them."""

import re
from collections.abc import Iterator, Sequence

Pattern = tuple[str, re.Pattern[str]]
"""A topic, and what a clause of that topic is."""


def any_of(*words: str) -> str:
    """One of these words, or of the words in these texts."""
    return f"(?:{'|'.join(word for text in words for word in text.split('|'))})"


def none_of(*words: str) -> str:
    """Not one of these words, at this place."""
    return rf"(?!{any_of(*words)}\b)"


def words(most: int) -> str:
    """One word to so many."""
    return rf"{WORD}(?: {WORD}){{0,{most - 1}}}"


def patterns(topic: str, *texts: str) -> Iterator[Pattern]:
    """These patterns of clauses, case ignored."""
    for text in texts:
        yield topic, re.compile(text, re.I)


def either(topics: Sequence[Iterator[Pattern]]) -> tuple[Pattern, ...]:
    """All of them, in their order."""
    return tuple(pattern for each in topics for pattern in each)


WORD = r"[^\s,;:.!?]+"
NUMBERS = r"[\d./-]*\d\.?"
CAPITALISED = r"(?-i:[A-ZÄÖÜÁÉÍÓÚŁŻŚĆØÅČŠŽİ])[\w&.'-]*"
REST = r".{2,160}"
"""Of the clause, up to its end."""

# The value begins with a word that points at the conversation, denies, or makes it an idiom.
POINTING = none_of(
    "it|this|that|these|those|the|your|yours|you|him|her|them|his|their|how|what|when|where|which|why|who",
    "to see|to know|to hear|to think|being|seeing|not|option|version|variant|answer|number|[a-d]|both|"
    "neither|none",
    "all|one|everything|nothing|myself|me|us|mich|mir|uns",
    "es|das|dies\\w*|den|die|der|dem|dein\\w*|dich|euch|sie|ihn|ihre?n?|sein\\w*|wie|was|wenn|dass|nicht|"
    "variante",
    "beide\\w*|alles|nichts|nur|so",
)
OF_THE_MOMENT = r"(?!.*\b(?:this|that|these|those|instead|you|your|diese\w*|dich|dir|dein\w*|stattdessen)\b)"
"""A value says nothing that only the conversation explains."""
OF_A_TIME = (
    r"(?!.*\b(?:before|after|until|another|more|breakfast|lunch|dinner|when|while|"
    r"vor|nach|bis|mehr|frühstück|mittag\w*|abend\w*|während)\b)"
)
"""A habit of eating says nothing of the hour or the occasion."""
OF_A_TRADE = (
    r"(?:(?!(?:terrible|bad|lousy|awful|horrible|hopeless|great|good|decent|better|best|worst|natural|slow|fast|typical"
    r"|schlecht\w*|gut\w*|miserabl\w*|lausig\w*|toll\w*|leidenschaftlich\w*)\b)\w+[- ])"
)
"""An adjective that says which trade, not how well."""
NO_SUBJECT = none_of(
    "at (?:night|home)|in the|with|every|all|hard|alone|late|more|from|for",
    "nachts|abends|gern\\w*|viel|allein|zu hause|den|die",
)
LASTING = rf"{OF_THE_MOMENT}{POINTING}{REST}"
# An allowlist, since people are "allergic" to whatever they dislike.
ALLERGEN = any_of(
    "\\w*nuts?|peanuts?|almonds?|cashews?|hazelnuts?|walnuts?|pistachios?|sesame|soya?|wheat|gluten|rye|oats?",
    "milk|dairy|lactose|eggs?|fish|shellfish|seafood|shrimps?|prawns?|crabs?|lobster|mussels?|oysters?",
    "strawberr\\w+|kiwis?|apples?|bananas?|peach\\w*|cherr\\w+|citrus|tomato\\w*|celery|carrots?|mustard|lupin",
    "pollen|grass\\w*|ragweed|birch|hay|dust\\w*|mites?|mou?ld|latex|nickel|wool|perfumes?|fragrances?|chocolate",
    "cats?|dogs?|horses?|rabbits?|fur|feathers?|pets?|bees?|wasps?|stings?|insects?|cilantro|garlic|onions?",
    "penicillin|amoxicillin|antibiotics?|aspirin|ibuprofen|sulfa\\w*|codeine|iodine|morphine|sulfites?",
    "\\w*n[uü]ss\\w*|mandeln?|sesam|soja|weizen|roggen|milch\\w*|laktose|eier|ei|fisch|meeresfrüchte|krebstiere",
    "erdbeeren?|äpfel|sellerie|karotten|möhren|senf|\\w*pollen|gräser|birken?|hausstaub\\w*|staub|milben|schimmel",
    "\\w*katzen\\w*|hunde\\w*|pferde\\w*|tierhaare|bienen\\w*|wespen\\w*|insekten\\w*|penicillin|antibiotika",
)
TO_ALLERGENS = rf"(?=.*\b{ALLERGEN}\b){REST}"
NO_NAME = none_of(
    "not|no|on|in|at|mud|the|a|an|too|so|very|pretty|quite|spelled|spelt|pronounced|written|irrelevant|"
    "unknown",
    "none|nobody|also|already|missing|wrong|misspelled|later|back|when|if|whenever|whatever|anything|"
    "maybe|crazy",
    "stupid|old|old-fashioned|naive|paranoid|tomorrow|now|once|by|for|from|to|out|up|over|again|your|my|"
    "his|her",
    "this|that|it|what",
    "nicht|kein\\w*|egal|falsch|auf|unter|der|die|das|ein\\w*|zu|wie|wenn|noch|verrückt|altmodisch|bitte|"
    "später|bei",
    "train|bus|car|bike|foot|plane|boat|taxi|feel|feeling|instinct|ear|gut",
    "after",
    "jede\\w*|alle\\w*|programm|herzlich|willkommen|hase|unwichtig|unbekannt|mal|mich|dich|uns|euch|sie|es|also|dass",
)
NO_FURTHER_NAME = none_of(
    "and|but|by|please|from|for|instead|with|not|thanks|in|if|because|since|again|everybody|everyone|lol",
    "und|aber|bitte|aus|nicht|statt|danke|wenn|weil",
)
NAME = rf"{NO_NAME}[^\W\d_][\w.'-]*(?: {NO_FURTHER_NAME}[^\W\d_][\w.'-]*){{0,3}}"
NO_LOCATION = none_of(
    "fear|hope|hopes|hell|denial|peace|luxury|poverty|harmony|sin|pain|misery|chaos|constant|total|"
    "complete|exile",
    "the (?:moment|past|present|now|future|same|dark|shadow\\w*)|an? (?:\\w+ )?(?:world|society|dream|"
    "bubble|time|age)",
    "my|your|this|that|it|there|here",
    "an? (?:\\w+ ){0,2}(?:house|flat|apartment|studio|dorm|tent|van|boat|hostel|hotel|caravan|room)",
    "(?:the|de[mnr]|der)?(?:same|selben) \\w+",
    "eine[rm] (?:\\w+ ){0,2}(?:haus|wohnung|wg|zimmer|wohnheim|zelt|hotel|altbau|neubau)",
    "angst|frieden|armut|(?:der )?hoffnung|sünde|saus|einer (?:\\w+ )?(?:welt|zeit)|der vergangenheit|"
    "den tag",
    "scheidung|trennung|unsicherheit|gefahr|freiheit|stress|sorge|mein\\w*|dein\\w*|dies\\w*|hier|dort",
)
NOT_OF_LOCATION = none_of("and|but|with|which|where|so|for|to|because|und|aber|mit|wo|für|wegen")
LOCATION = (
    rf"{NO_LOCATION}(?:St\. )?{WORD}(?: {NOT_OF_LOCATION}{WORD}){{0,5}}(?:, {CAPITALISED}(?: "
    rf"{CAPITALISED})?)?"
)
