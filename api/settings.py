"""What can be set, once, from the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import platformdirs

from api.counters import Quota
from index.channels import MAIL_ADDRESS
from index.cluster.place import ClusterPlace
from index.errors import SettingError
from index.private import Rules
from index.store import MEMORY_MB
from search.limits import Limits

_QUOTAS = Quota(3_000, 60), Quota(1_200, 60), Quota(10, 300)  # of reading, of writing, of wrong keys


def default_index() -> Path:
    """Where an index lies when no folder is named: the user's data folder.

    Raises:
        SettingError: the user has no home, as in a container under some number.
    """
    try:
        return Path(platformdirs.user_data_dir("dateline", appauthor=False)) / "index"
    except RuntimeError as error:
        raise SettingError("DATELINE_INDEX", "", "it must name a folder: this user has no home") from error


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set; each field is `DATELINE_` and its name in capitals.

    Attributes:
        index: folder of the index; kept out of the code's own tree.
        host: address that `dateline serve` listens on; this machine alone unless set.
        port: TCP port of it.
        workers: processes that answer; each answers one request at a time.
        api_key: secret that writing by HTTP asks for; without one writing is off.
        model: installed spaCy model that finds names; empty means the pinned one.
        wait: seconds that a writer waits for another one before it gives up.
        max_body: bytes of a posted document at most; what is larger is refused unread.
        max_url: characters of a query string at most.
        memory: megabytes that building an index may take.
        max_words: words and phrases of a query; what follows is left out.
        max_depth: brackets inside brackets of a query.
        max_expansion: words that a prefix, wildcard or fuzzy word may stand for.
        max_postings: paragraphs looked up for all words of a query, in millions.
        max_time: seconds after which nothing more is looked up for a query.
        archive: URL of the database of what must outlive an index, as SQLAlchemy writes it;
            empty means a file in the index's folder.
        timeout: seconds after which gunicorn ends a worker that does not answer.
        url: origin under which readers reach the server, as a proxy in front of it may have another
            name or scheme; empty means as the request says.
        cors: origins (`https://news.example`) whose pages may read the API, or `*` for all.
        max_export: results that one export may hold; 0 sets no bound. Over it there is an error, never a
            part of the results.
        slack_secret: signing secret of a Slack app, whose slash command then searches; empty: no command.
        frames: origins that may show `/embed` in a frame, `*` for all, or `'none'`.
        reading: `open` to everybody, or `closed` to those without a key for it.
        rate: requests that read, and the seconds within which a key or an address may make them; None
            means without limit. Generous: it is there for programs that run wild, not for readers.
        rate_write: the same for those that write.
        rate_keys: wrong keys that an address may send.
        proxies: servers in front that each add to `X-Forwarded-For`; below zero: one where the
            connection comes from this machine, else none.
        private: hosts and networks, each perhaps with a port, that the server may fetch from and post
            to though they are not of the public Internet.
        smtp: URL of the server that takes alerts by mail; empty means no mail.
        mail_from: address that they are from.
        courier: whether `dateline serve` runs the courier of alerts beside it.
        engine: `whoosh`, an index in the folder `index`, or `opensearch`, one on a cluster; the archive stays
            where it is.
        opensearch: URLs of the cluster's nodes with commas between them, perhaps with a login, and the name
            of the index as the path.
        opensearch_ca: file of the certificates that the nodes' are checked against; empty: the system's.
        shards: primary shards of an index that is made on a cluster.
    """

    index: Path
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    api_key: str = ""
    model: str = ""
    wait: float = 30.0
    max_body: int = 4 * 1024 * 1024
    max_url: int = 65_536
    timeout: int = 120
    memory: int = MEMORY_MB
    max_words: int = 64
    max_depth: int = 8
    max_expansion: int = 256
    max_postings: float = 200.0
    max_time: float = 10.0
    archive: str = ""
    url: str = ""
    cors: tuple[str, ...] = ()
    frames: tuple[str, ...] = ("*",)
    reading: str = "open"
    rate: Quota | None = _QUOTAS[0]
    rate_write: Quota | None = _QUOTAS[1]
    rate_keys: Quota | None = _QUOTAS[2]
    proxies: int = -1
    private: tuple[str, ...] = ()
    smtp: str = ""
    mail_from: str = ""
    courier: bool = True
    engine: str = "whoosh"
    opensearch: str = "http://localhost:9200"
    opensearch_ca: str = ""
    shards: int = 5
    max_export: int = 0
    slack_secret: str = ""

    @property
    def rules(self) -> Rules:
        """Where the server may go when it fetches or posts."""
        return Rules.of(self.private)

    @property
    def cluster(self) -> ClusterPlace | None:
        """Where the index is on a cluster; None where it is a folder."""
        if self.engine != "opensearch":
            return None
        return ClusterPlace.of(self.opensearch, ca=self.opensearch_ca, shards=self.shards)

    @property
    def limits(self) -> Limits:
        """What one query may cost."""
        return Limits(
            words=self.max_words,
            depth=self.max_depth,
            expansion=self.max_expansion,
            postings=self.max_postings,
            seconds=self.max_time,
        )

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings.

        Args:
            environ: defaults to the process's environment.

        Raises:
            SettingError: a value is not of its type or out of its range.
        """
        environ = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        for field in fields(cls):
            name = f"DATELINE_{field.name.upper()}"
            raw = environ.get(name, "").strip() or _from_file(name, environ)
            if raw:
                values[field.name] = _read(name, raw)
        if "index" not in values:
            values["index"] = default_index()
        return cls(**values)


def _from_file(name: str, environ: Mapping[str, str]) -> str:
    """What a secret's file holds, which is how containers and services are handed secrets."""
    path = environ.get(f"{name}_FILE", "").strip() if name in _IN_A_FILE else ""
    if not path:
        return ""
    try:
        told = Path(path).read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        raise SettingError(f"{name}_FILE", path, f"it must name a file that can be read ({error})") from error
    if not told:
        raise SettingError(f"{name}_FILE", path, "the file is empty")
    return told


