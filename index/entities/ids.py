"""A name becomes an id that a person can read."""

from __future__ import annotations

from hashlib import blake2b

from slugify import slugify

from index.model import EntityKind

_LONGEST = 80


def entity_id(kind: EntityKind, name: str) -> str:
    """Name an entity by its kind and display name.

    Args:
        kind: person, org or place.
        name: its display name, in any script.

    Returns:
        `person-vladimir-putin`: lower-case ASCII, at most 80 characters, the same
        for the same name always. A name of which no letter can be spelt in
        ASCII, or one too long, ends in a digest.
    """
    slug = slugify(name.replace("ə", "a").replace("Ə", "A"))
    whole = f"{kind}-{slug}"
    if slug and len(whole) <= _LONGEST:
        return whole
    digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    head = slug[: _LONGEST - len(kind) - len(digest) - 2].strip("-")
    return "-".join(filter(None, (kind, head, digest)))
