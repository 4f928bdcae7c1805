"""`dateline reindex`, `release`, `check` and `index --revive`, as processes of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from index.archive import Archive
from index.settling import remove
from index.shelf import Shelf
from index.store import StoreWriter

ROOT = Path(__file__).resolve().parents[2]


def dateline(*arguments, status=0, **environ):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("DATELINE_")}
    done = subprocess.run(
        [sys.executable, "-m", "api", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, env={**clean, **environ},
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    return done


def test_the_archive_by_command(tmp_path):
    source, path = tmp_path / "wire.jsonl", tmp_path / "index"
    lines = [json.dumps({"id": str(n), "text": f"The ferry number {n} left."}) for n in range(3)]
    source.write_text("\n".join(lines))
    index = ("--index", path)
    assert "no index at" in dateline("reindex", *index, status=1).stderr
    path.mkdir()
    assert "no document" in dateline("reindex", *index, status=1).stderr
    dateline("index", source, *index)
    done = dateline("reindex", *index)
    assert done.stdout.startswith("3 documents, 3 paragraphs")
    assert "MB are free" in done.stderr
    assert dateline("release", *index).stdout == "0 documents released\n"
    assert dateline("check", *index).stdout == "the index is whole\n"
    archive = Archive(path)
    (first, *_) = [d.id for d in Shelf(archive).all()]
    with StoreWriter(path) as store:
        remove(first, store, Shelf(archive))
    told = dateline("index", source, *index)
    assert "left as it was: " in told.stderr
    assert "1 older than what is held" in told.stdout
    told = json.loads(dateline("index", source, "--revive", "--json", *index).stdout)
    assert (told["documents"], told["unchanged"], told["stale"]) == (3, 2, 0)
    with StoreWriter(path) as store:
        store.delete(first)
    told = dateline("check", *index, status=1).stdout
    assert "the index lacks 1 document" in told
    assert "dateline reindex" in told
    assert dateline("reindex", *index).stdout.startswith("3 documents")
    assert dateline("check", *index).stdout == "the index is whole\n"


def test_a_backup_says_what_is_not_in_it(tmp_path):
    (tmp_path / "a.txt").write_text("Rain fell in the hills all night, and the river rose.\n")
    index, url = ("--index", tmp_path / "index"), f"sqlite:///{tmp_path}/elsewhere.sqlite3"
    dateline("index", tmp_path / "a.txt", *index, DATELINE_ARCHIVE=url)
    done = dateline("backup", tmp_path / "b.tar.gz", *index, DATELINE_ARCHIVE=url)
    assert "elsewhere.sqlite3 is not in it" in done.stderr