def _number(kind: type[int] | type[float], low: float, high: float) -> Callable[[str], int | float]:
    def read(raw: str) -> int | float:
        value = kind(raw)
        if not low <= value <= high:
            raise ValueError(raw)
        return value

    return read


def _origins(raw: str) -> tuple[str, ...]:
    """Origins with commas between them, as a browser writes them (RFC 6454, section 6.2)."""
    told = [part.strip().rstrip("/").lower() for part in raw.split(",") if part.strip()]
    if "*" in told:
        return ("*",)
    if not all(_ORIGIN.fullmatch(origin) for origin in told):
        raise ValueError(raw)
    return tuple(dict.fromkeys(told))


def _origin(raw: str) -> str:
    (origin,) = _origins(raw)
    if origin == "*":
        raise ValueError(raw)
    return origin


def _frames(raw: str) -> tuple[str, ...]:
    return ("'none'",) if raw.lower() == "none" else _origins(raw)


def _quota(raw: str) -> Quota | None:
    """`600/60`: so many within so many seconds; `off`."""
    if raw.lower() == "off":
        return None
    requests, _, seconds = raw.partition("/")
    made = Quota(int(requests), int(seconds))
    if not (1 <= made.requests <= 10**9 and 1 <= made.seconds <= 86_400):
        raise ValueError(raw)
    return made


def _one_of(*words: str) -> Callable[[str], str]:
    def read(raw: str) -> str:
        if raw.lower() not in words:
            raise ValueError(raw)
        return raw.lower()

    return read


_RATE = "requests and seconds such as 600/60, or off"


def _private(raw: str) -> tuple[str, ...]:
    entries = tuple(part.strip() for part in raw.split(",") if part.strip())
    Rules.of(entries)
    return entries


def _smtp(raw: str) -> str:
    parts = urlsplit(raw)
    if parts.scheme not in ("smtp", "smtps", "smtp+plain") or not parts.hostname or parts.path.strip("/"):
        raise ValueError
    if parts.port == 0:  # one out of range is an error by itself
        raise ValueError
    return raw


def _mail_from(raw: str) -> str:
    if not MAIL_ADDRESS.fullmatch(raw):
        raise ValueError
    return raw


