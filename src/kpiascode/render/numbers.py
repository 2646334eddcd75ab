"""Numbers as people read them: `Decimal` in, text out, never a float.

The number, a no-break space, its unit: `4.6 %`, `188 €`, `4.31 M €`, with the signs of the locale. Rounding
is half away from zero, as in the language. From a million on, three significant digits. What is not zero is
never shown as zero, and what somebody declared (a target, a bound) is shown as declared and not rounded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from itertools import count
from typing import Final

from kpiascode.model.project import Measure
from kpiascode.render.locales import BEFORE, NBSP, current

MINUS: Final = "\u2212"
CONTEXT: Final = Context(prec=120, rounding=ROUND_HALF_UP)
HUNDRED: Final = Decimal(100)

SYMBOLS: Final = {"EUR": "€", "GBP": "£", "USD": "$"}
MAGNITUDES: Final = ((Decimal("1e12"), "tn"), (Decimal("1e9"), "bn"), (Decimal("1e6"), "M"))
MILLION: Final = Decimal("1e6")
LARGEST: Final = Decimal("1e15")  # from here on as a power of ten
SMALLEST: Final = Decimal("1e-6")  # below here too
SUPERSCRIPTS: Final = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

PLACES: Final = {"percent": 1, "ratio": 2, "points": 1, "seconds": 1, "minutes": 1, "hours": 1, "days": 1}
PER_CENT: Final = "%"
WORDS: Final = {"percent": PER_CENT, "count": "", "ratio": ""}
DURATIONS: Final = frozenset({"seconds", "minutes", "hours", "days"})
POINTS: Final = Measure(name="points")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number and its unit, apart because a page may set them in different type.

    Where the locale writes them as one (`$188`, `4.6%`), all stands in `number`.
    """

    number: str
    unit: str

    def __str__(self) -> str:
        return f"{self.number}{NBSP}{self.unit}" if self.unit else self.number


def amount(value: Decimal, measure: Measure) -> Amount:
    """Return an observed value, rounded.

    >>> str(amount(Decimal("0.0456"), Measure(name="percent"))).replace(NBSP, " ")
    '4.6 %'
    """
    scaled = in_unit(value, measure)
    return _with_unit(_rounded(scaled, _places(scaled, measure)), unit(measure))


def declared(value: Decimal, measure: Measure) -> Amount:
    """Return a number that somebody wrote down, with every digit that it has and no more."""
    number = _exact(in_unit(value, measure))
    return _with_unit(number, _singular(unit(measure)) if number in {"1", f"{MINUS}1"} else unit(measure))


def difference(value: Decimal, measure: Measure) -> Amount:
    """Return a difference of two values, without its sign; of percentages in points."""
    points = measure.name == "percent"
    scaled = abs(in_unit(value, measure))
    return _with_unit(_rounded(scaled, _places(scaled, measure)), "points" if points else unit(measure))


def declared_difference(value: Decimal, measure: Measure) -> Amount:
    """Return a tolerance, as declared; of a percentage in points."""
    return (
        declared(in_unit(value, measure), POINTS) if measure.name == "percent" else declared(value, measure)
    )


def signed(value: Decimal, measure: Measure) -> Amount:
    """Return a difference with its sign."""
    shown = difference(value, measure)
    return Amount(sign(value) + shown.number, shown.unit)


def relative(value: Decimal) -> str:
    """Return a relative change with its sign: 0.042 is `+4.2 %`."""
    return f"{sign(value)}{_with_unit(_rounded(abs(value) * HUNDRED, 1), PER_CENT)}"


def share(value: Decimal) -> str:
    """Return a share in whole per cent: 0.68 is `68 %`. What is not the whole is never shown as `100 %`."""
    places = 0
    while value != 1 and _quantize(value * HUNDRED, places) == HUNDRED:
        places += 1
    return str(_with_unit(_rounded(value * HUNDRED, places), PER_CENT))


def apart(value: Decimal, other: Decimal, measure: Measure) -> Amount:
    """Return `value` with as many digits as it takes to tell it from `other`.

    A value of 3.52 % that missed a target of 3.5 % must not read "3.5 % missed 3.5 %".
    """
    scaled, against = in_unit(value, measure), in_unit(other, measure)
    places = _places(scaled, measure)
    more = 0
    while value != other and more < 9 and _same(scaled, against, places + more, 3 + more):
        more += 1
    return _with_unit(_rounded(scaled, places + more, 3 + more), unit(measure))


def axis(ticks: Sequence[Decimal], measure: Measure) -> tuple[str, ...]:
    """Return the labels of a scale: all with the same places and the same magnitude.

    A long unit stands at the topmost only.
    """
    scaled = [in_unit(tick, measure) for tick in ticks]
    largest = max((abs(tick) for tick in scaled), default=Decimal(0))
    size, word = next(((s, w) for s, w in MAGNITUDES if s <= largest < LARGEST), (Decimal(1), ""))
    if largest >= LARGEST or 0 < largest < SMALLEST:
        return tuple(_power(tick) if tick else "0" for tick in scaled)
    shown = [tick / size for tick in scaled]
    places = next(p for p in count() if p == 6 or all(_quantize(tick, p) == tick for tick in shown))
    behind, top = unit(measure), len(shown) - 1
    return tuple(
        "0"
        if not tick and word
        else str(
            _with_unit(
                _grouped(_quantize(tick, places)) + (f"{NBSP}{word}" if word else ""),
                behind if len(behind) < 4 or at == top else "",
            )
        )
        for at, tick in enumerate(shown)
    )


