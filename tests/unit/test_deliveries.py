"""What is gathered, sent, tried again and given up, in the archive alone; time is told."""

from datetime import UTC, datetime, timedelta

import pytest

from index.archive import Archive
from index.channels import MAX_CHANNELS, Channels
from index.deliveries import KEPT_DAYS, PAUSES_S, STALE_S, TRIES, Deliveries, Outcome
from index.errors import AlertError, NotFoundError
from index.gathering import MAX_GATHERING, MAX_MATCHES, Found
from index.lease import LEASE_S, Lease

BUSY = Outcome("again", 503, "503: busy")
TAKEN = Outcome("delivered", 200, "200: ok")


def second(count):
    return timedelta(seconds=count)


def found(number, at, search="dam", kind="new"):
    return Found(
        id=f"m{number}", search=search, search_name="Dam", article=f"a{number}", headline=f"Line {number}",
        url=None, snippet="The dam.", published="2026-03-01", added=None, kind=kind, at=at,
    )  # fmt: skip


class Listed:
    """Matches in a list; the cursor is how many were read."""

    def __init__(self):
        self.all = []

    def after(self, cursor, limit):
        start = int(cursor or 0)
        some = self.all[start : start + limit]
        return some, str(start + len(some)) if some else cursor


class World:
    """An archive, and a clock that goes when told."""

    def __init__(self, archive):
        self.archive = archive
        self.channels = Channels(self.archive)
        self.deliveries = Deliveries(self.archive, jitter=lambda: 1.0)
        self.matches = Listed()
        self.now = datetime.now(UTC)
        self.lease = Lease(self.archive, "one")
        self.lease.take(self.now)

    def add(self, kind="webhook", target="https://cms.example/hook", pace="at once", search="dam"):
        channel, _ = self.channels.add((search, "Dam"), kind, target, pace, "anna")
        self.now = max(self.now, channel.created)
        return channel

    def match(self, *numbers, **more):
        self.matches.all += [found(n, self.now, **more) for n in numbers]
        while self.lease.queue(self.matches, self.now):
            pass

    def claim(self, limit=8):
        return self.deliveries.claim(self.now, limit)

    def go(self, seconds):
        self.now += second(seconds)

    def try_(self, outcome):
        (job,) = self.claim()
        self.deliveries.settle(job, outcome, self.now)
        return self.deliveries.one(job.delivery.id)


@pytest.fixture
def world(archive):
    return World(archive)


def test_matches_of_a_short_time_go_into_one_message(world):
    world.add()
    world.match(1, 2)
    world.go(3)
    world.match(3)
    assert world.claim() == []
    world.go(3)
    (job,) = world.claim()
    assert [m["id"] for m in job.delivery.matches] == ["m1", "m2", "m3"]
    assert (job.delivery.total, job.delivery.event, job.delivery.tries) == (3, "search.matched", 1)


def test_what_matched_before_the_alert_was_made_or_for_another_search_is_not_sent(world):
    world.matches.all.append(found(1, world.now - second(1)))
    world.add()
    world.match(2, search="other")
    world.go(1000)
    assert world.claim() == []
    world.match(3)
    world.go(1000)
    assert [m["id"] for m in world.claim()[0].delivery.matches] == ["m3"]


def test_programs_get_corrections_apart_and_people_get_all_together(world):
    hook, mail = world.add(), world.add("mail", "desk@news.example")
    world.match(1)
    world.match(2, kind="corrected")
    assert {d.event for d in world.deliveries.log(hook.id)} == {"search.matched", "search.corrected"}
    (one,) = world.deliveries.log(mail.id)
    assert [m["kind"] for m in one.matches] == ["new", "corrected"]


def test_a_burst_is_a_few_messages_and_says_how_many_more_there_are(world):
    hook, mail = world.add(), world.add("mail", "desk@news.example")
    world.match(*range(5_000))
    assert len(world.deliveries.log(hook.id, limit=500)) == MAX_GATHERING
    assert sum(d.total for d in world.deliveries.log(hook.id)) == 5_000
    assert all(len(d.matches) == MAX_MATCHES for d in world.deliveries.log(hook.id))
    (one,) = world.deliveries.log(mail.id)
    assert (one.total, len(one.matches)) == (5_000, MAX_MATCHES)


def test_an_hour_of_matches_is_some_messages(world):
    world.add("slack", "https://hooks.slack.example/services/T/B/x")
    sent = 0
    for n in range(30):
        world.match(n)
        world.go(120)
        for job in world.claim():
            world.deliveries.settle(job, TAKEN, world.now)
            sent += 1
    assert 10 <= sent <= 25