def _opensearch(raw: str) -> str:
    ClusterPlace.of(raw)
    return raw


def _switch(raw: str) -> bool:
    return {"on": True, "off": False}[raw.lower()]


_ORIGIN = re.compile(r"https?://(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_READ: dict[str, tuple[Callable[[str], Any], str]] = {
    "DATELINE_INDEX": (lambda raw: Path(raw).expanduser(), "a folder"),
    "DATELINE_PORT": (_number(int, 0, 65535), "a port from 0 to 65535"),
    "DATELINE_WORKERS": (_number(int, 1, 256), "a number of processes from 1 to 256"),
    "DATELINE_WAIT": (_number(float, 0, 86_400), "seconds from 0 to 86400"),
    "DATELINE_MAX_BODY": (_number(int, 1024, 2**31), "bytes from 1024 to 2147483648"),
    "DATELINE_MAX_URL": (_number(int, 256, 1_000_000), "characters from 256 to 1000000"),
    "DATELINE_MEMORY": (_number(int, 32, 1_048_576), "megabytes from 32 to 1048576"),
    "DATELINE_MAX_WORDS": (_number(int, 1, 1_000), "a number of words from 1 to 1000"),
    "DATELINE_MAX_DEPTH": (_number(int, 1, 50), "a number of brackets from 1 to 50"),
    "DATELINE_MAX_EXPANSION": (_number(int, 1, 100_000), "a number of words from 1 to 100000"),
    "DATELINE_MAX_POSTINGS": (_number(float, 0.001, 1e6), "millions from 0.001 to 1000000"),
    "DATELINE_MAX_TIME": (_number(float, 0.001, 3600), "seconds from 0.001 to 3600"),
    "DATELINE_URL": (_origin, "one origin such as https://dateline.example"),
    "DATELINE_CORS": (_origins, "origins such as https://news.example with commas between them, or *"),
    "DATELINE_FRAMES": (_frames, "origins such as https://news.example with commas between them, * or none"),
    "DATELINE_READING": (_one_of("open", "closed"), "open or closed"),
    "DATELINE_RATE": (_quota, _RATE),
    "DATELINE_RATE_WRITE": (_quota, _RATE),
    "DATELINE_RATE_KEYS": (_quota, _RATE),
    "DATELINE_PROXIES": (_number(int, 0, 10), "a number of proxies from 0 to 10"),
    "DATELINE_PRIVATE": (_private, "hosts, addresses or networks with commas between them, as in README"),
    "DATELINE_SMTP": (
        _smtp,
        "smtp://user:password@host:587, smtps:// or, on a wire you trust, smtp+plain://",
    ),
    "DATELINE_MAIL_FROM": (_mail_from, "a mail address such as dateline@news.example"),
    "DATELINE_COURIER": (_switch, "on or off"),
    "DATELINE_ENGINE": (_one_of("whoosh", "opensearch"), "whoosh or opensearch"),
    "DATELINE_OPENSEARCH": (
        _opensearch,
        "URLs such as https://user:password@node:9200/dateline with commas between them",
    ),
    "DATELINE_SHARDS": (_number(int, 1, 1_000), "a number of shards from 1 to 1000"),
    "DATELINE_MAX_EXPORT": (_number(int, 0, 10**9), "a number of results from 0 to 1000000000"),
    "DATELINE_TIMEOUT": (_number(int, 1, 3600), "seconds from 1 to 3600"),
}


_SECRET = frozenset({"DATELINE_SMTP", "DATELINE_OPENSEARCH"})  # it may hold a password
_IN_A_FILE = _SECRET | {"DATELINE_API_KEY", "DATELINE_ARCHIVE", "DATELINE_SLACK_SECRET"}
"""Settings that may be named by a file that holds them: `DATELINE_API_KEY_FILE=/run/secrets/api_key`."""


def _read(name: str, raw: str) -> Any:
    reader, wanted = _READ.get(name, (str, "text"))
    try:
        return reader(raw)
    except (ValueError, KeyError) as error:
        shown = "…" if name in _SECRET else raw
        raise SettingError(name, shown, f"it must be {wanted}") from error
