"""What a NITF story says beside its text: who it is, its version and status, when, by whom, about whom.

NITF 3.6: `docdata` (du-key, doc-id, date.issue, date.release, ed-msg, key-list, identified-content),
`pubdata`, `tobject`, `body.head` (byline, dateline, distributor).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from index.model import EntityKind, GivenName, Lifecycle, Status
from index.readers.laying import given_name
from index.readers.moments import embargo_time, iso_time, later, version_number
from index.readers.xmltree import Element, attribute, child, children, descendants, local, words

_STATUS: dict[str, Status] = {
    "usable": "usable",
    "embargoed": "withheld",
    "withheld": "withheld",
    "canceled": "canceled",
    "cancelled": "canceled",
}
_LISTED: dict[str, EntityKind] = {"person": "person", "org": "org", "location": "place"}
_MOST = 200


@dataclass(frozen=True, slots=True)
class Head:
    """What is told of a story.

    Attributes:
        id: its own identifier, or None.
        published: ISO 8601, or None.
        author: person or persons of the byline, or None.
        publisher: of the story, or None.
        lifecycle: version, status and embargo.
        names: that it is said to be about.
        others: identifiers of other documents, and the status that they have from now on.
        extra: what else is told.
    """

    id: str | None
    published: str | None
    author: str | None
    publisher: str | None
    lifecycle: Lifecycle
    names: tuple[GivenName | None, ...]
    others: tuple[tuple[str, Status], ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)


def read_head(root: Element) -> Head:
    """Read all of it from a `nitf` element."""
    docdata, pubdata = child(root, "head", "docdata"), child(root, "head", "pubdata")
    top = child(root, "body", "body.head")
    lifecycle = _lifecycle(docdata)
    published = (
        _norm(docdata, "date.issue")
        or iso_time(attribute(pubdata, "date.publication"))
        or _norm(top, "dateline", "story.date")
        or _norm(docdata, "date.release")
    )
    return Head(
        id=attribute(child(docdata, "doc-id"), "id-string") or attribute(root, "uno"),
        published=later(published, lifecycle.embargo),
        author=_author(top),
        publisher=attribute(pubdata, "name")
        or words(child(top, "distributor"))
        or attribute(child(docdata, "doc.copyright"), "holder"),
        lifecycle=lifecycle,
        names=tuple(_listed(docdata, top)),
        others=_others(docdata),
        extra={name: value for name, value in _extra(root, docdata, top) if value},
    )


def _norm(element: Element | None, *path: str) -> str | None:
    return iso_time(attribute(child(element, *path), "norm"))


def _lifecycle(docdata: Element | None) -> Lifecycle:
    """A story that is embargoed waits for its release; without one it is withheld until a later version."""
    stated = (attribute(docdata, "management-status") or "usable").lower()
    status: Status = _STATUS.get(stated, "usable")
    embargo = embargo_time(attribute(child(docdata, "date.release"), "norm"))
    if stated == "embargoed" and embargo:
        status = "usable"
    key = child(docdata, "du-key")
    version = version_number(attribute(key, "version"))
    if version is None:
        version = version_number(attribute(key, "generation"))
    return Lifecycle(version, status, embargo)


def _others(docdata: Element | None) -> tuple[tuple[str, Status], ...]:
    other = attribute(docdata, "management-doc-idref")
    status = _STATUS.get((attribute(docdata, "management-idref-status") or "").lower())
    return ((other, status),) if other and status in ("canceled", "withheld") else ()


def _author(top: Element | None) -> str | None:
    """The persons that the byline marks, else its words without `By` and the title behind them."""
    line = child(top, "byline")
    if line is None:
        return None
    marked = [full_name(p, "person") or words(p) for p in descendants(line, "person")]
    if any(marked):
        return ", ".join(filter(None, marked))
    text = _without(line, "byttl")
    if text.lower().startswith("by "):
        text = text[3:]
    return text.strip(" ,;") or None


def _without(line: Element, name: str) -> str:
    parts = [line.text or ""]
    for below in line:
        shown = isinstance(below.tag, str) and local(below) != name
        parts += ["".join(below.itertext()) if shown else "", below.tail or ""]
    return " ".join("".join(parts).split())


def _listed(docdata: Element | None, top: Element | None) -> Iterator[GivenName | None]:
    about = child(docdata, "identified-content")
    for element in children(about, *_LISTED) if about is not None else ():
        kind = _LISTED[local(element)]
        yield given_name(kind, full_name(element, kind) or words(element), code_of(element))
    place = child(docdata, "evloc")
    if place is not None:
        yield given_name("place", attribute(place, "city"))
        yield given_name("place", attribute(place, "state-prov"))
    line = child(top, "dateline", "location")
    if line is not None:
        cities = [words(city) for city in descendants(line, "city")]
        for name in cities or [words(line)]:
            yield given_name("place", name.title() if name and name.isupper() else name, code_of(line))


def full_name(element: Element, kind: EntityKind) -> str | None:
    """The name that the parts of an element make: given and family name of a person; else None."""
    if kind == "place":
        parts = [words(part) for part in descendants(element, "city", "state", "country")]
        return parts[0] if parts else None
    if kind != "person":
        return None
    names = [words(part) for part in descendants(element, "name.given", "name.family")]
    return " ".join(filter(None, names)) or None


def code_of(element: Element) -> str | None:
    """An element's own identifier, its scheme before it: `NYSE:IBM`; None where it has none."""
    value = attribute(element, "value") or attribute(element, "location-code")
    value = value or attribute(element, "iso-cc") or attribute(element, "city-code")
    source = attribute(element, "idsrc") or attribute(element, "code-source")
    if value is None:
        other = child(element, "alt-code")
        return code_of(other) if other is not None else None
    return f"{source}:{value}"[:500] if source and ":" not in value else value[:500]


def _extra(root: Element, docdata: Element | None, top: Element | None) -> Iterator[tuple[str, Any]]:
    yield "uri", attribute(child(docdata, "doc-id"), "id-string") or attribute(root, "uno")
    yield "byline", words(child(top, "byline"))
    yield "dateline", words(child(top, "dateline"))
    yield "note", words(child(docdata, "ed-msg")) or attribute(child(docdata, "ed-msg"), "info")
    yield "correction", attribute(child(docdata, "correction"), "info")
    yield "urgency", attribute(child(docdata, "urgency"), "ed-urg")
    yield "slugline", attribute(child(docdata, "du-key"), "key")
    yield "expires", _norm(docdata, "date.expire")
    yield "issued", _norm(docdata, "date.issue")
    keys = child(docdata, "key-list")
    yield "keywords", _keys(children(keys, "keyword") if keys is not None else (), "key")
    subjects = descendants(root, "tobject.subject")
    yield "subjects", _keys(subjects, *(f"tobject.subject.{n}" for n in ("detail", "matter", "type", "code")))
    yield "rights", words(child(top, "rights")) or words(child(docdata, "doc.rights"))


def _keys(elements: Any, *names: str) -> list[str]:
    found = (next(filter(None, (attribute(e, name) for name in names)), None) for e in elements)
    return list(dict.fromkeys(filter(None, found)))[:_MOST]
