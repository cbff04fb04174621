"""The log as people see it: found in bounds, read with causes, effects and handlers, and replayed after a dry run."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from shop.audit.models import Entry
from shop.bus import Context, Event, publish, replay, subscribe, within
from shop.bus.models import Delivery, Receipt
from shop.bus.models import Event as Logged
from shop.bus.reading import log
from shop.bus.tasks import drain
from tests.bus.facts import LampLit, LampPutOut, light
from tests.staff import browser_of, staff

pytestmark = pytest.mark.django_db(transaction=True)

LOG = "/admin/bus/event/"
REPLAY = f"{LOG}replay/"
QUEUE = "test_events"
WAVE = f"{QUEUE}.wave"


def _page(event: Logged) -> str:
    return f"{LOG}{event.pk}/change/"


def _wave(**options: Any) -> None:
    @subscribe(LampLit, **options)
    def wave(event: LampLit) -> None:
        publish(LampPutOut(lamp=f"{event.lamp}2", number=event.number))


# --- The log ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["lamp.put_out", "lamp.lit"]),
        ("type=lamp.lit", ["lamp.lit"]),
        ("key=b", ["lamp.put_out"]),
        ("subject=lamps/a", ["lamp.lit"]),
        ("correlation=request-7", ["lamp.lit"]),
        ("since=2020-01-01+00:00&until=2999-01-01+00:00", ["lamp.put_out", "lamp.lit"]),
        ("until=2020-01-01", []),
        ("since=0001-01-01", ["lamp.put_out", "lamp.lit"]),
        ("until=9999-12-31+23:59:59", ["lamp.put_out", "lamp.lit"]),
        ("correlation=01890000-0000-7000-8000-000000000000", []),
        ("type=lamp.stolen", ["lamp.put_out", "lamp.lit"]),
        ("since=yesterday&key=%00&before=x", ["lamp.put_out", "lamp.lit"]),
    ],
)
def test_events_are_found_by_what_they_are(query: str, found: list[str], operator: Client) -> None:
    with within(Context(correlation="request-7", causation="request-7")):
        light(1, lamp="a")
    with transaction.atomic():
        publish(LampPutOut(lamp="b"))

    answer = operator.get(f"{LOG}?{query}")

    assert answer.status_code == 200
    assert [event.type for event in answer.context["found"].events] == found


def test_the_log_is_read_page_by_page_to_its_end(operator: Client) -> None:
    light(*range(120))

    numbers, path = [], LOG
    while path:
        page = operator.get(path).context
        numbers += [event.data["number"] for event in page["found"].events]
        path = page["older"] and LOG + page["older"]

    assert numbers == list(reversed(range(120)))


def test_a_page_looks_at_a_bounded_part_and_says_where_to_look_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "LOOKED_AT", 10)
    with transaction.atomic():
        publish(LampPutOut(lamp="b"))
    light(*range(15))

    first = log.look(log.Sought(type="lamp.put_out"))
    second = log.look(log.Sought(type="lamp.put_out"), before=first.older)

    assert (len(first.events), len(second.events)) == (0, 1)
    assert first.older is not None
    assert second.older is None


def test_events_of_a_request_are_looked_for_where_its_id_says_when_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "LOOKED_AT", 10)
    light(1)
    request = Logged.objects.get().correlation_id
    light(*range(5), lamp="b")

    assert len(log.look(log.Sought(correlation=request)).events) == 1


@pytest.mark.parametrize("minutes", [-20, 20])
def test_events_of_a_request_are_found_though_the_clock_of_who_named_it_was_off(minutes: int) -> None:
    request = str(UUID(int=uuid7().int + (minutes * 60_000 << 80)))
    with within(Context(correlation=request, causation=request, actor="anonymous")):
        light(1)

    assert len(log.look(log.Sought(correlation=request)).events) == 1


def test_the_log_takes_as_many_queries_however_long_it_is(operator: Client) -> None:
    light(1)
    operator.get(LOG)
    with CaptureQueriesContext(connection) as few:
        operator.get(LOG)
    light(*range(200))

    with CaptureQueriesContext(connection) as many:
        operator.get(LOG)

    assert len(many) == len(few)
    assert not [query for query in many if "COUNT(*)" in query["sql"]]


# --- One event ----------------------------------------------------------------------------------------------


def test_an_event_tells_its_cause_its_effects_and_who_has_done_it(operator: Client) -> None:
    _wave()
    light(1)
    drain.run(QUEUE)
    cause, effect = Logged.objects.order_by("id")

    page = operator.get(_page(cause)).context
    assert page["reactions"]["rows"][0][0] == WAVE
    assert "done" in page["reactions"]["rows"][0][1]
    assert _page(effect) in str(page["effects"]["rows"])
    assert _page(cause) in str(operator.get(_page(effect)).context["facts"])


def test_an_event_tells_who_is_still_to_do_it_who_let_it_go_and_who_never_heard_of_it(operator: Client) -> None:
    _wave()
    light(1)
    event = Logged.objects.get()

    @subscribe(LampLit)
    def late(event: LampLit) -> None:
        """Added after the event."""

    @subscribe(LampLit)
    def careless(event: LampLit) -> None:
        """Somebody let it go for this one."""

    Receipt.objects.create(event_id=event.id, handler=f"{QUEUE}.careless", attempts=0, done_at=event.time)
    rows = {row[0]: str(row[1]) for row in operator.get(_page(event)).context["reactions"]["rows"]}

    assert "due" in rows[WAVE]
    assert "let go" in rows[f"{QUEUE}.careless"]
    assert "never heard" in rows[f"{QUEUE}.late"]


def test_an_event_is_shown_without_what_speaks_for_money(operator: Client) -> None:
    class ParcelPaid(Event, name="parcel.paid", version=1, subject="parcels/{parcel}", key="parcel"):
        parcel: str
        payment_method: str

    with transaction.atomic():
        publish(ParcelPaid(parcel="p1", payment_method="pm_card_visa"))

    page = operator.get(_page(Logged.objects.get())).content.decode()

    assert "pm_card_visa" not in page
    assert "(hidden)" in page


@pytest.mark.parametrize("what", ["nothing", "01890000-0000-7000-8000-000000000000", "%00"])
def test_what_is_not_in_the_log_is_404(what: str, operator: Client) -> None:
    assert operator.get(f"{LOG}{what}/change/").status_code == 404


@pytest.mark.parametrize("what", ["add/", "{}/change/", "{}/delete/"])
def test_nobody_writes_history(what: str, operator: Client) -> None:
    light(1)
    event = Logged.objects.get()

    assert operator.post(LOG + what.format(event.pk), {"type": "lamp.stolen", "post": "yes"}).status_code == 403
    assert Logged.objects.get().type == "lamp.lit"


# --- Replay -------------------------------------------------------------------------------------------------


def test_a_dry_run_says_what_the_button_then_delivers(operator: Client) -> None:
    light(1, 2)
    _wave()
    asked = {"handler": WAVE, "missing": "on"}

    page = operator.get(REPLAY, asked)
    assert page.context["table"]["rows"] == [[WAVE, 2, 0, 0, 0, 0]]
    assert not Delivery.objects.exists()
    answer = operator.post(REPLAY, dict(page.context["hidden"]))

    assert Delivery.objects.filter(handler=WAVE).count() == 2
    assert operator.get(REPLAY + answer["Location"]).context["table"]["rows"] == [[WAVE, 0, 0, 2, 0, 0]]
    entry = Entry.objects.get()
    assert (entry.action, (entry.after or {})["delivered"]) == ("events.replayed", {WAVE: 2})
    assert (entry.after or {})["wanted"] == {"handler": WAVE, "missing": "True"}


def test_a_long_replay_goes_on_where_the_last_round_ended(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "ROUND", 2)
    light(1, 2, 3)
    _wave()

    first = operator.get(REPLAY, {"handler": WAVE, "missing": "on"})
    assert first.context["foretold"].delivered == 2
    answer = operator.post(REPLAY, dict(first.context["hidden"]))
    second = operator.get(REPLAY + answer["Location"])
    operator.post(REPLAY, dict(second.context["hidden"]))

    assert second.context["foretold"].delivered == 1
    assert Delivery.objects.count() == 3


@pytest.mark.parametrize(
    "asked",
    [
        {"handler": WAVE},
        {"key": "\0"},
        {"event": "one"},
        {"since": "yesterday"},
        {"type": "lamp.stolen"},
        {"handler": WAVE, "key": "a", "again": "on"},
        {"missing": "on"},
    ],
)
def test_what_cannot_be_replayed_is_said_in_the_form(asked: dict[str, str], operator: Client) -> None:
    light(1)
    _wave()

    for answer in (operator.get(REPLAY, asked), operator.post(REPLAY, asked)):
        assert answer.status_code == 200
        assert answer.context["form"].errors
    assert not Delivery.objects.exists()
    assert not Entry.objects.exists()


# --- Who may ------------------------------------------------------------------------------------------------


def test_support_reads_the_log_and_replays_nothing(transactional_db: None) -> None:
    light(1)
    _wave()
    clerk = browser_of(staff("clerk", "support"))

    assert REPLAY not in clerk.get(LOG).content.decode()
    assert clerk.get(_page(Logged.objects.get())).status_code == 200
    assert clerk.get(REPLAY).status_code == 403
    assert clerk.post(REPLAY, {"key": "a"}).status_code == 403
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("role", ["warehouse", "finance"])
@pytest.mark.parametrize("path", [LOG, "/admin/bus/delivery/", "/admin/bus/deadletter/"])
def test_who_has_nothing_to_do_with_the_bus_sees_nothing_of_it(role: str, path: str, transactional_db: None) -> None:
    clerk = browser_of(staff("clerk", role))

    assert clerk.get(path).status_code == 403


# --- Work ---------------------------------------------------------------------------------------------------


def test_the_page_of_work_tells_what_is_due_who_is_away_and_how_it_went(operator: Client) -> None:
    _wave()
    light(1, 2)
    drain.run(QUEUE)
    light(3)
    Delivery.objects.create(
        event_id=Logged.objects.earliest("id").id,
        handler="payments.attempt",
        queue="payments.out",
        lane=0,
        due_at=Logged.objects.earliest("id").time,
        error="Unavailable: pm_card_visa is away",
    )

    page = operator.get("/admin/bus/delivery/").context

    queues = {row[0]: row for row in page["queues"]["rows"]}
    assert queues[QUEUE][1] == 1
    (pause,) = page["pauses"]["rows"]
    assert pause[:3] == ["payments.attempt", 1, "Unavailable: (hidden) is away"]
    handlers = {row[0]: row[1] for row in page["handlers"]["rows"]}
    assert handlers[WAVE] == 2
