"""The IPTC's own examples of ninjs and NewsML-G2: each is read, or refused with a reason for a person."""

from pathlib import Path

import pytest

from index.errors import UnsupportedInputError
from index.model import Document
from index.readers.sources import open_sources

FORMATS = Path(__file__).parents[3] / "shared" / "data" / "formats"
HERE = pytest.mark.skipif(not FORMATS.is_dir(), reason=f"the examples of formats are not at {FORMATS}")


def outcomes(folder, suffix):
    """What became of each file: its documents, and why the rest was refused."""
    made = {}
    for path in sorted((FORMATS / folder).rglob(f"*{suffix}")):
        found = list(open_sources([str(path)]))
        made[path.name] = (
            [one for one in found if isinstance(one, Document)],
            [one for one in found if not isinstance(one, Document)],
        )
    return made


@HERE
@pytest.mark.parametrize(
    ("folder", "suffix", "files", "read"),
    [
        ("ninjs/1.4", ".json", 10, 9),
        ("ninjs/2.1", ".json", 14, 13),
        ("ninjs/3.0", ".json", 19, 19),
        ("ninjs/schemas", ".json", 16, 0),
        ("ninjs/NewsML", ".xml", 4, 0),
        ("newsml-g2", ".xml", 35, 11),
        ("newsml-g2", ".xsd", 5, 0),
    ],
)
def test_every_example_is_read_or_refused_with_a_reason(folder, suffix, files, read):
    made = outcomes(folder, suffix)
    for name, (documents, errors) in made.items():
        assert documents or errors, name
        assert all(isinstance(error, UnsupportedInputError) and len(error.reason) > 4 for error in errors), (
            name
        )
        assert all(d.text.strip() and d.blocks and d.format in ("ninjs", "newsml-g2") for d in documents), (
            name
        )
        for document in documents:
            assert all(document.text[m.start : m.end].strip() for m in document.given.marks), name
    assert (len(made), sum(1 for documents, _ in made.values() if documents)) == (files, read)


@HERE
def test_what_an_example_says_of_itself():
    documents, _ = outcomes("newsml-g2", "LISTING_2_NewsML-G2_Text_Document.xml").popitem()[1]
    (item,) = documents
    assert item.identity == "id:urn:newsml:acmenews.com:20161121:US-FINANCE-FED"
    assert (item.lifecycle.version, item.metadata.author) == (11, "Meredith Jameson")
    assert item.metadata.published == "2016-11-21T15:21:06-05:00"
    documents, _ = outcomes("ninjs/1.4", "ninjsExComplex1.json").popitem()[1]
    assert [name.name for name in documents[0].given.names][:3] == [
        "Francesco Schettino", "Costa Crociere SpA", "Grossetto",
    ]  # fmt: skip
