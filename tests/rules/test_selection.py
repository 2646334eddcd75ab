"""Which rules are asked, of which files, and how grave their findings are: `check` of the project file."""

import re
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from surroundings import case, kpi

from kpiascode.lint import lint, select, wrong_choices
from kpiascode.lint.patterns import pattern
from kpiascode.lint.rules import RULES
from kpiascode.load import load_text
from kpiascode.model.checking import Checking, Preset
from kpiascode.model.codes import CODES
from kpiascode.model.diagnostic import Diagnostic, Severity
from kpiascode.model.document import Documents
from kpiascode.model.place import Span
from kpiascode.pipeline import reading
from kpiascode.resolve import resolve
from kpiascode.validate import validate

HEAD = "version: 1\nname: test\npaths: [kpis]\n"
HALF = "sum(net_amount) / sum(net_amount)"


def refused(check: str) -> list[tuple[str, int, str]]:
    """Return code, line and hint of what is wrong with a project file; its `check` begins on line 4."""
    _, diagnostics = read(check)
    return [(d.code, d.place.span.line, d.hint or "") for d in diagnostics]


def read(check: str) -> tuple[Checking, tuple[Diagnostic, ...]]:
    (project,), found = load_text("kpiascode.yaml", HEAD + check)
    documents = validate(Documents(project=project, items=(), diagnostics=found))
    resolution = resolve(documents)
    chosen = resolution.project.settings.check
    return chosen, (*documents.diagnostics, *resolution.diagnostics, *wrong_choices(chosen))


def chosen(check: str) -> Checking:
    found, wrong = read(check)
    assert wrong == ()
    return found


def asked(check: str) -> set[str]:
    return {rule.code for rule in select(chosen(check)).rules}


def findings(check: str) -> list[tuple[str, Severity]]:
    """Return what is found in a KPI that is divided by itself and used by nobody."""
    project = case(kpi(HALF)).project
    settings = replace(project.settings, check=chosen(check))
    return [(d.code, d.severity) for d in lint(replace(project, settings=settings))]


ALL = {rule.code for rule in RULES}
STRICT_ONLY = {
    "definition-without-use",
    "deprecated-without-replacement",
    "goal-without-counter-kpi",
    "key-order",
    "missing-act",
    "missing-rationale",
    "missing-schema-modeline",
    "name-differs-from-file",
    "name-too-long",
    "orphan-goal",
    "owner-without-approvers",
    "result-not-on-scorecard",
    "single-approver",
    "too-many-kpis-on-scorecard",
    "too-many-results",
    "unit-in-name",
}
STANDARD = ALL - STRICT_ONLY
MINIMAL = {
    "unit-mismatch",
    "dimension-type-conflict",
    "person-dimension-published",
    "inverted-bounds",
    "person-identifier",
    "reward-without-counter-kpi",
    "secret-in-definition",
    "self-reference",
    "visible-beyond-its-parts",
}


# --- presets


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        pytest.param("", STANDARD, id="without a choice it is standard"),
        pytest.param("check: {}", STANDARD, id="an empty choice is none"),
        pytest.param("check: {preset: standard}", STANDARD, id="standard by name"),
        pytest.param("check: {preset: strict}", ALL, id="strict holds all rules"),
        pytest.param(
            "check: {preset: minimal}", MINIMAL, id="minimal: what makes numbers mean something else"
        ),
        pytest.param(
            "check: {preset: minimal, select: [repeated-title]}",
            MINIMAL | {"repeated-title"},
            id="a rule can be selected besides",
        ),
        pytest.param(
            "check: {ignore: [repeated-title]}", STANDARD - {"repeated-title"}, id="a rule can be left out"
        ),
        pytest.param(
            "check: {select: [self-division], ignore: [self-division]}",
            STANDARD - {"self-division"},
            id="what is both is left out",
        ),
    ],
)
def test_the_rules_that_are_asked(check: str, expected: set[str]) -> None:
    assert asked(check) == expected


