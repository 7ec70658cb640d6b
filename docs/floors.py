"""Draw the floors of the package, from the table that tests/repository/test_architecture.py asserts of its imports.

`python -m docs.floors` writes docs/images/floors.svg. Imports lead down, so only those that do not are drawn.
"""

from __future__ import annotations

from pathlib import Path

from tests.repository.test_architecture import EXCEPTIONS, FLOORS

FILE = Path(__file__).parent / "images" / "floors.svg"
WIDTH, MARGIN, GAP, HEIGHT = 860, 16, 10, 26
CHARACTER = 7.3  # the width of one in a monospaced font of 12 pixels

STYLE = """
  rect.floor { fill: #f3f4f6; }
  rect.room { fill: #fff; stroke: #6b7280; }
  path { fill: none; stroke: #b45309; stroke-width: 1.5; marker-end: url(#head); }
  text { font: 12px ui-monospace, monospace; fill: #111827; }
  text.number { font-weight: bold; fill: #6b7280; }
  #head path { fill: #b45309; stroke: none; marker-end: none; }
  @media (prefers-color-scheme: dark) {
    rect.floor { fill: #1f2937; }
    rect.room { fill: #111827; stroke: #9ca3af; }
    text { fill: #f9fafb; }
  }
"""

HEAD = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
    ' orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>'
)


def picture() -> str:
    """Return the picture as SVG."""
    shapes: list[str] = []
    places: dict[str, tuple[float, float, float]] = {}  # left, top and width of each room
    top = float(MARGIN)
    for floor in sorted(FLOORS, reverse=True):
        bottom = _place(sorted(FLOORS[floor]), top + GAP, places)
        shapes.append(
            f'<rect class="floor" x="0" y="{top:.0f}" width="{WIDTH}" height="{bottom - top:.0f}"/>'
            f'<text class="number" x="{MARGIN}" y="{top + GAP + 17:.0f}">{floor}</text>'
        )
        top = bottom + 4
    shapes += [_arrow(places[one], places[other]) for one, other in sorted(EXCEPTIONS)]
    for room, (left, y, width) in places.items():
        shapes.append(
            f'<rect class="room" x="{left:.1f}" y="{y:.0f}" width="{width:.1f}" height="{HEIGHT}" rx="4"/>'
            f'<text x="{left + 8:.1f}" y="{y + 17:.0f}">{room}</text>'
        )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top + MARGIN:.0f}" role="img">',
            "<title>The floors of otp_passkeys; a module imports from floors below its own</title>",
            f"<style>{STYLE}</style>",
            HEAD,
            *shapes,
            "</svg>\n",
        ]
    )


def _place(rooms: list[str], top: float, places: dict[str, tuple[float, float, float]]) -> float:
    """Put the rooms of a floor side by side, in as many rows as they need, and return where the floor ends."""
    left = first = MARGIN + 32.0
    for room in rooms:
        width = len(room) * CHARACTER + 16
        if left + width > WIDTH - MARGIN:
            left, top = first, top + HEIGHT + 2 * GAP
        places[room] = left, top, width
        left += width + GAP
    return top + HEIGHT + GAP


def _arrow(importer: tuple[float, float, float], imported: tuple[float, float, float]) -> str:
    """Return an arrow from below one room to below another: through the gaps between the rows."""
    (x1, y1), (x2, y2) = (
        (left + width / 2, top + HEIGHT) for left, top, width in (importer, imported)
    )
    return f'<path d="M{x1:.1f} {y1:.0f}C{x1:.1f} {y1 + 24:.0f} {x2:.1f} {y2 + 24:.0f} {x2:.1f} {y2 + 1:.0f}"/>'


if __name__ == "__main__":
    FILE.write_text(picture(), encoding="utf-8")
