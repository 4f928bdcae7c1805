"""Names that were recognised somewhere in an article, where they were missed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from index.entities import tables
from index.entities.candidates import Candidate
from index.entities.casing import in_title_case, shouts
from index.entities.lookup import Lexicon, known, tokens
from index.entities.spelling import bare
from index.entities.tables import folded
from index.model import EntityKind

_SPEAKS = re.compile(
    r"[ \t]+(?:said|says|told|added|scored|allowed|won|lost|beat|struck|hit)\b|[ \t]+\([ \t]?\d"
)
"""What follows a name and no ordinary word: `King said`, `Wall ( 9-4 )`."""


def recover(
    paragraphs: Sequence[str],
    kinds: Mapping[str, EntityKind],
    forms: Iterable[str],
    taken: Sequence[Sequence[Candidate]],
    most: int,
) -> Iterator[Candidate]:
    """Find known names in the rest of an article.

    Args:
        paragraphs: of the article.
        kinds: of its names, by key.
        forms: of the names, as written.
        taken: candidates of each paragraph.
        most: candidates of one paragraph, the taken among them.

    Yields:
        Candidates outside the taken spans. An ordinary word counts only after a
        title, and a word in a run of capitalised words not at all.
    """
    written = {form: kinds[folded(form)] for form in forms if folded(form) in kinds}
    for form, kind in list(written.items()):
        if kind == "person" and " " in form and len(bare(form.split()[-1])) > 2:
            written.setdefault(form.split()[-1], kind)
    plain = Lexicon(written)
    capitals = Lexicon({folded(form): kind for form, kind in written.items()})
    for number, text in enumerate(paragraphs):
        loud = shouts(text)
        found = _missed(number, text, capitals if loud else plain, taken[number], loud)
        yield from islice(found, max(0, most - len(taken[number])))


def _missed(
    number: int, text: str, forms: Lexicon[EntityKind], taken: Sequence[Candidate], loud: bool
) -> Iterator[Candidate]:
    covered = bytearray(len(text))
    for c in taken:
        covered[c.start : c.end] = b"\1" * (c.end - c.start)
    for start, end, key in known(text, tokens(text), forms, loud):
        kind = forms.table[key]
        if not any(covered[start:end]) and not _is_word(text, start, end, kind, loud):
            yield Candidate(number, start, end, text[start:end], kind, 0.5, "again")


def _is_word(text: str, start: int, end: int, kind: EntityKind, loud: bool) -> bool:
    small = text[start:end].lower()
    if small not in tables.ordinary_words() and small not in tables.roles():
        return False
    before = text[max(0, start - 20) : start].split()
    if before and before[-1].lower().rstrip(".") in tables.titles():
        return False
    if kind == "person" and not loud and _SPEAKS.match(text, end):
        return False
    # A capital within a sentence makes `King` or `Such` a name, not at its head or before another.
    inside = bool(before) and (before[-1][-1].isalnum() or before[-1] == ",")
    return loud or kind != "person" or not inside or in_title_case(text) or _leads_on(text, end)


def _leads_on(text: str, end: int) -> bool:
    after = text[end : end + 3].lstrip()
    return after[:1].isupper()
