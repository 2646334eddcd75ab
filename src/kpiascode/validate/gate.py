"""A fast yes or no: whether a value has the shape that a schema asks for.

Knows exactly the keywords that our schemas use. jsonschema explains the noes; a test shows that both agree.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache
from typing import Any, Final, TypeAlias

from kpiascode.validate.formats import FORMATS, pattern
from kpiascode.validate.schemas import Schema, schema_of

Test: TypeAlias = Callable[[Any], bool]

TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, Decimal),
    "boolean": (bool,),
    "null": (type(None),),
}
EVERY_TYPE: Final = ("object", "array", "string", "number", "boolean", "null")
NOTES: Final = {"$schema", "$id", "$defs", "title", "description", "enumDescriptions", "examples", "x-hint"}
KEYWORDS: Final = {
    *(
        "$ref",
        "type",
        "enum",
        "anyOf",
        "not",
        "properties",
        "required",
        "additionalProperties",
        "propertyNames",
    ),
    *("minProperties", "maxProperties", "items", "minItems", "maxItems", "minLength", "maxLength", "pattern"),
    *("format", "minimum", "maximum", "exclusiveMinimum"),
}


@cache
def gate_of(kind: str) -> Test:
    """Return the test for documents of a kind."""
    schema = schema_of(kind)
    return test_of(schema, schema)


def test_of(schema: Schema, root: Schema) -> Test:
    """Return the test for a part of the schema `root`, which holds the `$defs`."""
    assert schema.keys() <= NOTES | KEYWORDS, f"the gate does not know {schema.keys() - NOTES - KEYWORDS}"
    if "$ref" in schema:
        return test_of(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root)
    names = schema.get("type", EVERY_TYPE)
    allowed = {
        python: name for name in ([names] if isinstance(names, str) else names) for python in TYPES[name]
    }
    by_type = {python: _test_of_type(python, schema, root) for python in allowed}
    others = tuple(_combinations(schema, root))

    def test(value: Any) -> bool:
        of_type = by_type.get(type(value))
        return of_type is not None and of_type(value) and all(other(value) for other in others)

    return test


def _test_of_type(python: type, schema: Schema, root: Schema) -> Test:
    """Return the test for values of one type; the keywords for other types do not touch them."""
    if "enum" in schema:
        values = frozenset(value for value in schema["enum"] if type(value) is python)
        return values.__contains__ if values else _never
    if python is dict:
        return _mapping(schema, root)
    if python is list:
        return _list(schema, root)
    if python is str:
        return _text(schema)
    if python in (int, Decimal):
        return _number(schema)
    return _always


def _mapping(schema: Schema, root: Schema) -> Test:
    tests = {key: test_of(value, root) for key, value in schema.get("properties", {}).items()}
    rest = schema.get("additionalProperties", True)
    other = test_of(rest, root) if isinstance(rest, dict) else _always if rest else _never
    name = test_of(schema["propertyNames"], root) if "propertyNames" in schema else _always
    required = frozenset(schema.get("required", ()))
    least, most = schema.get("minProperties", 0), schema.get("maxProperties")

    def test(value: dict[str, Any]) -> bool:
        if len(value) < least or (most is not None and len(value) > most) or not required <= value.keys():
            return False
        for key, item in value.items():
            if not tests.get(key, other)(item):
                return False
        return name is _always or all(name(key) for key in value)

    return test


def _list(schema: Schema, root: Schema) -> Test:
    item = test_of(schema["items"], root) if "items" in schema else _always
    least, most = schema.get("minItems", 0), schema.get("maxItems")

    def test(value: list[Any]) -> bool:
        return least <= len(value) and (most is None or len(value) <= most) and all(map(item, value))

    return test


def _text(schema: Schema) -> Test:
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    matches = pattern(schema["pattern"]).fullmatch if "pattern" in schema else None
    is_format = FORMATS[schema["format"]] if "format" in schema else None

    def test(value: str) -> bool:
        if len(value) < least or (most is not None and len(value) > most):
            return False
        return (matches is None or matches(value) is not None) and (is_format is None or is_format(value))

    return test


def _number(schema: Schema) -> Test:
    least, most, above = (schema.get(key) for key in ("minimum", "maximum", "exclusiveMinimum"))

    def test(value: int | Decimal) -> bool:
        if least is not None and value < least:
            return False
        return (most is None or value <= most) and (above is None or value > above)

    return test


def _combinations(schema: Schema, root: Schema) -> Iterable[Test]:
    if "anyOf" in schema:
        tests = [test_of(one, root) for one in schema["anyOf"]]
        yield lambda value: any(test(value) for test in tests)
    if "not" in schema:
        unwanted = test_of(schema["not"], root)
        yield lambda value: not unwanted(value)


def _always(_: Any) -> bool:
    return True


def _never(_: Any) -> bool:
    return False