@pytest.mark.parametrize(
    ("pace", "at", "due"),
    [
        ("hourly", (2026, 3, 1, 9, 59, 59), (2026, 3, 1, 10, 0, 0)),
        ("daily", (2026, 3, 1, 5, 0, 0), (2026, 3, 1, 6, 0, 0)),
        ("daily", (2026, 3, 1, 6, 0, 0), (2026, 3, 2, 6, 0, 0)),
    ],
)
def test_a_digest_is_sent_at_its_hour(world, pace, at, due):
    far = datetime(*at, tzinfo=UTC) + timedelta(days=365 * 10)
    world.add("mail", "desk@news.example", pace)
    world.now = far
    world.match(1)
    world.go(60)
    world.match(2)
    (one,) = world.deliveries.log()
    assert (one.next_at, one.total) == (datetime(*due, tzinfo=UTC) + timedelta(days=365 * 10), 2)


def test_it_is_tried_again_with_growing_pauses_and_given_up_after_a_day(world):
    world.add()
    world.match(1)
    world.go(60)
    began = world.now
    for pause in PAUSES_S:
        held = world.try_(BUSY)
        assert (held.state, held.next_at) == ("waiting", world.now + second(pause))
        world.go(pause - 0.01)
        assert world.claim() == []
        world.go(0.01)
    held = world.try_(BUSY)
    assert (held.state, held.tries, held.next_at) == ("failed", TRIES, None)
    assert timedelta(days=1) < world.now - began < timedelta(days=2)
    assert [a.said for a in held.attempts] == ["503: busy"] * TRIES
    assert world.channels.all()[0].on
    world.go(100_000)
    assert world.claim() == []


def test_what_was_given_up_is_sent_again_by_hand_under_its_id(world):
    world.add()
    world.match(1)
    world.go(60)
    held = world.try_(Outcome("failed", 550, "550: no such user"))
    assert held.state == "failed"
    world.deliveries.resend(held.id, world.now)
    with pytest.raises(AlertError, match="not at its end"):
        world.deliveries.resend(held.id, world.now)
    world.go(2)
    again = world.try_(TAKEN)
    assert (again.id, again.state, len(again.attempts)) == (held.id, "delivered", 2)
    with pytest.raises(NotFoundError):
        world.deliveries.resend("msg_nothing", world.now)


def test_retry_after_is_honoured_for_the_whole_channel(world):
    channel = world.add()
    world.match(1)
    world.go(60)
    world.try_(Outcome("again", 429, "429", wait_s=600))
    world.match(2)
    world.go(599)
    assert world.claim() == []
    world.go(1)
    assert len(world.claim()) == 1
    assert world.channels.one(channel.id).not_before is not None
    assert PAUSES_S[0] < 600


def test_an_absurd_retry_after_is_a_day(world):
    world.add()
    world.match(1)
    world.go(60)
    held = world.try_(Outcome("again", 503, "503", wait_s=1e9))
    assert held.next_at == world.now + timedelta(days=1)


def test_gone_turns_the_channel_off_and_loses_nothing(world):
    channel = world.add()
    world.match(1)
    world.go(60)
    (job,) = world.claim()
    world.match(2)
    world.deliveries.settle(job, Outcome("gone", 410, "410: gone"), world.now)
    assert world.deliveries.one(job.delivery.id).state == "failed"
    off = world.channels.one(channel.id)
    assert (off.on, "410" in off.why) == (False, True)
    world.go(100)
    assert world.claim() == []
    world.channels.turn(channel.id, on=True)
    assert len(world.claim()) == 1


def test_one_message_a_channel_at_a_time_and_what_was_never_tried_goes_first(world):
    one, two = world.add(), world.add(target="https://other.example/")
    world.match(1)
    world.go(60)
    jobs = world.claim()
    assert {j.channel.id for j in jobs} == {one.id, two.id}
    world.match(2)
    world.go(60)
    assert world.claim() == []  # both are busy
    for job in jobs:
        world.deliveries.settle(job, BUSY, world.now)
    world.go(60)
    assert {j.delivery.tries for j in world.claim()} == {1}


def test_what_a_killed_courier_left_is_tried_again_under_the_same_id(world):
    world.add()
    world.match(1)
    world.go(60)
    (job,) = world.claim()
    assert world.deliveries.recover(world.now + second(STALE_S - 1)) == 0
    world.go(STALE_S + 1)
    assert world.deliveries.recover(world.now) == 1
    (again,) = world.claim()
    assert (again.delivery.id, again.delivery.tries) == (job.delivery.id, 2)
    # The first one was only slow: what it says now counts no more.
    world.deliveries.settle(job, BUSY, world.now)
    assert world.deliveries.one(job.delivery.id).state == "sending"
    world.deliveries.settle(again, TAKEN, world.now)
    held = world.deliveries.one(job.delivery.id)
    assert held.state == "delivered"
    assert [a.outcome for a in held.attempts] == ["again", "delivered"]


