"""ninjs, news in JSON, of all three generations: one object, one item (IPTC, ninjs 1.0 to 3.1).

Generation 1 has `headline`, `body_text`, `body_xhtml`, `person`; generation 2 lists (`headlines`, `bodies`,
`people`) and small letters; generation 3 the same in camel case. They are read by their fields, whatever
number an item gives itself. Nothing is fetched: pictures are taken by their captions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from index.errors import InputError, UnsupportedInputError
from index.model import Document, EntityKind, Given, GivenMark, GivenName, Lifecycle, Metadata, Status
from index.paragraphs import split_paragraphs
from index.readers.base import Outcome, Source, digest
from index.readers.laying import Laid, Piece, given, given_name, lay_out, pieces_of_html, told_names
from index.readers.moments import embargo_time, iso_time, later, version_number
from index.readers.nitf import Story, read_story
from index.readers.records import clean, scrub
from index.readers.xmltree import local, parse_text

ENOUGH_WORDS = 5
"""A description of so many words is worth finding; of fewer it is a label."""

# What no other JSON has beside a `uri`.
_OWN = frozenset(
    "bodies headlines descriptions body_text body_xhtml body_html description_text description_xhtml "
    "versioncreated pubstatus eventdetails renditions associations contentcreated $standard".split()
)
_SAME: dict[str, str] = {"persons": "people", "person": "people"}
_SAME |= {"organisation": "organisations", "organization": "organisations", "organizations": "organisations"}
_SAME |= {"place": "places", "byline": "by", "infosource": "infosources", "$standard": "standard"}
_LISTS: tuple[tuple[str, EntityKind], ...] = (
    ("people", "person"),
    ("organisations", "org"),
    ("places", "place"),
)
_STATUS: dict[str, Status] = {"withheld": "withheld", "canceled": "canceled", "cancelled": "canceled"}
_USED = frozenset("headlines bodies people organisations places by renditions".split())
_SHOWN = ("picture", "graphic", "video", "audio", "animation", "3d")
_MOST_CAPTIONS = 50
_MOST_VALUES = 50  # headlines, bodies or descriptions that are looked at


class _FieldError(ValueError):
    """A field does not hold what it should."""


def is_ninjs(record: Mapping[str, Any]) -> bool:
    """Whether a JSON object is an item of ninjs: it has a `uri` and a field that is ninjs's own."""
    if "text" in record or "paragraphs" in record:
        return False
    names = {str(name).lower() for name in record}
    standard = record.get("standard")
    named = isinstance(standard, Mapping) and "ninjs" in str(standard.get("name")).lower()
    bodies = {"body_text", "body_xhtml", "bodies"} & names
    return bool(bodies) or named or ("uri" in names and bool(names & _OWN))


def read_ninjs(record: dict[str, Any], source: Source, place: str, raw: bytes) -> list[Outcome] | None:
    """Turn an item into a document, or say what is wrong with it.

    Args:
        record: the object.
        source: the file or post that it stands in.
        place: where in it, as a person is told.
        raw: the object as it stands in the source, for the identity of one without a `uri`.

    Returns:
        The one outcome; None where the object is no ninjs.
    """
    if not is_ninjs(record):
        return None
    try:
        return [_document(record, source, place, raw)]
    except InputError as error:
        return [error]
    except (ValueError, RecursionError) as error:
        return [InputError(place, str(error) or "nested too deeply")]


def _document(record: Mapping[str, Any], source: Source, place: str, raw: bytes) -> Document:
    fields = _even(record)
    uri = _text(fields, "uri")
    headline, story, laid = _laid(fields, place)
    lifecycle = _lifecycle(fields)
    if not laid.blocks and lifecycle.status != "canceled":
        raise UnsupportedInputError(place, _why_empty(fields))
    said = given(laid.marks, (*_names(fields), *(story.given.names if story else ())))
    url = uri if uri and uri.startswith(("http://", "https://")) else None
    return Document(
        identity=f"id:{uri}" if uri else _of_place(source, raw),
        source=url or place,
        format="ninjs",
        text=laid.text,
        metadata=Metadata(
            headline=headline,
            published=_published(fields, lifecycle) or (story.head.published if story else None),
            author=_author(fields) or (story.head.author if story else None),
            publisher=_publisher(fields),
            url=url,
            extra=_extra(fields, said),
        ),
        blocks=laid.blocks,
        lifecycle=lifecycle,
        given=said,
    )


