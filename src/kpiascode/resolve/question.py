"""The filter of a question, as people write it on the command line."""

from collections.abc import Collection

from kpiascode.model.expression import Expression
from kpiascode.resolve.parser import parse
from kpiascode.resolve.scope import condition
from kpiascode.resolve.types import type_of


def filter_over(text: str, dimensions: Collection[str]) -> Expression:
    """Return a condition over dimensions, such as `channel = 'online' and country in ('DE', 'FR')`.

    Raises:
        ExpressionError: where the text cannot be read or names something that is no dimension.
    """
    found = condition(parse(text), dimensions)
    type_of(found)
    return found
