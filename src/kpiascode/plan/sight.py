"""How an expression is looked at: for which intervals, over which rows, with which dimensions free."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from kpiascode.model.calendar import Calendar, Grain
from kpiascode.model.expression import Expression
from kpiascode.plan.windows import Form, Frame, mapped, name_of


@dataclass(frozen=True, slots=True)
class Balance:
    """Rows of the end of an interval only: of its last time, or the last of each `per`."""

    per: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What forms have made of the question by the time an expression is reached.

    Args:
        level: Of the periods in the frame.
        grain: Of those periods.
        frame: The interval of each period.
        whole: Gives the same as if everything had passed, for rows that stand for a whole period.
        name: Of the intervals, to be read in SQL.
        balance: Whether rows of the end are meant; None: all rows of an interval.
        averaged: Whether the periods are units that an average is taken over.
        free: Dimensions that are left free, for the whole of a share.
    """

    level: str
    grain: Grain
    frame: Frame
    whole: Callable[[], Frame]
    name: str
    balance: Balance | None = None
    averaged: bool = False
    free: frozenset[str] = frozenset()

    def through(self, form: Form, calendar: Calendar) -> "Sight":
        """Return what a time form makes of it.

        Raises:
            MisplacedForm: when the form has no meaning at this grain.
        """
        own = name_of(form)
        return replace(
            self,
            frame=mapped(self.frame, form, calendar, self.grain),
            whole=lambda: mapped(self.whole(), form, calendar, self.grain),
            name=own if self.name == self.level else f"{self.name}_{own}",
        )

    def only(self, names: frozenset[str], suffix: str) -> "Sight":
        """Return it for some of the periods."""
        return replace(
            self,
            frame=tuple(entry for entry in self.frame if entry[0] in names),
            whole=lambda: tuple(entry for entry in self.whole() if entry[0] in names),
            name=f"{self.name}_{suffix}",
        )
