"""What a hostile pull request would put into a repository: it is read for what it is, or refused."""

import os
import re
from pathlib import Path

import duckdb
import pytest
from command_line import NEW_YEAR, Kpi, orders, replace

ASKED = ("net_sales", *NEW_YEAR, "--from", "2025-12-01")
HEADER = "ordered_on,customer_id,channel,amount"
ROW = "2025-12-01,1,online,10.50"


def value(kpi: Kpi, *arguments: str) -> str | None:
    (found,) = kpi.values(*ASKED, *arguments)
    answer: str | None = found["value"]
    return answer


def write(shop: Path, content: str | bytes) -> None:
    (shop / "data" / "orders.csv").write_bytes(content if isinstance(content, bytes) else content.encode())


def declare(shop: Path, *lines: str) -> None:
    """Add lines to the dataset of the orders."""
    replace(shop / "kpis" / "shop.yaml", "time: ordered_on\n", "\n".join(["time: ordered_on", *lines, ""]))


def refused(kpi: Kpi, code: str) -> str:
    """Return what `run` says; it and `build` know nothing but findings of this code."""
    said = [kpi("run", *ASKED), kpi("build", *NEW_YEAR)]
    for result in said:
        assert (result.exit_code, result.stdout) == (1, ""), result.stderr
        assert set(re.findall(r"^(?:error|warning)\[(.*?)\]", result.stderr, re.MULTILINE)) == {code}
    return said[0].stderr


# --- files that are odd, and right


@pytest.mark.parametrize(
    ("content", "lines", "expected"),
    [
        pytest.param(f"{HEADER}\n{ROW}\n", [], "10.50", id="the usual"),
        pytest.param(f"{HEADER}\n{ROW}", [], "10.50", id="no last line break"),
        pytest.param(f"{HEADER}\n\n{ROW}\n\n\n", [], "10.50", id="empty lines"),
        pytest.param(f"\ufeff{HEADER}\r\n{ROW}\r\n", [], "10.50", id="byte order mark and carriage returns"),
        pytest.param(f"{HEADER}\r{ROW}\r", [], "10.50", id="carriage returns alone"),
        pytest.param(f" ordered_on , customer_id,channel , amount\n{ROW}\n", [], "10.50", id="blanks around names"),
        pytest.param(f'{HEADER}\n2025-12-01,1,"on\nline",10.50\n', [], "10.50", id="a line break in quotes"),
        pytest.param(f'{HEADER}\n2025-12-01,1,"on,""line""",10.50\n', [], "10.50", id="quotes in quotes"),
        pytest.param(f"{HEADER}\n2025-12-01,1,on\0line,10.50\n", [], "10.50", id="a NUL in a cell"),
        pytest.param(f"{HEADER}\n", [], None, id="a header only"),
        pytest.param(HEADER, [], None, id="a header only, without line break"),
        pytest.param(orders("2025-12-01,1,online,1e3", "2025-12-01,1,online,5E-1"), [], "1000.5", id="exponents"),
        pytest.param(orders("2025-12-01,1,online,+5", "2025-12-01,1,online,-.5"), [], "4.5", id="signs"),
        pytest.param(orders("2025-12-01,1,online,", ROW), [], "10.50", id="an empty number"),
        pytest.param(f"{HEADER};x\n{ROW};1\n".replace(",", ";"), ["format: {delimiter: ';'}"], "10.50", id="semicolons"),
        pytest.param(f"{HEADER}\n{ROW}\n".replace(",", "\t"), ['format: {delimiter: "\\t"}'], "10.50", id="tabs"),
        pytest.param(f"{HEADER}\n{ROW}\n".replace(",", "§"), ["format: {delimiter: '§'}"], "10.50", id="a sign of two bytes"),
        pytest.param(f"{HEADER}\n2025-12-01,1,NULL,NULL\n{ROW}\n", ["format: {null_text: 'NULL'}"], "10.50", id="NULL for nothing"),
        pytest.param(f'{HEADER}\n2025-12-01,1,"NULL",10.50\n', ["format: {null_text: 'NULL'}"], "10.50", id="NULL as a text"),
        pytest.param(orders("2025-12-01 23:59:59,1,online,10.50"), [], "10.50", id="times"),
        pytest.param(orders("2025-12-31T23:30:00Z,1,online,10.50"), [], None, id="instants: in Berlin it is January"),
        pytest.param(orders("9999-12-31,1,x,1.00", "0000-01-01,1,x,1.00", ROW), [], "10.50", id="the ends of time"),
        pytest.param(orders(ROW), ['columns: {amount: "decimal(18,4)"}'], "10.5000", id="a declared type"),
        pytest.param(orders("2025-12-01,1,007,10.50"), [], "10.50", id="leading zeros"),
    ],
)  # fmt: skip
def test_an_odd_file_is_read(
    kpi: Kpi, shop: Path, content: str, lines: list[str], expected: str | None
) -> None:
    write(shop, content)
    if lines:
        declare(shop, *lines)

    assert value(kpi) == expected


