"""Pictures of the demo's things, drawn when they are asked for: they need no file and no network."""

import tomllib
from functools import cache
from pathlib import Path

_SHAPES = Path(__file__).parent / "demo" / "shapes.toml"

# The colour itself, darker, lighter, and the wall behind it.
_COLOURS = {
    "black": ("#3b3f46", "#23262b", "#6b717b", "#e7e4df"),
    "blue": ("#3f6fa8", "#2b507d", "#8fb3dc", "#e3ebf4"),
    "green": ("#4f8a6b", "#37644c", "#9cc7b0", "#e4efe8"),
    "oak": ("#c69c6d", "#9d7649", "#e6cba6", "#f4ebdf"),
    "red": ("#c4533f", "#963b2b", "#e99c8d", "#f7e6e1"),
    "sand": ("#d3b98d", "#ab9063", "#ecdcbd", "#f5efe4"),
    "walnut": ("#7b5640", "#573b2b", "#b08c76", "#eee4dd"),
    "white": ("#f4f2ee", "#cfcac2", "#ffffff", "#dfe3e6"),
}

_PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" role="img" aria-label="{title}">
<style>
.main {{ fill: {main} }} .dark {{ fill: {dark} }} .light {{ fill: {light} }} .ground {{ fill: {ground} }}
.line {{ fill: none; stroke: {dark}; stroke-width: 16; stroke-linecap: round; stroke-linejoin: round }}
.thin {{ fill: none; stroke: {dark}; stroke-width: 4; stroke-linecap: round }}
.shine {{ fill: none; stroke: {light}; stroke-width: 10; stroke-linecap: round; stroke-linejoin: round }}
.steam {{ fill: none; stroke: #ffffff; stroke-width: 8; stroke-linecap: round; opacity: .8 }}
.stem {{ fill: none; stroke: {main}; stroke-width: 7; stroke-linecap: round; stroke-linejoin: round }}
.coffee {{ fill: #5b3a26 }} .leaf {{ fill: #5d9a70 }} .cream {{ fill: #fffaf0 }} .flame {{ fill: #f2b33d }}
.glow {{ fill: #ffe9a8; opacity: .55 }}
</style>
<defs><linearGradient id="wall" x2="0" y2="1">
<stop stop-color="#ffffff"/><stop offset="1" stop-color="{ground}"/>
</linearGradient></defs>
<rect width="400" height="400" fill="url(#wall)"/>
<ellipse cx="200" cy="318" rx="140" ry="16" fill="#000000" opacity=".08"/>
{shape}</svg>
"""


class NoPicture(LookupError):
    """No such shape or colour is drawn."""


def draw(shape: str, colour: str) -> str:
    """A thing in a colour, as SVG. Raises `NoPicture`."""
    try:
        drawn, (main, dark, light, ground) = _shapes()[shape], _COLOURS[colour]
    except KeyError:
        raise NoPicture(NoPicture.__doc__) from None
    return _PICTURE.format(title=f"{shape} in {colour}", shape=drawn, main=main, dark=dark, light=light, ground=ground)


@cache
def _shapes() -> dict[str, str]:
    return tomllib.loads(_SHAPES.read_text())
