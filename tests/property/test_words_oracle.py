"""The words found in a whole batch of texts are those that the tokenizer finds in each."""

from itertools import islice

from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.analysis import fold, forms, stem, stems, surfaces
from index.columns import words as module
from index.columns.words import Words

LETTERS = st.sampled_from(
    [
        *"aZbUS019",
        *".,'_’- \n\t\0",
        "U.S.",
        "U.K",
        "1,000",
        "3.5",
        "é",
        "É",
        "e\u0301",
        "ß",
        "—",
        "“",
        "٣",
        "\ud800",
    ]
)
TEXTS = st.lists(
    st.lists(LETTERS, max_size=25).map("".join)
    | st.text(max_size=40)
    | st.text("abc", min_size=12, max_size=20),
    max_size=6,
)


def words_of(found, text_bytes):
    """Surfaces by paragraph, as the batch has them."""
    numbers, lengths = found.words(text_bytes)
    told = {number: word.decode("utf-8", "surrogatepass") for word, number in found._numbers.items()}
    rest = iter(numbers.tolist())
    return [[told[next(rest)] for _ in range(length)] for length in lengths.tolist()]


@settings(max_examples=400)
@given(batches=st.lists(TEXTS, min_size=1, max_size=3))
@example(
    batches=[["RussianU.S. x.U.S.A's 80's 1st's 1.5x o'clock U.S_ A.B", "", "'", ".a.", "a" * 16, "a" * 17]]
)
@example(batches=[["abcdefgh abcdefghi abcdefghabcdefgh"], ["abcdefgh abcdefghi abcdefghabcdefgz"]])
def test_a_batch_holds_the_words_of_each_text(batches):
    found = Words()
    for texts in batches:
        data = [t.encode("utf-8", "surrogatepass") for t in texts]
        assert words_of(found, data) == [surfaces(t) for t in texts]


@settings(max_examples=50)
@given(texts=TEXTS)
def test_full_tables_change_nothing(texts):
    found = Words()
    found._table = module._Table(1)  # two slots: nearly every word is forgotten
    data = [t.encode("utf-8", "surrogatepass") for t in texts]
    assert words_of(found, data) == words_of(found, data) == [surfaces(t) for t in texts]


@given(texts=TEXTS)
def test_every_form_of_a_word_stands_at_its_place(texts):
    found = Words()
    taken = found.take([t.encode("utf-8", "surrogatepass") for t in texts])
    told = list(found.exact)
    rest = iter(zip(taken.terms.tolist(), taken.positions.tolist(), strict=True))
    for text, length in zip(texts, taken.lengths.tolist(), strict=True):
        wanted = [(form, place) for place, word in enumerate(surfaces(text)) for form in forms(word)]
        assert [(told[term], place) for term, place in islice(rest, length)] == wanted
    assert next(rest, None) is None
    assert stems(told) == [stem(form) for form in told]


@given(word=st.from_regex(r"[A-Za-z0-9]{1,70}", fullmatch=True))
def test_the_whole_word_is_a_form_of_it(word):
    assert forms(word)[0] == fold(word)
