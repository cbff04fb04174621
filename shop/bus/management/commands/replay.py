"""`manage.py replay`: deliver events of the log to handlers that have not done them."""

from argparse import ArgumentParser
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from shop import audit
from shop.bus.replay import Round, Share, deliver, preview, rounds
from shop.bus.wanted import BadReplay, Wanted


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
        shares: dict[str, Share] = {}
        events = 0
        for made in rounds(wanted, preview if options["dry_run"] else _deliver_and_note):
            events += made.events
            for share in made.shares:
                shares[share.handler] = shares.get(share.handler, Share(share.handler, 0)) + share
        self.stdout.write(f"{events} events looked at")
        for share in shares.values():
            self.stdout.write(_told(share, "would be delivered" if options["dry_run"] else "delivered"))


@transaction.atomic
def _deliver_and_note(wanted: Wanted, *, after: UUID | None) -> Round:
    made = deliver(wanted, after=after)
    if made.delivered:
        audit.note(
            by="replay",
            action="events.replayed",
            subject="events",
            before={},
            after={
                "wanted": {name: value for name, value in asdict(wanted).items() if value},
                "delivered": {share.handler: share.delivered for share in made.shares},
            },
        )
    return made


def _told(share: Share, delivered: str) -> str:
    left = f"{share.done} done, {share.waiting} waiting, {share.dead} dead letters"
    kept = f", {share.kept} not repeatable" if share.kept else ""
    return f"{share.handler:45} {share.delivered} {delivered}, {left}{kept}"


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
