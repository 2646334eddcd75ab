"""Explains why a document is not of its kind's shape: jsonschema finds what, `messages` says it."""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby, islice
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators
from referencing import Registry

from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.document import Document
from kpiascode.validate.formats import FORMATS, pattern
from kpiascode.validate.messages import MANY, SAY, Problem
from kpiascode.validate.schemas import Schema, schema_of

ORDER: Final = ("type", "enum", "pattern", "format", "maxLength", "minLength")
"""Where a value breaks several rules, the first of these is the cause, and the others follow from it."""

ABOUT_KEYS: Final = ("additionalProperties", "required", "not")


def explain(document: Document, kind: str) -> Iterator[Diagnostic]:
    """Yield what is wrong with the shape of a document, once for each cause."""
    told = set()
    errors = islice(_narrowed(validator_of(kind).iter_errors(document.data)), MANY)
    problems = map(_problem, errors)
    for problem in sorted(problems, key=_rank):
        for finding in SAY[problem.keyword](document, problem):
            about = (finding.place, finding.message if problem.keyword in ABOUT_KEYS else None)
            if about not in told:
                told.add(about)
                yield finding


@cache
def validator_of(kind: str) -> Any:
    """Return the validator for documents of a kind."""
    return validator_for(schema_of(kind))


def validator_for(schema: Schema) -> Any:
    """Return jsonschema's validator, with patterns and days as `formats` has them; it fetches nothing."""
    formats = FormatChecker(formats=())
    for name, is_format in FORMATS.items():
        formats.checks(name)(lambda value, test=is_format: not isinstance(value, str) or test(value))
    return WholePatterns(schema, registry=Registry(), format_checker=formats)


def _whole_pattern(_: Any, text: str, value: Any, __: Schema) -> Iterator[ValidationError]:
    if isinstance(value, str) and not pattern(text).fullmatch(value):
        yield ValidationError("pattern")


WholePatterns: Final[Any] = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"pattern": _whole_pattern}
)


def _narrowed(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Yield the errors; instead of an `anyOf` those of the one alternative that the value's type fits."""
    for error in errors:
        meant = _meant(error) if error.validator == "anyOf" else None
        if meant is None:
            yield error
        else:
            yield from _narrowed(meant)


def _meant(error: ValidationError) -> list[ValidationError] | None:
    alternatives = [
        list(group) for _, group in groupby(error.context, lambda one: one.relative_schema_path[0])
    ]
    fitting = [errors for errors in alternatives if not any(map(_is_of_other_type, errors))]
    return fitting[0] if len(fitting) == 1 else None


def _is_of_other_type(error: ValidationError) -> bool:
    return error.validator == "type" and not error.relative_path


def _problem(error: Any) -> Problem:
    return Problem(
        keyword=error.validator,
        argument=error.validator_value,
        schema=error.schema,
        value=error.instance,
        where=tuple(error.absolute_path),
        is_key="propertyNames" in error.absolute_schema_path,
        choice=error.parent and error.parent.schema.get("title"),
    )


def _rank(problem: Problem) -> int:
    return ORDER.index(problem.keyword) if problem.keyword in ORDER else len(ORDER)
