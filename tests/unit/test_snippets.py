"""Which passage is shown, and what of it is marked."""

import re
from dataclasses import replace
from html import unescape
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.marking import marked
from api.render import hit_json
from index.analysis import stem
from search.results import ArticleHead, Hit
from search.snippets import LENGTH, snippet
from search.spotting import Wanted, beginnings, find_marks

LONG = (
    "The harbour board met on Monday to hear what the engineers had found beneath the northern quay. "
    "Nothing that was said surprised the people in the hall, who had watched the cranes lean for a year. "
    "Councillor Ada Brandt asked who would pay for the repairs, and was told that nobody knew as yet. "
    "The engineers then spoke of salt, of tides and of the ferry, whose wash had eaten into the wall. "
    "When the meeting closed, the ferry had long gone, and the repairs were no nearer than before it began."
)


def shown(text, **wanted):
    found = snippet(text, Wanted(**wanted))
    return found.text, [found.text[a:b] for a, b in found.marks]


def test_a_short_paragraph_is_shown_whole():
    text = "The ferry left at noon."
    assert shown(text, stems={"ferri"}) == (text, ["ferry"])


def test_a_long_paragraph_is_cut_to_the_passage_with_most_of_the_query():
    text, marks = shown(LONG, stems={"ferri", "salt", "tide"})
    assert marks == ["salt", "tides", "ferry", "ferry"]
    assert text.startswith("… ")
    assert len(text) <= LENGTH + 4


def test_without_words_the_beginning_is_shown():
    text, marks = shown(LONG)
    assert LONG.startswith(text.removesuffix(" …"))
    assert text.endswith(" …")
    assert marks == []


def test_different_words_are_worth_more_than_one_word_often():
    text = "salt salt salt salt. " + "filler words here " * 30 + "The tide took the ferry."
    assert shown(text, stems={"salt", "tide", "ferri"})[1] == ["tide", "ferry"]


def test_all_endings_of_a_word_are_marked():
    text = "They annexed it; annexing was easy, the annexation less so. Annexes stood empty."
    assert shown(text, stems={"annex"})[1] == ["annexed", "annexing", "annexation", "Annexes"]


def test_an_exact_word_marks_itself_alone():
    assert shown("They annexed it; annexing was easy.", exact={"annexing"})[1] == ["annexing"]


def test_a_phrase_is_one_mark():
    text = "The Secretary of State met the secretary; the State slept."
    assert shown(text, phrases=[(("secretary", "of", "state"), 1, False)])[1] == ["Secretary of State"]


def test_a_loose_phrase_marks_its_words_and_not_what_stands_between():
    assert shown("The cold and lonely war.", phrases=[(("cold", "war"), 3, False)])[1] == ["cold", "war"]
    assert shown("The cold and lonely war.", phrases=[(("cold", "war"), 2, False)])[1] == []


def test_a_phrase_longer_than_the_passage_is_marked_as_far_as_it_is_shown():
    sentence = LONG[LONG.index("Councillor") : LONG.index("When")]
    phrase = tuple(re.findall(r"\w+", sentence.lower()))
    text, marks = shown("Filler first. " * 30 + LONG, phrases=[(phrase, 1, False)])
    assert len(marks) == 1
    assert marks[0].startswith("Councillor Ada Brandt asked")
    assert marks[0] in text


def test_a_word_inside_a_phrase_is_not_marked_twice():
    wanted = {"stems": {"war"}, "phrases": [(("cold", "war"), 1, False)]}
    assert shown("The cold war was a war.", **wanted)[1] == ["cold war", "war"]


def test_possessives_acronyms_and_glued_words_are_marked_as_they_stand():
    assert shown("Russia’s fleet", stems={"russia"})[1] == ["Russia’s"]
    assert shown("the U.S. and us", stems={stem("u.s")})[1] == ["U.S."]
    assert shown("RussianU.S. Secretary", stems={"russian"})[1] == ["Russian"]


def test_marks_count_characters_beyond_the_basic_plane_as_one():
    text = "🚀🚀 Ferry 👩‍🚀 ferry"
    found = snippet(text, Wanted(stems={"ferri"}))
    assert found.marks == ((3, 8), (13, 18))


def test_right_to_left_words_are_marked():
    assert shown("שלום עולם", stems={"עולם"})[1] == ["עולם"]


def test_lines_are_broken_at_any_white_space():
    text = "\n".join(["eins zwei"] * 5 + ["word\u00a0space\tferry"] * 40)
    found, _ = shown(text, stems={"ferri"})
    assert set(re.findall(r"\w+", found)) <= set(re.findall(r"\w+", text))


