"""Bytes → documents: text, JSON lines, encodings, gzip; what is refused, and how it is told."""

from __future__ import annotations

import gzip
import io
import json

import pytest

from index.articles import split_articles
from index.errors import InputError, UnsupportedInputError
from index.model import Document
from index.readers import READERS, allowance, base, read_bytes, read_stream
from index.readers.base import Source


def read(data: bytes, media_type: str | None = None) -> list[Document | InputError]:
    return list(read_bytes(data, "post", media_type))


def only(data: bytes, media_type: str | None = None) -> Document:
    (document,) = read(data, media_type)
    assert isinstance(document, Document), document
    return document


def lines(*records: object) -> bytes:
    return "\n".join(json.dumps(record) for record in records).encode()


def named(name: str, data: bytes) -> list[Document | InputError]:
    suffix = "." + name.rsplit(".", 1)[-1]
    return list(read_stream(io.BytesIO(data), Source(name, suffix=suffix)))


def test_formats_are_told_apart_by_looking():
    assert only(b"Just some text.").format == "text"
    assert only(b'{"text": "x"}').format == "jsonlines"
    assert only(b"<!DOCTYPE html><html><body><p>Some text is here.</p></body></html>").format == "html"
    assert len({reader.name for reader in READERS}) == len(READERS)


def test_a_media_type_wins_and_brings_its_charset():
    assert only(b'{"text": "x"}', "text/plain").format == "jsonlines"
    assert only("Später".encode("latin-1"), 'text/plain; charset="ISO-8859-1"').text == "Später"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"%!PS-Adobe x", "PostScript"),
        (b"\x89PNG\r\n", "image"),
        (b"text\0more", "NUL"),
        (bytes(range(1, 32)) * 9, "control"),
        (b"<?xml version='1.0'?><unknown/>", "XML"),
        (b"<?xml version='1.0'?><rss/>", "a feed without entries"),
        (b"<html><body><script>x()</script></body></html>", "no text"),
    ],
)
def test_what_holds_no_text_is_named(data, why):
    (error,) = read(data)
    assert isinstance(error, UnsupportedInputError)
    assert error.source == "post"
    assert why in error.reason


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "cp1251"]
)
def test_encodings(encoding):
    russian = "Министр приехал в Москву и долго говорил с послом о новом договоре. "
    text = russian * 3 if encoding == "cp1251" else "Die Größe des Landes überraschte ihn später sehr. " * 3
    assert only(text.encode(encoding)).text == text


@pytest.mark.parametrize("bad", [b"\xff", b"\xc3 ", b"\xe2\x82", b"\x80\xfe"])
def test_broken_utf8_costs_the_bytes_and_not_the_file(bad):
    text = only("Café — the text ".encode() + bad + b" stays.").text
    assert text.startswith("Café — the text \ufffd")
    assert text.endswith(" stays.")


def test_a_record_with_a_text():
    record = {
        "id": "a1",
        "headline": "Bridge Closed",
        "published": "2015-03-01",
        "author": ["Ida Moe", "Tom Alder"],
    }
    record |= {"publisher": "Post", "url": "https://example.org/1", "text": "One.\n\nTwo.", "section": "Town"}
    document = only(lines(record))
    assert document.identity == "id:a1"
    assert document.source == "https://example.org/1"
    assert document.metadata.author == "Ida Moe, Tom Alder"
    assert document.metadata.published == "2015-03-01"
    assert document.metadata.extra == {"section": "Town"}
    (article,) = split_articles(document)
    assert [(p.kind, p.text) for p in article.paragraphs] == [
        ("headline", "Bridge Closed"),
        ("body", "One."),
        ("body", "Two."),
    ]


def test_aliases_and_paragraphs_that_repeat_the_headline():
    record = {
        "title": "The Bridge Is Closed",
        "date": "2015",
        "paragraphs": ["The bridge is closed.", " ", "Two."],
    }
    document = only(lines(record))
    assert document.text == "The Bridge Is Closed\n\nTwo."
    assert [block.kind for block in document.blocks or ()] == ["headline", "body"]
    assert document.metadata.published == "2015"


