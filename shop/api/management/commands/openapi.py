"""`manage.py openapi`: write the OpenAPI document anew, after a change of the REST API."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shop.api.openapi import changes, document


class Command(BaseCommand):
    """Writes `docs/openapi.json`, which is committed and served; refuses what would break clients."""

    help = "Write docs/openapi.json from the code, unless that breaks somebody."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if there is something to write")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            new = document.made()
        except document.Undescribed as error:
            raise CommandError(f"{error}") from error
        if document.FILE.exists() and (broken := changes.broken(document.committed(), new)):
            raise CommandError("\n".join([*broken, "v1 only ever grows: offer the new beside the old."]))
        if not options["check"]:
            document.FILE.write_text(document.written(new))
        elif not document.FILE.exists() or document.FILE.read_text() != document.written(new):
            raise CommandError(f"{document.FILE.name} is not what the code says: run `manage.py openapi`.")
