"""Text becomes mentions of people, organisations and places: one thing, one entity.

A `Recogniser` sees one paragraph at a time, and what it saw is kept by a
`NameCache`; `resolve_names` reads an article as a whole.
"""

from index.entities.cache import NameCache, Recognises, recognise_cached
from index.entities.casing import legible, legible_article, seen_forms
from index.entities.editors import Told, called
from index.entities.ids import entity_id
from index.entities.names import RawName
from index.entities.recogniser import DEFAULT_MODEL, Recogniser
from index.entities.resolve import resolve_names

__all__ = [
    "DEFAULT_MODEL",
    "NameCache",
    "RawName",
    "Recogniser",
    "Recognises",
    "Told",
    "called",
    "entity_id",
    "legible",
    "legible_article",
    "recognise_cached",
    "resolve_names",
    "seen_forms",
]
