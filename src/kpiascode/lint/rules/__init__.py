"""The rules, in one literal list."""

from typing import Final

from kpiascode.lint.rule import Rule

RULES: Final[tuple[Rule, ...]] = ()
