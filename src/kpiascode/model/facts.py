"""What the rows of a dataset are like: counts that show whether they are as its definition claims."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from kpiascode.model.observation import Freshness

Key: TypeAlias = tuple[str, ...]
"""The values of a key as text, in the order of its declaration; one longer than `KEPT` ends in `...`."""

KEPT: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """How the primary key tells rows apart.

    Args:
        repeated: Keys that stand more than once; None where a partner that stands more than once is read,
            and so nothing can be counted.
        null: Rows with a null in their key; None as above.
        examples: Some of the repeated keys, those of the most rows first.
    """

    repeated: int | None
    null: int | None
    examples: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerFacts:
    """How many rows a relationship leads nowhere.

    Args:
        lost: Rows with a key, and with the time at which it is looked up, but without partner.
        keyless: Rows without one of these.
        examples: Some of the keys that have no partner, those of the most rows first.
    """

    relationship: str
    lost: int
    keyless: int
    examples: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The rows of one dataset, all of them whatever their time. A count that does not apply is None.

    Args:
        null_times: Rows whose `time`, or the `from` of whose `valid`, is null.
        empty_spans: Rows whose `valid` ends no later than it begins.
        overlaps: How often two rows of one key hold at once, for relationships that lead here `as_of` a time.
        freshness: None where the dataset promises none.
    """

    dataset: str
    rows: int
    null_times: int | None
    empty_spans: int | None
    keys: KeyFacts | None
    overlaps: int | None
    partners: tuple[PartnerFacts, ...]
    freshness: Freshness | None = None
