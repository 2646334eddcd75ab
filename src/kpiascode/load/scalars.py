"""What a text without quotes means: YAML 1.2, less all that YAML 1.1 reads as something else."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from kpiascode.load.characters import shown

Scalar = str | int | Decimal | bool | None

DIGITS: Final = 18
EXPONENT: Final = 30
WORDS: Final[dict[str, bool | None]] = (
    dict.fromkeys(["", "~", "null", "Null", "NULL"])
    | dict.fromkeys(["true", "True", "TRUE"], True)
    | dict.fromkeys(["false", "False", "FALSE"], False)
)
TRUTH: Final = {"y": True, "yes": True, "on": True, "n": False, "no": False, "off": False}
LONGEST_TRUTH: Final = 3
NUMERIC: Final = frozenset("0123456789+-.=<")
NUMBER: Final = re.compile(
    r"(?P<sign>[-+]?)(?P<whole>0|[1-9][0-9]*|(?=\.[0-9]))(?P<point>\.(?P<part>[0-9]*))?([eE](?P<power>[-+]?[0-9]+))?"
)
OTHER_NUMBER: Final = re.compile(
    r"[-+]?(0o[0-7_]+|0x[0-9a-fA-F_]+|0b[01_]+|([0-9][0-9_]*(\.[0-9_]*)?|\.[0-9][0-9_]*)([eE][-+]?[0-9]+)?)"
)
CLOCK: Final = re.compile(r"[-+]?[0-9][0-9_]*(:[0-9]{1,2})+(\.[0-9_]*)?")
NOT_FINITE: Final = re.compile(r"[-+]?\.inf|\.nan", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unclear:
    """A text without quotes that the language refuses."""

    code: str
    message: str
    hint: str


def read_plain(text: str) -> Scalar | Unclear:
    """Return what a text without quotes means; decimals exactly as written, dates as text."""
    if text in WORDS:
        return WORDS[text]
    if text[0] in NUMERIC:
        return _read_numeric(text)
    if len(text) <= LONGEST_TRUTH and text.lower() in TRUTH:
        return _truth(text)
    return text


def _read_numeric(text: str) -> Scalar | Unclear:
    if number := NUMBER.fullmatch(text):
        return _read_number(text, number)
    quoted = f'"{shown(text, 24)}"'
    if CLOCK.fullmatch(text):
        return _ambiguous(
            text, "a number of base 60 to some YAML readers, a text to others", f"Write `{quoted}`."
        )
    if OTHER_NUMBER.fullmatch(text):
        hint = f"Write the number in plain decimal digits, or `{quoted}` for the text."
        return _ambiguous(text, "not the same to every YAML reader", hint)
    if NOT_FINITE.fullmatch(text):
        return _ambiguous(text, "a number that is none", f"Write `{quoted}` for the text.")
    if text == "=":
        return _ambiguous(text, "a command to some YAML readers, a text to others", f"Write `{quoted}`.")
    if text == "<<":
        return Unclear(
            "unsupported-yaml", "`<<` merges mappings, which definitions do not do.", "Write the keys out."
        )
    return text


def _read_number(text: str, number: re.Match[str]) -> Scalar | Unclear:
    whole, part, power = number["whole"], number["part"] or "", number["power"] or ""
    if max(len(whole), len(part), len(power)) > DIGITS or abs(int(power or 0)) > EXPONENT:
        return Unclear(
            "number-too-long",
            f"The number `{shown(text, 24)}` is longer than a KPI can hold.",
            f"Use at most {DIGITS} digits before and after the point and an exponent up to {EXPONENT}, "
            "or quotes for a text.",
        )
    return Decimal(text) if number["point"] or power else int(text)


def _truth(text: str) -> Unclear:
    value = str(TRUTH[text.lower()]).lower()
    meaning = f"the truth value `{value}` to some YAML readers, a text to others"
    return _ambiguous(text, meaning, f'Write `"{text}"` for the text, `{value}` for the truth value.')


def _ambiguous(text: str, meaning: str, hint: str) -> Unclear:
    return Unclear("ambiguous-scalar", f"`{shown(text, 24)}` without quotes is {meaning}.", hint)
