"""Colours, and where they are allowed: contrast, one palette, no style beside the style sheet."""

import re
from itertools import pairwise, product

import pytest

from kpiascode.render.charts.svg import Ink
from kpiascode.render.packs.on_paper import sheet
from kpiascode.render.site import style
from kpiascode.render.words import GRADE, OUTCOME, STATUS

TEXT, GRAPHICS = 4.5, 3.0


def palettes(of: str | None = None) -> dict[str, dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\}", style() if of is None else of, re.DOTALL)
    return {
        "light": dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", light)),
        "dark": dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", dark)),
    }


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("mode", "ink", "ground"),
    [*product(["light", "dark"], ["ink", "soft", "good", "watch", "act"], ["paper", "wash"])],
)
def test_text_can_be_read(mode: str, ink: str, ground: str) -> None:
    assert contrast(palettes()[mode][ink], palettes()[mode][ground]) >= TEXT


@pytest.mark.parametrize(
    ("mode", "ink", "ground"),
    [
        *product(["light", "dark"], ["trace", "ink", "soft"], ["paper", "wash"]),
        *product(["light", "dark"], ["trace", "ink"], ["light", "middle", "dark"]),
        *product(["light", "dark"], ["good", "watch"], ["middle"]),
        *product(["light", "dark"], ["paper"], ["act"]),
    ],
)
def test_what_is_drawn_can_be_seen(mode: str, ink: str, ground: str) -> None:
    assert contrast(palettes()[mode][ink], palettes()[mode][ground]) >= GRAPHICS


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_three_ranges_of_a_bullet_differ(mode: str) -> None:
    found = palettes()[mode]
    ranges = [contrast(found[name], found["paper"]) for name in ("light", "middle", "dark")]

    assert ranges == sorted(ranges)
    assert all(second / first >= 1.1 for first, second in pairwise(ranges))


def test_charts_and_the_style_sheet_have_the_same_colours() -> None:
    light = palettes()["light"]

    assert {ink.name.lower(): ink.value for ink in Ink if ink is not Ink.NONE} == {
        name: light[name] for name in light if name != "wash"
    }
    assert palettes()["dark"].keys() == light.keys()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_documents_have_the_colours_of_pages(mode: str) -> None:
    """A team may replace the sheet of the pages as a whole, so that of documents has them once more."""
    documents, pages = palettes(sheet())[mode], palettes()[mode]

    assert {name: documents[name] for name in pages} == pages
    assert documents.keys() - pages.keys() == {"edge"}
    assert contrast(documents["edge"], documents["paper"]) >= GRAPHICS


@pytest.mark.parametrize("ink", [ink.name.lower() for ink in Ink if ink is not Ink.NONE])
def test_every_ink_can_be_repainted_in_the_dark(ink: str) -> None:
    assert f".f-{ink} {{ fill: var(--{ink}); }}" in style()
    assert f".s-{ink} {{ stroke: var(--{ink}); }}" in style()


@pytest.mark.parametrize(
    "tone", sorted({word.tone for words in (STATUS, GRADE, OUTCOME) for word in words.values()})
)
def test_every_tone_is_in_the_style_sheet(tone: str) -> None:
    assert f".t-{tone} {{" in style()


def test_colours_have_names() -> None:
    rules = re.sub(r":root \{.*?\}", "", style(), flags=re.DOTALL)

    assert not re.search(r"#[0-9a-f]{3,8}\b", rules)


def test_the_dark_set_is_for_screens_so_that_paper_stays_light() -> None:
    assert (
        style().count("prefers-color-scheme")
        == style().count("@media screen and (prefers-color-scheme: dark)")
        == 1
    )


def test_the_style_sheet_asks_for_nothing_from_elsewhere_and_ends_no_element() -> None:
    assert not re.search(r"url\(|@import|@font-face|</|expression\(", style())
