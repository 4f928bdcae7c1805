"""What every reader shares: where bytes come from, how much of them is taken, what comes out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Protocol, TypeAlias
from urllib.parse import quote

from index.errors import InputError, UnsupportedInputError
from index.model import Document
from index.readers.allowance import MB, Allowance

__all__ = [
    "HEAD_BYTES",
    "MAX_DOCUMENT_BYTES",
    "MAX_LINE_BYTES",
    "MB",
    "Outcome",
    "Reader",
    "Source",
    "digest",
]
__all__ += ["read_whole"]

# A text or a page is held whole, several times over while it is parsed.
MAX_DOCUMENT_BYTES = 64 * MB
# A line of JSON is one article; the longest book is a sixth of this.
MAX_LINE_BYTES = 32 * MB
# How much of the beginning is looked at to tell a format or binary data.
HEAD_BYTES = 64 * 1024

# Bad input is a value, not an exception: it never takes good input beside it down.
Outcome: TypeAlias = Document | InputError


@dataclass(frozen=True, slots=True)
class Source:
    """Where some bytes came from.

    Attributes:
        name: as a person is told it: the path as given, an address, or "standard input".
        path: absolute path of the file, or None for a post or standard input.
        media_type: as the sender states it, or None.
        charset: as the sender states it, or None.
        suffix: of the file's name in lower case, without ".gz"; "" when unknown.
        member: names within archives, outermost first; a name only, never used as a path.
        allowance: what the input may unpack to; shared by all that is in it.
    """

    name: str
    path: Path | None = None
    media_type: str | None = None
    charset: str | None = None
    suffix: str = ""
    member: tuple[str, ...] = ()
    allowance: Allowance = field(default_factory=Allowance, compare=False)

    @property
    def address(self) -> str | None:
        """Where it lies, as a URI (`file:///news.zip!day/one.txt`), or None for what was sent."""
        if self.path is None:
            return None
        return "!".join((self.path.as_uri(), *(quote(name, errors="replace") for name in self.member)))

    def identity(self, content: bytes) -> str:
        """What makes a whole file the same when it comes again: its path, else its content."""
        return self.address or f"content:{digest(content)}"


class Reader(Protocol):
    """One format. Register an instance in `index.readers.READERS`."""

    @property
    def name(self) -> str:
        """Short name, kept as `Document.format`."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File name endings, lower case with the dot."""

    @property
    def media_types(self) -> tuple[str, ...]:
        """Media types, lower case without parameters."""

    def sniff(self, head: bytes) -> int:
        """How surely these first bytes are this format: 0 (not) to 100 (certainly)."""

    def read(self, stream: BinaryIO, source: Source) -> Iterator[Outcome]:
        """Read one stream to its end, a document or an error at a time.

        Raises:
            InputError: what makes the rest of the stream unreadable.
        """


def digest(content: bytes) -> str:
    """Name content by 128 bits of BLAKE2b, as 32 hexadecimal digits."""
    return blake2b(content, digest_size=16).hexdigest()


def read_whole(stream: BinaryIO, source: Source, limit: int | None = None) -> bytes:
    """Take all of a stream that must be held whole.

    Args:
        stream: to its end.
        source: named in errors.
        limit: bytes; None for `MAX_DOCUMENT_BYTES`.

    Raises:
        InputError: it is larger than the limit.
        UnsupportedInputError: it holds nothing but white space.
    """
    limit = MAX_DOCUMENT_BYTES if limit is None else limit
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise InputError(source.name, f"larger than {limit // MB} MB; split it, or turn it into JSON lines")
    if not data.strip():
        raise UnsupportedInputError(source.name, "empty")
    return data
