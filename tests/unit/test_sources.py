"""What a person names: files, folders, globs, standard input; and what cannot be taken."""

from __future__ import annotations

import gzip
import io
import os
import pickle
from pathlib import Path

import pytest

from index.errors import InputError, UnsupportedInputError
from index.model import Document
from index.readers.sources import STDIN_NAME, Progress, open_sources


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    (folder / "deep" / ".git").mkdir(parents=True)
    (folder / "b.txt").write_text("Text b.")
    (folder / "a.jsonl").write_text('{"text": "one"}\n{"text": 2}\n{"text": "three"}\n')
    (folder / "deep" / "c.html").write_text("<html><body><p>Page c is here.</p></body></html>")
    (folder / "deep" / ".git" / "config").write_text("hidden")
    (folder / ".hidden.txt").write_text("hidden")
    return folder


def sources_of(*names: object) -> list[str]:
    return [outcome.source for outcome in open_sources([str(name) for name in names])]


def test_a_folder_is_read_in_order_without_what_is_hidden(news):
    progress = Progress()
    outcomes = list(open_sources([str(news)], progress=progress))
    assert [o.source.removeprefix(str(news)) for o in outcomes] == [
        "/a.jsonl:1",
        "/a.jsonl:2",
        "/a.jsonl:3",
        "/b.txt",
        "/deep/c.html",
    ]
    assert isinstance(outcomes[1], InputError)
    assert (progress.files_done, progress.files_total) == (3, 3)
    assert progress.bytes_done == progress.bytes_total > 0


def test_globs(news):
    assert sources_of(news / "*.txt") == [str(news / "b.txt")]
    assert str(news / "deep" / "c.html") in sources_of(f"{news}/**/*.html")
    assert len(sources_of(f"{news}/**")) == 5
    (error,) = open_sources([f"{news}/*.pdf"])
    assert isinstance(error, InputError)
    assert "matches no file" in error.reason


def test_a_file_named_twice_is_read_once(news):
    assert len(sources_of(news / "b.txt", news, f"{news}/*.txt")) == 5


def test_a_file_whose_name_looks_like_a_glob(tmp_path):
    (tmp_path / "a[1].txt").write_text("Text.")
    assert sources_of(tmp_path / "a[1].txt") == [str(tmp_path / "a[1].txt")]


def test_identity_is_the_absolute_path(news, monkeypatch):
    monkeypatch.chdir(news)
    (document,) = open_sources(["b.txt"])
    assert isinstance(document, Document)
    assert document.source == "b.txt"
    assert document.identity == (news / "b.txt").as_uri()


def test_standard_input_in_any_format():
    (document,) = open_sources(["-"], io.BytesIO(gzip.compress(b'{"text": "x"}')))
    assert isinstance(document, Document)
    assert document.format == "jsonlines"
    (document,) = open_sources(["-"], io.BytesIO(b"Some text."))
    assert document.source == STDIN_NAME
    (error,) = open_sources(["-"])
    assert isinstance(error, InputError)


@pytest.mark.parametrize("name", ["", "missing.txt", "nul\0byte", "x" * 5000])
def test_a_path_that_is_no_path(name):
    (error,) = open_sources([name])
    assert isinstance(error, InputError)


def test_files_without_text_are_named_and_cost_no_other(tmp_path):
    (tmp_path / "a.bin").write_bytes(bytes(range(256)))
    (tmp_path / "b.txt").write_text("")
    (tmp_path / "c.txt").write_text("Text.")
    (tmp_path / "d.css").write_text("p { color: red }")
    binary, empty, good, style = open_sources([str(tmp_path)])
    assert isinstance(binary, UnsupportedInputError)
    assert isinstance(empty, UnsupportedInputError)
    assert isinstance(good, Document)
    assert isinstance(style, UnsupportedInputError)
    assert str(pickle.loads(pickle.dumps(empty))) == f"{tmp_path / 'b.txt'}: empty"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(news):
    (news / "b.txt").chmod(0)
    (news / "deep").chmod(0)
    try:
        errors = [o for o in open_sources([str(news)]) if isinstance(o, InputError)]
    finally:
        (news / "deep").chmod(0o700)
    assert sum("may not be read" in error.reason for error in errors) == 2


def test_no_permission_to_list_is_told(news, monkeypatch):
    real = os.scandir

    def scandir(path: str):
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    error = next(o for o in open_sources([str(news)]) if o.source.endswith("deep"))
    assert isinstance(error, InputError)
    assert "may not be read" in error.reason


def test_links_are_not_followed_out_of_a_folder(news, tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text("Outside.")
    (news / "loop").symlink_to(news)
    (news / "same.txt").symlink_to(news / "b.txt")
    (news / "out.txt").symlink_to(outside)
    (news / "gone.txt").symlink_to(tmp_path / "gone")
    outcomes = {o.source.removeprefix(f"{news}/"): o for o in open_sources([str(news)])}
    assert len(outcomes) == 7
    assert isinstance(outcomes["out.txt"], UnsupportedInputError)
    assert isinstance(outcomes["gone.txt"], InputError)
    assert sources_of(news / "out.txt") == [str(news / "out.txt")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_special_files_are_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert len(list(open_sources([str(tmp_path)]))) == 1
    for name in (tmp_path / "pipe", "/dev/null"):
        (error,) = open_sources([str(name)])
        assert isinstance(error, UnsupportedInputError)


def test_a_name_in_no_encoding(tmp_path):
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt")).write_text("Text.")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    (document,) = open_sources([str(tmp_path)])
    assert isinstance(document, Document)
    assert document.source.encode("utf-8").endswith("\ufffd.txt".encode())
    assert document.identity.endswith("%FF.txt")
