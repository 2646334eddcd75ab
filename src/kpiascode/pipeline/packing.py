"""From what numbers mean to documents for a review, a meeting, a plan, a wall, and the end of a cycle.

What belongs to persons is judged in a project of its own, which `render.render` never gets.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from kpiascode import __version__
from kpiascode.assess.due import due
from kpiascode.model.assessment import Assessment, Brief, Private
from kpiascode.model.due import DueKind
from kpiascode.model.ledger import Publication
from kpiascode.model.performance import ImprovementPlan, OneOnOneSeries, RecognitionProgram, ReviewCycle
from kpiascode.model.project import Project, Restricted, Settings
from kpiascode.model.visibility import visible_to
from kpiascode.pipeline.alone import joined
from kpiascode.pipeline.judging import Seen, judged
from kpiascode.pipeline.reading import Checked
from kpiascode.render import packs
from kpiascode.render.locales import written_in

HTML: Final = "html"
MARKDOWN: Final = "markdown"
BOTH: Final = "both"
FORMS: Final = (HTML, MARKDOWN, BOTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """Files by name, and those that must be gone by a day."""

    files: Mapping[str, str]
    until: Mapping[str, date]


def judged_for(unit: str, found: Seen, publications: tuple[Publication, ...] | None) -> Assessment:
    """Return what the numbers mean, without what the people of a unit may not see.

    Args:
        found: Of the whole project: the engine is asked once for all units.
        publications: What the ledger remembers; None without one.
    """
    project = visible_to(found.project, unit)
    return judged(
        replace(
            found,
            project=project,
            observations=tuple(one for one in found.observations if one.kpi in project.kpis),
            freshness={name: one for name, one in found.freshness.items() if name in project.datasets},
        ),
        publications,
    )


def review(cycle: str, made: Mapping[str, Assessment], form: str) -> Packed:
    """Return a sheet for each unit.

    Args:
        made: By unit, what the numbers mean to its people.
    """
    files: dict[str, str] = {}
    for unit, one in made.items():
        settings = one.project.settings
        with written_in(settings.locale):
            sheet = packs.review_pack(one.project.performance.cycles[cycle], unit, one)
            files |= files_of({f"review-{cycle}-{unit}": sheet}, settings, one.as_of, form).files
    return Packed(files=files, until={})


def closing(cycle: ReviewCycle, made: Assessment, form: str) -> Packed:
    settings = made.project.settings
    with written_in(settings.locale):
        return files_of({f"close-{cycle.name}": packs.closing_pack(cycle, made)}, settings, made.as_of, form)


def last_met(series: OneOnOneSeries, project: Project, today: date) -> date:
    """Return from which day on things are new in a one-on-one."""
    return packs.since_of(series, project.settings.calendar, today)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAt:
    """Names of what two people look at when they meet; goals of persons among them."""

    goals: tuple[str, ...]
    kpis: tuple[str, ...]


def looked_at(series: OneOnOneSeries, checked: Checked, today: date, since: date) -> LookedAt:
    project, restricted = joined(checked.project, checked.restricted), checked.restricted
    goals = packs.goals_of(series, project, restricted, today, since)
    return LookedAt(goals=goals, kpis=packs.kpis_of(series, goals, project, restricted))


def one_on_one(series: OneOnOneSeries, brief: Brief, project: Project, form: str) -> Packed:
    """Return the page.

    Args:
        project: As everybody knows it.
    """
    settings = brief.project.settings
    with written_in(settings.locale):
        pack = packs.meeting_pack(series, brief, _check_ins_due(project, brief.as_of.date()))
        return files_of({f"one-on-one-{series.name}": pack}, settings, brief.as_of, form)


def _check_ins_due(project: Project, today: date) -> frozenset[str]:
    """Return the goals of units on which somebody should check in by now; a person's have no check-ins."""
    found = due(project, Restricted(), today, today)
    return frozenset(one.of[1] for one in found if one.kind in (DueKind.CHECK_IN, DueKind.CLOSING))


def plan(one: ImprovementPlan, private: Private, form: str) -> Packed:
    made = private.judged
    settings = made.project.settings
    with written_in(settings.locale):
        return files_of({f"plan-{one.name}": packs.plan_pack(one, private)}, settings, made.as_of, form)


def recognition(
    program: RecognitionProgram,
    project: Project,
    as_of: datetime,
    start: date | None,
    end: date | None,
    form: str,
    *,
    with_csv: bool,
    there: Collection[str],
    agreed: date,
) -> Packed:
    """Return the page of thanks, and the same for a spreadsheet if wanted.

    Args:
        agreed: Whoever does not agree on that day any more is not named, whatever was so as of `as_of`.
        there: Files of earlier runs. Those of this program are made anew, wanted or not: what was told by
            then may name somebody who does not agree any more.
    """
    today = as_of.date()
    told = packs.told(program, project, today, start, end)
    some = tuple(one for one in told if one.may_be_told(agreed))
    name, settings = f"recognition-{program.name}", project.settings
    with written_in(settings.locale):
        pack = packs.recognition_pack(program, some, project, today, start, end)
        wanted = {*files_of({name: pack}, settings, as_of, form).files}
        made = files_of({name: pack}, settings, as_of, BOTH).files
    table = f"{name}.csv"
    every = {**made, table: packs.recognition_csv(some)}
    wanted |= {table} if with_csv else set()
    files = {file: text for file, text in every.items() if file in wanted or file in there}
    until = packs.until_of(some, today)
    return Packed(files=files, until={} if until is None else dict.fromkeys(files, until))


def files_of(made: Mapping[str, packs.Pack], settings: Settings, as_of: datetime, form: str) -> Packed:
    """Return documents by name as files in the form that is wanted."""
    files: dict[str, str] = {}
    until: dict[str, date] = {}
    for name, pack in made.items():
        wanted = {
            f"{name}.html": packs.html if form != MARKDOWN else None,
            f"{name}.md": packs.markdown if form != HTML else None,
        }
        for file, printed in wanted.items():
            if printed is not None:
                files[file] = printed(pack, settings, as_of, version=__version__)
                if pack.until is not None:
                    until[file] = pack.until
    return Packed(files=files, until=until)
