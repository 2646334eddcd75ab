"""Values, types and places in words, for messages. Nothing long and nothing like an address is repeated."""

import unicodedata
from decimal import Decimal
from typing import Any, Final

from kpiascode.model.document import Where
from kpiascode.validate.schemas import Schema

LONGEST: Final = 60
TYPES: Final = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
    "null": "nothing",
}


def sentence(text: str) -> str:
    """Return a text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def shown(text: str) -> str:
    """Return a text of the user on one line and cut."""
    line = " ".join(text[: 4 * LONGEST].split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def may_be_repeated(value: Any) -> bool:
    """Return whether a message may hold a value: addresses may hold passwords."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST and "://" not in value


def found(value: Any) -> str:
    """Return what a value is."""
    match value:
        case None:
            return "nothing"
        case bool():
            return f"`{str(value).lower()}`"
        case int() | Decimal():
            return f"the number {value}"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "a mapping"


def wanted(schema: Schema) -> str:
    """Return what a schema accepts."""
    names = schema.get("type", ())
    names = [names] if isinstance(names, str) else names
    if "title" in schema and schema.get("additionalProperties") is not False:
        return str(schema["title"])
    return " or ".join(TYPES[name] for name in names)


def in_words(where: Where) -> str:
    """Return for example "`target` in item 2 of `results`"."""
    match where:
        case (*above, int(number), str(key)) if above:
            return f"`{shown(key)}` in item {number + 1} of {in_words(tuple(above))}"
        case (*above, int(number)) if above:
            return f"item {number + 1} of {in_words(tuple(above))}"
        case (*_, str(parent), str(key)):
            return f"`{shown(key)}` of `{shown(parent)}`"
        case _:
            return f"`{shown(str(where[-1]))}`"


def odd_character(name: str) -> str | None:
    """Return in words the first character that no name can hold where it stands, or None."""
    for position, character in enumerate(name):
        if "a" <= character <= "z" or (position and (character == "_" or "0" <= character <= "9")):
            continue
        if "!" <= character <= "~":
            return f"`{character}`"
        return f"U+{ord(character):04X} {unicodedata.name(character, 'LINE BREAK OR TAB')}"
    return None
