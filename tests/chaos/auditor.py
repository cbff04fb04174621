"""The auditor: holds what customers were told against what is there. It knows the tables, and none of the code."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import psycopg
from psycopg.rows import dict_row

from tests.chaos import questions
from tests.chaos.book import Debt
from tests.chaos.wishes import CANNOT_BE_TAKEN, IS_DECLINED, SCARCE

_ENDS = {"confirmed", "cancelled"}

Rows = Sequence[dict[str, Any]]
Session = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be. What is `lost` or `doubled` breaks the promise itself."""

    what: Literal["lost", "doubled", "wrong"]
    claim: str
    about: str = ""
    order: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.claim} {self.about}".strip()


class Auditor:
    """Asks by a session of its own; each question is a transaction of its own."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url

    def look(self) -> list[Finding]:
        """What must hold at any time. Raises `psycopg.OperationalError` while the database is away."""
        with self._session() as session:
            return list(_twice(session))

    def waiting(self) -> tuple[int, float, str]:
        """How many orders are open, and for how many seconds the oldest due work has waited; what that is."""
        with self._session() as session:
            (placed,) = session.execute(questions.OPEN).fetchone() or (0,)
            age, what = session.execute(questions.DUE).fetchone() or (0.0, "")
        return placed, age, what

    def is_at_rest(self) -> bool:
        """Nothing is due, and nothing waits for another attempt."""
        with self._session() as session:
            return session.execute(questions.RESTLESS).fetchone() == (0,)

    def judge(self, debts: Mapping[str, Debt]) -> list[Finding]:
        """What must hold once everything has come to rest: each debt is made good, and nothing happened twice."""
        with self._session() as session:
            return judged(session, debts)

    def endings(self) -> dict[str, int]:
        """How many orders ended how."""
        ended: dict[str, int] = defaultdict(int)
        with self._session() as session:
            for status, reason in session.execute("SELECT status, cancellation_reason FROM orders_order"):
                ended[f"{status} {f'({reason})' if reason else ''}".strip()] += 1
        return dict(ended)

    def story(self, order: str) -> str:
        """All that the shop knows of an order."""
        with self._session() as session:
            chapters = ((title, session.execute(sql, {"order": order})) for title, sql in questions.STORY.items())
            return "\n".join(f"  {title}\n{_indented(cursor.fetchall())}" for title, cursor in chapters)

    def _session(self) -> Session:
        return psycopg.connect(self._url, autocommit=True, connect_timeout=3, application_name="auditor")


def judged(session: Session, debts: Mapping[str, Debt]) -> list[Finding]:
    """What `judge` finds, as this session sees the shop."""
    facts = Facts.of(session)
    return [*_twice(session), *_given_up(session), *_unpaid(debts, facts), *_unasked(debts, facts)]


def _twice(session: Session) -> Iterator[Finding]:
    for claim, question in questions.DOUBLE.items():
        for row in session.execute(question):
            yield Finding("doubled", claim, ", ".join(map(str, row)), str(row[0]))


def _given_up(session: Session) -> Iterator[Finding]:
    """With so many attempts as a storm allows nothing becomes a dead letter by kills."""
    for row in session.execute(questions.GIVEN_UP):
        yield Finding("lost", "a dead letter", ", ".join(map(str, row)), str(row[0]))


@dataclass(frozen=True)
class Facts:
    """All that the database says of orders, each by the order's id."""

    orders: Mapping[str, dict[str, Any]]
    books: Mapping[str, dict[str, Any]]
    holds: Mapping[str, dict[str, Any]]
    mails: Mapping[tuple[str, str], int]

    @classmethod
    def of(cls, session: Session) -> "Facts":
        def ask(question: str) -> Rows:
            with session.cursor(row_factory=dict_row) as cursor:
                return cursor.execute(question).fetchall()

        return cls(
            orders={row["id"]: row for row in ask(questions.ORDERS) if row["key"]},
            books={row["order_id"]: row for row in ask(questions.BOOK)},
            holds={row["order_id"]: row for row in ask(questions.HOLDS)},
            mails={(row["order_id"], row["kind"]): row["mails"] for row in ask(questions.MAILS)},
        )


