"""Articles of a document that is built anew from the archive: since when, and are they others than before?

Another analysis of the same content is no news to anybody. What it shows is noted in the archive as soon as
the index that was built by it is the one that is read, so that an article that is shown is known there, and
one that is not shown any more is gone.
"""

from __future__ import annotations

from collections.abc import Mapping

from index.contents import article_digest
from index.intake import Analysed, timed
from index.lifecycle import Shelved
from index.model import Article
from index.shelf import Shelf, now_utc
from index.shelving import Taking, Times

Known = Mapping[str, tuple[Times, str, bool]]
"""Articles of a document by id, as the archive has noted them: times, digest, and whether each is shown."""

_PAGE = 128  # documents that are noted together


def dated(made: Analysed, known: Known) -> list[Article]:
    """The articles of a document with the times that they had; new ones have those of the oldest."""
    first = min((times.added for times, _, _ in known.values()), default=now_utc())
    return [timed(a, known[a.id][0] if a.id in known else Times(first, first)) for a in made.articles]


class Recut:
    """Documents that are cut otherwise than before, to be noted at the end."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, dict[str, str]]] = {}

    def look(self, made: Analysed, turn: int, known: Known) -> None:
        """See whether a document is one.

        Args:
            made: the document as it is shown from now on.
            turn: of the archive at which it was read there.
            known: its articles.
        """
        shown = {a.id: article_digest(a) for a in made.articles}
        if shown != {id_: digest for id_, (_, digest, there) in known.items() if there}:
            self._found[made.document] = turn, shown
        else:
            self.forget(made.document)

    def forget(self, document: str) -> None:
        """A document is not shown any more."""
        self._found.pop(document, None)

    def note(self, shelf: Shelf) -> None:
        """Write them down in the archive, save those that changed there since."""
        ids = [*self._found]
        for at in range(0, len(ids), _PAGE):
            known = shelf.known(ids[at : at + _PAGE])
            shelf.put([self._taking(id_, held.version) for id_, held in known.items()])

    def _taking(self, id_: str, version: int | None) -> Taking:
        turn, shown = self._found[id_]

        def still(held: Shelved | None) -> bool:
            return held is not None and held.turn == turn

        return Taking(id_, "current", None, version, None, shown, still=still)
