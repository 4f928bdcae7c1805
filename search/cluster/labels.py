"""What do the texts call the entities that they name?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from index.cluster.client import Body
from index.cluster.mapping import PART
from index.model import ENTITY_KINDS, EntityKind
from search.cluster.view import View

Written = Mapping[EntityKind, str]
"""By kind, in the order of ENTITY_KINDS, the name that most paragraphs give an entity; none where no text
names it."""

_ASKED_CHARS = 2_000  # of one pattern; the work of making an automaton of it is capped by the cluster
_FEW_NAMES = 20  # names of an entity that are looked at
_KEPT = 50_000


def written_of(view: View, ids: Iterable[str]) -> dict[str, Written]:
    """Kinds and names of entities as texts have them, whatever was decided.

    Among names that as many paragraphs give, the first by letters is taken.

    Args:
        view: of the commit; what was found is remembered with it.
        ids: as the texts have them.
    """
    known: dict[str, Written] = view.memo.setdefault("labels", {})
    if len(known) > _KEPT:
        known.clear()
    wanted = list(dict.fromkeys(ids))
    missing = [i for i in wanted if i not in known]
    if missing:
        chunks = list(_chunks(missing))
        answers = view.searches([_labels_of(chunk) for chunk in chunks])
        known.update({i: {} for i in missing})
        for chunk, answer in zip(chunks, answers, strict=True):
            known.update(_read(answer["aggregations"]["labels"]["buckets"], set(chunk)))
    return {i: known[i] for i in wanted}


def _chunks(ids: Sequence[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    size = 0
    for id_ in ids:
        if chunk and size + len(id_) > _ASKED_CHARS:
            yield chunk
            chunk, size = [], 0
        chunk.append(id_)
        size += len(id_)
    yield chunk


def _labels_of(ids: Sequence[str]) -> Body:
    """Ask for the labels of some entities, over all paragraphs that name one of them."""
    kinds, part = "|".join(ENTITY_KINDS), literal(PART)
    pattern = f"({kinds}){part}({'|'.join(literal(i) for i in ids)}){part}(.*)"
    size = _FEW_NAMES * len(ids)
    return {
        "size": 0,
        "track_total_hits": False,
        "query": {"bool": {"filter": naming_any(ids)}},
        "aggs": {
            "labels": {
                "terms": {"field": "labels", "include": pattern, "size": size, "shard_size": 2 * size},
            }
        },
    }


def naming_any(ids: Sequence[str]) -> Body:
    """Paragraphs that name any of some ids, whatever their kind."""
    return {"bool": {"should": [{"terms": {kind: list(ids)}} for kind in ENTITY_KINDS]}}


def literal(text: str) -> str:
    """A text as a pattern that means just it (Lucene's `RegExp`)."""
    return "".join(c if c.isalnum() or c in "-_" else f"\\{c}" for c in text)


def _read(buckets: Sequence[Mapping[str, Any]], asked: set[str]) -> dict[str, Written]:
    best: dict[str, dict[EntityKind, tuple[int, str]]] = {}
    for bucket in buckets:
        of_kind, id_, name = str(bucket["key"]).split(PART, 2)
        kind = next((k for k in ENTITY_KINDS if k == of_kind), None)
        if kind is None or id_ not in asked:
            continue
        told = (-int(bucket["doc_count"]), name)
        of = best.setdefault(id_, {})
        of[kind] = min(of.get(kind, told), told)
    return {id_: {k: found[k][1] for k in ENTITY_KINDS if k in found} for id_, found in best.items()}
