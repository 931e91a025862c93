"""openapi.json, its page, and what is the same at every address."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from django.http import JsonResponse
from django.test import Client

from holdfast import __version__
from holdfast.api.docs import METHODS, openapi
from holdfast.api.routes.bookings import STATES
from holdfast.api.sentences import FIELDS, PROBLEMS, field_sentence
from holdfast.api.urls import api
from holdfast.bookings.models import Booking
from holdfast.businesses.rules import SETTING_NAMES
from holdfast.lib.refusals import Refusal
from tests.api.conftest import Answer, Api
from tests.api.contract import hold_to_contract
from tests.cast import Shop
from tests.meta import house

DOCUMENT = openapi(api)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in methods:
                yield method, path, methods[method]


def get(path: str, **headers: str) -> Answer:
    return Answer(Client().get(path, headers={k.replace("_", "-"): v for k, v in headers.items()}))  # type: ignore[arg-type]


def test_the_document_is_openapi_3_1_and_says_which_version_it_describes() -> None:
    answer = get("/api/v1/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.body == DOCUMENT
    assert (DOCUMENT["openapi"][:3], DOCUMENT["info"]["version"]) == ("3.1", __version__)
    assert all(path.startswith("/api/v1/") for path in DOCUMENT["paths"])
    assert get("/api/v1/openapi.json", If_None_Match=answer.headers["ETag"]).status == 304


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(DOCUMENT)
    wanted = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert wanted
    assert wanted <= set(DOCUMENT["components"]["schemas"])
    for schema in DOCUMENT["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_every_operation_has_a_name_words_and_its_refusals() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names)) >= 34
    for method, path, operation in operations():
        assert operation["summary"], path
        assert operation["tags"], path
        answers = operation["responses"]
        assert {"401", "404", "503"} <= set(answers), path
        if method != "get":
            assert {"403", "422", "429"} <= set(answers), path
        for status, answer in answers.items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], path


def test_bodies_are_closed_in_the_document_as_they_are_in_fact() -> None:
    for method, path, operation in operations():
        body = operation.get("requestBody")
        if body is None:
            continue
        if operation["operationId"] == "put_logo":  # a file, which has no fields
            assert set(body["content"]) == {"image/png", "image/jpeg", "image/webp"}
            continue
        schema = body["content"]["application/json"]["schema"]
        references = re.findall(r"schemas/(\w+)", json.dumps(schema))
        assert references, f"{method} {path}"
        for name in references:
            assert DOCUMENT["components"]["schemas"][name]["additionalProperties"] is False, name


def test_the_page_shows_every_operation_and_code_with_nothing_from_elsewhere() -> None:
    response = Client().get("/api/v1/docs")
    page = response.content.decode()
    assert response.status_code == 200
    for _, path, operation in operations():
        assert f'id="{operation["operationId"]}"' in page
        assert path in page
    for code in (*PROBLEMS, *FIELDS):
        assert f"<code>{code}</code>" in page
    assert "<script" not in page
    assert " style=" not in page
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', page)
    assert {address for address in loaded if "//" in address} == set()
    assert "unsafe-inline" not in response.headers["Content-Security-Policy"]
    assert Client().get("/api/v1/").headers["Location"] == "/api/v1/docs"


def test_every_refusal_of_the_house_has_words() -> None:
    def all_kinds(kind: type[Refusal]) -> Iterator[type[Refusal]]:
        for each in kind.__subclasses__():
            yield each
            yield from all_kinds(each)

    # What the worker or the command line alone meets is no client's business.
    met = [
        kind
        for kind in all_kinds(Refusal)
        if not kind.__module__.startswith(("tests.", "holdfast.notifications.", "holdfast.ops."))
    ]
    codes = {kind.code for kind in met}
    assert codes - set(PROBLEMS) == set()


def test_every_mistake_of_a_field_has_words() -> None:
    """Codes are written as ``Invalid.field(name, "code")`` or ``("code", {…})``; both are looked up in the source."""
    found = set()
    for path in house.python_files(tests=False):
        if path.relative_to(house.SOURCE).parts[0] in ("web", "ops", "config"):
            continue
        for node in ast.walk(house.syntax(path)):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "attr", "") == "field"
                and len(node.args) >= 2
            ):
                found.add(node.args[1])
            elif isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.elts[1], ast.Dict):
                found.add(node.elts[0])
    codes = {node.value for node in found if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert {"out_of_bounds", "offset_required", "unknown"} <= codes | set(FIELDS)
    assert {code for code in codes if re.fullmatch(r"[a-z_]+", code)} - set(FIELDS) - NOT_CODES == set()


# Pairs of a name and a dictionary that are no mistakes of a field.
NOT_CODES: set[str] = set()


def test_a_sentence_says_what_the_facts_are() -> None:
    assert field_sentence("out_of_bounds", {"least": 1, "most": 4}) == "Must be between 1 and 4."
    assert field_sentence("out_of_bounds", {"least": 1}) == "Must be at least 1."
    assert field_sentence("unknown_choice", {"choices": ["a", "b"]}) == "Must be one of: a, b."


# A change of what is offered may strand bookings, and each may be decided about: kept, moved, cancelled (SPEC C7).
_STRANDS = {
    "would_strand",
    "no_other_time",
    "time_taken",
    "pacing_reached",
    "slot_full",
    "slot_closed",
    "illegal_step",
}
# What each step of a booking can be refused for (SPEC D5, D7): neither less nor more.
CONFLICTS = {
    "take_payment": {"illegal_step"},
    "retry_refund": {"charge_under_way"},
    "charge_no_show_fee": {"illegal_step", "nothing_due", "no_saved_card"},
    "drop_no_show_fee": {"nothing_due", "charge_under_way"},
    "create_webhook": {"too_many_endpoints"},
    "test_webhook": {"endpoint_paused"},
    "resend_delivery": {"endpoint_paused"},
    "change_member": {"last_admin"},
    "remove_member": {"last_admin"},
    "invite_member": {"already_member", "already_invited", "too_many_invitations"},
    "resend_invitation": {"sent_just_now"},
    "resend_message": {"message_not_needed", "address_suppressed"},
    "erase_person": {"still_booked", "already_erased"},
    "erase_own": {"still_booked", "already_erased"},
    "replace_hours": _STRANDS,
    "add_exception": _STRANDS,
    "change_exception": _STRANDS,
    "remove_exception": _STRANDS,
    "change_service": _STRANDS,
    "change_resource": _STRANDS,
    "change_settings": _STRANDS,
    "accept_request": {
        "illegal_step",
        "changed_meanwhile",
        "time_taken",
        "option_held",
        "nothing_to_answer",
    },
    "decline_request": {"illegal_step", "changed_meanwhile", "nothing_to_answer"},
    "counter_request": {"illegal_step", "changed_meanwhile", "time_taken"},
    "give_option": {"illegal_step", "changed_meanwhile", "time_taken", "no_option_left"},
    "withdraw_option": {"illegal_step", "changed_meanwhile", "no_option"},
    "challenge_option": {"illegal_step", "changed_meanwhile", "no_option", "option_challenged"},
    "answer_rider": {"illegal_step"},
    "check_rider_line": {"illegal_step"},
    "create_template": {"too_many_templates"},
    "swap_booking_tables": {"illegal_step", "changed_meanwhile", "time_taken"},
    "hold_time": {"time_taken", "slot_full", "slot_closed", "online_booking_off", "pacing_reached"},
    "extend_hold": {"hold_ended", "hold_at_limit"},
    "book": {
        "time_taken",
        "slot_full",
        "slot_closed",
        "hold_ended",
        "limit_reached",
        "customer_blocked",
        "online_booking_off",
        "pacing_reached",
    },
    "reschedule_booking": {
        "illegal_step",
        "changed_meanwhile",
        "too_late",
        "time_taken",
        "slot_full",
        "slot_closed",
        "limit_reached",
        "pacing_reached",
    },
    "cancel_booking": {"illegal_step", "changed_meanwhile", "too_late"},
    "check_in_booking": {"illegal_step", "changed_meanwhile", "too_early"},
    "complete_booking": {"illegal_step", "changed_meanwhile", "too_early"},
    "mark_booking_no_show": {"illegal_step", "changed_meanwhile", "too_early"},
    "delete_service": {"in_use"},
    "delete_resource": {"in_use"},
    "delete_promotion": {"in_use"},
    "preview_booking_series": {"online_booking_off"},
    "book_series": {
        "time_taken",
        "limit_reached",
        "customer_blocked",
        "online_booking_off",
        "hold_ended",
    },
    "book_group": {"time_taken", "limit_reached", "customer_blocked", "online_booking_off"},
    "cancel_bookings_together": {"illegal_step", "too_late"},
    "add_slot": {"slot_exists", "slots_overlap"},
    "change_slot": {"capacity_below_taken", "slot_in_use", "slot_exists", "slots_overlap"},
    "delete_slot": {"slot_in_use"},
    "generate_slots": {"slots_overlap"},
    "change_slots": {"slots_left_out"},
    "join_waitlist": {
        "waitlist_closed",
        "waitlist_full",
        "already_waiting",
        "entry_over",
        "customer_blocked",
        "online_booking_off",
    },
    "leave_waitlist": {"entry_over"},
    "accept_offer": {"customer_blocked", "offer_expired", "limit_reached", "illegal_step"},
    "decline_offer": {"offer_expired"},
    "withdraw_offer": {"offer_expired"},
    "offer_by_hand": {
        "entry_over",
        "offer_out",
        "too_near",
        "time_taken",
        "pacing_reached",
        "slot_full",
        "slot_closed",
    },
    "call_entry": {"entry_over"},
    "seat_entry": {
        "entry_over",
        "time_taken",
        "pacing_reached",
        "slot_full",
        "slot_closed",
        "too_early",
    },
    "remove_entry": {"entry_over"},
    "reorder_entry": {"entry_over"},
}


def test_every_operation_declares_its_conflicts_and_no_others() -> None:
    declared = {
        operation["operationId"]: set(re.findall(r"`(\w+)`", operation["responses"]["409"]["description"]))
        for _, _, operation in operations()
        if "409" in operation["responses"]
    }
    assert declared == CONFLICTS


def test_the_document_knows_every_setting_and_state() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert set(schemas["SettingsOut"]["properties"]) == {*SETTING_NAMES, "weights_total"}
    assert set(schemas["SettingsEdit"]["properties"]) == {*SETTING_NAMES, "decisions"}
    states = set(Booking.State.values)
    assert set(schemas["BookingOut"]["properties"]["status"]["enum"]) == states
    assert set(STATES) == states


def test_an_unknown_address_is_a_problem() -> None:
    for path in ("/api/v1/nonsense", "/api/v1/businesses", "/api/v1/docs/x", "/api/v1/businesses/x/y/z"):
        assert (get(path).status, get(path).code) == (404, "not_found")


@pytest.mark.django_db
def test_a_method_that_is_not_there_is_a_problem_that_names_those_that_are(shop: Shop, guest: Api) -> None:
    answer = guest.call("DELETE", "/hours")
    assert (answer.status, answer.code, answer.headers["Allow"]) == (
        405,
        "method_not_allowed",
        "GET, PUT, HEAD",
    )
    assert guest.call("PUT", "/holds", {}).headers["Allow"] == "POST"


@pytest.mark.django_db
def test_head_answers_like_get_without_the_body(shop: Shop, guest: Api) -> None:
    whole, head = guest.get("/services"), guest.call("HEAD", "/services")
    assert (head.status, head.response.content, head.headers["ETag"]) == (200, b"", whole.headers["ETag"])
    assert int(head.headers["Content-Length"]) == len(whole.response.content)


@pytest.mark.django_db
def test_no_answer_to_a_program_sets_a_cookie(shop: Shop, guest: Api, staff: Api) -> None:
    for answer in (guest.get(), staff.get("/settings"), staff.get("/nonsense")):
        assert answer.response.cookies.output() == ""


@pytest.mark.parametrize(
    ("body", "status"), [({"slug": "x", "colour": "red"}, 200), ({"slug": "x"}, 200), ({}, 418)]
)
def test_an_answer_beside_the_contract_would_be_noticed(body: dict[str, str], status: int) -> None:
    with pytest.raises((AssertionError, jsonschema_rs.ValidationError)):
        hold_to_contract("GET", "/api/v1/businesses/x", JsonResponse(body, status=status))


EXAMPLE = re.compile(r"```http\n([A-Z]+) (\S+)\n(.+)\n```")


def test_the_examples_of_the_reference_are_what_the_operations_take() -> None:
    """Every operation that has to be told something new has an example, and each is right by the document."""
    text = (house.ROOT / "docs" / "api" / "reference.md").read_text(encoding="utf-8")
    found = EXAMPLE.findall(text)
    assert len(found) == text.count("```http")
    for method, path, body in found:
        operation = DOCUMENT["paths"][f"/api/v1/businesses/{{slug}}{path}"][method.lower()]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        jsonschema_rs.validate({**schema, "components": DOCUMENT["components"]}, json.loads(body))
    shown = {(method, path) for method, path, _ in found}
    creating = {
        (method.upper(), path.removeprefix("/api/v1/businesses/{slug}"))
        for method, path, operation in operations()
        if method == "post" and operation.get("requestBody", {}).get("required")
    }
    assert creating - shown == set()
