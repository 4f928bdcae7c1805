"""Plain text → paragraphs: joining wrapped lines, dropping repeats, kinds."""

from __future__ import annotations

import pytest

from index.paragraphs import split_paragraphs
from index.repeats import near_equal
from index.wire import is_byline, is_date_line, parse_dateline


def pieces(text: str) -> list[tuple[str, str]]:
    return [(piece.kind, text[piece.start : piece.end]) for piece in split_paragraphs(text)]


def test_wrapped_lines_are_one_paragraph_and_stay_verbatim():
    text = (
        "The council voted on Monday to close the old\nbridge over the river, and said that it\nwould open."
    )
    assert pieces(text) == [("body", text)]


def test_one_paragraph_a_line():
    text = "The council voted on Monday.\nResidents were angry about it.\nNobody came to look at it."
    assert len(pieces(text)) == 3


def test_quotes_by_mark_only():
    assert pieces("> He said so\n> and went.\n\n“It is so,” he said.") == [
        ("quote", "> He said so\n> and went."),
        ("body", "“It is so,” he said."),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Fishing boats in the port of Halden. (AP Photo/Jane Doe)",
        "File photo: The bridge in winter",
        "The mayor leaves the hall on Monday. REUTERS/Jane Doe",
        "Pictured: Ida Moe at the harbour",
        "Caption: Ida Moe",
        "Photo by Jane Doe",
        "A view of the bridge. Getty Images",
    ],
)
def test_captions_name_themselves(line):
    assert pieces(f"{line}\n\nThe council voted on Monday to close it.")[0] == ("caption", line)


@pytest.mark.parametrize("line", ["Background", "What happens next", "A Long Road"])
def test_headings(line):
    assert pieces(f"The vote was close.\n\n{line}\n\nThe council voted on Monday to close it.")[1] == (
        "heading",
        line,
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Speaker, Ida Moe addresses the hall.", "Speaker, Ida Moe, addresses the hall.", True),
        ("SPEAKER IDA MOE  ADDRESSES HALL", "Speaker Ida Moe addresses hall", True),
        (
            "Ida Moe of the council adresses the hall on Monday",
            "Ida Moe of the council addresses the hall on Monday",
            True,
        ),
        (
            "Ida Moe of the town speaks in front of hall",
            "Ida Moe of the town speaks in front of the hall",
            True,
        ),
        (
            "Ida Moe and Tom Alder before the debate in Halden",
            "Ida Moe and Tom Alder before the debate at Halden",
            True,
        ),
        (
            "The price of bread rose to 4 kroner on Monday",
            "The price of bread rose from 4 kroner on Monday",
            False,
        ),
        ("Team A 2, Team B 1", "Team A 2, Team C 1", False),
        (
            "Shares in Halden rose in early trading on Monday 3",
            "Shares in Halden rose in early trading on Monday 4",
            False,
        ),
        (
            "Shares in Halden rose in early trading on Monday",
            "Shares in Halden fell in early trading on Monday",
            False,
        ),
        ("The vote was won by Ida Moe of the town", "The vote was won by Ada Moe of the town", False),
        ("Yes", "Yes", False),
        ("", "", False),
    ],
)
def test_near_equal(one, other, same):
    assert near_equal(one, other) is same
    assert near_equal(other, one) is same


@pytest.mark.parametrize(
    ("text", "dateline", "agency"),
    [
        ("SOCHI, May 12 (Reuters) - The ministers met.", "SOCHI, May 12 (Reuters)", "Reuters"),
        ("LONDON (AP) — The ministers met.", "LONDON (AP)", "AP"),
        ("WASHINGTON, March 3, 2015 — The ministers met.", "WASHINGTON, March 3, 2015", None),
        ("NEW YORK | The ministers met.", "NEW YORK", None),
        ("PARIS/BERLIN, Jan 5 (AFP) - The ministers met.", "PARIS/BERLIN, Jan 5 (AFP)", "AFP"),
        ("NAIROBI, Kenya (AP) _", "NAIROBI, Kenya (AP)", "AP"),
        ("Nagpur (India) (AFP) – The side won.", "Nagpur (India) (AFP)", "AFP"),
        ("SEOUL, Aug. 20 (Yonhap) -- The paper said.", "SEOUL, Aug. 20 (Yonhap)", "Yonhap"),
    ],
)
def test_datelines(text, dateline, agency):
    mark = parse_dateline(text)
    assert mark is not None
    assert (mark.text, mark.agency) == (dateline, agency)


@pytest.mark.parametrize(
    "text",
    [
        "Kerry - who met Putin - left.",
        "BREAKING - The bridge is closed.",
        "COVID-19 cases rose.",
        "The vote",
        "",
        "NATO said - and meant - it.",
    ],
)
def test_what_is_no_dateline(text):
    assert parse_dateline(text) is None


@pytest.mark.parametrize(
    "line",
    [
        "By Jane Doe",
        "By JANE DOE and John Roe, Staff Writer",
        "BY JANE DOE",
        "By The Associated Press",
        "by Ida van der Moe",
    ],
)
def test_bylines(line):
    assert is_byline(line)


@pytest.mark.parametrize(
    "line", ["By Monday the bridge was closed.", "By the Numbers", "By Monday", "Bye Bye Birdie", "By March"]
)
def test_what_is_no_byline(line):
    assert not is_byline(line)


@pytest.mark.parametrize(
    "line",
    [
        "Published: March 3, 2015",
        "Updated 3 May 2015 at 10:30",
        "Friday, May 1, 2015",
        "2015-03-01",
        "March 3, 2015 Tuesday",
    ],
)
def test_date_lines(line):
    assert is_date_line(line)
