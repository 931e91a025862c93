"""The permission table cell by cell: everybody at every page and every operation (SPEC J3)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import URLPattern, path, reverse

from holdfast.businesses.rules import PERMISSIONS, Action
from holdfast.config import urls as root
from holdfast.lib.actors import Role
from holdfast.web.desk import urls as desk_urls
from holdfast.web.desk.access import Desk
from tests.permissions import routes
from tests.permissions.world import World, undone, why_not

pytestmark = pytest.mark.django_db
# What the parameters of the desk's addresses are called in the world.
_PARAMETERS = {
    "slot": "slot_id", "message": "message", "person": "person", "member": "member_id", "token": "token_id",
    "webhook": "webhook_id", "delivery": "delivery_id",
    "resource": "resource_id", "exception": "exception_id", "service": "service_id", "question": "question_id",
    "rule": "rule_id", "promotion": "promotion_id", "rider": "rider_id", "combination": "combination_id",
    "entry": "entry_id", "reference": "reference", "kind": "kind", "event": "event", "language": "language", "paper": "paper",
    "sheet": "sheet", "refund": "refund_id",
}  # fmt: skip
_ACTS = {"money": "take", "step": "cancel", "request_act": "accept", "waitlist_act": "call"}


def page_address(name: str, slug: str, ids: dict[str, str]) -> str:
    """The address of a page with ids that exist."""
    pattern = next(each for each in desk_urls.urlpatterns if each.name == name)
    arguments: dict[str, Any] = {"slug": slug}
    for parameter in re.findall(r"<(?:\w+:)?(\w+)>", str(pattern.pattern)):
        if parameter == "name":
            arguments["name"] = _ACTS[name]
        elif parameter == "code":
            arguments["code"] = "x" * 43
        elif parameter != "slug":
            arguments[parameter] = ids[_PARAMETERS[parameter]]
    return reverse(f"desk:{name}", kwargs=arguments)


def operation_address(path_: str, slug: str, ids: dict[str, str]) -> str:
    """The address of an operation with ids that exist."""
    return re.sub(r"{(\w+)}", lambda found: slug if found[1] == "slug" else ids[found[1]], path_)


@pytest.fixture
def world(settings: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    settings.RATE_LIMIT_MAX_REQUESTS = 0
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    monkeypatch.setattr(root, "handler404", why_not, raising=False)
    # What a page shows is tested elsewhere; here it is only whether it is shown.
    monkeypatch.setattr(Desk, "render", lambda *_, status=200, **__: HttpResponse(status=status))
    return World()


def test_every_address_and_operation_is_written_down() -> None:
    assert routes.unknown_routes() == set()
    written = {f"desk:{name}" for name in routes.PAGES}
    assert written - {name for _, name in routes.patterns()} == set()
    assert set(routes.OPERATIONS) == {op["operationId"] for _, _, op in routes.operations()}


def test_control_a_page_that_nobody_wrote_down_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    extra = path("<slug:slug>/extra", lambda _request, slug: HttpResponse(slug), name="extra")
    assert isinstance(extra, URLPattern)
    desk_urls.urlpatterns.append(extra)
    try:
        monkeypatch.delitem(routes.OPERATIONS, "book")
        from django.urls import clear_url_caches

        clear_url_caches()
        assert routes.unknown_routes() == {"desk:extra", "book"}
    finally:
        desk_urls.urlpatterns.remove(extra)
        clear_url_caches()


def wrong_cells_of_pages(world: World) -> list[str]:
    """Where a page answers otherwise than the table says."""
    wrong = []
    for who in ("anonymous", "customer", "stranger", *world.grown):
        client = world.client(who)
        for name, actions in routes.PAGES.items():
            address = page_address(name, world.shop.slug, world.ids)
            for method, action in zip(("GET", "POST"), actions, strict=True):
                with undone():
                    answer = client.generic(method, address)
                    if answer.streaming:
                        assert list(answer)  # so that the file behind it is closed
                if not _as_it_should(world, who, name, action, answer):
                    wrong.append(f"{who} {method} {name}: {answer.status_code}")
    return wrong


def _as_it_should(world: World, who: str, name: str, action: Action | None, answer: Any) -> bool:
    status, told = answer.status_code, getattr(answer, "content", b"")
    if action is None:
        return status == 405
    if name == "scan" and who in ("anonymous", "customer"):
        return status == 200 and b"Dana" not in told  # told where the code belongs
    if who == "anonymous":
        return status == 302 and answer["Location"].startswith("/accounts/login/")
    if who in ("customer", "stranger"):
        return status == 404
    if world.role(who).includes(PERMISSIONS[action]):
        return status != 405 and not (status == 404 and told == b"forbidden")
    return (status, told) == (404, b"forbidden")


def test_pages_let_in_exactly_whom_the_table_lets_in(world: World) -> None:
    wrong = wrong_cells_of_pages(world)
    assert not wrong, "\n".join(wrong)


def test_control_a_page_that_forgets_to_ask_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the pages in front are asked here; behind them every command asks again."""
    monkeypatch.setattr(Desk, "require", lambda *_: None)
    monkeypatch.setattr(world.__class__, "grown", ["staff"])
    wrong = wrong_cells_of_pages(world)
    assert any(line.startswith("staff GET access_review:") for line in wrong)
    assert any(line.startswith("staff GET tokens:") for line in wrong)


def test_operations_let_in_exactly_whom_the_table_lets_in(world: World) -> None:
    wrong = []
    for who in ("anonymous", "customer", "stranger", *world.grown):
        client = world.client(who)
        for method, path_, operation in routes.operations():
            name = operation["operationId"]
            address = operation_address(path_, world.shop.slug, world.ids)
            with undone():
                answer = client.generic(method, address, b"", content_type="application/json")
            if not _let_in(world, who, name, answer.status_code):
                wrong.append(f"{who} {name}: {answer.status_code}")
    assert wrong == []


def _let_in(world: World, who: str, name: str, status: int) -> bool:
    least = PERMISSIONS[routes.OPERATIONS[name]]
    is_open = least is Role.GUEST and name not in routes.PERSONAL
    if who == "anonymous":
        return (status not in (401, 403)) if is_open else status == 401
    if who in ("customer", "stranger"):
        if is_open or name in routes.CUSTOMERS:
            return status not in (401, 403)
        return status == 404  # also what they might hold, if it were theirs
    if world.role(who).includes(least):
        return status not in (401, 403)
    return status == 403


def test_the_world_has_an_id_for_every_parameter(world: World) -> None:
    needed = {name for _, path_, _ in routes.operations() for name in re.findall(r"{(\w+)}", path_)} - {
        "slug"
    }
    assert needed <= set(world.ids)
