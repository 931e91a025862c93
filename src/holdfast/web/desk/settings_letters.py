"""Settings of the messages: signature, discretion, what is sent around a visit, and every letter (SPEC H2)."""

from __future__ import annotations

from typing import Any

from csp.constants import SELF
from csp.decorators import csp_replace, csp_update
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from holdfast.businesses.rules import BOUNDS, SIGNATURE_LIMIT, Action
from holdfast.lib.refusals import Invalid
from holdfast.notifications.commands.templates import reset_template, send_test, write_template
from holdfast.notifications.queries.templates import (
    TemplateFacts,
    preview,
    sample_values,
    template_of,
    templates_of,
)
from holdfast.notifications.rules.defaults import known_language
from holdfast.notifications.rules.defaults.parts import Source
from holdfast.notifications.rules.substitution import MOST_CHARACTERS
from holdfast.notifications.rules.vocabulary import BLOCKS, GROUPS
from holdfast.web.desk import letters_words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import Errors, Field, Mistakes, whole_number
from holdfast.web.desk.letters_reminders import reminder_fields, write_reminders
from holdfast.web.desk.settings_pages import Group, saved, settings_page, write_settings

NUMBERS = ("confirm_minutes", "thanks_minutes")


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def letters(desk: Desk) -> HttpResponse:
    """What holds for all letters, and the list of them in one language."""
    settings = desk.business.settings
    values = {name: str(getattr(settings, name)) for name in NUMBERS}
    values |= {
        "signature": settings.signature,
        "discreet_messages": "on" if settings.discreet_messages else "",
    }
    errors: Errors = {}
    reminder_errors: Errors = {}
    if desk.request.method == "POST" and desk.request.POST.get("do") == "reminders":
        desk.require(Action.CHANGE_SETTINGS)
        reminder_errors = write_reminders(desk)
        if not reminder_errors:
            return saved(desk, "letters")
    elif desk.request.method == "POST":
        desk.require(Action.CHANGE_SETTINGS)
        values = {name: desk.request.POST.get(name, "") for name in values}
        mistakes: Mistakes = {}
        wanted = _wanted(values, mistakes)
        errors = write_settings(desk, wanted, mistakes)
        if not errors:
            return saved(desk, "letters")
    language = known_language(desk.request.GET.get("language") or desk.business.language)
    context = {
        "groups": _groups(values, errors, is_fixed=not desk.may(Action.CHANGE_SETTINGS)),
        "languages": _languages(language, "?language="),
        "lists": _lists(desk, language),
        "reminders": reminder_fields(desk, reminder_errors),
    }
    wrong = {**errors, **reminder_errors}
    return settings_page(desk, "desk/letters.html", "letters", _("Messages"), context, errors=wrong)


@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]
@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def letter(desk: Desk, event: str, language: str) -> HttpResponse:
    """One letter: its words to be changed, how it looks, its variables; to be tried on oneself, or taken back."""
    found = template_of(business_id=desk.business.id, event=event, language=language)
    if desk.request.method != "POST":
        return _editor(desk, found, found.source, {})
    desk.require(Action.CHANGE_SETTINGS)
    which: dict[str, Any] = {
        "actor": desk.actor,
        "business_id": desk.business.id,
        "event": event,
        "language": language,
    }
    do = desk.request.POST.get("do", "")
    if do == "reset":
        reset_template(**which)
        return saved(desk, "letter", event, language)
    source = _typed(desk)
    try:
        if do == "test":
            address = send_test(**which, source=source, now=desk.now)
            return _editor(
                desk, found, source, {}, said=_("A test is on its way to %(address)s.") % {"address": address}
            )
        write_template(**which, source=source, now=desk.now)
    except Invalid as refusal:
        return _editor(desk, found, source, letters_words.mistakes(refusal))
    return saved(desk, "letter", event, language)


@csp_replace({"default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "img-src": [SELF], "script-src": ["'none'"],  # type: ignore[arg-type]
              "frame-ancestors": [SELF], "sandbox": []})  # fmt: skip
@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def letter_preview(desk: Desk, event: str, language: str) -> HttpResponse:
    """The letter about a made-up booking as a mail program shows it, saved or as it stands in the form."""
    found = template_of(business_id=desk.business.id, event=event, language=language)
    source = found.source
    if desk.request.method == "POST":
        desk.require(Action.CHANGE_SETTINGS)
        source = _typed(desk)
    try:
        _parts, html = preview(
            business_id=desk.business.id, event=event, language=language, source=source, now=desk.now
        )
        response = HttpResponse(html)
    except Invalid as refusal:
        found_wrong = letters_words.mistakes(refusal)
        sentences = [sentence for sentences in found_wrong.values() for sentence in sentences]
        response = desk.render("desk/letter_broken.html", {"sentences": sentences}, status=422)
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _typed(desk: Desk) -> Source:
    sent = desk.request.POST
    return Source(*(sent.get(name, "").replace("\r\n", "\n") for name in ("subject", "body", "sms")))


