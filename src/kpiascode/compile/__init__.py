"""A `Plan` to a `Query`: one tree for all dialects, a few points at which they differ, then text."""

from kpiascode.compile.query import compile_plan, newest_row
from kpiascode.compile.refusal import CannotCompile

__all__ = ["CannotCompile", "compile_plan", "newest_row"]
