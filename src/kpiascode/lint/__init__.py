"""Findings about meaning: is it a good definition? One rule a file."""

from collections.abc import Iterator

from kpiascode.lint.rules import RULES
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.project import Project


def lint(project: Project) -> tuple[Diagnostic, ...]:
    """Return what every rule finds, in the order of the rules."""
    return tuple(_findings(project))


def _findings(project: Project) -> Iterator[Diagnostic]:
    for rule in RULES:
        yield from rule.check(project)


__all__ = ["RULES", "lint"]
