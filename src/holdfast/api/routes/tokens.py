"""Tokens: the keys of programs, made, replaced and revoked (SPEC J4)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from holdfast.accounts.commands import NewToken
from holdfast.accounts.queries import token_of, tokens_of
from holdfast.api.answers import no_content, read_answer, write, write_answer
from holdfast.api.auth import Caller, Door
from holdfast.api.operations import operation
from holdfast.api.paging import Cursor, Limit, page_in_memory
from holdfast.api.routes import caller_of
from holdfast.api.schemas.members import TokenList, TokenMade, TokenNew, TokenRotation, show_token
from holdfast.api.values import known_id
from holdfast.businesses import commands
from holdfast.businesses.rules import Action
from holdfast.lib.pages import MAX_LIMIT

router = Router(tags=["Tokens"])
CHANGE = Door(Action.CHANGE_TOKENS)


@operation(router, "GET", "/tokens", door=CHANGE, answers={200: TokenList})
def list_tokens(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    cursor: Cursor = "",
    limit: Limit = MAX_LIMIT,
) -> HttpResponse:
    """The tokens that work now, in the order in which they were made, continued by `next_cursor`. Secrets are not kept."""
    caller = caller_of(request)
    page = page_in_memory(
        tokens_of(business_id=caller.business_id, now=caller.now),
        key=lambda token: (token.created_at, token.id),
        cursor=cursor,
        limit=limit,
    )
    items = [show_token(token) for token in page.items]
    return read_answer(request, write({"items": items, "next_cursor": page.next_cursor}))


# No Idempotency-Key: the answer of a repeat would have to be kept, and the secret is not.
@operation(router, "POST", "/tokens", door=CHANGE, answers={201: TokenMade}, body=True)
def create_token(request: HttpRequest, slug: str, body: TokenNew) -> HttpResponse:  # noqa: ARG001
    """Make a token. The answer has its `secret`, this once. Who asks with a token of limited scopes can pass on no more
    than those."""
    caller = caller_of(request)
    made = commands.issue_token(
        actor=caller.actor,
        business_id=caller.business_id,
        role=body.role,
        name=body.name,
        scopes=body.scopes,
        expires_at=body.expires_at,
        granted=caller.scopes,
        now=caller.now,
    )
    return _made(caller, made)


@operation(router, "POST", "/tokens/{token_id}/rotate", door=CHANGE, answers={201: TokenMade}, body=True)
def rotate_token(request: HttpRequest, slug: str, token_id: str, body: TokenRotation) -> HttpResponse:  # noqa: ARG001
    """Make another token like this one, which goes on working for `overlap_hours` (24 if left out, 0 for not at all).
    The new one lives as long as the old one was meant to."""
    caller = caller_of(request)
    made = commands.rotate_token(
        actor=caller.actor,
        business_id=caller.business_id,
        token_id=known_id(token_id, "token"),
        overlap_hours=body.overlap_hours,
        granted=caller.scopes,
        now=caller.now,
    )
    return _made(caller, made)


@operation(router, "DELETE", "/tokens/{token_id}", door=CHANGE, answers={204: None})
def revoke_token(request: HttpRequest, slug: str, token_id: str) -> HttpResponse:  # noqa: ARG001
    """Revoke a token, also the one that asks. It is worth nothing from the next request on."""
    caller = caller_of(request)
    commands.withdraw_token(
        actor=caller.actor,
        business_id=caller.business_id,
        token_id=known_id(token_id, "token"),
        now=caller.now,
    )
    return no_content()


def _made(caller: Caller, made: NewToken) -> HttpResponse:
    token = token_of(business_id=caller.business_id, token_id=made.token.id, now=caller.now)
    return write_answer(write({**show_token(token), "secret": made.secret}), status=201)
