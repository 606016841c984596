"""The OpenAPI description of the JSON interface, made from the very models that check requests and reports."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from analyzer import __version__
from analyzer.report import Report
from analyzer.serve.orders import Questions, TextRequest, size_in_words
from analyzer.serve.problems import ProblemDetails

_PROBLEMS = {
    400: "The request is malformed: not JSON, or not a form.",
    403: "A web page of another site sent the request.",
    408: "The request did not arrive within the time limit.",
    413: "The request is too large.",
    415: "The request is neither application/json nor multipart/form-data.",
    421: "The request names a host that this server does not go by.",
    422: "There is no document in it that can be read, or a field has a wrong value.",
    500: "An error in the analyzer itself, or a document that its parser died on.",
    503: "Too many documents at once: try again after the seconds in Retry-After; or the server is being stopped.",
    504: "The document takes longer than the time limit.",
}


def openapi(max_bytes: int) -> dict[str, Any]:
    """The description (OpenAPI 3.1) of a server that takes requests of up to `max_bytes`."""
    _, schemas = models_json_schema(
        [(TextRequest, "validation"), (Report, "serialization"), (ProblemDetails, "serialization")],
        ref_template="#/components/schemas/{model}",
    )
    operation = {
        "operationId": "analyze",
        "summary": "Analyse one document",
        "description": "What `Analyzer.analyze` and `Analyzer.analyze_file` do in Python: a text (JSON or a form) "
        f"or a file (in a form) goes in, its report comes out. A request may have {size_in_words(max_bytes)}.",
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/TextRequest"}},
                "multipart/form-data": {
                    "schema": _form_schema(),
                    "encoding": {"conclusions": {"style": "form", "explode": True}},
                },
            },
        },
        "responses": {
            "200": {
                "description": "The report.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Report"}}},
            },
            **{str(status): _problem(status, description) for status, description in _PROBLEMS.items()},
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Editorial analyzer", "version": __version__, "license": _LICENSE},
        "paths": {"/api/analyze": {"post": operation}},
        "components": {"schemas": schemas["$defs"]},
    }


_LICENSE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}


def _form_schema() -> dict[str, Any]:
    """The fields of a form: a text or a file, and the same questions as in JSON."""
    file = {
        "type": "string",
        "format": "binary",
        "description": "text, Markdown, HTML, mail, DOCX or PDF; known by its content, not its media type",
    }
    questions = Questions.model_json_schema()["properties"]
    text = TextRequest.model_json_schema()["properties"]["text"]
    return {
        "type": "object",
        "properties": {"text": text, "file": file, **questions},
        "oneOf": [{"required": ["text"]}, {"required": ["file"]}],
        "additionalProperties": False,
    }


def _problem(status: int, description: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    response: dict[str, Any] = {"description": description, "content": content}
    if status == 503:
        response["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}}
    return response
