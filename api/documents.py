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
from api.context import current_ingests, current_settings
from api.posted import described, is_taken, read_posted
from api.problems import problem
from index.errors import DatelineError, InputError, NotFoundError
from index.ingests import RunNote
from index.model import Document, stable_id
from index.pipeline import Listener, Options, run
from index.readers import Outcome
from index.store import StoreWriter

log = logging.getLogger(__name__)
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

        The documents can be searched when the answer comes. Posting the same again changes nothing, and
        `unchanged` says so. What could not be taken is named with its reason and keeps nothing else
        out; 422 when nothing was taken, 415 for a type that is not read.
        """
        if request.content_length is None:
            raise LengthRequired("Send a Content-Length; a body without one is not read.")
        if not is_taken(request):
            return _not_read(request.mimetype)
        name = (request.headers.get("Content-Location") or "posted document")[:500]
        with current_ingests().note("HTTP", name, _unnoted) as noted:
            outcomes = list(read_posted(request, name))
            accepted, refused = _take(outcomes, noted)
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
        """Remove all articles of a document.

        The id is what adding it answered, or the record's own `id`.
        """
        settings = current_settings()
        with StoreWriter(settings.index, settings.wait, settings.memory) as store:
            if not any(store.delete(found) for found in _names(document_id) if found in store.held):
                raise NotFoundError("document", document_id)
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
        noted.failed(error)
        refused.append(error)

    if not documents:
        return [], refused
    settings = current_settings()
    options = Options(model=settings.model or None, cache=settings.index / "names.sqlite")
    with StoreWriter(settings.index, settings.wait, settings.memory) as store:
        noted.begin()
        before = {d.id: store.held.get(d.id) for d in documents}
        summary = run(documents, store, options, Listener(error=refuse))
        noted.progress(summary)
        accepted = [
            {
                "id": i,
                "articles": store.held[i].articles,
                "paragraphs": store.held[i].paragraphs,
                "unchanged": before.get(i) == store.held[i],
            }
            for i in dict.fromkeys(summary.ids)
        ]
    return accepted, refused


def _names(document_id: str) -> Iterator[str]:
    yield document_id
    yield stable_id("document", f"id:{document_id}")
    yield stable_id("document", f"id:{unquote(document_id)}")
