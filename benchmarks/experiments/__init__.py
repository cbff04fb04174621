"""The experiments: each measures something on a running stage, and adds rows and figures to what was found."""

from collections.abc import Callable, Mapping, Sequence

from benchmarks.bench import Bench
from benchmarks.experiments.gateway import slow_gateway
from benchmarks.experiments.history import years_of_history
from benchmarks.experiments.latency import steady_rates
from benchmarks.experiments.limits import limits_of_the_parts
from benchmarks.experiments.reading import reads
from benchmarks.experiments.rush import rush
from benchmarks.experiments.saturation import at_saturation, memory
from benchmarks.experiments.starting import second_start

Experiment = Callable[[Bench], None]

EXPERIMENTS: Mapping[str, Sequence[Experiment]] = {
    "orders": [at_saturation, memory],
    "latency": [steady_rates],
    "reads": [reads],
    "rush": [rush],
    "gateway": [slow_gateway],
    "limits": [limits_of_the_parts],
    "start": [second_start],
    "history": [years_of_history],
}
"""By the names that `--only` knows, in the order in which they are made."""
