"""One mistake, one finding: at the right place, with the right exit code, and nothing else happens."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner

from kpiascode.cli.main import main

PROJECT = "version: 1\nname: small\npaths: [kpis]\n"
DATA = "order_id,ordered_on,customer,amount,status\n1,2026-01-05,7,10.50,paid\n2,2026-01-06,8,4.00,paid\n"
CUSTOMERS = "id,region\n7,north\n8,south\n"
GOOD = """\
kind: org_unit
name: company
title: Company
level: organisation
---
kind: owner
name: finance
title: Finance
org_unit: company
contact: finance@example.com
---
kind: dataset
name: customers
source: data/customers.csv
primary_key: [id]
---
kind: dataset
name: orders
source: data/orders.csv
time: ordered_on
fields:
  gross: amount * 2
relationships:
  buyer: {to: customers, keys: {customer: id}, required: true}
---
kind: kpi
name: net_sales
title: Net sales
description: What customers paid.
owner: finance
applies_to: [company]
dataset: orders
expression: sum(amount)
where: status = 'paid'
grain: month
dimensions: [{region: buyer.region}]
unit: {currency: EUR}
direction: higher
---
kind: kpi
name: double_sales
title: Twice the net sales
description: Net sales, counted twice.
owner: finance
applies_to: [company]
expression: net_sales * 2
grain: month
unit: {currency: EUR}
direction: higher
---
kind: goal
name: grow
title: Grow
org_unit: company
owner: finance
period: {from: 2026-01-01, to: 2027-01-01}
results:
  - {kpi: double_sales, measure: to_date, baseline: 10, target: 20, path: linear}
---
kind: scorecard
name: monthly
title: Monthly
org_unit: company
audiences: [company]
sections:
  - {title: Money, kpis: [net_sales]}
