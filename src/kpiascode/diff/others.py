"""What was changed of datasets, scorecards, owners, units and the project file."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, Final

from kpiascode.diff.both import Both
from kpiascode.diff.words import added_and_gone, from_to, names, pair, told
from kpiascode.model.calendar import WEEKDAYS
from kpiascode.model.canonical import fingerprint
from kpiascode.model.changes import Change, ChangeKind, Flag, Proof, Side, Subject, SubjectKind, TimeEffect
from kpiascode.model.checking import Allow, Checking, Preset
from kpiascode.model.diagnostic import Severity
from kpiascode.model.document import Document
from kpiascode.model.place import Place
from kpiascode.model.project import Dataset, OrgUnit, Owner, Scorecard, Settings

# --- datasets

_WORDS_OF_DATASET: Final = {
    "title": (ChangeKind.TITLE, "The title"),
    "description": (ChangeKind.DESCRIPTION, "The description"),
    "primary_key": (ChangeKind.DETAILS, "The primary key"),
}
_READ_OF_DATASET: Final = {
    "source": (ChangeKind.SOURCE, "The source"),
    "is_file": (ChangeKind.SOURCE, "Whether it is a file"),
    "time": (ChangeKind.TIME, "The time that dates its rows"),
    "valid": (ChangeKind.TIME, "The span for which its rows hold"),
    "time_grain": (ChangeKind.TIME, "The period for which a row stands"),
    "timezone": (ChangeKind.TIME, "The time zone"),
    "fields": (ChangeKind.FIELD, "Fields"),
    "relationships": (ChangeKind.JOIN, "Relationships"),
    "columns": (ChangeKind.READING, "Types of columns"),
    "format": (ChangeKind.READING, "The format of the file"),
    "quoted": (ChangeKind.READING, "How its name is quoted"),
}
_ELSEWHERE_OF_DATASET: Final = ("name", "keys", "freshness", "place", "source_place")
LISTED_OF_DATASET: Final = frozenset({*_WORDS_OF_DATASET, *_READ_OF_DATASET, *_ELSEWHERE_OF_DATASET})


def changes_of_dataset(both: Both, name: str) -> Iterator[Change]:
    """Yield what was changed of a dataset; how it is read counts where a KPI's values rest on it."""
    before, after = (project.datasets[name] for project in both.sides)
    subject = Subject(SubjectKind.DATASET, name)
    touched = tuple(
        sorted(
            kpi
            for kpi in both.suspects & both.base.project.kpis.keys() & both.head.project.kpis.keys()
            if both.is_touched(kpi) and subject in both.upstream(kpi)
        )
    )
    for field, (kind, what) in _WORDS_OF_DATASET.items():
        one, other = getattr(before, field), getattr(after, field)
        if one != other:
            words = from_to(what, one, other) if field != "description" else "The description is another one."
            yield _change(kind, subject, field, one, other, words, after.place)
    yield from _freshness(before, after, subject)
    for field, (kind, what) in _READ_OF_DATASET.items():
        one, other = getattr(before, field), getattr(after, field)
        if one == other:
            continue
        words = _of_reading(what, one, other)
        shown = pair(
            lambda value: value if isinstance(value, str | None) else fingerprint(value)[:12], one, other
        )
        if touched:
            yield _change(
                kind,
                subject,
                field,
                *shown,
                f"{words} {names(touched)} {'rests' if len(touched) == 1 else 'rest'} on it.",
                after.place,
                effect=TimeEffect.RESTATES,
                proof=Proof.UNKNOWN,
            )
        else:
            words = f"{words} No KPI's values rest on it."
            yield _change(ChangeKind.DETAILS, subject, field, *shown, words, after.place)
    yield from _descriptions(both, subject, after.place)
    yield from _moved(subject, before.place, after.place)
    yield from _unlisted(subject, before, after, LISTED_OF_DATASET, after.place)


def _descriptions(both: Both, subject: Subject, place: Place) -> Iterator[Change]:
    """Yield the fields that are there on both sides and are described differently: only documents say how."""
    documents = (side.documents.get(("dataset", subject.name)) for side in both.sides)
    one, other = ({} if document is None else _described(document) for document in documents)
    changed = sorted(name for name in one.keys() & other.keys() if one[name] != other[name])
    if changed:
        words = f"Fields are described in other words: {names(changed)}."
        shown = pair(lambda told_by: "; ".join(f"{n}: {told_by[n] or ''}" for n in changed), one, other)
        yield _change(ChangeKind.DESCRIPTION, subject, "fields.description", *shown, words, place)


def _described(document: Document) -> Mapping[str, str | None]:
    fields_of = document.data.get("fields")
    if not isinstance(fields_of, Mapping):
        return {}
    return {
        name: told(field.get("description")) if isinstance(field, Mapping) else None
        for name, field in fields_of.items()
    }


