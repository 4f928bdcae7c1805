"""Where every word has a capital, the article tells which ones are names."""

from __future__ import annotations

from index.entities import RawName, legible, resolve_names, seen_forms

HEADLINE = "Berg Bank Orders Public Inquiry Into Dam Failure"
BODY = (
    "The Berg Bank of Oslo said on Friday that it had ordered an inquiry.",
    "The public has waited for word on the failure of the dam, the bank said.",
)


def test_a_title_is_read_as_a_sentence() -> None:
    assert (
        legible(HEADLINE, seen_forms([HEADLINE, *BODY])) == "Berg Bank orders public inquiry into dam failure"
    )


def test_running_text_is_left_as_it_is() -> None:
    assert legible(BODY[0], {}) == BODY[0]


def test_a_name_that_only_the_headline_has_is_none() -> None:
    names = [(RawName(0, len(HEADLINE), "ORG"),), (RawName(0, 13, "ORG"), RawName(17, 21, "GPE")), ()]
    found = resolve_names([HEADLINE, *BODY], names)
    assert [m.text for m in found[0]] == ["Berg Bank"]
    assert found[0][0].entity == found[1][0].entity


def test_a_country_and_its_adjective_are_no_organisation() -> None:
    text = "The visit lifted U.S.-Kenyan ties."
    found = resolve_names([text], [(RawName(17, 28, "ORG"),)])
    assert [(m.text, m.entity) for m in found[0]] == [("U.S.", "place-united-states")]


def test_a_caption_glued_to_a_name_is_cut_off() -> None:
    text = "SwedishU.S. Secretary Berg left. OsloThe mayor stayed."
    found = resolve_names([text], [(RawName(0, 11, "GPE"), RawName(33, 40, "GPE"))])
    assert [m.text for m in found[0] if m.kind == "place"] == ["U.S.", "Oslo"]
