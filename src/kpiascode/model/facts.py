"""What data is like: counts that show whether the rows of a dataset are as its definition claims, and values
of KPIs that show the same.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

from kpiascode.model.calendar import Period
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.expression import Expression
from kpiascode.model.observation import Freshness, Observation

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Undivided:
    """A denominator that takes a KPI its value.

    Args:
        periods: Those with rows in which it is zero, or None for null, and the KPI has no value.
    """

    denominator: Expression
    periods: tuple[tuple[Period, Decimal | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiFacts:
    """The last values of a KPI, each of a period that is over.

    Args:
        broken: What is wrong with the data, so that there is no value at all.
    """

    kpi: str
    values: tuple[Observation, ...]
    undivided: tuple[Undivided, ...] = ()
    broken: tuple[Diagnostic, ...] = ()
