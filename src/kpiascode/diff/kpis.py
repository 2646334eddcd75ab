"""What was changed of a KPI: its words, its promises, its rule, and what it rests on."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import date
from typing import Any, Final

from kpiascode.diff.both import ALWAYS, Both
from kpiascode.diff.formulas import Told, filter_change, formula_change
from kpiascode.diff.making import change, moved, plain
from kpiascode.diff.normal import normal
from kpiascode.diff.seeing import visibility
from kpiascode.diff.words import added_and_gone, from_to, on_one_line, pair, quoted, told
from kpiascode.model.calendar import Grain
from kpiascode.model.canonical import fingerprint
from kpiascode.model.changes import Change, ChangeKind, Flag, Proof, Subject, SubjectKind, TimeEffect
from kpiascode.model.definitions import rules
from kpiascode.model.expression import Expression
from kpiascode.model.project import Dimension, Direction, Kpi, Lead, Lifecycle, Project, Waiver
from kpiascode.model.spelling import spelled

_PLAIN: Final = {
    "title": (ChangeKind.TITLE, "The title"),
    "description": (ChangeKind.DESCRIPTION, "The description"),
    "owner": (ChangeKind.OWNER, "The owner"),
    "direction": (ChangeKind.DIRECTION, "What is better"),
    "act": (ChangeKind.DETAILS, "What to do when it is off"),
    "status": (ChangeKind.LIFECYCLE, "The lifecycle"),
    "derived_from": (ChangeKind.DETAILS, "What it is a variant of"),
}
"""Fields that hold one value."""

_LISTS: Final = {
    "applies_to": (ChangeKind.DETAILS, "Units that it applies to"),
    "counter_kpis": (ChangeKind.DETAILS, "Counter KPIs"),
    "leads": (ChangeKind.DETAILS, "KPIs that it leads"),
}
_RULE: Final = ("expression", "where", "time", "dataset", "cohort", "funnel")
_ELSEWHERE: Final = (
    *("name", "place", "text", "where_text", "grain", "dimensions", "unit", "bounds", "communication"),
    *("examples", "edge_examples", "waivers", "revisions", "process_changes", "signals", "visibility"),
)
LISTED: Final = frozenset({*_PLAIN, *_LISTS, *_RULE, *_ELSEWHERE})
"""Fields of which it is known what a change of them does. Of another one nobody could tell."""

ORDER: Final = list(Grain)


def changes_of_kpi(both: Both, name: str) -> Iterator[Change]:
    """Yield what was changed of a KPI that both projects have."""
    found = list(_told(both, name))
    yield from found
    if both.changed_since(name) is not None and all(one.proof is not Proof.UNKNOWN for one in found):
        after = both.head.project.kpis[name]
        words = "Its values may be others, and it cannot be told why."
        effect = _effect(both, after, both.changed_since(name))
        hashes = pair(lambda side: side[name], *both.hashes)
        yield _Maker(both, after)(ChangeKind.UNLISTED, "", *hashes, words, proof=Proof.UNKNOWN, **effect)


def _told(both: Both, name: str) -> Iterator[Change]:
    before, after = (project.kpis[name] for project in both.sides)
    make = _Maker(both, after)
    yield from _plain(before, after, make)
    yield from _farewell(before, after, make, both)
    yield from _lists(before, after, make)
    yield from _promises(before, after, make)
    place = make.place_of("visibility")
    yield from visibility(both, make.subject, before, after, place, flags=make.drafts)
    yield from _bounds(before, after, make)
    yield from _dimensions(before, after, make, both)
    yield from _examples(both, make)
    yield from _waivers(before, after, make)
    yield from _signals(before, after, make)
    yield from _values(before, after, make, both)
    yield from moved(make.subject, before.place, after.place, flags=make.drafts)
    yield from (
        make(ChangeKind.UNLISTED, one, *_pair(before, after, one), f"`{one}` was changed.")
        for one in sorted({f.name for f in fields(Kpi)} - LISTED)
        if getattr(before, one) != getattr(after, one)
    )


class _Maker:
    """Makes changes of one KPI."""

    def __init__(self, both: Both, kpi: Kpi) -> None:
        self.subject = Subject(SubjectKind.KPI, kpi.name)
        self.place = kpi.place
        statuses = {project.kpis[kpi.name].status for project in both.sides}
        self.drafts = (Flag.DRAFT,) if statuses == {Lifecycle.DRAFT} else ()
        document = both.head.project.documents.get(("kpi", kpi.name))
        self.place_of: Callable[[str], Any] = (
            (lambda part: document.place_of_key((part,))) if document else lambda part: kpi.place
        )

    def __call__(
        self, kind: ChangeKind, part: str, before: Any, after: Any, words: str, **more: Any
    ) -> Change:
        place = self.place_of(part.split(".")[0]) if part else self.place
        flags = (*self.drafts, *more.pop("flags", ()))
        return change(kind, self.subject, part, before, after, words, place, flags=flags, **more)


def _pair(before: Kpi, after: Kpi, name: str) -> tuple[str, str]:
    return fingerprint(getattr(before, name)), fingerprint(getattr(after, name))


# --- words and promises


def _plain(before: Kpi, after: Kpi, make: _Maker) -> Iterator[Change]:
    for name, (kind, what) in _PLAIN.items():
        one, other = getattr(before, name), getattr(after, name)
        if one != other:
            effect = TimeEffect.RESTATES if kind is ChangeKind.DIRECTION else TimeEffect.NONE
            words = plain(name, what, one, other)
            if kind is ChangeKind.DIRECTION:
                words = f"{_better(other)} is better now. {_better(one)} was."
            yield make(kind, name, one, other, words, effect=effect)


def _farewell(before: Kpi, after: Kpi, make: _Maker, both: Both) -> Iterator[Change]:
    """Yield what was changed of when a KPI goes and what replaces it, which only its document says."""
    if before.status is not after.status:
        return
    documents = (side.documents.get(("kpi", after.name)) for side in both.sides)
    one, other = (None if document is None else document.data.get("status") for document in documents)
    if one != other and (isinstance(one, dict) or isinstance(other, dict)):
        words = "When it goes, or what replaces it, is told otherwise."
        yield make(ChangeKind.LIFECYCLE, "status", one, other, words)


def _better(direction: Direction) -> str:
    return {Direction.HIGHER: "More", Direction.LOWER: "Less", Direction.BAND: "What lies in the band"}[
        direction
    ]


def _lists(before: Kpi, after: Kpi, make: _Maker) -> Iterator[Change]:
    for name, (kind, what) in _LISTS.items():
        one, other = getattr(before, name), getattr(after, name)
        if one == other or (name != "leads" and set(one) == set(other)):
            continue
        if name == "leads":
            one, other = (tuple(_lead(lead) for lead in some) for some in (one, other))
        gone = set(one) - set(other)
        guarded = ChangeKind.COUNTER_REMOVED if name == "counter_kpis" and gone else kind
        yield make(guarded, name, one, other, added_and_gone(what, one, other))


def _lead(lead: Lead) -> str:
    sense = "in the same sense" if lead.sign > 0 else "in the opposite sense"
    return f"{lead.kpi} {told(lead.lag)} later {sense}"


def _promises(before: Kpi, after: Kpi, make: _Maker) -> Iterator[Change]:
    one, other = before.communication, after.communication
    units = pair(lambda some: () if some is None else tuple(sorted(some.audiences)), one, other)
    if units[0] != units[1]:
        words = added_and_gone("Units that it is told to", *units)
        yield make(ChangeKind.AUDIENCE, "communication.audiences", *units, words)
    rhythm = pair(lambda some: None if some is None else (tuple(sorted(some.channels)), some.lag), one, other)
    if rhythm[0] != rhythm[1]:
        shown = pair(lambda some: None if some is None else (*some[0], told(some[1]) or "no lag"), *rhythm)
        words = from_to("How and how soon it is told", *shown)
        yield make(ChangeKind.RHYTHM, "communication", *shown, words)


def _bounds(before: Kpi, after: Kpi, make: _Maker) -> Iterator[Change]:
    one, other = before.bounds, after.bounds
    if one == other:
        return
    is_looser = _below(other.min, one.min) or _below(one.max, other.max, missing_is_high=True)
    kind = ChangeKind.BOUNDS_LOOSENED if is_looser else ChangeKind.RULES_TIGHTENED
    shown = pair(lambda some: f"{told(some.min) or 'none'} to {told(some.max) or 'none'}", one, other)
    yield make(kind, "bounds", *shown, from_to("What can be true of it", *shown))


def _below(one: Any, other: Any, *, missing_is_high: bool = False) -> bool:
    """Return whether a bound lies below another; one that is missing lies lowest, or highest."""
    if one == other:
        return False
    if one is None or other is None:
        return (other is None) if missing_is_high else (one is None)
    return bool(one < other)


def _dimensions(before: Kpi, after: Kpi, make: _Maker, both: Both) -> Iterator[Change]:
    one, other = ({d.name: d for d in kpi.dimensions} for kpi in (before, after))
    for name in sorted(one.keys() | other.keys()):
        part = f"dimensions.{name}"
        if name not in one:
            words = f"It can be read by `{name}`."
            yield make(ChangeKind.DIMENSION_ADDED, part, None, other[name].path, words)
        elif name not in other:
            words = f"It can no longer be read by `{name}`."
            yield make(ChangeKind.DIMENSION_REMOVED, part, one[name].path, None, words)
        else:
            yield from _dimension(one[name], other[name], make, part)
            is_all = both.changed_since(after.name) == ALWAYS  # then slices of all periods are others, too
            is_own = not _is_same(one[name].expression, other[name].expression)
            if name in both.other_slices(after.name) and not is_all and not is_own:
                yield _passed_on(name, make, part, both)


def _passed_on(dimension: str, make: _Maker, part: str, both: Both) -> Change:
    """Return that slices hold other rows, since what lies behind them was changed."""
    through = both.upstream(make.subject.name)
    hashes = pair(lambda side: side[make.subject.name][dimension], *both.slicing)
    why = f", since {_subjects(through)} {_is_or_are(len(through))} changed" if through else ""
    return make(
        ChangeKind.DIMENSION_CHANGED,
        part,
        *hashes,
        f"Slices by `{dimension}` may hold other rows{why}.",
        through=through,
        effect=TimeEffect.RESTATES,
        proof=Proof.UNKNOWN,
    )


def _dimension(before: Dimension, after: Dimension, make: _Maker, part: str) -> Iterator[Change]:
    if before.person != after.person:
        kind = ChangeKind.PRIVACY_LOWERED if before.person else ChangeKind.RULES_TIGHTENED
        now = "tells people apart" if after.person else "is no longer marked as telling people apart"
        yield make(kind, part, before.person, after.person, f"`{after.name}` {now}.")
    if not _is_same(before.expression, after.expression):
        one, other = (None if d.expression is None else spelled(d.expression) for d in (before, after))
        words = from_to(f"Slices by `{after.name}` are others: it", one, other)
        yield make(
            ChangeKind.DIMENSION_CHANGED,
            part,
            one,
            other,
            words,
            effect=TimeEffect.RESTATES,
            proof=Proof.UNKNOWN,
        )


def _examples(both: Both, make: _Maker) -> Iterator[Change]:
    found = []
    for project in both.sides:
        document = project.documents.get(("kpi", make.subject.name))
        listed = document.data.get("examples") if document else None
        found.append(Counter(_fingerprint(one) for one in listed) if isinstance(listed, list) else Counter())
    gone, new = found[0] - found[1], found[1] - found[0]
    if gone:
        changed = min(gone.total(), new.total())
        kind = ChangeKind.EXAMPLE_CHANGED if changed else ChangeKind.EXAMPLE_REMOVED
        words = (
            f"{_counted(changed, 'worked example')} expects or is given something else."
            if changed
            else f"{_counted(gone.total(), 'worked example')} {_is_or_are(gone.total())} gone."
        )
        yield make(kind, "examples", ", ".join(sorted(gone)), ", ".join(sorted(new)), words)
    elif new:
        words = f"{_counted(new.total(), 'worked example')} {_is_or_are(new.total())} new."
        yield make(ChangeKind.EXAMPLE_ADDED, "examples", None, ", ".join(sorted(new)), words)


def _fingerprint(plain: Any) -> str:
    return fingerprint(plain)[:12]


def _is_or_are(number: int) -> str:
    return "is" if number == 1 else "are"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _waivers(before: Kpi, after: Kpi, make: _Maker) -> Iterator[Change]:
    one, other = ({waiver.probe: waiver for waiver in kpi.waivers} for kpi in (before, after))
    for probe in sorted(one.keys() | other.keys()):
        was, now, part = one.get(probe), other.get(probe), f"waivers.{probe}"
        if was == now:
            continue
        is_more = now is not None and (was is None or now.expires > was.expires)
        kind = ChangeKind.SUPPRESSION if is_more else ChangeKind.DETAILS
        if now is None:
            words = f"`{probe}` is no longer waived."
        elif is_more:
            words = f"`{probe}` is waived until {now.expires}, as {quoted(now.approved_by)} allowed."
        else:
            words = f"The waiver of `{probe}` is another one; it ends on {now.expires}."
        yield make(kind, part, _waiver(was), _waiver(now), words)


def _waiver(waiver: Waiver | None) -> str | None:
    return None if waiver is None else f"until {waiver.expires}, by {waiver.approved_by}: {waiver.reason}"


def _signals(before: Kpi, after: Kpi, make: _Maker) -> Iterator[Change]:
    if before.signals != after.signals:
        one, other = (
            f"{told(kpi.signals.rules) or 'rules of the project'}"
            f"{', by season' if kpi.signals.seasonal else ''}"
            for kpi in (before, after)
        )
        words = from_to("How signals are told from noise", one, other)
        yield make(ChangeKind.SIGNALS, "signals", one, other, words)
    starts = pair(lambda kpi: [change.start for change in kpi.process_changes], before, after)
    if starts[0] != starts[1]:
        shown = pair(lambda some: [start.isoformat() for start in some], *starts)
        words = added_and_gone("Days from which limits of normal variation begin anew", *shown)
        yield make(ChangeKind.PROCESS, "process_changes", *shown, words)
    elif before.process_changes != after.process_changes:
        reasons = pair(lambda kpi: [change.reason for change in kpi.process_changes], before, after)
        words = "The reason of a process change is told in other words."
        yield make(ChangeKind.DETAILS, "process_changes", *reasons, words)


# --- values


def _values(before: Kpi, after: Kpi, make: _Maker, both: Both) -> Iterator[Change]:
    """Yield what was changed of the rule, and whether values follow from what it rests on."""
    name = after.name
    since = both.changed_since(name)
    effect = _effect(both, after, since)
    unit_changed = before.unit != after.unit
    own = list(_rule(before, after, make, both, effect))
    if before.grain is not after.grain:
        own.append(_grain(before, after, make))
    if unit_changed:
        yield _unit(before, after, make, is_converted=since is not None and bool(own))
    yield from own
    yield from _revisions(before, after, make, both, effect)
    upstream = both.upstream(name) if since is not None else ()
    says_itself = any(change.effect is not TimeEffect.NONE for change in own) or both.is_rewritten(
        "kpi", name, ("revisions",)
    )
    is_passed_on = any(one.kind is SubjectKind.KPI for one in upstream) or not says_itself
    if upstream and is_passed_on:
        words = f"It is computed from {_subjects(upstream)}, which {_is_or_are(len(upstream))} changed."
        hashes = pair(lambda side: side[name], *both.hashes)
        yield make(ChangeKind.INDIRECT, "", *hashes, words, through=upstream, proof=Proof.UNKNOWN, **effect)


def _subjects(some: tuple[Subject, ...]) -> str:
    return " and ".join(_subject(one) for one in some)


def _subject(one: Subject) -> str:
    match one.kind:
        case SubjectKind.PROJECT:
            return "the calendar of the project"
        case SubjectKind.DATASET:
            return f"the dataset `{one.name}`"
        case _:
            return f"`{one.name}`"


def _effect(both: Both, kpi: Kpi, since: date | None) -> dict[str, Any]:
    """Return which periods get other values, as arguments of a change."""
    if since is None:
        return {}
    if since == ALWAYS:
        return {"effect": TimeEffect.RESTATES, "flags": (Flag.NO_EFFECTIVE_DATE,)}
    past = since < both.closed_until(kpi.grain)
    return {"effect": TimeEffect.RETRO_DATED if past else TimeEffect.FROM_DATE, "since": since}


def _rule(before: Kpi, after: Kpi, make: _Maker, both: Both, effect: dict[str, Any]) -> Iterator[Change]:
    """Yield the parts of today's rule that were written differently."""
    name = after.name
    is_same = both.same_values(name)
    if both.is_rewritten("kpi", name, ("dataset",)) and before.dataset != after.dataset:
        words = from_to("The dataset", before.dataset, after.dataset)
        yield _part(
            make, is_same, Told(ChangeKind.SOURCE, words), "dataset", before.dataset, after.dataset, effect
        )
    for part, classify in (("where", filter_change), ("expression", formula_change), ("time", _time)):
        if not both.is_rewritten("kpi", name, (part,)):
            continue
        one, other = getattr(before, part), getattr(after, part)
        texts = (_text(before, part), _text(after, part))
        if fingerprint(one) == fingerprint(other):
            if texts[0] != texts[1]:
                words = f"`{part}` is written differently and reads the same."
                yield make(ChangeKind.REFORMATTED, part, *texts, words, proof=Proof.TREE)
        elif is_same or _is_same(one, other):
            words = f"`{part}` is written differently and means the same."
            yield make(ChangeKind.REWRITTEN, part, *texts, words, proof=Proof.CANONICAL)
        else:
            yield _part(make, False, classify(one, other), part, *texts, effect)
    for part, kind, words in (
        ("cohort", ChangeKind.COHORT, "Rows belong to cohorts in another way."),
        ("funnel", ChangeKind.FUNNEL, "The steps of the funnel are others."),
    ):
        if both.is_rewritten("kpi", name, (part,)) and getattr(before, part) != getattr(after, part):
            one, other = (side.documents["kpi", name].data.get(part) for side in both.sides)
            yield _part(make, is_same, Told(kind, words), part, one, other, effect)


