"""Stories: what happened, what came of it, and what is still to do."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from shop.bus import publish, reading, subscribe
from shop.bus.handlers import handlers
from shop.bus.tasks import drain
from tests.bus.facts import LampLit, LampPutOut, light

pytestmark = pytest.mark.django_db(transaction=True)

QUEUE = "test_stories"


def test_a_story_tells_what_happened_and_what_came_of_it() -> None:
    @subscribe(LampLit)
    def put_out(event: LampLit) -> None:
        publish(LampPutOut(lamp=event.lamp))

    @subscribe(LampLit, after=timedelta(hours=1))
    def look_again(event: LampLit) -> None: ...

    @subscribe(LampLit, attempts=1)
    def fail(event: LampLit) -> None:
        raise RuntimeError

    @subscribe(LampPutOut)
    def forget(event: LampPutOut) -> None: ...

    light(1, lamp="a")
    light(2, lamp="b")
    handlers.pop("test_stories.forget")
    drain.run(QUEUE)

    lit, put_out_again = reading.story("a")
    assert (lit.event.type, put_out_again.event.type) == ("lamp.lit", "lamp.put_out")
    assert {(reaction.handler, reaction.state, reaction.attempts) for reaction in lit.reactions} == {
        ("test_stories.put_out", "done", 1),
        ("test_stories.look_again", "due", 0),
        ("test_stories.fail", "dead", 1),
    }
    assert [(reaction.handler, reaction.state) for reaction in put_out_again.reactions] == [
        ("test_stories.forget", "parked")
    ]


def test_reactions_are_told_in_the_order_of_their_time() -> None:
    @subscribe(LampLit, after=timedelta(hours=1))
    def a_later_look(event: LampLit) -> None: ...

    @subscribe(LampLit)
    def wave(event: LampLit) -> None: ...

    light(1)
    drain.run(QUEUE)

    (chapter,) = reading.story("a")
    assert [reaction.handler for reaction in chapter.reactions] == ["test_stories.wave", "test_stories.a_later_look"]


def test_nothing_has_no_story() -> None:
    assert reading.story("nothing") == []


def test_what_is_due_is_counted_in_all_queues_or_one(drain_all: Callable[[], None]) -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None: ...

    light(1, 2)

    assert (reading.due(), reading.due(QUEUE), reading.due("another")) == (2, 2, 0)
    drain_all()
    assert reading.due() == 0
