"""The model taken apart finds what spaCy finds with it, span for span."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

spacy = pytest.importorskip("spacy")

from index.entities import DEFAULT_MODEL, Recogniser  # noqa: E402
from index.entities.architecture import direct  # noqa: E402
from index.entities.tokens import Tokeniser  # noqa: E402

SAMPLE = Path(__file__).parents[2] / "api" / "sample"
NOT_NAMES = ["tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer"]

words = st.sampled_from(
    "the of in said a year Anna Berg Okafor Port Ellis U.S. (EU) don't Dr. 3,400 1987. Monday, London's "
    "Bank of Kenya Ministry for Health won 2-1 \"It's $5m 9am x.y :) ( : ) – can't. Co., the United".split()
)
gaps = st.sampled_from([" ", " ", " ", " ", "  ", "\n", "\t", " \n ", "\u00a0", "\u2003"])
prose = st.lists(st.tuples(words, gaps), max_size=40).map(lambda some: "".join(w + g for w, g in some))
texts = st.one_of(prose, st.text(max_size=80))


@pytest.fixture(scope="module")
def nlp():
    return spacy.load(DEFAULT_MODEL, exclude=NOT_NAMES)


@pytest.fixture(scope="module")
def taken_apart():
    made = direct(spacy.load(DEFAULT_MODEL, exclude=NOT_NAMES))
    assert made is not None
    return made


def by_spacy(nlp, some):
    return [[(e.start_char, e.end_char, e.label_) for e in doc.ents] for doc in nlp.pipe(some)]


def our_own_texts() -> list[str]:
    """Every paragraph and line of the bundled sample, and a few that are hard."""
    found = [
        line
        for path in sorted(SAMPLE.rglob("*.txt"))
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
    ]
    for line in (SAMPLE / "wire.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        found += record.get("paragraphs") or record["text"].split("\n")
    found += ["", " ", "\n", "Berg", "  Anna Berg  ", "Anna\nBerg of  the\tHarbour Trust ", "B" * 300]
    return [*found, " ".join(found), "the Ministry of the Interior and of the Navy and " * 30]


def test_our_own_texts(nlp, taken_apart):
    some = our_own_texts()
    assert taken_apart.spans(some) == by_spacy(nlp, some)
    assert sum(map(len, taken_apart.spans(some))) > 300


@settings(max_examples=150, deadline=None, derandomize=True)  # a draw of two moves may fall either way
@given(some=st.lists(texts, max_size=6))
def test_any_text(nlp, taken_apart, some):
    assert taken_apart.spans(some) == by_spacy(nlp, some)


@settings(max_examples=150, deadline=None, derandomize=True)  # a draw of two moves may fall either way
@given(some=st.lists(texts, min_size=1, max_size=6))
def test_texts_are_cut_as_spacy_cuts_them(nlp, some):
    tokens = Tokeniser(nlp, ["NORM", "SHAPE"], lambda keys: keys.astype("f")).cut(some)
    for i, text in enumerate(some):
        begin, end = tokens.bounds[i : i + 2]
        spans = list(zip(tokens.starts[begin:end], tokens.ends[begin:end], strict=True))
        doc = nlp.make_doc(text)
        assert spans == [(t.idx, t.idx + len(t)) for t in doc]
        assert list(tokens.spaces[begin:end]) == [t.is_space for t in doc]


def test_what_stands_beside_a_text_does_not_matter(taken_apart):
    some = [text for text in our_own_texts() if len(text) < 500]
    together = taken_apart.spans(some)
    assert [taken_apart.spans([text])[0] for text in some] == together


def test_what_was_learnt_is_forgotten_before_it_grows_too_large(monkeypatch, nlp, taken_apart):
    monkeypatch.setattr("index.entities.tokens._MOST_CHUNKS", 20)
    some = our_own_texts()[:40]
    assert [taken_apart.spans([text])[0] for text in some] == by_spacy(nlp, some)


def test_a_long_name_that_begins_within_another_is_not_followed_far(monkeypatch, nlp, taken_apart):
    monkeypatch.setattr("index.entities.transitions._ABREAST", 1)
    some = our_own_texts()
    assert taken_apart.spans(some) == by_spacy(nlp, some)


def test_nothing_stays_in_the_vocabulary():
    nlp = spacy.load(DEFAULT_MODEL, exclude=NOT_NAMES)
    taken_apart = direct(nlp)
    before = len(nlp.vocab.strings)
    taken_apart.spans([f"Zq{n}x of Vw{n}y" for n in range(500)])
    assert len(nlp.vocab.strings) == before


@pytest.mark.parametrize("change", ["beam", "pipe", "window", "labels"])
def test_another_architecture_is_left_to_spacy(change):
    nlp = spacy.load(DEFAULT_MODEL, exclude=NOT_NAMES)
    ner = nlp.get_pipe("ner")
    if change == "beam":
        ner.cfg["beam_width"] = 4
    elif change == "pipe":
        nlp.add_pipe("sentencizer", first=True)
    elif change == "window":
        next(node for node in ner.model.walk() if node.name == "expand_window").attrs["window_size"] = 2
    else:
        ner.add_label("SHIP")
    assert direct(nlp) is None


def test_a_model_left_to_spacy_finds_the_same_names(monkeypatch):
    some = our_own_texts()
    ours = Recogniser().recognise(some)
    monkeypatch.setattr("index.entities.architecture.direct", lambda _: None)
    assert Recogniser().recognise(some) == ours
    assert sum(map(len, ours)) > 300
