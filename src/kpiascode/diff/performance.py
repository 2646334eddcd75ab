"""What was changed of check-ins, reviews, meetings, plans, feedback and thanks.

What was written down of the past is no draft: a diary that can be rewritten proves nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, Final

from kpiascode.diff.both import Both
from kpiascode.diff.making import change, moved, unlisted
from kpiascode.diff.seeing import keeping, visibility
from kpiascode.diff.words import added_and_gone, from_to, names, told
from kpiascode.model.changes import Change, ChangeKind, Flag, Subject, SubjectKind, declared
from kpiascode.model.performance import (
    Action,
    CheckIn,
    FeedbackRound,
    ImprovementPlan,
    OneOnOneSeries,
    Recognition,
    RecognitionProgram,
    ReviewCycle,
    ReviewTemplate,
    Thanked,
)


class _As(Enum):
    """How a change of a field is told: with both values, as another text, by members, or as another whole."""

    VALUE = "value"
    TEXT = "text"
    NAMES = "names"
    WHOLE = "whole"


_Row = tuple[str, ChangeKind, str, _As]
_TITLE: Final = ("title", ChangeKind.TITLE, "The title", _As.VALUE)
_DESCRIPTION: Final = ("description", ChangeKind.DESCRIPTION, "The description", _As.TEXT)
_OWNER: Final = ("owner", ChangeKind.OWNER, "The owner", _As.VALUE)


class _Compared:
    """A thing on both sides, and what makes changes of it."""

    def __init__(self, both: Both, kind: SubjectKind, name: str) -> None:
        self.both = both
        self.subject = Subject(kind, name)
        self.before, self.after = (declared(project, kind)[name] for project in both.sides)
        self.seen_on = both.as_of.date()

    def of(self, field: str) -> tuple[Any, Any]:
        return getattr(self.before, field), getattr(self.after, field)

    def make(self, kind: ChangeKind, part: str, words: str, *pair: Any, **more: Any) -> Change:
        one, other = pair or self.of(part)
        return change(kind, self.subject, part, one, other, words, self.after.place, **more)

    def rows(self, *given: _Row, **more: Any) -> Iterator[Change]:
        """Yield the changes of fields that are told alike."""
        for field, kind, what, how in given:
            one, other = self.of(field)
            if one != other and (how is not _As.NAMES or set(one) != set(other)):
                yield self.make(kind, field, _sentence(what, one, other, how), **more)

    def rest(self, listed: frozenset[str]) -> Iterator[Change]:
        """Yield what every kind of thing can have, and what nobody decided upon."""
        if hasattr(self.after, "visibility"):
            yield from visibility(self.both, self.subject, self.before, self.after, self.after.place)
        if hasattr(self.after, "keeping"):
            yield from keeping(self.subject, self.before.keeping, self.after.keeping, self.after.place)
        yield from moved(self.subject, self.before.place, self.after.place)
        yield from unlisted(self.subject, self.before, self.after, listed, self.after.place)


def _sentence(what: str, one: Any, other: Any, how: _As) -> str:
    match how:
        case _As.VALUE:
            return from_to(what, one, other)
        case _As.TEXT:
            return f"{what} is another one."
        case _As.NAMES:
            return added_and_gone(
                what, (str(told(name)) for name in one), (str(told(name)) for name in other)
            )
        case _As.WHOLE:
            return f"{what} were changed."


def _listed(*rows: _Row) -> frozenset[str]:
    return frozenset(field for field, _, _, _ in rows)


def _is_respaced(one: Any, other: Any) -> bool:
    """Return whether texts differ by blanks and breaks alone."""
    match one, other:
        case str(), str():
            return one.split() == other.split()
        case tuple(), tuple():
            return len(one) == len(other) and all(map(_is_respaced, one, other))
        case _:
            return bool(one == other)


# --- check-ins

_OF_CHECK_IN: Final = tuple(
    (field, ChangeKind.CHECK_IN_REWRITTEN, what, how)
    for field, what, how in (
        ("goal", "The goal that it is about", _As.VALUE),
        ("kpi", "The KPI that it is about", _As.VALUE),
        ("as_of", "The day up to which was seen", _As.VALUE),
        ("by", "Who checked in", _As.VALUE),
        ("confidence", "The confidence", _As.VALUE),
        ("note", "The note", _As.TEXT),
        ("decision", "The decision", _As.TEXT),
        ("blockers", "What stood in the way", _As.TEXT),
    )
)
LISTED_OF_CHECK_IN: Final = _listed(*_OF_CHECK_IN) | {"name", "place"}


def changes_of_check_in(both: Both, name: str) -> Iterator[Change]:
    """Yield what was changed of a check-in: whatever it is, but for blanks, rewrites what was said then.

    Nobody can tell the mending of a slip from a rewriting: `not` is three letters.
    """
    compared = _Compared(both, SubjectKind.CHECK_IN, name)
    for row in _OF_CHECK_IN:
        field, _, what, _ = row
        if compared.of(field)[0] != compared.of(field)[1] and _is_respaced(*compared.of(field)):
            words = f"{what} is written with other blanks."
            yield compared.make(ChangeKind.REFORMATTED, field, words)
        else:
            yield from compared.rows(row)
    yield from compared.rest(LISTED_OF_CHECK_IN)


# --- reviews

_OF_TEMPLATE: Final = (
    _TITLE,
    _DESCRIPTION,
    ("sections", ChangeKind.DETAILS, "The questions", _As.WHOLE),
)
LISTED_OF_TEMPLATE: Final = _listed(*_OF_TEMPLATE) | {"name", "competencies", "place"}


def changes_of_template(both: Both, name: str) -> Iterator[Change]:
    compared = _Compared(both, SubjectKind.TEMPLATE, name)
    yield from compared.rows(*_OF_TEMPLATE)
    one, other = compared.of("competencies")
    if one != other:
        weights = [{competency.title: competency.weight for competency in some} for some in (one, other)]
        kind = ChangeKind.DETAILS if weights[0] == weights[1] else ChangeKind.WEIGHT
        yield compared.make(
            kind, "competencies", "What a unit is to be good at, or how much it counts, changed."
        )
    yield from compared.rest(LISTED_OF_TEMPLATE)


_OF_CYCLE: Final = (
    _TITLE,
    _OWNER,
    ("template", ChangeKind.DETAILS, "The template", _As.VALUE),
    ("org_units", ChangeKind.DETAILS, "Units that are reviewed", _As.NAMES),
    ("kpis", ChangeKind.DETAILS, "KPIs that are looked at in every unit", _As.NAMES),
    ("deadlines", ChangeKind.RHYTHM, "Its deadlines", _As.WHOLE),
)
LISTED_OF_CYCLE: Final = _listed(*_OF_CYCLE) | {"name", "start", "end", "visibility", "place"}


def changes_of_cycle(both: Both, name: str) -> Iterator[Change]:
    compared = _Compared(both, SubjectKind.CYCLE, name)
    yield from compared.rows(*_OF_CYCLE)
    yield from _span(compared, "start", "end", ChangeKind.DEADLINE)
    yield from compared.rest(LISTED_OF_CYCLE)


def _span(compared: _Compared, first: str, last: str, kind: ChangeKind) -> Iterator[Change]:
    """Yield that something begins or ends on another day; once it has begun that is flagged."""
    is_running = min(compared.of(first)) <= compared.seen_on
    flags = (Flag.RUNNING_PERIOD,) if is_running else ()
    rows = (
        (first, kind, "The first day", _As.VALUE),
        (last, kind, "The end", _As.VALUE),
    )
    yield from compared.rows(*rows, flags=flags)


_OF_SERIES: Final = (
    _TITLE,
    ("manager", ChangeKind.OWNER, "Who leads", _As.VALUE),
    ("report", ChangeKind.OWNER, "Who reports", _As.VALUE),
    ("every", ChangeKind.RHYTHM, "How often they meet", _As.VALUE),
    ("first", ChangeKind.RHYTHM, "The day of the first meeting", _As.VALUE),
    ("sections", ChangeKind.DETAILS, "What is talked about", _As.WHOLE),
    ("goals", ChangeKind.DETAILS, "Goals that they look at", _As.NAMES),
    ("kpis", ChangeKind.DETAILS, "KPIs that they look at", _As.NAMES),
)
LISTED_OF_SERIES: Final = _listed(*_OF_SERIES) | {"name", "met_on", "keeping", "place"}


def changes_of_series(both: Both, name: str) -> Iterator[Change]:
    compared = _Compared(both, SubjectKind.SERIES, name)
    yield from compared.rows(*_OF_SERIES)
    one, other = compared.of("met_on")
    kind = ChangeKind.RECORD_REWRITTEN if set(one) - set(other) else ChangeKind.DETAILS
    yield from compared.rows(("met_on", kind, "Days on which they met", _As.NAMES))
    yield from compared.rest(LISTED_OF_SERIES)


# --- improvement plans

_OF_PLAN: Final = (
    _TITLE,
    _OWNER,
    ("trigger", ChangeKind.DETAILS, "What set it off", _As.TEXT),
    ("current", ChangeKind.DETAILS, "Where it stands", _As.TEXT),
    ("support", ChangeKind.DETAILS, "What help is given", _As.TEXT),
    ("reviews", ChangeKind.RHYTHM, "Days on which it is looked at", _As.NAMES),
    ("hr_reviewer", ChangeKind.APPROVERS, "Who looks over it", _As.VALUE),
    ("opened_with_employee", ChangeKind.DETAILS, "When it was talked through", _As.VALUE),
)
_WANTED_BY_PLAN: Final = (
    ("subject", ChangeKind.PLAN_CHANGED, "What it is about", _As.VALUE),
    ("required", ChangeKind.PLAN_CHANGED, "What is expected", _As.TEXT),
    ("standard", ChangeKind.PLAN_CHANGED, "The target that it rests on", _As.VALUE),
    ("success", ChangeKind.PLAN_CHANGED, "The test of its success", _As.VALUE),
    ("changed_on", ChangeKind.PLAN_CHANGED, "The day from which the process is another one", _As.VALUE),
)
LISTED_OF_PLAN: Final = _listed(*_OF_PLAN, *_WANTED_BY_PLAN) | {
    *("name", "opened_on", "ends_on", "actions", "outcome", "visibility", "keeping", "place")
}


def changes_of_plan(both: Both, name: str) -> Iterator[Change]:
    """Yield what was changed of a plan; what it is judged by is flagged once it has begun."""
    compared = _Compared(both, SubjectKind.PLAN, name)
    is_running = min(compared.of("opened_on")) <= compared.seen_on
    yield from compared.rows(*_OF_PLAN)
    yield from compared.rows(*_WANTED_BY_PLAN, flags=(Flag.RUNNING_PERIOD,) if is_running else ())
    yield from _span(compared, "opened_on", "ends_on", ChangeKind.DEADLINE)
    one, other = compared.of("outcome")
    if one != other:
        flags = (Flag.RUNNING_PERIOD,) if one is not None else ()
        yield compared.make(
            ChangeKind.OUTCOME, "outcome", from_to("Its outcome", told(one), told(other)), flags=flags
        )
    yield from _actions(compared)
    yield from compared.rest(LISTED_OF_PLAN)


def _actions(compared: _Compared) -> Iterator[Change]:
    """Yield that other things are to be done; that something done is not, rewrites the past."""
    one, other = compared.of("actions")
    if one == other:
        return
    done = [
        Counter((action.what, action.who, action.done_on) for action in some if action.done_on)
        for some in (one, other)
    ]
    undone = sorted({what for what, _, _ in done[0] - done[1]})
    if undone:
        words = f"What was done is told otherwise: {names(undone)}."
        yield compared.make(ChangeKind.RECORD_REWRITTEN, "actions", words)
        return
    what = [frozenset(map(_to_do, some)) for some in (one, other)]
    words = (
        "Something is done that was to be done."
        if what[0] == what[1] and done[0] != done[1]
        else "What is to be done was changed."
    )
    yield compared.make(ChangeKind.DETAILS, "actions", words)


def _to_do(action: Action) -> tuple[Any, ...]:
    return action.what, action.who, action.due


# --- feedback

_OF_ROUND: Final = (_TITLE, _OWNER)
_ASKED: Final = (
    ("about", "What it is about", _As.VALUE),
    ("questions", "The questions", _As.WHOLE),
)
LISTED_OF_ROUND: Final = _listed(*_OF_ROUND) | {
    *("name", "about", "questions", "start", "end", "groups", "k", "moderated", "keeping", "place")
}


def changes_of_round(both: Both, name: str) -> Iterator[Change]:
    """Yield what was changed of a round; whatever could tell more of those who answer lowers a guard."""
    compared = _Compared(both, SubjectKind.ROUND, name)
    yield from compared.rows(*_OF_ROUND)
    has_begun = min(compared.of("start")) <= compared.seen_on
    asked = ChangeKind.RECORD_REWRITTEN if has_begun else ChangeKind.DETAILS
    yield from compared.rows(*((field, asked, what, how) for field, what, how in _ASKED))
    was_over = compared.before.end <= compared.seen_on
    window = ChangeKind.PRIVACY_LOWERED if was_over else ChangeKind.RHYTHM
    yield from _span(compared, "start", "end", window)
    groups = ("groups", ChangeKind.PRIVACY_LOWERED, "Groups of which answers are told", _As.NAMES)
    k, moderated = compared.of("k"), compared.of("moderated")
    yield from compared.rows(
        groups,
        ("k", _lowered(k[1] < k[0]), "Of how many answers at least something is told", _As.VALUE),
        ("moderated", _lowered(moderated[1]), "Whether answers in words are told", _As.VALUE),
    )
    yield from compared.rest(LISTED_OF_ROUND)


def _lowered(is_lowered: bool) -> ChangeKind:
    return ChangeKind.PRIVACY_LOWERED if is_lowered else ChangeKind.RULES_TIGHTENED


# --- thanks

_OF_PROGRAM: Final = (
    _TITLE,
    _OWNER,
    _DESCRIPTION,
    ("values", ChangeKind.DETAILS, "What people thank for", _As.WHOLE),
    ("start", ChangeKind.RHYTHM, "The first day", _As.VALUE),
    ("end", ChangeKind.RHYTHM, "The end", _As.VALUE),
    ("budget_note", ChangeKind.DETAILS, "What is told of its budget", _As.TEXT),
    ("kpis", ChangeKind.REWARD, "KPIs that rewards look at", _As.NAMES),
)
LISTED_OF_PROGRAM: Final = _listed(*_OF_PROGRAM) | {"name", "place"}


def changes_of_program(both: Both, name: str) -> Iterator[Change]:
    compared = _Compared(both, SubjectKind.PROGRAM, name)
    yield from compared.rows(*_OF_PROGRAM)
    yield from compared.rest(LISTED_OF_PROGRAM)


_OF_RECOGNITION: Final = (
    ("program", ChangeKind.RECORD_REWRITTEN, "The program", _As.VALUE),
    ("to", ChangeKind.RECORD_REWRITTEN, "Whom it thanks", _As.TEXT),
    ("by", ChangeKind.RECORD_REWRITTEN, "Who thanks", _As.VALUE),
    ("day", ChangeKind.RECORD_REWRITTEN, "The day", _As.VALUE),
    ("value", ChangeKind.RECORD_REWRITTEN, "For what it thanks", _As.VALUE),
    ("reason", ChangeKind.RECORD_REWRITTEN, "The reason", _As.TEXT),
    ("goals", ChangeKind.DETAILS, "Goals that it speaks of", _As.NAMES),
    ("kpis", ChangeKind.DETAILS, "KPIs that it speaks of", _As.NAMES),
    ("check_ins", ChangeKind.DETAILS, "Check-ins that it speaks of", _As.NAMES),
)
LISTED_OF_RECOGNITION: Final = _listed(*_OF_RECOGNITION) | {
    *("name", "consent_on", "withdrawn_on", "visibility", "place")
}


def changes_of_recognition(both: Both, name: str) -> Iterator[Change]:
    """Yield what was changed of thanks; a person who is named without having agreed is a lowered guard."""
    compared = _Compared(both, SubjectKind.RECOGNITION, name)
    yield from compared.rows(*_OF_RECOGNITION)
    is_person = compared.after.to[0] is Thanked.PERSON
    one, other = compared.of("consent_on")
    is_lowered = is_person and one is not None and (other is None or other < one)
    yield from compared.rows(
        ("consent_on", _lowered(is_lowered), "The day on which the person agreed", _As.VALUE)
    )
    one, other = compared.of("withdrawn_on")
    is_lowered = is_person and one is not None and (other is None or other > one)
    yield from compared.rows(
        ("withdrawn_on", _lowered(is_lowered), "The day from which the person is no longer named", _As.VALUE)
    )
    yield from compared.rest(LISTED_OF_RECOGNITION)


# --- all

KINDS: Final[dict[SubjectKind, tuple[str, Callable[[Both, str], Iterator[Change]]]]] = {
    SubjectKind.CHECK_IN: ("check-in", changes_of_check_in),
    SubjectKind.TEMPLATE: ("review template", changes_of_template),
    SubjectKind.CYCLE: ("review cycle", changes_of_cycle),
    SubjectKind.SERIES: ("series of one-on-ones", changes_of_series),
    SubjectKind.PLAN: ("improvement plan", changes_of_plan),
    SubjectKind.ROUND: ("feedback round", changes_of_round),
    SubjectKind.PROGRAM: ("recognition program", changes_of_program),
    SubjectKind.RECOGNITION: ("recognition", changes_of_recognition),
}
LISTED: Final = {
    CheckIn: LISTED_OF_CHECK_IN,
    ReviewTemplate: LISTED_OF_TEMPLATE,
    ReviewCycle: LISTED_OF_CYCLE,
    OneOnOneSeries: LISTED_OF_SERIES,
    ImprovementPlan: LISTED_OF_PLAN,
    FeedbackRound: LISTED_OF_ROUND,
    RecognitionProgram: LISTED_OF_PROGRAM,
    Recognition: LISTED_OF_RECOGNITION,
}
