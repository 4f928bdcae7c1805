"""What flows from a file to the index: documents, articles, paragraphs and what they mention.

Every class is frozen and holds plain Python values only, so that a batch can be
pickled to another process and compared in a test. Spans are half open and count
characters (code points).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import blake2b
from typing import Any, Literal

ParagraphKind = Literal["headline", "body", "caption", "heading", "quote"]
EntityKind = Literal["person", "org", "place"]
PublishedBy = Literal["metadata", "stated", "inferred"]
Status = Literal["usable", "withheld", "canceled"]

ENTITY_KINDS: tuple[EntityKind, ...] = ("person", "org", "place")


def stable_id(*parts: str) -> str:
    """Name something by its content.

    Args:
        parts: what makes the thing itself, most general first.

    Returns:
        16 hexadecimal digits (64 bits of BLAKE2b); the parts are kept apart, so
        ("ab", "c") and ("a", "bc") differ.
    """
    digest = blake2b(digest_size=8)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a document says about itself outside its text.

    Attributes:
        headline: as the source gives it, or None.
        published: ISO 8601 day or time as the source gives it, zone included, or None.
        author: the byline's person or persons, or None.
        publisher: the publication's name, or None.
        url: where readers find it, or None.
        extra: every other field of the source, kept for whoever reads the article back.
    """

    headline: str | None = None
    published: str | None = None
    author: str | None = None
    publisher: str | None = None
    url: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph that the format itself marks: a span of the document's text and its kind."""

    start: int
    end: int
    kind: ParagraphKind


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Where a document stands in its sender's own sequence of versions.

    Attributes:
        version: its number, of which a higher one replaces a lower one; None where the
            sender numbers nothing, and then what comes later replaces what came before.
        status: `usable`; `withheld`, which is not to be shown until a later version is
            usable; or `canceled`, which removes it.
        embargo: ISO 8601 time, zone included, before which it is not to be shown, or None.
    """

    version: int | None = None
    status: Status = "usable"
    embargo: str | None = None


@dataclass(frozen=True, slots=True)
class GivenMark:
    """Words of a document that its editors marked as a name or a time.

    Attributes:
        start: of the span in the document's text.
        end: of the span in the document's text.
        kind: of the name, or `date`.
        name: the full name that the editors give, or None where the words are it.
        id: the editors' own identifier of who or what it is (a URI or a code), or None.
        value: of a date: ISO 8601 or TIMEX3, or None where the editors give none.
    """

    start: int
    end: int
    kind: EntityKind | Literal["date"]
    name: str | None = None
    id: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class GivenName:
    """A name that editors say the document is about, wherever its text has it.

    Attributes:
        kind: of the name.
        name: in full.
        id: the editors' own identifier of who or what it is (a URI or a code), or None.
    """

    kind: EntityKind
    name: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What editors say of a document's names and dates; it wins over what is guessed."""

    marks: tuple[GivenMark, ...] = ()
    names: tuple[GivenName, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One unit of input: a file, a page, or a line of JSON.

    Attributes:
        identity: what makes it the same document when it comes again: its own id,
            its address, or the path of its file.
        source: where it came from, as a person is told it.
        format: name of the reader that made it.
        text: everything there is to read, verbatim; all spans point into it.
        metadata: what it says about itself.
        blocks: its paragraphs where the format marks them; such a document is one
            article. None where only the text itself can tell: it may hold several.
        lifecycle: its version, whether it may be shown, and from when.
        given: names and dates that its editors marked or listed.
    """

    identity: str
    source: str
    format: str
    text: str
    metadata: Metadata = field(default_factory=Metadata)
    blocks: tuple[Block, ...] | None = None
    lifecycle: Lifecycle = Lifecycle()
    given: Given = Given()

    @property
    def id(self) -> str:
        """Stable id, from the identity alone."""
        return stable_id("document", self.identity)


@dataclass(frozen=True, slots=True)
class Publication:
    """The day an article was published, and how that is known.

    Attributes:
        day: the day in the newsroom's own zone, or None when nothing tells.
        by: how it is known; None exactly when `day` is.
        evidence: the words or the reasoning that it rests on, for a person to read.
        stamp: the source's own date and time, zone included, where it had one.
    """

    day: date | None = None
    by: PublishedBy | None = None
    evidence: str | None = None
    stamp: str | None = None


@dataclass(frozen=True, slots=True)
class DateMention:
    """A time expression in a paragraph.

    Attributes:
        start: of the span in the paragraph's text.
        end: of the span in the paragraph's text.
        text: the words themselves.
        timex: TIMEX3 value (`2014-03-11`, `2013-FA`, `P3D`, `PRESENT_REF`), or None
            where the expression is relative to a day that is not known.
        first: first day of the closed interval it covers, or None when it has none.
        last: last day of it.
        reason: a code for why it has this value: `words` (they say it all), `published`
            (counted from the day of publication), `text` with the TIMEX3 value of what the
            article named before and it counts from (`text 2014-03-11`), `document` (the
            order of its figures is that of the document's other dates), `ambiguous` (nothing
            tells that order), `unresolved` (the day to count from is not known), `given` (the
            document's editors marked it with this value); None where its maker does not say.
    """

    start: int
    end: int
    text: str
    timex: str | None
    first: date | None
    last: date | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class EntityMention:
    """A name in a paragraph, and whose it is.

    Attributes:
        start: of the span in the paragraph's text.
        end: of the span in the paragraph's text.
        text: the words themselves.
        kind: person, org or place.
        entity: stable id of the entity.
        name: the entity's display name.
        reason: how it was found and how it was joined to its entity, two codes and perhaps a
            number, or None where its maker does not say. Found by a `model`, a `table` of known
            names, a `pattern` of the line, `again` where the article has it elsewhere, or `given`:
            the document's editors marked or listed it. Joined
            as `itself`, `known` (the tables know its usual name), `team` (the side, not the
            place), `alone` (nobody has it as part of a full name), `shared` (several have, and
            none before it), or with the number of the paragraph where the whole name stands
            (the headline is 0), or `byline`: as `form` (a full name in another form),
            `surname`, `part` (a given or middle name), `title` (that of several whom `Mrs`,
            `Senator` or `the elder` fits), `nearest` (that of several which was named last),
            `acronym`, `short`; as `told` by the document's editors. `again surname 3`, say.
            `editor` by itself: an editor of ours decided.
    """

    start: int
    end: int
    text: str
    kind: EntityKind
    entity: str
    name: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The unit of an answer.

    Attributes:
        id: stable, from the article and the content.
        ordinal: place in the article; the headline is 0.
        kind: what it is on the page.
        start: of the span in the document's text.
        end: of the span in the document's text.
        text: `document.text[start:end]`.
        dates: time expressions in it, in order.
        entities: names in it, in order.
    """

    id: str
    ordinal: int
    kind: ParagraphKind
    start: int
    end: int
    text: str
    dates: tuple[DateMention, ...] = ()
    entities: tuple[EntityMention, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """One story of a document.

    Attributes:
        id: stable: from the document's identity where it holds one article, else
            also from the headline and the first paragraph, so that an article
            added to a dump moves no other's.
        document: the document's id.
        source: the document's source.
        headline: its text, or None where there is none.
        boundary: why the article begins where it does.
        paragraphs: in order.
        published: the day of publication and its evidence.
        dateline: place and day line as written ("SOCHI, May 12 (Reuters)"), or None.
        byline: author line as written, or None.
        agency: agency named by the dateline, byline or a closing mark, or None.
        metadata: what the source said about it.
        added: when it was first taken in, in UTC to the second; building an index anew
            does not change it. None: not known yet, which is now once it is indexed.
        updated: when its text was last changed, else as `added`.
    """

    id: str
    document: str
    source: str
    headline: str | None
    boundary: str
    paragraphs: tuple[Paragraph, ...]
    published: Publication = field(default_factory=Publication)
    dateline: str | None = None
    byline: str | None = None
    agency: str | None = None
    metadata: Metadata = field(default_factory=Metadata)
    added: datetime | None = None
    updated: datetime | None = None