def whole(number: int) -> str:
    """Return a number of things."""
    return _grouped(Decimal(number))


def unit(measure: Measure) -> str:
    """Return the unit as it stands behind a number; empty for a plain number."""
    if measure.currency is not None:
        return SYMBOLS.get(measure.currency, measure.currency)
    return WORDS.get(measure.name, measure.name)


def in_unit(value: Decimal, measure: Measure) -> Decimal:
    """Return the number that is shown: of a percentage a hundred times the value."""
    return CONTEXT.multiply(value, HUNDRED) if measure.name == "percent" else value


def sign(value: Decimal) -> str:
    return "+" if value > 0 else MINUS if value < 0 else ""


def plain(value: Decimal) -> str:
    """Return the exact decimal for a machine: no exponent, a plain minus.

    >>> plain(Decimal("-1.20E+3"))
    '-1200'
    """
    return format(value, "f")


def _with_unit(number: str, word: str) -> Amount:
    """Return a number and what stands behind it, or before it where the locale puts it there."""
    style = current()
    if word == PER_CENT and style.percent != NBSP:
        return Amount(f"{number}{style.percent}{PER_CENT}", "")
    is_currency = word.isupper() or word in SYMBOLS.values()
    if not is_currency or style.money.startswith("{number}"):
        return Amount(number, word)
    pattern = BEFORE if word.isalpha() else style.money  # a code of letters never touches the digits
    minus = MINUS if number.startswith(MINUS) else ""
    return Amount(minus + pattern.format(currency=word, number=number.removeprefix(MINUS)), "")


def _singular(word: str) -> str:
    return word[:-1] if word in DURATIONS or word == "points" else word


def _places(scaled: Decimal, measure: Measure) -> int:
    if measure.currency is not None:
        return 2 if scaled and abs(scaled) < HUNDRED else 0
    if measure.name == "count":
        return 0 if scaled == scaled.to_integral_value() or abs(scaled) >= 1000 else 1
    return PLACES.get(measure.name, 2)


def _rounded(value: Decimal, places: int, digits: int = 3) -> str:
    """Return the text with so many places below a million, and so many significant digits above."""
    size = abs(value)
    if size >= LARGEST or 0 < size < SMALLEST:
        return _power(value, digits)
    if _quantize(size, places) >= MILLION:
        return _compact(value, digits)
    while value and not _quantize(value, places):
        places += 1
    return _grouped(_quantize(value, places))


def _same(one: Decimal, other: Decimal, places: int, digits: int) -> bool:
    return _rounded(one, places, digits) == _rounded(other, places, digits)


def _compact(value: Decimal, digits: int) -> str:
    """Return significant digits and a magnitude; 999,999,999 is `1.00 bn` and not `1000 M`."""
    rounded = _significant(value, digits)
    size, word = next((s, w) for s, w in MAGNITUDES if abs(rounded) >= s)
    shown = rounded / size
    whole = len(str(int(abs(shown))))
    return f"{_grouped(_quantize(shown, max(0, digits - whole)))}{NBSP}{word}"


def _exact(value: Decimal) -> str:
    size = abs(value)
    if size >= LARGEST or 0 < size < SMALLEST:
        return _power(value)
    for magnitude, word in MAGNITUDES:
        if size >= magnitude and _significant(value, 4) == value:
            return f"{_trimmed(value / magnitude)}{NBSP}{word}"
    return _trimmed(value)


def _power(value: Decimal, digits: int = 3) -> str:
    rounded = _significant(value, digits)
    exponent = rounded.adjusted()
    power = str(exponent).translate(SUPERSCRIPTS)
    return f"{_grouped(rounded.scaleb(-exponent))}{NBSP}×{NBSP}10{power}"


def _significant(value: Decimal, digits: int) -> Decimal:
    """Return `value` with so many significant digits, counted after rounding."""
    rounded = CONTEXT.quantize(value, Decimal(1).scaleb(value.adjusted() - digits + 1))
    return CONTEXT.quantize(rounded, Decimal(1).scaleb(rounded.adjusted() - digits + 1))


def _trimmed(value: Decimal) -> str:
    places = max(0, -int(value.normalize(CONTEXT).as_tuple().exponent))
    return _grouped(_quantize(value, places))


def _quantize(value: Decimal, places: int) -> Decimal:
    return CONTEXT.quantize(value, Decimal(1).scaleb(-places))


def _grouped(value: Decimal) -> str:
    style = current()
    digits, _, fraction = f"{abs(value):f}".partition(".")
    if len(digits) >= style.grouped:
        digits = f"{int(digits):,}".replace(",", style.group)
    return f"{MINUS if value < 0 else ''}{digits}{style.decimal + fraction if fraction else ''}"
