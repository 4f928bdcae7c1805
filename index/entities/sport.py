"""Tables of results and line-ups: much of what an agency sends, and nothing like a model's prose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.entities import tables
from index.entities.candidates import Candidate, is_name
from index.entities.casing import lines, shouts
from index.entities.tables import folded
from index.model import EntityKind

_CAP = r"[^\W\d_a-z][\w'’.\-]*"
_WORD_STARTS = r"(?<![\w'’.\-])"
_OPT = rf"(?:[ \t]{_CAP})"
_PARTICLE = r"(?:(?:de|da|di|van|von|der|den|del|la|le|bin|al|el)[ \t])?"
_HOME = rf"(?P<home>{_CAP}{_OPT}{{0,3}})"
_AWAY = rf"(?P<away>{_CAP}{_OPT}{{0,3}})"
_NAME = rf"(?P<name>{_CAP}(?:[ \t]{_PARTICLE}{_CAP}){{0,3}})"
_LAND = r"\([ \t]{0,3}[A-Z][A-Za-z. ]+?[ \t]{0,3}\)"
_SCORE = r"\d{1,3}(?:[-/]\d{1,3})?(?:[ \t]\d/\d)?"
# Halifax 2 Grantley Town 1
_FINAL = re.compile(
    rf"^(?:[A-Z][a-z]+[ \t]?:[ \t])?{_HOME}[ \t]{_SCORE}[ \t]{_AWAY}[ \t]{_SCORE}(?=\s|$|[,.;(])"
)
# Grantley Town 12 7 3 2 21 9 24
_STANDING = re.compile(rf"^(?:\d{{1,2}}\.?[ \t]+)?{_HOME}(?:[ \t]+[.\d][\d.,/:\-]*){{4,}}")
# HALIFAX AT GRANTLEY
_FIXTURE = re.compile(rf"^{_HOME}[ \t](?:AT|at|v|V|vs|VS|v\.|vs\.)[ \t]{_AWAY}(?:[ \t][\d(].*)?$")
# 4 - Tom Ridley , 5 - Ian Marsh
_SIDE = re.compile(rf"(?<![\w.])\d{{1,2}}[ \t]?[-–][ \t]?{_NAME}(?=[ \t]{{0,3}}(?:[,;.(]|$|\d))")
# T. Ridley c Marsh b Cole 31
_CATCH = rf"c[ \t](?:(?:and|&)[ \t])?(?P<catcher>{_CAP}{_OPT}?[ \t])?b"
_BOWLER = rf"(?P<bowler>{_CAP}{_OPT}?)(?=[ \t]\d|[ \t]{{0,3}}$)"
_OUT = rf"(?:{_CATCH}|lbw[ \t]b|st[ \t](?P<keeper>{_CAP})[ \t]b|b)[ \t]{_BOWLER}"
_BATSMAN = re.compile(rf"^{_NAME}[ \t](?:{_OUT}|(?:run[ \t]out|not[ \t]out|retired)\b)")
# Cole 10-2-33-1
_BOWLING = re.compile(
    rf"{_WORD_STARTS}{_NAME}[ \t](?:\d+(?:\.\d)?-\d+-\d+-\d+|\d{{1,2}}-\d{{1,3}}(?=[ \t]{{0,3}}[,;)]))"
)
# ( T. Ridley 31 , I. Marsh 88 not out )
_FIGURES = re.compile(rf"(?<=[(;,][ \t]){_NAME}[ \t]\d{{1,3}}(?:[ \t]not[ \t]out)?(?=[ \t]{{0,3}}[,;)])")
# Tom Ridley ( 21st minute )
_SCORER = re.compile(
    rf"{_WORD_STARTS}{_NAME}[ \t]{{0,3}}[(,]?[ \t]{{0,3}}\d{{1,3}}"
    r"(?:st|nd|rd|th)(?:[ \t](?:minute|min|mins))?\b"
)
# 3. Tom Ridley ( Ireland ) Team Alto 12 seconds behind
_RIDER = re.compile(
    rf"^\d{{1,3}}\.?[ \t]{_NAME}[ \t]{{0,3}}{_LAND}[ \t]{{0,3}},?[ \t]{{0,3}}(?P<team>{_CAP}{_OPT}{{0,2}})?"
)
# 284 Tom Ridley ( Ireland ) 70 71 72 71
_GOLFER = re.compile(
    rf"(?:^|,[ \t])(?:\d{{2,3}}[ \t])?{_NAME}(?:[ \t]{_LAND})?(?:[ \t]\d{{2}}){{2,4}}(?=\s*(?:$|,))"
)
# Bolton v Bury , Crewe v Watford
_VERSUS = re.compile(
    rf"(?:^|(?<=[,;:.\-][ \t]))(?:\d{{1,2}}(?:-\d{{1,2}})?[ \t])?{_HOME}[ \t]v(?:s\.?)?[ \t]{_AWAY}"
    r"(?=[ \t]{0,3}(?:$|[,;.(]))"
)
# Grantleyshire 123-4 ( T. Ridley 51 ; Grantleyshire 372 and 100-5 ; Grantleyshire 5 points
_GOES_ON = rf"\(|declared|and[ \t]\d|for[ \t]\w+|v[ \t]|,[ \t]{_CAP}[ \t]\d{{2,3}}\b|\.?$"
_RUNS = rf"\d{{2,3}}(?:-\d{{1,2}}(?!\d))?(?=[ \t]{{0,3}}(?:{_GOES_ON}))"
_INNINGS = re.compile(
    rf"(?:^|(?<=[:;,.)v][ \t])){_HOME}[ \t](?:{_RUNS}|\d{{1,2}}[ \t]points|\d{{1,2}}(?=[ \t]\.$))"
)
# Halifax 1 ( Tom Ridley 12th minute ) Grantley Town 0
_GOALS = re.compile(
    rf"(?:^|(?<=[).][ \t])){_HOME}[ \t]\d{{1,2}}[ \t]{{0,3}}\((?=[ \t]{{0,3}}{_CAP}[^()]{{0,60}}\d)"
)
_AFTER_GOALS = re.compile(rf"(?<=\)[ \t]){_AWAY}[ \t]\d{{1,2}}(?=[ \t]{{0,3}}(?:$|[.(]))")
# Tom Ridley ( Halifax ) , Ian Marsh ( Grantley Town )
_OF_CLUB = re.compile(
    rf"{_WORD_STARTS}{_NAME}[ \t]{{0,3}}\([ \t]{{0,3}}(?P<team>{_CAP}{_OPT}{{0,2}})[ \t]{{0,3}}"
    r"\)?(?=[ \t]{0,3}(?:[,.)]|$))"
)
# a side by its ranks, as in `_line_up`
_LINE_UP = re.compile(rf"{_HOME}[ \t]?:(?=[ \t]{_CAP})")
_PLAYER = re.compile(
    rf"(?<=[;,:(][ \t])(?P<name>{_CAP}(?:[ \t]{_PARTICLE}{_CAP})?)(?=[ \t]?[;,().]|$)"
    rf"|(?<=\()(?P<in>{_CAP})(?=,)"
)
_FEWEST_PLAYERS = 7
# Batting ( tabulated as matches , innings , runs )
_AVERAGES = re.compile(r"[ \t]{0,3}(?:batting|bowling)\b", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[A-Z]\.[ \t]?)+[A-Z]|[^\W\d]+[ \t][A-Z]\.")
_LONGEST_LINE = 2000
_HEAD = 4
_PLAYS_AFTER = re.compile(
    r"[ \t](?:beat|beats|defeated|thrashed|edged|won|lost|drew|scored|host|hosted|face|faced|striker|"
    r"midfielder|defender|goalkeeper|coach|captain|manager|rallied|trail|led|swept|routed|downed|"
    r"blanked|shut out|pitcher|starter)\b"
)
_PLAYS_BEFORE = re.compile(
    r"\b(?:beat|beats|defeated|thrashed|edged|against|over|joined|v|versus|with|lost to|drew with|rivals|"
    r"swept|routed|downed|leaders|champions|strugglers|club|side|for|visiting|host)[ \t](?:the[ \t])?$"
)


def from_tables(number: int, text: str, teams: bool, players: bool = False) -> Iterator[Candidate]:
    """Players and teams of the lines of results in one paragraph.

    Args:
        number: of the paragraph.
        text: of the paragraph.
        teams: whether its article is about a sport that teams play.
        players: whether it gives the averages of players; else a table is of teams.

    Yields:
        Candidates with a pattern's weight; known countries stay places.
    """
    for at, line in lines(text):
        players |= _AVERAGES.match(line) is not None
        if len(line) <= _LONGEST_LINE and any(map(str.isupper, line)):
            found = _from_line(number, line, teams, players)
            yield from (replace(c, start=c.start + at, end=c.end + at) for c in found)


def _from_line(number: int, line: str, teams: bool, players: bool) -> Iterator[Candidate]:
    standing = _STANDING.match(line)
    if standing and (players or _is_player(standing["home"])):
        yield from _people(number, standing)
        return
    for pattern in (_FINAL, _STANDING, _FIXTURE):
        match = pattern.match(line)
        # "Miners Walk Out at Santa Rosa" is no fixture.
        if match and (teams or pattern is not _FIXTURE or line.isupper()):
            yield from _teams(number, match)
            return
    if line.count(";") > 1:
        yield from _line_up(number, line, teams)
    if teams:
        yield from _of_teams(number, line)
    for pattern in (_BATSMAN, _RIDER, _GOLFER) if line[:1].isalnum() else ():
        match = pattern.match(line)
        if match:
            yield from _people(number, match)
    for pattern in (_SIDE, _BOWLING, _FIGURES, _SCORER):
        for match in pattern.finditer(line):
            yield from _people(number, match)


def gives_averages(paragraphs: Sequence[str]) -> bool:
    """Whether the head of an article says that its tables are of players' averages."""
    return any("average" in text[:300].lower() for text in paragraphs[:_HEAD])


