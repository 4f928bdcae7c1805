"""The nodes that tests and development run on: what they need is told, and they outlive nobody."""

import subprocess
from pathlib import Path

import opensearch_nodes
import pytest

DEPLOY = Path(opensearch_nodes.__file__).parent


@pytest.mark.parametrize("missing", ["mvn", "java", "javac"])
def test_what_is_missing_is_told_with_what_helps(tmp_path, monkeypatch, missing):
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in {"mvn", "java", "javac"} - {missing}:
        tool = tools / name
        tool.write_text("#!/bin/sh\necho 'openjdk version \"17.0.1\"' >&2\n")
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("DATELINE_OPENSEARCH_JARS", str(tmp_path / "jars"))
    with pytest.raises(opensearch_nodes.NodesError, match=f"no {missing}; .*maven, default-jdk-headless"):
        opensearch_nodes.fetched()


def test_an_old_java_is_told(tmp_path, monkeypatch):
    for name in ("mvn", "java", "javac"):
        tool = tmp_path / name
        tool.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("DATELINE_OPENSEARCH_JARS", str(tmp_path / "jars"))
    with pytest.raises(opensearch_nodes.NodesError, match="older than version 17"):
        opensearch_nodes.fetched()


def test_a_node_ends_with_who_started_it(cluster, tmp_path):
    """Its input is a pipe from there, which closes however that ends."""
    if not cluster.nodes:
        pytest.skip("the nodes were started by somebody else")
    made = opensearch_nodes.fetched()
    command = ["java", "-Xmx64m", "-cp", f"{made}/classes:{made}/lib/*", "Node", str(tmp_path), "node.name=n"]
    node = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    node.stdin.close()
    assert node.wait(30) == 0
