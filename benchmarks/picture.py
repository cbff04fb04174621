"""The results as a picture (SVG): throughput against latency, and whose CPU an order takes."""

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from benchmarks.orders import CLIENTS
from benchmarks.report import Results

_WIDE, _HIGH, _LEFT, _TOP = 900, 330, 70, 50
_COLOURS = (
    "#31688e",
    "#35b779",
    "#d95f02",
    "#7570b3",
    "#e7298a",
    "#66a61e",
    "#a6761d",
    "#1f78b4",
    "#999999",
    "#333333",
)

Point = tuple[float, float]


def drawn(results: Results) -> str:
    """Both, one below the other; without figures for one of them there is only its title."""
    parts = [*_curves(results), *_bars(results)]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {2 * _HIGH + 120}" font-family="sans-serif"'
    return "\n".join([f'{head} font-size="12"><rect width="100%" height="100%" fill="white"/>', *parts, "</svg>", ""])


def _curves(results: Results) -> Iterator[str]:
    """A line for each layout and share, a point for each number of clients."""
    lines = dict(_lines(results))
    yield _text(_LEFT, 25, "POST /orders in ms, against complete orders a second, by the number of clients", bold=True)
    yield f'<path d="M{_LEFT - 10},{_TOP} V{_HIGH - _TOP + 10} H{_WIDE - 180}" fill="none" stroke="#999999"/>'
    points = [point for line in lines.values() for point in line]
    most = max((x for x, _ in points), default=1.0), max((y for _, y in points), default=1.0)
    for number, (name, line) in enumerate(lines.items()):
        places = [_place(point, most) for point in line]
        colour = _COLOURS[number]
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in places)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for (x, y), (rate, wait) in zip(places, line, strict=True):
            yield f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="{colour}"/>'
            yield _text(x + 6, y - 6, f"{rate:.0f}/s, {wait:.0f} ms")
        yield _text(_WIDE - 170, _TOP + 16 * number, name, colour=colour)


def _lines(results: Results) -> Iterator[tuple[str, Sequence[Point]]]:
    known = {(figure.layout, figure.name): figure.value for figure in results.figures}
    for layout in dict.fromkeys(layout for layout, _ in known):
        for share in ("p50", "p99"):
            line = [
                (known[layout, f"complete orders, {clients}"], known[layout, f"POST /orders, {clients}, {share}"])
                for clients in (f"{number} clients" for number in CLIENTS)
                if (layout, f"complete orders, {clients}") in known
            ]
            if line:
                yield f"{layout}, {share}", line


def _bars(results: Results) -> Iterator[str]:
    """A bar for each layout, a piece for each part."""
    yield _text(_LEFT, _HIGH + 25, "CPU of an order in ms, by process", bold=True)
    told = [figure for figure in results.figures if figure.name.startswith("CPU of an order: ")]
    parts = list(dict.fromkeys(figure.name for figure in told))
    layouts = list(dict.fromkeys(figure.layout for figure in told))
    longest = max((sum(f.value for f in told if f.layout == layout) for layout in layouts), default=1.0)
    for row, layout in enumerate(layouts):
        x, y = float(_LEFT), _HIGH + _TOP + 50 * row
        yield _text(5, y + 20, layout)
        for figure in (figure for figure in told if figure.layout == layout):
            width = figure.value / longest * (_WIDE - _LEFT - 30)
            colour = _COLOURS[parts.index(figure.name) % len(_COLOURS)]
            yield f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="32" fill="{colour}"/>'
            x += width
    for number, name in enumerate(parts):
        values = ", ".join(f"{figure.value:.2f}" for figure in told if figure.name == name)
        y = _HIGH + _TOP + 50 * len(layouts) + 16 * (number + 1)
        yield _text(_LEFT, y, f"{name.partition(': ')[2]}: {values}", colour=_COLOURS[number % len(_COLOURS)])


def _place(point: Point, most: Point) -> Point:
    wide, high = _WIDE - _LEFT - 250, _HIGH - 2 * _TOP
    return _LEFT + wide * point[0] / most[0], _TOP + high - high * point[1] / most[1]


def _text(x: float, y: float, words: str, *, colour: str = "#333333", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{colour}"{weight}>{escape(words)}</text>'
