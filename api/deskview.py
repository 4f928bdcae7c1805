"""How are decisions, entities and runs shown to an editor?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from index.decisions import Decision, Decisions
from index.ingests import Failure, Run, State
from search.engine import Engine
from search.results import KnownEntity, Likeness

STATES: Mapping[State, tuple[str, str]] = {
    "done": ("done", "All of it is in the index."),
    "incomplete": ("incomplete", "Some input is not in the index; the rest is."),
    "stopped": ("stopped", "An error ended it before all input was read."),
    "running": ("running", "It goes on now."),
    "unfinished": ("unfinished", "It was killed. Start it again: it goes on where it was."),
}


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A line of the log in words.

    Attributes:
        decision: as the log keeps it.
        words: what was done, with names as the texts have them.
        entity: id of the entity that it leads to, or None for an undoing.
        undone: number of the decision that undid it, or None.
        idle: whether it changes nothing, since others say the same already.
    """

    decision: Decision
    words: str
    entity: str | None
    undone: int | None
    idle: bool


def decision_views(
    engine: Engine, decisions: Iterable[Decision], held: Decisions
) -> tuple[DecisionView, ...]:
    """Decisions in words."""
    shown = tuple(decisions)
    ids = {id_ for d in shown for id_ in d.ids}
    names = engine.written_names(ids)
    return tuple(_view(d, held, {i: names.get(i, held.known.get(i, ("", i))[1]) for i in ids}) for d in shown)


def _view(decision: Decision, held: Decisions, names: Mapping[str, str]) -> DecisionView:
    told = decision.arguments
    return DecisionView(
        decision=decision,
        words=_words(decision, names),
        entity=told.get("into") if decision.action == "merge" else told.get("entity"),
        undone=held.undone.get(decision.number),
        idle=decision.number in held.idle,
    )


def _words(decision: Decision, names: Mapping[str, str]) -> str:
    told = decision.arguments

    def name(id_: str) -> str:
        return quoted(names.get(id_, id_))

    if decision.action == "merge":
        return f"merged {', '.join(name(i) for i in told['from'])} into {name(told['into'])}"
    if decision.action == "split":
        count = len(told["articles"])
        where = f"{count} article{'' if count == 1 else 's'}"
        return f"split {quoted(told['name'])} off from {name(told['entity'])} in {where}"
    if decision.action == "undo":
        return f"undid decision {told['number']}"
    return {
        "rename": lambda: f"renamed {name(told['entity'])} to {quoted(told['name'])}",
        "retype": lambda: f"made {name(told['entity'])} of the kind {told['kind']}",
        "hide": lambda: f"hid {name(told['entity'])}",
        "pin": lambda: f"pinned {name(told['entity'])}",
    }[decision.action]()


def quoted(name: str) -> str:
    """A name in quotation marks, which turns no text around it (UAX 9's isolates)."""
    return f"“\u2068{name}\u2069”"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entities that are likely one, and why."""

    large: KnownEntity
    small: KnownEntity
    why: str


def pairs(engine: Engine, found: Iterable[Likeness]) -> tuple[Pair, ...]:
    """Pairs with what is shown of them."""
    return tuple(Pair(engine.known_entity(f.large), engine.known_entity(f.small), f.why) for f in found)


@dataclass(frozen=True, slots=True)
class RunView:
    """A run and how it is, in a word and in a sentence."""

    run: Run
    state: State
    meaning: str
    failures: tuple[Failure, ...] = ()


def run_view(run: Run, running: Collection[int], failures: tuple[Failure, ...] = ()) -> RunView:
    """A run as it is shown."""
    state = run.state(running)
    return RunView(run, state, STATES[state][1], failures)


def moment(at: datetime) -> str:
    """A time as a person reads it, in UTC as the log keeps it."""
    return f"{at.day} {at:%b %Y, %H:%M} UTC"
