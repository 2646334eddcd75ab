"""Findings about meaning: is it a good definition? One rule a file."""

from kpiascode.lint.facts import lint_facts
from kpiascode.lint.rule import Rule
from kpiascode.lint.rules import RULES
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.project import Project


def lint(project: Project) -> tuple[Diagnostic, ...]:
    """Return what every rule finds, in the order of the rules."""
    return tuple(diagnostic for rule in RULES for diagnostic in rule.diagnostics(project))


__all__ = ["RULES", "Rule", "lint", "lint_facts"]
