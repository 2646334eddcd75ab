"""The limits, one by one and in this process: what is at the limit is read, what is beyond is one finding."""

import os
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import process_time

import pytest

from kpiascode.cli.formats import cap
from kpiascode.cli.formats.concise import concise
from kpiascode.cli.formats.full import full
from kpiascode.cli.formats.named import FORMATS
from kpiascode.cli.formats.report import Report
from kpiascode.lint import MAX_BASELINE
from kpiascode.load import comments, construct, files, load, load_text, scalars, text
from kpiascode.load import project as loading
from kpiascode.model.calendar import Calendar, Grain
from kpiascode.model.diagnostic import COMPARED, Diagnostic, Severity, circle, did_you_mean, one_of
from kpiascode.model.place import Place, Span
from kpiascode.pipeline import exampling, reading
from kpiascode.plan import windows
from kpiascode.resolve import graph, lexer, parser, scope
from kpiascode.resolve.circles import circles
from kpiascode.run import csv_header
from kpiascode.validate.documents import MAX_FINDINGS

SHOP = Path(__file__).parents[1] / "cli" / "shop"


def project(folder: Path, **written: str) -> Path:
    """Write the shop's project file, and files of definitions."""
    (folder / "kpis").mkdir()
    (folder / "kpiascode.yaml").write_text((SHOP / "kpiascode.yaml").read_text())
    for name, content in written.items():
        (folder / "kpis" / f"{name}.yaml").write_text(content)
    return folder


def codes(folder: Path) -> list[str]:
    return [f"{finding.place} {finding.code}" for finding in reading.check(folder).diagnostics]


# --- all files together


@pytest.mark.parametrize(("name", "limit"), [("MAX_BYTES", 40), ("MAX_VALUES", 12)])
def test_a_project_is_read_up_to_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, limit: int
) -> None:
    text = "kind: owner\nabc: def\n"  # 21 characters, or 10 events with those of the file
    folder = project(tmp_path, a=text)
    monkeypatch.setattr(loading, name, limit)
    assert load(folder).is_whole

    (folder / "kpis" / "b.yaml").write_text(text)
    documents = load(folder)

    assert [f"{one.place} {one.code}" for one in documents.diagnostics] == [
        "kpiascode.yaml:4:1 project-too-large"
    ]
    assert documents.items == ()
    assert not documents.is_whole


# --- what cannot be read hides names, and none is called unknown


OWNER = "kind: owner\nname: {}\ntitle: Sales team\norg_unit: shop\ncontact: sales@example.com\n"
UNIT = "kind: org_unit\nname: shop\ntitle: The shop\nlevel: organisation\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(UNIT.replace("level: o", "level: 'o"), ["kpis/a.yaml:4:8 yaml-syntax"], id="no YAML"),
        pytest.param(UNIT.replace("T", "\x07"), ["kpis/a.yaml:3:8 forbidden-character"], id="a character"),
        pytest.param(UNIT.replace("kind: org_unit", "kind: unit"), ["kpis/a.yaml:1:7 unknown-kind"], id="no such kind"),
        pytest.param(UNIT.replace("kind: org_unit\n", ""), ["kpis/a.yaml:1:1 missing-kind"], id="no kind"),
        pytest.param(UNIT.replace("name: shop\n", ""), ["kpis/a.yaml:1:1 missing-key"], id="no name"),
        pytest.param(UNIT.replace("name:", "nmae:"), ["kpis/a.yaml:2:1 unknown-key"], id="a name misspelt"),
        pytest.param(UNIT + OWNER.format("other"), ["kpis/a.yaml:5:1 duplicate-key"], id="two that run together"),
        pytest.param("- " + UNIT.replace("\n", "\n  "), ["kpis/a.yaml:1:1 not-a-mapping"], id="in a list"),
    ],
)  # fmt: skip
def test_a_name_that_could_not_be_read_is_not_called_unknown(
    tmp_path: Path, text: str, found: list[str]
) -> None:
    assert codes(project(tmp_path, a=text, b=OWNER.format("sales"))) == found


