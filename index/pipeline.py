"""The whole path from documents to the index, as chained generators over batches.

documents -> (unchanged and refused ones set aside) -> batches -> articles, dates, names -> archive -> store
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from index.articles import split_articles
from index.carrying import unarchived
from index.contents import ANALYSIS, content_digest, index_digest
from index.dates import explicit_years, find_dates, find_publication, with_given
from index.entities import (
    NameCache,
    RawName,
    Recogniser,
    Told,
    legible_article,
    recognise_cached,
    resolve_names,
)
from index.errors import DatelineError, InputError, UnsupportedInputError
from index.given import in_paragraphs
from index.intake import Analysed, Intake, Judged, Listener, Summary
from index.model import Article, Document, Given
from index.settling import compare, is_settled, put_down, waiting
from index.shelf import Shelf
from index.storing import Store

__all__ = [
    "ANALYSIS",
    "Analysed",
    "Analyser",
    "Listener",
    "Options",
    "Summary",
    "analysed",
    "digest_of",
    "run",
    "settle",
]

log = logging.getLogger(__name__)

Names = tuple[RawName, ...]

Made = Analysed | InputError | None

_BATCH_CHARS = 200_000
_BATCH_DOCUMENTS = 64
_TRIES = 3  # at a document, after which it is looked at in a process that may die of it


@dataclass(frozen=True, slots=True)
class Options:
    """How documents are analysed.

    Attributes:
        workers: processes that analyse; 1 does it in this one.
        model: name of an installed spaCy model, or None for the pinned one.
        cache: file of names found earlier, or None to find them anew.
    """

    workers: int = 1
    model: str | None = None
    cache: Path | None = None


class Analyser:
    """Finds articles, paragraphs, dates and names; one a process, the model loaded when first needed.

    Raises:
        ModelMissingError: the model of the options is not installed.
    """

    def __init__(self, options: Options) -> None:
        self._cache = NameCache(options.cache)
        self._recogniser = Recogniser(options.model)

    def analyse(self, documents: Sequence[Document]) -> list[Analysed | InputError]:
        """Analyse a batch; where one document breaks it, the others are analysed without it."""
        if not documents:
            return []
        try:
            return list(self._batch(documents))
        except DatelineError:
            raise
        except Exception as error:
            if len(documents) > 1:
                return [made for d in documents for made in self.analyse([d])]
            log.exception("could not analyse %s", documents[0].source)
            reason = f"could not be analysed ({type(error).__name__}: {error}); please report it"
            return [InputError(documents[0].source, reason)]

    def _batch(self, documents: Sequence[Document]) -> Iterator[Analysed | InputError]:
        split = [split_articles(d) for d in documents]
        texts = [
            text
            for articles in split
            for a in articles
            for text in legible_article([p.text for p in a.paragraphs])
        ]
        names = iter(recognise_cached(self._recogniser, self._cache, texts))
        for document, articles in zip(documents, split, strict=True):
            if not articles:
                yield UnsupportedInputError(document.source, "it holds no paragraph; nothing to index")
                continue
            years = frozenset(explicit_years(document.text))
            made = tuple(
                self._annotated(a, document.given, years, [next(names) for _ in a.paragraphs])
                for a in articles
            )
            yield Analysed(document.id, digest_of(document), made)

    def _annotated(
        self, article: Article, given: Given, years: frozenset[int], names: Sequence[Names]
    ) -> Article:
        texts = [p.text for p in article.paragraphs]
        published = find_publication(article.metadata, article.dateline, texts, years)
        dates = find_dates(texts, published.day)
        told = None
        if given.marks or given.names:
            marks = in_paragraphs(given, article.paragraphs)
            dates = list(map(with_given, texts, dates, marks.dates))
            told = Told(marks.names, given.names)
        first = article.paragraphs[0].ordinal if article.paragraphs else 0
        entities = resolve_names(texts, names, first=first, told=told)
        paragraphs = tuple(
            replace(p, dates=d, entities=e)
            for p, d, e in zip(article.paragraphs, dates, entities, strict=True)
        )
        return replace(article, published=published, paragraphs=paragraphs)


def digest_of(document: Document) -> str:
    """Name a document's content and the analysis that was made of it."""
    return index_digest(content_digest(document))


