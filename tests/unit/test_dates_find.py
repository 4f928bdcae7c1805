"""What `find_dates` reads out of news English. Every example was written for this project."""

from __future__ import annotations

from datetime import date

import pytest

from index.dates import find_dates
from index.model import DateMention

TUESDAY = date(2014, 3, 11)


def found(text: str, published: date | None = TUESDAY) -> list[tuple[str, str | None]]:
    return [(m.text, m.timex) for m in find_dates([text], published)[0]]


def only(text: str, published: date | None = TUESDAY) -> DateMention:
    (mention,) = find_dates([text], published)[0]
    return mention


@pytest.mark.parametrize(
    ("words", "timex"),
    [
        ("March 3, 2012", "2012-03-03"),
        ("3 March 2012", "2012-03-03"),
        ("Saturday, March 3, 2012", "2012-03-03"),
        ("the third of March", "2014-03-03"),
        ("2012-03-03", "2012-03-03"),
        ("2012-03-03T17:30:00Z", "2012-03-03T17:30"),
        ("April 2012", "2012-04"),
        ("late April 2012", "2012-04"),
        ("the autumn of 2012", "2012-FA"),
        ("the third quarter of 2012", "2012-Q3"),
        ("the first half of 2012", "2012-H1"),
        ("the 1970s", "197"),
        ("the 20th century", "19"),
        ("480 BC", "BC0480"),
        ("nineteen ninety-six", "1996"),
        ("fiscal 2012", "2012"),
        ("yesterday", "2014-03-10"),
        ("tomorrow", "2014-03-12"),
        ("Tuesday morning", "2014-03-11TMO"),
        ("last night", "2014-03-10TNI"),
        ("5:30 p.m. Monday", "2014-03-10T17:30"),
        ("last Friday", "2014-03-07"),
        ("next Friday", "2014-03-14"),
        ("this week", "2014-W11"),
        ("last month", "2014-02"),
        ("next year", "2015"),
        ("the weekend", "2014-W10-WE"),
        ("two weeks ago", "2014-W09"),
        ("three days ago", "2014-03-08"),
        ("five years ago", "2009"),
        ("earlier this month", "2014-03"),
        ("last summer", "2013-SU"),
        ("three days", "P3D"),
        ("a 10-year", "P10Y"),
        ("two and a half dozen", None),
        ("the past two weeks", "P2W"),
        ("a few months", "PXM"),
        ("every day", "P1D"),
        ("Mondays", "XXXX-WXX-1"),
        ("recently", "PAST_REF"),
        ("now", "PRESENT_REF"),
        ("the near future", "FUTURE_REF"),
        ("Christmas Eve 2012", "2012-12-24"),
        ("last Thanksgiving", "2013-11-28"),
    ],
)
def test_a_phrase_has_its_timex(words: str, timex: str | None) -> None:
    mentions = found(f"The vote was held, in effect, {words}, in the capital.")
    assert [value for _, value in mentions] == ([timex] if timex else [])


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("It was in April 2014.", date(2014, 4, 1), date(2014, 4, 30)),
        ("It was in the autumn of 2013.", date(2013, 9, 1), date(2013, 11, 30)),
        ("It was in the winter of 2013.", date(2013, 12, 1), date(2014, 2, 28)),
        ("It was this week.", date(2014, 3, 10), date(2014, 3, 16)),
        ("It was over the weekend.", date(2014, 3, 8), date(2014, 3, 9)),
        ("It was in the second quarter of 1998.", date(1998, 4, 1), date(1998, 6, 30)),
        ("It was in the 1990s.", date(1990, 1, 1), date(1999, 12, 31)),
        ("It was on Tuesday morning.", date(2014, 3, 11), date(2014, 3, 11)),
        ("It was in February 2012.", date(2012, 2, 1), date(2012, 2, 29)),
    ],
)
def test_a_value_covers_its_days(text: str, first: date, last: date) -> None:
    assert (only(text).first, only(text).last) == (first, last)


