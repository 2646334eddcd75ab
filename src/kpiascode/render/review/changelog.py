"""What was changed, for people who read a scorecard and no code."""

from collections.abc import Iterator

from kpiascode.model.changes import GRADES, Change, ChangeClass, KpiNumbers, Review, SubjectKind
from kpiascode.model.project import Project
from kpiascode.render.reports.markdown import escaped
from kpiascode.render.review import words
from kpiascode.render.review.markdown import sentence

HIDDEN = {ChangeClass.COSMETIC}


def changelog(review: Review, project: Project) -> str:
    """Return a list in plain words, the gravest first: a line for each change that a reader can notice."""
    lines = list(_lines(review, project))
    if not lines:
        return "Nothing that readers could notice was changed.\n"
    return "\n".join(lines) + "\n"


def _lines(review: Review, project: Project) -> Iterator[str]:
    told: set[str] = set()
    for change in review.changes:
        if change.weight in HIDDEN:
            continue
        line = f"- **{escaped(_title(change, project))}**: {_sentence(change)}"
        numbers = review.numbers.get(change.subject.name) if change.subject.kind is SubjectKind.KPI else None
        if numbers is not None and GRADES[change.weight] >= GRADES[ChangeClass.VALUE]:
            line += _numbers(numbers) if change.subject.name not in told else ""
            told.add(change.subject.name)
        yield line


def _title(change: Change, project: Project) -> str:
    name = change.subject.name
    match change.subject.kind:
        case SubjectKind.KPI if name in project.kpis:
            return project.kpis[name].title
        case SubjectKind.GOAL if name in project.goals:
            return project.goals[name].title
        case SubjectKind.SCORECARD if name in project.scorecards:
            return project.scorecards[name].title
        case _:
            return words.subject(change.subject)


def _sentence(change: Change) -> str:
    when = words.effect(change)
    more = (
        ""
        if when == "as it was"
        else f" Numbers are {when}."
        if when.startswith("restated")
        else f" It holds {when}."
    )
    return f"{sentence(change.words)}{more}"


def _numbers(told: KpiNumbers) -> str:
    pair = told.changed[-1] if told.changed else None
    if pair is None:
        return ""
    return f" {escaped(pair.period.name)}: {escaped(words.from_to(pair, told))}."
