"""Questions that have no answer: a grain that is too fine, a dimension that is not shared."""

from kpiascode.model.calendar import is_finer
from kpiascode.model.diagnostic import Diagnostic, did_you_mean, one_of
from kpiascode.model.expression import Slice, walk
from kpiascode.model.observation import Question
from kpiascode.model.project import Project


class Unanswerable(Exception):
    """A question that the KPIs cannot answer; carries the finding."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def check(project: Project, question: Question) -> None:
    """Refuse a question about what a KPI has not.

    Raises:
        Unanswerable: for the first such KPI.
    """
    asked = [*question.by]
    if question.where is not None:
        asked += [node.dimension for node in walk(question.where) if isinstance(node, Slice)]
    for name in question.kpis:
        kpi = project.kpis[name]
        if is_finer(question.grain, kpi.grain):
            raise Unanswerable(
                Diagnostic(
                    code="grain-too-fine",
                    message=f"`{name}` is read by {kpi.grain.value} at the finest, not by "
                    f"{question.grain.value}.",
                    place=kpi.place,
                    hint=f"Ask for --grain {kpi.grain.value} or coarser.",
                )
            )
        names = [dimension.name for dimension in kpi.dimensions]
        for dimension in asked:
            if dimension not in names:
                raise Unanswerable(
                    Diagnostic(
                        code="unknown-dimension",
                        message=f"`{name}` has no dimension `{dimension}`.",
                        place=kpi.place,
                        hint=did_you_mean(dimension, names)
                        or (f"It has {one_of(names)}." if names else "It has no dimensions."),
                    )
                )