def test_a_record_is_one_article_whatever_its_text():
    text = (
        "One is here.\n\nCouncil Votes to Close Old River Bridge\n\nLONDON (AP) — Two is here, and is long."
    )
    assert len(split_articles(only(lines({"text": text})))) == 1


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"text": 1}', '"text" is a number'),
        (b'{"paragraphs": ["a", null]}', "null as number 2"),
        (b'{"paragraphs": "a"}', '"paragraphs" is a string'),
        (b'{"id": true, "text": "x"}', '"id" is a boolean'),
        (b'{"author": [1], "text": "x"}', '"author" holds a number'),
        (b'{"text": "x", "published": 20150301}', '"published"'),
        (b'{"headline": " "}', "no text"),
        (b"[1, 2]", "a list where an object"),
        (b"3", "a number where an object"),
        (b'{"text": NaN}', "NaN"),
        (b'{"text": "x"', "not JSON"),
        (b'{"a": ' + b"[" * 100_000, "too deeply"),
        (b'{"text": "x", "a": ' + b"[" * 200 + b"]" * 200 + b"}", "deeper than"),
    ],
)
def test_a_bad_line_is_named_and_costs_no_other(line, why):
    first, error, last = named("news.jsonl", b'{"text": "one"}\n' + line + b'\n{"text": "three"}\n')
    assert isinstance(first, Document)
    assert isinstance(last, Document)
    assert isinstance(error, InputError)
    assert error.source == "news.jsonl:2"
    assert why in error.reason


def test_a_line_beyond_the_limit_is_skipped_without_being_held(monkeypatch):
    monkeypatch.setattr(base, "MAX_LINE_BYTES", 1000)
    data = b'{"text": "one"}\n{"text": "' + b"x" * 5_000_000 + b'"}\n\n{"text": "four"}'
    first, error, last = named("news.jsonl", data)
    assert isinstance(first, Document)
    assert isinstance(error, InputError)
    assert error.source == "news.jsonl:2"
    assert isinstance(last, Document)
    assert last.source == "news.jsonl:4"


def test_half_a_surrogate_pair_and_nul_are_replaced():
    assert only(rb'{"text": "a \ud83d b \u0000"}').text == "a \ufffd b \ufffd"
    assert only(rb'{"text": "\ud83d\ude00"}').text == "😀"


def test_a_line_put_in_before_moves_no_identity():
    before = named("n.jsonl", lines({"text": "one"}, {"text": "two"}))
    after = named("n.jsonl", lines({"text": "zero"}, {"text": "one"}, {"text": "two"}))
    assert [d.id for d in before] == [d.id for d in after][1:]


@pytest.mark.parametrize("data", [b'{\n "text":\n "x"\n}', b'[{"text": "x"}]', b'[\n{"text": "x"}\n]\n'])
def test_a_whole_json_file(data):
    assert only(data).text == "x"
    assert only(data, "application/json").text == "x"


def test_an_array_names_its_bad_items():
    document, error = read(b'[{"text": "x"}, 5]', "application/json")
    assert isinstance(document, Document)
    assert isinstance(error, InputError)
    assert error.source == "post[2]"


def test_lines_are_lines_even_when_the_first_is_broken():
    outcomes = read(b'{"text": "x"\n{"text": "two"}\n3\n')
    assert [getattr(o, "source", "") for o in outcomes] == ["post:1", "post:2", "post:3"]


def test_too_large_a_text_is_refused(monkeypatch):
    monkeypatch.setattr(base, "MAX_DOCUMENT_BYTES", 1000)
    (error,) = read(b"word " * 1000)
    assert isinstance(error, InputError)
    assert "larger than" in error.reason


def test_gzip_of_any_format_and_of_several_members():
    assert only(gzip.compress(b"Just some text.")).text == "Just some text."
    packed = gzip.compress(b'{"text": "one"}\n') + gzip.compress(b'{"text": "two"}\n') + b"\0\0"
    assert [d.text for d in read(packed) if isinstance(d, Document)] == ["one", "two"]


def test_damaged_gzip_keeps_what_came_before():
    records = b"".join(b'{"text": "%d %d"}\n' % (n, n * n) for n in range(20_000))
    outcomes = read(gzip.compress(records)[:-500])
    assert isinstance(outcomes[0], Document)
    assert isinstance(outcomes[-1], InputError)
    assert "gzip" in outcomes[-1].reason


def test_a_gzip_bomb_is_refused(monkeypatch):
    monkeypatch.setattr(allowance, "MAX_EXPANSION_GRACE_BYTES", 1_000_000)
    (error,) = read(gzip.compress(b"a" * 20_000_000))
    assert isinstance(error, InputError)
    assert "expands" in error.reason


def test_western_accents_without_a_declared_encoding_are_windows_1252() -> None:
    text = "The mayor, João Pereira, met Åke Nyström and René Dufour at the café — “at last”, he said.\n" * 3
    (document,) = read_bytes(text.encode("cp1252"), "note.txt")
    assert isinstance(document, Document)
    assert "João Pereira" in document.text
    assert "Åke Nyström" in document.text