"""


SECOND = """\
kind: kpi
name: net_sales
title: Net sales again
description: The same name once more.
owner: finance
applies_to: [company]
dataset: orders
expression: sum(amount)
grain: month
unit: {currency: EUR}
direction: higher
"""


@dataclass(frozen=True)
class Mistake:
    """What is changed in the good project, and what must be said of it.

    `change` replaces one text in the definitions; `at` is the text that the finding underlines, found in the
    changed definitions (its first occurrence), or an exact place.
    """

    name: str
    code: str
    change: tuple[str, str] = ("", "")
    at: str | tuple[str, int, int] = ""
    command: tuple[str, ...] = ("check",)
    exit_code: int = 1
    files: dict[str, bytes | None] = field(default_factory=dict)


MISTAKES = [
    Mistake("a quote that never ends", "yaml-syntax", ("title: Net sales", 'title: "Net sales'), ("kpis/all.yaml", 28, 8)),
    Mistake("a key given twice", "duplicate-key", ("grain: month\ndim", "grain: month\ngrain: day\ndim"), "grain: day"),
    Mistake("a key that does not exist", "unknown-key", ("where: status", "wher: status"), "wher:"),
    Mistake("a list where a text is wanted", "wrong-type", ("title: Net sales", "title: [Net, sales]"), "[Net"),
    Mistake("an owner nobody declared", "unknown-owner", ("owner: finance\napplies_to: [company]\ndataset", "owner: finanse\napplies_to: [company]\ndataset"), "finanse"),
    Mistake("a relationship to nowhere", "unknown-dataset", ("to: customers", "to: costumers"), "costumers"),
    Mistake("KPIs made of each other", "kpi-cycle", ("expression: sum(amount)", "expression: sum(amount) + double_sales"), "double_sales"),
    Mistake("a field made of itself", "field-cycle", ("gross: amount * 2", "gross: gross * 2"), "gross * 2"),
    Mistake("two KPIs of one name", "duplicate-name", ("---\nkind: goal", "---\n" + SECOND + "---\nkind: goal"), ("kpis/all.yaml", 52, 7)),
    Mistake("an aggregate of an aggregate", "nested-aggregate", ("sum(amount)", "sum(avg(amount))"), "avg(amount)"),
    Mistake("a field outside an aggregate", "field-outside-aggregate", ("sum(amount)", "sum(amount) / gross"), "gross\n"),
    Mistake("a column that does not exist", "unknown-column", ("sum(amount)", "sum(amuont)"), "amuont"),
    Mistake("a statement", "statement-in-expression", ("sum(amount)", "sum(amount); drop table x"), "; drop"),
    Mistake("a function that reads a file", "unknown-function", ("sum(amount)", "max(read_text('/etc/passwd'))"), "read_text"),
    Mistake("a file outside the project", "path-outside-project", ("data/customers.csv", "../customers.csv"), "../customers"),
    Mistake("a file that is not there", "missing-data-file", ("data/customers.csv", "data/custom.csv"), "data/custom.csv"),
    Mistake("a target on the wrong side", "target-on-wrong-side", ("target: 20", "target: 5"), "5, path"),
    Mistake("euros plus days", "unit-mismatch", ("expression: net_sales * 2\ngrain: month\nunit: {currency: EUR}", "expression: net_sales + net_sales\ngrain: month\nunit: days"), "days"),
    Mistake("no definitions at all", "no-definitions", at=("kpiascode.yaml", 3, 1), files={"kpis/all.yaml": None, "kpis/none.txt": b""}),
    Mistake("a file that is not UTF-8", "not-utf8", at=("kpis/all.yaml", 1, 11), files={"kpis/all.yaml": b"title: caf\xe9\n"}),
    Mistake("a definition behind a link", "symlink-refused", at=("kpis/link.yaml", 1, 1), files={"kpis/link.yaml": b"->/etc/hostname"}),
    Mistake("a row with too many values", "malformed-csv", at=("data/orders.csv", 3, 1), command=("run", "net_sales"), files={"data/orders.csv": b"order_id,ordered_on,customer,amount,status\n1,2026-01-05,7,10,paid\n2,2026-01-06,7,1,2,paid\n"}),
    Mistake("a quote in the data that never ends", "malformed-csv", at=("data/orders.csv", 2, 1), command=("run", "net_sales"), files={"data/orders.csv": b'order_id,ordered_on,customer,amount,status\n1,2026-01-05,7,10,"paid\n'}),
    Mistake("data behind a link", "symlink-refused", at="data/customers.csv", files={"data/customers.csv": b"->/etc/hostname"}),
    Mistake("a key that stands twice in the data", "key-not-unique", at="customers\nsource", command=("run", "net_sales", "--by", "region"), files={"data/customers.csv": b"id,region\n7,north\n7,south\n8,south\n"}),
    Mistake("a required partner that is missing", "required-partner-missing", at="orders\nsource", command=("run", "net_sales", "--by", "region"), files={"data/customers.csv": b"id,region\n7,north\n"}),
    Mistake("infinity in the data", "not-finite", ("source: data/orders.csv\n", "source: data/orders.csv\ncolumns: {amount: double}\n"), at="orders\nsource", command=("run", "net_sales", "--as-of", "2026-02-01"), files={"data/orders.csv": DATA.replace("4.00", "inf").encode()}),
    Mistake("text that is summed", "type-mismatch", ("sum(amount)", "sum(status)"), "status)", command=("run", "net_sales")),
    Mistake("a grain finer than the KPI's", "grain-too-fine", at="net_sales\ntitle", command=("run", "net_sales", "--grain", "day"), exit_code=2),
    Mistake("a dimension that the KPI has not", "unknown-dimension", at="net_sales\ntitle", command=("run", "net_sales", "--by", "regoin"), exit_code=2),
]  # fmt: skip


def write(folder: Path, mistake: Mistake) -> str:
    """Write the project with its mistake; return the definitions."""
    old, new = mistake.change
    text = GOOD.replace(old, new, 1) if old else GOOD
    files: dict[str, bytes | None] = {
        "kpiascode.yaml": PROJECT.encode(),
        "kpis/all.yaml": text.encode(),
        "data/orders.csv": DATA.encode(),
        "data/customers.csv": CUSTOMERS.encode(),
        **mistake.files,
    }
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            continue
        if content.startswith(b"->"):
            file.symlink_to(content[2:].decode())
        else:
            file.write_bytes(content)
    return text


def place_of(mistake: Mistake, text: str) -> tuple[str, int, int]:
    if not isinstance(mistake.at, str):
        return mistake.at
    offset = text.index(mistake.at) if mistake.at in text else -1
    assert offset >= 0, f"{mistake.at!r} is not in the definitions"
    return "kpis/all.yaml", text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


@pytest.fixture
def kpi(monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    return lambda *words: CliRunner().invoke(main, list(words))


def test_the_good_project_is_clean(tmp_path: Path) -> None:
    write(tmp_path, Mistake("none", ""))

    for command in (["check"], ["run", "--as-of", "2026-02-01"], ["compile"], ["list"]):
        result = CliRunner().invoke(main, [*command, "--project", str(tmp_path)])
        assert (result.exit_code, result.stdout == "") == (0, command == ["check"]), result.output


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: m.name)
def test_one_mistake_is_one_finding_at_its_place(mistake: Mistake, tmp_path: Path) -> None:
    text = write(tmp_path, mistake)
    before = files_of(tmp_path)

    result = CliRunner().invoke(main, [*mistake.command, "--project", str(tmp_path)])

    assert result.exit_code == mistake.exit_code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    told = result.output
    assert "Traceback" not in told
    assert told.count("[" + mistake.code + "]") == 1, told
    assert told.count("error[") + told.count("warning[") == 1, told
    path, line, column = place_of(mistake, text)
    assert f"--> {path}:{line}:{column}" in told, (told, (path, line, column))
    if mistake.command[0] != "check":
        assert result.stdout == ""
    assert files_of(tmp_path) == before, "nothing is written"


def test_no_project_file_is_wrong_usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    for command in ("check", "run", "build", "list", "compile"):
        result = CliRunner().invoke(main, [command])
        assert result.exit_code == 2
        assert "kpiascode.yaml" in result.stderr


def as_nobody(command: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a command without the rights of root."""
    code = f"""
import os, sys
import kpiascode.cli.build_command, kpiascode.cli.check_command, kpiascode.cli.run_command
import kpiascode.cli.failures, kpiascode.pipeline.refusals, encodings.utf_8_sig, encodings.unicode_escape, glob, ctypes, traceback, importlib.readers
from kpiascode.cli.main import main  # all of it before the rights are dropped: Python itself may lie in /root
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
main({[*command, "--project", str(folder)]!r})
"""
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


