"""What editors decided is what carrying it out on every mention comes to, one decision after the other."""

import tempfile
from collections import Counter
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.archive import Archive
from index.decisions import Decision, fold
from index.errors import DecisionError, NotFoundError
from index.model import ENTITY_KINDS, Article, EntityMention, Paragraph, Publication, stable_id
from index.store import StoreWriter
from search.request import EntityFilter, SearchRequest
from search.whoosh_engine import WhooshEngine

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
NOON = datetime(2024, 5, 6, 12, tzinfo=UTC)
ARTICLES = tuple(stable_id("article", str(n)) for n in range(4))
IDS = ("person-a", "person-b", "person-c", "org-d", "org-e", "place-f")
NEW = ("person-new", "org-new", "person-b")  # the last one is there already
ANY = (*IDS, *NEW[:2], "person-unheard-of")


def kind_of(id_):
    return id_.split("-")[0]


def told(id_):
    return {"kind": kind_of(id_), "name": f"Known {id_}"}


ids = st.sampled_from(ANY)
kinds = st.sampled_from(ENTITY_KINDS)
steps = st.one_of(
    st.tuples(st.lists(ids, min_size=1, max_size=3), ids).map(
        lambda t: ("merge", {"from": t[0], "into": t[1], **told(t[1])})
    ),
    st.tuples(ids, st.sets(st.sampled_from([*ARTICLES, "gone"]), min_size=1), st.sampled_from(NEW)).map(
        lambda t: ("split", {"entity": t[0], "articles": sorted(t[1]), "into": t[2], **told(t[2])})
    ),
    st.tuples(ids, st.sampled_from(["Anna", "Berg"])).map(
        lambda t: ("rename", {"entity": t[0], "name": t[1]})
    ),
    ids.map(lambda i: ("hide", {"entity": i})),
    st.tuples(ids, kinds).map(lambda t: ("retype", {"entity": t[0], "kind": t[1]})),
    ids.map(lambda i: ("pin", {"entity": i, "name": f"Pinned {i}"})),
    st.integers(1, 12).map(lambda n: ("undo", {"number": n})),
)


@st.composite
def logs(draw):
    found = draw(st.lists(steps, max_size=12))
    made = [Decision(n, NOON, "anna", *step) for n, step in enumerate(found, 1)]
    return [d for d in made if d.action != "undo" or d.arguments["number"] < d.number]


# --- the oracle: every mention is led through the log on its own


def in_force(log):
    def holds(decision):
        undoings = (d for d in log if d.action == "undo" and d.arguments["number"] == decision.number)
        return not any(holds(d) for d in undoings)

    return [d for d in log if d.action != "undo" and holds(d)]


def led(log, id_, article=None):
    for n, d in enumerate(log):
        if d.action == "merge":
            if id_ in {led(log[:n], f) for f in d.arguments["from"]}:
                id_ = led(log[:n], d.arguments["into"])
        elif (
            d.action == "split"
            and article in d.arguments["articles"]
            and id_ == led(log[:n], d.arguments["entity"])
        ):
            id_ = led(log[:n], d.arguments["into"])
    return id_


def last_said(log, action, what, entity, default):
    for n, d in reversed([*enumerate(log)]):
        if d.action == action and led(log[:n], d.arguments["entity"]) == entity:
            return d.arguments.get(what, True)
    return default


class Expected:
    """What of a log is in force, asked one mention at a time."""

    def __init__(self, log, written=IDS):
        self.log = in_force(log)
        self.written = written  # ids that texts have

    def entity(self, id_, article):
        return led(self.log, id_, article)

    def hidden(self, entity):
        return last_said(self.log, "hide", "", entity, False)

    def kind(self, entity):
        return last_said(self.log, "retype", "kind", entity, kind_of(entity))

    def name(self, entity):
        name = None
        for n, d in enumerate(self.log):
            if d.action in ("rename", "pin") and led(self.log[:n], d.arguments["entity"]) == entity:
                name = d.arguments["name"] if d.action == "rename" or name is None else name
        return name or (entity.upper() if entity in self.written else f"Known {entity}")


