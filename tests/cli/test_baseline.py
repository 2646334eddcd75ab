"""`kpi check --baseline` and `--write-baseline`: findings that are known, and what cannot be."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from command_line import Kpi, process, replace

FILE = "known.json"
LONELY = """---
kind: kpi
name: {name}
title: Title of {name}
description: Nobody uses it.
owner: sales
applies_to: [shop]
dataset: orders
expression: {expression}
where: channel <> '{name}'
grain: month
unit: ratio
direction: higher
"""


def add(shop: Path, name: str, expression: str = "sum(amount) / sum(amount)", file: str = "more") -> Path:
    """Declare a KPI that nobody uses: a warning; by default it is divided by itself, too: an error."""
    path = shop / "kpis" / f"{file}.yaml"
    with path.open("a", encoding="utf-8") as definitions:
        definitions.write(LONELY.format(name=name, expression=expression))
    return path


def entries(shop: Path, file: str = FILE) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((shop / file).read_text(encoding="utf-8"))["known"]
    return found


def codes(kpi: Kpi, *arguments: str) -> list[str]:
    return [found["code"] for found in json.loads(kpi("check", "--format", "json", *arguments).stdout)]


def last(result: Result) -> str:
    return result.stderr.strip().splitlines()[-1]


@pytest.fixture
def known(kpi: Kpi, shop: Path) -> Path:
    """Return the shop with one KPI whose error and warning are known."""
    add(shop, "lonely")
    assert kpi("check", "--write-baseline", FILE).exit_code == 0
    return shop


# --- what is known is hidden, and nothing else


def test_what_is_written_is_known(kpi: Kpi, shop: Path) -> None:
    add(shop, "lonely")
    assert codes(kpi) == ["kpi-without-use", "self-division"]

    written = kpi("check", "--write-baseline", FILE)
    checked = kpi("check", "--baseline", FILE, "--strict")

    assert (written.exit_code, written.stdout) == (0, "")
    assert "Wrote 2 findings to known.json." in written.stderr
    assert (checked.exit_code, checked.stdout) == (0, "")
    assert last(checked).endswith("2 findings known by the baseline.")
    assert codes(kpi, "--baseline", FILE) == []


def test_a_new_finding_fails(kpi: Kpi, known: Path) -> None:
    add(known, "newcomer")

    result = kpi("check", "--baseline", FILE, "--format", "concise")

    assert result.exit_code == 1
    assert [line.split(": ")[1] for line in result.stdout.splitlines()] == [
        "kpi-without-use",
        "self-division",
    ]
    assert "lonely" not in result.stdout


def test_the_project_file_can_name_it_for_check_and_build(kpi: Kpi, known: Path) -> None:
    assert kpi("build", "--as-of", "2026-01-01").exit_code == 1
    with (known / "kpiascode.yaml").open("a") as settings:
        settings.write(f"check: {{baseline: {FILE}}}\n")

    assert codes(kpi) == []
    assert kpi("build", "--as-of", "2026-01-01").exit_code == 0


def test_the_option_takes_the_place_of_the_project_s_own(kpi: Kpi, known: Path) -> None:
    with (known / "kpiascode.yaml").open("a") as settings:
        settings.write(f"check: {{baseline: {FILE}}}\n")
    (known / "empty.json").write_text('{"version": 1, "known": []}')

    assert codes(kpi, "--baseline", "empty.json") == ["kpi-without-use", "self-division"]


def test_a_definition_can_be_moved(kpi: Kpi, known: Path) -> None:
    text = (known / "kpis" / "more.yaml").read_text()
    (known / "kpis" / "more.yaml").unlink()
    (known / "kpis" / "moved.yaml").write_text(
        "# A comment.\n\n" + text.replace("sum(amount) / ", "sum(amount)  /  ")
    )

    assert codes(kpi, "--baseline", FILE) == []


def test_another_definition_with_the_same_mistake_is_new(kpi: Kpi, known: Path) -> None:
    replace(known / "kpis" / "more.yaml", "name: lonely", "name: alone")

    assert codes(kpi, "--baseline", FILE) == ["kpi-without-use", "self-division"]


def test_another_mistake_in_a_known_definition_is_new(kpi: Kpi, known: Path) -> None:
    replace(known / "kpis" / "more.yaml", "sum(amount) / sum(amount)", "count(*) / count(*)")

    assert codes(kpi, "--baseline", FILE) == ["self-division"]


def test_the_same_mistake_once_more_in_a_known_definition_is_new(kpi: Kpi, known: Path) -> None:
    half = "sum(amount) / sum(amount)"
    replace(known / "kpis" / "more.yaml", half, f"{half} + {half}")

    assert codes(kpi, "--baseline", FILE) == ["self-division"]
    assert kpi("check", "--write-baseline", FILE).exit_code == 0
    assert [entry["count"] for entry in entries(known)] == [1, 2]
    assert codes(kpi, "--baseline", FILE) == []


def test_what_a_comment_allows_is_not_written(kpi: Kpi, shop: Path) -> None:
    add(shop, "lonely", "sum(amount) / sum(amount)  # kpi: allow self-division: a test")
    kpi("check", "--write-baseline", FILE)

    assert [entry["rule"] for entry in entries(shop)] == ["kpi-without-use"]
    result = kpi("check", "--baseline", FILE)
    assert last(result).endswith("1 finding allowed by comments. 1 finding known by the baseline.")


def test_with_paths_only_what_is_hidden_there_is_told(kpi: Kpi, known: Path) -> None:
    assert "known by" not in kpi("check", "--baseline", FILE, "kpis/shop.yaml").stderr
    assert "2 findings known by" in kpi("check", "--baseline", FILE, "kpis/more.yaml").stderr


# --- what is fixed


def test_what_is_fixed_is_told_and_can_be_taken_out_without_anything_new(kpi: Kpi, known: Path) -> None:
    replace(known / "kpis" / "more.yaml", "sum(amount) / sum(amount)", "sum(amount) / count(*)")
    add(known, "newcomer", "sum(amount) / count(*)")

    result = kpi("check", "--baseline", FILE)
    assert "In the baseline and found no more: `self-division` of kpi `lonely`." in result.stderr
    assert result.exit_code == 0

    shrunk = kpi("check", "--baseline", FILE, "--write-baseline", FILE)
    assert [(entry["rule"], entry["name"]) for entry in entries(known)] == [("kpi-without-use", "lonely")]
    assert "newcomer" in shrunk.stdout
    assert "found no more" not in shrunk.stderr + kpi("check", "--baseline", FILE).stderr


def test_many_that_are_fixed_are_counted(kpi: Kpi, shop: Path) -> None:
    for number in range(8):
        path = add(shop, f"lonely_{number}")
    kpi("check", "--write-baseline", FILE)
    path.unlink()

    assert "`kpi-without-use` of kpi `lonely_2` and 11 more." in kpi("check", "--baseline", FILE).stderr


# --- the file


def test_the_file_is_sorted_stable_and_has_a_line_for_each(kpi: Kpi, shop: Path) -> None:
    for name in ("zebra", "ant"):
        add(shop, name)
    kpi("check", "--write-baseline", FILE)
    first = (shop / FILE).read_bytes()
    kpi("check", "--baseline", FILE, "--write-baseline", FILE)

    assert (shop / FILE).read_bytes() == first
    assert [(e["name"], e["rule"]) for e in entries(shop)] == [
        ("ant", "kpi-without-use"),
        ("ant", "self-division"),
        ("zebra", "kpi-without-use"),
        ("zebra", "self-division"),
    ]
    lines = first.decode().splitlines()
    assert lines[3].startswith('  {"rule": "kpi-without-use", "kind": "kpi", "name": "ant", ')
    assert len(lines) == 9


def test_of_a_clean_project_it_is_empty(kpi: Kpi, shop: Path) -> None:
    assert kpi("check", "--write-baseline", FILE).exit_code == 0

    assert (shop / FILE).read_text() == '{\n "version": 1,\n "known": []\n}\n'
    assert codes(kpi, "--baseline", FILE) == []


def test_two_of_them_that_git_merged_know_what_both_knew(kpi: Kpi, known: Path) -> None:
    data = json.loads((known / FILE).read_text())
    (known / FILE).write_text(json.dumps(data | {"known": [*data["known"], *data["known"]]}))

    assert codes(kpi, "--baseline", FILE) == []


# --- only findings of rules can be known


@pytest.mark.parametrize("wrong", ["grain: fortnight", "owner: nobody"])
def test_with_errors_of_shape_or_references_nothing_is_written(kpi: Kpi, shop: Path, wrong: str) -> None:
    path = add(shop, "lonely")
    replace(
        path, wrong.split(": ")[0] + ": " + {"grain": "month", "owner": "sales"}[wrong.split(": ")[0]], wrong
    )

    result = kpi("check", "--write-baseline", FILE)

    assert result.exit_code == 1
    assert "known.json was not written" in result.stderr
    assert not (shop / FILE).exists()


def test_an_error_of_a_reference_is_never_hidden(kpi: Kpi, known: Path) -> None:
    replace(known / "kpis" / "more.yaml", "owner: sales", "owner: nobody")
    data = json.loads((known / FILE).read_text())
    data["known"][0]["rule"] = "unknown-owner"
    (known / FILE).write_text(json.dumps(data))

    result = kpi("check", "--baseline", FILE)

    assert result.exit_code == 1
    assert "error[unknown-owner]" in result.stdout
    assert "error[broken-baseline]" in result.stdout
    assert "of `unknown-owner`, which cannot be hidden" in result.stdout


def test_a_part_of_the_project_cannot_be_written(kpi: Kpi, shop: Path) -> None:
    result = kpi("check", "--write-baseline", FILE, "kpis/shop.yaml")

    assert result.exit_code == 2
    assert not (shop / FILE).exists()


# --- broken, huge and hostile files

ENTRY = '{"rule": "self-division", "kind": "kpi", "name": "a", "count": 1, "fingerprint": "0123456789abcdef"}'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "is no JSON: reading stopped at line 1", id="empty"),
        pytest.param('{"version": 1, "known": [', "is no JSON", id="cut"),
        pytest.param(
            '{"version": 1,\n<<<<<<< HEAD\n', "reading stopped at line 2", id="with marks of a merge"
        ),
        pytest.param("[]", "has no list `known`", id="a list"),
        pytest.param('{"known": []}', "is not of version 1", id="without version"),
        pytest.param('{"version": 2, "known": []}', "is not of version 1", id="of a later version"),
        pytest.param('{"version": 1, "known": {}}', "has no list `known`", id="no list"),
        pytest.param('{"version": 1, "known": [1]}', "the 1., that is no mapping", id="a number as an entry"),
        pytest.param('{"version": 1, "known": [{}]}', "without a proper `rule`", id="an entry without keys"),
        *(
            pytest.param(
                f'{{"version": 1, "known": [{ENTRY.replace(old, new)}]}}', "without a proper", id=new[:30]
            )
            for old, new in [
                ('"self-division"', '"\\u001b[31m"'),
                ('"name": "a"', '"name": "../x"'),
                ('"name": "a"', '"name": ["a"]'),
                ('"kind": "kpi"', '"kind": null'),
                ("0123456789abcdef", "*"),
                ('"count": 1', '"count": 0'),
                ('"count": 1', '"count": -1'),
                ('"count": 1', '"count": true'),
                ('"count": 1', '"count": NaN'),
                ('"count": 1', '"count": 1e300'),
                ('"count": 1', '"count": 100001'),
            ]
        ),
        pytest.param("[" * 200_000, "is no JSON of a baseline", id="nested without end"),
        pytest.param(
            '{"version": ' + "9" * 10_000 + "}", "is no JSON of a baseline", id="a number without end"
        ),
        pytest.param(" " * 8_388_609, "is larger than 8,388,608 bytes", id="huge"),
    ],
)
@pytest.mark.parametrize("how", ["option", "key"])
def test_a_broken_file_is_an_error_and_hides_nothing(
    kpi: Kpi, known: Path, text: str, why: str, how: str
) -> None:
    (known / FILE).write_text(text)
    with (known / "kpiascode.yaml").open("a") as settings:
        settings.write(f"check: {{baseline: {FILE}}}\n" if how == "key" else "")
    option = ("--baseline", FILE) if how == "option" else ()

    result = kpi("check", "--format", "json", *option)

    [broken] = [found for found in json.loads(result.stdout) if found["code"] == "broken-baseline"]
    assert result.exit_code == 1
    assert why in broken["message"]
    assert len(broken["message"]) < 200
    assert broken["path"] == (FILE if how == "option" else "kpiascode.yaml")
    assert {"kpi-without-use", "self-division"} <= set(codes(kpi, *option))


def test_bytes_that_are_no_text(kpi: Kpi, known: Path) -> None:
    (known / FILE).write_bytes(b"\xff\xfe\x00")

    assert "broken-baseline" in codes(kpi, "--baseline", FILE)


@pytest.mark.parametrize("others", [(), ("kpis/shop.yaml",), ("--write-baseline", "new.json")])
@pytest.mark.usefixtures("shop")
def test_a_missing_file_is_a_wrong_option(kpi: Kpi, others: tuple[str, ...]) -> None:
    result = kpi("check", "--baseline", "nowhere.json", *others)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "--baseline: there is no file `nowhere.json`." in result.stderr
    assert not Path("new.json").exists()


def test_a_missing_file_of_the_project_is_a_finding(kpi: Kpi, shop: Path) -> None:
    with (shop / "kpiascode.yaml").open("a") as settings:
        settings.write("check: {baseline: nowhere.json}\n")

    result = kpi("check")

    assert result.exit_code == 1
    assert "The baseline is not read: `nowhere.json` does not exist." in result.stdout


def test_a_file_whose_text_is_not_known_is_shown_without_a_line(kpi: Kpi, known: Path) -> None:
    (known / FILE).write_text("[]")

    told = kpi("check", "--baseline", FILE).stdout

    (broken,) = [one for one in told.split("\n\n") if "broken-baseline" in one]
    assert f"  --> {FILE}:1:1\n  = help: " in broken


@pytest.mark.parametrize("how", ["the file", "its folder", "a loop"])
def test_a_link_is_not_followed(kpi: Kpi, known: Path, tmp_path: Path, how: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    os.replace(known / FILE, outside / FILE)
    match how:
        case "the file":
            name, target = FILE, outside / FILE
        case "its folder":
            name, target = f"linked/{FILE}", outside
        case _:
            name, target = FILE, known / FILE
    (known / name.split("/")[0]).symlink_to(target)

    assert "symlink-refused" in codes(kpi, "--baseline", name)

    before = (outside / FILE).read_bytes()
    result = kpi("check", "--write-baseline", name)
    assert result.exit_code == 3
    assert "Traceback" not in result.stderr
    assert (outside / FILE).read_bytes() == before


@pytest.mark.parametrize("name", ["kpis", "/dev/null"])
def test_what_is_no_regular_file_is_neither_read_nor_replaced(kpi: Kpi, known: Path, name: str) -> None:
    assert "not-a-file" in codes(kpi, "--baseline", name)
    assert kpi("check", "--write-baseline", name).exit_code == 3


def test_a_pipe_does_not_hang(known: Path) -> None:
    os.mkfifo(known / "pipe")

    result = process("check", "--baseline", "pipe", folder=known, timeout=60)

    assert result.returncode == 1
    assert "is no regular file" in result.stdout


def test_a_file_of_the_main_branch_outside_the_project_can_be_given(
    kpi: Kpi, known: Path, tmp_path: Path
) -> None:
    os.replace(known / FILE, tmp_path / "main.json")

    assert codes(kpi, "--baseline", str(tmp_path / "main.json")) == []


def test_a_folder_that_is_not_there_ends_with_3(kpi: Kpi, shop: Path) -> None:
    assert kpi("check", "--write-baseline", "no/such/folder.json").exit_code == 3


@pytest.mark.parametrize("name", ["kpis/shop.yaml", "kpiascode.yaml", "data/orders.csv", "settings.json"])
def test_nothing_else_is_replaced(kpi: Kpi, shop: Path, name: str) -> None:
    (shop / "settings.json").write_text('{"colour": "red"}')
    before = (shop / name).read_bytes()

    result = kpi("check", "--write-baseline", name)

    assert (result.exit_code, (shop / name).read_bytes()) == (2, before)
    assert f"{shop / name} holds something else, so it was not replaced." in result.stderr


def test_an_empty_file_is_filled(kpi: Kpi, shop: Path) -> None:
    (shop / "known.json").write_text("\n")

    assert kpi("check", "--write-baseline", "known.json").exit_code == 0
    assert '"known"' in (shop / "known.json").read_text()


def test_nothing_is_left_behind(known: Path) -> None:
    assert [path.name for path in known.iterdir() if path.name.startswith(".")] == []


def test_writing_for_the_first_time_with_the_key_already_there(kpi: Kpi, shop: Path) -> None:
    add(shop, "lonely")
    with (shop / "kpiascode.yaml").open("a") as settings:
        settings.write(f"check: {{baseline: {FILE}}}\n")
    assert "missing-path" in codes(kpi)

    assert kpi("check", "--write-baseline", FILE).exit_code == 0
    assert codes(kpi) == []
