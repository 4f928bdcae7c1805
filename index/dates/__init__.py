"""Times in English news: text and a day to count from → the days that are meant."""

from index.dates.find import find_dates
from index.dates.given import with_given
from index.dates.publication import find_publication
from index.dates.years import explicit_years

__all__ = ["explicit_years", "find_dates", "find_publication", "with_given"]
