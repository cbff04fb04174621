"""What `manage.py doctor` asks of each app, what somebody does who finds it broken, and what `--repair` does."""

from handbook.markdown import section, table
from shop.doctor import Invariant, known, unchecked


def made() -> str:
    return "\n".join(_section(app, invariants) for app, invariants in known().items())


def _section(app: str, invariants: list[Invariant]) -> str:
    asked = table(
        ("what holds", "if it does not", "with `--repair`"),
        ((each.claim, each.remedy, each.repair.deed if each.repair else "") for each in invariants),
    )
    unseen = "".join(f"Not asked: {sentence}.\n" for sentence in unchecked().get(app, ()))
    return section(app, asked, unseen)
