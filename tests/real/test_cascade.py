"""The budget of 2011 as goals from the company down to its divisions, units and weights taken from the hierarchy.

Expectations come from the oracle for each division, and from fractions for what they add up to.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from kpiascode.model.assessment import Assessment, Status
from kpiascode.pipeline import judging, reading
from kpiascode.pipeline.connection import Connection

from .conftest import write_project
from .oracle import budget_2011_to_date

DAYS = [date(2011, 3, 1), date(2011, 8, 1), date(2012, 1, 1)]
LEVELS = ("organisation", "line_of_business", "department", "team")


@dataclass(frozen=True)
class Organization:
    """A row of DimOrganization. `owned`: which share of it belongs to the one above."""

    key: str
    parent: str
    name: str
    owned: Fraction

    @property
    def slug(self) -> str:
        return self.name.lower().replace(" ", "_")


def organizations(data: Path) -> dict[str, Organization]:
    with (data / "adventureworks" / "DimOrganization.csv").open(encoding="utf-8") as file:
        rows = [
            Organization(
                row["OrganizationKey"],
                row["ParentOrganizationKey"],
                row["OrganizationName"],
                Fraction(row["PercentageOfOwnership"]),
            )
            for row in csv.DictReader(file)
        ]
    return {row.key: row for row in rows}


def depth(one: Organization, all_of: Mapping[str, Organization]) -> int:
    return 0 if not one.parent else 1 + depth(all_of[one.parent], all_of)


def definitions(all_of: Mapping[str, Organization]) -> Iterator[str]:
    """Yield a unit, an owner and a goal for each organisation; divisions are held against their budget."""
    budgeted = {
        key[0] for key, standing in budget_2011_to_date(date(2012, 1, 1)).items() if key and standing.budget
    }
    for one in all_of.values():
        above = all_of.get(one.parent)
        yield (
            f"kind: org_unit\nname: {one.slug}\ntitle: {one.name}\nlevel: {LEVELS[min(depth(one, all_of), 3)]}\n"
            + (f"parent: {above.slug}\n" if above else "")
        )
        yield f"kind: owner\nname: lead_{one.slug}\ntitle: Lead of {one.name}\norg_unit: {one.slug}\ncontact: x@aw.example\n"
        division = f"slice: {{organization: {one.name}}}"
        result = f"[{{kpi: net_sales, {division}, measure: to_date, target: {{kpi: net_sales_budget}}}}]"
        yield (
            f"kind: goal\nname: budget_{one.slug}\ntitle: Budget of {one.name}\norg_unit: {one.slug}\n"
            f"owner: lead_{one.slug}\nperiod: {{from: 2011-01-01, to: 2012-01-01}}\n"
            + (f"parent: {{goal: budget_{above.slug}, weight: {float(one.owned)}}}\n" if above else "")
            + f"results: {result if one.name in budgeted else '[]'}\n"
        )


@pytest.fixture(scope="module")
def cascade(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = write_project(tmp_path_factory.mktemp("cascade"), "adventureworks", data)
    text = "---\n".join(definitions(organizations(data)))
    (home / "definitions" / "cascade.yaml").write_text(text, encoding="utf-8")
    return home


@pytest.fixture(scope="module")
def judged(cascade: Path) -> dict[date, Assessment]:
    checked = reading.check(cascade)
    assert not checked.has_errors, [(d.code, d.message) for d in checked.diagnostics]
    return {
        day: judging.assessment(checked, datetime(day.year, day.month, day.day), Connection(), None)
        for day in DAYS
    }


def attained(one: Organization, all_of: Mapping[str, Organization], day: date) -> Fraction | None:
    """Return of a division what it has sold of its budget so far; above it the mean of what is known."""
    standing = budget_2011_to_date(day).get((one.name,))
    if standing is not None and standing.budget_of_2011:
        return Fraction(standing.net_sales) / Fraction(standing.budget)
    below = [
        (child.owned, attained(child, all_of, day)) for child in all_of.values() if child.parent == one.key
    ]
    known = [(weight, value) for weight, value in below if value is not None]
    total = sum(weight for weight, _ in known)
    return sum((weight * value for weight, value in known), Fraction(0)) / total if total else None


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_company_has_reached_what_its_divisions_have_by_their_weights(
    judged: dict[date, Assessment], data: Path, day: date
) -> None:
    all_of = organizations(data)
    measured = 0
    for one in all_of.values():
        value = attained(one, all_of, day)
        found = judged[day].goals[f"budget_{one.slug}"]
        if value is None:
            assert found.total_progress is None, one.name
            continue
        measured += 1
        assert found.total_progress is not None
        assert abs(Fraction(found.total_progress) - value) < Fraction(1, 10**20), one.name
        assert found.total_expected == 1, "the budget says what is expected so far"
    assert measured == 9, "six divisions, the USA, North America and the company"


def test_of_europe_and_the_pacific_nothing_is_known_and_it_is_said_so(
    judged: dict[date, Assessment], data: Path
) -> None:
    company = judged[DAYS[-1]].goals["budget_adventureworks_cycle"]

    assert company.known < 1
    for name in ("european_operations", "pacific_operations", "france", "germany", "australia"):
        goal = judged[DAYS[-1]].goals[f"budget_{name}"]
        assert (goal.progress, goal.total_progress, goal.status) == (None, None, Status.NO_TARGET)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_a_goal_is_as_well_off_as_the_worst_beneath_it(
    judged: dict[date, Assessment], data: Path, day: date
) -> None:
    all_of = organizations(data)
    standings = budget_2011_to_date(day)
    missed = {
        one.slug
        for one in all_of.values()
        if (s := standings.get((one.name,))) is not None and s.budget and s.net_sales < s.budget
    }
    for one in all_of.values():
        beneath = {other.slug for other in all_of.values() if one.key in lineage(other, all_of)}
        found = judged[day].goals[f"budget_{one.slug}"]
        if found.total_progress is not None:
            assert (found.below is Status.MISSED) == bool(missed & beneath), one.name


def lineage(one: Organization, all_of: Mapping[str, Organization]) -> set[str]:
    return {one.key} | (lineage(all_of[one.parent], all_of) if one.parent else set())
