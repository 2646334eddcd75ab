"""`# kpi: allow <rule>: <reason>`: which lines it covers, what it cannot do, and what is no comment at all."""

import re
import time
from pathlib import Path

import pytest
from surroundings import case, kpi, together

from kpiascode.load import load_text
from kpiascode.load.comments import MAX_ALLOWS, allows, near_allows
from kpiascode.model.checking import Allow
from kpiascode.model.place import Span
from kpiascode.pipeline import reading

HALF = "sum(net_amount) / sum(net_amount)"
USED = (
    "\n---\nkind: scorecard\nname: used\ntitle: Used\norg_unit: acme\nsections: [{title: A, kpis: [asked]}]"
)
WHY = "# kpi: allow self-division: a test"


def checked(folder: Path, text: str, check: str = "") -> reading.Checked:
    """Return the project of these definitions, after what may be left out was added."""
    (folder / "kpis").mkdir(exist_ok=True)
    (folder / "kpiascode.yaml").write_text(
        f"version: 1\nname: test\npaths: [kpis]\n{check}\n", encoding="utf-8"
    )
    whole = case(text.strip("\n") + USED, sound=False).text
    (folder / "kpis" / "a.yaml").write_text(whole, encoding="utf-8")
    return reading.check(folder)


def told(folder: Path, text: str, check: str = "") -> tuple[list[tuple[str, int]], int]:
    """Return codes and lines of what is shown, and how many findings are allowed."""
    found = checked(folder, text, check)
    return [(d.code, d.place.span.line) for d in found.diagnostics], len(found.ruling.allowed)


def read(text: str) -> tuple[Allow, ...]:
    documents, findings = load_text("a.yaml", text)
    assert findings == ()
    found, wrong = allows("a.yaml", text, documents)
    assert wrong == ()
    return found


# --- which lines it covers


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"expression: {HALF}  {WHY}", id="the line on which it stands"),
        pytest.param(f"{WHY}\nexpression: {HALF}", id="alone: the next line"),
        pytest.param(f"{WHY}\n\n# why\n\nexpression: {HALF}", id="alone: the next line that is no comment"),
        pytest.param(f"    {WHY}\nexpression: {HALF}", id="indented as you like"),
        pytest.param(
            f"# kpi: allow unit-mismatch, self-division: a test\nexpression: {HALF}  # kpi: allow unit-mismatch: x",
            id="several rules in one comment",
        ),
        pytest.param(
            f"expression: |  {WHY}\n  sum(net_amount)\n  / sum(net_amount)", id="all lines of a block"
        ),
        pytest.param(
            f"{WHY}\nexpression: >\n  sum(net_amount)\n  / sum(net_amount)", id="above a folded block"
        ),
        pytest.param(
            f'expression: "sum(net_amount)\n  / sum(net_amount)"  {WHY}', id="behind the last line of a text"
        ),
        pytest.param(
            f"expression:\n  sum(net_amount)\n  / sum(net_amount)  {WHY}", id="of a plain text, too"
        ),
        pytest.param(f"expression: {HALF} #kpi:allow self-division:a test", id="without blanks"),
    ],
)
def test_it_covers(tmp_path: Path, text: str) -> None:
    definition = f"kind: kpi\nname: asked\ndataset: order_lines\n{text}\nunit: ratio\n"

    shown, allowed = told(tmp_path, definition)

    assert {code for code, _ in shown} <= {"unused-allow", "folded-expression"}
    assert allowed == 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            f"dataset: order_lines  {WHY}\nexpression: {HALF}", id="behind a value it is of that line"
        ),
        pytest.param(f"dataset: order_lines\nexpression: {HALF}\n{WHY}\nunit: ratio", id="below the line"),
        pytest.param(
            f"dataset: order_lines\nexpression: {HALF}  # kpi: allow unit-mismatch: x", id="another rule"
        ),
        pytest.param(
            f"dataset: order_lines\nexpression: {HALF}  # So: {WHY}", id="it must be the whole comment"
        ),
        pytest.param(
            f"dataset: order_lines\nexpression: {HALF}  # kpi: allowed self-division: x", id="other words"
        ),
        pytest.param(
            f"dataset: order_lines\nexpression: {HALF}  # KPI: allow self-division: x", id="case counts"
        ),
        pytest.param(f"dataset: order_lines\nexpression: {HALF}\ntitle: 'x {WHY}'", id="in quotes"),
        pytest.param(
            f'dataset: order_lines\ntitle: "x\n  {WHY}"\nexpression: {HALF}', id="in a text of two lines"
        ),
        pytest.param(
            f"dataset: order_lines\ndescription: |\n  x\n  {WHY}\nexpression: {HALF}", id="in a block"
        ),
        pytest.param(
            f"dataset: order_lines\ndescription: >-\n\n  {WHY}\n\nexpression: {HALF}", id="in a folded one"
        ),
        pytest.param(
            f"dataset: order_lines\ntitle: 'a'\ndescription: a#kpi:allow self-division:x\nexpression: {HALF}",
            id="a # inside a word",
        ),
    ],
)
def test_it_does_not_cover(tmp_path: Path, text: str) -> None:
    shown, allowed = told(tmp_path, f"kind: kpi\nname: asked\n{text}\n")

    assert "self-division" in {code for code, _ in shown}
    assert allowed == 0


