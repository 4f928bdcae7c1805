"""Writing by HTTP: documents in and out, behind a key, and off where none is set."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from flask import Response, make_response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from werkzeug.exceptions import LengthRequired

from api import answers
from api.access import KEY_NEEDED, needs
from api.auditing import wrote
from api.context import current_engine, current_ingests, current_settings
from api.options import archive_of, store_of
from api.posted import described, is_taken, read_posted
from api.problems import problem
from index.errors import DatelineError, InputError, NotFoundError, StaleVersionError
from index.ingests import RunNote
from index.intake import Standing
from index.model import Document, stable_id
from index.pipeline import Listener, Options, run
from index.readers import Outcome
from index.settling import remove
from index.shelf import Shelf
from index.storing import Held

log = logging.getLogger(__name__)
_BACKLOG = 200  # documents of the archive that a request takes along to the index at most
blueprint = Blueprint("documents", __name__, url_prefix="/api/v1", description="Writing to the index.")


@blueprint.route("/documents")
class Documents(MethodView):
    """Documents as a whole."""

    @blueprint.doc(
        summary="Add or replace documents",
        operationId="add_documents",
        requestBody={"required": True, "content": described()},
        **KEY_NEEDED,
    )
    @blueprint.response(200, answers.IngestSchema)
    @needs("write")
    def post(self) -> Response:
        """Index the body: one document or many, in any format that is read.

        The Content-Type names the format; without one, or with one that says nothing, the body itself
        does. Many come as an array, as lines, in a zip or as the files of a form; each may be gzipped.

        The documents can be searched in every process within a second. Posting the same again
        changes nothing, and `unchanged` says so. What could not be taken is named with its reason and
        keeps nothing else out; 422 when nothing was taken, 415 for a type that is not read.
        """
        if request.content_length is None:
            raise LengthRequired("Send a Content-Length; a body without one is not read.")
        if not is_taken(request):
            return _not_read(request.mimetype)
        name = (request.headers.get("Content-Location") or "posted document")[:500]
        with current_ingests().note("HTTP", name, _unnoted) as noted:
            outcomes = list(read_posted(request, name))
            accepted, refused = _take(outcomes, noted)
        wrote(*(one["id"] for one in accepted))
        current_engine().look_again()  # who posted here and asks here finds it
        if not accepted:
            reasons = [{"source": e.source, "reason": e.reason} for e in refused]
            return problem(
                422,
                "nothing-taken",
                "Nothing taken",
                "No document of the body could be indexed.",
                refused=reasons,
            )
        sources = {o.id: o.source for o in outcomes if isinstance(o, Document)}
        body = {
            "accepted": [{**one, "source": sources[one["id"]]} for one in accepted],
            "refused": [{"source": e.source, "reason": e.reason} for e in refused],
        }
        return make_response(body)


@blueprint.route("/documents/<path:document_id>")
class OneDocument(MethodView):
    """One document."""

    @blueprint.doc(summary="Remove a document", operationId="remove_document", **KEY_NEEDED)
    @blueprint.response(204)
    @needs("write")
    def delete(self, document_id: str) -> Response:
        """Remove all articles of a document, and its content from the archive.

        The id is what adding it answered, or the record's own `id`. It stays known as removed:
        files and feeds that have it do not bring it back, posting it does.
        """
        settings = current_settings()
        with store_of(settings) as store:
            if not any(remove(found, store, Shelf(archive_of(settings))) for found in _names(document_id)):
                raise NotFoundError("document", document_id)
        current_engine().look_again()
        return make_response(b"", 204)


def _not_read(media_type: str) -> Response:
    detail = (
        f"{media_type[:100]} is not read here. Leave the type out to have the body looked into, or send it as"
    )
    return problem(
        415,
        "unsupported-media-type",
        "Unsupported Media Type",
        f"{detail} {', '.join(described())}.",
        headers={"Accept-Post": ", ".join(described())},
    )


def _unnoted(error: DatelineError) -> None:
    log.warning("what is posted now is not in the log of ingests: %s", error)


def _take(outcomes: list[Outcome], noted: RunNote) -> tuple[list[dict[str, Any]], list[InputError]]:
    """Index what was read; returns what went in and what did not."""
    refused = [o for o in outcomes if isinstance(o, InputError)]
    documents = [o for o in outcomes if isinstance(o, Document)]
    for error in refused:
        noted.failed(error)

    def refuse(error: InputError) -> None:
        if not isinstance(error, StaleVersionError):  # which the document's own state tells
            noted.failed(error)
            refused.append(error)

    if not documents:
        return [], refused
    settings = current_settings()
    options = Options(model=settings.model or None, cache=settings.index / "names.sqlite")
    with store_of(settings) as store:
        noted.begin()
        before = {d.id: store.held.get(d.id) for d in documents}
        # Whoever posts a document means it, also one that an editor removed.
        shelf = Shelf(archive_of(settings), revive=True, backlog=_BACKLOG, eager=True)
        summary = run(documents, store, options, Listener(error=refuse), shelf)
        noted.progress(summary)
        taken = set(summary.ids)
        accepted = [
            _state(i, store.held.get(i), before.get(i), summary.standings.get(i))
            for i in before
            if i in taken or i in summary.standings
        ]
    return accepted, refused


def _state(id_: str, held: Held | None, before: Held | None, standing: Standing | None) -> dict[str, Any]:
    """What became of a posted document: what the index holds of it now, and why it is not as posted."""
    unchanged = standing is None and held == before
    state = "unchanged" if unchanged else "indexed"
    told = {
        "id": id_,
        "articles": held.articles if held else 0,
        "paragraphs": held.paragraphs if held else 0,
        "unchanged": unchanged,
        "state": state,
    }
    if standing is None:
        return told
    told["state"] = "stale" if standing.stale else standing.state
    if standing.due:
        told["embargo"] = f"{standing.due:%Y-%m-%dT%H:%M:%SZ}"
    return told | {"version": standing.version} | ({"reason": standing.stale} if standing.stale else {})


def _names(document_id: str) -> Iterator[str]:
    yield document_id
    yield stable_id("document", f"id:{document_id}")
    yield stable_id("document", f"id:{unquote(document_id)}")
