"""The rules, in one literal list."""

from typing import Final

from kpiascode.lint.rule import Rule
from kpiascode.lint.rules import (
    average_of_averages,
    comparison_with_null,
    deprecated_in_use,
    dimension_means_two_things,
    dimension_type_conflict,
    draft_on_scorecard,
    inverted_bounds,
    kpi_without_use,
    latest_of_additive,
    person_dimension_published,
    repeated_title,
    self_division,
    target_outside_bounds,
    unit_mismatch,
)

RULES: Final[tuple[Rule, ...]] = (
    # numbers that mean something else
    unit_mismatch.RULE,
    self_division.RULE,
    average_of_averages.RULE,
    comparison_with_null.RULE,
    # slices
    dimension_type_conflict.RULE,
    dimension_means_two_things.RULE,
    person_dimension_published.RULE,
    # goals and what can be true
    inverted_bounds.RULE,
    target_outside_bounds.RULE,
    latest_of_additive.RULE,
    # who uses what
    kpi_without_use.RULE,
    deprecated_in_use.RULE,
    draft_on_scorecard.RULE,
    repeated_title.RULE,
)
