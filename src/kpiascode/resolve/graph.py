"""The graph of KPIs: what each rests on, no circles, and parts that fit together."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from kpiascode.model.calendar import is_finer
from kpiascode.model.diagnostic import circle, one_of
from kpiascode.model.expression import (
    Cast,
    Closing,
    Column,
    Expression,
    KpiValue,
    Opening,
    Type,
    rebuild,
    walk,
)
from kpiascode.model.project import Dataset, Kpi, follow
from kpiascode.resolve.keys import Keys
from kpiascode.resolve.lexer import ExpressionError
from kpiascode.resolve.parser import depth
from kpiascode.resolve.reader import Reader
from kpiascode.resolve.scope import FORMS, written
from kpiascode.resolve.types import type_of, wider, with_even_decimals

MAX_DEPTH: Final = 100
MAX_WRITTEN_OUT: Final = 4000


def rests_on_sound(kpi: Kpi, datasets: Mapping[str, Dataset]) -> bool:
    """Return whether all that the KPI's rows reach is sound; what is not has findings of its own."""
    return all(_reaches_sound(rule, datasets) for rule in kpi.rules)


def _reaches_sound(kpi: Kpi, datasets: Mapping[str, Dataset]) -> bool:
    if kpi.dataset is None:
        return True
    own = [kpi.expression, kpi.where, kpi.time, *(dimension.expression for dimension in kpi.dimensions)]
    if kpi.cohort is not None:
        own += [kpi.cohort.starts, kpi.cohort.rows]
    if not _all_sound(kpi.dataset, own, datasets):
        return False
    if kpi.cohort is not None and not _all_sound(
        kpi.cohort.home, [kpi.cohort.entity, kpi.cohort.where], datasets
    ):
        return False
    steps = () if kpi.funnel is None else kpi.funnel.steps
    return all(_all_sound(step.dataset, [step.time, step.entity, step.where], datasets) for step in steps)


def _all_sound(dataset: str, nodes: list[Expression | None], datasets: Mapping[str, Dataset]) -> bool:
    paths = {
        part.path for node in nodes if node is not None for part in walk(node) if isinstance(part, Column)
    }
    return dataset in datasets and all(follow(datasets, dataset, path) is not None for path in paths)


def references(kpi: Kpi) -> tuple[KpiValue, ...]:
    """Return the KPIs that the expression names, under any rule, in order, with their places."""
    return tuple(node for rule in kpi.rules for node in _named(rule))


def _named(rule: Kpi) -> Iterator[KpiValue]:
    return (node for node in walk(rule.expression) if isinstance(node, KpiValue))


def _placed(kpi: Kpi, reader: Reader) -> Iterator[tuple[KpiValue, tuple[str | int, ...]]]:
    """Yield the references with the place of the text that holds them."""
    return ((part, where) for rule, where in _texts(kpi, reader) for part in _named(rule))


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
        sizes[name] = sum(written(rule.expression, sizes) for rule in kpi.rules)
        deepest = max(depth(rule.expression) for rule in kpi.rules)
        depths[name] = deepest + max((depths[part.kpi] for part in parts), default=0)
        if sizes[name] > MAX_WRITTEN_OUT or depths[name] > MAX_DEPTH:
            _report_size(reader, parts)
            continue
        _check_references(kpi, reader, sound)
        _check_balances(kpi, reader, sound)
        if not reader.broken:
            sound[name] = _with_dimensions(_with_types(kpi, types), sound)
            types[name] = _type(sound[name])
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
        trail: dict[str, None] = {}
        stack: list[tuple[str, Iterator[KpiValue]]] = []
        if start in done:
            continue
        stack.append((start, iter(references(kpis[start]))))
        trail[start] = None
        while stack:
            name, parts = stack[-1]
            part = next(parts, None)
            if part is None:
                stack.pop()
                trail.popitem()
                done.add(name)
            elif part.kpi in trail:
                names = tuple(trail)
                way = circle(names[names.index(part.kpi) :])
                where = next(where for found, where in _placed(kpis[name], readers[name]) if found is part)
                readers[name].refuse(
                    ExpressionError(
                        "kpi-cycle",
                        f"A KPI cannot be made of itself: {way}.",
                        part.at,
                        "Break the circle: one of them must be computed from rows.",
                    ),
                    where,
                )
            elif part.kpi in kpis and part.kpi not in done:
                trail[part.kpi] = None
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
    for part, where in _placed(kpi, reader):
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
                where,
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


def _check_balances(kpi: Kpi, reader: Reader, kpis: Mapping[str, Kpi]) -> None:
    """Report a balance of a KPI that is itself made by forms: it has no rows of one moment."""
    for rule, where in _texts(kpi, reader):
        for form in walk(rule.expression):
            if not isinstance(form, Closing | Opening):
                continue
            for part in walk(form.operand):
                if isinstance(part, KpiValue) and (inside := _formed(part.kpi, kpis)) is not None:
                    reader.refuse(
                        ExpressionError(
                            "form-misplaced",
                            f"`{inside}` is made by a form of its own, so it has no value at one moment.",
                            part.at,
                            "Take the balance of its aggregates, or put the form around the balance.",
                        ),
                        where,
                    )


def _texts(kpi: Kpi, reader: Reader) -> Iterator[tuple[Kpi, tuple[str | int, ...]]]:
    """Yield each rule with its own text of the expression."""
    seen = set()
    for position, rule in enumerate(kpi.rules, -1):
        where = Keys(reader, None if position < 0 else position).at("expression")
        if where not in seen:
            seen.add(where)
            yield rule, where


def _formed(name: str, kpis: Mapping[str, Kpi]) -> str | None:
    """Return the KPI, this or one that it refers to, which is made by a form, a cohort or a funnel."""
    waiting = [name]
    while waiting:
        current = kpis[waiting.pop()]
        for rule in current.rules:
            parts = tuple(walk(rule.expression))
            if rule.cohort is not None or any(isinstance(part, FORMS) for part in parts):
                return current.name
            waiting += [part.kpi for part in parts if isinstance(part, KpiValue)]
    return None


def _type(kpi: Kpi) -> Type:
    """Return the type of the value, the widest among the rules."""
    found = type_of(kpi.expression)
    for revision in kpi.revisions:
        found = wider(found, type_of(revision.was.expression))
    return found


def _with_types(kpi: Kpi, types: Mapping[str, Type]) -> Kpi:
    """Return the KPI with the types of those that it names, and decimals evened out where these meet."""

    def typed(node: Expression) -> Expression:
        return replace(node, type=types[node.kpi]) if isinstance(node, KpiValue) else rebuild(node, typed)

    def ruled(rule: Kpi) -> Kpi:
        found = with_even_decimals(typed(rule.expression)) if any(_named(rule)) else rule.expression
        if kpi.revisions and type_of(found) is Type.DECIMAL:
            found = Cast(found, Type.DECIMAL, at=found.at)
        return rule if found is rule.expression else replace(rule, expression=found)

    revisions = tuple(replace(revision, was=ruled(revision.was)) for revision in kpi.revisions)
    found = ruled(kpi)
    return replace(found, revisions=revisions) if revisions else found


def _with_dimensions(kpi: Kpi, kpis: Mapping[str, Kpi]) -> Kpi:
    """Return the KPI with the types of its dimensions taken from what it refers to."""
    if all(rule.dataset is not None for rule in kpi.rules):
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
    return kpi if kpi.dataset is not None else replace(kpi, dimensions=tuple(found))
