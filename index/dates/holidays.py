"""Named days of the year: their names in text, and the day each falls on in a given year."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

Rule = Callable[[int], date]


def easter(year: int) -> date:
    """Easter Sunday of a year of the Gregorian calendar (the anonymous algorithm of 1876)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    ell = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * ell) // 451
    number, offset = divmod(h + ell - 7 * m + 114, 31)
    return date(year, number, offset + 1)


def _fixed(number: int, day: int) -> Rule:
    return lambda year: date(year, number, day)


def _nth(number: int, weekday: int, nth: int) -> Rule:
    """The nth weekday (Monday is 1) of a month; the last one for nth -1."""

    def rule(year: int) -> date:
        if nth < 0:
            last = date(year, number + 1, 1) - timedelta(days=1)
            return last - timedelta(days=(last.isoweekday() - weekday) % 7)
        first = date(year, number, 1)
        return first + timedelta(days=(weekday - first.isoweekday()) % 7 + 7 * (nth - 1))

    return rule


def _after_easter(days: int) -> Rule:
    return lambda year: easter(year) + timedelta(days=days)


def passover(year: int) -> date:
    """First day of Passover, 15 Nisan, by Gauss's formula; for Gregorian years."""
    a, b, hebrew = (12 * year + 12) % 19, year % 4, year + 3760
    parts = 32.0440933 + 1.5542418 * a + b / 4 - 0.003177794 * hebrew
    march, rest = int(parts), parts % 1
    weekday = (3 * hebrew + 5 * b + march + 5) % 7
    if weekday in (2, 4, 6):
        march += 1
    elif weekday == 1 and a > 6 and rest >= 0.632870370:
        march += 2
    elif weekday == 0 and a > 11 and rest >= 0.897723765:
        march += 1
    century = year // 100
    return date(year, 3, 1) + timedelta(days=march - 1 + century - century // 4 - 2)


def _after_passover(days: int) -> Rule:
    return lambda year: passover(year) + timedelta(days=days)


def _election(year: int) -> date:
    first_monday = _nth(11, 1, 1)(year)
    return first_monday + timedelta(days=1)


RULES: Mapping[str, Rule] = {
    "christmas eve": _fixed(12, 24),
    "christmas day": _fixed(12, 25),
    "christmas": _fixed(12, 25),
    "boxing day": _fixed(12, 26),
    "new year's eve": _fixed(12, 31),
    "new year's day": _fixed(1, 1),
    "new year's": _fixed(1, 1),
    "hogmanay": _fixed(12, 31),
    "ascension day": _after_easter(39),
    "burns night": _fixed(1, 25),
    "anzac day": _fixed(4, 25),
    "cinco de mayo": _fixed(5, 5),
    "juneteenth": _fixed(6, 19),
    "canada day": _fixed(7, 1),
    "bonfire night": _fixed(11, 5),
    "remembrance day": _fixed(11, 11),
    "remembrance sunday": _nth(11, 7, 2),
    "cyber monday": lambda year: _nth(11, 4, 4)(year) + timedelta(days=4),
    "shrove tuesday": _after_easter(-47),
    "mardi gras": _after_easter(-47),
    "maundy thursday": _after_easter(-3),
    "holy saturday": _after_easter(-1),
    "whit monday": _after_easter(50),
    "pentecost": _after_easter(49),
    "thanksgiving day": _nth(11, 4, 4),
    "thanksgiving": _nth(11, 4, 4),
    "easter sunday": _after_easter(0),
    "easter monday": _after_easter(1),
    "good friday": _after_easter(-2),
    "palm sunday": _after_easter(-7),
    "ash wednesday": _after_easter(-46),
    "easter": _after_easter(0),
    "valentine's day": _fixed(2, 14),
    "st. patrick's day": _fixed(3, 17),
    "april fools' day": _fixed(4, 1),
    "may day": _fixed(5, 1),
    "mother's day": _nth(5, 7, 2),
    "father's day": _nth(6, 7, 3),
    "memorial day": _nth(5, 1, -1),
    "independence day": _fixed(7, 4),
    "bastille day": _fixed(7, 14),
    "labor day": _nth(9, 1, 1),
    "columbus day": _nth(10, 1, 2),
    "halloween": _fixed(10, 31),
    "guy fawkes night": _fixed(11, 5),
    "all saints' day": _fixed(11, 1),
    "veterans day": _fixed(11, 11),
    "armistice day": _fixed(11, 11),
    "election day": _election,
    "black friday": lambda year: _nth(11, 4, 4)(year) + timedelta(days=1),
    "martin luther king day": _nth(1, 1, 3),
    "martin luther king jr. day": _nth(1, 1, 3),
    "presidents day": _nth(2, 1, 3),
    "presidents' day": _nth(2, 1, 3),
    "president's day": _nth(2, 1, 3),
    "veterans' day": _fixed(11, 11),
    "labour day": _nth(9, 1, 1),
    "earth day": _fixed(4, 22),
    "international women's day": _fixed(3, 8),
    "groundhog day": _fixed(2, 2),
    "passover": _after_passover(0),
    "rosh hashanah": _after_passover(163),
    "rosh hashana": _after_passover(163),
    "yom kippur": _after_passover(172),
    "purim": _after_passover(-30),
}

# Days that happened once.
FIXED: Mapping[str, date] = {
    "9/11": date(2001, 9, 11),
    "d-day": date(1944, 6, 6),
    "ve day": date(1945, 5, 8),
    "v-e day": date(1945, 5, 8),
    "vj day": date(1945, 8, 15),
    "v-j day": date(1945, 8, 15),
}


def key(words: str) -> str:
    """The name as `RULES` has it: small letters, straight apostrophes, one blank."""
    return " ".join(words.lower().replace("’", "'").split())


def _pattern() -> str:
    names = sorted((_titled(name) for name in [*RULES, *FIXED]), key=len, reverse=True)
    initials = "".join(sorted({name[0] for name in names}))
    escaped = (name.replace(".", r"\.").replace("'", "['’]").replace(" ", r"\ ") for name in names)
    # One look at the first letter spares most words the walk through the names.
    return rf"(?=[{initials}])(?<![\\w/.$-])(?:" + "|".join(escaped) + r")(?![\w/]|-[A-Z]\b)"


def _titled(name: str) -> str:
    words = " ".join(part if part == "de" else part[0].upper() + part[1:] for part in name.split())
    return re.sub(r"^D-day|^V([ej]|-[ej])\b", lambda m: m.group().upper().replace("AY", "ay"), words)


NAMED_DAYS = _pattern()
