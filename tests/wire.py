"""A wire agency's copy, invented, for tests of what newsrooms do to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from index.model import Article, Paragraph, Publication, stable_id


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.strip().split("\n\n"))


DAM = _paragraphs("""
ELLERY, March 3 (Meridian) - Engineers lowered the water behind the Calder dam by 4.5 metres on
Tuesday after inspectors found cracks in two of its eleven spillway gates, the ministry said.

About 1,200 people were told to leave their homes in the valley below, and schools in three towns
were opened to take them in for the night.

"We are taking no chances with a structure of that age," the minister for public works, Helen Walsh,
told reporters at the foot of the dam. She said repairs would cost 38 million crowns.

The dam was finished in 1961 and supplies a third of the capital's drinking water. A report in 2009
had warned that the gates were not inspected often enough.

Opposition leaders asked for an inquiry into the maintenance contract, which was given to a firm
whose director sits on the board of the water company.
""")

REWRITE = _paragraphs("""
The government survived a vote of confidence on Thursday by 61 votes to 58 after a day of debate
about how it dealt with the emergency in the Calder valley.

Two members of the smaller coalition party abstained, and its leader said talks on a new programme
would begin next week at the earliest.

The dam was finished in 1961 and supplies a third of the capital's drinking water. A report in 2009
had warned that the gates were not inspected often enough.

The prime minister said he regretted nothing, and that an inquiry led by a retired judge would
report before the summer recess.

Markets took little notice: the crown closed unchanged and bonds rose slightly in quiet trading.
""")

FERRY = _paragraphs("""
The ferry Northern Light ran aground off Port Ellery in thick fog early on Wednesday with 212
passengers on board, the coastguard said; nobody was hurt.

Tugs were expected to pull the ship free at high water in the evening, and the harbour master said
the channel would stay closed to freighters until divers had looked at the hull.

It was the second grounding in the channel since the lighthouse was automated in 2011, and the
pilots' union repeated its demand for a radar station on the southern mole.
""")

_MARKET = """
The central bank said it forecast a shortage of around {} million crowns in the money market on {}.

Among the main factors affecting liquidity, bills maturing in official hands and the take-up of treasury
bills will drain some {} million crowns, while bankers' balances below target will take out another {}
million.

Partly offsetting these outflows, exchequer transactions will add some {} million.
"""


def market(*figures: str) -> tuple[str, ...]:
    """A report made on a form, which says the same each day in other figures, the second of them the day."""
    return _paragraphs(_MARKET.format(*figures))


def article(
    name: str,
    texts: Sequence[str],
    *,
    headline: str | None = None,
    day: date | None = date(2024, 3, 5),
    minute: int = 0,
) -> Article:
    """An article that was added so many minutes after the first of March."""
    id_ = stable_id(name)
    told = [*(("headline", h) for h in [headline] if h), *(("body", text) for text in texts)]
    paragraphs = tuple(
        Paragraph(stable_id(id_, str(n)), n, "headline" if kind == "headline" else "body", 0, len(text), text)
        for n, (kind, text) in enumerate(told)
    )
    published = Publication(day, "metadata" if day else None)
    made = Article(id_, name, f"{name}.txt", headline, "test", paragraphs, published)
    return replace(made, added=datetime(2024, 3, 1, tzinfo=UTC) + timedelta(minutes=minute))
