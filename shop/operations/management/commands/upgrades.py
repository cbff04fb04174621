"""`manage.py upgrades`: whether new migrations can run beside the release before them; exit 1 if not."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from shop.operations import upgrades


class Command(BaseCommand):
    """Needs no database: it reads migrations."""

    help = "Check that new migrations can run while the release before them still serves customers."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--settle", action="store_true", help="ask no more about the migrations that there are")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["settle"]:
            upgrades.settle()
        complaints = list(upgrades.complaints())
        for complaint in complaints:
            self.stdout.write(complaint)
        if complaints:
            self.stdout.write('How to do without, or to state that it was reviewed: docs/operations.md, "Upgrades".')
            sys.exit(1)
