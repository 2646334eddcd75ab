"""Rules on real definitions: the example company is clean, and one mistake never makes a rule fail."""

from dataclasses import replace
from pathlib import Path

import pytest

from kpiascode.lint import lint
from kpiascode.load import load
from kpiascode.model.document import Documents
from kpiascode.pipeline import reading
from kpiascode.resolve import resolve
from kpiascode.validate import validate

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def documents() -> Documents:
    return validate(load(ROOT))


def test_the_example_company_has_neither_errors_nor_warnings() -> None:
    assert [str(d.place) + " " + d.message for d in reading.check(ROOT).diagnostics] == []


def test_with_any_one_definition_taken_away_the_rules_still_work(documents: Documents) -> None:
    for missing in (item for item in documents.items if item.data["kind"] in ("dataset", "kpi")):
        left = replace(documents, items=tuple(item for item in documents.items if item is not missing))
        project = resolve(left).project
        for diagnostic in lint(project):
            assert diagnostic.place.path.startswith("kpis/")


def test_the_same_definitions_give_the_same_findings_in_the_same_order(documents: Documents) -> None:
    kept = replace(
        documents, items=tuple(item for item in documents.items if item.data["kind"] != "scorecard")
    )

    found = lint(resolve(kept).project)

    assert found
    assert found == lint(resolve(replace(kept, items=kept.items[::-1])).project)