def test_a_length_covers_no_days() -> None:
    mention = only("The strike went on for three days.")
    assert (mention.timex, mention.first, mention.last) == ("P3D", None, None)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Talks ran between March 3 and 5, 2012, in Oslo.", date(2012, 3, 3), date(2012, 3, 5)),
        ("The war of 1939-45 was over.", date(1939, 1, 1), date(1945, 12, 31)),
        ("The war of 1939–1945 was over.", date(1939, 1, 1), date(1945, 12, 31)),
        ("It lasted from March 3 to March 10, 2012.", date(2012, 3, 3), date(2012, 3, 10)),
        ("It lasted from May to August 2012.", date(2012, 5, 1), date(2012, 8, 31)),
    ],
)
def test_the_first_end_of_a_range_covers_it(text: str, first: date, last: date) -> None:
    mention = find_dates([text], TUESDAY)[0][0]
    assert (mention.first, mention.last) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        "Covid-19, part 1, is closed.",
        "The Sunday Times printed it.",
        "Theresa May said no, and Mrs May left.",
        "It may rain and they march on.",
        "The Long March made him known.",
        "They won 3-2 and then 10-9.",
        "It cost $1984 and drew 1,984 people.",
        "He read “1984” to them.",
        "She quoted Orwell's 1984 at length.",
        "Version 2.0.14 runs at 10.0.12.31 now and then".replace(" now and then", "."),
        "Call 555-1984 or 020 7946 0958.",
        "See section 12 and page 2010.",
        "Ruby Tuesday closed its doors.",
        "A 6-year-old boy sang.",
        "The fall of the town was quick.",
    ],
)
def test_what_is_no_date_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_without_an_anchor_a_relative_time_stays_unresolved() -> None:
    mention = only("They met on Tuesday in Sochi.", published=None)
    assert (mention.text, mention.timex, mention.first, mention.last) == ("Tuesday", None, None, None)


@pytest.mark.parametrize(
    ("text", "timex"),
    [
        ("The court ruled on Friday.", "2014-03-07"),
        ("The court will rule on Friday.", "2014-03-14"),
        ("A hearing is scheduled for Monday.", "2014-03-17"),
        ("The court said Monday it had ruled.", "2014-03-10"),
        ("He is due to appear on June 3.", "2014-06-03"),
        ("He was arrested on December 3.", "2013-12-03"),
    ],
)
def test_the_tense_decides_which_day_is_meant(text: str, timex: str) -> None:
    assert only(text).timex == timex


def test_the_following_day_counts_from_the_day_before_it() -> None:
    paragraphs = ["Troops landed on June 6, 1944, at dawn.", "The following day they took the town."]
    assert find_dates(paragraphs, TUESDAY)[1][0].timex == "1944-06-07"


@pytest.mark.parametrize(
    ("words", "timex"),
    [("a day earlier", "1944-06-05"), ("three days later", "1944-06-09"), ("that year", "1944")],
)
def test_the_text_has_its_own_time(words: str, timex: str) -> None:
    text = f"Troops landed on June 6, 1944, at dawn. The port had been shelled {words}."
    assert found(text)[-1][1] == timex


def test_a_history_is_not_read_against_the_day_it_was_published() -> None:
    paragraphs = [
        "In 1861 the war began. In June 1861 the first shots fell, and in July 1861 more.",
        "By 1862 the coast was lost. On March 3, 1863, the river fell.",
        "In April the siege began, and on May 18 it was closed.",
    ]
    assert [m.timex for m in find_dates(paragraphs, TUESDAY)[2]] == ["1863-04", "1863-05-18"]


def test_a_range_of_months_takes_the_year_at_its_end() -> None:
    assert [value for _, value in found("It ran between March and May 2009.")] == ["2009-03", "2009-05"]


def test_other_dates_of_the_article_tell_day_from_month() -> None:
    assert [m.timex for m in find_dates(["From 03/04/2012.", "To 25/04/2012."], None)[0]] == ["2012-04-03"]
    assert [m.timex for m in find_dates(["From 03/04/2012.", "To 04/25/2012."], None)[0]] == ["2012-03-04"]
    assert [m.timex for m in find_dates(["From 03/04/2012."], None)[0]] == [None]


def test_a_weekday_and_its_date_in_brackets_are_one_mention() -> None:
    assert found("He answered on Monday (March 10).") == [("Monday (March 10)", "2014-03-10")]
    assert found("It is before Sunday’s (March 16) vote.") == [("Sunday’s (March 16)", "2014-03-16")]


def test_a_day_the_calendar_lacks_is_no_date() -> None:
    assert found("On February 30, 2012, nothing happened.") == []


def test_every_paragraph_has_its_own_spans() -> None:
    paragraphs = ["Nothing here.", "It was on March 3, 2012."]
    nothing, (mention,) = find_dates(paragraphs, None)
    assert nothing == ()
    assert paragraphs[1][mention.start : mention.end] == mention.text == "March 3, 2012"


