"""Colours of a theme in the project file: contrast as WCAG defines it, and a finding where it is too low."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_render_style import contrast as by_another

from kpiascode import resolve
from kpiascode.load import load_text
from kpiascode.model.colour import Ground, contrast, readable
from kpiascode.model.document import Documents
from kpiascode.model.project import Theme
from kpiascode.validate import validate

COLOURS = st.from_regex("#[0-9a-f]{6}", fullmatch=True)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", "21.0"),
        ("#ffffff", "#ffffff", "1.0"),
        ("#777777", "#ffffff", "4.5"),
        ("#767676", "#ffffff", "4.5"),
        ("#ff0000", "#ffffff", "4.0"),
        ("#0000ff", "#ffffff", "8.6"),
        ("#ffff00", "#ffffff", "1.1"),
    ],
)
def test_contrast_is_that_of_the_published_examples(one: str, other: str, ratio: str) -> None:
    assert f"{contrast(one, other):.1f}" == f"{contrast(other, one):.1f}" == ratio


@given(COLOURS, COLOURS)
def test_contrast_is_as_another_program_computes_it(one: str, other: str) -> None:
    assert contrast(one, other) == pytest.approx(by_another(one, other))


# --- in the project file


def declared(theme: str) -> Documents:
    text = f"version: 1\nname: test\npaths: [kpis]\ntheme: {theme}\n"
    (project,), findings = load_text("kpiascode.yaml", text)
    return validate(Documents(project=project, items=(), diagnostics=findings))


def resolved(theme: str) -> tuple[Theme | None, list[tuple[str, str, str | None]]]:
    read = declared(theme)
    found = resolve.resolve(read)
    told = [(d.code, d.message, d.hint) for d in (*read.diagnostics, *found.diagnostics)]
    return found.project.settings.theme, told


def test_a_theme_that_can_be_read_is_no_finding() -> None:
    theme, told = resolved('{accent: "#7A1F5C", accent_dark: "#E39BC8", logo_text: Acme}')

    assert theme == Theme(accent="#7a1f5c", accent_dark="#e39bc8", logo_text="Acme")
    assert not told


def test_the_dark_accent_is_the_nearest_shade_of_the_other_unless_it_is_declared() -> None:
    theme, told = resolved('{accent: "#7a1f5c"}')

    assert theme == Theme(accent="#7a1f5c", accent_dark=readable("#7a1f5c", Ground.DARK), logo_text=None)
    assert not told


def test_a_colour_that_is_hard_to_read_is_told_with_the_nearest_that_is_not() -> None:
    _, ((code, message, hint),) = resolved('{accent: "#ff8c00"}')

    assert code == "colour-hard-to-read"
    assert "`#ff8c00`" in message
    assert "2.2 to 1 with the light page" in message
    shade = re.search("#[0-9a-f]{6}", hint or "")
    assert shade is not None
    assert not resolved(f'{{accent: "{shade[0]}"}}')[1]


@pytest.mark.parametrize(
    "theme",
    [
        "{}",
        "{accent: red}",
        '{accent: "#fff"}',
        '{accent: "#7a1f5c; } body { display: none"}',
        '{accent: "#7a1f5c", good: "#00ff00"}',
        '{accent: "#7a1f5c", logo_text: ""}',
        "plum",
    ],
)
def test_a_theme_is_colours_and_a_text_and_nothing_else(theme: str) -> None:
    assert declared(theme).diagnostics
