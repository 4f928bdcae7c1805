from dataclasses import replace
from datetime import date

import pytest

from api import pageview
from api.addresses import FILTERS, Address
from index.model import DateMention, EntityMention
from search.request import DayRange, EntityFilter, SearchRequest
from search.results import ArticleHead, Facet, FacetValue, Hit, Page, QueryEcho, Snippet, Story

HEAD = ArticleHead("a", "A headline", None, None, "wire", None, None, None)


def hit(id_, text, snippet=None, **more):
    told = {"kind": "body", "dates": (), "entities": (), **more}
    return Hit(
        id=id_, ordinal=1, score=1.0, text=text, snippet=snippet or Snippet(text, ()), article=HEAD, **told
    )


def test_chips_name_everything_that_narrows():
    asked = SearchRequest(
        entities={"person": EntityFilter(("kerry",), excluded=("putin",))},
        mentioned=DayRange(date(2014, 3, 1), date(2014, 3, 31)),
        undated="exclude",
    )
    pairs = [("person", "kerry"), ("not_person", "putin"), ("mentioned_from", "2014-03")]
    here = Address.of("/", [*pairs, ("mentioned_to", "2014-03"), ("undated", "exclude")])
    chips = pageview.chips(asked, here, {"kerry": "John Kerry"})
    assert [chip.label for chip in chips] == [
        *("John Kerry", "not putin", "mentioned March 2014", "without undated"),
    ]
    assert "person=kerry" not in chips[0].href.replace("not_person", "")
    assert str(here.without(*FILTERS)) == "/"


def test_a_facet_offers_more_and_joins_two_names():
    values = (FacetValue("a", "A", 2, selected=True), FacetValue("b", "B", 1))
    page = Page(QueryEcho("", ""), 1, 1, 1.0, (), {"person": Facet(values, 9, 30)})
    asked = SearchRequest(entities={"person": EntityFilter(("a", "c"))})
    here = Address.of("/", [("person", "a"), ("person", "c")])
    (panel,) = pageview.facet_panels(asked, page, here)
    assert (panel.hidden, panel.more) == (28, "/?person=a&person=c&facet_limit=30")
    assert panel.rows[0].choose == "/?person=c"
    assert [(mode.label, mode.on) for mode in panel.modes] == [("any of them", True), ("all of them", False)]
    assert panel.modes[1].href == "/?person=a&person=c&person_mode=all"


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("dam inq", "dam inq*"),
        ("(dam OR inq", "(dam OR inq*"),
        ("حكو", "حكو*"),
        ('"dam inq', None),
        ('"dam inquiry" rep', '"dam inquiry" rep*'),
        ("dam -inq", None),
        ("headline:inq", None),
        ("dam OR", None),
        ("dam i", None),
        ("inq*", None),
        ("dam ", None),
        ("", None),
    ],
)
def test_a_word_that_is_not_finished_is_left_open(q, expected):
    assert pageview.begun(q) == expected


def test_the_same_words_are_folded_whatever_their_spacing():
    hits = [hit("1", "The dam  failed."), hit("2", "Another."), hit("3", "the dam failed.")]

    def shown(asked):
        return [(first.id, [h.id for h in rest]) for first, rest in pageview.folded(hits, asked)]

    assert shown(pageview.folding(SearchRequest())) == [("1", ["3"]), ("2", [])]
    assert shown(pageview.folding(SearchRequest(duplicates="show"))) == [("1", []), ("2", []), ("3", [])]


def test_copies_lead_to_the_search_for_them_and_not_from_there_again():
    def copies(found, **asked):
        return pageview.hit_view(
            hit("1", "x", story=Story("a", 4, found)), (), Address.of("/", asked.items())
        )

    option = copies(3, q="dam", duplicates="show", cursor="c").copies
    assert (option.label, option.href) == ("and 2 more copies", "/?q=dam&story=a&group=article")
    assert copies(2).copies.label == "and 1 more copy"
    assert copies(1).copies is None  # the others do not answer the search
    assert copies(3, story="a").copies is None


def test_copies_are_a_choice_only_where_there_are_some():
    here = Address.of("/", [("q", "dam"), ("duplicates", "show")])
    page = Page(QueryEcho("", ""), 5, 4, 1.0, (), stories=3)
    shown = pageview.copies_shown(SearchRequest(duplicates="show"), page, here)
    assert [(o.label, o.href, o.on) for o in shown] == [
        ("folded", "/?q=dam", False),
        ("shown", "/?q=dam&duplicates=show", True),
    ]
    assert pageview.copies_shown(SearchRequest(), replace(page, stories=4), here) == ()
    assert pageview.copies_shown(SearchRequest(group="story"), page, here) == ()


def test_mentions_of_a_cut_passage_are_told_where_they_stand_in_it():
    text = "On Monday a report came. John Kerry read it in Paris and left."
    kerry = EntityMention(25, 35, "John Kerry", "person", "person-john-kerry", "John Kerry")
    paris = EntityMention(47, 52, "Paris", "place", "place-paris", "Paris")
    monday = DateMention(3, 9, "Monday", "2014-03-10", date(2014, 3, 10), date(2014, 3, 10))
    cut = Snippet("… John Kerry read it …", ((2, 6),))
    view = pageview.hit_view(
        hit("1", text, cut, entities=(kerry, paris), dates=(monday,)), (), Address.of("/", [("q", "john")])
    )
    assert view.snippet == (
        '… <a class="to" rel="nofollow" href="/entities/person-john-kerry?q=john">'
        '<span class="note name" title="John Kerry (person)"><mark>John</mark> Kerry</span></a> read it …'
    )
    assert [option.label for option in view.names] == ["Paris"]
    assert [(option.label, option.title) for option in view.dates] == [("Monday", "10 March 2014")]
    assert not view.whole


def test_a_headline_that_was_found_is_marked_where_it_stands():
    found = hit("1", "A headline", Snippet("A headline", ((2, 10),)), kind="headline")
    view = pageview.hit_view(found, (), Address("/"))
    assert (view.headline, view.snippet) == ("A <mark>headline</mark>", None)
