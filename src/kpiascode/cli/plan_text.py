"""A plan in words: which rows count when, what is read, and how values are made of it."""

from collections.abc import Iterator

from kpiascode.cli.text import safe
from kpiascode.model.plan import (
    Choice,
    EveryRow,
    FunnelScan,
    HoldingAtEnd,
    LastOfEach,
    LastTime,
    NoOrphans,
    NoOverlap,
    OneLastRow,
    Plan,
    Proof,
    RolledMeasure,
    RollUp,
    Scan,
    Spine,
    UniqueKey,
)
from kpiascode.model.spelling import spelled


def told(plan: Plan) -> str:
    """Return the plan, a line a thing, in the order in which it is computed."""
    lines = ["  which rows count in which period"]
    lines += [f"    {line}" for spine in plan.spines for line in _spine(spine)]
    lines.append("  what is read, each once")
    lines += [f"    {line}" for scan in plan.scans for line in _scan(scan)]
    lines += [f"    {line}" for funnel in plan.funnels for line in _funnel(funnel)]
    if plan.rollups:
        lines.append("  what is made of it without reading again")
        lines += [f"    {line}" for rollup in plan.rollups for line in _rollup(rollup)]
    if plan.means:
        lines.append("  means over units")
        lines += [f"    {mean.name} = mean of {spelled(mean.expression)}" for mean in plan.means]
    lines.append("  values")
    lines += [f"    {value.kpi} = {spelled(value.expression)}" for value in plan.values]
    if plan.proofs:
        lines.append("  what must hold of the data, or no value is given")
        lines += [f"    {_proof(proof)}" for proof in plan.proofs]
    return "\n".join(map(safe, lines))


def _spine(spine: Spine) -> Iterator[str]:
    count = len(spine.stretches)
    if not count:
        yield f"{spine.name}: no interval"
        return
    starts = [stretch.start for stretch in spine.stretches]
    first = "the beginning" if None in starts else str(min(start for start in starts if start is not None))
    last = max(stretch.end for stretch in spine.stretches)
    yield f"{spine.name}: {count} {'interval' if count == 1 else 'intervals'}, from {first} to {last}"


def _scan(scan: Scan) -> Iterator[str]:
    per = "" if scan.entity is None else f", first per {spelled(scan.entity)}"
    by = "".join(f", by {name}" for name, _ in scan.dimensions)
    yield f"{scan.name}: {scan.dataset} dated by {spelled(scan.time)}, in {scan.spine}{by}{per}"
    if chosen := _choice(scan.choice):
        yield f"  only {chosen}"
    if scan.where is not None:
        yield f"  where {spelled(scan.where)}"
    for measure in (*scan.parts, *scan.measures):
        asked = "" if measure.condition is None else f" where {spelled(measure.condition)}"
        yield f"  {measure.name} = {spelled(measure.aggregate)}{asked}"


def _choice(choice: Choice) -> str:
    match choice:
        case EveryRow():
            return ""
        case LastTime():
            return "the rows of the last time in each interval"
        case LastOfEach(key):
            return f"the last row of each {spelled(key)}"
        case HoldingAtEnd(until):
            return f"rows that hold at the end of each interval, until {spelled(until)}"


def _funnel(funnel: FunnelScan) -> Iterator[str]:
    yield f"{funnel.name}: the first row of each entity in {funnel.spine}, and what follows it"
    for number, step in enumerate(funnel.steps, 1):
        asked = "" if step.where is None else f" where {spelled(step.where)}"
        yield f"  step_{number} = {step.dataset} dated by {spelled(step.time)}{asked}"


def _rollup(rollup: RollUp) -> Iterator[str]:
    yield f"{rollup.scan}: {rollup.base} put together for {rollup.spine}"
    for measure in rollup.measures:
        yield f"  {measure.name} = {_made(measure)}"


def _made(measure: RolledMeasure) -> str:
    asked = "" if measure.condition is None else f" where {spelled(measure.condition)}"
    if measure.function == "avg":
        return f"sum({measure.parts[0]}) / sum({measure.parts[1]}){asked}"
    return f"{'sum' if measure.function == 'count' else measure.function}({measure.parts[0]}){asked}"


def _proof(proof: Proof) -> str:
    match proof:
        case UniqueKey(dataset=name, keys=keys):
            return f"{name}: no {' and '.join(map(spelled, keys))} twice"
        case NoOrphans(dataset=name, relationship=relationship):
            return f"{name}: every row has its {relationship}"
        case NoOverlap(dataset=name, keys=keys):
            return f"{name}: no two rows of one {' and '.join(map(spelled, keys))} hold at once"
        case OneLastRow(dataset=name):
            return f"{name}: one last row of each key"