@pytest.fixture
def shared_folder(tmp_path: Path) -> Path:
    """A project folder that an unprivileged user can reach."""
    folder = tmp_path / "project"
    folder.mkdir()
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_uid == os.geteuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o055)
    folder.chmod(0o755)
    return folder


def test_a_definition_that_may_not_be_read_is_a_finding(shared_folder: Path) -> None:
    write(shared_folder, Mistake("none", ""))
    (shared_folder / "kpis" / "all.yaml").chmod(0)

    result = as_nobody(["check"], shared_folder)

    assert (result.returncode, result.stderr.count("Traceback")) == (1, 0), result.stderr
    assert "error[unreadable-file]" in result.stdout
    assert "--> kpis/all.yaml:1:1" in result.stdout


def test_data_that_may_not_be_read_is_a_finding(shared_folder: Path) -> None:
    write(shared_folder, Mistake("none", ""))
    (shared_folder / "data" / "orders.csv").chmod(0)

    result = as_nobody(["run"], shared_folder)

    assert (result.returncode, result.stdout) == (1, "")
    assert "error[unreadable-file]" in result.stderr


def test_an_output_folder_that_cannot_be_written_is_the_machine(tmp_path: Path) -> None:
    write(tmp_path, Mistake("none", ""))
    before = files_of(tmp_path)

    output = str(tmp_path / "data" / "orders.csv" / "site")
    result = CliRunner().invoke(
        main, ["build", "--as-of", "2026-02-01", "--project", str(tmp_path), "--output", output]
    )

    assert (result.exit_code, result.stdout) == (3, ""), result.output
    assert "Traceback" not in result.stderr
    assert files_of(tmp_path) == before
