"""The variables of what goes out: mail and texts."""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import BaseSettings

# Providers of mail that are spoken to by HTTP, with what django-anymail calls their key and the secret of their webhooks.
MAIL_PROVIDERS: dict[str, tuple[str, str]] = {
    "sendgrid": ("SENDGRID_API_KEY", ""),
    "mailgun": ("MAILGUN_API_KEY", "MAILGUN_WEBHOOK_SIGNING_KEY"),
    "postmark": ("POSTMARK_SERVER_TOKEN", "WEBHOOK_SECRET"),
    "brevo": ("BREVO_API_KEY", "WEBHOOK_SECRET"),
    "mailersend": ("MAILERSEND_API_TOKEN", "MAILERSEND_SIGNING_SECRET"),
    "sparkpost": ("SPARKPOST_API_KEY", "WEBHOOK_SECRET"),
}


def variable(default: Any, about: str, *aliases: str, **limits: Any) -> Any:
    """One variable: its default, its meaning, its names if they are not the field's own, its bounds."""
    choices = AliasChoices(*aliases) if aliases else None
    return Field(default=default, description=about, validation_alias=choices, **limits)


class MessageVariables(BaseSettings):
    """What mail and texts go out by."""

    email_provider: str = variable(
        "",
        "What mail goes out by: smtp, sendgrid, mailgun, postmark, brevo, mailersend or sparkpost. Unset: sendgrid where"
        " SENDGRID_API_KEY is set, else smtp.",
    )
    email_api_key: str = variable(
        "", "The key of the mail provider, for all but smtp.", "EMAIL_API_KEY", "SENDGRID_API_KEY"
    )
    email_webhook_secret: str = variable(
        "",
        "By what news of the mail provider is known: its signing key, or user:password where it has none. SendGrid's key is"
        " SENDGRID_WEBHOOK_VERIFICATION_KEY. Unset: no news is taken.",
    )
    email_provider_options: str = variable(
        "",
        'What else django-anymail needs to know of the provider, as JSON: {"MAILGUN_SENDER_DOMAIN": "mg.example.com"}.',
    )
    sendgrid_webhook_verification_key: str = variable(
        "", "The public key with which SendGrid signs its events. Unset: its news is refused."
    )
    smtp_host: str = variable("", "Mail server. Unset: mail is written to HOLDFAST_HOME/mail.")
    smtp_port: int = variable(587, "Port of the mail server.", ge=1, le=65535)
    smtp_user: str = variable("", "User name at the mail server.", "SMTP_USER", "SMTP_USERNAME")
    smtp_password: str = variable("", "Password at the mail server.", "SMTP_PASSWORD", "SMTP_PASS")
    smtp_tls: str = variable("starttls", "starttls, tls (from the first byte, port 465) or none.")
    mail_from_email: str = variable(
        "bookings@localhost", "Sender address of mail.", "MAIL_FROM_EMAIL", "SENDGRID_FROM_EMAIL"
    )
    mail_from_name: str = variable(
        "Holdfast", "Sender name of mail that is no business's.", "MAIL_FROM_NAME", "SENDGRID_FROM_NAME"
    )

    sms_provider: str = variable(
        "",
        "What texts go out by: twilio, or console, which prints them. Unset: twilio where TWILIO_ACCOUNT_SID is set, else"
        " console, but none in production.",
    )
    twilio_account_sid: str = variable("", "The account at Twilio.")
    twilio_auth_token: str = variable(
        "", "Its token: sends texts, and proves that news and answers are Twilio's."
    )
    twilio_from: str = variable(
        "",
        "The number texts come from, +441134960000, or a messaging service's id.",
        "TWILIO_FROM",
        "TWILIO_PHONE_NUMBER",
    )
    twilio_api_url: str = variable("https://api.twilio.com", "Where Twilio's API is.")

    @field_validator("email_provider")
    @classmethod
    def _mail(cls, value: str) -> str:
        if value.lower() not in ("", "smtp", *MAIL_PROVIDERS):
            raise ValueError(f"must be smtp, {', '.join(MAIL_PROVIDERS)}")
        return value.lower()

    @field_validator("sms_provider")
    @classmethod
    def _texts(cls, value: str) -> str:
        if value.lower() not in ("", "twilio", "console"):
            raise ValueError("must be twilio or console")
        return value.lower()

    @field_validator("email_provider_options")
    @classmethod
    def _options(cls, value: str) -> str:
        try:
            options = json.loads(value or "{}")
        except ValueError:
            options = None
        if not isinstance(options, dict):
            raise ValueError('must be JSON like {"MAILGUN_SENDER_DOMAIN": "mg.example.com"}')
        return value

    @field_validator("twilio_from")
    @classmethod
    def _sender(cls, value: str) -> str:
        if value and not re.fullmatch(r"\+[1-9]\d{6,14}|MG[0-9a-f]{32}", value):
            raise ValueError("must be a number like +441134960000 or the id of a messaging service")
        return value

    @field_validator("smtp_tls", mode="before")
    @classmethod
    def _tls(cls, value: Any) -> str:
        text = str(value).strip().lower()
        text = {
            "true": "starttls",
            "1": "starttls",
            "yes": "starttls",
            "false": "none",
            "0": "none",
            "no": "none",
        }.get(text, text)
        if text not in ("starttls", "tls", "none"):
            raise ValueError("must be starttls, tls or none")
        return text

    @property
    def mail_provider(self) -> str:
        """What mail goes out by: smtp, a provider's name, or empty for files."""
        if self.email_provider == "smtp" or (not self.email_provider and not self.email_api_key):
            return "smtp" if self.smtp_host else ""
        return self.email_provider or "sendgrid"

    @property
    def anymail(self) -> dict[str, Any]:
        """The settings of django-anymail for that provider."""
        settings: dict[str, Any] = {"REQUESTS_TIMEOUT": 10}
        if self.mail_provider in MAIL_PROVIDERS:
            key, secret = MAIL_PROVIDERS[self.mail_provider]
            settings[key] = self.email_api_key
            if secret and self.email_webhook_secret:
                settings[secret] = self.email_webhook_secret
        options: dict[str, Any] = json.loads(self.email_provider_options or "{}")
        return settings | options
