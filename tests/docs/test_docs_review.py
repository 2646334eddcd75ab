"""docs/review.md names what there is: kinds of changes, classes and their order, proofs, roles, and what is cut."""

import re
from enum import Enum
from pathlib import Path

import pytest
from click.testing import CliRunner
from doc_pages import ROOT, Page, codes, tables

from kpiascode.cli.diff_command import SECONDS
from kpiascode.cli.main import main
from kpiascode.model.changes import CLASSES, ChangeClass, ChangeKind, Flag, Proof, Role, TimeEffect
from kpiascode.pipeline.numbering import PERIODS
from kpiascode.render.review.markdown import LADDER, MOST

REVIEW = Page(ROOT / "docs" / "review.md")


def rows(first: str, section: str) -> list[tuple[str, ...]]:
    """Return the rows of the table of a section whose head begins with a word."""
    [found] = [rows for rows in tables(REVIEW.section(section)) if rows[0][0] == first]
    return list(found[1:])


def test_all_kinds_are_told_in_their_order_with_their_classes() -> None:
    told = [(codes(kind)[0], weight) for weight, kind, _ in rows("class", "Kinds of changes")]

    assert told == [(kind.value, CLASSES[kind].value) for kind in ChangeKind]


def test_of_each_kind_something_is_said() -> None:
    assert all(words for _, _, words in rows("class", "Kinds of changes"))


@pytest.mark.parametrize(
    ("section", "first", "all_there_are"),
    [
        ("What is told", "time", TimeEffect),
        ("What is told", "flag", Flag),
        ("What is the same", "proof", Proof),
        ("Who has to agree", "why", Role),
    ],
)
def test_a_table_names_all_there_are(section: str, first: str, all_there_are: type[Enum]) -> None:
    assert {codes(row[0])[0] for row in rows(first, section)} == {one.value for one in all_there_are}


def test_the_gate_names_the_classes_in_their_order() -> None:
    sentence = re.search(r"in this order: (.*?)\.\n", REVIEW.section("The gate"), re.DOTALL)

    assert sentence
    assert list(codes(sentence[1].replace("\n", " "))) == [one.value for one in ChangeClass]


def test_what_is_left_out_is_what_the_page_says() -> None:
    text = " ".join(REVIEW.section("The comment").split())
    series = [cut.series for cut in LADDER]
    shown = [cut.rows for cut in LADDER]

    assert f"never has more than {MOST:,}." in text
    assert [cut.sql for cut in LADDER] == [True, False, False, False, False]
    assert 10 in series
    assert "all but ten KPIs" in text
    assert shown[-2:] == [50, 0]
    assert "all rows but fifty, then all rows" in text


def test_how_many_periods_and_how_long() -> None:
    assert (PERIODS, "last twelve periods" in REVIEW.text) == (12, True)
    assert (SECONDS, "stopped after a minute" in REVIEW.text) == (60, True)


def test_the_first_page_shows_what_is_printed(pull_request: Path) -> None:
    """All but `...`, which stands for what is left out there."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = next(part for part in text.split("```text\n") if "value-changing" in part.split("```")[0])
    words = ["diff", "main", "--as-of", "2026-01-01", "--project", str(pull_request)]
    printed = re.sub(r"@[0-9a-f]{7}\b", "@1a2b3c4", CliRunner().invoke(main, words).stdout)
    lines = printed.replace("\N{NO-BREAK SPACE}", " ").splitlines()

    for line in shown.split("```")[0].splitlines():
        assert line in (*lines, "...")
