"""A worked example of a KPI: rows that are given, and the values that must come out of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from kpiascode.model.calendar import Period
from kpiascode.model.document import Document, Plain
from kpiascode.model.place import Place

Row: TypeAlias = "Mapping[str, Plain]"
"""A given row: cells by column, as written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The value of one period, or of one slice of it.

    Args:
        slice: None is the total; an empty text is the slice of rows without a value.
        value: None: undefined.
    """

    period: Period
    slice: str | None
    value: Decimal | None
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One example.

    Args:
        position: Among the examples of the KPI, from 0.
        given: Rows by dataset; datasets that are not here have none.
        by: The dimension of the expected slices; None where totals are expected.
        document: Of the KPI, for the places of what is given.
    """

    kpi: str
    position: int
    given: Mapping[str, tuple[Row, ...]]
    by: str | None
    expected: tuple[Expected, ...]
    document: Document = field(compare=False)

    def place(self, *where: str | int) -> Place:
        """Return the place of a key inside the example; of what has no key, of the value."""
        return self.document.place_of_key(("examples", self.position, *where))

    def place_of_value(self, *where: str | int) -> Place:
        return self.document.place(("examples", self.position, *where))
