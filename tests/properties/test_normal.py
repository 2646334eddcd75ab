"""What has one normal form has the same values: pairs that are read, and random pairs that DuckDB computes.

KPI_NORMAL_PAIRS says how many random pairs, KPI_SEED where they begin.
"""

import math
import os
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import partial
from random import Random
from time import perf_counter
from typing import Any

import duckdb
import pytest

from kpiascode import resolve
from kpiascode.conformance import reference as ref
from kpiascode.conformance.worlds import cases
from kpiascode.conformance.writing import calendar_as_yaml, dataset_as_yaml, kpi_as_yaml
from kpiascode.diff.normal import normal, normal_project
from kpiascode.model.calendar import Calendar, Duration, Grain, Period, Unit, retail_year
from kpiascode.model.canonical import fingerprint
from kpiascode.model.expression import (
    And,
    Column,
    Constant,
    Days,
    Expression,
    IsNull,
    Not,
    Or,
    Previous,
    Type,
)
from kpiascode.model.project import Project
from kpiascode.plan import Unanswerable
from kpiascode.resolve import ExpressionError
from kpiascode.resolve.parser import depth
from kpiascode.resolve.types import type_of, with_even_decimals
from kpiascode.run.answers import BrokenData
from projects import Warehouse, documents, kpi, planned, question, sound
from properties.mutating import COLUMNS, END, FIRST, Draft, pair, rows
from properties.test_oracle import warehouse

DATASET = """
kind: dataset
name: facts
title: Facts
description: Facts.
source: facts
time: day
"""
COLUMNS_OF_FACTS = ", ".join(f"{name} {kind}" for name, (_, kind) in COLUMNS.items())
RETAIL = "{fiscal: {pattern: 4-4-5, ends: last saturday of january}}"


def project(*texts: str, calendar: str = "{}") -> Project:
    with Warehouse({"facts": (f"{COLUMNS_OF_FACTS}, nothing_known UUID", [])}) as tables:
        return sound(resolve.resolve(documents(DATASET, *texts, calendar=calendar), tables.catalog))


# --- pairs to be read

