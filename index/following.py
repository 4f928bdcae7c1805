"""Which files of some folders are new or changed since they were last looked at, and complete?

Folders are looked through again and again. Rejected: the system's notices of changes, which shared
folders of other machines do not give.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from index.errors import InputError
from index.readers.sources import find_files

_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart", "~")

Look = tuple[int, int, int]
"""Time of change in nanoseconds, size and number of a file."""


@dataclass(slots=True)
class Followed:
    """Files, folders and globs that are followed; errors are told once each until they change.

    Attributes:
        sources: as a person named them.
    """

    sources: Sequence[str]
    _taken: dict[str, Look] = field(default_factory=dict)
    _seen: dict[str, Look] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)

    def look(self) -> Iterator[str | InputError]:
        """Yield the paths of files to be read now, and what is wrong with the sources.

        A file is taken when it is as it was a look before: one that is still being written is left
        for the next. What is yielded counts as taken; `forget` takes it back.
        """
        now: dict[str, Look] = {}
        errors: set[str] = set()
        for found in find_files(self.sources):
            if isinstance(found, InputError):
                errors.add(str(found))
                if str(found) not in self._told:
                    yield found
            elif not found.lower().endswith(_UNFINISHED) and (look := _look(found)):
                now[found] = look
        self._told = errors
        for path, look in now.items():
            if self._taken.get(path) != look and self._seen.get(path) == look:
                self._taken[path] = look
                yield path
        self._seen = now
        self._taken = {path: look for path, look in self._taken.items() if path in now}

    def settle(self) -> None:
        """Take what is there at the first look for complete, since nobody waits for a second one."""
        for found in find_files(self.sources):
            if isinstance(found, str) and (look := _look(found)):
                self._seen[found] = look

    def forget(self, paths: Sequence[str]) -> None:
        """Take files again that did not reach the index."""
        for path in paths:
            self._taken.pop(path, None)


def _look(path: str) -> Look | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - the path is kept as given
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
