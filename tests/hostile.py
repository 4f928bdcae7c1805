"""Files that are made to do harm: slow, large, curious or confused readers. Made when asked for, none stored.

`HOSTILE` has a maker for each, by the name that its file gets: the ending tells the format, as with any file.
"""

# ruff: noqa: E501 - markup is written as it is read

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable

from tests.makers import docx_of, docx_with, pdf_file, pdf_of, pdf_with, zip_of

SECRET = "root:x:0"
"""What stands in the file that external entities ask for, and must never be in a document."""

HOSTILE: dict[str, Callable[[], bytes]] = {}

MB = 1_000_000


def hostile(name: str) -> Callable[[Callable[[], bytes | str]], Callable[[], bytes]]:
    def register(make: Callable[[], bytes | str]) -> Callable[[], bytes]:
        def made() -> bytes:
            data = make()
            return data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data

        HOSTILE[name] = made
        return made

    return register


# XML of every kind: a document with `&x;` or whatever in its text.

_DOCUMENTS = {
    "rss": "<rss version='2.0'><channel><title>T</title><item><title>A {0}</title><description>B {0}</description>"
    "</item></channel></rss>",
    "atom": "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>A {0}</title><content>B {0}</content></entry></feed>",
    "nitf": "<nitf><head><title>A {0}</title></head><body><body.content><p>B {0}</p></body.content></body></nitf>",
    "g2": "<newsItem xmlns='http://iptc.org/std/nar/2006-10-01/' guid='urn:x' version='1' standard='NewsML-G2'>"
    "<itemMeta/><contentMeta><headline>A {0}</headline></contentMeta><contentSet><inlineXML><html "
    "xmlns='http://www.w3.org/1999/xhtml'><body><p>B {0}</p></body></html></inlineXML></contentSet></newsItem>",
    "html": "<html><head><title>A {0}</title></head><body><p>B {0}</p></body></html>",
}
_SUBSETS = {
    "billion-laughs": "<!ENTITY l0 'ha'>" + "".join(
        f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10)) + "<!ENTITY x '&l9;'>",
    "quadratic-blowup": f"<!ENTITY x '{'a' * 100_000}'>",
    "external-file": "<!ENTITY x SYSTEM 'file:///etc/passwd'>",
    "external-http": "<!ENTITY x SYSTEM 'http://127.0.0.1:9/x'>",
    "parameter-entity": "<!ENTITY % d SYSTEM 'file:///etc/passwd'><!ENTITY % e \"<!ENTITY x '%d;'>\">%e;",
    "entity-loop": "<!ENTITY x '&y;'><!ENTITY y '&x;'>",
}  # fmt: skip


def _xml(kind: str, subset: str, text: str, doctype: str = "") -> str:
    declared = f"<?xml version='1.0'?><!DOCTYPE x {doctype}[{subset}]>" if subset or doctype else ""
    return declared + _DOCUMENTS[kind].replace("{0}", text)


def _register_xml() -> None:
    for kind in _DOCUMENTS:
        for attack, subset in _SUBSETS.items():
            text = "&x;" * (2000 if attack == "quadratic-blowup" else 1)
            hostile(f"{kind}-{attack}.xml")(lambda k=kind, s=subset, t=text: _xml(k, s, t))
        if kind == "atom":  # the rest is as with RSS
            continue
        ends = {"deep": ("<b>" * 50_000, "</b>" * 50_000), "deep-100": ("<b>" * 100, "</b>" * 100)}
        for attack, (opened, closed) in ends.items():
            hostile(f"{kind}-{attack}.xml")(lambda k=kind, o=opened, c=closed: _xml(k, "", f"{o}x{c}"))
        hostile(f"{kind}-huge-attribute.xml")(lambda k=kind: _xml(k, "", f"<b c='{'x' * MB}'>x</b>"))
        hostile(f"{kind}-many-attributes.xml")(
            lambda k=kind: _xml(k, "", "<b " + " ".join(f"a{n}=''" for n in range(30_000)) + ">x</b>")
        )
        hostile(f"{kind}-huge-name.xml")(lambda k=kind: _xml(k, "", f"<{'n' * MB}>x</{'n' * MB}>"))
        hostile(f"{kind}-external-dtd.xml")(
            lambda k=kind: _xml(k, "", "x", "SYSTEM 'http://127.0.0.1:9/evil.dtd' ")
        )


_register_xml()


