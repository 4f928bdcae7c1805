"""On what does an entity rest? What an editor looks at before deciding about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from search.answer import articles_of
from search.cards import day_of, known_entity, related_to
from search.columns import UNDATED, Columns
from search.facets import naming
from search.nodes import Numbers, member
from search.results import Evidence, Hit, Snippet
from search.snapshot import Snapshot
from search.spotting import Span, Wanted
from search.views import hit_of

LENGTH = 260
"""Characters of a passage, about; paragraphs up to a quarter longer are shown whole."""

_LEAD = 90  # characters kept before the first mention
_RELATED = 10


def evidence_of(snap: Snapshot, entity_id: str, *, read: int, passages: int) -> Evidence | None:
    """What an entity rests on, hidden or not, or None where neither text nor decision has its id.

    Args:
        snap: of the index.
        entity_id: its own, or one that was merged into it.
        read: paragraphs read back, evenly spread, to tell how it is written.
        passages: shown at most, each of another article, the newest first.
    """
    known = known_entity(snap, entity_id)
    if known is None:
        return None
    if known.hidden:
        snap = snap.with_hidden()
    number = snap.columns.names.number(known.kind, known.id)
    rows = naming(snap.columns, number) if number is not None else np.zeros(0, np.int32)
    rows = rows[member(rows, snap.live, len(snap.columns.ordinal))]
    days = snap.columns.published[rows]
    dated = days[days != UNDATED]
    sample = rows[:: max(1, -(-len(rows) // read))]
    return Evidence(
        entity=known,
        forms=_forms(snap, sample, known.id),
        read=len(sample),
        paragraphs=len(rows),
        articles=articles_of(snap.columns, rows),
        first=day_of(dated.min()) if len(dated) else None,
        last=day_of(dated.max()) if len(dated) else None,
        related=related_to(snap, rows, number)[:_RELATED] if number is not None else (),
        passages=tuple(_passages(snap, _newest(snap.columns, rows, passages), known.id)),
        decisions=snap.decisions.about(known.id),
    )


def passage(hit: Hit, entity: str) -> Hit:
    """A hit whose snippet shows where it names an entity."""
    spans = [(e.start, e.end) for e in hit.entities if e.entity == entity]
    return replace(hit, snippet=_cut(hit.text, spans))


def _forms(snap: Snapshot, rows: Numbers, entity: str) -> tuple[tuple[str, int], ...]:
    forms: Counter[str] = Counter()
    for record in snap.records(rows):
        forms.update(e.text for e in record.paragraph.entities if e.entity == entity)
    return tuple(sorted(forms.items(), key=lambda f: (-f[1], f[0])))


def _newest(columns: Columns, rows: Numbers, most: int) -> Numbers:
    """The first paragraph that names it of each of the newest articles, the headline where no other does."""
    rows = rows[np.argsort(columns.headline[rows], kind="stable")]  # a headline tells least
    _, firsts = np.unique(columns.article[rows], return_index=True)
    one_each = rows[firsts]
    newest = np.lexsort((one_each, -columns.published[one_each].astype(np.int64)))
    return one_each[newest[:most]]


def _passages(snap: Snapshot, rows: Numbers, entity: str) -> Iterator[Hit]:
    for record in snap.records(rows):
        yield passage(hit_of(record, 0.0, Wanted()), entity)


def _cut(text: str, spans: Sequence[Span]) -> Snippet:
    if len(text) <= LENGTH * 5 // 4:
        return Snippet(text, tuple(spans))
    must = spans[0][0] if spans else 0
    start = max(0, min(must - _LEAD, len(text) - LENGTH))
    start = next(
        (i + 1 for i in range(start, min(must, start + _LEAD)) if start and text[i].isspace()), start
    )
    end = min(len(text), start + LENGTH)
    if end < len(text):
        last = max(must + 1, end - _LEAD)
        end = next((i for i in range(end, last, -1) if text[i].isspace()), end)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    shift = len(before) - start
    inside = tuple((max(a, start) + shift, min(b, end) + shift) for a, b in spans if a < end and b > start)
    return Snippet(before + text[start:end] + after, inside)
