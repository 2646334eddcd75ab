"""What goals and plans measure of a slice: the same whatever else is asked, zero where nothing is counted."""

import csv
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from kpiascode.pipeline import alone, judging, reading
from kpiascode.pipeline.connection import Connection

AS_OF = datetime(2026, 3, 1)
GOAL = (date(2026, 1, 1), date(2026, 3, 1))
ROWS = """day,ward,floor,urgent,opened,rate
2015-05-05,attic,9,true,2015-05-05,9.9
2021-02-03,burns,3,,2021-02-01,0.10
2024-11-30,,7,false,2024-11-30,2.5
2025-12-31,heart,2,false,2025-12-31,1
2026-01-15,heart,1,true,2026-01-15,1.5
2026-01-16,heart,1,true,2026-01-15,1.5
2026-02-28,"it's",1,true,2026-02-28,1.5
"""
DEFINITIONS = """
kind: org_unit
name: house
title: House
level: organisation
---
kind: owner
name: boss
title: Boss
org_unit: house
contact: boss@house.example
---
kind: dataset
name: slips
source: data/slips.csv
time: day
columns: {rate: "decimal(9,2)"}
---
kind: kpi
name: slipped
title: Slipped
description: How often somebody slipped.
owner: boss
applies_to: [house]
dataset: slips
expression: count(*)
grain: month
dimensions: [ward, floor, urgent, opened, rate]
unit: count
direction: lower
"""
RESULT = """
---
kind: goal
name: {name}
title: {name}
org_unit: house
owner: boss
period: {{from: 2026-01-01, to: 2026-07-01}}
results: [{{kpi: slipped, slice: {{{slice}}}, target: 0, path: maintain{measure}}}]
"""
PLAN = """
---
kind: improvement_plan
name: plan
title: Plan
owner: boss
subject: {org_unit: house}
opened_on: 2026-01-01
ends_on: 2026-07-01
current: Some.
required: Fewer.
actions: [{what: Ask, who: boss, due: 2026-02-01}]
success: {kpi: slipped, slice: {ward: heart}, at_most: 1, periods: 2}
"""
SLICES = [
    "ward: heart", "ward: burns", "ward: null", 'ward: "it\'s"', 'floor: "1"', 'floor: "3"', 'floor: "7"',
    'urgent: "true"', 'urgent: "false"', "urgent: null", 'opened: "2026-01-15"', 'opened: "2024-11-30"',
    'rate: "1.5"', 'rate: "0.1"', 'rate: "1"', 'ward: burns, floor: "3"',
]  # fmt: skip
NONE = [
    "ward: Heart",
    "ward: attic",
    'floor: "4"',
    'floor: "high"',
    "opened: soon",
    'urgent: "maybe"',
    'ward: burns, floor: "1"',
]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "slips.csv").write_text(ROWS)
    (tmp_path / "kpiascode.yaml").write_text("name: house\nversion: 1\npaths: [kpis]\n")
    return tmp_path


def project(home: Path, *documents: str) -> reading.Checked:
    (home / "kpis").mkdir(exist_ok=True)
    (home / "kpis" / "all.yaml").write_text(DEFINITIONS + "".join(documents))
    checked = reading.check(home)
    assert not checked.has_errors, checked.diagnostics
    return checked


def goal(name: str, of: str, *, to_date: bool) -> str:
    return RESULT.format(name=name, slice=of, measure=", measure: to_date" if to_date else "")


def counted(of: str, start: date, end: date) -> int:
    """Count the rows of a slice once more, from the file."""
    wanted = dict(part.split(": ") for part in of.split(", "))
    return sum(
        all(same(row[name], value) for name, value in wanted.items())
        and start <= date.fromisoformat(row["day"]) < end
        for row in csv.DictReader(ROWS.splitlines())
    )


def same(cell: str, wanted: str) -> bool:
    text = wanted.strip('"')
    if text == "null":
        return not cell
    try:
        return Decimal(cell) == Decimal(text)
    except ArithmeticError:
        return cell == text


@pytest.mark.parametrize("to_date", [False, True])
def test_a_slice_without_rows_counts_zero_and_what_is_no_slice_has_no_value(
    house: Path, to_date: bool
) -> None:
    names = {f"g{number}": of for number, of in enumerate([*SLICES, *NONE])}
    checked = project(house, *(goal(name, of, to_date=to_date) for name, of in names.items()))

    made = judging.assessment(checked, AS_OF, Connection(), None)

    found = {of: made.goals[name].results[0].value for name, of in names.items()}
    start = GOAL[0] if to_date else date(2026, 2, 1)
    assert found == {of: counted(of, start, GOAL[1]) for of in SLICES} | dict.fromkeys(NONE)


@pytest.mark.parametrize("to_date", [False, True])
def test_a_slice_has_its_value_whatever_else_is_asked(house: Path, to_date: bool) -> None:
    """Alone, beside a plan that looks further back, beside other slices, and in a document of its own."""
    one = goal("one", "ward: burns", to_date=to_date)
    others = [goal("other", "ward: heart", to_date=to_date), PLAN]
    found = []
    for documents in ([one], [one, *others], [*others, one]):
        checked = project(house, *documents)
        brief = alone.briefed(checked, ["one"], [], AS_OF, GOAL[0], Connection())
        found += [brief.goals["one"], judging.assessment(checked, AS_OF, Connection(), None).goals["one"]]

    assert all(one == found[0] for one in found)
    assert found[0].results[0].value == 0


def test_a_plan_on_a_slice_without_rows_is_the_same_alone_and_among_all(house: Path) -> None:
    plan = PLAN.replace("ward: heart", "ward: burns")
    checked = project(house, plan, goal("other", "ward: heart", to_date=False))

    made = judging.assessment(checked, AS_OF, Connection(), None).plans["plan"]
    own = alone.judged_plan(checked, checked.project.performance.plans["plan"], AS_OF, Connection())

    assert own.plans["plan"] == made
    assert [point.value for point in made.tested] == [0, 0]
