"""How is the work of indexing shared? Documents are put into the archive first, and wait for who comes.

Who puts them there reads them and nothing more; finding dates and names, nearly all of the time, is done
by those who work off what waits, on as many machines as share the archive.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile

from index.contents import content_digest
from index.errors import InputError, StaleVersionError, UnsupportedInputError
from index.intake import Intake, Listener, Standing, Summary, decided, row_of
from index.lifecycle import Verdict, judge
from index.model import Document
from index.pipeline import Options, bring, know_place
from index.settling import waiting
from index.shelf import Shelf, now_utc
from index.shelving import Taking
from index.storing import Store

SOON_S = 10.0
"""Seconds after which what was worked off can be searched, at most."""

_TOGETHER, _TOGETHER_CHARS = 256, 2_000_000  # documents that are one transaction of the archive


def enqueue(inputs: Iterable[Document | InputError], listener: Listener, shelf: Shelf) -> Summary:
    """Put documents into the archive, from which others bring them into the index.

    What is not to be shown any more does not wait behind the others.

    Args:
        inputs: documents, and errors in the place of those that could not be read.
        listener: told of errors and progress.
        shelf: the archive, which decides by versions, cancellations and embargoes.

    Returns:
        The counts; `queued` are those that wait now, `unchanged` those that were there.
    """
    started = time.monotonic()
    shelf.hand.alone = False
    shelf.place()  # tables that are there from now on
    queueing = _Queueing(shelf, listener)
    for some in _batches(inputs, queueing.refuse):
        queueing.put(some)
    queueing.summary.seconds = time.monotonic() - started
    return queueing.summary


def work_off(
    store: Store, options: Options, listener: Listener, shelf: Shelf, until: Callable[[], bool]
) -> Summary:
    """Bring what waits into the index, until nothing waits that is in nobody's hand.

    Args:
        store: the index; where it has several writers, all may do so at once.
        options: how documents are analysed.
        listener: told of errors and progress.
        shelf: the archive.
        until: says, asked before each document, whether to end now.
    """
    started, summary = time.monotonic(), Summary()
    with shelf.hand as hand:
        hand.alone = store.alone
        store.follow(shelf.last_turn)
        know_place(store, shelf)
        intake = Intake(store, summary, listener, shelf, commit_s=SOON_S)
        hand.moved = True
        while hand.moved and not until():
            judged = waiting(store, shelf, intake, queued=True)
            bring(takewhile(lambda _: not until(), judged), intake, options, shelf)
    summary.seconds = time.monotonic() - started
    return summary


def _batches(
    inputs: Iterable[Document | InputError], refuse: Callable[[InputError], None]
) -> Iterator[list[Document]]:
    """Documents that are put together, no two of one id."""
    some: dict[str, Document] = {}
    chars = 0
    for made in inputs:
        if isinstance(made, InputError):
            refuse(made)
            continue
        if made.id in some or len(some) >= _TOGETHER or chars >= _TOGETHER_CHARS:
            yield [*some.values()]
            some, chars = {}, 0
        some[made.id] = made
        chars += len(made.text)
    if some:
        yield [*some.values()]


class _Queueing:
    def __init__(self, shelf: Shelf, listener: Listener) -> None:
        self.summary = Summary()
        self._shelf, self._listener = shelf, listener

    def put(self, documents: Sequence[Document]) -> None:
        """Decide about documents, and put down those that are new; again where others were faster."""
        left = list(documents)
        while left:
            takings = self._judged(left)
            raced = self._shelf.put([taking for taking, _ in takings]).raced
            for taking, verdict in takings:
                if taking.id not in raced:
                    self._count(taking.id, verdict)
            left = [document for document in left if document.id in raced]
        self._listener.progress(self.summary)

    def _judged(self, documents: Sequence[Document]) -> list[tuple[Taking, Verdict]]:
        known, now, revive = self._shelf.known([d.id for d in documents]), now_utc(), self._shelf.revive
        made: list[tuple[Taking, Verdict]] = []
        for document in documents:
            digest = content_digest(document)
            try:
                verdict = judge(known.get(document.id), document, digest, now, revive=revive)
            except InputError as error:
                self.refuse(error)
                continue
            if verdict.same:
                self._count(document.id, verdict)
            else:
                still = decided(document, digest, verdict, revive=revive)
                made.append((_taking(document, digest, verdict, still), verdict))
        return made

    def _count(self, id_: str, verdict: Verdict) -> None:
        if verdict.state != "current":
            self.summary.keep(id_, Standing(verdict.state, verdict.due, verdict.version))
        elif verdict.same:
            self.summary.unchanged += 1
        else:
            self.summary.queued += 1

    def refuse(self, error: InputError) -> None:
        """Count an input that is not taken, and tell of it."""
        if isinstance(error, StaleVersionError):
            self.summary.stale += 1
        elif isinstance(error, UnsupportedInputError):
            self.summary.skipped += 1
        else:
            self.summary.failed += 1
        self._listener.error(error)


def _taking(document: Document, digest: str, verdict: Verdict, still: Callable[..., bool]) -> Taking:
    shown = verdict.state == "current"
    # A cancellation says nothing of its own: what was canceled stays readable.
    row = None if verdict.state == "canceled" else row_of(document, digest)
    articles: dict[str, str] | None = None if shown else {}
    told = document.id, verdict.state, verdict.due, verdict.version, row, articles
    return Taking(*told, queued=True, still=still)
