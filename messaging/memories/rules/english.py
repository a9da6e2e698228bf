"""Facts and wishes in English."""

from .patterns import (
    CAPITALISED,
    LASTING,
    LOCATION,
    NAME,
    NO_SUBJECT,
    NOT_OF_LOCATION,
    OF_A_TIME,
    OF_A_TRADE,
    POINTING,
    REST,
    TO_ALLERGENS,
    any_of,
    either,
    none_of,
    patterns,
    words,
)

I_AM = r"i(?: am|'m|m)"
HOWEVER = (
    r"(?:really |very |absolutely |also |just |now |currently |usually |generally |much |strongly |mostly )*"
)
LANGUAGE = any_of(
    "english|german|french|spanish|italian|portuguese|dutch|polish|russian|ukrainian|turkish|arabic|"
    "hebrew|chinese",
    "mandarin|cantonese|japanese|korean|hindi|urdu|bengali|swedish|danish|norwegian|finnish|greek|czech|"
    "hungarian",
    "romanian|bulgarian|croatian|serbian|vietnamese|thai|indonesian|persian|farsi|catalan|swahili|welsh|"
    "irish",
)
A_BIT = r"(?:a (?:bit|little)(?: bit)?(?: of)? |some )?"
PROFESSION = any_of(
    "teacher|nurse|doctor|physician|surgeon|dentist|vet|veterinarian|developer|programmer|engineer|"
    "student|lawyer",
    "architect|designer|journalist|writer|author|chef|cook|baker|electrician|plumber|carpenter|farmer|"
    "pilot|driver",
    "accountant|consultant|scientist|researcher|professor|librarian|musician|photographer|paramedic|"
    "firefighter",
    "pharmacist|psychologist|therapist|translator|salesperson|manager|analyst|mechanic|midwife|tutor|"
    "freelancer",
)
RELATIVE = any_of(
    "wife|husband|partner|girlfriend|boyfriend|fiancée?|daughter|son|brother|sister|mother|father|mom|"
    "mum|dad",
    "grandmother|grandfather|grandma|grandpa|twin|baby|roommate|boss|niece|nephew",
)
RELATIVES = any_of("kids?|child|children|sons?|daughters?|brothers?|sisters?|twins?|grandchildren|siblings")
PET = any_of("dog|cat|rabbit|hamster|parrot|horse|pony|turtle|tortoise|guinea pig|budgie|puppy|kitten")
NUMBER = (
    r"(?:an?|one|two|three|four|five|six|\d{1,2})(?: (?:little|young|small|old|older|younger|grown|"
    r"twin|adopted))?"
)
DIET = any_of("vegan|vegetarian|pescatarian|gluten[- ]free|lactose[- ]intolerant|halal|kosher|teetotal")
CONDITION = any_of(
    "type [12] diabetes|diabetes|asthma|c(?:o)?eliac disease|adhd|epilepsy|migraines?|arthritis|dyslexia|"
    "hay fever",
    "high blood pressure|ibs|crohn's disease|tinnitus|a heart condition|a pacemaker",
)
TRAIT = any_of(
    "diabetic|c(?:o)?eliac|colou?r[- ]?blind|dyslexic|left[- ]handed|hard of hearing|deaf|blind|pregnant|"
    "asthmatic|autistic",
    "a wheelchair user|a smoker|a non-smoker",
)
SAY = any_of(
    "answer|reply|respond|write|address|speak|talk|call|use|include|start|end|give|keep|explain|format|"
    "show|cite",
    "apologi[sz]e",
)

