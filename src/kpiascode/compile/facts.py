"""What `kpi check --data` asks of the rows of a dataset: one query of counts, and examples of wrong keys."""

from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.dialects import DIALECTS
from kpiascode.compile.proofs import alone, orphans, overlapping, repeated, twice
from kpiascode.compile.rows import Rows
from kpiascode.compile.steps import printed
from kpiascode.model.catalog import Catalog
from kpiascode.model.expression import Expression, ways
from kpiascode.model.facts import KEPT
from kpiascode.model.project import AsOf, Dataset, Relationship, follow


def count_facts(dataset: Dataset, datasets: Mapping[str, Dataset], catalog: Catalog, dialect: str) -> str:
    """Return SQL for one row of counts, null where they do not apply or cannot be told.

    In this order: rows, null times, empty spans, null keys, repeated keys, overlaps; then for each
    relationship the rows without key, and all rows without partner.
    """
    rows = _rows(dataset, datasets, catalog, dialect)
    counts = exp.Select().select(*(build.alias(count, name) for count, name in _counts(rows)))
    return printed(counts, rows.dialect)


def repeated_keys(
    dataset: Dataset, datasets: Mapping[str, Dataset], catalog: Catalog, dialect: str, limit: int
) -> str:
    """Return SQL for keys that stand more than once, as text: at most `limit`, the most frequent first."""
    rows = _rows(dataset, datasets, catalog, dialect)
    groups = repeated(rows, dataset.keys)
    return printed(_examples(rows, groups, dataset.keys, limit), rows.dialect)


def lost_keys(
    dataset: Dataset,
    relationship: str,
    datasets: Mapping[str, Dataset],
    catalog: Catalog,
    dialect: str,
    limit: int,
) -> str:
    """Return SQL for keys without partner, as text: at most `limit`, the most frequent first."""
    rows = _rows(dataset, datasets, catalog, dialect)
    led = dataset.relationships[relationship]
    keys = [here for here, _ in led.keys]
    can_be_sought = [build.not_null(rows.tree(node)) for node in _sought_by(led)]
    groups = alone(rows, relationship).where(*can_be_sought).group_by(*(rows.tree(key) for key in keys))
    return printed(_examples(rows, groups, keys, limit), rows.dialect)


def read_for_facts(dataset: Dataset, datasets: Mapping[str, Dataset]) -> tuple[str, ...]:
    """Return what is read for the facts of a dataset: itself, its partners, and where its times come from."""
    found = {dataset.name: None}
    found |= {relationship.to: None for relationship in dataset.relationships.values()}
    for way in ways([*dataset.keys, *_times(dataset)]):
        holder = follow(datasets, dataset.name, way)
        assert holder is not None, "what is compiled is sound"
        found[holder.name] = None
    return tuple(found)


# --- what is counted


def _counts(rows: Rows) -> Iterator[tuple[exp.Expr, str]]:
    dataset = rows.dataset
    times = _times(dataset)
    yield _count(rows).subquery(), "row_count"
    yield _nulls(rows, times[:1]), "null_times"
    yield _empty_spans(rows), "empty_spans"
    yield _nulls(rows, dataset.keys), "null_keys"
    yield _repeated(rows), "repeated_keys"
    yield _overlaps(rows), "overlaps"
    for name, relationship in dataset.relationships.items():
        yield _nulls(rows, _sought_by(relationship)), f"{name}__keyless"
        yield orphans(rows, name).subquery(), f"{name}__alone"


def _times(dataset: Dataset) -> tuple[Expression, ...]:
    if dataset.valid is not None:
        return (dataset.valid.start, dataset.valid.end)
    return () if dataset.time is None else (dataset.time,)


def _sought_by(relationship: Relationship) -> tuple[Expression, ...]:
    """Return what a row must have so that its partner can be looked up."""
    keys = tuple(here for here, _ in relationship.keys)
    return keys if relationship.as_of is None else (*keys, relationship.as_of.at)


def _count(rows: Rows, nodes: Sequence[Expression] = ()) -> exp.Select:
    return rows.from_clause(nodes).select(build.count_rows())


def _nulls(rows: Rows, nodes: Sequence[Expression]) -> exp.Expr:
    """Return how many rows have a null in one of the expressions; null where there are none."""
    if not nodes:
        return build.null()
    some, *others = [build.is_null(rows.tree(node)) for node in nodes]
    for other in others:
        some = build.binary(exp.Or, some, other)
    return _told(rows, nodes, _count(rows, nodes).where(some))


def _repeated(rows: Rows) -> exp.Expr:
    keys = rows.dataset.keys
    return _told(rows, keys, twice(rows, keys)) if keys else build.null()


def _empty_spans(rows: Rows) -> exp.Expr:
    if rows.dataset.valid is None:
        return build.null()
    start, end = _times(rows.dataset)
    ended_first = build.binary(exp.LTE, rows.tree(end), rows.tree(start))
    return _told(rows, (start, end), _count(rows, (start, end)).where(ended_first))


def _overlaps(rows: Rows) -> exp.Expr:
    counts = [overlapping(rows, keys, as_of).subquery() for keys, as_of in _claims(rows)]
    if not counts:
        return build.null()
    whole: exp.Expr = counts[0]
    for count in counts[1:]:
        whole = exp.Add(this=whole, expression=count)
    return whole


def _claims(rows: Rows) -> Iterator[tuple[tuple[Expression, ...], AsOf]]:
    """Yield by what relationships tell the rows apart that hold at different times, each once.

    Where a row holds until the next of its key, that is what the primary key says already.
    """
    found = set()
    for dataset in rows.datasets.values():
        for relationship in dataset.relationships.values():
            as_of = relationship.as_of
            if relationship.to != rows.dataset.name or as_of is None:
                continue
            keys = tuple(there for _, there in relationship.keys)
            if as_of.valid_to is None and {*rows.dataset.keys} <= {*keys, as_of.valid_from}:
                continue
            claim = (frozenset(keys), as_of.valid_from, as_of.valid_to)
            if claim not in found:
                found.add(claim)
                yield keys, as_of


def _told(rows: Rows, nodes: Sequence[Expression], count: exp.Select) -> exp.Expr:
    """Return the count, or null where the partners that the expressions reach make one row several."""
    if not ways(nodes):
        return count.subquery()
    as_many = exp.EQ(this=_count(rows, nodes).subquery(), expression=_count(rows).subquery())
    return build.when([(as_many, count.subquery())])


def _examples(rows: Rows, groups: exp.Select, keys: Sequence[Expression], limit: int) -> exp.Select:
    """Return some of the groups by their keys; of a long text so much that one sees that it is cut."""
    trees = [rows.tree(key) for key in keys]
    texts = (
        exp.Substring(
            this=build.cast(node.copy(), "TEXT"), start=build.whole(1), length=build.whole(KEPT + 1)
        )
        for node in trees
    )
    most_first = exp.Ordered(this=build.count_rows(), desc=True)
    return (
        groups.select(*(build.alias(text, f"key_{number}") for number, text in enumerate(texts, 1)))
        .order_by(most_first, *(exp.Ordered(this=node) for node in trees))
        .limit(limit)
    )


def _rows(dataset: Dataset, datasets: Mapping[str, Dataset], catalog: Catalog, dialect: str) -> Rows:
    return Rows(datasets, catalog.names, dataset.name, DIALECTS[dialect])
