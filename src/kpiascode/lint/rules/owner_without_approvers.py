"""An owner answers for KPIs or goals, and nobody is named who approves a change of them.

`approvers` are the accounts that are asked in a pull request. Without any, a definition is changed by
whoever may write.

Bad:

    kind: owner
    name: finance                                           #! owner-without-approvers
    title: Finance
    org_unit: acme
    contact: finance@example.com

Good:

    kind: owner
    name: finance
    title: Finance
    org_unit: acme
    contact: finance@example.com
    approvers: ["@acme/finance"]

Fix: add `approvers`: teams or persons, as your git host writes them.
"""

from collections.abc import Iterator

from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each owner of something who has no approvers."""
    named = {kpi.owner for kpi in project.kpis.values()}
    named |= {goal.owner for goal in project.goals.values()}
    for owner in project.owners.values():
        if owner.name in named and not owner.approvers:
            yield Finding(
                message=f"Nobody is named who approves changes for `{owner.name}`.",
                place=owner.place,
                hint='Add for example `approvers: ["@acme/finance"]`.',
            )


RULE = Rule("owner-without-approvers", check, Severity.WARNING, Preset.STRICT)
