"""Articles drawn at random, for tests that ask two engines the same: words, names, days, copies, decisions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from index.archive import Archive
from index.decisions import Decision, Decisions, fold
from index.model import (
    ENTITY_KINDS,
    Article,
    DateMention,
    EntityKind,
    EntityMention,
    Metadata,
    Paragraph,
    ParagraphKind,
    Publication,
    stable_id,
)

WORDS = (
    "dam", "dams", "damp", "damning", "vote", "voted", "voter", "the", "of", "U.S.", "US", "us", "McDonald",
    "it's", "1,000", "3.5", "wellKnown", "café", "ferry", "ferries", "strike", "Straße", "o'clock", "harbour",
    "harbours", "council", "minister", "ministers", "Ängste", "Πέτρος", "東京", "co-operate", "administration",
)  # fmt: skip
NAMES: dict[str, tuple[EntityKind, str]] = {
    "person-anna-berg": ("person", "Anna Berg"),
    "person-ana-berg": ("person", "Ana Berg"),
    "person-berg": ("person", "Berg"),
    "person-m-stone": ("person", "M Stone"),
    "person-mark-stone": ("person", "Mark Stone"),
    "org-bank-of-york": ("org", "Bank of York"),
    "org-boy": ("org", "BOY"),
    "org-york-group": ("org", "York Group"),
    "org-york": ("org", "York"),
    "place-york": ("place", "York"),
    "place-new-york": ("place", "New York"),
}
FIRST = date(2014, 1, 1)
NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)
NEW = ("person-new", "org-new", "person-berg")
_KINDS: tuple[ParagraphKind, ...] = ("body", "body", "body", "caption", "quote", "heading")


def articles(random: Random, many: int, first: int = 0) -> list[Article]:
    """Articles, each a document of its own, added one after the other; a fifth repeat an earlier one."""
    made: list[Article] = []
    for n in range(first, first + many):
        copied = random.choice(made) if made and random.random() < 0.2 else None
        made.append(_article(random, n, copied))
    return made


def _article(random: Random, n: int, copied: Article | None) -> Article:
    id_ = stable_id("corpus", str(n))
    day = FIRST + timedelta(random.randrange(400)) if random.random() < 0.8 else None
    if copied is not None and copied.published.day is not None:
        day = copied.published.day + timedelta(random.randrange(2))
    texts = [p.text for p in copied.paragraphs] if copied else _texts(random)
    if copied and random.random() < 0.5:
        texts.append(_text(random, 12))
    return Article(
        id=id_,
        document=f"d{n}",
        source=f"{n}.txt",
        headline=texts[0],
        boundary="test",
        paragraphs=tuple(_paragraph(random, id_, at, text) for at, text in enumerate(texts)),
        published=Publication(day, "metadata" if day else None),
        metadata=Metadata(url=f"https://news.example/{n}", extra={"n": n}),
        added=NOON + timedelta(seconds=n),
    )


def _texts(random: Random) -> list[str]:
    return [
        _text(random, 6),
        *(_text(random, random.choice([0, 1, 9, 40])) for _ in range(random.randrange(5))),
    ]


def _text(random: Random, words: int) -> str:
    return " ".join(random.choice(WORDS) for _ in range(words))


def _paragraph(random: Random, article: str, at: int, text: str) -> Paragraph:
    ids = random.choices([*NAMES], weights=range(len(NAMES), 0, -1), k=random.randrange(4)) if text else []
    spans = []
    for _ in range(random.randrange(3) if text else 0):
        first = FIRST + timedelta(random.randrange(500))
        spans.append((first, first + timedelta(random.choice([0, 0, 6, 30, 400]))))
    return Paragraph(
        stable_id(article, str(at)),
        at,
        "headline" if at == 0 else random.choice(_KINDS),
        0,
        len(text),
        text,
        tuple(DateMention(0, 1, text[:1], first.isoformat(), first, last) for first, last in spans),
        tuple(_mention(random, text, id_) for id_ in ids),
    )


def _mention(random: Random, text: str, id_: str) -> EntityMention:
    start = random.randrange(len(text))
    end = random.randrange(start, len(text)) + 1
    return EntityMention(start, end, text[start:end], *NAMES[id_][:1], id_, NAMES[id_][1], None)


class DecidingArchive(Archive):
    """An archive whose decisions a test sets."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.held = fold([])

    def decisions(self) -> Decisions:
        """Those set."""
        return self.held


def decisions(random: Random, made: list[Article]) -> Decisions:
    """What editors might decide."""
    log = [_step(random, made) for _ in range(random.randrange(1, 9))]
    return fold([Decision(n, NOON, "anna", *step) for n, step in enumerate(log, 1)])  # type: ignore[arg-type]


def _step(random: Random, made: list[Article]) -> tuple[str, dict[str, Any]]:
    id_, other = random.choice([*NAMES, *NEW]), random.choice([*NAMES, *NEW])
    action = random.choice(["merge", "merge", "split", "split", "rename", "hide", "retype", "pin"])
    told = {"into": other, "kind": other.split("-")[0], "name": f"Known {other}"}
    return action, {
        "merge": {"from": [id_], **told},
        "split": {
            "entity": id_,
            "articles": sorted(a.id for a in random.sample(made, min(len(made), 6))),
            **told,
        },
        "rename": {"entity": id_, "name": f"Renamed {random.randrange(3)}"},
        "hide": {"entity": id_},
        "retype": {"entity": id_, "kind": random.choice(ENTITY_KINDS)},
        "pin": {"entity": id_, "name": f"Pinned {id_}"},
    }[action]
