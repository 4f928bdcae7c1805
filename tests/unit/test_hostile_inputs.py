"""Files made to do harm cost themselves alone: refused, or taken harmlessly, and their neighbours go in.

What they cost in time and memory is measured by `tests/benchmarks/hostile.py`; here is what comes of them.
"""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from index import confined
from index.errors import InputError
from index.model import Document
from index.readers import read_bytes
from index.readers.sources import open_sources
from tests.hostile import HOSTILE, SECRET
from tests.makers import docx_of, pdf_of

GOOD = "The ferry left the harbour of Ellery at noon."
# What no document of a hostile file comes near; the largest is a text of a megabyte.
MOST_CHARS = 10_000_000
# Those beside which good files are put: some of each format, which cost the suite little.
BESIDE = (
    "rss-billion-laughs.xml",
    "html-external-file.xml",
    "rss-external-http.xml",
    "nitf-billion-laughs.xml",
    "g2-entity-loop.xml",
    "deep-100000.json",
    "surrogates.json",
    "codec-encoding.xml",
    "half-utf16.txt",
    "many-unclosed-quotes.csv",
    "million-columns.csv",
    "quotes-deep.md",
    "page-tree-loop.pdf",
    "xref-loop.pdf",
    "form-draws-itself.pdf",
    "table.md",
    "external-file.docx",
    "billion-laughs.docx",
    "macros.docx",
    "traversal.zip",
    "encrypted.zip",
    "bomb.zip",
    "overlapping.zip",
    "truncated.zip",
    "bomb.txt.gz",
    "nuls.txt",
)


def read(name: str) -> list[Document | InputError]:
    suffix = "." + name.removesuffix(".gz").rsplit(".", 1)[-1]
    return list(read_bytes(HOSTILE[name](), name, None, suffix))


def test_there_are_enough_of_every_format():
    endings = {name.removesuffix(".gz").rsplit(".", 1)[-1] for name in HOSTILE}
    assert len(HOSTILE) >= 50
    assert endings >= {
        "xml",
        "rss",
        "html",
        "json",
        "jsonl",
        "jsonld",
        "csv",
        "md",
        "pdf",
        "docx",
        "zip",
        "txt",
    }


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_or_taken_harmlessly(name):
    outcomes = read(name)
    assert outcomes
    for outcome in outcomes:
        if isinstance(outcome, InputError):
            assert outcome.reason.strip()
            assert len(str(outcome)) < 2000
        else:
            assert SECRET not in outcome.text
            assert len(outcome.text) < MOST_CHARS
            outcome.text.encode("utf-8")


def test_the_good_ones_beside_them_go_in(tmp_path):
    for name in BESIDE:
        (tmp_path / f"m-{name}").write_bytes(HOSTILE[name]())
    for number in ("a", "z"):
        (tmp_path / f"{number}.txt").write_text(GOOD)
        (tmp_path / f"{number}.md").write_text(f"# Ferry\n\n{GOOD}")
        (tmp_path / f"{number}.pdf").write_bytes(pdf_of([[(72, 700, 12, GOOD)]]))
        (tmp_path / f"{number}.docx").write_bytes(docx_of([("Normal", GOOD)]))
        (tmp_path / f"{number}.html").write_text(f"<html><body><p>{GOOD}</p></body></html>")
    made = {Path(o.source).name: o for o in open_sources([str(tmp_path)]) if isinstance(o, Document)}
    for name in ("txt", "md", "pdf", "docx", "html"):
        assert GOOD in made[f"a.{name}"].text
        assert GOOD in made[f"z.{name}"].text


def test_no_archive_writes_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("traversal.zip", "symlink.zip", "strange-names.zip"):
        outcomes = read(name)
        assert all(o.source.isprintable() for o in outcomes)
    assert list(tmp_path.iterdir()) == []
    assert not Path("/tmp/dateline-evil.txt").exists()
    (link,) = read("symlink.zip")
    assert "link" in str(link)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("bomb.zip", "expands"),
        ("overlapping.zip", "expands|Overlapped"),
        ("zip-with-gzip-bomb.zip", "expands"),
        ("zip-bomb.zip.gz", "expands"),
        ("bomb-in-gzip-in-gzip.txt.gz", "gzip file inside a gzip"),
        ("many-members.zip", "members"),
        ("encrypted.zip", "encrypted"),
        ("macros.docx", "macros"),
        ("part-bomb.docx", "unpacks to more"),
        ("page-count-lies.pdf", "damaged"),
        ("million-columns.csv", "columns"),
        ("deep-100000.json", "too deeply"),
    ],
)
def test_the_reason_says_what_is_wrong(name, why):
    told = " ".join(str(outcome) for outcome in read(name) if isinstance(outcome, InputError))
    assert re.search(why, told)


def test_a_file_that_takes_too_long_costs_its_process_and_no_other(monkeypatch):
    monkeypatch.setitem(confined._SECONDS, "markdown", (0.1, 0.0, 0.1))
    with pytest.raises(InputError, match="longer"):
        confined.extract("markdown", HOSTILE["emphasis.md"](), "slow.md")
    found = confined.extract("pdf", pdf_of([[(72, 700, 12, GOOD)]]), "good.pdf")
    assert found["pages"][0][0][0] == GOOD


def test_modules_in_the_working_folder_are_not_run(tmp_path, monkeypatch):
    for name in ("json.py", "index.py", "docx.py"):
        (tmp_path / name).write_text("raise SystemExit('run')")
    monkeypatch.chdir(tmp_path)
    confined._drop()
    assert confined.extract("markdown", b"Salt.", "a.md") == [["body", "Salt."]]
    confined._drop()


def test_the_process_reaches_nothing(tmp_path):
    """What reads documents can open no file and no connection, whatever a document makes it do."""
    code = (
        "import sys, socket; sys.argv = ['', '1000000000', '1']\n"
        "from index.confined import __main__ as child\n"
        "child._bound(1_000_000_000)\n"
        "class Curious:\n"
        "    @staticmethod\n"
        "    def extract(data):\n"
        "        {}\n"
        "print(child._answer(Curious, b'', 5))\n"
    )
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    for attempt in (
        f"return open({str(secret)!r}).read()",
        "return socket.create_connection(('127.0.0.1', 9))",
    ):
        done = subprocess.run(
            [sys.executable, "-c", code.format(attempt)], capture_output=True, text=True, check=True
        )
        assert "PermissionError" in done.stdout
        assert "secret'" not in done.stdout


def test_memory_is_bounded():
    """All bombs one after another, in a process of their own; its child is bounded by the system."""
    code = (
        "import resource\n"
        "from index.readers import read_bytes\n"
        "from tests.hostile import HOSTILE\n"
        "names = [n for n in HOSTILE if 'bomb' in n and n.endswith(('.zip', '.gz', '.pdf', '.docx'))]\n"
        "made = {name: HOSTILE[name]() for name in names}\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for name, data in made.items():\n"
        "    list(read_bytes(data, name))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 300 * 1024  # kilobytes
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 < 2 * confined.MEMORY_BYTES
