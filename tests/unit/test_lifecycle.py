"""What becomes of a document that comes again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import InputError, StaleVersionError
from index.lifecycle import Shelved, Verdict, judge
from index.model import Document, Lifecycle

NOW = datetime(2026, 3, 1, 6, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)


def document(version=None, status="usable", embargo=None):
    return Document("id:1", "wire:1", "ninjs", "Rain fell.", lifecycle=Lifecycle(version, status, embargo))


def held(version=None, state="current", due=None, digest="same"):
    return Shelved("x", version, state, due, digest, 1, NOW)


def judged(before, *, digest="same", revive=False, **came):
    return judge(before, document(**came), digest, NOW, revive=revive)


def test_what_is_new_is_taken_as_it_says():
    assert judged(None) == Verdict("current")
    assert judged(None, version=3) == Verdict("current", version=3)
    assert judged(None, status="withheld") == Verdict("withheld")
    assert judged(None, status="canceled", version=2) == Verdict("canceled", version=2)
    assert judged(None, embargo="2026-03-01T09:00:00+01:00") == Verdict("embargoed", LATER)
    assert judged(None, embargo="2026-03-01T07:00:00+01:00") == Verdict("current")
    assert judged(None, embargo="2026-03-01T08:00:00") == Verdict("embargoed", LATER)  # no zone: UTC


@pytest.mark.parametrize(
    "embargo", ["tomorrow", "", "2026-02-30T00:00:00Z", "9" * 5_000, "0001-01-01T00:00:00+14:00"]
)
def test_an_embargo_that_is_no_time_is_not_guessed(embargo):
    with pytest.raises(InputError, match="it is not shown"):
        judged(None, embargo=embargo)


def test_a_version_that_no_database_holds_is_refused():
    assert judged(None, version=2**63 - 1).version == 2**63 - 1
    with pytest.raises(InputError, match="18 digits"):
        judged(None, version=2**63)


@pytest.mark.parametrize(
    ("before", "came", "wanted"),
    [
        # versions
        (held(2), {"version": 2}, Verdict("current", version=2, same=True)),
        (held(2), {"version": 2, "digest": "other"}, Verdict("current", version=2)),
        (held(2), {"version": 3}, Verdict("current", version=3)),
        (held(2), {"version": 1, "digest": "other"}, "older than version 2"),
        (held(2), {"version": 1, "status": "canceled"}, "older than version 2"),
        (held(2), {"digest": "other"}, Verdict("current", version=2)),  # no number: what comes later
        (held(), {"version": 1, "digest": "other"}, Verdict("current", version=1)),
        (held(), {}, Verdict("current", same=True)),
        # cancelled: only what is known to be later brings it back
        (held(2), {"version": 2, "status": "canceled"}, Verdict("canceled", version=2)),
        (held(2), {"status": "canceled"}, Verdict("canceled", version=2)),
        (held(2, "canceled"), {"version": 2, "status": "canceled"},
         Verdict("canceled", version=2, same=True)),
        (held(2, "canceled"), {"version": 2, "digest": "other"}, "was canceled"),
        (held(2, "canceled"), {"digest": "other"}, "was canceled"),
        (held(2, "canceled"), {"version": 3}, Verdict("current", version=3)),
        (held(None, "canceled"), {}, "was canceled"),
        (held(None, "canceled"), {"digest": "other"}, Verdict("current")),
        (held(None, "canceled"), {"version": 1}, Verdict("current", version=1)),
        # withheld
        (held(2), {"version": 2, "status": "withheld"}, Verdict("withheld", version=2)),
        (held(2, "withheld"), {"version": 2}, "is withheld"),
        (held(2, "withheld"), {"version": 3}, Verdict("current", version=3)),
        (held(None, "withheld"), {}, Verdict("current")),
        (held(2, "withheld"), {"version": 2, "status": "canceled"}, Verdict("canceled", version=2)),
        # embargoed: holds for all versions, moves, ends
        (held(1), {"version": 2, "embargo": "2026-03-01T08:00:00Z"}, Verdict("embargoed", LATER, 2)),
        (held(1, "embargoed", LATER), {"version": 1, "embargo": "2026-03-01T08:00:00Z"},
         Verdict("embargoed", LATER, 1, same=True)),
        (held(1, "embargoed", LATER), {"version": 1, "embargo": "2026-03-01T05:00:00Z"},
         Verdict("current", None, 1)),
        (held(1, "embargoed", LATER), {"version": 1}, Verdict("current", None, 1)),
        # removed by an editor
        (held(2, "removed"), {"version": 2}, "--revive"),
        (held(2, "removed"), {"digest": "other"}, "--revive"),
        (held(None, "removed"), {"version": 7}, "--revive"),
        (held(2, "removed"), {"version": 3}, Verdict("current", version=3)),
        (held(2, "removed"), {"version": 2, "revive": True}, Verdict("current", version=2)),
        (held(None, "removed"), {"revive": True}, Verdict("current")),
        (held(2, "removed"), {"version": 1, "revive": True}, "older than version 2"),
    ],
)  # fmt: skip
def test_what_comes_again(before, came, wanted):
    if isinstance(wanted, str):
        with pytest.raises(StaleVersionError, match=wanted) as told:
            judged(before, **came)
        assert (told.value.state, told.value.version) == (before.state, before.version)
    else:
        assert judged(before, **came) == wanted


VERSIONS = st.none() | st.integers(1, 4)
STATES = st.sampled_from(["current", "withheld", "embargoed", "canceled", "removed"])


@given(
    VERSIONS, STATES, st.sampled_from("ab"), VERSIONS, st.sampled_from(["usable", "withheld", "canceled"]),
    st.booleans(), st.sampled_from("ab"),
)  # fmt: skip
def test_any_document_given_twice_is_the_same_the_second_time(
    version, state, digest, came, status, later, other
):
    """Whatever order a folder is read in, reading it again changes nothing more of one document."""
    before = held(version, state, LATER if state == "embargoed" else None, digest)
    offered = {"version": came, "status": status, "embargo": "2026-03-01T08:00:00Z" if later else None}
    try:
        first = judged(before, digest=other, **offered)
    except StaleVersionError:
        return
    kept = digest if first.state == "canceled" else other
    again = judged(held(first.version, first.state, first.due, kept), digest=other, **offered)
    assert again == Verdict(first.state, first.due, first.version, same=True)
    assert first.version is None or first.version == max(v for v in (version, came) if v is not None)
