from datetime import date

import pytest

from api.addresses import Address, web_address


def test_an_address_keeps_what_it_knows_in_one_order():
    here = Address.of("/", [("sort", "newest"), ("utm", "x"), ("q", "a&b"), ("person", ""), ("person", "p")])
    assert str(here) == "/?q=a%26b&person=p&sort=newest"


def test_a_step_starts_at_the_first_result():
    here = Address.of("/", [("q", "a"), ("cursor", "c")])
    assert str(here.choosing("person", "p")) == "/?q=a&person=p"
    assert str(here.having("cursor", "d")) == "/?q=a&cursor=d"


def test_choosing_ends_excluding_and_the_other_way_round():
    here = Address.of("/", [("person", "a"), ("not_person", "b")])
    assert str(here.choosing("person", "b")) == "/?person=a&person=b"
    assert str(here.excluding("person", "a")) == "/?not_person=b&not_person=a"


def test_days_of_publication_rule_out_the_undated():
    here = Address.of("/", [("undated", "only"), ("q", "a")])
    there = here.within("published", date(2014, 3, 1), date(2014, 3, 31))
    assert str(there) == "/?q=a&published_from=2014-03&published_to=2014-03"


def test_half_a_surrogate_pair_does_not_break_an_address():
    assert str(Address.of("/", [("q", "\ud800")])) == "/?q=%3F"


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//host/x", "http:x", "http://[", "JAVASCRIPT:x", "", None],
)
def test_only_web_addresses_become_links(url):
    assert web_address(url) is None


def test_a_web_address_is_linked():
    assert web_address("https://example.org/a?b=c") == "https://example.org/a?b=c"
