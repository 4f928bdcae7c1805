"""What does the OpenAPI description say of every operation? Its errors, quotas, examples, and who may ask.

A plugin of apispec, which is asked about each operation after the schemas were written into it.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from apispec import APISpec, BasePlugin
from flask import Flask
from flask_smorest import Api

from api.examples import EXAMPLES, Example, answer_to, recorded, resolved
from api.problems import MEDIA_TYPE
from api.schemas import CalendarDay, FacetNames
from api.settings import Settings

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "An error (RFC 9457). Its type is an address that says what it means.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "example": "/api/v1/problems/bad-parameters"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "Of `bad-parameters`: each of them, and what is wrong with it.",
            "items": {
                "type": "object",
                "required": ["parameter", "detail"],
                "properties": {"parameter": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
        "refused": {
            "type": "array",
            "description": "Of `nothing-taken`: what was sent, and why it was not taken.",
            "items": {
                "type": "object",
                "required": ["source", "reason"],
                "properties": {"source": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
        "violated-policies": {"type": "array", "items": {"type": "string"}},
    },
}
_SECURITY = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "Bearer": {"type": "http", "scheme": "bearer"},
    "Basic": {"type": "http", "scheme": "basic", "description": "The key as password; for reading alone."},
}
_FIELDS = {
    "RateLimit-Policy": "The quota: `q` requests within `w` seconds; absent where there is none.",
    "RateLimit": "What is left of it: `r` requests, until it is new in `t` seconds.",
}


def describe(app: Flask, settings: Settings) -> Api:
    """The description of an application, to which its blueprints are then added."""
    made = Api(app, spec_kwargs={"extra_plugins": [_Conventions(settings)]})
    components = made.spec.components
    for name, scheme in _SECURITY.items():
        components.security_scheme(name, scheme)
    components.schema("Problem", PROBLEM)
    for name, text in _FIELDS.items():
        components.header(name, {"description": text, "schema": {"type": "string"}})
    made.register_field(CalendarDay, "string", None)
    made.register_field(FacetNames, "string", None)
    return made


class _Conventions(BasePlugin):
    """What all operations have in common, so that none has to say it."""

    def __init__(self, settings: Settings) -> None:
        self._closed = settings.reading == "closed"
        self._of_path: list[dict[str, Any]] = []

    def init_spec(self, spec: APISpec) -> None:
        """Nothing is needed of it."""

    def path_helper(
        self,
        path: str | None = None,
        operations: dict[Any, Any] | None = None,
        parameters: list[dict[Any, Any]] | None = None,
        **_: Any,
    ) -> None:
        """Keep what Flask's rule says of the path's parameters, to put examples beside it."""
        del path, operations
        self._of_path = parameters if parameters is not None else []

    def operation_helper(
        self, path: str | None = None, operations: dict[Any, Any] | None = None, **_: Any
    ) -> None:
        """Write into the operations of a path what holds for all."""
        for told in (operations or {}).values():
            if self._closed and "security" not in told:
                told["security"] = [{name: []} for name in _SECURITY]
            for parameter in told.get("parameters", ()):
                _never_null(parameter)
            for media_type, content in told.get("requestBody", {}).get("content", {}).items():
                if "json" not in media_type and content.get("schema") == {"type": "string"}:
                    content["schema"] = {}  # whatever is sent is one: no body breaks it
            _fail(told, path or "")
            for example in EXAMPLES:
                if example.operation == told.get("operationId"):
                    _show(told, example, self._of_path)


def _never_null(parameter: dict[str, Any]) -> None:
    """A parameter of a query can be left out and cannot be null."""
    schema = parameter.get("schema", {})
    if isinstance(schema.get("type"), list):
        (schema["type"],) = (t for t in schema["type"] if t != "null")
    if "enum" in schema:
        schema["enum"] = [value for value in schema["enum"] if value is not None]
    if schema.get("default", "") is None:
        del schema["default"]


def _fail(told: dict[str, Any], path: str) -> None:
    """Which errors it may answer with; each is a problem."""
    statuses = {400, 429, 503}
    statuses |= {401, 403} if "security" in told else set()
    statuses |= {404} if "{" in path else set()
    statuses |= {411, 413, 415, 422} if "requestBody" in told else set()
    responses = told.setdefault("responses", {})
    for answer in responses.values():
        if not isinstance(answer, str):  # a reference
            named = {name: {"$ref": f"#/components/headers/{name}"} for name in _FIELDS}
            answer["headers"] = {**named, **answer.get("headers", {})}
    for status in sorted(statuses):
        responses.setdefault(str(status), _problem(HTTPStatus(status).phrase))
    responses["default"] = _problem("Any other error")


def _problem(words: str) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": words, "content": content}


def _show(told: dict[str, Any], example: Example, of_path: list[dict[str, Any]]) -> None:
    """Write an example beside the parameters, the body and the answer that it is of."""
    rest = resolved(dict(example.given), recorded)
    for parameter in told.get("parameters", ()):
        if parameter["name"] in rest:
            parameter.setdefault("examples", {})[example.name] = {"value": rest.pop(parameter["name"])}
    for parameter in of_path:
        if parameter["name"] in rest:
            value = {"value": rest.pop(parameter["name"])}
            told.setdefault("parameters", []).append({**parameter, "examples": {example.name: value}})
    if rest:
        raise ValueError(f"the example {example} names parameters that there are not: {[*rest]}")
    if example.body is not None:
        content = told["requestBody"]["content"][example.media_type]
        content.setdefault("examples", {})[example.name] = {"value": resolved(example.body, recorded)}
    answer = answer_to(example)
    if answer is not None:
        status = next(status for status in told["responses"] if str(status).startswith("2"))
        for media_type, content in told["responses"][status].get("content", {}).items():
            if "json" in media_type or not isinstance(answer, dict):
                content.setdefault("examples", {})[example.name] = {"value": answer}
