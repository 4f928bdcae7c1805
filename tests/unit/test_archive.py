"""The archive keeps what was decided, says what is wrong with it, and costs nothing where nothing was."""

import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from index.archive import FILE, VERSION, Archive, copy_of
from index.errors import (
    ArchiveDamagedError,
    ArchiveUnreachableError,
    ArchiveVersionError,
    DecisionError,
    NotFoundError,
    SettingError,
)

ROOT = Path(__file__).resolve().parents[2]


def hide(archive, entity, who="anna"):
    return archive.record(who, "hide", {"entity": entity})


@pytest.fixture
def filed(tmp_path):
    """An archive that is SQLite's file, for what is about the file."""
    return Archive(tmp_path)


@pytest.fixture
def again(tmp_path, archive_url):
    """Another process's view of the archive."""
    return lambda: Archive(tmp_path, archive_url)


def test_a_missing_archive_holds_nothing_and_is_not_made_by_looking(archive, tmp_path):
    assert not archive.decisions()
    assert archive.decisions() is archive.decisions()
    assert [*archive.problems()] == []
    assert list(tmp_path.iterdir()) == []


def test_a_decision_is_numbered_dated_and_signed(archive, again, archive_url, tmp_path):
    made = [hide(archive, f"person-{n}", who="  Anna Berg ") for n in "ab"]
    assert [(d.number, d.who, d.action) for d in made] == [(1, "Anna Berg", "hide"), (2, "Anna Berg", "hide")]
    assert made[0].at.utcoffset().total_seconds() == 0
    assert again().decisions().log == tuple(made)
    assert again().decisions().hidden == {"person-a", "person-b"}
    assert [p.name for p in tmp_path.iterdir()] == ([] if archive_url else [FILE])


def test_what_is_decided_elsewhere_is_seen_when_asked_again(archive, again):
    other = again()
    assert not other.decisions()
    for n in range(30):  # faster than the clock of a file system steps
        hide(archive, f"person-{n}")
        assert len(other.decisions().hidden) == n + 1
    before = other.decisions()
    assert other.decisions() is before


def test_a_decision_that_would_change_nothing_is_not_written(archive):
    hide(archive, "person-a")
    with pytest.raises(DecisionError, match="hidden already"):
        hide(archive, "person-a")
    with pytest.raises(NotFoundError, match="decision '7'"):
        archive.record("anna", "undo", {"number": 7})
    assert len(archive.decisions().log) == 1


@pytest.mark.parametrize("who", ["", "  ", "x" * 201, "a\nb", "a\x00", "\ud800", "a\x1b[31m"])
def test_an_editor_has_a_name(archive, who):
    with pytest.raises(DecisionError, match="editor's name"):
        hide(archive, "person-a", who=who)
    assert not archive.decisions().log


@pytest.mark.parametrize("who", ["Åsa Öberg", "محمد", "李娜", "O’Brien", "نرگس‌بانو"])
def test_in_any_script(archive, again, who):
    hide(archive, "person-a", who=who)
    assert again().decisions().log[0].who == who


def test_writers_at_the_same_time_lose_nothing_and_double_nothing(again, archive_url, tmp_path):
    write = (
        "import sys; from pathlib import Path; from index.archive import Archive\n"
        "path, name, url = Path(sys.argv[1]), *sys.argv[2:]\n"
        "for n in range(15): Archive(path, url).record(name, 'hide', {'entity': f'{name}-{n}'})"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", write, str(tmp_path), name, archive_url], cwd=ROOT)
        for name in "abc"
    ]
    assert [w.wait(120) for w in writers] == [0, 0, 0]
    log = again().decisions().log
    assert [d.number for d in log] == list(range(1, 46))
    assert len({d.arguments["entity"] for d in log}) == 45


@pytest.mark.parametrize("damage", [b"not a database at all" * 100, None])
def test_a_damaged_archive_is_said_not_passed_over(filed, tmp_path, damage):
    for n in range(200):
        hide(filed, f"person-{n}")
    data = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(damage or data[:2_048] + b"\xa5" * (len(data) - 2_048))
    fresh = Archive(tmp_path)
    with pytest.raises(ArchiveDamagedError, match=FILE):
        fresh.decisions()
    with pytest.raises(ArchiveDamagedError, match=FILE):
        hide(fresh, "person-z")
    assert any(FILE in told for told in fresh.problems())


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("arguments", "[1]"),
        ("arguments", "{}"),
        ("arguments", "not JSON"),
        ("action", "explode"),
        ("at", "x"),
    ],
)
def test_a_decision_that_no_dateline_wrote_is_damage(filed, tmp_path, column, value):
    hide(filed, "person-a")
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute(f"UPDATE decisions SET {column} = ?", (value,))
    connection.close()
    with pytest.raises(ArchiveDamagedError, match=FILE):
        Archive(tmp_path).decisions()


