"""The grammar: patterns over class letters (`lexicon.CLASSES`), most telling first.

A rule's named groups say which tokens hold its parts. All rules are joined into one expression
without groups, which finds where and which; the rule's own expression then names the parts. Every
repeat is bounded, so the time is linear in the number of tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_MONTH = r"(?P<month>M|m|b\.?)"
_WEEKDAY = r"(?:(?P<weekday>W|w\.?),?D?)"
_NUMBER = r"(?P<number>(?:A%|n|%)(?:-?[n%]|(?<=%)&n){0,3}|[dzY]f?|A(?=U(?!-)))"
_VAGUE = r"(?P<vague>A?qI?|Dq|`)"
_UNIT = r"~?(?P<unit>[UuQE])"
_PART = r"(?:D?r?(?P<part>P)u?I)"
_CLOCK = r"(?:(?P<clock>[jcN]|[Yz](?=@))@?,?[ha]?I?,?)"
_LEAD = r"(?P<lead>D?r-?h?D?|D?RI?D?)"
_ERA = r"(?P<era>C)"
_WHICH = r"(?P<which>B[LX]?|D?[LXvF]|D?t)"

_RULES: tuple[tuple[str, str], ...] = (
    ("iso", r"(?P<stamp>i)"),
    ("numeric", r"(?P<stamp>g)"),
    # March 11, 2014; Tuesday, March 11; March 3-5; the night of March 3
    (
        "month_day",
        (
            rf"(?:{_CLOCK}|{_PART})?(?:r)?(?:BX?)?{_WEEKDAY}?{_MONTH}D?(?P<day>[do])(?!-z)"
            r"(?:(?=[-&][do],?(?P<ahead>Y))|,?(?P<year>Y|y)(?!u))?(?:I(?P<same>D?t)U)?(?:(?P<rel>[BLX])U)?"
        ),
    ),
    # the first Monday of December; the last Thursday in November 2013; the 14th of last month
    ("nth_weekday", rf"D(?P<nth>o|L)(?P<weekday>W)[Ih]{_MONTH}(?:,?(?P<year>Y))?"),
    ("day_of_rel", r"D(?P<day>o)I(?P<rel>[BLX])(?P<unit>U)"),
    ("week_of", rf"D(?P<unit>[UE])I{_WEEKDAY}?{_MONTH}(?P<day>[do])(?:,?(?P<year>Y))?"),
    ("month_first", rf"D(?P<day>o)I{_MONTH}(?:,?(?P<year>Y|y))?"),
    # 11 March 2014; 3-5 March; the 3rd of May
    (
        "day_month",
        (
            rf"(?:{_CLOCK}|{_PART})?(?:r)?{_WEEKDAY}?D?(?P<day>[do])I?{_MONTH}"
            r"(?![do](?![,]?Y))(?:,?I?(?P<year>Y|y)(?!u))?(?:I(?P<same>D?t)U)?(?:(?P<rel>[BLX])U)?"
        ),
    ),
    # the 3 of "3-5 March"
    ("day_ahead", rf"(?:{_PART})?(?P<day>[do])(?=[-&]D?[do]I?{_MONTH}(?:,?(?P<year>Y))?)"),
    # Monday (March 10); Sunday's (March 16)
    ("weekday_bracket", rf"(?P<weekday>W)s?\({_MONTH}(?P<day>[do])(?:,?(?P<year>Y))?\)"),
    # on the 12th
    ("day_alone", r"(?<=a)D(?P<day>o)(?=[,.)]|$)"),
    ("weekday_number", r"(?P<weekday>W),?D(?P<day>o)(?![A-Za-z_])"),
    # April 2014; late April 2014; April of that year; April last year; 480 BC
    ("era_day", rf"{_LEAD}?(?:{_MONTH}|(?P<season>S)I?)(?P<number>[dYz]){_ERA}"),
    ("era_start", rf"(?P<number>[dz])(?=[-&][dz]{_ERA})"),
    ("era_year", rf"(?:{_LEAD}|D)?(?P<number>[dYz]){_ERA}"),
    ("era_before", rf"{_ERA}(?P<number>[dYz])(?![uUnd%])"),
    (
        "month_year",
        rf"{_LEAD}?{_MONTH},?I?(?:(?P<year>Y|y|nn-?n)|(?P<same>D?t)U|(?P<rel>[BLX])U)",
    ),
    (
        "season_year",
        rf"(?:{_LEAD}|D)?(?P<season>S),?I?(?:(?P<year>Y|y|nn-?n)|(?P<same>D?t)U|(?P<rel>[BLX])U)",
    ),
    # the third quarter of 1990; this year's third quarter; the 1988 second half
    (
        "quarter",
        (
            r"(?P<lead>D?r-?|DRID?)?(?:(?:(?P<which>[BLX])Us|D?(?P<year>Y)|D(?!J?-?o-))?J?-?(?P<number>o|DL)-?J?-?(?P<unit>Q|H)(?!-|I[Mmb])"
            r"(?:I?(?:(?P<after>Y)|D?(?P<rel>[BLX])?J?U))?)"
        ),
    ),
    # the corresponding period last year; the same quarter a year ago; last year's quarter
    (
        "same_period",
        r"(?:D?t?(?P<unit>[QO]),?(?:AU-?[Ge]|I?h?(?P<rel>L)U|[Ih](?P<year>Y))|(?P<whose>L)Us(?P<unit2>[QO]))",
    ),
    ("hour_part", r"(?P<clock>d|j)hD(?P<part>P)"),
    ("zone_clock", r"(?P<clock>[Yzc])@(?!,?a?[WTMmb])"),
    ("short_quarter", r"(?:(?P<year>Y)(?P<part>p)|(?P<first>p)(?:,?I?(?P<after>Y|y))?)"),
    ("year_ago", r"(?:D(?=U-[eG]J?o?-?[QO]))?(?P<unit>U)-(?:e|G)J?(?P<number>o)?-?(?P<period>[QO])?"),
    ("year_end", r"(?P<unit>U)-?s?R(?!I)(?P<year>Y)?"),
    ("year_period", r"D(?P<year>Y)(?P<period>[QO])"),
    # two weeks ago; a year earlier; three days later
    ("distance", rf"(?:{_NUMBER}|{_VAGUE}){_UNIT}(?P<way>G|e|l|<(?=[,.)]|$))"),
    # three days from now; a week from Tuesday
    ("from_day", rf"{_NUMBER}{_UNIT}>(?:(?P<now>\*)|(?P<day>T)|(?P<weekday>W))"),
    # half an hour; half a century ago; two and a half years; a year and a half
    ("half_unit", r"A?H-?A?-?(?P<unit>U)(?!-)(?P<way>G|e|l)?"),
    (
        "and_half",
        r"(?:(?P<number>A|n|d)&AH-?(?P<unit>[Uu])|(?P<count>A|n|d)(?P<each>[Uu])&AH)(?P<way>G|e|l)?",
    ),
    ("decimal", r"(?P<decimal>x)-?(?P<units>[Uu])"),
    # two to three weeks; 12-18 months
    ("length_range", r"D?(?P<which>[LX])?(?P<number>n|d|z)(?:[&-])(?P<to>n|d|z)-?(?P<units>u|U(?=-))"),
    ("vague_distance", r"(?P<unit>u)(?P<way>G|e|l|<(?=[,.)]|$))"),
    ("day_before", r"D(?P<unit>U)(?P<way><|F)(?P<base>T|L?(?P<weekday>W))?"),
    # fiscal 1989; the 1970s; 1939-45; the year 2000
    ("range_end", r"(?<=Y[-/])(?P<to>[zd])(?![-/\dYzdU])"),
    ("decade", rf"(?:{_LEAD}|D)?(?:(?P<hundreds>n)-?(?=k))?(?P<decade>K|k)"),
    (
        "century",
        r"D?r?-?(?:(?P<tens>n)-)?(?P<number>o)(?:-?(?P<unit>[Uu])(?P<era>C)?|(?=[-&]D?o-?(?P<ahead>[Uu])))",
    ),
    ("spoken_year", r"(?:DU)?(?P<year>nn-?n|n-n|nn|(?<=U)n%|(?<=[hU])n%&?n)(?![un-])"),
    ("year", rf"(?:{_LEAD}|D(?=J?U?Y)(?!Y))?(?:J?U|J)?(?P<year>Y)(?!\d|-[Uu]|u|U|f|@)"),
    ("short_year", rf"{_LEAD}?(?P<year>y)"),
    # yesterday; late yesterday; Friday night; this morning; 5 p.m. Tuesday
    ("deictic", r"(?:(?P<clock>[jcN])@?,?[ha]?)?(?:[re]-?|r-?(?P<early>P))?(?P<day>T)(?P<part>P)?(?!-)"),
    ("weekday_week", r"(?P<weekday>W)I?(?P<which>[LX])(?P<unit>U)"),
    (
        "weekday",
        r"(?:(?P<clock>[jcN]|[Yz](?=@))@?,?[ha]?I?)?(?P<which>D?[LXvF]|BX?|BL)?(?P<weekday>W)(?!=)(?:(?P<part>P)|a?(?P<at>j))?",
    ),
    ("weekdays", r"(?:Z(?P<weekday>W)|(?P<every>V)(?P<part>P|u)?|(?P<plural>W)(?P<parts>=))"),
    ("named_day", r"(?P<which>[LXB])?(?P<name>!)(?P<unit>[UE])?(?:,?(?P<year>Y))?"),
    ("part", rf"(?:[rle])?{_WHICH}(?P<part>P)(?!-)"),
    ("the_part", r"(?:r)?D(?P<part>P)"),
    # the past two weeks; the first nine months; last year; early next week; the weekend
    (
        "span",
        rf"D?(?P<which>[LXvFBo]|t){_NUMBER}~?[UuQ](?!-)|D?(?P<which2>[LXvFo]|B[LX])(?P<vague>qI?)(?P<unit2>u)(?!-)",
    ),
    (
        "relative",
        rf"(?P<lead>[rle]h?D?|D?RID?|r-)?{_WHICH}J?(?P<unit>U|Q|E|O|H)(?!-)(?:sR)?",
    ),
    ("lead_unit", r"(?:[le]h|[le]|rh|DRI)D(?P<unit>U)(?![-Ue])"),
    ("relative_month", rf"(?P<lead>[rle]h?D?|DRI)?{_WHICH}(?P<month>M|m|b\.?)(?!\.?[do])"),
    ("relative_season", rf"(?P<lead>[rle]h?D?|DRI)?{_WHICH}(?P<season>S)"),
    ("the_unit", r"D(?P<unit>Q|E)(?!-)"),
    ("the_year", r"D~?J?(?P<unit>U)(?![-Us<])"),
    ("the_season", r"(?P<lead>D?r-?h?D?|D?RI?D?|D)(?P<season>S)"),
    ("month", r"(?P<lead>D?r-?h?D?|D?RID?)?(?P<month>M|m|b\.?)"),
    # the 5 of "March 3 and 5", the 7 and 8 of "March 6, 7 and 8"
    (
        "bare_day",
        (
            r"(?:(?<=[Mmb.]d[-&])|(?<=[Mmb.]d,d[-&])|(?<=[Mmb.]d,)(?=d[&,]d))"
            r"(?P<day>d)(?:,?(?P<year>Y)|(?![UuQdzxYfMmb%n/-]))"
        ),
    ),
    # every day; each year; 10-year; two and a half years; a few days; weeks
    ("each_month", r"Z(?P<month>M|m)"),
    ("each", r"Z(?P<unit>U|Q|P|S|E)(?!-)"),
    ("every_few", r"Z(?:(?P<other>')|(?P<number>n|d|o))(?P<unit>[Uu])(?!-)"),
    ("duration", rf"(?:D(?!q)(?=[^-]{{1,6}}u))?(?:{_NUMBER}|{_VAGUE})-?~?(?P<unit>[UuQ])"),
    ("some_units", r"D?(?P<which>[XLvFBt])(?P<unit>u)(?!-)"),
    ("ahead", r"D(?P<unit>u)\+"),
    ("many", r"(?P<unit>u)"),
    ("clock", r"(?P<clock>[jc])@?"),
    ("noon", r"(?P<clock>N)"),
    ("current", r"D?\^J?(?P<unit>[UQ])(?!-)"),
    ("future", r"(?:D:?|(?<=h))(?P<ref>;)"),
    ("soon", r"(?P<ref>\|)"),
    ("present", r"(?:(?<=a)D?|B)(?P<ref>#)(?!I)"),
    ("vague", r"(?P<ref>\*|\^|`)"),
    ("the_past", r"D(?P<past>L)(?![UuQEOHSPWMmbnqdzYoJK~%])"),
)


def _ungrouped(pattern: str) -> str:
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)


PATTERNS: Mapping[str, re.Pattern[str]] = {name: re.compile(pattern) for name, pattern in _RULES}
_ANY = re.compile("|".join(f"(?P<{name}>{_ungrouped(pattern)})" for name, pattern in _RULES))

# No rule crosses a word of no class, and none does without one of these: most text is never tried.
_RUN = re.compile(r"[^_]++")
_CORE = re.compile(r"[WwVMmbSPNTUuQEOHKkYyigjcC!*^;Lnp`#|]|aDo")
_NEVER_FIRST = frozenset(",.()/-&sI@<~:G+a>=")


def parse(classes: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Find the expressions in a string of class letters.

    Args:
        classes: a letter for each token.

    Yields:
        The rule's name and its match, whose positions are numbers of tokens; left to right,
        none overlapping another.
    """
    for run in _RUN.finditer(classes):
        if _CORE.search(run.group()):
            yield from _parse_run(classes, run.start(), run.end())


def _parse_run(classes: str, position: int, end: int) -> Iterator[tuple[str, re.Match[str]]]:
    while position < end:
        found = _ANY.match(classes, position) if classes[position] not in _NEVER_FIRST else None
        name = found.lastgroup if found else None
        match = PATTERNS[name].match(classes, position) if name else None
        if name and match:
            yield name, match
            position = match.end()
        else:
            position += 1
