"""The words that times are made of, each with a class (one letter) and a value.

The grammar is written over classes, so that "the third of May" is `DoIm` whatever its words are.
Letters are listed at `CLASSES`; a word that is not here has the class `_`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Entry = tuple[str, int | str]

CLASSES = {
    "W": "weekday",
    "w": "weekday, short",
    "V": "weekdays (every)",
    "M": "month",
    "m": "month that is also a word or a name",
    "b": "month, short",
    "S": "season",
    "s": "possessive",
    "P": "part of day",
    "N": "noon, midnight",
    "T": "today, yesterday, tomorrow",
    "U": "unit",
    "u": "units",
    "Q": "quarter",
    "H": "half",
    "E": "weekend",
    "O": "period",
    "n": "number word",
    "%": "hundred, thousand, dozen",
    "<": "before, after",
    "^": "current",
    "o": "ordinal",
    "q": "vague number",
    "D": "the",
    "A": "a",
    "B": "this",
    "t": "that, the same",
    "L": "last",
    "v": "previous",
    "X": "next",
    "+": "ahead",
    "F": "following",
    "J": "fiscal",
    "c": "clock",
    "j": "clock with a.m. or p.m.",
    "@": "time zone",
    "~": "more, consecutive",
    "G": "ago",
    "e": "earlier",
    "l": "later",
    "r": "early, late, mid",
    "R": "beginning, end",
    "I": "of",
    "h": "in",
    "a": "on, at",
    "p": "Q1 to Q4",
    "&": "and, to",
    "Z": "each",
    "C": "era",
    "!": "named day",
    "*": "vague reference",
    ";": "future",
    "`": "recent",
    ":": "near, distant",
    "d": "1 to 31",
    "Y": "a possible year",
    "y": "'98",
    "z": "another number",
    "f": "fraction",
    "x": "number that is no date",
    ">": "from",
    "|": "soon",
    "#": "present, moment",
    "=": "parts of day (every)",
    "'": "other",
    "K": "1970s",
    "k": "seventies",
    "i": "ISO day or time",
    "g": "numeric day",
}

MONTHS = (
    "january february march april may june july august september october november december".split()
)  # fmt: skip
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_SHORT_MONTHS = {"sept": 9} | {name[:3]: n for n, name in enumerate(MONTHS, 1) if name != "may"}
_SHORT_WEEKDAYS = {"tues": 2, "weds": 3, "thur": 4, "thurs": 4} | {
    n[:3]: i for i, n in enumerate(WEEKDAYS, 1)
}

_ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()
_TEENS = "sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
NUMBERS: Mapping[str, int] = {word: n for n, word in enumerate(_ONES + _TEENS, 1)} | {
    word: n * 10 for n, word in enumerate(_TENS, 2)
}
_MULTIPLES = {"hundred": 100, "thousand": 1000, "dozen": 12}
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()

UNITS = {
    "year": "Y",
    "month": "M",
    "week": "W",
    "day": "D",
    "decade": "E",
    "century": "C",
    "hour": "TH",
    "minute": "TM",
    "fortnight": "2W",
}
PARTS = {"morning": "MO", "afternoon": "AF", "evening": "EV", "night": "NI", "dawn": "MO", "dusk": "EV"}


def _same(cls: str, words: str, value: int | str = 0) -> Iterable[tuple[str, Entry]]:
    return ((word, (cls, value)) for word in words.split())


def _build() -> dict[str, Entry]:
    table: dict[str, Entry] = {}
    for n, name in enumerate(WEEKDAYS, 1):
        table[name] = ("W", n)
        table[name + "s"] = ("V", n)
    table |= {name: ("w", n) for name, n in _SHORT_WEEKDAYS.items()}
    table |= {name: ("m" if name in ("may", "march") else "M", n) for n, name in enumerate(MONTHS, 1)}
    table |= {name: ("b", n) for name, n in _SHORT_MONTHS.items()}
    table |= {name: ("n", n) for name, n in NUMBERS.items()}
    table |= {name: ("%", n) for name, n in _MULTIPLES.items()}
    table |= {name: ("o", n) for n, name in enumerate(_ORDINALS, 1)}
    table |= {"latter": ("o", 2), "thirtieth": ("o", 30), "thirty-first": ("o", 31)}
    for name, unit in UNITS.items():
        table[name] = ("U", unit)
        table["centuries" if name == "century" else name + "s"] = ("u", unit)
    table |= {"seconds": ("u", "TS"), "quarters": ("u", "Q"), "quarter": ("Q", "Q"), "half": ("H", "H")}
    table |= {"spring": ("S", "SP"), "summer": ("S", "SU"), "autumn": ("S", "FA"), "winter": ("S", "WI")}
    table |= {
        "fall": ("S", "FA"),
        "hourly": ("*", "PT1H"),
        "midsummer": ("S", "SU"),
        "midwinter": ("S", "WI"),
    }
    table |= {name: ("P", part) for name, part in PARTS.items()}
    table |= {name + "s": ("=", PARTS[name]) for name in ("morning", "afternoon", "evening", "night")}
    table |= {"noon": ("N", "12:00"), "midday": ("N", "12:00"), "midnight": ("N", "24:00")}
    table |= {"today": ("T", 0), "yesterday": ("T", -1), "tomorrow": ("T", 1), "tonight": ("T", "NI")}
    table |= {f"{w[:-1]}ies": ("k", n * 10) for n, w in enumerate(_TENS, 2)}
    return table


def _function_words() -> dict[str, Entry]:
    table: dict[str, Entry] = {"the": ("D", 0), "a": ("A", 1), "an": ("A", 1), "of": ("I", 0), "in": ("h", 0)}
    table |= dict(_same("a", "on at"))
    table |= {
        "from": (">", 0),
        "soon": ("|", "FUTURE_REF"),
        "present": ("#", "PRESENT_REF"),
        "moment": ("#", "PRESENT_REF"),
    }
    table["other"] = ("'", 2)
    table |= dict(_same("B", "this these"))
    table |= dict(_same("t", "that those same corresponding comparable equivalent"))
    table |= dict(_same("L", "last past latest"))
    table |= dict(_same("v", "previous prior preceding"))
    table |= dict(_same("X", "next coming upcoming"))
    table |= dict(_same("F", "following subsequent succeeding ensuing"))
    table |= dict(_same("J", "fiscal financial fy"))
    table |= (
        dict(_same("G", "ago", -1))
        | dict(_same("e", "earlier previously", -1))
        | {"before": ("<", -1), "after": ("<", 1)}
    )
    table |= dict(_same("l", "later afterward afterwards", 1))
    table |= dict(_same("r", "early late mid earlier later"))
    table |= {"earlier": ("e", -1), "later": ("l", 1)}
    table |= dict(_same("R", "beginning start end middle close outset rest", 0))
    table |= dict(_same("&", "and or to through until till"))
    table |= dict(_same("~", "more additional consecutive straight full working trading extra further"))
    table |= dict(_same("Z", "each every per"))
    table["recent"] = ("`", "PAST_REF")
    table |= dict(_same("q", "few several many couple some various"))
    table |= dict(_same("@", "est edt gmt utc pst pdt cst cdt mst mdt bst cet cest et pt ct"))
    table |= {"bc": ("C", "BC"), "bce": ("C", "BC"), "ad": ("C", "AD"), "ce": ("C", "AD")}
    table |= {
        "weekend": ("E", 0),
        "weekends": ("V", "WE"),
        "period": ("O", 0),
        "current": ("^", "PRESENT_REF"),
    }
    table |= dict(_same(":", "near foreseeable distant immediate not-too-distant"))
    table |= dict(_same("*", "now currently nowadays presently", "PRESENT_REF"))
    table |= dict(_same("*", "recently lately", "PAST_REF"))
    table |= {
        "future": (";", "FUTURE_REF"),
        "daily": ("*", "P1D"),
        "weekly": ("*", "P1W"),
        "monthly": ("*", "P1M"),
    }
    table |= {"yearly": ("*", "P1Y"), "nightly": ("*", "P1D"), "ahead": ("+", 1)}
    return table


# These are months, weekdays or zones only with a capital: `may`, `march`, `sat`, `sun`, `dec`, `pt`.
_CAPITAL_ONLY = frozenset("wmbC@")
_PUNCTUATION = {"–": "-", "‑": "-", "−": "-"} | {mark: mark for mark in "-,.()/"}


def _spellings() -> dict[str, Entry]:
    """Every word as it may be written, so that a token costs one look-up."""
    table: dict[str, Entry] = {mark: (cls, 0) for mark, cls in _PUNCTUATION.items()}
    for word, entry in (_build() | _function_words()).items():
        table[word.capitalize()] = table[word.upper()] = entry
        if entry[0] not in _CAPITAL_ONLY:
            table[word] = entry
    return table


LEXICON: Mapping[str, Entry] = _spellings()