@settings(max_examples=400, deadline=None)
@given(logs())
def test_a_log_comes_to_what_each_of_its_decisions_does_in_turn(log):
    decisions, expected = fold(log), Expected(log)
    for id_ in ANY:
        for article in (*ARTICLES, None):
            assert decisions.entity(id_, article) == expected.entity(id_, article)
    targets = {expected.entity(i, a) for i in ANY for a in (*ARTICLES, None)}
    for entity in targets:
        assert decisions.kinds.get(entity, kind_of(entity)) == expected.kind(entity)
        assert (entity in decisions.hidden) == expected.hidden(entity)
    # However long the chain, its end is an entity that counts as itself.
    assert all(decisions.entity(end) == end for end in decisions.entities.values())


@settings(max_examples=200, deadline=None)
@given(logs(), steps)
def test_what_is_not_refused_changes_something_and_can_be_undone(log, step):
    action, arguments = step
    before = fold(log)
    try:
        before.refuse(action, arguments)
    except (DecisionError, NotFoundError):
        return
    number = max([d.number for d in log], default=0) + 1
    log = [*log, Decision(number, NOON, "anna", action, arguments)]
    after = fold(log)
    undone = fold([*log, Decision(number + 1, NOON, "berg", "undo", {"number": number})])
    for what in ("names", "kinds", "hidden", "pinned"):
        assert getattr(undone, what) == getattr(before, what)
    for id_ in ANY:
        for article in (*ARTICLES, None):
            assert undone.entity(id_, article) == before.entity(id_, article)
    if action == "merge":
        assert len({after.entity(i) for i in (*arguments["from"], arguments["into"])}) == 1
        assert number not in after.idle


# --- the engine under decisions


@st.composite
def indexed(draw):
    """Commits of articles, which are lists of paragraphs, which are lists of the ids they name."""
    paragraph = st.lists(st.sampled_from(IDS), max_size=4)
    made = [(a, draw(st.lists(paragraph, min_size=1, max_size=3))) for a in ARTICLES]
    cut = draw(st.integers(0, len(made)))
    return [c for c in (made[:cut], made[cut:]) if c]


def article_of(id_, paragraphs):
    text = "x y z w"
    return Article(
        id_, id_, "test", None, "test",
        tuple(
            Paragraph(
                stable_id(id_, str(n)), n, "body", 0, len(text), text, (),
                tuple(
                    EntityMention(2 * k, 2 * k + 1, text[2 * k], kind_of(i), i, i.upper())
                    for k, i in enumerate(named)
                ),
            )
            for n, named in enumerate(paragraphs)
        ),
        Publication(date(2020, 1, 1), "metadata"),
    )  # fmt: skip


filters = st.fixed_dictionaries(
    {
        kind: st.builds(
            EntityFilter,
            chosen=st.lists(st.sampled_from(ANY), max_size=2, unique=True).map(tuple),
            all=st.booleans(),
            excluded=st.lists(st.sampled_from(ANY), max_size=1).map(tuple),
        )
        for kind in ENTITY_KINDS
    }
)


class Plain:
    """The same corpus as plain Python: article, paragraph and the ids it names after decisions."""

    def __init__(self, commits, log):
        written = {i for commit in commits for _, paragraphs in commit for named in paragraphs for i in named}
        self.expected = Expected(log, written)
        self.decided = {i for d in self.expected.log for i in d.ids}
        self.rows = [
            (a, stable_id(a, str(n)), [e for i in named if (e := self.shown(i, a))])
            for commit in commits
            for a, paragraphs in commit
            for n, named in enumerate(paragraphs)
        ]  # fmt: skip

    def shown(self, id_, article):
        entity = self.expected.entity(id_, article)
        return None if self.expected.hidden(entity) else entity

    def meant(self, id_, kind):
        """An id is of one kind; one that was decided about is found whatever kind it is asked as."""
        if id_ not in self.decided and kind != kind_of(id_):
            return None
        return self.shown(id_, None)

    def passes(self, named, kind, wanted):
        mine = [self.meant(i, kind) in named for i in wanted.chosen]
        chosen = not mine or (all(mine) if wanted.all else any(mine))
        return chosen and not any(self.meant(i, kind) in named for i in wanted.excluded)

    def kept(self, asked, but=None):
        return [r for r in self.rows if all(k == but or self.passes(r[2], k, f) for k, f in asked.items())]


