"""Where the URL of an engine comes from, and what is never told of it."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kpiascode.cli.main import main
from kpiascode.run.engines.url import read_url

SECRET = "s3cr3t-of-nobody"
ASKED = ("run", "net_sales", "--as-of", "2026-01-01", "--format", "csv")


def kpi(*arguments: str) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert "Traceback" not in result.stderr, result.stderr
    assert SECRET not in result.output
    return result


@pytest.fixture
def warehouse(shop: Path) -> Path:
    """A shop that declares an engine, and its data in SQLite."""
    text = (shop / "kpiascode.yaml").read_text()
    engines = "engines:\n  default: warehouse\n  warehouse: {dialect: sqlite, timeout: 60s}\n"
    (shop / "kpiascode.yaml").write_text(text + engines)
    seeded = kpi("seed", "--engine", "sqlite:///shop.db")
    assert seeded.exit_code == 0, seeded.output
    return shop / "shop.db"


def own_engines(text: str, mode: int = 0o600) -> Path:
    file = Path(os.environ["XDG_CONFIG_HOME"]) / "kpiascode" / "engines.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(mode)
    return file


def test_the_user_s_own_file_gives_a_declared_engine_its_url(warehouse: Path) -> None:
    own_engines(f'warehouse = "sqlite:///{warehouse}"\n')

    answer = kpi(*ASKED)

    assert answer.exit_code == 0, answer.output
    assert answer.stdout == kpi(*ASKED, "--engine", f"sqlite:///{warehouse}").stdout


def test_the_environment_comes_before_the_file(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_engines('warehouse = "sqlite:///nowhere.db"\n')
    assert kpi(*ASKED).exit_code == 3
    monkeypatch.setenv("KPI_ENGINE_WAREHOUSE", f"sqlite:///{warehouse}")

    assert kpi(*ASKED).exit_code == 0


@pytest.mark.usefixtures("warehouse")
def test_without_a_url_both_places_are_named() -> None:
    result = kpi(*ASKED)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "Engine `warehouse` needs a connection: set KPI_ENGINE_WAREHOUSE to its URL" in result.stderr
    assert "kpiascode/engines.toml" in result.stderr.replace("\n", "")


@pytest.mark.parametrize(
    ("text", "mode", "told"),
    [
        pytest.param(f'warehouse = "sqlite:///{SECRET}"', 0o644, "can be read by others", id="open to all"),
        pytest.param(f'warehouse = "sqlite:///{SECRET}"', 0o620, "can be read by others", id="open to a group"),
        pytest.param(f"warehouse = sqlite:///{SECRET}", 0o600, "cannot be read", id="no TOML"),
        pytest.param(f'warehouse = ["{SECRET}"]', 0o600, "names with URLs in quotes", id="a list"),
        pytest.param(f'[warehouse]\nurl = "{SECRET}"', 0o600, "names with URLs in quotes", id="a table"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("warehouse")
def test_a_file_with_passwords_is_for_one_s_own_eyes_and_in_order(text: str, mode: int, told: str) -> None:
    own_engines(text, mode)

    result = kpi(*ASKED)

    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


def test_an_engine_of_another_dialect_than_declared_is_refused(
    warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_ENGINE_WAREHOUSE", f"duckdb:///{warehouse}")

    result = kpi(*ASKED)

    assert (result.exit_code, result.stdout) == (3, "")
    assert "the engine is declared with another dialect, `sqlite`" in result.stderr


def test_the_repository_gives_no_url(warehouse: Path) -> None:
    file = Path("kpiascode.yaml")
    file.write_text(file.read_text().replace("timeout: 60s", f"url: 'sqlite:///{warehouse}'"))

    assert kpi("check").exit_code == 1


def test_a_url_is_never_printed() -> None:
    url = read_url(f"postgresql://me:{SECRET}@host/db?token={SECRET}&sslmode=require")

    assert SECRET not in repr(url) + str(url)
    assert SECRET in url.secrets


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (f"postgresql://me:1/{SECRET}@db.example.com/sales", "an `@` behind its host"),
        (f"postgresql://me:1?{SECRET}@db.example.com/sales", "an `@` behind its host"),
        (f"postgresql://me:1@x/{SECRET}@db.example.com/sales", "an `@` behind its host"),
        (f"postgresql://me:1#{SECRET}@db.example.com/sales", "a `#`"),
        (f"postgresql://db.example.com/sales#{SECRET}", "a `#`"),
        (f"mysql://me:p/{SECRET}@db.example.com/sales", "cannot be read"),
        ("", "--engine is empty"),
        (" ", "--engine is empty"),
    ],
)
@pytest.mark.usefixtures("warehouse")
def test_a_password_that_is_not_encoded_names_no_other_place(url: str, told: str) -> None:
    result = kpi(*ASKED, "--engine", url)

    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


@pytest.mark.parametrize(
    ("url", "path", "password"),
    [
        ("postgresql://me:p%40%2F%23%3F@db/sales", "sales", "p@/#?"),
        ("sqlite:///data@2025.db", "data@2025.db", None),
        ("snowflake://me:p@a/d?role=r@x", "d", "p"),
        ("snowflake://me:p@q@a/d", "d", "p@q"),
    ],
)
def test_signs_that_are_where_they_belong_stay(url: str, path: str, password: str | None) -> None:
    found = read_url(url)

    assert (found.path, found.password) == (path, password)


@pytest.mark.usefixtures("warehouse")
def test_who_only_reads_makes_no_folder(tmp_path: Path) -> None:
    pytest.importorskip("chdb", reason="the driver chdb is not installed")

    result = kpi(*ASKED, "--engine", f"chdb:///{tmp_path}/nowhere")

    assert (result.exit_code, result.stdout) == (3, "")
    assert f"there is no folder {tmp_path}/nowhere" in result.stderr
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me@localhost:1/x?ssl_mode={SECRET}",
        f"mysql://me@localhost:1/x?tls={SECRET}",
        f"sqlite:///shop.db?mode={SECRET}",
        f"clickhouse://localhost:1/x?database={SECRET}",
        f"chdb:///x?path={SECRET}",
        f"spark://local?conf={SECRET}",
    ],
)
@pytest.mark.usefixtures("shop")
def test_an_option_that_means_nothing_is_refused_and_not_repeated(url: str) -> None:
    result = kpi(*ASKED, "--engine", url)

    assert (result.exit_code, result.stdout) == (3, "")
    assert "its URL has an option that it does not know" in result.stderr


# --- SQLite files


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM orders",
        "CREATE TABLE made (a INT)",
        "ATTACH DATABASE 'other.db' AS other",
        "PRAGMA writable_schema = ON",
    ],
)
def test_a_file_of_sqlite_is_only_read(warehouse: Path, sql: str) -> None:
    from kpiascode.run.engine import EngineError
    from kpiascode.run.engines import connect

    before = warehouse.read_bytes()
    engine = connect(read_url(f"sqlite:///{warehouse}"), timeout_seconds=None)
    try:
        engine.select(sql)
    except EngineError:
        pass
    finally:
        engine.close()

    assert warehouse.read_bytes() == before
    assert not Path("other.db").exists()


@pytest.mark.usefixtures("shop")
def test_what_is_no_database_is_told() -> None:
    Path("shop.db").write_text("not a database, but long enough to be taken for the head of one. " * 20)

    result = kpi(*ASKED, "--engine", "sqlite:///shop.db")

    assert (result.exit_code, result.stdout) == (3, "")
    assert "the file is no database of SQLite" in result.stderr


def test_a_kpi_that_sqlite_cannot_say_is_refused_by_name(warehouse: Path) -> None:
    file = Path("kpis/shop.yaml")
    spread = file.read_text().replace(
        "expression: net_sales / order_count", "expression: stddev(amount)\ndataset: orders"
    )
    file.write_text(spread)

    result = kpi("run", "--as-of", "2026-01-01", "--engine", f"sqlite:///{warehouse}")

    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        "error[cannot-compile]: sqlite: it has neither `stddev` nor `variance`. It refuses `basket`."
        in result.stderr
    )


# --- dry run


@pytest.mark.usefixtures("warehouse")
def test_a_dry_run_shows_the_statements_and_asks_nothing() -> None:
    result = kpi(
        "run",
        "net_sales",
        "order_count",
        "--as-of",
        "2026-01-01",
        "--engine",
        "sqlite:///shop.db",
        "--dry-run",
    )

    assert result.exit_code == 0, result.output
    heads = [line for line in result.stdout.splitlines() if line.startswith("-- sqlite")]
    assert heads == ["-- sqlite: 1 KPI", "-- sqlite: 1 KPI"], "months and days are asked apart"
    assert result.stdout.count(";\n") == 2


@pytest.mark.usefixtures("shop")
def test_a_dry_run_as_json_says_what_is_not_known() -> None:
    import json

    result = kpi("run", "net_sales", "--as-of", "2026-01-01", "--dry-run", "--format", "json")

    (found,) = json.loads(result.stdout)
    assert (found["kpis"], found["dialect"], found["bytes"]) == (["net_sales"], "duckdb", None)
    assert found["sql"].startswith("-- net_sales: sum(amount)\nWITH")


@pytest.mark.parametrize("arguments", [["--format", "csv"], ["--output", "x.json", "--format", "json"]])
@pytest.mark.usefixtures("shop")
def test_a_dry_run_has_no_values_to_write(arguments: list[str]) -> None:
    result = kpi("run", "net_sales", "--dry-run", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "--dry-run prints SQL, or JSON with --format json" in result.stderr