def _of_reading(what: str, before: Any, after: Any) -> str:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        return f"{what} were changed: {names(changed)}."
    if isinstance(before, str | None) and isinstance(after, str | None):
        return from_to(what, before, after)
    return f"{what} is another one."


def _freshness(before: Dataset, after: Dataset, subject: Subject) -> Iterator[Change]:
    one, other = before.freshness, after.freshness
    if one != other:
        is_looser = other is None or (one is not None and other > one)
        kind = ChangeKind.FRESHNESS_LOOSENED if is_looser else ChangeKind.RULES_TIGHTENED
        yield _change(
            kind,
            subject,
            "freshness",
            one,
            other,
            from_to("How old its rows may be", one, other),
            after.place,
        )


# --- scorecards

LISTED_OF_SCORECARD: Final = frozenset(
    {"name", "title", "description", "org_unit", "audiences", "grain", "sections", "place"}
)


def changes_of_scorecard(both: Both, name: str) -> Iterator[Change]:
    before, after = (project.scorecards[name] for project in both.sides)
    subject, place = Subject(SubjectKind.SCORECARD, name), after.place
    if before.title != after.title:
        words = from_to("The title", before.title, after.title)
        yield _change(ChangeKind.TITLE, subject, "title", before.title, after.title, words, place)
    if before.description != after.description:
        one, other, words = before.description, after.description, "The description is another one."
        yield _change(ChangeKind.DESCRIPTION, subject, "description", one, other, words, place)
    if before.org_unit != after.org_unit:
        words = from_to("The unit", before.org_unit, after.org_unit)
        yield _change(
            ChangeKind.SCORECARD, subject, "org_unit", before.org_unit, after.org_unit, words, place
        )
    if set(before.audiences) != set(after.audiences):
        units = sorted(before.audiences), sorted(after.audiences)
        words = added_and_gone("Units that it is for", *units)
        yield _change(ChangeKind.AUDIENCE, subject, "audiences", *units, words, place)
    if before.grain is not after.grain:
        words = from_to("The grain", before.grain, after.grain)
        yield _change(ChangeKind.RHYTHM, subject, "grain", before.grain, after.grain, words, place)
    if before.sections != after.sections:
        shown = pair(_sections, before, after)
        if set(before.kpis) != set(after.kpis):
            words = added_and_gone("KPIs that it shows", before.kpis, after.kpis)
        else:
            words = "It shows the same KPIs in another order, or under other titles."
        yield _change(ChangeKind.SCORECARD, subject, "sections", *shown, words, place)
    yield from _moved(subject, before.place, after.place)
    yield from _unlisted(subject, before, after, LISTED_OF_SCORECARD, place)


def _sections(card: Scorecard) -> str:
    return "; ".join(f"{section.title}: {', '.join(section.kpis)}" for section in card.sections)


# --- owners and units

LISTED_OF_OWNER: Final = frozenset({"name", "title", "org_unit", "contact", "approvers", "place"})
LISTED_OF_UNIT: Final = frozenset({"name", "title", "description", "level", "parent", "headcount", "place"})


def changes_of_owner(both: Both, name: str) -> Iterator[Change]:
    before, after = (project.owners[name] for project in both.sides)
    subject = Subject(SubjectKind.OWNER, name)
    for field, kind, what in (
        ("title", ChangeKind.TITLE, "The title"),
        ("org_unit", ChangeKind.APPROVERS, "The unit, for whose scorecards it answers"),
        ("contact", ChangeKind.APPROVERS, "How to reach it"),
        ("approvers", ChangeKind.APPROVERS, "Who approves"),
    ):
        one, other = getattr(before, field), getattr(after, field)
        if field == "approvers":
            one, other = sorted(one), sorted(other)
        if one != other:
            yield _change(kind, subject, field, one, other, from_to(what, one, other), after.place)
    yield from _moved(subject, before.place, after.place)
    yield from _unlisted(subject, before, after, LISTED_OF_OWNER, after.place)


def changes_of_unit(both: Both, name: str) -> Iterator[Change]:
    before, after = (project.org_units[name] for project in both.sides)
    subject = Subject(SubjectKind.ORG_UNIT, name)
    for field, kind, what in (
        ("title", ChangeKind.TITLE, "The title"),
        ("description", ChangeKind.DESCRIPTION, "The description"),
        ("level", ChangeKind.UNIT_CHANGED, "The level"),
        ("parent", ChangeKind.UNIT_CHANGED, "The unit above"),
        ("headcount", ChangeKind.DETAILS, "The number of people"),
    ):
        one, other = getattr(before, field), getattr(after, field)
        if one != other:
            words = from_to(what, one, other) if field != "description" else "The description is another one."
            yield _change(kind, subject, field, one, other, words, after.place)
    yield from _moved(subject, before.place, after.place)
    yield from _unlisted(subject, before, after, LISTED_OF_UNIT, after.place)


