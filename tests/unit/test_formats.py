"""Feeds, JSON-LD, tables, Markdown, PDF, Word and archives: what is taken of each, and what is refused."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from index.articles import split_articles
from index.dates import find_publication
from index.errors import InputError, UnsupportedInputError
from index.model import Document, GivenName
from index.readers import READERS, media_types, read_bytes, read_stream
from index.readers.base import Source
from index.readers.properties import sane_author, sane_date, sane_title
from index.readers.sources import open_sources
from tests.makers import docx_of, docx_with, pdf_of, pdf_with, zip_of

FORMATS = Path(__file__).parents[1] / "data" / "formats"


def named(name: str, data: bytes | str) -> list[Document | InputError]:
    data = data.encode() if isinstance(data, str) else data
    return list(read_stream(io.BytesIO(data), Source(name, suffix=Path(name).suffix)))


def only(name: str, data: bytes | str) -> Document:
    (document,) = named(name, data)
    assert isinstance(document, Document), document
    return document


def refused(name: str, data: bytes | str) -> InputError:
    (error,) = named(name, data)
    assert isinstance(error, InputError), error
    return error


def example(name: str) -> list[Document | InputError]:
    return named(name, (FORMATS / name).read_bytes())


def parts(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks or ()]


def test_every_reader_has_a_name_and_a_type_of_its_own():
    assert len({reader.name for reader in READERS}) == len(READERS)
    assert len(media_types()) == sum(len(reader.media_types) for reader in READERS)


# Feeds


def test_rss():
    ferry, dam, nothing = example("feed.rss")
    assert isinstance(ferry, Document)
    assert isinstance(dam, Document)
    assert parts(ferry) == [
        ("headline", "Ferry Sinks Off Ellery & All Are Saved"),
        ("body", "The ferry sank off Ellery in the night."),
        ("quote", "“We heard a bang,” said Tom Alder."),
        ("heading", "What is known"),
        ("body", "Nobody was hurt."),
    ]
    assert ferry.identity == "id:tag:post.example,2016:ferry"
    assert ferry.source == ferry.metadata.url == "https://post.example/2016/ferry"
    assert (ferry.metadata.author, ferry.metadata.publisher) == ("Ida Moe", "The Ellery Post")
    # The day where it was published, not that of Greenwich.
    assert ferry.metadata.published == "2016-05-03T23:30:00-05:00"
    assert str(find_publication(ferry.metadata, None, [], frozenset()).day) == "2016-05-03"
    assert ferry.metadata.extra == {"keywords": ["Harbour", "Accidents"], "language": "en"}
    assert parts(dam)[1] == ("body", "The council of Ellery votes on Thursday.")
    assert dam.identity == "id:https://post.example/#7"
    assert isinstance(nothing, UnsupportedInputError)
    assert (nothing.source, nothing.reason[:18]) == ("feed.rss[3]", "the entry has no t")


def test_atom():
    (salt,) = example("feed.atom")
    assert isinstance(salt, Document)
    assert parts(salt) == [
        ("headline", "Salt < Gold, says mayor"),
        ("body", "Salt costs less than gold."),
        ("body", "The mayor, Helen Walsh, said so."),
    ]
    assert salt.metadata.url == "https://post.example/news/2016/salt.html"
    assert salt.metadata.author == "Ida Moe, Tom Alder"
    assert salt.metadata.published == "2016-05-03T09:15:00+02:00"
    assert salt.metadata.extra["modified"] == "2016-05-04T10:00:00+02:00"


@pytest.mark.parametrize(
    ("site", "link", "found"),
    [
        ("https://e.example/news/", "/dam", "https://e.example/dam"),
        ("/", "2026/dam", "https://feeds.example/2026/dam"),
        ("", "//cdn.example/dam", "https://cdn.example/dam"),
        ("", "javascript:alert(1)", None),
        ("", "http://[dam", None),
    ],
)
def test_a_link_that_is_a_path_is_of_the_feed_s_site_or_of_where_it_was_fetched(site, link, found):
    item = f"<item><title>A Dam</title><link>{link}</link></item>"
    feed = f"<rss><channel><link>{site}</link>{item}</channel></rss>"
    (document,) = read_bytes(feed.encode(), "https://feeds.example/all.xml", "application/rss+xml")
    assert document.metadata.url == found


def test_a_summary_does_not_take_the_place_of_its_page():
    feed = "<rss><channel><item><title>A Dam</title><link>https://e.example/dam</link></item></channel></rss>"
    page = '<html><head><link rel="canonical" href="https://e.example/dam"></head><body><p>Long.</p></body></html>'
    assert only("a.rss", feed).id != only("a.html", page).id


def test_a_feed_that_is_not_well_formed_is_read():
    made = named(
        "a.xml",
        "<rss><channel><item><title>Salt &nbsp; Gold</title><description>One & two.</description><item>",
    )
    assert isinstance(made[0], Document)
    assert parts(made[0])[1] == ("body", "One & two.")


def test_a_feed_reads_no_file_and_no_address(tmp_path):
    secret = tmp_path / "secret.xml"
    secret.write_text("<rss><channel><item><title>Secret</title></item></channel></rss>")
    # feedparser opens whatever a string names.
    for body in (str(secret), secret.as_uri()):
        outcomes = list(read_bytes(body.encode(), "post", "application/rss+xml"))
        assert all(isinstance(outcome, InputError) for outcome in outcomes)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_a_feed_in_its_encoding(encoding):
    item = "<rss><channel><item><title>Später à la carte</title></item></channel></rss>"
    text = f'<?xml version="1.0" encoding="{encoding}"?>{item}'
    assert only("a.xml", text.encode(encoding)).text == "Später à la carte"


def test_other_xml_is_named_as_such():
    for data in (
        "<?xml version='1.0'?><svg/>",
        '<svg xmlns="http://www.w3.org/2000/svg"/>',
        "<!-- a --><!-- b -->",
    ):
        assert "XML of a format" in refused("a.xml", data).reason


# JSON-LD


def test_linked_data():
    dam, gallery = example("article.jsonld")
    assert isinstance(dam, Document)
    assert isinstance(gallery, Document)
    assert dam.identity == "url:https://post.example/dam"
    assert parts(dam) == [
        ("headline", "Council Votes to Close the Dam"),
        ("body", "The council of Ellery voted on Tuesday to close the dam."),
        ("body", "Mayor Walsh was against it."),
    ]
    assert (dam.metadata.author, dam.metadata.publisher) == ("Ida Moe", "The Ellery Post")
    assert dam.metadata.extra["keywords"] == "dam, council"
    assert dam.lifecycle.version == 3
    walsh = GivenName("person", "Helen Walsh", "https://people.example/walsh")
    assert dam.given.names == (walsh, GivenName("place", "Ellery"))
    assert parts(gallery)[1] == ("body", "It was a long night.")


def test_linked_data_within_lines_arrays_and_alone():
    fields = '"@type": "NewsArticle", "headline": "H", "articleBody": "<p>A.</p><p>B.</p>"'
    one = f'{{"@context": "http://schema.org/", {fields}}}'
    assert [text for _, text in parts(only("a.json", one))] == ["H", "A.", "B."]
    made = named("a.jsonl", f'{{"text": "plain"}}\n{one}\n')
    assert [outcome.format for outcome in made if isinstance(outcome, Document)] == ["jsonlines", "jsonld"]
    assert len(named("a.json", f"[{one}, {one}]")) == 2
    person = '{"@context": "https://schema.org", "@type": "Person", "name": "Ida Moe"}'
    assert "without a NewsArticle" in refused("a.json", person).reason
    empty = '{"@context": "https://schema.org", "@type": "NewsArticle"}'
    assert "without text" in refused("a.json", empty).reason


# Tables


@pytest.mark.parametrize(
    ("delimiter", "name"), [(",", "a.csv"), (";", "a.csv"), ("\t", "a.tsv"), ("|", "a.csv")]
)
def test_a_table_is_a_document_a_row(delimiter, name):
    rows = [
        ["id", "Title", "date", "text", "Desk"],
        ["1", '"Salt, Gold; and so on"', "2016-05-03", '"One.\n\nTwo ""x""."', "City"],
        ["2", "Dam", "", "Three.", ""],
    ]
    data = "\r\n".join(delimiter.join(row) for row in rows)
    first, second = named(name, data)
    assert isinstance(first, Document)
    assert isinstance(second, Document)
    assert (first.identity, second.identity) == ("id:1", "id:2")
    assert [text for _, text in parts(first)] == ["Salt, Gold; and so on", "One.", 'Two "x".']
    assert (first.metadata.published, first.metadata.extra) == ("2016-05-03", {"Desk": "City"})
    assert second.source == f"{name}:5"


def test_a_table_is_told_by_looking_and_by_its_type():
    data = b"headline,text\nSalt,Gold.\n"
    for media_type in (None, "text/csv; charset=utf-8", "application/octet-stream", "text/plain"):
        (document,) = read_bytes(data, "post", media_type)
        assert isinstance(document, Document)
        assert document.format == "table"
    (prose,) = read_bytes(b"Salt, gold, and the rest of the headline, said Ida.\nMore text, more.\n", "post")
    assert isinstance(prose, Document)
    assert prose.format == "text"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_spreadsheets_export(encoding):
    data = "sep=;\r\nheadline;text\r\nSpäter;Die Größe überraschte später sehr, sagte René.\r\n"
    assert only("a.csv", data.encode(encoding)).metadata.headline == "Später"


def test_bad_rows_are_named_by_line_and_cost_no_other():
    data = 'headline,text\nA,one\nB,"two" x\nC,three\nD,four,five\n,\nE,"six\n\nF,seven\n'
    made = {outcome.source: outcome for outcome in named("a.csv", data)}
    good = [outcome.metadata.headline for outcome in made.values() if isinstance(outcome, Document)]
    assert good == ["A", "C", "F"]
    assert "not a row" in str(made["a.csv:3"])
    assert "3 cells, where the header has 2" in str(made["a.csv:5"])
    assert isinstance(made["a.csv:7"], InputError)


def test_a_table_of_something_else():
    assert '"name", "price"' in refused("a.csv", "name,price\nsalt,3\n").reason
    assert "without a row" in refused("a.csv", "headline,text\n").reason
    assert "columns" in refused("a.csv", ",".join(["text"] * 5000) + "\n").reason


def test_a_row_put_in_before_moves_no_identity():
    before = named("a.csv", "headline,text\nA,one\nB,two\n")
    after = named("a.csv", "headline,text\nZ,zero\nA,one\nB,two\n")
    assert [d.id for d in before] == [d.id for d in after][1:]


# Markdown


def test_markdown():
    (document,) = example("article.md")
    assert isinstance(document, Document)
    assert parts(document) == [
        ("headline", "Council Votes to Close the Dam"),
        ("body", "The council of Ellery voted on Tuesday to close the dam."),
        ("quote", "“It is a mistake,” said Mayor Helen Walsh."),
        ("heading", "What follows"),
        ("body", "The gates are opened."),
        ("body", "The valley is flooded."),
        ("caption", "The dam at dawn"),
        ("body", "Year | Level"),
        ("body", "2014 | 3 m"),
        ("body", "Markup is read as well."),
    ]
    assert document.identity == "id:dam-1"
    assert document.metadata.author == "Ida Moe, Tom Alder"
    assert document.metadata.published == "2016-05-03"
    assert document.metadata.extra == {"tags": ["dam", "council"], "lead": "A long night in Ellery."}


def test_markdown_without_front_matter():
    document = only("a.md", "# Salt and Gold\n\nOne\nline.\n\n***\n\nTwo.")
    assert parts(document) == [("headline", "Salt and Gold"), ("body", "One line."), ("body", "Two.")]
    # Dashes that are only a line.
    assert [text for _, text in parts(only("a.md", "---\nNot a field\n---\n\nText."))][-1] == "Text."


def test_markdown_with_toml():
    document = only("a.md", '+++\ntitle = "Salt"\ndate = 2016-05-03T10:00:00Z\ndraft = false\n+++\nText.')
    assert (document.metadata.headline, document.metadata.published) == ("Salt", "2016-05-03T10:00:00+00:00")
    assert document.metadata.extra == {"draft": False}


# PDF

BODY = 11


def page(
    number: int, *lines: str, leading: float = 14, start: float = 740
) -> list[tuple[float, float, float, str]]:
    head = (72.0, 800.0, 9.0, f"THE ELLERY POST – Page {number} of 3")
    body = [(72.0, start - leading * n, float(BODY), line) for n, line in enumerate(lines) if line]
    return [head, *body, (300.0, 40.0, 9.0, str(number))]


def test_pdf():
    data = pdf_of(
        [
            [
                (72, 780, 24, "Council Votes to Close the Dam"),
                *page(
                    1,
                    "The council of Ellery voted on Tuesday, May 3, 2016, to close the old dam, which",
                    "engineers had called unsafe for well-known reasons. An extraordi-",
                    "nary session lasted until midnight.",
                    "",
                    "Mayor Helen Walsh was against it, and for her well-",
                    "known reasons said that the town would",
                ),
            ],
            page(
                2,
                "regret it. The valley below the dam is to be flooded in the",
                "spring, and its people are to move before the winter is over.",
            ),
            page(3, "Nobody knows where to."),
        ],
        Title="Microsoft Word - dam final.doc",
        Author="Ida Moe",
        CreationDate="D:20160503101500+02'00'",
    )
    document = only("dam.pdf", data)
    first = (
        "The council of Ellery voted on Tuesday, May 3, 2016, to close the old dam, which engineers had"
        " called unsafe for well-known reasons. An extraordinary session lasted until midnight."
    )
    second = (
        "Mayor Helen Walsh was against it, and for her well-known reasons said that the town would regret"
        " it. The valley below the dam is to be flooded in the spring, and its people are to move before"
        " the winter is over."
    )
    assert parts(document) == [
        ("headline", "Council Votes to Close the Dam"),
        ("body", first),
        ("body", second),
        ("body", "Nobody knows where to."),
    ]
    assert document.metadata.author == "Ida Moe"
    assert document.metadata.published == "2016-05-03T10:15:00+02:00"


def test_a_pdf_of_pictures_says_so():
    error = refused("scan.pdf", pdf_with([b"q 100 0 0 100 0 0 cm /Im1 Do Q"] * 3))
    assert isinstance(error, UnsupportedInputError)
    assert "OCR" in error.reason


def test_an_encrypted_pdf_says_so():
    def locked(password: str) -> bytes:
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf_of([page(1, "The salt is gone.")]))))
        writer.encrypt(password, "owner", algorithm="RC4-128")
        file = io.BytesIO()
        writer.write(file)
        return file.getvalue()

    assert "encrypted" in refused("a.pdf", locked("secret")).reason
    # Locked against changes alone: whoever opens it can read it.
    assert "The salt is gone." in only("a.pdf", locked("")).text


def test_what_is_named_a_pdf_and_is_none():
    assert "not a PDF" in refused("a.pdf", "Just text.").reason
    assert only("a.txt", pdf_of([page(1, "The salt is gone.")])).format == "pdf"


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("Council Votes", True),
        ("untitled", False),
        ("Microsoft Word - a.doc", False),
        ("dam final.docx", False),
        ("Untitled Document 3", False),
        ("x", False),
        ("Document Shows Council Knew", True),
        (None, False),
    ],
)
def test_titles_that_programs_fill_in_are_not_believed(title, kept):
    assert sane_title(title) == (title if kept else None)


def test_dates_and_authors_that_programs_fill_in_are_not_believed():
    assert sane_date("D:20160503101500Z", "On May 3, 2016, it rained.") == "2016-05-03T10:15:00+00:00"
    assert sane_date("D:20200101", "On May 3, 2003, it rained.") is None
    assert sane_date("D:99990101", "In 9999") is None
    assert sane_date("nonsense", "nonsense") is None
    assert sane_author("imoe") is None
    assert sane_author("Microsoft Office User") is None
    assert sane_author(" Ida  Moe ") == "Ida Moe"


# Word


def test_word():
    data = docx_of(
        [
            ("Title", "Council Votes to Close the Dam"),
            ("Normal", "The council of Ellery voted in 2016."),
            ("Normal", ""),
            ("Heading 1", "What follows"),
            ("Quote", "“It is a mistake.”"),
            ("Caption", "The dam at dawn"),
            ("List Bullet", "The gates are opened."),
        ],
        title="template",
        author="Ida Moe",
        created=datetime(2016, 5, 3, 10, tzinfo=UTC),
    )
    document = only("dam.docx", data)
    assert parts(document) == [
        ("headline", "Council Votes to Close the Dam"),
        ("body", "The council of Ellery voted in 2016."),
        ("heading", "What follows"),
        ("quote", "“It is a mistake.”"),
        ("caption", "The dam at dawn"),
        ("body", "The gates are opened."),
    ]
    assert document.metadata.author == "Ida Moe"
    assert document.metadata.published == "2016-05-03T10:00:00+00:00"
    (posted,) = read_bytes(data, "post")
    assert isinstance(posted, Document)
    assert posted.format == "word"


def test_word_takes_changes_as_made_and_tables_by_row():
    def run(text: str) -> str:
        return f"<w:r><w:t xml:space='preserve'>{text}</w:t></w:r>"

    gone = "<w:del><w:r><w:delText>old </w:delText></w:r></w:del>"
    cells = "".join(f"<w:tc><w:p>{run(text)}</w:p></w:tc>" for text in ("2014", "3 m"))
    words = f"{run('The ')}{gone}<w:ins>{run('new')}</w:ins>{run(' dam.')}"
    body = f"<w:p>{words}</w:p><w:tbl><w:tr>{cells}</w:tr></w:tbl>"
    assert [text for _, text in parts(only("a.docx", docx_with(body)))] == ["The new dam.", "2014 | 3 m"]


def test_what_is_named_word_and_is_none():
    assert "not a Word document" in refused("a.docx", zip_of({"a.txt": "Text."})).reason
    assert "zip" in refused("a.docx", b"PK\x03\x04 nonsense").reason
    assert isinstance(refused("a.docx", docx_with("")), UnsupportedInputError)


# Archives


def test_a_zip_of_everything():
    inner = zip_of({"deep.txt": "A text that lies deep."})
    data = zip_of(
        {
            "day/one.txt": "The salt is gone.",
            "day/": "",
            "lines.jsonl": b'{"text": "a"}\n{"text": 2}\n{"text": "c"}\n',
            "__MACOSX/._one.txt": "x",
            ".hidden": "x",
            "page.html.gz": gzip.compress(b"<html><body><p>A page.</p></body></html>"),
            "dam.docx": docx_of([("Normal", "The dam.")]),
            "inner.zip": inner,
            "picture.png": b"\x89PNG\r\n\x1a\n",
            "a.csv": "headline,text\nA,b\n",
            "a.md": "# Title\n\nText.",
            "feed.xml": (FORMATS / "feed.atom").read_bytes(),
        }
    )
    made = {outcome.source: outcome for outcome in named("all.zip", data)}
    good = [name for name, outcome in made.items() if isinstance(outcome, Document)]
    assert good == [
        "all.zip!day/one.txt",
        "all.zip!lines.jsonl:1",
        "all.zip!lines.jsonl:3",
        "all.zip!page.html.gz",
        "all.zip!dam.docx",
        "all.zip!inner.zip!deep.txt",
        "all.zip!a.csv:2",
        "all.zip!a.md",
        "https://post.example/news/2016/salt.html",
    ]
    assert isinstance(made["all.zip!lines.jsonl:2"], InputError)
    assert "image" in str(made["all.zip!picture.png"])


def test_a_member_keeps_its_identity_while_others_come(tmp_path):
    file = tmp_path / "day.zip"

    def ids(**members: str) -> dict[str, str]:
        file.write_bytes(zip_of({f"{name}.txt": text for name, text in members.items()}))
        return {o.source.rsplit("!")[-1]: o.id for o in open_sources([str(file)]) if isinstance(o, Document)}

    before = ids(a="Text a.", b="Text b.")
    after = ids(c="Text c.", b="Text b, corrected.", a="Text a.")
    assert {name: after[name] for name in before} == before
    (first, *_) = open_sources([str(file)])
    assert isinstance(first, Document)
    assert first.identity == f"{file.as_uri()}!c.txt"


def test_an_archive_within_an_archive_within_an_archive_is_named():
    data = zip_of(
        {"a.zip": zip_of({"b.zip": zip_of({"c.txt": "Text."}), "b.txt": "Text b."}), "z.txt": "Text z."}
    )
    error, second, last = named("o.zip", data)
    assert isinstance(error, InputError)
    assert (error.source, "deeper" in error.reason) == ("o.zip!a.zip!b.zip", True)
    assert (second.source, last.source) == ("o.zip!a.zip!b.txt", "o.zip!z.txt")


def test_a_damaged_member_costs_no_other():
    text = b"Some words that are stored as they are."
    data = zip_of({"a.txt": "Text a.", "b.txt": text, "c.txt": "Text c."}, zipfile.ZIP_STORED)
    first, error, last = named("o.zip", data.replace(text, text[:-2] + b"!!", 1))
    assert isinstance(first, Document)
    assert isinstance(last, Document)
    assert isinstance(error, InputError)
    assert (error.source, error.reason[:7]) == ("o.zip!b.txt", "damaged")


def test_other_programs_zips_are_named():
    assert (
        "Excel"
        in refused("a.xlsx", zip_of({"[Content_Types].xml": "<a/>", "xl/workbook.xml": "<a/>"})).reason
    )
    assert "OpenDocument" in refused("a.odt", zip_of({"mimetype": "x", "content.xml": "<a/>"})).reason
    assert "empty" in refused("a.zip", zip_of({})).reason


def test_every_format_may_be_gzipped_and_is_one_article():
    made = {
        "a.pdf": pdf_of([page(1, "The salt is gone.")]),
        "a.docx": docx_of([("Normal", "The dam.")]),
        "a.md": b"# T\n\nText.",
        "a.rss": (FORMATS / "feed.atom").read_bytes(),
        "a.csv": b"headline,text\nA,b\n",
        "a.zip": zip_of({"a.txt": "Text."}),
    }
    for name, data in made.items():
        (document,) = read_bytes(gzip.compress(data), "post", None, Path(name).suffix)
        assert isinstance(document, Document), document
        assert len(split_articles(document)) == 1
