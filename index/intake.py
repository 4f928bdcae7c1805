"""How do documents pass from whoever brings them into the archive, and then into the index?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from index.contents import article_digest, content_digest, encode, index_digest
from index.errors import InputError, StaleVersionError, UnsupportedInputError
from index.lifecycle import TAKEN, Shelved, State, Verdict, judge
from index.model import Article, Document
from index.shelf import Put, Shelf, now_utc
from index.shelving import Taking, Times, described
from index.storing import Held, Store

_JUDGED, _JUDGED_CHARS = 64, 200_000  # documents that are looked up at once
_TOGETHER, _TOGETHER_CHARS = 256, 2_000_000  # documents that are one transaction of the archive
_COMMIT_PARAGRAPHS = 20_000
COMMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of a document that is not shown, or not as it came.

    Attributes:
        state: that it has now.
        due: when its embargo ends, in UTC.
        version: that is held of it.
        stale: why it stays as it was, where something newer was known of it.
    """

    state: State
    due: datetime | None = None
    version: int | None = None
    stale: str | None = None


@dataclass(slots=True)
class Summary:
    """What a run did; the counts cover all input that is in the index afterwards, new or not.

    Attributes:
        waiting: documents that are kept and not shown: withheld, or before the end of an embargo.
        canceled: documents that their senders canceled.
        stale: documents of which something newer was known.
        queued: documents that others bring into the index.
        standings: of those of the three, by document id.
    """

    documents: int = 0
    articles: int = 0
    paragraphs: int = 0
    dates: int = 0
    entities: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0
    waiting: int = 0
    canceled: int = 0
    stale: int = 0
    queued: int = 0
    seconds: float = 0.0
    ids: list[str] = field(default_factory=list)
    standings: dict[str, Standing] = field(default_factory=dict)

    def add(self, id_: str, held: Held) -> None:
        """Count a document that is in the index."""
        self.documents += 1
        self.articles += held.articles
        self.paragraphs += held.paragraphs
        self.dates += held.dates
        self.entities += held.entities
        self.ids.append(id_)
        self.standings.pop(id_, None)

    def withdraw(self, id_: str, held: Held) -> None:
        """Count a document no more, which the index did not take after all."""
        self.documents -= 1
        self.articles -= held.articles
        self.paragraphs -= held.paragraphs
        self.dates -= held.dates
        self.entities -= held.entities
        self.ids.remove(id_)

    def keep(self, id_: str, standing: Standing) -> None:
        """Count a document that is not in the index, or not as it came."""
        self.standings[id_] = standing
        if standing.stale:
            self.stale += 1
        elif standing.state == "canceled":
            self.canceled += 1
        else:
            self.waiting += 1


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


@dataclass(frozen=True, slots=True)
class Judged:
    """A document of which it is decided what becomes of it.

    Attributes:
        document: as it came.
        digest: of its content.
        verdict: what becomes of it.
        analyse: whether its articles go into the index, and must be found first.
        stored: whether it comes from the archive, which holds it.
        known: whether the index holds it and the archive does not.
        turn: its place in the order of the archive's changes, where it comes from there.
    """

    document: Document
    digest: str
    verdict: Verdict
    analyse: bool = True
    stored: bool = False
    known: bool = False
    turn: int = 0


