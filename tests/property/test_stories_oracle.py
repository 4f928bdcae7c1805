"""Stories are those that plain Python finds, and searches fold, count and page by them."""

import tempfile
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.model import Article, EntityMention, Paragraph, Publication, stable_id
from index.store import StoreWriter
from search.request import DayRange, SearchRequest
from search.whoosh_engine import WhooshEngine

SLOW = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
FIRST = date(2020, 1, 1)
MADE = datetime(2024, 1, 1, tzinfo=UTC)

# Texts of invented words; the last word of a paragraph is a figure.
TEXTS = [
    [" ".join([*(f"w{text}{paragraph}{n}" for n in "abcdefghij"), f"{ord(text)}{ord(paragraph)}7"])
     for paragraph in "abcd"]
    for text in "abc"
]  # fmt: skip


@dataclass(frozen=True)
class Put:
    """An article that a commit puts in, or takes out where it has no paragraphs."""

    name: str
    texts: tuple[str, ...]
    day: date | None
    minute: int
    person: str | None

    def article(self):
        id_ = stable_id(self.name)
        named = (EntityMention(0, 1, "w", "person", self.person, "A"),) if self.person else ()
        made = tuple(
            Paragraph(stable_id(id_, str(n), text), n, "body", 0, len(text), text, (), named)
            for n, text in enumerate(self.texts)
        )
        published = Publication(self.day, "metadata" if self.day else None)
        found = Article(id_, self.name, "test", None, "test", made, published)
        return replace(found, added=MADE + timedelta(minutes=self.minute))


paragraphs = st.tuples(st.integers(0, 2), st.integers(0, 3), st.booleans()).map(
    lambda p: TEXTS[p[0]][p[1]].upper() if p[2] else TEXTS[p[0]][p[1]]
)
copies = st.sampled_from(TEXTS).flatmap(
    lambda text: st.lists(st.sampled_from(text), min_size=2, max_size=4, unique=True)
)
texts = st.one_of(
    copies, st.tuples(copies, paragraphs).map(lambda p: [*p[0], p[1]]), st.lists(paragraphs, max_size=3)
)
puts = st.builds(
    Put,
    name=st.sampled_from(list("abcdefgh")),
    texts=texts.map(tuple),
    day=st.none() | st.integers(0, 9).map(lambda n: FIRST + timedelta(n)),
    minute=st.integers(0, 5),
    person=st.sampled_from([None, "person-a", "person-b"]),
)
histories = st.lists(st.lists(puts, min_size=1, max_size=5), min_size=1, max_size=4)


def write(path, commit, held):
    with StoreWriter(path) as store:
        for put in commit:
            if put.texts:
                store.put(put.name, f"{put}", [put.article()])
                held[put.name] = put
            else:
                store.delete(put.name)
                held.pop(put.name, None)


# --- the stories in plain Python

MASK = (1 << 64) - 1


def mixed(value):
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & MASK
    value = (value ^ value >> 27) * 0x94D049BB133111EB & MASK
    return value ^ value >> 31


def prints(texts):
    """Runs and figures of an article."""
    runs, figures = set(), set()
    for text in texts:
        hashes = [mixed((zlib.crc32(w.encode()) + 0x9E3779B97F4A7C15) & MASK) for w in text.lower().split()]
        for n in range(len(hashes) - 3):
            run = 0
            for value in hashes[n : n + 4]:
                run = (run * 0x9E3779B97F4A7C15 + value) & MASK
            if mixed(run) < (1 << 64) // 3:
                runs.add(mixed(run) >> 8 & 0xFFFFFFFE)
        figures |= {h >> 8 & 0xFFFFFFFF | 1 for h, w in zip(hashes, text.split(), strict=True) if "7" in w}
    return runs, figures


def alike(one, other):
    """Contained, resemblance, and whether they are copies."""
    (runs, figures), (other_runs, other_figures) = prints(one.texts), prints(other.texts)
    same, told = len(runs & other_runs), len(figures & other_figures)
    fewer, either = min(len(runs), len(other_runs)), len(runs | other_runs)
    if same < max(1, 0.3 * fewer) or fewer < 0.1 * max(len(runs), len(other_runs)):
        return 0.0, 0.0, False
    contained, resemblance = same / fewer, same / either
    of = min(len(figures), len(other_figures))
    if resemblance >= 0.75:
        of = max(of, len(figures | other_figures) - 1)
    told = told / of if of else 1.0
    apart = abs((one.day - other.day).days) if one.day and other.day else 0
    low = (0.75, 0.85) if same < 12 else (0.55, 0.55) if same >= 24 else (0.6, 0.8)
    low = (0.85, 0.95) if apart > 3 else low
    copy = same >= 5 and contained >= low[0] and told >= low[1]
    copy |= same >= 20 and contained >= 0.93 and apart <= 1
    equal = (runs, figures) == (other_runs, other_figures)
    return contained, resemblance, copy or (equal and same >= (5 if apart > 3 else 3))