def run(
    inputs: Iterable[Document | InputError],
    store: Store,
    options: Options,
    listener: Listener,
    shelf: Shelf | None = None,
) -> Summary:
    """Index documents; what is in the index unchanged is left alone.

    Args:
        inputs: documents, and errors in the place of those that could not be read.
        store: where they go; committed now and then, so that a run that is cut off
            goes on where it was.
        options: how they are analysed.
        listener: told of errors and progress.
        shelf: the archive, which is written first and decides by versions, cancellations and
            embargoes; first of all the index is brought to where it is. With one, everything
            is committed when this returns.

    Returns:
        The counts. Each error was told to the listener and counted.
    """
    started = time.monotonic()
    summary = Summary()
    with shelf.hand if shelf is not None else nullcontext():
        settled = shelf is None or _is_settled_now(store, options, listener, shelf)
        intake = Intake(store, summary, listener, shelf, notes=settled)
        take_in(intake.judged(inputs), intake, options)
        if shelf is not None and shelf.hand.moved:
            settle(store, options, listener, shelf)
    summary.seconds = time.monotonic() - started
    return summary


def _is_settled_now(store: Store, options: Options, listener: Listener, shelf: Shelf) -> bool:
    """Settle; whether it is known how far the index is then."""
    settle(store, options, listener, shelf)
    place = shelf.looked_at_place()
    return place is not None and is_settled(place, store)


def settle(
    store: Store, options: Options, listener: Listener, shelf: Shelf, *, queued: bool = False
) -> Summary | None:
    """Bring the index to where the archive is: what a killed run left, and embargoes that ended.

    Args:
        store: the index.
        options: how documents are analysed.
        listener: told of errors.
        shelf: the archive.
        queued: also what waits in the queue.

    Returns:
        The counts of what was indexed; None where that is more than the shelf's `backlog`, and
        is left to another run.
    """
    with shelf.hand as hand:
        hand.alone = store.alone
        store.follow(shelf.last_turn)
        if not know_place(store, shelf):
            return None
        if shelf.backlog is not None and _are_too_many(hand.count(queued=queued), shelf):
            return None
        summary = Summary()
        intake = Intake(store, summary, Listener(error=listener.error), shelf)
        bring(waiting(store, shelf, intake, queued=queued), intake, options, shelf)
        while hand.moved:
            bring(waiting(store, shelf, intake, queued=queued), intake, options, shelf)
        place = shelf.looked_at_place()
        if place is not None and place.strays:
            shelf.indexed(store.made, store.generation, len(unarchived(list(store.held), shelf)))
    return summary


def know_place(store: Store, shelf: Shelf) -> bool:
    """Have what the index lacks put down, so that it is known how far it is.

    Returns:
        Whether it is; not where it lacks more than the shelf's `backlog`.
    """
    place = shelf.place()
    if not is_settled(place, store):
        wanted = compare(store, shelf)
        if _are_too_many(len(wanted), shelf):
            return False
        put_down(store, shelf, place, wanted)
    shelf.hand.lack(shelf.due(), None)
    return True


def bring(judged: Iterable[Judged], intake: Intake, options: Options, shelf: Shelf) -> None:
    """Take in what waits; in other processes where those that had some of it in hand may have died of it."""
    if options.workers == 1 and shelf.hand.tried() >= _TRIES:
        options = replace(options, workers=2)
    take_in(judged, intake, options)


def _are_too_many(count: int, shelf: Shelf) -> bool:
    if shelf.backlog is None or count <= shelf.backlog:
        return False
    log.warning("the index lacks %d documents of the archive; run `dateline release`", count)
    return True


def take_in(judged: Iterable[Judged], intake: Intake, options: Options) -> None:
    """Find what is in documents and take them in, in order."""
    for item, made in analysed(iter(judged), options):
        intake.take(item, made)
    intake.finish()


