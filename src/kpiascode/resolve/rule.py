"""The rule of a KPI: over which rows, dated by what, by which expression, sliced how."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kpiascode.model.expression import Expression, Local, Name, Type
from kpiascode.model.project import Cohort, Dimension, Funnel
from kpiascode.resolve.datasets import Datasets
from kpiascode.resolve.entities import resolve_cohort, resolve_funnel
from kpiascode.resolve.forms import Surroundings, check_forms, needs_time
from kpiascode.resolve.keys import Keys
from kpiascode.resolve.known import Known
from kpiascode.resolve.lexer import ExpressionError
from kpiascode.resolve.reader import Broken, Reader
from kpiascode.resolve.scope import BrokenName, Scope, value
from kpiascode.resolve.types import type_of

RESERVED_DIMENSIONS: Final = frozenset({"period_name", "entity_key", "row_count", "moment", "unit_name"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a revision may replace, and what follows from it. See `Kpi` for the fields."""

    dataset: str | None
    time: Expression | None
    expression: Expression
    where: Expression | None
    text: str
    where_text: str | None
    dimensions: tuple[Dimension, ...]
    cohort: Cohort | None
    funnel: Funnel | None


def resolve_rule(keys: Keys, datasets: Datasets, known: Known) -> Rule | None:
    """Return the rule, or None after reporting what is wrong with it. References are not followed here."""
    reader = keys.reader
    scope = _scope(keys, datasets, known)
    expression = _value(keys, scope, datasets, known)
    where = time = None
    if scope is not None:
        if keys.has("where"):
            where = datasets.condition(reader, scope, *keys.at("where"))
        time = _time(keys, scope, datasets, expression)
    elif not keys.has("dataset"):
        for key in ("where", "time", "cohort", "funnel"):
            if keys.has(key):
                reader.report(
                    "needs-dataset",
                    f"`{key}` is about rows, and the KPI names no dataset.",
                    keys.at(key),
                    "Add `dataset: <name>`, or leave it to the KPIs that are referred to.",
                    at_key=True,
                )
    dimensions = tuple(_dimensions(reader, scope, datasets))
    cohort = funnel = None
    if scope is not None and not reader.broken:
        cohort = resolve_cohort(reader, scope, datasets, dimensions, time)
        funnel = resolve_funnel(reader, scope, datasets, known, time)
    if reader.broken or expression is None:
        return None
    around = Surroundings(
        dimensions=tuple(dimension.name for dimension in dimensions),
        valid=scope is not None and datasets.readers[scope.dataset].has("valid"),
        cohort=cohort is not None,
        steps=0 if funnel is None else len(funnel.steps),
    )
    try:
        check_forms(expression, around)
    except ExpressionError as error:
        reader.refuse(error, keys.at("expression"))
        return None
    return Rule(
        dataset=None if scope is None else scope.dataset,
        time=time,
        expression=expression,
        where=where,
        text=str(reader.get(*keys.at("expression"))).strip(),
        where_text=reader.optional(*keys.at("where")),
        dimensions=dimensions,
        cohort=cohort,
        funnel=funnel,
    )


def _scope(keys: Keys, datasets: Datasets, known: Known) -> Scope | None:
    name = keys.reader.optional(*keys.at("dataset"))
    if name is None:
        return None
    known.check(keys.reader, "dataset", *keys.at("dataset"))
    if name in datasets.readers:
        return datasets.scope(name)
    keys.reader.broken = True
    return None


def _value(keys: Keys, scope: Scope | None, datasets: Datasets, known: Known) -> Expression | None:
    reader, where = keys.reader, keys.at("expression")
    if scope is None and keys.has("dataset"):
        return None
    try:
        found = datasets.local(value(reader.expression(*where), scope, known))
        kind = type_of(found)
        if kind not in (Type.UNKNOWN, Type.INTEGER, Type.DECIMAL, Type.DOUBLE):
            raise ExpressionError(
                "not-a-number",
                f"The value of a KPI is a number, and this is {kind.value}.",
                found.at,
                "Count or measure it, for example with count(distinct x) or days_between.",
            )
    except ExpressionError as error:
        reader.refuse(error, where)
    except (Broken, BrokenName):
        reader.broken = True
    else:
        return found
    return None


def _time(keys: Keys, scope: Scope, datasets: Datasets, expression: Expression | None) -> Expression | None:
    """Return what dates the rows. None: nothing does, and nothing needs it; or it is reported."""
    reader, dataset = keys.reader, datasets.readers[scope.dataset]
    if keys.has("time"):
        return datasets.time(reader, scope, *keys.at("time"))
    if dataset.has("time"):
        return datasets.own_time(scope.dataset)
    entities = reader.has("cohort") or reader.has("funnel")
    if expression is not None and (entities or needs_time(expression, valid=dataset.has("valid"))):
        reader.report(
            "missing-time",
            f"Dataset `{scope.dataset}` has no `time`, so nothing says when a row counts.",
            keys.at("dataset"),
            "Take it at the end of the period, closing(...), or add `time: <field>` to the KPI."
            if dataset.has("valid")
            else "Add `time: <field>` to the dataset or to the KPI.",
        )
    return None


def _dimensions(reader: Reader, scope: Scope | None, datasets: Datasets) -> Iterator[Dimension]:
    seen = set()
    for position in range(reader.length("dimensions")):
        where: tuple[str | int, ...] = ("dimensions", position)
        entry = reader.get(*where)
        person = False
        if isinstance(entry, dict):
            name = next((key for key in entry if key != "person"), "")
            person = reader.flag(*where, "person")
            where = (*where, name)
            path = reader.text(*where)
        else:
            name = path = reader.text(*where)
        if name in seen:
            reader.report("duplicate-dimension", f"The dimension `{name}` is listed twice.", where)
            continue
        seen.add(name)
        if name in RESERVED_DIMENSIONS or "__" in name:
            reader.report(
                "reserved-name",
                f"A dimension cannot be called `{name}`, which the SQL needs for itself.",
                where,
                f"Give it another name: `{{{name}_value: {path}}}`.",
            )
            continue
        if scope is None:
            if path != name and not reader.has("dataset"):
                reader.report(
                    "needs-dataset",
                    "A KPI that only refers to others names their dimensions and gives no paths.",
                    where,
                    "Write the dimension's name alone.",
                )
            yield Dimension(name=name, path=path, expression=None, type=Type.UNKNOWN, person=person)
            continue
        try:
            node = reader.expression(*where)
            if not isinstance(node, Name):
                raise ExpressionError(
                    "invalid-value", "A dimension is a field or a path.", node.at, "Declare a field for it."
                )
            found = datasets.local(scope.row(node))
            if type_of(found) is Type.INSTANT:
                found = Local(found, None, datasets.calendar.timezone, at=found.at)
        except ExpressionError as error:
            reader.refuse(error, where)
        except (Broken, BrokenName):
            reader.broken = True
        else:
            yield Dimension(name=name, path=path, expression=found, type=type_of(found), person=person)