def _part(
    make: _Maker, is_same: bool, change: Told, part: str, before: Any, after: Any, effect: dict[str, Any]
) -> Change:
    if is_same:
        words = f"`{part}` is written differently and means the same."
        return make(ChangeKind.REWRITTEN, part, before, after, words, proof=Proof.CANONICAL)
    return make(change.kind, part, before, after, change.words, proof=Proof.UNKNOWN, **effect)


def _is_same(one: Expression | None, other: Expression | None) -> bool:
    """Return whether two expressions mean the same in every state of the data."""
    if one is None or other is None:
        return one is other
    return fingerprint(normal(one)) == fingerprint(normal(other))


def _text(kpi: Kpi, part: str) -> str | None:
    """Return what is written, on one line: white space between words is no change."""
    match part:
        case "expression":
            return on_one_line(kpi.text)
        case "where":
            return None if kpi.where_text is None else on_one_line(kpi.where_text)
        case _:
            return None if kpi.time is None else spelled(kpi.time)


def _time(before: Expression | None, after: Expression | None) -> Told:
    one, other = (None if node is None else spelled(node) for node in (before, after))
    return Told(ChangeKind.TIME, from_to("The time that dates its rows", one, other))


def _grain(before: Kpi, after: Kpi, make: _Maker) -> Change:
    is_coarser = ORDER.index(after.grain) > ORDER.index(before.grain)
    kind = ChangeKind.GRAIN_COARSENED if is_coarser else ChangeKind.WINDOW
    words = from_to("The grain", before.grain, after.grain)
    return make(
        kind, "grain", before.grain, after.grain, words, effect=TimeEffect.RESTATES, proof=Proof.UNKNOWN
    )


