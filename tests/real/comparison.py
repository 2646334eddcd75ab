"""What the product told, object by object, against what the oracle says."""

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeAlias

from click.testing import Result

from .oracle import KPIS, Answer, Question, answer
from .oracle_base import Number, Slice

Told: TypeAlias = dict[str, Any]
Run: TypeAlias = Callable[..., Result]

KEYS: Final = {"kpi", "grain", "period", "from", "to", "slice", "value", "complete"}
RELATIVE: Final = Decimal("1e-9")


def options(question: Question, project: Path) -> list[str]:
    """Return the words after `kpi run` and the names of the KPIs."""
    by = [word for dimension in question.by for word in ("--by", dimension)]
    return [
        *("--project", str(project), "--grain", question.grain, *by),
        *("--from", question.start.isoformat(), "--to", question.end.isoformat()),
        *("--as-of", question.as_of.isoformat(), "--format", "json"),
    ]


def told_by(result: Result) -> list[Told]:
    """Return the objects that a clean run printed."""
    assert result.exit_code == 0, f"exit code {result.exit_code}\n{result.output}"
    told: list[Told] = json.loads(result.stdout)
    assert all(set(one) == KEYS for one in told), f"keys are {sorted({key for one in told for key in one})}"
    return told


def assert_refused(result: Result) -> None:
    """Assert that the command said no, with a sentence and without an answer; a crash is no refusal."""
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code in (1, 2), result.output
    assert (result.stdout, bool(result.stderr)) == ("", True)


def number(value: object) -> Number:
    """Return the decimal that a text holds; a JSON number or not-a-number is no answer."""
    if value is None:
        return None
    assert isinstance(value, str), f"{value!r} is no text"
    assert Decimal(value).is_finite(), f"{value} is not finite"
    return Decimal(value)


def slice_of(told: Told, by: Sequence[str]) -> Slice:
    assert set(told["slice"]) == set(by), f"the slice {told['slice']} is not by {by}"
    return tuple(told["slice"][dimension] for dimension in by)


def is_same(value: Number, expected: Number, kpi: str) -> bool:
    """Return whether two values agree: to the last digit, or to 1e-9 where division was involved."""
    if value is None or expected is None or KPIS[kpi].exact:
        return value == expected
    return is_close(value, expected)


def is_close(value: Decimal, expected: Decimal) -> bool:
    return abs(value - expected) <= RELATIVE * max(abs(value), abs(expected))


def assert_says(told: Sequence[Told], question: Question, expected: Answer | None = None) -> None:
    """Assert that the same periods and slices are told, no more no less, each with its value."""
    expected = answer(question) if expected is None else expected
    found = {(one["period"], slice_of(one, question.by)): one for one in told}
    assert len(found) == len(told), "a period and slice is told twice"
    assert set(found) == set(expected), (
        f"missing: {sorted(expected.keys() - found.keys(), key=str)}, "
        f"too many: {sorted(found.keys() - expected.keys(), key=str)}"
    )
    wrong = {
        key: (one["value"], expected[key])
        for key, one in found.items()
        if not is_same(number(one["value"]), expected[key], question.kpi)
    }
    assert not wrong, (
        f"{len(wrong)} of {len(found)} values differ (told, expected): {dict(list(wrong.items())[:20])}"
    )
    assert_frame(told, question)


def assert_frame(told: Sequence[Told], question: Question) -> None:
    """Assert what stands around the values: KPI, grain, days of the period, and whether it is over."""
    spans = {period.name: period.span for period in question.periods}
    frames = {
        name: {
            "kpi": question.kpi,
            "grain": question.grain,
            "from": span.start.isoformat(),
            "to": span.end.isoformat(),
            "complete": span.end <= question.as_of,
        }
        for name, span in spans.items()
    }
    for one in told:
        frame = frames[one["period"]]
        assert {key: one[key] for key in frame} == frame
