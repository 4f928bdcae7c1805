"""Names found by typing are those that a plain reading of the definition finds, in the same order."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from index.analysis import fold, tokens
from index.model import ENTITY_KINDS
from search.whoosh_engine import WhooshEngine

LETTERS = st.text(alphabet="abcdeghiklmnorstuwy ", max_size=8)


@pytest.fixture(scope="module")
def engine(sample_index):
    made = WhooshEngine(sample_index)
    yield made
    made.close()


def begins(word, typed, slips):
    if word.startswith(typed):
        return True
    most = 0 if len(typed) < 4 or not slips else 1 if len(typed) < 7 else 2
    return most > 0 and any(OSA.distance(word[: len(typed) + n], typed) <= most for n in (-1, 0, 1))


def plainly(values, typed, limit):
    wanted = [fold(surface) for _, _, surface in tokens(typed)]

    def fits(value, slips):
        words = [fold(surface) for _, _, surface in tokens(value.name)]
        return all(any(begins(word, t, slips) for word in words) for t in wanted)

    exact = [v for v in values if fits(v, slips=False)]
    near = [v for v in values if v not in exact and fits(v, slips=True)]
    return (exact + near)[:limit]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(kind=st.sampled_from(ENTITY_KINDS), data=st.data(), limit=st.integers(1, 40))
def test_names_found_by_typing_are_those_of_the_definition(engine, kind, data, limit):
    values = engine.facet_values(kind, "", 1_000)
    name = data.draw(st.sampled_from([v.name for v in values]))
    slip = data.draw(st.integers(0, len(name)))
    other = data.draw(st.sampled_from(["", "x", "e"]))
    typed = data.draw(
        st.one_of(LETTERS, st.just(name[:slip]), st.just(name[:slip] + other + name[slip + 1 :]))
    )
    assert list(engine.facet_values(kind, typed, limit)) == plainly(values, typed, limit)
