"""The log of ingests: what it tells of runs that ended, failed, were killed, or could not be noted."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from hypothesis import given
from hypothesis import strategies as st

from index import ingests
from index.archive import FILE, Archive
from index.errors import (
    ArchiveUnreachableError,
    IndexLockedError,
    InputError,
    NotFoundError,
    UnsupportedInputError,
)
from index.ingests import Failure, IngestLog
from index.pipeline import Summary
from index.store import StoreWriter, writer_at_work
from index.tables import METADATA

ROOT = Path(__file__).resolve().parents[2]


def unexpected(error):
    raise AssertionError(error)


@pytest.fixture
def log(archive):
    return IngestLog(archive)


def noted(log, errors=(), summary=None, source="/srv/wire"):
    with log.note("command line", source, unexpected) as note:
        note.begin()
        for error in errors:
            note.failed(error)
        note.progress(summary or Summary())
    return log.runs(limit=1)[0]


def test_nothing_was_ingested(log, tmp_path):
    assert log.runs() == ()
    assert log.last_unended() is None
    with pytest.raises(NotFoundError, match="old ones are dropped"):
        log.run(1)
    assert not (tmp_path / FILE).exists()


def test_a_run_and_its_failures(log):
    errors = [InputError("b.gz", "damaged gzip (x); fetch it again"), UnsupportedInputError("c.png", "empty")]
    run = noted(log, errors, Summary(documents=3, paragraphs=9, skipped=1, failed=1))
    assert (run.number, run.how, run.source, run.error) == (1, "command line", "/srv/wire", None)
    assert run.counts["documents"], run.counts["failed"] == (3, 1)
    assert run.started <= run.seen <= run.ended
    assert run.state() == "incomplete"
    first, second = log.failures(1)
    assert (first.kind, first.input, first.cause) == ("failed", "b.gz", "damaged gzip (x)")
    assert first.remedy == "fetch it again"
    assert (second.kind, second.cause) == ("skipped", "empty")
    assert "fetch or export it again" in second.remedy
    assert log.failures(1, after=first.number) == (second,)
    assert log.failures(1, limit=1) == (first,)


def test_the_newest_first_and_only_those_with_failures(log):
    noted(log)
    noted(log, [InputError("x", "y")])
    noted(log)
    assert [r.number for r in log.runs()] == [3, 2, 1]
    assert [r.number for r in log.runs(failed=True)] == [2]
    assert [r.number for r in log.runs(before=3, limit=1)] == [2]
    assert [r.state() for r in log.runs()] == ["done", "incomplete", "done"]


def test_what_ends_a_run_is_its_error(log):
    with (
        pytest.raises(IndexLockedError),
        log.note("HTTP", "posted document", unexpected),
    ):
        raise IndexLockedError(Path("/srv/index"), 30)
    run = log.run(1)
    assert run.state() == "stopped"
    assert "another writer holds the index" in run.error
    assert log.runs(failed=True) == (run,)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("odd")])
def test_whatever_ends_a_run_goes_on_its_way(log, error):
    with pytest.raises(type(error)), log.note("HTTP", "x", unexpected) as note:
        note.begin()
        raise error
    assert log.run(1).ended
    assert log.run(1).error


def test_a_log_that_cannot_be_written_is_said_once_and_stops_nothing(tmp_path):
    told = []
    archive = Archive(tmp_path, f"sqlite:///{tmp_path}/missing/archive.sqlite3")
    with IngestLog(archive).note("HTTP", "x", told.append) as note:
        note.begin()
        for _ in range(500):
            note.failed(InputError("x", "y"))
    assert [type(e) for e in told] == [ArchiveUnreachableError]


def test_long_and_hostile_inputs_are_cut_and_kept_legible(log):
    name = "<script>\x00\x1b[31m\u202e\udcff\n" + "x" * 5_000
    run = noted(log, [InputError(name, "y" * 5_000)], source=name)
    (failure,) = log.failures(1)
    assert len(run.source) == len(failure.input) == ingests.MAX_SOURCE
    assert len(failure.reason) == ingests.MAX_REASON
    assert failure.input.startswith("<script>��[31m�� xxx")


def test_failures_of_one_run_are_capped_and_counted(log, monkeypatch):
    monkeypatch.setattr(ingests, "MAX_FAILURES_A_RUN", 450)
    run = noted(log, [InputError(str(n), "y") for n in range(700)])
    assert run.counts["failed"] == 700
    assert [f.input for f in log.failures(1, limit=1000)] == [str(n) for n in range(450)]


def test_old_runs_are_dropped_clean_ones_before_failed_ones(log, monkeypatch):
    monkeypatch.setattr(ingests, "MAX_RUNS", 5)
    monkeypatch.setattr(ingests, "MAX_FAILURES", 3)
    for n in range(1, 21):
        noted(log, [InputError(str(n), "y")] if n in (2, 4, 6) else [])
    runs = log.runs()
    assert [r.number for r in runs] == [20, 19, 18, 17, 16, 6, 4, 2]
    assert [f.input for n in (2, 4, 6) for f in log.failures(n)] == ["2", "4", "6"]
    for n in range(21, 41):
        noted(log, [InputError(str(n), "y")])
    assert [r.number for r in log.runs(failed=True)] == [40, 39, 38, 37, 36]
    assert [f.input for r in log.runs() for f in log.failures(r.number)] == ["40", "39", "38"]


def test_runs_are_dropped_by_age(log, archive):
    for _ in range(19):
        noted(log)
    old = datetime.now(UTC) - timedelta(days=ingests.MAX_DAYS + 1)
    aged = sa.update(ingests.RUNS).where(ingests.RUNS.c.number < 11).values(started=old)
    archive.write(lambda connection: connection.execute(aged))
    noted(log)
    assert [r.number for r in log.runs()] == list(range(20, 10, -1))


def test_an_archive_of_the_revision_before_reads_as_empty_and_is_brought_up_to_date(
    archive, tmp_path, archive_url
):
    archive.record("anna", "hide", {"entity": "person-x"})
    config = Config()
    config.set_main_option("script_location", str(ROOT / "index" / "migrations"))

    def back(connection):
        """As the first revision left it."""
        later = [t for t in METADATA.sorted_tables if t.name != "decisions"]
        METADATA.drop_all(connection, tables=later)
        config.attributes["connection"] = connection
        command.stamp(config, "1")

    archive.write(back)
    log = IngestLog(Archive(tmp_path, archive_url))
    assert log.runs() == ()
    noted(log)
    assert [r.number for r in log.runs()] == [1]
    assert [d.who for d in Archive(tmp_path, archive_url).decisions().log] == ["anna"]


def test_a_run_that_goes_on_is_told_from_one_that_was_killed(tmp_path):
    log = IngestLog(Archive(tmp_path / "index"))
    code = (
        "import sys, time; from pathlib import Path; from index.archive import Archive;"
        "from index.ingests import IngestLog; from index.store import StoreWriter; p = Path(sys.argv[1])\n"
        "with IngestLog(Archive(p)).note('command line', 'x', print) as note, StoreWriter(p) as store:\n"
        "    note.begin(); print('at work', flush=True); time.sleep(60)"
    )
    killed = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "index")], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with closing(killed.stdout):
        assert killed.stdout.readline() == "at work\n"
        assert writer_at_work(tmp_path / "index")
        assert log.run(log.last_unended()).state({1}) == "running"
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait(10)
    assert not writer_at_work(tmp_path / "index")
    assert log.run(1).state() == "unfinished"
    assert log.runs(failed=True) == log.runs()
    with StoreWriter(tmp_path / "index"):
        assert writer_at_work(tmp_path / "index")


def test_nobody_writes_where_there_is_no_index(tmp_path):
    assert not writer_at_work(tmp_path)


def dateline(*arguments, **environ):
    return subprocess.run(
        [sys.executable, "-m", "api", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, env={**os.environ, **environ},
    )  # fmt: skip


def test_the_command_tells_what_was_indexed(tmp_path):
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.jsonl").write_text('{"id": 1, "text": "Rain fell in the hills."}\n[1]\n')
    (tmp_path / "news" / "b.txt").write_bytes(b"")
    index = ("--index", tmp_path / "index")
    assert dateline("index", tmp_path / "news", *index).returncode == 1
    assert dateline("index", tmp_path / "news" / "a.jsonl", *index).returncode == 1
    (line, first) = dateline("ingests", *index).stdout.splitlines()
    assert "incomplete" in first
    assert "1 documents" in first
    assert str(tmp_path / "news") in first
    assert line.split()[0] == "2"
    told = json.loads(dateline("ingests", "1", "--json", *index).stdout)
    assert told["counts"]["documents"] == 1
    kinds = [(f["kind"], Path(f["input"].split(":")[0].split(" ")[0]).name) for f in told["failures"]]
    assert {k for k, _ in kinds} == {"failed", "skipped"}
    assert all(f["remedy"] for f in told["failures"])
    assert "skipped" in dateline("ingests", "1", *index).stdout
    runs = json.loads(dateline("ingests", "--failed", "--json", *index).stdout)
    assert [r["number"] for r in runs] == [2, 1]


def test_nothing_is_indexed_where_the_archive_cannot_be_written(tmp_path):
    """What is in the index and not in the archive would be lost when the index is built anew."""
    (tmp_path / "a.txt").write_text("Rain fell in the hills all night, and the river rose.\n")
    archive = f"sqlite:///{tmp_path}/missing/archive.sqlite3"
    index = ("--index", tmp_path / "index")
    done = dateline("index", tmp_path / "a.txt", *index, "--json", DATELINE_ARCHIVE=archive)
    assert done.returncode == 1
    assert done.stderr.count("cannot be used now") == 2  # the log says so, and what ended the run
    assert json.loads(dateline("stats", *index, "--json").stdout)["documents"] == 0


def test_a_writer_that_had_to_give_up_is_noted(tmp_path):
    (tmp_path / "a.txt").write_text("Rain fell in the hills all night, and the river rose.\n")
    with StoreWriter(tmp_path / "index"):
        done = dateline("index", tmp_path / "a.txt", "--index", tmp_path / "index", "--wait", "0")
    assert done.returncode == 1
    (run,) = IngestLog(Archive(tmp_path / "index")).runs()
    assert run.state() == "stopped"
    assert "another writer" in run.error


@given(reason=st.text(max_size=60))
def test_every_failure_has_a_cause_and_a_remedy(reason):
    failure = Failure(1, 1, datetime.now(UTC), "failed", "x", reason)
    assert failure.remedy
    assert reason.startswith(failure.cause)


def test_a_beat_is_written_while_nothing_fails(log, monkeypatch):
    monkeypatch.setattr(ingests, "_BEAT_S", 0.0)
    with log.note("HTTP", "x", unexpected) as note:
        note.begin()
        note.progress(Summary(documents=7))
        assert log.run(1).counts["documents"] == 7
        time.sleep(0.001)
    assert log.run(1).ended
