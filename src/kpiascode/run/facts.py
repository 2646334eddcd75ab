"""From the rows of an engine to facts about a dataset."""

from collections.abc import Sequence
from typing import Any

from kpiascode.model.facts import KEPT, Facts, Key, KeyFacts, PartnerFacts
from kpiascode.model.project import Dataset


def facts(dataset: Dataset, row: tuple[Any, ...]) -> Facts:
    """Return what the counts say, in the order of `compile.count_facts`; examples are not among them."""
    counts = [None if count is None else int(count) for count in row]
    rows, null_times, empty_spans, null_keys, repeated, overlaps, *of_partners = counts
    assert rows is not None
    pairs = zip(dataset.relationships, of_partners[::2], of_partners[1::2], strict=True)
    return Facts(
        dataset=dataset.name,
        rows=rows,
        null_times=null_times,
        empty_spans=empty_spans,
        keys=KeyFacts(repeated=repeated, null=null_keys) if dataset.keys else None,
        overlaps=overlaps,
        partners=tuple(_partners(name, keyless, alone) for name, keyless, alone in pairs),
    )


def _partners(relationship: str, keyless: int | None, alone: int | None) -> PartnerFacts:
    assert keyless is not None
    assert alone is not None
    return PartnerFacts(relationship=relationship, lost=alone - keyless, keyless=keyless)


def examples(rows: Sequence[tuple[Any, ...]]) -> tuple[Key, ...]:
    """Return keys as they are shown."""
    return tuple(tuple(_cut(str(value)) for value in row) for row in rows)


def _cut(text: str) -> str:
    return text if len(text) <= KEPT else f"{text[: KEPT - 3]}..."