def _even(record: Mapping[str, Any]) -> dict[str, Any]:
    """An item's fields by the names of generation 2, whatever its own; the first of two alike counts."""
    fields: dict[str, Any] = {}
    for name, value in record.items():
        small = name.lower()
        fields.setdefault(_SAME.get(small, small), value)
    return fields


def _of_place(source: Source, raw: bytes) -> str:
    return f"{source.path.as_uri() if source.path else 'content:'}#{digest(raw.strip())}"


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _FieldError(f'"{name}" of a ninjs item is no string')
    return clean(value).strip() or None


def _values(fields: Mapping[str, Any], plural: str, single: str) -> Iterator[tuple[str, str, str]]:
    """Role, type and text of each of the item's headlines, bodies or descriptions, of any generation."""
    listed = fields.get(plural)
    if listed is not None and not isinstance(listed, list):
        raise _FieldError(f'"{plural}" of a ninjs item is no array')
    for one in (listed or ())[:_MOST_VALUES]:
        if isinstance(one, Mapping) and isinstance(one.get("value"), str):
            kind = next((str(v) for k, v in one.items() if k.lower() == "contenttype"), "")
            yield str(one.get("role") or "").lower(), kind.lower(), clean(one["value"])
    named = [name for name in fields if name == single or name.startswith(f"{single}_")]
    for name in named[:_MOST_VALUES]:
        value = fields[name]
        if isinstance(value, str):
            yield name.removeprefix(single).removeprefix("_"), "", clean(value)


def _is_html(role: str, kind: str) -> bool:
    return "html" in kind or (not kind and "html" in role)


def _headline(fields: Mapping[str, Any]) -> str | None:
    found = [(role, " ".join(_flat(value, role, kind).split())) for role, kind, value
             in _values(fields, "headlines", "headline")]  # fmt: skip
    main = next((value for role, value in found if role in ("main", "") and value), None)
    return main or next((value for _, value in found if value), None) or _text(fields, "title")


def _flat(value: str, role: str, kind: str) -> str:
    if _is_html(role, kind) or "</" in value:
        return " ".join(piece.text for piece in pieces_of_html(value))
    return value


def _laid(fields: Mapping[str, Any], place: str) -> tuple[str | None, Story | None, Laid]:
    """The item's text: its body in the form that tells most, else its description; then its captions."""
    headline = _headline(fields)
    story, pieces = _body(fields, place)
    if not pieces:
        pieces = _described(fields)
    if pieces:
        pieces += _captions(fields, {piece.text for piece in pieces})
    return headline, story, lay_out(headline if pieces else None, pieces)


def _body(fields: Mapping[str, Any], place: str) -> tuple[Story | None, list[Piece]]:
    plain: list[Piece] = []
    marked: list[Piece] = []
    for role, kind, value in _values(fields, "bodies", "body"):
        if "nitf" in kind or role == "nitf":
            story = _nitf(value, place)
            if story:
                return story, _pieces_of(story)
        elif _is_html(role, kind):
            marked = marked or pieces_of_html(value)
        elif "xml" not in kind and "json" not in kind:
            plain = plain or [Piece(p.kind, value[p.start : p.end]) for p in split_paragraphs(value)]
    # Markup tells the paragraphs; where it holds much less than the plain text it is a summary of it.
    return None, marked if _letters(marked) * 2 >= _letters(plain) else plain


def _letters(pieces: list[Piece]) -> int:
    return sum(len(piece.text) for piece in pieces)


def _nitf(value: str, place: str) -> Story | None:
    """A body in NITF, which may carry editors' marks; one that is broken gives way to the other bodies."""
    try:
        root = parse_text(value, place)
    except InputError:
        return None
    story = read_story(root) if local(root) == "nitf" else None
    return story if story and story.laid.blocks else None


def _pieces_of(story: Story) -> list[Piece]:
    text, marks = story.laid.text, story.laid.marks
    return [
        Piece(
            block.kind if block.kind != "headline" else "heading",
            text[block.start : block.end],
            tuple(
                GivenMark(m.start - block.start, m.end - block.start, m.kind, m.name, m.id, m.value)
                for m in marks
                if block.start <= m.start and m.end <= block.end
            ),
        )
        for block in story.laid.blocks
    ]


