"""The one tree of errors: what each says, what it carries, and which status it has."""

import inspect
import pickle
from pathlib import Path

import pytest

from api.app import create_app
from api.problems import MEANINGS, STATUSES
from api.settings import Settings
from index import errors
from index.errors import DatelineError, InputError, UnsupportedInputError

HERE = Path("/data/index")
EXAMPLES = [
    errors.InputError("a.txt:3", "is not JSON; mend the line"),
    errors.UnsupportedInputError("a.bin", "binary; convert it to text"),
    errors.StaleVersionError(
        "wire:1", "version 1 is older than 2 of abc, which is current", "abc", "current", 2
    ),
    errors.RebuildError(HERE, "there is no room", "make room"),
    errors.AlertError("goes nowhere"),
    errors.FetchError("https://news.example", "it answered 500"),
    errors.AddressRefusedError("http://10.0.0.1", "a private network", "name it in a setting"),
    errors.FetchTimeoutError("https://news.example", 2.5),
    errors.FetchTooLargeError("https://news.example", "larger than 1 MB"),
    errors.IndexMissingError(HERE),
    errors.IndexVersionError(HERE, "0", "1"),
    errors.IndexLockedError(HERE, 2.5),
    errors.IndexDamagedError(HERE, "a file is missing"),
    errors.ArchiveDamagedError(str(HERE / "archive.sqlite3"), "file is not a database"),
    errors.ArchiveVersionError(str(HERE / "archive.sqlite3"), "9", "1"),
    errors.ArchiveUnreachableError("postgresql://host/db", "connection refused"),
    errors.DecisionError("merge", "person-a cannot be merged into itself"),
    errors.StaleVersionError("wire:1", "version 2 is held", "wire", "version", 2),
    errors.RebuildError(HERE, "the disk is full", "make room"),
    errors.SavedSearchError("the name is empty"),
    errors.AlertError("is off; enable it before testing it"),
    errors.FetchError("https://cms.example", "nothing listens there"),
    errors.AddressRefusedError("http://10.0.0.1", "it is not public (private)", "allow it"),
    errors.FetchTimeoutError("https://cms.example", 15.0),
    errors.FetchTooLargeError("https://cms.example", "its body has more than 10 bytes"),
    errors.SettingError("DATELINE_PORT", "http", "it must be a port"),
    errors.ModelMissingError("en_core_web_xl"),
    errors.ClusterUnreachableError("http://node:9200/dateline", "connection refused"),
    errors.ClusterBusyError("http://node:9200/dateline", "a shard did not answer"),
    errors.ClusterRefusedError("POST /_search", 400, "parsing_exception: unknown field"),
    errors.ClusterBucketsError("POST /_search", 503, "too_many_buckets_exception: more than 65535"),
    errors.ClusterClientMissingError("No module named 'opensearchpy'"),
    errors.NotFoundError("article", "abc"),
    errors.CursorError("it belongs to another search"),
    errors.CursorExpiredError("the hit is gone (expired)"),
]
names = {"ids": lambda e: type(e).__name__}


def classes():
    found = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, Exception)]
    return [c for c in found if c.__module__ == errors.__name__]


def test_every_error_has_an_example_here():
    assert {type(e) for e in EXAMPLES} == set(classes()) - {DatelineError}


def test_all_errors_are_of_one_tree():
    assert all(issubclass(c, DatelineError) for c in classes())
    assert all(c.__doc__ for c in classes())


@pytest.mark.parametrize("error", EXAMPLES, **names)
def test_every_error_has_a_status_and_a_meaning(error):
    status, kind, title = next(STATUSES[c] for c in type(error).__mro__ if c in STATUSES)
    assert 400 <= status < 600
    assert MEANINGS[kind]
    assert title


@pytest.mark.parametrize("error", EXAMPLES, **names)
def test_every_error_becomes_its_problem(error, tmp_path):
    app = create_app(Settings(index=tmp_path))

    def fail():
        raise error

    app.add_url_rule("/api/v1/fail", "fail", fail)
    answer = app.test_client().get("/api/v1/fail")
    body = answer.get_json()
    assert answer.mimetype == "application/problem+json"
    assert answer.status_code == body["status"]
    assert body["detail"] == str(error)
    assert ("Retry-After" in answer.headers) == (answer.status_code == 503)


@pytest.mark.parametrize("error", EXAMPLES, **names)
def test_every_error_carries_its_data_and_says_it(error):
    assert vars(error)
    assert all(str(value) in str(error) or f"{value:g}" in str(error) for value in vars(error).values())


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (errors.IndexMissingError(HERE), "dateline index SOURCE --index /data/index"),
        (errors.IndexVersionError(HERE, "0", "1"), "dateline reindex --index /data/index"),
        (errors.IndexLockedError(HERE, 2.5), "try again when it is done"),
        (errors.IndexDamagedError(HERE, "x"), "`dateline reindex`, or restore a backup"),
        (errors.ModelMissingError("m"), "pip install m"),
        (errors.CursorError("x"), "start again without it"),
    ],
)
def test_an_error_says_what_would_help(error, remedy):
    assert remedy in str(error)


@pytest.mark.parametrize("error", EXAMPLES, **names)
def test_errors_of_one_class_have_one_place(error):
    if isinstance(error, InputError):
        assert str(error).startswith(f"{error.source}: ")


@pytest.mark.parametrize("kind", [InputError, UnsupportedInputError])
def test_errors_of_inputs_survive_the_way_between_processes(kind):
    back = pickle.loads(pickle.dumps(kind("a.txt", "is empty")))
    assert type(back) is kind
    assert (back.source, back.reason, str(back)) == ("a.txt", "is empty", "a.txt: is empty")


def test_a_missing_model_survives_the_way_between_processes():
    back = pickle.loads(pickle.dumps(errors.ModelMissingError("en_core_web_xl")))
    assert back.model == "en_core_web_xl"
    assert str(back).count("not installed") == 1
