"""What docs/language.md claims is so: its tables are read from the page, and computed."""

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from doc_pages import CODE, LANGUAGE, ROOT, Page, arrows, codes, findings, kpi, project_of, tables

from kpiascode import resolve
from kpiascode.compile.dialects import DIALECTS
from kpiascode.load import construct, project, scalars, text
from kpiascode.load.text import load_text
from kpiascode.model.calendar import Duration, Grain, Unit
from kpiascode.model.diagnostic import Severity
from kpiascode.pipeline import asking, judging, reading
from kpiascode.pipeline.connection import Connection
from kpiascode.pipeline.refusals import WrongDefinitions, WrongQuestion
from kpiascode.plan import windows
from kpiascode.resolve import functions, graph, lexer, parser, rule, scope
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
CHANGED = "changed"
MANAGEMENT = Page(ROOT / "docs" / "performance-management.md")
MANAGED = {
    "Check-ins": ("check_in",),
    "Reviews": ("review_template", "review_cycle"),
    "One-on-ones": ("one_on_one_series",),
    "Improvement plans": ("improvement_plan",),
    "Feedback": ("feedback_round",),
    "Thanks": ("recognition_program", "recognition"),
}
KEEPING = {"purpose", "lawful_basis", "retention_until"}
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


def declared(kind: str) -> dict[str, dict[str, Any]]:
    """Return the documents of a kind that the page declares, by name."""
    blocks = (block.text for block in LANGUAGE.blocks("yaml") if not block.info)
    documents = (document for block in blocks for document in yaml.safe_load_all(block))
    return {document["name"]: document for document in documents if document.get("kind") == kind}


def changed(kind: str, name: str, keys: Iterable[str]) -> str:
    """Return a document of the page under another name with some keys changed; null takes one away."""
    document = declared(kind)[name] | {"name": CHANGED}
    for key in keys:
        document |= yaml.safe_load(re.sub(r"^(expression|where): (.*)", _quoted, key))
    return str(yaml.safe_dump({key: value for key, value in document.items() if value is not None}))


def _quoted(match: re.Match[str]) -> str:
    return match[0] if match[2].startswith('"') else f"{match[1]}: '{match[2].replace(chr(39), chr(39) * 2)}'"


def template_of(over: str) -> str:
    """Return the KPI that a table is about, to be filled with names and expressions."""
    if over in DATASETS:
        return KPI.replace("dataset: parcels", f"dataset: {over}")
    document = declared("kpi")[over] | {"name": "{name}", "title": "{name}", "expression": "{expression}"}
    lines = (f"{key}: {json.dumps(value)}" for key, value in document.items() if key != "expression")
    text = "\n".join(lines).replace("{", "{{").replace("}", "}}").replace("{{name}}", "{name}")
    return f"{text}\nexpression: >-\n  {{expression}}\n"


def monthly() -> Iterator[tuple[str, dict[str, Sequence[str]]]]:
    """Yield the tables of the page that show months, and over what: a dataset, or a KPI's keys."""
    for head, *rows in tables(LANGUAGE.outside_fences()):
        if head[1:4] == ("2026-01", "2026-02", "2026-03"):
            yield codes(head[0])[0], {codes(write)[0]: months for write, *months, _ in rows}


DATASETS = declared("dataset")
MONTHLY = tuple(monthly())
WRONG_KEYS, WRONG_QUESTIONS, WRONG_ROWS = (rows_of("What is refused, and why", "in", nth) for nth in range(3))


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


@pytest.mark.parametrize(("over", "table"), MONTHLY, ids=[over for over, _ in MONTHLY])
def test_each_form_gives_what_the_page_says_month_by_month(
    over: str, table: Mapping[str, Sequence[str]], tmp_path: Path
) -> None:
    values = computed(tmp_path, table, Grain.MONTH, template_of(over))

    for expression, months in table.items():
        pairs = zip(values[expression], months, strict=True)
        assert all(is_shown(value, month) for value, month in pairs), (expression, values[expression])


