"""Puts quotes around what can only be meant as a text, as the fix of a finding about YAML without quotes."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from kpiascode.model.diagnostic import Diagnostic, Edit
from kpiascode.model.document import KINDS, Document, Documents, Where
from kpiascode.model.place import Span
from kpiascode.validate.gate import EVERY_TYPE, test_of
from kpiascode.validate.schemas import Schema, schema_of

DOUBTFUL: Final = ("ambiguous-scalar", "invalid-key")
TEXT: Final = frozenset({"string", "null"})
NOTHING: Final = frozenset({"", "~", "null", "Null", "NULL"})
"""A key that is one of these has been forgotten; its quotes would make a name of it."""


def with_quotes(documents: Documents) -> Iterator[Diagnostic]:
    """Yield what was found in reading; where only a text can stand, quotes are the fix of a doubt."""
    doubtful = {finding.place.path for finding in documents.diagnostics if finding.code in DOUBTFUL}
    texts: dict[tuple[str, Span], str] = {}
    for document, kind in _with_kinds(documents) if doubtful else ():
        if document.path in doubtful:
            texts |= {(document.path, span): text for span, text in _texts(document, schema_of(kind))}
    for finding in documents.diagnostics:
        at = finding.place.path, finding.place.span
        if finding.code in DOUBTFUL and at in texts:
            yield replace(finding, fix=(Edit(at[1], f'"{texts[at]}"'),))
        else:
            yield finding


def _with_kinds(documents: Documents) -> Iterator[tuple[Document, str]]:
    if documents.project is not None:
        yield documents.project, "project"
    for document in documents.items:
        kind = document.data.get("kind")
        if isinstance(kind, str) and kind in KINDS:
            yield document, kind


def _texts(document: Document, root: Schema) -> Iterator[tuple[Span, str]]:
    """Yield the keys and values of a document that can be nothing but a text, and are a fitting one."""
    schemas: dict[Where, tuple[Schema, ...]] = {(): tuple(_alternatives(root, root))}
    for where in document.values:
        if not where:
            continue
        schemas[where] = tuple(_below(schemas[where[:-1]], where[-1], root))
        value = document.data_at(where)
        if isinstance(value, str) and _is_text(schemas[where], value, root):
            yield document.values[where].span, value
        if where in document.keys and schemas[where] and where[-1] not in NOTHING:
            yield document.keys[where], str(where[-1])


def _alternatives(schema: Schema, root: Schema) -> Iterator[Schema]:
    """Yield the schemas one of which holds, without references."""
    if "$ref" in schema:
        yield from _alternatives(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root)
    elif "type" in schema or "enum" in schema or "anyOf" not in schema:
        yield schema
    else:
        for one in schema["anyOf"]:
            yield from _alternatives(one, root)


def _below(schemas: Iterable[Schema], step: str | int, root: Schema) -> Iterator[Schema]:
    """Yield the schemas of what stands at a key or at a place of a list."""
    for schema in schemas:
        if isinstance(step, int):
            below: Any = schema.get("items", False)
        elif "propertyNames" in schema and not test_of(schema["propertyNames"], root)(step):
            below = False
        else:
            below = schema.get("properties", {}).get(step, schema.get("additionalProperties", False))
        if isinstance(below, dict):
            yield from _alternatives(below, root)


def _is_text(schemas: Iterable[Schema], value: str, root: Schema) -> bool:
    types = [_types(schema) for schema in schemas]
    return bool(types) and frozenset().union(*types) <= TEXT and any(test_of(s, root)(value) for s in schemas)


def _types(schema: Schema) -> frozenset[str]:
    if "enum" in schema:
        return frozenset("string" if isinstance(value, str) else "other" for value in schema["enum"])
    names = schema.get("type", EVERY_TYPE)
    return frozenset([names] if isinstance(names, str) else names)
