"""The edges of what `validate` says and lets through: exactly as long, exactly as large, exactly as many."""

from decimal import Decimal
from typing import Any

import pytest

from kpiascode.load import load_text
from kpiascode.model.diagnostic import Diagnostic, Severity
from kpiascode.model.document import Documents
from kpiascode.model.place import Place, Span
from kpiascode.validate import validate
from kpiascode.validate.documents import MAX_FINDINGS
from kpiascode.validate.explain import explain
from kpiascode.validate.formats import is_date
from kpiascode.validate.gate import test_of as gate_for
from kpiascode.validate.hints import example, name_hint, type_hint
from kpiascode.validate.messages import MANY
from kpiascode.validate.words import LONGEST, found, in_words, may_be_repeated, odd_character, sentence, shown

OWNER = "kind: owner\nname: sales\ntitle: Sales\norg_unit: shop\ncontact: sales@example.com\n"


def checked(text: str, *findings: Diagnostic) -> Documents:
    documents, read = load_text("a.yaml", text)
    return validate(Documents(project=None, items=documents, diagnostics=(*read, *findings)))


def told(text: str) -> list[str]:
    return [finding.message for finding in checked(text).diagnostics]


# --- words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * LONGEST, "a" * LONGEST),
        ("a" * (LONGEST + 1), "a" * LONGEST + "…"),
        (" a \n b\t", "a b"),
        (" " * (4 * LONGEST - 1) + "abc", "a"),
        ("", ""),
    ],
)
def test_a_text_is_shown_on_one_line_and_cut(text: str, expected: str) -> None:
    assert LONGEST == 60
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("value", "may_be"),
    [
        ("a", True),
        ("a" * LONGEST, True),
        ("a" * (LONGEST + 1), False),
        ("", False),
        ("postgres://u:hunter2@h", False),
        (5, False),
        (None, False),
    ],
)
def test_what_may_be_repeated(value: Any, may_be: bool) -> None:
    assert may_be_repeated(value) is may_be


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (True, "`true`"),
        (False, "`false`"),
        (3, "the number 3"),
        (Decimal("2.50"), "the number 2.50"),
        ("x", "a text"),
        ([], "a list"),
        ({}, "a mapping"),
    ],
)
def test_what_a_value_is(value: Any, words: str) -> None:
    assert found(value) == words


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        ("abz", None),
        ("a_09", None),
        ("_a", "`_`"),
        ("9a", "`9`"),
        ("a/b", "`/`"),
        ("a:b", "`:`"),
        ("aB", "`B`"),
        ("a!", "`!`"),
        ("a~", "`~`"),
        ("a b", "U+0020 SPACE"),
        ("a\x7f", "U+007F LINE BREAK OR TAB"),
        ("a{", "`{`"),
        ("a`", "```"),
        ("n\u0430me", "U+0430 CYRILLIC SMALL LETTER A"),
        ("a\n", "U+000A LINE BREAK OR TAB"),
        ("", None),
    ],
)
def test_the_first_odd_character_of_a_name(name: str, odd: str | None) -> None:
    assert odd_character(name) == odd


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (("grain",), "`grain`"),
        (("period", "from"), "`from` of `period`"),
        (("results", 0, "kpi"), "`kpi` in item 1 of `results`"),
        (("results", 1), "item 2 of `results`"),
        (("sections", 1, "kpis", 0), "item 1 of `kpis` in item 2 of `sections`"),
    ],
)
def test_where_in_words(where: tuple[str | int, ...], words: str) -> None:
    assert in_words(where) == words


def test_a_sentence_begins_with_a_capital() -> None:
    assert sentence("") == ""
    assert sentence("ab C") == "Ab C"


# --- hints


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("x" * 55, f"Add for example `k: {'x' * 55}`. What it is."),
        ("x" * LONGEST, f"Add for example `k: {'x' * LONGEST}`. What it is."),
        ("x" * (LONGEST + 1), "Add `k:`. What it is."),
        ("a: b", 'Add for example `k: "a: b"`. What it is.'),
        (5, "Add for example `k: 5`. What it is."),
        (["a"], 'Add for example `k: ["a"]`. What it is.'),
    ],
)
def test_a_missing_key_is_shown_by_an_example(value: Any, hint: str) -> None:
    assert example("k", {"examples": [value], "description": "What it is."}) == hint


