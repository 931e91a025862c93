"""allauth's forms in our words: labels, hints, and what password managers and phones go by."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as second
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as passkeys
from django.forms import Field
from django.utils.translation import gettext_lazy as _

_RULES = _(
    "8 to 128 characters. Length protects more than odd signs; common and leaked passwords are refused."
)


def _word(field: Field, label: Any, hint: Any = "", **attributes: str) -> None:
    field.label, field.help_text = label, hint
    field.widget.attrs.update(attributes)


class SignIn(account.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class SignUp(account.SignupForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self.fields["email"], _("Email"), _("You sign in with it."), autocomplete="username")
        if "password1" in self.fields:
            _word(self.fields["password1"], _("Password"), _RULES)


class ChangePassword(account.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self.fields["oldpassword"], _("Your password now"), autocomplete="current-password")
        _new_passwords(self.fields)


class SetPassword(account.SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _new_passwords(self.fields)


class ResetPassword(account.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _new_passwords(self.fields)


class Prove(account.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self.fields["password"], _("Your password"), autocomplete="current-password")


class Code(second.AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self.fields["code"])


class ProveByCode(second.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self.fields["code"], _("From the authenticator app, or a recovery code."))


class FirstCode(totp.ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self.fields["code"], _("Six digits from the app."))
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class AddPasskey(passkeys.AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self.fields["name"], _("Name"), _("To tell it from others: “my phone”, “key in the safe”."))
        passwordless = self.fields["passwordless"]
        passwordless.initial = True
        _word(passwordless, _("Sign me in without the password (not for older security keys)"))


class RenamePasskey(passkeys.EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self.fields["name"], _("Name"))
        self.fields["name"].max_length = 100


def _new_passwords(fields: dict[str, Field]) -> None:
    _word(fields["password1"], _("New password"), _RULES)
    if "password2" in fields:
        _word(fields["password2"], _("The same again"), autocomplete="new-password")


def _code(field: Field, hint: Any = "") -> None:
    _word(field, _("Code"), hint, autocomplete="one-time-code", autocapitalize="none", spellcheck="false")
