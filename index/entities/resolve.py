"""One article's raw names become mentions of its people, organisations and places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from index.entities import recogniser, tables
from index.entities.candidates import LONGEST_NAME, Candidate, from_model
from index.entities.casing import in_title_case
from index.entities.editors import MARKED, Editors, Told
from index.entities.groups import acronyms, organisation_names, place_name, shown
from index.entities.ids import entity_id
from index.entities.kinds import decide
from index.entities.names import RawName
from index.entities.patterns import before_event, from_patterns, gazetteer
from index.entities.people import gather
from index.entities.reasons import Joined, reason_of
from index.entities.recover import recover
from index.entities.runs import surnames_of, taken_apart
from index.entities.spelling import without_nickname
from index.entities.sport import from_tables, gives_averages
from index.entities.sports import has_teams, qualifier, sport_of
from index.entities.tables import folded
from index.entities.teams import split_teams
from index.model import EntityKind, EntityMention


def resolve_names(
    paragraphs: Sequence[str],
    names: Sequence[Sequence[RawName]],
    byline: str | None = None,
    first: int = 1,
    told: Told | None = None,
) -> list[tuple[EntityMention, ...]]:
    """Say who and what an article mentions.

    Args:
        paragraphs: of one article, in order, the headline first.
        names: what a model saw in each.
        byline: its author line, evidence of who is a person; gives no mention itself.
        first: number of its first paragraph, from which reasons count.
        told: what its editors marked and listed, which wins.

    Returns:
        For each paragraph its mentions: in order, apart, `text == paragraph[start:end]`.
        A name has one kind and an entity one name throughout.
    """
    sport = sport_of(paragraphs)
    teams = has_teams(sport, paragraphs)
    players = gives_averages(paragraphs)
    found = [
        _candidates(i, text, raw, teams, players)
        for i, (text, raw) in enumerate(zip(paragraphs, names, strict=True))
    ]
    if byline:
        paragraphs = [*paragraphs, byline]
        found.append(_candidates(len(paragraphs) - 1, byline, (), teams, players))
    behind, editors = len(paragraphs), Editors(told, paragraphs) if told else None
    if editors:
        found, paragraphs = editors.beside(found), [*paragraphs, *editors.behind]
    everything = _everything(found, paragraphs, teams, editors)
    side = qualifier(sport, paragraphs) if sport and teams else None
    mentions: list[list[EntityMention]] = [[] for _ in paragraphs]
    display: dict[str, str] = {}
    for c, joined in _whose(everything, paragraphs, side, editors, behind):
        entity = entity_id(c.kind, joined.name[:LONGEST_NAME])
        name = display.setdefault(entity, joined.name)
        why = reason_of(c, joined, first, len(names))
        mentions[c.paragraph].append(EntityMention(c.start, c.end, c.text, c.kind, entity, name, why))
    return [tuple(mentions[i]) for i in range(len(names))]


def _everything(
    found: list[list[Candidate]], paragraphs: Sequence[str], teams: bool, editors: Editors | None
) -> list[Candidate]:
    """Every name of the article with its kind, in order, apart, those that were missed among them."""
    surnames = surnames_of(found)
    found = [list(taken_apart(some, surnames)) for some in _confirmed(found, paragraphs)]
    chosen = [_apart(candidates) for candidates in found]
    kinds = decide(_agreeing(found, chosen), paragraphs, teams)
    if editors:
        kinds = editors.kinds(kinds, chosen)
    forms = dict.fromkeys(c.text for some in chosen for c in some)
    missed = [
        c for c in recover(paragraphs, kinds, forms, chosen, MOST) if editors is None or not editors.doubts(c)
    ]
    kinds = {c.key: c.kind for c in missed} | kinds
    for candidate in missed:
        chosen[candidate.paragraph].append(candidate)
    return [
        c if c.weight == MARKED else replace(c, kind=kinds[c.key])
        for some in chosen
        for c in sorted(_apart(some), key=_where)
    ]


def _whose(
    candidates: Sequence[Candidate],
    paragraphs: Sequence[str],
    side: str | None,
    editors: Editors | None,
    behind: int,
) -> Iterator[tuple[Candidate, Joined]]:
    """Whose each name is, and why, by the names that editors give where they do."""
    if editors is None:
        yield from _named(candidates, paragraphs, side)
        return
    # A mark counts as the full name that its editors give it, so that surnames elsewhere are joined to that.
    as_full = [replace(c, text=editors.full.get(c, c.text)) for c in candidates]
    joined = [joined for _, joined in _named(as_full, paragraphs, side)]
    named = list(zip(candidates, joined, strict=True))
    yield from zip(candidates, editors.decided(named, behind), strict=True)


def _where(candidate: Candidate) -> tuple[int, int]:
    return candidate.paragraph, candidate.start


def _candidates(
    number: int, text: str, raw: Sequence[RawName], teams: bool, players: bool
) -> list[Candidate]:
    found = [*from_model(number, text, raw), *from_tables(number, text, teams, players)]
    found += [*from_patterns(number, text, teams), *gazetteer(number, text, teams)]
    found = [*(c for c in found if not before_event(text, c.end)), *acronyms(number, text, found)]
    # In the order of the text only where it is cut: elsewhere the finders' order decides between equals.
    return found if len(found) <= MOST else sorted(found, key=_where)[:MOST]


def _confirmed(found: list[list[Candidate]], paragraphs: Sequence[str]) -> list[list[Candidate]]:
    """Of a title-case headline keep what its article names too, or what is known anyway.

    Where every word has a capital a model sees names everywhere; the article, in
    running text, tells which they are. Names that are missed are recovered later.
    """
    titled = [i == 0 and in_title_case(text) for i, text in enumerate(paragraphs)]
    if titled.count(False) < _ENOUGH_TEXT:
        return found
    known = {c.key for some, title in zip(found, titled, strict=True) if not title for c in some}
    known |= {key.split()[-1] for key in known if key}
    return [
        [c for c in some if not title or c.weight > 1 or c.key in known or c.text in tables.places()]
        for some, title in zip(found, titled, strict=True)
    ]


_ENOUGH_TEXT = 2  # paragraphs in running text
MOST = 2 * recogniser.MOST
"""Candidates that are kept of one paragraph: more than a newspaper page has names, each found by two."""


def _apart(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Candidates of one paragraph that do not overlap: patterns first, then the longer, then the earlier."""
    ranked = sorted(candidates, key=lambda c: (c.weight < 3, c.start - c.end, c.start))
    kept: list[Candidate] = []
    covered = bytearray(max((c.end for c in ranked), default=0))
    for c in ranked:
        if not any(covered[c.start : c.end]):
            covered[c.start : c.end] = b"\1" * (c.end - c.start)
            kept.append(c)
    return kept


