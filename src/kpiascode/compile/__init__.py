"""A `Plan` to a `Query`: one tree for all dialects, a few points at which they differ, then text."""

from kpiascode.compile.facts import count_facts, lost_keys, read_for_facts, repeated_keys
from kpiascode.compile.query import compile_plan, newest_row
from kpiascode.compile.refusal import CannotCompile

__all__ = [
    "CannotCompile",
    "compile_plan",
    "count_facts",
    "lost_keys",
    "newest_row",
    "read_for_facts",
    "repeated_keys",
]
