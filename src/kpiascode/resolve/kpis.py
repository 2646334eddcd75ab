"""KPIs: their expressions over rows and over other KPIs, and the graph that they make."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from kpiascode.model.calendar import Grain, is_finer
from kpiascode.model.diagnostic import did_you_mean, one_of
from kpiascode.model.expression import Column, Expression, KpiValue, Local, Name, Type, rebuild, walk
from kpiascode.model.project import (
    Bounds,
    Communication,
    Dataset,
    Dimension,
    Direction,
    Kpi,
    Lifecycle,
    Measure,
    Waiver,
)
from kpiascode.resolve.datasets import Datasets, not_yet
from kpiascode.resolve.lexer import ExpressionError
from kpiascode.resolve.parser import depth, parse
from kpiascode.resolve.reader import Broken, Reader
from kpiascode.resolve.scope import BrokenName, Scope, value, written
from kpiascode.resolve.types import has_aggregate, type_of, with_even_decimals

MAX_DEPTH: Final = 100
MAX_WRITTEN_OUT: Final = 4000
RESERVED_DIMENSIONS: Final = frozenset({"period_name", "entity_key", "row_count", "moment"})
COMING_KEYS: Final = ("revisions", "cohort", "funnel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The names of everything that exists, of whatever shape, by kind."""

    names: Mapping[str, frozenset[str]]

    def check(self, reader: Reader, kind: str, *where: str | int) -> None:
        """Report each reference at `where` (a name or a list of names) that leads nowhere."""
        given = reader.get(*where)
        for position, name in enumerate(reader.texts(*where)):
            if name not in self.names[kind]:
                self.report(reader, kind, name, (*where, position) if isinstance(given, list) else where)

    def report(self, reader: Reader, kind: str, name: str, where: tuple[str | int, ...]) -> None:
        called = {"org_unit": "org unit", "kpi": "KPI"}.get(kind, kind)
        known = self.names[kind]
        article = "an" if called[0] in "aeiou" else "a"
        reader.report(
            f"unknown-{kind.replace('_', '-')}",
            f"`{name}` is not declared as {article} {called}.",
            where,
            did_you_mean(name, known)
            or (f"Declared are {one_of(known)}." if known else f"No {called} is declared yet."),
        )


def resolve_kpi(reader: Reader, datasets: Datasets, known: Known) -> Kpi | None:
    """Return the KPI, or None after reporting what is wrong with it. References are not followed here."""
    known.check(reader, "owner", "owner")
    known.check(reader, "org_unit", "applies_to")
    known.check(reader, "kpi", "counter_kpis")
    known.check(reader, "kpi", "derived_from")
    known.check(reader, "kpi", "status", "deprecated", "replaced_by")
    for position in range(reader.length("leads")):
        known.check(reader, "kpi", "leads", position, "kpi")
    known.check(reader, "org_unit", "communication", "audiences")
    for key in COMING_KEYS:
        if reader.has(key):
            not_yet(reader, (key,), f"`{key}`")
    scope = _scope(reader, datasets, known)
    expression = _value(reader, scope, datasets, known)
    where = time = None
    if scope is not None:
        if reader.has("where"):
            where = _condition(reader, scope, datasets)
        if reader.has("time"):
            time = datasets.time(reader, scope, "time")
        elif not datasets.readers[scope.dataset].has("time") and expression is not None:
            if has_aggregate(expression):
                reader.report(
                    "missing-time",
                    f"Dataset `{scope.dataset}` has no `time`, so nothing says when a row counts.",
                    ("dataset",),
                    "Add `time: <field>` to the dataset or to the KPI.",
                )
        else:
            time = _dataset_time(scope, datasets)
    elif not reader.has("dataset"):
        for key in ("where", "time"):
            if reader.has(key):
                reader.report(
                    "needs-dataset",
                    f"`{key}` is about rows, and the KPI names no dataset.",
                    (key,),
                    "Add `dataset: <name>`, or leave it to the KPIs that are referred to.",
                    at_key=True,
                )
    dimensions = tuple(_dimensions(reader, scope, datasets))
    if reader.broken or expression is None:
        return None
    return Kpi(
        name=reader.name,
        title=reader.text("title"),
        description=reader.text("description"),
        owner=reader.text("owner"),
        applies_to=reader.texts("applies_to"),
        dataset=None if scope is None else scope.dataset,
        time=time,
        expression=expression,
        where=where,
        text=str(reader.get("expression")).strip(),
        where_text=reader.optional("where"),
        grain=Grain(reader.text("grain")),
        dimensions=dimensions,
        unit=_unit(reader),
        direction=Direction(reader.text("direction")),
        bounds=Bounds(min=reader.number("bounds", "min"), max=reader.number("bounds", "max")),
        counter_kpis=reader.texts("counter_kpis"),
        act=reader.optional("act"),
        communication=_communication(reader),
        status=_lifecycle(reader),
        examples=reader.length("examples"),
        edge_examples=sum(_is_edge(reader, position) for position in range(reader.length("examples"))),
        waivers=tuple(_waivers(reader)),
        place=reader.place,
    )


