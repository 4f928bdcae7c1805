"""The whole path from documents to the index, as chained generators over batches.

documents -> (unchanged ones set aside) -> batches -> articles, dates, names -> store
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path

from index.articles import split_articles
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
from index.model import Article, Document, Given
from index.store import Held, StoreWriter

log = logging.getLogger(__name__)

Names = tuple[RawName, ...]

ANALYSIS = "4"
"""Version of what is found in a document; a new one makes every document count as changed."""

_BATCH_CHARS = 200_000
_BATCH_DOCUMENTS = 64
_COMMIT_PARAGRAPHS = 20_000
_COMMIT_S = 60.0


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


@dataclass(slots=True)
class Summary:
    """What a run did; the counts cover all input that is in the index afterwards, new or not."""

    documents: int = 0
    articles: int = 0
    paragraphs: int = 0
    dates: int = 0
    entities: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0
    seconds: float = 0.0
    ids: list[str] = field(default_factory=list)

    def add(self, held: Held) -> None:
        """Count one document."""
        self.documents += 1
        self.articles += held.articles
        self.paragraphs += held.paragraphs
        self.dates += held.dates
        self.entities += held.entities


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told while a run goes on: of each error, and of the counts so far."""

    error: Callable[[InputError], None] = lambda _: None
    progress: Callable[[Summary], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Analysed:
    """A document on its way into the index."""

    document: str
    digest: str
    articles: tuple[Article, ...]


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
    own = (repr(document.metadata), document.source, repr(document.given))
    content = (ANALYSIS, document.text, document.blocks, *own)
    return blake2b(repr(content).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def run(
    inputs: Iterable[Document | InputError], store: StoreWriter, options: Options, listener: Listener
) -> Summary:
    """Index documents; what is in the index unchanged is left alone.

    Args:
        inputs: documents, and errors in the place of those that could not be read.
        store: where they go; committed now and then, so that a run that is cut off
            goes on where it was.
        options: how they are analysed.
        listener: told of errors and progress.

    Returns:
        The counts. Each error was told to the listener and counted.
    """
    started = last_commit = time.monotonic()
    summary = Summary()
    uncommitted = 0
    for made in _analysed(_changed(inputs, store, summary, listener), options):
        if isinstance(made, InputError):
            _count_error(made, summary, listener)
            continue
        held = store.put(made.document, made.digest, made.articles)
        summary.add(held)
        summary.ids.append(made.document)
        uncommitted += held.paragraphs
        if uncommitted >= _COMMIT_PARAGRAPHS or time.monotonic() - last_commit > _COMMIT_S:
            store.commit()
            uncommitted, last_commit = 0, time.monotonic()
        listener.progress(summary)
    summary.seconds = time.monotonic() - started
    return summary


def _count_error(error: InputError, summary: Summary, listener: Listener) -> None:
    if isinstance(error, UnsupportedInputError):
        summary.skipped += 1
    else:
        summary.failed += 1
    listener.error(error)


def _changed(
    inputs: Iterable[Document | InputError], store: StoreWriter, summary: Summary, listener: Listener
) -> Iterator[Document]:
    for made in inputs:
        if isinstance(made, InputError):
            _count_error(made, summary, listener)
            continue
        held = store.held.get(made.id)
        if held is not None and held.digest == digest_of(made):
            summary.add(held)
            summary.unchanged += 1
            summary.ids.append(made.id)
            listener.progress(summary)
        else:
            yield made


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    chars = 0
    for document in documents:
        batch.append(document)
        chars += len(document.text)
        if chars >= _BATCH_CHARS or len(batch) >= _BATCH_DOCUMENTS:
            yield batch
            batch, chars = [], 0
    if batch:
        yield batch


def _analysed(documents: Iterable[Document], options: Options) -> Iterator[Analysed | InputError]:
    if options.workers > 1:
        Recogniser(options.model)  # a model that is missing is said once, here, not by every process
        yield from _in_processes(_batches(documents), options)
        return
    analyser = Analyser(options)
    for batch in _batches(documents):
        yield from analyser.analyse(batch)


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


def _in_processes(batches: Iterable[list[Document]], options: Options) -> Iterator[Analysed | InputError]:
    """Analyse batches in processes, in order, at most two waiting for each."""
    waiting: deque[tuple[list[Document], Future[list[Analysed | InputError]]]] = deque()
    pool = _pool(options, options.workers)
    try:
        for batch in batches:
            waiting.append((batch, _submit(pool, batch)))
            if len(waiting) >= 2 * options.workers:
                yield from _outcome(*waiting.popleft(), options)
            if (
                waiting
                and waiting[-1][1].done()
                and isinstance(waiting[-1][1].exception(), BrokenProcessPool)
            ):
                pool = _pool(options, options.workers)
        while waiting:
            yield from _outcome(*waiting.popleft(), options)
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
