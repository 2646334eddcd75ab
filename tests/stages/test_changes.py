"""A folder for each kind of change: what somebody does, what a reviewer must be told of it, and what is told.

`case.md` says in words and in a block what is expected. It is written by hand, before anything is run, and no
program writes it. `before/` and `after/` hold what differs from the project in `shop/`. `expected.json` and
`expected.md` are golden files with all that is told, rewritten by KPI_UPDATE_GOLDEN=1.
"""

import json
import os
import re
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from kpiascode import resolve
from kpiascode.cli.main import main
from kpiascode.diff import goals, kpis, others, performance
from kpiascode.model.changes import CLASSES, GRADES, Change, ChangeClass, ChangeKind, Review
from kpiascode.model.checking import Checking
from kpiascode.model.document import Documents
from kpiascode.model.performance import Milestone
from kpiascode.model.project import Dataset, Goal, Kpi, OrgUnit, Owner, Result, Scorecard, Settings
from kpiascode.pipeline import differing, telling
from kpiascode.pipeline.connection import Connection

FOLDER: Final = Path(__file__).parents[1] / "changes"
SHOP: Final = FOLDER / "shop"
CASES: Final = sorted(path.parent for path in FOLDER.glob("*/case.md"))
AS_OF: Final = datetime(2026, 1, 15)
COMMAND: Final = "kpi diff before after --as-of 2026-01-15"
EMPTY: Final = resolve.resolve(Documents(project=None, items=())).project
SCHEMA: Final = Path(__file__).parents[2] / "schemas" / "output" / "diff.schema.json"
UNWRITABLE: Final = {ChangeKind.UNLISTED}
"""No project of today has a key that nobody decided upon, nor another version than 1."""

VALUES: Final = {
    kind for kind, weight in CLASSES.items() if weight in (ChangeClass.VALUE, ChangeClass.HISTORY)
}
"""Kinds of which the way back changes values, too."""

HIDING: Final = {ChangeKind.SUPPRESSION, ChangeKind.BASELINE_GROWN}
"""Kinds of which the way back hides less, and is not told."""

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
each_kind = pytest.mark.parametrize(
    "case", [case for case in CASES if "--" not in case.name], ids=lambda case: case.name
)


# --- what is expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The block of a case."""

    changes: list[dict[str, Any]]
    values: Mapping[str, Mapping[str, tuple[Decimal | None, Decimal | None]]]
    flips: Mapping[str, list[str]]
    removed: Mapping[str, list[str]]


