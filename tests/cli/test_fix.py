"""`kpi check --fix` and `--diff`: what is mended, that nothing else changes, and what is left alone."""

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest
from click.testing import Result
from command_line import Kpi, replace, validator

from kpiascode.cli.shipped import schemas
from kpiascode.pipeline import mending, reading

KPI = """\
---
kind: kpi
name: paid_{name}
title: Paid orders {name}
description: How many orders of a month were paid.
owner: sales
applies_to: [shop]
dataset: orders
expression: {expression}
grain: month
unit: {{currency: EUR}}
direction: higher
---
kind: scorecard
name: card_{name}
title: Card {name}
org_unit: shop
audiences: [shop]
grain: month
sections: [{{title: All, kpis: [paid_{name}]}}]
"""
FOLDED = "expression: >-  # why\n  sum(amount)\n  + sum(amount * 2)"
LITERAL = "expression: |-  # why\n  sum(amount)\n  + sum(amount * 2)"


def last(result: Result) -> str:
    return result.stderr.strip().splitlines()[-1]


def strict(shop: Path) -> None:
    """Ask every rule that can be mended, and no other strict one."""
    replace(
        shop / "kpiascode.yaml",
        "version: 1",
        "version: 1\ncheck: {select: [key-order, missing-schema-modeline]}",
    )


def add(shop: Path, text: str, name: str = "more") -> Path:
    """Add a KPI whose `expression: ...` is the text, and a scorecard that shows it."""
    file = shop / "kpis" / f"{name}.yaml"
    file.write_bytes(KPI.format(name=name, expression="X").replace("expression: X", text).encode())
    return file


def mended(kpi: Kpi, file: Path) -> bytes:
    """Mend everything, look that a second time changes nothing, and return what the file holds then."""
    kpi("check", "--fix", "--no-examples")
    once = file.read_bytes()
    again = kpi("check", "--fix", "--no-examples")
    assert "Nothing to fix." in again.stderr
    assert file.read_bytes() == once
    return once


def found(kpi: Kpi, *arguments: str) -> list[str]:
    result = kpi("check", "--no-examples", "--format", "json", *arguments)
    told = json.loads(result.stdout)
    validator("check").validate(told)
    return [one["code"] for one in told]


# --- a value without quotes


def test_quotes_are_put_around_what_can_only_be_a_text(kpi: Kpi, shop: Path) -> None:
    file = shop / "kpis" / "shop.yaml"
    before = file.read_bytes()
    file.write_bytes(before.replace(b"title: Sales team\n", b"title:   NO   # the country\n"))

    result = kpi("check", "--fix")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.splitlines()[0] == "Fixed 1 finding in 1 file."
    assert file.read_bytes() == before.replace(b"title: Sales team\n", b'title:   "NO"   # the country\n')


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("headcount: 5", "headcount: 010", id="a number is wanted"),
        pytest.param("required: true", "required: yes", id="a truth is wanted"),
        pytest.param("channel: web", "channel: NO", id="a cell may be a truth, too"),
        pytest.param("level: organisation", "level: NO", id="a text that cannot stand there"),
        pytest.param(
            "grain: month\ndimensions: [channel,", "grain: no\ndimensions: [channel,", id="one of some words"
        ),
    ],
)
def test_nothing_is_guessed(kpi: Kpi, shop: Path, old: str, new: str) -> None:
    file = shop / "kpis" / "shop.yaml"
    text = file.read_text(encoding="utf-8")
    if old not in text:
        add(
            shop,
            "expression: sum(amount)\nexamples: [{given: {orders: [{channel: web}]}, expect: {2025-01: 1}}]",
        )
        file = shop / "kpis" / "more.yaml"
    replace(file, old, new)
    before = file.read_bytes()

    result = kpi("check", "--fix")

    assert "ambiguous-scalar" in result.stdout
    assert result.stderr.splitlines()[0] == "Nothing to fix."
    assert file.read_bytes() == before


