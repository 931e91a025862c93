"""How a page of the admin writes: a form becomes one call of a command, its refusal a message at the field."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from holdfast.availability.commands import WAYS, Care, Decision
from holdfast.core import clock
from holdfast.core.request import client_address
from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Forbidden, Invalid, Missing, Refusal
from holdfast.web.desk import words

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Any]
    _Form = forms.ModelForm[Any]
else:
    _Admin, _Form = admin.ModelAdmin, forms.ModelForm

M = TypeVar("M", bound=Model)
# What the desk has no words for, because it never asks for it.
SAID = {
    "slug_taken": gettext_lazy("Another business has this address."),
    "email_taken": gettext_lazy("There is an account with this address."),
    "already_member": gettext_lazy("This account works here already."),
    "slots_overlap": gettext_lazy("The resource has other slots then."),
    "slot_exists": gettext_lazy("There is such a slot already."),
    "capacity_below_taken": gettext_lazy("More places are taken than it would have."),
    "slot_in_use": gettext_lazy("Somebody is in it."),
    "option_held": gettext_lazy("Somebody has an earlier option on this date."),
}
# The field that a refusal is about which names none.
_ABOUT = {
    "slug_taken": "slug",
    "email_taken": "email",
    "already_member": "account",
    "capacity_below_taken": "capacity",
}
_MOST_TOLD = 10


class CommandForm(_Form):
    """A form whose refusal, found when its command was called, is shown at the fields it is about."""

    refusal: Refusal | None = None

    def _get_validation_exclusions(self) -> set[str]:
        # What a row may be is for the command to judge, in words and not by the name of a constraint.
        return {field.name for field in self._meta.model._meta.fields}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.refusal is not None:
            for field, sentences in told(self.refusal).items():
                for sentence in sentences:
                    self.add_error(self._shown_at(field), sentence)
        return cleaned

    def _shown_at(self, field: str) -> str | None:
        """The form's field for a command's; None for what none of them is about."""
        if field in self.fields:
            return field
        shown = {
            "resources": "given_by",
            "resource_id": "resource",
            "service_id": "service",
            "service_ids": "services",
            "choices": "choices_text",
            "tables": "joined",
            "turn_minutes": "turns_text",
        }.get(field, field)
        return shown if shown in self.fields else None


class ReadOnlyAdmin(_Admin):
    """Shows a table and writes nothing. ``list_display`` and ``fields`` name what may be seen."""

    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # Nothing here is ever written by Django itself, whichever page asks for it.
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        raise Forbidden

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Links between rows are the command's matter, too."""

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        raise Forbidden

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        raise Forbidden


class CommandAdmin(ReadOnlyAdmin):
    """Writes by commands: :meth:`make`, :meth:`change` and :meth:`remove`, where a page has them.

    They get the actor, what the form holds (or the row) and the moment, and answer with the key of the row.
    """

    form: Any = CommandForm
    add_form: Any = None
    add_fields: tuple[Any, ...] = ()
    makes = changes = removes = False

    def make(self, actor: Actor, values: dict[str, Any], now: datetime) -> Any:
        raise NotImplementedError

    def change(self, actor: Actor, row: Any, values: dict[str, Any], now: datetime) -> Any:
        raise NotImplementedError

    def remove(self, actor: Actor, row: Any, now: datetime) -> None:
        raise NotImplementedError

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.makes and self.admin_site.has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.changes and self.admin_site.has_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.removes and self.admin_site.has_permission(request)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None and self.add_fields:
            return [(None, {"fields": self.add_fields})]
        return super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else super().get_readonly_fields(request, obj)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None and self.add_form is not None:
            kwargs["form"] = self.add_form
        form = super().get_form(request, obj, change, **kwargs)
        refusal = getattr(request, "refused_by_command", None)
        return type(form.__name__, (form,), {"refusal": refusal}) if refusal else form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as refusal:
            # The transaction is rolled back; the same form again, this time with what is wrong with it.
            request.refused_by_command = refusal  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        actor, now = actor_of(request), clock.now()
        if change:
            row = self.model._default_manager.get(pk=obj.pk)
            obj.pk = self.change(actor, row, form.cleaned_data, now) or obj.pk
        else:
            obj.pk = self.make(actor, form.cleaned_data, now)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.remove(actor_of(request), obj, clock.now())

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The thing itself: what hangs on it is the command's to judge."""
        return [str(each) for each in objs], {self.opts.verbose_name_plural: len(objs)}, set(), []

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except Refusal as refusal:
            messages.error(request, sentence_of(refusal))
            route = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
            return HttpResponseRedirect(reverse(route, args=[object_id]))