def test_a_text_without_any_space_still_has_a_passage():
    text, marks = shown("x" * 700 + ".ferry." + "y" * 700, stems={"ferri"})
    assert marks == ["ferry"]
    assert len(text) <= LENGTH + 4


def hit(text, wanted):
    head = ArticleHead("a", None, None, None, "s", None, None, None)
    return Hit("p", 1, "body", 1.0, text, snippet(text, wanted), head, (), ())


def stripped(markup):
    return unescape(re.sub(r"</?mark>", "", markup))


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script> ferry",
        "ferry </mark><img src=x onerror=alert(1)>",
        "5 < 6 & 7 > 2, said “ferry” 'ferry' \"ferry\"",
        "&lt;ferry&gt; &amp; &mark;",
    ],
)
def test_markup_of_the_text_is_text(text):
    made = hit_json(hit(text, Wanted(stems={"ferri"})))["snippet"]
    assert made["text"] == text
    assert set(re.findall(r"<[^>]*>", made["html"])) == {"<mark>", "</mark>"}
    assert stripped(made["html"]) == text


alphabet = st.sampled_from(
    [*"aé’<>&\"'.,-\n\t\u00a0 ", "ferry", "Ferries ", "cold war ", "🚀", "שלום ", "U.S. ", "x" * 30]
)
texts = st.lists(alphabet, max_size=200).map("".join) | st.text()
wanteds = st.builds(
    Wanted,
    stems=st.sets(st.sampled_from(["ferri", "x", "שלום", "u.s", "a"])),
    exact=st.sets(st.sampled_from(["war", "ferry", "a"])),
    phrases=st.lists(
        st.sampled_from([(("cold", "war"), 1, False), (("ferri", "ferri"), 3, True), (("a", "a"), 2, False)])
    ),
)


@given(texts, wanteds)
def test_a_passage_is_part_of_the_text_and_its_marks_lie_apart(text, wanted):
    found = snippet(text, wanted)
    core = found.text.removeprefix("… ").removesuffix(" …")
    assert core in text
    assert len(found.text) <= LENGTH * 5 // 4
    assert all(0 <= a < b <= len(found.text) for a, b in found.marks)
    assert all(a[1] <= b[0] for a, b in pairwise(found.marks))


@given(texts, wanteds)
def test_all_that_matches_in_a_passage_is_marked(text, wanted):
    found = snippet(text, wanted)
    everywhere = find_marks(text, wanted)
    assert bool(found.marks) == bool(everywhere)
    if found.text == text:
        assert found.marks == tuple(span for span, _ in everywhere)
    else:
        words = {text[a:b] for (a, b), _ in everywhere}
        assert all(any(found.text[a:b] in w for w in words) for a, b in found.marks)


# Letters around the words, and words whose form is not in the text letter by letter.
odd = st.sampled_from(
    [
        *"aes'’.,-_\n\t 1",
        "ferry",
        "Ferries ",
        "ferrying",
        "WAR's ",
        "o'war ",
        "cold-war",
        "dying ",
        "1,000 ",
        "é",
    ]
)


@given(st.lists(odd, max_size=60).map("".join), wanteds | st.just(Wanted(stems={"die", "oclock", "10"})))
def test_looking_for_letters_first_finds_the_same_as_comparing_every_word(text, wanted):
    every = replace(wanted)
    every.__dict__["begins"] = None
    assert find_marks(text, wanted) == find_marks(text, every)


ENDINGS = (
    "ation ing ed ly y ies ied iviti ability bli bly ibility ousness logy ization e er fully lessly ational "
    "icate ical ness eed edly ingly s alism alize iveness ement ying"
).split()


@given(st.text("abdegilnoprstuvyz", max_size=8), st.lists(st.sampled_from(ENDINGS), max_size=3))
def test_a_stem_tells_how_its_words_begin(root, endings):
    word = root + "".join(endings)
    assert not word or word.startswith(beginnings(stem(word)))


@given(st.lists(st.sampled_from(["ferry", "quay", "«salt»", "tide,", "on", "the"]), min_size=80), wanteds)
def test_a_passage_is_of_whole_words(words, wanted):
    text = " ".join(words)
    found = snippet(text, wanted).text.removeprefix("… ").removesuffix(" …")
    assert set(found.split()) <= set(words)


@given(texts, wanteds)
def test_the_markup_without_its_tags_is_the_text(text, wanted):
    found = snippet(text, wanted)
    made = str(marked(found.text, found.marks))
    assert stripped(made) == found.text or "&" in text
    assert made.count("<mark>") == made.count("</mark>") == len(found.marks)
    assert not re.search(r"<(?!/?mark>)", made)
