"""Addresses for people who book."""

from __future__ import annotations

from django.urls import path

from holdfast.web.public import (
    views_code,
    views_find,
    views_hold,
    views_landing,
    views_logo,
    views_mail,
    views_manage,
    views_move,
    views_places,
    views_privacy,
    views_tables,
    views_times,
)

urlpatterns = [
    path("", views_landing.landing, name="landing"),
    path("logo/<str:name>.png", views_logo.logo, name="logo"),
    path("b/<slug:slug>/", views_times.choose, name="choose"),
    path("b/<slug:slug>/times", views_times.times, name="times"),
    path("b/<slug:slug>/places", views_places.places, name="places"),
    path("b/<slug:slug>/tables", views_tables.tables, name="tables"),
    path("b/<slug:slug>/find", views_find.find, name="find"),
    path("b/<slug:slug>/privacy", views_privacy.privacy, name="privacy"),
    path("b/<slug:slug>/holds", views_hold.holds, name="holds"),
    path("b/<slug:slug>/h/<str:token>", views_hold.hold, name="hold"),
    path("b/<slug:slug>/h/<str:token>/review", views_hold.review, name="hold-review"),
    path("b/<slug:slug>/h/<str:token>/edit", views_hold.edit, name="hold-edit"),
    path("b/<slug:slug>/h/<str:token>/extend", views_hold.extend, name="hold-extend"),
    path("b/<slug:slug>/h/<str:token>/change", views_hold.change, name="hold-change"),
    path("b/<slug:slug>/h/<str:token>/release", views_hold.release, name="hold-release"),
    path("b/<slug:slug>/h/<str:token>/code", views_hold.another_code, name="hold-code"),
    path("b/<slug:slug>/h/<str:token>/confirm", views_hold.confirm, name="hold-confirm"),
    path("m/<str:token>.ics", views_manage.calendar_file, name="calendar-file"),
    path("m/<str:token>", views_manage.manage, name="manage"),
    path("m/<str:token>/qr.svg", views_code.code, name="check-in-code"),
    path("m/<str:token>/news", views_privacy.stop_news, name="stop-news"),
    path("m/<str:token>/cancel", views_manage.cancel, name="cancel"),
    path("m/<str:token>/undo", views_manage.undo, name="undo"),
    path("m/<str:token>/move", views_move.move, name="move"),
    path("demo/mail", views_mail.mail, name="demo-mail"),
    path("demo/mail/<str:name>", views_mail.letter, name="demo-letter"),
    path("demo/mail/<str:name>/html", views_mail.letter_html, name="demo-letter-html"),
]
