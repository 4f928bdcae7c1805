from datetime import date

from api import pageview
from api.addresses import FILTERS, Address
from search.request import DayRange, EntityFilter, SearchRequest
from search.results import Facet, FacetValue, Page, QueryEcho


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
