"""The docstring of a rule is its documentation and its first test; the page of the rules is made of them."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from surroundings import all_findings, case

from kpiascode import lint
from kpiascode.lint.docs import documentation, page
from kpiascode.lint.rule import Rule
from kpiascode.lint.rules import RULES
from kpiascode.model.checking import Preset
from kpiascode.model.diagnostic import Severity

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
FOLDER = Path(lint.__file__).parent / "rules"
FILES = sorted(path for path in FOLDER.glob("*.py") if path.name != "__init__.py")

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
each_file = pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)


def found_in(rule: Rule, snippet: str) -> list[tuple[str, int]]:
    """Return what a rule and those of the standard preset find in an example, which is about nothing else.

    That nobody uses its KPIs counts for one rule only.
    """
    found = all_findings(case(snippet, apart=True))
    return [(code, line) for code, line in found if code in (rule.code, *ALWAYS_ASKED)]


ALWAYS_ASKED = tuple(
    rule.code for rule in RULES if rule.preset is not Preset.STRICT and rule.code != "kpi-without-use"
)


# --- the examples


@each_rule
def test_the_bad_example_has_exactly_its_findings_on_the_marked_lines(rule: Rule) -> None:
    bad = documentation(rule).bad
    marked = case(bad, apart=True).marked

    assert {code for code, _ in marked} == {rule.code}
    assert found_in(rule, bad) == marked


@each_rule
def test_the_good_example_has_none(rule: Rule) -> None:
    good = documentation(rule).good

    assert case(good).marked == []
    assert found_in(rule, good) == []


@each_rule
def test_the_good_example_differs_little_from_the_bad_one(rule: Rule) -> None:
    said = documentation(rule)

    assert set(said.bad.splitlines()) & set(said.good.splitlines())
    assert said.bad != said.good


# --- the list


@each_file
def test_a_rule_stands_in_the_list_once_under_the_name_of_its_file(file: Path) -> None:
    assert [rule.code for rule in RULES].count(file.stem.replace("_", "-")) == 1


def test_the_list_holds_nothing_else() -> None:
    assert len(RULES) == len(FILES)


@each_rule
def test_a_code_is_one_that_findings_may_have(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-]*", rule.code)


@each_file
def test_a_rule_knows_no_other_rule_and_no_other_stage(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    own = {module for module in modules if module.startswith("kpiascode.")}

    assert not any(module.startswith("kpiascode.lint.rules") for module in own)
    assert all(module.startswith(("kpiascode.model.", "kpiascode.lint.")) for module in own)


# --- the page


def test_the_page_is_current() -> None:
    written = PAGE.read_text(encoding="utf-8")

    assert written == page(), "make it again: python -m kpiascode.lint.docs > docs/rules.md"


def test_the_page_is_what_the_module_prints() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "kpiascode.lint.docs"], capture_output=True, check=True, encoding="utf-8"
    )

    assert made.stdout == page()
    assert made.stderr == ""


@each_rule
def test_the_page_names_each_rule_with_severity_and_preset_and_links_to_its_section(rule: Rule) -> None:
    assert f"| [`{rule.code}`](#{rule.code}) | {rule.severity.value} | {rule.preset.value} | " in page()
    assert f"\n## {rule.code}\n\n*{rule.severity.value.capitalize()}, {rule.preset.value}.* " in page()


@each_rule
def test_a_docstring_is_plain_sentences(rule: Rule) -> None:
    said = documentation(rule)

    assert said.what.endswith(".")
    assert said.what[0].isupper()
    assert said.fix.rstrip().endswith(".")
    assert "|" not in said.what


def test_errors_are_what_makes_a_number_wrong_or_public_or_does_nothing_and_the_rest_warns() -> None:
    errors = {rule.code for rule in RULES if rule.severity is Severity.ERROR}

    assert errors == {
        "person-identifier",
        "secret-in-definition",
        "unit-mismatch",
        "self-division",
        "self-reference",
        "dimension-type-conflict",
        "person-dimension-published",
        "reward-without-counter-kpi",
        "inverted-bounds",
        "target-outside-bounds",
        "signals-of-overlapping-windows",
        "visible-beyond-its-parts",
    }
