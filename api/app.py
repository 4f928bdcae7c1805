"""The Flask application: one engine, the API, the pages, and what every answer carries."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Any

import swagger_ui
from flask import Flask, render_template, request
from flask.json.provider import DefaultJSONProvider
from flask_compress import Compress
from werkzeug.exceptions import RequestURITooLarge
from werkzeug.routing import IntegerConverter, Map

# These add the guard, the pages and the forms to the desk.
from api import (  # noqa: F401
    access,
    alert_feeds,
    alerting,
    articles_page,
    auditing,
    cards,
    desk_alerts,
    desk_entry,
    desk_forms,
    desk_frame,
    desk_searches,
    documents,
    editing,
    embed,
    entry,
    health,
    ingesting,
    mcp_http,
    opensearch,
    origins,
    out,
    problems,
    saving,
    searching,
    slack_command,
    unsubscribing,
)
from api.assets import STATIC, Assets
from api.context import KEY, current_settings
from api.counters import counters
from api.description import describe
from api.desk import Desk
from api.notifying import Alerts, saved_names
from api.options import archive_of, engine_of
from api.replays import Seen
from api.schemas import MAX_NUMBER
from api.settings import Settings
from api.streaming import Places
from index.audit import AuditLog
from index.ingests import IngestLog
from index.keys import Keys
from index.saved import SavedSearches
from search.engine import Engine

_LARGEST_FORM = 512 * 1024  # bytes
_FORM = "application/x-www-form-urlencoded"
_DOCS = "/api/v1/docs"
_DOCS_ASSETS = Path(swagger_ui.__file__).parent / "static"
_DOCS_FILES = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")


class ShallowJSON(DefaultJSONProvider):
    """JSON as it is posted: what is nested too deeply for the parser is malformed, and no failure of ours."""

    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read it."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:
            raise ValueError("it is nested too deeply") from error


class LogNumber(IntegerConverter):
    """A number in an address: none is larger than databases keep."""

    def __init__(self, map: Map, *args: Any, **kwargs: Any) -> None:
        super().__init__(map, *args, **{"max": MAX_NUMBER, **kwargs})


def create_app(settings: Settings | None = None, engine: Engine | None = None) -> Flask:
    """Make the application.

    Args:
        settings: read from the environment when left out.
        engine: of the settings' index when left out; it may have no index yet.
    """
    settings = settings or Settings.from_env()
    app = Flask("api", root_path=str(Path(__file__).parent), static_folder=None)
    app.config.update(_configuration(settings))
    app.url_map.converters["int"] = LogNumber
    app.json = ShallowJSON(app)
    engine = engine or engine_of(settings)
    archive = archive_of(settings)
    desk, ingests = Desk(engine, archive), IngestLog(archive)
    app.extensions[KEY] = {
        "settings": settings, "engine": engine, "archive": archive, "desk": desk, "ingests": ingests,
        "keys": Keys(archive), "audit": AuditLog(archive), "counters": counters(),
        "alerts": Alerts(settings, archive, saved_names(archive)), "places": Places(), "seen": Seen(),
        "saved": SavedSearches(archive),
    }  # fmt: skip
    described = describe(app, settings)
    described.register_blueprint(searching.blueprint)
    described.register_blueprint(documents.blueprint)
    described.register_blueprint(editing.blueprint)
    described.register_blueprint(ingesting.blueprint)
    described.register_blueprint(alerting.blueprint)
    described.register_blueprint(saving.blueprint)
    described.register_blueprint(auditing.blueprint)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(articles_page.blueprint)
    app.register_blueprint(cards.blueprint)
    app.register_blueprint(embed.blueprint)
    app.register_blueprint(desk_frame.blueprint)
    app.register_blueprint(unsubscribing.blueprint)
    app.register_blueprint(mcp_http.blueprint)
    app.register_blueprint(out.blueprint)
    app.register_blueprint(alert_feeds.blueprint)
    app.register_blueprint(opensearch.blueprint)
    app.register_blueprint(slack_command.blueprint)
    assets = Assets(app)
    assets.serve("static", "/static/<path:filename>", STATIC)
    _serve_docs(app, assets)
    problems.register(app)
    health.count_requests(app)
    access.register(app)
    entry.register(app)
    auditing.register(app)
    app.before_request(_refuse_long_requests)
    origins.register(app)
    Compress(app)
    return app


def _configuration(settings: Settings) -> dict[str, object]:
    return {
        "MAX_CONTENT_LENGTH": settings.max_body,
        # Forms of the desk: a merge of 1,000 names is one; files are sent to no form.
        "MAX_FORM_PARTS": 2_000,
        "MAX_FORM_MEMORY_SIZE": min(settings.max_body, _LARGEST_FORM),
        "API_TITLE": "Dateline",
        "API_VERSION": metadata.version("dateline"),
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": "/api/v1",
        "OPENAPI_JSON_PATH": "openapi.json",
        "OPENAPI_SWAGGER_UI_PATH": None,
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_MIMETYPES": [
            "text/html", "text/css", "text/plain", "application/json", "application/problem+json",
            "application/javascript", "text/javascript", "image/svg+xml",
            "application/atom+xml", "application/rss+xml", "application/feed+json",
            "application/opensearchdescription+xml", "application/x-suggestions+json",
        ],
        # Answers are small: the fast levels cost a tenth of the time and little size.
        "COMPRESS_BR_LEVEL": 4,
        "COMPRESS_LEVEL": 5,
        "COMPRESS_MIN_SIZE": 512,
        # What is sent in pieces is compressed where it is made (`streaming`), without the request at hand.
        "COMPRESS_STREAMS": False,
    }  # fmt: skip


def _serve_docs(app: Flask, assets: Assets) -> None:
    def docs() -> str:
        return render_template("docs.html")

    app.add_url_rule(_DOCS, "docs", docs)
    assets.serve("docs_asset", f"{_DOCS}/<name>", _DOCS_ASSETS, _DOCS_FILES)
    app.add_url_rule("/api/v1/problems/<kind>", "problem_type", problems.explain)


def _refuse_long_requests() -> None:
    settings = current_settings()
    if request.mimetype == _FORM and not request.path.startswith("/api/"):
        # Werkzeug's own limit of a form is for those in parts alone.
        request.max_content_length = min(settings.max_body, _LARGEST_FORM)
    if len(request.query_string) > settings.max_url:
        raise RequestURITooLarge(f"The query string is longer than {settings.max_url} characters.")
