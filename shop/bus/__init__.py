"""The event bus. Declare an `Event`, `publish` it where it becomes true, `subscribe` where it matters.

The three names in `__all__` are what a domain needs every day. Beside them stand, for the rarer cases:
`upcast` (what an old event is in its next version), `Outside` and `Answer` (handlers that call the outside world),
`Unavailable` (a dependency is away), `locks` (rows that a batch takes first), `gather` (write the events of a block in
one statement); for who lets the outside in `Context`, `current`, `within` and `act_as` (what began this, and who acts);
for logs `at_work` (what this thread is at); for traces `trace_with` (a `Tracer`), `spans` and `describe`; for repairs
`deliver_again`; and `DeadLetterOpened`, the one thing that the bus tells.
"""

from shop.bus.context import Context as Context
from shop.bus.context import act_as as act_as
from shop.bus.context import at_work as at_work
from shop.bus.context import current as current
from shop.bus.context import within as within
from shop.bus.event import Event
from shop.bus.events import DeadLetterOpened as DeadLetterOpened
from shop.bus.handlers import locks as locks
from shop.bus.handlers import subscribe
from shop.bus.outside import Answer as Answer
from shop.bus.outside import Outside as Outside
from shop.bus.outside import Unavailable as Unavailable
from shop.bus.publishing import gather as gather
from shop.bus.publishing import publish
from shop.bus.replay import deliver_again as deliver_again
from shop.bus.tracing import Tracer as Tracer
from shop.bus.tracing import describe as describe
from shop.bus.tracing import spans as spans
from shop.bus.tracing import trace_with as trace_with
from shop.bus.upcasters import upcast as upcast

__all__ = ["Event", "publish", "subscribe"]
