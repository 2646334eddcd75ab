"""Random projects, random data, random questions: the product and a slow oracle give the same values."""

import math
import os
import random
from collections.abc import Collection
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, seed, settings
from hypothesis import strategies as st

from kpiascode import resolve
from kpiascode.conformance import reference as ref
from kpiascode.conformance.reference import (
    Aggregated,
    AverageOver,
    Broken,
    Calculated,
    Meaningless,
    Referred,
    Said,
    Share,
    written,
)
from kpiascode.conformance.worlds import cases
from kpiascode.conformance.writing import calendar_as_yaml, dataset_as_yaml, kpi_as_yaml, stored
from kpiascode.plan import Unanswerable
from kpiascode.run.answers import BrokenData
from projects import Warehouse, documents, planned, question, sound


def warehouse(project: ref.Project) -> Warehouse:
    return Warehouse(
        {
            name: (
                ", ".join(f"{column} {kind}" for column, kind in dataset.columns.items()),
                [tuple(stored(row[c], kind) for c, kind in dataset.columns.items()) for row in dataset.rows],
            )
            for name, dataset in project.datasets.items()
        }
    )


def answers_of_the_product(
    project: ref.Project, asked: ref.Question, ranked: bool
) -> dict[tuple[str, str, ref.Slice], Any]:
    datasets = [dataset_as_yaml(found, found.name) for found in project.datasets.values()]
    texts = [*datasets, *map(kpi_as_yaml, project.kpis.values())]
    with warehouse(project) as tables:
        catalog = tables.catalog
        resolved = sound(
            resolve.resolve(documents(*texts, calendar=calendar_as_yaml(project.calendar)), catalog)
        )
        put = question(
            resolved,
            asked.kpis,
            asked.first,
            asked.end,
            grain=asked.grain,
            as_of=asked.as_of,
            by=asked.by,
            where=None if asked.where is None else written(asked.where),
        )
        found = tables.observe(planned(resolved, put, catalog), ranked=ranked)
    return {(o.kpi, o.period.name, tuple(value for _, value in o.slice)): o.value for o in found}


def same(ours: Decimal | None, theirs: Any, exact: bool = True) -> bool:
    """Say whether a value is the oracle's: decimals to the last digit, doubles to 1e-9."""
    if ours is None or theirs is None:
        return ours is theirs
    if exact and not isinstance(theirs, float):
        return bool(ours == theirs)
    return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)


def is_exact(node: Said, project: ref.Project) -> bool:
    """Say whether no part is a double, which makes doubles of the decimals beside it, as in `case`."""
    match node:
        case Referred(name):
            found = project.kpis[name]
            said = [found.expression, *(rule.expression for rule in found.revisions)]
            return all(is_exact(part, project) for part in said)
        case Calculated("/") | AverageOver() | Share():
            return False
        case Aggregated("avg" | "median" | "percentile" | "stddev" | "variance"):
            return False
    return all(is_exact(part, project) for part in ref.parts_of(node))


def assert_refused(project: ref.Project, asked: ref.Question, ranked: bool, broken: Broken) -> None:
    """Broken data gives no number: an error with the same codes, or nothing where there is no slice."""
    try:
        ours = answers_of_the_product(project, asked, ranked)
    except BrokenData as refusal:
        found = {finding.code for finding in refusal.diagnostics}
    else:
        assert ours == {}
        found = causes(broken.codes) if broken.empty else set()
    assert found == causes(broken.codes)
    assert found == causes(found)


def causes(codes: Collection[str]) -> set[str]:
    """Return what is told of broken data: last rows only where no partner may have doubled them."""
    others = set(codes) - {"last-row-not-unique"}
    return others or set(codes)


def check(project: ref.Project, asked: ref.Question, ranked: bool) -> None:
    for found in project.kpis.values():
        note(kpi_as_yaml(found))
    note(f"{asked} of {project.calendar}")
    try:
        theirs = ref.answers(project, asked)
    except Meaningless:
        with pytest.raises(Unanswerable):
            answers_of_the_product(project, asked, ranked)
        return
    except Broken as broken:
        assert_refused(project, asked, ranked, broken)
        return
    ours = answers_of_the_product(project, asked, ranked)

    assert set(ours) == set(theirs)
    exact = {name: is_exact(Referred(name), project) for name in project.kpis}
    different = {
        key: (ours[key], theirs[key]) for key in ours if not same(ours[key], theirs[key], exact[key[0]])
    }
    assert not different


EXAMPLES = int(os.environ.get("KPI_EXAMPLES", "150"))
SEED = int(os.environ.get("KPI_SEED", random.SystemRandom().randrange(10**9)))
AT_ONCE = 10
"""After ten examples hypothesis would mostly vary those that it has; here it begins anew."""

usual = settings(
    deadline=None,
    database=None,
    max_examples=AT_ONCE,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def agree(number: int) -> None:
    @seed(number)
    @given(st.randoms(use_true_random=False), st.booleans())
    @usual
    def they_agree(chance: Random, ranked: bool) -> None:
        check(*cases().throw(chance), ranked)

    they_agree()


@pytest.mark.parametrize("number", range(EXAMPLES * 2 // 3 // AT_ONCE))
def test_the_product_and_the_oracle_agree(number: int) -> None:
    agree(number)


@pytest.mark.parametrize("number", range(EXAMPLES // 3 // AT_ONCE))
def test_they_agree_on_what_nobody_has_seen_before(number: int) -> None:
    """Run it again with KPI_SEED."""
    note_of_seed = f"KPI_SEED={SEED}"
    try:
        agree(SEED + number)
    except AssertionError as error:
        error.add_note(note_of_seed)
        raise
