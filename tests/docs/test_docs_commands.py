"""docs/commands.md agrees with the commands: options, exit codes, engines, the workflow."""

import re
from pathlib import Path

import click
import duckdb
import pytest
from doc_pages import COMMANDS, LANGUAGE, ROOT, codes, kpi, project_of, tables

from kpiascode.cli.main import COMMANDS as NAMES
from kpiascode.cli.main import main
from kpiascode.cli.starter import FILES
from kpiascode.model.calendar import Grain
from kpiascode.model.dialect import DIALECTS

each_command = pytest.mark.parametrize("name", NAMES)


def command(name: str) -> click.Command:
    found = main.get_command(click.Context(main), name)
    assert found is not None
    return found


def parameters(name: str) -> list[click.Parameter]:
    """Return the parameters of a command; of one that has commands of its own those of all of them."""
    found = command(name)
    if not isinstance(found, click.Group):
        return found.params
    context = click.Context(found)
    inner = (found.get_command(context, one) for one in found.list_commands(context))
    return [parameter for one in inner if one is not None for parameter in one.params]


def options(name: str) -> dict[str, click.Option]:
    return {p.opts[-1]: p for p in parameters(name) if isinstance(p, click.Option)}


@each_command
def test_a_section_names_exactly_the_options_of_its_command(name: str) -> None:
    section = COMMANDS.section(f"kpi {name}")
    told = {option for code in codes(section) for option in re.findall(r"--[a-z-]+", code)}

    assert told == set(options(name)) - {"--help"}


@each_command
def test_a_section_names_every_choice_of_an_option(name: str) -> None:
    section = COMMANDS.section(f"kpi {name}")
    referred = {"compile": ("explain", "run")}.get(name, ())
    text = section + "".join(COMMANDS.section(f"kpi {other}") for other in referred)

    for parameter in parameters(name):
        if isinstance(parameter.type, click.Choice):
            for choice in parameter.type.choices:
                word = rf"(?<!\w){re.escape(choice)}(?!\w)"
                assert re.search(rf"`[^`]*{word}[^`]*`", text), f"{parameter.name}: {choice}"


def test_the_table_at_the_top_names_exactly_the_commands() -> None:
    rows = tables(COMMANDS.text)[0][1:]

    assert [codes(row[0])[0] for row in rows] == list(NAMES)


def test_grains_and_dialects_are_all_there() -> None:
    for word in (*(grain.value for grain in Grain), *DIALECTS):
        assert f"`{word}`" in COMMANDS.text


# --- how a command ends


def exit_codes() -> list[tuple[str, int]]:
    rows = next(rows for rows in tables(COMMANDS.text) if rows[0][0] == "exit code")
    return [(line, int(row[0])) for row in rows[1:] for line in codes(row[2])]


@pytest.mark.parametrize(("line", "code"), exit_codes())
def test_a_command_ends_with_the_exit_code_of_the_table(line: str, code: int, example_company: Path) -> None:
    assert kpi(line.split()[1:], example_company)[0] == code


def test_wrong_definitions_and_broken_data_end_with_1(tmp_path: Path) -> None:
    project_of(LANGUAGE, tmp_path)
    (tmp_path / "data" / "parcels.csv").write_text("parcel_id\n1\n", encoding="utf-8")
    commands = (
        ["check"],
        ["run", "revenue"],
        ["compile", "revenue"],
        ["list"],
        ["build"],
        ["explain", "revenue"],
    )

    assert {kpi(words, tmp_path)[0] for words in commands} == {1}


def test_no_project_ends_with_2(tmp_path: Path) -> None:
    assert kpi(["check", "--project", "."], tmp_path)[0] == 2


def test_init_writes_nothing_where_a_file_of_its_own_lies(tmp_path: Path) -> None:
    (tmp_path / "kpiascode.yaml").write_text("mine", encoding="utf-8")

    assert kpi(["init"], tmp_path)[0] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["kpiascode.yaml"]