def test_every_form_has_a_row_of_months_or_an_arrow() -> None:
    shown = " ".join(expression for _, table in MONTHLY for expression in table)
    shown += " ".join(expression for expression, _ in arrows(LANGUAGE.outside_fences()))

    assert len(MONTHLY) >= 9
    forms = functions.AGGREGATES | functions.TIME_FORMS | functions.OTHER_FORMS - {"share"}
    assert sorted(form for form in forms if f"{form}(" not in shown) == []


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


@pytest.mark.parametrize("name", [*sorted(rule.RESERVED_DIMENSIONS), "a__b"])
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


# --- definitions, questions and data that are refused


@pytest.mark.parametrize(
    ("name", "keys", "code"),
    [(codes(told)[0], codes(keys), codes(code)[0]) for told, keys, code, _ in WRONG_KEYS],
)
def test_keys_that_contradict_each_other_are_refused_with_the_code_on_the_page(
    name: str, keys: tuple[str, ...], code: str, tmp_path: Path
) -> None:
    kind = "dataset" if name in DATASETS else "kpi"
    project_of(LANGUAGE, tmp_path, extra=changed(kind, name, keys))
    checked = reading.read(tmp_path)
    found = {d.code for d in checked.diagnostics if d.severity is Severity.ERROR}
    if not found:  # types of columns are known only when the files are read
        files = [dataset.name for dataset in checked.project.datasets.values() if dataset.is_file]
        with pytest.raises(WrongDefinitions) as wrong:
            asking.open_session(checked, files, Connection()).engine.close()
        found = {d.code for d in wrong.value.diagnostics}

    assert found == {code}


@pytest.mark.parametrize(
    ("name", "keys", "options", "code"),
    [
        (codes(told)[0], codes(keys), codes(ask)[0], codes(code)[0])
        for told, keys, ask, code, _ in WRONG_QUESTIONS
    ],
)
def test_a_question_without_an_answer_is_refused_with_the_code_on_the_page(
    name: str, keys: tuple[str, ...], options: str, code: str, tmp_path: Path
) -> None:
    project_of(LANGUAGE, tmp_path, extra=changed("kpi", name, keys))
    command = "compile" if "--dialect" in options else "run"

    exit_code, _, told = kpi([command, CHANGED, "--as-of", "2026-04-01", *shlex.split(options)], tmp_path)

    assert (exit_code, re.findall(r"^error\[(.*?)\]", told, re.MULTILINE)) == (2, [code])


@pytest.mark.parametrize(
    ("name", "keys", "row", "file", "code"),
    [
        (codes(told)[0], codes(keys), *codes(added), codes(code)[0])
        for told, keys, added, code, _ in WRONG_ROWS
    ],
)
def test_one_more_row_is_enough_for_no_number(
    name: str, keys: tuple[str, ...], row: str, file: str, code: str, tmp_path: Path
) -> None:
    project_of(LANGUAGE, tmp_path, extra=changed("kpi", name, keys))
    ask = asking.Ask(kpis=(CHANGED,), as_of=datetime(2026, 4, 1), grain=Grain.MONTH)
    checked = reading.read(tmp_path)
    assert list(asking.answer(checked, ask, Connection()))

    with (tmp_path / file).open("a", encoding="utf-8") as data:
        data.write(f"{row}\n")
    with pytest.raises(WrongDefinitions) as wrong:
        asking.answer(reading.read(tmp_path), ask, Connection())

    assert {d.code for d in wrong.value.diagnostics} == {code}


def test_what_forms_and_keys_are_refused_with_is_on_the_page() -> None:
    """Codes that are raised beside the forms; those of all expressions stand in the table before."""
    stages = Path(resolve.__file__).parents[1]
    files = [stages / "resolve" / name for name in ("forms.py", "entities.py", "rule.py", "kpis.py")]
    files += [stages / "plan" / name for name in ("windows.py", "planner.py")]
    raised = {
        code for file in files for code in re.findall(r'"([a-z]+(?:-[a-z]+)+)"', file.read_text("utf-8"))
    }

    assert (
        raised - set(CODE.findall(LANGUAGE.outside_fences())) - {"duplicate-dimension", "not-a-number"}
        == set()
    )


