"""Feeds as their readers see them: feedparser for Atom and RSS, the specification's rules for JSON Feed."""

import json
from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from api.feeds import MEDIA_TYPES, NEVER, Entry, Feed, feed, stable_urn

SEEN = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
HOSTILE = "</title>]]> & <b>\"'\x00\x0b\ufffe\ud800 “quotes” 🗞 \x85\u2028"
HEAD = Feed(
    title=HOSTILE,
    self_url="https://dateline.example/search.atom?q=<a&b>&x=é",
    page_url="https://dateline.example/?q=dam",
    updated=SEEN,
    id=stable_urn("search", "q=dam"),
    next="https://dateline.example/search.atom?q=dam&cursor=abc",
    total=7,
)


def entry(n=0, **more):
    told = {
        "id": stable_urn("article", f"a{n}"),
        "url": f"https://dateline.example/articles/a{n}?q=dam&x=1",
        "title": f"The dam {n}",
        "summary_html": "The <mark>dam</mark> &amp; more",
        "text": "The dam & more\n\nA second paragraph",
        "published": SEEN,
        "updated": SEEN,
        "authors": ("Anna Berg",),
    }
    return Entry(**(told | more))


def written(kind, head=HEAD, entries=()):
    return b"".join(feed(kind, head, iter(entries)))


def parsed(kind, **more):
    found = feedparser.parse(written(kind, **more), response_headers={"content-type": MEDIA_TYPES[kind]})
    assert not found.bozo, found.get("bozo_exception")
    return found


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_feedparser_reads_it_back_with_nothing_flagged(kind):
    found = parsed(kind, entries=[entry(0, updated=SEEN + timedelta(hours=2)), entry(1)])
    assert found.version == {"atom": "atom10", "rss": "rss20"}[kind]
    assert found.feed.title.startswith("</title>]]>")
    assert found.feed.link == HEAD.page_url
    assert {link.href for link in found.feed.links if link.rel == "next"} == {HEAD.next}
    (own,) = {link.href for link in found.feed.links if link.rel == "self"}
    assert own == "https://dateline.example/search.atom?q=%3Ca&b%3E&x=%C3%A9"
    assert found.feed.opensearch_totalresults == "7"
    first, second = found.entries
    assert (first.id, first.link, first.title) == (entry().id, entry().url, "The dam 0")
    assert first.published_parsed[:5] == (2026, 3, 1, 9, 30)
    assert first.updated_parsed[:5] == (2026, 3, 1, 11, 30)
    assert first.author == "Anna Berg"
    assert first.summary == "The dam &amp; more"  # feedparser takes marks away
    assert "A second paragraph" in first.content[0].value
    assert second.id != first.id


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_a_feed_without_entries_is_one(kind):
    found = parsed(kind, head=Feed("Nothing", "https://x.example/f", "https://x.example/", NEVER, "urn:x:y"))
    assert found.entries == []
    assert not [link for link in found.feed.links if link.rel == "next"]


@pytest.mark.parametrize("kind", ["atom", "rss"])
@settings(max_examples=60, deadline=None)
@given(st.text(st.characters()), st.text(st.characters()), st.text(st.characters()))
def test_whatever_a_text_holds_the_document_is_whole_xml(kind, title, text, author):
    made = entry(
        title=title, text=text, summary_html=f"<p>{text}</p>", authors=(author,), url=f"https://x/{text}"
    )
    tree = etree.fromstring(written(kind, entries=[made, entry(1)]))
    assert len(tree.xpath("//*[local-name()='entry' or local-name()='item']")) == 2


def test_atom_is_valid_by_rfc_4287():
    atom = "{http://www.w3.org/2005/Atom}"
    tree = etree.fromstring(written("atom", entries=[entry(), entry(1, authors=(), published=None)]))
    for node in (tree, *tree.findall(f"{atom}entry")):
        for name in ("id", "title", "updated"):
            assert len(node.findall(atom + name)) == 1
        assert all(link.get("href") for link in node.findall(f"{atom}link"))
    assert tree.findall(f"{atom}author")  # so that an entry may have none
    assert tree.xpath("string(//*[local-name()='updated'])") == "2026-03-01T09:30:00Z"


def test_json_feed_by_its_specification():
    told = json.loads(
        written("json", entries=[entry(more={"_dateline": {"kind": HOSTILE}}), entry(1, authors=())])
    )
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert isinstance(told["title"], str)
    assert (told["next_url"], told["home_page_url"]) == (HEAD.next, HEAD.page_url)
    assert len({item["id"] for item in told["items"]}) == 2
    for item in told["items"]:
        assert isinstance(item["id"], str)
        assert item["content_text"] or item["content_html"]
        assert datetime.fromisoformat(item["date_published"]) == SEEN
        assert item.get("authors", [{"name": "x"}])  # an empty list is none
    assert json.loads(written("json"))["items"] == []


def test_a_piece_is_written_an_entry():
    taken = []

    def entries():
        for n in range(3):
            taken.append(n)
            yield entry(n)

    pieces = feed("atom", HEAD, entries())
    next(pieces)
    assert taken == []
    next(pieces)
    assert taken == [0]


def test_ids_rest_on_names_alone():
    assert stable_urn("article", "a") == stable_urn("article", "a") != stable_urn("paragraph", "a")
    assert stable_urn("article", "a").startswith("urn:uuid:")
