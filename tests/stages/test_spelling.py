"""An expression spelled out is the expression again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpiascode.model.calendar import Duration, Unit
from kpiascode.model.expression import Column, Expression, InPeriods, Local, MeasureValue, Moved
from kpiascode.model.spelling import spelled
from kpiascode.resolve import parse
from stages.test_expressions import FORMS

TEXTS = [
    "a - (b - c)",
    "a - b - c",
    "a / (b * c)",
    "-(-a)",
    "-(a + b) * c",
    "not (a = 1 or b = 2) and c = 3",
    "not not a",
    "(a or b) and (c or d)",
    "a or b and c or d",
    "(a = 1) is null",
    "(a is null) is not null",
    "(a between 1 and 2) = true",
    "x in ('it''s', 'b')",
    "case when a > 1 or b then -1 else (a + b) % 2 end",
    "sum(a * (1 - b)) filter (where c like '%x_') / nullif(count(distinct d), 0)",
    "avg(sum(x) / count(*) per customer.id) filter (where day >= date '2026-01-31')",
    "previous(to_date(revenue, year), 1 year) - 1",
]


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_written_well_is_spelled_the_same(text: str) -> None:
    assert parse(spelled(parse(text))) == parse(text)


@pytest.mark.parametrize("text", [text for text, _ in FORMS], ids=str)
def test_every_form_is_read_back_as_it_was(text: str) -> None:
    assert parse(spelled(parse(text))) == parse(text)


def test_it_has_no_bracket_too_many() -> None:
    assert spelled(parse("((a + b) * (c)) - (((d)))")) == "(a + b) * c - d"
    assert spelled(parse("(a and b) or (not (c))")) == "a and b or not c"


def test_what_only_a_plan_has_is_told_close_to_the_language() -> None:
    moved = Moved(Column(("customer",), "since"), Duration(amount=12, unit=Unit.MONTH), False)

    assert spelled(moved) == "customer.since + 12 months"
    assert spelled(Local(Column((), "at"), None, "Europe/Berlin")) == "at at Europe/Berlin"
    assert spelled(MeasureValue("orders_by_period", "net__1")) == "orders_by_period.net__1"
    assert (
        spelled(InPeriods(("2026-01", "2026-02", "2026-03", "2026-04")))
        == "period in (2026-01, 2026-02, 2026-03 and 1 more)"
    )


LEAVES = ["a", "b.c", "1", "2.50", "'x'", "true", "null", "sum(q)", "count(*)"]
trees = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "%", "=", "<>", "<", "and", "or"]), inner).map(
            lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"
        ),
        inner.map("not ({})".format),
        inner.map("-({})".format),
        inner.map("({}) is null".format),
        inner.map("case when {0} then {0} end".format),
        inner.map("coalesce({}, 0)".format),
    ),
    max_leaves=12,
)


@given(trees)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_brackets_keep_the_meaning(text: str) -> None:
    node: Expression = parse(text)

    assert parse(spelled(node)) == node