# --- what the page says of forms in words


def one(
    folder: Path, extra: str, *, as_of: str = "2026-04-01", name: str = "changed"
) -> list[Decimal | None]:
    """Return the values of one KPI beside those of the page, from January to March."""
    ask = asking.Ask(
        kpis=(name,), as_of=datetime.fromisoformat(as_of), grain=Grain.MONTH, start=JANUARY, end=APRIL
    )
    checked = reading.read(project_of(LANGUAGE, folder, extra=extra))
    return [observation.value for observation in asking.answer(checked, ask, Connection())]


def test_day_30_of_a_customer_is_the_day_with_30_days_before_it(tmp_path: Path) -> None:
    ages = "cohort: {entity: customer_id, starts: customer.since, age: {from: 30 days, to: 31 days}}"

    # parcel 8, which customer 12 hands over on 2 March
    assert one(tmp_path, changed("kpi", "first_month_value", (ages, "expression: sum(price)"))) == [
        14,
        None,
        None,
    ]


@pytest.mark.parametrize(("as_of", "january"), [("2026-02-28T23:59", None), ("2026-03-01", 1)])
def test_a_month_from_31_january_ends_on_28_february(as_of: str, january: int | None, tmp_path: Path) -> None:
    """All of January are a month old when the one who begins at its very end is: on 1 March."""
    keys = (
        "cohort: {entity: customer_id, starts: customer.since, age: 1 month}",
        "expression: count(*)",
    )

    assert one(tmp_path, changed("kpi", "first_month_value", keys), as_of=as_of)[0] == january


def test_a_cohort_is_not_complete_until_the_youngest_is_old_enough(language_project: Path) -> None:
    def complete(as_of: datetime) -> list[bool]:
        ask = asking.Ask(
            kpis=("first_month_value",), as_of=as_of, grain=Grain.MONTH, start=JANUARY, end=APRIL
        )
        return [o.complete for o in asking.answer(reading.read(language_project), ask, Connection())]

    assert complete(datetime(2026, 4, 30, 23)) == [True, True, False]
    assert complete(datetime(2026, 5, 1)) == [True, True, True]


def test_where_of_a_cohort_picks_entities(tmp_path: Path) -> None:
    where = "where: \"customer.segment = 'business'\""
    cohort = f"cohort: {{entity: customer_id, starts: customer.since, age: 30 days, {where}}}"

    assert one(tmp_path, changed("kpi", "first_month_value", (cohort,)))[0] == 12, "customer 13 is private"


def test_one_row_may_serve_two_steps(tmp_path: Path) -> None:
    steps = "[{where: \"page in ('prices', 'label')\"}, {where: page = 'label'}]"
    keys = (f"funnel: {{entity: visitor, within: 7 days, steps: {steps}}}", "expression: step(2)")

    # 13 begins with a label, which is both; only 14 has none in time
    assert one(tmp_path, changed("kpi", "conversion", keys))[0] == 4


def test_the_kpis_where_reaches_the_steps_of_its_own_dataset(tmp_path: Path) -> None:
    keys = ("where: device = 'laptop'", "expression: step(2)")

    # 10 looks at the prices by laptop on 19 January, with no label after it; 11 looks and buys; 14 is late
    assert one(tmp_path, changed("kpi", "conversion", keys))[0] == 1


def test_of_two_first_rows_the_one_whose_dimensions_come_first_counts(tmp_path: Path) -> None:
    project_of(LANGUAGE, tmp_path)
    with (tmp_path / "data" / "visits.csv").open("a", encoding="utf-8") as data:
        data.write("15,2026-01-11 10:00:00,prices,phone\n15,2026-01-11 10:00:00,prices,laptop\n")
    (tmp_path / "kpis" / "extra.yaml").write_text(
        changed("kpi", "conversion", ("expression: step(1)",)), encoding="utf-8"
    )
    ask = asking.Ask(
        kpis=(CHANGED,), as_of=datetime(2026, 4, 1), grain=Grain.MONTH, start=JANUARY, end=date(2026, 2, 1),
        by=("device",),
    )  # fmt: skip

    found = asking.answer(reading.read(tmp_path), ask, Connection())

    assert {dict(o.slice)["device"]: o.value for o in found} == {"laptop": 3, "phone": 3}


