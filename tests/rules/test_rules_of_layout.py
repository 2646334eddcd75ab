"""Rules about how a definition is written down. What `--fix` makes of it is tested with the command."""

import pytest
from surroundings import case, findings, kpi, together

from kpiascode.lint.rules import folded_expression, missing_schema_modeline
from kpiascode.model.place import Span

DATASET = """kind: dataset
name: order_lines
source: sales.order_lines
time: ordered_on
fields:
  net: {}
"""
EXAMPLE = """[{{given: {{order_lines: [{{ordered_on: 2026-01-01, net_amount: 1, {}: "a

  b"}}]}}, expect: {{2026-01: 1}}}}]"""


def lines(definition: str) -> list[int]:
    """Return the lines on which the folded expressions of a definition begin."""
    return [finding.place.span.line for finding in findings(folded_expression.RULE, case(definition))]


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param(">\n  sum(net_amount)\n  / count(*)", id="folded"),
        pytest.param("\n  sum(net_amount)\n  / count(*)", id="plain, below the key"),
        pytest.param("sum(net_amount)\n  / count(*)", id="plain"),
        pytest.param('"sum(net_amount)\n  / count(*)"', id="in quotes"),
    ],
)
def test_an_expression_whose_lines_are_joined_is_told(expression: str) -> None:
    begins = 5 if expression.startswith("\n") else 4

    assert lines(kpi(expression)) == [begins]
    condition = expression.replace("sum(net_amount)", "net_amount").replace("/ count(*)", "> 1")
    assert lines(kpi("count(*)", where=condition)) == [begins + 2]


def test_a_field_of_a_dataset_is_an_expression_too() -> None:
    assert lines(DATASET.format("net_amount\n    - tax_amount")) == [6]


@pytest.mark.parametrize(
    "definition",
    [
        pytest.param(kpi("|\n  sum(net_amount)\n  / count(*)"), id="a literal block"),
        pytest.param(kpi("|-\n  sum(net_amount)\n  / count(*)"), id="one without its last break"),
        pytest.param(kpi("sum(net_amount) / count(*)"), id="one line"),
        pytest.param(kpi("sum(net_amount)", description="Of all\n  lines."), id="a description"),
        pytest.param(
            DATASET.format("{column: net_amount,\n    description: Of\n    a line.}"), id="of a field"
        ),
        pytest.param(
            together(
                kpi("sum(net_amount)", examples=EXAMPLE.format("expression")),
                kpi("sum(net_amount)", name="other", examples=EXAMPLE.format("where")),
            ),
            id="columns of examples that are called so",
        ),
    ],
)
def test_what_keeps_its_lines_or_is_no_expression_is_not(definition: str) -> None:
    assert lines(definition) == []


@pytest.mark.parametrize(
    ("head", "line"),
    [
        pytest.param("", 1, id="the first one"),
        pytest.param("# About sales.\n\n  # More.\n", 4, id="behind comments and empty lines"),
    ],
)
def test_a_file_without_schema_is_told_at_its_first_line_that_is_no_comment(head: str, line: int) -> None:
    (finding,) = findings(missing_schema_modeline.RULE, case(head + kpi("count(*)")))

    assert finding.place.span == Span(line, 1, line, len("kind: kpi") + 1)
