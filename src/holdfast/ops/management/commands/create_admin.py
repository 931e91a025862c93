"""``holdfast create-admin``: a sign-in for a person who runs this installation."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.core.management import CommandError
from django.core.management.base import CommandParser

from holdfast.accounts.commands import create_operator
from holdfast.accounts.passwords import generated_password
from holdfast.ops.command import OPERATOR, HoldfastCommand


class Command(HoldfastCommand):
    help = "Make a sign-in for a person who runs this installation"
    group = "Set up"

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--email", help="address to sign in with; asked for on a terminal")
        parser.add_argument("--name", default="", help="the person's name")
        parser.add_argument("--password", help="asked for on a terminal; elsewhere one is made and printed")

    def run_command(self, **options: Any) -> dict[str, Any]:
        on_terminal = sys.stdin is not None and sys.stdin.isatty()
        email = options["email"] or (input("Email address: ").strip() if on_terminal else "")
        if not email:
            raise CommandError("Give the address with --email.", returncode=2)
        given = options["password"] or (_asked() if on_terminal else "")
        password = given or generated_password()
        account = create_operator(actor=OPERATOR, email=email, name=options["name"], password=password)
        result = {"id": str(account.id), "email": account.email}
        return result if given else {**result, "password": password}


def _asked() -> str:
    password = getpass.getpass("Password (empty: make one): ")
    if password and getpass.getpass("Again: ") != password:
        raise CommandError("The two passwords differ.", returncode=2)
    return password
