"""What the fuzzers throw things at, and what must hold whatever they throw.

Each target takes one input and raises where kpiascode is wrong: an exception that is no finding, a finding
without place or meaning, a text that would drive a terminal. Hypothesis and atheris drive the same targets.
"""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from kpiascode.cli.formats.named import FORMATS
from kpiascode.cli.formats.report import Report
from kpiascode.load import load_text
from kpiascode.load.comments import allows, near_allows
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.document import Documents
from kpiascode.model.expression import Expression
from kpiascode.model.spelling import spelled
from kpiascode.pipeline import reading
from kpiascode.pipeline.explaining import explanation
from kpiascode.resolve import ExpressionError, parse
from kpiascode.validate import validate

LONGEST = 1_000
"""Of a message or a hint, in characters."""

Plain: TypeAlias = Any


class Choices(Protocol):
    """Where the choices of a mutation come from."""

    def pick(self, count: int) -> int:
        """Return a number from 0 to less than `count`."""
        ...

    def text(self) -> str:
        """Return any text."""
        ...


# --- the reader of files


def load_bytes(data: bytes) -> None:
    """Read bytes as a file of definitions, and check its shape."""
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return
    documents, findings = load_text("fuzzed.yaml", text)
    _, about_allows = allows("fuzzed.yaml", text, documents)
    near_allows("fuzzed.yaml", text, documents)
    for document in documents:
        for where in document.values:
            document.place(where)
            document.data_at(where)
        for where in document.keys:
            document.place_of_key(where)
    checked = validate(Documents(project=None, items=documents, diagnostics=(*findings, *about_allows)))
    for finding in checked.diagnostics:
        assert_proper(finding, {"fuzzed.yaml": text})


# --- the reader of expressions


def read_expression(text: str) -> Expression | None:
    """Read a text as an expression. What can be read is spelled so that it reads as the same again."""
    found = parsed(text)
    if isinstance(found, ExpressionError):
        start, end = found.at
        assert 0 <= start <= end <= len(text), (found.at, len(text))
        assert_harmless(found.message)
        assert_harmless(found.hint or "")
        assert explanation(found.code) is not None, found.code
        return None
    again = spelled(found)
    if len(again) < len(text):
        assert spelled(parse(again)) == again
    return found


def parsed(text: str) -> Expression | ExpressionError:
    try:
        return parse(text)
    except ExpressionError as error:
        return error


# --- the whole of `kpi check`


def check(folder: Path) -> tuple[Diagnostic, ...]:
    """Check a project without computing its examples, and print the findings in every format."""
    checked = reading.check(folder)
    for finding in checked.diagnostics:
        assert_proper(finding, checked.documents.sources)
    report = Report(findings=checked.diagnostics, sources=checked.documents.sources)
    for name, form in FORMATS.items():
        text = form(report)
        assert_harmless(text.replace("\n", ""), name)
        if name == "json":
            assert len(json.loads(text)) == len(checked.diagnostics)
    return checked.diagnostics


def assert_proper(finding: Diagnostic, sources: Mapping[str, str]) -> None:
    """A finding is about a place that exists, has a meaning, and says it in a line."""
    assert explanation(finding.code) is not None, finding.code
    assert finding.message.endswith((".", "?")), finding.message
    for part in (finding.message, finding.hint or "", finding.note or ""):
        assert len(part) <= LONGEST, part
        assert "\n" not in part, part
    span = finding.place.span
    if finding.place.path in sources:
        lines = sources[finding.place.path].replace("\r\n", "\n").split("\n")
        assert 1 <= span.line <= span.end_line <= len(lines), (finding, len(lines))
        assert 1 <= span.column <= len(lines[span.line - 1]) + 1, finding
        assert (span.line, span.column) <= (span.end_line, span.end_column), finding


def assert_harmless(text: str, what: str = "") -> None:
    """Nothing in a text drives a terminal or turns its direction around."""
    odd = [character for character in text if not (character.isprintable() or character in "\u200b\u00a0")]
    assert not [character for character in odd if not character.isspace()], (what, odd[:5])