@pytest.mark.parametrize(
    ("schema", "value", "hint"),
    [
        ({"type": "string"}, 5, 'Put it in quotes: `"5"`.'),
        ({"type": "string"}, True, 'Put it in quotes: `"true"`.'),
        ({"type": "string"}, [5], None),
        ({"type": "array"}, "x", "Write a list: `[x]`."),
        ({"type": "array"}, "postgres://u:hunter2@h", "Write a list: `[...]`."),
        ({"type": "array"}, {}, None),
        ({"type": "number"}, "44 %", "Write the fraction, such as 0.44 for 44 %."),
        ({"type": "number"}, "much", "Write digits, without quotes and without a unit."),
        ({"type": "integer"}, "44 %", "Write digits, without quotes and without a unit."),
        ({"type": ["number", "string"]}, [], None),
        ({"type": ["number", "array"]}, "much", None),
        ({"type": "number"}, [], None),
        ({"anyOf": [{"type": "number"}, {"type": "integer"}]}, "much", "Write digits, without quotes and without a unit."),
        ({"type": "object", "additionalProperties": False, "properties": {"b": {}, "a": {}}}, 5, "Its keys are `a`, `b`."),
        ({"type": "object"}, 5, None),
        ({}, 5, None),
    ],
)  # fmt: skip
def test_how_a_value_of_the_wanted_type_is_written(schema: Any, value: Any, hint: str | None) -> None:
    assert type_hint(schema, value) == hint


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Net Sales", "net_sales"),
        ("Net" + "x" * 57, "net" + "x" * 57),
        ("Net" + "x" * 58, None),
        ("9", None),
        ("x://y", None),
        ("", None),
    ],
)
def test_the_nearest_name(name: str, near: str | None) -> None:
    assert name_hint(name).partition("For example ")[2] == ("" if near is None else f"`{near}`.")


# --- the gate


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "integer", "minimum": 2}, [2, 3], [1, "2", True, None]),
        ({"type": "number", "maximum": 2}, [2, Decimal("1.5"), -1], [3, Decimal("2.01")]),
        ({"type": "number", "exclusiveMinimum": 2}, [3, Decimal("2.01")], [2, 1]),
        ({"type": "string", "minLength": 2, "maxLength": 3}, ["ab", "abc"], ["a", "abcd", ["a", "b"]]),
        ({"type": "string", "pattern": "^[a-z]+$"}, ["ab"], ["aB", "ab\n", ""]),
        ({"type": "string", "format": "date"}, ["2024-02-29"], ["2026-02-29", "x"]),
        ({"type": "array", "minItems": 1, "maxItems": 2}, [[1], [1, 2]], [[], [1, 2, 3], {}]),
        ({"type": "array", "items": {"type": "null"}}, [[], [None]], [[None, 1]]),
        ({"type": "object", "minProperties": 1, "maxProperties": 2}, [{"a": 1}, {"a": 1, "b": 2}], [{}, {"a": 1, "b": 2, "c": 3}]),
        ({"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}, [{"a": "x", "b": 1}], [{}, {"a": 1}]),
        ({"type": "object", "properties": {"a": {}}, "additionalProperties": False}, [{}, {"a": 1}], [{"b": 1}]),
        ({"type": "object", "additionalProperties": {"type": "string"}}, [{}, {"a": "x"}], [{"a": 1}]),
        ({"type": "object", "propertyNames": {"type": "string", "maxLength": 1}}, [{"a": 1}], [{"ab": 1}]),
        ({"type": "object"}, [{}], [[]]),
        ({"type": ["string", "null"], "enum": ["a", None]}, ["a", None], ["b", 5]),
        ({"enum": [1, "x"]}, [1, "x"], [True, 2, "1"]),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, ["a", 1], [None, []]),
        ({"type": "object", "not": {"required": ["a", "b"]}}, [{"a": 1}, {}], [{"a": 1, "b": 2}]),
        ({"type": "boolean"}, [True, False], [0, "true"]),
    ],
)  # fmt: skip
def test_the_gate_at_its_edges(schema: Any, good: list[Any], bad: list[Any]) -> None:
    test = gate_for(schema, schema)

    assert [value for value in good if not test(value)] == []
    assert [value for value in bad if test(value)] == []


