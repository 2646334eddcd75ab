"""Who may see something, and why it is kept, before and after."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from kpiascode.diff.both import Both
from kpiascode.diff.making import change
from kpiascode.diff.words import from_to, names, told
from kpiascode.model.changes import Change, ChangeKind, Subject, SubjectKind, declared
from kpiascode.model.performance import Keeping
from kpiascode.model.place import Place
from kpiascode.model.project import Project

_SHOWN: Final = (
    *(SubjectKind.KPI, SubjectKind.GOAL, SubjectKind.SCORECARD),
    *(SubjectKind.CYCLE, SubjectKind.PLAN, SubjectKind.RECOGNITION),
)
"""What has `visibility`."""


def visibility(
    both: Both, subject: Subject, before: Any, after: Any, place: Place, **more: Any
) -> Iterator[Change]:
    """Yield that others may see something: people who could not are a lowered guard."""
    one, other = sorted(set(before.visibility)), sorted(set(after.visibility))
    if one == other:
        return
    project = both.head.project
    is_wider = bool(_seeing(other, project) - _seeing(one, project)) or not other
    kind = ChangeKind.PRIVACY_LOWERED if is_wider else ChangeKind.AUDIENCE
    words = from_to("Who may see it", one or "everybody", other or "everybody")
    yield change(kind, subject, "visibility", one, other, words, place, **more)


def _seeing(units: Iterable[str], project: Project) -> frozenset[str]:
    """Return the units whose people may see what is for some; for none it is for all."""
    given = frozenset(units)
    return frozenset(
        name for name in project.org_units if not given or given.intersection(project.unit_and_above(name))
    )


def seen_by_moving(both: Both, unit: str) -> Iterator[Change]:
    """Yield that people of a unit may see more, since it stands under another one now."""
    before, after = (set(project.unit_and_above(unit)) for project in both.sides)
    project = both.head.project
    for kind in _SHOWN:
        more = [
            name
            for name, thing in declared(project, kind).items()
            if after.intersection(thing.visibility) and not before.intersection(thing.visibility)
        ]
        if more:
            what = kind.value.replace("_", " ")
            words = f"Under another unit its people may see the {what} {names(more)}."
            yield change(
                ChangeKind.PRIVACY_LOWERED,
                Subject(SubjectKind.ORG_UNIT, unit),
                f"parent.{kind.value}",
                None,
                more,
                words,
                project.org_units[unit].place,
            )


def keeping(
    subject: Subject, before: Keeping | None, after: Keeping | None, place: Place, **more: Any
) -> Iterator[Change]:
    """Yield that something is kept for another reason, or longer: less guards those of whom it speaks."""
    if before == after:
        return
    is_stricter = after is not None and (
        before is None
        or ((before.purpose, before.basis) == (after.purpose, after.basis) and after.until <= before.until)
    )
    kind = ChangeKind.RULES_TIGHTENED if is_stricter else ChangeKind.PRIVACY_LOWERED
    words = from_to("Why and until when it is kept", told(before), told(after))
    yield change(kind, subject, "retention_until", before, after, words, place, **more)
