"""One commit of the index, open for reading: its segments, their words and their facts."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from index.columns import commits
from index.columns.segment import OpenSegment
from index.decisions import NOTHING, Decisions
from index.model import ENTITY_KINDS
from index.store import segments_folder
from index.stored import Record
from search.canonical import as_decided, record_as_decided
from search.columns import UNDATED, Columns, columns_of
from search.matching import Corpus
from search.nodes import Numbers
from search.terms import Terms

__all__ = ["UNDATED", "Columns", "Snapshot"]


class Snapshot:
    """An open commit; its maps are let go of when nothing refers to it any more.

    Attributes:
        generation: number of the commit.
        commit: names the index and the commit.
        decisions: of editors, under which names are counted and shown.
        corpus: its segments, for matching.
        columns: its facts, for filters, facets and sorting.
    """

    def __init__(self, path: Path, marker: str, earlier: Snapshot | None = None) -> None:
        """Open the newest commit.

        Args:
            path: of the index.
            marker: that tells it from another one at the same path, which counts anew.
            earlier: a commit before, whose maps and stories are used again.
        """
        folder = segments_folder(path)
        self.generation, named, _ = commits.contents(folder)
        self.commit = f"{marker} {self.generation}"
        self.decisions = NOTHING
        mapped: Sequence[OpenSegment] = earlier.corpus.segments if earlier else ()
        before = earlier._undecided if earlier else None
        self.corpus: Corpus = Corpus(commits.open_segments(folder, named, mapped))
        self._undecided: Columns = columns_of(self.corpus.segments, before)
        self.columns: Columns = self._undecided
        self._with_hidden: Snapshot | None = None

    def under(self, decisions: Decisions) -> Snapshot:
        """The same commit as editors decided."""
        other = copy.copy(self)
        other.decisions = decisions
        other.columns = as_decided(self._undecided, decisions)
        other._with_hidden = None
        return other

    def with_hidden(self) -> Snapshot:
        """The same with what editors hid; made when it is asked for, since only they do."""
        if not self.decisions.hidden:
            return self
        if self._with_hidden is None:
            self._with_hidden = self.under(replace(self.decisions, hidden=frozenset()))
        return self._with_hidden

    def written_names(self, ids: Iterable[str]) -> dict[str, str]:
        """Names as the texts have them, whatever was decided, of those ids that any text has."""
        names = self._undecided.names
        numbers = ((i, names.number(kind, i)) for i in ids for kind in ENTITY_KINDS)
        return {i: names.name(n) for i, n in numbers if n is not None}

    @property
    def identity(self) -> str:
        """Name the index, the commit and what was decided: what answers depend on."""
        return f"{self.commit} {self.decisions.version}".rstrip()

    @property
    def terms(self) -> Terms:
        """The words of the index."""
        return self.corpus.terms

    @property
    def live(self) -> Numbers:
        """Paragraphs that are not deleted."""
        return self.columns.live

    def record(self, number: int) -> Record:
        """A paragraph read back, its names as decided."""
        return self.records(np.array([number], dtype=np.int32))[0]

    def records(self, numbers: Numbers) -> list[Record]:
        """Paragraphs read back, in the order asked for, their names as decided."""
        found = self._written(numbers)
        if not self.decisions:
            return found
        return [record_as_decided(r, self.columns.names, self.decisions) for r in found]

    def _written(self, numbers: Numbers) -> list[Record]:
        segments = self.corpus.segments
        if len(segments) == 1:
            return segments[0].records(numbers.tolist())
        out: dict[int, Record] = {}
        owners = np.searchsorted(self.corpus.bases, numbers, side="right") - 1
        for at in np.unique(owners).tolist():
            mine = numbers[owners == at].tolist()
            rows = [n - self.corpus.bases[at] for n in mine]
            out.update(zip(mine, segments[at].records(rows), strict=True))
        return [out[n] for n in numbers.tolist()]

    def texts(self, numbers: Numbers) -> list[bytes]:
        """Texts of paragraphs, whose numbers ascend, in UTF-8."""
        out: list[bytes] = []
        owners = np.searchsorted(self.corpus.bases, numbers, side="right") - 1
        for at in np.unique(owners).tolist():
            rows = numbers[owners == at].astype(np.int64) - self.corpus.bases[at]
            out += self.corpus.segments[at].texts(rows)
        return out

    def number(self, paragraph_id: str) -> int | None:
        """Number of a live paragraph by its id."""
        for segment, base in zip(self.corpus.segments, self.corpus.bases, strict=True):
            row = segment.row(paragraph_id)
            if row is not None:
                return base + row
        return None

    def article_fields(self, article_number: int) -> dict[str, Any]:
        """What a hit tells of an article that is not deleted."""
        key = int(self.columns.article_keys[article_number])
        return next(told for s in self.corpus.segments if (told := s.article(key)) is not None)

    def paragraphs_of(self, article_number: int) -> Numbers:
        """Live paragraphs of an article in order."""
        mine = self.live[self.columns.article[self.live] == article_number]
        return np.asarray(mine[np.argsort(self.columns.ordinal[mine], kind="stable")])

    def documents(self) -> int:
        """How many documents there are."""
        return sum(1 for s in self.corpus.segments for _ in s.live_documents())
