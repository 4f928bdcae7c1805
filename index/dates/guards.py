"""What looks like a time and is none: people called May, papers called Sunday Times, counts, scores."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from index.dates.reading import Reading

_BEFORE_MONTH = frozenset(
    "in of since by until till last next this early late mid from through to and between for before"
    " after during around about ending ended or late-".split()
)
_AFTER_A_WALK = frozenset("of on to for by through across against said was is and".split())
_MONTHS_JOINED = re.compile(r"[-&][Mmb]")
_MONTH_BEFORE = re.compile(r"[Mmb][-&]")
_TITLES = frozenset("mr mrs ms miss dr sir lady lord theresa prime minister president judge".split())
_PAPERS = frozenset(
    "Times Telegraph Mail Mirror Express Post Herald Tribune Sport Business People School Night Star"
    " Sun World Live Lights Fever Football Addams".split()
)
_EPITHETS = frozenset(
    "black bloody bowl ruby super casual cyber fat ash good palm man girl wednesday's".split()
)
_SUNDAY_PAPERS = frozenset("mail independent scotland ireland wales".split())
_WORKS = frozenset("novel film movie book album musical".split())
_COUNTED = frozenset(
    "people men women troops soldiers dead votes pounds tons tonnes miles kilometers kilometres km"
    " feet metres meters dollars euros yen shares points percent per employees workers jobs homes"
    " houses seats members students prisoners refugees cases copies words pages times civilians"
    " police officers others acres barrels units guests rooms million billion thousand hundred".split()
)
_LABELS = frozenset(
    "no number flight route highway page room section model boeing windows article paragraph chapter"
    " resolution channel apollo area nasa interstate unit bus postcode zip ext extension version"
    " volume vol core index than least only some exactly approximately nearly almost apartment apt flat"
    " suite peugeot".split()
)
# "126,000 week ago": that many would be weeks; it is a figure beside an unfinished phrase.
_TOO_MANY = 1000
_STREETS = frozenset(
    "Street Avenue Road Lane Drive Boulevard Square Terrace Crescent Lake Creek Hill Park".split()
)
_MOST_MONTHS = 12
_OWNERS = frozenset("his her their my our your its".split())
_WEATHER = frozenset("temperature temperatures highs lows degrees readings".split())
_VERBS_OF_LASTING = frozenset("will would to could can may might should must did does not n't".split())
_BEFORE_LENGTH = frozenset(
    "in within for after over of about than nearly almost least just only barely under by or and to"
    " take takes took taking spend spent lasted another once twice times until less . , ;".split()
)
_MODALS = frozenset("will would may might can could should must to 'll".split())
_OPENING_QUOTES = "\"'‘“`"
_CLOSING_QUOTES = "\"'’”"
_NOT_SEASON = frozenset("of into in from to on apart behind short through asleep for".split())
_BEFORE_YEAR = frozenset("in of since by until from to before after year about (".split())
_BEFORE_CLOCK = frozenset("at by until from around".split())
# Figures outside these are years only after a word that says so.
_SURELY_YEARS = (1800, 2060)


def is_no_date(name: str, reading: Reading) -> bool:
    """Judge a rule's match by the words around it.

    Args:
        name: the rule.
        reading: what it matched.

    Returns:
        True where the words are a name, a count or a verb.
    """
    guard = _GUARDS.get(name)
    return guard is not None and guard(reading)


def _is_no_month(reading: Reading) -> bool:
    before, after = reading.before(), reading.after()
    cls = reading.classes("month")[0]
    if cls == "b":
        return not reading.classes("month").endswith(".") or before not in _BEFORE_MONTH
    if after in _STREETS or (after[:1].isupper() and before not in _BEFORE_MONTH):
        return True
    if cls == "M":
        return before in _TITLES or not reading.words("month") or _written_small(reading)
    if reading.has("lead"):
        return False
    start, end = reading.match.span()
    classes = reading.match.string
    if _MONTHS_JOINED.match(classes, end) or _MONTH_BEFORE.match(classes, max(0, start - 2), start):
        return False
    if before == "the" and after.islower() and after not in _AFTER_A_WALK:
        return False
    return before not in _BEFORE_MONTH or after in ("said", "be", "have", "not")


def _written_small(reading: Reading) -> bool:
    return reading.tokens.words[reading.match.start("month")][0].islower()


def _is_no_year(reading: Reading) -> bool:
    value, after = reading.number("year"), reading.after()
    index = reading.match.start()
    before = reading.before()
    if before == "than" and after in (",", ".", ";", ")", ""):
        return False
    if before in _LABELS or after.lower() in _COUNTED or _is_house_number(reading):
        return True
    if not reading.match.end("year") - index > 1 and _is_marked_title(reading):
        return True
    if _is_bound_by_hyphen(reading):
        return True
    return (value < _SURELY_YEARS[0] or value > _SURELY_YEARS[1]) and before not in _BEFORE_YEAR


def _is_house_number(reading: Reading) -> bool:
    """1812 Winter Street; also the 2018 of "Notice 14/2018", which is no month's."""
    after = reading.after()
    if after in _STREETS or (after[:1].isupper() and reading.after(2) in _STREETS):
        return True
    return reading.before() == "/" and reading.before(2).isdigit() and _is_count(reading.before(2))


