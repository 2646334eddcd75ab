"""Documents to a `Project`: typed, every name resolved, expressions read into frozen nodes."""

from kpiascode.resolve.columns import ColumnsRead, columns_read
from kpiascode.resolve.examples import examples_of
from kpiascode.resolve.lexer import ExpressionError
from kpiascode.resolve.parser import parse
from kpiascode.resolve.project import Resolution, resolve
from kpiascode.resolve.question import check_filter, filter_over
from kpiascode.resolve.types import type_of

__all__ = [
    "ColumnsRead",
    "ExpressionError",
    "Resolution",
    "check_filter",
    "columns_read",
    "examples_of",
    "filter_over",
    "parse",
    "resolve",
    "type_of",
]