def test_names_of_other_kinds_are_still_looked_up(tmp_path: Path) -> None:
    unit = UNIT.replace("name: shop\n", "")
    goal = (
        "kind: goal\nname: g\ntitle: G\norg_unit: shop\nowner: nobody\nperiod: {from: 2025-01-01, to: 2026-01-01}\n"
        "results: [{kpi: x, measure: to_date, target: 1, tolerance: 1, path: linear}]\n"
    )

    assert codes(project(tmp_path, a=unit, g=goal)) == [
        "kpis/a.yaml:1:1 missing-key",
        "kpis/g.yaml:5:8 unknown-owner",
        "kpis/g.yaml:7:17 unknown-kpi",
    ]


def test_a_file_that_cannot_be_read_hides_references_too(tmp_path: Path) -> None:
    folder = project(tmp_path, a=UNIT, b=OWNER.format("sales").replace("shop", "nowhere"))
    assert codes(folder) == ["kpis/b.yaml:4:11 unknown-org-unit"]

    (folder / "kpis" / "c.yaml").symlink_to("a.yaml")
    assert codes(folder) == ["kpis/c.yaml:1:1 symlink-refused"]


def test_two_definitions_that_run_together_are_one_finding() -> None:
    documents, (finding,) = load_text("a.yaml", UNIT + OWNER.format("sales"))

    assert documents == ()
    assert (str(finding.place), finding.code) == ("a.yaml:5:1", "duplicate-key")
    assert finding.hint == "If another definition begins here, write `---` on a line above it."


def test_a_key_that_stands_twice_further_down_is_no_new_definition() -> None:
    documents, findings = load_text("a.yaml", "kind: kpi\nbounds: {kind: 1, kind: 2, min: 1, min: 2}\n")

    assert len(documents) == 1
    assert [finding.code for finding in findings] == ["duplicate-key", "duplicate-key"]


# --- comments


@pytest.mark.parametrize(
    ("comment", "times", "is_read"),
    [("self-division", 500, True), ("self-division", 501, False), ("a, b, c, d, e", 100, True), ("a, b, c, d, e", 101, False)],
)  # fmt: skip
def test_comments_count_by_the_rules_that_they_name(
    tmp_path: Path, comment: str, times: int, is_read: bool
) -> None:
    folder = project(tmp_path, a=f"# kpi: allow {comment}: x\n" * times + UNIT)

    found = [finding.code for finding in load(folder).diagnostics]

    assert found == ([] if is_read else ["too-many-allows"])
    assert len(load(folder).allows) == min(times, 500 if comment == "self-division" else 100)


def test_a_comment_of_a_hundred_thousand_rules_is_left_out(tmp_path: Path) -> None:
    folder = project(tmp_path, a=UNIT + "# kpi: allow " + ",".join(["x"] * 100_000) + ": x\n")

    documents = load(folder)

    assert [finding.code for finding in documents.diagnostics] == ["too-many-allows"]
    assert documents.allows == ()


# --- findings


def finding(path: str, number: int, severity: Severity = Severity.ERROR) -> Diagnostic:
    span = Span(number, 1, number, 2)
    return Diagnostic(code="unknown-kpi", message=f"{number}.", place=Place(path, span), severity=severity)


def report(*findings: Diagnostic) -> Report:
    return Report(findings=findings, sources={"a.yaml": "x\n" * 10_000})


def test_fifty_findings_of_a_file_are_told_and_the_rest_is_counted() -> None:
    found = [finding("a.yaml", number) for number in range(1, 54)]
    other = finding("b.yaml", 1, Severity.WARNING)

    lines = concise(report(*found, other)).split("\n")

    assert len(lines) == 52
    assert lines[49].startswith("a.yaml:50:1: ")
    assert lines[50] == "There are 3 errors more in a.yaml. `--format json` tells all."
    assert lines[51].startswith("b.yaml:1:1: ")
    assert full(report(*found, other)).count("\n\n") == 51
    assert lines[50] in full(report(*found, other)).split("\n")