def test_each_preset_holds_the_one_before() -> None:
    held = [{rule.code for rule in select(Checking(preset=preset)).rules} for preset in Preset]

    assert held == sorted(held, key=len)
    assert all(one <= other for one, other in pairwise(held))


def test_a_rule_that_is_not_asked_finds_nothing() -> None:
    assert findings("") == [("self-division", Severity.ERROR), ("kpi-without-use", Severity.WARNING)]
    assert findings("check: {ignore: [self-division, kpi-without-use]}") == []


def test_a_rule_can_be_more_or_less_grave() -> None:
    assert findings("check: {severity: {self-division: warning, kpi-without-use: error}}") == [
        ("self-division", Severity.WARNING),
        ("kpi-without-use", Severity.ERROR),
    ]


@pytest.mark.parametrize(
    ("path", "left"),
    [
        pytest.param("kpis.yaml", [], id="the file"),
        pytest.param("./kpis.yaml", [], id="the file, told from here"),
        pytest.param("*.yaml", [], id="a pattern"),
        pytest.param("**", [], id="everything"),
        pytest.param("other.yaml", [("self-division", Severity.ERROR)], id="another file"),
        pytest.param("KPIS.yaml", [("self-division", Severity.ERROR)], id="case counts"),
    ],
)
def test_a_rule_can_be_left_out_for_some_files(path: str, left: list[Any]) -> None:
    check = f'check: {{ignore: [kpi-without-use], paths: [{{path: "{path}", ignore: [self-division]}}]}}'

    assert findings(check) == left


# --- wrong choices


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        pytest.param(
            "check:\n  ignore:\n    - self-divison\n",
            [("unknown-rule", 6, "Did you mean `self-division`?")],
            id="a rule that there is none of, with the nearest one",
        ),
        pytest.param(
            "check:\n  select: [moon]\n",
            [("unknown-rule", 5, "docs/rules.md lists the rules.")],
            id="nothing near",
        ),
        pytest.param(
            "check:\n  severity:\n    repeatd-title: error\n",
            [("unknown-rule", 6, "Did you mean `repeated-title`?")],
            id="at the key of a severity",
        ),
        pytest.param(
            "check:\n  paths:\n    - path: a\n      ignore: [unit-mismach]\n",
            [("unknown-rule", 7, "Did you mean `unit-mismatch`?")],
            id="in a path",
        ),
    ],
)
def test_an_unknown_rule_is_a_finding_at_its_place(check: str, expected: list[tuple[str, int, str]]) -> None:
    assert refused(check) == expected


@pytest.mark.parametrize("code", ["unknown-kpi", "wrong-type", "yaml-syntax", "kpi-cycle", "stale-data"])
@pytest.mark.parametrize(
    "check",
    [
        "check: {{ignore: [{0}]}}",
        "check: {{severity: {{{0}: warning}}}}",
        "check: {{paths: [{{path: kpis, ignore: [{0}]}}]}}",
    ],
)
def test_shape_references_and_data_are_no_matter_of_choice(check: str, code: str) -> None:
    ((found, line, _),) = refused(check.format(code))

    assert (found, line) == ("cannot-be-allowed", 4)


def test_no_code_is_both_a_rule_and_fixed() -> None:
    assert set(CODES) & ALL == set()


@pytest.mark.parametrize(
    ("check", "code"),
    [
        pytest.param("check: {preset: lax}", "invalid-value", id="a preset that there is none of"),
        pytest.param("check: {presets: strict}", "unknown-key", id="a key that there is none of"),
        pytest.param(
            "check: {severity: {self-division: none}}", "invalid-value", id="no severity turns it off"
        ),
        pytest.param("check: {ignore: self-division}", "wrong-type", id="a text instead of a list"),
        pytest.param("check: {paths: [{path: kpis}]}", "missing-key", id="a path that leaves nothing out"),
        pytest.param("check: strict", "wrong-type", id="a text instead of a mapping"),
    ],
)
def test_a_choice_of_the_wrong_shape(check: str, code: str) -> None:
    assert [found for found, _, _ in refused(check)] == [code]


