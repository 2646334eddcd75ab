"""What was changed of datasets, scorecards, owners, units and the project file."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, Final

from kpiascode.diff.both import Both
from kpiascode.diff.making import change, moved, unlisted, valued
from kpiascode.diff.seeing import seen_by_moving, visibility
from kpiascode.diff.words import added_and_gone, from_to, names, pair, told
from kpiascode.model.calendar import WEEKDAYS
from kpiascode.model.canonical import fingerprint
from kpiascode.model.changes import Change, ChangeKind, Flag, Proof, Side, Subject, SubjectKind, TimeEffect
from kpiascode.model.checking import Checking, Preset
from kpiascode.model.diagnostic import Severity
from kpiascode.model.document import Document
from kpiascode.model.place import Place
from kpiascode.model.project import Dataset, OrgUnit, Owner, Scorecard, Settings

# --- datasets

_TITLE: Final = ("title", ChangeKind.TITLE, "The title")
_DESCRIPTION: Final = ("description", ChangeKind.DESCRIPTION, "The description")

_WORDS_OF_DATASET: Final = (
    _TITLE,
    _DESCRIPTION,
    ("primary_key", ChangeKind.DETAILS, "The primary key"),
)
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
LISTED_OF_DATASET: Final = frozenset(
    {*(field for field, _, _ in _WORDS_OF_DATASET), *_READ_OF_DATASET, *_ELSEWHERE_OF_DATASET}
)


def changes_of_dataset(both: Both, name: str) -> Iterator[Change]:
    """Yield what was changed of a dataset; how it is read counts where a KPI's values rest on it."""
    before, after = (project.datasets[name] for project in both.sides)
    subject = Subject(SubjectKind.DATASET, name)
    touched = both.resting_on(subject)
    yield from valued(subject, _WORDS_OF_DATASET, before, after)
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
            yield change(
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
            yield change(ChangeKind.DETAILS, subject, field, *shown, words, after.place)
    yield from _descriptions(both, subject, after.place)
    yield from moved(subject, before.place, after.place)
    yield from unlisted(subject, before, after, LISTED_OF_DATASET, after.place)


def _descriptions(both: Both, subject: Subject, place: Place) -> Iterator[Change]:
    """Yield the fields that are there on both sides and are described differently: only documents say how."""
    documents = (side.documents.get(("dataset", subject.name)) for side in both.sides)
    one, other = ({} if document is None else _described(document) for document in documents)
    changed = sorted(name for name in one.keys() & other.keys() if one[name] != other[name])
    if changed:
        words = f"Fields are described in other words: {names(changed)}."
        shown = pair(lambda told_by: "; ".join(f"{n}: {told_by[n] or ''}" for n in changed), one, other)
        yield change(ChangeKind.DESCRIPTION, subject, "fields.description", *shown, words, place)


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
        yield change(
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
    {"name", "title", "description", "org_unit", "audiences", "grain", "sections", "place", "visibility"}
)


def changes_of_scorecard(both: Both, name: str) -> Iterator[Change]:
    before, after = (project.scorecards[name] for project in both.sides)
    subject, place = Subject(SubjectKind.SCORECARD, name), after.place
    given = (_TITLE, _DESCRIPTION, ("org_unit", ChangeKind.SCORECARD, "The unit"))
    yield from valued(subject, given, before, after)
    if set(before.audiences) != set(after.audiences):
        units = sorted(before.audiences), sorted(after.audiences)
        words = added_and_gone("Units that it is for", *units)
        yield change(ChangeKind.AUDIENCE, subject, "audiences", *units, words, place)
    yield from valued(subject, [("grain", ChangeKind.RHYTHM, "The grain")], before, after)
    if before.sections != after.sections:
        shown = pair(_sections, before, after)
        if set(before.kpis) != set(after.kpis):
            words = added_and_gone("KPIs that it shows", before.kpis, after.kpis)
        else:
            words = "It shows the same KPIs in another order, or under other titles."
        yield change(ChangeKind.SCORECARD, subject, "sections", *shown, words, place)
    yield from visibility(both, subject, before, after, place)
    yield from moved(subject, before.place, after.place)
    yield from unlisted(subject, before, after, LISTED_OF_SCORECARD, place)


def _sections(card: Scorecard) -> str:
    return "; ".join(f"{section.title}: {', '.join(section.kpis)}" for section in card.sections)


# --- owners and units

LISTED_OF_OWNER: Final = frozenset({"name", "title", "org_unit", "contact", "approvers", "place"})
LISTED_OF_UNIT: Final = frozenset({"name", "title", "description", "level", "parent", "headcount", "place"})


def changes_of_owner(both: Both, name: str) -> Iterator[Change]:
    before, after = (project.owners[name] for project in both.sides)
    subject = Subject(SubjectKind.OWNER, name)
    given = (
        _TITLE,
        ("org_unit", ChangeKind.APPROVERS, "The unit, for whose scorecards it answers"),
        ("contact", ChangeKind.APPROVERS, "How to reach it"),
    )
    yield from valued(subject, given, before, after)
    one, other = sorted(before.approvers), sorted(after.approvers)
    if one != other:
        words = from_to("Who approves", one, other)
        yield change(ChangeKind.APPROVERS, subject, "approvers", one, other, words, after.place)
    yield from moved(subject, before.place, after.place)
    yield from unlisted(subject, before, after, LISTED_OF_OWNER, after.place)


def changes_of_unit(both: Both, name: str) -> Iterator[Change]:
    before, after = (project.org_units[name] for project in both.sides)
    subject = Subject(SubjectKind.ORG_UNIT, name)
    given = (
        _TITLE,
        _DESCRIPTION,
        ("level", ChangeKind.UNIT_CHANGED, "The level"),
        ("parent", ChangeKind.UNIT_CHANGED, "The unit above"),
        ("headcount", ChangeKind.DETAILS, "The number of people"),
    )
    yield from valued(subject, given, before, after)
    yield from seen_by_moving(both, name)
    yield from moved(subject, before.place, after.place)
    yield from unlisted(subject, before, after, LISTED_OF_UNIT, after.place)


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
    subject, place = Subject(SubjectKind.PROJECT, ""), None  # the project file is no definition
    for field, (kind, what) in _OF_SETTINGS.items():
        one, other = getattr(before, field), getattr(after, field)
        if one != other:
            yield change(kind, subject, field, one, other, from_to(what, one, other), place)
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
        yield change(
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
        yield change(
            ChangeKind.ENGINE, subject, "engines", *shown, f"Engines were changed: {names(changed)}.", place
        )
    if before.theme != after.theme:
        shown = pair(lambda one: fingerprint(one.theme)[:12], before, after)
        yield change(ChangeKind.PRESENTATION, subject, "theme", *shown, "The theme is another one.", place)
    yield from _checking(before.check, after.check, subject, place)
    yield from _allows(both, subject)
    yield from _known(both, subject, place)
    yield from unlisted(subject, before, after, LISTED_OF_SETTINGS, place)


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
            yield change(kind, subject, f"check.{field}", one, other, words, place)
    yield from unlisted(subject, before, after, LISTED_OF_CHECKING, place)


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
    new = Counter(_allowed(both.head)) - Counter(_allowed(both.base))
    for allow, allowed in zip(both.head.allows, _allowed(both.head), strict=True):
        if new[allowed] > 0:
            new[allowed] -= 1
            rules, reason, _ = allowed
            words = f"A comment allows `{rules or 'nothing'}`: {reason or 'no reason is given'}"
            yield change(
                ChangeKind.SUPPRESSION,
                subject,
                f"allow {rules} {allow.place.path}",
                None,
                f"{rules}: {reason}",
                words if words.endswith((".", "!", "?")) else f"{words}.",
                allow.place,
            )


def _allowed(side: Side) -> list[tuple[str, str, str]]:
    """Return of each comment what it allows, why, and of what: a definition, or else a file."""
    if not side.allows:
        return []
    lines: dict[tuple[str, int], str] = {}
    for (kind, name), document in side.project.documents.items():
        span = document.place().span
        for line in range(span.line, span.end_line + 1):
            lines.setdefault((document.path, line), f"{kind} {name}")
    return [
        (
            ", ".join(sorted(rule.name for rule in allow.rules)),
            allow.reason,
            lines.get((allow.place.path, allow.first), allow.place.path),
        )
        for allow in side.allows
    ]


def _known(both: Both, subject: Subject, place: Place | None) -> Iterator[Change]:
    new = Counter(both.head.known) - Counter(both.base.known)
    if new:
        number = new.total()
        findings = "1 finding" if number == 1 else f"{number} findings"
        yield change(
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
    called = _called(thing, name)
    return change(how, Subject(kind, name), "", None, called, f"A new {noun}, `{called}`.", thing.place)


def removed(kind: SubjectKind, name: str, thing: Any, noun: str) -> Change:
    how = {
        SubjectKind.GOAL: ChangeKind.GOAL_REMOVED,
        SubjectKind.SCORECARD: ChangeKind.SCORECARD_REMOVED,
        SubjectKind.OWNER: ChangeKind.OWNER_REMOVED,
        SubjectKind.CHECK_IN: ChangeKind.CHECK_IN_REWRITTEN,
    }.get(kind, ChangeKind.REMOVED_UNUSED)
    called = _called(thing, name)
    return change(how, Subject(kind, name), "", called, None, f"The {noun} `{called}` is gone.", thing.place)


def _called(thing: Any, name: str) -> str:
    """Return a title; check-ins and thanks have none."""
    return getattr(thing, "title", "") or name


LISTED: Final = {
    Dataset: LISTED_OF_DATASET,
    Scorecard: LISTED_OF_SCORECARD,
    Owner: LISTED_OF_OWNER,
    OrgUnit: LISTED_OF_UNIT,
    Settings: LISTED_OF_SETTINGS,
    Checking: LISTED_OF_CHECKING,
}