def _scope(reader: Reader, datasets: Datasets, known: Known) -> Scope | None:
    name = reader.optional("dataset")
    if name is None:
        return None
    known.check(reader, "dataset", "dataset")
    if name in datasets.readers:
        return datasets.scope(name)
    reader.broken = True
    return None


def _value(reader: Reader, scope: Scope | None, datasets: Datasets, known: Known) -> Expression | None:
    if scope is None and reader.has("dataset"):
        return None
    try:
        found = datasets.local(value(reader.expression("expression"), scope, known.names["kpi"]))
        kind = type_of(found)
        if kind not in (Type.UNKNOWN, Type.INTEGER, Type.DECIMAL, Type.DOUBLE):
            raise ExpressionError(
                "not-a-number",
                f"The value of a KPI is a number, and this is {kind.value}.",
                found.at,
                "Count or measure it, for example with count(distinct x) or days_between.",
            )
    except ExpressionError as error:
        reader.refuse(error, ("expression",))
    except (Broken, BrokenName):
        reader.broken = True
    else:
        return found
    return None


def _condition(reader: Reader, scope: Scope, datasets: Datasets) -> Expression | None:
    try:
        found = datasets.local(scope.row(reader.expression("where")))
        if type_of(found) not in (Type.BOOLEAN, Type.UNKNOWN):
            raise ExpressionError(
                "type-mismatch", "`where` is a condition, true or false for each row.", found.at
            )
    except ExpressionError as error:
        reader.refuse(error, ("where",))
    except (Broken, BrokenName):
        reader.broken = True
    else:
        return found
    return None


def _dataset_time(scope: Scope, datasets: Datasets) -> Expression | None:
    """Return the dataset's own time; what is wrong with it is reported where it is declared."""
    text = datasets.readers[scope.dataset].optional("time")
    try:
        return None if text is None else datasets.local(scope.row(parse(text)))
    except (ExpressionError, BrokenName):
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


def _unit(reader: Reader) -> Measure:
    name = reader.optional("unit")
    if name is not None:
        return Measure(name=name)
    return Measure(name="currency", currency=reader.text("unit", "currency"))


def _communication(reader: Reader) -> Communication | None:
    if not reader.has("communication"):
        return None
    return Communication(
        audiences=reader.texts("communication", "audiences"),
        channels=reader.texts("communication", "channels"),
        lag=reader.duration("communication", "lag"),
    )


def _lifecycle(reader: Reader) -> Lifecycle:
    status = reader.get("status")
    if isinstance(status, dict):
        return Lifecycle.DEPRECATED
    return Lifecycle(status) if isinstance(status, str) else Lifecycle.ACTIVE


def _is_edge(reader: Reader, position: int) -> bool:
    """Return whether a worked example shows an edge: no rows at all, or an undefined value."""
    given = reader.get("examples", position, "given")
    expect = reader.get("examples", position, "expect")
    empty = isinstance(given, dict) and all(rows == [] for rows in given.values())
    return empty or (isinstance(expect, dict) and None in expect.values())


def _waivers(reader: Reader) -> Iterator[Waiver]:
    for position in range(reader.length("waivers")):
        yield Waiver(
            probe=reader.text("waivers", position, "probe"),
            reason=reader.text("waivers", position, "reason"),
            approved_by=reader.text("waivers", position, "approved_by"),
            expires=date.fromisoformat(reader.text("waivers", position, "expires")),
        )


# --- what KPIs rest on


def rests_on_sound(kpi: Kpi, datasets: Mapping[str, Dataset]) -> bool:
    """Return whether all that the KPI's rows reach is sound; what is not has findings of its own."""
    if kpi.dataset is None:
        return True
    own = (kpi.expression, kpi.where, kpi.time, *(dimension.expression for dimension in kpi.dimensions))
    paths = {part.path for node in own if node is not None for part in walk(node) if isinstance(part, Column)}
    return kpi.dataset in datasets and all(_is_sound(kpi.dataset, path, datasets) for path in paths)


def _is_sound(holder: str, path: tuple[str, ...], datasets: Mapping[str, Dataset]) -> bool:
    for step in path:
        relationship = datasets[holder].relationships.get(step)
        if relationship is None or relationship.to not in datasets:
            return False
        holder = relationship.to
    return True


# --- the graph of KPIs


def references(kpi: Kpi) -> tuple[KpiValue, ...]:
    """Return the KPIs that the expression names, in order, with their places."""
    return tuple(node for node in walk(kpi.expression) if isinstance(node, KpiValue))