def _editor(
    desk: Desk, found: TemplateFacts, source: Source, errors: Errors, *, said: str = ""
) -> HttpResponse:
    event, language = found.event, found.language
    values = sample_values(business_id=desk.business.id, event=event.name, language=language, now=desk.now)
    address = reverse("desk:letter", args=[desk.business.slug, event.name, language])
    others = reverse("desk:letters", args=[desk.business.slug])
    subject, sms = "", ""
    if not errors:
        parts, _html = preview(
            business_id=desk.business.id, event=event.name, language=language, source=source, now=desk.now
        )
        subject, sms = parts.subject, parts.sms
    context = {
        "fields": _fields(source, errors, is_fixed=not desk.may(Action.CHANGE_SETTINGS)),
        "variables": [
            {
                "name": name,
                "about": letters_words.VARIABLES[name],
                "value": "" if name in BLOCKS or letters_words.is_flag(name) else values[name],
            }
            for name in letters_words.VARIABLES
            if name in event.variables
        ],
        "languages": _languages(language, reverse("desk:letters", args=[desk.business.slug]), event.name),
        "preview_url": f"{address}/preview",
        "preview_subject": subject,
        "preview_sms": sms,
        "how": letters_words.HOW,
        "is_own": found.is_own,
        "back": f"{others}?language={language}",
    }
    if said:
        context["saved"] = said
    return settings_page(
        desk, "desk/letter.html", "letters", letters_words.event(event.name), context, errors=errors
    )


def _fields(source: Source, errors: Errors, *, is_fixed: bool) -> dict[str, Field]:
    def made(name: str, label: str, kind: str, hint: str, limit: int = 0) -> Field:
        return Field(
            name, label, getattr(source, name), kind, hint, limit=limit, required=True,
            errors=errors.get(name, ()), is_fixed=is_fixed,
        )  # fmt: skip

    return {
        "subject": made("subject", _("Subject"), "text", _("One line."), 600),
        "body": made("body", _("Letter"), "textarea",
            _("Paragraphs in <p>, headings in <h1>, links, lists, bold. The plain text is made of it."), MOST_CHARACTERS),
        "sms": made("sms", _("Text message"), "textarea", _("Plain and short: 160 characters are one message."), 1200),
    }  # fmt: skip


def _wanted(values: dict[str, str], mistakes: Mistakes) -> dict[str, Any]:
    wanted: dict[str, Any] = {name: whole_number(values[name], name, mistakes) for name in NUMBERS}
    wanted["signature"] = values["signature"].replace("\r\n", "\n").strip()
    return wanted | {"discreet_messages": bool(values["discreet_messages"])}


def _groups(values: dict[str, str], errors: Errors, *, is_fixed: bool) -> list[Group]:
    def number(name: str, label: str, hint: str) -> Field:
        least, most = BOUNDS[name]
        return Field(
            name, label, values[name], "number", hint, _("minutes"), required=True, least=str(least), most=str(most),
            errors=errors.get(name, ()), is_fixed=is_fixed,
        )  # fmt: skip

    return [
        Group(_("In every letter"), [
            Field("signature", _("Signature"), values["signature"], "textarea", _("Stands below. Empty, it is your name, address and phone number."),
                  limit=SIGNATURE_LIMIT, errors=errors.get("signature", ()), is_fixed=is_fixed),
            Field("discreet_messages", _("Name no service"), kind="checkbox", is_checked=bool(values["discreet_messages"]), is_fixed=is_fixed,
                  hint=_("For practices and the like: letters to customers, and their calendar files, say when and where, not what for. Notes, answers and prices stay out too.")),
        ]),
        Group(_("Before and after the visit"), [
            number("confirm_minutes", _("Ask whether they come"), _("So long before the start, with a link to say yes. 1440 minutes are a day; 0 asks nobody.")),
            number("thanks_minutes", _("Say thank you"), _("So long after a visit is done, with a link to rate it and to book again. 0 sends none.")),
        ], _("When reminders go stands in the booking rules; single services can differ, below.")),
    ]  # fmt: skip


def _languages(chosen: str, path: str, event: str = "") -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "url": f"{path}/{event}/{code}" if event else f"{path}{code}",
            "is_chosen": code == chosen,
        }
        for code, name in letters_words.LANGUAGES.items()
    ]


def _lists(desk: Desk, language: str) -> list[dict[str, Any]]:
    found = templates_of(business_id=desk.business.id, language=language)
    lists = []
    for group in GROUPS:
        if (group == "requests" and not desk.takes_requests) or (
            group == "waitlist" and not desk.business.settings.waitlist
        ):
            continue
        rows = [
            {
                "url": reverse("desk:letter", args=[desk.business.slug, one.event.name, language]),
                "name": letters_words.event(one.event.name),
                "is_own": one.is_own,
            }
            for one in found
            if one.event.group == group
        ]
        lists.append({"id": group, "title": letters_words.GROUPS[group], "rows": rows})
    return lists
