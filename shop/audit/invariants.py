"""What always holds of the audit."""

from shop.doctor import Invariant

UNCHECKED = ["what somebody changed in the database itself: it leaves no entry"]

INVARIANTS = [
    Invariant(
        claim="every entry says what was done to what, how it was before and after, unless its person is forgotten",
        broken="""
            SELECT id, action, subject, at FROM audit_entry
            WHERE at >= %(since)s AND (
                trim(action) = '' OR trim(subject) = '' OR person IS NULL AND (before IS NULL OR after IS NULL))
        """,
        remedy="It was written past the shop: the code that notes always says it.",
    ),
]
