"""One commit of the index, open for reading: a Whoosh searcher and the facts as arrays.

Facts are decoded once a segment and kept while the segment lives, so that a commit
costs what it added. Paragraph numbers are Whoosh's: leaf offset + number in the leaf.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from whoosh.index import FileIndex
from whoosh.reading import IndexReader, SegmentReader
from whoosh.searching import Searcher

from index.model import ENTITY_KINDS, EntityKind
from index.store import leaves
from index.stored import Facts, Record, read_facts, read_record
from search.execute import Numbers

UNDATED = np.int32(-1)
"""Day number of an article whose day of publication is not known."""


@dataclass(frozen=True, slots=True)
class Values:
    """Values of one facet, many a paragraph (compressed sparse rows).

    Attributes:
        offsets: paragraph n's values are `numbers[offsets[n]:offsets[n + 1]]`.
        numbers: value numbers.
        ids: by value number.
        names: display name by value number.
        number_of: value number by id.
    """

    offsets: NDArray[np.int64]
    numbers: Numbers
    ids: Sequence[str]
    names: Sequence[str]
    number_of: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Columns:
    """The facts of all paragraphs, deleted ones included.

    Attributes:
        article: number of the article.
        rank: of the article's id among all ids; the same on every machine.
        ordinal: place in the article.
        headline: whether it is one.
        published: day number or UNDATED.
        values: of each kind of name.
        mentioned: offsets, first days and last days of the intervals mentioned.
        documents: number of the document.
    """

    article: Numbers
    rank: Numbers
    ordinal: Numbers
    headline: NDArray[np.bool_]
    published: Numbers
    values: Mapping[EntityKind, Values]
    mentioned: tuple[NDArray[np.int64], Numbers, Numbers]
    documents: Numbers


class FactsCache:
    """Decoded facts by segment, kept from one snapshot to the next."""

    def __init__(self) -> None:
        self._kept: dict[str, list[Facts]] = {}

    def of(self, segments: Sequence[SegmentReader]) -> list[Facts]:
        """Facts of all leaves in order; those of segments that are gone are dropped."""
        fresh: dict[str, list[Facts]] = {}
        out: list[Facts] = []
        for n, leaf in enumerate(segments):
            segment = leaf.segment()
            key = segment.segment_id() if segment is not None else f"leaf {n}"
            facts = self._kept.get(key)
            if facts is None:
                column = leaf.column_reader("facts")
                facts = [read_facts(column[i]) for i in range(leaf.doc_count_all())]
            fresh[key] = facts
            out += facts
        self._kept = fresh
        return out


class Snapshot:
    """An open commit; closed by whoever replaces it."""

    def __init__(self, index: FileIndex, cache: FactsCache, marker: str) -> None:
        self.searcher: Searcher = index.searcher()
        self.reader: IndexReader = self.searcher.reader()
        self.generation: int = int(index.latest_generation())
        # An index that was built anew begins to count again; its marker is another file.
        self.identity = f"{marker} {self.generation}"
        self._facts = cache.of(leaves(self.reader))
        self.columns = build_columns(self._facts)
        self.live: Numbers = np.array(list(self.reader.all_doc_ids()), dtype=np.int32)

    def record(self, number: int) -> Record:
        """A paragraph read back."""
        return read_record(self.reader.stored_fields(number)["record"])

    def facts(self, number: int) -> Facts:
        """A paragraph's facts."""
        return self._facts[number]

    def number(self, paragraph_id: str) -> int | None:
        """Number of a live paragraph by its id."""
        found = self.searcher.document_number(id=paragraph_id)
        return int(found) if found is not None else None

    def paragraphs_of(self, article_number: int) -> Numbers:
        """Live paragraphs of an article in order."""
        mine = self.live[self.columns.article[self.live] == article_number]
        return np.asarray(mine[np.argsort(self.columns.ordinal[mine], kind="stable")])

    def article_number(self, article_id: str) -> int | None:
        """Number of an article by its id, or None where no live paragraph has it."""
        for number in self.live:
            if self._facts[number].article == article_id:
                return int(self.columns.article[number])
        return None

    def close(self) -> None:
        """Let go of the files."""
        self.searcher.close()


def build_columns(facts: Sequence[Facts]) -> Columns:
    """Lay out facts as arrays of one row a paragraph."""
    articles: dict[str, int] = {}
    documents: dict[str, int] = {}
    article = [articles.setdefault(f.article, len(articles)) for f in facts]
    ranks = np.empty(len(articles), dtype=np.int32)
    ranks[[articles[a] for a in sorted(articles)]] = np.arange(len(articles))
    article_numbers = np.array(article, dtype=np.int32)
    return Columns(
        article=article_numbers,
        rank=ranks[article_numbers] if articles else article_numbers,
        ordinal=np.array([f.ordinal for f in facts], dtype=np.int32),
        headline=np.array([f.kind == "headline" for f in facts], dtype=np.bool_),
        published=np.array([UNDATED if f.published is None else f.published for f in facts], dtype=np.int32),
        values={kind: _values(facts, kind) for kind in ENTITY_KINDS},
        mentioned=_mentioned(facts),
        documents=np.array([documents.setdefault(f.document, len(documents)) for f in facts], dtype=np.int32),
    )


def _offsets(lengths: Sequence[int]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(np.array(lengths, dtype=np.int64))])


def _values(facts: Sequence[Facts], kind: EntityKind) -> Values:
    number_of: dict[str, int] = {}
    written: dict[int, Counter[str]] = {}
    numbers: list[int] = []
    lengths: list[int] = []
    for f in facts:
        mine: set[int] = set()
        for of_kind, entity, name in f.entities:
            if of_kind == kind:
                number = number_of.setdefault(entity, len(number_of))
                written.setdefault(number, Counter())[name] += 1
                mine.add(number)
        numbers += sorted(mine)
        lengths.append(len(mine))
    names = [written[n].most_common(1)[0][0] for n in range(len(number_of))]
    return Values(_offsets(lengths), np.array(numbers, np.int32), list(number_of), names, number_of)


def _mentioned(facts: Sequence[Facts]) -> tuple[NDArray[np.int64], Numbers, Numbers]:
    flat = [pair for f in facts for pair in f.mentioned]
    first = np.array([a for a, _ in flat], dtype=np.int32)
    last = np.array([b for _, b in flat], dtype=np.int32)
    return _offsets([len(f.mentioned) for f in facts]), first, last