ENGLISH = either(
    (
        patterns(
            "name",
            rf"my (?:full |first |last |real )?name(?: is|'s) {NAME}",
            rf"{I_AM} (?:called|named) {NAME}",
        ),
        patterns(
            "salutation",
            rf"(?:please |just |you can |you may |everyone |everybody |people |my friends |"
            rf"most people )*calls? me {NAME}",
            rf"i go by {NAME}",
        ),
        patterns("pronouns", r"my pronouns are \w+(?:/\w+){0,2}"),
        patterns(
            "location",
            rf"i {HOWEVER}(?:live|reside)(?: now)? (?:in|near|outside(?: of)?) {LOCATION}",
            rf"i {HOWEVER}(?:live|reside)(?: now)? (?:on|at) {CAPITALISED}(?: {CAPITALISED}){{0,3}}",
            rf"{I_AM} {HOWEVER}(?:based|living|located) (?:in|near) {LOCATION}",
            rf"i(?: just| recently| have|'ve)* moved to {CAPITALISED}(?: "
            rf"{NOT_OF_LOCATION}{words(1)}){{0,3}}",
        ),
        patterns(
            "origin",
            rf"i(?: am|'m| come) (?:originally )?from "
            rf"{none_of('the|my|an?|your|it|this')}{CAPITALISED}(?: {CAPITALISED}){{0,2}}",
            rf"i was born in (?!\d){CAPITALISED}(?: {CAPITALISED}){{0,2}}",
        ),
        patterns(
            "age",
            rf"{I_AM} \d{{1,3}} years? old",
            rf"{I_AM} \d\d",
            r"i (?:just |recently )?turned \d\d(?: last \w+)?",
        ),
        patterns(
            "birthday",
            rf"my birthday(?: is|'s) (?:on )?{none_of('coming|soon|next|over|not|this|in')}{words(5)}",
            rf"i was born (?:on|in) (?=.*\d){words(5)}",
        ),
        patterns(
            "health",
            rf"{I_AM} (?:{HOWEVER}|severely |deathly |highly |mildly )allergic to {TO_ALLERGENS}",
            r"i have an? (?:severe |mild |bad )?(?:\w+[- ]){1,2}allergy",
            rf"i (?:have|suffer from|was diagnosed with) {CONDITION}",
            rf"{I_AM} {HOWEVER}{TRAIT}",
        ),
        patterns(
            "diet",
            rf"{I_AM} (?:an? |strictly |mostly )*{DIET}",
            r"i (?:don't|do not|never|can't|cannot) (?:eat|drink) "
            rf"{OF_A_TIME}{none_of('that|this|it|much|enough|out|anything|any of|and|so|to')}{words(6)}",
            rf"i (?:only eat|eat only|only drink) {words(4)}",
            rf"i (?:eat|keep) {DIET}",
        ),
        patterns(
            "work",
            rf"{I_AM} (?:an? |the |now |retired |former )+{OF_A_TRADE}{{0,2}}{PROFESSION}(?: (?:at|for|in|"
            rf"from) {words(4)})?",
            rf"i work as (?!(?:fast|hard|much|long|little|well|i|if)\b){words(7)}",
            rf"i work (?:at|for) (?:the )?{CAPITALISED}(?: {CAPITALISED}){{0,3}}",
            r"i work in (?:it|sales|marketing|finance|education|healthcare|hr|construction|retail|"
            r"logistics|research)",
            rf"i study {POINTING}{NO_SUBJECT}{words(6)}",
        ),
        patterns(
            "family",
            rf"my {RELATIVE}(?:'s name is|'s called| is called| is named| goes by) {NAME}",
            rf"i have {NUMBER} {RELATIVES}(?: and {NUMBER} {RELATIVES})*",
            rf"{I_AM} (?:happily )?(?:married|divorced|widowed|engaged)(?: to (?!my|the){words(3)})?",
        ),
        patterns(
            "pets",
            rf"my {PET}(?:'s name is|'s called| is called| is named) {NAME}",
            rf"i have {NUMBER} (?:\w+ )?{PET}s?(?: and {NUMBER} (?:\w+ )?{PET}s?)*(?: (?:named|"
            rf"called) {words(4)})?",
        ),
        patterns(
            "languages",
            rf"i (?:also )?speak {A_BIT}(?:\w+ )?{LANGUAGE}(?:(?:,| and|, and| &|"
            rf" but) {A_BIT}(?:\w+ )?{LANGUAGE})*(?: fluently)?",
            rf"my (?:native|first|mother) (?:language|tongue) is {LANGUAGE}",
            rf"{I_AM} (?:currently )?learning {LANGUAGE}",
        ),
        patterns(
            "preferences",
            rf"i {HOWEVER}prefer (?!to\b){LASTING}",
            rf"i {HOWEVER}(?:love|like|enjoy|adore|hate|dislike|can't stand|cannot stand) "
            rf"{none_of('up|still|here|by|on|in|straight')}{LASTING}",
            rf"i (?:don't|do not) (?:really )?(?:like|enjoy) {LASTING}",
            r"my favou?rite (?!(?:part|bit|line|scene|moment|thing|one|section|version|answer|option)s? )"
            r"(?:\w+ ){1,3}(?:is|are) "
            rf"{none_of('not|the (?:one|first|second|last)|this|that|your')}{REST}",
            rf"{I_AM} a (?:big |huge )?fan of {LASTING}",
        ),
        patterns("time zone", rf"my time ?zone is {words(3)}"),
        patterns(
            "contact",
            r"(?:my e-?mail(?: address)? is|you can (?:reach|e-?mail) me at) [\w.+-]+@[\w-]+\.[\w.-]+",
        ),
        patterns(
            "instructions",
            rf"(?:please )?(?:always|never) {SAY} {REST}",
            rf"from now on,? {none_of('i|we|it|he|she|they')}{REST}",
        ),
    )
)
