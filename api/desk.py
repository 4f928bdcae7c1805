"""The editor's desk: a decision as an editor makes it becomes one that the log keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from index.archive import Archive
from index.decisions import Action, Decision, Decisions, fit
from index.entities.ids import entity_id
from index.errors import DecisionError
from search.engine import Engine

Given = Mapping[str, Any]


class Desk:
    """Makes decisions about the entities of one index.

    Args:
        engine: of the index; knows which entities there are, and sees a decision at once.
        archive: where decisions are kept.
    """

    def __init__(self, engine: Engine, archive: Archive) -> None:
        self._engine = engine
        self._archive = archive

    def decisions(self) -> Decisions:
        """What is decided now."""
        return self._archive.decisions()

    def decide(self, editor: str, action: Action, given: Given) -> Decision:
        """Make a decision.

        Args:
            editor: who makes it.
            action: what is done.
            given: merge: `from` and `into`; split: `entity`, `articles` and `name` of the
                other entity; rename: `entity` and `name`; retype: `entity` and `kind`;
                hide and pin: `entity`; undo: `number`.

        Raises:
            NotFoundError: an id or number names nothing.
            DecisionError: it would change nothing, or cannot be made.
        """
        arguments = _COMPLETED[action](self._engine, given)
        made = self._archive.record(editor, action, arguments)
        self._engine.look_again()
        return made


def _merge(engine: Engine, given: Given) -> dict[str, Any]:
    into = engine.known_entity(given["into"])
    for id_ in given["from"]:
        engine.known_entity(id_)
    return {"from": list(given["from"]), "into": given["into"], "kind": into.kind, "name": into.name}


def _split(engine: Engine, given: Given) -> dict[str, Any]:
    entity, name = engine.known_entity(given["entity"]), fit("split", "the name", given["name"])
    articles = list(dict.fromkeys(given["articles"]))
    for article in articles:
        mentions = (m for p in engine.article(article).paragraphs for m in p.entities)
        if not any(m.entity == entity.id for m in mentions):
            hidden = " since it is hidden" if entity.hidden else ""
            raise DecisionError("split", f"article {article} does not name {entity.id}{hidden}")
    into = entity_id(entity.kind, name)  # as texts that have the name would be given it
    return {"entity": given["entity"], "articles": articles, "into": into, "kind": entity.kind, "name": name}


def _rename(engine: Engine, given: Given) -> dict[str, Any]:
    entity, name = engine.known_entity(given["entity"]), fit("rename", "the name", given["name"])
    if entity.name == name:
        raise DecisionError("rename", f"{entity.id} is called {name!r} already; pin it to keep it so")
    return {"entity": given["entity"], "name": name}


def _retype(engine: Engine, given: Given) -> dict[str, Any]:
    entity = engine.known_entity(given["entity"])
    if entity.kind == given["kind"]:
        raise DecisionError("retype", f"{entity.id} is of the kind {entity.kind} already")
    return {"entity": given["entity"], "kind": given["kind"]}


def _hide(engine: Engine, given: Given) -> dict[str, Any]:
    engine.known_entity(given["entity"])
    return {"entity": given["entity"]}


def _pin(engine: Engine, given: Given) -> dict[str, Any]:
    return {"entity": given["entity"], "name": engine.known_entity(given["entity"]).name}


def _undo(engine: Engine, given: Given) -> dict[str, Any]:
    engine.generation()  # where there is no index, that is what is wrong
    return {"number": given["number"]}


_COMPLETED: Mapping[Action, Callable[[Engine, Given], dict[str, Any]]] = {
    "merge": _merge,
    "split": _split,
    "rename": _rename,
    "hide": _hide,
    "retype": _retype,
    "pin": _pin,
    "undo": _undo,
}


def sentence(decision: Decision) -> str:
    """A decision in words."""
    told = decision.arguments
    if decision.action == "merge":
        return f"merged {', '.join(told['from'])} into {told['into']}"
    if decision.action == "split":
        count = len(told["articles"])
        where = f"{count} article{'' if count == 1 else 's'}"
        return f"split {told['into']} ({told['name']}) off from {told['entity']} in {where}"
    return {
        "rename": lambda: f"renamed {told['entity']} {told['name']}",
        "retype": lambda: f"made {told['entity']} of the kind {told['kind']}",
        "hide": lambda: f"hid {told['entity']}",
        "pin": lambda: f"pinned {told['entity']} as {told['name']}",
        "undo": lambda: f"undid decision {told['number']}",
    }[decision.action]()
