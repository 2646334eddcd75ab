"""`kpi publish`, `kpi history`, `kpi ledger`: what was told is remembered, and a changed past is not told in silence."""

import csv
import io
import json
import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from command_line import NEW_YEAR, Kpi, replace, validator

from kpiascode.cli import publish_command

JANUARY = "2025-01-10,1,online,10.50"
"""An order of the shop; with the others of its month 30.50 euros."""


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Return the time that it is, which a test may set."""
    times = [datetime(2026, 1, 2, 8, 30, tzinfo=UTC)]

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return times[0]

    monkeypatch.setattr(publish_command, "datetime", Clock)
    return times


def late_invoice(shop: Path, to: str = "2025-01-10,1,online,11.50") -> None:
    replace(shop / "data" / "orders.csv", JANUARY, to)


def segments(shop: Path) -> list[Path]:
    return sorted((shop / "ledger").glob("*/*.jsonl"), key=lambda file: file.stat().st_mtime_ns)


def lines(file: Path, kind: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [line for line in found if line["kind"] == kind]


def values(file: Path, kpi: str = "net_sales") -> dict[str, str | None]:
    return {line["period"]: line["value"] for line in lines(file, "value") if line["kpi"] == kpi}


def site(shop: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (shop / "site").rglob("*") if path.is_file()}


# --- what is recorded


def test_closed_periods_are_recorded_with_all_that_explains_them(kpi: Kpi, shop: Path) -> None:
    said = kpi.answer("publish", *NEW_YEAR)

    [file] = segments(shop)
    assert f"Recorded {len(lines(file, 'value'))} values of 4 KPIs: {file}" in said
    [head] = lines(file, "publication")
    assert (head["at"], head["as_of"], head["parents"]) == ("2026-01-02T08:30:00Z", "2026-01-01T00:00:00", [])
    assert (head["scorecard"], head["channel"], head["audiences"]) == (None, "site", ["shop"])
    january = next(
        line for line in lines(file, "value") if (line["kpi"], line["period"]) == ("net_sales", "2025-01")
    )
    assert (january["value"], january["unit"], january["restates"]) == ("30.5", "EUR", None)
    assert january["watermark"] == "2025-12-31T00:00:00"
    told = {line["kpi"]: line["formula"] for line in lines(file, "kpi")}
    assert january["definition"] == told["net_sales"]


def test_a_period_that_runs_is_not_recorded(kpi: Kpi, shop: Path) -> None:
    kpi.answer("publish", "--as-of", "2025-12-15")

    assert "2025-12" not in values(segments(shop)[0])


def test_only_what_is_new_is_recorded_and_the_newest_period_once_more(kpi: Kpi, shop: Path) -> None:
    kpi.answer("publish", *NEW_YEAR)
    kpi.answer("publish", *NEW_YEAR, "--channel", "email", "--recipients", "120")
    assert list(values(segments(shop)[1])) == ["2025-12"]

    kpi.answer("publish", "--as-of", "2026-02-01")
    assert list(values(segments(shop)[2])) == ["2026-01"]


def test_a_scorecard_is_published_with_its_kpis_and_its_audience(kpi: Kpi, shop: Path) -> None:
    [card] = [line.split()[0] for line in kpi.answer("list", "scorecards").splitlines() if "shop" in line][:1]
    kpi.answer("publish", card, *NEW_YEAR, "--audience", "shop")

    [file] = segments(shop)
    assert lines(file, "publication")[0]["scorecard"] == card


def test_of_people_only_counts_are_kept_and_no_small_ones(kpi: Kpi, shop: Path) -> None:
    kpi.answer("publish", *NEW_YEAR, "--recipients", "120", "--delivered", "117", "--acknowledged", "4")

    [head] = lines(segments(shop)[0], "publication")
    assert (head["recipients"], head["delivered"], head["acknowledged"]) == (120, 117, "<5")


def test_what_was_sent_is_known_by_its_hash(kpi: Kpi, shop: Path) -> None:
    (shop / "mail.html").write_text("Dear all")
    kpi.answer("publish", *NEW_YEAR, "--artefact", "mail.html", "--note", "Returns count from now on.")

    [head] = lines(segments(shop)[0], "publication")
    assert head["artefact"] == sha256(b"Dear all").hexdigest()
    assert head["note"] == "Returns count from now on."


def test_git_does_not_touch_the_line_ends_of_the_ledger(kpi: Kpi, shop: Path) -> None:
    kpi.answer("publish", *NEW_YEAR)

    assert (shop / "ledger" / ".gitattributes").read_bytes() == b"* -text\n"


def test_the_same_bytes_come_of_the_same_at_the_same_time(kpi: Kpi, shop: Path) -> None:
    kpi.answer("publish", *NEW_YEAR)
    kpi.answer("publish", *NEW_YEAR, "--ledger", "other")

    one, other = ([(f.name, f.read_bytes()) for f in (shop / d).glob("2026/*")] for d in ("ledger", "other"))
    assert one == other


def test_the_site_is_the_one_that_build_makes_of_the_ledger(kpi: Kpi, shop: Path) -> None:
    kpi.answer("publish", *NEW_YEAR)
    published = site(shop)
    kpi.answer("build", *NEW_YEAR)

    assert site(shop) == published


# --- the very same again


def test_the_very_same_again_adds_nothing(kpi: Kpi, shop: Path, clock: list[datetime]) -> None:
    kpi.answer("publish", *NEW_YEAR)
    clock[0] += timedelta(hours=1)

    assert "Already recorded" in kpi.answer("publish", *NEW_YEAR)
    assert len(segments(shop)) == 1


@pytest.mark.parametrize(
    "more",
    [("--channel", "email"), ("--as-of", "2026-01-02"), ("--recipients", "20"), ("--note", "Hello.")],
    ids=" ".join,
)
def test_what_differs_is_another_publication(kpi: Kpi, shop: Path, more: tuple[str, ...]) -> None:
    kpi.answer("publish", *NEW_YEAR)
    kpi.answer("publish", *NEW_YEAR, *more)

    assert len(segments(shop)) == 2


# --- a changed past


def test_a_closed_period_that_changed_is_not_published(kpi: Kpi, shop: Path) -> None:
    kpi.answer("publish", *NEW_YEAR)
    before = site(shop)
    late_invoice(shop)

    result = kpi("publish", *NEW_YEAR)

    assert (result.exit_code, result.stdout) == (1, "")
    assert (
        "error[closed-period-changed]: `net_sales` of 2025-01 was published as 30.5 EUR and is 31.5 EUR now: the data "
        "changed." in result.stderr
    )
    assert "3 errors. Nothing was published." in result.stderr
    assert len(segments(shop)) == 1
    assert site(shop) == before


def test_a_definition_that_changed_is_told_as_such(kpi: Kpi, shop: Path) -> None:
    kpi.answer("publish", *NEW_YEAR)
    definitions = next(file for file in (shop / "kpis").glob("*.yaml") if "sum(amount)" in file.read_text())
    definitions.write_text(definitions.read_text().replace("sum(amount)", "sum(amount * 2)", 1))

    told = kpi("publish", *NEW_YEAR).stderr

    assert (
        "`net_sales` of 2025-01 was published as 30.5 EUR and is 61 EUR now: the definition changed." in told
    )


def test_with_a_reason_both_values_are_kept(kpi: Kpi, shop: Path) -> None:
    kpi.answer("publish", *NEW_YEAR)
    late_invoice(shop)
    said = kpi.answer("publish", *NEW_YEAR, "--restate", "A late invoice", "--author", "Ann")

    first, second = segments(shop)
    assert "3 of them restated" in said
    was = next(
        line for line in lines(first, "value") if (line["kpi"], line["period"]) == ("net_sales", "2025-01")
    )
    now = next(
        line for line in lines(second, "value") if (line["kpi"], line["period"]) == ("net_sales", "2025-01")
    )
    assert (now["value"], now["restates"], now["reason"], now["author"]) == (
        "31.5",
        was["hash"],
        "A late invoice",
        "Ann",
    )
    assert values(first)["2025-01"] == "30.5"


def test_a_value_may_go_back_and_is_restated_then_too(kpi: Kpi, shop: Path) -> None:
    orders = (shop / "data" / "orders.csv").read_text()
    kpi.answer("publish", *NEW_YEAR)
    late_invoice(shop)
    kpi.answer("publish", *NEW_YEAR, "--restate", "A late invoice", "--author", "Ann")
    (shop / "data" / "orders.csv").write_text(orders)

    assert kpi("publish", *NEW_YEAR).exit_code == 1
    kpi.answer("publish", *NEW_YEAR, "--restate", "It was no invoice", "--author", "Ann")
    assert [values(file).get("2025-01") for file in segments(shop)] == ["30.5", "31.5", "30.5"]
    assert "6 restated" in kpi.answer("ledger", "verify")


def test_a_reason_without_a_change_is_told_to_be_none(kpi: Kpi, shop: Path) -> None:
    result = kpi("publish", *NEW_YEAR, "--restate", "Just so", "--author", "Ann")

    assert result.exit_code == 0
    assert "nothing was restated" in result.stderr
    assert "Just so" not in segments(shop)[0].read_text()


def test_a_period_before_the_first_value_is_not_told(kpi: Kpi, shop: Path) -> None:
    """Rows begin on 30 June, so that June is no whole month, and the next online order is of December."""
    orders = shop / "data" / "orders.csv"
    head, *rows = orders.read_text().splitlines()
    orders.write_text("\n".join([head, *(row for row in rows if row >= "2025-06")]) + "\n")

    kpi.answer("publish", *NEW_YEAR)

    assert min(values(segments(shop)[0], "online_share")) == "2025-12"


def test_a_value_that_comes_late_restates_nothing(kpi: Kpi, shop: Path) -> None:
    """In June without its only order there is no sum and no share, but there are no orders: 0. Then it comes in."""
    orders = shop / "data" / "orders.csv"
    text = orders.read_text()
    head, *rows = text.splitlines()
    orders.write_text("\n".join([head, *(row for row in rows if "2025-06" not in row)]) + "\n")
    kpi.answer("publish", *NEW_YEAR)
    assert values(segments(shop)[0], "online_share")["2025-06"] is None
    orders.write_text(text)

    told = kpi("publish", *NEW_YEAR).stderr

    assert "`order_count` of 2025-06-30 was published as 0 count and is 1 count now" in told
    assert "`online_share`" not in told
    assert "`net_sales`" not in told


def test_the_last_digits_of_a_double_are_no_change_and_do_not_add_up(kpi: Kpi, shop: Path) -> None:
    """`online_share` is a quotient: 10.5 of 30.5. A trillionth more is the noise of another order of addition."""
    kpi.answer("publish", *NEW_YEAR)
    file = next(f for f in (shop / "kpis").glob("*.yaml") if "name: online_share" in f.read_text())
    text = file.read_text()
    expression = next(
        line for line in text[text.index("name: online_share") :].splitlines() if "expression:" in line
    )
    noisy = f"expression: ({expression.split(': ', 1)[1]}) * 1.000000000001"
    file.write_text(text.replace(expression.strip(), noisy, 1))

    kpi.answer("publish", *NEW_YEAR, "--channel", "email")

    first, second = segments(shop)
    assert values(second, "online_share") == {"2025-12": values(first, "online_share")["2025-12"]}


# --- wrong words


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(["--audience", "shopp"], "There is no org unit `shopp`. Did you mean `shop`?", id="a unit"),
        pytest.param(["monthy"], "There is no scorecard `monthy`.", id="a scorecard"),
        pytest.param(["--recipients", "10", "--delivered", "11"], "--delivered 11 is more than --recipients 10", id="more than all"),
        pytest.param(["--recipients", "10", "--acknowledged", "11"], "is more than --recipients 10", id="more read than sent"),
        pytest.param(["--delivered", "10"], "--delivered says little without --recipients", id="a part of what"),
        pytest.param(["--recipients", "-1"], "is not in the range", id="fewer than none"),
        pytest.param(["--restate", "Because"], "go together", id="a reason of nobody"),
        pytest.param(["--author", "Ann"], "go together", id="somebody without a reason"),
        pytest.param(["--restate", " ", "--author", "Ann"], "write one line of text", id="an empty reason"),
        pytest.param(["--note", "two\nlines"], "write one line of text", id="two lines"),
        pytest.param(["--note", "\u202ehidden"], "write one line of text", id="a text that turns around"),
        pytest.param(["--channel", "pigeon"], "'site', 'email'", id="a channel"),
        pytest.param(["--artefact", "nothing.html"], "does not exist", id="a file"),
    ],
)  # fmt: skip
def test_a_wrong_word_is_wrong_usage_and_nothing_is_written(
    kpi: Kpi, shop: Path, words: list[str], told: str
) -> None:
    result = kpi("publish", *NEW_YEAR, *words)

    assert result.exit_code == 2
    assert told in result.stderr
    assert not (shop / "ledger").exists()
    assert not (shop / "site").exists()


def test_a_clock_far_behind_the_ledger_publishes_nothing(kpi: Kpi, shop: Path, clock: list[datetime]) -> None:
    kpi.answer("publish", *NEW_YEAR)
    clock[0] -= timedelta(minutes=6)

    result = kpi("publish", *NEW_YEAR, "--channel", "chat")

    assert result.exit_code == 1
    assert "This machine's clock shows 2026-01-02 08:24 UTC" in result.stderr


def test_a_clock_that_is_a_little_behind_does_not_matter(kpi: Kpi, shop: Path, clock: list[datetime]) -> None:
    kpi.answer("publish", *NEW_YEAR)
    clock[0] -= timedelta(minutes=4)
    kpi.answer("publish", *NEW_YEAR, "--channel", "chat")

    assert "Whole: 2 publications" in kpi.answer("ledger", "verify")


# --- a broken ledger


@pytest.mark.parametrize("command", [["build"], ["publish"], ["report"]], ids=" ".join)
def test_a_broken_ledger_is_not_passed_over(kpi: Kpi, shop: Path, command: list[str]) -> None:
    kpi.answer("publish", *NEW_YEAR)
    before = site(shop)
    [file] = segments(shop)
    file.write_bytes(file.read_bytes().replace(b'"value":"30.5"', b'"value":"99.5"'))

    result = kpi(*command, *NEW_YEAR)

    assert result.exit_code == 1
    assert "error[ledger-broken]: The file was changed after it was written" in result.stderr
    assert file.name in result.stderr
    assert site(shop) == before


def test_build_reads_the_ledger_and_never_writes_it(kpi: Kpi, shop: Path) -> None:
    kpi.answer("build", *NEW_YEAR)
    assert not (shop / "ledger").exists()

    kpi.answer("publish", *NEW_YEAR)
    before = {file.name: file.stat().st_mtime_ns for file in (shop / "ledger").rglob("*")}
    kpi.answer("build", *NEW_YEAR)
    assert {file.name: file.stat().st_mtime_ns for file in (shop / "ledger").rglob("*")} == before


def test_verify_counts_what_is_there_and_names_the_head(kpi: Kpi, shop: Path) -> None:
    kpi.answer("publish", *NEW_YEAR)
    [file] = segments(shop)
    head = file.stem.split("-")[1]

    assert kpi.answer("ledger", "verify") == (
        f"Whole: 1 publication, {len(lines(file, 'value'))} values of 4 KPIs, 0 restated.\nhead {head}\n"
    )


def test_verify_finds_what_is_missing(kpi: Kpi, shop: Path) -> None:
    kpi.answer("publish", *NEW_YEAR)
    kpi.answer("publish", *NEW_YEAR, "--channel", "email")
    segments(shop)[0].unlink()

    result = kpi("ledger", "verify")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "whose file is missing" in result.stderr


def test_without_a_ledger_there_is_nothing_to_ask(kpi: Kpi, shop: Path) -> None:
    for words in (["ledger", "verify"], ["ledger", "diff"], ["history", "net_sales"]):
        result = kpi(*words)
        assert result.exit_code == 2
        assert "`kpi publish` begins one" in result.stderr


# --- history and differences


@pytest.fixture
def restated(kpi: Kpi, shop: Path, clock: list[datetime]) -> Path:
    kpi.answer("publish", *NEW_YEAR)
    clock[0] += timedelta(days=1)
    late_invoice(shop)
    kpi.answer("publish", *NEW_YEAR, "--restate", "=A late invoice", "--author", "Ann")
    return shop


def test_history_tells_each_value_and_what_it_replaced(kpi: Kpi, restated: Path) -> None:
    definition = lines(segments(restated)[0], "kpi")[1]["formula"][:8]

    assert kpi.answer("history", "net_sales", "--period", "2025-01") == (
        "net_sales (EUR), times in UTC\n"
        "period   published         definition  commit  times  value\n"
        f"2025-01  2026-01-02 08:30  {definition}    -       1       30.5\n"
        f"2025-01  2026-01-03 08:30  {definition}    -       1       31.5\n"
        "  restated by Ann: =A late invoice\n"
    )


@pytest.mark.usefixtures("restated")
def test_history_as_json_is_a_contract(kpi: Kpi) -> None:
    found = kpi.json("history", "net_sales", "--period", "2025-01", schema="history")

    assert [(one["value"], one["before"], one["restated"], one["author"]) for one in found] == [
        ("30.5", None, False, None),
        ("31.5", "30.5", True, "Ann"),
    ]


@pytest.mark.usefixtures("restated")
def test_history_as_csv_is_safe_to_open(kpi: Kpi) -> None:
    text = kpi.answer("history", "net_sales", "--period", "2025-01", "--format", "csv")

    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["value"] for row in rows] == ["30.5", "31.5"]
    assert rows[1]["reason"] == "'=A late invoice"


@pytest.mark.usefixtures("restated")
def test_history_of_what_was_not_published_names_the_nearest(kpi: Kpi) -> None:
    assert "Did you mean `net_sales`?" in kpi("history", "net_sale").stderr
    assert kpi("history", "net_sales", "--period", "1999-01").exit_code == 2


def test_diff_tells_what_changed(kpi: Kpi, restated: Path) -> None:
    text = kpi.answer("ledger", "diff")

    assert "net_sales 2025-01: 30.5 EUR -> 31.5 EUR (Ann: =A late invoice)\n" in text
    assert "2025-02" not in text
    head = segments(restated)[1].stem.split("-")[1]
    assert kpi.answer("ledger", "diff", "HEAD~1", head[:8]) == text


@pytest.mark.usefixtures("restated")
def test_diff_as_json_is_a_contract(kpi: Kpi) -> None:
    found = json.loads(kpi.answer("ledger", "diff", "--format", "json"))

    validator("ledger_diff").validate(found)
    assert [(one["kpi"], one["before"], one["after"]) for one in found["values"]][1] == (
        "net_sales",
        "30.5",
        "31.5",
    )


def test_diff_tells_which_kpis_are_others_now(kpi: Kpi, shop: Path) -> None:
    kpi.answer("publish", *NEW_YEAR)
    kpi.answer("publish", *NEW_YEAR, "--channel", "email")
    assert kpi.answer("ledger", "diff").endswith("No value and no KPI changed.\n")

    file = next(f for f in (shop / "kpis").glob("*.yaml") if "kind: goal" in f.read_text())
    file.write_text(file.read_text().replace("target: ", "target: 1", 1))
    kpi.answer("publish", *NEW_YEAR)
    assert kpi.answer("ledger", "diff").endswith("net_sales: targets changed\n")


@pytest.mark.usefixtures("restated")
@pytest.mark.parametrize(
    "words", [["HEAD"], ["HEAD~9", "HEAD"], ["zz", "HEAD"], ["HEAD~x", "HEAD"]], ids=" ".join
)
def test_diff_of_what_is_not_there_is_wrong_usage(kpi: Kpi, words: list[str]) -> None:
    assert kpi("ledger", "diff", *words).exit_code == 2


def test_a_folder_that_cannot_be_written_leaves_the_site(
    kpi: Kpi, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kpi.answer("build", *NEW_YEAR)
    before = site(shop)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    result = kpi("publish", *NEW_YEAR)

    assert result.exit_code == 3
    assert "No space left on device. The old site is unchanged, and nothing was recorded" in result.stderr
    assert site(shop) == before
    assert segments(shop) == []
