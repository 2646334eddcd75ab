"""The theme of a project: colours that can be read, or a finding with the nearest that can; and nothing else of it."""

import re
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from render_fixture import assessment

from kpiascode.model.colour import READABLE, Ground, contrast, least_contrast, readable
from kpiascode.model.project import Theme
from kpiascode.render import render
from kpiascode.render.site import style, themed

COLOURS = st.integers(min_value=0, max_value=0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(
        4.48, abs=0.005
    )  # the well-known grey that just fails
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


def test_the_grounds_are_those_of_the_style_sheet() -> None:
    light, dark = re.findall(r":root \{(.*?)\}", style(), re.DOTALL)
    for block, ground in ((light, Ground.LIGHT), (dark, Ground.DARK)):
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block))
        assert ground.value == (colours["paper"], colours["wash"])


@given(COLOURS, st.sampled_from(list(Ground)))
def test_the_nearest_shade_can_be_read_and_a_readable_one_stays(colour: str, ground: Ground) -> None:
    found = readable(colour, ground)

    assert least_contrast(found, ground) >= READABLE
    assert (found == colour) == (least_contrast(colour, ground) >= READABLE)


def test_a_theme_paints_links_and_the_line_under_the_head_and_changes_no_status() -> None:
    sheet = themed(style(), Theme(accent="#7a1f5c", accent_dark="#e39bc8", logo_text="Acme Outdoor"))
    added = sheet.removeprefix(style())

    assert sheet.startswith(style())
    assert "--accent: #7a1f5c" in added
    assert "@media screen and (prefers-color-scheme: dark) { :root { --accent: #e39bc8; } }" in added
    assert set(re.findall(r"--(\w+)", added)) == {"accent"}
    assert themed(style(), None) == style()


def test_a_theme_is_on_every_page_with_a_policy_that_fits() -> None:
    made = assessment()
    theme = Theme(accent="#7a1f5c", accent_dark="#e39bc8", logo_text="Acme <Outdoor>")
    there = replace(made.project, settings=replace(made.project.settings, theme=theme))
    before = {page.path: page.text for page in render(made, version="1")}

    for page in render(replace(made, project=there), version="1"):
        if page.path.endswith(".html"):
            assert "--accent: #7a1f5c" in page.text
            assert ">Acme &lt;Outdoor&gt;</a>" in page.text
            policies = [
                re.findall("style-src '([^']+)'", unescape(text))[0]
                for text in (page.text, before[page.path])
            ]
            assert policies[0] != policies[1]