SAME = [
    # and, or, not
    ("b and c", "c and b"),
    ("b or c", "c or b"),
    ("b and (c and i = 1)", "(i = 1 and b) and c"),
    ("b or (c or i = 1)", "c or i = 1 or b"),
    ("b and b", "b"),
    ("b and c and b", "c and b"),
    ("b and true", "b"),
    ("true and true", "true"),
    ("b or false", "b"),
    ("not not b", "b"),
    ("not true", "false"),
    ("not (b and c)", "not b or not c"),
    ("not (b or c)", "not b and not c"),
    ("not (b and not (c or i = 1))", "(not b) or c or i = 1"),
    ("not (s is null)", "s is not null"),
    # comparisons
    ("not i = 1", "i <> 1"),
    ("not s = 'a'", "s <> 'a'"),
    ("not g = 1", "g <> 1"),
    ("not i < 1", "i >= 1"),
    ("not p <= 2.5", "p > 2.5"),
    ("i > j", "j < i"),
    ("i >= 1", "1 <= i"),
    ("g > 1", "1 < g"),
    ("i = j", "j = i"),
    ("1 <> i", "i <> 1"),
    ("i - 1 > j", "j < i - 1"),
    # between and lists
    ("i between 1 and 3", "i >= 1 and i <= 3"),
    ("i not between 1 and 3", "i < 1 or 3 < i"),
    (
        "d between date '2026-01-31' and date '2026-03-01'",
        "d >= date '2026-01-31' and date '2026-03-01' >= d",
    ),
    ("p between 1.50 and 2.50", "p <= 2.50 and p >= 1.50"),
    ("s in ('a', 'b')", "s in ('b', 'a')"),
    ("s in ('a', 'b', 'a')", "s in ('b', 'a')"),
    ("s in ('a', 'b')", "s = 'b' or s = 'a'"),
    ("s in ('a', 'b', 'c')", "s = 'b' or s in ('c', 'a')"),
    ("s in ('a')", "s = 'a'"),
    ("s not in ('a', 'b')", "s <> 'a' and s <> 'b'"),
    ("s not in ('a', 'b')", "not (s = 'b' or 'a' = s)"),
    ("s not in ('a')", "s <> 'a'"),
    ("i in (1, 2) or i = 3", "i in (3, 2, 1)"),
    ("i = -1", "i in (-1)"),
    ("nothing_known = 'a' or nothing_known = 'b'", "nothing_known in ('b', 'a')"),
    ("p in (1, 20, 300)", "p in (300, 1, 20)"),
]
SAME_VALUES = [
    ("sum(p + q)", "sum(q + p)"),
    ("100 * sum(i) / count(*)", "sum(i) * 100 / count(*)"),
    ("sum(i) + sum(j)", "sum(j) + sum(i)"),
    ("sum(p * 2)", "sum(2 * p)"),
    ("sum(f * g)", "sum(g * f)"),
    ("count(*)", "count(1)"),
    ("count('x') filter (where b)", "count(*) filter (where b)"),
    ("count(*) filter (where true)", "count(*)"),
    ("sum(i) filter (where b and c)", "sum(i) filter (where c and b)"),
    ("sum(case when b then i else null end)", "sum(case when b then i end)"),
    ("sum(case when i > 1 then i end)", "sum(case when 1 < i then i end)"),
    ("coalesce(coalesce(sum(i), sum(j)), 0)", "coalesce(sum(i), coalesce(sum(j), 0))"),
    ("sum(length(coalesce(coalesce(s, t), '')))", "sum(length(coalesce(s, t, '')))"),
    ("avg(sum(i + j) per t)", "avg(sum(j + i) per t)"),
    ("previous(count(*), 12 months)", "previous(count(*), 1 year)"),
    ("previous(count(*), 4 quarters)", "previous(count(*), 1 year)"),
    ("rolling(count(*), 28 days)", "rolling(count(*), 4 weeks)"),
    ("rolling(count(*), 3 months)", "rolling(count(*), 1 quarter)"),
    (
        "count(*) filter (where d + 7 days > date '2026-02-01')",
        "count(*) filter (where date '2026-02-01' < d + 1 week)",
    ),
    ("count(*) filter (where m + 60 minutes > m)", "count(*) filter (where m + 3600 seconds > m)"),
]
OTHERS = [
    ("b and c", "b or c"),
    ("b and c", "b"),
    ("b", "c"),
    ("b", "not b"),
    ("true", "false"),
    ("b and false", "b"),
    ("b or true", "b"),
    ("not (b and c)", "not b and not c"),
    ("not (b or c)", "not b or not c"),
    ("not b and c", "not (b and c)"),
    ("b and (c or i = 1)", "b and c or i = 1"),
    ("i > 1", "i < 1"),
    ("i > 1", "i >= 1"),
    ("i > j", "i < j"),
    ("i > 1", "i > 2"),
    ("i = 1", "i = 1 or i is null"),
    ("not (i = 1)", "i <> 1 or i is null"),
    ("i = 1", "i = j"),
    ("s is null", "s = ''"),
    ("s is null", "s is not null"),
    ("s = null", "s is null"),
    ("s = 'a'", "s = 'A'"),
    ("s = 'a'", "s = 'a '"),
    ("s = 'a'", "t = 'a'"),
    ("s = 'a'", "s like 'a'"),
    ("s in ('a', 'b')", "s in ('a')"),
    ("s in ('a', 'b')", "s not in ('a', 'b')"),
    ("s in ('a', 'b')", "s = 'a' and s = 'b'"),
    ("s not in ('a', 'b')", "s <> 'a' or s <> 'b'"),
    ("s = 'a' or t = 'b'", "s = 'b' or t = 'a'"),
    ("i between 1 and 3", "i > 1 and i < 3"),
    ("i between 1 and 3", "i between 3 and 1"),
    ("i not between 1 and 3", "i < 1 and i > 3"),
    ("m = timestamp '2026-01-31 00:00:00'", "m = timestamp '2026-01-31 00:00:01'"),
    ("d = date '2026-01-31'", "d = date '2026-02-01'"),
    ("cast(p * 1.0 as text) = '1.000'", "cast(p * 1.00 as text) = '1.000'"),
    ("i - j > 1", "j - i > 1"),
    # what is equal, but not proven to be
    ("not g < 1", "g >= 1"),
    ("not nothing_known < 'a'", "nothing_known >= 'a'"),
    (
        "coalesce(coalesce(nothing_known, nothing_known), nothing_known) = 'a'",
        "coalesce(nothing_known, nothing_known, nothing_known) = 'a'",
    ),
    ("p in (1, 20)", "p = 1 or p = 20"),
    ("p between 1 and 20", "p >= 1 and p <= 20"),
    ("b and (b or c)", "b"),
    ("b and (c or i = 1)", "(b and c) or (b and i = 1)"),
    ("b and false", "false"),
]
OTHER_VALUES = [
    ("sum(i)", "avg(i)"),
    ("sum(i)", "sum(j)"),
    ("sum(i - j)", "sum(j - i)"),
    ("sum(i) / sum(j)", "sum(j) / sum(i)"),
    ("sum(i % j)", "sum(j % i)"),
    ("sum(i) + sum(j) - 1", "sum(i) - sum(j) + 1"),
    ("count(*)", "count(i)"),
    ("count(*)", "count(null)"),
    ("count(*)", "count(distinct 1)"),
    ("count(*)", "sum(1)"),
    ("count(i)", "count(distinct i)"),
    ("count(*)", "count(*) filter (where b)"),
    ("count(*) filter (where b)", "count(*) filter (where not b)"),
    ("sum(case when b then i end)", "sum(case when b then i else 0 end)"),
    ("sum(case when b then i when c then j end)", "sum(case when c then j when b then i end)"),
    ("coalesce(sum(i), sum(j))", "coalesce(sum(j), sum(i))"),
    ("coalesce(sum(i), 0)", "sum(i)"),
    ("sum(nullif(i, j))", "sum(nullif(j, i))"),
    ("percentile(i, 0.9)", "percentile(i, 0.95)"),
    ("avg(sum(i) per s)", "avg(sum(i) per t)"),
    ("previous(count(*), 1 year)", "previous(count(*), 11 months)"),
    ("previous(count(*), 1 period)", "previous(count(*), 1 month)"),
    ("previous(count(*), 1 year)", "previous(count(*), 1 fiscal_year)"),
    ("rolling(count(*), 30 days)", "rolling(count(*), 1 month)"),
    ("count(*) filter (where m + 24 hours > m)", "count(*) filter (where m + 1 day > m)"),
    # what is equal, but not for certain with doubles or decimals
    ("sum(i) + sum(j) + sum(f)", "sum(i) + (sum(j) + sum(f))"),
    ("coalesce(coalesce(sum(p), sum(q)), 0)", "coalesce(sum(p), sum(q), 0)"),
    ("coalesce(coalesce(sum(p), sum(q)), 0.5)", "coalesce(sum(p), sum(q), 0.5)"),
    ("avg(i)", "sum(i) / count(i)"),
]


