"""From vectors of tokens to spans with labels: spaCy's greedy BILUO transitions, all entities abreast.

Outside of an entity the parser's state is the token alone, so what it would do there is
worked out for every token at once. Within one the state is the token, the one before it and
the entity's first, so each entity can be followed to its end without knowing the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]

_ABREAST = 12
"""Steps that every possible entity is followed; further only what is reached, so that time stays linear."""

Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Weights:
    """What the decoder needs of a model; its hidden layer is a maxout of `pieces` blocks of columns.

    Attributes:
        here: (width, pieces * hidden), of the token in question.
        first: of the entity's first token, likewise.
        before: of the token before the one in question, likewise.
        open: (pieces * hidden,) added within an entity.
        closed: added outside of one.
        begin: (hidden, 1 + 2 * labels) scores outside: O, then B of each label, then U of each.
        begin_bias: (1 + 2 * labels,).
        go_on: (labels, hidden) the scores of I.
        go_on_bias: (labels,).
        end: (labels, hidden) the scores of L.
        end_bias: (labels,).
        labels: their names.
    """

    here: Vectors
    first: Vectors
    before: Vectors
    open: Vectors
    closed: Vectors
    begin: Vectors
    begin_bias: Vectors
    go_on: Vectors
    go_on_bias: Vectors
    end: Vectors
    end_bias: Vectors
    labels: tuple[str, ...]


class Decoder:
    """Finds the spans that spaCy's greedy parser would."""

    def __init__(self, weights: Weights) -> None:
        """Take a model's weights."""
        self._w = weights
        self._hidden = weights.begin.shape[0]

    def spans(self, vectors: Vectors, spaces: npt.NDArray[np.bool_], bounds: Ints) -> list[list[Span]]:
        """Decode texts.

        Args:
            vectors: (tokens, width) of all texts.
            spaces: whether a token is white space.
            bounds: where each text begins, and where the last one ends.

        Returns:
            For each text, half-open spans of token numbers counted from the first token of all.
        """
        w = self._w
        here = vectors @ w.here
        last = np.zeros(len(vectors), np.bool_)
        last[bounds[1:][np.diff(bounds) > 0] - 1] = True
        scores = self._maxout(here + w.closed) @ w.begin + w.begin_bias
        size = len(w.labels)
        scores[last, 1 : 1 + size] = -np.inf
        action = scores.argmax(axis=1)
        action[spaces] = 0
        starts = np.flatnonzero(action)
        label = (action[starts] - 1) % size
        follow = _Follow(self, vectors, here, last)
        ends = starts + 1
        long = np.flatnonzero(action[starts] <= size)
        ends[long] = follow.ends(starts[long], label[long], ends[long], _ABREAST)
        return self._walk(starts.tolist(), ends.tolist(), label.tolist(), bounds, follow)

    def _walk(
        self, starts: list[int], ends: list[int], label: list[int], bounds: Ints, follow: _Follow
    ) -> list[list[Span]]:
        """Of all possible entities those that are reached: none begins within another."""
        found: list[list[Span]] = [[] for _ in range(bounds.size - 1)]
        texts = (np.searchsorted(bounds, starts, side="right") - 1).tolist()
        free = 0
        for start, end, name, text in zip(starts, ends, label, texts, strict=True):
            if start < free:
                continue
            free = end if end > 0 else follow.end(start, name, -end)
            found[text].append((start, free, self._w.labels[name]))
        return found

    def _maxout(self, sums: Vectors) -> Vectors:
        best = sums[:, : self._hidden]
        for at in range(self._hidden, sums.shape[1], self._hidden):
            best = np.maximum(best, sums[:, at : at + self._hidden])
        return best


class _Follow:
    """Follows entities from their first token to their last."""

    def __init__(
        self, decoder: Decoder, vectors: Vectors, here: Vectors, last: npt.NDArray[np.bool_]
    ) -> None:
        self._decoder = decoder
        self._vectors = vectors
        self._here = here
        self._last = last

    def ends(self, starts: Ints, label: Ints, at: Ints, steps: int) -> Ints:
        """Where entities end: `starts` their first tokens, `at` the tokens they have come to.

        Returns:
            For each the token after its last; negative, where it has come to, if it
            has not ended after so many steps.
        """
        w = self._decoder._w
        out = -at
        live = np.arange(starts.size)
        first = self._vectors[starts] @ w.first + w.open
        for _ in range(steps):
            if not live.size:
                break
            now = -out[live]
            sums = first[live] + self._here[now] + self._vectors[now - 1] @ w.before
            hidden = self._decoder._maxout(sums)
            kind = label[live]
            go_on = np.einsum("ij,ij->i", hidden, w.go_on[kind]) + w.go_on_bias[kind]
            end = np.einsum("ij,ij->i", hidden, w.end[kind]) + w.end_bias[kind]
            ended = (end > go_on) | self._last[now]
            out[live] = np.where(ended, now + 1, -(now + 1))
            live = live[~ended]
        return out

    def end(self, start: int, label: int, at: int) -> int:
        """Where one entity ends."""
        while True:
            end = int(self.ends(np.array([start]), np.array([label]), np.array([at]), 64)[0])
            if end > 0:
                return end
            at = -end
