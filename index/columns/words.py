"""Texts → numbers of their words, a batch at a time.

A batch is one run of bytes in which NumPy finds the words: nearly all are ASCII letters and digits
between other signs, up to 16 of them, which are two 64-bit numbers and looked up as such. What is
left, an acronym, a number with separators, an apostrophe within, letters that are not ASCII, is cut out
and given to `analysis.surfaces`, which says what is a word; each such piece once.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.analysis import forms, surfaces
from index.columns.files import Array, narrow
from index.columns.ragged import Int32s, Int64s, Keys, offsets_of, places

_GAP, _WORD, _HIGH = 0, 1, 2
_CLASS = bytes(_HIGH if n > 127 else _WORD if chr(n).isalnum() else _GAP for n in range(256))
_LINKS = np.zeros(256, dtype=np.bool_)
_LINKS[list(b"'.,")] = True  # one of them alone between two words may make them one
_LOOKED_AT = frozenset(b"._")  # behind a piece, what the pattern may look at
_LONGEST = 16
_PAD = bytes(_LONGEST)
_MASKS = np.array([(1 << 8 * n) - 1 for n in range(9)], dtype=np.uint64)

# A multiplicative hash; odd numbers of which the bits are well mixed (the golden ratio, and Murmur's).
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC6A4A7935BD1E995))
_FEWEST_BITS, _MOST_BITS = 18, 20
_MOST_PIECES = 100_000


@dataclass(frozen=True, slots=True)
class Taken:
    """The words of some paragraphs.

    Attributes:
        terms: numbers of exact forms, in the order of the text.
        positions: the place of each in its paragraph, in words.
        lengths: how many each paragraph has.
    """

    terms: Int32s
    positions: Array
    lengths: Int32s


class _Table:
    """Words of up to 16 bytes → numbers, many at once; forgets some, never mistakes one for another."""

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self._keys = np.zeros((2, 1 << bits), dtype=np.uint64)
        self._numbers = np.zeros(1 << bits, dtype=np.int32)

    def find(self, first: Keys, second: Keys) -> tuple[Int32s, NDArray[np.bool_], Int64s]:
        """Number of each word, whether it was found, and its slot, which `put` wants."""
        mixed = first * _MIX[0]
        mixed += second * _MIX[1]
        slots = (mixed >> np.uint64(64 - self.bits)).astype(np.int64)
        keys = self._keys
        found = keys[0][slots] == first
        found &= keys[1][slots] == second
        apart = np.flatnonzero(~found)
        beside = slots[apart] ^ 1
        there = (keys[0][beside] == first[apart]) & (keys[1][beside] == second[apart])
        slots[apart[there]] = beside[there]
        found[apart[there]] = True
        return self._numbers[slots], found, slots

    def put(self, slots: Int64s, first: Keys, second: Keys, numbers: Int32s) -> None:
        """Remember words; where a slot is taken, the one beside it is used, and overwritten."""
        taken = self._keys[0][slots] != 0
        slots = np.where(taken, slots ^ 1, slots)
        self._keys[0][slots] = first
        self._keys[1][slots] = second
        self._numbers[slots] = numbers


class Words:
    """Distinct words by number, and the words of paragraphs as numbers of their forms.

    Attributes:
        exact: the distinct exact forms, numbered as they come.
    """

    def __init__(self) -> None:
        self.exact: dict[str, int] = {}
        # Of each distinct word: how many forms it has, and where their numbers begin in the next.
        self._forms = array("i")
        self._begins = array("i")
        self._exact_of = array("i")
        self._numbers: dict[bytes, int] = {}
        self._pieces: dict[bytes, list[int]] = {}
        self._table = _Table(_FEWEST_BITS)

    def __len__(self) -> int:
        return len(self._numbers)

    def take(self, texts: Sequence[bytes]) -> Taken:
        """Exact forms of the words of some paragraphs; those of one word share its place.

        Args:
            texts: in UTF-8, as `ragged.pack` has it.
        """
        words, lengths = self.words(texts)
        rows = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        begins = offsets_of(lengths)[:-1].astype(np.int32)
        positions = np.arange(len(words), dtype=np.int32) - begins[rows]
        many = np.frombuffer(self._forms, dtype=np.int32)[words]
        at: Array = np.frombuffer(self._begins, dtype=np.int32)[words]
        if many.max(initial=1) > 1:
            at = places(at, many)
            positions, rows = np.repeat(positions, many), np.repeat(rows, many)
            lengths = np.bincount(rows, minlength=len(lengths)).astype(np.int32)
        return Taken(np.frombuffer(self._exact_of, dtype=np.int32)[at], narrow(positions), lengths)

    def words(self, texts: Sequence[bytes]) -> tuple[Int32s, Int32s]:
        """The numbers of all words of some paragraphs in order, and how many each paragraph has."""
        data = b"\n" + b"\n".join(texts) + b"\n" + _PAD
        classes = np.frombuffer(data.translate(_CLASS), dtype=np.uint8)
        edges = np.flatnonzero(np.diff(classes != _GAP)) + 1
        starts, ends = edges[0::2], edges[1::2]
        counts, whole = self._shapes(data, classes, starts, ends)
        plain = np.flatnonzero(whole)
        numbers = self._plain(data, starts[plain], (ends - starts)[plain])
        pieces = [self._piece(data, a, b) for a, b in self._bounds(data, starts, ends, counts)]
        held = np.fromiter(map(len, pieces), dtype=np.int32, count=len(pieces))
        counts[counts < 0] = held
        at = offsets_of(counts)
        out = np.empty(int(at[-1]), dtype=np.int32)
        out[at[plain]] = numbers
        odd = np.flatnonzero(~whole & (counts > 0))
        flat = [n for piece in pieces for n in piece]
        out[places(at[odd], counts[odd])] = flat
        limits = np.cumsum(np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)) + 1)
        upto = at[np.searchsorted(starts, limits)]
        return out, np.diff(upto, prepend=0).astype(np.int32)

    @staticmethod
    def _shapes(data: bytes, classes: Array, starts: Int64s, ends: Int64s) -> tuple[Int32s, Array]:
        """Of each run of letters, digits and bytes above 127: words in it, and whether it is one as it is.

        Of a run that begins a piece the number is -1, of those that go on with one 0.
        """
        whole = (ends - starts) <= _LONGEST
        high = np.flatnonzero(classes == _HIGH)
        whole[np.searchsorted(starts, high, side="right") - 1] = False
        linked = np.zeros(len(starts) + 1, dtype=np.bool_)  # to the run before
        signs = np.frombuffer(data, dtype=np.uint8)[ends[:-1]]
        linked[1:-1] = (starts[1:] - ends[:-1] == 1) & _LINKS[signs]
        whole &= ~(linked[:-1] | linked[1:])
        counts = np.where(whole, np.int32(1), np.int32(-1))
        counts[linked[:-1]] = 0
        return counts, whole

    @staticmethod
    def _bounds(data: bytes, starts: Int64s, ends: Int64s, counts: Int32s) -> list[tuple[int, int]]:
        """From and to of each piece, with the sign behind it where that matters."""
        first = np.flatnonzero(counts < 0)
        others = np.flatnonzero(counts != 0)
        following = np.searchsorted(others, first, side="right")
        last = np.append(others, len(counts))[following] - 1
        upto = (b + 1 if data[b] in _LOOKED_AT else b for b in ends[last].tolist())
        return list(zip(starts[first].tolist(), upto, strict=True))

    def _piece(self, data: bytes, start: int, end: int) -> list[int]:
        piece = data[start:end]
        found = self._pieces.get(piece)
        if found is None:
            if len(self._pieces) >= _MOST_PIECES:
                self._pieces.clear()
            words = surfaces(piece.decode("utf-8", "surrogatepass"))
            found = [self._number(w.encode("utf-8", "surrogatepass")) for w in words]
            self._pieces[piece] = found
        return found

    def _plain(self, data: bytes, starts: Int64s, lengths: Int64s) -> Int32s:
        """Numbers of ASCII words of up to 16 bytes."""
        eights = np.ndarray((len(data) - 7,), dtype="<u8", buffer=data, strides=(1,))
        first = eights[starts].astype(np.uint64, copy=False)
        first &= _MASKS[np.minimum(lengths, 8)]
        second = np.zeros(len(starts), dtype=np.uint64)
        long = np.flatnonzero(lengths > 8)
        second[long] = eights[starts[long] + 8] & _MASKS[lengths[long] - 8]
        numbers, found, slots = self._table.find(first, second)
        missing = np.flatnonzero(~found)
        if len(missing):
            bounds = zip(starts[missing].tolist(), (starts + lengths)[missing].tolist(), strict=True)
            got = np.array([self._number(data[a:b]) for a, b in bounds], dtype=np.int32)
            numbers[missing] = got
            self._table.put(slots[missing], first[missing], second[missing], got)
            if len(self) > 1 << self._table.bits - 1 and self._table.bits < _MOST_BITS:
                self._table = _Table(self._table.bits + 2)
        return numbers

    def _number(self, word: bytes) -> int:
        known = self._numbers.get(word)
        if known is not None:
            return known
        found = forms(word.decode("utf-8", "surrogatepass"))
        exact = self.exact
        self._forms.append(len(found))
        self._begins.append(len(self._exact_of))
        self._exact_of.extend([exact.setdefault(form, len(exact)) for form in found])
        number = self._numbers[word] = len(self._numbers)
        return number
