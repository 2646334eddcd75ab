"""What may not be changed, since an open plan for a person rests on it: read from the restricted folder.

Only targets and KPIs are told, and whom to ask; nothing of a plan, of a person, or of how many there are.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

from kpiascode.model.changes import Held, Standard
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.document import Document, Documents, Plain
from kpiascode.pipeline.restricted import Source, alone


class CannotTell(Exception):
    """The restricted folder cannot be read as a whole: carries what may be told of it."""

    def __init__(self, findings: tuple[Diagnostic, ...]) -> None:
        super().__init__(f"{len(findings)} findings")
        self.findings = findings


def standards(home: Path, project: Documents, source: Source, day: date) -> tuple[Standard, ...]:
    """Return what the plans rest on that are open on a day.

    Args:
        project: Of the folder `home`.

    Raises:
        CannotTell: A restricted document cannot be read, so that one may be missing.
    """
    documents = alone(home, project, source)
    if documents.broken or not documents.is_whole:
        # Of single files nothing is told: their names may be those of persons.
        raise CannotTell(tuple(one for one in documents.diagnostics if not one.place.path))
    return _together(_resting(documents.restricted, day))


def held(moved: Iterable[Standard]) -> tuple[Held, ...]:
    """Return the findings for standards that are moved."""
    return tuple(Held(code="target-held", standard=one, words=_words(one)) for one in moved)


def _words(standard: Standard) -> str:
    ask = f"Ask `{standard.ask}`." if standard.ask else "Ask those who keep the restricted folder."
    if standard.goal is None:
        return f"What `{standard.kpi}` measures may not be changed now. {ask}"
    return f"The target of `{standard.goal}` for `{standard.kpi}` may not be changed now. {ask}"


def _together(given: Iterable[Standard]) -> tuple[Standard, ...]:
    """Return each target once, so that nobody can count the plans that rest on it."""
    found: dict[tuple[str, str], list[Standard]] = {}
    for one in given:
        found.setdefault((one.goal or "", one.kpi), []).append(one)
    return tuple(
        Standard(
            goal=goal or None,
            kpi=kpi,
            dimensions=tuple(sorted({name for one in some for name in one.dimensions})),
            ask=min((one.ask for one in some if one.ask is not None), default=None),
        )
        for (goal, kpi), some in sorted(found.items())
    )


# --- plans, as they are written


def _resting(documents: Iterable[Document], day: date) -> Iterator[Standard]:
    by_kind: dict[str, dict[str, Mapping[str, Plain]]] = {"goal": {}, "improvement_plan": {}}
    for document in documents:
        kind, name = str(document.data["kind"]), str(document.data["name"])
        by_kind.setdefault(kind, {})[name] = document.data
    for plan in by_kind["improvement_plan"].values():
        if _is_open(plan, day):
            ask = _text(plan.get("hr_reviewer"))
            success = _mapping(plan.get("success"))
            yield Standard(goal=None, kpi=str(success["kpi"]), dimensions=_dimensions(success), ask=ask)
            yield from _standard(_mapping(plan.get("standard")), by_kind["goal"], ask)


def _is_open(plan: Mapping[str, Plain], day: date) -> bool:
    outcome = _text(_mapping(plan.get("outcome")).get("day"))
    ends = [str(plan["ends_on"]), *([] if outcome is None else [outcome])]
    return date.fromisoformat(str(plan["opened_on"])) <= day < min(map(date.fromisoformat, ends))


def _standard(
    given: Mapping[str, Plain], goals: Mapping[str, Mapping[str, Plain]], ask: str | None
) -> Iterator[Standard]:
    """Yield the target that is named; of a person's own goal only what it is measured by."""
    if not given:
        return
    goal, kpi = str(given["goal"]), str(given["kpi"])
    if goal not in goals:
        yield Standard(goal=goal, kpi=kpi, ask=ask)
        return
    results = goals[goal].get("results")
    for result in results if isinstance(results, list) else ():
        wanted = _mapping(result)
        if wanted.get("kpi") == kpi:
            names = (kpi, *_targets(wanted.get("target")), *_targets(wanted.get("targets")))
            yield from (
                Standard(goal=None, kpi=name, dimensions=_dimensions(wanted), ask=ask) for name in names
            )


def _targets(value: Plain) -> Iterator[str]:
    """Yield the KPIs that are targets."""
    match value:
        case {"kpi": str(name)}:
            yield name
        case {"value": wanted}:
            yield from _targets(wanted)
        case [*entries]:
            for entry in entries:
                yield from _targets(entry)


def _dimensions(wanted: Mapping[str, Plain]) -> tuple[str, ...]:
    return tuple(_mapping(wanted.get("slice")))


def _mapping(value: Plain) -> Mapping[str, Plain]:
    return value if isinstance(value, dict) else {}


def _text(value: Plain) -> str | None:
    return value if isinstance(value, str) else None