@pytest.mark.parametrize(
    ("words", "timex"),
    [
        ("2012/03/07", "2012-03-07"),
        ("25/04/2012", "2012-04-25"),
        ("4/25/12", "2012-04-25"),
        ("25.4.2012", "2012-04-25"),
        ("March 7th, 2012", "2012-03-07"),
        ("the seventh of December, 1941", "1941-12-07"),
        ("Q4 2013", "2013-Q4"),
        ("2013 Q4", "2013-Q4"),
        ("3Q 2013", "2013-Q3"),
        ("H1 2013", "2013-H1"),
        ("1H 2013", "2013-H1"),
        ("FY2013", "2013"),
        ("FY13", "2013"),
        ("last year's quarter", "2013"),
        ("the twenty-first century", None),
        ("the 19th century", "18"),
        ("A.D. 1079", "1079"),
        ("480 B.C.", "BC0480"),
        ("at 17:30 GMT", "2014-03-11T17:30"),
        ("at 1730 GMT", "2014-03-11T17:30"),
        ("at 9 o'clock", "2014-03-11T09:00"),
        ("at 4 in the afternoon", "2014-03-11T16:00"),
        ("mid-afternoon yesterday", "2014-03-10TAF"),
        ("Monday of last week", "2014-03-03"),
        ("Thursday of next week", "2014-03-20"),
        ("the day before last Friday", "2014-03-06"),
        ("three days from now", "2014-03-14"),
        ("a week from Tuesday", "2014-03-18"),
        ("half a century ago", "1964"),
        ("a couple of years ago", "2012"),
        ("a year and a half ago", "2012"),
        ("next weekend", "2014-W12-WE"),
        ("next spring", "2015-SP"),
        ("last Oct. 23", "2013-10-23"),
        ("year-end 2013", "2013-12-31"),
        ("half an hour", "PT30M"),
        ("two and a half years", "P2Y6M"),
        ("an hour and a half", "PT1H30M"),
        ("a decade and a half", "P15Y"),
        ("2.5 years", "P2.5Y"),
        ("two to three weeks", "P2W"),
        ("the next couple of years", "PXY"),
        ("several quarters", "PXQ"),
        ("an hour later", "PT1H"),
        ("every other day", "P2D"),
        ("every four years", "P4Y"),
        ("every summer", "XXXX-SU"),
        ("weekends", "XXXX-WXX-WE"),
        ("Monday nights", "XXXX-WXX-1TNI"),
        ("at the moment", "PRESENT_REF"),
        ("the foreseeable future", "FUTURE_REF"),
        ("Presidents' Day", "2014-02-17"),
        ("Martin Luther King Jr. Day", "2014-01-20"),
        ("Anzac Day 2012", "2012-04-25"),
        ("Passover 2014", "2014-04-15"),
        ("Yom Kippur 2014", "2014-10-04"),
    ],
)
def test_a_phrase_of_the_newsroom_has_its_timex(words: str, timex: str | None) -> None:
    mentions = found(f"The vote was held, in effect, {words}, in the capital.")
    assert [value for _, value in mentions] == ([timex] if timex else ["20"])


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("The talks ran from Monday to Friday.", date(2014, 3, 10), date(2014, 3, 14)),
        ("It was built from the 18th to the 20th century.", date(1700, 1, 1), date(1999, 12, 31)),
        ("The house is open March-May.", date(2014, 3, 1), date(2014, 5, 31)),
        ("The fair ran from Dec. 30, 2013 to Jan. 2, 2014.", date(2013, 12, 30), date(2014, 1, 2)),
        ("The 1914-18 war was over.", date(1914, 1, 1), date(1918, 12, 31)),
        ("It grew between the 1960s and the 1980s.", date(1960, 1, 1), date(1989, 12, 31)),
        ("It ran from 2010 through 2012.", date(2010, 1, 1), date(2012, 12, 31)),
    ],
)
def test_ranges_of_every_size_are_intervals(text: str, first: date, last: date) -> None:
    mention = find_dates([text], TUESDAY)[0][0]
    assert (mention.first, mention.last) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        "The Mail on Sunday printed it.",
        "The New York Daily News said so.",
        "She told USA Today that she was tired.",
        "She spoke on the Today programme.",
        "He was a guest of “This Week” on a network.",
        "They watched Saturday Night Live.",
        "Super Bowl Sunday draws a crowd.",
        "They saw High Noon in a cinema.",
        "They saw the film 2012 in a cinema.",
        "They saw 2001: A Space Odyssey in a cinema.",
        "It was on '60 Minutes.",
        "He was in his 30s when they met.",
        "Highs in the 70s are likely.",
        "The line is staffed 24 hours a day, five days a week.",
        "Its likely future performance is poor.",
        "It was the last week of his reign.",
        "They left as soon as they could.",
    ],
)
def test_names_and_idioms_are_no_times(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "timex"),
    [
        ("He will resign in December.", "2014-12"),
        ("In January, the firm brought in a new chief.", "2014-01"),
        ("In June, the firm brought in a new chief.", "2013-06"),
        ("The loan was extended through May.", "2014-05"),
        ("Mr. Smith will succeed John P. Jones Dec. 1.", "2014-12-01"),
        ("The offer had been due to expire Friday.", "2014-03-07"),
        ("The shares rose 3% since year-end.", "2013-12-31"),
        ("It was agreed to close in June.", "2014-06"),
        ("The tenants may soon be heard.", "FUTURE_REF"),
        ("They will meet this weekend.", "2014-W11-WE"),
        ("They met on the 7th.", "2014-03-07"),
        ("They will meet on the 7th.", "2014-04-07"),
    ],
)
def test_tense_reaches_months_and_days_without_one(text: str, timex: str) -> None:
    assert found(text)[-1][1] == timex


