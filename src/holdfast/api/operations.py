"""One way to declare an operation: its door, its answer, and every refusal it can give, for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from ninja import Router

from holdfast.api.auth import KEY_HEADER, SAFE, Door
from holdfast.api.sentences import PROBLEMS
from holdfast.businesses.rules import PERMISSIONS

View = TypeVar("View", bound=Callable[..., Any])

PROBLEM_REF = {"$ref": "#/components/schemas/Problem"}
IDEMPOTENCY_KEY = {
    "name": KEY_HEADER,
    "in": "header",
    "required": False,
    "description": "Your own name for this call, best a UUID. A repeat within 24 hours gets the first answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag you last saw, or several. If the booking has none of them now, the answer is 409"
    " `changed_meanwhile`.",
    "schema": {"type": "string", "maxLength": 400, "pattern": "^[ -~]*$"},
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag you have. If nothing changed, the answer is 304 without a body.",
    "schema": {"type": "string", "maxLength": 200, "pattern": "^[ -~]*$"},
}


def operation(
    router: Router,
    method: str,
    path: str,
    *,
    door: Door,
    answers: dict[int, Any],
    body: bool = False,
    creates: bool = False,
    conflicts: tuple[str, ...] = (),
    matches: bool = False,
    files: tuple[str, ...] = (),
    pictures: tuple[str, ...] = (),
) -> Callable[[View], View]:
    """Declare an operation of the business at ``/businesses/{slug}`` followed by ``path``.

    ``body``: it reads one. ``creates``: it takes an Idempotency-Key. ``matches``: it takes If-Match. ``conflicts``:
    the codes of its 409. ``files``: the media types of a file that is its answer; ``pictures``: of one that is its body.
    """

    def declare(view: View) -> View:
        summary, _, description = (view.__doc__ or "").strip().partition("\n")
        responses = _refusals(door, method, body=body or creates, conflicts=conflicts)
        if files:
            responses.pop("304", None)
            responses["200"] = _file(files)
        extra = {
            "responses": responses,
            "parameters": _headers("" if files else method, creates=creates, matches=matches),
            "security": _security(door),
        }
        if pictures:
            extra["requestBody"] = {"required": True, "content": _binary(pictures)}
        declared: View = router.api_operation(
            [method],
            f"/businesses/{{slug}}{path}",
            auth=door.to_create() if creates else door,
            response=answers,
            by_alias=True,
            operation_id=view.__name__,
            summary=summary.rstrip("."),
            description=_description(door, description),
            openapi_extra=extra,
        )(view)
        return declared

    return declare


def _headers(method: str, *, creates: bool, matches: bool) -> list[dict[str, Any]]:
    chosen = []
    if method == "GET":
        chosen.append(IF_NONE_MATCH)
    if creates:
        chosen.append(IDEMPOTENCY_KEY)
    if matches:
        chosen.append(IF_MATCH)
    return [dict(parameter) for parameter in chosen]


def _refusals(door: Door, method: str, *, body: bool, conflicts: tuple[str, ...]) -> dict[str, Any]:
    writes = method not in SAFE
    chosen = {401, 404, 503}
    if writes or not door.is_public:
        chosen |= {403, 429}
    if body:
        chosen |= {400, 413}
    if writes or method == "GET":
        chosen.add(422)
    if conflicts:
        chosen.add(409)
    responses: dict[str, Any] = {str(status): _refusal(status) for status in sorted(chosen)}
    if method == "GET":
        responses["304"] = {"description": HTTPStatus.NOT_MODIFIED.phrase}
    if conflicts:
        responses["409"]["description"] += ": " + ", ".join(f"`{code}`" for code in conflicts)
    assert all(code in PROBLEMS for code in conflicts), "a conflict without words"
    return responses


def _file(media_types: tuple[str, ...]) -> dict[str, Any]:
    content = _binary(media_types)
    name = {"schema": {"type": "string"}, "description": "The name to save it under."}
    return {"description": "The file", "content": content, "headers": {"Content-Disposition": name}}


def _binary(media_types: tuple[str, ...]) -> dict[str, Any]:
    return {name: {"schema": {"type": "string", "contentMediaType": name}} for name in media_types}


def _refusal(status: int) -> dict[str, Any]:
    return {
        "description": HTTPStatus(status).phrase,
        "content": {"application/problem+json": {"schema": dict(PROBLEM_REF)}},
    }


def _security(door: Door) -> list[dict[str, list[str]]]:
    known: list[dict[str, list[str]]] = [{"token": []}, {"session": []}]
    if door.personal:
        known.append({"personal": []})
    return [{}, *known] if door.is_public else known


def _description(door: Door, description: str) -> str:
    least = PERMISSIONS[door.action]
    who = "anyone" if door.is_public else f"{least} or above"
    if door.customers:
        who += "; customers see their own"
    if door.personal:
        who += "; whoever holds it, by its personal token or signed in"
    told = " ".join(description.split())
    return f"{told}\n\nFor: {who}.".strip() if told else f"For: {who}."
