"""Who began it and what caused it: carried from the request into every event that follows."""

from collections.abc import Callable, Sequence

import pytest
from django.db import transaction

from shop.bus import Answer, Context, Outside, act_as, gather, publish, subscribe, within
from shop.bus.context import current
from shop.bus.models import Event as Logged
from tests.bus.facts import LampLit, LampPutOut

REQUEST = Context(correlation="request 1", causation="request 1", actor="user:ada", traceparent="00-ab-cd-01")


@pytest.mark.django_db(transaction=True)
class TestAnEvent:
    def test_carries_the_context_it_is_published_in(self) -> None:
        with within(REQUEST), transaction.atomic():
            publish(LampLit(lamp="a"))

        assert _contexts("lamp.lit") == {"a": REQUEST}

    def test_carries_the_context_of_the_moment_though_it_is_written_later(self) -> None:
        with gather(), within(REQUEST):
            publish(LampLit(lamp="a"))

        assert _contexts("lamp.lit") == {"a": REQUEST}

    def test_outside_of_requests_begins_a_story_of_its_own(self) -> None:
        with transaction.atomic():
            publish(LampLit(lamp="a"))
            publish(LampLit(lamp="b"))

        contexts = _contexts("lamp.lit")
        assert contexts["a"].correlation == contexts["a"].causation
        assert contexts["a"].correlation != contexts["b"].correlation
        assert contexts["a"].actor == "system"

    def test_is_followed_by_events_that_name_it_as_their_cause(self, drain_all: Callable[[], None]) -> None:
        @subscribe(LampLit)
        def put_out(event: LampLit) -> None:
            publish(LampPutOut(lamp=event.lamp))

        _light("a", "b")
        drain_all()

        _assert_each_caused_its_own("a", "b")

    def test_is_followed_so_by_a_handler_of_many_too(self, drain_all: Callable[[], None]) -> None:
        taken: list[int] = []

        @subscribe(LampLit, many=True)
        def put_out(events: Sequence[LampLit]) -> None:
            taken.append(len(events))
            for event in reversed(events):
                publish(LampPutOut(lamp=event.lamp))

        _light("a", "b", "c")
        drain_all()

        assert taken == [3]
        _assert_each_caused_its_own("a", "b", "c")

    def test_is_followed_so_by_an_outside_handler_too(self, drain_all: Callable[[], None]) -> None:
        seen: dict[str, Context] = {}

        @subscribe(LampLit, outside=True)
        class PutOut(Outside[LampLit, str, None]):
            def prepare(self, events: Sequence[LampLit]) -> Sequence[str]:
                return [event.lamp for event in events]

            def call(self, intent: str) -> None:
                seen[intent] = current()

            def settle(self, answers: Sequence[Answer[LampLit, str, None]]) -> None:
                for answer in answers:
                    publish(LampPutOut(lamp=answer.event.lamp))

        _light("a", "b")
        drain_all()

        _assert_each_caused_its_own("a", "b")
        assert {lamp: context.causation for lamp, context in seen.items()} == _ids("lamp.lit")

    def test_of_another_key_names_the_first_event_of_the_batch(self, drain_all: Callable[[], None]) -> None:
        @subscribe(LampLit, many=True)
        def put_all_out(events: Sequence[LampLit]) -> None:
            publish(LampPutOut(lamp="all"))

        _light("a", "b")
        drain_all()

        assert _contexts("lamp.put_out")["all"].causation == _ids("lamp.lit")["a"]


def test_a_context_ends_with_its_block() -> None:
    with within(REQUEST):
        assert current() is REQUEST

    assert current().correlation != "request 1"


def test_who_acts_is_named_until_the_context_ends() -> None:
    with within(REQUEST):
        with within(Context(correlation="request 2", causation="request 2")):
            act_as("user:bob")
            assert current() == Context(correlation="request 2", causation="request 2", actor="user:bob")

        assert current().actor == "user:ada"


def test_nobody_is_named_where_the_name_would_never_end() -> None:
    with pytest.raises(LookupError):
        act_as("user:bob")


def test_causes_of_an_outer_context_are_not_those_of_an_inner_one() -> None:
    inner = Context(correlation="request 2", causation="request 2")

    with within(REQUEST, {"a": REQUEST}), within(inner):
        assert current("a") is inner


def _light(*lamps: str) -> None:
    """Light each lamp in a request of its own, by a user of its own."""
    with gather():
        for lamp in lamps:
            with within(Context(f"request {lamp}", f"request {lamp}", f"user:{lamp}", f"trace {lamp}")):
                publish(LampLit(lamp=lamp))


def _assert_each_caused_its_own(*lamps: str) -> None:
    causes = _ids("lamp.lit")
    assert _contexts("lamp.put_out") == {
        lamp: Context(f"request {lamp}", causes[lamp], f"user:{lamp}", f"trace {lamp}") for lamp in lamps
    }


def _ids(kind: str) -> dict[str, str]:
    return {event.partition_key: str(event.pk) for event in Logged.objects.filter(type=kind)}


def _contexts(kind: str) -> dict[str, Context]:
    return {
        event.partition_key: Context(event.correlation_id, event.causation_id, event.actor, event.traceparent)
        for event in Logged.objects.filter(type=kind)
    }
