"""All kinds of faults that the nemesis knows; importing this declares them."""

from tests.chaos.faults import clocks as clocks
from tests.chaos.faults import postgres as postgres
from tests.chaos.faults import programs as programs
from tests.chaos.faults import valkey as valkey
from tests.chaos.faults import wires as wires
from tests.chaos.faults.fault import Fault as Fault
from tests.chaos.faults.fault import faults as faults