@pytest.mark.parametrize(("text", "is_day"), [("2024-02-29", True), ("2026-02-29", False), ("2026-1-1", False), ("", False)])  # fmt: skip
def test_a_day_of_the_calendar(text: str, is_day: bool) -> None:
    assert is_date(text) is is_day


# --- documents


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("kpj", "`kind` cannot be `kpj`."),
        ("5", "`kind` cannot be the number 5."),
        ("[kpi]", "`kind` cannot be a list."),
        ("postgres://u:hunter2@h", "`kind` cannot be a text."),
        ("project", "`kind` cannot be `project`."),
    ],
)
def test_a_kind_that_there_is_not(kind: str, message: str) -> None:
    assert told(f"kind: {kind}\nname: x\n") == [message]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("title: ''", "`title` should be a text on one line, but it is a text."),
        ("title: []", "`title` should be a text on one line, but it is a list."),
        (f"title: {'x' * 201}", "`title` is longer than 200 characters."),
        (f"title: {'x' * 200}", None),
        ("approvers: []", "`approvers` is empty."),
    ],
)
def test_limits_in_words(line: str, message: str | None) -> None:
    text = OWNER.replace("title: Sales", line) if line.startswith("title") else OWNER + line + "\n"

    assert told(text) == ([] if message is None else [message])


def test_the_same_name_is_taken_among_its_kind_only() -> None:
    unit = "---\nkind: org_unit\nname: sales\ntitle: S\nlevel: team\n"

    assert told(OWNER + unit) == []
    assert told(OWNER + unit + unit) == ["There is another org_unit `sales`."]
    assert told("kind: kpj\nname: sales\n---\nkind: kpj\nname: sales\n") == ["`kind` cannot be `kpj`."] * 2


def finding(number: int, severity: Severity) -> Diagnostic:
    place = Place("b.yaml", Span(number, 1, number, 1))
    return Diagnostic(code="x", message=f"{number}.", place=place, severity=severity)


@pytest.mark.parametrize(
    ("others", "severity"),
    [
        ([Severity.WARNING], Severity.WARNING),
        ([Severity.WARNING, Severity.ERROR], Severity.ERROR),
        ([Severity.ERROR], Severity.ERROR),
    ],
)
def test_what_is_more_is_as_grave_as_the_gravest_of_it(others: list[Severity], severity: Severity) -> None:
    severities = [Severity.ERROR] * MAX_FINDINGS + others
    found = checked("", *(finding(number, one) for number, one in enumerate(severities, 1)))

    assert len(found.diagnostics) == MAX_FINDINGS + 1
    assert found.diagnostics[-1].severity is severity
    assert found.diagnostics[-1].code == "more-findings"


def test_fifty_are_not_cut() -> None:
    found = checked("", *(finding(number, Severity.ERROR) for number in range(1, MAX_FINDINGS + 1)))

    assert {one.code for one in found.diagnostics} == {"x"}


def test_a_guess_at_the_very_edges_of_a_document_is_within() -> None:
    at_end = OWNER.removesuffix("\n") + "\nheadcount: 0123\n"
    found = checked("headcount: 0123\n" + OWNER)
    assert [one.code for one in found.diagnostics] == ["unknown-key", "ambiguous-scalar"]

    for text in ("headcount: 0123\n" + OWNER, at_end):
        assert checked(text).items == ()
        assert len(checked(text).broken) == 1


def test_mistakes_are_looked_for_up_to_a_thousand() -> None:
    assert MANY == 1_000
    keys = "".join(f"key_{number}: x\n" for number in range(1_100))
    documents, _ = load_text("a.yaml", OWNER + keys)
    assert len(list(explain(documents[0], "owner"))) == MANY
