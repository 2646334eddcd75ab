"""Makes one schema of all kinds, for editors, that chooses by `kind`."""

import json
from collections.abc import Mapping
from typing import Any, Final

from kpiascode.validate.schemas import Schema

ADDRESS: Final = "https://kpiascode.dev/schemas/"
PROJECT: Final = "project"


def bundle(schemas: Mapping[str, Schema]) -> Schema:
    """Return the schema for a document of any of the kinds; one with a `version` is a project.

    It refers to nothing outside, and has `if` and `then`, since with `oneOf` editors complain of all kinds.
    """
    kinds = [*sorted(schemas.keys() - {PROJECT}), PROJECT]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{ADDRESS}bundle.schema.json",
        "title": "definition",
        "description": "A definition of any kind, or the project.",
        "type": "object",
        "properties": {
            "kind": {
                "description": "Says what is defined.",
                "enum": kinds,
                "enumDescriptions": [schemas[kind]["description"] for kind in kinds],
                "examples": kinds[:1],
            }
        },
        "allOf": [
            *(_when({"properties": {"kind": {"const": kind}}, "required": ["kind"]}, kind) for kind in kinds),
            _when({"required": ["version"], "not": {"required": ["kind"]}}, PROJECT),
            {"if": {"not": {"required": ["version"]}}, "then": {"required": ["kind"]}},
        ],
        "$defs": {kind: _embedded(kind, schemas[kind]) for kind in kinds},
    }


def _when(condition: Schema, kind: str) -> Schema:
    return {"if": condition, "then": {"$ref": f"#/$defs/{kind}"}}


def _embedded(kind: str, schema: Schema) -> Schema:
    """Return a schema as part of another: without an address, and its references led to its new place."""
    part = {key: _moved(value, kind) for key, value in schema.items() if key not in ("$schema", "$id")}
    part["properties"]["kind"]["enumDescriptions"] = [schema["description"]]
    return part


def _moved(value: Any, kind: str) -> Any:
    match value:
        case {"examples": list(examples), **rest} if any(map(_is_inserted_wrongly, examples)):
            return _moved(rest, kind) | _shown(rest, examples)
        case {"$ref": str(target), **rest}:
            return {"$ref": target.replace("#/", f"#/$defs/{kind}/", 1)} | rest
        case dict():
            return {key: _moved(item, kind) for key, item in value.items()}
        case list():
            return [_moved(item, kind) for item in value]
        case _:
            return value


def _shown(schema: Mapping[Any, Any], examples: list[Any]) -> Schema:
    """Return examples in the form that editors show, where they are not only words and numbers.

    As they are, editors insert `[object Object]` for a mapping in a list, and texts in lists without quotes.
    A snippet beside a reference makes them take it for another schema. What cannot be inserted is told.
    """
    nested = [one for one in examples if _is_inserted_wrongly(one)]
    plain = [one for one in examples if not _is_inserted_wrongly(one)]
    told = "".join(f"\n\nExample: `{json.dumps(one)}`" for one in nested)
    snippets = [
        {"label": json.dumps(one), "body": {key: _quoted(value) for key, value in one.items()}}
        for one in nested
        if isinstance(one, dict) and "$ref" not in schema
    ]
    return {
        **({"examples": plain} if plain else {}),
        "markdownDescription": f"{schema['description']}{told}",
        **({"defaultSnippets": snippets} if snippets else {}),
    }


def _is_inserted_wrongly(value: Any) -> bool:
    """Return whether editors would insert a value wrongly: `#7a1f5c` without quotes is a comment."""
    return isinstance(value, dict | list) or (isinstance(value, str) and value.startswith("#"))


def _quoted(value: Any) -> Any:
    return f'"{value}"' if isinstance(value, str) and value.startswith("#") else value
