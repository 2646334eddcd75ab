"""The filter of a question, as people write it on the command line."""

from collections.abc import Collection, Mapping

from kpiascode.model.expression import Column, Expression, Slice, Type, rebuild
from kpiascode.resolve.lexer import ExpressionError
from kpiascode.resolve.parser import parse
from kpiascode.resolve.scope import condition
from kpiascode.resolve.types import type_of


def check_filter(node: Expression, types: Mapping[str, Type]) -> None:
    """Refuse a filter that does not fit the types of the dimensions that it names.

    Raises:
        ExpressionError: `type-mismatch`, at the part that does not fit.
    """

    def typed(part: Expression) -> Expression:
        if isinstance(part, Slice):
            return Column((), part.dimension, types[part.dimension], at=part.at)
        return rebuild(part, typed)

    if type_of(typed(node)) not in (Type.BOOLEAN, Type.UNKNOWN):
        raise ExpressionError(
            "type-mismatch", "A filter is true or false for each slice.", node.at, "Compare it with a value."
        )


def filter_over(text: str, dimensions: Collection[str]) -> Expression:
    """Return a condition over dimensions, such as `channel = 'online' and country in ('DE', 'FR')`.

    Raises:
        ExpressionError: where the text cannot be read or names something that is no dimension.
    """
    found = condition(parse(text), dimensions)
    type_of(found)
    return found
