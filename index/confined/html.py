"""A page → its facts and blocks, by lxml and trafilatura. Runs in the child."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from index.confined.refusal import RefusalError
from index.readers.htmlpage import read_page


def extract(data: bytes) -> dict[str, Any]:
    """Take a page in UTF-8 apart.

    Returns:
        `facts`, the fields of `PageFacts`; and `blocks`, `[kind, text]` of each in order.
    """
    try:
        facts, blocks = read_page(data.decode("utf-8", "replace"))
    except ValueError as error:
        raise RefusalError(str(error), unsupported=True) from error
    return {"facts": asdict(facts), "blocks": blocks}
