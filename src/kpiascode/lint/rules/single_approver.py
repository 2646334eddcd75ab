"""One person alone approves what an owner answers for.

When that person is away, nothing can be changed, and who approves their own changes? A team, which is
written with `/` as in `@acme/finance`, is not one person.

Bad:

    kind: owner
    name: finance
    title: Finance
    org_unit: acme
    contact: finance@example.com
    approvers: ["@kim"]                                     #! single-approver

Good:

    kind: owner
    name: finance
    title: Finance
    org_unit: acme
    contact: finance@example.com
    approvers: ["@kim", "@sam"]

Fix: add a second approver, or a team.
"""

from collections.abc import Iterator

from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each owner with one approver who is no team."""
    for owner in project.owners.values():
        approvers = frozenset(owner.approvers)
        if len(approvers) == 1 and not any("/" in approver for approver in approvers):
            yield Finding(
                message=f"One person alone approves changes for `{owner.name}`.",
                place=project.documents["owner", owner.name].place(("approvers",)),
                hint="Add a second one, or a team.",
            )


RULE = Rule("single-approver", check, Severity.WARNING, Preset.STRICT)