def test_a_newer_archive_is_left_alone(archive, again):
    hide(archive, "person-a")
    newer = sa.text("UPDATE alembic_version SET version_num = :version")
    archive.write(lambda connection: connection.execute(newer, {"version": str(int(VERSION) + 1)}))
    for act in (again().decisions, lambda: hide(again(), "person-b")):
        with pytest.raises(ArchiveVersionError, match="newer"):
            act()


def test_an_archive_that_was_known_and_is_locked_is_as_it_was(filed, tmp_path, monkeypatch):
    for name in ("_BUSY_S", "_WRITERS_S"):
        monkeypatch.setattr(f"index.archive.{name}", 0.05)
    hide(filed, "person-a")
    known = filed.decisions()
    holder = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        assert filed.decisions() is known
        with pytest.raises(ArchiveUnreachableError, match="locked"):
            Archive(tmp_path).decisions()
        with pytest.raises(ArchiveUnreachableError, match="locked"):
            hide(Archive(tmp_path), "person-b")
    finally:
        holder.close()
    assert hide(filed, "person-b").number == 2


def test_who_writes_waits_for_one_that_makes_the_tables_on_a_slow_machine(filed, tmp_path, monkeypatch):
    monkeypatch.setattr("index.archive._BUSY_S", 0.05)
    hide(filed, "person-a")
    holder = sqlite3.connect(tmp_path / FILE, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    threading.Timer(0.5, holder.close).start()
    assert hide(Archive(tmp_path), "person-b").number == 2


def test_another_file_in_its_place_is_read(tmp_path):
    one, two = Archive(tmp_path / "1"), Archive(tmp_path / "2")
    for archive, entity in ((one, "person-a"), (two, "person-b")):
        archive.file.parent.mkdir()
        hide(archive, entity)
    assert one.decisions().hidden == {"person-a"}
    shutil.copy(two.file, one.file)
    assert one.decisions().hidden == {"person-b"}
    one.file.unlink()
    assert not one.decisions()


def test_an_archive_that_writes_ahead_is_seen(filed, tmp_path, monkeypatch):
    monkeypatch.setattr("index.archive._SETTLED_S", -1)  # the files alone tell of a change
    hide(filed, "person-a")
    holder = sqlite3.connect(tmp_path / FILE)
    holder.execute("PRAGMA journal_mode=WAL")
    holder.execute("SELECT count(*) FROM decisions").fetchone()
    reader = Archive(tmp_path)
    for n in range(5):
        hide(Archive(tmp_path), f"person-{n}x")
        assert len(reader.decisions().hidden) == n + 2
        time.sleep(0.02)
    holder.close()


def test_a_copy_is_whole_while_others_write(filed, tmp_path):
    hide(filed, "person-a")
    writer = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM decisions")
    copy_of(tmp_path / FILE, tmp_path / "copy")
    writer.close()
    (tmp_path / "of").mkdir()
    (tmp_path / "copy").rename(tmp_path / "of" / FILE)
    assert Archive(tmp_path / "of").decisions().hidden == {"person-a"}


def test_an_archive_elsewhere_is_named_by_its_url(tmp_path):
    elsewhere = Archive(tmp_path, f"sqlite:///{tmp_path}/desk.db")
    hide(elsewhere, "person-a")
    assert (tmp_path / "desk.db").exists()
    assert not Archive(tmp_path).decisions()
    assert Archive(tmp_path / "x", f"sqlite:///{tmp_path}/desk.db").decisions().hidden == {"person-a"}


@pytest.mark.parametrize(
    "url", ["nonsense", "sqlite://", "nobase://host/x", "postgresql+nodriver://u:secret@h/d"]
)
def test_a_url_that_cannot_be_used_is_a_setting_to_mend(tmp_path, url):
    with pytest.raises(SettingError, match="DATELINE_ARCHIVE") as told:
        Archive(tmp_path, url)
    assert "secret" not in str(told.value)


def test_the_tables_are_those_the_revisions_make(archive):
    """A column added to one and not to the other is a mistake that only an old archive would show."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from index.tables import METADATA

    hide(archive, "person-a")
    with archive.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == VERSION
