"""A scorecard for a program: every number exact and as text, every judgement with its reason."""

import json
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from typing import Any

from kpiascode.model.assessment import (
    Assessment,
    Change,
    CriterionAssessment,
    DataState,
    KpiAssessment,
    ResultAssessment,
)
from kpiascode.model.calendar import Period
from kpiascode.model.observation import Observation
from kpiascode.model.project import Band, Kpi, Scorecard
from kpiascode.model.signals import Behaviour, Limits, Signal
from kpiascode.render.judged import band
from kpiascode.render.numbers import plain
from kpiascode.render.overview import overview
from kpiascode.render.sentences import kpi_sentence, said


def data(scorecard: Scorecard, assessment: Assessment, version: str) -> str:
    """Return the scorecard as JSON. Slices by what identifies persons are not in it."""
    project = assessment.project
    told = {
        "project": project.settings.name,
        "scorecard": scorecard.name,
        "title": scorecard.title,
        "org_unit": scorecard.org_unit,
        "audiences": list(scorecard.audiences),
        "made_for": project.audience and project.audience.unit,
        "grain": scorecard.grain.value,
        "as_of": assessment.as_of.isoformat(),
        "timezone": project.settings.calendar.timezone,
        "commit": assessment.evidence.commit,
        "version": version,
        "sentence": said(overview(scorecard.kpis, assessment)),
        "kpis": [
            _kpi(project.kpis[name], assessment.kpis[name], assessment)
            for name in scorecard.kpis
            if name in assessment.kpis
        ],
    }
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def _kpi(kpi: Kpi, assessed: KpiAssessment, assessment: Assessment) -> dict[str, Any]:
    evidence = assessment.evidence
    persons = {dimension.name for dimension in kpi.dimensions if dimension.person}
    return {
        "kpi": kpi.name,
        "title": kpi.title,
        "owner": kpi.owner,
        "unit": kpi.unit.name,
        "currency": kpi.unit.currency,
        "direction": kpi.direction.value,
        "sentence": said(kpi_sentence(kpi, assessed, assessment)),
        "standing": _word(assessed.standing),
        "status": _word(assessed.status),
        "current": _observed(assessed.current),
        "part": _observed(assessed.part),
        "previous": _change(assessed.previous),
        "last_year": _change(assessed.last_year),
        **_behaviour(assessed.behaviour),
        "worse_in_return": list(assessed.cost),
        "targets": [
            _result(result)
            for result in assessed.results
            if not persons & {dimension for dimension, _ in result.result.slice}
        ],
        "verdict": _word(assessed.verdict),
        "held_back_by": _word(assessed.below),
        "criteria": [_criterion(criterion) for criterion in assessed.criteria],
        "data": _data(assessed.data, evidence.datasets.get(kpi.name, ())),
        "definition": evidence.definitions.get(kpi.name),
        "series": [_observed(observed) for observed in assessed.series],
    }


# --- values


def _observed(observed: Observation | None) -> dict[str, Any] | None:
    if observed is None:
        return None
    return {
        **_period(observed.period),
        "value": _number(observed.value),
        "complete": observed.complete,
    }


def _period(period: Period) -> dict[str, Any]:
    return {"period": period.name, "from": period.start.isoformat(), "to": period.end.isoformat()}


def _change(change: Change | None) -> dict[str, Any] | None:
    if change is None:
        return None
    return {
        "period": change.before.period.name,
        "value": _number(change.before.value),
        "difference": _number(change.difference),
        "better": change.better,
    }


def _number(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _word(value: Enum) -> str:
    return value.name.lower()


# --- judgements


def _behaviour(behaved: Behaviour) -> dict[str, Any]:
    newest = behaved.segments[-1] if behaved.segments else None
    return {
        "variation": _word(behaved.variation),
        "since": behaved.since.name if behaved.since else None,
        "assurance": _word(behaved.assurance),
        "rules": _word(behaved.rules),
        "basis": _word(behaved.basis),
        "limits": _limits(newest.limits) if newest and newest.limits else None,
        "correlation": _number(behaved.correlation),
        "not_judged": behaved.refused,
        "signals": [signal for segment in behaved.segments for signal in map(_signal, segment.signals)],
    }


def _limits(limits: Limits) -> dict[str, Any]:
    return {
        "mean": plain(limits.mean),
        "lower": plain(limits.lower),
        "upper": plain(limits.upper),
        "range_mean": plain(limits.range_mean),
        "range_upper": plain(limits.range_upper),
        "points": limits.points,
        "hold": _word(limits.hold),
    }


def _signal(signal: Signal) -> dict[str, Any]:
    return {
        "rule": _word(signal.rule),
        "first": signal.first.name,
        "last": signal.last.name,
        "high": signal.high,
        "new": signal.new,
    }


def _result(judged: ResultAssessment) -> dict[str, Any]:
    inside = band(judged)
    return {
        "goal": judged.goal,
        "slice": dict(judged.result.slice),
        "measured": _word(judged.result.measured),
        "path": _word(judged.result.path),
        "status": _word(judged.status),
        "period": None if judged.period is None else _period(judged.period),
        "value": _number(judged.value),
        "target": _number(judged.target_value),
        "band": None if inside is None else _band(inside),
        "expected": _number(judged.expected),
        "short_by": _number(judged.short_by),
        "progress": _number(judged.progress),
        "expected_progress": _number(judged.expected_progress),
    }


def _band(inside: Band) -> dict[str, str]:
    return {"min": plain(inside.min), "max": plain(inside.max)}


def _criterion(assessed: CriterionAssessment) -> dict[str, Any]:
    return {
        "criterion": _word(assessed.criterion),
        "grade": _word(assessed.grade),
        "score": _number(assessed.score),
        "reason": assessed.reason,
        "first_fix": assessed.first_fix,
        "findings": list(_findings(assessed)),
    }


def _findings(assessed: CriterionAssessment) -> Iterator[dict[str, Any]]:
    for finding in assessed.findings:
        yield {
            "probe": finding.probe,
            "outcome": _word(finding.outcome),
            "weight": finding.weight,
            "gate": finding.gate,
            "reason": finding.reason,
            "fix": finding.fix,
        }


def _data(state: DataState, datasets: tuple[str, ...]) -> dict[str, Any]:
    return {
        "trust": _word(state.trust),
        "latest": None if state.latest is None else state.latest.isoformat(),
        "late": list(state.late),
        "datasets": list(datasets),
    }
