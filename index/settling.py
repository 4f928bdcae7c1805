"""What does the archive hold that this index should show, and does not yet?

What a run that was killed did not bring into the index, what an index lacks that was restored,
moved or begun anew, and what was under an embargo that has ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from index.contents import index_digest
from index.errors import ArchiveDamagedError, InputError
from index.intake import Intake, Judged
from index.lifecycle import Shelved, Verdict
from index.model import Document
from index.shelf import Place, Shelf
from index.storing import Store

_PAGE = 200


def is_settled(place: Place, store: Store) -> bool:
    """Whether the index is the very one, or a later commit of it, that the archive means."""
    return place.made == store.made and place.generation <= store.generation


def lacking(store: Store, shelf: Shelf, place: Place) -> list[str]:
    """Ids of documents that are to be indexed; what is not to be shown any more is deleted here and now.

    Args:
        store: the index.
        shelf: the archive.
        place: how far the archive thinks that the index is.
    """
    wanted = dict.fromkeys(_wanted(store, shelf.all(place.turn if is_settled(place, store) else 0)))
    return list(wanted | dict.fromkeys(shelf.due()))


def from_archive(shelf: Shelf, ids: Sequence[str]) -> Iterator[Judged | InputError]:
    """Documents of the archive as those that are to be shown, or what is wrong with them."""
    for at in range(0, len(ids), _PAGE):
        for held, document in shelf.documents(ids[at : at + _PAGE]):
            yield stored(held, document)


def _wanted(store: Store, documents: Iterable[Shelved]) -> Iterator[str]:
    for held in _looked_up(store, documents):
        if held.state != "current":
            store.delete(held.id)  # at the turn that the archive had when it was followed
            continue
        indexed = store.held.get(held.id)
        there = indexed is not None and indexed.digest == index_digest(held.digest or "")
        if not there and not store.in_hands(held.turn):
            yield held.id


def _looked_up(store: Store, documents: Iterable[Shelved]) -> Iterator[Shelved]:
    """The same documents, of which many at once are asked for in the index."""
    waiting = iter(documents)
    while some := list(islice(waiting, _PAGE)):
        store.held.look_up([held.id for held in some])
        yield from some


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
    place = shelf.place()
    store.follow(shelf.newest)
    # What a killed run left is still to be indexed; whoever does tells of all together.
    complete = is_settled(place, store) and place.turn == shelf.last_turn()
    store.delete(id_, turn=shelf.remove(id_))
    store.commit()
    if complete:
        shelf.indexed(store)
    return True


def legible(judged: Iterable[Judged | InputError], intake: Intake) -> Iterator[Judged]:
    """Those that can be indexed; the others are counted as errors."""
    for made in judged:
        if isinstance(made, InputError):
            intake.refuse(made)
        else:
            yield made
