"""``holdfast create-business``: a business of a kind, ready to take bookings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from holdfast.blueprints.commands import create_from_blueprint
from holdfast.blueprints.rules import BLUEPRINTS
from holdfast.ops.command import OPERATOR, HoldfastCommand
from holdfast.schedule.rules import HOUR_TEMPLATES


class Command(HoldfastCommand):
    help = "Create a business of a kind, ready to take bookings"
    group = "Set up"

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--blueprint", required=True, help=f"kind of business: {', '.join(BLUEPRINTS)}")
        parser.add_argument("--name", required=True, help="the name people see")
        parser.add_argument("--slug", required=True, help="its address: letters, digits and dashes")
        parser.add_argument("--timezone", required=True, help="IANA name such as Europe/London")
        parser.add_argument("--currency", required=True, help="ISO 4217 code such as GBP")
        parser.add_argument("--language", default="en", help="language of its pages and messages")
        parser.add_argument("--hours", help=f"opening hours: {', '.join(HOUR_TEMPLATES)}")

    def run_command(self, **options: Any) -> dict[str, Any]:
        names = ("blueprint", "name", "slug", "timezone", "currency", "language", "hours")
        business = create_from_blueprint(actor=OPERATOR, **{name: options[name] for name in names})
        return {
            "id": str(business.id),
            "slug": business.slug,
            "booking_page": f"{settings.BASE_URL}/b/{business.slug}/",
            "desk": f"{settings.BASE_URL}/desk/{business.slug}/",
        }
