"""`manage.py asyncapi`: write the AsyncAPI document anew, after a change of the events."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shop.events.asyncapi import changes, document


class Command(BaseCommand):
    """Writes `docs/asyncapi.json`, which is committed and served; refuses what would break those who listen."""

    help = "Write docs/asyncapi.json from the declared events, unless that breaks somebody."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if there is something to write")

    def handle(self, *args: Any, **options: Any) -> None:
        new = document.made()
        text = document.written(new)
        if document.FILE.exists():
            self._compare(new)
        if not options["check"]:
            document.FILE.write_text(text)
        elif not document.FILE.exists() or document.FILE.read_text() != text:
            raise CommandError(f"{document.FILE.name} is not what the code says: run `manage.py asyncapi`.")

    def _compare(self, new: document.Document) -> None:
        broken = changes.broken(document.read(), new)
        if broken:
            advice = "A version of an event only ever grows: declare a new version beside the old one."
            raise CommandError("\n".join([*broken, advice]))