def check_facets(page, plain, asked, grouped):
    for kind in ENTITY_KINDS:
        pairs = {(r[0] if grouped else r[1], e) for r in plain.kept(asked, kind) for e in r[2]}
        counts = Counter(e for _, e in pairs if plain.expected.kind(e) == kind)
        everything = Counter(e for _, e in pairs)
        facet = page.facets[kind]
        listed = {v.id: v.count for v in facet.values}
        assert counts.items() <= listed.items() and facet.distinct == len(counts)
        assert all(everything[id_] == count for id_, count in listed.items())
        assert facet.other == 0
        assert all(v.name == plain.expected.name(v.id) for v in facet.values if v.count)
        chosen = {plain.meant(i, kind) for i in asked[kind].chosen}
        assert {v.id for v in facet.values if v.selected} == chosen & set(listed)
        assert {e for e in chosen if everything[e]} <= set(listed)


def check_hits(page, plain):
    rows = {id_: (a, named) for a, id_, named in plain.rows}
    for hit in page.hits:
        assert [e.entity for e in hit.entities] == rows[hit.id][1]
        for mention in hit.entities:
            assert mention.kind == plain.expected.kind(mention.entity)
            assert mention.name == plain.expected.name(mention.entity)


def check_values(engine, plain):
    counts = Counter(e for r in plain.rows for e in set(r[2]))
    for kind in ENTITY_KINDS:
        values = engine.facet_values(kind, "", 100)
        assert {v.id: v.count for v in values} == {
            e: c for e, c in counts.items() if plain.expected.kind(e) == kind
        }
    for id_ in ANY:
        entity = plain.meant(id_, kind_of(id_))
        try:
            card = engine.entity(id_)
        except NotFoundError:
            assert not counts[entity]
        else:
            assert (card.id, card.paragraphs, card.kind) == (
                entity,
                counts[entity],
                plain.expected.kind(entity),
            )
            written = sum(n for _, n in card.forms)
            assert written == sum(e == entity for r in plain.rows for e in r[2])
            assert {v.id for _, v in card.related} <= set(counts) - {entity}


@SLOW
@given(indexed(), logs(), st.lists(filters, min_size=1, max_size=4), st.booleans())
def test_facets_filters_hits_and_cards_are_those_of_a_plain_count(commits, log, asked, grouped):
    with tempfile.TemporaryDirectory() as folder:
        path, plain = Path(folder) / "index", Plain(commits, log)
        for commit in commits:
            with StoreWriter(path) as store:
                for id_, paragraphs in commit:
                    store.put(id_, "x", [article_of(id_, paragraphs)])
        with closing(WhooshEngine(path, archive=Fixed(path, log))) as engine:
            check_pages(engine, plain, asked, grouped)
            check_values(engine, plain)


def check_pages(engine, plain, asked, grouped):
    group = "article" if grouped else "none"
    for wanted in asked:
        page = engine.search(SearchRequest(entities=wanted, limit=100, facet_limit=100, group=group))
        kept = plain.kept(wanted)
        assert (page.paragraphs, page.articles) == (len(kept), len({r[0] for r in kept}))
        check_facets(page, plain, wanted, grouped)
        check_hits(page, plain)


class Fixed(Archive):
    """An archive of a log that no check let in: some of its decisions change nothing."""

    def __init__(self, path, log):
        super().__init__(path)
        self._fold = fold(log)

    def decisions(self):
        return self._fold