@pytest.mark.parametrize("key", ["2025", "NO", "1:30", "null"])
def test_a_key_that_cannot_stand_there_is_left(kpi: Kpi, shop: Path, key: str) -> None:
    file = add(shop, f"expression: sum(amount)\ndimensions: [{{{key}: channel}}]")

    result = kpi("check", "--fix")

    assert result.stderr.splitlines()[0] == "Nothing to fix."
    assert f"{{{key}: channel}}" in file.read_text(encoding="utf-8")


def test_a_year_as_the_key_of_an_example(kpi: Kpi, shop: Path) -> None:
    example = "examples: [{given: {orders: []}, expect: {2025: null}}]"
    file = add(shop, f"expression: sum(amount)\n{example}")

    assert example.replace("2025", '"2025"') in mended(kpi, file).decode()


def test_what_a_broken_definition_hid_is_mended_in_the_same_run(kpi: Kpi, shop: Path) -> None:
    file = add(shop, FOLDED)
    replace(file, "title: Card more", "title: on")

    result = kpi("check", "--fix", "--no-examples")

    assert "Fixed 2 findings in 1 file." in result.stderr
    assert 'title: "on"' in file.read_text(encoding="utf-8")
    assert LITERAL in file.read_text(encoding="utf-8")


# --- an expression over several lines


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(FOLDED, LITERAL, id="folded"),
        pytest.param("expression: >+\n\n    sum(amount)\n\n    * 2", "expression: |+\n\n    sum(amount)\n\n    * 2", id="with empty lines"),
        pytest.param("expression:\n  sum(amount)\n    * 2", "expression: |\n  sum(amount)\n    * 2", id="plain, on its own lines"),
        pytest.param("expression:   # why\n  sum(amount)\n  * 2", "expression: |   # why\n  sum(amount)\n  * 2", id="plain, a comment behind the key"),
        pytest.param("expression:\n  sum(amount)\n  * 2   # é why", "expression: |  # é why\n  sum(amount)\n  * 2", id="plain, a comment behind the last line"),
        pytest.param("expression: sum(amount)\n   * 2\n  + 1", "expression: |\n  sum(amount)\n   * 2\n  + 1", id="plain, from the line of the key"),
        pytest.param("expression: sum(amount)\n  * 2 # why", "expression: |  # why\n  sum(amount)\n  * 2", id="plain, from the line of the key, with a comment"),
        pytest.param("expression: sum(amount)\n  * 2 #\ttab\t", "expression: |  #\ttab\n  sum(amount)\n  * 2", id="tabs in a comment"),
        pytest.param('expression: "sum(amount)\n  * 2"', "expression: |\n  sum(amount)\n  * 2", id="in double quotes"),
        pytest.param("expression:\n  'sum(amount)\n  * 2'  # why", "expression: |  # why\n  sum(amount)\n  * 2", id="in single quotes"),
        pytest.param("'expression': sum(amount)\n  * 2", "'expression': |\n  sum(amount)\n  * 2", id="behind a key in quotes"),
        pytest.param("expression: sum(amount)\nwhere: amount > 1\n  and channel = 'é  ü'", "expression: sum(amount)\nwhere: |\n  amount > 1\n  and channel = 'é  ü'", id="a condition"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_the_lines_of_an_expression_go_below_a_sign(
    kpi: Kpi, shop: Path, old: str, new: str, newline: str
) -> None:
    file = add(shop, old)
    before = file.read_bytes().replace(b"\n", newline.encode())
    file.write_bytes(before)
    assert "folded-expression" in found(kpi)

    assert mended(kpi, file) == before.replace(
        old.replace("\n", newline).encode(), new.replace("\n", newline).encode()
    )
    assert found(kpi) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("expression: sum(amount)\nwhere: >\n  channel = 'a\n  b'", id="a line ends within a constant"),
        pytest.param("expression: sum(amount)\nwhere: \"channel\n  = 'a\\u0062'\"", id="an escape"),
        pytest.param("expression: sum(amount)\nwhere: 'channel\n  = ''a'''", id="a quote that is doubled"),
        pytest.param("expression:\n    sum(amount)\n  * 2", id="a line that begins before the first"),
        pytest.param("expression:\n\n  sum(amount)\n  * 2", id="an empty line after the key"),
        pytest.param("expression:\n  # why\n  sum(amount)\n  * 2", id="a comment within"),
        pytest.param("expression: # one\n  sum(amount)\n  * 2 # two", id="two comments"),
        pytest.param("expression: sum(amount)\nrevisions: [{until: 2025-01-01, reason: A reason,\n  expression: sum(amount)\n    * 2\n  }]", id="in brackets"),
    ],
)  # fmt: skip
def test_an_expression_that_cannot_be_moved_is_told_and_left(kpi: Kpi, shop: Path, text: str) -> None:
    file = add(shop, text)
    before = file.read_bytes()

    result = kpi("check", "--fix", "--no-examples")

    assert "warning[folded-expression]" in result.stdout
    assert result.stderr.splitlines()[0] == "Nothing to fix."
    assert file.read_bytes() == before


