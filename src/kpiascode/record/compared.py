"""What changed from one publication to another: values, and what KPIs were."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kpiascode.model.ledger import Publication, PublishedValue, Told
from kpiascode.record.chained import Key, key_of, same_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What the ledger said after one publication and after another, where that is not the same.

    Args:
        values: Pairs of before and after; before is None of a value that was not told yet.
        kpis: The same, of KPIs whose formula, targets or owner changed.
    """

    values: tuple[tuple[PublishedValue | None, PublishedValue], ...]
    kpis: tuple[tuple[Told | None, Told], ...]


def difference(before: Iterable[Publication], after: Iterable[Publication]) -> Difference:
    """Return what the publications `after` say otherwise than those `before`, which are the first of them."""
    old_values, old_kpis = _state(before)
    new_values, new_kpis = _state(after)
    return Difference(
        values=tuple(
            (old_values.get(key), value)
            for key, value in sorted(new_values.items(), key=lambda one: (one[0][0], one[0][1], one[1].start))
            if key not in old_values or not same_number(old_values[key], value)
        ),
        kpis=tuple(
            (old_kpis.get(name), told)
            for name, told in sorted(new_kpis.items())
            if old_kpis.get(name) != told
        ),
    )


def _state(publications: Iterable[Publication]) -> tuple[Mapping[Key, PublishedValue], Mapping[str, Told]]:
    values: dict[Key, PublishedValue] = {}
    kpis: dict[str, Told] = {}
    for publication in publications:
        values |= {key_of(value): value for value in publication.values}
        kpis |= {told.kpi: told for told in publication.kpis}
    return values, kpis
