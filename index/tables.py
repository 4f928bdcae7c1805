"""All tables of an archive: whoever compares them with the revisions needs each module that declares some."""

from index import feeds, ingests, shelf_tables
from index.archive import METADATA

__all__ = ["METADATA", "feeds", "ingests", "shelf_tables"]
