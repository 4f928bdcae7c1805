"""What does the archive hold that this index should show, and does not yet?

What a run that was killed did not bring into the index, what an index lacks that was restored,
moved or begun anew, and what was under an embargo that has ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from index.carrying import unarchived
from index.contents import index_digest
from index.errors import ArchiveDamagedError, InputError
from index.intake import Intake, Judged
from index.lifecycle import Shelved, Verdict
from index.model import Document
from index.shelf import Place, Shelf, now_utc
from index.storing import Store
from index.waiting import Claimed

_PAGE = 200
_CLAIMED = 64  # at once, so that little is left to wait for in a dead hand


def is_settled(place: Place, store: Store) -> bool:
    """Whether the index is the very one, or a later commit of it, that the archive means."""
    return place.made == store.made and place.generation <= store.generation


def compare(store: Store, shelf: Shelf) -> list[str]:
    """Ids of documents that an index lacks of which it is not known how far it is.

    What is not to be shown any more is deleted here and now.
    """
    return list(_wanted(store, shelf.all()))


def put_down(store: Store, shelf: Shelf, place: Place, wanted: Sequence[str]) -> None:
    """Note what an index lacks that the archive did not know, so that it is known how far it is."""
    strays = len(unarchived(list(store.held), shelf))
    shelf.hand.lack(wanted, place.seq)
    store.commit()
    shelf.indexed(store.made, store.generation, strays)


def waiting(store: Store, shelf: Shelf, intake: Intake, *, queued: bool) -> Iterator[Judged]:
    """Documents that were left lying or wait, claimed as they are taken; what is not to be shown is deleted.

    Args:
        store: the index.
        shelf: the archive.
        intake: of the run; is told of those that cannot be read.
        queued: also those that nobody had in hand yet.
    """
    shelf.hand.moved = False
    while claimed := shelf.hand.claim(_CLAIMED, queued=queued):
        yield from _taken(claimed, store, shelf, intake)


def _taken(claimed: Sequence[Claimed], store: Store, shelf: Shelf, intake: Intake) -> Iterator[Judged]:
    known = shelf.known([one.id for one in claimed])
    store.held.forget([*known])
    store.held.look_up([*known])
    wanted: list[str] = []
    for one in claimed:
        held = known.get(one.id)
        if held is None:
            intake.leave(one.id, one.turn)
        elif not is_shown(held):
            intake.delete(held)
        elif one.sure and held.state == "current" and _has(store, held):
            intake.leave(held.id, held.turn)
        else:
            wanted.append(held.id)
    found: set[str] = set()
    for held, document in shelf.documents(wanted):
        found.add(held.id)
        made = stored(held, document)
        if isinstance(made, InputError):
            intake.leave(held.id, held.turn, made)
        else:
            yield made
    for id_ in wanted:
        if id_ not in found:  # its content was lost, which `dateline check` tells
            intake.leave(id_, known[id_].turn)


def is_shown(held: Shelved) -> bool:
    """Whether a document of the archive is to be shown by now."""
    return held.state == "current" or (held.due is not None and held.due <= now_utc())


def _has(store: Store, held: Shelved) -> bool:
    indexed = store.held.get(held.id)
    return indexed is not None and indexed.digest == index_digest(held.digest or "")


def _wanted(store: Store, documents: Iterable[Shelved]) -> Iterator[str]:
    left = iter(documents)
    while some := list(islice(left, _PAGE)):
        store.held.look_up([held.id for held in some])
        for held in some:
            if held.state != "current":
                store.delete(held.id)  # at the turn that the archive had when it was followed
            elif not _has(store, held):
                yield held.id


def stored(held: Shelved, document: Document | ArchiveDamagedError) -> Judged | InputError:
    """A document of the archive as one that is to be shown."""
    if isinstance(document, ArchiveDamagedError):
        return InputError(held.id, f"in the archive, {document.reason}; index its source again")
    return Judged(
        document, held.digest or "", Verdict("current", None, held.version), stored=True, turn=held.turn
    )


def remove(id_: str, store: Store, shelf: Shelf) -> bool:
    """Remove a document as an editor does, in the archive and in the index, and commit.

    Returns:
        Whether there was one.
    """
    known = shelf.known([id_]).get(id_)
    held = id_ in store.held
    if not held and (known is None or known.state == "removed"):
        return False
    with shelf.hand:
        shelf.hand.alone = store.alone
        store.follow(shelf.last_turn)
        place = shelf.place()
        removed = shelf.remove(id_)
        store.delete(id_, turn=removed.turn)
        store.commit()
        shelf.indexed(store.made, store.generation, notes=is_settled(place, store))
    return True
