"""The few SVG elements that the charts need, as safe markup.

Every shape carries its paint as attributes, so that it prints where no style sheet reaches; a class of the
same name lets the style sheet repaint it in the dark. Coordinates have one decimal.
"""

from enum import Enum
from functools import cache
from typing import Final, TypeAlias

from markupsafe import Markup, escape

Attributes: TypeAlias = dict[str, str | float]

NARROW: Final = frozenset(" .,:;'!|()[]ijlIrtf/-")
WIDE: Final = frozenset("mwMW%@×")
SPECIAL: Final = frozenset("&<>\"'")


class Ink(Enum):
    """The colours on white paper; `style.css` names the same and has a second set for the dark."""

    PAPER = "#ffffff"
    INK = "#1b222c"
    SOFT = "#55606e"
    LINE = "#d9dfe6"
    TRACE = "#56657a"
    GOOD = "#005ea5"
    WATCH = "#946200"
    ACT = "#a4123f"
    LIGHT = "#edf1f5"
    MIDDLE = "#dae1e9"
    DARK = "#c3cdd8"
    NONE = "none"


def picture(
    width: int, height: int, *shapes: Markup, label: str, kind: str, stretched: bool = False
) -> Markup:
    """Return a whole picture; `label` is what it says to those who do not see it.

    Args:
        kind: Its class in the style sheet.
        stretched: Whether its width may change and its height stay.
    """
    box = _attributes({"role": "img", "aria-label": label, "class": kind, "width": width, "height": height})
    ratio = ' preserveAspectRatio="none"' if stretched else ""
    head = f'<svg{box} viewBox="0 0 {width} {height}" font-family="sans-serif"{ratio}>'
    return Markup(f"{head}{''.join(shapes)}</svg>")


def shape(tag: str, *, fill: Ink = Ink.NONE, stroke: Ink = Ink.NONE, **attributes: str | float) -> Markup:
    """Return one closed element; `stroke_width=2` becomes `stroke-width="2"`."""
    return Markup(f"<{tag}{_paint(fill, stroke)}{_attributes(attributes)}/>")


@cache
def _paint(fill: Ink, stroke: Ink) -> str:
    """Return the classes and colours of a shape; most of the shapes of a site share a few."""
    classes = " ".join(
        f"{letter}-{ink.name.lower()}" for letter, ink in (("f", fill), ("s", stroke)) if ink is not Ink.NONE
    )
    painted: Attributes = {"class": classes, "fill": fill.value}
    if stroke is not Ink.NONE:
        painted["stroke"] = stroke.value
    return _attributes(painted)


def rectangle(x: float, y: float, width: float, height: float, *, fill: Ink) -> Markup:
    return shape("rect", x=x, y=y, width=width, height=height, fill=fill)


def line(
    x1: float, y1: float, x2: float, y2: float, *, stroke: Ink, width: float = 1, dash: str = ""
) -> Markup:
    return shape("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=width, stroke_dasharray=dash)


def circle(x: float, y: float, radius: float, *, fill: Ink, stroke: Ink = Ink.NONE) -> Markup:
    edge = "" if stroke is Ink.NONE else "1.5"
    return shape("circle", cx=x, cy=y, r=radius, fill=fill, stroke=stroke, stroke_width=edge)


def polygon(*points: tuple[float, float], fill: Ink) -> Markup:
    return shape("path", d=f"{path(points)}Z", fill=fill)


def polyline(
    points: tuple[tuple[float, float], ...], *, stroke: Ink, width: float = 1.5, dash: str = ""
) -> Markup:
    return shape(
        "path",
        d=path(points),
        stroke=stroke,
        stroke_width=width,
        stroke_linejoin="round",
        stroke_dasharray=dash,
    )


def words(
    x: float, y: float, text: str, *, size: float, fill: Ink, anchor: str = "start", weight: int = 400
) -> Markup:
    """Return text with its baseline at `y`."""
    painted: Attributes = {"class": f"f-{fill.name.lower()}", "fill": fill.value, "x": x, "y": y}
    lettered: Attributes = {"font_size": size, "text_anchor": anchor, "font_weight": weight}
    return Markup(f"<text{_attributes({**painted, **lettered})}>{escape(text)}</text>")


def path(points: tuple[tuple[float, float], ...]) -> str:
    """Return a path through the points: `M0 1L2 3`."""
    return "M" + "L".join(f"{coordinate(x)} {coordinate(y)}" for x, y in points)


def coordinate(value: float) -> str:
    """Return at most one decimal, and no minus before a zero."""
    return f"{round(value, 1) + 0:.1f}".removesuffix(".0")


def width_of(text: str, size: float) -> float:
    """Return how wide `text` is at most, in the widest of the usual fonts.

    Nothing here can ask a font, so the labels of a chart keep clear of each other by this estimate.
    """
    return size * sum(0.42 if c in NARROW else 1.0 if c in WIDE or ord(c) > 0x2E7F else 0.64 for c in text)


def _attributes(attributes: Attributes) -> str:
    """Return the attributes with a blank before each; texts are escaped, empty ones left out."""
    return "".join(
        [
            f' {_dashed(name)}="{_escaped(value) if isinstance(value, str) else coordinate(value)}"'
            for name, value in attributes.items()
            if value != ""
        ]
    )


def _escaped(text: str) -> str:
    """Return a text as it may stand in an attribute; plain numbers and paths, which are most, as they are."""
    return text if text.isascii() and not SPECIAL & set(text) else str(escape(text))


@cache
def _dashed(name: str) -> str:
    return name.replace("_", "-")
