"""Who answers for what people do about KPIs and goals: for check-ins, reviews, meetings, plans and thanks."""

from kpiascode.model.changes import SubjectKind
from kpiascode.model.project import Project


def answering(project: Project, kind: SubjectKind, name: str) -> tuple[str, ...]:
    """Return the owners who answer for something; nobody where nobody does, or it is of another kind."""
    declared = project.performance
    found: list[object] = []
    match kind:
        case SubjectKind.CHECK_IN if name in declared.check_ins:
            check_in = declared.check_ins[name]
            found = [check_in.by]
            kpi = project.kpis.get(check_in.kpi or "")
            found += [] if kpi is None else [kpi.owner]
        case SubjectKind.TEMPLATE:
            found = [cycle.owner for cycle in declared.cycles.values() if cycle.template == name]
        case SubjectKind.CYCLE if name in declared.cycles:
            found = [declared.cycles[name].owner]
        case SubjectKind.SERIES if name in declared.series:
            found = [declared.series[name].manager, declared.series[name].report]
        case SubjectKind.PLAN if name in declared.plans:
            found = [declared.plans[name].owner]
        case SubjectKind.ROUND if name in declared.rounds:
            found = [declared.rounds[name].owner]
        case SubjectKind.PROGRAM if name in declared.programs:
            found = [declared.programs[name].owner]
        case SubjectKind.RECOGNITION if name in declared.recognitions:
            found = [declared.recognitions[name].by]
    return tuple(dict.fromkeys(owner for owner in found if isinstance(owner, str)))
