"""The OpenAPI 3.1 document and the page that shows it: rendered here, with nothing from elsewhere."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe
from ninja import NinjaAPI

from holdfast.api.answers import PUBLIC, read_answer
from holdfast.api.schemas.problem import Problem
from holdfast.api.sentences import FIELDS, PROBLEMS

PREFIX = "/api/v1/"
METHODS = ("get", "post", "put", "patch", "delete")


@cache
def openapi(api: NinjaAPI) -> dict[str, Any]:
    """The whole document, worked out once."""
    document: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix=PREFIX)))
    components = document["components"]
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components["schemas"] |= problem.pop("$defs", {}) | {"Problem": problem}
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "An API token, `hf_…`."},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "A signed-in browser; writes also need the `X-CSRFToken` header.",
        },
        "personal": {
            "type": "apiKey",
            "in": "query",
            "name": "token",
            "description": "What a customer was given: the `token` of a hold or of an entry of the waitlist, the last"
            " segment of a `manage_url`.",
        },
    }
    document["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    document["servers"] = [{"url": "/"}]
    for path in document["paths"].values():
        for method in METHODS:
            if method in path:
                _settle(path[method])
    return document


@cache
def _document_text(api: NinjaAPI) -> str:
    return json.dumps(openapi(api), ensure_ascii=False, separators=(",", ":"))


@require_safe
def openapi_document(request: HttpRequest, api: NinjaAPI) -> HttpResponse:
    """``openapi.json``."""
    return read_answer(request, _document_text(api), cache=PUBLIC)


@require_safe
def docs_page(request: HttpRequest, api: NinjaAPI) -> HttpResponse:
    """The document as a page for people."""
    document = openapi(api)
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in document["paths"].items():
        for method in METHODS:
            if method in operations:
                operation = operations[method]
                shown = _operation(document, method, path, operation)
                groups.setdefault(operation["tags"][0], []).append(shown)
    context = {
        "version": document["info"]["version"],
        "base_url": settings.BASE_URL,
        "groups": [(_anchor(name), name, operations) for name, operations in groups.items()],
        "problems": [(code, title, detail) for code, (title, detail) in sorted(PROBLEMS.items())],
        "fields": sorted(FIELDS.items()),
    }
    return render(request, "api/docs.html", context)


@require_safe
def to_the_docs(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Whoever opens the bare address is shown the way."""
    return HttpResponseRedirect(reverse("api-docs"))


def _settle(operation: dict[str, Any]) -> None:
    """Declare what ninja leaves out: what an ETag is, and that a path's parts are not empty."""
    for parameter in operation["parameters"]:
        parameter.pop("examples", None)  # a list belongs into the schema, where it is already
        if parameter["in"] == "path":
            parameter["schema"] = {"type": "string", "minLength": 1}
    if "304" in operation["responses"]:
        operation["responses"]["200"]["headers"] = {"ETag": {"schema": {"type": "string"}}}


def _operation(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    success = next(status for status in operation["responses"] if status.startswith("2"))
    answer = operation["responses"][success].get("content", {}).get("application/json", {}).get("schema")
    parameters = [
        {
            "name": parameter["name"],
            "where": parameter["in"],
            "required": parameter["required"],
            "type": _type(parameter["schema"]),
            "description": _marked_up(parameter.get("description", "")),
        }
        for parameter in operation["parameters"]
    ]
    return {
        "anchor": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": _marked_up(operation["summary"]),
        "description": [_marked_up(part) for part in operation.get("description", "").split("\n\n") if part],
        "parameters": parameters,
        "body": _fields(document, body) if body else [],
        "answer": _fields(document, answer) if answer else [],
        "status": success,
        "refusals": [
            (status, _marked_up(response["description"]))
            for status, response in sorted(operation["responses"].items())
            if status >= "400"
        ],
        "example": _example(document, method, path, operation, body),
    }


def _fields(document: dict[str, Any], schema: dict[str, Any], prefix: str = "") -> list[dict[str, Any]]:
    """The members of an object, those of objects within it under dotted names."""
    schema = _resolved(document, schema)
    required = set(schema.get("required", ()))
    rows: list[dict[str, Any]] = []
    for name, member in schema.get("properties", {}).items():
        inner = _resolved(document, member)
        rows.append(
            {
                "name": f"{prefix}{name}",
                "required": name in required,
                "type": _type(inner),
                "description": _marked_up(member.get("description", "")),
            }
        )
        item = _resolved(document, inner["items"]) if inner.get("type") == "array" else inner
        if "properties" in item:
            mark = "[]." if item is not inner else "."
            rows += _fields(document, item, f"{prefix}{name}{mark}")
    return rows


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema behind references and ``or null``."""
    if "$ref" in schema:
        found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    if len(choices) == 1:
        return {**_resolved(document, choices[0]), "nullable": len(schema["anyOf"]) > 1}
    return schema


def _type(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " | ".join(_type(choice) for choice in schema["anyOf"])
    kind = schema.get("type", "object")
    if "enum" in schema:
        text = " | ".join(str(value) for value in schema["enum"])
    elif kind == "array":
        text = f"[{_type(schema['items'])}]"
    else:
        text = schema.get("format", kind)
    if "minimum" in schema and "maximum" in schema:
        text += f" {schema['minimum']}–{schema['maximum']}"
    return f"{text} | null" if schema.get("nullable") else text


def _example(
    document: dict[str, Any], method: str, path: str, operation: dict[str, Any], body: dict[str, Any] | None
) -> str:
    """The call as a curl command, with what is required."""
    query = "&".join(
        f"{parameter['name']}={_sample(parameter['schema'], parameter['name'])}"
        for parameter in operation["parameters"]
        if parameter["in"] == "query" and parameter["required"]
    )
    address = f"{settings.BASE_URL}{path}" + (f"?{query}" if query else "")
    lines = [f"curl '{address}'" if method == "get" else f"curl -X {method.upper()} '{address}'"]
    if {} not in operation["security"]:
        lines.append("-H 'Authorization: Bearer hf_…'")
    if body and (sample := _sample_body(document, body)):
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d '{json.dumps(sample, ensure_ascii=False)}'")
    return " \\\n  ".join(lines)


def _sample_body(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    schema = _resolved(document, schema)
    if schema.get("examples"):
        example: dict[str, Any] = schema["examples"][0]
        return example
    named = schema.get("required") or list(schema.get("properties", {}))[:1]
    sample: dict[str, Any] = {}
    for name in named:
        member = _resolved(document, schema["properties"][name])
        sample[name] = _sample_body(document, member) if "properties" in member else _sample(member, name)
    return sample


def _sample(schema: dict[str, Any], name: str) -> Any:
    schema = next((choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"), schema)
    if schema.get("examples"):
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    samples: dict[str, Any] = {"integer": schema.get("minimum", 1), "boolean": True, "array": []}
    return samples.get(schema.get("type", ""), f"{{{name}}}")


def _marked_up(text: str) -> SafeString:
    """Text with what stands between backquotes as code."""
    parts = [
        format_html("<code>{}</code>" if index % 2 else "{}", part)
        for index, part in enumerate(text.split("`"))
    ]
    return SafeString("".join(parts))


def _anchor(name: str) -> str:
    return name.lower().replace(" ", "-")
