"""Typed access to a document whose shape is already validated, and a collector of findings."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, TypeAlias, TypeVar

from kpiascode.model.calendar import Duration, Unit
from kpiascode.model.diagnostic import Diagnostic, Severity
from kpiascode.model.document import Document, Plain, Where
from kpiascode.model.expression import Expression
from kpiascode.model.place import Place
from kpiascode.resolve.lexer import ExpressionError
from kpiascode.resolve.parser import parse

_DURATION: Final = re.compile(
    r"([0-9]{1,6})\s*(?:(s|seconds?)|(m|minutes?)|(h|hours?)|(d|days?)|(w|weeks?)|(months?)|(quarters?)|(years?))"
)
_SECONDS: Final = (1, 60, 3600, 86400, 7 * 86400, 31 * 86400, 92 * 86400, 366 * 86400)
"""In the order of the groups; a month, a quarter and a year are the longest that there are."""
_Wanted = TypeVar("_Wanted")
Day: TypeAlias = date  # `date` is a method of the reader as well


class Broken(Exception):
    """The definition has a finding and cannot be used."""


def duration(text: str) -> timedelta | None:
    """Return what `1 day`, `60s` or `5 days` says, or None when it says no duration."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or match.lastindex is None:
        return None
    return timedelta(seconds=int(match[1]) * _SECONDS[match.lastindex - 2])


class Reader:
    """One document, read key by key. Findings go to `found`; `broken`: an error was among them.

    Args:
        restricted: Whether it stands in the restricted folder, where persons may be named.
    """

    def __init__(self, document: Document, found: list[Diagnostic], *, restricted: bool = False) -> None:
        self.document = document
        self.restricted = restricted
        self.found = found
        self.broken = False

    @property
    def name(self) -> str:
        return self.text("name")

    @property
    def place(self) -> Place:
        where = ("name",) if "name" in self.document.data else ()
        return self.document.place(where)

    def get(self, *where: str | int) -> Plain:
        return self.document.data_at(where)

    def has(self, *where: str | int) -> bool:
        return self.get(*where) is not None

    def _as(self, kind: type[_Wanted], where: Where) -> _Wanted:
        value = self.document.data_at(where)
        assert isinstance(value, kind), f"validate let {where} through"
        return value

    def text(self, *where: str | int) -> str:
        return self._as(str, where)

    def text_or(self, default: str, *where: str | int) -> str:
        value = self.get(*where)
        return value if isinstance(value, str) else default

    def optional(self, *where: str | int) -> str | None:
        value = self.get(*where)
        return value if isinstance(value, str) else None

    def number(self, *where: str | int) -> Decimal | None:
        value = self.get(*where)
        return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None

    def whole(self, *where: str | int) -> int | None:
        value = self.get(*where)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def flag(self, *where: str | int) -> bool:
        return self.get(*where) is True

    def texts(self, *where: str | int) -> tuple[str, ...]:
        value = self.get(*where)
        if isinstance(value, str):
            return (value,)
        return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()

    def length(self, *where: str | int) -> int:
        value = self.get(*where)
        return len(value) if isinstance(value, list) else 0

    def names(self, *where: str | int) -> tuple[str, ...]:
        value = self.get(*where)
        return tuple(value) if isinstance(value, dict) else ()

    def date(self, *where: str | int) -> date:
        return date.fromisoformat(self.text(*where))

    def optional_date(self, *where: str | int) -> Day | None:
        return self.date(*where) if self.has(*where) else None

    def every(self, *where: str | int) -> Duration:
        """Return a number of units of the calendar, such as `2 weeks`; the schema has seen to its form."""
        amount, unit = self.text(*where).split()
        return Duration(amount=int(amount), unit=Unit(unit.removesuffix("s")))

    def duration(self, *where: str | int) -> timedelta | None:
        text = self.optional(*where)
        if text is None:
            return None
        found = duration(text)
        if found is None:
            self.report(
                "invalid-duration", f"`{text[:40]}` is no duration.", where, "Write for example `2 days`."
            )
        return found

    def expression(self, *where: str | int) -> Expression:
        """Return the expression at `where`, parsed.

        Raises:
            Broken: after reporting why it cannot be read.
        """
        value = self.get(*where)
        text = value if isinstance(value, str) else str(value)
        try:
            return parse(text)
        except ExpressionError as error:
            self.refuse(error, where)
            raise Broken from None

    def refuse(self, error: ExpressionError, where: Where) -> None:
        """Report an expression error at its exact characters."""
        start, end = error.at
        text = self.get(*where)
        if isinstance(text, str) and end <= start:
            start, end = max(0, min(start, len(text) - 1)), max(1, min(start + 1, len(text)))
        self._add(error.code, error.message, self.document.place_in_text(where, start, end), error.hint)

    def report(
        self,
        code: str,
        message: str,
        where: Where,
        hint: str | None = None,
        *,
        note: str | None = None,
        at_key: bool = False,
    ) -> None:
        place = self.document.place_of_key(where) if at_key else self.document.place(where)
        self._add(code, message, place, hint, note)

    def _add(
        self, code: str, message: str, place: Place, hint: str | None = None, note: str | None = None
    ) -> None:
        self.broken = True
        self.found.append(
            Diagnostic(code=code, message=message, place=place, hint=hint, note=note, severity=Severity.ERROR)
        )