def _unpaid(debts: Mapping[str, Debt], facts: Facts) -> Iterator[Finding]:
    """What customers were told, and is not so."""
    for debt in debts.values():
        if len(debt.orders) > 1:
            yield Finding("doubled", "one key was answered with two orders", f"{debt.key} {sorted(debt.orders)}")
        for status in sorted(debt.refusals):
            yield Finding("wrong", f"a good order was answered with {status}", debt.key)
        for order_id in sorted(debt.orders):
            order = facts.orders.get(order_id)
            if order is None:
                yield Finding("lost", "a 201 without an order", debt.key, order_id)
            elif order["key"] != debt.key:
                yield Finding("wrong", "a 201 with somebody else's order", f"{debt.key} {order['key']}", order_id)
            elif order["status"] in _ENDS and not _expected(debt, order):
                about = f"{debt.method}, {order['status']} {order['cancellation_reason']}"
                yield Finding("wrong", "not the ending that its customer was to expect", about, order_id)


def _unasked(debts: Mapping[str, Debt], facts: Facts) -> Iterator[Finding]:
    """All orders that are there, whether anybody heard of them or not: each was wanted, and each has ended whole."""
    for order_id, order in facts.orders.items():
        debt = debts.get(order["key"])
        if debt is None:
            yield Finding("wrong", "an order that nobody sent", order["key"], order_id)
            continue
        book, hold = facts.books.get(order_id, {}), facts.holds.get(order_id, {})
        for fault in _not_whole(debt, order, book, hold):
            yield Finding("lost", fault, str({**order, **book, **hold}), order_id)
        for kind in _missing_mails(order, facts, order_id):
            yield Finding("lost", f"no mail of kind {kind}", order["key"], order_id)


def _expected(debt: Debt, order: Mapping[str, Any]) -> bool:
    """Who pays for what there is plenty of, and lets it be, gets it."""
    if debt.cancelled or debt.method in {IS_DECLINED, CANNOT_BE_TAKEN} or debt.approved is False:
        return bool(order["status"] == "cancelled")
    if debt.cancelling or set(debt.lines) & set(SCARCE):
        return True
    return bool(order["status"] == "confirmed")


def _not_whole(debt: Debt, order: Mapping[str, Any], book: Mapping[str, Any], hold: Mapping[str, Any]) -> Iterable[str]:
    sums = tuple(book.get(name, 0) for name in ("authorised", "captured", "voided", "refunded"))
    match order["status"]:
        case "confirmed":
            if sums != (order["total"], order["total"], 0, 0) or order["payment_status"] != "captured":
                yield "a confirmed order whose money was not taken once and in full"
            if hold.get("state") != "committed" or hold["pieces"] != debt.lines:
                yield "a confirmed order whose stock is not held"
        case "cancelled":
            authorised, captured, voided, refunded = sums
            if authorised != captured + voided or captured != refunded:
                yield "a cancelled order that holds money"
            if hold.get("state") in {"held", "committed"}:
                yield "a cancelled order that holds stock"
            if order["payment_status"] in {"authorized", "captured"}:
                yield "a cancelled order that has not heard of its money"
        case _:
            yield "an order that has not ended"


def _missing_mails(order: Mapping[str, Any], facts: Facts, order_id: str) -> Iterable[str]:
    wanted = {"confirmed": ("received", "confirmed", "receipt"), "cancelled": ("received", "cancelled")}
    return [kind for kind in wanted.get(order["status"], ()) if not facts.mails.get((order_id, kind))]


def _indented(rows: Sequence[tuple[Any, ...]]) -> str:
    return "\n".join(f"    {' | '.join(map(str, row))}" for row in rows) or "    nothing"
