"""``holdfast demo``: load the demo businesses, print the addresses and sign-ins, and serve them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import CommandParser

from holdfast.accounts.commands import create_token
from holdfast.accounts.passwords import generated_password
from holdfast.accounts.queries import token_by_secret
from holdfast.blueprints.commands import load_demo
from holdfast.blueprints.commands.demo import OPERATOR_EMAIL, people_of
from holdfast.businesses.models import Business
from holdfast.catalog.queries import services_of
from holdfast.core import clock
from holdfast.core.secret_files import kept_secret
from holdfast.lib.actors import Role
from holdfast.ops.alone import preparing
from holdfast.ops.command import OPERATOR, HoldfastCommand

_TOKEN_ROLES = (Role.STAFF, Role.MANAGER, Role.ADMIN)


class Command(HoldfastCommand):
    help = "Load the demo businesses, print addresses and sign-ins, and serve them"
    group = "Run"

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--load-only", action="store_true", help="load and print, do not serve")

    def run_command(self, **options: Any) -> dict[str, Any]:
        if settings.HOLDFAST_ENVIRONMENT == "production":
            raise CommandError(
                "The demo's passwords are no secret: it does not run with HOLDFAST_ENVIRONMENT=production."
            )
        self.serve = not options["load_only"]
        self.stderr.write("Preparing the database")
        with preparing(settings.HOLDFAST_HOME):
            call_command("migrate", interactive=False, verbosity=0, stdout=self.stderr)
            password = kept_secret(settings.HOLDFAST_HOME, "demo_password", generated_password)
            businesses = load_demo(actor=OPERATOR, password=password, now=clock.now(), tell=self.stderr.write)
            token = _token(None, Role.OPERATOR)
            return {
                "base_url": settings.BASE_URL,
                "operator": {"email": OPERATOR_EMAIL, "password": password, "token": token},
                "businesses": [_described(business, password) for business in businesses],
            }

    def show(self, result: dict[str, Any]) -> None:
        """Print the addresses and sign-ins for people, and serve."""
        self.stdout.write("")
        for business in result["businesses"]:
            self.stdout.write(f"{business['name']} ({business['blueprint']})")
            self.stdout.write(f"  book   {result['base_url']}/b/{business['slug']}/")
            self.stdout.write(f"  desk   {result['base_url']}/desk/{business['slug']}/")
            for user in business["users"]:
                self.stdout.write(f"         {user['role']:<8} {user['email']}  {user['password']}")
        operator = result["operator"]
        self.stdout.write(
            f"Operator {result['base_url']}/admin/  {operator['email']}  {operator['password']}"
        )
        self.stdout.write(f"Mail     {result['base_url']}/demo/mail")
        self.stdout.write(f"API      {result['base_url']}/api/v1/docs")
        self.stdout.write("")
        if self.serve:
            call_command("serve")


def _described(business: Business, password: str) -> dict[str, Any]:
    services = services_of(business_id=business.id)
    return {
        "slug": business.slug,
        "name": business.name,
        "blueprint": business.blueprint,
        "timezone": business.timezone,
        "currency": business.currency,
        "services": [{"id": str(s.id), "name": s.name, "mode": s.mode} for s in services],
        "users": [
            {"email": person.email, "password": password, "role": str(person.role)}
            for person in people_of(slug=business.slug)
        ],
        "tokens": {str(role): _token(business, role) for role in _TOKEN_ROLES},
    }


def _token(business: Business | None, role: Role) -> str:
    """The demo's token of a role: kept in a file like the other secrets, made anew if the database forgot it."""
    home: Path = settings.HOLDFAST_HOME
    name = f"demo_token_{business.slug if business else 'installation'}_{role}"
    now = clock.now()
    path = home / "secrets" / name
    if path.exists() and token_by_secret(secret=path.read_text().strip(), now=now) is None:
        path.unlink()

    def make() -> str:
        made = create_token(
            actor=OPERATOR,
            business_id=business.id if business else None,
            role=role,
            name=f"Demo {role}",
            now=now,
            is_demo=True,
        )
        return made.secret

    return kept_secret(home, name, make)
