"""What the pipeline makes of articles of our own is what a person has read line by line.

After a change: `make golden` writes the files anew; read the difference before committing it.
"""

import runpy
from collections import Counter
from pathlib import Path

import pytest

from index.pipeline import Analyser, Options

golden = runpy.run_path(str(Path(__file__).parents[1] / "golden.py"))
SOURCES = golden["sources"]()


@pytest.fixture(scope="module")
def analyser():
    return Analyser(Options())


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_what_is_found_is_what_was_read(source, analyser):
    kept = golden["golden_of"](source).read_text("utf-8")
    assert golden["head_of"](kept) + golden["rendered"](source, analyser) == kept


def test_each_source_has_a_golden_file_of_its_own():
    kept = sorted(path.name for path in golden["GOLDEN"].glob("*.txt"))
    assert kept == sorted(golden["golden_of"](source).name for source in SOURCES)


def test_there_are_thirty_articles_and_every_mention_has_a_reason():
    texts = [path.read_text("utf-8") for path in golden["GOLDEN"].glob("*.txt")]
    rows = [row for text in texts for row in text.splitlines()]
    assert sum(row.startswith("=== ") for row in rows) >= 30
    mentions = [row for row in rows if row.startswith(("  d ", "  n "))]
    assert len(mentions) > 500
    assert not [row for row in mentions if row.endswith("| None")]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_known_faults_are_still_there(source):
    rows = golden["golden_of"](source).read_text("utf-8").splitlines()
    for kind in ("d", "n"):
        found = Counter(row.split(" | ")[1] for row in rows if row.startswith(f"  {kind} "))
        listed = Counter(row.split(" | ")[1] for row in rows if row.startswith(f"#   {kind} | "))
        assert not listed - found, "mended: take it out of the file's head"
