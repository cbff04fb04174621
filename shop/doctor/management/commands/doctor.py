"""`manage.py doctor`: is everything as it must be? Exit 1, and who breaks what, if not."""

import json as machine
from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import OperationalError
from django.utils import timezone

from shop.doctor import examine, telling, unchecked
from shop.doctor.repairing import treat
from shop.operations.telling import lines
from shop.operations.workers import look

_WEEK = 7


class Command(BaseCommand):
    help = "Ask the database whether all that must hold does; safe on a running shop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days", type=float, default=_WEEK, help="how far to look back in the log of events (default: %(default)s)"
        )
        how = parser.add_mutually_exclusive_group()
        how.add_argument(
            "--workers",
            action="store_true",
            help="look at the workers instead: what waits, who is at it, what is stuck",
        )
        how.add_argument("--json", action="store_true", help="say it for machines")
        how.add_argument("--repair", action="store_true", help="mend what is safe to mend, and note it in the audit")
        parser.add_argument(
            "--dry-run", action="store_true", help="with --repair: say what would be mended, and mend nothing"
        )

    def handle(self, *, days: float, workers: bool, json: bool, repair: bool, dry_run: bool, **_options: Any) -> None:
        if dry_run and not repair:
            raise CommandError("--dry-run goes with --repair.")
        if workers:
            _look_at_workers()
        elif json:
            _tell_machines(days)
        elif repair:
            _repair(days, dry_run=dry_run)
        else:
            _examine(days)


def _examine(days: float) -> None:
    findings = []
    for finding in examine(since=_ago(days)):
        findings.append(finding)
        _print(telling.lines(finding))
    for app, sentences in unchecked().items():
        _print(f"unknown {app}: {sentence}" for sentence in sentences)
    said = telling.summary(findings, days=days)
    if any(finding.broken for finding in findings):
        raise CommandError(said)
    print(said)


def _tell_machines(days: float) -> None:
    findings = list(examine(since=_ago(days)))
    print(machine.dumps([telling.as_json(finding) for finding in findings], cls=DjangoJSONEncoder, indent=2))
    if any(finding.broken for finding in findings):
        raise CommandError(telling.summary(findings, days=days))


def _repair(days: float, *, dry_run: bool) -> None:
    done: dict[str, int] = {"mended": 0, "gone": 0, "left": 0}
    for treatment in treat(since=_ago(days), dry_run=dry_run):
        _print(telling.lines_of(treatment, dry_run=dry_run))
        for outcome in treatment.outcomes or ():
            done[outcome.how] += 1
        done["left"] += len(treatment.finding.broken) if treatment.outcomes is None else 0
    said = f"{done['mended']} {'would be ' if dry_run else ''}mended, {done['left']} left as they are"
    if done["left"]:
        raise CommandError(said)
    print(f"{said}. Ask again, once the workers have done what was woken.")


def _look_at_workers() -> None:
    try:
        report = look()
    except OperationalError as error:
        raise CommandError("The database does not answer.") from error
    _print(lines(report))
    if report.complaints:
        raise CommandError(f"{len(report.complaints)} complaints about the workers")


def _ago(days: float) -> datetime:
    try:
        return timezone.now() - timedelta(days=days)
    except (OverflowError, ValueError) as error:
        raise CommandError(f"{days} days is not a time to look back.") from error


def _print(told: Iterable[str]) -> None:
    for line in told:
        print(line)