def forms(expressions: Iterable[str], calendar: str = "{}") -> list[Expression]:
    """Return the normal forms of KPIs over the facts."""
    texts = [kpi(f"k{n}", one, dataset="facts", grain="month") for n, one in enumerate(expressions)]
    found = normal_project(project(*texts, calendar=calendar)).kpis
    return [found[f"k{n}"].expression for n in range(len(found))]


def of_conditions(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(f"sum(i) filter (where {one})", f"sum(i) filter (where {other})") for one, other in pairs]


def are_equal(pairs: Sequence[tuple[str, str]]) -> list[bool]:
    found = [fingerprint(form) for form in forms(text for both in pairs for text in both)]
    return [one == other for one, other in zip(found[::2], found[1::2], strict=True)]


def test_what_means_the_same_has_one_normal_form() -> None:
    pairs = [*of_conditions(SAME), *SAME_VALUES]

    assert [both for both, equal in zip(pairs, are_equal(pairs), strict=True) if not equal] == []


def test_what_does_not_has_two() -> None:
    pairs = [*of_conditions(OTHERS), *OTHER_VALUES]

    assert [both for both, equal in zip(pairs, are_equal(pairs), strict=True) if equal] == []


def test_a_normal_form_is_its_own() -> None:
    pairs = [*of_conditions(SAME), *of_conditions(OTHERS), *SAME_VALUES, *OTHER_VALUES]
    found = forms({text: None for both in pairs for text in both})

    assert [fingerprint(normal(one, retail=False)) for one in found] == [fingerprint(one) for one in found]


