"""Fixtures that every test may ask for: people, things to sell, what was published, and the bus run by hand."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial
from typing import Any, Protocol, TypeVar, overload

import pytest
from django.db import connection, transaction
from django.db.models import Max
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker
from rest_framework.test import APIClient

from inventory import services as inventory
from inventory.models import StockLevel
from shop.bus import Event
from shop.bus.batch import despite_conflicts
from shop.bus.event import event_type
from shop.bus.models import Event as LoggedEvent
from shop.bus.tasks import drain
from shop.users.models import User
from tests import processes
from tests.bus.stage import notes
from tests.keys import client_with, key_of
from tests.processes import Worker
from tests.shelves import offer

E = TypeVar("E", bound=Event)

# --- The database between two tests -------------------------------------------------------------------------

# Deleting is faster than truncating where tables are nearly empty, asks for no lock that a worker could hold, and
# leaves the partitions alone. Foreign keys are checked at the commit, so any order will do. Only what must never be
# deleted wants a lock, and where there is something of the kind only.
_EMPTY = """
DO $$
DECLARE name text;
BEGIN
    IF EXISTS (SELECT FROM audit_entry) THEN
        ALTER TABLE audit_entry DISABLE TRIGGER USER;
        DELETE FROM audit_entry;
        ALTER TABLE audit_entry ENABLE TRIGGER USER;
    END IF;
    FOR name IN
        SELECT oid::regclass::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
            AND relname NOT IN (
                'django_migrations', 'django_content_type', 'auth_permission', 'auth_group', 'auth_group_permissions'
            )
    LOOP
        EXECUTE 'DELETE FROM ' || name;
    END LOOP;
END $$
"""

# The sandbox gateway and the mailbox keep connections of their own, and the database can only be dropped without them.
_SEND_OTHERS_AWAY = """
SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The product's tables as the migrations make them, the tests' own beside them, and a quick way to empty both."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(notes.TABLES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _empty_database)
        yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(_SEND_OTHERS_AWAY)


def _empty_database(_test: TransactionTestCase) -> None:
    """Workers of a module may still be at the work of the test before, and hold what this wants."""

    def empty() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_EMPTY)

    despite_conflicts(empty)


@pytest.fixture(autouse=True)
def _nothing_is_swept_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a request asks the database as often every time."""
    monkeypatch.setattr("shop.sweeping.CHANCE", 0.0)


# --- People and things --------------------------------------------------------------------------------------


@pytest.fixture
def ada(db: None) -> User:
    """A customer."""
    return User.objects.create_user("ada@example.com", name="Ada")


@pytest.fixture
def ada_token(ada: User) -> str:
    """What Ada's requests carry as `Authorization: Bearer`: an API key of hers, with all scopes."""
    secret, _ = key_of(ada)
    return secret


@pytest.fixture
def api(ada_token: str) -> APIClient:
    """A REST client that is Ada."""
    return client_with(ada_token)


@pytest.fixture
def anonymous(db: None) -> APIClient:
    """A REST client that is nobody."""
    return APIClient()


@pytest.fixture
def mugs(db: None) -> StockLevel:
    """Twenty blue mugs for 12.00 EUR each."""
    return _shelve("MUG-BLUE", "Blue mug", pieces=20, euros=12)


@pytest.fixture
def lamps(db: None) -> StockLevel:
    """One black lamp for 59.00 EUR."""
    return _shelve("LAMP-BLACK", "Black lamp", pieces=1, euros=59)


def _shelve(sku: str, name: str, *, pieces: int, euros: int) -> StockLevel:
    offer(sku, name, amount=100 * euros)
    (level,) = inventory.open_levels(pieces={sku: pieces})
    return level


# --- The bus ------------------------------------------------------------------------------------------------


class Published(Sequence[Event]):
    """The events written since this was made, oldest first, read anew each time one looks."""

    def __init__(self) -> None:
        self._since: int = LoggedEvent.objects.aggregate(last=Max("position", default=0))["last"]

    def _events(self) -> list[Event]:
        rows = LoggedEvent.objects.filter(position__gt=self._since).order_by("position")
        found = rows.extra(select={"payload": "data::text"}).values_list("type", "version", "payload", "id")
        return [event_type(name, version).decode(payload, event_id) for name, version, payload, event_id in found]

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | Sequence[Event]:
        return self._events()[index]

    def __len__(self) -> int:
        return len(self._events())

    def __eq__(self, other: object) -> bool:
        return self._events() == other

    __hash__ = None  # type: ignore[assignment]  # it changes as one looks

    def __repr__(self) -> str:
        return repr(self._events())

    def of(self, *kinds: type[E]) -> list[E]:
        """Those of some kinds only."""
        return [event for event in self._events() if isinstance(event, kinds)]


@pytest.fixture
def published(db: None) -> Published:
    """The events published since this fixture was made: ask for it after those that arrange."""
    return Published()


@pytest.fixture
def drain_all(transactional_db: None) -> Callable[[], None]:
    """Do in this process what workers would do, until nothing is due in any queue."""
    return _drain_all


_ROUNDS = 200  # more than any story has; who needs more goes in circles


def _drain_all() -> None:
    for _ in range(_ROUNDS):
        queues = _due_queues()
        if not queues:
            return
        for queue in queues:
            drain.run(queue)
    pytest.fail(f"after {_ROUNDS} rounds there is still work in {queues}")


def _due_queues() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT queue FROM bus_delivery WHERE due_at <= shop_now() ORDER BY queue")
        return [queue for (queue,) in cursor.fetchall()]


class Clock:
    """The clock of this test's database session, which decides what is due."""

    def __init__(self) -> None:
        self._offset = timedelta(0)

    def forward(self, by: timedelta) -> None:
        self._offset += by
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('shop.clock_offset', %s, false)", [f"{self._offset.total_seconds()} seconds"]
            )


@pytest.fixture
def clock(db: None) -> Iterator[Clock]:
    """Moves `shop_now()` of this test's session, and puts it right again."""
    clock = Clock()
    yield clock
    clock.forward(-clock._offset)


# --- Processes ----------------------------------------------------------------------------------------------


class StartWorker(Protocol):
    """Starts a worker for some queues; settings in capitals go to its environment."""

    def __call__(self, *queues: str, concurrency: int = 1, **environment: str) -> AbstractContextManager[Worker]: ...


@pytest.fixture(scope="session")
def start_worker(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> StartWorker:
    """`with start_worker("orders") as worker:` runs a real worker on the test database."""
    return partial(processes.worker, tmp_path_factory.mktemp("workers"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:  # pytest hands over what it likes
    """When a test fails, what the living workers said is part of the report."""
    report = yield
    if report.failed:
        for worker in processes.running:
            said = worker.log.read_text(errors="replace")[-20_000:]
            report.sections.append((f"worker of {', '.join(worker.queues)}", said))
    return report