def _unit(before: Kpi, after: Kpi, make: _Maker, *, is_converted: bool) -> Change:
    shown = (told(before.unit), told(after.unit))
    if is_converted:
        words = f"{from_to('The unit', *shown)} The expression was changed with it."
        kind, proof = ChangeKind.UNIT_CONVERTED, Proof.UNKNOWN
    else:
        words = f"{from_to('The unit', *shown)} The numbers stay: all of them are now read as something else."
        kind, proof = ChangeKind.UNIT_RELABELLED, Proof.TEXT
    return make(kind, "unit", *shown, words, effect=TimeEffect.RESTATES, proof=proof)


# --- rules that held before


def _revisions(before: Kpi, after: Kpi, make: _Maker, both: Both, effect: dict[str, Any]) -> Iterator[Change]:
    """Yield what was changed of earlier rules, but for the one that keeps what today's rule was."""
    if not both.is_rewritten("kpi", after.name, ("revisions",)):
        return
    one, other = (
        [(rule.until, rule.hash) for rule in rules(kpi, project)]
        for kpi, project in zip(_normals(both, after.name), both.normal, strict=True)
    )
    kept = [pair for pair in other[:-1] if pair[1] != one[-1][1] or pair in one[:-1]]
    earlier = one[:-1]
    shown = pair(lambda kpi: [revision.until.isoformat() for revision in kpi.revisions], before, after)
    if one != other and both.changed_since(after.name) is None:
        words = "Earlier rules are written differently and mean the same."
        yield make(ChangeKind.REWRITTEN, "revisions", *shown, words, proof=Proof.CANONICAL)
        return
    if kept == earlier:
        if before.revisions != after.revisions and len(other) == len(one):
            words = "Why it was computed by another rule is told in other words."
            yield make(ChangeKind.DETAILS, "revisions", *_reasons(before, after), words)
        return
    if len(kept) < len(earlier):
        kind, words = ChangeKind.REVISION_REMOVED, "An earlier rule is gone: its periods get today's."
    elif len(kept) > len(earlier):
        kind, words = ChangeKind.REVISION_ADDED, "Periods of the past get a rule of their own."
    else:
        kind, words = ChangeKind.REVISION_MOVED, "An earlier rule ends at another time, or is another one."
    yield make(kind, "revisions", *shown, words, proof=Proof.UNKNOWN, **effect)