def test_on_the_line_of_kind_it_covers_the_whole_document_and_no_other(tmp_path: Path) -> None:
    one, other = kpi(HALF, name="asked"), kpi("sum(tax_amount) / sum(tax_amount)", name="other")
    for text in (
        together(one.replace("kind: kpi", f"kind: kpi  {WHY}", 1), other),
        together(f"# A title.\n{WHY}\n{one}", other),
    ):
        shown, allowed = told(tmp_path, text)
        assert ([code for code, _ in shown], allowed) == (["kpi-without-use", "self-division"], 1)


def test_on_the_line_of_name_it_covers_that_line_only(tmp_path: Path) -> None:
    text = kpi(HALF).replace("name: asked", f"name: asked  {WHY}")

    shown, allowed = told(tmp_path, text)

    assert [code for code, _ in shown] == ["unused-allow", "self-division"]
    assert allowed == 0


def test_windows_line_ends_and_wide_characters_move_nothing(tmp_path: Path) -> None:
    text = f"title: Größe 📈 # x\r\n{WHY}\r\nkind: kpi\r\nname: a\r\nx: 'ü # y' {WHY}\r\n"

    assert [(a.first, a.last, a.place.span.column) for a in read(text)] == [(1, 5, 1), (5, 5, 12)]


def test_the_reason_is_what_stands_behind_the_first_colon() -> None:
    (found,) = read("kind: kpi  # kpi: allow a-rule , b-rule : see https://example.com/1: there\n")

    assert [(rule.name, rule.place.span.column) for rule in found.rules] == [("a-rule", 25), ("b-rule", 34)]
    assert found.reason == "see https://example.com/1: there"


# --- what it cannot do


@pytest.mark.parametrize(
    ("comment", "code"),
    [
        ("# kpi: allow self-division", "allow-without-reason"),
        ("# kpi: allow self-division:", "allow-without-reason"),
        ("# kpi: allow self-division:   ", "allow-without-reason"),
    ],
)
def test_without_a_reason_it_is_an_error_and_the_only_one(tmp_path: Path, comment: str, code: str) -> None:
    shown, allowed = told(tmp_path, kpi(f"{HALF}  {comment}"))

    assert ([found for found, _ in shown], allowed) == ([code], 1)


def test_a_comment_that_allows_nothing_any_more_is_a_warning(tmp_path: Path) -> None:
    found = checked(tmp_path, kpi(f"sum(net_amount) / sum(tax_amount)  {WHY}")).diagnostics

    assert [(d.code, d.severity.value) for d in found] == [("unused-allow", "warning")]


def test_of_each_rule_in_a_comment_it_is_said_whether_it_is_used(tmp_path: Path) -> None:
    found = checked(tmp_path, kpi(f"{HALF}  # kpi: allow self-division, unit-mismatch: a test")).diagnostics

    assert [d.message for d in found] == ["`unit-mismatch` finds nothing that this comment covers."]


def test_of_a_rule_that_is_not_asked_nobody_knows_whether_it_is_used(tmp_path: Path) -> None:
    text = kpi(f"sum(net_amount) / sum(tax_amount)  {WHY}")

    assert told(tmp_path, text, "check: {ignore: [self-division]}") == ([], 0)
    assert told(tmp_path, text, "check: {paths: [{path: kpis, ignore: [self-division]}]}") == ([], 0)


def test_while_references_are_wrong_nothing_is_called_unused(tmp_path: Path) -> None:
    shown, _ = told(tmp_path, kpi(f"no_such / no_such  {WHY}"))

    assert "unused-allow" not in {code for code, _ in shown}
    assert shown