def _agreeing(
    found: Sequence[Sequence[Candidate]], chosen: Sequence[Sequence[Candidate]]
) -> Iterator[Candidate]:
    """Every finder's word on the chosen spans."""
    for candidates, kept in zip(found, chosen, strict=True):
        spans = {(c.start, c.end) for c in kept}
        yield from (c for c in candidates if (c.start, c.end) in spans)


def _named(
    candidates: Sequence[Candidate], paragraphs: Sequence[str], sport: str | None
) -> Iterator[tuple[Candidate, Joined]]:
    """Whose each name is, and why."""
    sides: set[Candidate] = set()
    if sport:
        candidates, sides = split_teams(candidates, paragraphs)
    cased = {c.key: c.text for c in candidates if not c.text.isupper()}
    of_kind: dict[EntityKind, list[Candidate]] = {"person": [], "org": [], "place": []}
    for candidate in candidates:
        of_kind[candidate.kind].append(candidate)
    people = gather(of_kind["person"], paragraphs)
    orgs = organisation_names(of_kind["org"], paragraphs, cased, teams=sport is not None)
    for c in candidates:
        if c.kind == "person":
            joined = replace(people[c], name=shown(without_nickname(people[c].name), cased))
        elif c.kind == "place":
            joined = place_name(c.text, cased)
        else:
            joined = orgs[c.key]
        if c in sides or (sport and c.kind == "org" and folded(joined.name) in tables.towns()):
            # England that plays cricket is not England, nor the England that plays football.
            joined = Joined(f"{joined.name} ({sport})", "team")
        yield c, joined