def test_a_retail_year_is_not_twelve_months() -> None:
    """By month there is a year before, but no twelve civil months before a month of a retail calendar."""
    civil, retail = (
        forms(["previous(count(*), 1 year)", "previous(count(*), 12 months)"], calendar)
        for calendar in ("{}", RETAIL)
    )

    assert civil[0] == civil[1]
    assert retail[0] != retail[1]


CALENDARS = [
    Calendar(),
    Calendar(week_start=6, fiscal_year_start=4),
    Calendar(retail=retail_year("4-4-5", "last saturday of january")),
]


@pytest.mark.parametrize("calendar", CALENDARS, ids=["civil", "april", "retail"])
@pytest.mark.parametrize("unit", Unit)
def test_a_length_in_another_unit_leads_to_the_same_period(calendar: Calendar, unit: Unit) -> None:
    def led(work: Callable[[], Any]) -> Any:
        try:
            return work()
        except ValueError:
            return "nowhere"

    for amount in [*range(1, 15), 24, 28, 30, 52, 60, 84, 3600, -7, -12]:
        said = Duration(amount=amount, unit=unit)
        form = normal(Previous(Days(), said), retail=calendar.retail is not None)
        assert isinstance(form, Previous)
        for grain in Grain:
            for day in (date(2024, 2, 29), date(2026, 1, 31), date(2020, 12, 31)):
                period = Period(grain=grain, name="all", start=day, end=date(2027, 1, 1))
                if grain is not Grain.ALL:
                    period = calendar.period_holding(day, grain)
                one, other = (led(partial(calendar.shift, period, length)) for length in (said, form.offset))
                assert one == other, f"{said} {form.offset} {period}"
                moment = datetime.combine(day, time(12))
                one, other = (led(partial(calendar.add, moment, length)) for length in (said, form.offset))
                assert one == other, f"{said} {form.offset} {moment}"


def test_where_true_keeps_all_rows_and_a_filter_is_no_where() -> None:
    texts = [
        kpi("plain", "count(*)", dataset="facts"),
        kpi("all", "count(*)", dataset="facts", where='"true"'),
        kpi("kept", "count(*)", dataset="facts", where="b"),
        kpi("filtered", "count(*) filter (where b)", dataset="facts"),
    ]
    found = normal_project(project(*texts)).kpis

    assert found["all"].where is None
    assert found["all"].expression == found["plain"].expression
    assert found["kept"].where is not None
    assert found["filtered"].expression != found["kept"].expression


def test_what_may_be_a_number_stays_a_condition() -> None:
    """A column of unknown type may be 2, which is true; `2 and true` is true and not 2."""
    unknown = Column((), "x", Type.UNKNOWN)
    true = And(unknown, Constant(True, Type.BOOLEAN))

    assert normal(unknown) == unknown
    assert normal(And(unknown, unknown)) == normal(Not(Not(unknown))) == normal(true) == true


def a_long_condition(count: int, kind: type[And | Or]) -> Expression:
    found: Expression = IsNull(Column((), "c0"))
    for n in range(1, count):
        found = kind(found, IsNull(Column((), f"c{n}")))
    return found


