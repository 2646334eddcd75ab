"""How numbers and days are written where the readers are. Words stay English: signs and places change."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from kpiascode.model.locale import Locale

NBSP: Final = "\u00a0"
NARROW: Final = "\u202f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """Signs and places.

    Args:
        decimal, group: The signs between whole and fraction, and between thousands.
        grouped: From how many digits on thousands are set apart.
        money: A number and its currency.
        percent: What stands between a number and its percent sign.
        date: A whole date, its month in full and in English.
        day: A day of a month, for a table.
        day_of_year: The same with its year.
        months: Short names, for axes and tables.
    """

    decimal: str = "."
    group: str = ","
    grouped: int = 4
    money: str = f"{{number}}{NBSP}{{currency}}"
    percent: str = NBSP
    date: str = f"{{day}}{NBSP}{{month}} {{year}}"
    day: str = f"{{day}}{NBSP}{{month}}"
    day_of_year: str = f"{{day}}{NBSP}{{month}}{NBSP}{{year}}"
    months: tuple[str, ...] = tuple("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())


BEFORE: Final = f"{{currency}}{NBSP}{{number}}"
CLOSE: Final = "{currency}{number}"
ORDINAL: Final = f"{{day}}.{NBSP}{{month}}"
ORDINAL_OF_YEAR: Final = f"{ORDINAL}{NBSP}{{year}}"
GERMAN: Final = tuple("Jan Feb März Apr Mai Juni Juli Aug Sept Okt Nov Dez".split())
PORTUGUESE: Final = tuple("jan fev mar abr mai jun jul ago set out nov dez".split())

STYLES: Final = {
    Locale.EN: Style(),
    Locale.EN_GB: Style(money=CLOSE, percent=""),
    Locale.EN_US: Style(
        money=CLOSE,
        percent="",
        date=f"{{month}}{NBSP}{{day}}, {{year}}",
        day=f"{{month}}{NBSP}{{day}}",
        day_of_year=f"{{month}}{NBSP}{{day}},{NBSP}{{year}}",
    ),
    Locale.DE: Style(decimal=",", group=".", day=ORDINAL, day_of_year=ORDINAL_OF_YEAR, months=GERMAN),
    Locale.DE_CH: Style(
        group="’", money=BEFORE, percent="", day=ORDINAL, day_of_year=ORDINAL_OF_YEAR, months=GERMAN
    ),
    Locale.FR: Style(
        decimal=",",
        group=NARROW,
        months=tuple("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.".split()),
    ),
    Locale.ES: Style(
        decimal=",",
        group=".",
        grouped=5,
        months=tuple("ene feb mar abr may jun jul ago sept oct nov dic".split()),
    ),
    Locale.IT: Style(
        decimal=",",
        group=".",
        percent="",
        months=tuple("gen feb mar apr mag giu lug ago set ott nov dic".split()),
    ),
    Locale.NL: Style(
        decimal=",",
        group=".",
        money=BEFORE,
        percent="",
        months=tuple("jan feb mrt apr mei jun jul aug sep okt nov dec".split()),
    ),
    Locale.PT: Style(decimal=",", group=NBSP, grouped=5, percent="", months=PORTUGUESE),
    Locale.PT_BR: Style(decimal=",", group=".", money=BEFORE, percent="", months=PORTUGUESE),
    Locale.DA: Style(
        decimal=",",
        group=".",
        day=ORDINAL,
        day_of_year=ORDINAL_OF_YEAR,
        months=tuple("jan. feb. mar. apr. maj jun. jul. aug. sep. okt. nov. dec.".split()),
    ),
    Locale.NB: Style(
        decimal=",",
        group=NBSP,
        day=ORDINAL,
        day_of_year=ORDINAL_OF_YEAR,
        months=tuple("jan. feb. mars apr. mai juni juli aug. sep. okt. nov. des.".split()),
    ),
    Locale.SV: Style(
        decimal=",",
        group=NBSP,
        months=tuple("jan. feb. mars apr. maj juni juli aug. sep. okt. nov. dec.".split()),
    ),
    Locale.FI: Style(
        decimal=",",
        group=NBSP,
        day=ORDINAL,
        day_of_year=ORDINAL_OF_YEAR,
        months=tuple("tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu".split()),
    ),
    Locale.PL: Style(
        decimal=",",
        group=NBSP,
        grouped=5,
        percent="",
        months=tuple("sty lut mar kwi maj cze lip sie wrz paź lis gru".split()),
    ),
    Locale.CS: Style(
        decimal=",",
        group=NBSP,
        day=ORDINAL,
        day_of_year=ORDINAL_OF_YEAR,
        months=tuple("led úno bře dub kvě čvn čvc srp zář říj lis pro".split()),
    ),
}

# Numbers are written deep inside sentences, charts and labels. Handed down through all of them, the locale
# would be an argument of some hundred functions that do nothing with it; one site has one.
_STYLE: Final[ContextVar[Style]] = ContextVar("style", default=STYLES[Locale.EN])


@contextmanager
def written_in(locale: Locale) -> Iterator[None]:
    """Write numbers and days as a locale does, until the end of the `with`."""
    before = _STYLE.set(STYLES[locale])
    try:
        yield
    finally:
        _STYLE.reset(before)


def current() -> Style:
    """Return how numbers and days are written now."""
    return _STYLE.get()