def _described(fields: Mapping[str, Any]) -> list[Piece]:
    """The item's description where it is text of substance: by its caption a picture is found."""
    kind = str(fields.get("type") or "").lower()
    found: list[str] = []
    for role, content, value in _values(fields, "descriptions", "description"):
        text = " ".join(_flat(value, role, content).split())
        if len(text.split()) >= ENOUGH_WORDS and text not in found:
            found.append(text)
    # The same words come as text and as markup; a longer one holds a shorter one that it begins with.
    kept = [text for text in found if not any(o != text and o.startswith(text) for o in found)]
    return [Piece("caption" if kind in _SHOWN else "body", text) for text in kept]


def _captions(fields: Mapping[str, Any], taken: set[str]) -> list[Piece]:
    """Captions of the pictures that go with an item."""
    beside = fields.get("associations")
    items = list(beside.values()) if isinstance(beside, Mapping) else beside
    made: list[Piece] = []
    for item in items[:_MOST_CAPTIONS] if isinstance(items, list) else ():
        if isinstance(item, Mapping) and str(item.get("type") or "").lower() in _SHOWN:
            for piece in _described(_even(item))[:1]:
                if piece.text not in taken:
                    taken.add(piece.text)
                    made.append(piece)
    return made


def _lifecycle(fields: Mapping[str, Any]) -> Lifecycle:
    stated = str(fields.get("pubstatus") or "").lower()
    embargo = next(
        (fields[n] for n in ("embargoeduntil", "embargoed") if isinstance(fields.get(n), str)), None
    )
    return Lifecycle(
        version_number(fields.get("version")), _STATUS.get(stated, "usable"), embargo_time(embargo)
    )


def _published(fields: Mapping[str, Any], lifecycle: Lifecycle) -> str | None:
    names = ("firstcreated", "contentcreated", "versioncreated")
    stamp = next((fields[name] for name in names if isinstance(fields.get(name), str)), None)
    return later(iso_time(stamp), lifecycle.embargo)


def _author(fields: Mapping[str, Any]) -> str | None:
    by = _text(fields, "by")
    if not by:
        return None
    line = " ".join(by.split())
    return line[3:] if line.lower().startswith("by ") else line


def _publisher(fields: Mapping[str, Any]) -> str | None:
    holder = fields.get("copyrightholder")
    if isinstance(holder, str) and holder.strip():
        return clean(holder).strip()
    sources = fields.get("infosources")
    names = [s.get("name") for s in sources if isinstance(s, Mapping)] if isinstance(sources, list) else []
    return next((clean(name).strip() for name in names if isinstance(name, str) and name.strip()), None)


def _names(fields: Mapping[str, Any]) -> Iterator[GivenName | None]:
    for field, kind in _LISTS:
        listed = fields.get(field)
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, Mapping) and isinstance(one.get("name"), str):
                yield given_name(kind, clean(one["name"]), _id(one))
    located = fields.get("located")
    if isinstance(located, str):
        name = clean(located)
        yield given_name("place", name.title() if name.isupper() else name)


def _id(one: Mapping[str, Any]) -> str | None:
    """An entity's identifier: its address, else the scheme and the code of generation 1, else its code."""
    for name in ("uri", "literal"):
        if isinstance(one.get(name), str) and one[name].strip():
            return clean(one[name])
    code, scheme = one.get("code"), one.get("scheme")
    if not isinstance(code, str) or not code.strip():
        return None
    return clean(f"{scheme}{code}" if isinstance(scheme, str) else code)


def _extra(fields: Mapping[str, Any], said: Given) -> dict[str, Any]:
    told = told_names(said)
    kept = {
        name: scrub(value)
        for name, value in fields.items()
        if name not in _USED and not name.startswith(("body_", "headline"))
    }
    by = fields.get("by")
    if isinstance(by, str) and by.strip():
        kept["byline"] = clean(" ".join(by.split()))
    return kept | ({"names": told} if told else {})


def _why_empty(fields: Mapping[str, Any]) -> str:
    kind = str(fields.get("type") or "").lower()
    if kind in _SHOWN:
        return f"a ninjs {kind} without a description of {ENOUGH_WORDS} words"
    return f"a ninjs item without text: neither a body nor a description of {ENOUGH_WORDS} words"
