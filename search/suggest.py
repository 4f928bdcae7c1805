"""What could the user have meant, and how could a word go on?"""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz.distance import OSA
from whoosh import query

from index.analysis import fold, query_form, stem, tokens
from index.model import EntityKind
from search.columns import Columns
from search.results import FacetValue
from search.terms import Terms

_MIN_LENGTH = 4  # shorter words have too many neighbours to correct
_LONG = 7  # from here on two slips are forgiven
_MAX_SCANNED = 200_000


def known(index: Terms, form: str) -> bool:
    """Whether any text holds the word, in whatever ending."""
    return bool(index.doc_frequency("stem", stem(form)) or index.doc_frequency("exact", form))


def correct(index: Terms, typed: str, tree: query.Query) -> str | None:
    """The query with each word that no text holds replaced by the likeliest one that some do.

    Returns:
        The corrected query, or None when all words are known or nothing is near.
    """
    asked = {t.text for t in _plain_terms(tree)}
    changed = False

    def swap(surface: str) -> str:
        nonlocal changed
        form = query_form(surface)
        if form not in asked or known(index, form):
            return surface
        better = nearest(index, form)
        changed |= better is not None
        return better or surface

    out: list[str] = []
    last = 0
    for start, end, surface in tokens(typed):
        out += [typed[last:start], swap(surface)]
        last = end
    return "".join([*out, typed[last:]]) if changed else None


def nearest(index: Terms, form: str) -> str | None:
    """The word of the index with fewest slips from `form`, the most frequent of them."""
    most = 0 if len(form) < _MIN_LENGTH else 1 if len(form) < _LONG else 2
    best: tuple[int, int, str] | None = None
    for word, slips, count in index.near(form, most) if most else ():
        if not word or word[0].isdigit():
            continue
        candidate = (slips + (word[0] != form[0]), -count, word)
        best = min(best, candidate) if best else candidate
    return best[2] if best else None


def complete(index: Terms, typed: str, limit: int) -> tuple[str, ...]:
    """The text with its last word completed by words of the index, most frequent first."""
    found = list(tokens(typed))
    if not found or found[-1][1] != len(typed):
        return ()
    start, _, surface = found[-1]
    prefix = fold(surface)
    words, _ = index.beginning(prefix, _MAX_SCANNED)
    by_count = sorted((-count, word) for word, count in words)
    return tuple(typed[:start] + w for _, w in by_count[:limit])


def find_values(columns: Columns, kind: EntityKind, typed: str, limit: int) -> tuple[FacetValue, ...]:
    """Names found by typing: each typed word begins a word of the name, or nearly does.

    Those that an editor vouches for come first. Names that were merged or changed are
    found by what they were, too.

    Args:
        columns: of the commit.
        kind: of the names.
        typed: what was typed; nothing finds the most frequent.
        limit: how many at most.
    """
    wanted = [fold(surface) for _, _, surface in tokens(typed)]
    counts = columns.entity_counts
    exact: list[tuple[bool, int, str, int]] = []
    near: list[tuple[bool, int, str, int]] = []
    for number, name, words in names_with_words(columns, kind):
        row = (number not in columns.names.pinned, -int(counts[number]), name, number)
        if all(any(w.startswith(t) for w in words) for t in wanted):
            exact.append(row)
        elif all(any(_nearly_begins(w, t) for w in words) for t in wanted):
            near.append(row)
    chosen = (sorted(exact) + sorted(near))[:limit]
    return tuple(FacetValue(columns.names.id(n), name, -count) for _, count, name, n in chosen)


def names_with_words(columns: Columns, kind: EntityKind) -> list[tuple[int, str, list[str]]]:
    """Number, name and the words of all its names, of each entity that a live paragraph names."""
    return columns.remember(columns.live, f"names {kind}", lambda: _names(columns, kind))


def _names(columns: Columns, kind: EntityKind) -> list[tuple[int, str, list[str]]]:
    names = columns.names
    numbers = (n for n in names.range(kind) if columns.entity_counts[n])
    named = ((n, names.name(n), names.others.get(n, ())) for n in numbers)
    return [(n, name, [fold(s) for t in (name, *more) for _, _, s in tokens(t)]) for n, name, more in named]


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
