"""What is in deploy/ keeps to its formats, and names only what there is."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import fields
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from api.app import create_app
from api.settings import Settings
from index.archive import Archive
from index.feeds import Feed, Feeds
from index.saved import SavedSearches

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
TEXTS = sorted(
    p
    for p in DEPLOY.rglob("*")
    if p.is_file() and p.suffix not in {".png", ".jpg", ".pyc"} and "secrets" not in p.parts
)
COMPOSE = sorted(DEPLOY.rglob("compose*.yaml"))
UNITS = sorted((DEPLOY / "systemd").glob("dateline*.service")) + sorted((DEPLOY / "systemd").glob("*.timer"))
_SCHEMA = resources.files("check_jsonschema").joinpath("builtin_schemas/vendor/compose-spec.json")
# Of compose's own files, not settings of the server: what to run, and how much of it.
OF_COMPOSE = {
    "DATELINE_SITE", "DATELINE_IN", "DATELINE_FEEDS", "DATELINE_PROCESSES", "DATELINE_RELEASE",
    "DATELINE_SERVERS", "DATELINE_SERVER_MEMORY",
}  # fmt: skip
OF_EXAMPLES = {
    "DATELINE_KEY",
    "DATELINE_TEST_OPENSEARCH",
    "DATELINE_TEST_CLUSTER",
    "DATELINE_OPENSEARCH_JARS",
}


def read(path: Path) -> str:
    return path.read_text("utf-8")


def loaded(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(read(path))
    return found


@pytest.mark.parametrize("path", COMPOSE, ids=lambda p: str(p.relative_to(DEPLOY)))
def test_compose_files_keep_to_the_specification(path):
    jsonschema.validate(loaded(path), json.loads(_SCHEMA.read_text("utf-8")))


@pytest.mark.parametrize("name", ["compose.yaml", "compose.cluster.yaml"])
def test_compose_files_hold_together(name):
    made = loaded(DEPLOY / name)
    for service, told in made["services"].items():
        assert set(told.get("networks", [])) <= set(made["networks"]), service
        assert set(told.get("secrets", [])) <= set(made["secrets"]), service
        assert set(told.get("depends_on", {})) <= set(made["services"]), service
        for volume in told.get("volumes", []):
            place = volume.split(":")[0]
            if place.startswith("./"):
                assert (DEPLOY / place).exists(), volume
            elif not place.startswith("$"):
                assert place in made["volumes"], volume
        waited = [s for s, how in told.get("depends_on", {}).items() if how["condition"] == "service_healthy"]
        for other in waited:
            has_own = "test" in made["services"][other].get("healthcheck", {})
            assert has_own or made["services"][other]["image"].startswith("dateline:"), other


@pytest.mark.parametrize("name", ["compose.yaml", "compose.cluster.yaml"])
def test_no_container_may_do_more_than_it_must(name):
    for service, told in loaded(DEPLOY / name)["services"].items():
        assert told["cap_drop"] == ["ALL"], service
        assert told["security_opt"] == ["no-new-privileges:true"], service
        assert told["logging"]["options"]["max-size"], service
        assert told.get("restart"), service
        assert re.search(r":(\d|\$\{)", told["image"]), f"{service}: the image is not pinned"
        if not service.startswith("node-"):
            assert told["read_only"], service
        if service != "snapshots":
            assert told["deploy"]["resources"]["limits"]["memory"], service
        given = {k for k in told.get("environment", {}) if re.search("KEY|PASSWORD|ARCHIVE|SMTP", k)}
        assert all(k.endswith("_FILE") or k == "NGINX_KEY" for k in given), (
            f"{service} has a secret in the open"
        )


def test_every_setting_named_exists():
    known = {f"DATELINE_{f.name.upper()}" for f in fields(Settings)}
    known |= {f"{name}_FILE" for name in known} | OF_COMPOSE | OF_EXAMPLES
    for path in TEXTS:
        named = set(re.findall(r"\bDATELINE_[A-Z_]*[A-Z]\b", read(path)))
        assert named <= known, f"{path.name}: {sorted(named - known)}"


@pytest.fixture(scope="module")
def metrics(sample_index, tmp_path_factory) -> set[str]:
    """Names of the metrics that there are once everything was used."""
    folder = shutil.copytree(sample_index, tmp_path_factory.mktemp("metrics") / "index")
    archive = Archive(folder)
    Feeds(archive).put(Feed("https://news.example/feed.xml"))
    SavedSearches(archive).create("dam", "anna", "q=dam")
    client = create_app(Settings(index=folder)).test_client()
    client.get("/api/v1/articles/none")
    told = client.get("/metrics").text
    names = set(re.findall(r"^(dateline_\w+)", told, re.MULTILINE))
    # None of these is there before there is one: no run is noted by the fixture, nothing under an embargo.
    return names | {
        "dateline_deliveries", "dateline_embargo_ends_timestamp_seconds",
        "dateline_ingest_failed_inputs", "dateline_ingest_stopped", "dateline_ingest_seen_timestamp_seconds",
    }  # fmt: skip


def dateline_names(expression: str) -> set[str]:
    return set(re.findall(r"\bdateline_\w+", expression))


def test_every_metric_of_the_alerts_exists(metrics):
    rules = [r for g in loaded(DEPLOY / "prometheus" / "alerts.yml")["groups"] for r in g["rules"]]
    assert rules
    for rule in rules:
        assert dateline_names(rule["expr"]) <= metrics, rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_every_alert_has_its_chapter_in_the_runbook():
    chapters = set(re.findall(r"^#+ (.+)$", read(DEPLOY / "RUNBOOK.md"), re.MULTILINE))
    for group in loaded(DEPLOY / "prometheus" / "alerts.yml")["groups"]:
        for rule in group["rules"]:
            assert rule["annotations"]["runbook"].removeprefix("RUNBOOK.md, ") in chapters, rule["alert"]


@pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed; on Debian `apt install prometheus`"
)
def test_alerts_fire_when_they_should():
    for command in (["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]):
        done = subprocess.run(
            ["promtool", *command], cwd=DEPLOY / "prometheus", capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_query_of_the_dashboard_names_a_metric_that_exists(metrics):
    board = json.loads(read(DEPLOY / "grafana" / "dateline.json"))
    panels = [p for p in board["panels"] if p["type"] != "row"]
    assert len({p["id"] for p in board["panels"]}) == len(board["panels"])
    variables = {v["name"] for v in board["templating"]["list"]} | {"__rate_interval", "__all"}
    for panel in panels:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        for target in panel["targets"]:
            assert dateline_names(target["expr"]), panel["title"]
            assert dateline_names(target["expr"]) <= metrics, panel["title"]
            assert set(re.findall(r"\$\{?(\w+)", target["expr"])) <= variables, panel["title"]


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="systemd-analyze is not installed; on Debian `apt install systemd`",
)
def test_units_are_understood_and_let_little_through(tmp_path):
    for unit in UNITS:
        told = read(unit).replace("/opt/dateline/bin/dateline", "/bin/true")
        (tmp_path / unit.name).write_text(told)
    for unit in UNITS:
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", str(tmp_path / unit.name)],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert unit.name not in done.stderr, done.stderr
        assert done.returncode == 0, done.stderr
    services = [str(tmp_path / u.name) for u in UNITS if u.suffix == ".service"]
    for service in services:
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--threshold=20", service],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_images_libraries_are_those_that_the_project_allows():
    lines = [line for line in read(DEPLOY / "constraints.txt").splitlines() if line and line[0] != "#"]
    pinned = {canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in lines}
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    extras = project["optional-dependencies"]
    for told in [*project["dependencies"], *extras["postgres"], *extras["opensearch"]]:
        wanted = Requirement(told)
        assert canonicalize_name(wanted.name) in pinned, told
        assert pinned[canonicalize_name(wanted.name)] in wanted.specifier, told


def test_the_image_is_made_of_what_there_is():
    told = read(DEPLOY / "Dockerfile")
    sources = [
        s for line in re.findall(r"^COPY (?!--from)(.+)$", told, re.MULTILINE) for s in line.split()[:-1]
    ]
    let_in = re.findall(r"^!(.+)$", read(ROOT / ".dockerignore"), re.MULTILINE)
    assert sources
    for source in sources:
        assert (ROOT / source).exists(), source
        assert source in let_in, f"{source} is not let in by .dockerignore"
    assert re.search(r"^USER \d+:\d+$", told, re.MULTILINE)
    assert re.search(r"^ARG PYTHON=python:\d+\.\d+\.\d+-", told, re.MULTILINE)


def test_the_dockerfile_is_as_hadolint_wants_it():
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, str(DEPLOY / "Dockerfile")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_secrets_are_made_once_and_kept(tmp_path):
    shutil.copy(DEPLOY / "secrets.sh", tmp_path)
    command = ["sh", str(tmp_path / "secrets.sh"), "news.example"]
    subprocess.run(command, check=True, capture_output=True)
    made = {p.name: p.read_bytes() for p in (tmp_path / "secrets").iterdir()}
    wanted = {
        s for name in ("compose.yaml", "compose.cluster.yaml") for s in loaded(DEPLOY / name)["secrets"]
    }
    assert set(made) == wanted
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert made["postgres_password"].strip() in made["archive_url"]
    subprocess.run(command, check=True, capture_output=True)
    assert {p.name: p.read_bytes() for p in (tmp_path / "secrets").iterdir()} == made


def test_no_script_with_pipefail_pipes_into_a_reader_that_stops_early():
    """`mvn --version | head` had ended CI: whether the writer meets a broken pipe is a matter of luck."""
    for script in (ROOT / ".ci/run", *DEPLOY.rglob("*.sh")):
        code = "\n".join(line.partition("#")[0] for line in read(script).splitlines())
        if "pipefail" in code:
            assert not re.findall(r"\|\s*(?:head|grep -\w*[qm]|sed \S*q)\b", code), script
