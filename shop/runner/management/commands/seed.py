"""`manage.py seed`: demo data, made once; and customers with API keys, for load."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.module_loading import import_string, module_has_submodule

from shop.users import seeding as users
from shop.users.models import User


class Command(BaseCommand):
    """Runs `seed()` of each app's `seeding` module, in the order of INSTALLED_APPS."""

    help = "Make the demo data, once; with --customers and --tokens, customers that a load test can be."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--customers", type=int, default=0, metavar="N", help="make N more customers")
        parser.add_argument("--tokens", type=Path, metavar="FILE", help="write their API keys there, a line each")
        parser.add_argument("--token", metavar="EMAIL", help="print a fresh API key of this account, and nothing else")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if options["token"]:
            self._print_token(options["token"])
            return
        for config in apps.get_app_configs():
            if module_has_submodule(config.module, "seeding"):
                self._say(import_string(f"{config.name}.seeding.seed")())
        if options["customers"]:
            self._make_customers(options["customers"], options["tokens"])

    def _print_token(self, email: str) -> None:
        try:
            self.stdout.write(users.token_for(email))
        except User.DoesNotExist:
            raise CommandError(f"There is no account {email}.") from None

    def _make_customers(self, count: int, file: Path | None) -> None:
        if file is None:
            raise CommandError("Say where to write the API keys: --tokens FILE.")
        file.touch(mode=0o600)
        file.write_text("".join(f"{token}\n" for token in users.customers(count)))
        self._say(f"{count} customers, their API keys in {file}")

    def _say(self, line: str | None) -> None:
        if line:
            self.stdout.write(f"seeded: {line}")
