"""What must always hold, asked of the database: each question finds who breaks it, in the middle of a storm as well."""

from shop.doctor.examination import Finding as Finding
from shop.doctor.examination import examine as examine
from shop.doctor.invariant import Invariant as Invariant
from shop.doctor.invariant import heard as heard
from shop.doctor.invariant import known as known
from shop.doctor.invariant import unchecked as unchecked
