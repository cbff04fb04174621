"""What tests ask of handlers in real workers."""

from shop.bus import Event


class StageEvent(Event, subject="stage/{scene}", key="scene"):
    """What every order to the stage carries; `number` tells one from another."""

    scene: str
    number: int = 0


class Cued(StageEvent, name="stage.cued", version=1):
    """Somebody is to play; `act` says what, nothing has been played yet."""

    act: str = "note"


class Rehearsed(StageEvent, name="stage.rehearsed", version=1):
    """Somebody is to play together with others; `act` says what, nothing has been played yet."""

    act: str = "note"


class Echoed(StageEvent, name="stage.echoed", version=1):
    """A cue was played."""


class Counted(StageEvent, name="stage.counted", version=1):
    """Two counters, shared with every other scene, are to grow by one; they have not yet."""

    counters: tuple[str, str] = ("a", "b")


class Called(StageEvent, name="stage.called", version=1):
    """The outside world is to be called; `act` says how that goes the first time."""

    act: str = "answer"
