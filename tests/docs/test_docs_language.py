"""What docs/language.md claims is so: its tables are read from the page, and computed."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from doc_pages import CODE, LANGUAGE, arrows, codes, findings, project_of, tables

from kpiascode.load import construct, project, scalars, text
from kpiascode.load.text import load_text
from kpiascode.model.calendar import Duration, Grain, Unit
from kpiascode.pipeline import asking, judging, reading
from kpiascode.pipeline.connection import Connection
from kpiascode.pipeline.refusals import WrongDefinitions, WrongQuestion
from kpiascode.resolve import functions, kpis, lexer, parser, scope
from kpiascode.validate.schemas import schema_of

JANUARY, APRIL = date(2026, 1, 1), date(2026, 4, 1)
NAME = "x_{:03}"
KPI = """\
kind: kpi
name: {name}
title: {name}
description: Of the page.
owner: dispatch
applies_to: [pigeon_post]
dataset: parcels
expression: >-
  {expression}
grain: month
unit: ratio
direction: higher
"""
ROWS = KPI.replace(
    "expression: >-\n  {expression}",
    "expression: count(*)\nwhere: >-\n  parcel_id = 4 and {expression}",
)
KINDS = ("project", "dataset", "kpi", "goal", "org_unit", "owner", "scorecard")


def as_files(folder: Path, expressions: Iterable[str], template: str = KPI) -> dict[str, str]:
    """Write the page's project and one KPI for each expression; return the expressions by the KPI's name."""
    named = {NAME.format(number): expression for number, expression in enumerate(dict.fromkeys(expressions))}
    project_of(LANGUAGE, folder)
    for name, expression in named.items():
        kpi = template.format(name=name, expression=expression)
        (folder / "kpis" / f"{name}.yaml").write_text(kpi, encoding="utf-8")
    return named


def computed(
    folder: Path, expressions: Iterable[str], grain: Grain, template: str = KPI
) -> dict[str, list[Decimal | None]]:
    """Return what each expression comes to from January to March, period by period."""
    named = as_files(folder, expressions, template)
    checked = reading.read(folder)
    assert not checked.has_errors, [f"{d.place} {d.message}" for d in checked.diagnostics]
    ask = asking.Ask(kpis=tuple(named), as_of=datetime(2026, 4, 1), grain=grain, start=JANUARY, end=APRIL)
    found: dict[str, list[Decimal | None]] = {expression: [] for expression in named.values()}
    for observation in asking.answer(checked, ask, Connection()):
        found[named[observation.kpi]].append(observation.value)
    return found


def refused(folder: Path, expressions: Iterable[str]) -> dict[str, set[str]]:
    """Return by expression the codes of what is wrong with it, with the types of the columns known."""
    named = as_files(folder, expressions)
    checked = reading.read(folder)
    found = list(checked.diagnostics)
    files = [dataset.name for dataset in checked.project.datasets.values() if dataset.is_file]
    try:
        asking.open_session(checked, files, Connection()).engine.close()
    except WrongDefinitions as wrong:
        found += wrong.diagnostics
    result: dict[str, set[str]] = {expression: set() for expression in named.values()}
    for diagnostic in found:
        name = Path(diagnostic.place.path).stem
        if name in named:
            result[named[name]].add(diagnostic.code)
    return result


def is_shown(value: Decimal | None, shown: str) -> bool:
    """Return whether a value is the one on the page, to as many digits as stand there."""
    if value is None or shown in ("null", "-"):
        return value is None and shown in ("null", "-")
    wanted = Decimal(shown)
    return value.quantize(wanted, rounding=ROUND_HALF_UP) == wanted


def rows_of(title: str, head: str, nth: int = 0) -> tuple[tuple[str, ...], ...]:
    """Return the rows of the nth table in a section whose first column has that head."""
    return [rows[1:] for rows in tables(LANGUAGE.section(title)) if rows[0][0] == head][nth]


# --- expressions


def test_each_value_behind_an_arrow_is_what_comes_out(tmp_path: Path) -> None:
    shown = list(arrows(LANGUAGE.outside_fences()))
    values = computed(tmp_path, (expression for expression, _ in shown), Grain.ALL)

    assert len(shown) >= 40
    for expression, value in shown:
        assert is_shown(values[expression][0], value), (expression, values[expression], value)


def test_each_value_of_parcel_4_is_what_comes_out(tmp_path: Path) -> None:
    conditions = []
    for write, gives, _ in rows_of("Over one row", "write"):
        for expression, value in zip(codes(write), codes(gives), strict=True):
            if value == "null":
                conditions.append(f"({expression}) is null")
            elif value in ("true", "false"):
                conditions.append(f"{'not ' * (value == 'false')}({expression})")
            else:
                conditions.append(f"({expression}) = {value}")

    found = computed(tmp_path, conditions, Grain.ALL, ROWS)

    assert [condition for condition, values in found.items() if values != [Decimal(1)]] == []


def test_each_time_form_gives_what_the_page_says_month_by_month(tmp_path: Path) -> None:
    shown = {codes(write)[0]: months for write, *months, _ in rows_of("Over other periods", "write")}
    values = computed(tmp_path, shown, Grain.MONTH)

    for expression, months in shown.items():
        pairs = zip(values[expression], months, strict=True)
        assert all(is_shown(value, month) for value, month in pairs), (expression, values[expression])


def test_the_page_shows_every_function_of_the_closed_table() -> None:
    for name in functions.ALL_NAMES:
        assert re.search(rf"`[^`]*\b{name}(?:\(|`)", LANGUAGE.text), name
    for unit in parser.CASTS:
        assert f"`{unit}`" in LANGUAGE.section("Over one row")


def test_what_is_refused_is_refused_with_the_code_on_the_page_and_the_remedy_is_not(tmp_path: Path) -> None:
    wrong: dict[str, str] = {}
    right = []
    for write, code, instead in rows_of("What is refused, and why", "write"):
        wrong |= dict.fromkeys(codes(write), codes(code)[0])
        right += [remedy for remedy in codes(instead) if "(" in remedy or " / " in remedy]

    found = refused(tmp_path, [*wrong, *right])

    assert found == {expression: {code} for expression, code in wrong.items()} | {e: set() for e in right}


@pytest.mark.parametrize(
    ("expression", "grain", "code"),
    [
        ("previous(revenue, 28 days)", Grain.MONTH, "offset-lands-nowhere"),
        ("previous(revenue, 3 hours)", Grain.ALL, "offset-lands-nowhere"),
        ("to_date(revenue, month)", Grain.YEAR, "unit-finer-than-grain"),
        ("rolling(revenue, 3 hours)", Grain.MONTH, "window-without-length"),
    ],
)
def test_a_form_that_has_no_meaning_at_the_grain_is_refused(
    expression: str, grain: Grain, code: str, tmp_path: Path
) -> None:
    with pytest.raises(WrongQuestion) as wrong:
        computed(tmp_path, [expression], grain)

    assert wrong.value.diagnostic.code == code


def test_days_and_weeks_lead_where_the_page_says(language_project: Path) -> None:
    calendar = reading.read(language_project).project.settings.calendar

    def before(name: str, amount: int, unit: Unit) -> str | None:
        period = calendar.period_named(name)
        assert period
        found = calendar.shift(period, Duration(amount=-amount, unit=unit))
        return found.name if found else None

    assert before("2026-03-31", 1, Unit.MONTH) == "2026-02-28"
    assert before("2026-W10", 1, Unit.YEAR) == "2025-W10"
    assert before("2026-W10", 52, Unit.WEEK) == "2025-W10"
    assert before("2026-W53", 1, Unit.YEAR) is None
    assert before("2026-05", 1, Unit.QUARTER) == "2026-02"


def test_over_one_range_a_period_before_is_as_long(tmp_path: Path) -> None:
    [name] = as_files(tmp_path, ["previous(revenue, 1 period)"])
    ask = asking.Ask(
        kpis=(name,),
        as_of=datetime(2026, 4, 1),
        grain=Grain.ALL,
        start=date(2026, 2, 1),
        end=date(2026, 3, 1),
    )

    [found] = asking.answer(reading.read(tmp_path), ask, Connection())

    assert found.value == 24, "the 28 days before February: 4 to 31 January"


@pytest.mark.parametrize("name", [*sorted(kpis.RESERVED_DIMENSIONS), "a__b"])
def test_a_dimension_with_a_reserved_name_is_refused(name: str, tmp_path: Path) -> None:
    kpi = KPI.format(name="x", expression="count(*)") + f"dimensions: [{{{name}: status}}]\n"
    project_of(LANGUAGE, tmp_path, extra=kpi)

    assert {f["code"] for f in findings(tmp_path) if f["severity"] == "error"} == {"reserved-name"}
    assert f"`{name}`" in LANGUAGE.section("KPIs") or "__" in name


def test_a_running_period_is_compared_with_the_same_part_of_the_one_before(tmp_path: Path) -> None:
    named = as_files(tmp_path, ["days()", "previous(revenue, 1 month)", "rolling(sum(price), 28 days)"])
    ask = asking.Ask(
        kpis=tuple(named), as_of=datetime(2026, 3, 15), grain=Grain.MONTH, start=date(2026, 3, 1), end=APRIL
    )

    found = asking.answer(reading.read(tmp_path), ask, Connection())

    # 1 to 14 February: parcels 4, 5 and 6. The 28 days before 15 March hold parcels 7 and 8.
    assert [(o.value, o.complete) for o in found] == [(14, False), (26, False), (21, False)]


# --- what is refused for now


def test_the_forms_to_come_are_refused(tmp_path: Path) -> None:
    forms = [form for row in rows_of("What this version refuses", "write") for form in codes(row[0])]

    assert all(found == {"form-not-available"} for found in refused(tmp_path, forms).values())
    assert {name for form in forms for name in re.findall(r"(\w+)\(", form)} >= functions.COMING_FORMS


def test_the_keys_to_come_are_refused(tmp_path: Path) -> None:
    listed = {
        (codes(row[0])[i], row[0].split(":")[0].lower())
        for row in rows_of("What this version refuses", "key")
        for i in range(len(codes(row[0])))
    }
    assert listed == {
        ("revisions", "kpi"),
        ("cohort", "kpi"),
        ("funnel", "kpi"),
        ("valid", "dataset"),
        ("time_grain", "dataset"),
        ("as_of", "relationship"),
    }
    for key, kind in listed:
        folder = tmp_path / key
        if kind == "relationship":
            given = "relationships: {r: {to: customers, keys: {c: customer_id}, as_of: {valid_from: since}}}"
            extra = f"kind: dataset\nname: x\nsource: x.y\n{given}\n"
        else:
            example = schema_of(kind)["properties"][key]["examples"][0]
            head = "kind: dataset\nname: x\nsource: x.y\n"
            if kind == "kpi":
                head = KPI.format(name="x", expression="count(*)")
            extra = f"{head}{key}: {as_flow(example)}\n"
        project_of(LANGUAGE, folder, extra=extra)

        assert {f["code"] for f in findings(folder) if f["path"] == "kpis/extra.yaml"} == {
            "form-not-available"
        }


def as_flow(value: Any) -> str:
    """Return a value as YAML in flow style."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {as_flow(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(as_flow, value)) + "]"
        case _:
            return f'"{value}"'


