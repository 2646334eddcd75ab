"""docs/templates.md: the lists are those of the code, the locales are written so, and the example is built."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from doc_pages import ROOT, Page, codes, kpi, tables

from kpiascode.model.locale import Locale
from kpiascode.model.project import Measure
from kpiascode.render import environment
from kpiascode.render.locales import NARROW, NBSP, written_in
from kpiascode.render.numbers import amount, declared, relative
from kpiascode.render.words import day_in

PAGE = Page(ROOT / "docs" / "templates.md")
THERE = environment.with_own({"a.html.j2": ""})
WATCHED = {"comparable", "counted", "made", "single"}
"""Our own filters that no template writes."""


def listed(kind: str) -> set[str]:
    [row] = [row for rows in tables(PAGE.text) for row in rows if row[0] == kind]
    return set(codes(row[1]))


def rows_of(head: str) -> list[tuple[str, ...]]:
    return [row for rows in tables(PAGE.text) if codes(rows[0][0]) == (head,) for row in rows[1:]]


@pytest.mark.parametrize(
    ("kind", "there"),
    [
        ("filters", set(THERE.filters) - WATCHED),
        ("tests", set(THERE.tests)),
        ("functions", set(THERE.globals)),
        (
            "methods",
            {name for some in environment.METHODS.values() for name in some} - {"cycle"} | {"loop.cycle"},
        ),
    ],
)
def test_the_page_lists_exactly_what_templates_may_use(kind: str, there: Iterable[str]) -> None:
    assert listed(kind) == set(there)


def test_the_budget_is_that_of_the_code() -> None:
    text = " ".join(PAGE.text.split())

    assert f"{environment.STEPS:,} turns of loops" in text
    assert f"{environment.SECONDS:.0f} seconds" in text
    assert f"{environment.CHARACTERS:,} characters" in text
    assert f"longer than {environment.LONGEST:,}" in text


@pytest.mark.parametrize("row", rows_of("locale"), ids=lambda row: str(row[0]))
def test_a_locale_is_written_as_the_page_shows(row: tuple[str, ...]) -> None:
    with written_in(Locale(codes(row[0])[0])):
        shown = (
            declared(Decimal("21874.5"), Measure(name="count")),
            relative(Decimal("0.046")).removeprefix("+"),
            amount(Decimal("188.2"), Measure(name="currency", currency="EUR")),
            day_in(date(2026, 3, 6), 2025),
        )

    assert [re.sub(f"[{NBSP}{NARROW}]", " ", str(one)) for one in shown] == list(row[1:])


def test_each_locale_has_its_row() -> None:
    assert [codes(row[0])[0] for row in rows_of("locale")] == [locale.value for locale in Locale]


def test_each_template_that_may_be_replaced_is_named() -> None:
    folder = ROOT / "src" / "kpiascode" / "render" / "templates"
    names = {file.name.removesuffix(".html.j2") for file in folder.glob("*.html.j2")} - {"email", "pack"}

    assert names <= set(codes(PAGE.section("Templates")))


def test_the_example_is_built_as_the_page_says(example_company: Path, tmp_path: Path) -> None:
    for block in PAGE.blocks("html"):
        file = tmp_path / block.info[0]
        file.parent.mkdir(exist_ok=True)
        file.write_text(block.text, encoding="utf-8")
    [line] = [block.text for block in PAGE.blocks("sh")]
    words = line.replace("--templates house", f"--templates {tmp_path / 'house'}").split()

    code, _, err = kpi([*words[1:], "--output", str(tmp_path / "site")], example_company)

    assert code == 0, err
    pages = [file.read_text(encoding="utf-8") for file in (tmp_path / "site" / "units").iterdir()]
    assert pages
    assert all("How we read these numbers</a>" in page for page in pages)
