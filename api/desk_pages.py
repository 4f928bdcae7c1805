"""The pages of the editor's desk, which all work without scripts."""

from __future__ import annotations

from flask import Response, request

from api import deskview
from api.context import current_audit, current_desk, current_engine, current_ingests
from api.desk_frame import blueprint, number_of, page
from api.ingesting import running_now
from index.decisions import MAX_TEXT
from index.model import ENTITY_KINDS, EntityKind
from search.evidence import passage
from search.request import EntityFilter, SearchRequest
from search.results import KnownEntity

STEPS = (20, 50, 100)  # entities of a list
_PAIRS, _LOG, _RUNS, _FAILURES, _ARTICLES = 50, 50, 50, 200, 100
_MERGED = 12  # entities that one page merges


@blueprint.get("")
def home() -> Response:
    """The desk at a glance."""
    engine, held = current_engine(), current_desk().decisions()
    ingests = current_ingests()
    newest = ingests.runs(limit=1)
    troubled = [r for r in ingests.runs(failed=True, limit=4) if r not in newest]
    running = running_now()
    return page(
        "desk_home.html",
        pairs=deskview.pairs(engine, engine.duplicates()[:5]),
        log=deskview.decision_views(engine, held.log[:-6:-1], held),
        runs=[deskview.run_view(r, running) for r in (*newest, *troubled)],
    )


@blueprint.get("/entities")
def entities() -> Response:
    """Names by typing, each with its evidence."""
    engine, args = current_engine(), request.args
    prefix, kind, hidden = args.get("prefix", "")[:MAX_TEXT], _kind(args.get("kind")), "hidden" in args
    limit = number_of(args.get("limit"), STEPS[0], STEPS[-1])
    found = _found(prefix, kind, limit + 1, hidden=hidden)
    larger = next((step for step in STEPS if step > limit), None) if len(found) > limit else None
    return page(
        "desk_entities.html",
        prefix=prefix,
        kind=kind,
        hidden=hidden,
        larger=larger,
        more=len(found) > limit,
        rows=[engine.evidence(e.id, read=100, passages=2) for e in found[:limit]],
    )


def _found(prefix: str, kind: EntityKind | None, limit: int, *, hidden: bool = False) -> list[KnownEntity]:
    kinds, engine = (kind,) if kind else ENTITY_KINDS, current_engine()
    found = [e for k in kinds for e in engine.known_entities(k, prefix, limit, hidden=hidden)]
    found.sort(key=lambda e: (not e.pinned, -e.count))
    return found[:limit]


@blueprint.get("/entities/<entity_id>")
def entity(entity_id: str) -> Response:
    """One entity: its evidence, what was decided about it, and what can be."""
    return entity_page(entity_id)


def entity_page(entity_id: str, status: int = 200, problem: str = "") -> Response:
    """An entity's page, with what was typed into its forms where that was refused."""
    engine, held = current_engine(), current_desk().decisions()
    found = engine.evidence(entity_id, read=2_000, passages=6)
    mine = found.entity.id
    alike = [f for f in engine.duplicates() if mine in (f.large, f.small)][:10]
    return page(
        "desk_entity.html",
        status,
        e=found,
        asked=entity_id,
        pairs=deskview.pairs(engine, alike),
        also=[(id_, name) for id_, name in engine.written_names(found.entity.also).items()],
        log=deskview.decision_views(engine, reversed(found.decisions), held),
        problem=problem,
        typed=request.form,
    )


@blueprint.get("/entities/<entity_id>/split")
def split(entity_id: str) -> Response:
    """Choose the articles in which an entity is another one."""
    return split_page(entity_id)


def split_page(entity_id: str, status: int = 200, problem: str = "") -> Response:
    """The articles of an entity, to choose from."""
    engine, known = current_engine(), current_engine().known_entity(entity_id)
    given = request.values
    asked = SearchRequest(
        q=given.get("q", "")[:500],
        entities={known.kind: EntityFilter((known.id,))},
        group="article",
        sort="newest",
        limit=_ARTICLES,
        cursor=given.get("cursor") or None,
        facets=(),
    )
    found = engine.search(asked)
    return page(
        "desk_split.html",
        status,
        e=known,
        asked=asked,
        total=found.articles,
        hits=[passage(hit, known.id) for hit in found.hits],
        following=found.next,
        chosen=set(request.form.getlist("articles")),
        name=request.form.get("name", ""),
        problem=problem,
    )


