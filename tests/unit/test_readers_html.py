"""Pages: what they state about themselves, what is their text, and pages made to do harm."""

from __future__ import annotations

import json
import time

import pytest

from index.articles import split_articles
from index.errors import InputError
from index.model import Document
from index.readers import read_bytes

STORY = {
    "@context": "https://schema.org",
    "@type": "ReportageNewsArticle",
    "headline": "Council &amp; Mayor Close Bridge",
    "datePublished": "2015-03-01T10:00:00+01:00",
    "author": [{"@type": "Person", "name": "Ida Moe"}, {"@id": "#tom"}],
    "publisher": {"@type": "Organization", "name": "Halden Post"},
    "mainEntityOfPage": {"@id": "https://example.org/bridge"},
}
TOM = {"@type": "Person", "@id": "#tom", "name": "Tom Alder"}
BODY = """
<article><header><h1>Council & Mayor Close Bridge</h1>
<p>By Ida Moe <time datetime="2014-01-01">1 January</time></p></header>
<p>The council voted on <time datetime="2015-02-23">Monday</time> to close the bridge,
after engineers found cracks in it.</p>
<figure><img src="b.jpg"><figcaption>The bridge in winter.</figcaption></figure>
<h2>What happens next</h2>
<p>Residents said they had warned the council for months, and that nobody had come to look at the bridge.</p>
<blockquote><p>We were told that it was safe, and now we have to walk for an hour.</p></blockquote>
<p>The mayor said that repairs would cost 4 million euros and take until the autumn of next year.</p>
<script>document.write("never text")</script><style>p { color: red }</style><!-- nor this -->
</article><footer>Copyright Halden Post</footer>
"""


def page(head: str = "", body: str = BODY) -> bytes:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode()


def ld(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def only(data: bytes) -> Document:
    (document,) = read_bytes(data, "page.html", "text/html")
    assert isinstance(document, Document), document
    return document


@pytest.mark.parametrize("value", [[STORY, TOM], {"@graph": [{"@type": "WebSite", "name": "x"}, STORY, TOM]}])
def test_jsonld_wins_over_meta_tags(value):
    meta = '<meta property="og:title" content="Other"><meta property="article:published_time" content="2001">'
    facts = only(page(meta + ld(value))).metadata
    assert facts.headline == "Council & Mayor Close Bridge"
    assert facts.published == "2015-03-01T10:00:00+01:00"
    assert facts.author == "Ida Moe, Tom Alder"
    assert facts.publisher == "Halden Post"
    assert facts.url == "https://example.org/bridge"


def test_meta_tags():
    document = only(
        page(
            '<link rel="canonical" href="https://example.org/c">'
            '<meta property="og:title" content="Bridge | Post">'
            '<meta property="og:site_name" content="Post"><meta name="dc.date" content="2015-03-01">'
            '<meta name="author" content="Ida Moe"><meta property="og:url" content="https://example.org/o">'
        )
    )
    facts = document.metadata
    assert (facts.headline, facts.published, facts.author) == ("Bridge", "2015-03-01", "Ida Moe")
    assert document.identity == "url:https://example.org/c"
    assert document.source == "https://example.org/c"


def test_a_date_in_the_head_of_the_article_counts_and_one_in_its_text_does_not():
    assert only(page()).metadata.published == "2014-01-01"
    body = (
        "<article><h1>Bridge Closed</h1><p>"
        + "The council voted. " * 9
        + "</p><time datetime='2015-01-01'>x</time>"
    )
    assert only(page(body=body + "<p>Published March 3, 2015</p></article>")).metadata.published is None


def test_kinds_and_text():
    (article,) = split_articles(only(page(ld([STORY, TOM]))))
    found = [(p.kind, p.text[:22]) for p in article.paragraphs]
    assert found[0] == ("headline", "Council & Mayor Close ")
    assert ("caption", "The bridge in winter.") in found
    assert ("heading", "What happens next") in found
    assert ("quote", "We were told that it w") in found
    assert ("body", "The council voted on M") in found
    assert sum(kind == "headline" for kind, _ in found) == 1
    text = "\n".join(p.text for p in article.paragraphs)
    assert "voted on Monday to close" in text
    assert text.count("Council & Mayor") == 1
    assert not any(word in text for word in ("never text", "color", "nor this", "Copyright"))


def test_escaped_markup_stays_text():
    assert (
        "<script>alert(1)</script>"
        in only(page(body="<p>He wrote &lt;script&gt;alert(1)&lt;/script&gt; there.</p>")).text
    )


def test_article_body_where_the_page_shows_nothing():
    story = STORY | {"articleBody": "The council voted on Monday.\n\nIt was a long night for all of them."}
    assert "a long night" in only(page(ld(story), "<div id=root></div>")).text


def test_a_short_page_by_hand():
    document = only(b"<html><body><h1>Bridge</h1><p>It is closed.</p></body></html>")
    assert document.text == "Bridge\n\nIt is closed."
    assert document.identity.startswith("content:")


def test_a_declared_encoding():
    data = '<html><head><meta charset="windows-1251"></head><body><p>Мост закрыт.</p></body></html>'.encode(
        "cp1251"
    )
    assert "Мост закрыт." in only(data).text


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 10_000 + "Words are here.",
        "<p>" + "<b><i>" * 10_000 + "Words are here.",
        "<p title='" + "x" * 12_000_000 + "'>Words are here.</p>",
        "<p>Words are here.</p>" + "<p>" + "word " * 2_500_000,
        "<p>Words are here.</p>" + "<a href=x><p>" * 20_000,
        "<p>Words are here.</p>" + "<!--" * 20_000,
        "<p>Words are here.</p><table>" + "<tr><td>x" * 5_000,
        "<p>Words are here.</p>" + "<script>" * 5_000,
    ],
    ids=["deep", "deep inline", "attribute", "long", "links", "comments", "table", "scripts"],
)
def test_pages_made_to_do_harm_keep_their_words(body):
    start = time.perf_counter()
    assert "Words are here." in only(page(body=body)).text
    assert time.perf_counter() - start < 10


def test_entities_are_neither_expanded_nor_fetched(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    declared = (
        f'<!DOCTYPE html [<!ENTITY a "haha"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    )
    text = only(f"{declared}<html><body><p>Words are here &b; &x; too.</p></body></html>".encode()).text
    assert "haha" not in text
    assert "secret" not in text


def test_hostile_jsonld_is_passed_over():
    head = f'<script type="application/ld+json">{"[" * 100_000}</script>'
    assert only(page(head)).metadata.headline == "Council & Mayor Close Bridge"


def test_nothing_to_read():
    (error,) = read_bytes(b"<html><head><meta http-equiv=refresh content='0;url=x'></head></html>", "r.html")
    assert isinstance(error, InputError)
    assert "no text" in error.reason