def test_exactly_fifty_are_not_counted() -> None:
    assert len(concise(report(*(finding("a.yaml", number) for number in range(50)))).split("\n")) == 50


def test_of_many_files_the_first_findings_are_told() -> None:
    found = [finding(f"{file:03}.yaml", number) for file in range(20) for number in range(30)]
    found.append(finding("020.yaml", 1, Severity.WARNING))

    lines = concise(report(*found)).split("\n")

    assert len(lines) == cap.IN_ALL + 2
    assert lines[-2] == "There are 10 errors more in 016.yaml. `--format json` tells all."
    assert lines[-1] == "There are 90 errors and 1 warning more. `--format json` tells all."


def test_a_finding_that_counts_others_stands_for_at_least_one() -> None:
    more = replace(finding("a.yaml", 60), code="more-findings")
    found = [finding("a.yaml", number) for number in range(52)]

    last = concise(report(*found, more)).split("\n")[-1]

    assert last == "There are at least 3 errors more in a.yaml. `--format json` tells more."


@pytest.mark.parametrize("name", ["json", "sarif", "gitlab", "junit"])
def test_machines_are_told_ten_thousand(name: str) -> None:
    found = [finding("a.yaml", number, Severity.WARNING) for number in range(cap.FOR_MACHINES)]
    assert "more findings" not in FORMATS[name](report(*found))

    text = FORMATS[name](report(*found, finding("b.yaml", 1), finding("b.yaml", 2)))

    assert text.count("There are 2 more findings.") == 1
    if name == "json":
        assert text.count('"severity": "error"') == 1


def test_the_lines_of_a_file_are_cut_once() -> None:
    found = [finding("a.yaml", number % 10_000 + 1) for number in range(10_000)]
    start = process_time()
    FORMATS["sarif"](report(*found[:100]))
    few = process_time() - start

    start = process_time()
    FORMATS["sarif"](report(*found))

    assert process_time() - start < max(300 * few, 5)


# --- names


def test_among_many_names_the_nearest_in_the_alphabet_are_compared() -> None:
    few = [f"name_{number:04}" for number in range(COMPARED)]
    many = [f"name_{number:05}" for number in range(20 * COMPARED)]

    assert did_you_mean("naem_0042", few) == "Did you mean `name_0042`?"
    assert did_you_mean("name_00423x", many) == "Did you mean `name_00423`?"
    assert did_you_mean("xyz", many) is None
    assert did_you_mean("Order", ["ORDERS", "orders", "other"]) == "Did you mean `ORDERS`?"


def test_one_of_names_the_first_ones() -> None:
    assert one_of(["b", "a"]) == "`a`, `b`"
    assert one_of((str(number) for number in range(9, -1, -1)), 3) == "`0`, `1`, `2` and 7 more"


def test_a_long_circle_is_cut() -> None:
    assert circle(["a"]) == "a -> a"
    assert circle(list("abcdefgh")) == "a -> b -> c -> d -> e -> f -> g -> h -> a"
    assert (
        circle([str(number) for number in range(1_000)])
        == "0 -> 1 -> 2 -> 3 -> 4 -> 5 -> 6 -> (992 more) -> 999 -> 0"
    )


