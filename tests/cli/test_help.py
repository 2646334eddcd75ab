"""Help, versions and wrong words: what a person meets first."""

import shlex
from pathlib import Path

import pytest
from command_line import Kpi, process

from kpiascode import __version__
from kpiascode.cli.main import COMMANDS

FERNWOOD = Path(__file__).parents[2]


def example_of(kpi: Kpi, command: str) -> list[str]:
    (line,) = (line for line in kpi.answer(command, "--help").splitlines() if "Example: kpi " in line)
    return shlex.split(line.split("Example: kpi ")[1].split(" && ")[0])


def test_help_names_every_command(kpi: Kpi) -> None:
    for flag in ("--help", "-h"):
        text = kpi.answer(flag)
        assert all(f"  {command} " in text for command in COMMANDS)
        assert "Example: kpi build" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_has_an_example_of_it(kpi: Kpi, command: str) -> None:
    assert example_of(kpi, command)[0] == command


@pytest.mark.parametrize("command", ["check", "list", "explain", "compile", "run"])
def test_the_example_of_a_command_works_in_the_example_company(
    kpi: Kpi, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = example_of(kpi, command)
    monkeypatch.chdir(FERNWOOD)
    if command == "check":
        arguments[-1] = "kpis/kpis/sales.yaml"

    assert kpi(*arguments).exit_code == 0


def test_the_version_is_the_one_of_the_package(kpi: Kpi, tmp_path: Path) -> None:
    assert kpi.answer("--version") == f"kpi {__version__}\n"
    assert process("--version", folder=tmp_path).stdout == f"kpi {__version__}\n"


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(["rnu"], "no command `rnu`. Did you mean `kpi run`?", id="a command"),
        pytest.param(["qqq"], "There are init, check, list,", id="a command that is like none"),
        pytest.param(["run", "net_sale"], "no KPI `net_sale`. Did you mean `net_sales`?", id="a KPI to run"),
        pytest.param(["explain", "baskett"], "Did you mean `basket`?", id="a KPI to explain"),
        pytest.param(["compile", "zzz"], "There are `basket`, `net_sales`,", id="a KPI that is like none"),
        pytest.param(["run", "net_sales", "--by", "chanel"], "Did you mean `channel`?", id="a dimension"),
        pytest.param(
            ["run", "net_sales", "--by", "ordered_on"],
            "It has `channel`, `country`.",
            id="a field, no dimension",
        ),
        pytest.param(
            ["run", "net_sales", "--where", "chanel = 'x'"],
            "Did you mean `channel`?",
            id="a dimension in a filter",
        ),
        pytest.param(["run", "--formt", "csv"], "Did you mean one of: '--format'", id="an option"),
        pytest.param(["compile", "--dialect", "access"], "'duckdb', 'postgres'", id="a dialect"),
        pytest.param(["list", "kpi"], "'kpis', 'goals'", id="a kind"),
        pytest.param(["run", "--grain", "decade"], "'day', 'week'", id="a grain"),
        pytest.param(
            ["run", "--as-of", "yesterday"], "is no date or moment; write 2026-01-31.", id="a moment"
        ),
        pytest.param(
            ["run", "--as-of", "2026-02-30"], "is no date or moment", id="a day that does not exist"
        ),
        pytest.param(
            ["run", "--as-of", "0001-01-01"], "choose one from 1000 to 8999", id="the first day of all"
        ),
        pytest.param(["run", "--from", "01/02/2026"], "--from '01/02/2026' is no date", id="a day"),
        pytest.param(["run", "--to", "9999-12-31"], "choose one from 1000 to 8999", id="the last day of all"),
        pytest.param(["run", "--timeout", "0"], "0.0 is not in the range", id="no time"),
        pytest.param(["run", "--memory-limit", "lots"], "such as 512MB or 2GB", id="memory"),
        pytest.param(["run", "--memory-limit", "1GB'; drop"], "such as 512MB or 2GB", id="memory, and more"),
        pytest.param(["check", "nope.yaml"], "There is no `nope.yaml` in the project", id="a path"),
        pytest.param(["check", "/etc"], "There is no `/etc` in the project", id="a path outside"),
        pytest.param(["run", "--format", "parquet"], "add --output", id="Parquet to the terminal"),
        pytest.param(["run", "--project", "kpis"], "kpis holds no kpiascode.yaml", id="no project"),
    ],
)
def test_a_wrong_word_is_wrong_usage_and_names_the_right_one(
    kpi: Kpi, arguments: list[str], told: str
) -> None:
    result = kpi(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


def test_what_was_typed_is_not_acted_on_by_a_terminal(kpi: Kpi, shop: Path) -> None:
    assert "\x1b" not in kpi("run", "\x1b[31mred").stderr
    assert "\x1b" not in kpi("\x1b[31mred").stderr
