"""Wire formats: ninjs of all generations, NITF, NewsML-G2, and what in them is hostile."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import InputError, UnsupportedInputError
from index.model import Document, GivenMark, GivenName, Lifecycle
from index.readers import read_bytes
from index.readers.laying import Line
from index.readers.moments import embargo_time, iso_time, later, timex

LEAD = "The minister of water, Dr. Grace Okafor, met the Northern Rivers Commission on Tuesday — a first."
DATA = Path(__file__).parents[1] / "data" / "formats"


def read(data, media_type=None):
    return list(read_bytes(data if isinstance(data, bytes) else data.encode(), "post", media_type))


def only(data, media_type=None):
    (document,) = read(data, media_type)
    assert isinstance(document, Document), document
    return document


def paragraphs(document):
    return [(b.kind, document.text[b.start : b.end]) for b in document.blocks]


def marked(document):
    return [(document.text[m.start : m.end], m.kind, m.name, m.id, m.value) for m in document.given.marks]


# NITF


@pytest.fixture(scope="module")
def story():
    return only((DATA / "story.nitf").read_bytes())


def test_a_nitf_story_is_read_paragraph_by_paragraph(story):
    assert story.format == "nitf"
    assert paragraphs(story) == [
        ("headline", "Talks on the dam begin in Kasara"),
        ("heading", "Minister says work may stop"),
        ("body", LEAD),
        ("caption", "The dam at Kasara in autumn."),
        ("body", "NRC engineers said that Okafor had asked Washington to come. Mr. Washington agreed."),
        ("quote", "Nothing is decided, and nothing will be."),
        ("quote", "Grace Okafor"),
        ("heading", "What comes next"),
        ("body", "A vote in the council"),
        ("body", "A second meeting"),
        ("body", "Tom Alder contributed to this report."),
    ]  # fmt: skip


def test_what_a_nitf_story_marks_are_spans_of_its_text(story):
    assert marked(story) == [
        ("Kasara", "place", None, None, None),
        ("Grace Okafor", "person", "Grace Okafor", "staff:p7", None),
        ("the Northern Rivers Commission", "org", None, "codes:o1", None),
        ("on Tuesday", "date", None, None, "2014-03-11"),
        ("Kasara", "place", None, "geo:kas", None),
        ("autumn", "date", None, None, "2013-09"),
        ("Washington", "person", None, "staff:p9", None),
    ]
    assert story.given.names == (
        GivenName("person", "Okafor, Grace N.", "staff:p7"),
        GivenName("org", "Northern Rivers Commission", "codes:o1"),
        GivenName("place", "Kasara"),
        GivenName("place", "KASARA, Norland"),
    )


def test_what_a_nitf_story_says_of_itself(story):
    assert story.identity == "id:dam-talks-0042"
    assert story.lifecycle == Lifecycle(3, "usable", "2014-03-11T18:00:00-05:00")
    told = story.metadata
    assert (told.headline, told.author, told.publisher) == (
        "Talks on the dam begin in Kasara", "Ida Moe", "The Example Wire",
    )  # fmt: skip
    assert told.published == "2014-03-11T18:00:00-05:00"  # its release: nobody has read it before
    assert told.extra["byline"] == "By Ida Moe, Wire correspondent"
    assert told.extra["dateline"] == "KASARA, Norland, March 11"
    assert told.extra["keywords"] == ["dam", "water"]
    assert told.extra["note"] == "Adds the minister's answer"
    assert {"kind": "org", "name": "Northern Rivers Commission", "id": "codes:o1"} in told.extra["names"]


def nitf(docdata="", body="<p>A story of some words.</p>", attributes=""):
    return (
        f"<nitf><head><docdata {attributes}>{docdata}</docdata></head>"
        f"<body><body.content>{body}</body.content></body></nitf>"
    )


@pytest.mark.parametrize(
    ("attributes", "docdata", "status", "embargo"),
    [
        ("", "", "usable", None),
        ('management-status="withheld"', "", "withheld", None),
        ('management-status="canceled"', "", "canceled", None),
        ('management-status="embargoed"', "", "withheld", None),
        ('management-status="embargoed"', '<date.release norm="20300101T060000Z"/>', "usable",
         "2030-01-01T06:00:00+00:00"),
        ("", '<date.release norm="20300101"/>', "usable", "2030-01-01T00:00:00+00:00"),
        ('management-status="odd"', '<date.release norm="soon"/>', "usable", None),
    ],
)  # fmt: skip
def test_a_nitf_storys_status(attributes, docdata, status, embargo):
    lifecycle = only(nitf(docdata, attributes=attributes)).lifecycle
    assert (lifecycle.status, lifecycle.embargo) == (status, embargo)


def test_a_nitf_story_can_take_another_back():
    attributes = 'management-doc-idref="old-1" management-idref-status="canceled"'
    story, other = read(nitf('<doc-id id-string="new-1"/>', attributes=attributes))
    assert (story.identity, story.lifecycle.status) == ("id:new-1", "usable")
    assert (other.identity, other.lifecycle.status, other.text, other.blocks) == (
        "id:old-1",
        "canceled",
        "",
        (),
    )


def test_a_canceled_story_needs_no_text():
    document = only(nitf('<doc-id id-string="x"/>', "", 'management-status="canceled"'))
    assert (document.text, document.blocks, document.lifecycle.status) == ("", (), "canceled")
    (error,) = read(nitf(body=""))
    assert isinstance(error, UnsupportedInputError)
    assert "without text" in error.reason


def test_marks_inside_others_tables_and_breaks():
    body = (
        "<p>  <org>Bank of <location>Norland</location></org>\n said<br/>so.</p>"
        "<table><tr><td>North</td><td>3</td></tr><tr><td>South</td><td>4</td></tr></table>"
        "<person><p>Across</p><p>paragraphs</p></person>"
    )
    document = only(nitf(body=body))
    assert paragraphs(document) == [
        ("body", "Bank of Norland said\nso."), ("body", "North | 3"), ("body", "South | 4"),
        ("body", "Across"), ("body", "paragraphs"),
    ]  # fmt: skip
    assert [m[0] for m in marked(document)] == ["Norland", "Bank of Norland"]


def test_a_place_is_marked_part_by_part():
    body = (
        "<p><location>Oslo, Norway</location> and "
        '<location><city city-code="PAR">Paris</city>, <country iso-cc="FR">France</country></location></p>'
    )
    assert [(m[0], m[3]) for m in marked(only(nitf(body=body)))] == [
        ("Oslo", None), ("Paris", "PAR"), ("France", "FR"),
    ]  # fmt: skip


# NewsML-G2


@pytest.fixture(scope="module")
def message():
    return read((DATA / "message.newsml.xml").read_bytes())


def test_a_message_gives_each_of_its_items_or_says_why_not(message):
    told = [o.identity if isinstance(o, Document) else f"{o.source} {o.reason}" for o in message]
    assert told == [
        "post[1] a package: it lists other items and holds no text of its own (urn:wire.example:package:1)",
        "id:urn:wire.example:dam",
        "id:urn:wire.example:nitf",
        "id:urn:wire.example:plain",
        "id:urn:wire.example:photo",
        "post[6] a picture that lies elsewhere, without a caption of 5 words",
        "id:urn:wire.example:gone",
        "id:urn:wire.example:held",
    ]


def test_xhtml_in_an_item(message):
    item = message[1]
    assert paragraphs(item) == [
        ("headline", "Council approves the dam"),
        ("body", "The council of Kasara approved the dam on Monday."),
        ("quote", "It was time, Okafor said."),
        ("heading", "What comes next"),
        ("body", "The Northern Rivers Commission builds & pays."),
    ]
    assert item.lifecycle == Lifecycle(11, "usable", "2016-10-19T15:00:00+00:00")
    assert item.metadata.published == "2016-10-19T15:00:00+00:00"
    assert (item.metadata.author, item.metadata.publisher) == ("Ida Moe", "The Example Wire")
    assert item.metadata.url == item.source == "https://wire.example/dam"
    assert item.given.names == (
        GivenName("person", "Grace Okafor", "pers:7"),
        GivenName("org", "Northern Rivers Commission", "org:1"),
        GivenName("place", "Kasara, Norland", "city:kas"),
        GivenName("place", "Norland", "cntry:nor"),
    )
    assert item.metadata.extra["subjects"] == ["Grace Okafor", "central bank"]


def test_nitf_in_an_item_has_the_items_headline_and_its_own_marks(message):
    item = message[2]
    assert paragraphs(item)[0] == ("headline", "A bridge closes")
    assert [m[0] for m in marked(item)] == ["Port Ada", "on Wednesday"]
    assert item.metadata.published == "2016-10-20T08:00:00+00:00"


def test_plain_text_captions_and_status_of_items(message):
    assert [text for _, text in paragraphs(message[3])] == [
        "First paragraph of the story.", "Second paragraph of the story.",
    ]  # fmt: skip
    assert paragraphs(message[4])[1] == ("caption", "The dam at Kasara on a quiet evening.")
    assert (message[6].lifecycle, message[6].text) == (Lifecycle(4, "canceled"), "")
    assert message[7].lifecycle.status == "withheld"  # embargoed until told otherwise


@pytest.mark.parametrize(
    ("root", "why"),
    [
        ("conceptItem", "a concept"), ("knowledgeItem", "a list of concepts"), ("planningItem", "a plan"),
        ("catalogItem", "a catalogue"), ("groupSet", "a piece of a package"), ("newsItem", "no text"),
    ],
)  # fmt: skip
def test_items_that_are_no_article_are_refused_by_what_they_are(root, why):
    (error,) = read(f'<{root} xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:x"><itemMeta/></{root}>')
    assert isinstance(error, UnsupportedInputError)
    assert why in error.reason


def test_other_xml_is_refused_by_its_root():
    for data, why in (
        ("<?xml version='1.0'?><invoice/>", "its root is <invoice>"),
        ("<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'/>", "an XML schema"),
        ("\n<NewsML Version='1.2'/>", "NewsML 1"),
        ("<?xml version='1.0'?>", "it begins with no element"),
    ):
        (error,) = read(data)
        assert isinstance(error, UnsupportedInputError)
        assert why in error.reason


# ninjs


@pytest.fixture(scope="module")
def items():
    return read((DATA / "items.ninjs.jsonl").read_bytes(), "application/x-ndjson")


def test_ninjs_of_each_generation(items):
    one, two, three, photo, bare, gone, odd = items
    assert paragraphs(one) == [
        ("headline", "Captain on trial in Port Ada"),
        ("body", "PORT ADA (EX) -- The trial of Victor Danso began on Tuesday."),
        ("body", "Danso made no comment."),
        ("caption", "The ship lies on its side off the island."),
    ]
    assert (one.identity, one.lifecycle) == ("id:urn:wire.example:one", Lifecycle(2))
    assert (one.metadata.author, one.metadata.published) == ("Ida Moe", "2013-07-09T10:37:00+00:00")
    assert one.given.names == (
        GivenName("person", "Victor Danso", "http://codes.example/person/0h"),
        GivenName("place", "Port Ada"),
        GivenName("place", "Port Ada, Norland"),
    )
    assert paragraphs(two) == [
        ("headline", "A tower for the harbour"),
        ("body", "A tower."),
        ("body", "Two."),
    ]
    assert (two.lifecycle, two.metadata.publisher) == (Lifecycle(3, "withheld"), "The Example Wire")
    assert two.given.names[0] == GivenName("person", "Daniel Reyes", "p-1")
    assert two.metadata.extra["urgency"] == 4
    assert paragraphs(three) == [("headline", "A bold plan"), ("body", "Ms Walsh spoke yesterday.")]
    assert [m[0] for m in marked(three)] == ["Ms Walsh", "yesterday"]
    assert three.lifecycle.embargo == "2019-08-10T06:00:00+02:00"
    assert three.metadata.published == "2019-08-10T06:00:00+02:00"
    assert three.metadata.url == three.source == "https://wire.example/three"
    assert paragraphs(photo)[1] == ("caption", "The harbour of Port Ada at dawn on Monday.")
    assert (bare.source, bare.reason) == ("post:5", "a ninjs picture without a description of 5 words")
    assert (gone.lifecycle, gone.text) == (Lifecycle(5, "canceled"), "")
    assert (odd.source, odd.reason) == ("post:7", '"uri" of a ninjs item is no string')


def test_ninjs_alone_in_an_array_and_by_its_media_type():
    item = json.loads((DATA / "items.ninjs.jsonl").read_text("utf-8").splitlines()[0])
    assert only(json.dumps(item, indent=2)).format == "ninjs"
    assert [d.format for d in read(json.dumps([item, item]))] == ["ninjs", "ninjs"]
    assert only(json.dumps(item), "application/ninjs+json").format == "ninjs"


def test_a_record_of_ours_is_no_ninjs():
    record = {"id": "1", "uri": "urn:x", "headline": "H", "text": "Some text.", "versioncreated": "2014"}
    assert only(json.dumps(record)).format == "jsonlines"
    (error,) = read(json.dumps({"$schema": "https://x", "properties": {}}))
    assert error.reason == "a JSON schema, no article"


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ({"uri": "a:b", "bodies": 3}, '"bodies" of a ninjs item is no array'),
        ({"uri": "a:b", "headlines": [{"value": "x"}]}, "neither a body nor a description"),
        ({"uri": "a:b", "bodies": [{"value": "x"}], "by": 3}, '"by" of a ninjs item is no string'),
        ({"uri": "a:b", "type": "video", "descriptions": []}, "a ninjs video without a description"),
    ],
)
def test_what_is_wrong_with_an_item_is_named(item, why):
    (error,) = read(json.dumps(item))
    assert isinstance(error, InputError)
    assert why in error.reason


# Hostile


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b'<!DOCTYPE nitf [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]><nitf>&b;</nitf>', "entities"),
        (b"<!DOCTYPE nitf SYSTEM 'x' [<!ENTITY % e SYSTEM 'file:///etc/passwd'>]><nitf/>", "entities"),
        (b"<nitf>" + b"<block>" * 100 + b"</block>" * 100 + b"</nitf>", "deeper than 64"),
        (b"<nitf>" + b"<block>" * 100_000, "not well formed"),
        (b"<nitf>" + b"<p/>" * 200_000 + b"</nitf>", "more than 150,000"),
        (b'<nitf a="' + b"x" * 12_000_000 + b'"/>', "not well formed"),
        (b"<nitf><body>", "not well formed, near line 1"),
        (b"<nitf>\n\n<body></p>", "near line 3"),
        (b"<nitf>" + b"x" * (17 * 1024 * 1024), "larger than 16 MB"),
        (b"<newsItem><contentSet>" + b"<![CDATA[" * 1000, "not well formed"),
    ],
)  # fmt: skip
def test_hostile_xml_is_refused(data, why):
    (error,) = read(data)
    assert isinstance(error, InputError)
    assert why in error.reason
    assert len(error.reason) < 400


def test_an_external_document_type_is_never_looked_at_and_names_of_characters_are_known():
    head = '<?xml version="1.0"?><!-- x --><!DOCTYPE nitf PUBLIC "-//IPTC//DTD NITF 3.6//EN" "file:///etc/passwd">'
    body = nitf(
        body="<p>Caf&eacute; &mdash; AT&amp;T &lt;b&gt; &unknown; &xxe;</p><p><![CDATA[a &eacute; <b>]]></p>"
    )
    assert [text for _, text in paragraphs(only(head + body))] == [
        "Café — AT&T <b> &unknown; &xxe;", "a &eacute; <b>",
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_encodings_of_xml(encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?>{nitf(body="<p>Björn från Gävle såg älgen.</p>")}'
    assert only(text.encode(encoding)).text == "Björn från Gävle såg älgen."


def test_what_reads_as_utf8_is_utf8_whatever_it_declares():
    text = f'<?xml version="1.0" encoding="ISO-8859-1"?>{nitf(body="<p>Björn från Gävle.</p>")}'
    assert only(text.encode()).text == "Björn från Gävle."


def test_html_of_a_hundred_thousand_attributes_costs_the_attributes_alone():
    tag = f"<p {' '.join(f'a{n}=x' for n in range(100_000))}>Two words.</p><p>Three more words.</p>"
    item = json.dumps({"uri": "a:b", "bodies": [{"contentType": "text/html", "value": tag}]})
    assert [text for _, text in paragraphs(only(item))] == ["Two words.", "Three more words."]


# Times and spans


@pytest.mark.parametrize(
    ("norm", "iso", "value"),
    [
        ("20140311T233000-0500", "2014-03-11T23:30:00-05:00", "2014-03-11T23:30"),
        ("20140311000000-0500", "2014-03-11T00:00:00-05:00", "2014-03-11"),
        ("20080219+0100", "2008-02-19", "2008-02-19"),
        ("20140311", "2014-03-11", "2014-03-11"),
        ("2014-03-11T23:30:00.25Z", "2014-03-11T23:30:00+00:00", "2014-03-11T23:30"),
        ("201403", "201403", "2014-03"),
        ("2014", "2014", "2014"),
        ("P3D", "P3D", "P3D"),
        ("2013-FA", "2013-FA", "2013-FA"),
        ("", None, None),
    ],
)
def test_senders_times(norm, iso, value):
    assert (iso_time(norm), timex(norm)) == (iso, value)


def test_embargoes_have_a_zone_and_the_later_time_counts():
    assert embargo_time("2014-03-11") == "2014-03-11T00:00:00+00:00"
    assert embargo_time("20141399") is None
    assert later("2014-03-11T23:00:00-05:00", "2014-03-12T01:00:00+00:00") == "2014-03-11T23:00:00-05:00"
    assert later("2014-03-11", "2014-03-12T01:00:00+00:00") == "2014-03-12T01:00:00+00:00"
    assert later(None, "x") == "x"


@settings(max_examples=200)
@given(st.lists(st.tuples(st.text(alphabet="ab \n\t\u00a0é", max_size=6), st.booleans()), max_size=8))
def test_marks_keep_their_words_whatever_the_space_around_them(parts):
    line, wanted = Line(), []
    for text, marks in parts:
        start = line.length
        line.add(text)
        if marks:
            line.marks.append(GivenMark(start, line.length, "person"))
            wanted += [" ".join(text.split())] if text.split() else []
    piece = line.piece("body")
    raw = "".join(text for text, _ in parts)
    assert (piece.text if piece else "") == " ".join(raw.split())
    assert [piece.text[m.start : m.end] for m in piece.marks] == wanted if piece else not wanted
