"""Which entity does a mention count as on a cluster, after what editors decided?

The cluster keeps the ids that were found in the texts. What editors decided is carried out when
something is asked: filters ask for all ids that count as an entity, and names that are shown are
those that editors gave. `search.canonical` does the same to the columns of our own index.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from index.cluster.client import Body
from index.decisions import Decisions
from index.model import ENTITY_KINDS, EntityKind, EntityMention
from index.stored import Record
from search.cluster.labels import Written, naming_any, written_of
from search.cluster.view import View
from search.request import EntityFilter

NOTHING: Body = {"match_none": {}}


@dataclass(frozen=True)
class Decided:
    """Decisions, and what the texts tell of the ids that they name.

    Attributes:
        decisions: in force.
        written: of each id that they name, its kinds and names as the texts have them.
    """

    decisions: Decisions
    written: Mapping[str, Written]

    def __bool__(self) -> bool:
        """Whether any decision is in force."""
        return bool(self.decisions)

    def concerns(self, id_: str) -> bool:
        """Whether decisions name an id; any other counts as itself."""
        return id_ in self.decisions.entities

    @cached_property
    def concerned(self) -> tuple[str, ...]:
        """All ids that decisions name, in order."""
        return tuple(sorted(self.decisions.entities))

    def meant(self, id_: str) -> str | None:
        """The entity that somebody means by an id, as `Names.number` finds it; None where it is hidden."""
        entity = self.decisions.entities.get(id_, id_)
        return None if entity in self.decisions.hidden else entity

    def counts_as(self, id_: str, article: str) -> str | None:
        """The entity that mentions of an id in an article count as; None where it is hidden."""
        entity = self.decisions.entity(id_, article)
        return None if entity in self.decisions.hidden else entity

    @cached_property
    def entities(self) -> tuple[str, ...]:
        """Entities that mentions of `concerned` ids count as, hidden ones left out, in order."""
        found = set(self.decisions.entities.values())
        for inside in self.decisions.split.values():
            found.update(inside.values())
        return tuple(sorted(found - self.decisions.hidden))

    @cached_property
    def unmoved(self) -> frozenset[str]:
        """Ids whose mentions count as themselves wherever they are and no others do, named anew at most."""
        found = (i for i in self.entities if self.ids_of(i) == (i,) and i not in self._split)
        return frozenset(i for i in found if tuple(self.written.get(i, ())) == (self.kind(i),))

    @cached_property
    def moved(self) -> tuple[str, ...]:
        """Ids that decisions name and that are not `unmoved`, in order."""
        return tuple(i for i in self.concerned if i not in self.unmoved)

    def made(self, kind: EntityKind) -> tuple[str, ...]:
        """Entities of a kind as which mentions of `moved` ids count, hidden ones left out, in order."""
        return self._made.get(kind, ())

    @cached_property
    def _made(self) -> dict[EntityKind, tuple[str, ...]]:
        found: dict[EntityKind, list[str]] = {}
        for id_ in self.entities:
            if id_ not in self.unmoved:
                found.setdefault(self.kind(id_), []).append(id_)
        return {kind: tuple(ids) for kind, ids in found.items()}

    def kind(self, entity: str) -> EntityKind:
        """Kind of an entity that decisions name."""
        given = self.decisions.kinds.get(entity)
        if given is not None:
            return given
        for kind in self.written.get(entity, ()):
            return kind
        if entity in self.decisions.known:
            return self.decisions.known[entity][0]
        # No text has it and nothing tells: an id begins with the kind that it was given for.
        return next((k for k in ENTITY_KINDS if entity.startswith(f"{k}-")), ENTITY_KINDS[0])

    def name(self, entity: str) -> str:
        """Name of an entity that decisions name."""
        return self.decisions.names.get(entity) or self.written_name(entity)

    def written_name(self, entity: str) -> str:
        """Its name before anybody renamed it."""
        for name in self.written.get(entity, {}).values():
            return name
        return self.decisions.known.get(entity, ("", entity))[1]

    def other_names(self, entity: str) -> tuple[str, ...]:
        """Further names by which an entity that decisions name is found by typing."""
        merged = (n for i in self.decisions.merged_into(entity) for n in self.written.get(i, {}).values())
        mine = self.name(entity)
        return tuple(dict.fromkeys(n for n in (self.written_name(entity), *merged) if n != mine))

    # --- what is asked of the cluster

    @cached_property
    def _members(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for id_ in self.concerned:
            found.setdefault(self.decisions.entities[id_], []).append(id_)
        return found

    @cached_property
    def _inside(self) -> dict[str, dict[str, list[str]]]:
        """By entity and id, the articles where mentions of the id count as it, and nowhere else do."""
        found: dict[str, dict[str, list[str]]] = {}
        for article, inside in sorted(self.decisions.split.items()):
            for id_, entity in sorted(inside.items()):
                found.setdefault(entity, {}).setdefault(id_, []).append(article)
        return found

    @cached_property
    def _split(self) -> dict[str, list[str]]:
        """By id, the articles where its mentions have an entity of their own."""
        found: dict[str, list[str]] = {}
        for article, inside in sorted(self.decisions.split.items()):
            for id_ in inside:
                found.setdefault(id_, []).append(article)
        return found

    def ids_of(self, entity: str) -> tuple[str, ...]:
        """All ids of which some mentions count as an entity, in order; itself where nothing concerns it."""
        if not self.concerns(entity):
            return (entity,)
        return tuple(sorted({*self._members.get(entity, ()), *self._inside.get(entity, ())}))

    def naming(self, entity: str) -> Body:
        """Paragraphs of which a mention counts as an entity that decisions name, hidden or not."""
        members = self._members.get(entity, ())
        whole = [i for i in members if i not in self._split]
        parts: list[Body] = [naming_any(whole)] if whole else []
        for id_ in members:
            if id_ in self._split:
                inside = {"terms": {"article": self._split[id_]}}
                parts.append({"bool": {"filter": [naming_any([id_])], "must_not": [inside]}})
        for articles, ids in _by_articles(self._inside.get(entity, {})).items():
            here = {"terms": {"article": list(articles)}}
            parts.append({"bool": {"filter": [naming_any(ids), here]}})
        return {"bool": {"should": parts}} if len(parts) > 1 else parts[0] if parts else NOTHING

    def named(self, kind: EntityKind, id_: str) -> Body:
        """Paragraphs that name what somebody means by an id of a kind.

        An id that decisions name is found whatever kind it is asked as.
        """
        if not self.concerns(id_):
            return {"term": {kind: id_}}
        entity = self.meant(id_)
        return NOTHING if entity is None else self.naming(entity)

    def passing(self, kind: EntityKind, wanted: EntityFilter) -> list[Body]:
        """What a paragraph must pass for a filter on names, all of it; nothing for no filter."""
        found: list[Body] = []
        chosen = [self.named(kind, i) for i in wanted.chosen]
        if chosen:
            found += chosen if wanted.all else [{"bool": {"should": chosen}}]
        if wanted.excluded:
            found.append({"bool": {"must_not": [self.named(kind, i) for i in wanted.excluded]}})
        return found

    def renamed(self, asked: Mapping[EntityKind, EntityFilter]) -> dict[str, str]:
        """Of the ids that filters name and that count as another entity: that one's id."""
        ids = (i for f in asked.values() for i in (*f.chosen, *f.excluded) if self.concerns(i))
        return {i: now for i in ids if (now := self.meant(i)) is not None and now != i}

    # --- what is shown

    def record(self, record: Record) -> Record:
        """A paragraph whose mentions tell of the entities they count as, hidden ones left out."""
        paragraph, article = record.paragraph, record.article["id"]
        if not any(self.concerns(e.entity) for e in paragraph.entities):
            return record
        mentions = (self._mention(e, article) for e in paragraph.entities)
        kept = tuple(e for e in mentions if e is not None)
        return replace(record, paragraph=replace(paragraph, entities=kept))

    def _mention(self, mention: EntityMention, article: str) -> EntityMention | None:
        if not self.concerns(mention.entity):
            return mention
        entity = self.counts_as(mention.entity, article)
        if entity is None:
            return None
        kind, name = self.kind(entity), self.name(entity)
        same = (kind, entity, name) == (mention.kind, mention.entity, mention.name)
        why = mention.reason if same else "editor"
        return EntityMention(mention.start, mention.end, mention.text, kind, entity, name, why)


