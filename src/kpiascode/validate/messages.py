"""What each keyword of a schema says to somebody whose document it refuses."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeAlias

from kpiascode.model.diagnostic import Diagnostic, did_you_mean, one_of, question
from kpiascode.model.document import Document, Where
from kpiascode.model.place import Place
from kpiascode.validate.formats import DAY, pattern
from kpiascode.validate.hints import example, name_hint, type_hint
from kpiascode.validate.schemas import NAME_PATTERN, Schema
from kpiascode.validate.words import found, in_words, may_be_repeated, odd_character, sentence, shown, wanted

MANY: Final = 1_000
"""Mistakes in one document after which no more are looked for: nobody reads them, and each costs time."""


MERGE: Final = "<<"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A value that a keyword of its schema refuses.

    Args:
        argument: What stands in the schema behind the keyword.
        is_key: Whether `value` is a key of the mapping at `where`, and not the value there.
        choice: What else would do, in words; None where the schema is no alternative.
    """

    keyword: str
    argument: Any
    schema: Schema
    value: Any
    where: Where
    is_key: bool
    choice: str | None


Say: TypeAlias = Callable[[Document, Problem], Iterator[Diagnostic]]


def _unknown_keys(document: Document, problem: Problem) -> Iterator[Diagnostic]:
    owner = in_words(problem.where) if problem.where else _with_article(problem.schema["title"])
    free = problem.schema["properties"].keys() - problem.value.keys()
    allowed = f"Allowed: {one_of(free)}." if free else "Remove it."
    for key, near in _nearest(problem).items():
        yield Diagnostic(
            code="unknown-key",
            message=f"`{shown(key)}` is no key of {owner}.",
            place=document.place_of_key((*problem.where, key)),
            hint=_joined(near or allowed, problem.schema.get("x-hint")),
        )


def _missing_keys(document: Document, problem: Problem) -> Iterator[Diagnostic]:
    if MERGE in problem.value:  # it has a finding, and it may have been meant to bring the key
        return
    misspelt = _nearest(problem).values()
    for key in problem.argument:
        if key not in problem.value and question(key) not in misspelt:
            hint = example(key, problem.schema["properties"][key])
            yield _about_keys(document, problem, "missing-key", f"lacks `{key}`", hint)


def _nearest(problem: Problem) -> dict[str, str | None]:
    """Return the unknown keys of a mapping, each with the question whether another was meant."""
    known = problem.schema["properties"].keys()
    free = known - problem.value.keys()
    unknown = (key for key in problem.value if key not in known)
    return {key: did_you_mean(key, free) for key in islice(unknown, MANY)}


def _wrong_type(document: Document, problem: Problem) -> Iterator[Diagnostic]:
    place, subject = _subject(document, problem)
    expected = wanted(problem.schema)
    message = f"{subject} should be {expected}, but it is {found(problem.value)}."
    hint = _joined(type_hint(problem.schema, problem.value), problem.schema.get("x-hint"))
    if problem.value is None:
        message, hint = f"{subject} is empty; it should be {expected}.", "Write a value, or remove the key."
    yield Diagnostic(code="wrong-type", message=sentence(message), place=place, hint=hint)


def _not_among(document: Document, problem: Problem) -> Iterator[Diagnostic]:
    place, subject = _subject(document, problem)
    allowed = [one if isinstance(one, str) else str(one).lower() for one in problem.argument]
    value = problem.value
    echo = f"`{shown(value)}`" if may_be_repeated(value) else found(value)
    choice = problem.choice
    hint = f"It is {choice}: {one_of(allowed)}." if choice else f"Allowed: {one_of(allowed)}."
    near = did_you_mean(value, allowed) if isinstance(value, str) else None
    message = sentence(f"{subject} cannot be {echo}.")
    yield Diagnostic(code="invalid-value", message=message, place=place, hint=_joined(near, hint))


def _other_pattern(document: Document, problem: Problem) -> Iterator[Diagnostic]:
    place, subject = _subject(document, problem)
    value = problem.value
    if problem.schema["pattern"] != NAME_PATTERN:
        yield _should_be(problem, place, subject, "invalid-value")
        return
    odd = odd_character(value)
    what = f"it holds {odd}" if odd else f"it has {len(value)} characters"
    message = sentence(f"{subject} is no name: {what}.")
    yield Diagnostic(code="invalid-name", message=message, place=place, hint=name_hint(value))