def actor_of(request: HttpRequest) -> Actor:
    """The operator behind the request."""
    account = request.user
    return Actor(
        role=Role.OPERATOR,
        account_id=account.pk,
        via="admin",
        address=client_address(request),
        name=getattr(account, "name", "") or getattr(account, "email", ""),
    )


def each(request: HttpRequest, rows: Iterable[M], do: Callable[[Actor, M, datetime], object]) -> None:
    """Call a command for every row and tell what became of it: one refusal stops no other row."""
    actor, done, refused = actor_of(request), 0, []
    for row in rows:
        try:
            do(actor, row, clock.now())
            done += 1
        except Refusal as refusal:
            refused.append(f"{row}: {sentence_of(refusal)}")
    if done:
        said = ngettext("Done for %(count)s.", "Done for %(count)s.", done) % {"count": done}
        messages.success(request, said)
    for line in refused[:_MOST_TOLD]:
        messages.error(request, line)
    if len(refused) > _MOST_TOLD:
        messages.error(request, _("And %(count)s more were refused.") % {"count": len(refused) - _MOST_TOLD})


def told(refusal: Refusal) -> dict[str, list[str]]:
    """Sentences by field; "" for what concerns no single one."""
    if isinstance(refusal, Invalid) and refusal.fields:
        found: dict[str, list[str]] = {}
        for name, sentences in words.mistakes(refusal).items():
            found[name] = [_named(name, sentence) for sentence in sentences]
        return found
    return {_ABOUT.get(refusal.code, ""): [sentence_of(refusal)]}


def sentence_of(refusal: Refusal) -> str:
    """One line about a refusal."""
    if isinstance(refusal, Invalid) and refusal.fields:
        return " ".join(line for lines in told(refusal).values() for line in lines)
    if refusal.code == "would_strand":
        stranded = ", ".join(refusal.facts.get("bookings", ()))
        return _("This would leave bookings without their time: %(bookings)s. Say what becomes of them.") % {
            "bookings": stranded
        }
    if type(refusal) is Refusal:  # only a look was asked for
        return (
            _("%(new)s would be published, %(existing)s are there already. Nothing was done yet.")
            % refusal.facts
        )
    if refusal.code in SAID:
        return str(SAID[refusal.code])
    if isinstance(refusal, Missing):
        return _("It is not there (any more).")
    if isinstance(refusal, Forbidden):
        return _("That is not allowed.")
    return words.sentence(refusal)


def _named(name: str, sentence: str) -> str:
    """The sentence, with the field's place where it is part of a list (``windows[2].opens``)."""
    return f"{name}: {sentence}" if "[" in name or "." in name else sentence


class StrandedField(forms.ChoiceField):
    """What becomes of bookings that the change would leave without their time (SPEC C7)."""

    def __init__(self) -> None:
        ways = {
            "": gettext_lazy("Do not change anything if there are any"),
            "keep": gettext_lazy("Keep them where they are"),
            "move": gettext_lazy("Move each to the nearest free time"),
            "propose": gettext_lazy("Propose other times to the customers"),
            "cancel": gettext_lazy("Cancel them"),
        }
        assert set(ways) - {""} == set(WAYS)
        super().__init__(
            choices=list(ways.items()),
            required=False,
            label=gettext_lazy("Bookings that would lose their time"),
            help_text=gettext_lazy(
                "For each one by itself, use the settings at the desk: they list the bookings and ask."
            ),
        )


def care_of(values: dict[str, Any], now: datetime) -> Care:
    """How to go about a change, from a form with a :class:`StrandedField` called ``stranded``."""
    way = values.get("stranded") or ""
    return Care(now, {}, Decision(way) if way else None)  # type: ignore[arg-type]  # one of its choices