@hostile("feed-million-entries.rss")
def _() -> str:
    return "<rss><channel>" + "<item/>" * 300_000 + "</channel></rss>"


@hostile("feed-unclosed.rss")
def _() -> str:
    return "<rss><channel>" + "<item><title><![CDATA[" * 20_000


@hostile("feed-lots-of-less-than.rss")
def _() -> str:
    return "<rss><channel><item><title>&nope;" + "<" * 200_000


@hostile("feed-names-a-file.rss")
def _() -> str:
    return "/etc/passwd"


@hostile("feed-doctype-brackets.xml")
def _() -> str:
    return "<!DOCTYPE rss [" + "]" * 500_000 + "<rss/>"


@hostile("feed-entity-declarations.rss")
def _() -> str:
    return (
        "<!DOCTYPE rss ["
        + "<!ENTITY a " * 100_000
        + "]><rss><channel><item><title>x</title></item></channel></rss>"
    )


# HTML


@hostile("deep-100000.html")
def _() -> str:
    return "<html><body>" + "<div>" * 100_000 + "deep"


@hostile("many-comments.html")
def _() -> str:
    return "<!--a-->" * 900 + "x"


@hostile("many-doctypes.html")
def _() -> str:
    return "<html><body>" + "<!DOCTYPE [" * 100_000


@hostile("unclosed-comments.html")
def _() -> str:
    return "<html><body><p>Text.</p>" + "<!--" * 500_000


@hostile("open-tags.html")
def _() -> str:
    return "<html><body><p>Text.</p>" + "<a " * 500_000


@hostile("many-paragraphs.html")
def _() -> str:
    return "<html><body><article>" + "<p>x<p>" * 30_000


@hostile("nested-inline.html")
def _() -> str:
    return "<html><body><p>" + "<b><i>" * 90 + "x" * 1000 + "</i></b>" * 90 + "<p>word</p>" * 20_000


@hostile("linked-data-deep.html")
def _() -> str:
    return (
        '<html><script type="application/ld+json">'
        + "[" * 200_000
        + "</script><body><p>Text is here.</p></body></html>"
    )


# JSON


@hostile("deep-100.json")
def _() -> str:
    return '{"text": "x", "a": ' + "[" * 100 + "]" * 100 + "}"


@hostile("deep-100000.json")
def _() -> str:
    return '{"text": "x", "a": ' + "[" * 100_000 + "]" * 100_000 + "}"


@hostile("deep-objects.json")
def _() -> str:
    return '{"a":' * 100_000 + "1" + "}" * 100_000


@hostile("huge-number.json")
def _() -> str:
    return '{"text": "x", "id": ' + "9" * MB + "}"


@hostile("million-of-nothing.json")
def _() -> str:
    return "[" + "1," * 50_000 + "1]"


@hostile("million-keys.json")
def _() -> str:
    return "{" + ",".join(f'"k{n}": 1' for n in range(100_000)) + "}"


@hostile("long-line.jsonl")
def _() -> str:
    return '{"text": "' + "x" * 34 * 1024 * 1024 + '"}'


@hostile("surrogates.json")
def _() -> str:
    return r'{"id": "\ud800", "headline": "\udfff", "text": "a \ud83d b", "k\ud800": "\ud800"}'


@hostile("graph-of-itself.jsonld")
def _() -> str:
    node = {"@context": "https://schema.org", "@graph": [[[]]] * 50_000}
    return json.dumps(node)


@hostile("graph-deep.jsonld")
def _() -> str:
    return '{"@context": "https://schema.org", "@graph": ' + "[" * 900 + "]" * 900 + "}"


# Encodings


@hostile("overlong.txt")
def _() -> bytes:
    return b"The salt \xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf is gone. " * 1000


@hostile("surrogates.txt")
def _() -> bytes:
    return b"The salt \xed\xa0\x80\xed\xbf\xbf is gone. " * 1000


@hostile("utf16-without-mark.txt")
def _() -> bytes:
    return ("The salt is gone. " * 1000).encode("utf-16-le")


@hostile("half-utf16.txt")
def _() -> bytes:
    return b"\xff\xfe" + ("The salt is gone. " * 100).encode("utf-16-le") + b"x" + b"\xd8\x00" * 500


@hostile("utf7.html")
def _() -> bytes:
    return b'<html><head><meta charset="utf-7"></head><body><p>+ADw-script+AD4-alert(1)+ADw-/script+AD4- here.</p></body></html>'