def settle_graph(kpis: dict[str, Kpi], readers: Mapping[str, Reader]) -> dict[str, Kpi]:
    """Return the KPIs whose references are sound; report cycles, endless chains and misfits of the others.

    KPIs that refer to a broken one are left out without a finding of their own.
    """
    _report_cycles(kpis, readers)
    sound: dict[str, Kpi] = {}
    sizes: dict[str, int] = {}
    depths: dict[str, int] = {}
    types: dict[str, Type] = {}
    for name in _in_dependency_order(kpis):
        kpi, reader = kpis[name], readers[name]
        parts = references(kpi)
        if reader.broken or any(part.kpi not in sound for part in parts):
            reader.broken = True
            continue
        sizes[name] = written(kpi.expression, sizes)
        depths[name] = depth(kpi.expression) + max((depths[part.kpi] for part in parts), default=0)
        if sizes[name] > MAX_WRITTEN_OUT or depths[name] > MAX_DEPTH:
            _report_size(reader, parts)
            continue
        _check_references(kpi, reader, sound)
        if not reader.broken:
            sound[name] = _with_dimensions(_with_types(kpi, types), sound) if parts else kpi
            types[name] = type_of(sound[name].expression)
    return {name: sound[name] for name in kpis if name in sound}


def _report_size(reader: Reader, parts: tuple[KpiValue, ...]) -> None:
    if parts:
        reader.report(
            "reference-chain-too-long",
            "Written out, the KPIs that this one refers to grow beyond what can be computed at once.",
            ("expression",),
            f"At most {MAX_WRITTEN_OUT:,} parts in all, {MAX_DEPTH} inside one another.",
        )
    else:
        reader.report(
            "expression-too-large",
            "With its fields written out, the expression grows beyond what is read.",
            ("expression",),
            "Move parts of it into KPIs of their own, or make a view in the warehouse.",
        )


def _report_cycles(kpis: Mapping[str, Kpi], readers: Mapping[str, Reader]) -> None:
    done: set[str] = set()
    for start in kpis:
        trail: list[str] = []
        stack: list[tuple[str, Iterator[KpiValue]]] = []
        if start in done:
            continue
        stack.append((start, iter(references(kpis[start]))))
        trail.append(start)
        while stack:
            name, parts = stack[-1]
            part = next(parts, None)
            if part is None:
                stack.pop()
                trail.pop()
                done.add(name)
            elif part.kpi in trail:
                way = " -> ".join([*trail[trail.index(part.kpi) :], part.kpi])
                readers[name].refuse(
                    ExpressionError(
                        "kpi-cycle",
                        f"A KPI cannot be made of itself: {way}.",
                        part.at,
                        "Break the circle: one of them must be computed from rows.",
                    ),
                    ("expression",),
                )
            elif part.kpi in kpis and part.kpi not in done:
                trail.append(part.kpi)
                stack.append((part.kpi, iter(references(kpis[part.kpi]))))


def _in_dependency_order(kpis: Mapping[str, Kpi]) -> tuple[str, ...]:
    """Return the names with every KPI after those that it refers to, without recursion."""
    order: dict[str, None] = {}
    for start in kpis:
        stack = [start]
        opened: set[str] = set()
        while stack:
            name = stack[-1]
            waiting = [
                part.kpi
                for part in references(kpis[name])
                if part.kpi in kpis and part.kpi not in order and part.kpi not in opened
            ]
            if name in order or (name in opened and not waiting):
                order[name] = None
                stack.pop()
                continue
            opened.add(name)
            if waiting:
                stack.extend(waiting)
            else:
                order[name] = None
                stack.pop()
    return tuple(order)


def _check_references(kpi: Kpi, reader: Reader, kpis: Mapping[str, Kpi]) -> None:
    for part in references(kpi):
        other = kpis[part.kpi]
        if is_finer(kpi.grain, other.grain):
            reader.refuse(
                ExpressionError(
                    "grain-finer-than-reference",
                    f"`{other.name}` is read by {other.grain.value} at the finest, and this KPI by "
                    f"{kpi.grain.value}.",
                    part.at,
                    f"Set `grain: {other.grain.value}` or coarser.",
                ),
                ("expression",),
            )
        names = {dimension.name for dimension in other.dimensions}
        for position, dimension in enumerate(kpi.dimensions):
            if dimension.name not in names:
                reader.report(
                    "dimension-not-shared",
                    f"`{other.name}` has no dimension `{dimension.name}`, so the two do not fit together.",
                    ("dimensions", position),
                    f"It has {one_of(names)}." if names else "It has no dimensions.",
                )


def _with_types(kpi: Kpi, types: Mapping[str, Type]) -> Kpi:
    """Return the KPI with the types of those that it names, and decimals evened out where these meet."""

    def typed(node: Expression) -> Expression:
        return replace(node, type=types[node.kpi]) if isinstance(node, KpiValue) else rebuild(node, typed)

    return replace(kpi, expression=with_even_decimals(typed(kpi.expression)))


def _with_dimensions(kpi: Kpi, kpis: Mapping[str, Kpi]) -> Kpi:
    """Return the KPI with the types of its dimensions taken from what it refers to."""
    if kpi.dataset is not None:
        return kpi
    found = []
    for dimension in kpi.dimensions:
        types = [
            other.type
            for part in references(kpi)
            for other in kpis[part.kpi].dimensions
            if other.name == dimension.name
        ]
        found.append(replace(dimension, type=types[0] if types else Type.UNKNOWN))
    return replace(kpi, dimensions=tuple(found))