# --- comments that allow nothing


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("X  # kpi: allow self-division: é", "X", id="behind a value"),
        pytest.param("X\n  # kpi: allow self-division: why\nact: A", "X\nact: A", id="on a line of its own"),
        pytest.param("X # kpi: allow self-division, unit-mismatch: why", "X", id="two rules"),
        pytest.param(
            "sum(amount) / sum(amount) # kpi: allow unit-mismatch, self-division , inverted-bounds: why",
            "sum(amount) / sum(amount) # kpi: allow self-division: why",
            id="around one that is used",
        ),
        pytest.param("X  # kpi: allow self-division: why\t", "X", id="a tab at the end"),
        pytest.param(
            "sum(amount) / sum(amount) # kpi: allow unit-mismatch, self-division: why",
            "sum(amount) / sum(amount) # kpi: allow self-division: why",
            id="before one that is used",
        ),
        pytest.param(
            "sum(amount) / sum(amount) # kpi: allow self-division, unit-mismatch: why",
            "sum(amount) / sum(amount) # kpi: allow self-division: why",
            id="behind one that is used",
        ),
    ],
)
def test_an_allow_without_use_is_removed(kpi: Kpi, shop: Path, old: str, new: str) -> None:
    old, new = (f"expression: {text.replace('X', 'sum(amount)')}" for text in (old, new))
    file = add(shop, old)
    before = file.read_bytes()
    assert "unused-allow" in found(kpi)

    assert mended(kpi, file) == before.replace(old.encode(), new.encode())
    assert "unused-allow" not in found(kpi)


def test_the_last_line_of_a_file_may_go(kpi: Kpi, shop: Path) -> None:
    file = add(shop, "expression: sum(amount)")
    before = file.read_bytes()
    file.write_bytes(before + b"# kpi: allow self-division: why")
    (told,) = (one for one in json.loads(kpi("check", "--format", "json").stdout) if one["fix"])
    assert told["fix"][0]["end_line"] == told["line"] == len(before.splitlines()) + 1

    assert mended(kpi, file) == before


# --- the order of keys