@pytest.mark.parametrize("path", ["../other/**", "/etc/**", "kpis/../../x", "C:/kpis", "kpis\\\\x", ".."])
@pytest.mark.parametrize("key", ['paths: [{{path: "{}", ignore: [self-division]}}]', 'baseline: "{}"'])
def test_no_path_leads_out_of_the_project(path: str, key: str) -> None:
    assert [found for found, _, _ in refused(f"check: {{{key.format(path)}}}")] == ["path-outside-project"]


# --- patterns


@pytest.mark.parametrize(
    ("text", "path", "matches"),
    [
        ("kpis/a.yaml", "kpis/a.yaml", True),
        ("kpis/a.yaml", "kpis/a.yml", False),
        ("kpis", "kpis/deep/a.yaml", True),
        ("kpis/", "kpis/a.yaml", True),
        ("kpi", "kpis/a.yaml", False),
        ("kpis/*", "kpis/a.yaml", True),
        ("kpis/*", "kpis/deep/a.yaml", True),
        ("kpis/*.yaml", "kpis/deep/a.yaml", False),
        ("*/a.yaml", "kpis/a.yaml", True),
        ("*/a.yaml", "a.yaml", False),
        ("kpis/**", "kpis/deep/er/a.yaml", True),
        ("kpis/**", "kpi/a.yaml", False),
        ("**/a.yaml", "a.yaml", True),
        ("**/a.yaml", "kpis/deep/a.yaml", True),
        ("**/a.yaml", "kpis/ba.yaml", False),
        ("kpis/**/a.yaml", "kpis/a.yaml", True),
        ("kpis/**/a.yaml", "kpis/x/y/a.yaml", True),
        ("kpis/**/**/a.yaml", "kpis/x/a.yaml", True),
        ("kpis/**/old_*.yaml", "kpis/x/old_1.yaml", True),
        ("kpis/?.yaml", "kpis/a.yaml", True),
        ("kpis/?.yaml", "kpis/ab.yaml", False),
        ("kpis?a.yaml", "kpis/a.yaml", False),
        ("kpis/a*c*e.yaml", "kpis/abcde.yaml", True),
        ("kpis/a**e.yaml", "kpis/abcde.yaml", True),
        ("kpis/[ab].yaml", "kpis/a.yaml", False),
        (".", "kpis/a.yaml", True),
        ("(a+)+$", "(a+)+$", True),
        ("ab", "/b", False),
    ],
)
def test_what_a_pattern_matches(text: str, path: str, matches: bool) -> None:
    assert pattern(text).matches(path) is matches


def slowly(parts: list[str], names: list[str]) -> bool:
    """Return what a pattern matches, tried in every way: the rest of its parts, and of the names of a path."""
    if not parts:
        return True
    if parts == ["**"]:
        return bool(names)
    if parts[0] == "**":
        return any(slowly(parts[1:], names[n:]) for n in range(len(names) + 1))
    shape = "".join({"*": "[^/]*", "?": "[^/]"}.get(character, character) for character in parts[0])
    return bool(names) and bool(re.fullmatch(shape, names[0])) and slowly(parts[1:], names[1:])


NAME = st.text("ab", min_size=1, max_size=3)


@given(
    st.lists(st.one_of(st.just("**"), st.text("ab*?", min_size=1, max_size=4)), min_size=1, max_size=4),
    st.lists(NAME, min_size=1, max_size=4),
)
def test_a_pattern_matches_what_trying_every_way_does(parts: list[str], names: list[str]) -> None:
    assert pattern("/".join(parts)).matches("/".join(names)) is slowly(parts, names)