def nested(levels: int) -> Expression:
    """Return `not (a and not (b and ...))`, each level with five conditions beside."""
    found: Expression = IsNull(Column((), "x"))
    for n in range(levels):
        found = Not(And(found, a_long_condition(5, Or if n % 2 else And)))
    return found


@pytest.mark.parametrize(
    "large",
    [a_long_condition(5_000, And), a_long_condition(5_000, Or), nested(100)],
    ids=["and", "or", "nested"],
)
def test_large_expressions_take_no_long_time_and_no_deep_stack(large: Expression) -> None:
    start = perf_counter()
    found = normal(large)

    assert perf_counter() - start < 5
    assert depth(found) <= 250
    assert fingerprint(normal(found)) == fingerprint(found)


# --- random pairs, computed by DuckDB

PAIRS = int(os.environ.get("KPI_NORMAL_PAIRS", "150"))
SEED = int(os.environ.get("KPI_SEED", random.SystemRandom().randrange(10**9)))
AT_ONCE = 25
Values = dict[tuple[Any, ...], Any]


@dataclass(slots=True)
class Tally:
    pairs: int = 0
    equal: int = 0
    meant: int = 0
    recognised: int = 0
    different: int = 0
    failed: int = 0
    false: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        share = self.recognised / max(self.meant, 1)
        return (
            f"{self.pairs:,} pairs, {self.equal:,} called equal, {len(self.false)} of them falsely; "
            f"{self.recognised:,} of {self.meant:,} ({share:.0%}) changes that keep the meaning recognised; "
            f"{self.different} of those looked at differ; {self.failed} could not be computed"
        )


class Facts:
    """A few rows, and random KPIs over them."""

    def __init__(self, chance: Random) -> None:
        self.tables = Warehouse({"facts": (COLUMNS_OF_FACTS, rows(chance, 60))})
        text = kpi("base", "count(*)", dataset="facts", grain="month", dimensions="[channel]")
        self.project = sound(resolve.resolve(documents(DATASET, text), self.tables.catalog))

    def with_drafts(self, drafts: dict[str, Draft]) -> Project:
        base = self.project.kpis["base"]
        made = {
            name: replace(base, name=name, expression=said.expression, where=said.where)
            for name, said in drafts.items()
        }
        return replace(self.project, kpis={"base": base, **made})

    def values(self, project: Project, names: Sequence[str]) -> dict[str, Values]:
        """Return the values of KPIs by period, for all rows and by channel."""
        found: dict[str, Values] = {name: {} for name in names}
        for by in ((), ("channel",)):
            asked = question(project, names, FIRST, END, grain="month", by=by)
            for o in self.tables.observe(planned(project, asked, self.tables.catalog)):
                found[o.kpi][by, o.period.name, tuple(value for _, value in o.slice)] = o.value
        return found


def sound_draft(said: Draft) -> Draft:
    """Return a KPI as `resolve` would give it; an ExpressionError where types do not fit."""
    parts = [with_even_decimals(part) for part in (said.expression, said.where) if part is not None]
    for part in parts:
        type_of(part)
    return Draft(parts[0], parts[1] if len(parts) == 2 else None)


def same(one: Values, other: Values) -> bool:
    return one.keys() == other.keys() and all(same_value(one[key], other[key]) for key in one)


