"""What editors decided about entities: a log, and what it comes to.

Pure: the log is folded in its order, decisions that were undone left out. A mention's entity
is found as if each decision in force were carried out on it in turn.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Literal, get_args

from index.errors import DecisionError, NotFoundError
from index.model import ENTITY_KINDS, EntityKind

Action = Literal["merge", "split", "rename", "hide", "retype", "pin", "undo"]
ACTIONS: tuple[Action, ...] = get_args(Action)

MAX_TEXT = 200
"""Characters of a display name, an id or an editor's name."""

MAX_IDS = 1_000
"""Entities that one decision merges, and articles that one splits off."""

_UNFIT = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls, half surrogate pairs, breaks of lines


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of the log.

    Attributes:
        number: its place in the log, from 1.
        at: when it was made, in UTC.
        who: the editor.
        action: what was done.
        arguments: to what, as JSON:
            merge: `from` (ids), `into` (id);
            split: `entity`, `articles` (ids), `into` (id of what is split off);
            rename, retype, pin: `entity` and `name`, `kind`, `name`;
            hide: `entity`; undo: `number`.
            merge and split also say `kind` and `name` of `into`, for when no text has it.
    """

    number: int
    at: datetime
    who: str
    action: Action
    arguments: Mapping[str, Any]

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the entities that it names."""
        told = self.arguments
        named = (*told.get("from", ()), told.get("entity"), told.get("into"))
        return tuple(id_ for id_ in named if id_ is not None)


