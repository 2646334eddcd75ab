"""Who approves a change of which file, worked out from the definitions, and as lines of a CODEOWNERS file.

One approval of those named on a line is enough for a git host, so the question of each file is: whose
approval may suffice for everything in it?
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from kpiascode.model.answering import answering
from kpiascode.model.changes import SubjectKind
from kpiascode.model.expression import Expression, ways
from kpiascode.model.handles import handles
from kpiascode.model.project import Kpi, Project, follow

ByUnit: TypeAlias = Mapping[str, frozenset[str]]
"""The owners that belong to a unit itself."""

_SPECIAL: Final = re.compile(r"[\\ #!*?\[\]]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who approves changes of a file: any of `handles`.

    Args:
        path: From the project folder.
        owners: Who answers for the file, by name.
        handles: Theirs, as far as they have any.
        mutual: Whether these are owners who decide about each other, since nobody stands above them.
    """

    path: str
    owners: tuple[str, ...]
    handles: tuple[str, ...]
    mutual: bool


def approvals(project: Project, project_file: str) -> tuple[Approval, ...]:
    """Return who approves what, one file after the other, the project file included."""
    top, by_unit = _top(project), _by_unit(project)
    found: dict[str, set[frozenset[str]]] = {project_file: {top}}
    governing = set()
    for path, kind, owners in _answering(project, top):
        found.setdefault(path, set()).add(owners)
        if kind in ("owner", "org_unit"):
            governing.add(path)
    return tuple(
        _approval(project, path, _above(project, by_unit, parties, top), parties)
        if path in governing
        else _approval(project, path, frozenset().union(*parties))
        for path, parties in sorted(found.items())
    )


def line(path: str, approval: Approval) -> str:
    """Return the line of a file, whose path is from the top of the repository; a comment without handles."""
    if approval.handles:
        return " ".join((pattern(path), *approval.handles))
    names = ", ".join(f"`{name}`" for name in approval.owners)
    why = f"no handle is known of {names}" if names else "there is no owner"
    return f"# {pattern(path)}: nobody, since {why}"


def pattern(path: str) -> str:
    """Return what matches one file only, on GitHub and on GitLab."""
    return "/" + _SPECIAL.sub(r"\\\g<0>", path)


def is_expressible(path: str) -> bool:
    """Return whether a CODEOWNERS file can name a file: it has no way to write breaks and the like."""
    return path.isprintable()


def _approval(
    project: Project,
    path: str,
    owners: frozenset[str],
    governed: Collection[frozenset[str]] = (),
) -> Approval:
    asked = {handle for name in owners for handle in handles(project.owners[name])}
    return Approval(
        path=path,
        owners=tuple(sorted(owners)),
        handles=tuple(sorted(asked, key=lambda handle: (handle.casefold(), handle))),
        mutual=len(governed) > 1 and len(owners.intersection(frozenset().union(*governed))) > 1,
    )


def _answering(project: Project, top: frozenset[str]) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yield of each definition its file, its kind, and the owners who answer for it."""
    readers = _readers(project)
    for (kind, name), document in project.documents.items():
        match kind:
            case "kpi":
                owners = frozenset({project.kpis[name].owner})
            case "goal":
                owners = frozenset({project.goals[name].owner})
            case "owner":
                owners = frozenset({name})
            case "org_unit":
                owners = frozenset(project.owners_of(name)) or top
            case "scorecard":
                owners = frozenset(project.owners_of(project.scorecards[name].org_unit)) or top
            case "dataset":
                owners = readers.get(name, top)
            case "person":
                owners = top
            case _:
                owners = frozenset(answering(project, SubjectKind(kind), name)) or top
        yield document.path, kind, owners


def _above(
    project: Project, by_unit: ByUnit, parties: set[frozenset[str]], top: frozenset[str]
) -> frozenset[str]:
    """Return whose approval may suffice for a file that says who approves.

    Where it is about several, none of them may decide about the others: it is for the nearest unit that all
    of them belong to, unless two of them are its owners themselves.
    """
    owners: frozenset[str] = frozenset().union(*parties)
    if len(parties) == 1:
        return owners
    chains = [project.unit_and_above(project.owners[name].org_unit) for name in sorted(owners)]
    for unit in chains[0]:
        here = by_unit.get(unit)
        if here and len(here & owners) < 2 and all(unit in chain for chain in chains):
            return here
    return top


def _by_unit(project: Project) -> ByUnit:
    found: dict[str, set[str]] = {}
    for owner in project.owners.values():
        found.setdefault(owner.org_unit, set()).add(owner.name)
    return {unit: frozenset(owners) for unit, owners in found.items()}


def _top(project: Project) -> frozenset[str]:
    """Return the owners who stand nearest to the top of the organisation."""
    levels = {name: len(project.unit_and_above(one.org_unit)) for name, one in project.owners.items()}
    highest = min(levels.values(), default=0)
    return frozenset(name for name, level in levels.items() if level == highest)


def _readers(project: Project) -> Mapping[str, frozenset[str]]:
    """Return by dataset the owners of the KPIs that read its rows, directly or over a relationship."""
    found: dict[str, set[str]] = {}
    for kpi in project.kpis.values():
        for rule in kpi.rules:
            for dataset in _read(project, rule):
                found.setdefault(dataset, set()).add(kpi.owner)
    return {dataset: frozenset(owners) for dataset, owners in found.items()}


def _read(project: Project, rule: Kpi) -> Iterator[str]:
    for name, nodes in _reads(rule):
        yield name
        for way in ways([node for node in nodes if node is not None]):
            partner = follow(project.datasets, name, way)
            if partner is not None:
                yield partner.name


def _reads(rule: Kpi) -> Iterator[tuple[str, list[Expression | None]]]:
    """Yield each dataset whose rows a rule counts, with the expressions over them."""
    sliced = [dimension.expression for dimension in rule.dimensions]
    cohort, funnel = rule.cohort, rule.funnel
    if rule.dataset is not None:
        own = [rule.expression, rule.where, rule.time, *sliced]
        yield rule.dataset, [*own, *([] if cohort is None else [cohort.starts, cohort.rows])]
    if cohort is not None:
        yield cohort.home, [cohort.entity, cohort.where]
    for position, step in enumerate(() if funnel is None else funnel.steps):
        yield step.dataset, [step.time, step.entity, step.where, *(sliced if position == 0 else ())]
