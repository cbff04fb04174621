"""`manage.py doctor`: is everything as it must be? Exit 1, and who breaks what, if not."""

from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.utils import timezone

from shop.doctor import Finding, examine, unchecked
from shop.operations.telling import lines
from shop.operations.workers import look

_WEEK = 7


class Command(BaseCommand):
    help = "Ask the database whether all that must hold does; safe on a running shop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days", type=float, default=_WEEK, help="how far to look back in the log of events (default: %(default)s)"
        )
        parser.add_argument(
            "--workers",
            action="store_true",
            help="look at the workers instead: what waits, who is at it, what is stuck",
        )

    def handle(self, *, days: float, workers: bool, **_options: Any) -> None:
        if workers:
            _look_at_workers()
        else:
            self._examine(days)

    def _examine(self, days: float) -> None:
        findings = [self._tell(finding) for finding in examine(since=_ago(days))]
        for app, sentences in unchecked().items():
            for sentence in sentences:
                print(f"unknown {app}: {sentence}")
        broken = sum(bool(finding.broken) for finding in findings)
        if broken:
            raise CommandError(f"{broken} of {len(findings)} do not hold")
        print(f"All {len(findings)} hold; of events those of the last {days:g} days were looked at.")

    def _tell(self, finding: Finding) -> Finding:
        print(f"{'BROKEN' if finding.broken else 'ok':7} {finding.app}: {finding.invariant.claim}")
        for row in finding.broken:
            print(f"        - {_shown(row)}")
        if finding.broken:
            print(f"        What to do: {finding.invariant.remedy}")
        return finding


def _look_at_workers() -> None:
    try:
        report = look()
    except OperationalError as error:
        raise CommandError("The database does not answer.") from error
    for line in lines(report):
        print(line)
    if report.complaints:
        raise CommandError(f"{len(report.complaints)} complaints about the workers")


def _ago(days: float) -> datetime:
    try:
        return timezone.now() - timedelta(days=days)
    except (OverflowError, ValueError) as error:
        raise CommandError(f"{days} days is not a time to look back.") from error


def _shown(row: Sequence[Any]) -> str:
    return ", ".join(str(value) for value in row)