class Intake:
    """Documents into the archive, many a transaction, and then into the index.

    Args:
        store: the index.
        summary: counts what becomes of them.
        listener: is told of errors and progress.
        shelf: the archive; without one, documents are taken as they come.
        notes: whether it is noted in the archive how far the index is, after each commit; not
            while there is more in the archive that the index lacks.
        commit_s: seconds after which what is in the index is committed, at most.
    """

    def __init__(
        self,
        store: Store,
        summary: Summary,
        listener: Listener,
        shelf: Shelf | None = None,
        *,
        notes: bool = True,
        commit_s: float = COMMIT_S,
    ) -> None:
        self._notes, self._commit_s = notes, commit_s
        self._store, self._shelf = store, shelf
        self._summary, self._listener = summary, listener
        self._pending: dict[str, Shelved] = {}  # what the archive will know of documents on their way
        self._queue: dict[str, tuple[Judged, Analysed | None]] = {}
        self._chars = 0
        self._sent: dict[str, tuple[str, Held]] = {}  # sources of what the index may still refuse
        self._uncommitted, self._last_commit = 0, time.monotonic()
        self._wrote = False

    # --- what becomes of each

    def judged(self, inputs: Iterable[Document | InputError]) -> Iterator[Judged]:
        """Count what is unchanged or refused, and yield what there is to do."""
        some: list[Document] = []
        chars = 0
        for made in inputs:
            if isinstance(made, InputError):
                self.refuse(made)
                continue
            some.append(made)
            chars += len(made.text)
            if len(some) >= _JUDGED or chars >= _JUDGED_CHARS:
                yield from self._judge(some)
                some, chars = [], 0
        if some:
            yield from self._judge(some)

    def _judge(self, documents: Sequence[Document]) -> list[Judged]:
        ids = [d.id for d in documents]
        known = self._shelf.known(ids) if self._shelf else {}
        elsewhere: set[str] = set()
        if self._shelf is not None and not self._shelf.eager:
            elsewhere = self._shelf.hand.elsewhere([*known])
        self._look_up(ids)
        now = now_utc()
        out: list[Judged] = []
        for document in documents:
            held = self._pending.get(document.id) or known.get(document.id)
            try:
                made = self._one(document, held, now, elsewhere=document.id in elsewhere)
            except InputError as error:
                self.refuse(error)
                continue
            if made is not None:
                out.append(made)
        return out

    def _one(
        self, document: Document, held: Shelved | None, now: datetime, *, elsewhere: bool
    ) -> Judged | None:
        digest, id_ = content_digest(document), document.id
        verdict = TAKEN
        if self._shelf is not None:
            verdict = judge(held, document, digest, now, revive=self._shelf.revive)
        indexed = self._store.held.get(id_) if id_ not in self._pending else None
        current = indexed is not None and indexed.digest == index_digest(digest)
        if self._shelf is None:
            verdict = replace(verdict, same=current)
        if verdict.same and (verdict.state != "current" or current or elsewhere):
            self._same(id_, verdict, indexed if current else None)
            return None
        if self._shelf is not None:
            due, version = verdict.due, verdict.version
            self._pending[id_] = Shelved(id_, version, verdict.state, due, digest, 0, now)
        # What the archive never had is looked through even where the index has it.
        analyse = verdict.state == "current" and not (current and held is not None)
        return Judged(document, digest, verdict, analyse, known=held is None and id_ in self._store.held)

    def _same(self, id_: str, verdict: Verdict, indexed: Held | None) -> None:
        if verdict.state != "current":
            self._summary.keep(id_, Standing(verdict.state, verdict.due, verdict.version))
        elif indexed is not None:
            self._summary.add(id_, indexed)
            self._summary.unchanged += 1
        else:  # another writer has it in hand
            self._summary.queued += 1
        self._listener.progress(self._summary)

    def refuse(self, error: InputError) -> None:
        """Count an input that is not taken, and tell of it."""
        if isinstance(error, StaleVersionError):
            state: State = error.state  # type: ignore[assignment]
            self._summary.keep(error.id, Standing(state, None, error.version, error.reason))
        elif isinstance(error, UnsupportedInputError):
            self._summary.skipped += 1
        else:
            self._summary.failed += 1
        self._listener.error(error)

    # --- into the archive and the index

    def take(self, judged: Judged, made: Analysed | InputError | None) -> None:
        """Take a document whose articles were found, or that has none to show."""
        id_ = judged.document.id
        if isinstance(made, InputError):
            self._pending.pop(id_, None)
            self.leave(id_, judged.turn, made)
            return
        if id_ in self._queue:
            self._flush()
        self._queue[id_] = (judged, made)
        self._chars += len(judged.document.text)
        if self._shelf is None or len(self._queue) >= _TOGETHER or self._chars >= _TOGETHER_CHARS:
            self._flush()

    def leave(self, id_: str, turn: int, error: InputError | None = None) -> None:
        """Do no more about a document that was in hand: it cannot be taken, or there is nothing to do."""
        if error is not None:
            self.refuse(error)
        if self._shelf is not None and turn:
            self._shelf.hand.open[id_] = turn

    def delete(self, held: Shelved) -> None:
        """Take a document out of the index that the archive has as not to be shown."""
        self._store.delete(held.id, turn=held.turn)
        self.leave(held.id, held.turn)

    def finish(self) -> None:
        """Take what still waits; where there is an archive, everything is committed when this returns."""
        self._flush()
        if self._shelf is not None and (self._wrote or self._shelf.hand.open):
            self.commit()

    def commit(self) -> None:
        """Make everything so far visible, and note in the archive that it is."""
        self._send()
        self._store.commit()
        if self._shelf is not None:
            self._shelf.indexed(self._store.made, self._store.generation, notes=self._notes)
        self._uncommitted, self._last_commit = 0, time.monotonic()

    def _flush(self) -> None:
        if not self._queue:
            return
        queue, self._queue, self._chars = self._queue, {}, 0
        put = Put({}, 0)
        if self._shelf is not None:
            put = self._shelf.put([self._taking(judged, made) for judged, made in queue.values()])
            self._look_up([*queue])
        self._wrote = True
        for id_, (judged, made) in queue.items():
            self._pending.pop(id_, None)
            if id_ not in put.raced:
                self._into_index(judged, made, put)
                self._listener.progress(self._summary)
        for id_ in put.raced:
            self._again(*queue[id_])
        if self._shelf is not None or len(self._sent) >= _TOGETHER:
            self._send()
        if self._uncommitted >= _COMMIT_PARAGRAPHS or time.monotonic() - self._last_commit > self._commit_s:
            self.commit()

    def _again(self, judged: Judged, made: Analysed | None) -> None:
        """Take a document that another writer changed after it was decided upon."""
        if judged.stored:
            self.leave(judged.document.id, judged.turn)  # it moved: it is still in hand, and done again
            return
        for anew in self._judge([judged.document]):
            if not anew.analyse or made is not None:
                self.take(anew, made if anew.analyse else None)
            elif self._shelf is not None:  # it may be shown by now, and nobody looked for articles
                self._pending.pop(anew.document.id, None)
                self._shelf.put([replace(self._taking(anew, None), queued=True)])
                self._shelf.hand.hurry(anew.document.id)

    def _look_up(self, ids: Sequence[str]) -> None:
        """Have what the index holds at hand, as it is now."""
        self._store.held.forget(ids)
        self._store.held.look_up(ids)

    def _send(self) -> None:
        """Have the index take what waits; what it does not take is told of, and left out of the counts."""
        refused = self._store.send()
        sent, self._sent = self._sent, {}
        for id_, reason in refused.items():
            if id_ in sent:
                source, held = sent[id_]
                self._summary.withdraw(id_, held)
                self.refuse(InputError(source, reason))

    def _into_index(self, judged: Judged, made: Analysed | None, put: Put) -> None:
        id_, verdict = judged.document.id, judged.verdict
        if made is not None:
            articles = [timed(a, put.times.get(a.id)) for a in made.articles]
            held = self._store.put(id_, made.digest, articles, turn=put.turn)
            self._sent[id_] = judged.document.source, held
            self._uncommitted += held.paragraphs
            self._summary.add(id_, held)
        elif verdict.state == "current":
            self._summary.add(id_, self._store.held[id_])
            self._summary.unchanged += 1
        else:
            self._store.delete(id_, turn=put.turn)
            self._summary.keep(id_, Standing(verdict.state, verdict.due, verdict.version))

    def _taking(self, judged: Judged, made: Analysed | None) -> Taking:
        document, verdict = judged.document, judged.verdict
        row = None
        # A cancellation says nothing of its own: what was canceled stays readable.
        if not judged.stored and verdict.state != "canceled":
            row = row_of(document, judged.digest)
        articles: dict[str, str] | None = None if verdict.state == "current" else {}
        if made is not None:
            articles = {a.id: article_digest(a) for a in made.articles}
        still = moved_from(judged.turn) if judged.stored else self._decided(judged)
        told = document.id, verdict.state, verdict.due, verdict.version, row, articles
        return Taking(*told, known=judged.known, still=still)

    def _decided(self, judged: Judged) -> Callable[[Shelved | None], bool]:
        revive = self._shelf is not None and self._shelf.revive
        return decided(judged.document, judged.digest, judged.verdict, revive=revive)


def decided(
    document: Document, digest: str, verdict: Verdict, *, revive: bool = False
) -> Callable[[Shelved | None], bool]:
    """Whether it is decided of a document as it was, by what is held of it later."""

    def still(held: Shelved | None) -> bool:
        try:
            return judge(held, document, digest, now_utc(), revive=revive) == verdict
        except InputError:
            return False

    return still


def moved_from(turn: int) -> Callable[[Shelved | None], bool]:
    """Whether what is held of a document is what was at a turn."""
    return lambda held: held is not None and held.turn == turn


def row_of(document: Document, digest: str) -> dict[str, Any]:
    """What is written down of a document whose content is new."""
    told = described(document.identity, document.source, document.format)
    return {**told, "digest": digest, "content": encode(document)}


def timed(article: Article, times: Times | None) -> Article:
    """An article with the times that the archive knows of it."""
    return article if times is None else replace(article, added=times.added, updated=times.updated)
