"""The JSON Schemas, one for each kind: the contract that editors use, too."""

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

Schema: TypeAlias = dict[str, Any]

PACKAGE: Final = Path(__file__).parents[1]
NAME_PATTERN: Final = "^[a-z][a-z0-9_]{0,62}$"


def schema_folder() -> Path:
    """Return where the schemas lie: in the wheel beside the code, in a checkout at its root."""
    shipped = PACKAGE / "_shipped" / "schemas"
    return shipped if shipped.is_dir() else PACKAGE.parents[1] / "schemas"


@cache
def schema_of(kind: str) -> Schema:
    """Return the schema of a kind; numbers as `Decimal`, as in the documents. Not to be changed."""
    text = (schema_folder() / f"{kind}.schema.json").read_text(encoding="utf-8")
    schema: Schema = json.loads(text, parse_float=Decimal)
    return schema
