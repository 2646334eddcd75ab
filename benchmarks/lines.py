"""Order lines like those of TPC-H, KPIs over them as YAML, and the same measures as SQL written by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

ROWS_AT_SCALE_1: Final = 6_001_215
FIRST, AFTER_LAST = "1992-01-01", "1999-01-01"

REVENUE: Final = "l_extendedprice * (1 - l_discount)"
AGGREGATES: Final = (
    ("sum", REVENUE),
    ("sum", "l_quantity"),
    ("sum", "l_extendedprice"),
    ("count", "*"),
    ("avg", "l_extendedprice"),
    ("avg", "l_quantity"),
    ("min", "l_extendedprice"),
    ("max", "l_extendedprice"),
    ("max", "l_quantity"),
)
FLAGS: Final = ("R", "A", "N")
STATUSES: Final = ("O", "F")
MODES: Final = ("AIR", "RAIL", "TRUCK", "SHIP", "MAIL", "FOB", "REG AIR")
INSTRUCTIONS: Final = ("NONE", "COLLECT COD", "TAKE BACK RETURN", "DELIVER IN PERSON")
BY_AIR: Final = "l_shipmode in ('AIR', 'REG AIR')"
MID_DISCOUNT: Final = "l_discount between 0.05 and 0.07"
SMALL: Final = "l_quantity < 24"

KEYS: Final = (
    "l_returnflag",
    "l_linestatus",
    "l_shipmode",
    "l_shipinstruct",
    "mid_discount",
    "small",
)
"""What the plan by hand groups by, next to the month: the columns that the conditions ask about."""


@dataclass(frozen=True, slots=True)
class Measure:
    """An aggregate over the lines that fulfil all conditions."""

    function: str
    argument: str
    conditions: tuple[str, ...]

    @property
    def expression(self) -> str:
        return f"{self.function}({self.argument})"

    @property
    def where(self) -> str:
        return " and ".join(self.conditions)

    @property
    def filtered(self) -> str:
        return f"{self.expression} FILTER ({self.where})" if self.conditions else self.expression


def conditions() -> tuple[tuple[str, ...], ...]:
    """Return what KPIs ask of a line, from nothing to three things at once."""
    flag = {value: f"l_returnflag = '{value}'" for value in FLAGS}
    status = {value: f"l_linestatus = '{value}'" for value in STATUSES}
    mode = {value: f"l_shipmode = '{value}'" for value in MODES}
    instruction = {value: f"l_shipinstruct = '{value}'" for value in INSTRUCTIONS}
    single = [*flag.values(), *status.values(), *mode.values(), *instruction.values()]
    return (
        (),
        *((one,) for one in single),
        (BY_AIR,),
        (MID_DISCOUNT,),
        (SMALL,),
        (flag["R"], status["F"]),
        (flag["N"], status["O"]),
        (flag["N"], mode["TRUCK"]),
        (flag["R"], BY_AIR),
        (BY_AIR, instruction["DELIVER IN PERSON"]),
        (mode["SHIP"], instruction["NONE"]),
        (MID_DISCOUNT, SMALL),
        (flag["A"], SMALL),
        (flag["A"], status["F"], instruction["NONE"]),
    )


def measures(count: int) -> tuple[Measure, ...]:
    """Return that many different measures: the conditions in turn, each time with another aggregate."""
    asked = conditions()
    if count > len(asked) * len(AGGREGATES):
        raise ValueError(f"there are no more than {len(asked) * len(AGGREGATES)} measures")
    found = []
    for number in range(count):
        turn, place = divmod(number, len(asked))
        function, argument = AGGREGATES[(turn + place) % len(AGGREGATES)]
        found.append(Measure(function, argument, asked[place]))
    return tuple(found)


# --- data


def write_lines(rows: int, file: Path) -> None:
    """Write order lines as Parquet, the same ones every time."""

    def pick(values: Sequence[str], salt: int) -> str:
        listed = ", ".join(f"'{value}'" for value in values)
        return f"list_extract([{listed}], 1 + (hash(i, {salt}) % {len(values)})::INT)"

    partial = file.with_suffix(".partial")
    duckdb.sql(
        f"""
        COPY (
          SELECT
            i // 4 AS l_orderkey,
            quantity::DECIMAL(15, 2) AS l_quantity,
            (quantity * (90000 + hash(i, 2) % 120000) / 100)::DECIMAL(15, 2) AS l_extendedprice,
            ((hash(i, 3) % 11) / 100)::DECIMAL(15, 2) AS l_discount,
            CASE WHEN day > DATE '1995-06-17' THEN 'N' ELSE {pick(("R", "A"), 4)} END AS l_returnflag,
            CASE WHEN day > DATE '1995-06-17' THEN 'O' ELSE 'F' END AS l_linestatus,
            day AS l_shipdate,
            {pick(INSTRUCTIONS, 5)} AS l_shipinstruct,
            {pick(MODES, 6)} AS l_shipmode
          FROM (
            SELECT
              range AS i,
              1 + (hash(range, 1) % 50)::INT AS quantity,
              DATE '1992-01-02' + (hash(range, 7) % 2526)::INT AS day
            FROM range({rows})
          )
        ) TO '{partial}' (FORMAT parquet)
        """
    )
    partial.rename(file)


def load_lines(parquet: Path, database: Path) -> None:
    """Copy the lines into a DuckDB file."""
    partial = database.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with duckdb.connect(str(partial)) as connection:
        connection.execute(f"CREATE TABLE lineitem AS FROM read_parquet('{parquet}')")
    partial.rename(database)


# --- the same as a project


def write_project(folder: Path, kpis: Sequence[tuple[str, str, str]], parquet: Path | None) -> None:
    """Write a project of monthly KPIs, each a name, an expression and a condition.

    Args:
        parquet: Where the lines are; None: in table `lineitem` of the database that will be given.
    """
    (folder / "kpis").mkdir(parents=True, exist_ok=True)
    source = "lineitem" if parquet is None else str(parquet)
    roots = "" if parquet is None else f"data_roots: ['{parquet.parent}']\n"
    (folder / "kpiascode.yaml").write_text(
        f"version: 1\nname: lines\npaths: [kpis]\n{roots}", encoding="utf-8"
    )
    base = (
        "kind: org_unit\nname: acme\ntitle: Acme\nlevel: organisation\n---\n"
        "kind: owner\nname: finance\ntitle: Finance\norg_unit: acme\ncontact: finance@example.com\n---\n"
        f"kind: dataset\nname: lineitem\nsource: '{source}'\ntime: l_shipdate\n"
    )
    documents = [base, *(_kpi(name, expression, where) for name, expression, where in kpis)]
    (folder / "kpis" / "all.yaml").write_text("---\n".join(documents), encoding="utf-8")


def _kpi(name: str, expression: str, where: str) -> str:
    condition = f"where: {where}\n" if where else ""
    return (
        f"kind: kpi\nname: {name}\ntitle: {name}\ndescription: {name}.\nowner: finance\n"
        f"applies_to: [acme]\ndataset: lineitem\nexpression: {expression}\n{condition}"
        "grain: month\nunit: ratio\ndirection: higher\n"
    )


# --- the same by hand


def pre_aggregated(asked: Sequence[Measure]) -> str:
    """Return the best plan by hand: group once by month and filter columns, then pivot."""
    partials: dict[str, str] = {}
    for measure in asked:
        for part in _parts(measure):
            partials.setdefault(part, f"p{len(partials)}")
    columns = ", ".join(f"{part} AS {name}" for part, name in partials.items())
    pivot = ", ".join(f"{_merged(m, partials)} AS m{number}" for number, m in enumerate(asked))
    return (
        f"WITH cells AS (SELECT date_trunc('month', l_shipdate) AS period, {', '.join(KEYS[:4])}, "
        f"{MID_DISCOUNT} AS mid_discount, {SMALL} AS small, {columns} FROM lineitem GROUP BY ALL) "
        f"SELECT period, {pivot} FROM cells GROUP BY period ORDER BY period"
    )


def _parts(measure: Measure) -> tuple[str, ...]:
    if measure.function == "avg":
        return f"sum({measure.argument})", f"count({measure.argument})"
    return (measure.expression,)


def _merged(measure: Measure, partials: dict[str, str]) -> str:
    kept = " and ".join(
        {MID_DISCOUNT: "mid_discount", SMALL: "small"}.get(part, part) for part in measure.conditions
    )
    only = f" FILTER ({kept})" if kept else ""
    columns = [partials[part] for part in _parts(measure)]
    if measure.function == "avg":
        return f"sum({columns[0]}){only}::DOUBLE / nullif(sum({columns[1]}){only}, 0)"
    if measure.function == "count":
        return f"coalesce(sum({columns[0]}){only}, 0)"
    return f"{measure.function}({columns[0]}){only}"


def one_scan(asked: Sequence[Measure]) -> str:
    """Return one query with an aggregate and a FILTER for each measure."""
    columns = ", ".join(f"{measure.filtered} AS m{number}" for number, measure in enumerate(asked))
    return (
        f"SELECT date_trunc('month', l_shipdate) AS period, {columns} FROM lineitem "
        "GROUP BY period ORDER BY period"
    )


def one_query_each(asked: Sequence[Measure]) -> list[str]:
    """Return a query for each measure, which reads only the lines it needs."""
    return [
        f"SELECT date_trunc('month', l_shipdate) AS period, {measure.expression} FROM lineitem "
        f"{'WHERE ' + measure.where if measure.conditions else ''} GROUP BY period ORDER BY period"
        for measure in asked
    ]
