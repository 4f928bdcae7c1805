"""What a NewsML-G2 item says beside its text: version, status, times, makers, and who and where it is about.

By NewsML-G2 2.35: `itemMeta` (itemClass, provider, versionCreated, firstCreated, embargoed, pubStatus),
`contentMeta` (contentCreated, located, creator, by, headline, dateline, subject, description), `assert`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from index.model import EntityKind, GivenName, Lifecycle, Status
from index.readers.laying import given_name
from index.readers.moments import embargo_time, iso_time, later, version_number
from index.readers.xmltree import Element, attribute, child, children, descendants, local, words

_KINDS: dict[str, EntityKind] = {
    "person": "person",
    "organisation": "org",
    "organization": "org",
    "geoarea": "place",
    "poi": "place",
    "city": "place",
    "country": "place",
    "statprov": "place",
    "region": "place",
    "worldregion": "place",
    "facility": "place",
}
_STATUS: dict[str, Status] = {"usable": "usable", "withheld": "withheld", "canceled": "canceled"}
_SHOWS = ("picture", "video", "audio", "graphic", "animation")
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_MOST = 500


@dataclass(frozen=True, slots=True)
class About:
    """What is told of an item.

    Attributes:
        lifecycle: its version, status and embargo.
        headline: on one line, or None.
        published: ISO 8601, or None.
        author: its creators that are people or desks, or None.
        publisher: its provider's name, or None.
        url: where readers find it, or None.
        shows: `picture`, `video` and so on where it is no text, else None.
        names: that it is about, and where it is from.
        descriptions: captions and summaries, each on one line.
        extra: what else is told.
    """

    lifecycle: Lifecycle
    headline: str | None
    published: str | None
    author: str | None
    publisher: str | None
    url: str | None
    shows: str | None
    names: tuple[GivenName | None, ...]
    descriptions: tuple[str, ...]
    extra: dict[str, Any]


def read_about(item: Element) -> About:
    """Read all of it from a `newsItem`."""
    own, content = child(item, "itemMeta"), child(item, "contentMeta")
    lifecycle = _lifecycle(item, own)
    kind = _code(child(own, "itemClass"))
    created = _time(own, "firstCreated") or _time(content, "contentCreated") or _time(own, "versionCreated")
    return About(
        lifecycle=lifecycle,
        headline=words(child(content, "headline")) or words(child(own, "title")),
        published=later(created, lifecycle.embargo),
        author=_makers(content),
        publisher=_party(child(own, "provider")) or _named(child(item, "rightsInfo", "copyrightHolder")),
        url=_page(own),
        shows=kind if kind in _SHOWS else None,
        names=tuple(_names(item, content)),
        descriptions=tuple(dict.fromkeys(_descriptions(content))),
        extra={name: value for name, value in _extra(item, own, content) if value},
    )


def _time(element: Element | None, name: str) -> str | None:
    return iso_time(words(child(element, name)))


def _lifecycle(item: Element, own: Element | None) -> Lifecycle:
    """`embargoed` without a time means: until told otherwise (NewsML-G2 guidelines, 7.5)."""
    status: Status = _STATUS.get(_code(child(own, "pubStatus")) or "", "usable")
    waits = child(own, "embargoed")
    embargo = embargo_time(words(waits))
    if waits is not None and embargo is None and status == "usable":
        status = "withheld"
    return Lifecycle(version_number(attribute(item, "version")), status, embargo)


def _code(element: Element | None) -> str | None:
    """The end of a code or of an address: `usable` of `stat:usable` and `.../pubstatusg2/usable`."""
    value = attribute(element, "qcode") or attribute(element, "uri")
    return value.replace("/", ":").rpartition(":")[2].lower() if value else None


def _named(element: Element | None) -> str | None:
    """A thing's name, in the item's language where it has several."""
    if element is None:
        return None
    names = list(children(element, "name"))
    if not names:
        return None
    wanted = next((e.get(_LANG) for e in element.iterancestors() if e.get(_LANG)), "") or ""
    mine = (n for n in names if (n.get(_LANG) or wanted)[:2].lower() == wanted[:2].lower())
    return words(next(mine, names[0]))


def _party(element: Element | None) -> str | None:
    code = attribute(element, "literal") or attribute(element, "qcode") or attribute(element, "uri") or ""
    # Of an address its site, of a code its end.
    site = code.partition("://")[2].partition("/")[0] or code.rpartition(":")[2]
    return _named(element) or site.removeprefix("www.") or None


def _makers(content: Element | None) -> str | None:
    by = words(child(content, "by"))
    if by:
        return by[3:] if by.lower().startswith("by ") else by
    made = [_named(maker) for maker in _all(content, "creator")]
    return ", ".join(dict.fromkeys(filter(None, made))) or None


def _page(own: Element | None) -> str | None:
    """The item as a page, where a link says so; what it is made of and goes with is elsewhere."""
    for link in children(own, "link") if own is not None else ():
        href = attribute(link, "href") or ""
        kind = _code_of_rel(link)
        if kind == "hascontent" and href.startswith(("http://", "https://")):
            return href[:2000]
    return None


def _code_of_rel(link: Element) -> str:
    return (attribute(link, "rel") or "").rpartition(":")[2].lower()


def _names(item: Element, content: Element | None) -> Iterator[GivenName | None]:
    known = {_id(told): _named(told) for told in children(item, "assert") if _id(told)}
    for subject in _all(content, "subject"):
        kind = _KINDS.get((attribute(subject, "type") or "").rpartition(":")[2].lower())
        if kind:
            yield given_name(kind, _named(subject) or known.get(_id(subject)), _id(subject))
        if kind == "place":
            yield from _broader(subject, known)
    for place in _all(content, "located"):
        yield given_name("place", _named(place) or known.get(_id(place)), _id(place))
        yield from _broader(place, known)


def _broader(place: Element, known: dict[str | None, str | None]) -> Iterator[GivenName | None]:
    for wider in children(place, "broader"):
        yield given_name("place", _named(wider) or known.get(_id(wider)), _id(wider))


def _id(element: Element) -> str | None:
    return attribute(element, "qcode") or attribute(element, "uri") or attribute(element, "literal")


def _descriptions(content: Element | None) -> Iterator[str]:
    """Captions and summaries; a list of shots or of rights is neither."""
    for text in _all(content, "description"):
        role = (attribute(text, "role") or "").rpartition(":")[2].lower()
        told = words(text)
        if told and role not in ("shotlist", "rights", "restrictions"):
            yield told


def _extra(item: Element, own: Element | None, content: Element | None) -> Iterator[tuple[str, Any]]:
    yield "uri", attribute(item, "guid")
    yield "byline", words(child(content, "by"))
    yield "dateline", words(child(content, "dateline"))
    yield "type", _code(child(own, "itemClass"))
    yield "note", words(child(own, "edNote"))
    yield "slugline", words(child(content, "slugline"))
    yield "urgency", words(child(content, "urgency"))
    yield "language", attribute(child(content, "language"), "tag") or item.get(_LANG)
    yield "credit", words(child(content, "creditline"))
    yield "versioncreated", _time(own, "versionCreated")
    yield "copyright", words(child(item, "rightsInfo", "copyrightNotice"))
    yield "usage", words(child(item, "rightsInfo", "usageTerms"))
    for name, element in (("subjects", "subject"), ("keywords", "keyword"), ("genres", "genre")):
        found = [words(e) if local(e) == "keyword" else _named(e) for e in _all(content, element)]
        yield name, list(dict.fromkeys(filter(None, found)))[:_MOST]
    yield "signals", [_code(s) for s in descendants(own, "signal")] if own is not None else []


def _all(content: Element | None, name: str) -> list[Element]:
    return list(islice(children(content, name), _MOST)) if content is not None else []
