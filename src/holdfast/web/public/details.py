"""The form of a booking's details, and the draft that keeps what was typed from page to page without a session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from holdfast.bookings.commands import Details
from holdfast.bookings.commands.making import NOTES_LIMIT
from holdfast.businesses.queries import BusinessFacts
from holdfast.catalog.rules import QuestionFacts
from holdfast.customers.rules import NAME_LIMIT, Contact, clean_contact
from holdfast.lib import text
from holdfast.lib.refusals import Invalid
from holdfast.web.questions import ANSWER, QuestionField, question_fields

NAMES = ("name", "phone", "email", "notes", "news")
# A cookie holds about 4 kB; a long note in a script of several bytes a letter needs two.
_COOKIES = ("holdfast_details", "holdfast_details_2")
_CHUNK = 3500
_KEPT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Field:
    """One field as its template shows it; ``value`` is what was typed, right or wrong."""

    name: str
    label: str
    value: str = ""
    type: str = "text"
    limit: int = 254
    required: bool = True
    aside: str = ""
    hint: str = ""
    autocomplete: str = ""
    inputmode: str = ""
    rows: int = 0
    icon: str = "person"
    errors: Sequence[str] = ()

    @property
    def id(self) -> str:
        return f"field-{self.name}"

    @property
    def shown(self) -> str:
        """The value in words, for the page before booking."""
        return _("Yes") if self.type == "checkbox" and self.value else self.value

    @property
    def described_by(self) -> str:
        about = [f"{self.id}-hint"] if self.hint else []
        return " ".join([*about, *([f"{self.id}-error"] if self.errors else [])])


@dataclass(frozen=True, slots=True)
class Mistake:
    """One line of the summary above a form; ``anchor`` is the field it leads to."""

    words: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Fields by name, in order."""

    fields: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    @property
    def all(self) -> list[Any]:
        return list(self.fields.values())

    @property
    def questions(self) -> list[QuestionField]:
        """The service's own questions among them."""
        return [one for one in self.fields.values() if isinstance(one, QuestionField)]

    @property
    def mistakes(self) -> list[Mistake]:
        return [Mistake(words, one.id) for one in self.fields.values() for words in one.errors]

    def with_errors(self, errors: Mapping[str, Sequence[str]]) -> Form:
        """The same form with its mistakes marked."""
        return Form(
            {
                name: replace(one, errors=errors.get(name.removeprefix(ANSWER), ()))
                for name, one in self.fields.items()
            }
        )


def sends_texts(business: BusinessFacts) -> bool:
    """Whether the business sends texts, and this installation can."""
    return business.settings.sms and bool(settings.SMS_PROVIDER)


def texts_hint() -> str:
    """What somebody who gives a number is told, where the business sends texts: giving it is the choice."""
    return _("We text you reminders and offers. Answer STOP to end it.")


def details_form(
    values: Mapping[str, str],
    about: str,
    *,
    proves: bool = False,
    questions: Sequence[QuestionFacts] = (),
    takes_code: bool = False,
    texts: bool = False,
) -> Form:
    """The details form filled with ``values``; ``about`` is the label of the note.

    ``proves``: the address has to be proven, which its field says beforehand. ``questions`` are the service's own;
    ``texts``: the business sends texts to whoever gives a number. ``takes_code``: there is a field for a promotion code.
    """
    hint = _("We send a code there before the booking is made.") if proves else ""
    fields = (
        Field("name", _("Full name"), limit=NAME_LIMIT, autocomplete="name"),
        Field(
            "phone", _("Mobile"), type="tel", limit=40, required=False, aside=_("optional"), autocomplete="tel",
            icon="phone", hint=texts_hint() if texts else "",
        ),
        Field(
            "email", _("Email"), type="email", aside=_("for the confirmation"), autocomplete="email", icon="mail",
            hint=hint,
        ),
        Field("notes", about, limit=NOTES_LIMIT, required=False, aside=_("optional"), rows=2, icon="note"),
        Field("news", _("Tell me about news and offers"), type="checkbox", required=False, limit=2, icon="info"),
    )  # fmt: skip
    form: dict[str, Any] = {one.name: replace(one, value=values.get(one.name, "")) for one in fields}
    form |= {one.name: one for one in question_fields(questions, values, {})}
    if takes_code:
        code = values.get("promo_code", "")
        form["promo_code"] = Field("promo_code", _("Code"), code, limit=40, required=False, icon="key")
    return Form(form)


def posted(request: HttpRequest) -> dict[str, str]:
    """What the details form carried, as typed."""
    given = request.POST
    return {name: given.get(name, "") for name in NAMES} | {
        name: given.get(name, "") for name in given if _is_extra(name)
    }


def _is_extra(name: str) -> bool:
    """Whether a field is an answer to a question or a code, which only some services have."""
    return name == "promo_code" or name.startswith(ANSWER)


def details_of(values: Mapping[str, str], code: str = "") -> Details:
    """What was typed, as a booking takes it; nothing is checked yet. ``code`` is to prove the address."""
    contact = Contact(values.get("name", ""), values.get("email", ""), values.get("phone", ""))
    return Details(
        contact,
        values.get("notes", ""),
        given={name.removeprefix(ANSWER): said for name, said in values.items() if name.startswith(ANSWER)},
        promo_code=values.get("promo_code", ""),
        email_code=code,
        news=bool(values.get("news")),
    )


def check(values: Mapping[str, str]) -> None:
    """The same checks that booking makes, for the page before it. Refusals: :class:`Invalid` with every mistake."""
    mistakes: text.Mistakes = {}
    try:
        clean_contact(details_of(values).contact)
    except Invalid as refusal:
        mistakes |= refusal.fields
    text.paragraphs(values.get("notes", ""), field="notes", mistakes=mistakes, limit=NOTES_LIMIT)
    text.refuse(mistakes)


def draft(request: HttpRequest) -> dict[str, str]:
    """What this visitor typed before, or nothing."""
    stored = "".join(request.COOKIES.get(name, "") for name in _COOKIES)
    if not stored:
        return {}
    try:
        kept: Any = signing.loads(stored, salt=_COOKIES[0], max_age=_KEPT_SECONDS)
    except signing.BadSignature:
        return {}
    return {name: str(kept.get(name, "")) for name in NAMES} | {
        name: str(said) for name, said in kept.items() if _is_extra(name)
    }


def keep_draft(response: HttpResponse, values: Mapping[str, str], path: str) -> HttpResponse:
    """Keep what was typed in the visitor's own browser for an hour, signed, out of reach of script."""
    kept = {name: said for name, said in values.items() if said and (name in NAMES or _is_extra(name))}
    stored = signing.dumps(kept, salt=_COOKIES[0], compress=True) if kept else ""
    if len(stored) > _CHUNK * len(_COOKIES):
        return response
    for number, name in enumerate(_COOKIES):
        chunk = stored[number * _CHUNK : (number + 1) * _CHUNK]
        if not chunk:
            response.delete_cookie(name, path=path, samesite="Lax")
            continue
        response.set_cookie(
            name, chunk, max_age=_KEPT_SECONDS, path=path, httponly=True, samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip
    return response


def forget_draft(response: HttpResponse, path: str) -> HttpResponse:
    """Once it is booked, the browser need not know it any more."""
    for name in _COOKIES:
        response.delete_cookie(name, path=path, samesite="Lax")
    return response
