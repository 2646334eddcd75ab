"""`kpi explain CODE`: every code that a finding can have is explained, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Kpi

import kpiascode
from kpiascode.lint.rules import RULES
from kpiascode.model.codes import CODES
from kpiascode.pipeline.explaining import explanation, known_codes

SOURCE = Path(kpiascode.__file__).parent
STAGES = ("load", "validate", "resolve", "lint", "plan", "compile", "run", "record", "pipeline")
KEBAB = re.compile(r"[a-z]+(-[a-z0-9]+)+")
NO_CODES = {"x-hint", "utf-8", "utf-8-sig", "http-code"} | {
    *("cat-file", "rev-parse", "ls-tree", "merge-base", "rev-list"),
    *("check-ignore", "ls-files"),
}
KINDS = (
    *("check-in", "dataset", "goal", "kpi", "org-unit", "owner", "person", "recognition-program"),
    "review-template",
)


def raised() -> Iterator[str]:
    """Yield every text in the stages that is written like a code; nothing else is written so there."""
    for stage in STAGES:
        for file in sorted((SOURCE / stage).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Constant)
                    and isinstance(node.value, str)
                    and KEBAB.fullmatch(node.value)
                ):
                    yield node.value


RAISED = {*raised(), *(f"unknown-{kind}" for kind in KINDS)} - NO_CODES


def test_each_code_that_is_raised_is_explained() -> None:
    assert RAISED - set(known_codes()) == set()


def test_each_code_that_is_explained_is_raised() -> None:
    assert set(known_codes()) - RAISED == set()


def test_a_rule_explains_itself_and_stands_in_no_table() -> None:
    assert not {rule.code for rule in RULES} & set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_an_explanation_is_a_paragraph_of_plain_sentences(code: str) -> None:
    text = CODES[code]

    assert 60 < len(text) < 500
    assert text[0].isupper() or text[0] == "`"
    assert text.endswith(".")
    assert "\n" not in text
    assert "  " not in text


@pytest.mark.parametrize("code", known_codes())
def test_the_first_sentence_stands_alone(code: str) -> None:
    told = explanation(code)

    assert told is not None
    assert told.text.startswith(told.what.rstrip("."))
    assert told.what.count("`") % 2 == 0
    assert 15 < len(told.what) < 200


# --- the command


def test_a_code_is_explained_without_a_project(
    kpi: Kpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert kpi.answer("explain", "invalid-filter") == (
        "invalid-filter\n"
        "\n"
        "A filter of a question is more than comparisons of dimensions with constants. It only picks slices.\n"
        "Write for example `channel = 'online'`.\n"
    )


def test_a_rule_is_explained_with_examples(kpi: Kpi) -> None:
    text = kpi.answer("explain", "comparison-with-null")

    assert text.startswith(
        "comparison-with-null (warning, a rule of `kpi check`)\n"
        "\n"
        "Something is compared with `null`, which is never true.\n"
        "\n"
        "A comparison with null is unknown"
    )
    assert "\nBad:\n\n    kind: kpi\n" in text
    assert "\nGood:\n\n    kind: kpi\n" in text
    assert text.endswith("\nFix: write `x is null` or `x is not null`.\n")


@pytest.mark.parametrize("code", known_codes())
def test_every_code_can_be_asked(kpi: Kpi, code: str) -> None:
    assert kpi.answer("explain", code).startswith(code)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("name", "hint"),
    [
        pytest.param("unknown-colum", "Did you mean `unknown-column`?", id="a code"),
        pytest.param("comparison_with_null", "Did you mean `comparison-with-null`?", id="a code, written like a KPI"),
        pytest.param("net-sales", "Did you mean `net_sales`?", id="a KPI, written like a code"),
        pytest.param("net_sale", "Did you mean `net_sales`?", id="a KPI"),
        pytest.param("zzz", "There are `basket`, `net_sales`,", id="nothing near"),
    ],
)  # fmt: skip
def test_an_unknown_name_is_wrong_usage_and_names_the_nearest(kpi: Kpi, name: str, hint: str) -> None:
    result = kpi("explain", name)

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"There is no KPI and no code of a finding `{name}`. {hint}" in result.stderr


def test_a_code_is_missed_in_a_broken_project_and_in_none(
    kpi: Kpi, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shop / "kpis" / "shop.yaml").write_text("kind: kpi\n", encoding="utf-8")
    assert "Did you mean `unknown-column`?" in kpi("explain", "unknown-colum").stderr

    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert "Did you mean `unknown-column`?" in kpi("explain", "unknown-colum").stderr
    assert "Codes are told by `kpi check`." in kpi("explain", "z-z").stderr


def test_a_finding_without_a_next_step_says_where_to_read_more(kpi: Kpi, shop: Path) -> None:
    text = (
        (shop / "kpis" / "shop.yaml").read_text(encoding="utf-8").replace("sum(amount)", "sum(amount, 1)", 1)
    )
    (shop / "kpis" / "shop.yaml").write_text(text, encoding="utf-8")

    assert "  = help: kpi explain expression-syntax\n" in kpi("check").stdout
