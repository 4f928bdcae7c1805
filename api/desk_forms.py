"""What the desk's forms do: each is a decision, and leads back to a page that tells it and can undo it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import redirect, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from api import desk_session
from api.auditing import wrote
from api.context import current_desk, current_engine
from api.desk_frame import blueprint, own_address
from api.desk_pages import entity_page, log_page, merge_page, split_page
from api.schemas import DECISION_BODIES
from index.decisions import Action, Decision
from index.errors import DecisionError, NotFoundError

Step = tuple[Action, dict[str, Any]]


@blueprint.post("/decisions")
def decide() -> AnyResponse:
    """Make the decision that a form asks for."""
    form = request.form
    try:
        made = [_decided(action, given) for action, given in _steps(form.get("action", ""))]
    except DecisionError as error:
        return _refused(409, f"{error.reason}.")
    except ValidationError as error:
        return _refused(422, _complaint(error))
    except NotFoundError as error:
        return _refused(404, f"{error}.")
    return redirect(_with(own_address(form.get("back", "")) or _page_of(made), made), 303)


def _steps(action: str) -> Iterator[Step]:
    """The decisions that a button stands for."""
    form = request.form
    entity = form.get("entity", "")
    if action == "merge":
        into = form.get("into", "")
        others = [i for i in dict.fromkeys(form.getlist("entity")) if i != into]
        if not into or not others:
            raise DecisionError("merge", "choose at least two names, and which of them is kept")
        yield "merge", {"from": others, "into": into}
    elif action == "split":
        if not form.getlist("articles"):
            raise DecisionError("split", "choose at least one article")
        yield "split", {"entity": entity, "articles": form.getlist("articles"), "name": form.get("name", "")}
    elif action in ("rename", "retype"):
        what = "name" if action == "rename" else "kind"
        yield _named(action), {"entity": entity, what: form.get(what, "")}
    elif action in ("hide", "pin"):
        yield _named(action), {"entity": entity}
    elif action in ("unhide", "unpin"):
        yield from _back(_named(action.removeprefix("un")), entity)
    elif action == "apart":
        both = [current_engine().known_entity(i) for i in form.getlist("entity")[:2]]
        yield from [("pin", {"entity": e.id}) for e in both if not e.pinned]
    elif action == "undo":
        number = form.get("number", "")
        yield "undo", {"number": int(number) if number.isascii() and number.isdigit() else 0}
    else:
        raise DecisionError("decide", "that form asks for nothing that is known here")


def _named(action: str) -> Action:
    names: Mapping[str, Action] = {"rename": "rename", "retype": "retype", "hide": "hide", "pin": "pin"}
    return names[action]


def _back(action: Action, entity: str) -> list[Step]:
    """The undoings of what hides or pins an entity: all that are in force."""
    held = current_desk().decisions()
    now = held.entity(entity)
    found = [
        d.number
        for d in held.about(now)
        if d.action == action and d.number not in held.undone and held.entity(d.arguments["entity"]) == now
    ]
    if not found:
        raise DecisionError(action, f"{entity} is not {'hidden' if action == 'hide' else 'pinned'}")
    return [("undo", {"number": number}) for number in reversed(found)]


def _decided(action: Action, given: dict[str, Any]) -> Decision:
    session = desk_session.current_session()
    who = session.who if session else ""
    if action != "undo":
        loaded: dict[str, Any] = dict(
            DECISION_BODIES[action]().load({"action": action, "editor": who, **given})
        )
        given = {name: value for name, value in loaded.items() if name not in ("action", "editor")}
    made = current_desk().decide(who, action, given)
    wrote(f"decision {made.number}")
    return made


def _page_of(made: list[Decision]) -> str:
    told = made[-1].arguments if made else {}
    entity = told.get("into") if made and made[-1].action == "merge" else told.get("entity")
    return url_for(".entity", entity_id=entity) if entity else url_for(".decisions")


def _with(address: str, made: list[Decision]) -> str:
    """The address, saying which decision led there."""
    parts = urlsplit(address)
    pairs = [(n, v) for n, v in parse_qsl(parts.query, keep_blank_values=True) if n != "made"]
    pairs += [("made", str(made[-1].number))] if made else []
    return f"{parts.path}?{urlencode(pairs)}" if pairs else parts.path


def _refused(status: int, problem: str) -> AnyResponse:
    """The page that the form is on, with what was typed and why it was refused."""
    problem = f"Nothing was changed: {problem[:1].lower()}{problem[1:]}"
    form = request.form
    pages: Mapping[str, Callable[[], AnyResponse]] = {
        "merge": lambda: merge_page(status, problem),
        "split": lambda: split_page(form.get("entity", ""), status, problem),
        "undo": lambda: log_page(status, problem),
    }
    otherwise: Callable[[], AnyResponse] = lambda: entity_page(form.get("entity", ""), status, problem)  # noqa: E731
    return pages.get(form.get("action", ""), otherwise if form.get("entity") else pages["undo"])()


def _complaint(error: ValidationError) -> str:
    told = dict(error.messages_dict)
    words = {"from": "entities to merge", "into": "the entity to keep"}
    return " ".join(f"{words.get(n, n)}: {_first(v)}" for n, v in told.items())


def _first(told: Any) -> str:
    while isinstance(told, Mapping | list):
        told = next(iter(told.values() if isinstance(told, Mapping) else told), "")
    return str(told)