def test_units_after_as_of_do_not_exist(tmp_path: Path) -> None:
    keys = ("expression: average_over(count(*), day)", "grain: month")

    # 20 days, with two counts on the 16th
    assert one(tmp_path, changed("kpi", "waiting", keys), as_of="2026-01-21")[0] == Decimal("0.1")


def test_a_share_without_a_segment_is_one(tmp_path: Path) -> None:
    assert one(tmp_path, "", name="revenue_share") == [1, 1, 1]


def test_a_rate_that_is_required_is_an_error_of_the_data(tmp_path: Path) -> None:
    page = LANGUAGE.text
    assert "With `required: true` it is an error of the data (`required-partner-missing`)" in page
    dataset = changed("dataset", "fees", (
        "relationships: {rate: {to: rates, keys: {currency: currency}, required: true, as_of: {at: paid_on, valid_from: day}}}",
    ))  # fmt: skip
    own = changed("kpi", "customs_fees", (f"dataset: {CHANGED}",))

    with pytest.raises(WrongDefinitions) as wrong:
        one(tmp_path, f"{dataset}---\n{own}")

    assert {d.code for d in wrong.value.diagnostics} == {"required-partner-missing"}


def test_the_estimates_of_each_dialect_are_those_on_the_page() -> None:
    told = {
        dialect: set(codes(estimates))
        for dialects, estimates in rows_of("Over many rows", "dialect")
        for dialect in codes(dialects)
    }

    assert told == {name: set(dialect.approximates) for name, dialect in DIALECTS.items()}


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


def test_examples_are_computed(tmp_path: Path) -> None:
    wrong = (
        KPI.format(name="wrong", expression="count(*)")
        + 'examples: [{given: {parcels: []}, expect: {"2026-01": 7}}]\n'
    )
    project_of(LANGUAGE, tmp_path, extra=wrong)

    (found,) = [f for f in findings(tmp_path) if f["severity"] == "error"]

    assert (found["code"], found["message"]) == ("example-fails", "Expected 7 for 2026-01, computed 0.")


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_names_every_key(kind: str) -> None:
    known = {
        word for code in CODE.findall(LANGUAGE.outside_fences()) for word in re.findall(r"[a-z_]+", code)
    }
    assert set(schema_of(kind)["properties"]) - known == set()


@pytest.mark.parametrize(
    ("kind", "title"), [(kind, title) for title, kinds in MANAGED.items() for kind in kinds]
)
def test_the_page_of_performance_management_has_a_table_of_the_keys(kind: str, title: str) -> None:
    schema = schema_of(kind)
    [table] = [rows for rows in tables(MANAGEMENT.section(title)) if rows[0][0] in (f"`{kind}`", "key")]
    listed = {key for keys, _ in table[1:] for key in codes(keys)} | KEEPING
    required = {key for keys, told in table[1:] if told.startswith("required") for key in codes(keys)}

    assert listed == set(schema["properties"]) | KEEPING
    conditional = {"goal", "kpi", "opened_with_employee", "hr_reviewer"}
    assert required - conditional == set(schema["required"])


def test_the_page_of_performance_management_says_what_every_restricted_document_has() -> None:
    [table] = tables(MANAGEMENT.section("The restricted folder"))

    assert {key for keys, _ in table[1:] for key in codes(keys)} == KEEPING


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
    assert listed >= set(schema["properties"])


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
        f"{project.MAX_BYTES:,} characters",
        f"{project.MAX_VALUES:,} values",
        f"{windows.MAX_UNITS:,} units",
        f"{graph.MAX_WRITTEN_OUT:,} parts",
        f"{graph.MAX_DEPTH} inside one another",
        f"{scalars.DIGITS} digits",
    ):
        assert limit in " ".join(said.split()), limit
