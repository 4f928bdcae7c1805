"""What every store can do: where documents go that were analysed. One contract test runs over all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, TypeVar

from index.model import Article

S = TypeVar("S", bound="Store")


@dataclass(frozen=True, slots=True)
class Held:
    """What the index holds of one document."""

    digest: str
    articles: int
    paragraphs: int
    dates: int
    entities: int


class HeldDocuments(Protocol):
    """What is in the index, by document id, with what was put and deleted since the last commit."""

    def get(self, id_: str, /) -> Held | None:
        """What is held of a document, or None."""
        ...

    def look_up(self, ids: Sequence[str], /) -> None:
        """Make those about to be asked for ready, many at once."""
        ...

    def forget(self, ids: Sequence[str] | None = None, /) -> None:
        """Others may have written these since they were looked up; None: any."""
        ...

    def __getitem__(self, id_: str, /) -> Held: ...

    def __contains__(self, id_: object, /) -> bool: ...

    def __iter__(self) -> Iterator[str]: ...

    def values(self) -> Iterable[Held]:
        """What is held of all."""
        ...


class Store(Protocol):
    """Adds, replaces and deletes documents; use as a context, which commits on a clean end.

    Attributes:
        made: names the index; another one in its place has another name.
        alone: whether there is one writer at a time.
    """

    made: str
    alone: bool

    @property
    def held(self) -> HeldDocuments:
        """What the index holds of each document."""
        ...

    @property
    def generation(self) -> int:
        """Number of the newest commit."""
        ...

    def __enter__(self: S) -> S:
        """Be a writer."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Commit, or drop what was not committed when something went wrong."""
        ...

    def put(self, document: str, digest: str, articles: Iterable[Article], *, turn: int = 0) -> Held:
        """Add a document's articles in place of what the index holds of it.

        Articles that do not say when they were added are added now.

        Args:
            document: its id.
            digest: names its content and the analysis that was made of it.
            articles: what was found in it.
            turn: of the archive's changes that this is; where several write, what has a lower one
                than what is held is stale, and left.
        """
        ...

    def delete(self, document: str, *, turn: int = 0) -> bool:
        """Remove a document; returns whether the index held it."""
        ...

    def send(self) -> dict[str, str]:
        """Write what waits to be written, without a commit.

        Returns:
            Documents that the index does not take, by id, of all that were put since this was asked last;
            each with why and what helps. None of it is in the index then.
        """
        ...

    def follow(self, newest: Callable[[], int]) -> None:
        """Be a writer of an archive, beside others of the same archive where the store lets them be.

        Args:
            newest: tells the archive's newest turn.
        """
        ...

    def commit(self) -> None:
        """Make everything so far visible to readers and go on writing."""
        ...