def test_two_couriers_never_claim_the_same(world):
    for n in range(20):
        world.add(target=f"https://cms.example/{n}")
    world.match(1)
    world.go(60)
    taken = [j.delivery.id for _ in range(5) for j in Deliveries(world.archive).claim(world.now, 8)]
    assert len(taken) == len(set(taken)) == 20


def test_the_lease_is_one_couriers_until_it_ends(world):
    other = Lease(world.archive, "two")
    assert not other.take(world.now)
    assert world.lease.take(world.now + second(20))
    assert not other.take(world.now + second(LEASE_S + 1))
    assert other.take(world.now + second(LEASE_S + 21))
    assert not world.lease.take(world.now + second(LEASE_S + 22))
    other.give(world.now + second(LEASE_S + 23))
    assert world.lease.take(world.now + second(LEASE_S + 23))


def test_matches_are_read_once_whoever_reads_them(world):
    world.add()
    world.matches.all += [found(n, world.now) for n in range(1_200)]
    other = Lease(world.archive, "two")
    assert [world.lease.queue(world.matches, world.now) for _ in range(4)] == [True, True, True, False]
    assert not other.queue(world.matches, world.now)
    assert sum(d.total for d in world.deliveries.log()) == 1_200


def test_old_entries_are_dropped_and_what_waits_for_a_removed_alert_is_given_up(world):
    channel = world.add()
    world.match(1)
    world.go(60)
    done = world.try_(TAKEN)
    world.match(2)
    world.channels.remove(channel.id)
    world.deliveries.prune(world.now)
    assert sorted(d.state for d in world.deliveries.log()) == ["delivered", "failed"]
    with pytest.raises(NotFoundError, match="removed"):
        world.deliveries.resend(done.id, world.now)
    world.deliveries.prune(world.now + timedelta(days=KEPT_DAYS + 1))
    assert world.deliveries.log() == ()


def test_the_log_is_paged(world):
    world.add()
    for n in range(7):
        world.match(n)
        world.go(1000)
        world.try_(TAKEN)
    first = world.deliveries.log(limit=3)
    rest = world.deliveries.log(before=first[-1], limit=10)
    assert [d.matches[0]["id"] for d in (*first, *rest)] == [f"m{n}" for n in reversed(range(7))]
    assert world.deliveries.counts() == {"delivered": 7}


@pytest.mark.parametrize(
    "target",
    [
        "anna",
        "anna@",
        "a b@x.org",
        "anna@x.org\nBcc: b@x.org",
        "a@x.org,b@x.org",
        "<a@x.org>",
        "a@" + "x" * 300,
    ],
)
def test_what_is_no_mail_address_is_refused(world, target):
    with pytest.raises(AlertError, match="no mail address"):
        world.add("mail", target)


def test_the_same_alert_twice_is_refused_and_so_are_too_many(world, monkeypatch):
    world.add()
    with pytest.raises(AlertError, match="is there already"):
        world.add()
    monkeypatch.setattr("index.channels.MAX_CHANNELS", 1)
    with pytest.raises(AlertError, match="one too many"):
        world.add(target="https://other.example/")
    assert MAX_CHANNELS > 1


def test_a_rotation_keeps_the_old_secret_for_a_day(world):
    channel = world.add()
    made = world.channels.rotate(channel.id, datetime.now(UTC))
    assert world.channels.one(channel.id).secrets == (made, channel.secrets[0])
    world.channels.rotate(channel.id, datetime.now(UTC) - timedelta(days=2))
    assert len(world.channels.one(channel.id).secrets) == 1
    with pytest.raises(AlertError):
        world.channels.rotate(world.add("mail", "a@x.org").id, world.now)


def test_secrets_are_in_no_list(world):
    channel = world.add("slack", "https://hooks.slack.example/services/T000/B000/abcdefghijklmnop1234")
    assert channel.shown == "https://hooks.slack.example/…1234"
    assert world.add(target="https://cms.example/hook").shown == "https://cms.example/…"
    assert world.add(target="https://cms.example").shown == "https://cms.example/"


def test_an_archive_without_alerts_has_none(tmp_path):
    empty = Archive(tmp_path)
    assert Channels(empty).all() == ()
    assert Deliveries(empty).log() == ()
    assert Deliveries(empty).claim(datetime.now(UTC), 8) == []
    assert not (tmp_path / "archive.sqlite3").exists()
