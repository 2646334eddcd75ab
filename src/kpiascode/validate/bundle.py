"""Makes one schema of all kinds, for editors, that chooses by `kind`."""

from collections.abc import Mapping
from typing import Any, Final

from kpiascode.validate.schemas import Schema

ADDRESS: Final = "https://kpiascode.dev/schemas/"


def bundle(schemas: Mapping[str, Schema]) -> Schema:
    """Return the schema for a document of any of the kinds.

    It refers to nothing outside, and has `if` and `then`, since with `oneOf` editors complain of all kinds.
    """
    kinds = sorted(schemas)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{ADDRESS}bundle.schema.json",
        "title": "definition",
        "description": "A definition of any kind.",
        "type": "object",
        "required": ["kind"],
        "properties": {
            "kind": {"description": "Says what is defined.", "enum": kinds, "examples": kinds[:1]}
        },
        "allOf": [_when(kind) for kind in kinds],
        "$defs": {kind: _embedded(kind, schemas[kind]) for kind in kinds},
    }


def _when(kind: str) -> Schema:
    return {
        "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
        "then": {"$ref": f"#/$defs/{kind}"},
    }


def _embedded(kind: str, schema: Schema) -> Schema:
    """Return a schema as part of another: without an address, and its references led to its new place."""
    return {key: _moved(value, kind) for key, value in schema.items() if key not in ("$schema", "$id")}


def _moved(value: Any, kind: str) -> Any:
    match value:
        case {"$ref": str(target), **rest}:
            return {"$ref": target.replace("#/", f"#/$defs/{kind}/", 1)} | rest
        case dict():
            return {key: _moved(item, kind) for key, item in value.items()}
        case list():
            return [_moved(item, kind) for item in value]
        case _:
            return value