# --- documents with something changed

ODD: tuple[Plain, ...] = (
    *(None, True, False, "", " ", "x", "X", 0, -1, 1, 10**17, 0.5, -0.001, 1e20, [], {}, [None], [[]]),
    *({"": None}, {"x": {}}, [{}], ["x", "x"], "sum(amount)", "count(*)", "basket", "net_sales", "orders"),
    *("customer.country", "2026-02-30", "2025-01-01", "../x.csv", "data/orders.csv", "/dev/zero"),
    *(
        "\u202e",
        "na\u0456ve",
        "a" * 300,
        "1 day",
        "week",
        "month",
        "all",
        "percent",
        "{x}",
        "x\ny",
        "# kpi: allow",
    ),
    *("previous(net_sales, 1 year)", "rolling(sum(amount), 28 days)", "share(sum(amount), of channel)"),
    *(
        "closing(sum(amount))",
        "cohort_size()",
        "step(1)",
        "net_sales + basket",
        "avg(sum(amount) per customer_id)",
    ),
    *(
        {"currency": "EUR"},
        {"from": "2025-01-01", "to": "2026-01-01"},
        {"min": 1, "max": 0},
        {"kpi": "basket"},
    ),
)
KEYS = (
    *(
        "kind",
        "name",
        "title",
        "owner",
        "dataset",
        "expression",
        "where",
        "time",
        "grain",
        "dimensions",
        "unit",
    ),
    *(
        "direction",
        "bounds",
        "cohort",
        "funnel",
        "revisions",
        "examples",
        "counter_kpis",
        "fields",
        "columns",
    ),
    *(
        "primary_key",
        "relationships",
        "valid",
        "format",
        "target",
        "targets",
        "results",
        "measure",
        "path",
        "xyz",
    ),
)
DEEPEST = 6


def places(data: Plain, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value in plain data."""
    found = [above]
    if len(above) < DEEPEST:
        steps = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
        for step, value in steps:
            found += places(value, (*above, step))
    return found


def at(data: Plain, where: Sequence[Any]) -> Plain:
    for step in where:
        data = data[step]
    return data


def copied(data: Plain) -> Plain:
    match data:
        case dict():
            return {key: copied(value) for key, value in data.items()}
        case list():
            return [copied(value) for value in data]
        case Decimal():
            return float(data)
        case _:
            return data


def mutate(documents: list[Plain], choices: Choices) -> None:
    """Change one thing somewhere in the documents."""
    number = choices.pick(len(documents))
    document = documents[number]
    ways = [where for where in places(document) if where]
    if not ways:
        documents[number] = copied(ODD[choices.pick(len(ODD))])
        return
    where = ways[choices.pick(len(ways))]
    parent, step = at(document, where[:-1]), where[-1]
    match choices.pick(9):
        case 0 | 1:
            parent[step] = copied(ODD[choices.pick(len(ODD))])
        case 2:
            del parent[step]
        case 3 if isinstance(parent, dict):
            parent[KEYS[choices.pick(len(KEYS))]] = parent.pop(step)
        case 4 if isinstance(parent, dict):
            parent[KEYS[choices.pick(len(KEYS))]] = copied(ODD[choices.pick(len(ODD))])
        case 5:
            other = documents[choices.pick(len(documents))]
            others = places(other)
            parent[step] = copied(at(other, others[choices.pick(len(others))]))
        case 6 if isinstance(parent[step], str):
            text = parent[step]
            cut, end = sorted((choices.pick(len(text) + 1), choices.pick(len(text) + 1)))
            parent[step] = text[:cut] + choices.text() + text[end:]
        case 7:
            documents.append(copied(document))
        case 8 if isinstance(parent, list):
            parent.insert(choices.pick(len(parent) + 1), copied(parent[step]))
        case _:
            parent[step] = choices.text()


def as_yaml(documents: Sequence[Plain]) -> str:
    """Return documents as YAML, one to a line: JSON is YAML, too."""
    return "\n---\n".join(json.dumps(document, ensure_ascii=False) for document in documents) + "\n"
