"""What a value should reach, whatever its direction: an interval that may be open at one end."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """The values that are wanted: at least `low`, at most `high`.

    Args:
        low: None when there is no lower end.
        high: None when there is no upper end.
        tolerance: How far outside still counts as within tolerance.
    """

    low: Decimal | None
    high: Decimal | None
    tolerance: Decimal

    @property
    def ends(self) -> tuple[Decimal, ...]:
        return tuple(end for end in (self.low, self.high) if end is not None)

    @property
    def edges(self) -> tuple[Decimal, ...]:
        """Return the ends and the ends of the tolerance around them."""
        low = () if self.low is None else (self.low - self.tolerance, self.low)
        high = () if self.high is None else (self.high, self.high + self.tolerance)
        return (*low, *high)
