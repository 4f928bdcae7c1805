"""Texts become numbers of token types, as spaCy's tokenizer cuts them; each distinct word is cut once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]

_MOST_CHUNKS = 200_000
_MOST_TYPES = 60_000
_AT_ONCE = 2_000
_CHUNK = re.compile(r"\S+ ?|\s+")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of several texts, one after the other.

    Attributes:
        types: of each token, a row of `Tokeniser.vectors`.
        starts: of each token, in characters of its text.
        ends: of each token.
        spaces: whether each is white space, where no name begins.
        bounds: where each text begins in these, and where the last one ends.
    """

    types: Ints
    starts: Ints
    ends: Ints
    spaces: npt.NDArray[np.bool_]
    bounds: Ints


class Tokeniser:
    """Knows the pieces of every chunk of text it has met, and the vector of every type of token.

    A chunk is what stands between two spaces, or a run of other white space: spaCy's
    tokenizer cuts each by itself. A type is what the model looks at in a token; type 0 is
    no token at all. What is known is bounded: over that it is learnt anew.
    """

    def __init__(self, nlp: Any, attributes: Sequence[str], embed: Callable[[Any], Vectors]) -> None:
        """Begin with nothing known.

        Args:
            nlp: spaCy's pipeline, for its tokenizer.
            attributes: spaCy's names of the lexical attributes that the model looks at.
            embed: gives a float32 vector for each row of values of these attributes (uint64).
        """
        self._nlp = nlp
        self._attributes = list(attributes)
        self._embed = embed
        self._width = embed(np.zeros((1, len(self._attributes)), np.uint64)).shape[1]
        self._forget()

    def _forget(self) -> None:
        self._chunks: dict[str, int] = {}
        self._types: dict[tuple[int, ...], int] = {}
        self._spaces: set[int] = set()
        self._pieces = Rows(np.zeros((0, 3), np.int64))  # type, start, end of each piece of a chunk
        self._bounds = Rows(np.zeros(1, np.int64))  # where the pieces of each chunk begin, and the last end
        self._vectors = Rows(np.zeros((1, self._width), np.float32))

    @property
    def vectors(self) -> Vectors:
        """A row for each type, float32; that of type 0 is zero."""
        return self._vectors.array

    def cut(self, texts: Sequence[str]) -> Tokens:
        """Cut texts into tokens, as spaCy does.

        Args:
            texts: any; the work is in what chunks are new.

        Returns:
            Their tokens; types are good until the next call.
        """
        if len(self._chunks) > _MOST_CHUNKS or len(self._types) > _MOST_TYPES:
            self._forget()
        words = [text.split() for text in texts]
        odd: dict[int, list[int]] = {}
        for i, text in enumerate(texts):
            if " ".join(words[i]) != text:
                words[i], odd[i] = _chunks(text)
        flat = list(chain.from_iterable(words))
        self._learn(flat)
        numbers = np.fromiter(map(self._chunks.__getitem__, flat), np.int64, len(flat))
        bounds = np.cumsum([0, *map(len, words)])
        at = _starts(words, flat)
        for i, starts in odd.items():
            at[bounds[i] : bounds[i + 1]] = starts
        return self._tokens(numbers, at, bounds)

    def _tokens(self, numbers: Ints, at: Ints, bounds: Ints) -> Tokens:
        first = self._bounds.array
        counts = first[numbers + 1] - first[numbers]
        ends = np.concatenate([[0], np.cumsum(counts)])
        rows = np.repeat(first[numbers] - ends[:-1], counts) + np.arange(ends[-1])
        pieces = self._pieces.array[rows]
        at = np.repeat(at, counts)
        types = pieces[:, 0]
        spaces = np.isin(types, list(self._spaces))
        return Tokens(types, pieces[:, 1] + at, pieces[:, 2] + at, spaces, ends[bounds])

    def _learn(self, chunks: Iterable[str]) -> None:
        """Cut each new chunk by itself; nothing of it stays in spaCy's own vocabulary."""
        new = [chunk for chunk in dict.fromkeys(chunks) if chunk not in self._chunks]
        if not new:
            return
        words = [chunk for chunk in new if not chunk.isspace()]
        # A line each: no rule of the tokenizer reaches over the end of a line.
        groups = [words[i : i + _AT_ONCE] for i in range(0, len(words), _AT_ONCE)]
        groups += [[chunk] for chunk in new if chunk.isspace()]
        keys: list[tuple[int, ...]] = []
        with self._nlp.memory_zone():
            for group in groups:
                self._learn_group(group, keys)
        if keys:
            self._vectors.extend(self._embed(np.array(keys, np.uint64)))

    def _learn_group(self, group: Sequence[str], keys: list[tuple[int, ...]]) -> None:
        doc = self._nlp.tokenizer("\n".join(group))
        rows = doc.to_array([*self._attributes, "IDX", "LENGTH"])
        starts, sizes = rows[:, -2].astype(np.int64), rows[:, -1].astype(np.int64)
        begins = _starts([group], group)
        if len(group) > 1:
            within = ~np.isin(starts + 1, begins)  # not an end of line, where the next chunk follows
            rows, starts, sizes = rows[within], starts[within], sizes[within]
        owner = np.searchsorted(begins, starts, side="right") - 1
        starts -= begins[owner]
        space = group[0].isspace()
        types = [self._type(key, space, keys) for key in map(tuple, rows[:, :-2].tolist())]
        ends = self._pieces.size + np.cumsum(np.bincount(owner, minlength=len(group)))
        self._pieces.extend(np.column_stack([types, starts, starts + sizes]))
        self._bounds.extend(ends)
        self._chunks.update(zip(group, range(len(self._chunks), len(self._chunks) + len(group)), strict=True))

    def _type(self, key: tuple[int, ...], space: bool, keys: list[tuple[int, ...]]) -> int:
        number = self._types.get(key)
        if number is None:
            number = self._types[key] = len(self._types) + 1
            keys.append(key)
            if space:
                self._spaces.add(number)
        return number


class Rows:
    """A growing array: rows are added at its end, in no more than twice the room they need."""

    def __init__(self, first: npt.NDArray[Any]) -> None:
        """Begin with some rows."""
        self._room = first
        self.size = len(first)

    @property
    def array(self) -> npt.NDArray[Any]:
        """The rows so far, not to be written."""
        return self._room[: self.size]

    def extend(self, rows: npt.NDArray[Any]) -> None:
        """Add rows of the same shape."""
        end = self.size + len(rows)
        if end > len(self._room):
            room = np.empty((2 * end, *self._room.shape[1:]), self._room.dtype)
            room[: self.size] = self.array
            self._room = room
        self._room[self.size : end] = rows
        self.size = end


def _chunks(text: str) -> tuple[list[str], list[int]]:
    """What the tokenizer cuts by itself, and where: all but one space after a word."""
    found = [(match.group(), match.start()) for match in _CHUNK.finditer(text)]
    return [c if c.isspace() else c.removesuffix(" ") for c, _ in found], [at for _, at in found]


def _starts(words: Sequence[Sequence[str]], flat: Sequence[str]) -> Ints:
    """Where each word begins in its text, were all of them separated by one space."""
    counts = np.fromiter(map(len, words), np.int64, len(words))
    sizes = np.fromiter(map(len, flat), np.int64, len(flat)) + 1
    ends = np.cumsum(sizes)
    starts: Ints = ends - sizes
    firsts = np.cumsum(counts) - counts
    used = counts > 0
    starts -= np.repeat(starts[firsts[used]], counts[used])
    return starts