def same_value(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def compared(facts: Facts, pairs: Sequence[tuple[Draft, Draft, bool]], tally: Tally) -> None:
    """Compute both of each pair that is called equal, with a normal form itself; of the others every fifth."""
    drafts = {f"{side}{n}": both[at] for n, both in enumerate(pairs) for at, side in enumerate("ab")}
    formed = normal_project(facts.with_drafts(drafts)).kpis
    forms = {name: Draft(formed[name].expression, formed[name].where) for name in drafts}
    equal = [fingerprint(forms[f"a{n}"]) == fingerprint(forms[f"b{n}"]) for n in range(len(pairs))]
    looked = [n for n in range(len(pairs)) if equal[n] or n % 5 == 0]
    asked = {f"{side}{n}": drafts[f"{side}{n}"] for n in looked for side in "ab"}
    asked |= {f"normal{n}": forms[f"a{n}"] for n in looked}
    try:
        values = facts.values(facts.with_drafts(asked), list(asked))
    except (duckdb.Error, BrokenData, Unanswerable):
        if len(pairs) == 1:
            tally.failed += 1
            return
        for one in pairs:
            compared(facts, [one], tally)
        return
    tally.pairs += len(pairs)
    tally.equal += sum(equal)
    tally.meant += sum(meant for _, _, meant in pairs)
    tally.recognised += sum(meant and found for (_, _, meant), found in zip(pairs, equal, strict=True))
    for n in looked:
        said, other, meant = pairs[n]
        agree = same(values[f"a{n}"], values[f"b{n}"])
        if (equal[n] and not agree) or not same(values[f"a{n}"], values[f"normal{n}"]):
            tally.false.append(f"{said}\n{other}")
        tally.different += not agree
        assert agree or not meant, f"this change changes more than it should: {said} {other}"


def tallied(seed: int, count: int) -> Tally:
    chance, tally = Random(seed), Tally()
    while tally.pairs < count:
        facts = Facts(chance)
        with facts.tables:
            for _ in range(8):
                drawn = []
                while len(drawn) < AT_ONCE:
                    said, other, meant = pair(chance)
                    try:
                        drawn.append((sound_draft(said), sound_draft(other), meant))
                    except ExpressionError:
                        continue
                compared(facts, drawn, tally)
                if tally.pairs >= count:
                    break
    return tally


def test_what_is_called_equal_has_the_same_values(record_property: Any) -> None:
    tally = tallied(SEED, PAIRS)
    print(f"KPI_SEED={SEED}: {tally}")
    record_property("tally", str(tally))

    assert tally.false == [], f"KPI_SEED={SEED}"
    assert tally.equal > tally.pairs / 5
    assert tally.recognised > tally.meant / 2
    assert tally.failed < tally.pairs / 10


def answered(tables: Warehouse, project: Project, asked: ref.Question) -> Any:
    """Return values by KPI, period and slice, or what is said instead of them."""
    where = None if asked.where is None else ref.written(asked.where)
    put = question(
        project,
        asked.kpis,
        asked.first,
        asked.end,
        grain=asked.grain,
        as_of=asked.as_of,
        by=asked.by,
        where=where,
    )
    try:
        found = tables.observe(planned(project, put, tables.catalog))
    except BrokenData as broken:
        return {finding.code for finding in broken.diagnostics}
    except Unanswerable as refusal:
        return refusal.diagnostic.code
    return {(o.kpi, o.period.name, o.slice): o.value for o in found}


WORLDS = max(PAIRS // 20, 10)


def test_projects_keep_their_values_in_normal_form() -> None:
    """Whole projects: relationships, validity, cohorts, funnels, revisions, forms, shares, fiscal calendars."""
    chance, rewritten = Random(SEED), 0
    for _ in range(WORLDS):
        said, asked = cases().throw(chance)
        datasets = [dataset_as_yaml(found, found.name) for found in said.datasets.values()]
        texts = [*datasets, *map(kpi_as_yaml, said.kpis.values())]
        with warehouse(said) as tables:
            calendar = calendar_as_yaml(said.calendar)
            plain = sound(resolve.resolve(documents(*texts, calendar=calendar), tables.catalog))
            formed = normal_project(plain)
            rewritten += formed != plain
            before, after = (answered(tables, one, asked) for one in (plain, formed))
        if isinstance(before, dict) and isinstance(after, dict):
            assert same(before, after), f"KPI_SEED={SEED}: {texts}"
        else:
            assert before == after, f"KPI_SEED={SEED}: {texts}"
    assert rewritten > WORLDS / 3
