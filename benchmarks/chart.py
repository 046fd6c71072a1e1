"""One chart: what a request costs each contestant, as dots on a logarithmic scale. For light and dark pages."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, LEFT, RIGHT, TOP, ROW, BOTTOM = 880, 270, 40, 84, 26, 46
DOT = 5.5
STYLE = """
  .ground { fill: #ffffff } .text { fill: #1f2328 } .faint { fill: #59636e } .line { stroke: #d1d9e0 }
  .POST { fill: #0969da } .GET { fill: #1a7f37 } .LIST { fill: #bc4c00 } .span { stroke: #9aa4af }
  .ours { font-weight: 700 }
  text { font: 13px system-ui, sans-serif } .title { font-size: 16px; font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } .text { fill: #f0f6fc } .faint { fill: #9198a1 } .line { stroke: #3d444d }
    .POST { fill: #4493f8 } .GET { fill: #3fb950 } .LIST { fill: #f0883e } .span { stroke: #656c76 }
  }
"""
SHAPES = ("POST", "GET", "LIST")
Costs = Mapping[str, Mapping[str, float]]


def ticks(values: Sequence[float]) -> list[float]:
    """1, 2 and 5 of each power of ten, from the last that is not above all values to the first not below them."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    steps = [float(step * 10**power) for power in range(low, high + 1) for step in (1, 2, 5)]
    first = max(step for step in steps if step <= min(values))
    last = min(step for step in steps if step >= max(values))
    return [step for step in steps if first <= step <= last] if first < last else [first, first * 2]


def place(value: float, scale: Sequence[float]) -> float:
    """Where on the page a value lies."""
    low, high = math.log10(scale[0]), math.log10(scale[-1])
    return LEFT + (math.log10(value) - low) / (high - low) * (WIDTH - LEFT - RIGHT)


def chart(costs: Costs, title: str, subtitle: str, ours: str) -> str:
    """The cheapest GET on top; `costs[name][kind]` is in microseconds, kinds that are not there are left out."""
    names = sorted(costs, key=lambda name: costs[name].get("GET", math.inf))
    scale = ticks([value for found in costs.values() for value in found.values()])
    height = TOP + ROW * len(names) + BOTTOM
    base = TOP + ROW * len(names)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        f' role="img" aria-label="{escape(title)}">',
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{height}" rx="6"/>',
        f'<text class="text title" x="16" y="28">{escape(title)}</text>',
        f'<text class="faint" x="16" y="48">{escape(subtitle)}</text>',
        *_legend(),
    ]
    for tick in scale:
        x = place(tick, scale)
        parts.append(f'<line class="line" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 4}" y2="{base}"/>')
        parts.append(f'<text class="faint" x="{x:.1f}" y="{base + 18}" text-anchor="middle">{tick:,g}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(
        f'<text class="faint" x="{middle:.0f}" y="{base + 37}" text-anchor="middle">µs of CPU a request</text>'
    )
    for at, name in enumerate(names):
        parts += _row(name, costs[name], TOP + ROW * (at + 0.5), scale, marked=name == ours)
    return "\n".join([*parts, "</svg>\n"])


def _legend() -> list[str]:
    parts, x = [], float(LEFT)
    for kind in SHAPES:
        parts += [_dot(kind, x, 64), f'<text class="text" x="{x + 11:.0f}" y="68">{kind}</text>']
        x += 70
    return parts


def _row(
    name: str, found: Mapping[str, float], y: float, scale: Sequence[float], *, marked: bool
) -> list[str]:
    kind = "text ours" if marked else "text"
    parts = [
        f'<text class="{kind}" x="{LEFT - 14}" y="{y + 4.5:.1f}" text-anchor="end">{escape(name)}</text>'
    ]
    places = {shape: place(found[shape], scale) for shape in SHAPES if shape in found}
    if places:
        ends = min(places.values()), max(places.values())
        parts.append(
            f'<line class="span" stroke-width="2" x1="{ends[0]:.1f}" x2="{ends[1]:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
    return [*parts, *(_dot(shape, x, y) for shape, x in places.items())]


def _dot(kind: str, x: float, y: float) -> str:
    """A shape for each kind, so that it does not take colours to tell them apart."""
    if kind == "POST":
        return f'<rect class="{kind}" x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10"/>'
    if kind == "LIST":
        return f'<path class="{kind}" d="M{x:.1f} {y - 6.5:.1f}l6.5 6.5l-6.5 6.5l-6.5 -6.5z"/>'
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{DOT}"/>'
