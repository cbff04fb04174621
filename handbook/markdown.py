"""Markdown as the pages use it."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; what stands in a cell may hold anything but a bar that means one."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_in_a_cell(cell) for cell in line) + " |" for line in lines) + "\n"


def code(text: str) -> str:
    return f"`{text}`" if text else ""


def section(title: str, *parts: str, level: int = 2) -> str:
    return "\n\n".join([f"{'#' * level} {title}", *(part for part in parts if part)]) + "\n"


def _in_a_cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