@blueprint.get("/merge")
def merge() -> Response:
    """Look at the evidence of several entities side by side before they become one."""
    return merge_page()


def merge_page(status: int = 200, problem: str = "") -> Response:
    """The confirmation of a merge, and a search for what else belongs to it."""
    engine, given = current_engine(), request.values
    asked = dict.fromkeys(given.getlist("entity"))
    known = {engine.known_entity(id_).id: None for id_ in [*asked][:_MERGED]}
    sides = [engine.evidence(id_, read=500, passages=4) for id_ in known]
    largest = max(sides, key=lambda e: (e.entity.pinned, e.entity.count), default=None)
    into = given.get("into", "")
    find = given.get("find", "")[:MAX_TEXT]
    others = (
        [e for e in _found(find, None, 10 + len(sides)) if e.id not in known][:10] if find.strip() else []
    )
    return page(
        "desk_merge.html",
        status,
        sides=sides,
        into=into if into in known else largest.entity.id if largest else "",
        kinds={e.entity.kind for e in sides},
        left_out=len(asked) > _MERGED,
        find=find,
        others=others,
        most=_MERGED,
        problem=problem,
    )


@blueprint.get("/duplicates")
def duplicates() -> Response:
    """Pairs of names that are likely one."""
    engine, kind = current_engine(), _kind(request.args.get("kind"))
    found = [f for f in engine.duplicates() if kind is None or f.small.startswith(f"{kind}-")]
    start = number_of(request.args.get("start"), 0, len(found))
    shown = deskview.pairs(engine, found[start : start + _PAIRS])
    following = start + _PAIRS if start + _PAIRS < len(found) else None
    return page(
        "desk_duplicates.html", pairs=shown, kind=kind, total=len(found), start=start, following=following
    )


@blueprint.get("/decisions")
def decisions() -> Response:
    """The log of decisions."""
    return log_page()


def log_page(status: int = 200, problem: str = "") -> Response:
    """The log, the newest first."""
    held, before = current_desk().decisions(), number_of(request.args.get("before"), 0, 10**9)
    rest = [d for d in reversed(held.log) if not before or d.number < before]
    shown = deskview.decision_views(current_engine(), rest[:_LOG], held)
    following = shown[-1].decision.number if len(rest) > _LOG else None
    return page("desk_log.html", status, log=shown, following=following, before=before, problem=problem)


@blueprint.get("/ingests")
def ingests() -> Response:
    """What was ingested."""
    failed, before = "failed" in request.args, number_of(request.args.get("before"), 0, 10**9)
    found = current_ingests().runs(failed=failed, before=before or None, limit=_RUNS + 1)
    running = running_now() if any(r.ended is None for r in found) else frozenset()
    following = found[_RUNS - 1].number if len(found) > _RUNS else None
    runs = [deskview.run_view(r, running) for r in found[:_RUNS]]
    return page("desk_ingests.html", runs=runs, failed=failed, before=before, following=following)


@blueprint.get("/ingests/<int:number>")
def ingest(number: int) -> Response:
    """One run, what failed of it and why."""
    log, after = current_ingests(), number_of(request.args.get("after"), 0, 10**12)
    run = log.run(number)
    found = log.failures(number, after=after, limit=_FAILURES + 1)
    following = found[_FAILURES - 1].number if len(found) > _FAILURES else None
    shown = deskview.run_view(run, running_now() if run.ended is None else frozenset(), found[:_FAILURES])
    return page("desk_ingest.html", view=shown, after=after, following=following)


@blueprint.get("/audit")
def audit() -> Response:
    """Who wrote what."""
    key, before = request.args.get("key"), number_of(request.args.get("before"), 0, 10**9)
    found = current_audit().lines(key=key, before=before or None, limit=_LOG + 1)
    following = found[_LOG - 1].number if len(found) > _LOG else None
    return page("desk_audit.html", lines=found[:_LOG], key=key, before=before, following=following)


def _kind(told: str | None) -> EntityKind | None:
    return next((kind for kind in ENTITY_KINDS if kind == told), None)