def test_keys_move_with_their_comments_and_what_is_below_them(kpi: Kpi, shop: Path) -> None:
    strict(shop)
    file = shop / "kpis" / "card.yaml"
    file.write_text(
        "# The head of the file.\n"
        "sections:\n"
        "  - title: All  # é\n"
        "    kpis: [net_sales]\n"
        "  # below the list\n"
        "# why this name\n"
        "name: card\n"
        "grain: month\n"
        "\n"
        "title: A card\n"
        "org_unit: shop\n"
        "description: >-\n"
        "  Some words.\n"
        "  And more.\n"
        "# what it is\n"
        "kind: scorecard   # a card",
        encoding="utf-8",
    )

    assert mended(kpi, file).decode() == (
        "# The head of the file.\n"
        "# what it is\n"
        "kind: scorecard   # a card\n"
        "# why this name\n"
        "name: card\n"
        "title: A card\n"
        "description: >-\n"
        "  Some words.\n"
        "  And more.\n"
        "sections:\n"
        "  - title: All  # é\n"
        "    kpis: [net_sales]\n"
        "  # below the list\n"
        "grain: month\n"
        "\n"
        "org_unit: shop"
    ).replace("# The head of the file.\n", "# The head of the file.\n", 1)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{name: card, kind: scorecard, title: A card, org_unit: shop, sections: [{title: All, kpis: [net_sales]}]}\n", id="in braces"),
        pytest.param("# kpi: allow definition-without-use: why\nname: card\nkind: scorecard\ntitle: A card\norg_unit: shop\nsections: [{title: All, kpis: [net_sales]}]\n", id="below a comment that allows"),
        pytest.param("? name\n: card\n? kind\n: scorecard\n? title\n: A card\n? org_unit\n: shop\n? sections\n: [{title: All, kpis: [net_sales]}]\n", id="keys that begin no line"),
    ],
)  # fmt: skip
def test_keys_that_cannot_be_moved_are_told_and_left(kpi: Kpi, shop: Path, text: str) -> None:
    replace(shop / "kpiascode.yaml", "version: 1", "version: 1\ncheck: {select: [key-order]}")
    file = shop / "kpis" / "card.yaml"
    file.write_text(text, encoding="utf-8")
    assert "key-order" in found(kpi)

    assert kpi("check", "--fix").stderr.splitlines()[0] == "Nothing to fix."
    assert file.read_text(encoding="utf-8") == text


# --- the line for editors


def test_the_line_for_editors_is_put_at_the_top(kpi: Kpi, shop: Path) -> None:
    strict(shop)
    (shop / "schemas").mkdir()
    for schema in schemas().glob("*.schema.json"):
        (shop / "schemas" / schema.name).write_bytes(schema.read_bytes())
    deep = shop / "kpis" / "a" / "b.yaml"
    deep.parent.mkdir()
    add(shop, "expression: sum(amount * 2)").rename(deep)
    deep.write_bytes(b"\xef\xbb\xbf# \xc3\xa9\r\n" + deep.read_bytes().replace(b"\n", b"\r\n"))
    before, project = deep.read_bytes(), (shop / "kpiascode.yaml").read_bytes()

    result = kpi("check", "--fix")

    assert (result.exit_code, result.stdout) == (0, "")
    line = b"# yaml-language-server: $schema=../../schemas/bundle.schema.json\r\n"
    assert deep.read_bytes() == b"\xef\xbb\xbf" + line + before.removeprefix(b"\xef\xbb\xbf")
    assert (shop / "kpiascode.yaml").read_bytes() == (
        b"# yaml-language-server: $schema=schemas/project.schema.json\n" + project
    )
    assert "Nothing to fix." in kpi("check", "--fix").stderr


def test_without_schemas_no_line_is_missing(kpi: Kpi, shop: Path) -> None:
    strict(shop)

    assert found(kpi) == []


# --- what is not mended


def test_nothing_to_fix(kpi: Kpi, shop: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in shop.rglob("*") if file.is_file()}

    result = kpi("check", "--fix")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.splitlines()[0] == "Nothing to fix."
    assert {file: file.stat().st_mtime_ns for file in shop.rglob("*") if file.is_file()} == before


def test_only_files_of_the_paths_are_touched(kpi: Kpi, shop: Path) -> None:
    here, there = add(shop, FOLDED, "here"), add(shop, FOLDED, "there")
    before = there.read_bytes()

    result = kpi("check", "--fix", "--no-examples", str(here))

    assert "Fixed 1 finding in 1 file." in result.stderr
    assert LITERAL in here.read_text(encoding="utf-8")
    assert there.read_bytes() == before


def test_what_is_allowed_stays(kpi: Kpi, shop: Path) -> None:
    file = add(shop, FOLDED.replace("# why", "# kpi: allow folded-expression: as our book has it"))
    before = file.read_bytes()

    assert mended(kpi, file) == before


