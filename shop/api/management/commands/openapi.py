"""`manage.py openapi`: write the OpenAPI document anew, after a change of the REST API."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shop.api.openapi import document


class Command(BaseCommand):
    """Writes `docs/openapi.json`, which is committed and served."""

    help = "Write docs/openapi.json from the code."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            document.FILE.write_text(document.written(document.made()))
        except document.Undescribed as error:
            raise CommandError(f"{error}") from error
