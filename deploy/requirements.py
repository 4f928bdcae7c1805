"""Print what pyproject.toml asks for, and its extras: `python requirements.py postgres opensearch`."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path


def requirements(extras: list[str]) -> list[str]:
    """The project's dependencies and those of the extras named."""
    project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
    return [
        *project["dependencies"],
        *(one for name in extras for one in project["optional-dependencies"][name]),
    ]


if __name__ == "__main__":
    sys.stdout.write("\n".join(requirements(sys.argv[1:])) + "\n")
