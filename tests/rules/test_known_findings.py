"""What makes two findings the same to a baseline: rule, definition, message and what is underlined."""

import json

import pytest
from surroundings import case, kpi

from kpiascode.lint import MAX_BASELINE, BrokenBaseline, Fingerprints, Known, read_baseline, written
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.place import Place, Span

TEXT = "# Above.\n" + kpi("sum(net_amount) / sum(net_amount)")
CASE = case(TEXT)
LAST = 1 + CASE.text.splitlines().index("direction: higher")


def prints(text: str = CASE.text) -> Fingerprints:
    return Fingerprints(CASE.project.documents, {"kpis.yaml": text})


def found(
    line: int, start: int = 1, end: int = 2, last: int | None = None, message: str = "So."
) -> Diagnostic:
    span = Span(line, start, last or line, end)
    return Diagnostic(code="self-division", message=message, place=Place("kpis.yaml", span))


def known(text: str, finding: Diagnostic) -> Known:
    return prints(text).known(finding)


@pytest.mark.parametrize("line", [1, LAST + 1, 10_000])
def test_what_stands_in_no_definition_is_of_none(line: int) -> None:
    assert (prints().known(found(line)).kind, prints().known(found(line)).name) == ("", "")


@pytest.mark.parametrize("line", [2, 3, LAST])
def test_what_stands_in_a_definition_is_of_it_from_its_first_line_to_its_last(line: int) -> None:
    assert (prints().known(found(line)).kind, prints().known(found(line)).name) == ("kpi", "asked")


def test_what_stands_in_a_file_without_definitions_is_of_none() -> None:
    elsewhere = Diagnostic(code="self-division", message="So.", place=Place("other.yaml", Span(2, 1, 2, 5)))

    assert prints().known(elsewhere).name == ""


def test_what_is_underlined_counts_and_nothing_beside_it() -> None:
    before = known("x: one two\n", found(1, 4, 7))

    assert known("y:one!two\n", found(1, 3, 6)) == before
    assert known("x: one two\n", found(1, 4, 8)) == before
    assert known("x: two one\n", found(1, 4, 7)) != before
    assert known("x: one two\n", found(1, 4, 11)) != before


def test_the_last_line_of_a_file_counts_as_the_first_does() -> None:
    assert known("x\ny", found(2)) == known("x\ny\nz", found(2))
    assert known("x\ny", found(2)) != known("x\nz", found(2))


def test_of_several_lines_the_first_counts_to_its_end() -> None:
    before = known("x: one\n  two\n", found(1, 4, 2, last=2))

    assert known("x: one\n  three\n", found(1, 4, 2, last=2)) == before
    assert known("x: one more\n  two\n", found(1, 4, 2, last=2)) != before


def test_blanks_do_not_count() -> None:
    assert known("x: a  /   b\n", found(1, 4, 12)) == known("x: a / b\n", found(1, 4, 9))


def test_a_place_that_a_message_tells_does_not_count() -> None:
    one, other = (found(2, message=f"As in kpis/a.yaml:{line}:3.") for line in (1, 20))

    assert prints().known(one) == prints().known(other)
    assert prints().known(one) != prints().known(found(2, message="Otherwise."))


def test_a_message_is_written_as_it_is_read_and_sorted_by_definition() -> None:
    text = written([found(2, message="Größe"), found(1, message="Ä")], prints())

    assert text.index("Ä") < text.index("Größe")
    assert [entry["name"] for entry in json.loads(text)["known"]] == ["", "asked"]


def test_a_baseline_may_be_as_large_as_it_may_be_and_no_larger() -> None:
    text = written([found(2)], prints()).encode()

    assert read_baseline(text.ljust(MAX_BASELINE)).total() == 1
    with pytest.raises(BrokenBaseline, match="is larger than"):
        read_baseline(text.ljust(MAX_BASELINE + 1))