def _no_date(document: Document, problem: Problem) -> Iterator[Diagnostic]:
    place, subject = _subject(document, problem)
    if DAY.fullmatch(problem.value):
        message = sentence(f"{subject} is `{problem.value}`, which is no day of the calendar.")
        yield Diagnostic(code="invalid-date", message=message, place=place)
    else:
        yield _should_be(problem, place, subject, "invalid-date")


def _none_fits(document: Document, problem: Problem) -> Iterator[Diagnostic]:
    """Say what several alternatives accept: either other values, or one of some keys."""
    if all(one.keys() == {"required"} for one in problem.argument):
        what = " or ".join(f"`{key}`" for one in problem.argument for key in one["required"])
        yield _about_keys(document, problem, "missing-key", f"lacks {what}", "Add one of them.")
    else:
        place, subject = _subject(document, problem)
        yield _should_be(problem, place, subject, "wrong-type")


def _exclusive_keys(document: Document, problem: Problem) -> Iterator[Diagnostic]:
    if isinstance(problem.value, dict):  # what is no mapping has been said, and JSON Schema says it twice
        what = " and ".join(f"`{key}`" for key in problem.argument["required"])
        yield _about_keys(document, problem, "invalid-value", f"has {what} at once", "Keep one of them.")


def _limit(words: str) -> Say:
    def say(document: Document, problem: Problem) -> Iterator[Diagnostic]:
        place, subject = _subject(document, problem)
        limit = "is empty" if words.startswith("has fewer") and not problem.value else words
        message = sentence(f"{subject} {limit.format(problem.argument)}.")
        yield Diagnostic(code="invalid-value", message=message, place=place)

    return say


SAY: Final[Mapping[str, Say]] = {
    "additionalProperties": _unknown_keys,
    "required": _missing_keys,
    "type": _wrong_type,
    "enum": _not_among,
    "pattern": _other_pattern,
    "format": _no_date,
    "anyOf": _none_fits,
    "not": _exclusive_keys,
    "minLength": _limit("has fewer than {} characters"),
    "maxLength": _limit("is longer than {} characters"),
    "minItems": _limit("has fewer than {} items"),
    "maxItems": _limit("has more than {} items"),
    "minProperties": _limit("has fewer than {} keys"),
    "maxProperties": _limit("has more than {} keys"),
    "minimum": _limit("must be at least {}"),
    "maximum": _limit("must be at most {}"),
    "exclusiveMinimum": _limit("must be more than {}"),
}


def _subject(document: Document, problem: Problem) -> tuple[Place, str]:
    """Return where a value stands and what it is called; of a key, where the rule is about keys."""
    where: Where = problem.where
    if problem.is_key:
        return document.place_of_key((*where, problem.value)), f"a key of {in_words(where)}"
    return document.place(where), in_words(where)


def _should_be(problem: Problem, place: Place, subject: str, code: str) -> Diagnostic:
    value = problem.value
    echo = f"`{shown(value)}`" if may_be_repeated(value) else found(value)
    if isinstance(value, str) and value and not value.strip():
        echo = "blank"
    rest = "" if isinstance(value, dict) else f", but it is {echo}"
    message = sentence(f"{subject} should be {wanted(problem.schema)}{rest}.")
    return Diagnostic(code=code, message=message, place=place, hint=type_hint(problem.schema, value))


def _about_keys(document: Document, problem: Problem, code: str, what: str, hint: str) -> Diagnostic:
    """Return a finding about the keys of a mapping, at its own key or else at its first one."""
    where: Where = problem.where
    owner = in_words(where) if where else f"the {problem.schema['title']}{_name_of(document)}"
    first = (*where, next(iter(problem.value), ""))
    place = document.place_of_key(where if where in document.keys else first)
    return Diagnostic(code=code, message=sentence(f"{owner} {what}."), place=place, hint=hint)


def _name_of(document: Document) -> str:
    name = document.data.get("name")
    return f" `{name}`" if isinstance(name, str) and pattern(NAME_PATTERN).fullmatch(name) else ""


def _joined(*sentences: str | None) -> str | None:
    return " ".join(filter(None, sentences)) or None


def _with_article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