def _batches(items: Iterable[Judged]) -> Iterator[list[Judged]]:
    batch: list[Judged] = []
    chars = 0
    for item in items:
        batch.append(item)
        chars += len(item.document.text)
        if chars >= _BATCH_CHARS or len(batch) >= _BATCH_DOCUMENTS:
            yield batch
            batch, chars = [], 0
    if batch:
        yield batch


def analysed(items: Iterator[Judged], options: Options) -> Iterator[tuple[Judged, Made]]:
    """Find what is in documents, in order, in as many processes as the options say.

    Yields:
        Each with what was found in it, or why it could not be; None where nothing was looked for.
    """
    first = next(items, None)
    if first is None:
        return  # and nothing is loaded
    batches = _batches(chain((first,), items))
    if options.workers > 1:
        Recogniser(options.model)  # a model that is missing is said once, here, not by every process
        yield from _in_processes(batches, options)
        return
    analyser = Analyser(options)
    for batch in batches:
        yield from _paired(batch, analyser.analyse(_shown(batch)))


def _shown(batch: Sequence[Judged]) -> list[Document]:
    return [item.document for item in batch if item.analyse]


def _paired(
    batch: Sequence[Judged], outcome: Iterable[Analysed | InputError]
) -> Iterator[tuple[Judged, Made]]:
    """Each of a batch with what was found in it; None where nothing was looked for."""
    made = iter(outcome)
    return ((item, next(made) if item.analyse else None) for item in batch)


_mine: Analyser | None = None  # the analyser of a worker process


def _start_worker(options: Options) -> None:
    global _mine  # noqa: PLW0603 - a pool gives its workers no other place for their state
    _mine = Analyser(options)


def _work(batch: list[Document]) -> list[Analysed | InputError]:
    if _mine is None:
        raise RuntimeError("the worker was not started by _start_worker")
    return _mine.analyse(batch)


def _pool(options: Options, workers: int) -> ProcessPoolExecutor:
    # A process a core is enough: threads of BLAS beside them only wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Not fork: the parent may hold the model's threads and locks.
    context = multiprocessing.get_context("forkserver")
    return ProcessPoolExecutor(workers, context, initializer=_start_worker, initargs=(options,))


def _in_processes(batches: Iterable[list[Judged]], options: Options) -> Iterator[tuple[Judged, Made]]:
    """Analyse batches in processes, in order, at most two waiting for each."""
    waiting: deque[tuple[list[Judged], Future[list[Analysed | InputError]]]] = deque()
    pool = _pool(options, options.workers)
    try:
        for batch in batches:
            waiting.append((batch, _submit(pool, _shown(batch))))
            if len(waiting) >= 2 * options.workers:
                done, future = waiting.popleft()
                yield from _paired(done, _outcome(_shown(done), future, options))
            if (
                waiting
                and waiting[-1][1].done()
                and isinstance(waiting[-1][1].exception(), BrokenProcessPool)
            ):
                pool = _pool(options, options.workers)
        while waiting:
            done, future = waiting.popleft()
            yield from _paired(done, _outcome(_shown(done), future, options))
    finally:
        pool.shutdown(cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, batch: list[Document]) -> Future[list[Analysed | InputError]]:
    try:
        return pool.submit(_work, batch)
    except BrokenProcessPool as error:
        broken: Future[list[Analysed | InputError]] = Future()
        broken.set_exception(error)
        return broken


def _outcome(
    batch: list[Document], future: Future[list[Analysed | InputError]], options: Options
) -> list[Analysed | InputError]:
    """A batch's outcome; when its process died, each document gets one of its own."""
    try:
        return future.result()
    except BrokenProcessPool:
        made: list[Analysed | InputError] = []
        for document in batch:
            with _pool(options, 1) as alone:
                try:
                    made += alone.submit(_work, [document]).result()
                except BrokenProcessPool:
                    made.append(
                        InputError(document.source, "the process that analysed it died; out of memory?")
                    )
        return made