def _by_articles(inside: Mapping[str, Sequence[str]]) -> dict[tuple[str, ...], list[str]]:
    """Ids put together that have the same articles."""
    found: dict[tuple[str, ...], list[str]] = {}
    for id_, articles in inside.items():
        found.setdefault(tuple(articles), []).append(id_)
    return found


def decided_of(view: View, *, hidden: bool = False) -> Decided:
    """What editors decided, for a view.

    Args:
        view: of the commit; what is found is remembered with it.
        hidden: whether names that editors hid are to be found, as only editors find them.
    """
    decisions = view.decisions
    key = "decided with hidden" if hidden and decisions.hidden else "decided"
    found: tuple[str, Decided] | None = view.memo.get(key)
    if found is None or found[0] != decisions.version:
        meant = replace(decisions, hidden=frozenset()) if hidden and decisions.hidden else decisions
        written = written_of(view, decisions.entities) if decisions else {}
        found = view.memo[key] = decisions.version, Decided(meant, written)
    return found[1]


def told_of(view: View, decided: Decided, ids: Iterable[str]) -> dict[str, tuple[EntityKind, str]]:
    """Kinds and names of entities as they are shown; those that nothing tells of are left out."""
    wanted = list(dict.fromkeys(ids))
    told = {i: (decided.kind(i), decided.name(i)) for i in wanted if decided.concerns(i)}
    rest = [i for i in wanted if i not in told]
    written: dict[str, Any] = written_of(view, rest) if rest else {}
    told.update({i: next(iter(names.items())) for i, names in written.items() if names})
    return told