# --- files, calendars, YAML


def test_a_column_has_the_type_that_the_page_says(tmp_path: Path) -> None:
    columns: dict[str, tuple[str, list[str]]] = {}
    for kind, looks in rows_of("Files and their types", "type"):
        samples = list(codes(looks.split(";")[0]))
        beside = {"decimal": ["7"], "timestamp": ["2026-01-31"]}.get(kind, [])
        if kind == "text":
            columns |= {f"text_{n}": ("text", [sample]) for n, sample in enumerate(["007", *samples])}
        else:
            columns[kind] = (kind, [*samples, *beside])
    longest = max(len(samples) for _, samples in columns.values())
    lines = [";".join(columns)]
    lines += [
        ";".join(samples[n] if n < len(samples) else "" for _, samples in columns.values())
        for n in range(longest)
    ]
    extra = 'kind: dataset\nname: kinds\nsource: data/kinds.csv\nformat: {delimiter: ";"}\n'
    project_of(LANGUAGE, tmp_path, extra=extra)
    (tmp_path / "data" / "kinds.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    with asking.open_session(reading.read(tmp_path), ["kinds"], Connection()) as session:
        found = session.checked.catalog.tables["kinds"].columns

    assert {name: kind.value for name, kind in found.items()} == {
        name: kind for name, (kind, _) in columns.items()
    }


@pytest.mark.parametrize(("amount", "is_fine"), [("12.5", True), ("12.345", False), ("a lot", False)])
def test_a_value_that_does_not_fit_its_declared_type_is_an_error(
    amount: str, is_fine: bool, tmp_path: Path
) -> None:
    project_of(LANGUAGE, tmp_path)
    (tmp_path / "data" / "tolls.csv").write_text(
        f"day;gate;amount\n2026-01-05;7;{amount}\n", encoding="utf-8"
    )
    checked = reading.read(tmp_path)
    assert not checked.has_errors, "`kpi check` reads the first line only"

    try:
        asking.open_session(checked, ["tolls"], Connection()).engine.close()
        found = []
    except WrongDefinitions as wrong:
        found = [d.code for d in wrong.diagnostics]

    assert found == ([] if is_fine else ["wrong-column-type"])


def calendars() -> Iterator[tuple[str | None, int]]:
    """Yield the project files of the page with the number of the table that goes with each."""
    yield None, 0
    for number, block in enumerate(LANGUAGE.blocks("yaml")):
        if block.info == ("instead",):
            yield block.text, 1
            assert number


def test_the_periods_are_those_of_the_calendar(tmp_path: Path) -> None:
    for settings, number in calendars():
        calendar = reading.read(
            project_of(LANGUAGE, tmp_path / str(number), instead=settings)
        ).project.settings.calendar
        rows = rows_of("Calendar and time zones", "grain", number)
        assert len(rows) > 3
        for grain, name, start, end in rows:
            period = calendar.period_holding(date(2026, 2, 18), Grain(codes(grain)[0]))
            assert (f"`{period.name}`", period.start.isoformat(), period.end.isoformat()) == (
                name,
                start,
                end,
            )


def test_yaml_is_read_as_the_page_says() -> None:
    numbers, truths, day, texts, unclear, unsupported = rows_of("Writing YAML", "written")

    assert all(isinstance(value_of(code), int | Decimal) for code in codes(numbers[0]))
    assert [value_of(code) for code in codes(truths[0])] == [True, False, None, None]
    assert value_of("") is None
    assert all(isinstance(value_of(code), str) for code in (*codes(day[0]), *codes(texts[0])))
    for row in (unclear, unsupported):
        code, *_ = codes(row[1])
        for written in codes(row[0]):
            _, found = load_text("a.yaml", f"a: {written}\n")
            assert [finding.code for finding in found] == [code], written


def value_of(written: str) -> object:
    [document], found = load_text("a.yaml", f"a: {written}\n")
    assert found == ()
    return document.data["a"]


# --- goals, numbers, keys


def test_the_goal_stands_as_the_page_says(language_project: Path) -> None:
    checked = reading.read(language_project)
    made = judging.assessment(checked, datetime(2026, 4, 1), Connection(), None).goals["a_good_start"]
    rows = rows_of("Goals", "result")

    assert len(rows) == len(made.results)
    for (told, value, expected, status), result in zip(rows, made.results, strict=True):
        assert codes(told)[0] == result.result.kpi
        assert is_shown(result.value, value), told
        assert is_shown(result.expected, expected), told
        assert status == f"`{result.status.value}`", told


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        pytest.param(
            {"depots": "depot_id,town,region_id\n1,Linz,1\n1,Graz,2\n3,Wels,1\n2,Ybbs,1\n"}, "key-not-unique"
        ),
        pytest.param({"depots": "depot_id,town,region_id\n1,Linz,1\n2,Graz,2\n"}, "required-partner-missing"),
    ],
)
def test_data_that_gives_no_right_number_gives_none(
    broken: Mapping[str, str], code: str, tmp_path: Path
) -> None:
    project_of(LANGUAGE, tmp_path)
    for name, rows in broken.items():
        (tmp_path / "data" / f"{name}.csv").write_text(rows, encoding="utf-8")
    ask = asking.Ask(kpis=("revenue",), as_of=datetime(2026, 4, 1), grain=Grain.MONTH, by=("region",))

    with pytest.raises(WrongDefinitions) as wrong:
        asking.answer(reading.read(tmp_path), ask, Connection())

    assert {d.code for d in wrong.value.diagnostics} == {code}