@pytest.mark.parametrize(
    ("parents", "expected"),
    [
        ({}, []),
        ({"a": ["b"], "b": []}, []),
        ({"a": ["a"]}, [("a",)]),
        ({"a": ["elsewhere"]}, []),
        ({"a": ["b"], "b": ["a"], "c": ["a"]}, [("a", "b")]),
        ({"a": ["b"], "b": ["c"], "c": ["b"]}, [("b", "c")]),
        ({"a": ["b", "c"], "b": ["d"], "c": ["a"], "d": ["a"]}, [("a", "c")]),
        ({"a": ["b"], "b": ["a"], "c": ["d"], "d": ["c"]}, [("a", "b"), ("c", "d")]),
    ],
)
def test_circles(parents: dict[str, list[str]], expected: list[tuple[str, ...]]) -> None:
    assert list(circles(parents)) == expected


def test_a_chain_of_a_hundred_thousand_has_no_circle() -> None:
    chain = {str(number): [str(number + 1)] for number in range(100_000)}

    assert list(circles(chain)) == []
    (way,) = circles(chain | {"100000": ["0"]})
    assert len(way) == 100_001


def test_periods_are_counted_as_they_are_made() -> None:
    calendar = Calendar()
    for grain in Grain:
        if grain is not Grain.ALL:
            for start, end in (
                ((2024, 2, 28), (2026, 1, 1)),
                ((2025, 1, 1), (2025, 1, 2)),
                ((2025, 1, 1), (2025, 1, 1)),
            ):
                first, last = date(*start), date(*end)
                assert calendar.count(grain, first, last) == len(calendar.periods(grain, first, last))


# --- the page


def test_the_budgets_of_the_page_are_those_of_the_code() -> None:
    page = (Path(__file__).parents[2] / "docs" / "security.md").read_text(encoding="utf-8")
    said = " ".join(page.split("## Budgets")[1].split("## Hostile")[0].split())

    for budget in (
        f"{text.MAX_SIZE // 2**20} MiB, {construct.MAX_EVENTS:,} values, nested {construct.MAX_DEPTH} deep",
        f"{construct.MAX_TEXT:,} characters, {scalars.DIGITS} digits",
        f"{loading.MAX_FILES:,} files, {loading.MAX_BYTES:,} characters, {loading.MAX_VALUES:,} values, "
        f"folders {files.MAX_LEVELS} deep",
        f"{lexer.MAX_CHARACTERS:,} characters, {lexer.MAX_TOKENS} words and signs, {parser.MAX_BRACKETS} brackets "
        f"inside each other, {parser.MAX_DEPTH} operators",
        f"| {scope.MAX_NODES} parts",
        f"{graph.MAX_WRITTEN_OUT:,} parts, {graph.MAX_DEPTH} inside one another",
        f"| {windows.MAX_UNITS:,} of them",
        f"| {comments.MAX_ALLOWS} rules a file",
        f"a baseline | {MAX_BASELINE // 2**20} MiB",
        f"{csv_header.MAX_LENGTH // 2**20} MiB, {csv_header.MAX_COLUMNS:,} columns",
        f"{exampling.TIMEOUT_SECONDS:g} seconds, half a gibibyte",
        f"findings of the shape of a file | {MAX_FINDINGS:,} |",
        f"at most {cap.OF_A_FILE} findings of a file are told, and {cap.IN_ALL} in all",
        f"formats for machines tell {cap.FOR_MACHINES:,}",
    ):
        assert budget in said, budget


# --- rights


@pytest.mark.skipif(not hasattr(os, "setresuid"), reason="needs a system on which rights can be given up")
def test_a_folder_without_permission_is_a_finding() -> None:
    with tempfile.TemporaryDirectory() as home:
        folder = project(Path(home), a=UNIT)
        Path(home).chmod(0o755)
        (folder / "kpis" / "closed").mkdir(mode=0o000)
        reading.check(folder)  # so that every module is loaded
        if os.getuid() == 0:
            os.setresuid(65534, 65534, 0)
        try:
            found = codes(folder)
        finally:
            if os.getuid() != 0 and os.getresuid()[2] == 0:
                os.setresuid(0, 0, 0)
            (folder / "kpis" / "closed").chmod(0o755)

    assert found == ["kpis/closed:1:1 unreadable-file"]
