"""How an order may end: the table that `tests/flows/test_endings.py` plays, put into words."""

from handbook.markdown import code, table
from tests.flows.test_endings import ENDINGS

_PAYS_WITH = {
    "pm_card_visa": "a card that pays",
    "pm_test_no_answer": "a card whose gateway does not answer",
    "pm_card_chargeDeclined": "a card that is declined",
    "pm_test_capture_fails": "a card that can be held and not charged",
    "pm_card_threeDSecure2Required": "a card that wants its customer to act",
}


def made() -> str:
    head = ("paid with", "the order", "ends", "the money", "kept", "on the shelf, held")
    rows = []
    for method, happens, ending in ENDINGS:
        status = code(ending.status) + (f", {code(ending.reason)}" if ending.reason else "")
        story = happens.__name__.strip("_").replace("_", " ")
        kept = f"{ending.taken // 100}.{ending.taken % 100:02d}"
        rows.append((_PAYS_WITH[method], story, status, code(ending.payment), kept, "{}, {}".format(*ending.lies)))
    return table(head, rows)
