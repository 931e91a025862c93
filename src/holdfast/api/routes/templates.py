"""A signed-in customer's saved event details, which fill the request form (SPEC B5)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from holdfast.api.answers import create_once, no_content, read_answer, write, write_answer
from holdfast.api.auth import Caller, Door
from holdfast.api.operations import operation
from holdfast.api.paging import Cursor, Limit, page_in_memory
from holdfast.api.routes import caller_of
from holdfast.api.schemas.requests import (
    TemplateChange,
    TemplateList,
    TemplateNew,
    TemplateOut,
    show_template,
)
from holdfast.api.values import known_id
from holdfast.bookings import commands
from holdfast.bookings.queries.requests import template_by_id, templates_of
from holdfast.businesses.rules import Action
from holdfast.lib.pages import MAX_LIMIT
from holdfast.lib.refusals import Forbidden

router = Router(tags=["Templates"])
OWN = Door(Action.SEE_BOOKINGS, customers=True)


@operation(router, "GET", "/templates", door=OWN, answers={200: TemplateList})
def list_templates(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    cursor: Cursor = "",
    limit: Limit = MAX_LIMIT,
) -> HttpResponse:
    """The caller's own templates, the oldest first."""
    caller = caller_of(request)
    page = page_in_memory(
        templates_of(business_id=caller.business_id, account_id=_account(caller)),
        key=lambda template: (template.created_at, template.id),
        cursor=cursor,
        limit=limit,
    )
    items = [show_template(template) for template in page.items]
    return read_answer(request, write({"items": items, "next_cursor": page.next_cursor}))


@operation(router, "GET", "/templates/{template_id}", door=OWN, answers={200: TemplateOut})
def get_template(request: HttpRequest, slug: str, template_id: str) -> HttpResponse:  # noqa: ARG001
    """One of the caller's own templates."""
    caller = caller_of(request)
    template = template_by_id(
        business_id=caller.business_id,
        account_id=_account(caller),
        template_id=known_id(template_id, "template"),
    )
    return read_answer(request, write(show_template(template)))


@operation(
    router,
    "POST",
    "/templates",
    door=OWN,
    answers={201: TemplateOut},
    body=True,
    creates=True,
    conflicts=("too_many_templates",),
)
def create_template(request: HttpRequest, slug: str, body: TemplateNew) -> HttpResponse:  # noqa: ARG001
    """Keep event details under a name."""
    caller = caller_of(request)

    def create() -> str:
        template = commands.save_template(
            actor=caller.actor,
            business_id=caller.business_id,
            wanted=body.model_dump(exclude_unset=True),
            now=caller.now,
        )
        return write(show_template(template))

    return create_once(request, caller, create)


@operation(router, "PATCH", "/templates/{template_id}", door=OWN, answers={200: TemplateOut}, body=True)
def change_template(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    template_id: str,
    body: TemplateChange,
) -> HttpResponse:
    """Change parts of a template."""
    caller = caller_of(request)
    template = commands.change_template(
        actor=caller.actor,
        business_id=caller.business_id,
        template_id=known_id(template_id, "template"),
        wanted=body.model_dump(exclude_unset=True),
    )
    return write_answer(write(show_template(template)))


@operation(router, "DELETE", "/templates/{template_id}", door=OWN, answers={204: None})
def delete_template(request: HttpRequest, slug: str, template_id: str) -> HttpResponse:  # noqa: ARG001
    """Forget a template."""
    caller = caller_of(request)
    commands.delete_template(
        actor=caller.actor,
        business_id=caller.business_id,
        template_id=known_id(template_id, "template"),
    )
    return no_content()


def _account(caller: Caller) -> UUID:
    if caller.actor.account_id is None:
        raise Forbidden(action="keep_templates", needs="signed_in")
    return caller.actor.account_id
