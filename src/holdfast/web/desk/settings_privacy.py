"""What the business tells people about their details, and its versions (SPEC K4)."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from holdfast.businesses.commands import change_privacy_text
from holdfast.businesses.queries import privacy_versions
from holdfast.businesses.rules import PRIVACY_LIMIT, Action
from holdfast.lib.refusals import Invalid
from holdfast.web import formats
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import Errors, Field
from holdfast.web.desk.settings_pages import saved, settings_page


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def privacy(desk: Desk) -> HttpResponse:
    """The text in force, to be changed, and what came before it."""
    versions = privacy_versions(business_id=desk.business.id)
    written = next((one.text for one in versions if one.version == desk.business.privacy_version), "")
    errors: Errors = {}
    if desk.request.method == "POST":
        desk.require(Action.CHANGE_SETTINGS)
        written = desk.request.POST.get("text", "")
        try:
            change_privacy_text(actor=desk.actor, business_id=desk.business.id, wanted=written)
            return saved(desk, "privacy")
        except Invalid as refusal:
            errors = words.mistakes(refusal)
    address = reverse("privacy", args=[desk.business.slug])
    field = Field(
        "text",
        _("What you tell people"),
        written,
        "textarea",
        _(
            "A blank line begins a paragraph, a line that begins with # is a heading. Every change is a new version."
        ),
        limit=PRIVACY_LIMIT,
        required=True,
        errors=errors.get("text", ()),
        is_fixed=not desk.may(Action.CHANGE_SETTINGS),
    )
    context = {
        "field": field,
        "page_url": address,
        "versions": [
            {
                "url": f"{address}?version={one.version}",
                "words": _("Version %(number)s of %(day)s")
                % {
                    "number": one.version,
                    "day": formats.full_date(one.created_at.astimezone(desk.timetable.tz).date()),
                },
                "is_current": one.version == desk.business.privacy_version,
            }
            for one in versions
        ],
    }
    return settings_page(
        desk, "desk/settings_privacy.html", "privacy", _("Privacy notice"), context, errors=errors
    )
