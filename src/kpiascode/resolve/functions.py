"""The closed table of what an expression may call. What is not here cannot be written.

The table is a contract: adding to it is a change of the language. Every entry has one meaning on every
engine (the normative table of the language), so an engine's own functions of the same name do not matter.
"""

from dataclasses import dataclass
from typing import Final

TABLE_VERSION: Final = 2

AGGREGATES: Final = frozenset(
    {
        "sum",
        "count",
        "avg",
        "min",
        "max",
        "median",
        "percentile",
        "stddev",
        "variance",
        "approx_count_distinct",
        "approx_percentile",
    }
)

TIME_FORMS: Final = frozenset(
    {"previous", "rolling", "to_date", "cumulative", "days", "closing", "opening", "average_over"}
)

OTHER_FORMS: Final = frozenset({"share", "cohort_size", "step"})
"""Forms around values that map no interval."""


@dataclass(frozen=True, slots=True)
class Signature:
    """How many arguments a scalar function takes. `most` None: as many as one likes."""

    least: int
    most: int | None


SCALARS: Final = {
    "abs": Signature(1, 1),
    "ceil": Signature(1, 1),
    "coalesce": Signature(2, None),
    "days_between": Signature(2, 2),
    "floor": Signature(1, 1),
    "greatest": Signature(2, None),
    "hours_between": Signature(2, 2),
    "least": Signature(2, None),
    "length": Signature(1, 1),
    "lower": Signature(1, 1),
    "minutes_between": Signature(2, 2),
    "nullif": Signature(2, 2),
    "round": Signature(1, 2),
    "seconds_between": Signature(2, 2),
    "trim": Signature(1, 1),
    "upper": Signature(1, 1),
}

ELAPSED: Final = {
    "seconds_between": 1,
    "minutes_between": 60,
    "hours_between": 3600,
    "days_between": 86400,
}
"""Elapsed time, not rounded, negative when the second moment is earlier: the seconds in one unit."""

ALL_NAMES: Final = AGGREGATES | TIME_FORMS | OTHER_FORMS | frozenset(SCALARS) | {"cast"}
