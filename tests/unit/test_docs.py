"""The README is a tested artefact: everything has its entry, and every example runs."""

from __future__ import annotations

import inspect
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from api import problems
from api.app import create_app
from api.cli import main_group
from api.settings import Settings
from index import errors

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
LOCAL = "http://127.0.0.1:8000"


def examples() -> list[str]:
    blocks = re.findall(r"^```console\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def test_every_command_has_an_entry() -> None:
    listed = README.split("## Commands")[1].split("##")[0]
    assert [
        name
        for name in main_group.commands
        if f"`{name}`" not in listed and f"`dateline {name}`" not in listed
    ] == []


def test_every_setting_has_an_entry() -> None:
    assert [f.name for f in fields(Settings) if f"`DATELINE_{f.name.upper()}`" not in README] == []


def test_every_route_has_an_entry(tmp_path: Path) -> None:
    app = create_app(Settings(index=tmp_path))
    routes = {re.sub(r"<(?!path:filename)\w+:", "<", str(rule)) for rule in app.url_map.iter_rules()}
    assert [r for r in sorted(routes) if f"{r}`" not in README] == []


def test_every_error_has_an_entry() -> None:
    tree = [n for n, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, errors.DatelineError)]
    assert [name for name in tree if f"`{name}`" not in README] == []


def test_every_type_of_problem_has_an_entry() -> None:
    kinds = {kind for _, kind, _ in problems.STATUSES.values()} | set(problems.OTHERS)
    assert kinds <= set(problems.MEANINGS)
    undocumented = {"bad-request", "unsupported-media-type"}  # HTTP's own, no more to say
    assert [k for k in sorted(kinds - undocumented) if f"`{k}`" not in README] == []


def test_every_module_answers_a_question() -> None:
    modules = [p for folder in ("index", "search", "api") for p in (ROOT / folder).glob("*.py")]
    names = [p.stem for p in modules if not p.stem.startswith("__")]
    assert [n for n in names if not re.search(rf"`{n}`", ARCHITECTURE)] == []


@pytest.mark.skipif(
    shutil.which("curl") is None, reason="curl is not installed; the README's HTTP examples need it"
)
def test_every_example_runs(tmp_path: Path, live_server: str) -> None:
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    script = bin_folder / "dateline"
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m api "$@"\n')
    script.chmod(0o755)
    environ = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"}
    commands = [c.replace("/var/tmp", str(tmp_path)).replace(LOCAL, live_server) for c in examples()]
    assert len(commands) > 10
    for command in commands:
        if command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            environ[name] = value
            continue
        command = command.replace("curl -s", "curl -sf")
        done = subprocess.run(
            command, shell=True, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        assert done.stdout.strip(), command
