"""Telling the stage what to do, and waiting until its workers have done it."""

from shop.bus import Event, gather, publish
from shop.bus.models import DeadLetter, Delivery, Marker
from tests.bus.stage import notes
from tests.bus.stage.events import Called, Cued
from tests.processes import Worker, eventually


def tell(*events: Event) -> None:
    """Publish all of them in one transaction."""
    with gather():
        for event in events:
            publish(event)


def all_is_done() -> None:
    """News of dead letters waits for the workers of notifications, who are not here."""
    here = Delivery.objects.exclude(queue="notifications")
    eventually(lambda: not here.exists(), "every delivery is done or given up", seconds=60)


def buried_among_six_calls(act: str) -> DeadLetter:
    """Six calls are made, and the fourth does this: the letter that is left of it when all is done, the only one."""
    tell(*(Called(scene="a", number=number, act=act if number == 3 else "rest") for number in range(6)))
    all_is_done()
    return DeadLetter.objects.get()


def is_well(worker: Worker) -> bool:
    """Its first process lives, its children work, and nothing is left in anybody's hands."""
    tell(Cued(scene="a", number=99), Called(scene="a", number=99))
    all_is_done()
    was_heard = 99 in notes.numbers("play") and 99 in notes.numbers("settle")
    return was_heard and worker.process.poll() is None and not Marker.objects.exclude(seqs=[]).exists()