def _is_count(figures: str) -> bool:
    return len(figures) < len("1939") and int(figures) > _MOST_MONTHS


def _is_street(reading: Reading) -> bool:
    """Fourth of July Avenue."""
    return reading.after() in _STREETS


def _is_bound_by_hyphen(reading: Reading) -> bool:
    """555-1984 and 1984-2231 are no years; 1939-45 is a range of them."""
    text, start, end = reading.tokens.text, reading.start, reading.end
    if start > 1 and text[start - 1] == "-" and text[start - 2].isdigit():
        return not text[max(0, start - 5) : start - 1].isdigit()
    joined = text[end : end + 1] in ("-", "–", "/") and text[end + 1 : end + 2].isdigit()
    return joined and not _opens_range(reading)


def _opens_range(reading: Reading) -> bool:
    """1939-45 and 1939-1945, but not 1984-2231."""
    words, index = reading.tokens.words, reading.match.end() + 1
    other = words[index] if index < len(words) else ""
    first = reading.number("year")
    last = int(other) if other.isdigit() and len(other) in (2, 4) else 0
    return first < (last if last > 99 else first - first % 100 + last) <= min(first + 300, 2100)


def _is_marked_title(reading: Reading) -> bool:
    """1984 the novel: alone in quotes, or beside its author."""
    text, start, end = reading.tokens.text, reading.start, reading.end
    opened = start > 0 and text[start - 1] in _OPENING_QUOTES
    if opened and text[end : end + 1] in tuple(_CLOSING_QUOTES):
        return True
    near = (reading.before(), reading.before(2), reading.after(2).lower())
    if text.startswith(": A Space Odyssey", end):
        return True
    return "orwell" in near or reading.before() in _WORKS


def _is_name_of_weekday(reading: Reading) -> bool:
    if reading.before() in _EPITHETS:
        return True
    if reading.before() == "on" and reading.before(2) in _SUNDAY_PAPERS and reading.before(3) == "the":
        return True
    after = reading.after()
    return after in _PAPERS and reading.tokens.text[reading.end : reading.end + 1] == " "


def _is_no_decade(reading: Reading) -> bool:
    """An age ("in his 30s") or the weather ("highs in the 70s")."""
    if reading.classes("decade") == "K":
        return False
    near = {reading.before(n) for n in (1, 2, 3, 4)}
    return reading.before() in _OWNERS or not near.isdisjoint(_WEATHER)


def _is_title(reading: Reading) -> bool:
    """USA Today, ABC's “This Week”, High Noon: a name, where the words around are no headline."""
    words = [reading.tokens.words[n] for n in range(*reading.match.span())]
    before, after = reading.before_as_written(), reading.after()
    if before.lower() == "high" and words[-1].lower() == "noon":
        return True
    if not words[-1][0].isupper() or words[-1].isupper() or after[:1].isupper():
        return False
    if len(words) > 1:
        return all(word[0].isupper() for word in words) and _stands_in_quotes(reading)
    return (before.isupper() and len(before) > 1) or after in ("show", "program", "programme")