def stories_of(held):
    """By name of an article, the name of the first article of its story."""
    key = lambda put: (put.minute, put.day or date.max, int(stable_id(put.name), 16))  # noqa: E731
    first = {}
    order = sorted(held.values(), key=key)
    for n, put in enumerate(order):
        first[put.name] = put.name
        before = [(other, *alike(other, put)) for other in order[:n]]
        contained = {other.name: part for other, part, _, _ in before}
        likest = sorted((b for b in before if b[3]), key=lambda b: -b[2])
        for other, _, resemblance, _ in likest:
            story = first[other.name]
            if story == other.name or resemblance >= 0.5 or contained[story] >= 0.3:
                first[put.name] = story
                break
    return first


@SLOW
@given(histories)
def test_stories_are_those_of_plain_python_after_every_commit(history):
    with tempfile.TemporaryDirectory() as folder:
        held, path = {}, Path(folder) / "index"
        engine = WhooshEngine(path)
        for commit in history:
            write(path, commit, held)
            engine.look_again()
            found = {name: engine.story_of(stable_id(name)) for name in held}
            assert found == {name: stable_id(first) for name, first in stories_of(held).items()}
            fresh = WhooshEngine(path)
            assert {name: fresh.story_of(stable_id(name)) for name in held} == found
            fresh.close()
        engine.close()


# --- searches

requests = st.builds(
    SearchRequest,
    q=st.sampled_from(["", "waaa", "wbbc OR wacd", "-wcaa"]),
    published=st.just(DayRange()) | st.builds(DayRange, st.just(FIRST + timedelta(3)), st.none()),
    sort=st.sampled_from([None, "newest", "oldest", "added"]),
    group=st.sampled_from(["none", "article", "story"]),
    duplicates=st.sampled_from([None, "fold", "show"]),
    story=st.sampled_from([None, None, *map(stable_id, "abcz")]),
    limit=st.integers(1, 6),
    interval=st.sampled_from(["day", "month"]),
)
ASKED = {
    "": lambda words: True,
    "waaa": lambda words: "waaa" in words,
    "wbbc OR wacd": lambda words: "wbbc" in words or "wacd" in words,
    "-wcaa": lambda words: "wcaa" not in words,
}


def rows_of(held, request, story_of):
    """(paragraph's id, article's, story's, day, person) of those that answer."""
    wanted = story_of.get(request.story, request.story)
    return [
        (p.id, a.id, story_of[a.id], put.day, put.person)
        for put in held.values()
        for a in [put.article()]
        for p in a.paragraphs
        if ASKED[request.q](p.text.lower().split())
        and (not request.published or (put.day and put.day >= request.published.first))
        and (request.story is None or story_of[a.id] == wanted)
    ]


def pages(engine, request):
    hits = []
    while True:
        page = engine.search(request)
        hits += page.hits
        if page.next is None:
            return page, hits
        request = replace(request, cursor=page.next)


def check_shown(request, rows, all_hits, hits):
    """What is shown is what is found in its order, without what is folded."""
    article = {id_: a for id_, a, *_ in rows}
    story = {id_: s for id_, _, s, *_ in rows}
    units = {"none": lambda i: i, "article": article.get, "story": story.get}[request.group]
    shown, seen, of = [], set(), {}
    for id_ in all_hits:
        best = of.setdefault(story[id_], article[id_])
        if units(id_) in seen or (request.folds and best != article[id_]):
            continue
        seen.add(units(id_))
        shown.append(id_)
    assert [h.id for h in hits] == shown


@SLOW
@given(histories, st.lists(requests, min_size=4, max_size=10))
def test_searches_fold_count_and_page_by_story(history, asked):
    with tempfile.TemporaryDirectory() as folder:
        held, path = {}, Path(folder) / "index"
        for commit in history:
            write(path, commit, held)
        engine = WhooshEngine(path)
        story_of = {stable_id(name): engine.story_of(stable_id(name)) for name in held}
        sizes = Counter(story_of.values())
        for request in asked:
            rows = rows_of(held, request, story_of)
            page, hits = pages(engine, request)
            assert page.paragraphs == len(rows)
            assert page.articles == len({r[1] for r in rows})
            assert page.stories == len({r[2] for r in rows})
            _, everything = pages(engine, replace(request, group="none", duplicates="show"))
            check_shown(request, rows, [h.id for h in everything], hits)
            unit = {"none": 0, "article": 1, "story": 2}[request.group]
            counts = Counter(p for p, _ in {(r[4], r[unit]) for r in rows if r[4]})
            assert {v.id: v.count for v in page.facets["person"].values} == counts
            whenever = rows_of(held, replace(request, published=DayRange()), story_of)
            check_published(page.histograms["published"], whenever, unit)
            for hit in hits:
                mine = [r for r in rows if r[2] == story_of[hit.article.id]]
                expected = (mine[0][2], sizes[mine[0][2]], len({r[1] for r in mine}))
                assert (hit.story.id, hit.story.articles, hit.story.found) == expected
            for id_, of_article in groupby(rows, key=lambda r: r[1]):
                assert set(engine.found_in(id_, request)) == {r[0] for r in of_article}
        engine.close()


def check_published(found, rows, unit):
    by_day = defaultdict(set)
    for row in rows:
        by_day[row[3]].add(row[unit])
    assert found.undated == len(by_day.pop(None, ()))
    for bucket in found.buckets:
        inside = [units for day, units in by_day.items() if bucket.first <= day <= bucket.last]
        assert bucket.count == len(set().union(*inside)) > 0
