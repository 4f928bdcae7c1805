"""Counting who asked how often, over several processes."""

import multiprocessing
import os
import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import counters as module
from api.counters import Counters, Left, Quota


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_a_quota_is_used_up_and_new_after_its_window(clock):
    table, quota = Counters(), Quota(3, 60)
    assert [table.take("a", quota) for _ in range(3)] == [
        Left(2, 60, True),
        Left(1, 60, True),
        Left(0, 60, True),
    ]
    clock[0] += 20.5
    assert table.take("a", quota) == Left(0, 40, False)
    assert table.take("b", quota) == Left(2, 60, True)
    clock[0] += 39.4
    assert table.take("a", quota) == Left(0, 1, False)
    clock[0] += 0.1
    assert table.take("a", quota) == Left(2, 60, True)


def test_looking_takes_nothing(clock):
    table, quota = Counters(), Quota(1, 60)
    assert [table.take("a", quota, cost=0) for _ in range(3)] == [Left(1, 60, True)] * 3
    table.take("a", quota)
    assert not table.take("a", quota, cost=0).allowed


@given(asked=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 30)), max_size=60))
def test_it_agrees_with_counting_by_hand(asked):
    table, quota, now = Counters(), Quota(4, 60), 0.0
    windows: dict[str, list[float]] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module.time, "monotonic", lambda: 1000 + now)
        for who, step in asked:
            now += step
            began, used = windows.get(who, (-1e9, 0))
            if now >= began + 60:
                began, used = now, 0
            allowed = used < 4
            windows[who] = [began, used + allowed]
            assert table.take(who, quota).allowed is allowed


def test_a_flood_of_addresses_is_bounded_and_leaves_those_who_asked_most(clock):
    table, quota = Counters(), Quota(1_000, 60)
    for _ in range(100):
        table.take("busy", quota)
    for n in range(200_000):
        table.take(f"10.{n}", quota)
    assert table.take("busy", quota).requests == 899


def _ask(table, times):
    for _ in range(times):
        table.take("a", Quota(10**6, 600))


def test_several_processes_lose_no_count():
    table = Counters()
    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=_ask, args=(table, 2_000)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert table.take("a", Quota(10**6, 600), cost=0).requests == 10**6 - 8_000


def _hold(table, held):
    with table._locked(0):
        held.set()
        signal.pause()


def test_a_killed_process_holds_nobody_up():
    table = Counters()
    fork = multiprocessing.get_context("fork")
    held = fork.Event()
    worker = fork.Process(target=_hold, args=(table, held))
    worker.start()
    assert held.wait(20)
    os.kill(worker.pid, signal.SIGKILL)
    worker.join(20)
    with table._locked(0):
        pass
