"""What `manage.py doctor` asks of each app, and what somebody does who finds it broken."""

from handbook.markdown import section, table
from shop.doctor import Invariant, known, unchecked


def made() -> str:
    return "\n".join(_section(app, invariants) for app, invariants in known().items())


def _section(app: str, invariants: list[Invariant]) -> str:
    asked = table(("what holds", "if it does not"), ((each.claim, each.remedy) for each in invariants))
    unseen = "".join(f"Not asked: {sentence}.\n" for sentence in unchecked().get(app, ()))
    return section(app, asked, unseen)
