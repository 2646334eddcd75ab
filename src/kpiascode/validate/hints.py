"""The next step for somebody whose value is not of the right type, is no name, or is missing."""

import json
import re
from decimal import Decimal
from typing import Any, Final

from kpiascode.model.diagnostic import as_name, one_of
from kpiascode.validate.formats import pattern
from kpiascode.validate.schemas import NAME_PATTERN, Schema
from kpiascode.validate.words import LONGEST, found, may_be_repeated, shown

NAMES: Final = "Names are lower-case letters, digits and `_`, and begin with a letter."
PLAIN: Final = re.compile(r"[A-Za-z][\w ./()-]*")
NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
WITH_THOUSANDS: Final = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
PERCENTAGE: Final = re.compile(r"-?[0-9.]+ ?%")


def example(key: str, schema: Schema) -> str:
    """Return how to write a missing key, and what it says."""
    value = schema["examples"][0]
    text = value if isinstance(value, str) and PLAIN.fullmatch(value) else json.dumps(value, default=float)
    first = f"Add for example `{key}: {text}`." if len(text) <= LONGEST else f"Add `{key}:`."
    return f"{first} {schema['description']}"


def type_hint(schema: Schema, value: Any) -> str | None:
    """Return how to write a value of the wanted type; None where the message suffices."""
    names = _types(schema)
    if "string" in names and isinstance(value, bool | int | Decimal):
        return f'Put it in quotes: `"{found(value).split()[-1].strip("`")}"`.'
    if names == {"array"} and not isinstance(value, dict):
        return f"Write a list: `[{shown(value)}]`." if may_be_repeated(value) else "Write a list: `[...]`."
    if "number" in names and isinstance(value, str) and PERCENTAGE.fullmatch(value):
        return "Write the fraction, such as 0.44 for 44 %."
    if names & {"number", "integer"} and isinstance(value, str) and NUMBER.fullmatch(value):
        return "Remove the quotes."
    if names & {"number", "integer"} and isinstance(value, str) and WITH_THOUSANDS.fullmatch(value):
        return f"Write `{shown(value.replace(',', ''))}`."
    if names and names <= {"number", "integer"} and isinstance(value, str):
        return "Write digits, without quotes and without a unit."
    if names == {"object"} and schema.get("additionalProperties") is False:
        return f"Its keys are {one_of(schema['properties'])}."
    return None


def _types(schema: Schema) -> set[str]:
    names = schema.get("type", ())
    own = {names} if isinstance(names, str) else set(names)
    return own.union(*map(_types, schema.get("anyOf", ())))


def name_hint(name: str) -> str:
    """Return what a name is, and the nearest name to what was written."""
    near = as_name(name)
    is_name = may_be_repeated(name) and pattern(NAME_PATTERN).fullmatch(near)
    return f"{NAMES} For example `{near}`." if is_name else NAMES
