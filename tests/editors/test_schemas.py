"""What the schemas tell a person who writes: every key is explained and shown, and the bundle has it all."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry

from kpiascode.validate import KINDS, schema_folder
from kpiascode.validate.bundle import bundle

FILES = sorted(schema_folder().rglob("*.schema.json"))
BUNDLE = schema_folder() / "bundle.schema.json"
NESTED = ("properties", "$defs")
SINGLE = ("items", "additionalProperties", "propertyNames", "not", "if", "then")
SEVERAL = ("anyOf", "allOf")
each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def read(file: Path) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema


def parts(schema: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema inside a schema, with its place."""
    if not isinstance(schema, dict):
        return
    yield where, schema
    for key in NESTED:
        for name, part in schema.get(key, {}).items():
            yield from parts(part, f"{where}/{key}/{name}")
    for key in SINGLE:
        yield from parts(schema.get(key), f"{where}/{key}")
    for key in SEVERAL:
        for number, part in enumerate(schema.get(key, [])):
            yield from parts(part, f"{where}/{key}/{number}")


def keys(file: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every key that can be written, with its place; not those of conditions."""
    for where, part in parts(read(file)):
        if "/if" not in where and "/not" not in where:
            for name, told in part.get("properties", {}).items():
                yield f"{where}/{name}", name, told


@each_file
def test_every_key_is_explained_in_words(file: Path) -> None:
    for where, name, told in keys(file):
        words = re.findall(r"[a-z]+", told["description"].lower())
        assert len(words) > 1, where
        assert set(words) - {"a", "an", "its", "the"} != set(name.split("_")), where
        assert told["description"].endswith("."), where
        assert re.match(r"[A-Z`]", told["description"]), where


@each_file
def test_every_key_has_an_example(file: Path) -> None:
    """Of what programs write, only of single values: whole ones are what the program prints."""
    for where, _, told in keys(file):
        if file.parent.name == "output" and told.get("type") in (None, "array", "object"):
            continue
        assert (
            told.get("examples") or told.get("defaultSnippets") or "Example: " in told["markdownDescription"]
        ), where


def meant(body: dict[str, Any]) -> dict[str, Any]:
    """Return what is read once a snippet is inserted: some texts carry their quotes."""
    return {key: value.strip('"') if isinstance(value, str) else value for key, value in body.items()}


@each_file
def test_every_example_is_one(file: Path) -> None:
    root = read(file)
    shown = 0
    for where, part in parts(root):
        examples = [
            *part.get("examples", []),
            *(meant(one["body"]) for one in part.get("defaultSnippets", [])),
        ]
        told = re.findall(r"\n\nExample: `(.*)`", part.get("markdownDescription", ""))
        schema = {**part, "$defs": root.get("$defs", {})}
        for one in (*examples, *map(json.loads, told)):
            shown += 1
            Draft202012Validator(
                schema, registry=Registry(), format_checker=Draft202012Validator.FORMAT_CHECKER
            ).validate(one)
            assert "description" in part, where
    assert shown


@each_file
def test_each_word_of_a_choice_is_explained_or_none(file: Path) -> None:
    for where, part in parts(read(file)):
        if "enumDescriptions" in part:
            assert len(part["enumDescriptions"]) == len(part["enum"]), where
            assert all(text.endswith(".") for text in part["enumDescriptions"]), where


def test_the_bundle_is_up_to_date() -> None:
    """Run with KPI_UPDATE_GOLDEN=1 to write it anew."""
    made = bundle({kind: read(schema_folder() / f"{kind}.schema.json") for kind in (*KINDS, "project")})
    if os.environ.get("KPI_UPDATE_GOLDEN") == "1":
        BUNDLE.write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    assert read(BUNDLE) == made


def test_the_bundle_holds_the_words_of_every_schema() -> None:
    """Examples that hold mappings have another form there; nothing else is lost."""
    texts = json.dumps(read(BUNDLE))
    for kind in (*KINDS, "project"):
        for where, part in parts(read(schema_folder() / f"{kind}.schema.json")):
            for text in (part.get("title"), part.get("description"), *part.get("enumDescriptions", [])):
                assert text is None or json.dumps(text) in texts, f"{kind}{where}"


def test_the_bundle_tells_kinds_by_conditions_and_never_by_trying_all() -> None:
    schema = read(BUNDLE)

    assert all("oneOf" not in part for _, part in parts(schema))
    assert all(choice.keys() == {"if", "then"} for choice in schema["allOf"])
    assert schema["properties"]["kind"]["enum"] == [*sorted(KINDS), "project"]


@pytest.mark.parametrize(
    ("document", "sound"),
    [
        ({"version": 1, "name": "x", "paths": ["kpis"]}, True),
        ({"version": 1, "kind": "project", "name": "x", "paths": ["kpis"]}, True),
        ({"version": 2, "name": "x", "paths": ["kpis"]}, False),
        ({"version": 1, "name": "x"}, False),
        ({"kind": "project", "name": "x", "paths": ["kpis"]}, False),
        ({"kind": "owner", "name": "x", "title": "X", "org_unit": "u", "contact": "c"}, True),
        ({"kind": "owner", "name": "x", "title": "X", "org_unit": "u"}, False),
        ({"kind": "owner", "version": 1, "name": "x", "title": "X", "org_unit": "u", "contact": "c"}, False),
        ({"kind": "nothing", "name": "x"}, False),
        ({"name": "x"}, False),
        ({}, False),
        ("kpi", False),
    ],
)
def test_the_bundle_tells_a_project_by_its_version(document: Any, sound: bool) -> None:
    assert Draft202012Validator(read(BUNDLE), registry=Registry()).is_valid(document) is sound
