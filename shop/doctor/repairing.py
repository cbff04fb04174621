"""Repairing what is safe to repair: each thing in a transaction of its own, with its entry in the audit."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import DatabaseError, connection, transaction
from uuid_utils.compat import uuid7

from shop import audit
from shop.bus import Context, Unavailable, within
from shop.doctor.examination import Finding, look
from shop.doctor.invariant import NotSafe, Repair, Row, known
from shop.states import Stale

COMMAND = "doctor --repair"
"""Who did it, as the audit has it."""

MOST = 10_000
"""How many who break the same are mended in one run."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: it was mended, or nothing was to be done any more, or it was left as it is, and why."""

    row: Row
    how: Literal["mended", "gone", "left"]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Treatment:
    """What was found, and what became of each; None where there is no repair."""

    finding: Finding
    outcomes: list[Outcome] | None


def treat(*, since: datetime, dry_run: bool) -> Iterator[Treatment]:
    """Ask all invariants, and mend what can be mended before the next is asked: one damage often breaks several.

    A dry run does the same, and takes each back at once.
    """
    for app, invariants in known().items():
        for invariant in invariants:
            finding = look(app, invariant, since=since, most=MOST)
            repair = invariant.repair
            outcomes = [_mend(finding, repair, row, dry_run) for row in finding.broken] if repair else None
            yield Treatment(finding, outcomes)


def _mend(finding: Finding, repair: Repair, row: Row, dry_run: bool) -> Outcome:  # noqa: FBT001 - handed down
    story = str(uuid7())
    try:
        with within(Context(correlation=story, causation=story, actor="command:doctor")), transaction.atomic():
            is_mended = _mend_and_note(finding, repair, row)
            transaction.set_rollback(dry_run)
    except (NotSafe, Unavailable) as reason:
        return Outcome(row, "left", str(reason))
    except (DatabaseError, Stale) as error:
        first_line, *_ = str(error).splitlines()
        return Outcome(row, "left", f"the database did not let it happen: {first_line}")
    return Outcome(row, "mended" if is_mended else "gone")


def _mend_and_note(finding: Finding, repair: Repair, row: Row) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '5s'")
    mended = repair.mend(row)
    if mended is None:
        return False
    audit.note(
        by=COMMAND,
        action=repair.action,
        subject=mended.subject,
        before=mended.before,
        after=mended.after,
        reason=finding.invariant.claim,
    )
    return True