def _is_daily_paper(reading: Reading) -> bool:
    """The Daily News, Weekly Standard; and what is done now and then."""
    word = reading.tokens.words[reading.match.start()]
    if word.lower() == "now" and (reading.after(), reading.after(2)) in (("and", "then"), ("and", "again")):
        return True
    return word in ("Daily", "Weekly", "Monthly", "Nightly") and reading.after()[:1].isupper()


def _stands_in_quotes(reading: Reading) -> bool:
    text = reading.tokens.text
    return reading.start > 0 and text[reading.start - 1] in _OPENING_QUOTES


def _is_no_length(reading: Reading) -> bool:
    """An age ("6-year-old"), or three quarters of something."""
    if reading.after().lower() in ("a", "per") and reading.after(2).lower() in ("day", "week"):
        # "24 hours a day", "five days a week": all the time.
        return True
    if any(word.lower().startswith("old") for word in (reading.after(), reading.after(2))):
        return True
    if reading.classes("unit") == "U" and reading.spelt("number") >= _TOO_MANY:
        return True
    if reading.match.group() == "AU" and reading.start and reading.before() not in _BEFORE_LENGTH:
        # "$2 million a year", "700 seats a week": a rate.
        return True
    # Three quarters of something is a fraction; a four-quarter test and several quarters are times.
    return reading.letter("unit") == "Q" and reading.spelt("number") in (0, 3) and not reading.has("vague")


def _is_autumn_that_falls(reading: Reading) -> bool:
    return reading.words("season") == "fall" and reading.after() in _NOT_SEASON


def _is_greeting(reading: Reading) -> bool:
    return reading.before() in ("white", "merry", "happy", "a")


def _is_loose(reading: Reading) -> bool:
    """Days, months and minutes that nobody counts are too common to mean a time."""
    return reading.letter("unit") not in ("W", "Y", "E", "C") or reading.after() == "old"


def _is_verb_of_lasting(reading: Reading) -> bool:
    return reading.match.group()[0] == "L" and reading.before() in _VERBS_OF_LASTING


def _is_bare_ratio(reading: Reading) -> bool:
    """17:30 alone may be a score or a verse; "at 17:30" is a time."""
    return reading.classes("clock") == "c" and reading.before() not in _BEFORE_CLOCK


def _is_zone_in_brackets(reading: Reading) -> bool:
    """The "(1735 GMT)" behind a local time says it once more."""
    return reading.before() == "("


def _is_moment_of(reading: Reading) -> bool:
    return reading.after() in ("of", "when", "that", "he", "she", "it", "they", "you")


def _is_programme(reading: Reading) -> bool:
    """The '60 of “'60 Minutes'”."""
    return reading.after() == "Minutes"


def _is_not_yet_soon(reading: Reading) -> bool:
    """Whether no "may" or "will" stands beside: "as soon as" and "soon became" look nowhere."""
    return reading.before() not in _MODALS and reading.after() not in _MODALS


_GUARDS: Mapping[str, Callable[[Reading], bool]] = {
    "month": _is_no_month,
    "month_first": _is_street,
    "day_month": _is_street,
    "month_day": _is_street,
    "year": _is_no_year,
    "year_period": _is_no_year,
    "weekday": _is_name_of_weekday,
    "the_season": _is_autumn_that_falls,
    "named_day": _is_greeting,
    "many": _is_loose,
    "duration": _is_no_length,
    "distance": _is_no_length,
    "span": _is_verb_of_lasting,
    "clock": _is_bare_ratio,
    "decade": _is_no_decade,
    "deictic": _is_title,
    "relative": _is_title,
    "noon": _is_title,
    "vague": _is_daily_paper,
    "short_year": _is_programme,
    "soon": _is_not_yet_soon,
    "zone_clock": _is_zone_in_brackets,
    "present": _is_moment_of,
}
