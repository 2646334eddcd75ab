"""A goal has no result and no milestone, and no goal beneath it has any.

Nobody can ever say whether it was reached. A goal of words is fine as long as others lead to it that are
measured.

Bad:

    kind: goal
    name: delight_customers
    results: []                                             #! goal-without-measure

Good:

    kind: goal
    name: delight_customers
    results: []
    ---
    kind: goal
    name: fewer_returns
    parent: delight_customers
    results:
      - {kpi: return_rate, target: 0.5, path: maintain}

Fix: add a result, or a milestone where it is done or not done; or let a goal that has some lead to it.
"""

from collections.abc import Iterator

from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Project
from kpiascode.model.reaching import reached


def check(project: Project) -> Iterator[Finding]:
    """Yield each goal without anything to measure at it or beneath; nothing while some goal is broken."""
    if any(kind == "goal" and name not in project.goals for kind, name in project.documents):
        return
    parents = {name: [parent for parent, _ in goal.parents] for name, goal in project.goals.items()}
    own = [name for name, goal in project.goals.items() if goal.results or goal.milestones]
    measured = set(reached(own, lambda name: parents.get(name, ())))
    for goal in project.goals.values():
        if goal.name not in measured:
            yield Finding(
                message="Nothing says whether this goal is reached, here or beneath it.",
                place=project.documents["goal", goal.name].place_of_key(("results",)),
                hint="Add a result or a milestone, or let a goal that is measured lead to it.",
            )


RULE = Rule("goal-without-measure", check, Severity.WARNING)