@hostile("lying-encoding.xml")
def _() -> bytes:
    return b'<?xml version="1.0" encoding="utf-16"?><rss><channel><item><title>Salt</title></item></channel></rss>'


@hostile("codec-encoding.xml")
def _() -> bytes:
    return b'<?xml version="1.0" encoding="zlib_codec"?><rss><channel><item><title>Salt</title></item></channel></rss>'


@hostile("ebcdic.xml")
def _() -> bytes:
    return '<?xml version="1.0" encoding="cp037"?><rss><channel><item><title>Salt</title></item></channel></rss>'.encode(
        "cp037"
    )


@hostile("mixed-encodings.txt")
def _() -> bytes:
    return ("Später. ".encode() + "Später. ".encode("latin-1") + "Später. ".encode("cp437")) * 20_000


@hostile("nuls.txt")
def _() -> bytes:
    return b"Text" + b"\0" * 100_000


@hostile("nuls.csv")
def _() -> bytes:
    return b"headline,text\nA,b\0c\n"


@hostile("utf32-mark.txt")
def _() -> bytes:
    return b"\xff\xfe\0\0" + b"\xff" * 100_001


# Tables


@hostile("million-columns.csv")
def _() -> str:
    return "text," + "," * MB + "\n" + "x," * MB


@hostile("unclosed-quote.csv")
def _() -> str:
    return 'headline,text\nA,"one\n' + "B,two\n" * 5_000


@hostile("many-unclosed-quotes.csv")
def _() -> str:
    return "headline,text\n" + 'A,"one" x\n' * 50_000


@hostile("odd-quotes.csv")
def _() -> str:
    return "headline,text\n" + 'A,x\n"\n' * 20_001


@hostile("wide-rows.csv")
def _() -> str:
    return "headline,text\n" + ("A," * 100_000 + "\n") * 10


@hostile("million-empty-rows.csv")
def _() -> str:
    return "headline,text\n" + ",\n" * 50_000 + "A,b\n"


# Markdown

_MARKDOWN = {
    "emphasis": "*a_ " * 30_000,
    "stars": "*" * 100_000 + "a",
    "stars-and-words": "**x *y " * 30_000,
    "brackets": "[" * 100_000,
    "links": "[a](" * 50_000,
    "images": "![" * 50_000 + "](x)" * 50_000,
    "quotes-deep": ">" * 100_000 + " x",
    "lists-deep": "".join("  " * n + "- x\n" for n in range(1500)),
    "backticks": "".join("`" * n + " " for n in range(1, 1500)),
    "references": "".join(f"[a{n}]: x\n" for n in range(50_000)) + "[a1]" * 10_000,
    "table": "|a" * 5000 + "|\n" + "|-" * 5000 + "|\n" + "|x|\n" * 1000,
    "entities": "&#" * 100_000,
    "tags": "<a " * 100_000,
    "declarations": "<!A " * 50_000 + "<![CDATA[" * 50_000 + "<?" * 50_000,
    "front-matter": "---\n" + "a: [" * 10_000 + "\n" + "b: c\n" * 10_000,
    "front-matter-toml": "+++\na = " + "[" * 50_000 + "\n+++\nText.",
}
for _name, _text in _MARKDOWN.items():
    hostile(f"{_name}.md")(lambda text=_text: text)


# PDF


def _pdf(*objects: bytes) -> bytes:
    return pdf_file([b"<< /Type /Catalog /Pages 2 0 R >>", *objects], b"/Root 1 0 R")


def _stream(data: bytes, extra: bytes = b"") -> bytes:
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(data), extra, data)


_PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
_PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << %b >> >>"


@hostile("page-tree-loop.pdf")
def _() -> bytes:
    return _pdf(
        b"<< /Type /Pages /Kids [3 0 R] /Count 9 >>",
        b"<< /Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 9 >>",
    )


@hostile("page-tree-wide.pdf")
def _() -> bytes:
    return _pdf(
        b"<< /Type /Pages /Count 1000000 /Kids [" + b"3 0 R " * 300_000 + b"] >>", _PAGE % b"", _stream(b"q")
    )


@hostile("page-count-lies.pdf")
def _() -> bytes:
    return _pdf(b"<< /Type /Pages /Kids [] /Count 999999999 >>")


@hostile("flate-bomb.pdf")
def _() -> bytes:
    return pdf_with([b" " * 100 * MB])


@hostile("flate-bomb-of-text.pdf")
def _() -> bytes:
    return pdf_with([b"BT /F1 9 Tf " + b"(aaaaaaaaaaaaaaaa) Tj " * 3 * MB + b"ET"])


