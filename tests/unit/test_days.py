from datetime import date

import pytest

from api import days


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2014, 1, 1), date(2014, 12, 31), ("2014", "2014")),
        (date(2014, 1, 1), date(2014, 3, 31), ("2014-01", "2014-03")),
        (date(2016, 2, 1), date(2016, 2, 29), ("2016-02", "2016-02")),
        (date(2014, 3, 11), date(2014, 3, 11), ("2014-03-11", "2014-03-11")),
        (date(2014, 3, 1), date(2014, 3, 30), ("2014-03-01", "2014-03-30")),
        (date(9999, 1, 1), date.max, ("9999", "9999")),
    ],
)
def test_an_interval_is_written_as_shortly_as_it_can_be(first, last, expected):
    assert days.stamps(first, last) == expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2014, 3, 11), date(2014, 3, 11), "11 March 2014"),
        (date(2014, 3, 1), date(2014, 3, 31), "March 2014"),
        (date(2013, 9, 1), date(2013, 11, 30), "September 2013 to November 2013"),
        (date(2014, 3, 1), None, "since 1 March 2014"),
        (None, date(2014, 3, 1), "until 1 March 2014"),
        (None, None, "any day"),
    ],
)
def test_days_in_words(first, last, expected):
    assert days.day_words(first, last) == expected
