#!/usr/bin/env python3
"""OpenSearch nodes on loopback, one JVM each, for tests and development; a Maven and a JDK are all it needs.

    python deploy/opensearch/opensearch_nodes.py [--nodes 3] [--port 9200] [--data DIR] [--fetch]

starts them and prints the settings of a Dateline that uses them, until Ctrl-C. They have no password and
listen on loopback alone: what a newsroom runs is in `compose.yaml` beside this file.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
JARS = HERE.parents[1] / "build" / "opensearch"
"""Where Maven's jars and the compiled launcher go, unless DATELINE_OPENSEARCH_JARS names another folder."""

_JAVA = 17
_FETCHES = 3
_FETCH_S = 900
_STARTS = 3
_START_S = 120
_JVM = ("-Xms256m", "-Xlog:disable")
_HEAP = "512m"
_BRIEF = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")  # what lives for minutes is not worth compiling well
_PORTS = range(21_000, 31_000)  # below those that connections are given
_SETTINGS = {
    "cluster.name": "dateline",
    "network.host": "127.0.0.1",
    # A disk that is nearly full is the machine's own affair.
    "cluster.routing.allocation.disk.threshold_enabled": "false",
    # What nobody made is not there: an index that a slip of a name made would hide the slip.
    "action.auto_create_index": "false",
}


class NodesError(Exception):
    """Nodes cannot be started here; says what is missing or went wrong, and what helps."""


def fetched() -> Path:
    """The folder of the jars and the launcher, filled by Maven where it is not.

    Raises:
        NodesError: Maven or a JDK is missing, or Maven could not fetch.
    """
    folder = Path(os.environ.get("DATELINE_OPENSEARCH_JARS") or JARS)
    java = _tool("java")
    folder.mkdir(parents=True, exist_ok=True)
    wanted = hashlib.sha256((HERE / "pom.xml").read_bytes() + (HERE / "Node.java").read_bytes()).hexdigest()
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of two who fetch at once, one does
        stamp = folder / "made"
        if not stamp.exists() or stamp.read_text("utf-8") != wanted:
            mvn, javac = _tool("mvn"), _tool("javac")
            _check_version(java)
            _fetch(mvn, folder / "lib")
            _compile(javac, folder)
            stamp.write_text(wanted, "utf-8")
    return folder


def _tool(name: str) -> str:
    home = os.environ.get("JAVA_HOME", "")
    inside = Path(home, "bin", name) if home else None
    found = str(inside) if inside and inside.exists() else shutil.which(name)
    if found is None:
        what = "Maven" if name == "mvn" else f"a JDK of version {_JAVA} or newer"
        raise NodesError(f"there is no {name}; install {what} (Debian: maven, default-jdk-headless)")
    return found


def _check_version(java: str) -> None:
    told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    if found is None or int(found[1]) < _JAVA:
        raise NodesError(
            f"{java} is older than version {_JAVA}, which OpenSearch needs: {told.strip()[:200]}"
        )


def _fetch(mvn: str, lib: Path) -> None:
    shutil.rmtree(lib, ignore_errors=True)
    command = [mvn, "-B", "-q", "--strict-checksums", "-f", str(HERE / "pom.xml")]
    command += ["dependency:copy-dependencies", f"-DoutputDirectory={lib}", "-DincludeScope=runtime"]
    for attempt in range(_FETCHES):
        time.sleep(attempt * 5)
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_FETCH_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise NodesError(f"Maven was not done after {_FETCH_S} s") from error
        if done.returncode == 0:
            return
    raise NodesError(f"Maven could not fetch OpenSearch: {_end_of(done.stdout + done.stderr)}")


