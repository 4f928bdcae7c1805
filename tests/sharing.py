"""How do several processes share the tests? By file; those that need the cluster go to one of them."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parent.parent
_NEEDS_IT = re.compile(r"^ *def \w+\((?:[^)]*, )?cluster[,)]", re.MULTILINE)
_OVER_IT = re.compile(r"\[.*\bopensearch\b")


@lru_cache
def _takes_cluster(file: str) -> bool:
    """Whether something in a file of tests takes the fixture by its name."""
    return _NEEDS_IT.search((ROOT / file).read_text("utf-8")) is not None


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """Tests of one file run in one process, which makes what they share once."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "cluster" if _OVER_IT.search(nodeid) or _takes_cluster(file) else file
