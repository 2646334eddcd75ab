"""Findings about meaning: is it a good definition? One rule a file."""

from collections.abc import Sequence
from functools import cache

from kpiascode.lint.allow import Allowed, apply, near_allows, unused_allows, wrong_allows
from kpiascode.lint.baseline import MAX_SIZE as MAX_BASELINE
from kpiascode.lint.baseline import BrokenBaseline, Compared, Fingerprints, Known, compare, written
from kpiascode.lint.baseline import read as read_baseline
from kpiascode.lint.facts import lint_facts
from kpiascode.lint.rule import Rule
from kpiascode.lint.rules import RULES
from kpiascode.lint.selection import Selection, select, unused_paths, wrong_choices
from kpiascode.lint.values import FORMS, denominators, lint_values
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.performance import Person
from kpiascode.model.project import Project


def lint(project: Project, persons: Sequence[Person] = ()) -> tuple[Diagnostic, ...]:
    """Return what the rules find that the project chooses, in the order of the rules.

    Args:
        persons: Those of the restricted folder, as far as it was read: nothing may name them in the open.
    """
    selection = select(project.settings.check)
    left_out = cache(selection.left_out)
    return tuple(
        diagnostic
        for rule in selection.rules
        for diagnostic in rule.diagnostics(project, persons)
        if rule.code not in left_out(diagnostic.place.path)
    )


__all__ = [
    "FORMS",
    "MAX_BASELINE",
    "RULES",
    "Allowed",
    "BrokenBaseline",
    "Compared",
    "Fingerprints",
    "Known",
    "Rule",
    "Selection",
    "apply",
    "compare",
    "denominators",
    "lint",
    "lint_facts",
    "lint_values",
    "near_allows",
    "read_baseline",
    "select",
    "unused_allows",
    "unused_paths",
    "written",
    "wrong_allows",
    "wrong_choices",
]
