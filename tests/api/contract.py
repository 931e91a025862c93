"""Every answer the API tests see is held against openapi.json: documented status, media type and shape, no stray field."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import jsonschema_rs
from django.http import HttpResponse

from holdfast.api.docs import METHODS, openapi
from holdfast.api.urls import api

# Anybody can get these at any address, whatever the operation.
EVERYWHERE = {405}


@cache
def document() -> dict[str, Any]:
    """The document, with what the API sends closed: a field that is not described fails."""
    closed: dict[str, Any] = json.loads(json.dumps(openapi(api)))
    for name, schema in closed["components"]["schemas"].items():
        if name.endswith(("Out", "List", "Explanation", "DatedWindow")):
            schema["additionalProperties"] = False
    return closed


@cache
def _addresses() -> list[tuple[re.Pattern[str], str]]:
    # The more literal address first: /availability/explain before /availability/{…}.
    paths = sorted(document()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"{\w+}", "[^/]+", path)), path) for path in paths]


@cache
def _validator(promised: str) -> Any:
    schema = json.loads(promised) | {"components": document()["components"]}
    return jsonschema_rs.validator_for(schema, validate_formats=True)


def hold_to_contract(method: str, path: str, response: HttpResponse) -> None:
    """Fail if the answer is not what openapi.json promises for this operation."""
    template = next((known for pattern, known in _addresses() if pattern.fullmatch(path)), None)
    if template is None or method.lower() not in METHODS or response.status_code in EVERYWHERE:
        return
    operation = document()["paths"][template].get(method.lower())
    if operation is None:
        return
    answers = operation["responses"]
    assert str(response.status_code) in answers, (
        f"{method} {template}: {response.status_code} is not documented"
    )
    content = answers[str(response.status_code)].get("content")
    if content is None:
        assert response.content == b""
        return
    media_type = response.headers["Content-Type"]
    assert media_type in content, f"{method} {template}: {media_type} is not documented"
    if "contentMediaType" in content[media_type]["schema"]:
        return  # a file, which its own tests read
    _validator(json.dumps(content[media_type]["schema"])).validate(json.loads(response.content))
