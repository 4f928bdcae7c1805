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
from api.context import current_ingests, current_settings
from api.problems import problem
from index.errors import DatelineError, InputError, NotFoundError
from index.ingests import RunNote
from index.model import Document, stable_id
from index.pipeline import Listener, Options, run
from index.readers import Outcome, read_bytes
from index.store import StoreWriter

log = logging.getLogger(__name__)
blueprint = Blueprint("documents", __name__, url_prefix="/api/v1", description="Writing to the index.")


@blueprint.route("/documents")
class Documents(MethodView):
    """Documents as a whole."""

    @blueprint.doc(
        summary="Add or replace documents",
        operationId="add_documents",
        requestBody={
            "required": True,
            "content": {
                "application/json": {"schema": {"type": ["object", "array"]}},
                "application/x-ndjson": {"schema": {"type": "string"}},
                "text/html": {"schema": {"type": "string"}},
                "text/plain": {"schema": {"type": "string"}},
            },
        },
        **KEY_NEEDED,
    )
    @blueprint.response(200, answers.IngestSchema)
    @needs("write")
    def post(self) -> Response:
        """Index the body: a JSON record or an array of them, JSON lines, HTML or plain text.

        The documents can be searched when the answer comes. What could not be taken is
        named with its reason and keeps nothing else out; 422 when nothing was taken.
        """
        if request.content_length is None:
            raise LengthRequired("Send a Content-Length; a body without one is not read.")
        name = (request.headers.get("Content-Location") or "posted document")[:500]
        with current_ingests().note("HTTP", name, _unnoted) as noted:
            outcomes = list(read_bytes(request.get_data(cache=False), name, request.mimetype or None))
            accepted, refused = _take(outcomes, noted)
        wrote(*(one["id"] for one in accepted))
        if not accepted:
            reasons = [{"source": e.source, "reason": e.reason} for e in refused]
            return problem(
                422,
                "nothing-taken",
                "Nothing taken",
                "No document of the body could be indexed.",
                refused=reasons,
            )
        body = {
            "accepted": accepted,
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
