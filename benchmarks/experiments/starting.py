"""From the start of the stack to the first order."""

from benchmarks.bench import Bench
from benchmarks.clients import send
from benchmarks.load import Plan

_CLONE = "a fresh clone downloads its packages, which measures the network: time `make run` in a new clone by hand"


def second_start(bench: Bench) -> None:
    """The stack is stopped, and started again where it was; somebody with a token orders as soon as they can."""
    plan = Plan(**bench.crowd.orders(), connections=1, seconds=10, most=1)
    bench.stage.stop()
    until_answer = bench.stage.start()
    (first,) = send(plan, expect="201").latencies
    bench.judge("start to first order, second start", until_answer + first)
    bench.skip("start to first order, fresh clone", _CLONE)
