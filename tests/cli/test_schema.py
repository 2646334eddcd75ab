"""`kpi schema`: prints, writes and compares the schemas of this version."""

import json
from pathlib import Path

import pytest
from command_line import SCHEMAS, Kpi
from jsonschema import Draft202012Validator

from kpiascode import __version__
from kpiascode.model.document import KINDS as EVERY

FOLDER = SCHEMAS.parent
KINDS = ["bundle", "project", *EVERY]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work where no project is."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_each_schema_is_printed(kpi: Kpi, kind: str) -> None:
    printed = kpi.answer("schema", kind)

    assert printed == (FOLDER / f"{kind}.schema.json").read_text(encoding="utf-8")
    Draft202012Validator.check_schema(json.loads(printed))


def test_there_is_a_kind_for_every_schema() -> None:
    assert {file.name for file in FOLDER.glob("*.json")} == {f"{kind}.schema.json" for kind in KINDS}


def test_without_a_kind_it_is_all_of_them(kpi: Kpi) -> None:
    assert kpi.answer("schema") == kpi.answer("schema", "bundle")


@pytest.mark.parametrize("kind", ["bundle", "kpi"])
def test_it_is_written_in_the_place_of_an_older_one(kpi: Kpi, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "copy.json"
    for _ in range(2):
        result = kpi("schema", kind, "--output", "copy.json")
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", "Wrote copy.json.\n")
        assert file.read_text(encoding="utf-8") == kpi.answer("schema", kind)
        file.write_text('{"$schema": "older"}')


def test_a_copy_is_compared_by_what_it_means(kpi: Kpi, tmp_path: Path) -> None:
    file = tmp_path / "copy.json"
    schema = json.loads(kpi.answer("schema", "kpi"))
    file.write_text(json.dumps(schema, indent=7, sort_keys=True))

    result = kpi("schema", "kpi", "--check", "copy.json")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"copy.json is the schema of kpiascode {__version__}.\n"


@pytest.mark.parametrize("text", ["{}", "", "no JSON", "[" * 100_000, "\xff", '{"$id": NaN}'])
@pytest.mark.parametrize("kind", ["bundle", "kpi"])
def test_an_older_copy_is_told_with_what_renews_it(kpi: Kpi, tmp_path: Path, text: str, kind: str) -> None:
    file = tmp_path / "my copy.json"
    file.write_text(text, encoding="latin-1")

    result = kpi("schema", kind, "--check", "my copy.json")

    assert (result.exit_code, result.stderr) == (1, "")
    said, command = result.stdout.split(" Renew it: kpi ")
    assert said == f"my copy.json is not the schema of kpiascode {__version__}."
    assert command.strip() == f"schema {'' if kind == 'bundle' else 'kpi '}--output 'my copy.json'"
    assert file.read_text(encoding="latin-1") == text


def test_the_schema_of_another_kind_is_not_it(kpi: Kpi) -> None:
    kpi("schema", "kpi", "--output", "copy.json")

    assert kpi("schema", "goal", "--check", "copy.json").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["kpis"], "'kpis' is not one of 'bundle', 'project', 'check_in'"),
        (["--check", "nothing.json"], "File 'nothing.json' does not exist."),
        (["--check", "."], "'.' is a directory."),
        (["--output", "."], "'.' is a directory."),
        (["--check", "a.json", "--output", "b.json"], "--check writes nothing: leave out --output."),
    ],
)
def test_what_makes_no_sense_is_refused(kpi: Kpi, tmp_path: Path, arguments: list[str], told: str) -> None:
    (tmp_path / "a.json").write_text("{}")

    result = kpi("schema", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert told in " ".join(result.stderr.split())
    assert not (tmp_path / "b.json").exists()


def test_where_nothing_can_be_written_it_is_said(kpi: Kpi, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text("mine")
    (tmp_path / "link.json").symlink_to("mine.json")

    assert kpi("schema", "--output", "no/such/folder.json").exit_code == 3
    assert kpi("schema", "--output", "link.json").exit_code == 3
    assert (tmp_path / "mine.json").read_text() == "mine"


def test_nothing_but_a_schema_is_replaced(kpi: Kpi, shop: Path) -> None:
    file = shop / "kpis" / "shop.yaml"
    before = file.read_bytes()

    result = kpi("schema", "--output", "kpis/shop.yaml")

    assert (result.exit_code, file.read_bytes()) == (2, before)
    assert "holds something else" in result.stderr
    for _ in range(2):
        assert kpi("schema", "--output", "bundle.json").exit_code == 0
