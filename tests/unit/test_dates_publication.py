"""How an article's day of publication is found, and what is said about it."""

from __future__ import annotations

from datetime import date

import pytest

from index.dates import explicit_years, find_publication
from index.model import Metadata, Publication

LEAD = "The ministry said on Tuesday, March 11 that it had answered."
ANSWER = "It had been asked on Monday (March 10)."
VOTE = "He is open to a visit before Sunday’s (March 16) planned vote."


def by_metadata(stamp: str) -> Publication:
    return find_publication(Metadata(published=stamp), None, ["A headline"], ())


@pytest.mark.parametrize(
    "stamp",
    [
        "2014-03-11",
        "2014-03-11T23:30:00-05:00",
        "2014-03-11 23:30",
        "20140311T233000Z",
        "Tue, 11 Mar 2014 23:30:00 -0500",
        "March 11, 2014 5:04 PM ET",
        "11 March 2014",
        "Tuesday 11 March 2014 17.04 GMT",
    ],
)
def test_metadata_gives_the_day_in_its_own_zone(stamp: str) -> None:
    found = by_metadata(stamp)
    assert (found.day, found.by, found.stamp) == (date(2014, 3, 11), "metadata", stamp)
    assert stamp in (found.evidence or "")


@pytest.mark.parametrize("stamp", ["soon", "2014-13-45", "0000-00-00", "31/31/2014", "x" * 10_000])
def test_nonsense_in_metadata_is_ignored_and_said(stamp: str) -> None:
    found = by_metadata(stamp)
    assert found.day is None
    assert found.by is None
    assert "ignored" in (found.evidence or "")


def test_nonsense_in_metadata_does_not_hide_what_the_text_says() -> None:
    found = find_publication(Metadata(published="soon"), None, ["Head", "Published: 11 March 2014"], ())
    assert (found.day, found.by) == (date(2014, 3, 11), "stated")
    assert "ignored" in (found.evidence or "")


def stated(*paragraphs: str, dateline: str | None = None) -> tuple[date | None, str | None]:
    found = find_publication(Metadata(), dateline, ["A headline", *paragraphs], ())
    return found.day, found.by


@pytest.mark.parametrize(
    "line",
    [
        "Published: 11 March 2014",
        "Posted on March 11, 2014",
        "First published Tue 11 Mar 2014 10.15 GMT",
        "March 11, 2014",
        "Published 11 March 2014 | Updated 13 March 2014",
        "Updated: 13 March 2014. First published: 11 March 2014",
    ],
)
def test_a_statement_gives_the_day(line: str) -> None:
    assert stated(line) == (date(2014, 3, 11), "stated")


def test_a_dateline_with_a_year_states_the_day() -> None:
    assert stated(dateline="SOCHI, May 12, 2015 (Reuters) -") == (date(2015, 5, 12), "stated")


@pytest.mark.parametrize(
    "line",
    [
        "Updated: 13 March 2014",
        "Corrected on March 13, 2014",
        "Last modified on Thu 13 Mar 2014",
        "The treaty was published on the web by a group that was founded on March 3, 1999 and never met.",
        "He was born on March 11, 2014",
    ],
)
def test_what_changed_later_or_is_told_states_nothing(line: str) -> None:
    assert stated(line) == (None, None)


def test_weekdays_and_days_of_the_month_leave_one_of_the_years_named() -> None:
    found = find_publication(Metadata(), None, ["A headline", LEAD, ANSWER, VOTE], {2013, 2014})
    assert (found.day, found.by) == (date(2014, 3, 11), "inferred")
    assert "‘Tuesday, March 11’" in (found.evidence or "")
    assert "2003, 2008, 2014, 2025" in (found.evidence or "")
    assert "the document names 2013 and 2014, so 2014" in (found.evidence or "")


@pytest.mark.parametrize("years", [set(), {2013}, {2008, 2014}])
def test_no_year_or_several_leave_the_day_unknown(years: set[int]) -> None:
    assert find_publication(Metadata(), None, [LEAD, ANSWER], years) == Publication()


def test_pairs_that_disagree_leave_the_day_unknown() -> None:
    other = "She said on Friday, March 11 that she had not."
    assert find_publication(Metadata(), None, [LEAD, other], {2013, 2014, 2016}) == Publication()


def test_pairs_on_both_sides_of_new_year_agree() -> None:
    eve = "The shop had closed on Tuesday, December 31."
    day = "The owner said on Thursday, January 2 that it was for good."
    assert find_publication(Metadata(), None, [eve, day], {2013, 2014}).day == date(2014, 1, 2)


def test_a_weekday_alone_dates_nothing() -> None:
    assert find_publication(Metadata(), None, ["They met on Tuesday."], {2013, 2014}) == Publication()


def test_a_planned_day_is_not_the_day_of_publication() -> None:
    planned = "The talks will open on Friday, March 14."
    assert find_publication(Metadata(), None, [LEAD, planned], {2014}).day == date(2014, 3, 11)


def test_a_datelines_day_and_the_leads_weekday_make_a_pair() -> None:
    found = find_publication(
        Metadata(), "SOCHI, May 12 (Reuters) -", ["They met on Tuesday, he said."], {2013, 2015}
    )
    assert (found.day, found.by) == (date(2015, 5, 12), "inferred")


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("It began in April 2014, after the autumn of 2013.", {2013, 2014}),
        ("On 2012-03-03 and 4/25/2011.", {2011, 2012}),
        ("The war of 1939-45.", {1939}),
        ("It cost $1984; 2,014 people came; they won 20-14.", set()),
        ("He read “1984” aloud.", set()),
        ("", set()),
    ],
)
def test_the_years_a_text_names(text: str, years: set[int]) -> None:
    assert explicit_years(text) == years


@pytest.mark.parametrize(
    "line",
    [
        "By Jane Doe | March 11, 2014",
        "By Jane Doe, 11 March 2014",
        "March 11, 2014 | Updated March 13, 2014",
        "Updated March 13, 2014 | Published March 11, 2014",
        "Release date: March 11, 2014",
        "Editor's note: This story was published on March 11, 2014",
        "Originally published March 11, 2014; corrected March 13, 2014",
    ],
)
def test_bylines_and_bars_state_the_day(line: str) -> None:
    assert stated(line) == (date(2014, 3, 11), "stated")


@pytest.mark.parametrize(
    "line",
    [
        "Correction: An article published on March 3, 2014, misspelled a name.",
        "A picture caption published on March 3, 2014, misspelled a name.",
        "Clarification, 13 March 2014",
        "Correction appended March 13, 2014",
        "Archived from the original on 13 March 2014",
        "© 2014 The Paper",
    ],
)
def test_a_note_on_another_article_or_day_states_nothing(line: str) -> None:
    assert stated(line) == (None, None)


def test_an_ambiguous_stamp_says_which_days_it_may_mean() -> None:
    found = by_metadata("03/04/2014")
    assert found.day is None
    assert "may be 3 April 2014 or 4 March 2014" in (found.evidence or "")