def _is_player(name: str) -> bool:
    first, _, rest = name.partition(" ")
    given = bool(rest) and first.lower() in tables.first_names()
    return _INITIALS.match(name) is not None or (given and folded(name) not in tables.towns())


def _line_up(number: int, line: str, teams: bool) -> Iterator[Candidate]:
    """Players of a side: `Halifax: Ridley; Marsh, Cole, Hay; Bell (Dunn, 60), Orr; Kane, Pike`."""
    head = _LINE_UP.match(line)
    players = list(_PLAYER.finditer(line, head.end())) if head else []
    if head is None or len(players) < _FEWEST_PLAYERS:
        return
    if teams:
        yield from _teams(number, head)
    for player in players:
        yield from _people(number, player)


def _of_teams(number: int, line: str) -> Iterator[Candidate]:
    for pattern in (_VERSUS, _INNINGS, _GOALS, _AFTER_GOALS):
        for match in pattern.finditer(line):
            if not _INITIALS.match(match[match.lastgroup or 0]):
                yield from _teams(number, match)
    clubs = list(_OF_CLUB.finditer(line))
    if len(clubs) > 1:
        for match in clubs:
            yield from _people(number, match)


def _teams(number: int, match: re.Match[str]) -> Iterator[Candidate]:
    for group, name in match.groupdict().items():
        if name and is_name(name) and not _ordinary(name):
            # HALIFAX AT GRANTLEY names the place that the first goes to.
            there = match.re is _FIXTURE and group == "away" and folded(name) in tables.towns()
            kind: EntityKind = "place" if there or _is_country(name) else "org"
            yield Candidate(number, *match.span(group), name, kind, 3, "pattern")


def _people(number: int, match: re.Match[str]) -> Iterator[Candidate]:
    for group, words in match.groupdict().items():
        found = words or ""
        name = found.strip()
        if not is_name(name) or _ordinary(name) or _is_country(name) or (shouts(name) and len(name) > 3):
            continue
        start = match.start(group) + len(found) - len(found.lstrip())
        kind: EntityKind = "org" if group == "team" else "person"
        yield Candidate(number, start, start + len(name), name, kind, 3, "pattern")


def _is_country(name: str) -> bool:
    return name in tables.countries() or tables.places_folded().get(folded(name)) in tables.countries()


def _ordinary(name: str) -> bool:
    return all(word.lower() in tables.ordinary_words() for word in name.split())


def plays(text: str, start: int, end: int) -> bool:
    """Whether the words around a span speak of it as of a team."""
    return bool(_PLAYS_AFTER.match(text, end) or _PLAYS_BEFORE.search(text[max(0, start - 24) : start]))
