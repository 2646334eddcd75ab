"""Proofs: counts of what makes an answer wrong, carried by the query that gives it."""

from collections.abc import Sequence
from typing import assert_never

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.rows import Rows
from kpiascode.compile.scans import COPIES, LAST_KEY, Scans
from kpiascode.compile.writer import MOMENT, Writer
from kpiascode.model.expression import Expression
from kpiascode.model.plan import NoOrphans, NoOverlap, OneLastRow, Proof, Scan, UniqueKey
from kpiascode.model.project import AsOf


def proof_column(number: int) -> str:
    """Return the column that says how often a proof, by its number from 1, does not hold."""
    return f"broken_{number}"


def write_proofs(proofs: Sequence[Proof], scans: Scans, writer: Writer) -> str | None:
    """Add the step with one column a proof, how often it is broken, and return its name."""
    if not proofs:
        return None
    counts = [
        build.alias(_broken(proof, scans, writer).subquery(), proof_column(number))
        for number, proof in enumerate(proofs, 1)
    ]
    return writer.steps.add("proofs", exp.Select().select(*counts))


def _broken(proof: Proof, scans: Scans, writer: Writer) -> exp.Select:
    match proof:
        case UniqueKey(dataset=name, keys=keys):
            return twice(writer.rows(name), keys)
        case NoOrphans(dataset=name, relationship=relationship):
            return orphans(writer.rows(name), relationship)
        case NoOverlap(dataset=name, keys=keys, as_of=as_of):
            return overlapping(writer.rows(name), keys, as_of)
        case OneLastRow(scan=name):
            return _copies(next(scan for scan in writer.plan.scans if scan.name == name), scans)
        case _:
            assert_never(proof)


def twice(rows: Rows, keys: Sequence[Expression]) -> exp.Select:
    """Return how many keys stand more than once."""
    groups = repeated(rows, keys).select(build.alias(build.count_rows(), "row_count"))
    return exp.Select().select(build.count_rows()).from_(groups.subquery("twice"))


def repeated(rows: Rows, keys: Sequence[Expression]) -> exp.Select:
    """Return the keys that stand more than once, a group each, with no column yet."""
    trees = [rows.tree(key) for key in keys]
    return (
        rows.from_clause(keys)
        .where(*(build.not_null(node.copy()) for node in trees))
        .group_by(*trees)
        .having(exp.GT(this=build.count_rows(), expression=build.whole(1)))
    )


def orphans(rows: Rows, relationship: str) -> exp.Select:
    """Return how many rows have no partner."""
    return alone(rows, relationship).select(build.count_rows())


def alone(rows: Rows, relationship: str) -> exp.Select:
    """Return the rows that have no partner, with no column yet."""
    _, there = rows.dataset.relationships[relationship].keys[0]
    way = (relationship,)
    return rows.from_ways([way]).where(build.is_null(rows.tree_at(there, way)))


def overlapping(rows: Rows, keys: Sequence[Expression], as_of: AsOf) -> exp.Select:
    """Return how many rows still hold when the next of their key begins.

    Without ends of their own rows follow each other, and only two that begin at once contend.
    """
    if as_of.valid_to is None:
        return twice(rows, (*keys, as_of.valid_from))
    start, end = rows.tree(as_of.valid_from), rows.tree(as_of.valid_to)
    following = exp.Window(
        this=exp.Lead(this=start.copy()),
        partition_by=[rows.tree(key) for key in keys],
        order=exp.Order(expressions=[exp.Ordered(this=start.copy())]),
    )
    spans = (
        rows.from_ways(())
        .select(build.alias(end, "held_until"), build.alias(following, "next_from"))
        .where(
            *(build.not_null(rows.tree(key)) for key in keys),
            build.not_null(start.copy()),
            build.binary(exp.Or, build.is_null(end.copy()), build.binary(exp.LT, start.copy(), end.copy())),
        )
    )
    until, since = build.column("held_until", "spans"), build.column("next_from", "spans")
    return (
        exp.Select()
        .select(build.count_rows())
        .from_(spans.subquery("spans"))
        .where(
            build.not_null(since),
            build.binary(exp.Or, build.is_null(until), build.binary(exp.LT, since.copy(), until.copy())),
        )
    )


def _copies(scan: Scan, scans: Scans) -> exp.Select:
    last, moments = scans.copies(scan)
    on = build.all_of(
        build.binary(exp.EQ, build.column(name, moments), build.column(name, last))
        for name in (LAST_KEY, MOMENT)
    )
    key = build.column(LAST_KEY, last)
    return (
        exp.Select()
        .select(exp.Count(this=exp.Distinct(expressions=[key])))
        .from_(build.table([last]))
        .join(build.table([moments]), on=on)
        .where(build.binary(exp.GT, build.column(COPIES, moments), build.whole(1)))
    )