def test_what_is_known_stays(kpi: Kpi, shop: Path) -> None:
    file = add(shop, FOLDED)
    before = file.read_bytes()
    kpi("check", "--write-baseline", "known.json")

    result = kpi("check", "--fix", "--baseline", "known.json")

    assert "Nothing to fix." in result.stderr
    assert file.read_bytes() == before


def test_a_file_that_is_no_yaml_stays_and_others_are_mended(kpi: Kpi, shop: Path) -> None:
    broken = shop / "kpis" / "broken.yaml"
    broken.write_text("kind: owner\nname: x\ntitle: NO\ncontact: @x\n", encoding="utf-8")
    before, other = broken.read_bytes(), shop / "kpis" / "shop.yaml"
    replace(other, "title: Sales team", "title: NO")

    result = kpi("check", "--fix")

    assert result.exit_code == 1
    assert "yaml-syntax" in result.stdout
    assert 'title: "NO"' in other.read_text(encoding="utf-8")
    assert broken.read_bytes() == before


def test_what_remains_is_shown_and_counts(kpi: Kpi, shop: Path) -> None:
    file = add(shop, FOLDED)
    replace(file, "owner: sales", "owner: salez")

    result = kpi("check", "--fix", "--format", "json")

    assert result.exit_code == 1
    assert [one["code"] for one in json.loads(result.stdout)] == ["unknown-owner"]
    assert result.stderr == "Fixed 1 finding in 1 file.\n"


# --- what is not proved to be harmless


