"""Where is an index on a cluster, and how is it asked for?"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

NAME = "dateline"
"""What an index is called unless its URL says otherwise."""

# As OpenSearch allows, without what begins names of its own; what follows our names is a letter and hex.
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class ClusterPlace:
    """An index on an OpenSearch cluster.

    Attributes:
        hosts: URLs of the nodes to ask, without names, paths and passwords.
        name: of the index; what readers ask for is the alias of that name.
        login: name and password, or None.
        ca: file of the certificates that the nodes' are checked against; empty means the system's.
        shards: primary shards of an index that is made.
    """

    hosts: tuple[str, ...]
    name: str = NAME
    login: tuple[str, str] | None = field(default=None, repr=False)
    ca: str = ""
    shards: int = 5

    def __str__(self) -> str:
        """What a person is told; never a password."""
        return f"{', '.join(self.hosts)}/{self.name}"

    @staticmethod
    def renamed(urls: str, name: str) -> str:
        """The URLs of `of` for an index of another name."""
        parts = [urlsplit(url.strip()) for url in urls.split(",") if url.strip()]
        return ",".join(urlunsplit((p.scheme, p.netloc, f"/{name}", "", "")) for p in parts)

    @classmethod
    def of(cls, urls: str, *, ca: str = "", shards: int = 5) -> ClusterPlace:
        """Read it from URLs with commas between them: `https://user:password@node:9200/name`.

        The name and the login may stand in any of them, and must not differ.

        Raises:
            ValueError: one is not such a URL, or they contradict each other.
        """
        hosts: list[str] = []
        names: set[str] = set()
        logins: set[tuple[str, str]] = set()
        for url in (part.strip() for part in urls.split(",") if part.strip()):
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or parts.query or parts.fragment:
                raise ValueError("not an http or https URL")
            if not parts.hostname or any(map(str.isspace, parts.hostname)):
                raise ValueError("not the name of a host")
            if parts.username is not None:
                logins.add((unquote(parts.username), unquote(parts.password or "")))
            if name := parts.path.strip("/"):
                names.add(name)
            host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
            hosts.append(urlunsplit((parts.scheme, f"{host}:{_port(parts)}", "", "", "")))
        if not hosts or len(names) > 1 or len(logins) > 1:
            raise ValueError("no URL, or two names or logins")
        name = names.pop() if names else NAME
        if not _NAME.fullmatch(name) or name in (".", ".."):
            raise ValueError("not a name of an index")
        return cls(tuple(dict.fromkeys(hosts)), name, logins.pop() if logins else None, ca, shards)


def _port(parts: SplitResult) -> int:
    """The port; of one that is none nothing is told, since it may be a password with a slash in it."""
    try:
        port = 9200 if parts.port is None else parts.port
    except ValueError:
        port = 0
    if not port:
        raise ValueError("not a port")
    return port
