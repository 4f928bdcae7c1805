"""The Flask application: one engine, the API, the pages, and what every answer carries."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import swagger_ui
from flask import Flask, render_template, request
from flask_compress import Compress
from flask_smorest import Api
from werkzeug.exceptions import RequestURITooLarge

# These add the guard, the pages and the forms to the desk.
from api import (  # noqa: F401
    alerting,
    articles_page,
    cards,
    desk_alerts,
    desk_entry,
    desk_forms,
    desk_frame,
    documents,
    editing,
    embed,
    health,
    ingesting,
    mcp_http,
    opensearch,
    origins,
    out,
    problems,
    searching,
    slack_command,
    unsubscribing,
)
from api.assets import STATIC, Assets
from api.context import KEY, current_settings
from api.desk import Desk
from api.notifying import Alerts, saved_names
from api.options import archive_of, engine_of
from api.replays import Seen
from api.settings import Settings
from api.streaming import Places
from index.ingests import IngestLog
from search.engine import Engine

_DOCS = "/api/v1/docs"
_DOCS_ASSETS = Path(swagger_ui.__file__).parent / "static"
_DOCS_FILES = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")


def create_app(settings: Settings | None = None, engine: Engine | None = None) -> Flask:
    """Make the application.

    Args:
        settings: read from the environment when left out.
        engine: of the settings' index when left out; it may have no index yet.
    """
    settings = settings or Settings.from_env()
    app = Flask("api", root_path=str(Path(__file__).parent), static_folder=None)
    app.config.update(_configuration(settings))
    app.json.sort_keys = False  # type: ignore[attr-defined]
    engine = engine or engine_of(settings)
    archive = archive_of(settings)
    desk, ingests = Desk(engine, archive), IngestLog(archive)
    app.extensions[KEY] = {"settings": settings, "engine": engine, "desk": desk, "ingests": ingests}
    app.extensions[KEY]["alerts"] = Alerts(settings, archive, saved_names(archive))
    app.extensions[KEY] |= {"places": Places(), "seen": Seen()}
    described = Api(app)
    described.spec.components.security_scheme(
        "ApiKey", {"type": "apiKey", "in": "header", "name": "X-API-Key"}
    )
    described.spec.components.security_scheme("Bearer", {"type": "http", "scheme": "bearer"})
    described.register_blueprint(searching.blueprint)
    described.register_blueprint(documents.blueprint)
    described.register_blueprint(editing.blueprint)
    described.register_blueprint(ingesting.blueprint)
    described.register_blueprint(alerting.blueprint)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(articles_page.blueprint)
    app.register_blueprint(cards.blueprint)
    app.register_blueprint(embed.blueprint)
    app.register_blueprint(desk_frame.blueprint)
    app.register_blueprint(unsubscribing.blueprint)
    app.register_blueprint(mcp_http.blueprint)
    app.register_blueprint(out.blueprint)
    app.register_blueprint(opensearch.blueprint)
    app.register_blueprint(slack_command.blueprint)
    assets = Assets(app)
    assets.serve("static", "/static/<path:filename>", STATIC)
    _serve_docs(app, assets)
    problems.register(app)
    health.count_requests(app)
    app.before_request(_refuse_long_address)
    origins.register(app)
    Compress(app)
    return app


def _configuration(settings: Settings) -> dict[str, object]:
    return {
        "MAX_CONTENT_LENGTH": settings.max_body,
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


def _refuse_long_address() -> None:
    settings = current_settings()
    if len(request.query_string) > settings.max_url:
        raise RequestURITooLarge(f"The query string is longer than {settings.max_url} characters.")
