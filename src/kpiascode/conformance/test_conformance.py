"""Every case on the engine of `--kpi-engine`, and every mark that is needed."""

import pytest

from kpiascode.conformance.cases import Case
from kpiascode.conformance.outcomes import Different, Equal, Failed, Refused, outcome
from kpiascode.conformance.plugin import Suite

MOST_LINES = 20


def test_case(kpi_case: Case, kpi_suite: Suite) -> None:
    found = kpi_suite.outcomes[kpi_case.name] = outcome(kpi_case, kpi_suite.connection)
    mark = kpi_suite.mark_of(kpi_case.name)
    if mark is not None and mark.excuses(found):
        pytest.xfail(f"{mark.kind}: {mark.reason}")
    match found:
        case Equal():
            if mark is not None:
                pytest.fail(f"It is right, and marked {mark.kind}: drop the mark.", pytrace=False)
        case Refused(why):
            pytest.fail(f"refused, and not marked: {why}", pytrace=False)
        case Failed(why):
            pytest.fail(f"no answer, and not marked: {why}", pytrace=False)
        case Different(lines):
            more = len(lines) - MOST_LINES
            shown = [*lines[:MOST_LINES], *([f"... and {more} more"] if more > 0 else [])]
            pytest.fail("wrong numbers, which no mark excuses:\n" + "\n".join(shown), pytrace=False)


def test_every_pattern_of_the_marks_is_needed(kpi_suite: Suite) -> None:
    needless = [mark.case for mark in kpi_suite.unneeded()]
    assert not needless, f"these patterns excuse nothing: {needless}"
