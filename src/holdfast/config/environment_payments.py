"""The variables of how money is taken."""

from __future__ import annotations

from pydantic_settings import BaseSettings

from holdfast.config.environment_messages import variable


class PaymentVariables(BaseSettings):
    """What payments go through."""

    stripe_secret_key: str = variable(
        "", "Takes money with Stripe: sk_live_… or sk_test_…. Unset: no Stripe."
    )
    stripe_webhook_secret: str = variable(
        "",
        "Signing secret of the webhook endpoint, whsec_…; the new and the old one, separated by a comma, to change it.",
    )
    stripe_api_base: str = variable("", "Another address in place of https://api.stripe.com, for tests.")
    demo_payments: bool = variable(
        False, "Offer payments that only play at paying in production, too; elsewhere they always are."
    )

    @property
    def stripe_secrets(self) -> tuple[str, ...]:
        return tuple(part for part in map(str.strip, self.stripe_webhook_secret.split(",")) if part)