def test_a_number_that_is_none_is_a_finding(tmp_path: Path) -> None:
    declared = "kind: dataset\nname: bad\nsource: data/bad.csv\ntime: day\ncolumns: {x: double}\n---\n"
    kpi = KPI.format(name="broken", expression="sum(x)").replace("dataset: parcels", "dataset: bad")
    project_of(LANGUAGE, tmp_path, extra=declared + kpi)
    (tmp_path / "data" / "bad.csv").write_text("day,x\n2026-03-01,inf\n", encoding="utf-8")
    ask = asking.Ask(kpis=("broken",), as_of=datetime(2026, 4, 1))

    with pytest.raises(WrongDefinitions) as wrong:
        asking.answer(reading.read(tmp_path), ask, Connection())

    assert {d.code for d in wrong.value.diagnostics} == {"not-finite"}


def test_examples_are_read_and_not_computed(tmp_path: Path) -> None:
    """When they are computed one day, the page has to say so."""
    wrong = (
        KPI.format(name="wrong", expression="count(*)")
        + 'examples: [{given: {parcels: []}, expect: {"2026-01": 7}}]\n'
    )
    project_of(LANGUAGE, tmp_path, extra=wrong)

    assert [f for f in findings(tmp_path) if f["severity"] == "error"] == []
    assert "it does not compute them yet" in LANGUAGE.text


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_names_every_key(kind: str) -> None:
    known = {
        word for code in CODE.findall(LANGUAGE.outside_fences()) for word in re.findall(r"[a-z_]+", code)
    }
    assert set(schema_of(kind)["properties"]) - known == set()


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_says_of_each_key_whether_it_is_required(kind: str) -> None:
    schema = schema_of(kind)
    if kind in ("org_unit", "owner", "scorecard"):
        [row] = [row for row in rows_of("People and pages", "kind") if codes(row[0]) == (kind,)]
        required = {word for code in codes(row[1]) for word in re.findall(r"[a-z_]+", code)} | {"kind"}
        assert set(schema["required"]) <= required
        return
    title = {"project": "The project file in full", "dataset": "Datasets", "kpi": "KPIs", "goal": "Goals"}[
        kind
    ]
    required = set()
    listed = set()
    for keys, told in rows_of(title, "key"):
        listed |= set(codes(keys))
        required |= set(codes(keys)) if re.match(r"required(?! unless)", told) else set()
    assert required == set(schema["required"])
    assert listed | {"revisions", "cohort", "funnel", "valid", "time_grain"} >= set(schema["properties"])


def test_the_limits_are_those_of_the_code() -> None:
    said = LANGUAGE.section("Limits")

    for limit in (
        f"{lexer.MAX_CHARACTERS:,} characters",
        f"{lexer.MAX_TOKENS} words and signs",
        f"{parser.MAX_BRACKETS} brackets",
        f"{parser.MAX_OPTIONS} constants",
        f"{lexer.MAX_TEXT} characters",
        f"{scope.MAX_HOPS} steps",
        f"{text.MAX_SIZE // 1024**2} MiB",
        f"{construct.MAX_EVENTS:,} values",
        f"{construct.MAX_DEPTH} deep",
        f"{project.MAX_FILES:,} files",
        f"{kpis.MAX_WRITTEN_OUT:,} parts",
        f"{kpis.MAX_DEPTH} inside one another",
        f"{scalars.DIGITS} digits",
    ):
        assert limit in " ".join(said.split()), limit