def test_a_fix_that_would_change_something_else_is_left_out(
    kpi: Kpi, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if a rule had a fix that is none: of three in one file, the second makes another number."""
    files = [add(shop, f"expression: >\n  sum(amount)\n  * {number}", f"n{number}") for number in (2, 3, 4)]
    before = files[1].read_bytes()
    right = mending.applied

    def wrong(text: str, edits: object) -> str:
        return right(text, edits).replace("* 3", "* 5") if edits else text  # type: ignore[arg-type]

    monkeypatch.setattr(mending, "applied", wrong)
    result = kpi("check", "--fix", "--no-examples")

    assert (
        "Fixed 2 findings in 2 files. Left as they are: 1 fix that would change something else."
        in result.stderr
    )
    assert files[1].read_bytes() == before
    assert b"|" in files[0].read_bytes()
    assert b"|" in files[2].read_bytes()
    assert "warning[folded-expression]" in result.stdout
    assert "fixable" not in result.stdout


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("grain: month", "grain: week", id="another project"),
        pytest.param("sum(amount)", "sum(amount", id="a new finding"),
        pytest.param("kind: kpi", "kind: kpi\n---", id="other documents"),
        pytest.param("title: Paid", "tit: le: Paid", id="no YAML"),
        pytest.param("title: Paid orders more", "title:  'Paid  orders more'", id="blanks in a title"),
        pytest.param("title: Paid orders more", "title: '1'", id="another text"),
        pytest.param("grain: month", "grain: month # kpi: allow folded-expression: x", id="a comment that allows nothing"),
        pytest.param("expression: |", "expression: >", id="still there"),
    ],
)  # fmt: skip
def test_what_else_changes_is_seen(
    kpi: Kpi, shop: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    file = add(shop, FOLDED)
    before = file.read_bytes()
    right = mending.applied
    monkeypatch.setattr(mending, "applied", lambda text, edits: right(text, edits).replace(old, new))

    result = kpi("check", "--fix", "--no-examples")

    assert "Nothing to fix. Left as they are: 1 fix that would change something else." in result.stderr
    assert file.read_bytes() == before


def test_while_definitions_are_broken_they_must_say_the_same_nonetheless(
    kpi: Kpi, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = shop / "kpis" / "shop.yaml"
    replace(file, "title: Sales team", "title: NO")
    before = file.read_bytes()
    right = mending.applied
    monkeypatch.setattr(
        mending, "applied", lambda text, edits: right(text, edits).replace("Basket", "Baskets")
    )

    result = kpi("check", "--fix")

    assert "Nothing to fix. Left as they are: 1 fix that would change something else." in result.stderr
    assert file.read_bytes() == before


def test_fixes_that_touch_each_other_come_one_after_the_other(
    kpi: Kpi, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first round takes out two of three names, the second the comment with the last: three checks in all."""
    add(shop, "expression: sum(amount * 2) # kpi: allow self-division, unit-mismatch, inverted-bounds: why")
    checks = []
    right = reading.check
    monkeypatch.setattr(reading, "check", lambda *given: checks.append(1) or right(*given))

    assert "Fixed 3 findings in 1 file." in kpi("check", "--fix", "--no-examples").stderr
    assert len(checks) == 3


def test_a_file_that_has_changed_meanwhile_is_left(
    kpi: Kpi, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = add(shop, FOLDED)
    right = mending.mend

    def slow(*arguments: object) -> mending.Mended:
        done = right(*arguments)  # type: ignore[arg-type]
        replace(file, "direction: higher", "direction: lower")
        return done

    monkeypatch.setattr(mending, "mend", slow)
    result = kpi("check", "--fix", "--no-examples")

    assert "kpis/more.yaml has just changed, so it was left as it is." in result.stderr
    assert "Nothing to fix." in result.stderr
    assert FOLDED in file.read_text(encoding="utf-8")
    assert "direction: lower" in file.read_text(encoding="utf-8")


# --- how files are written


def test_the_mode_stays_and_nothing_else_is_left_behind(kpi: Kpi, shop: Path) -> None:
    file = add(shop, FOLDED)
    file.chmod(0o640)
    names = sorted(path.name for path in file.parent.iterdir())

    mended(kpi, file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(path.name for path in file.parent.iterdir()) == names


def test_a_machine_that_fails_leaves_the_file_whole(
    kpi: Kpi, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = add(shop, FOLDED)
    before, names = file.read_bytes(), sorted(os.listdir(file.parent))

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device", str(file))

    monkeypatch.setattr(os, "replace", refuse)
    result = kpi("check", "--fix")

    assert result.exit_code == 3
    assert "No space left on device" in result.stderr
    assert file.read_bytes() == before
    assert sorted(os.listdir(file.parent)) == names


def test_no_link_is_followed(kpi: Kpi, shop: Path, tmp_path: Path) -> None:
    outside = add(shop, FOLDED).rename(tmp_path / "outside.yaml")
    before = outside.read_bytes()
    (shop / "kpis" / "more.yaml").symlink_to(outside)

    result = kpi("check", "--fix")

    assert "symlink-refused" in result.stdout
    assert outside.read_bytes() == before


def test_a_link_that_takes_the_place_of_a_file_is_not_written_through(
    kpi: Kpi, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, outside = add(shop, FOLDED), tmp_path / "outside.yaml"
    right = mending.mend

    def slow(*arguments: object) -> mending.Mended:
        done = right(*arguments)  # type: ignore[arg-type]
        file.rename(outside)
        file.symlink_to(outside)
        return done

    monkeypatch.setattr(mending, "mend", slow)
    result = kpi("check", "--fix", "--no-examples")

    assert "has just changed" in result.stderr
    assert file.is_symlink()
    assert FOLDED in outside.read_text(encoding="utf-8")


# --- --diff


def test_a_diff_shows_what_would_be_done_and_writes_nothing(kpi: Kpi, shop: Path, tmp_path: Path) -> None:
    file = add(shop, FOLDED)
    file.write_bytes(file.read_bytes().rstrip(b"\n"))
    replace(file, "grain: month\nunit", "grain: month\t# é\nunit")
    before = file.read_bytes()

    result = kpi("check", "--diff")

    assert result.exit_code == 1
    assert result.stderr == "Would fix 1 finding in 1 file.\n"
    assert file.read_bytes() == before
    assert result.stdout.splitlines()[:2] == ["--- a/kpis/more.yaml", "+++ b/kpis/more.yaml"]
    assert "-expression: >-  # why\n+expression: |-  # why\n" in result.stdout
    assert " grain: month\t# é\n" in result.stdout

    (tmp_path / "changes.diff").write_bytes(result.stdout.encode())
    subprocess.run(
        ["git", "apply", "--unsafe-paths", "--directory", str(shop), str(tmp_path / "changes.diff")],
        check=True,
        cwd=tmp_path,
    )
    assert file.read_bytes() == before.replace(b">-", b"|-")


def test_a_diff_of_a_last_line_without_an_end(kpi: Kpi, shop: Path) -> None:
    file = add(shop, "expression: sum(amount)")
    file.write_bytes(file.read_bytes() + b"# kpi: allow self-division: why")

    assert kpi("check", "--diff").stdout.endswith(
        "\n-# kpi: allow self-division: why\n\\ No newline at end of file\n"
    )


def test_a_diff_of_a_first_line_behind_a_byte_order_mark(kpi: Kpi, shop: Path, tmp_path: Path) -> None:
    file = add(shop, "expression: sum(amount)")
    file.write_bytes(b"\xef\xbb\xbf# kpi: allow self-division: why\n" + file.read_bytes())

    (tmp_path / "changes.diff").write_bytes(kpi("check", "--diff").stdout.encode())
    subprocess.run(
        ["git", "apply", "--unsafe-paths", "--directory", str(shop), str(tmp_path / "changes.diff")],
        check=True,
        cwd=tmp_path,
    )

    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert kpi("check", "--diff").exit_code == 0


def test_a_diff_of_nothing(kpi: Kpi, shop: Path) -> None:
    result = kpi("check", "--diff")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "Nothing to fix.\n")


def test_a_diff_drives_no_log(kpi: Kpi, shop: Path) -> None:
    add(shop, f"act: |\n ::error::x\n \t::error::y\n ##[group]z\n{FOLDED}")

    text = kpi("check", "--diff").stdout

    assert "error:\u200b:x" in text
    assert not any(line[1:].lstrip().startswith("::") for line in text.splitlines())
    assert "##[" not in text


@pytest.mark.parametrize(
    "options",
    [["--fix"], ["--strict"], ["--data"], ["--format", "json"], ["--write-baseline", "known.json"]],
    ids=lambda options: options[0],
)
@pytest.mark.usefixtures("shop")
def test_a_diff_refuses_what_is_about_findings(kpi: Kpi, options: list[str]) -> None:
    result = kpi("check", "--diff", *options)

    assert result.exit_code == 2
    assert f"leave out {options[0]}." in result.stderr


# --- what is told


def test_the_last_line_tells_how_many_can_be_mended(kpi: Kpi, shop: Path) -> None:
    add(shop, FOLDED)

    result = kpi("check")

    assert last(result) == "1 warning. `kpi check --fix` mends 1 of them."
    assert result.stdout.endswith("  = help: fixable with `kpi check --fix`\n")


def test_json_has_the_edits_that_the_command_makes(kpi: Kpi, shop: Path) -> None:
    file = add(shop, "expression: sum(amount)\n  * 2 # \N{GRINNING FACE}")
    text = file.read_text(encoding="utf-8")
    (told,) = json.loads(kpi("check", "--format", "json").stdout)
    lines = text.split("\n")
    for edit in reversed(told["fix"]):
        assert edit["line"] == edit["end_line"]
        line = lines[edit["line"] - 1]
        lines[edit["line"] - 1] = line[: edit["column"] - 1] + edit["text"] + line[edit["end_column"] - 1 :]

    assert mended(kpi, file).decode() == "\n".join(lines)


def test_the_pipeline_reads_texts_in_the_place_of_files(shop: Path) -> None:
    text = (shop / "kpis" / "shop.yaml").read_text(encoding="utf-8")

    checked = reading.check(
        shop, None, {"kpis/shop.yaml": text.replace("title: The shop", "title: Elsewhere")}
    )

    assert checked.project.org_units["shop"].title == "Elsewhere"
    assert "title: Elsewhere" in checked.documents.sources["kpis/shop.yaml"]