def _compile(javac: str, folder: Path) -> None:
    command = [
        javac,
        "-nowarn",
        "-cp",
        f"{folder}/lib/*",
        "-d",
        str(folder / "classes"),
        str(HERE / "Node.java"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise NodesError(f"the launcher could not be compiled: {_end_of(done.stdout + done.stderr)}")


def _end_of(log: str) -> str:
    return " / ".join(line.strip() for line in log.splitlines() if line.strip())[-800:]


class Node:
    """One node, in a process of its own.

    Attributes:
        name: in the cluster.
        url: that it answers at.
    """

    def __init__(self, command: Sequence[str], home: Path, port: int, settings: dict[str, str]) -> None:
        """Name it; `command` runs the launcher."""
        self.name = settings["node.name"]
        self.url = f"http://127.0.0.1:{port}"
        self._home = home
        told = [f"{name}={value}" for name, value in settings.items()]
        self._command = [*command, str(home), f"http.port={port}", *told]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def runs(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, or start it again with what it had; it answers some seconds later."""
        (self._home / "config").mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            # It ends with its input, so with this process too, whatever becomes of that.
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Let it close its indices and end."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(30)
        if self._process.stdin is not None:
            self._process.stdin.close()

    @property
    def _log(self) -> Path:
        return self._home / "log"

    def log(self) -> str:
        """How its log ends."""
        return _end_of(self._log.read_text("utf-8", "replace")) if self._log.exists() else ""


class Nodes:
    """Nodes of one cluster, started; use as a context, which ends them.

    Raises:
        NodesError: they cannot be started here.
    """

    def __init__(
        self,
        count: int = 3,
        port: int | None = None,
        data: Path | None = None,
        *,
        brief: bool = False,
        heap: str = _HEAP,
    ) -> None:
        """Start them.

        Args:
            count: how many.
            port: of the first one's HTTP, the others' follow; free ones where it is None.
            data: their folder; one that goes with them where it is None.
            brief: they are there for minutes, on a machine with few cores; never for a benchmark.
            heap: of each, as Java takes it.
        """
        self._kept, self._brief, self._heap = data is not None, brief, heap
        self._folder = data or Path(tempfile.mkdtemp(prefix="dateline-opensearch-"))
        self._nodes: list[Node] = []
        try:
            self._start(count, port)
        except BaseException:
            self.close()
            raise

    def _start(self, count: int, port: int | None) -> None:
        jars = fetched()
        options = (*_JVM, f"-Xmx{self._heap}", *(_BRIEF if self._brief else ()))
        command = [_tool("java"), *options, "-cp", f"{jars}/classes:{jars}/lib/*", "Node"]
        for attempt in range(1, _STARTS + 1):  # somebody else may take a port that was free
            http = list(range(port, port + count)) if port else list(_free(count))
            home = self._folder if port else self._folder / str(attempt)
            self._nodes = list(_made(command, home, http))
            for node in self._nodes:
                node.start()
            try:
                self.wait()
            except NodesError:
                self._end()
                if attempt == _STARTS:
                    raise
            else:
                return

    def wait(self, count: int | None = None, status: str = "green", within_s: float = _START_S) -> None:
        """Wait until so many nodes, all of them unless said, are one cluster that has every shard.

        Raises:
            NodesError: they were not in time, or one ended.
        """
        wanted = len(self._nodes) if count is None else count
        path = f"/_cluster/health?wait_for_nodes={wanted}&wait_for_status={status}&timeout=5s"
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            running = [node for node in self._nodes if node.runs]
            if len(running) < wanted:
                ended = next(node for node in self._nodes if not node.runs)
                raise NodesError(f"node {ended.name} ended: {ended.log()}")
            with (
                contextlib.suppress(OSError, ValueError),
                urllib.request.urlopen(running[0].url + path, timeout=10) as answer,
            ):
                if not json.load(answer)["timed_out"]:
                    return
            time.sleep(0.1)
        raise NodesError(f"no cluster of {wanted} nodes after {within_s:.0f} s: {self._nodes[0].log()}")

    @property
    def urls(self) -> tuple[str, ...]:
        """Of all nodes."""
        return tuple(node.url for node in self._nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes)

    def __enter__(self) -> Nodes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _end(self) -> None:
        for node in self._nodes:
            (node.stop if self._kept else node.kill)()

    def close(self) -> None:
        """End them all."""
        self._end()
        if not self._kept:
            shutil.rmtree(self._folder, ignore_errors=True)


def _made(command: Sequence[str], folder: Path, http: Sequence[int]) -> Iterator[Node]:
    names = [f"node-{number}" for number in range(1, len(http) + 1)]
    transport = list(_free(len(http), set(http)))
    seeds = ",".join(f"127.0.0.1:{port}" for port in transport)
    for name, port, between in zip(names, http, transport, strict=True):
        own = {"node.name": name, "transport.port": str(between), "discovery.seed_hosts": seeds,
               "cluster.initial_cluster_manager_nodes": ",".join(names),
               "path.repo": str(folder.resolve() / "snapshots")}  # fmt: skip
        yield Node(command, folder / name, port, _SETTINGS | own)


def _free(count: int, taken: set[int] | None = None) -> Iterator[int]:
    """Ports that nobody has."""
    tried = random.Random().sample(_PORTS, len(_PORTS))
    given = 0
    for port in tried:
        if given == count:
            return
        if taken and port in taken:
            continue
        with socket.socket() as free:
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                free.bind(("127.0.0.1", port))
            except OSError:
                continue
        given += 1
        yield port


def main() -> int:
    """Start nodes and keep them until told to end."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nodes", type=int, default=3, help="how many (3)")
    parser.add_argument("--port", type=int, default=9200, help="of the first, the others' follow (9200)")
    parser.add_argument(
        "--data", type=Path, default=HERE.parents[1] / "build" / "opensearch-data", help="folder"
    )
    parser.add_argument("--heap", default=_HEAP, help=f"of each node's memory ({_HEAP})")
    parser.add_argument("--fetch", action="store_true", help="fetch what they run on, and start none")
    chosen = parser.parse_args()
    try:
        return _run(chosen)
    except NodesError as error:
        print(f"The nodes could not be started: {error}", file=sys.stderr)
        return 1


def _run(chosen: argparse.Namespace) -> int:
    if chosen.fetch:
        print(f"OpenSearch lies in {fetched()}")
        return 0
    print(f"Starting {chosen.nodes} nodes; the first time Maven fetches OpenSearch, 53 MB …", flush=True)
    with Nodes(chosen.nodes, chosen.port, chosen.data.resolve(), heap=chosen.heap) as nodes:
        print(f"export DATELINE_ENGINE=opensearch DATELINE_OPENSEARCH={','.join(nodes.urls)}", flush=True)
        print(f"Data in {chosen.data}; Ctrl-C ends them.", flush=True)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main())
