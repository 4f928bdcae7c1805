"""`dateline index --queue` and `dateline work` on an index in a folder, as processes of their own."""

import json

from tests.unit.test_cli_archive import dateline


def test_what_is_queued_is_found_after_work_and_the_log_counts_it_as_read(tmp_path):
    wire, index = tmp_path / "wire", ("--index", tmp_path / "index")
    wire.mkdir()
    lines = [json.dumps({"id": str(n), "text": f"The ferry number {n} left."}) for n in range(3)]
    (wire / "a.jsonl").write_text("\n".join(lines))
    (wire / "b.json").write_text("{ not JSON")
    assert "no index at" in dateline("work", "--once", *index, status=1).stderr

    queued = dateline("index", "--queue", wire, *index, status=1)
    assert queued.stdout.startswith("3 documents wait for `dateline work`, 0 had not changed")
    assert "b.json" in queued.stderr
    assert json.loads(dateline("index", "--queue", wire / "a.jsonl", "--json", *index).stdout)["queued"] == 0

    worked = dateline("work", "--once", *index)
    assert worked.stdout.startswith("3 documents, 3 paragraphs in ")
    assert json.loads(dateline("work", "--once", "--json", *index).stdout)["documents"] == 0
    assert "3 paragraphs in 3 articles" in dateline("search", "ferry", *index).stdout
    assert dateline("check", *index).stdout == "the index is whole\n"

    log = dateline("ingests", *index).stdout.splitlines()
    assert any("queue: " in line and line.endswith("3 documents, 1 failed") for line in log)
    assert any(line.endswith("3 documents, 3 unchanged") for line in log)
