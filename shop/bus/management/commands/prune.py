"""`manage.py prune`: drop the weeks of the log that are old and of no use any more."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from shop.bus import partitions, retention
from shop.bus.retention import Plan


class Command(BaseCommand):
    """Workers do the same by themselves every hour where BUS_KEPT is set."""

    help = "Drop the weeks of the log that are old and of no use any more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--keep", type=int, default=settings.BUS_KEPT, help="weeks to keep, two at least (default: BUS_KEPT)"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be dropped, and drop nothing")

    def handle(self, *args: Any, keep: int, dry_run: bool, **options: Any) -> None:
        if not keep:
            raise CommandError("The log is kept for ever: set BUS_KEPT, or say how many weeks to --keep.")
        planned = retention.plan(keep=keep)
        gone = [] if dry_run else [each.week for each in retention.drop(keep=keep)]
        for week in planned.weeks if dry_run else sorted(set(gone)):
            print(f"{week}  {'would be dropped' if dry_run else 'dropped'}")
        self._tell_of_hold(planned)
        _, there = partitions.look()
        left = {each.week for each in there} & set(planned.weeks)
        if left and not dry_run:
            raise CommandError(f"{min(left)} and later are in use, or another process is at it: come again.")

    def _tell_of_hold(self, planned: Plan) -> None:
        if hold := planned.hold:
            due = f", the last due {hold.due_at:%Y-%m-%d %H:%M}" if hold.due_at else ""
            print(f"{hold.week}  stays: {hold.deliveries} deliveries to make{due}; {hold.letters} dead letters")
