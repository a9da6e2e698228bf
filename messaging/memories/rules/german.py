"""Facts and wishes in German."""

from .patterns import (
    ALLERGEN,
    CAPITALISED,
    LASTING,
    LOCATION,
    NAME,
    NO_SUBJECT,
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

HOWEVER = (
    r"(?:jetzt |inzwischen |derzeit |auch |sehr |total |überhaupt |besonders |am liebsten |"
    r"überwiegend |stark )*"
)
CALLED = r"hei(?:ß|ss)t"
LANGUAGE = any_of(
    "englisch|deutsch|französisch|spanisch|italienisch|portugiesisch|niederländisch|polnisch|russisch|"
    "ukrainisch",
    "türkisch|arabisch|kurdisch|chinesisch|japanisch|koreanisch|schwedisch|dänisch|norwegisch|finnisch|"
    "griechisch",
    "tschechisch|ungarisch|rumänisch|plattdeutsch",
)
PROFESSION = any_of(
    "(?:\\w+)?lehrer(?:in)?|(?:kranken|alten)?pfleger(?:in)?|krankenschwester|(?:zahn|tier|haus)?arzt",
    "(?:zahn|tier|haus)?ärztin|(?:software)?entwickler(?:in)?|programmierer(?:in)?|"
    "(?:\\w+)?ingenieur(?:in)?|student(?:in)?",
    "(?:rechts)?anwalt|(?:rechts)?anwältin|architekt(?:in)?|journalist(?:in)?|koch|köchin|bäcker(?:in)?|"
    "elektriker(?:in)?",
    "landwirt(?:in)?|pilot(?:in)?|buchhalter(?:in)?|berater(?:in)?|wissenschaftler(?:in)?|"
    "bibliothekar(?:in)?",
    "musiker(?:in)?|fotograf(?:in)?|apotheker(?:in)?|psycholog(?:e|in)|übersetzer(?:in)?|rentner(?:in)?|"
    "erzieher(?:in)?",
    "hebamme|tischler(?:in)?|mechaniker(?:in)?",
)
RELATIVE = any_of(
    "frau|mann|freundin|freund|partnerin|partner|tochter|sohn|bruder|schwester|mutter|vater|oma|opa|chef|"
    "chefin",
    "nichte|neffe",
)
RELATIVES = any_of(
    "kind(?:er)?|söhne|sohn|töchter|tochter|brüder|bruder|schwestern?|enkel(?:kinder)?|geschwister|zwillinge"
)
PET = any_of(
    "hund|hündin|katze|kater|kaninchen|papagei|pferd|schildkröte|meerschweinchen|wellensittich|hamster"
)
NUMBER = (
    r"(?:eine?n?|zwei|drei|vier|fünf|sechs|\d{1,2})(?: (?:kleine?n?|ältere?n?|jüngere?n?|große?n?|"
    r"erwachsene))?"
)
DIET = any_of(
    "veganer(?:in)?|vegan|vegetarier(?:in)?|vegetarisch|la[kc]toseintolerant|glutenfrei|halal|koscher|"
    "pescetarier(?:in)?"
)
CONDITION = any_of(
    "(?:typ[- ][12][- ])?diabetes|asthma|zöliakie|adhs|epilepsie|migräne|heuschnupfen|bluthochdruck|"
    "rheuma|arthrose",
    "tinnitus|einen herzschrittmacher",
)
TRAIT = any_of(
    "diabetiker(?:in)?|farbenblind|linkshänder(?:in)?|schwerhörig|gehörlos|blind|schwanger|"
    "rollstuhlfahrer(?:in)?",
    "legastheniker(?:in)?|nichtraucher(?:in)?|raucher(?:in)?",
)
NOT_YOURS = none_of("nicht", r"dies\w*", r"dein\w*")
SAY = any_of(
    "antworte|antworten sie|schreibe?|schreiben sie|sprich|rede|erkläre|verwende|benutze|nutze|"
    "formatiere|nenne?"
)

GERMAN = either(
    (
        patterns(
            "name",
            rf"mein (?:voller |richtiger )?(?:name|vorname|nachname) ist {NAME}",
            rf"ich hei(?:ß|ss)e {NAME}",
        ),
        patterns(
            "salutation",
            rf"(?:bitte |du kannst |sie können |alle |einfach )*(?:nenn|nenne|nennt|"
            rf"nennen) (?:sie )?mich {NAME}",
            r"(?:bitte )?(?:duz|duze|siez|sieze|duzen sie|siezen sie) mich(?: bitte)?(?: immer| ab jetzt)?",
        ),
        patterns("pronouns", r"meine pronomen sind \w+(?:/\w+){0,2}"),
        patterns(
            "location",
            rf"ich (?:wohne|lebe) {HOWEVER}(?:in|im|bei|nahe|an) {LOCATION}",
            rf"ich (?:wohne|lebe) {HOWEVER}auf {none_of('pump|kosten|abruf|zeit')}{CAPITALISED}",
            rf"ich bin (?:vor kurzem |kürzlich |jetzt )?nach {words(4)} (?:um)?gezogen",
        ),
        patterns(
            "origin",
            r"ich komme (?:ursprünglich )?aus (?:der (?=schweiz|türkei|ukraine|slowakei|mongolei))?"
            rf"{CAPITALISED}(?: {CAPITALISED}){{0,2}}",
        ),
        patterns("age", r"ich bin \d{1,3} jahre alt", r"ich bin \d\d"),
        patterns(
            "birthday",
            rf"mein geburtstag ist (?:am )?{none_of('bald|nächste|vorbei|nicht|im')}{words(5)}(?:\. "
            rf"{words(2)})?",
            rf"ich habe am {words(2)}(?:\. {words(2)})? geburtstag",
            r"ich (?:bin|wurde) (?:am|im|in) [^,;:!?]{3,40} geboren(?: worden)?",
            r"ich (?:bin|wurde) (?:19|20)\d\d geboren",
        ),
        patterns(
            "health",
            rf"ich bin {HOWEVER}(?:hoch)?allergisch (?:gegen|auf) {TO_ALLERGENS}",
            rf"ich bin gegen (?=.*{ALLERGEN}\b){words(5)} allergisch",
            r"ich habe eine (?:starke |schwere )?(?:\w+[- ]?)?allergie(?: gegen .{3,60})?",
            rf"ich (?:habe|leide (?:an|unter)) {CONDITION}",
            rf"ich bin {TRAIT}",
            rf"ich vertrage keine?n? {words(5)}",
        ),
        patterns(
            "diet",
            rf"ich (?:bin|ernähre mich|esse|lebe) (?:strikt |streng |überwiegend )?{DIET}",
            rf"ich (?:esse|trinke) (?:grundsätzlich |überhaupt )?(?:keine?n?|nie|niemals|nur) "
            rf"{OF_A_TIME}{none_of('so|zu|viel|genug|das|den|noch|mal|kurz')}{words(6)}",
        ),
        patterns(
            "work",
            rf"ich bin (?:eine? |jetzt )?{OF_A_TRADE}?{PROFESSION}(?: (?:bei|in|für|"
            rf"aus) {words(4)})?(?: von beruf)?",
            rf"ich arbeite als {words(6)}",
            rf"ich arbeite (?:bei|für) (?:der |dem )?{CAPITALISED}(?: {CAPITALISED}){{0,3}}",
            rf"ich studiere {POINTING}{NO_SUBJECT}{words(6)}",
        ),
        patterns(
            "family",
            rf"(?:mein|unser)e? {RELATIVE} {CALLED} {NAME}",
            rf"ich habe {NUMBER} {RELATIVES}(?: und {NUMBER} {RELATIVES})*(?:, \d+(?:,? (?:und )?\d+)*)?",
            r"ich bin (?:verheiratet|geschieden|verwitwet|verlobt|single|alleinerziehend)",
        ),
        patterns(
            "pets",
            rf"meine? {PET} {CALLED} {NAME}",
            rf"(?:ich habe|wir haben) {NUMBER} {PET}(?:e|en|n)?(?: und {NUMBER} {PET}(?:e|en|n)?)*"
            rf"(?: namens {NAME})?",
        ),
        patterns(
            "languages",
            rf"ich spreche (?:\w+ )?{LANGUAGE}(?:(?:,| und) (?:\w+ )?{LANGUAGE})*(?: fließend)?",
            rf"meine muttersprache ist {LANGUAGE}",
            rf"ich lerne {LANGUAGE}",
        ),
        patterns(
            "preferences",
            rf"ich bevorzuge {LASTING}",
            rf"ich (?:mag|liebe|hasse) {HOWEVER}{LASTING}",
            rf"(?:am liebsten|besonders gern|gerne?) (?:esse|trinke|mag|lese|höre|spiele) ich {REST}",
            rf"ich (?:esse|trinke|lese|höre|spiele|koche) (?:sehr |am )?(?:gerne?|liebsten) {LASTING}",
            rf"meine? lieblings\w+ (?:ist|sind|{CALLED}) {NOT_YOURS}{REST}",
        ),
        patterns("time zone", rf"meine zeitzone ist {words(3)}"),
        patterns(
            "contact",
            r"meine (?:e-?mail-adresse|mailadresse|e-?mail|mail) (?:ist|lautet) [\w.+-]+@[\w-]+\.[\w.-]+",
        ),
        patterns(
            "instructions",
            rf"(?:bitte )?{SAY} (?:mir |mit mir |bitte |auf \w+ )*(?:immer|nie|niemals|stets|"
            rf"künftig)(?: {REST})?",
            r"(?:ab jetzt|ab sofort|von nun an|in zukunft|künftig),? "
            rf"{none_of('ich', 'wir', 'bin', 'werde', 'habe')}{REST}",
        ),
    )
)