def expected(case: Path) -> Expected:
    text = (case / "case.md").read_text(encoding="utf-8")
    fence = re.search(r"^```yaml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert fence is not None, f"{case.name} has no block"
    block = yaml.load(fence.group(1), Loader=yaml.BaseLoader)
    assert block.keys() <= {"changes", "values", "flips", "removed"}, f"{case.name} has unknown keys"
    return Expected(
        changes=sorted((_complete(one) for one in block["changes"]), key=json.dumps),
        values={kpi: dict(_by_period(listed)) for kpi, listed in block.get("values", {}).items()},
        flips=block.get("flips", {}),
        removed=block.get("removed", {}),
    )


def _complete(change: Mapping[str, Any]) -> dict[str, Any]:
    """Return a change of a block with what is left out: it is as harmless as can be."""
    harmless = {
        "part": "",
        "effect": "none",
        "since": None,
        "proof": "equal-text",
        "flags": [],
        "through": [],
        "handles": None,
    }
    assert change.keys() <= harmless.keys() | {"kind", "subject", "approvers"}, change
    return dict(sorted((harmless | dict(change)).items()))


def _by_period(
    listed: Mapping[str, list[str]],
) -> Iterator[tuple[str, tuple[Decimal | None, Decimal | None]]]:
    """Yield the pairs of a KPI; `2025-01 to 2025-09` stands for each of nine months."""
    for name, (before, after) in listed.items():
        first, _, last = name.partition(" to ")
        year, month = first[:4], int(first[5:7])
        names = [f"{year}-{number:02}" for number in range(month, int(last[5:7]) + 1)] if last else [first]
        yield from ((one, (_number(before), _number(after))) for one in names)


def _number(text: str) -> Decimal | None:
    return None if text == "null" else Decimal(text)


# --- what is told


Told = Callable[[Path], Review]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Return what reviews a case, once for all tests."""
    folder = tmp_path_factory.mktemp("changes")
    kept: dict[str, Review] = {}

    def review(case: Path) -> Review:
        if case.name not in kept:
            both = sides(case, folder / case.name)
            kept[case.name] = reviewed(*both)
        return kept[case.name]

    return review


def sides(case: Path, into: Path) -> tuple[Path, Path]:
    """Lay the two projects of a case into folders: the shop, and over it what the case changes."""
    removed = expected(case).removed
    for side in ("before", "after"):
        shutil.copytree(SHOP, into / side)
        if (case / side).is_dir():
            shutil.copytree(case / side, into / side, dirs_exist_ok=True)
        for path in removed.get(side, ()):
            (into / side / path).unlink()
    return into / "before", into / "after"


def reviewed(before: Path, after: Path, *, values: bool = True) -> Review:
    with differing.ends(before, str(before), str(after), None, exactly=False, with_data=values) as both:
        assert both.head.documents.project is not None
        connection = Connection() if values else None
        found = differing.reviewed(
            both, AS_OF, connection, "duckdb", None if values else "--no-values", trusted=False
        )
    return replace(found, base="before", head="after")


def written(review: Review, form: str) -> str:
    """Return what `kpi diff` prints; the projects were left behind, and only a changelog asks for titles."""
    return telling.told(review, form, EMPTY, "kpi diff", COMMAND)


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def compare(golden: Path, found: str) -> None:
    if os.environ.get("KPI_UPDATE_GOLDEN") == "1":
        golden.write_text(found, encoding="utf-8", newline="")
    assert golden.read_text(encoding="utf-8") == found


# --- every case


def test_every_kind_has_a_case() -> None:
    written = {change["kind"] for case in CASES for change in expected(case).changes}
    assert written == {kind.value for kind in set(ChangeKind) - UNWRITABLE}


def test_a_case_is_named_for_the_kind_that_it_shows() -> None:
    for case in CASES:
        kinds = {change["kind"] for change in expected(case).changes}
        assert case.name.partition("--")[0] in kinds, case.name


@each_case
def test_a_reviewer_is_told_what_was_expected(case: Path, told: Told) -> None:
    found = sorted((_plain(change) for change in told(case).changes), key=json.dumps)
    wanted = expected(case).changes
    for one, other in zip(wanted, found, strict=False):
        if one["handles"] is None:
            other["handles"] = None

    assert found == wanted


def _plain(change: Change) -> dict[str, Any]:
    plain = {
        "kind": change.kind.value,
        "subject": _subject(change.subject),
        "part": change.part,
        "effect": change.effect.value,
        "since": None if change.since is None else change.since.isoformat(),
        "proof": change.proof.value,
        "flags": [flag.value for flag in change.flags],
        "through": [_subject(one) for one in change.through],
        "approvers": [one.owner for one in change.approvers],
        "handles": [handle for one in change.approvers for handle in one.handles],
    }
    return dict(sorted(plain.items()))


def _subject(subject: Any) -> str:
    return f"{subject.kind.value} {subject.name}".rstrip()


@each_case
def test_values_are_those_computed_by_hand(case: Path, told: Told) -> None:
    """Every period that differs is told by the case, and no other one differs."""
    review, wanted = told(case), expected(case)
    found = {
        name: {pair.period.name: (pair.before, pair.after) for pair in numbers.changed}
        for name, numbers in review.numbers.items()
    }

    listed = {name: pairs for name, pairs in wanted.values.items() if pairs}
    assert {name: _rounded(pairs) for name, pairs in found.items() if pairs} == listed


def _rounded(pairs: Mapping[str, Any]) -> dict[str, tuple[Decimal | None, ...]]:
    digits = Decimal("0.000001")
    return {
        name: tuple(None if one is None else one.quantize(digits).normalize() + 0 for one in pair)
        for name, pair in pairs.items()
    }


@each_case
def test_goals_flip_as_expected(case: Path, told: Told) -> None:
    found = {f"{one.goal} {one.kpi}": [one.before.value, one.after.value] for one in told(case).flips}
    assert found == expected(case).flips


@each_case
def test_json_is_as_reviewed(case: Path, told: Told, validator: Draft202012Validator) -> None:
    text = written(told(case), "json")
    validator.validate(json.loads(text))
    compare(case / "expected.json", text)


@each_case
def test_markdown_is_as_reviewed(case: Path, told: Told) -> None:
    text = written(told(case), "markdown")
    compare(case / "expected.md", _same_version(text))


def _same_version(text: str) -> str:
    return re.sub(r"kpiascode \d+\.\d+\S*", "kpiascode VERSION", text)


def test_the_command_prints_what_is_reviewed_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = FOLDER / "filter-narrowed"
    sides(case, tmp_path)
    monkeypatch.chdir(tmp_path)
    command = [*shlex.split(COMMAND)[1:], "--project", "after", "--format"]

    for form, golden in (("json", "expected.json"), ("markdown", "expected.md")):
        result = CliRunner().invoke(main, [*command, form])
        assert (result.exit_code, result.stderr) == (0, "")
        assert _same_version(result.stdout) == (case / golden).read_text(encoding="utf-8")


# --- what no change may be


def test_nothing_is_told_of_what_is_the_same(tmp_path: Path) -> None:
    review = reviewed(SHOP, shutil.copytree(SHOP, tmp_path / "again"))

    assert (review.changes, review.numbers, review.flips) == ((), {}, ())
    assert "No KPI changes." in written(review, "markdown")


@each_case
def test_the_way_back_is_a_change_too(case: Path, tmp_path: Path, told: Told) -> None:
    """And of another value, where the way there was."""
    before, after = sides(case, tmp_path)
    there, back = told(case).changes, reviewed(after, before, values=False).changes

    assert back or {one.kind for one in there} <= HIDING
    if {one.kind for one in there} & VALUES:
        assert max(GRADES[one.weight] for one in back) >= GRADES[ChangeClass.VALUE]


@each_kind
def test_comments_and_blank_lines_are_no_change(case: Path, tmp_path: Path) -> None:
    _, after = sides(case, tmp_path)
    head = shutil.copytree(after, tmp_path / "head")
    for file in head.rglob("*.yaml"):
        lines = file.read_text(encoding="utf-8").splitlines()
        file.write_text(
            "# Nobody reads this.\n\n"
            + "\n".join(f"{line}   " if line else "" for line in lines)
            + "\n# Nor this.\n",
            encoding="utf-8",
            newline="\r\n",
        )

    assert reviewed(after, head, values=False).changes == ()


@each_kind
def test_order_and_writing_are_no_change_and_places_are_only_moves(case: Path, tmp_path: Path) -> None:
    """All definitions go into one file, the last one first, with their keys in another order."""
    _, after = sides(case, tmp_path)
    head = shutil.copytree(after, tmp_path / "head")
    documents: list[Any] = []
    for file in sorted((head / "kpis").rglob("*.yaml")):
        documents += yaml.safe_load_all(file.read_text(encoding="utf-8"))
        file.unlink()
    text = yaml.safe_dump_all(reversed(documents), sort_keys=True, allow_unicode=True, width=60)
    (head / "kpis" / "all.yaml").write_text(text, encoding="utf-8")

    found = reviewed(after, head, values=False)

    left = {one.kind for one in found.changes} - {ChangeKind.UNREADABLE}
    assert left <= {ChangeKind.MOVED}, [(one.kind, one.words) for one in found.changes]


# --- fingerprints


@each_kind
def test_a_fingerprint_stays_when_something_else_is_changed(case: Path, tmp_path: Path, told: Told) -> None:
    before, after = sides(case, tmp_path)
    (after / "kpis" / "else.yaml").write_text(ELSE, encoding="utf-8")
    found = {one.fingerprint for one in reviewed(before, after, values=False).changes}

    assert {one.fingerprint for one in told(case).changes} < found


ELSE: Final = """
kind: kpi
name: something_else
title: Something else
description: Visits, whoever makes them.
owner: care
applies_to: [service]
dataset: visits
expression: sum(n) + 0
grain: day
unit: count
direction: higher
"""


def test_changes_that_differ_have_other_fingerprints(told: Told) -> None:
    by_print: dict[str, set[Any]] = {}
    for case in CASES:
        for one in told(case).changes:
            what = (one.kind, one.subject, one.part, one.before, one.after)
            by_print.setdefault(one.fingerprint, set()).add(what)

    assert {print_: some for print_, some in by_print.items() if len(some) > 1} == {}


@pytest.mark.parametrize(
    ("case", "old", "new"),
    [
        ("filter-narrowed", "channel <> 'test'", "channel <> 'shop'"),
        ("target-relaxed", "target: 350, path", "target: 340, path"),
        ("constant-changed", "0.06", "0.07"),
        ("owner-changed", "owner: care", "owner: board"),
        ("revision-moved", "until: 2025-12-01", "until: 2026-01-01"),
        ("source-changed", "booked.csv", "orders_of_2025.csv"),
        ("cohort-changed", "age: 7 days", "age: 8 days"),
        ("funnel-changed", "14 days", "13 days"),
        ("field-changed", "net: amount", "net: 2 * amount"),
        ("example-changed", "amount: 6", "amount: 8"),
        ("unreadable", "summ(amount)", "summm(amount)"),
        ("suppression-added", "soon", "later"),
    ],
)
def test_a_later_push_that_changes_it_again_has_another_fingerprint(
    case: str, old: str, new: str, tmp_path: Path, told: Told
) -> None:
    before, after = sides(FOLDER / case, tmp_path)
    files = [file for file in after.rglob("*.yaml") if old in file.read_text(encoding="utf-8")]
    assert files, old
    for file in files:
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    kind = ChangeKind(case)
    first = {one.fingerprint for one in told(FOLDER / case).changes if one.kind is kind}

    second = {one.fingerprint for one in reviewed(before, after, values=False).changes if one.kind is kind}

    assert first
    assert second
    assert first != second


# --- fields that nobody decided upon


TABLES: Final[Mapping[type, frozenset[str]]] = {
    Kpi: kpis.LISTED,
    Goal: goals.LISTED,
    Result: goals.LISTED_OF_RESULT,
    Dataset: others.LISTED_OF_DATASET,
    Scorecard: others.LISTED_OF_SCORECARD,
    Owner: others.LISTED_OF_OWNER,
    OrgUnit: others.LISTED_OF_UNIT,
    Settings: others.LISTED_OF_SETTINGS,
    Checking: others.LISTED_OF_CHECKING,
    Milestone: goals.LISTED_OF_MILESTONE,
    **performance.LISTED,
}


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.__name__)
def test_of_each_field_it_is_decided_what_a_change_of_it_does(kind: type) -> None:
    assert TABLES[kind] == {one.name for one in fields(kind)}


@pytest.mark.parametrize(
    ("module", "table", "field", "case"),
    [
        (kpis, "LISTED", "title", "title-changed"),
        (goals, "LISTED", "commitment", "commitment-changed"),
        (goals, "LISTED_OF_RESULT", "weight", "weight-changed"),
        (others, "LISTED_OF_DATASET", "freshness", "freshness-loosened"),
        (others, "LISTED_OF_SCORECARD", "audiences", "audience-changed--scorecard"),
        (others, "LISTED_OF_OWNER", "approvers", "approvers-changed"),
        (others, "LISTED_OF_UNIT", "parent", "org-unit-changed"),
        (others, "LISTED_OF_SETTINGS", "locale", "presentation-changed"),
        (others, "LISTED_OF_CHECKING", "ignore", "rules-relaxed"),
        (goals, "LISTED_OF_MILESTONE", "weight", "deadline-moved--milestone"),
        (performance, "LISTED_OF_PLAN", "outcome", "outcome-changed"),
        (performance, "LISTED_OF_ROUND", "k", "rules-tightened--answers"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_field_that_nobody_decided_upon_is_unlisted(
    module: ModuleType, table: str, field: str, case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, table, getattr(module, table) - {field})

    changes = reviewed(*sides(FOLDER / case, tmp_path), values=False).changes

    found = [one for one in changes if one.kind is ChangeKind.UNLISTED]
    assert [one.part.rpartition(".")[2] for one in found] == [field]
    assert [one.weight for one in found] == [ChangeClass.UNKNOWN]
    assert [bool(one.approvers) for one in found] == [True]