def test_a_file_without_header_numbers_its_columns(kpi: Kpi, shop: Path) -> None:
    write(shop, f"{ROW}\n")
    names = ["ordered_on", "customer_id", "channel", "amount"]
    fields = ", ".join(f"{name}: column_{number}" for number, name in enumerate(names, 1))
    declare(shop, "format: {header: false}", f"fields: {{{fields}}}")

    assert value(kpi) == "10.50"


def test_a_folder_that_looks_like_a_partition_adds_no_column(kpi: Kpi, shop: Path) -> None:
    folder = shop / "data" / "amount=7"
    folder.mkdir()
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            "COPY (SELECT DATE '2025-12-01' AS ordered_on, 1 AS customer_id, 'online' AS channel, "
            f"10.50 AS amount) TO '{folder}/orders.parquet' (FORMAT parquet)"
        )
    (shop / "data" / "orders.csv").rename(folder / "orders.csv")
    definitions = (shop / "kpis" / "shop.yaml").read_text()

    for name, expected in (("orders.parquet", "10.50"), ("orders.csv", "31.00")):
        text = definitions.replace("data/orders.csv", f"data/amount=7/{name}")
        (shop / "kpis" / "shop.yaml").write_text(text)
        assert value(kpi) == expected


def test_a_project_folder_with_odd_signs_in_its_name(
    kpi: Kpi, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = shop.rename(shop.parent / 'it\'s [an] *odd* "name"; drop {x}=1')
    monkeypatch.chdir(odd)

    assert value(kpi) == "31.00"
    kpi.answer("build", *NEW_YEAR)


# --- files that are wrong


@pytest.mark.parametrize(
    ("content", "lines", "code"),
    [
        pytest.param("", [], "malformed-csv", id="empty"),
        pytest.param("\n\n", [], "malformed-csv", id="empty lines only"),
        pytest.param(f"{HEADER},\n{ROW},1\n", [], "malformed-csv", id="a column without name"),
        pytest.param(f"{HEADER},Amount\n{ROW},1\n", [], "malformed-csv", id="two names, but for their case"),
        pytest.param(f'"{HEADER}\n{ROW}\n', [], "malformed-csv", id="a quote that is not closed in the header"),
        pytest.param(f'{HEADER}\n2025-12-01,1,"on"line,1\n', [], "malformed-csv", id="text behind a quote"),
        pytest.param(f"{HEADER}\n# a comment\n{ROW}\n", [], "malformed-csv", id="a comment"),
        pytest.param(f"{HEADER}\n2025-12-01,1,{'x' * 3_000_000},1\n", [], "malformed-csv", id="a line of three megabytes"),
        pytest.param("x" * 2_000_000, [], "malformed-csv", id="one line without end"),
        pytest.param(f"{HEADER}\n{ROW}\n".encode("utf-16"), [], "not-utf8", id="UTF-16"),
        pytest.param(f"{HEADER}\n{ROW}\n".replace("online", "café").encode("latin-1"), [], "not-utf8", id="Latin-1"),
        pytest.param(",".join([HEADER, *map(str, range(10_000))]) + "\n", [], "too-many-columns", id="ten thousand columns"),
        pytest.param(orders(f"2025-12-01,1,online,{'9' * 50}"), [], "number-too-wide", id="fifty digits"),
        pytest.param(orders("2025-12-01,1,online,1e300"), [], "number-too-wide", id="a huge exponent"),
        pytest.param(orders("2025-12-01,1,online,1e-300"), [], "number-too-wide", id="a tiny exponent"),
        pytest.param(orders("2025-12-01,1,online,1.234.567"), [], "type-mismatch", id="no number"),
        pytest.param(orders("2025-12-01,1,online,inf"), [], "type-mismatch", id="infinity is text"),
        pytest.param(orders("2025-02-30,1,online,1"), [], "time-not-a-time", id="no day"),
        pytest.param(orders("infinity,1,online,1"), [], "time-not-a-time", id="the infinite day"),
        pytest.param(orders(ROW), ["format: {delimiter: '\"'}"], "invalid-value", id="a quote as delimiter"),
        pytest.param(orders(ROW), ['format: {delimiter: "\\n"}'], "invalid-value", id="a line break as delimiter"),
        pytest.param(orders(ROW), ["format: {null_text: ','}"], "invalid-value", id="the delimiter for nothing"),
        pytest.param(orders(ROW), ["columns: {amount: integer}"], "wrong-column-type", id="no integer"),
        pytest.param(f"{HEADER},note\n{ROW},maybe\n", ["columns: {note: boolean}"], "wrong-column-type", id="no boolean"),
        pytest.param(f"{HEADER},note\n{ROW},2025-13-01\n", ["columns: {note: date}"], "wrong-column-type", id="no date"),
        pytest.param(f"{HEADER},note\n{ROW},noon\n", ["columns: {note: timestamp}"], "wrong-column-type", id="no timestamp"),
        pytest.param(orders("2025-12-01,1,x,10.55"), ['columns: {amount: "decimal(18,1)"}'], "wrong-column-type", id="too many decimals"),
        pytest.param(orders("2025-12-01,1,x,inf"), ['columns: {amount: "decimal(18,2)"}'], "wrong-column-type", id="infinity is no decimal"),
        pytest.param(orders("2025-12-01,1,x,inf"), ["columns: {amount: double}"], "not-finite", id="infinity is no value"),
        pytest.param(orders(ROW), ['columns: {amount: "decimal(99,2)"}'], "unknown-type", id="a type that does not exist"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_one_finding(
    kpi: Kpi, shop: Path, content: str | bytes, lines: list[str], code: str
) -> None:
    write(shop, content)
    if lines:
        declare(shop, *lines)

    refused(kpi, code)


# --- sources that lead elsewhere


@pytest.mark.parametrize(
    ("source", "code"),
    [
        pytest.param("../orders.csv", "path-outside-project", id="above the project"),
        pytest.param("data/../../orders.csv", "path-outside-project", id="above by a detour"),
        pytest.param("/etc/passwd.csv", "path-outside-project", id="an absolute path"),
        pytest.param("/dev/stdin.csv", "path-outside-project", id="a device"),
        pytest.param("https://example.com/orders.csv", "path-outside-project", id="an address"),
        pytest.param("s3://bucket/orders.parquet", "path-outside-project", id="a bucket"),
        pytest.param("file:///etc/orders.csv", "path-outside-project", id="a file address"),
        pytest.param("data/*.csv", "pattern-in-path", id="a pattern"),
        pytest.param("data/[o]rders.csv", "pattern-in-path", id="a set of letters"),
        pytest.param("data/order?.csv", "pattern-in-path", id="any letter"),
        pytest.param("~/orders.csv", "missing-data-file", id="a home folder"),
        pytest.param("data\\orders.csv", "missing-data-file", id="backslashes"),
        pytest.param("data/o'rders.csv", "missing-data-file", id="a quote"),
        pytest.param("data/orders.CSV", "missing-data-file", id="another case"),
        pytest.param("data/orders.parquet", "missing-data-file", id="Parquet that is not there"),
    ],
)
def test_a_source_that_leads_elsewhere(kpi: Kpi, shop: Path, source: str, code: str) -> None:
    quoted = "'" + source.replace("'", "''") + "'"
    replace(shop / "kpis" / "shop.yaml", "source: data/orders.csv", f"source: {quoted}")

    assert "20 | source: " in refused(kpi, code)


@pytest.mark.parametrize(
    "source",
    ["/etc/passwd", "../../etc/passwd", "file:///etc/passwd", "read_csv('/etc/passwd')", "x; drop table y"],
)
def test_a_source_that_is_no_table_reads_nothing(kpi: Kpi, shop: Path, source: str) -> None:
    replace(shop / "kpis" / "shop.yaml", "source: data/orders.csv", f'source: "{source}"')

    for command in (["run", *ASKED], ["build", *NEW_YEAR]):
        result = kpi(*command)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "root:" not in result.stderr


@pytest.mark.parametrize("where", ["data/orders.csv", "data"])
def test_a_link_on_the_way_is_not_followed(kpi: Kpi, shop: Path, where: str) -> None:
    (shop / where).rename(shop.parent / "elsewhere")
    (shop / where).symlink_to(shop.parent / "elsewhere")
    if where == "data":
        result = kpi("run", *ASKED)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.count("error[symlink-refused]") == 2, "both files lie there"
    else:
        refused(kpi, "symlink-refused")


def test_a_named_pipe_and_a_folder_are_no_files(kpi: Kpi, shop: Path) -> None:
    (shop / "data" / "orders.csv").unlink()
    os.mkfifo(shop / "data" / "orders.csv")
    refused(kpi, "not-a-file")

    (shop / "data" / "orders.csv").unlink()
    (shop / "data" / "orders.csv").mkdir()
    refused(kpi, "not-a-file")


def test_parquet_by_name_only_is_a_finding(kpi: Kpi, shop: Path) -> None:
    (shop / "data" / "orders.csv").rename(shop / "data" / "orders.parquet")
    replace(shop / "kpis" / "shop.yaml", "data/orders.csv", "data/orders.parquet")

    refused(kpi, "malformed-parquet")


@pytest.mark.parametrize(
    ("content", "is_refused"),
    [
        pytest.param(b"", True, id="empty"),
        pytest.param(b"xx", True, id="two bytes"),
        pytest.param(b"PAR1PAR1", True, id="no room for a footer"),
        pytest.param(b"PAR1garbagePAR1", True, id="a footer longer than the file"),
        pytest.param(b"PAR1" + b"f" * 9 + (10).to_bytes(4, "little") + b"PAR1", True, id="by a byte"),
        pytest.param(b"PAR1" + b"f" * 9 + (9).to_bytes(4, "little") + b"PAR1", False, id="it has room"),
        pytest.param(b"PAR1" + b"f" * 9 + (9).to_bytes(4, "little") + b"PAR2", True, id="another end"),
        pytest.param(
            b"PAR1" + b"f" * 9 + (0).to_bytes(4, "little") + b"PAR1", True, id="a footer of nothing"
        ),
    ],
)
def test_both_ends_of_a_parquet_file_are_looked_at_without_an_engine(
    kpi: Kpi, shop: Path, content: bytes, is_refused: bool
) -> None:
    (shop / "data" / "orders.parquet").write_bytes(content)
    replace(shop / "kpis" / "shop.yaml", "data/orders.csv", "data/orders.parquet")

    result = kpi("check", "--format", "concise")

    assert result.exit_code == is_refused
    assert result.stdout.count("malformed-parquet") == is_refused


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        pytest.param("ordered_on;customer_id;channel;amount", "`;`", id="semicolon"),
        pytest.param('"ordered_on";"customer_id";"channel";"amount"', "`;`", id="quoted names"),
        pytest.param("ordered_on\tcustomer_id\tchannel\tamount", "a tab", id="tab"),
        pytest.param("ordered_on|customer_id|channel|amount", "`|`", id="bar"),
    ],
)
@pytest.mark.parametrize("more", ["", 'columns: {amount: "decimal(18,2)"}\n'], ids=["", "a declared column"])
def test_another_delimiter_is_one_finding(
    kpi: Kpi, shop: Path, header: str, delimiter: str, more: str
) -> None:
    (shop / "data" / "orders.csv").write_text(f"{header}\n")
    replace(shop / "kpis" / "shop.yaml", "time: ordered_on\n", f"time: ordered_on\n{more}")

    (line,) = kpi("check", "--format", "concise").stdout.splitlines()

    assert line.startswith("kpis/shop.yaml:20:9: wrong-delimiter: ")
    assert f"has {delimiter} there" in line
    written = {"a tab": "\\t"}.get(delimiter, delimiter.strip("`"))
    hint = f'format: {{delimiter: "{written}"}}'
    assert hint in line
    replace(shop / "kpis" / "shop.yaml", "time: ordered_on\n", f"time: ordered_on\n{hint}\n")
    assert kpi("check").exit_code == 0


@pytest.mark.parametrize(
    ("header", "keys"),
    [
        pytest.param('"a;b"', "", id="a quoted name"),
        pytest.param("a;b", 'columns: {"a;b": text}', id="a declared one"),
        pytest.param("a;b", 'fields: {x: {column: "a;b"}}', id="one that a field reads"),
        pytest.param("a;b,c", "", id="one of two columns"),
        pytest.param("amount;", "", id="nothing behind it"),
    ],
)
def test_a_name_may_hold_what_other_files_have_between_names(
    kpi: Kpi, shop: Path, header: str, keys: str
) -> None:
    (shop / "data" / "more.csv").write_text(f"{header}\n")
    (shop / "kpis" / "more.yaml").write_text(f"kind: dataset\nname: more\nsource: data/more.csv\n{keys}\n")

    assert "wrong-delimiter" not in kpi("check", "--format", "concise").stdout


# --- names that mean something to an engine


@pytest.mark.parametrize(
    "name", ["periods", "proofs", "select", "source", "main", "temp", "read_csv", "table"]
)
def test_a_dataset_may_have_any_name(kpi: Kpi, shop: Path, name: str) -> None:
    file = shop / "kpis" / "shop.yaml"
    text = file.read_text().replace("name: orders\n", f"name: {name}\n")
    file.write_text(text.replace("dataset: orders\n", f"dataset: {name}\n"))

    assert value(kpi) == "31.00"
    assert [row["value"] for row in kpi.values(*ASKED, "--by", "country")] == ["30.00", "1.00"]


@pytest.mark.parametrize("name", ["periods", "value", "count_star", "broken_1", "from"])
def test_a_kpi_and_a_dimension_may_have_any_name(kpi: Kpi, shop: Path, name: str) -> None:
    file = shop / "kpis" / "shop.yaml"
    text = (
        file.read_text()
        .replace("net_sales", name)
        .replace("channel, {country:", f"{{{name}: channel}}, {{country:")
    )
    file.write_text(text.replace("dimensions: [channel]\n", f"dimensions: [{name}]\n"))

    found = kpi.values(name, *NEW_YEAR, "--from", "2025-12-01", "--by", name)

    assert [(row["slice"][name], row["value"]) for row in found] == [("online", "30.00"), (None, "1.00")]
