"""`kpi check` finds KPIs that can be read well and could never be asked."""

from pathlib import Path

import pytest
from command_line import Kpi, replace


def with_expression(shop: Path, expression: str, *more: str) -> None:
    text = (shop / "kpis" / "shop.yaml").read_text()
    replace(shop / "kpis" / "shop.yaml", "expression: sum(amount)\n", f"expression: {expression}\n")
    assert text != (shop / "kpis" / "shop.yaml").read_text()


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("previous(sum(amount), 28 days)", "offset-lands-nowhere"),
        ("average_over(sum(amount), week)", "unit-does-not-fit"),
        ("average_over(sum(amount), month)", "unit-does-not-fit"),
        ("to_date(sum(amount), week)", "unit-finer-than-grain"),
        ("rolling(sum(amount), 2 periods)", "window-without-length"),
    ],
)
def test_a_form_without_meaning_at_the_kpis_own_grain_is_found(
    kpi: Kpi, shop: Path, expression: str, code: str
) -> None:
    with_expression(shop, expression)

    result = kpi("check", "--format", "concise")

    # `basket` and the others that refer to it are not told again.
    assert result.exit_code == 1
    assert [line.split(": ")[1] for line in result.stdout.splitlines()] == [code]


def test_forms_that_fit_are_no_finding(kpi: Kpi, shop: Path) -> None:
    with_expression(shop, "previous(rolling(sum(amount), 28 days), 1 year) + average_over(sum(amount), day)")

    assert kpi("check").exit_code == 0