@pytest.mark.parametrize(
    ("rule", "code", "hint"),
    [
        ("self-divison", "unknown-rule", "Did you mean `self-division`?"),
        ("all", "unknown-rule", None),
        ("*", "unknown-rule", None),
        ("unknown-kpi", "cannot-be-allowed", None),
        ("wrong-type", "cannot-be-allowed", None),
        ("unused-allow", "cannot-be-allowed", None),
        ("x" * 5000, "unknown-rule", None),
    ],
    ids=lambda value: str(value)[:20],
)
def test_only_rules_can_be_allowed(tmp_path: Path, rule: str, code: str, hint: str | None) -> None:
    found = checked(
        tmp_path, kpi(f"sum(net_amount) / sum(tax_amount)  # kpi: allow {rule}: a test")
    ).diagnostics

    assert [d.code for d in found] == [code]
    assert hint in (None, found[0].hint)
    assert len(found[0].message) < 200


@pytest.mark.parametrize(
    "comment", ["# kpi: allow", "# kpi: allow:", "# kpi: allow : because", "# kpi: allow ,,: x"]
)
def test_a_comment_must_name_a_rule(tmp_path: Path, comment: str) -> None:
    assert [code for code, _ in told(tmp_path, kpi(f"sum(quantity)  {comment}"))[0]] == ["unknown-rule"]


def test_errors_of_references_stay_whatever_is_allowed(tmp_path: Path) -> None:
    shown, _ = told(tmp_path, kpi("no_such_kpi  # kpi: allow unknown-kpi: a test"))

    assert {"unknown-kpi", "cannot-be-allowed"} <= {code for code, _ in shown}


def test_comments_are_judged_while_definitions_have_the_wrong_shape(tmp_path: Path) -> None:
    shown, _ = told(tmp_path, kpi(f"{HALF}  # kpi: allow self-divison: a test", grain="[]"))

    assert {"unknown-rule", "wrong-type"} <= {code for code, _ in shown}


@pytest.mark.parametrize(
    ("comment", "code", "allowed"),
    [
        pytest.param("self-divison", "unknown-rule", 0, id="a mistyped rule has no reason, too"),
        pytest.param("self-divison, self-divison: x", "unknown-rule", 0, id="a mistyped rule stands twice"),
        pytest.param("unknown-kpi", "cannot-be-allowed", 0, id="no rule, and no reason"),
        pytest.param("self-division since it is so", "allow-without-reason", 1, id="no colon"),
        pytest.param("self-division - a, b and c", "allow-without-reason", 1, id="no colon, but commas"),
        pytest.param(
            "self-division , self-division since a, b",
            "allow-without-reason",
            1,
            id="no colon, and two names",
        ),
    ],
)
def test_what_is_wrong_with_a_comment_is_one_finding(
    tmp_path: Path, comment: str, code: str, allowed: int
) -> None:
    found = checked(tmp_path, kpi(f"{HALF}  # kpi: allow {comment}"))

    assert [d.code for d in found.diagnostics if d.code != "self-division"] == [code]
    assert len(found.ruling.allowed) == allowed


def test_the_finding_that_a_mistyped_rule_was_to_allow_stays(tmp_path: Path) -> None:
    shown, allowed = told(tmp_path, kpi(f"{HALF}  # kpi: allow self-divison: a test"))

    assert (sorted(code for code, _ in shown), allowed) == (["self-division", "unknown-rule"], 0)


# --- what looks like one

NEARLY = "Did you mean `# kpi: allow self-division: <reason>`?"


@pytest.mark.parametrize(
    "comment",
    [
        *(
            "# kpi: alow self-division: a test",
            "# kpi: alllow self-division: a test",
            "# kpi: alolw self-division",
        ),
        *(
            "# kpi: aloow self-division: a test",
            "# kpi: sllow self-division: a test",
            "#kpi:allo self-division",
        ),
        *("# kpi: allows self-division: a test", "# kpi: allowed self-division: a test"),
        *("# KPI: allow self-division: a test", "# kpi: Allow Self-Division: a test"),
        *(
            "# kpi allow self-division: a test",
            "# kpi-allow self-division: a test",
            "# kpis: allow self-division",
        ),
        *("## kpi: allow self-division: a test", "# kpi: ignore self-division", "# kpi: noqa: self-division"),
        *("# kpi: disable=self-division", "# kpi: ignore[self-division]", "# kpi: skip (self-division)"),
    ],
)
def test_a_comment_that_is_nearly_one_is_told(tmp_path: Path, comment: str) -> None:
    found = checked(tmp_path, kpi(f"{HALF}  {comment}"))

    assert [(d.code, d.hint) for d in found.diagnostics if d.code != "self-division"] == [
        ("misspelled-allow", NEARLY)
    ]
    assert found.ruling.allowed == ()


