"""All tables of an archive: whoever compares them with the revisions needs each module that declares some."""

from index import audit, feeds, ingests, keys
from index.archive import METADATA

__all__ = ["METADATA", "audit", "feeds", "ingests", "keys"]
