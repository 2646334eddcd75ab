"""Documents to a `Project`: typed, every name resolved, expressions read into frozen nodes."""

from kpiascode.resolve.lexer import ExpressionError
from kpiascode.resolve.parser import parse
from kpiascode.resolve.project import Resolution, resolve
from kpiascode.resolve.question import filter_over

__all__ = ["ExpressionError", "Resolution", "filter_over", "parse", "resolve"]
