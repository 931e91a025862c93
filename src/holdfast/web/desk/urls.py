"""Addresses of the desk, under ``/desk/``."""

from __future__ import annotations

from django.urls import path, re_path

from holdfast.web.desk import (
    booking,
    day,
    listing,
    messages,
    moving,
    new,
    people,
    scan,
    settings_business,
    settings_catalog,
    settings_exceptions,
    settings_hours,
    settings_privacy,
    settings_terms,
    slots,
    slots_making,
    why,
)

app_name = "desk"

_B = "<slug:slug>/b/<str:reference>"
_SETTINGS = "<slug:slug>/settings"
_SERVICE = f"{_SETTINGS}/services/<uuid:service>"

urlpatterns = [
    path("", day.home, name="home"),
    path("<slug:slug>/", day.day, name="day"),
    path("<slug:slug>/board", day.board, name="board"),
    path("<slug:slug>/week", day.week, name="week"),
    path("<slug:slug>/new", new.new, name="new"),
    path("<slug:slug>/bookings", listing.bookings, name="bookings"),
    path("<slug:slug>/why", why.why, name="why"),
    path("<slug:slug>/slots", slots.slots, name="slots"),
    path("<slug:slug>/slots/new", slots_making.publish, name="slots_new"),
    path("<slug:slug>/slots/series", slots_making.series, name="slot_series"),
    path("<slug:slug>/slots/<uuid:slot>", slots.slot, name="slot"),
    path("<slug:slug>/messages", messages.messages, name="messages"),
    path("<slug:slug>/messages/<uuid:message>/resend", messages.resend, name="resend"),
    path("<slug:slug>/people/<uuid:person>", people.person, name="person"),
    path("<slug:slug>/scan/<str:code>", scan.scan, name="scan"),
    path("<slug:slug>/bookings.csv", listing.export, {"kind": "csv"}, name="export"),
    path("<slug:slug>/bookings.xlsx", listing.export, {"kind": "xlsx"}, name="export_xlsx"),
    path(_B, booking.booking, name="booking"),
    path(f"{_B}/move", moving.move, name="move"),
    path(f"{_B}/move-back", moving.move_back, name="move_back"),
    path(f"{_B}/undo", booking.undo, name="undo"),
    path(f"{_B}/notes", booking.notes, name="notes"),
    re_path(
        r"^(?P<slug>[-\w]+)/b/(?P<reference>[^/]+)/(?P<name>check-in|complete|no-show|cancel)$",
        booking.step,
        name="step",
    ),
    path(f"{_SETTINGS}/", settings_business.profile, name="profile"),
    path(f"{_SETTINGS}/rules", settings_business.rules, name="rules"),
    path(f"{_SETTINGS}/privacy", settings_privacy.privacy, name="privacy"),
    path(f"{_SETTINGS}/hours", settings_hours.hours, name="hours"),
    path(f"{_SETTINGS}/hours/<uuid:resource>", settings_hours.hours, name="resource_hours"),
    path(f"{_SETTINGS}/exceptions", settings_exceptions.exceptions, name="exceptions"),
    path(f"{_SETTINGS}/exceptions/<uuid:exception>", settings_exceptions.exceptions, name="exception"),
    path(f"{_SETTINGS}/services", settings_catalog.services, name="services"),
    path(f"{_SETTINGS}/services/new", settings_catalog.service, name="new_service"),
    path(f"{_SETTINGS}/services/<uuid:service>", settings_catalog.service, name="service"),
    path(f"{_SERVICE}/questions", settings_terms.questions, name="questions"),
    path(f"{_SERVICE}/questions/new", settings_terms.question, name="new_question"),
    path(f"{_SERVICE}/questions/<uuid:question>", settings_terms.question, name="question"),
    path(f"{_SETTINGS}/prices", settings_terms.prices, name="prices"),
    path(f"{_SETTINGS}/prices/new", settings_terms.price_rule, name="new_price_rule"),
    path(f"{_SETTINGS}/prices/<uuid:rule>", settings_terms.price_rule, name="price_rule"),
    path(f"{_SETTINGS}/codes", settings_terms.codes, name="codes"),
    path(f"{_SETTINGS}/codes/new", settings_terms.code, name="new_code"),
    path(f"{_SETTINGS}/codes/<uuid:promotion>", settings_terms.code, name="code"),
    path(f"{_SETTINGS}/resources", settings_catalog.resources, name="resources"),
    path(f"{_SETTINGS}/resources/new", settings_catalog.resource, name="new_resource"),
    path(f"{_SETTINGS}/resources/<uuid:resource>", settings_catalog.resource, name="resource"),
]
