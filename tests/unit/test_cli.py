"""The `dateline` command, as a process of its own."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DUMP = ROOT / "tests" / "data" / "dump.txt"
KEYS = {"documents", "articles", "paragraphs", "dates", "entities", "skipped", "failed", "seconds"}
COMMANDS = "index search serve demo annotate stats check backup restore entities".split()


def dateline(*arguments, status=0, stdin=None, **environ):
    """Run the command; its standard output as text."""
    found = run(*arguments, stdin=stdin, **environ)
    assert found.returncode == status, found.stderr[-2_000:]
    return found.stdout


def run(*arguments, stdin=None, **environ):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("DATELINE_")}
    done = subprocess.run(
        [sys.executable, "-m", "api", *map(str, arguments)],
        input=stdin if stdin is not None else b"",
        capture_output=True,
        cwd=ROOT,
        env={**clean, "PYTHONIOENCODING": "utf-8:strict", **environ},
        timeout=120,
    )
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in done.stderr, done.stderr
    return done


def index(path, *sources, status=0, **more):
    found = run("index", *sources, "--index", path, "--json", **more)
    assert found.returncode == status, found.stderr[-2_000:]
    summary = json.loads(found.stdout)
    assert set(summary) >= KEYS
    return summary, found.stderr


def search(path, *arguments):
    return json.loads(dateline("search", *arguments, "--index", path, "--json"))


def ids(path, q=""):
    page = search(path, q, "--limit", "100")
    assert page["next"] is None
    return {hit["id"] for hit in page["hits"]}


def line(n, text="The ferry left the harbour at noon."):
    return json.dumps(
        {"id": str(n), "headline": f"Ferry Number {n}", "published": "2015-03-03", "text": text}
    )


# --- help and misuse


@pytest.mark.parametrize("command", [[], *([c] for c in COMMANDS)])
def test_every_command_explains_itself(command):
    text = dateline(*command, "--help")
    assert text.startswith(f"Usage: {' '.join(['dateline', *command])}")
    if not command:
        assert all(re.search(rf"^  {c}  +\S", text, re.MULTILINE) for c in COMMANDS)


@pytest.mark.parametrize(
    "arguments",
    [[], ["index"], ["nonsense"], ["index", "x", "--workers", "0"], ["search", "x", "--colour", "red"],
     ["serve", "--port", "x"], ["restore", "none.tar.gz"]],
)  # fmt: skip
def test_used_wrongly_it_says_so_with_2(arguments, tmp_path):
    found = run(*arguments, DATELINE_INDEX=str(tmp_path / "index"))
    assert found.returncode == 2
    assert "Usage: dateline" in found.stderr


def test_a_bad_search_option_is_named(dump_index):
    found = run("search", "steel", "--limit", "0", "--published-from", "2014-13", "--index", dump_index)
    assert found.returncode == 2
    assert "--limit" in found.stderr
    assert "--published-from" in found.stderr


def test_a_bad_setting_is_named_in_one_line():
    found = run("stats", DATELINE_PORT="http")
    assert found.returncode in (1, 2)
    assert (
        found.stderr.strip()
        == "dateline: DATELINE_PORT='http' cannot be used: it must be a port from 0 to 65535"
    )


@pytest.mark.parametrize(
    "command", [["search", "x"], ["stats"], ["check"], ["entities"], ["backup", "b.tar.gz"]]
)
def test_without_an_index_it_says_how_to_make_one(command, tmp_path):
    found = run(*command, "--index", tmp_path / "none")
    assert found.returncode == 1
    assert re.fullmatch(
        r"dateline: no index at \S+; build one with `dateline index SOURCE.*`\n", found.stderr
    )
    assert not (tmp_path / "none").exists()


# --- indexing


@pytest.fixture(scope="module")
def dumped(tmp_path_factory):
    """An index of the dump, made by the command, and its summary."""
    path = tmp_path_factory.mktemp("cli") / "index"
    return path, index(path, DUMP)[0]


def test_a_dump_is_counted(dumped):
    _, summary = dumped
    assert (summary["documents"], summary["articles"], summary["paragraphs"]) == (1, 2, 14)
    assert (summary["skipped"], summary["failed"]) == (0, 0)
    assert summary["dates"] > 5
    assert summary["entities"] > 20
    assert summary["seconds"] > 0


def test_indexing_twice_changes_nothing(dumped):
    path, first = dumped
    before = ids(path)
    again, _ = index(path, DUMP)
    assert {**again, "seconds": 0, "unchanged": 0} == {**first, "seconds": 0, "unchanged": 0}
    assert ids(path) == before
    assert len(before) == 14


def test_two_processes_find_what_one_finds(dumped, tmp_path):
    path, first = dumped
    summary, _ = index(tmp_path / "index", DUMP, "--workers", "2")
    assert {**summary, "seconds": 0} == {**first, "seconds": 0}
    assert ids(tmp_path / "index") == ids(path)


def test_folders_globs_and_files_are_read_once_each(tmp_path):
    folder = tmp_path / "news"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.jsonl").write_text(f"{line(1)}\n{line(2)}\n", "utf-8")
    (folder / "deep" / "b.jsonl").write_text(line(3), "utf-8")
    summary, _ = index(tmp_path / "index", folder, f"{folder}/*.jsonl", folder / "a.jsonl")
    assert (summary["documents"], summary["failed"]) == (3, 0)


def test_standard_input_is_read(tmp_path):
    lines = f"{line(1)}\n{line(2)}\n".encode()
    summary, _ = index(tmp_path / "index", "-", stdin=lines)
    assert summary["documents"] == 2
    assert len(ids(tmp_path / "index", "ferry")) == 4


def test_the_summary_for_people(tmp_path):
    text = dateline("index", DUMP, DATELINE_INDEX=str(tmp_path / "index"))
    assert re.match(r"1 documents?, 2 articles, 14 paragraphs, \d+ dates, \d+ entities in [\d.]+ s", text)
    assert json.loads(dateline("stats", "--json", DATELINE_INDEX=str(tmp_path / "index")))["articles"] == 2


def test_hostile_input_is_named_and_the_rest_is_in(tmp_path):
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "empty.txt").write_bytes(b"")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 100)
    (folder / "latin.jsonl").write_bytes(
        line(7, "Caf\xe9 salt.").replace("\\u00e9", "\xe9").encode("latin-1")
    )
    (folder / "broken.txt").write_bytes("Salt Is Gone\n\nThe salt \xff\xfe is gone.\n".encode("latin-1"))
    (folder / "page.html").write_text(
        "<html><head><title>Page</title></head><body><article><h1>Ferry Sinks Off Ellery</h1>"
        "<script>alert('boo')</script><p>The ferry sank, and &lt;script&gt;alert(1)&lt;/script&gt; was what "
        "the captain wrote in the log before he went ashore with all who had been on board.</p>"
        "</article></body></html>",
        "utf-8",
    )
    with (folder / "long.jsonl").open("w", encoding="utf-8") as stream:
        stream.write(line(1) + "\n")
        stream.write('{"id": "long", "text": "' + "salt " * 10_000_000 + '"}\n')
        stream.write("{broken\n")
        stream.write(line(2) + "\n")
    summary, said = index(tmp_path / "index", folder, tmp_path / "missing.txt", status=1)
    assert summary["skipped"] == 2
    assert summary["failed"] == 3
    assert summary["documents"] == 5
    for name in ("empty.txt", "binary.txt", "long.jsonl:2", "long.jsonl:3", "missing.txt"):
        assert len(re.findall(re.escape(name) + ": ", said)) == 1, said
    found = search(tmp_path / "index", "ferry")["hits"]
    assert {"Ferry Number 1", "Ferry Number 2"} <= {hit["article"]["headline"] for hit in found}
    (captain,) = search(tmp_path / "index", "captain")["hits"]
    assert "<script>alert(1)</script>" in captain["text"]
    assert "<script" not in captain["snippet"]["html"]
    assert search(tmp_path / "index", "boo")["total"]["paragraphs"] == 0
    assert len(search(tmp_path / "index", "café")["hits"]) == 1
    assert dateline("check", "--index", tmp_path / "index") == "the index is whole\n"


def test_what_is_named_outright_and_not_taken_is_a_failure(tmp_path):
    (tmp_path / "empty.txt").write_bytes(b"")
    summary, said = index(tmp_path / "index", tmp_path / "empty.txt", status=1)
    assert summary["skipped"] == 1
    assert "empty" in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything, whatever the folder's permissions")
def test_a_folder_without_permission_is_named(tmp_path):
    folder = tmp_path / "secret"
    folder.mkdir(mode=0)
    (tmp_path / "a.jsonl").write_text(line(1), "utf-8")
    try:
        summary, said = index(tmp_path / "index", folder, tmp_path / "a.jsonl", status=1)
    finally:
        folder.chmod(0o700)
    assert (summary["documents"], summary["failed"]) == (1, 1)
    assert "permission" in said


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_model_that_is_not_there_is_said_once(tmp_path, workers):
    found = run("index", DUMP, "--index", tmp_path / "i", "--model", "no_such_model", "--workers", workers)
    assert found.returncode == 1
    assert found.stderr.count("is not installed") == 1
    assert "no_such_model" in found.stderr


def test_a_second_writer_waits_and_then_says_so(dumped):
    path, _ = dumped
    hold = (
        "import sys; from pathlib import Path; from index.store import StoreWriter\n"
        "with StoreWriter(Path(sys.argv[1])):\n print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", hold, str(path)]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    with holder:
        assert holder.stdout.readline() == b"held\n"
        found = run("index", DUMP, "--index", path, "--wait", "0.2")
        holder.stdin.close()
    assert found.returncode == 1
    assert "another writer holds the index" in found.stderr


def test_a_run_that_was_killed_is_taken_up_again(tmp_path):
    source, path = tmp_path / "many.jsonl", tmp_path / "index"
    text = "Anna Berg met Peter Otieno in Mombasa on March 3, 2015, and spoke of steel number {}."
    source.write_text("\n".join(line(n, text.format(n)) for n in range(600)), "utf-8")
    command = [sys.executable, "-m", "api", "index", str(source), "--index", str(path)]
    cache = path / "names.sqlite"
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        while not cache.exists() and process.poll() is None:
            time.sleep(0.02)
        time.sleep(0.5)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    dateline("check", "--index", path)
    summary, _ = index(path, source)
    assert (summary["documents"], summary["paragraphs"]) == (600, 1_200)
    assert json.loads(dateline("stats", "--index", path, "--json"))["paragraphs"] == 1_200
    dateline("check", "--index", path)


# --- reading


def test_search_is_that_of_the_api(dumped, dump_client):
    path, _ = dumped
    page = search(path, "kenya steel", "--sort", "newest", "--limit", "2")
    over_http = dump_client.get("/api/v1/search?q=kenya+steel&sort=newest&limit=2").get_json()
    assert set(page) == set(over_http)
    assert page["total"] == over_http["total"]
    assert [h["text"] for h in page["hits"]] == [h["text"] for h in over_http["hits"]]
    assert page["facets"] == over_http["facets"]


def test_search_filters(dumped):
    path, _ = dumped
    person = search(path)["facets"]["person"]["values"][0]
    found = search(path, "", "--person", person["id"], "--published-from", "2016", "--facets", "person")
    assert all(person["id"] in {e["entity"] for e in hit["entities"]} for hit in found["hits"])
    assert list(found["facets"]) == ["person"]
    without = search(path, "", "--not-person", person["id"])
    assert without["total"]["paragraphs"] == 14 - person["count"]


def test_search_for_people(dumped):
    text = dateline("search", "kenya steel", "--index", dumped[0])
    assert re.match(r"\d+ paragraphs in 2 articles\n", text)
    assert "US Says Kenya Is Delaying The Steel Talks" in text
    assert "2016-10-06 (inferred)" in text
    assert "People: " in text
    assert "\x1b" not in text


def test_hostile_queries(dumped):
    for q in ("(" * 10_000, "/", "\udcff"):
        assert set(search(dumped[0], q)["query"]) == {"text", "parsed", "suggestion", "notes"}
    assert "holds no word" in dateline("search", "\udcff", "--index", dumped[0])


def test_stats(dumped):
    stats = json.loads(dateline("stats", "--index", dumped[0], "--json"))
    assert (stats["documents"], stats["articles"], stats["paragraphs"]) == (1, 2, 14)
    assert "paragraphs" in dateline("stats", "--index", dumped[0])
    assert json.loads(dateline("stats", "--json", DATELINE_INDEX=str(dumped[0]))) == stats


def test_entities(dumped):
    rows = json.loads(dateline("entities", "ber", "--kind", "person", "--index", dumped[0], "--json"))
    assert rows[0]["name"] == "Anna Berg"
    assert set(rows[0]) == {"kind", "id", "name", "count"}
    assert "Kenya" in dateline("entities", "--index", dumped[0])
    assert dateline("entities", "zzzz", "--index", dumped[0]).strip() == ""


def test_a_backup_is_restored(dumped, tmp_path):
    path, _ = dumped
    target, back = tmp_path / "b" / "backup.tar.gz", tmp_path / "back"
    dateline("backup", target, "--index", path)
    dateline("restore", target, "--index", back)
    assert dateline("check", "--index", back) == "the index is whole\n"
    assert ids(back) == ids(path)
    again = run("restore", target, "--index", back)
    assert again.returncode == 1
    assert "not empty" in again.stderr
    assert [p.name for p in target.parent.iterdir()] == ["backup.tar.gz"]


def test_what_is_no_backup_is_not_restored(tmp_path):
    found = run("restore", DUMP, "--index", tmp_path / "index")
    assert found.returncode == 1
    assert "is not a backup" in found.stderr
    assert list(tmp_path.iterdir()) == []


def test_damage_is_found(dumped, tmp_path):
    path = shutil.copytree(dumped[0], tmp_path / "index")
    segment = max((path / "whoosh").glob("*.npy"), key=lambda f: f.stat().st_size)
    data = segment.read_bytes()
    segment.write_bytes(data[: len(data) // 2])
    found = run("check", "--index", path)
    assert found.returncode == 1
    assert "restore a backup" in found.stdout


# --- annotating


def test_texts_are_annotated_in_order():
    texts = [
        {"id": "a", "text": "🚀 Anna Berg came to Nairobi on Tuesday.", "published": "2016-10-06"},
        {"id": "b", "text": "Nothing here."},
        {"id": "c", "text": "Berg left.\n\nAnna Berg was in Kenya in June 2016.", "published": None},
    ]
    lines = "\n".join(json.dumps(t) for t in texts)
    found = [json.loads(row) for row in dateline("annotate", stdin=lines.encode()).splitlines()]
    assert [row["id"] for row in found] == ["a", "b", "c"]
    for row, text in zip(found, texts, strict=True):
        assert set(row) == {"id", "dates", "entities"}
        for mention in row["dates"]:
            assert set(mention) == {"start", "end", "text", "timex", "from", "to", "reason"}
        for mention in row["entities"]:
            assert set(mention) == {"start", "end", "text", "kind", "entity", "name", "reason"}
        for mention in (*row["dates"], *row["entities"]):
            assert text["text"][mention["start"] : mention["end"]] == mention["text"]
    assert [d["timex"] for d in found[0]["dates"]] == ["2016-10-04"]
    assert {e["name"] for e in found[0]["entities"]} == {"Anna Berg", "Nairobi"}
    assert (found[1]["dates"], found[1]["entities"]) == ([], [])
    assert [d["from"] for d in found[2]["dates"]] == ["2016-06-01"]
    assert len({e["entity"] for e in found[2]["entities"] if e["kind"] == "person"}) == 1


def test_a_bad_line_is_named_and_the_others_are_answered():
    lines = [
        b'{"id": "a", "text": "In June 2016."}',
        b"{broken",
        b'"text"',
        b'{"id": "d"}',
        b'{"id": "e", "text": "x", "published": "someday"}',
        b'{"id": "f", "text": "\xff"}',
        b"",
        b'{"id": "h\\ud800", "text": "In June 2016."}',
    ]
    found = run("annotate", stdin=b"\n".join(lines))
    assert found.returncode == 1
    assert re.findall(r"^line (\d): ", found.stderr, re.MULTILINE) == ["2", "3", "4", "5", "6"]
    rows = [json.loads(row) for row in found.stdout.splitlines()]
    assert len(rows) == 7  # a line each; blank ones are passed over
    assert (rows[0]["id"], rows[-1]["id"]) == ("a", "h\ud800")
    assert rows[0]["dates"][0]["timex"] == rows[-1]["dates"][0]["timex"] == "2016-06"
