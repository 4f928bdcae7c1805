"""Text becomes mentions, without an index: what the pipeline finds, for whoever asks for it alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from index.dates import explicit_years, find_dates, find_publication
from index.entities import (
    NameCache,
    RawName,
    Recogniser,
    legible_article,
    recognise_cached,
    resolve_names,
)
from index.model import DateMention, EntityMention, Metadata
from index.paragraphs import split_paragraphs

_BATCH_CHARS = 200_000

Mention = TypeVar("Mention", DateMention, EntityMention)


@dataclass(frozen=True, slots=True)
class Text:
    """One text to annotate; `published` is its day, or None to look for it in the text."""

    id: str | None
    text: str
    published: date | None


@dataclass(frozen=True, slots=True)
class Annotation:
    """What was found in one text, spans in its characters."""

    id: str | None
    dates: tuple[DateMention, ...]
    entities: tuple[EntityMention, ...]


def annotate(texts: Iterable[Text], model: str | None = None) -> Iterator[Annotation]:
    """Annotate texts, each as one article; in order, in batches.

    Raises:
        ModelMissingError: the model is not installed.
    """
    recogniser, nothing_kept = Recogniser(model), NameCache(None)
    for batch in _batches(texts):
        spans = [_spans(t.text) for t in batch]
        flat = [
            p
            for t, of_text in zip(batch, spans, strict=True)
            for p in legible_article([t.text[a:b] for a, b in of_text])
        ]
        names = iter(recognise_cached(recogniser, nothing_kept, flat))
        for text, of_text in zip(batch, spans, strict=True):
            yield _annotated(text, of_text, [next(names) for _ in of_text])


def _spans(text: str) -> list[tuple[int, int]]:
    return [(piece.start, piece.end) for piece in split_paragraphs(text)]


def _annotated(text: Text, spans: list[tuple[int, int]], names: list[tuple[RawName, ...]]) -> Annotation:
    paragraphs = [text.text[a:b] for a, b in spans]
    published = text.published
    if published is None:
        published = find_publication(Metadata(), None, paragraphs, explicit_years(text.text)).day
    dates = find_dates(paragraphs, published)
    entities = resolve_names(paragraphs, names)
    return Annotation(
        text.id,
        tuple(_moved(d, at) for (at, _), found in zip(spans, dates, strict=True) for d in found),
        tuple(_moved(e, at) for (at, _), found in zip(spans, entities, strict=True) for e in found),
    )


def _moved(mention: Mention, by: int) -> Mention:
    return replace(mention, start=mention.start + by, end=mention.end + by)


def _batches(texts: Iterable[Text]) -> Iterator[list[Text]]:
    batch: list[Text] = []
    chars = 0
    for text in texts:
        batch.append(text)
        chars += len(text.text)
        if chars >= _BATCH_CHARS:
            yield batch
            batch, chars = [], 0
    if batch:
        yield batch
