"""The addresses below ``/api/v1/``: operations, the OpenAPI document, its page, and a problem for everything else."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, re_path
from ninja import NinjaAPI
from ninja.parser import Parser

from holdfast import __version__
from holdfast.api import errors
from holdfast.api.docs import docs_page, openapi_document, to_the_docs
from holdfast.api.frame import framed, unknown_address
from holdfast.api.routes import (
    audit,
    availability,
    bookings,
    businesses,
    catalog,
    changes,
    exports,
    holds,
    hours,
    letters,
    logos,
    members,
    messages,
    money,
    offers,
    privacy,
    ratings,
    requests,
    riders,
    slots,
    tables,
    templates,
    terms,
    together,
    tokens,
    verifications,
    waitlist,
    waitlist_board,
    webhooks,
)


class StrictParser(Parser):
    """JSON in UTF-8 as RFC 8259 has it: no NaN, no infinity."""

    def parse_body(self, request: HttpRequest) -> Any:
        return json.loads(request.body.decode("utf-8"), parse_constant=_no_number)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no JSON number")


api = NinjaAPI(
    title="Holdfast API",
    version=__version__,
    description="Find free times, hold and book them, and run a business's desk.",
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
    parser=StrictParser(),
)
errors.install(api)
# Django tries addresses in this order, so the busy ones come first.
for router in (
    availability.router,
    exports.router,  # before the address of one booking, which it would be taken for
    together.router,  # the same
    bookings.router,
    holds.router,
    waitlist.router,
    waitlist_board.router,
    offers.router,
    changes.router,
    tables.router,
    requests.router,
    riders.router,
    letters.router,
    ratings.router,
    templates.router,
    verifications.router,
    audit.router,
    messages.router,
    privacy.router,
    businesses.router,
    logos.router,
    members.router,
    money.router,
    tokens.router,
    webhooks.router,
    catalog.services,
    catalog.resources,
    terms.questions,
    terms.prices,
    hours.hours,
    hours.exceptions,
    slots.slots,
    slots.series,
):
    api.add_router("", router)


def _operations() -> list[URLPattern]:
    patterns = [
        pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern) and pattern.name != "api-root"
    ]
    for pattern in patterns:
        pattern.callback = framed(pattern.callback)
    return patterns


urlpatterns = [
    path("", to_the_docs, name="api"),
    path("openapi.json", framed(openapi_document), {"api": api}, name="api-openapi"),
    path("docs", docs_page, {"api": api}, name="api-docs"),
    *_operations(),
    re_path(r"^.*$", framed(unknown_address)),
]