def test_a_comment_that_is_nearly_one_is_underlined(tmp_path: Path) -> None:
    text = f"# kpi: alow self-division: a test  \n{kpi('sum(quantity)')}"

    (found,) = checked(tmp_path, text).diagnostics

    assert found.place.span == Span(1, 1, 1, 34)


@pytest.mark.parametrize(
    "comment",
    [
        pytest.param("# kpi: net sales of all shops", id="what a KPI is"),
        pytest.param("# kpi: allows us to see self-division", id="the rule stands elsewhere"),
        pytest.param("# kpi: alow some-thing: a test", id="no rule"),
        pytest.param("# kpi: hollow self-division: a test", id="another word"),
        pytest.param("# So: # kpi: alow self-division: a test", id="not the whole comment"),
        pytest.param("# A kpi: alow self-division: a test", id="not at the beginning"),
    ],
)
def test_a_comment_about_something_else_is_not_told(tmp_path: Path, comment: str) -> None:
    text = kpi(f"sum(quantity)  {comment}", title="'x # kpi: alow self-division: x'")

    assert told(tmp_path, text) == ([], 0)


# --- hostile files


def test_more_than_enough_comments_are_one_error() -> None:
    text = "kind: kpi\n" + f"{WHY}\n" * (MAX_ALLOWS + 2) + "name: a\n"
    documents, _ = load_text("a.yaml", text)

    found, (wrong,) = allows("a.yaml", text, documents)

    assert len(found) == MAX_ALLOWS
    assert (wrong.code, wrong.place.span.line) == ("too-many-allows", MAX_ALLOWS + 2)


def test_of_comments_that_are_nearly_one_no_more_are_told() -> None:
    text = "kind: kpi\n" + "# kpi: alow self-division: x\n" * (MAX_ALLOWS + 2) + "name: a\n"
    documents, _ = load_text("a.yaml", text)

    assert len(near_allows("a.yaml", text, documents)) == MAX_ALLOWS


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"kind: kpi\n{WHY}\n" + "#\n" * 400_000, id="comments without end"),
        pytest.param("kind: kpi\n" + f"{WHY}\n" * 25_000, id="allows without end"),
        pytest.param("kind: kpi\nx: '" + "#" * 60_000 + f"' {WHY}\n", id="a text of #"),
        pytest.param(f"kind: kpi\nx: [{'a, ' * 40_000}a] {WHY}\n", id="many values on one line"),
        pytest.param("kind: kpi  # kpi: allow " + "a," * 400_000 + ": x\n", id="many rules"),
        pytest.param("kind: kpi  #" + " " * 900_000 + "kpi: allow a: b\n", id="many blanks"),
        pytest.param("kind: kpi  " + "# kpi:" * 150_000 + f"\n{WHY}\n", id="many beginnings"),
        pytest.param("kind: kpi\n" + "# kpi: alow a-b\n" * 50_000, id="near ones without end"),
        pytest.param("kind: kpi  " + "# kpi: alow a-b" * 50_000, id="near ones on one line"),
        pytest.param("kind: kpi  " + "#" * 900_000 + " kpi: alow a-b\n", id="many signs"),
        pytest.param("kind: kpi  # kpi: allow " + "a " * 400_000 + "\n", id="a reason without colon"),
    ],
)
def test_no_file_is_slow(text: str) -> None:
    documents, _ = load_text("a.yaml", text)
    begin = time.process_time()
    allows("a.yaml", text, documents)
    near_allows("a.yaml", text, documents)

    assert time.process_time() - begin < 5


def test_a_file_without_such_a_comment_is_not_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "kind: kpi  # A kpi: allow me to say.\nname: a\n"
    documents, _ = load_text("a.yaml", text)
    monkeypatch.setattr("kpiascode.load.comments.yaml", None)

    assert allows("a.yaml", text, documents) == ((), ())
    assert near_allows("a.yaml", text, documents) == ()


def test_a_file_that_is_no_yaml_allows_nothing() -> None:
    text = f"kind: [\n{WHY}\n"
    documents, _ = load_text("a.yaml", text)

    assert allows("a.yaml", text, documents) == ((), ())


def test_what_is_found_as_a_comment_is_none_to_the_reader_either() -> None:
    """Without its comments a file means the same."""
    text = (Path(__file__).parents[2] / "kpiascode.yaml").read_text(encoding="utf-8")
    marked = re.sub(r"$", f"  {WHY}", text, flags=re.MULTILINE)

    assert load_text("a.yaml", marked)[0][0].data == load_text("a.yaml", text)[0][0].data
