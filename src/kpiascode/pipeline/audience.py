"""What is checked and known, narrowed down to what some people may see; only that is computed for them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import TypeVar

from kpiascode.model.assessment import Evidence
from kpiascode.model.ledger import DefinitionChange, History, Mention, Publication, PublishedValue
from kpiascode.model.project import Audience, Project
from kpiascode.model.visibility import shown_to
from kpiascode.pipeline.reading import Checked

_Value = TypeVar("_Value")


def narrowed(checked: Checked, unit: str) -> Checked:
    """Return a project as far as it may be shown to the people of a unit and of those beneath it."""
    return replace(checked, project=shown_to(checked.project, unit))


def agreed(project: Project, day: date) -> Project:
    """Return a project with thanks to those persons alone who agree on a day to be named."""
    performance = project.performance
    told = {name: one for name, one in performance.recognitions.items() if one.may_be_told(day)}
    return replace(project, performance=replace(performance, recognitions=told))


def shown_evidence(evidence: Evidence, project: Project) -> Evidence:
    """Return the evidence as far as those may see it for whom the project was narrowed down.

    A commit is named after everything that is in it, what is hidden included, and its message may name
    anything, so neither is told. Nor is that a target was changed: which goals it was of is not remembered.
    """
    if project.audience is None:
        return evidence
    return replace(
        evidence,
        compiled=_of(project, evidence.compiled),
        refused={key: why for key, why in evidence.refused.items() if key[0] in project.kpis},
        sql={key: text for key, text in evidence.sql.items() if key[0] in project.kpis},
        datasets=_of(project, evidence.datasets),
        commit=None,
        definitions=_of(project, evidence.definitions),
        publications=None
        if evidence.publications is None
        else tuple(_publications(evidence.publications, project, project.audience)),
        history=evidence.history and _history(evidence.history, project),
        cases=_of(project, evidence.cases),
    )


def _of(project: Project, by_kpi: Mapping[str, _Value]) -> dict[str, _Value]:
    return {name: value for name, value in by_kpi.items() if name in project.kpis}


# --- what the repository remembers


def _history(history: History, project: Project) -> History:
    return replace(
        history,
        released=_of(project, history.released),
        changes=tuple(_changes(history, project)),
        mentions=tuple(_mentions(history, project)),
    )


def _changes(history: History, project: Project) -> Iterator[DefinitionChange]:
    for change in history.changes:
        what = tuple(one for one in change.what if one != "target")
        if what and change.kpi in project.kpis:
            yield replace(change, what=what, commit="", subject="")


def _mentions(history: History, project: Project) -> Iterator[Mention]:
    for mention in history.mentions:
        if mention.kpi in project.kpis:
            yield replace(mention, commit="", decision="")


# --- what the ledger remembers


def _publications(
    publications: tuple[Publication, ...], project: Project, audience: Audience
) -> Iterator[Publication]:
    """Yield what was told to them, or to the people of a unit beneath, of what they are shown."""
    above = frozenset(project.unit_and_above(audience.unit))
    line = above | frozenset(project.unit_and_below(audience.unit))
    for publication in publications:
        card = publication.scorecard
        if card is not None and card not in project.scorecards:
            continue
        told_to = publication.audiences or (() if card is None else (project.scorecards[card].org_unit,))
        is_whole = all(told.kpi in project.kpis for told in publication.kpis)
        to_all = not told_to or not above.isdisjoint(told_to)
        is_some = any(told.kpi in project.kpis for told in publication.kpis)
        if is_some and (not told_to or not line.isdisjoint(told_to)):
            yield _publication(publication, project, with_words=is_whole and to_all)


def _publication(publication: Publication, project: Project, *, with_words: bool) -> Publication:
    """Return what a publication says of what is shown.

    Counts are of all whom it came to: they stay where all their units are shown. How a value stood may be by
    any goal.

    Args:
        with_words: Whether what was written to it stays. It may be about all that was told, and was for those
            who were told it.
    """
    units = tuple(unit for unit in publication.audiences if unit in project.org_units)
    is_for_all = units == publication.audiences
    values = (value for value in publication.values if value.kpi in project.kpis)
    return replace(
        publication,
        commit=None,
        audiences=units,
        recipients=publication.recipients if is_for_all else None,
        delivered=publication.delivered if is_for_all else None,
        acknowledged=publication.acknowledged if is_for_all else None,
        artefact=None,
        note=publication.note if with_words else "",
        parents=(),
        kpis=tuple(replace(told, targets="") for told in publication.kpis if told.kpi in project.kpis),
        values=tuple(_value(value, with_words=with_words) for value in values),
    )


def _value(value: PublishedValue, *, with_words: bool) -> PublishedValue:
    told = replace(value, status=None)
    return told if with_words else replace(told, reason=None, author=None)