@dataclass(frozen=True)
class Decisions:
    """What a log comes to.

    Attributes:
        log: all of it, in order.
        undone: number of a decision that is out of force, and of the one that undid it.
        idle: numbers of those in force that change nothing, since what they say is so
            already by what was decided before.
        entities: by id of an entity that a decision names, the one its mentions count as.
        split: by article, the same for mentions that count there as another one.
        names: display names given, by id of the entity.
        kinds: kinds given.
        hidden: ids of entities that are not shown.
        pinned: ids of those that an editor vouches for.
        known: kind and name of entities that others were merged into or split off as, as
            far as no text tells them.
    """

    log: tuple[Decision, ...] = ()
    undone: Mapping[int, int] = field(default_factory=dict)
    idle: frozenset[int] = frozenset()
    entities: Mapping[str, str] = field(default_factory=dict)
    split: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, EntityKind] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    pinned: frozenset[str] = frozenset()
    known: Mapping[str, tuple[EntityKind, str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether any decision is in force."""
        return bool(self.entities)

    @cached_property
    def version(self) -> str:
        """Name the log: another one gives other answers. Empty for an empty one."""
        if not self.log:
            return ""
        told = repr([(d.number, d.action, sorted(d.arguments.items())) for d in self.log])
        return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()

    def entity(self, id_: str, article: str | None = None) -> str:
        """The entity that mentions of an id count as, in an article or everywhere else."""
        here = self.split.get(article, {}) if article is not None else {}
        return here.get(id_) or self.entities.get(id_, id_)

    def merged_into(self, id_: str) -> tuple[str, ...]:
        """Ids whose mentions count as this entity, itself left out, in order."""
        return self._merged.get(id_, ())

    @cached_property
    def _merged(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for id_, into in sorted(self.entities.items()):
            if into != id_:
                found.setdefault(into, []).append(id_)
        return {into: tuple(ids) for into, ids in found.items()}

    def about(self, id_: str) -> tuple[Decision, ...]:
        """Decisions that name an entity or one that counts as it, undone ones and undoings too."""
        mine = {id_, self.entity(id_), *self.merged_into(self.entity(id_))}
        numbers: set[int] = set()
        found: list[Decision] = []
        for decision in self.log:
            if not mine.isdisjoint(decision.ids) or decision.arguments.get("number") in numbers:
                numbers.add(decision.number)
                found.append(decision)
        return tuple(found)

    def refuse(self, action: Action, arguments: Mapping[str, Any]) -> None:
        """Let a decision pass that would change something.

        Raises:
            DecisionError: it would not, or its arguments cannot be used.
            NotFoundError: there is no decision of the number to undo.
        """
        if action not in ACTIONS:
            raise DecisionError(str(action), f"there is no such action; there are {', '.join(ACTIONS)}")
        _REFUSALS[action](self, arguments)


NOTHING = Decisions()
"""No decisions at all."""


def fold(log: Sequence[Decision]) -> Decisions:
    """What a log comes to.

    Args:
        log: ascending by number.

    Raises:
        ValueError, KeyError, TypeError: a decision is none that Dateline makes.
    """
    undone = _undone(log)
    folding = _Folding()
    idle = [
        d.number
        for d in log
        if d.number not in undone and d.action != "undo" and not folding.take(d.action, d.arguments)
    ]
    return Decisions(
        log=tuple(log),
        undone=MappingProxyType(undone),
        idle=frozenset(idle),
        entities=MappingProxyType(folding.entities),
        split=MappingProxyType({a: MappingProxyType(m) for a, m in folding.split.items()}),
        names=MappingProxyType(folding.names),
        kinds=MappingProxyType(folding.kinds),
        hidden=frozenset(folding.hidden),
        pinned=frozenset(folding.pinned),
        known=MappingProxyType(folding.known),
    )


def _undone(log: Sequence[Decision]) -> dict[int, int]:
    """Decisions out of force; an undoing that was itself undone is none. Undoings name what was before."""
    undone: dict[int, int] = {}
    for decision in reversed(log):
        if decision.action == "undo" and decision.number not in undone:
            undone[int(decision.arguments["number"])] = decision.number
    return undone


class _Folding:
    """Where mentions stand while a log is carried out.

    A member (article, id) of an entity says that mentions of `id` in `article` count as it;
    (None, id): in all articles that have no member of their own.
    """

    def __init__(self) -> None:
        self.entities: dict[str, str] = {}
        self.split: dict[str, dict[str, str]] = {}
        self.names: dict[str, str] = {}
        self.kinds: dict[str, EntityKind] = {}
        self.hidden: set[str] = set()
        self.pinned: set[str] = set()
        self.known: dict[str, tuple[EntityKind, str]] = {}
        self._members: dict[str, set[tuple[str | None, str]]] = {}

    def take(self, action: Action, told: Mapping[str, Any]) -> bool:
        """Carry out a decision; returns whether it changed anything."""
        if action == "merge":
            return self._merge(told)
        if action == "split":
            return self._split(told)
        entity = self._entity(told["entity"])
        if action == "rename":
            return self._put(self.names, entity, told["name"])
        if action == "retype":
            return self._put(self.kinds, entity, told["kind"])
        if action == "pin":
            self.names.setdefault(entity, told["name"])
            return self._add(self.pinned, entity)
        if action == "hide":
            return self._add(self.hidden, entity)
        raise ValueError(f"there is no action {action!r}")

    def _add(self, to: set[str], entity: str) -> bool:
        new = entity not in to
        to.add(entity)
        return new

    def _put(self, into: dict[str, Any], entity: str, value: str) -> bool:
        before = into.get(entity)
        into[entity] = value
        return before != value

    def _entity(self, id_: str) -> str:
        if id_ not in self.entities:
            self.entities[id_] = id_
            self._members.setdefault(id_, set()).add((None, id_))
        return self.entities[id_]

    def _into(self, told: Mapping[str, Any]) -> str:
        into = self._entity(told["into"])
        self.known.setdefault(told["into"], (told["kind"], told["name"]))
        return into

    def _merge(self, told: Mapping[str, Any]) -> bool:
        into, changed = self._into(told), False
        for id_ in told["from"]:
            entity = self._entity(id_)
            if entity != into:
                self._move(self._members[entity].copy(), entity, into)
                changed = True
        return changed

    def _split(self, told: Mapping[str, Any]) -> bool:
        entity, into, changed = self._entity(told["entity"]), self._into(told), False
        for article in told["articles"] if entity != into else ():
            here = self.split.get(article, {})
            mine = {m for m in self._members[entity] if m[0] == article}
            fresh = {id_ for a, id_ in self._members[entity] if a is None and id_ not in here}
            if mine or fresh:
                self._move(mine, entity, into)
                self._move({(article, id_) for id_ in fresh}, entity, into)
                changed = True
        return changed

    def _move(self, members: set[tuple[str | None, str]], entity: str, into: str) -> None:
        self._members[entity] -= members
        self._members.setdefault(into, set()).update(members)
        for article, id_ in members:
            if article is None:
                self.entities[id_] = into
            else:
                self.split.setdefault(article, {})[id_] = into


# --- what is refused


def fit(action: str, what: str, text: str) -> str:
    """A name or id as it is kept, without space around it.

    Raises:
        DecisionError: it is empty, longer than MAX_TEXT or holds what no line of text does.
    """
    text = text.strip()
    if not text or len(text) > MAX_TEXT:
        raise DecisionError(action, f"{what} must have 1 to {MAX_TEXT} characters")
    if any(unicodedata.category(c) in _UNFIT for c in text):
        raise DecisionError(action, f"{what} must be one line of text without control characters")
    return text


def _refuse_merge(held: Decisions, told: Mapping[str, Any]) -> None:
    into = held.entity(told["into"])
    if not 0 < len(told["from"]) <= MAX_IDS:
        raise DecisionError("merge", f"it takes 1 to {MAX_IDS} entities to merge into {into}")
    for id_ in told["from"]:
        if id_ == told["into"]:
            raise DecisionError("merge", f"{id_} cannot be merged into itself")
        if held.entity(id_) == into:
            raise DecisionError("merge", f"{id_} and {told['into']} count as {into} already{_by(held, id_)}")


def _by(held: Decisions, id_: str) -> str:
    merges = (d for d in reversed(held.about(id_)) if d.action == "merge" and d.number not in held.undone)
    number = next((d.number for d in merges), None)
    return "" if number is None else f"; undo decision {number} to part them"


def _refuse_split(held: Decisions, told: Mapping[str, Any]) -> None:
    entity = held.entity(told["entity"])
    if not 0 < len(told["articles"]) <= MAX_IDS:
        raise DecisionError("split", f"it takes 1 to {MAX_IDS} articles to split off from {entity}")
    if held.entity(told["into"]) == entity:
        raise DecisionError(
            "split",
            f"{told['name']!r} would be {entity} again; give another name, such as with what tells "
            "them apart in brackets, and rename it afterwards if they are to be called the same",
        )


def _refuse_hide(held: Decisions, told: Mapping[str, Any]) -> None:
    if held.entity(told["entity"]) in held.hidden:
        raise DecisionError("hide", f"{told['entity']} is hidden already")


def _refuse_pin(held: Decisions, told: Mapping[str, Any]) -> None:
    if held.entity(told["entity"]) in held.pinned:
        raise DecisionError("pin", f"{told['entity']} is pinned already")


def _refuse_rename(held: Decisions, told: Mapping[str, Any]) -> None:
    if held.names.get(held.entity(told["entity"])) == told["name"]:
        raise DecisionError("rename", f"{told['entity']} is called {told['name']!r} already")


def _refuse_retype(held: Decisions, told: Mapping[str, Any]) -> None:
    if told["kind"] not in ENTITY_KINDS:
        raise DecisionError(
            "retype", f"there is no kind {told['kind']!r}; there are {', '.join(ENTITY_KINDS)}"
        )
    if held.kinds.get(held.entity(told["entity"])) == told["kind"]:
        raise DecisionError("retype", f"{told['entity']} is of the kind {told['kind']} already")


def _refuse_undo(held: Decisions, told: Mapping[str, Any]) -> None:
    number = told["number"]
    if not any(d.number == number for d in held.log):
        raise NotFoundError("decision", str(number), "in the log; `dateline entities log` lists them")
    if number in held.undone:
        by = held.undone[number]
        raise DecisionError("undo", f"decision {number} was undone by {by}; undo {by} to have it again")


_REFUSALS = {
    "merge": _refuse_merge,
    "split": _refuse_split,
    "rename": _refuse_rename,
    "hide": _refuse_hide,
    "retype": _refuse_retype,
    "pin": _refuse_pin,
    "undo": _refuse_undo,
}
