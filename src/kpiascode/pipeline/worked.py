"""The worked examples of a project, read: those that can be meant, and what is wrong with the others."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from kpiascode import plan, resolve
from kpiascode.model.definitions import referred
from kpiascode.model.diagnostic import Diagnostic, Severity
from kpiascode.model.example import Example
from kpiascode.model.place import Place
from kpiascode.model.project import Project
from kpiascode.model.reaching import reached
from kpiascode.pipeline.reading import Checked


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """Examples of all KPIs: since the types of columns come from all of them, they do not depend on which
    are asked.

    Args:
        asked: The KPIs whose examples are asked for.
        datasets: That are given, that the KPIs count, and all that these lead to.
        diagnostics: About the examples of the KPIs that are asked.
    """

    checked: Checked
    asked: frozenset[str]
    examples: tuple[Example, ...]
    datasets: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]


def read(checked: Checked, kpis: Collection[str]) -> Worked:
    """Return the examples; KPIs with errors, and those that rest on them, are left out."""
    project = checked.project
    errors = [d.place for d in checked.diagnostics if d.severity is Severity.ERROR]
    examples: list[Example] = []
    found: list[Diagnostic] = []
    for name, kpi in project.kpis.items():
        if not kpi.examples or (errors and not _is_sound(name, project, errors)):
            continue
        read, wrong = resolve.examples_of(kpi, project)
        examples += read
        found += wrong if name in kpis else ()
    return Worked(
        checked=checked,
        asked=frozenset(kpis),
        examples=tuple(examples),
        datasets=datasets_of(project, examples),
        diagnostics=tuple(found),
    )


def rests_on(kpi: str, project: Project) -> tuple[str, ...]:
    """Return the KPI and those that it refers to, by any number of steps and under any of its rules."""
    return tuple(sorted(reached([kpi], lambda name: referred(project.kpis[name]))))


def datasets_of(project: Project, examples: Iterable[Example]) -> tuple[str, ...]:
    """Return the datasets that are given, those that the KPIs count, and all that these lead to."""
    examples = tuple(examples)
    named = {name for example in examples for name in example.given}
    for kpi in {example.kpi for example in examples}:
        named.update(plan.datasets_of(kpi, project.kpis, project))
    return tuple(sorted(project.with_partners(named)))


def within(place: Place, whole: Place) -> bool:
    return place.path == whole.path and whole.span.line <= place.span.line <= whole.span.end_line


def _is_sound(kpi: str, project: Project, errors: Collection[Place]) -> bool:
    """Return whether no error was found in a KPI and in those that it refers to."""
    wholes = [project.documents["kpi", name].place() for name in rests_on(kpi, project)]
    return not any(within(place, whole) for place in errors for whole in wholes)