def test_build_never_touches_the_folder_of_somebody_else(language_project: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")

    assert kpi(["build", "--as-of", "2026-04-01", "--output", str(tmp_path)], language_project)[0] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


# --- formats


def test_parquet_has_the_columns_that_the_page_says(language_project: Path, tmp_path: Path) -> None:
    file = tmp_path / "values.parquet"
    words = [
        "run",
        "revenue",
        "--grain",
        "month",
        "--by",
        "region",
        "--as-of",
        "2026-04-01",
        "--format",
        "parquet",
    ]

    assert kpi([*words, "--output", str(file)], language_project)[0] == 0

    columns = {name: kind for name, kind, *_ in duckdb.sql(f"DESCRIBE SELECT * FROM '{file}'").fetchall()}
    assert list(columns) == ["kpi", "grain", "period", "from", "to", "region", "value", "complete"]
    assert columns["value"].replace(" ", "") == "DECIMAL(38,12)"


def test_a_text_that_a_spreadsheet_takes_for_a_formula_is_disarmed(tmp_path: Path) -> None:
    project_of(LANGUAGE, tmp_path)
    (tmp_path / "data" / "regions.csv").write_text('region_id,name\n1,"=1+1"\n2,South\n', encoding="utf-8")
    words = [
        "run",
        "revenue",
        "--grain",
        "month",
        "--by",
        "region",
        "--as-of",
        "2026-04-01",
        "--format",
        "csv",
    ]

    _, out, _ = kpi(words, tmp_path)

    assert '"\'=1+1"' in out
    assert '"=1+1"' not in out


# --- engines


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Return a project over a table of a DuckDB file beside it, with the engines of the page."""
    [settings] = [block for block in COMMANDS.blocks("yaml") if block.info == ("instead",)]
    project_of(COMMANDS, tmp_path, instead=settings.text)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("CREATE SCHEMA minimal; CREATE TABLE minimal.ROWS (Day DATE)")
        connection.execute("INSERT INTO minimal.ROWS VALUES ('2026-01-05'), ('2026-01-06')")
    return tmp_path


RUN = (
    "run",
    "minimal",
    "--from",
    "2026-01-01",
    "--to",
    "2026-02-01",
    "--as-of",
    "2026-02-01",
    "--format",
    "csv",
)
ANSWER = "minimal,month,2026-01,2026-01-01,2026-02-01,2,true\n"


def test_a_url_with_three_slashes_is_relative_and_with_four_absolute(warehouse: Path) -> None:
    for url in ("duckdb:///warehouse.duckdb", f"duckdb:///{warehouse}/warehouse.duckdb"):
        code, out, err = kpi([*RUN, "--engine", url], warehouse)
        assert (code, out.splitlines(keepends=True)[-1]) == (0, ANSWER), err


def test_the_connection_of_a_declared_engine_comes_from_the_environment(
    warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kpi([*RUN, "--engine", "warehouse"], warehouse)[0] == 1

    monkeypatch.setenv("KPI_ENGINE_WAREHOUSE", "duckdb:///warehouse.duckdb")

    assert kpi([*RUN, "--engine", "warehouse"], warehouse)[1].endswith(ANSWER)
    assert kpi(RUN, warehouse)[0] == 1, "the default engine is `local`, which has none"


def test_an_engine_of_another_dialect_is_refused_without_repeating_its_password(
    warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_ENGINE_WAREHOUSE", "sqlite://me:hunter2@host/demo.db")

    code, out, err = kpi([*RUN, "--engine", "warehouse"], warehouse)

    assert code == 3
    assert "hunter2" not in out + err


def test_a_connection_in_the_repository_is_refused(warehouse: Path) -> None:
    file = warehouse / "kpiascode.yaml"
    settings = file.read_text(encoding="utf-8")
    file.write_text(settings.replace("timeout: 60s", 'url: "duckdb:///x"'), encoding="utf-8")

    code, out, _ = kpi(["check", "--format", "concise"], warehouse)

    assert code == 1
    assert "unknown-key" in out


def test_a_database_that_cannot_be_opened_ends_with_3(warehouse: Path) -> None:
    (warehouse / "broken.duckdb").write_text("no database", encoding="utf-8")

    assert kpi([*RUN, "--engine", "duckdb:///broken.duckdb"], warehouse)[0] == 3


# --- CI


def test_the_workflow_is_the_one_that_init_writes() -> None:
    [shown] = [block for block in COMMANDS.blocks("yaml") if block.info == ("workflow",)]

    assert shown.text == FILES[".github/workflows/kpis.yml"].decode()


def test_each_contract_has_its_schema() -> None:
    for name in ("check", "compile", "run", "report", "due", "history", "ledger_diff"):
        assert (ROOT / "schemas" / "output" / f"{name}.schema.json").is_file()
