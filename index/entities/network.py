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
        filters: (6, width, pieces * width), the same weights as `_filtered` takes them.
        bias: (pieces * width,).
        gain: (width,) of the normalisation.
        shift: (width,) of the normalisation.
    """

    weights: Vectors
    filters: Vectors
    bias: Vectors
    gain: Vectors
    shift: Vectors

    @classmethod
    def of(cls, maxout: Any, norm: Any) -> Layer:
        """Read thinc's two layers."""
        weights, bias = maxout.get_param("W"), maxout.get_param("b")
        pieces = weights.shape[0] * weights.shape[1]
        flat = np.ascontiguousarray(weights.transpose(1, 0, 2).reshape(pieces, -1).T)
        taps = flat.reshape(3, -1, pieces).astype(np.float64)
        return cls(
            flat,
            np.einsum("ik,kwc->iwc", _TRANSFORM, taps).astype(np.float32),
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
            out[bounds[first] : bounds[last]] = self._encode(padded, known, sides)[places]
        return out

    def _encode(self, padded: Ints, known: Vectors, sides: Vectors) -> Vectors:
        """Run the layers over one block; a row for each of its places, a multiple of four."""
        size = padded.size
        vectors = np.zeros(
            (size + 6, known.shape[1]), np.float32
        )  # a place before, and five behind, that stay zero
        inside = vectors[1 : size + 1]
        sums = sides[padded, 1]
        sums[1:] += sides[padded[:-1], 0]
        sums[:-1] += sides[padded[1:], 2]
        inside[:] = self._layers[0].finish(sums, known[padded])
        for layer in self._layers[1:]:
            inside[:] = layer.finish(_filtered(vectors, layer.filters), inside)
        return inside


def _filtered(x: Vectors, filters: Vectors) -> Vectors:
    """Weighted sums over each three neighbours, four at once: Winograd's minimal filtering F(4, 3).

    Half of the multiplications, and a rounding error of 1e-5 instead of 3e-6. The transforms are
    those of Lavin and Gray, "Fast algorithms for convolutional neural networks" (2016).

    Args:
        x: (4 * n + 6, width), the first row before the first sum's middle.
        filters: (6, width, columns), `Layer.filters`.

    Returns:
        (4 * n, columns).
    """
    size = len(x) - 6
    x0, x1, x2, x3, x4, x5 = (x[i : i + size : 4] for i in range(6))
    tiles = np.empty((6, size // 4, x.shape[1]), np.float32)
    even, odd = x4 - 4 * x2, x3 - 4 * x1
    np.add(even, odd, out=tiles[1])
    np.subtract(even, odd, out=tiles[2])
    even, odd = x4 - x2, 2 * (x3 - x1)
    np.add(even, odd, out=tiles[3])
    np.subtract(even, odd, out=tiles[4])
    np.subtract(4 * x0 + x4, 5 * x2, out=tiles[0])
    np.subtract(4 * x1 + x5, 5 * x3, out=tiles[5])
    m0, m1, m2, m3, m4, m5 = tiles @ filters
    sums, differences = m1 + m2, m1 - m2
    wide_sums, wide_differences = m3 + m4, m3 - m4
    out = np.empty((size // 4, 4, filters.shape[2]), np.float32)
    np.add(m0 + sums, wide_sums, out=out[:, 0])
    np.add(differences, 2 * wide_differences, out=out[:, 1])
    np.add(sums, 4 * wide_sums, out=out[:, 2])
    np.add(differences + m5, 8 * wide_differences, out=out[:, 3])
    return out.reshape(size, -1)


_TRANSFORM = np.array(
    [
        [1 / 4, 0, 0],
        [-1 / 6, -1 / 6, -1 / 6],
        [-1 / 6, 1 / 6, -1 / 6],
        [1 / 24, 1 / 12, 1 / 6],
        [1 / 24, -1 / 12, 1 / 6],
        [0, 0, 1],
    ]
)


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
    size = bounds[-1] - bounds[0] + (counts.size + 1) * reach
    padded = np.zeros(size + -size % 4, np.int64)
    padded[places] = numbers[bounds[0] : bounds[-1]]
    return places, padded