# --- the project file

_OF_SETTINGS: Final = {
    "name": (ChangeKind.TITLE, "The name of the project"),
    "dialects": (ChangeKind.DETAILS, "The list of dialects"),
    "data_roots": (ChangeKind.DATA_ROOTS, "Where data may lie"),
    "default_engine": (ChangeKind.ENGINE, "The engine"),
    "signals": (ChangeKind.SIGNALS, "How signals are told from noise"),
    "locale": (ChangeKind.PRESENTATION, "How numbers and days are written"),
}
LISTED_OF_SETTINGS: Final = frozenset({*_OF_SETTINGS, "calendar", "engines", "theme", "check"})
_PRESETS: Final = list(Preset)


def changes_of_settings(both: Both) -> Iterator[Change]:
    before, after = (project.settings for project in both.sides)
    place = None
    subject = Subject(SubjectKind.PROJECT, "")
    for field, (kind, what) in _OF_SETTINGS.items():
        one, other = getattr(before, field), getattr(after, field)
        if one != other:
            yield _change(kind, subject, field, one, other, from_to(what, one, other), place)
    if before.calendar != after.calendar:
        changed = [
            f.name
            for f in fields(type(after.calendar))
            if getattr(before.calendar, f.name) != getattr(after.calendar, f.name)
        ]
        shown = pair(
            lambda one: ", ".join(_of_calendar(name, getattr(one.calendar, name)) for name in changed),
            before,
            after,
        )
        yield _change(
            ChangeKind.CALENDAR,
            subject,
            "calendar",
            *shown,
            from_to("The calendar", *shown),
            place,
            effect=TimeEffect.RESTATES,
            proof=Proof.UNKNOWN,
            flags=(Flag.NO_EFFECTIVE_DATE,),
        )
    if before.engines != after.engines:
        changed = sorted(
            name
            for name in before.engines.keys() | after.engines.keys()
            if before.engines.get(name) != after.engines.get(name)
        )
        shown = pair(lambda one: fingerprint(one.engines)[:12], before, after)
        yield _change(
            ChangeKind.ENGINE, subject, "engines", *shown, f"Engines were changed: {names(changed)}.", place
        )
    if before.theme != after.theme:
        shown = pair(lambda one: fingerprint(one.theme)[:12], before, after)
        yield _change(ChangeKind.PRESENTATION, subject, "theme", *shown, "The theme is another one.", place)
    yield from _checking(before.check, after.check, subject, place)
    yield from _allows(both, subject)
    yield from _known(both, subject, place)
    yield from _unlisted(subject, before, after, LISTED_OF_SETTINGS, place)


def _of_calendar(name: str, value: Any) -> str:
    """Return a part of the calendar as it is written there."""
    match name:
        case "week_start":
            return f"{name} {WEEKDAYS[value]}"
        case _ if isinstance(value, str | int):
            return f"{name} {value}"
        case _:
            return f"{name} {fingerprint(value)[:12]}"


LISTED_OF_CHECKING: Final = frozenset({"preset", "select", "ignore", "severity", "paths", "baseline"})


def _checking(before: Checking, after: Checking, subject: Subject, place: Place | None) -> Iterator[Change]:
    """Yield what was changed of the rules: fewer or milder ones are relaxed, the others tightened."""
    for field, (one, other), is_relaxed in (
        (
            "preset",
            (before.preset, after.preset),
            _PRESETS.index(after.preset) < _PRESETS.index(before.preset),
        ),
        ("select", _rules(before.select, after.select), _is_less(before.select, after.select)),
        ("ignore", _rules(before.ignore, after.ignore), _is_less(after.ignore, before.ignore)),
        (
            "severity",
            (_severities(before), _severities(after)),
            _is_milder(before, after),
        ),
        ("paths", (_paths(before), _paths(after)), bool(set(_paths(after)) - set(_paths(before)))),
        ("baseline", (before.baseline, after.baseline), after.baseline is not None),
    ):
        if one != other:
            kind = ChangeKind.RULES_RELAXED if is_relaxed else ChangeKind.RULES_TIGHTENED
            words = from_to(f"`check.{field}`", one, other)
            yield _change(kind, subject, f"check.{field}", one, other, words, place)
    yield from _unlisted(subject, before, after, LISTED_OF_CHECKING, place)


def _is_milder(before: Checking, after: Checking) -> bool:
    """Return whether a rule is a warning now that was none, or no longer the error that it was made."""
    rules = before.severity.keys() | after.severity.keys()
    pairs = ((before.severity.get(rule), after.severity.get(rule)) for rule in rules)
    return any(
        one is not other and (one is Severity.ERROR or other is Severity.WARNING) for one, other in pairs
    )


