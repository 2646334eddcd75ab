"""Definitions with one mistake each: a sound file in, a wrong one out. That it is wrong follows from how it is made.

A required key is taken away, a key or a reference is misspelt, a value gets a type or a word that its place does
not have, a line stands twice, an expression loses a bracket. What might be right by chance is not made.
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kpiascode.load import load_text
from kpiascode.model.document import Document, Where
from kpiascode.model.place import Span
from kpiascode.resolve.functions import ALL_NAMES
from kpiascode.resolve.parser import CASTS, UNITS
from kpiascode.validate.schemas import schema_of

REFERENCES = {
    "kpi": ("owner", "dataset", "applies_to.*", "counter_kpis.*"),
    "goal": ("owner", "org_unit", "parent", "results.*.kpi"),
    "scorecard": ("org_unit", "audiences.*", "sections.*.kpis.*"),
    "owner": ("org_unit",),
    "org_unit": ("parent",),
    "dataset": ("relationships.*.to",),
    "check_in": ("goal", "kpi", "by"),
    "review_template": (),
    "review_cycle": ("owner", "template", "org_units.*"),
    "one_on_one_series": ("manager", "report"),
    "improvement_plan": ("owner", "subject.kpi", "standard.goal", "actions.*.who", "success.kpi"),
    "feedback_round": ("owner", "about.org_unit"),
    "recognition_program": ("owner", "kpis.*"),
    "recognition": ("program", "by", "to.org_unit", "goals.*", "kpis.*", "check_ins.*"),
}
EXPRESSIONS = {"kpi": ("expression", "where"), "dataset": ("fields.*", "fields.*.expression")}
DATES = {
    "goal": ("period.from", "period.to"),
    "check_in": ("as_of",),
    "review_cycle": ("period.from", "deadlines.*.due"),
    "one_on_one_series": ("from", "met_on.*"),
    "improvement_plan": ("opened_on", "actions.*.due", "outcome.day"),
    "feedback_round": ("window.to",),
    "recognition": ("day",),
}
WORD = re.compile(r"(?<![.\w'])[a-z_][a-z0-9_]*(?![\w'])")
KEYWORDS = {
    *(
        "and or not is null in between like then else end case when as per filter where true false of distinct".split()
    ),
    *("date timestamp".split()),
    *ALL_NAMES,
    *UNITS,
    *CASTS,
}
LITERALS = {
    "boolean": "true",
    "integer": "17",
    "array": "[[x]]",
    "object": "{q: {r: s}}",
    "string": "some words",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A file with one mistake, which stands in the lines `first` to `last`."""

    kind: str
    what: str
    path: str
    text: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A document that a mistake is made in, with its file."""

    document: Document
    text: str
    names: frozenset[str]
    random: random.Random

    @property
    def kind(self) -> str:
        return str(self.document.data["kind"])

    @property
    def schema(self) -> Mapping[str, Any]:
        return schema_of(self.kind)

    def at(self, pattern: str) -> list[Where]:
        """Return the ways to values that look like `results.*.kpi`."""
        wanted = pattern.split(".")
        return [
            where
            for where in self.document.values
            if len(where) == len(wanted)
            and all(part in ("*", str(step)) for part, step in zip(wanted, where, strict=True))
        ]

    def any_of(self, patterns: Sequence[str]) -> list[tuple[Where, str]]:
        """Return the texts there."""
        found = ((where, self.document.data_at(where)) for pattern in patterns for where in self.at(pattern))
        return [(where, value) for where, value in found if isinstance(value, str)]

    def span(self, where: Where) -> Span:
        return self.document.place(where).span


Edit = tuple[str, Span, str]
"""What is done in words, which part is replaced, and by what."""
Mutation = Callable[[Spot], Iterator[Edit]]


def whole_lines(first: int, last: int) -> Span:
    return Span(first, 1, last + 1, 1)


def missing_key(spot: Spot) -> Iterator[Edit]:
    for key in spot.schema["required"]:
        if key != "name" and (key,) in spot.document.keys:
            start = spot.document.keys[(key,)].line
            yield f"without `{key}`", whole_lines(start, max(start, spot.span((key,)).end_line)), ""


def misspelt_key(spot: Spot) -> Iterator[Edit]:
    for where, span in list(spot.document.keys.items()):
        known = properties(spot.schema, where[:-1])
        key = str(where[-1])
        if known is None or key not in known or len(key) < 4:
            continue
        cut = spot.random.randrange(1, len(key))
        wrong = spot.random.choice(
            [key[:cut] + key[cut + 1 :], key[:cut] + key[cut - 1] + key[cut:], key + "x"]
        )
        if wrong not in known:
            yield f"`{wrong}` for `{key}`", span, wrong


def properties(schema: Mapping[str, Any], where: Where) -> Mapping[str, Any] | None:
    """Return the keys that a mapping can have, where these are listed and no others are allowed."""
    found = at_schema(schema, where)
    if found is None or found.get("additionalProperties", True) is not False:
        return None
    known: Mapping[str, Any] = found["properties"]
    return known


def at_schema(schema: Mapping[str, Any], where: Where) -> Mapping[str, Any] | None:
    """Return the schema of the value at a way; None where there are several."""
    found: Any = schema
    for step in where:
        found = resolved(found, schema)
        if found is None:
            return None
        found = found.get("items") if isinstance(step, int) else found.get("properties", {}).get(step)
        if found is None:
            return None
    return resolved(found, schema)


def resolved(found: Mapping[str, Any] | None, root: Mapping[str, Any]) -> Mapping[str, Any] | None:
    while found is not None and "$ref" in found:
        found = root["$defs"][found["$ref"].removeprefix("#/$defs/")]
    return None if found is None or "anyOf" in found else found


def wrong_type(spot: Spot) -> Iterator[Edit]:
    for where in spot.document.values:
        schema = (
            at_schema(spot.schema, where) if where and where != ("kind",) and where != ("name",) else None
        )
        if schema is None or "type" not in schema or "enum" in schema:
            continue
        types = {schema["type"]} if isinstance(schema["type"], str) else set(schema["type"])
        if "number" in types:
            types.add("integer")
        # A text of a date or of an enumeration refuses words, too, but as another mistake.
        others = [name for name in LITERALS if name not in types]
        name = spot.random.choice(others)
        if not (name == "string" and "integer" in types and len(types) > 2):
            span = spot.span(where)
            yield f"{'.'.join(map(str, where))} is {LITERALS[name]}", span, LITERALS[name] + after(spot, span)


def after(spot: Spot, span: Span) -> str:
    """Return the line break that a block of lines took with it."""
    return "\n" if span.end_column == 1 and span.end_line > span.line else ""


def wrong_word(spot: Spot) -> Iterator[Edit]:
    for where in spot.document.values:
        schema = at_schema(spot.schema, where) if where and where != ("kind",) else None
        if schema is not None and "enum" in schema and "sideways" not in schema["enum"]:
            yield f"{'.'.join(map(str, where))} is sideways", spot.span(where), "sideways"


def wrong_kind(spot: Spot) -> Iterator[Edit]:
    yield "of a kind that there is not", spot.span(("kind",)), "kpj"


def misspelt_reference(spot: Spot) -> Iterator[Edit]:
    for where, name in spot.any_of(REFERENCES[spot.kind]):
        wrong = spot.random.choice([f"{name}x", name[:-1], name.replace("_", "", 1), f"the_{name}"])
        if wrong not in spot.names and wrong:
            yield f"`{wrong}` for `{name}`", spot.span(where), wrong


def doubled_line(spot: Spot) -> Iterator[Edit]:
    lines = spot.text.split("\n")
    for where, span in spot.document.keys.items():
        if len(where) == 1 and spot.span(where).end_line == span.line:
            yield f"`{where[0]}` twice", Span(span.line, 1, span.line, 1), lines[span.line - 1] + "\n"


def missing_separator(spot: Spot) -> Iterator[Edit]:
    lines = spot.text.split("\n")
    first = spot.document.place().span.line
    above = first - 2
    while above >= 0 and (lines[above].startswith("#") or not lines[above].strip()):
        above -= 1
    if above >= 0 and lines[above] == "---":
        yield "two documents without a line between them", whole_lines(above + 1, above + 1), ""


def wrong_date(spot: Spot) -> Iterator[Edit]:
    for where, _ in spot.any_of(DATES.get(spot.kind, ())):
        yield f"{where[-1]} is no day", spot.span(where), "2026-02-30"
    if spot.at("period.to"):
        yield "a period that ends before it begins", spot.span(("period", "to")), "2001-01-01"


def missing_file(spot: Spot) -> Iterator[Edit]:
    for where, source in spot.any_of(("source",) if spot.kind == "dataset" else ()):
        yield "a file that is not there", spot.span(where), source.replace(".csv", "_.csv")


def name_taken(spot: Spot) -> Iterator[Edit]:
    """The name of the document before it, where nobody asks for its own."""
    if spot.kind == "scorecard" and len(spot.names) > 1:
        documents = [
            one for one in load_text(spot.document.path, spot.text)[0] if one.data["kind"] == "scorecard"
        ]
        others = [one.data["name"] for one in documents]
        position = others.index(spot.document.data["name"])
        if position:
            yield "a name that is taken", spot.span(("name",)), str(others[position - 1])


# --- expressions


def broken_expression(spot: Spot) -> Iterator[Edit]:
    for where, text in spot.any_of(EXPRESSIONS.get(spot.kind, ())):
        if where[-1] in ("description", "column"):
            continue
        words = [
            word
            for word in WORD.finditer(text)
            if word[0] not in KEYWORDS and text[word.end() : word.end() + 1] not in "('"
        ]
        calls = [
            word
            for word in WORD.finditer(text)
            if word[0] in ALL_NAMES and text[word.end() : word.end() + 1] == "("
        ]
        for word in words[:3]:
            yield "a name that there is not", part(spot, where, *word.span()), "no_such_thing"
        for call in calls[:2]:
            yield "a function that there is not", part(spot, where, *call.span()), f"{call[0]}_of"
        if text.endswith(")"):
            yield "a bracket is not closed", part(spot, where, len(text) - 1, len(text)), ""
        if calls:
            yield "a bracket is not opened", part(spot, where, calls[0].end(), calls[0].end() + 1), " "
        if "'" not in text and '"' not in spot_text(spot, where):
            yield "an operator without its right side", part(spot, where, len(text), len(text)), " +"


def part(spot: Spot, where: Where, start: int, end: int) -> Span:
    return spot.document.place_in_text(where, start, end).span


def spot_text(spot: Spot, where: Where) -> str:
    span = spot.span(where)
    return spot.text.split("\n")[span.line - 1][span.column - 1 : span.column]


# --- YAML


def broken_yaml(spot: Spot) -> Iterator[Edit]:
    lines = spot.text.split("\n")
    span = spot.document.place().span
    for number in range(span.line, span.end_line + 1):
        line = lines[number - 1]
        if re.fullmatch(r"\w+: \[[^\[\]{}'\"]*\]", line):
            yield "a list is not closed", Span(number, len(line), number, len(line) + 1), ""
        if re.fullmatch(r"\w+: \{[^\[\]{}'\"]*\}", line):
            yield "a mapping is not closed", Span(number, len(line), number, len(line) + 1), ""
        if re.fullmatch(r"title: [A-Za-z ]+", line):
            yield "a quote is not closed", Span(number, 8, number, 8), '"'
        if re.fullmatch(r"(grain|direction|owner): \w+", line):
            yield "no colon behind a key", Span(number, line.index(":") + 1, number, line.index(":") + 2), ""


MUTATIONS: tuple[Mutation, ...] = (
    missing_key,
    misspelt_key,
    wrong_type,
    wrong_word,
    wrong_kind,
    misspelt_reference,
    doubled_line,
    missing_separator,
    wrong_date,
    missing_file,
    name_taken,
    broken_expression,
    broken_yaml,
)


OFTEN = (*MUTATIONS, broken_expression, broken_expression, broken_expression)
"""An expression can be broken in more ways than anything else."""


TRIES = 100
NOTHING: Edit = ("", Span(1, 1, 1, 1), "")


def mutants(files: Mapping[str, str], seed: int, count: int) -> Iterator[Mutant]:
    """Yield so many files with a mistake; each way of making one comes up again and again."""
    source = random.Random(seed)
    spots = tuple(_spots(files, source))
    made: set[tuple[str, str]] = set()
    turn = misses = 0
    while len(made) < count:
        mutation, spot = OFTEN[turn % len(OFTEN)], source.choice(spots)
        what, span, text = source.choice(list(mutation(spot)) or [NOTHING])
        changed = replaced(spot.text, span, text)
        if (spot.document.path, changed) in made or changed == spot.text:
            misses += 1
            turn += misses % TRIES == 0
            continue
        made.add((spot.document.path, changed))
        turn += 1
        whole = spot.document.place().span
        first = min(whole.line, span.line) - (mutation is missing_separator)
        grown = changed.count("\n") - spot.text.count("\n")
        before = _line_before(spot, first) if mutation is missing_separator else first
        yield Mutant(
            kind=mutation.__name__,
            what=f"{spot.kind} `{spot.document.data['name']}`: {what}",
            path=spot.document.path,
            text=changed,
            first=before,
            last=whole.end_line + max(grown, 0),
        )


def _line_before(spot: Spot, line: int) -> int:
    """Return where the document above begins, which is one with this one now."""
    above = [one.place().span.line for one in load_text(spot.document.path, spot.text)[0]]
    return max((start for start in above if start < line), default=1)


def _spots(files: Mapping[str, str], source: random.Random) -> Iterator[Spot]:
    loaded = {path: load_text(path, text)[0] for path, text in files.items()}
    names = frozenset(str(one.data["name"]) for documents in loaded.values() for one in documents)
    for path, documents in loaded.items():
        for document in documents:
            yield Spot(document=document, text=files[path], names=names, random=source)


def replaced(text: str, span: Span, by: str) -> str:
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    start = starts[span.line - 1] + span.column - 1
    end = min(starts[span.end_line - 1] + span.end_column - 1, len(text))
    return text[:start] + by + text[end:]
