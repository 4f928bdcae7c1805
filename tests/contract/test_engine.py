"""What every engine does, whatever it runs on."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from index.errors import CursorError, CursorExpiredError, IndexMissingError, NotFoundError
from index.model import ENTITY_KINDS, Article, EntityMention, Paragraph, Publication, stable_id
from search.request import FACETS, DayRange, EntityFilter, SearchRequest
from tests.wire import DAM, FERRY, REWRITE
from tests.wire import article as wire_article


@pytest.fixture
def engine_of():
    """Engines, closed when the test is over."""
    opened = []

    def engine_of(home):
        opened.append(home.engine())
        return opened[-1]

    yield engine_of
    for engine in opened:
        engine.close()


@pytest.fixture
def engine(engine_of, sample_home):
    return engine_of(sample_home)


@pytest.fixture
def dump(engine_of, dump_home):
    return engine_of(dump_home)


def article(name, *texts, day=None, person=None):
    mention = (EntityMention(0, 1, "x", "person", f"person-{person}", person.title()),) if person else ()
    id_ = stable_id(name)
    return Article(
        id=id_,
        document=name,
        source=f"{name}.txt",
        headline=None,
        boundary="test",
        paragraphs=tuple(
            Paragraph(stable_id(id_, text), n, "body", 0, len(text), text, (), mention)
            for n, text in enumerate(texts)
        ),
        published=Publication(day, "metadata" if day else None),
    )


@pytest.fixture
def small(home, engine_of):
    """An index of ten articles, a day apart, and its engine."""
    with home.store() as store:
        for n in range(10):
            day = date(2020, 1, 1) + timedelta(n)
            store.put(f"d{n}", "1", [article(f"d{n}", f"ferry number {n}", day=day, person=f"p{n % 2}")])
    return home, engine_of(home)


def ask(engine, q="", **more):
    return engine.search(SearchRequest(q=q, **more))


def test_everything_is_found_when_nothing_is_asked(engine):
    page, stats = ask(engine), engine.stats()
    assert (page.paragraphs, page.articles) == (stats.paragraphs, stats.articles)
    assert len(page.hits) == 20
    assert all(hit.score == 0 and hit.snippet.marks == () for hit in page.hits)


def test_words_are_joined_by_and(dump):
    both = ask(dump, "kenya steel").paragraphs
    assert 0 < both < ask(dump, "kenya").paragraphs
    assert ask(dump, "kenya steel -referendum").paragraphs == both
    assert ask(dump, "kenya -steel").paragraphs + both == ask(dump, "kenya").paragraphs


def test_scores_fall_and_marked_words_are_those_asked_for(engine):
    page = ask(engine, "dam")
    scores = [hit.score for hit in page.hits]
    assert scores == sorted(scores, reverse=True)
    for hit in page.hits:
        for start, end in hit.snippet.marks:
            assert hit.snippet.text[start:end].lower().startswith("dam")


def test_endings_differ_and_quotes_mean_exact(dump):
    assert ask(dump, "delayed").paragraphs == ask(dump, "delaying").paragraphs > 0
    assert ask(dump, '"delayed"').paragraphs == 0
    assert ask(dump, '"Secretary of Trade"').paragraphs == 2
    assert ask(dump, '"Trade of Secretary"').paragraphs == 0


def test_glued_words_are_found(dump):
    assert ask(dump, "swedish").hits[0].text.startswith("SwedishU.S. Secretary of Trade")


def test_patterns(dump):
    steel = ask(dump, "steel").paragraphs
    assert ask(dump, "ste?l").paragraphs == steel
    assert ask(dump, "ste*l").paragraphs == steel
    assert ask(dump, "stee*").paragraphs == steel
    assert ask(dump, "stele~").paragraphs >= steel
    assert ask(dump, "zzz*").paragraphs == 0
    assert ask(dump, "NOT zzz*").paragraphs == ask(dump).paragraphs


def test_headlines_alone(dump):
    assert {hit.kind for hit in ask(dump, "headline:kenya").hits} == {"headline"}
    assert ask(dump, "headline:fresh").paragraphs == 0
    assert ask(dump, "headline:fresh-start").paragraphs == 0
    assert ask(dump, "fresh-start").paragraphs == 1


def test_nothing_is_found_calmly(dump):
    page = ask(dump, "zzzzzz")
    assert (page.paragraphs, page.articles, page.hits, page.next) == (0, 0, (), None)
    assert all(f.values == () and f.other == 0 for f in page.facets.values())
    assert all(h.buckets == () and h.undated == 0 for h in page.histograms.values())


def test_a_misspelt_word_is_corrected(dump):
    assert ask(dump, "kenyaa steel").query.suggestion == "kenya steel"
    assert ask(dump, "kenya steel").query.suggestion is None


def test_facets_of_the_answer(dump):
    page = ask(dump)
    assert set(page.facets) == set(ENTITY_KINDS)
    assert set(page.histograms) == {"published", "mentioned"}
    people = {v.name: v.count for v in page.facets["person"].values}
    assert people["Anna Berg"] > 1
    assert "Berg" not in people


def test_only_the_facets_asked_for_are_counted(dump):
    page = ask(dump, facets=("person",))
    assert (set(page.facets), set(page.histograms)) == ({"person"}, set())
    page = ask(dump, facets=())
    assert (page.facets, page.histograms) == ({}, {})


def test_a_chosen_value_zeroes_no_other_and_is_always_listed(engine):
    before = ask(engine).facets["person"]
    rare = engine.facet_values("person", "", 1_000)[-1]
    page = ask(engine, entities={"person": EntityFilter((rare.id,))}, facet_limit=1)
    listed = {v.id: v for v in page.facets["person"].values}
    assert page.paragraphs == rare.count
    assert listed[rare.id].selected
    assert listed[before.values[0].id].count == before.values[0].count


def test_kinds_are_joined_by_and(engine):
    page = ask(engine)
    one, other = page.facets["person"].values[0], page.facets["place"].values[0]
    both = ask(engine, entities={"person": EntityFilter((one.id,)), "place": EntityFilter((other.id,))})
    assert all({one.id, other.id} <= {m.entity for m in hit.entities} for hit in both.hits)


def test_days_are_included_at_both_ends(small):
    _, engine = small
    asked = DayRange(date(2020, 1, 3), date(2020, 1, 5))
    assert [h.article.published.day for h in ask(engine, published=asked).hits] == [5, 4, 3]


def test_one_hit_an_article(engine):
    page = ask(engine, "the dam", group="article", limit=100)
    ids = [hit.article.id for hit in page.hits]
    assert len(ids) == len(set(ids)) == page.articles < page.paragraphs


@pytest.mark.parametrize("sort", ["newest", "oldest", "relevance"])
@pytest.mark.parametrize("group", ["none", "article"])
def test_pages_hold_every_hit_once(engine, sort, group):
    request = SearchRequest(q="the OR a", sort=sort, group=group, limit=37, facets=())
    whole = engine.search(request)
    seen, following = [h.id for h in whole.hits], whole.next
    while following:
        page = engine.search(replace(request, cursor=following))
        seen += [h.id for h in page.hits]
        following = page.next
    assert len(seen) == len(set(seen)) == (whole.articles if group == "article" else whole.paragraphs)


@pytest.mark.parametrize("sort", ["newest", "oldest", "relevance", "added"])
@pytest.mark.parametrize("group", ["none", "article"])
def test_a_scan_holds_what_the_pages_hold(engine, sort, group):
    request = SearchRequest(q="the OR a", sort=sort, group=group, limit=41, facets=())
    page = engine.search(request)
    scan = engine.scan(replace(request, limit=1, cursor="is not looked at"))
    assert (scan.paragraphs, scan.articles) == (page.paragraphs, page.articles)
    assert len(scan) == (page.articles if group == "article" else page.paragraphs)
    assert scan.query.parsed == page.query.parsed
    hits = list(page.hits)
    while page.next:
        page = engine.search(replace(request, cursor=page.next))
        hits += page.hits
    assert list(scan) == hits


def test_a_scan_of_everything_and_of_nothing(engine):
    assert len(list(engine.scan(SearchRequest()))) == engine.stats().paragraphs
    nothing = engine.scan(SearchRequest(q="qqxzqqxz"))
    assert (len(nothing), list(nothing)) == (0, [])


def test_a_scan_is_of_one_commit_and_holds_up_nobody(home, engine_of):
    with home.store() as store:
        for n in range(700):
            store.put(f"d{n}", "1", [article(f"d{n}", f"ferry number {n}", person=f"p{n % 3}")])
    engine = engine_of(home)
    scan = engine.scan(SearchRequest(q="ferry", sort="oldest"))
    seen = [next(scan).text for _ in range(10)]
    for round_ in range(7):  # the segments that the scan reads from are merged away
        with home.store() as store:
            for n in range(round_ * 100, round_ * 100 + 100):
                store.put(f"d{n}", "2", [article(f"d{n}", f"barge number {n}")])
        engine.look_again()
        with ThreadPoolExecutor(1) as other:  # a lock that the scan held would stop another thread
            left = other.submit(ask, engine, "ferry").result(timeout=20).paragraphs
        assert left == 600 - round_ * 100
        seen.append(next(scan).text)
    seen += [hit.text for hit in scan]
    assert sorted(seen) == sorted(f"ferry number {n}" for n in range(700))


def test_a_page_may_change_its_length(small):
    _, engine = small
    first = ask(engine, sort="newest", limit=2)
    rest = ask(engine, sort="newest", limit=100, cursor=first.next)
    assert len(rest.hits) == 8
    assert rest.next is None


def test_what_was_added_last_comes_first_whatever_its_day(small):
    home, engine = small
    times = [datetime(2026, 1, 1, 12, n, tzinfo=UTC) for n in range(3)]
    with home.store() as store:
        for n, minutes in enumerate((1, 2, 0)):
            made = article(f"a{n}", f"barge number {n}", day=date(2019, 1, 1 + n))
            store.put(f"a{n}", "1", [replace(made, added=times[minutes], updated=times[2])])
    engine.look_again()
    found = ask(engine, "barge", sort="added", limit=2)
    rest = ask(engine, "barge", sort="added", limit=2, cursor=found.next)
    hits = [*found.hits, *rest.hits]
    assert [h.text for h in hits] == ["barge number 1", "barge number 0", "barge number 2"]
    assert [h.article.added for h in hits] == times[::-1]
    assert {h.article.updated for h in hits} == {times[2]}
    assert ask(engine, "ferry", limit=1).hits[0].article.added > times[2]


def test_a_cursor_survives_a_commit(small):
    home, engine = small
    first = ask(engine, sort="newest", limit=5)
    with home.store() as store:
        store.put("new", "1", [article("new", "ferry again", day=date(2021, 1, 1))])
        store.delete("d0")
    engine.close()
    rest = ask(engine, sort="newest", limit=5, cursor=first.next)
    assert [h.article.published.day for h in rest.hits] == [5, 4, 3, 2]


def test_a_cursor_whose_hit_is_gone_says_expired(small):
    home, engine = small
    first = ask(engine, sort="newest", limit=5)
    with home.store() as store:
        store.delete("d5")
    engine.close()
    with pytest.raises(CursorExpiredError, match="expired"):
        ask(engine, sort="newest", limit=5, cursor=first.next)


@pytest.mark.parametrize("cursor", ["x", "!!", "W10", "é", "A" * 400, "bnVsbA", "WyJhIiwiYiJd"])
def test_a_cursor_of_someone_elses_is_refused(small, cursor):
    with pytest.raises(CursorError):
        ask(small[1], cursor=cursor)


def test_a_cursor_of_another_search_is_refused(small):
    _, engine = small
    following = ask(engine, "ferry", limit=2).next
    with pytest.raises(CursorError, match="another search"):
        ask(engine, "number", limit=2, cursor=following)


def test_an_article_is_whole_and_in_order(dump):
    hit = ask(dump, '"fresh start"').hits[0]
    view = dump.article(hit.article.id, "start")
    assert view.head == hit.article
    assert [p.ordinal for p in view.paragraphs] == list(range(len(view.paragraphs)))
    assert view.paragraphs[0].kind == "headline"
    assert view.paragraphs[0].text == view.head.headline
    marked = next(p for p in view.paragraphs if p.id == hit.id)
    assert marked.snippet.text == marked.text
    assert [marked.text[a:b] for a, b in marked.snippet.marks] == ["start"]


def test_a_paragraph_is_whole(dump):
    hit = ask(dump, '"fresh start"').hits[0]
    alone = dump.paragraph(hit.id, "start")
    assert (alone.id, alone.text, alone.snippet.text) == (hit.id, hit.text, hit.text)
    assert (alone.dates, alone.entities, alone.article) == (hit.dates, hit.entities, hit.article)


def test_mentions_are_where_they_say(engine):
    for hit in ask(engine, limit=100, facets=()).hits:
        for mention in (*hit.dates, *hit.entities):
            assert hit.text[mention.start : mention.end] == mention.text


def test_an_entity_is_told_of(dump):
    value = dump.facet_values("person", "berg", 1)[0]
    card = dump.entity(value.id)
    assert (card.id, card.kind, card.name) == (value.id, "person", "Anna Berg")
    assert (
        card.paragraphs == value.count == ask(dump, entities={"person": EntityFilter((value.id,))}).paragraphs
    )
    assert {"Anna Berg", "Berg"} <= {text for text, _ in card.forms}
    assert card.articles == 2
    assert value.id not in {v.id for _, v in card.related}


def test_values_are_found_by_typing(dump):
    assert dump.facet_values("person", "ber", 5)[0].name == "Anna Berg"
    assert dump.facet_values("person", "anna b", 5)[0].name == "Anna Berg"
    assert dump.facet_values("person", "bergg", 5)[0].name == "Anna Berg"
    assert dump.facet_values("person", "zzzzz", 5) == ()
    everyone = dump.facet_values("person", "", 100)
    counts = [v.count for v in everyone]
    assert counts == sorted(counts, reverse=True)
    assert dump.facet_values("person", "", 2) == everyone[:2]


def test_suggestions(dump):
    found = dump.suggest("steel ken", 5)
    assert found.text == "steel ken"
    assert "steel kenya" in found.words
    assert dump.suggest("ber", 5).entities[0][1].name == "Anna Berg"
    assert dump.suggest("stele", 5).correction == "steel"
    empty = dump.suggest("", 5)
    assert (empty.words, empty.entities, empty.correction) == ((), (), None)


def test_an_article_tells_which_of_its_paragraphs_answer_a_search(engine):
    person = ask(engine, limit=1).facets["person"].values[0].id
    for asked in (
        SearchRequest(q="dam", limit=100),
        SearchRequest(q="dam -the", limit=100),
        SearchRequest(entities={"person": EntityFilter((person,))}, limit=100),
        SearchRequest(q="the", mentioned=DayRange(date(2016, 1, 1), date(2019, 12, 31)), limit=100),
    ):
        found = {}
        page = engine.search(asked)
        while True:
            for hit in page.hits:
                found.setdefault(hit.article.id, []).append((hit.ordinal, hit.id))
            if page.next is None:
                break
            page = engine.search(replace(asked, cursor=page.next))
        assert found
        for article_id, hits in found.items():
            assert engine.found_in(article_id, asked) == tuple(id_ for _, id_ in sorted(hits))


def test_an_article_that_a_search_does_not_find_has_no_answer_in_it(engine):
    elsewhere = ask(engine, "dam", limit=1).hits[0].article.id
    assert engine.found_in(elsewhere, SearchRequest(q="qqxzqqxz")) == ()
    assert len(engine.found_in(elsewhere, SearchRequest())) == len(engine.article(elsewhere).paragraphs)
    with pytest.raises(NotFoundError):
        engine.found_in("none", SearchRequest(q="dam"))


def test_similar_paragraphs_leave_the_asked_one_out(engine):
    hit = ask(engine, "dam inquiry").hits[0]
    page = engine.similar(hit.id, 5)
    assert 0 < len(page.hits) <= 5
    assert hit.id not in {h.id for h in page.hits}
    assert page.paragraphs >= len(page.hits)
    scores = [h.score for h in page.hits]
    assert scores == sorted(scores, reverse=True)


def test_stats_count_what_is_there(small):
    _, engine = small
    stats = engine.stats()
    assert (stats.documents, stats.articles, stats.paragraphs) == (10, 10, 10)
    assert stats.entities == {"person": 2, "org": 0, "place": 0}
    assert (stats.first, stats.last, stats.undated) == (date(2020, 1, 1), date(2020, 1, 10), 0)
    assert stats.bytes > 0


@pytest.mark.parametrize(
    "call",
    [
        lambda e: e.article("none"),
        lambda e: e.paragraph("none"),
        lambda e: e.entity("person-none"),
        lambda e: e.similar("none", 5),
    ],
)
def test_an_unknown_id_is_said_to_be_unknown(engine, call):
    with pytest.raises(NotFoundError, match="none"):
        call(engine)


def test_a_commit_is_seen_and_changes_the_identity(small):
    home, engine = small
    before = engine.identity(), engine.generation()
    with home.store() as store:
        store.delete("d1")
    engine.close()
    assert engine.identity() != before[0]
    assert engine.generation() > before[1]
    assert engine.stats().documents == 9


def test_an_engine_may_stand_before_its_index(home, engine_of):
    engine = engine_of(home)
    with pytest.raises(IndexMissingError, match="dateline index"):
        ask(engine)
    with home.store() as store:
        store.put("d", "1", [article("d", "ferry")])
    assert ask(engine, "ferry").paragraphs == 1


def test_an_empty_index_answers(home, engine_of):
    with home.store():
        pass
    engine = engine_of(home)
    assert ask(engine).paragraphs == ask(engine, "ferry").paragraphs == 0
    assert set(ask(engine).facets) | set(ask(engine).histograms) == set(FACETS)
    assert engine.stats().documents == 0
    assert engine.suggest("fer", 5).words == ()


def test_an_answer_repeats(engine):
    request = SearchRequest(q="dam OR port")
    assert replace(engine.search(request), took_ms=0) == replace(engine.search(request), took_ms=0)


# --- under what editors decided


def decide(home, engine, action, **arguments):
    made = home.archive().record("anna", action, arguments)
    engine.look_again()
    return made.number


def counts(engine):
    return {v.id: v.count for v in ask(engine, facets=("person",)).facets["person"].values}


def test_a_decision_is_in_every_answer_and_out_again_when_undone(small):
    home, engine = small
    identity = engine.identity()
    assert counts(engine) == {"person-p0": 5, "person-p1": 5}
    into = {"into": "person-p1", "kind": "person", "name": "P1"}
    number = decide(home, engine, "merge", **{"from": ["person-p0"]}, **into)
    assert counts(engine) == {"person-p1": 10}
    assert engine.entity("person-p0").id == "person-p1"
    assert engine.identity() != identity
    page = ask(engine, entities={"person": EntityFilter(("person-p0",))})
    assert (page.paragraphs, page.renamed) == (10, {"person-p0": "person-p1"})
    assert {e.entity for hit in page.hits for e in hit.entities} == {"person-p1"}
    decide(home, engine, "undo", number=number)
    assert counts(engine) == {"person-p0": 5, "person-p1": 5}


def test_editors_see_what_is_hidden(small):
    home, engine = small
    decide(home, engine, "hide", entity="person-p0")
    assert counts(engine) == {"person-p1": 5}
    assert engine.known_entity("person-p0").hidden
    assert [e.id for e in engine.known_entities("person", "", 9, hidden=True)] == ["person-p0"]
    assert [e.id for e in engine.known_entities("person", "", 9, hidden=False)] == ["person-p1"]
    with pytest.raises(NotFoundError):
        engine.entity("person-p0")
    with pytest.raises(NotFoundError):
        engine.known_entity("person-none")


def test_a_decision_outlives_commits(small):
    home, engine = small
    decide(home, engine, "hide", entity="person-p0")
    with home.store() as store:
        store.put("more", "1", [article("more", "ferry number more", person="p0")])
    engine.look_again()
    assert ask(engine).paragraphs == 11
    assert counts(engine) == {"person-p1": 5}


@pytest.fixture
def wire(home, engine_of):
    """Copies of a text by three newsrooms, another story and its engine; the later, the newer."""
    made = [
        wire_article("agency", DAM, headline="Dam lowered", day=date(2024, 3, 5)),
        wire_article("courier", DAM[:3], headline="Thousands flee", day=date(2024, 3, 6), minute=1),
        wire_article("gazette", [FERRY[0], *DAM[1:]], day=date(2024, 3, 7), minute=2),
        wire_article("other", REWRITE, headline="Vote survived", day=date(2024, 3, 8), minute=3),
    ]
    with home.store() as store:
        for one in made:
            store.put(one.document, "1", [one])
    return home, engine_of(home), [a.id for a in made]


def test_copies_are_shown_and_told_unless_folding_is_asked_for(wire):
    _, engine, ids = wire
    page = ask(engine, "minister walsh")
    assert (page.paragraphs, page.articles, page.stories) == (3, 3, 1)
    assert {h.article.id for h in page.hits} == set(ids[:3])
    assert {(h.story.id, h.story.articles, h.story.found) for h in page.hits} == {(ids[0], 3, 3)}


def test_folding_shows_one_article_a_story_and_counts_as_before(wire):
    _, engine, ids = wire
    shown, folded = (ask(engine, "dam", duplicates=d, sort="oldest") for d in ("show", "fold"))
    assert (folded.paragraphs, folded.articles, folded.facets) == (shown.paragraphs, 4, shown.facets)
    # All paragraphs of the article that comes first, none of its copies, and the other story.
    assert [h.article.id for h in folded.hits] == [ids[0]] * 4 + [ids[3]]
    newest = ask(engine, "dam", duplicates="fold", sort="newest")
    assert [h.article.id for h in newest.hits] == [ids[3], ids[2], ids[2]]
    by_article = ask(engine, "dam", duplicates="fold", group="article")
    assert by_article.hits == ask(engine, "dam", group="story").hits


def test_found_counts_the_copies_that_pass_the_filters(wire):
    _, engine, ids = wire
    [hit] = ask(engine, "walsh", duplicates="fold", published=DayRange(date(2024, 3, 6), None)).hits
    assert (hit.story.id, hit.story.articles, hit.story.found) == (ids[0], 3, 2)


def test_stories_are_grouped_and_counted(wire):
    _, engine, ids = wire
    page = ask(engine, group="story", sort="oldest", interval="day")
    assert [h.article.id for h in page.hits] == [ids[0], ids[3]]
    # A story counts on each day on which a copy was published, as a filter on the day would find it.
    assert [b.count for b in page.histograms["published"].buckets] == [1, 1, 1, 1]


def test_a_story_is_expanded_by_the_id_of_any_of_its_articles(wire):
    _, engine, ids = wire
    for id_ in ids[:3]:
        page = ask(engine, story=id_, group="article", sort="oldest")
        assert [h.article.id for h in page.hits] == ids[:3]
        assert (page.articles, page.stories) == (3, 1)
    assert ask(engine, "walsh", story=ids[3]).paragraphs == 0
    assert ask(engine, story="none").paragraphs == 0
    assert len(engine.found_in(ids[1], SearchRequest(q="walsh", story=ids[0]))) == 1
    assert engine.found_in(ids[3], SearchRequest(story=ids[0])) == ()


def test_folded_pages_meet_and_a_copy_that_comes_meanwhile_costs_no_hit(wire):
    home, engine, ids = wire
    first = ask(engine, sort="newest", group="story", limit=1)
    assert [h.article.id for h in first.hits] == [ids[3]]
    with home.store() as store:  # a copy of the other story, which is newer than it
        store.put("late", "1", [wire_article("late", REWRITE, day=date(2024, 3, 9), minute=9)])
    engine.look_again()
    [hit] = ask(engine, sort="newest", group="story", limit=1, cursor=first.next).hits
    assert hit.article.id == ids[2]


def test_a_story_tells_its_copies_and_what_they_have(wire):
    _, engine, ids = wire
    view = engine.article(ids[0])
    assert view.story == engine.story(ids[0])
    assert (view.story.story.id, view.story.story.articles) == (ids[0], 3)
    body = [p.id for p in view.paragraphs if p.kind == "body"]
    told = [(c.head.id, c.paragraphs, list(c.same)) for c in view.story.copies]
    assert told == [(ids[1], 4, body[:3]), (ids[2], 5, body[1:])]
    assert engine.story_of(ids[2]) == ids[0]
    assert engine.story(ids[3]).copies == ()
    for ask_of in (engine.story, engine.story_of):
        with pytest.raises(NotFoundError):
            ask_of("none")
