"""The model's layers as few and large matrix products, over the tokens of many texts at once.

The arithmetic is that of spaCy's `Tok2Vec.v2` with `MultiHashEmbed.v2` and
`MaxoutWindowEncoder.v2` (window of one token), read from a loaded model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]

_ROWS = 512
"""Tokens at once: their vectors stay in the processor's cache from layer to layer."""

_TINY = 1e-8  # thinc's, added to a variance


@dataclass(frozen=True, slots=True)
class Layer:
    """Three neighbours' vectors become one: maxout of their weighted sum, normalised, added to the middle.

    Attributes:
        weights: (3 * width, pieces * width), the columns of a piece together.
        bias: (pieces * width,).
        gain: (width,) of the normalisation.
        shift: (width,) of the normalisation.
    """

    weights: Vectors
    bias: Vectors
    gain: Vectors
    shift: Vectors

    @classmethod
    def of(cls, maxout: Any, norm: Any) -> Layer:
        """Read thinc's two layers."""
        weights, bias = maxout.get_param("W"), maxout.get_param("b")
        pieces = weights.shape[0] * weights.shape[1]
        flat = weights.transpose(1, 0, 2).reshape(pieces, -1)
        return cls(
            np.ascontiguousarray(flat.T),
            np.ascontiguousarray(bias.T).reshape(-1),
            norm.get_param("G"),
            norm.get_param("b"),
        )

    def finish(self, sums: Vectors, middle: Vectors) -> Vectors:
        """From weighted sums (rows, pieces * width), overwritten, to the output (rows, width)."""
        width = self.gain.size
        sums += self.bias
        best = sums[:, :width].copy()
        for at in range(width, sums.shape[1], width):
            np.maximum(best, sums[:, at : at + width], out=best)
        best -= best.mean(axis=1, keepdims=True)
        variance = np.einsum("ij,ij->i", best, best) / np.float32(width) + np.float32(_TINY)
        best *= (1 / np.sqrt(variance))[:, np.newaxis]
        best *= self.gain
        best += self.shift
        best += middle
        return best


class Network:
    """Vectors of tokens in the light of their neighbours; the texts do not see each other."""

    def __init__(self, layers: list[Layer]) -> None:
        """Take the layers, the first one first."""
        self._layers = layers
        self._reach = len(layers)
        first = layers[0].weights
        width = first.shape[0] // 3
        # The first layer sees types alone: what each type adds on each side is worked out once.
        self._sides = np.concatenate([first[:width], first[width : 2 * width], first[2 * width :]], axis=1)

    def vectors(self, types: Ints, bounds: Ints, of_types: Vectors) -> Vectors:
        """Encode texts.

        Args:
            types: of all tokens.
            bounds: where each text begins in them, and where the last one ends.
            of_types: a row for each type; row 0 is zero, and stands beside a text.

        Returns:
            A row for each token, float32.
        """
        out = np.empty((types.size, of_types.shape[1]), np.float32)
        used, numbers = np.unique(types, return_inverse=True)
        used, numbers = np.concatenate([[0], used]), numbers + 1
        known = of_types[used]
        sides = (known @ self._sides).reshape(used.size, 3, -1)
        for first, last in _blocks(bounds):
            places, padded = _padded(numbers, bounds[first : last + 1], self._reach)
            start, end = bounds[first], bounds[last]
            out[start:end] = self._encode(padded, places, known, sides)
        return out

    def _encode(self, padded: Ints, places: Ints, known: Vectors, sides: Vectors) -> Vectors:
        """Run the layers over one block, each only where the layers above it will look."""
        wanted = [places]
        for _ in self._layers[1:]:
            wanted.append(_beside(wanted[-1], padded.size))
        rows = wanted[-1]
        before = np.zeros((padded.size, known.shape[1]), np.float32)
        sums = sides[padded[rows], 1] + sides[padded[rows - 1], 0]
        sums += sides[padded[rows + 1], 2]
        before[rows] = self._layers[0].finish(sums, known[padded[rows]])
        for layer, rows in zip(self._layers[1:], reversed(wanted[:-1]), strict=True):
            windows = np.lib.stride_tricks.as_strided(
                before, (padded.size - 2, 3 * before.shape[1]), before.strides, writeable=False
            )
            made = layer.finish(windows[rows - 1] @ layer.weights, before[rows])
            before[rows] = made
        return made


def _blocks(bounds: Ints) -> Iterator[tuple[int, int]]:
    """Runs of whole texts with about `_ROWS` tokens each."""
    first = 0
    while first < bounds.size - 1:
        last = int(np.searchsorted(bounds, bounds[first] + _ROWS, side="right")) - 1
        last = max(last, first + 1)
        yield first, last
        first = last


def _padded(numbers: Ints, bounds: Ints, reach: int) -> tuple[Ints, Ints]:
    """Texts with `reach` zeros before, between and after them; and where their tokens are in that."""
    counts = np.diff(bounds)
    places = np.arange(bounds[0], bounds[-1]) - bounds[0]
    places += np.repeat(np.arange(1, counts.size + 1) * reach, counts)
    padded = np.zeros(bounds[-1] - bounds[0] + (counts.size + 1) * reach, np.int64)
    padded[places] = numbers[bounds[0] : bounds[-1]]
    return places, padded


def _beside(places: Ints, size: int) -> Ints:
    mask = np.zeros(size, np.bool_)
    mask[places] = mask[places - 1] = mask[places + 1] = True
    return np.flatnonzero(mask)