@hostile("filters-nested.pdf")
def _() -> bytes:
    data = b"0" * 50 * MB
    for _number in range(4):
        data = zlib.compress(data, 9)
    return _pdf(_PAGES, _PAGE % b"", _stream(data, b"/Filter [" + b"/FlateDecode " * 4 + b"]"))


@hostile("filters-many.pdf")
def _() -> bytes:
    return _pdf(_PAGES, _PAGE % b"", _stream(b"q", b"/Filter [" + b"/ASCIIHexDecode " * 100_000 + b"]"))


@hostile("run-length-bomb.pdf")
def _() -> bytes:
    return _pdf(_PAGES, _PAGE % b"", _stream(b"\x81a" * MB, b"/Filter /RunLengthDecode"))


@hostile("lzw-bomb.pdf")
def _() -> bytes:
    return _pdf(_PAGES, _PAGE % b"", _stream(b"\x80\x0b\x60\x50" * MB, b"/Filter /LZWDecode"))


@hostile("jbig2.pdf")
def _() -> bytes:
    image = _stream(
        b"\x97JB2\r\n\x1a\n" * 1000, b"/Subtype /Image /Width 99999 /Height 99999 /Filter /JBIG2Decode"
    )
    return _pdf(_PAGES, _PAGE % b"/XObject << /I 5 0 R >>", _stream(b"/I Do"), image)


@hostile("form-draws-itself.pdf")
def _() -> bytes:
    resources = b"/XObject << /A 5 0 R >>"
    form = _stream(b"/A Do /A Do", b"/Type /XObject /Subtype /Form /Resources << %b >>" % resources)
    return _pdf(_PAGES, _PAGE % resources, _stream(b"/A Do /A Do"), form)


@hostile("forms-laugh.pdf")
def _() -> bytes:
    forms = [
        _stream(
            b"/A Do " * 10,
            b"/Type /XObject /Subtype /Form /Resources << /XObject << /A %d 0 R >> >>" % (6 + n),
        )
        for n in range(9)
    ]
    last = _stream(b"BT (ha) Tj ET", b"/Type /XObject /Subtype /Form")
    return _pdf(_PAGES, _PAGE % b"/XObject << /A 5 0 R >>", _stream(b"/A Do"), *forms, last)


@hostile("arrays-deep.pdf")
def _() -> bytes:
    return _pdf(_PAGES, _PAGE % b"", _stream(b"[" * 100_000)) + b"[" * 100_000


@hostile("dictionary-deep.pdf")
def _() -> bytes:
    return _pdf(b"<< /Kids " * 50_000)


@hostile("bad-xref.pdf")
def _() -> bytes:
    return pdf_of([[(72, 700, 12, "The salt is gone.")]]).replace(b"0000000", b"9999999")


@hostile("xref-loop.pdf")
def _() -> bytes:
    return b"%PDF-1.4\nxref\n0 0\ntrailer\n<< /Size 1 /Prev 9 /Root 1 0 R >>\nstartxref\n9\n%%EOF"


@hostile("xref-huge.pdf")
def _() -> bytes:
    return b"%PDF-1.4\nxref\n0 999999999\n0000000000 65535 f \ntrailer\n<< /Size 1 >>\nstartxref\n9\n%%EOF"


@hostile("character-map.pdf")
def _() -> bytes:
    table = (
        b"1 begincodespacerange <0000> <FFFF> endcodespacerange 100 beginbfrange "
        + b"<0000> <FFFF> <0000> " * 5000
    )
    font = b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /ToUnicode 6 0 R >>"
    return _pdf(_PAGES, _PAGE % b"/Font << /F 5 0 R >>", _stream(b"BT /F 9 Tf <0001> Tj ET"), font,
                _stream(table + b"endbfrange"))  # fmt: skip


@hostile("not-much.pdf")
def _() -> bytes:
    return b"%PDF-1.7\n" + b"0 0 obj<<" * 200_000


@hostile("a-million-objects.pdf")
def _() -> bytes:
    return (
        b"%PDF-1.4\n"
        + b"".join(b"%d 0 obj null endobj\n" % n for n in range(100_000))
        + b"trailer<</Root 1 0 R>>"
    )


# Word

_XXE = "<?xml version='1.0'?><!DOCTYPE x [{}]>"


