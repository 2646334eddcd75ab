"""The comparison of two versions of sqlglot finds what is planted, and nothing where nothing is."""

from dataclasses import replace
from typing import Final

import pytest

import sqlglot_bump
from sqlglot_bump import Made, Values, by_hand, changed_meanings, changed_texts, lost, report, unread

NAME: Final = "ratio_of_sums"
HAND: Final[dict[str, Values]] = {NAME: {"price 2025-01": "2.5", "price 2025-02": None}}
BEFORE: Final = Made(
    "1.0",
    texts={
        "duckdb": {NAME: "-- price\nSELECT a / NULLIF(b, 0)"},
        "postgres": {NAME: "-- price\nSELECT a / NULLIF(b, 0)"},
    },
    answers={"duckdb": {NAME: dict(HAND[NAME])}, "sqlite": {NAME: "error[cannot-compile]: no zones"}},
)


def after(
    *, text: str | None = None, values: Values | str | None = None, refused: Values | str | None = None
) -> Made:
    """Return the same with another text of Postgres, other values of DuckDB, or another answer of SQLite."""
    texts, answers = dict(BEFORE.texts), dict(BEFORE.answers)
    if text is not None:
        texts["postgres"] = {NAME: text}
    if values is not None:
        answers["duckdb"] = {NAME: values}
    if refused is not None:
        answers["sqlite"] = {NAME: refused}
    return Made("2.0", texts, answers)


def test_nothing_is_found_where_nothing_differs() -> None:
    assert changed_texts(BEFORE, after()) == {"duckdb": [], "postgres": []}
    assert list(changed_meanings(BEFORE, after(), HAND)) == []


def test_another_text_is_found_in_its_dialect_and_is_no_other_meaning() -> None:
    other = after(text="-- price\nSELECT a / b")

    assert changed_texts(BEFORE, other) == {"duckdb": [], "postgres": [NAME]}
    assert list(changed_meanings(BEFORE, other, HAND)) == []


def test_what_is_not_compiled_any_more_is_found() -> None:
    other = after(text="AttributeError: no such node")

    assert list(lost(BEFORE, after())) == []
    assert list(lost(BEFORE, other)) == [
        f"postgres: 1 are not compiled any more, such as {NAME}: AttributeError: no such node"
    ]
    assert list(lost(other, BEFORE)) == []


def test_a_dialect_that_no_engine_here_speaks_has_to_be_read() -> None:
    texts = changed_texts(BEFORE, after(text="-- price\nSELECT a / b"))

    assert unread(texts, ["duckdb", "sqlite"]) == ["postgres"]
    assert unread({"duckdb": [NAME], "clickhouse": [NAME]}, ["duckdb", "chdb"]) == []


@pytest.mark.parametrize(
    ("other", "found"),
    [
        pytest.param(
            after(values=HAND[NAME] | {"price 2025-01": "2"}),
            [
                f"duckdb, {NAME}: 1 of 2 values are not what they were: price 2025-01 is 2, not 2.5",
                f"duckdb, {NAME}: 1 values are not those by hand: price 2025-01 is 2, not 2.5",
            ],
            id="another value",
        ),
        pytest.param(
            after(values=HAND[NAME] | {"price 2025-02": "0"}),
            [
                f"duckdb, {NAME}: 1 of 2 values are not what they were: price 2025-02 is 0, not None",
                f"duckdb, {NAME}: 1 values are not those by hand: price 2025-02 is 0, not None",
            ],
            id="zero instead of null",
        ),
        pytest.param(
            after(values={"price 2025-01": "2.5"}),
            [
                f"duckdb, {NAME}: 1 of 1 values are not what they were: price 2025-02 is no row, not None",
                f"duckdb, {NAME}: 1 values are not those by hand: price 2025-02 is no row, not None",
            ],
            id="a row is lost",
        ),
        pytest.param(
            after(values="error: division by zero"),
            [f"duckdb, {NAME}: no answer any more, but: error: division by zero"],
            id="an error",
        ),
        pytest.param(
            after(values=HAND[NAME] | {"price 2025-01": "2.500000000001"}),
            [f"duckdb, {NAME}: 1 of 2 values are not what they were: price 2025-01 is 2.500000000001, not 2.5"],
            id="another digit",
        ),
        pytest.param(after(values=HAND[NAME] | {"price 2025-01": "2.50"}), [], id="one more zero"),
        pytest.param(
            after(refused=dict(HAND[NAME])),
            [f"sqlite, {NAME}: an answer, and before: error[cannot-compile]: no zones"],
            id="no longer refused",
        ),
        pytest.param(
            after(refused={"price 2025-01": "3", "price 2025-02": None}),
            [
                f"sqlite, {NAME}: an answer, and before: error[cannot-compile]: no zones",
                f"sqlite, {NAME}: 1 values are not those by hand: price 2025-01 is 3, not 2.5",
            ],
            id="no longer refused, and wrong",
        ),
    ],
)  # fmt: skip
def test_another_meaning_is_found(other: Made, found: list[str]) -> None:
    assert list(changed_meanings(BEFORE, other, HAND)) == found


def test_an_engine_that_is_not_asked_any_more_is_found() -> None:
    other = replace(after(), answers={"duckdb": BEFORE.answers["duckdb"]})

    assert list(changed_meanings(BEFORE, other, HAND)) == [
        f"sqlite, {NAME}: no answer any more, but: is not asked any more"
    ]


@pytest.mark.parametrize(("values", "code"), [(None, 0), ({"price 2025-01": "2", "price 2025-02": None}, 1)])
def test_the_report_ends_with_1_where_a_meaning_differs(
    values: Values | None, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sqlglot_bump, "by_hand", lambda: HAND)

    assert report(BEFORE, after(text="-- price\nSELECT a / b", values=values), lines_shown=8) == code
    told = capsys.readouterr().out
    assert "  postgres       1 of 1\n      ratio_of_sums\n      @@ -2 +2 @@\n" in told
    assert ("none" in told) == (code == 0)
    assert "Run by no engine here, so read what differs: postgres." in told


def test_what_was_computed_by_hand_is_what_the_cases_hold() -> None:
    found = by_hand()

    assert found["time_forms"].keys() >= {"growth 2025-02", "ever 2025-02"}
    assert any(value is None for values in found.values() for value in values.values())
