"""All tables of an archive: whoever compares them with the revisions needs each module that declares some."""

from index import audit, channels, deliveries, feeds, ingests, keys, lease, saved_tables, shelf_tables
from index.archive import METADATA

__all__ = [
    "METADATA",
    "audit",
    "channels",
    "deliveries",
    "feeds",
    "ingests",
    "keys",
    "lease",
    "saved_tables",
    "shelf_tables",
]