def _rules(*sides: Any) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(sorted(rule.name for rule in side)) for side in sides)


def _is_less(before: Any, after: Any) -> bool:
    """Return whether rules are missing that were there."""
    return bool({rule.name for rule in before} - {rule.name for rule in after})


def _severities(checking: Checking) -> tuple[str, ...]:
    return tuple(sorted(f"{rule.name} {severity.value}" for rule, severity in checking.severity.items()))


def _paths(checking: Checking) -> tuple[str, ...]:
    return tuple(
        sorted(f"{one.path} without {', '.join(r.name for r in one.ignore)}" for one in checking.paths)
    )


def _allows(both: Both, subject: Subject) -> Iterator[Change]:
    """Yield the comments that allow findings and were not there; where they stand does not count."""
    one, other = (Counter(_allowed(allow, side) for allow in side.allows) for side in (both.base, both.head))
    new = other - one
    for allow in both.head.allows:
        told_as = _allowed(allow, both.head)
        if new[told_as] > 0:
            new[told_as] -= 1
            rules, reason, _ = told_as
            words = f"A comment allows `{rules or 'nothing'}`: {reason or 'no reason is given'}"
            yield _change(
                ChangeKind.SUPPRESSION,
                subject,
                f"allow {rules} {allow.place.path}",
                None,
                f"{rules}: {reason}",
                words if words.endswith((".", "!", "?")) else f"{words}.",
                allow.place,
            )


def _allowed(allow: Allow, side: Side) -> tuple[str, str, str]:
    """Return what a comment allows, why, and of what: a definition, wherever it stands, or else a file."""
    rules = ", ".join(sorted(rule.name for rule in allow.rules))
    for (kind, name), document in side.project.documents.items():
        place = document.place()
        if place.path == allow.place.path and place.span.line <= allow.first <= place.span.end_line:
            return rules, allow.reason, f"{kind} {name}"
    return rules, allow.reason, allow.place.path


def _known(both: Both, subject: Subject, place: Place | None) -> Iterator[Change]:
    new = Counter(both.head.known) - Counter(both.base.known)
    if new:
        number = new.total()
        findings = "1 finding" if number == 1 else f"{number} findings"
        yield _change(
            ChangeKind.BASELINE_GROWN,
            subject,
            "baseline",
            None,
            fingerprint(sorted(new.elements()))[:12],
            f"The baseline hides {findings} that it did not hide before.",
            place,
        )


# --- shared


def added(kind: SubjectKind, name: str, thing: Any, noun: str) -> Change:
    how = {
        SubjectKind.GOAL: ChangeKind.GOAL_ADDED,
    }.get(kind, ChangeKind.ADDED)
    words = f"A new {noun}, `{thing.title or name}`."
    return _change(how, Subject(kind, name), "", None, thing.title or name, words, thing.place)


def removed(kind: SubjectKind, name: str, thing: Any, noun: str) -> Change:
    how = {
        SubjectKind.GOAL: ChangeKind.GOAL_REMOVED,
        SubjectKind.SCORECARD: ChangeKind.SCORECARD_REMOVED,
        SubjectKind.OWNER: ChangeKind.OWNER_REMOVED,
    }.get(kind, ChangeKind.REMOVED_UNUSED)
    words = f"The {noun} `{thing.title or name}` is gone."
    return _change(how, Subject(kind, name), "", thing.title or name, None, words, thing.place)


def _change(
    kind: ChangeKind,
    subject: Subject,
    part: str,
    before: Any,
    after: Any,
    words: str,
    place: Place | None,
    **more: Any,
) -> Change:
    return Change(
        kind=kind,
        subject=subject,
        part=part,
        before=told(before),
        after=told(after),
        words=words,
        place=place,
        **more,
    )


def _moved(subject: Subject, before: Place, after: Place) -> Iterator[Change]:
    if before.path != after.path:
        words = f"It moved from `{before.path}` to `{after.path}`."
        yield _change(ChangeKind.MOVED, subject, "", before.path, after.path, words, after)


def _unlisted(
    subject: Subject, before: Any, after: Any, listed: frozenset[str], place: Place | None
) -> Iterator[Change]:
    for name in sorted({f.name for f in fields(after)} - listed):
        if getattr(before, name) != getattr(after, name):
            yield _change(ChangeKind.UNLISTED, subject, name, None, None, f"`{name}` was changed.", place)


LISTED: Final = {
    Dataset: LISTED_OF_DATASET,
    Scorecard: LISTED_OF_SCORECARD,
    Owner: LISTED_OF_OWNER,
    OrgUnit: LISTED_OF_UNIT,
    Settings: LISTED_OF_SETTINGS,
    Checking: LISTED_OF_CHECKING,
}
