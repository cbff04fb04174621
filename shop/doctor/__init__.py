"""What must always hold, asked of the database: each question finds who breaks it, in the middle of a storm as well.

An app may offer to mend what breaks: `repairing` does it.
"""

from shop.doctor.examination import Finding as Finding
from shop.doctor.examination import examine as examine
from shop.doctor.invariant import Invariant as Invariant
from shop.doctor.invariant import Mended as Mended
from shop.doctor.invariant import NotAsked as NotAsked
from shop.doctor.invariant import NotSafe as NotSafe
from shop.doctor.invariant import Repair as Repair
from shop.doctor.invariant import Row as Row
from shop.doctor.invariant import known as known
from shop.doctor.invariant import unchecked as unchecked
from shop.doctor.phrases import ghosts as ghosts
from shop.doctor.phrases import heard as heard
from shop.doctor.phrases import number_of as number_of
from shop.doctor.phrases import told_twice as told_twice
from shop.doctor.phrases import untold as untold
from shop.doctor.phrases import whose as whose
