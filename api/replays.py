"""Has this signed request been answered before, by any process of this server?"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import time
from contextlib import suppress
from functools import partial
from hashlib import sha256
from pathlib import Path

FOLDER = "DATELINE_SERVER_FOLDER"
"""Environment variable by which `serve` tells its workers of a folder that they share while it runs."""

_KEPT_S = 900  # longer than any signature is good for, clocks that differ included
_SWEEP_S = 60


class Seen:
    """Signatures that have come: an empty file each, since of several processes only one can make it."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep them in a folder; in the server's own when left out, else in one of this process."""
        self._folder = folder
        self._swept = 0.0

    def first(self, signature: str) -> bool:
        """Whether a signature comes for the first time; it is known from then on."""
        folder = self._place()
        folder.mkdir(mode=0o700, exist_ok=True)  # some machines sweep temporary folders themselves
        self._sweep(folder)
        try:
            os.close(os.open(folder / sha256(signature.encode()).hexdigest(), os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return False
        return True

    def _place(self) -> Path:
        if self._folder is None:
            shared = os.environ.get(FOLDER)
            self._folder = Path(shared) if shared else Path(tempfile.mkdtemp(prefix="dateline-seen-"))
            if not shared:
                atexit.register(partial(shutil.rmtree, self._folder, ignore_errors=True))
        return self._folder

    def _sweep(self, folder: Path) -> None:
        if time.monotonic() - self._swept < _SWEEP_S:
            return
        self._swept = time.monotonic()
        for path in folder.iterdir():
            with suppress(OSError):  # another process was faster
                if time.time() - path.stat().st_mtime > _KEPT_S:
                    path.unlink()
