"""A project that is unchanged is not understood again; whatever changes, it is."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Kpi, replace

from kpiascode.pipeline import reading, remembering

CHECK = ("check", "--strict")


@pytest.fixture
def passed(kpi: Kpi, shop: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Check the shop once; return what is checked again from now on."""
    past = time.time() - 60
    for file in shop.rglob("*.*"):
        os.utime(file, (past, past))
    assert kpi(*CHECK).exit_code == 0
    again: list[Path] = []
    whole = reading.check

    def noted(folder: Path, *others: object) -> reading.Checked:
        again.append(folder)
        return whole(folder, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "check", noted)
    return again


def codes(kpi: Kpi, *options: str) -> list[str]:
    return [finding["code"] for finding in json.loads(kpi("check", "--format", "json", *options).stdout)]


@pytest.mark.parametrize("form", ["full", "concise", "json", "sarif", "github", "gitlab", "junit"])
def test_what_has_passed_is_told_alike_and_not_checked_again(kpi: Kpi, passed: list[Path], form: str) -> None:
    fresh = kpi(*CHECK, "--format", form, "--no-cache")
    passed.clear()

    remembered = kpi(*CHECK, "--format", form)

    assert passed == []
    assert (remembered.exit_code, remembered.stdout, remembered.stderr) == (0, fresh.stdout, fresh.stderr)


def test_a_part_of_what_has_passed_has_passed(kpi: Kpi, passed: list[Path]) -> None:
    assert kpi(*CHECK, "kpis/shop.yaml").exit_code == 0
    assert passed == []


def first(shop: Path, old: str, new: str) -> None:
    """Replace a text where it stands first in the definitions."""
    file = shop / "kpis" / "shop.yaml"
    file.write_text(file.read_text().replace(old, new, 1))


def add_file(shop: Path) -> None:
    (shop / "kpis" / "more.yaml").write_text("kind: nonsense\n")


def add_link(shop: Path) -> None:
    (shop / "kpis" / "more.yaml").symlink_to("shop.yaml")


def link_data(shop: Path) -> None:
    file = shop / "data" / "orders.csv"
    file.rename(shop / "data" / "elsewhere.csv")
    file.symlink_to("elsewhere.csv")