def _normals(both: Both, name: str) -> tuple[Kpi, Kpi]:
    one, other = both.normal
    return one.kpis[name], other.kpis[name]


def _reasons(before: Kpi, after: Kpi) -> tuple[str, str]:
    return pair(lambda kpi: "; ".join(revision.reason for revision in kpi.revisions), before, after)


def renamed(both: Both, gone: set[str], new: set[str]) -> dict[str, str]:
    """Return by old name the new one of KPIs that were renamed: all else, or the title, is the same."""
    found: dict[str, str] = {}
    bodies: dict[str, list[str]] = {}
    for name in sorted(new):
        bodies.setdefault(_body(both.head.project.kpis[name]), []).append(name)
    for name in sorted(gone):
        same = bodies.get(_body(both.base.project.kpis[name]), [])
        if same:
            found[name] = same.pop(0)
    left = (
        _by_title(both.base.project, gone - found.keys()),
        _by_title(both.head.project, new - {*found.values()}),
    )
    return found | {left[0][title]: left[1][title] for title in left[0].keys() & left[1].keys()}


def _by_title(project: Project, names: set[str]) -> dict[str, str]:
    """Return by title the KPIs that no other of them shares it with: who renames one seldom changes both."""
    titles = Counter(project.kpis[name].title for name in names)
    return {project.kpis[name].title: name for name in names if titles[project.kpis[name].title] == 1}


def _body(kpi: Kpi) -> str:
    """Return what a KPI is but for its name and title."""
    return fingerprint(replace(kpi, name="", title="", revisions=()))