def test_results_are_compared_with_the_same_quarter_or_months() -> None:
    quarter = "Net rose in the third quarter of 2013. Sales rose from {}."
    assert found(quarter.format("a year earlier"))[-1][1] == "2012-Q3"
    assert found(quarter.format("the year-ago quarter"))[-1][1] == "2012-Q3"
    last = "Net rose in the third quarter. For the corresponding period last year there was a loss."
    assert found(last, date(2013, 11, 5))[-1] == ("the corresponding period last year", "2012-Q3")
    months = "Net fell in the third quarter. For the nine months, net fell from the level of a year earlier."
    assert found(months)[-1][1] == "2013"


def test_a_portrait_is_no_history() -> None:
    text = (
        "Born in 1946, she wed in 1966, sang in 1979, left in 1984 and came home in 1999."
        " The court will hear her in April."
    )
    assert found(text)[-1] == ("April", "2014-04")


def test_a_dispatch_may_be_filed_on_the_day_before_its_own() -> None:
    lead = "The premier said Wednesday that she had signed. She had met the king on Wednesday."
    assert [value for _, value in found(lead)] == ["2014-03-12", "2014-03-05"]


def test_a_local_time_is_told_once() -> None:
    text = "It opened at 10:35 a.m. (0735 GMT) Friday."
    assert [words for words, _ in found(text)] == ["10:35 a.m.", "Friday"]


def test_how_far_a_phrase_reaches() -> None:
    text = "Right now it is quiet; more recently, and over the next two years or so, about three days."
    assert [words for words, _ in found(text)] == [
        "Right now",
        "more recently",
        "the next two years or so",
        "about three days",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "She said on Monday she would meet them on Thursday.",
            [("Monday", "2014-03-10"), ("Thursday", "2014-03-13")],
        ),
        (
            "The bridge closes 9 a.m. to 5 p.m. Saturday.",
            [("9 a.m.", "2014-03-08T09:00"), ("5 p.m. Saturday", "2014-03-08T17:00")],
        ),
        ("At 0800 GMT on Wednesday polls will open.", [("0800 GMT on Wednesday", "2014-03-12T08:00")]),
        (
            "They voted on the first Monday of December 2013.",
            [("the first Monday of December 2013", "2013-12-02")],
        ),
        (
            "They vote on the last Thursday in November 2014.",
            [("the last Thursday in November 2014", "2014-11-27")],
        ),
        ("It was signed on the 14th of last month.", [("the 14th of last month", "2014-02-14")]),
        ("Sales rose over Thanksgiving weekend 2013.", [("Thanksgiving weekend 2013", "2013-W48-WE")]),
        ("He wrote of the Sept. 11 attacks.", [("Sept. 11", "2001-09-11")]),
        ("It was worse than 2013.", [("2013", "2013")]),
        ("It was lost in the 4th century BC.", [("the 4th century BC", "BC03")]),
        ("It fell in the latter half of 2008.", [("the latter half of 2008", "2008-H2")]),
    ],
)
def test_a_sentence_has_its_times(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert found(text) == expected


def test_a_story_does_not_move_to_a_year_it_looks_back_at() -> None:
    paragraphs = [
        "In 1961 the war began. In June 1961 the first shots fell, and in July 1962 more.",
        "By 1963 the coast was lost. On March 3, 1963, the river fell, as it had two decades earlier.",
        "In April the siege began.",
    ]
    assert find_dates(paragraphs, TUESDAY)[2][0].timex == "1963-04"
