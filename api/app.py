"""The Flask application: one engine, the API, the pages, and what every answer carries."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import swagger_ui
from flask import Flask, Response, abort, request, send_from_directory
from flask_compress import Compress
from flask_smorest import Api
from werkzeug.exceptions import RequestURITooLarge

from api import cards, documents, editing, health, pages, problems, searching
from api.caching import FOR_EVER
from api.context import KEY, current_settings
from api.desk import Desk
from api.options import archive_of, engine_of
from api.settings import Settings
from search.engine import Engine

# No inline script or style anywhere; Swagger UI needs inline styles and data images.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
DOCS_POLICY = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
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
    app = Flask("api", root_path=str(Path(__file__).parent))
    app.config.update(_configuration(settings))
    app.json.sort_keys = False  # type: ignore[attr-defined]
    engine = engine or engine_of(settings)
    desk = Desk(engine, archive_of(settings))
    app.extensions[KEY] = {"settings": settings, "engine": engine, "desk": desk}
    described = Api(app)
    described.spec.components.security_scheme(
        "ApiKey", {"type": "apiKey", "in": "header", "name": "X-API-Key"}
    )
    described.spec.components.security_scheme("Bearer", {"type": "http", "scheme": "bearer"})
    described.register_blueprint(searching.blueprint)
    described.register_blueprint(documents.blueprint)
    described.register_blueprint(editing.blueprint)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(cards.blueprint)
    _serve_docs(app)
    problems.register(app)
    health.count_requests(app)
    app.before_request(_refuse_long_address)
    app.after_request(_with_security_headers)
    app.after_request(_kept_by_content)
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
        ],
        # Answers are small: the fast levels cost a tenth of the time and little size.
        "COMPRESS_BR_LEVEL": 4,
        "COMPRESS_LEVEL": 5,
        "COMPRESS_MIN_SIZE": 512,
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
    }  # fmt: skip


def _serve_docs(app: Flask) -> None:
    def docs() -> str:
        return app.jinja_env.get_template("docs.html").render()

    def asset(name: str) -> Response:
        if name not in _DOCS_FILES:
            abort(404)
        return send_from_directory(_DOCS_ASSETS, name)

    app.add_url_rule(_DOCS, "docs", docs)
    app.add_url_rule(f"{_DOCS}/<name>", "docs_asset", asset)
    app.add_url_rule("/api/v1/problems/<kind>", "problem_type", problems.explain)


def _refuse_long_address() -> None:
    settings = current_settings()
    if len(request.query_string) > settings.max_url:
        raise RequestURITooLarge(f"The query string is longer than {settings.max_url} characters.")


def _with_security_headers(answer: Response) -> Response:
    policy = DOCS_POLICY if request.path.startswith(_DOCS) else POLICY
    answer.headers.setdefault("Content-Security-Policy", policy)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    answer.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    return answer


def _kept_by_content(answer: Response) -> Response:
    # `pages.asset` puts a digest of the content into the address: other content, other address.
    if request.endpoint == "static" and "v" in request.args and answer.status_code in (200, 206, 304):
        answer.headers["Cache-Control"] = FOR_EVER
    return answer
