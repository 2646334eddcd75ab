"""What the page says of checks that are no rules is true: the codes exist, and are found."""

import re

import pytest
from surroundings import case, goal, kpi

from kpiascode.assess.probes import PROBES
from kpiascode.cli.main import COMMANDS
from kpiascode.lint.docs import page
from kpiascode.lint.elsewhere import ELSEWHERE
from kpiascode.lint.rules import RULES
from kpiascode.load import load_text
from kpiascode.model.codes import CODES
from kpiascode.model.document import Documents
from kpiascode.validate import validate

ANSWERS = [(asked, answer) for _, checks in ELSEWHERE for asked, answer in checks]
NAMED = re.compile(r"`([^`]+)`")


def named(text: str) -> set[str]:
    return {
        name for name in NAMED.findall(text) if re.fullmatch(r"[a-z]+(-[a-z]+)+|varies|acknowledged", name)
    }


def test_each_name_is_a_code_a_rule_or_a_probe() -> None:
    known = {*CODES, *(rule.code for rule in RULES), *(probe.name for probe in PROBES)}

    assert {name for row in ANSWERS for text in row for name in named(text)} - known == set()


def test_what_is_called_a_probe_is_one() -> None:
    probes = {probe.name for probe in PROBES}

    for _, answer in ANSWERS:
        assert set(re.findall(r"probe `([^`]+)`", answer)) <= probes


def test_each_command_exists() -> None:
    commands = {word for row in ANSWERS for text in row for word in re.findall(r"`kpi (\w+)", text)}

    assert commands <= set(COMMANDS)
    assert "compile" in commands


def test_no_rule_is_looked_for_there_and_each_row_is_on_the_page() -> None:
    for asked, answer in ANSWERS:
        assert f"| {asked} | {answer} |" in page()
    assert len({asked for asked, _ in ANSWERS}) == len(ANSWERS)


TOLD = {name for _, answer in ANSWERS for name in named(answer)}
AIM = goal("{kpi: orders, measure: to_date, target: 1}")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("kind: owner\nname: a\napprovers: [@kim]", "yaml-syntax"),
        ("kind: kpi\nname: a\nwhere: >= 5", "yaml-syntax"),
        ("kind: kpi\nname: a\nname: b", "duplicate-key"),
        ("kind: kpi\nname: a\ntitle: no", "ambiguous-scalar"),
        ("kind: kpi\nname: a\nwhere: !include b.sql", "unsupported-yaml"),
        (kpi("sum(x)", name="Sales"), "invalid-name"),
        (kpi("sum(x)").replace("unit: ratio", "units: ratio"), "unknown-key"),
        ("kind: metric\nname: a", "unknown-kind"),
        (AIM.replace("results:", "outcomes:"), "missing-key"),
        (AIM.replace("target: 1", "weight: 1"), "missing-key"),
    ],
)
def test_what_is_wrong_about_shape(text: str, code: str) -> None:
    items, found = load_text("a.yaml", text)
    documents = validate(Documents(project=None, items=items, diagnostics=found))

    assert code in {d.code for d in (*found, *documents.diagnostics)}
    assert code in TOLD


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (kpi("select * from x"), "statement-in-expression"),
        (kpi('"{{ x }}"'), "forbidden-character"),
        (kpi("sum(x) limit 5"), "expression-syntax"),
        (kpi("count(*) + now()"), "unknown-function"),
        (kpi("sum(random())"), "unknown-function"),
        (kpi("max(upper(x))"), "not-a-number"),
        (kpi("no_such_kpi"), "unknown-kpi"),
        (kpi("sum(x)", owner="nobody"), "unknown-owner"),
        (goal("{kpi: orders, baseline: 5, target: 5}"), "baseline-is-target"),
        (goal("{kpi: orders, baseline: 5, target: 4}"), "target-on-wrong-side"),
        (goal("{kpi: orders, target: 4}", period="{from: 2026-01-01, to: 2026-01-01}"), "empty-period"),
        (
            "kind: dataset\nname: order_lines\nsource: t\ntime: d\n"
            "relationships: {agent: {to: agents, keys: {agent_id: other}}}",
            "keys-not-primary",
        ),
    ],
)
def test_what_is_wrong_about_references_and_expressions(text: str, code: str) -> None:
    made = case(text, sound=False)

    assert code in {d.code for d in made.resolution.diagnostics}
    assert code in TOLD
