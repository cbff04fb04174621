"""One stage, and what was found on it."""

from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.budget import Figure, Row, judged, skipped
from benchmarks.clients import Crowd
from benchmarks.stage import Stage


@dataclass(kw_only=True)
class Bench:
    """What experiments need, and add to."""

    stage: Stage
    crowd: Crowd
    seconds: float
    """How long the longest experiments send orders; others take a part of that."""
    quick: bool
    history: int
    """How many orders the shop shall have had before, where that is compared; 0 leaves it out."""
    rows: list[Row] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    foreign: dict[str, float] = field(default_factory=dict)
    """The share of the machine that others had, in each run."""

    def judge(self, name: str, value: float, *, reference: float | None = None, ratio: float | None = None) -> None:
        self.rows.append(judged(name, value, layout=self.stage.layout, reference=reference, ratio=ratio))

    def skip(self, name: str, because: str) -> None:
        self.rows.append(skipped(name, because))

    def tell(self, name: str, value: float, unit: str) -> None:
        self.figures.append(Figure(name=name, layout=self.stage.layout, value=value, unit=unit))

    @property
    def log(self) -> Path:
        """Where programs beside the stack may say what they have to say."""
        return Path(self.stage.home.folder) / "beside.log"
