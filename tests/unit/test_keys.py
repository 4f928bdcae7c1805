"""Keys and the audit in the archive."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from index import keys as module
from index.archive import FILE, Archive
from index.audit import AUDIT, Act, AuditLog
from index.errors import ArchiveUnreachableError, DecisionError, NotFoundError
from index.keys import KEYS, PATTERN, Keys

IN_A_FILE = pytest.mark.parametrize("archive_url", ["sqlite"], indirect=True)


@pytest.fixture
def keys(archive):
    return Keys(archive)


def test_a_key_is_found_by_its_text_alone(keys, archive):
    made, text = keys.add("CMS", ["write", "read"])
    assert PATTERN.fullmatch(text)
    assert (made.name, made.scopes, made.state) == ("CMS", ("read", "write"), "live")
    assert keys.find(text) == made
    wrong = text[:-1] + ("0" if text[-1] != "0" else "1")
    other, _ = keys.add("Other", ["desk"])
    swapped = text.replace(made.id, other.id)
    for bad in (wrong, swapped, text.upper(), text + " ", f" {text}", text[:-1], "", made.id, "é\udcff"):
        assert keys.find(bad) is None
    assert len({keys.add("n", ["read"])[1] for _ in range(20)}) == 20


@IN_A_FILE
def test_the_secret_is_nowhere_in_the_archive(keys, archive):
    _, text = keys.add("CMS", ["write"])
    held = archive.file.read_bytes()
    assert text.rpartition("_")[2].encode() not in held
    assert bytes.fromhex(text.rpartition("_")[2]) not in held


def test_revoking_holds_at_once_in_every_process(keys, archive, tmp_path, archive_url):
    made, text = keys.add("CMS", ["write"])
    elsewhere = Keys(Archive(tmp_path, archive_url))
    for _ in range(3):
        assert elsewhere.find(text)
    assert elsewhere.any_live()
    revoked = keys.revoke(made.id)
    assert (revoked.state, elsewhere.find(text), keys.find(text)) == ("revoked", None, None)
    assert elsewhere.live(made.id) is None
    assert not elsewhere.any_live()
    assert keys.revoke(made.id).revoked == revoked.revoked  # again: nothing happens
    with pytest.raises(NotFoundError, match="keys list"):
        keys.revoke("00000000")


@IN_A_FILE
def test_a_key_that_was_looked_up_long_ago_is_looked_up_again_when_the_file_changed(
    keys, archive, monkeypatch, tmp_path, archive_url
):
    made, text = keys.add("CMS", ["write"])
    monkeypatch.setattr("index.archive._SETTLED_S", -1.0)  # trust the file's time
    assert keys.find(text)
    asked = []
    rows = archive.rows
    monkeypatch.setattr(archive, "rows", lambda *a: asked.append(1) or rows(*a))
    for _ in range(5):
        assert keys.find(text)
    assert not asked  # remembered while the file stands as it did
    Keys(Archive(tmp_path, archive_url)).revoke(made.id)
    assert keys.find(text) is None


def test_a_key_ends_when_it_was_said_to(keys, monkeypatch):
    end = datetime.now(UTC) + timedelta(days=1)
    _, text = keys.add("Freelancer", ["read"], end)
    assert keys.find(text).expires == end

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz=None):
            return end

    monkeypatch.setattr(module, "datetime", Tomorrow)
    assert keys.find(text) is None
    assert not keys.any_live()
    assert keys.all()[0].state == "expired"


def test_its_use_is_written_down_once_a_minute(keys, archive, monkeypatch):
    _, text = keys.add("CMS", ["write"])
    keys.note_use(keys.find(text))
    first = keys.all()[0].used
    assert datetime.now(UTC) - first < timedelta(seconds=5)
    writes = []
    monkeypatch.setattr(archive, "write", lambda work: writes.append(work))
    for _ in range(10):
        keys.note_use(keys.find(text))
    other = Keys(archive)  # another process sees that it was written down
    other.note_use(other.find(text))
    assert not writes
    monkeypatch.setattr(module, "USED_S", 0)
    keys.note_use(keys.find(text))
    assert len(writes) == 1


def test_names_are_a_line_of_text(keys):
    for name in ("", "  ", "a\nb", "x" * 201):
        with pytest.raises(DecisionError, match="keys: the name"):
            keys.add(name, ["read"])
    assert keys.all() == ()


def test_without_an_archive_or_its_tables_there_are_no_keys(tmp_path):
    archive = Archive(tmp_path)
    assert (Keys(archive).all(), Keys(archive).any_live()) == ((), False)
    assert Keys(archive).find(f"dateline_{'0' * 8}_{'0' * 64}") is None
    assert AuditLog(archive).lines() == ()
    assert not (tmp_path / FILE).exists()
    archive.record("anna", "hide", {"entity": "person-x"})
    archive.write(
        lambda connection: [connection.execute(sa.text(f"DROP TABLE {t}")) for t in ("keys", "audit")]
    )
    assert (Keys(archive).any_live(), AuditLog(archive).lines()) == (False, ())


@IN_A_FILE
def test_a_lost_archive_is_no_permission(keys, archive):
    _, text = keys.add("CMS", ["write"])
    archive.file.unlink()
    archive.file.mkdir()
    with pytest.raises(ArchiveUnreachableError):
        keys.find(text)


def test_tables_are_as_the_revision_makes_them(keys, archive):
    keys.add("CMS", ["write"])
    with archive.reading() as connection:
        for table in (KEYS, AUDIT):
            found = {
                c["name"]: (type(c["type"]), c["nullable"])
                for c in sa.inspect(connection).get_columns(table.name)
            }
            assert set(found) == {c.name for c in table.c}
            assert {n for n, (_, null) in found.items() if null} == {c.name for c in table.c if c.nullable}


# --- the audit


def act(**more):
    told = {"key": "3f9a01bc", "name": "CMS", "who": None, "address": "192.0.2.7", "method": "POST"}
    return Act(**{**told, "route": "/api/v1/documents", "what": "a b", "status": 200, **more})


def test_lines_come_back_as_written_the_newest_first(archive):
    log = AuditLog(archive)
    for n in range(5):
        log.note(act(what=str(n), key="" if n % 2 else "3f9a01bc"))
    assert [(line.number, line.act.what) for line in log.lines(limit=2)] == [(5, "4"), (4, "3")]
    assert [line.number for line in log.lines(before=4, key="3f9a01bc")] == [3, 1]
    assert [line.number for line in log.lines(key="")] == [4, 2]
    assert log.lines(limit=1)[0].act == act(what="4")
    assert datetime.now(UTC) - log.lines()[0].at < timedelta(seconds=5)


def test_hostile_text_is_kept_in_a_line(archive):
    log = AuditLog(archive)
    log.note(act(what="a\nb\x00\udcff" + "x" * 1_000, name="n" * 300, address="z" * 100, who="\x1b[31m"))
    (line,) = log.lines()
    assert len(line.act.what) == 500
    assert line.act.what.startswith("a b��x")
    assert (len(line.act.name), len(line.act.address), line.act.who) == (200, 64, "�[31m")


def test_old_lines_are_dropped(archive, monkeypatch):
    monkeypatch.setattr("index.audit._PRUNED", 5)
    monkeypatch.setattr("index.audit.MAX_LINES", 7)
    log = AuditLog(archive)
    for n in range(20):
        log.note(act(what=str(n)))
    assert [line.number for line in log.lines()] == list(range(20, 13, -1))
    archive.write(lambda c: c.execute(sa.update(AUDIT).values(at=datetime.now(UTC) - timedelta(days=500))))
    for _ in range(5):
        log.note(act())
    assert [line.number for line in log.lines()] == list(range(25, 20, -1))


def test_a_readme_pattern_finds_keys(keys):
    assert re.search(r"\bdateline_[0-9a-f]{8}_[0-9a-f]{64}\b", f"KEY={keys.add('x', ['read'])[1]}\n")