@pytest.mark.parametrize(
    "text", ["*a" * 250, "**/" * 160 + "b", "*/" * 250, "?*" * 250, "**/*a*a*a*a" * 40], ids=lambda x: x[:12]
)
def test_no_pattern_is_slow(text: str) -> None:
    machine = pattern(text)
    begin = time.process_time()
    machine.matches("a" * 100_000)
    machine.matches("a/" * 50_000)

    assert time.process_time() - begin < 2


# --- the whole way


def test_choices_hold_for_check_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "kpis").mkdir()
    (tmp_path / "kpiascode.yaml").write_text(HEAD + "check:\n  ignore: [kpi-without-use, unknown-kpi]\n")
    (tmp_path / "kpis" / "a.yaml").write_text(case(kpi("no_such_kpi + 1"), sound=False).text)

    assert [d.code for d in reading.check(tmp_path).diagnostics] == ["cannot-be-allowed", "unknown-kpi"]


def project(folder: Path, check: str, *names: str) -> Path:
    """Return a folder with files of sound definitions, `kpis/sales/a.yaml` or those that are named."""
    (folder / "kpiascode.yaml").write_text(HEAD + check, encoding="utf-8")
    for number, name in enumerate(names or ["kpis/sales/a.yaml"]):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(
            f"kind: org_unit\nname: unit_{number}\ntitle: Unit {number}\nlevel: organisation\n",
            encoding="utf-8",
        )
    return folder


LATER = "Correct or remove it: of files that come there later the rules would not be asked."


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        pytest.param("kpis/sale", "Did you mean `kpis/sales`?", id="a folder, mistyped"),
        pytest.param("kpis/slaes/**", "Did you mean `kpis/sales`?", id="all below it"),
        pytest.param("kpis/sales/b.yaml", "Did you mean `kpis/sales/a.yaml`?", id="a file"),
        pytest.param("kpis/*/b.yaml", LATER, id="a pattern"),
        pytest.param("kpis/sales/?.yml", LATER, id="a pattern of one character"),
        pytest.param("gone/**", LATER, id="nothing near"),
    ],
)
def test_a_path_without_files_is_a_warning_at_its_place(tmp_path: Path, path: str, hint: str) -> None:
    check = f"check:\n  paths:\n    - {{path: kpis, ignore: [self-division]}}\n    - path: {path}\n"

    found = reading.check(project(tmp_path, f"{check}      ignore: [self-division]\n")).diagnostics

    assert [(d.code, d.severity, d.place.path, d.hint) for d in found] == [
        ("unused-path", Severity.WARNING, "kpiascode.yaml", hint)
    ]
    assert found[0].place.span == Span(7, 13, 7, 13 + len(path))


@pytest.mark.parametrize("path", ["kpis", "kpis/**", "kpis/*/a.yaml", "**/b.yaml", "kpiascode.yaml", "**"])
def test_a_path_with_files_is_none(tmp_path: Path, path: str) -> None:
    folder = project(
        tmp_path,
        f'check: {{paths: [{{path: "{path}", ignore: [self-division]}}]}}\n',
        *("kpis/sales/a.yaml", "kpis/b.yaml"),
    )

    assert reading.check(folder).diagnostics == ()


def test_while_files_cannot_be_read_no_path_is_called_unused(tmp_path: Path) -> None:
    folder = project(tmp_path, "check: {paths: [{path: kpis/sales/c.yaml, ignore: [self-division]}]}\n")
    (folder / "kpis" / "sales" / "c.yaml").write_bytes(b"\xff")

    assert [d.code for d in reading.check(folder).diagnostics] == ["not-utf8"]


def test_a_comment_of_the_project_file_that_is_nearly_one_is_told(tmp_path: Path) -> None:
    folder = project(tmp_path, "# kpi: alow kpi-without-use: nobody asks\n")

    assert [(d.code, d.place.path, d.place.span.line) for d in reading.check(folder).diagnostics] == [
        ("misspelled-allow", "kpiascode.yaml", 4)
    ]
