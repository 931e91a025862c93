"""People who sign in, and tokens of programs. Passwords are neither shown nor set here: people set their own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from holdfast.accounts.commands import create_account, create_operator, create_token, revoke_token
from holdfast.accounts.models import Account, AccountMail, ApiToken
from holdfast.businesses.models import Business
from holdfast.core import clock
from holdfast.lib.actors import Actor, Role
from holdfast.web.admin.carrying import CommandAdmin, CommandForm, ReadOnlyAdmin, actor_of, each


class NewAccountForm(CommandForm):
    class Meta:
        model = Account
        fields = ("email", "name", "is_operator")
        help_texts = {
            "email": gettext_lazy("Whoever reads it sets a password by “Forgot password?” at the sign-in."),
            "is_operator": gettext_lazy(
                "May enter this admin and every business. For those who run the installation."
            ),
        }


@admin.register(Account)
class AccountAdmin(CommandAdmin):
    makes = True
    add_form = NewAccountForm
    add_fields = ("email", "name", "is_operator")
    fields = ("email", "name", "is_operator", "is_active", "is_demo", "last_login", "created_at")
    readonly_fields = fields
    list_display = ("email", "name", "is_operator", "is_active", "last_login", "created_at")
    list_filter = ("is_operator", "is_active", "is_demo")
    search_fields = ("email", "name")
    search_help_text = gettext_lazy("Email or name")
    ordering = ("email",)

    def make(self, actor: Actor, values: dict[str, Any], now: datetime) -> Any:
        facts = {"email": values["email"], "name": values["name"]}
        if values["is_operator"]:
            return create_operator(actor=actor, **facts).pk
        return create_account(**facts, is_verified=False).pk


class NewTokenForm(CommandForm):
    business = forms.ModelChoiceField(
        Business.objects.order_by("name"),
        required=False,
        label=gettext_lazy("Business"),
        help_text=gettext_lazy("None: an operator's token, good for every business."),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[(str(role), str(role)) for role in Role if role.includes(Role.STAFF)],
    )

    class Meta:
        model = ApiToken
        fields = ("name", "role", "expires_at")
        help_texts = {
            "name": gettext_lazy("What it is for."),
            "expires_at": gettext_lazy("Empty: it is good until it is revoked."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["expires_at"].required = False


@admin.register(ApiToken)
class ApiTokenAdmin(CommandAdmin):
    makes = True
    add_form = NewTokenForm
    add_fields = ("name", "business", "role", "expires_at")
    fields = (
        "name", "prefix", "account", "business_id", "role", "scopes", "expires_at", "last_used_at", "revoked_at",
        "created_at",
    )  # fmt: skip
    readonly_fields = fields
    list_display = ("name", "prefix", "role", "business_id", "last_used_at", "expires_at", "revoked_at")
    list_filter = ("role", ("revoked_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "prefix")
    search_help_text = gettext_lazy("Name or the first letters of the token")
    ordering = ("-created_at",)
    actions = ("revoke",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        values = form.cleaned_data
        made = create_token(
            actor=actor_of(request),
            business_id=values["business"].pk if values["business"] else None,
            role=Role(values["role"]),
            name=values["name"],
            expires_at=values["expires_at"],
            now=clock.now(),
        )
        obj.pk = made.token.pk
        said = _("The token is %(secret)s. Copy it now: nobody will see it again.") % {"secret": made.secret}
        messages.warning(request, said)

    @admin.action(description=gettext_lazy("Revoke"))
    def revoke(self, request: HttpRequest, rows: QuerySet[ApiToken]) -> None:
        each(
            request,
            rows,
            lambda actor, row, now: revoke_token(
                actor=actor, business_id=row.business_id, token_id=row.pk, now=now
            ),
        )


@admin.register(AccountMail)
class AccountMailAdmin(ReadOnlyAdmin):
    """Without its content, whose links let their reader in."""

    list_display = ("id", "attempts", "due_at", "created_at")
    fields = ("id", "attempts", "due_at", "created_at")


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin):
    list_display = ("email", "user", "verified", "primary")
    list_filter = ("verified", "primary")
    list_select_related = ("user",)
    search_fields = ("email",)
    fields = ("user", "email", "verified", "primary")