def _word(subset: str, text: str) -> bytes:
    plain = docx_with(f"<w:p><w:r><w:t>Salt {text}</w:t></w:r></w:p>")
    with zipfile.ZipFile(io.BytesIO(plain)) as package:
        document = (
            package.read("word/document.xml").decode().replace('<?xml version="1.0"?>', _XXE.format(subset))
        )
    return docx_with("", {"word/document.xml": document})


for _attack, _subset in _SUBSETS.items():
    hostile(f"{_attack}.docx")(lambda s=_subset: _word(s, "&x;" * 1000))


@hostile("external-template.docx")
def _() -> bytes:
    relations = (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"'
        ' Target="http://127.0.0.1:9/evil.dotm" TargetMode="External"/></Relationships>'
    )
    return docx_with("<w:p><w:r><w:t>Salt.</w:t></w:r></w:p>", {"word/_rels/document.xml.rels": relations})


@hostile("relations-loop.docx")
def _() -> bytes:
    relations = (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        + "".join(f'<Relationship Id="r{n}" Type="x" Target="document.xml"/>' for n in range(20_000))
        + "</Relationships>"
    )
    return docx_with("<w:p><w:r><w:t>Salt.</w:t></w:r></w:p>", {"word/_rels/document.xml.rels": relations})


@hostile("macros.docx")
def _() -> bytes:
    plain = docx_of([("Normal", "Salt.")])
    with zipfile.ZipFile(io.BytesIO(plain)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    main = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = parts["[Content_Types].xml"].replace(
        main, b"application/vnd.ms-word.document.macroEnabled.main+xml"
    )
    return zip_of(parts | {"[Content_Types].xml": types, "word/vbaProject.bin": b"\xd0\xcf\x11\xe0" * 100})


@hostile("part-bomb.docx")
def _() -> bytes:
    return docx_with("<w:p/>" * 6 * MB)


@hostile("many-paragraphs.docx")
def _() -> bytes:
    return docx_with("<w:p><w:r><w:t>x</w:t></w:r></w:p>" * 300_000)


@hostile("picture-bomb.docx")
def _() -> bytes:
    """A part that its directory says is 3 GB large."""
    data = bytearray(docx_with("<w:p/>", {"word/media/1.png": b"\0" * MB}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (3_000_000_000).to_bytes(4, "little")
    return bytes(data)


@hostile("tables-deep.docx")
def _() -> bytes:
    opened, closed = "<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"
    return docx_with(opened * 80 + "<w:p><w:r><w:t>deep</w:t></w:r></w:p>" + closed * 80)


@hostile("tables-deeper.docx")
def _() -> bytes:
    return docx_with("<w:tbl><w:tr><w:tc>" * 50_000 + "</w:tc></w:tr></w:tbl>" * 50_000)


@hostile("text-boxes.docx")
def _() -> bytes:
    box = "<w:txbxContent><w:p><w:r><w:t>x</w:t></w:r></w:p></w:txbxContent>"
    return docx_with("<w:p>" + f"<w:r>{box}</w:r>" * 50_000 + "<w:r><w:t>Salt.</w:t></w:r></w:p>")


# Archives


@hostile("bomb.zip")
def _() -> bytes:
    return zip_of({"a.txt": b"a" * 30 * MB})


@hostile("bomb-of-many.zip")
def _() -> bytes:
    return zip_of({f"{n}.txt": b"word " * 100_000 for n in range(40)})


@hostile("bomb-nested.zip")
def _() -> bytes:
    return zip_of({f"{n}.zip": zip_of({"a.txt": b"a" * 10 * MB}) for n in range(5)})


@hostile("bomb-deep.zip")
def _() -> bytes:
    data = zip_of({"a.txt": b"Text." * MB})
    for number in range(30):
        data = zip_of({f"{number}.zip": data})
    return data


@hostile("bomb-bzip2.zip")
def _() -> bytes:
    return zip_of({"a.txt": b"a" * 20 * MB}, zipfile.ZIP_BZIP2)


@hostile("bomb-lzma.zip")
def _() -> bytes:
    return zip_of({"a.txt": b"a" * 20 * MB}, zipfile.ZIP_LZMA)


@hostile("overlapping.zip")
def _() -> bytes:
    """Many entries of the directory that share one member, after D. Fifield, "A better zip bomb" (2019)."""
    whole = zip_of({"a.txt": b"a" * 3 * MB})
    at = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    entry, count = whole[at:end], 5000
    entries = entry * count
    return (
        whole[:at] + entries + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(entries), at, 0)
    )


@hostile("traversal.zip")
def _() -> bytes:
    names = (
        "../../../tmp/dateline-evil.txt",
        "/tmp/dateline-evil.txt",
        "C:\\evil.txt",
        "..\\..\\evil.txt",
        "a/../../evil.txt",
    )
    return zip_of({name: f"Text of {n}." for n, name in enumerate(names)})


@hostile("symlink.zip")
def _() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        link = zipfile.ZipInfo("passwd.txt")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return file.getvalue()


@hostile("strange-names.zip")
def _() -> bytes:
    return zip_of(
        {
            "a\x1b[31m.txt": "Text a.",
            "\u202etxt.exe": "Text b.",
            "n" * 60_000 + ".txt": "Text c.",
            "\n": "Text d.",
        }
    )


@hostile("many-members.zip")
def _() -> bytes:
    """A directory of 400,000 entries that says it has 9."""
    whole = zip_of({"a": "x"})
    at, end = whole.index(b"PK\x01\x02"), whole.index(b"PK\x05\x06")
    entries = whole[at:end] * 400_000
    return whole[:at] + entries + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9, 9, len(entries), at, 0)


@hostile("encrypted.zip")
def _() -> bytes:
    data = bytearray(zip_of({"a.txt": "Text a."}))
    for at in (6, data.index(b"PK\x01\x02") + 8):
        data[at] |= 1
    return bytes(data)


@hostile("lying-sizes.zip")
def _() -> bytes:
    data = bytearray(zip_of({"a.txt": b"a" * MB}))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(data)


@hostile("truncated.zip")
def _() -> bytes:
    return zip_of({"a.txt": "Text a."})[:-30]


@hostile("zip-with-gzip-bomb.zip")
def _() -> bytes:
    return zip_of({"a.txt.gz": gzip.compress(b"a" * 30 * MB)})


@hostile("bomb.txt.gz")
def _() -> bytes:
    return gzip.compress(b"a" * 30 * MB)


@hostile("bomb-in-gzip-in-gzip.txt.gz")
def _() -> bytes:
    return gzip.compress(gzip.compress(b"a" * 30 * MB))


@hostile("zip-bomb.zip.gz")
def _() -> bytes:
    return gzip.compress(zip_of({"a.txt": b"a" * 30 * MB}))


@hostile("empty-members.gz")
def _() -> bytes:
    return gzip.compress(b"") * 200_000


@hostile("cut-off.txt.gz")
def _() -> bytes:
    return gzip.compress(b"Text that is cut off. " * 10_000)[:-100]


@hostile("endless-header.txt.gz")
def _() -> bytes:
    return b"\x1f\x8b\x08\x08\0\0\0\0\0\x03" + b"n" * 3 * MB


# Text against our own patterns

_TEXTS = {
    "one-word": "a" * 250_000,
    "one-line": "word " * 50_000,
    "lines-of-nothing": "\n" * 250_000,
    "lines-of-spaces": (" " * 250 + "\n") * 250,
    "hyphens": "a-" * 125_000,
    "figures": "1/" * 75_000,
    "years": "1999-2000-" * 25_000,
    "dots": "A." * 75_000,
    "quotes": '"' * 250_000,
    "brackets": "(" * 250_000,
    "months": "March " * 25_000,
    "of-march": "the 1st of " * 20_000,
    "datelines": "LONDON, " * 25_000,
    "bylines": "By " * 50_000,
    "spaces-and-dashes": " — " * 50_000,
    "form-feeds": "\f" * 250_000,
    "combining": "e" + "\u0301" * 125_000,
    "tags": "<" * 250_000,
    "headlines": "Council Votes\n\n" * 5_000,
    "million-digits": "1234567890" * (MB // 10),
    "million-months": "March " * (MB // 6),
    "million-days": "March 3, 2014 " * (MB // 14),
    "million-weekdays": "1998. " + "Monday, March 3 " * (MB // 16),
    "million-misters": "Mr. " * (MB // 4),
    "million-capitals": "A " * (MB // 2),
    "million-datelines": "LONDON, " * (MB // 8),
    "million-dated-datelines": "LONDON, March 3 (Reuters) - " * (MB // 28),
    "million-quotes": '"' * MB,
    "million-prose": "The ministry said on Tuesday that Anna Berg, who led the Bank of Norway, would go in May. "
    * (MB // 90),
}
for _name, _text in _TEXTS.items():
    hostile(f"{_name}.txt")(lambda text=_text: text)
