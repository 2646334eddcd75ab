"""Values as text that is the same wherever they are the same, and its hash.

Fields that take no part in equality are left out, and so are those that have their default: what a later
version adds to a value changes no hash of values that do not use it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from hashlib import sha256
from typing import Any, Final

_ENCODER: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)  # one for all lines: making it takes longer than using it


def fingerprint(value: object) -> str:
    """Return the SHA-256 of a value's canonical text."""
    return sha256(as_line(_plain(value)).encode("utf-8")).hexdigest()


def as_line(plain: object) -> str:
    """Return plain data as the one JSON text that is canonical: keys sorted, no spaces, plain letters."""
    return _ENCODER.encode(plain)


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return {"decimal": str(value)}
        case date():  # a moment, too
            return {type(value).__name__: value.isoformat()}
        case timedelta():
            return {"timedelta": str(value)}
        case Enum():
            return {type(value).__name__: value.value}
        case Mapping():
            return {"mapping": {str(key): _plain(inner) for key, inner in value.items()}}
        case Iterable():
            return [_plain(inner) for inner in value]
        case _:
            kind: Any = type(value)
            told = {
                one.name: _plain(getattr(value, one.name))
                for one in _compared(kind)
                if not _is_default(one, getattr(value, one.name))
            }
            return {kind.__name__: told}


@cache
def _compared(kind: Any) -> tuple[Field[Any], ...]:
    return tuple(one for one in fields(kind) if one.compare)


def _is_default(one: Field[Any], value: object) -> bool:
    if one.default_factory is not MISSING:
        return bool(value == one.default_factory())
    return one.default is not MISSING and bool(value == one.default)