def pipe_data(shop: Path) -> None:
    (shop / "data" / "orders.csv").unlink()
    os.mkfifo(shop / "data" / "orders.csv")


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a definition": (
        lambda shop: first(shop, "expression: sum(amount)", "expression: sum(amout)"),
        "unknown-column",
    ),
    "a file more": (add_file, "unknown-kind"),
    "a file less": (lambda shop: (shop / "kpis" / "shop.yaml").unlink(), "no-definitions"),
    "a link more": (add_link, "symlink-refused"),
    "the project file": (
        lambda shop: replace(shop / "kpiascode.yaml", "paths: [kpis]", "paths: [nowhere]"),
        "missing-path",
    ),
    "a column of the data": (
        lambda shop: replace(shop / "data" / "orders.csv", ",amount", ",sum"),
        "unknown-column",
    ),
    "no data": (lambda shop: (shop / "data" / "orders.csv").unlink(), "missing-data-file"),
    "a link to data": (link_data, "symlink-refused"),
    "a pipe for data": (pipe_data, "not-a-file"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_is_found(kpi: Kpi, shop: Path, passed: list[Path], change: str) -> None:
    make, code = CHANGES[change]
    make(shop)

    assert set(codes(kpi)) == {code}


def test_back_as_it_was_it_has_passed(kpi: Kpi, shop: Path, passed: list[Path]) -> None:
    file = shop / "kpis" / "shop.yaml"
    text = file.read_text()
    file.write_text(text.replace("sum(amount)", "sum(amout)"))
    assert codes(kpi)
    file.write_text(text)
    passed.clear()

    assert codes(kpi) == []


@pytest.mark.parametrize("option", [("--no-cache",), ("--data", "--as-of", "2026-01-01"), ("--diff",)])
def test_what_else_is_asked_is_looked_at(kpi: Kpi, passed: list[Path], option: tuple[str, ...]) -> None:
    kpi("check", *option)

    assert len(passed) == 1


def test_without_a_cache_nothing_is_kept(kpi: Kpi, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kpi(*CHECK, "--no-cache").exit_code == 0

    assert not Path(os.environ["XDG_CACHE_HOME"]).exists()


def test_another_program_asks_again(kpi: Kpi, passed: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "program", lambda: "another")

    kpi(*CHECK)

    assert len(passed) == 1


def findings_of(shop: Path) -> None:
    first(shop, "expression: sum(amount)", "expression: sum(amount) / sum(amount)")
    first(shop, "time: ordered_on", "time: ordered_in")


@pytest.mark.parametrize("form", ["full", "concise", "json", "sarif", "github", "gitlab", "junit"])
def test_findings_are_told_alike(kpi: Kpi, shop: Path, passed: list[Path], form: str) -> None:
    findings_of(shop)
    fresh = kpi("check", "--format", form, "--no-cache")
    kpi("check")
    passed.clear()

    again = kpi("check", "--format", form)

    assert passed == []
    assert fresh.exit_code == 1
    assert (again.exit_code, again.stdout, again.stderr) == (1, fresh.stdout, fresh.stderr)


def test_the_data_of_a_broken_dataset_is_watched(kpi: Kpi, shop: Path) -> None:
    """It is in no project that could be resolved, and all the same its file is what was wrong."""
    file = shop / "data" / "orders.csv"
    text = file.read_text()
    past = time.time() - 60
    file.write_text(text.replace("ordered_on", "ordered_in"))
    os.utime(file, (past, past))
    os.utime(shop / "data" / "customers.csv", (past, past))
    assert codes(kpi)
    assert list(Path(os.environ["XDG_CACHE_HOME"]).rglob("[0-9a-f]" * 64)), "it was remembered"

    file.write_text(text)

    assert codes(kpi) == []


def test_a_fix_that_was_remembered_is_one(kpi: Kpi, shop: Path, passed: list[Path]) -> None:
    first(shop, "title: ", "title: 2025 # ")
    told = [kpi("check", "--format", "json", *option).stdout for option in (("--no-cache",), (), ())]

    assert told[0] == told[1] == told[2]


def test_examples_that_were_left_out_have_not_passed(kpi: Kpi, shop: Path, passed: list[Path]) -> None:
    replace(shop / "kpiascode.yaml", "paths: [kpis]", "paths: [kpis] # now")
    kpi(*CHECK, "--no-examples")
    passed.clear()

    kpi(*CHECK)

    assert len(passed) == 1


def test_data_that_changes_during_the_check_has_not_passed(kpi: Kpi, shop: Path) -> None:
    later = time.time() + 3600
    os.utime(shop / "data" / "orders.csv", (later, later))

    assert kpi(*CHECK).exit_code == 0

    assert not list(Path(os.environ["XDG_CACHE_HOME"]).rglob("[0-9a-f]" * 64))


def test_findings_that_comments_allow_are_counted_alike(kpi: Kpi, shop: Path) -> None:
    file = shop / "kpis" / "shop.yaml"
    past = time.time() - 60
    os.utime(shop / "data" / "orders.csv", (past, past))
    os.utime(shop / "data" / "customers.csv", (past, past))
    text = file.read_text().replace(
        "expression: sum(amount)",
        "expression: sum(amount) / sum(amount)  # kpi: allow self-division: it is a test",
        1,
    )
    file.write_text(text)
    one, another = kpi("check"), kpi("check")

    assert another.stderr == one.stderr
    assert "1 finding allowed by comments." in another.stderr


@pytest.mark.parametrize("record", ["", "[]", "{}", '{"paths": 1}', "null"])
def test_a_record_that_is_none_is_no_pass(
    kpi: Kpi, passed: list[Path], monkeypatch: pytest.MonkeyPatch, record: str
) -> None:
    monkeypatch.setattr(remembering.Store, "get", lambda *_: record.encode())

    assert kpi(*CHECK).exit_code == 0
    assert len(passed) == 1


def test_what_is_veiled_stays_so(kpi: Kpi, shop: Path, passed: list[Path]) -> None:
    first(shop, "description: ", "description: See x://kim:hunter2@db. ")
    fresh = kpi(*CHECK)
    passed.clear()

    remembered = kpi(*CHECK)

    assert passed == []
    assert "secret-in-definition" in remembered.stdout
    assert "hunter2" not in remembered.stdout
    assert remembered.stdout == fresh.stdout
