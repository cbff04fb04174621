"""`manage.py replay`: deliver events of the log to handlers that have not done them."""

from argparse import ArgumentParser
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from shop.bus.replay import BadReplay, Round, Wanted, rounds


class Command(BaseCommand):
    """Fill what has no receipt. Dead letters and what waits already are left to where they are."""

    help = "Deliver events anew, to handlers that have not done them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--event", type=UUID, help="one event, by its id")
        parser.add_argument("--key", default="", help="all events of an order, by its id; of stock, by its SKU")
        parser.add_argument("--type", default="", help="events of one type, such as order.placed")
        parser.add_argument("--since", type=_moment, help="events from this time on (ISO 8601; UTC unless it says)")
        parser.add_argument("--until", type=_moment, help="events before this time")
        parser.add_argument("--handler", action="append", default=[], help="for this handler only; may be repeated")
        parser.add_argument("--missing", action="store_true", help="the whole log, for a handler that was added later")
        parser.add_argument("--again", action="store_true", help="what is done, too; repeatable handlers only")
        parser.add_argument("--dry-run", action="store_true", help="say what would be delivered, and deliver nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        named = ("event", "key", "type", "since", "until", "missing", "again")
        try:
            wanted = Wanted(handlers=options["handler"], **{name: options[name] for name in named})
        except BadReplay as error:
            raise CommandError(str(error)) from error
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        events = 0
        for made in rounds(wanted, dry_run=options["dry_run"]):
            events += made.events
            _add(sums, made)
        self.stdout.write(f"{events} events looked at")
        what = "would be delivered" if options["dry_run"] else "delivered"
        for handler, (delivered, done, waiting, dead) in sums.items():
            self.stdout.write(f"{handler:45} {delivered} {what}, {done} done, {waiting} waiting, {dead} dead letters")


def _add(sums: dict[str, list[int]], made: Round) -> None:
    for share in made.shares:
        parts = (share.delivered, share.done, share.waiting, share.dead)
        sums[share.handler] = [known + more for known, more in zip(sums[share.handler], parts, strict=True)]


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
