"""What could the user have meant, and how could a word go on?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz.distance import OSA
from whoosh import query
from whoosh.reading import IndexReader

from index.analysis import fold, query_form, stem, tokens
from search.results import FacetValue
from search.snapshot import Values

_MIN_LENGTH = 4  # shorter words have too many neighbours to correct
_LONG = 7  # from here on two slips are forgiven
_MAX_SCANNED = 200_000


def known(reader: IndexReader, form: str) -> bool:
    """Whether any text holds the word, in whatever ending."""
    return bool(reader.doc_frequency("stem", stem(form)) or reader.doc_frequency("exact", form))


def correct(reader: IndexReader, typed: str, tree: query.Query) -> str | None:
    """The query with each word that no text holds replaced by the likeliest one that some do.

    Returns:
        The corrected query, or None when all words are known or nothing is near.
    """
    asked = {t.text for t in _plain_terms(tree)}
    changed = False

    def swap(surface: str) -> str:
        nonlocal changed
        form = query_form(surface)
        if form not in asked or known(reader, form):
            return surface
        better = nearest(reader, form)
        changed |= better is not None
        return better or surface

    out: list[str] = []
    last = 0
    for start, end, surface in tokens(typed):
        out += [typed[last:start], swap(surface)]
        last = end
    return "".join([*out, typed[last:]]) if changed else None


def nearest(reader: IndexReader, form: str) -> str | None:
    """The word of the index with fewest slips from `form`, the most frequent of them."""
    most = 0 if len(form) < _MIN_LENGTH else 1 if len(form) < _LONG else 2
    best: tuple[int, int, str] | None = None
    for word in _words(reader, "") if most else ():
        if abs(len(word) - len(form)) > most or word[0].isdigit():
            continue
        distance = OSA.distance(form, word, score_cutoff=most)
        if distance <= most:
            candidate = (distance + (word[0] != form[0]), -reader.doc_frequency("exact", word), word)
            best = min(best, candidate) if best else candidate
    return best[2] if best else None


def complete(reader: IndexReader, typed: str, limit: int) -> tuple[str, ...]:
    """The text with its last word completed by words of the index, most frequent first."""
    found = list(tokens(typed))
    if not found or found[-1][1] != len(typed):
        return ()
    start, _, surface = found[-1]
    prefix = fold(surface)
    by_count = sorted((-reader.doc_frequency("exact", w), w) for w in _words(reader, prefix))
    return tuple(typed[:start] + w for _, w in by_count[:limit])


def find_values(values: Values, counts: Sequence[int], typed: str, limit: int) -> tuple[FacetValue, ...]:
    """Names found by typing: each typed word begins a word of the name, or nearly does.

    Args:
        values: the names of a kind.
        counts: paragraphs that name each, by value number.
        typed: what was typed; nothing finds the most frequent.
        limit: how many at most.
    """
    wanted = [fold(surface) for _, _, surface in tokens(typed)]
    exact: list[tuple[int, str, int]] = []
    near: list[tuple[int, str, int]] = []
    for number, name in enumerate(values.names):
        if not counts[number]:
            continue
        words = [fold(s) for _, _, s in tokens(name)]
        row = (-counts[number], name, number)
        if all(any(w.startswith(t) for w in words) for t in wanted):
            exact.append(row)
        elif all(any(_nearly_begins(w, t) for w in words) for t in wanted):
            near.append(row)
    chosen = (sorted(exact) + sorted(near))[:limit]
    return tuple(FacetValue(values.ids[n], name, -count) for count, name, n in chosen)


def _nearly_begins(word: str, typed: str) -> bool:
    if len(typed) < _MIN_LENGTH:
        return word.startswith(typed)
    most = 1 if len(typed) < _LONG else 2
    return any(
        OSA.distance(word[: len(typed) + extra], typed, score_cutoff=most) <= most for extra in (-1, 0, 1)
    )


def _plain_terms(tree: query.Query) -> Iterator[query.Term]:
    if isinstance(tree, query.Term):
        yield tree
    elif isinstance(tree, query.And | query.Or | query.Sequence):
        for sub in tree.subqueries:
            yield from _plain_terms(sub)


def _words(reader: IndexReader, prefix: str) -> Iterator[str]:
    for scanned, raw in enumerate(reader.expand_prefix("exact", prefix)):
        if scanned >= _MAX_SCANNED:
            return
        yield raw.decode("utf-8") if isinstance(raw, bytes) else str(raw)
