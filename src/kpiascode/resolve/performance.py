"""Check-ins, reviews, meetings, plans, feedback and thanks: what a document says about one.

The same kinds stand in the open repository and in the restricted folder. What names a person belongs to the
second, and there says why it is kept and until when.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from kpiascode.model.calendar import Calendar, Grain
from kpiascode.model.performance import (
    Action,
    CheckIn,
    Competency,
    Deadline,
    FeedbackQuestion,
    FeedbackRound,
    Group,
    ImprovementPlan,
    Keeping,
    LawfulBasis,
    Milestone,
    OneOnOneSeries,
    Outcome,
    Person,
    PersonRef,
    PlanResult,
    Questions,
    Recognition,
    RecognitionProgram,
    ReviewCycle,
    ReviewTemplate,
    Role,
    Scale,
    SubjectOfPlan,
    SuccessTest,
    Thanked,
    Value,
)
from kpiascode.model.project import Direction, Goal, Kpi, Level, OrgUnit, unit_and_above
from kpiascode.resolve.known import Known
from kpiascode.resolve.reader import Reader
from kpiascode.resolve.slices import resolve_slice

HUNDRED = Decimal(100)
YEARS = range(1000, 9000)
"""Those in which every calendar knows all its periods."""
K = 5
"""Of how many at least something is told. Lattice and 15Five begin with the same number."""


# --- whose it is


def keeping(reader: Reader, *, names_person: bool) -> Keeping | None:
    """Return why a document of a person is kept; report one that does not say, or stands in the open."""
    if names_person and not reader.restricted:
        reader.report(
            "person-in-open-repository",
            "What belongs to a person does not stand in the open repository.",
            ("name",),
            "Move the document to the restricted folder.",
        )
        return None
    missing = [key for key in ("purpose", "lawful_basis", "retention_until") if not reader.has(key)]
    if reader.restricted and missing:
        reader.report(
            "keeping-not-told",
            f"The document does not say `{missing[0]}`.",
            ("name",),
            "What belongs to a person says `purpose`, `lawful_basis` and `retention_until`.",
        )
        return None
    if missing:
        return None
    return Keeping(
        purpose=reader.text("purpose"),
        basis=LawfulBasis(reader.text("lawful_basis")),
        until=reader.date("retention_until"),
    )


def _role(reader: Reader, known: Known, *where: str | int) -> Role:
    """Return an owner, or a person; report one that leads nowhere."""
    if isinstance(reader.get(*where), dict):
        known.check(reader, "person", *where, "person")
        return PersonRef(reader.text(*where, "person"))
    known.check(reader, "owner", *where)
    return reader.text(*where)


def _span(reader: Reader, key: str) -> tuple[date, date]:
    start, end = reader.date(key, "from"), reader.date(key, "to")
    if start >= end:
        reader.report(
            "empty-period",
            f"It ends on {end}, which is not after its start.",
            (key, "to"),
            "Spans are half-open: a quarter is {from: 2026-01-01, to: 2026-04-01}.",
        )
    return start, end


def _dates(reader: Reader, key: str) -> tuple[date, ...]:
    return tuple(sorted(date.fromisoformat(text) for text in reader.texts(key)))


# --- goals


def milestones(reader: Reader, start: date, end: date) -> Iterator[Milestone]:
    """Yield the milestones of a goal that runs from `start` to `end`; report those that are due outside."""
    for position in range(reader.length("milestones")):
        where = ("milestones", position)
        weight = reader.number(*where, "weight")
        due = reader.date(*where, "due")
        if not start <= due < end:
            reader.report(
                "milestone-outside-goal",
                f"The goal runs from {start} to {end}, and {due} lies outside.",
                (*where, "due"),
                "A milestone is due by the end of a day of its goal.",
            )
        yield Milestone(
            title=reader.text(*where, "title"),
            due=due,
            done_on=reader.optional_date(*where, "done_on"),
            weight=Decimal(1) if weight is None else weight,
            place=reader.document.place((*where, "title")),
        )


def resolve_check_in(reader: Reader, goals: Mapping[str, Goal], known: Known) -> CheckIn | None:
    for kind in ("goal", "kpi"):
        known.check(reader, kind, kind)
    known.check(reader, "owner", "by")
    goal = goals.get(reader.text_or("", "goal"))
    if goal is not None and not reader.has("confidence"):
        reader.report(
            "confidence-not-told",
            "A check-in on a goal says how sure its owner is.",
            ("goal",),
            "Add `confidence`, from 0 (it will certainly not be reached) to 10.",
        )
    as_of = reader.date("as_of")
    if goal is not None and as_of <= goal.start:
        reader.report(
            "check-in-before-goal",
            f"On {as_of} nothing of the goal's period was to be seen, which begins on {goal.start}.",
            ("as_of",),
            "`as_of` is the first day that was not seen any more.",
        )
    if reader.broken:
        return None
    return CheckIn(
        name=reader.name,
        goal=reader.optional("goal"),
        kpi=reader.optional("kpi"),
        as_of=as_of,
        by=reader.text("by"),
        confidence=reader.whole("confidence"),
        note=reader.text_or("", "note"),
        decision=reader.text_or("", "decision"),
        blockers=reader.texts("blockers"),
        place=reader.place,
    )


# --- reviews


def resolve_template(reader: Reader) -> ReviewTemplate | None:
    competencies = tuple(
        Competency(
            title=reader.text("competencies", position, "title"),
            description=reader.text_or("", "competencies", position, "description"),
            weight=reader.number("competencies", position, "weight") or Decimal(0),
        )
        for position in range(reader.length("competencies"))
    )
    total = sum((one.weight for one in competencies), Decimal(0))
    if competencies and total != HUNDRED:
        reader.report(
            "weights-not-a-hundred",
            f"The weights of the competencies add up to {total.normalize():f}, and not to 100.",
            ("competencies",),
            "Change them so that together they are 100.",
            at_key=True,
        )
        return None
    return ReviewTemplate(
        name=reader.name,
        title=reader.text("title"),
        description=reader.text_or("", "description"),
        sections=tuple(
            Questions(
                title=reader.text("sections", position, "title"),
                questions=reader.texts("sections", position, "questions"),
            )
            for position in range(reader.length("sections"))
        ),
        competencies=competencies,
        place=reader.place,
    )


def resolve_cycle(reader: Reader, units: Mapping[str, OrgUnit], known: Known) -> ReviewCycle | None:
    known.check(reader, "owner", "owner")
    known.check(reader, "review_template", "template")
    known.check(reader, "org_unit", "org_units")
    known.check(reader, "org_unit", "visibility")
    known.check(reader, "kpi", "kpis")
    start, end = _span(reader, "period")
    visible = frozenset(reader.texts("visibility"))

    def may_see(unit: str) -> bool:
        return not visible or not visible.isdisjoint(unit_and_above(units, unit))

    for position, unit in enumerate(reader.texts("org_units")):
        if unit in units and not may_see(unit):
            reader.report(
                "review-not-visible",
                f"`{unit}` is reviewed, and its people may not see the review.",
                ("org_units", position),
                "Add it to `visibility`, or leave it out here.",
            )
    if reader.broken:
        return None
    usual = (
        name for name, unit in units.items() if unit.level in (Level.DEPARTMENT, Level.TEAM) and may_see(name)
    )
    return ReviewCycle(
        name=reader.name,
        title=reader.text("title"),
        owner=reader.text("owner"),
        start=start,
        end=end,
        template=reader.text("template"),
        org_units=reader.texts("org_units") or tuple(usual),
        kpis=reader.texts("kpis"),
        deadlines=tuple(
            Deadline(
                title=reader.text("deadlines", position, "title"),
                due=reader.date("deadlines", position, "due"),
            )
            for position in range(reader.length("deadlines"))
        ),
        visibility=reader.texts("visibility"),
        place=reader.place,
    )


def resolve_series(reader: Reader, known: Known) -> OneOnOneSeries | None:
    manager, report = _role(reader, known, "manager"), _role(reader, known, "report")
    known.check(reader, "goal", "goals")
    known.check(reader, "kpi", "kpis")
    if manager == report:
        reader.report(
            "meets-itself", "Nobody meets themselves.", ("report",), "Name two different ones.", at_key=True
        )
    names_person = isinstance(manager, PersonRef) or isinstance(report, PersonRef)
    kept = keeping(reader, names_person=names_person)
    if reader.broken:
        return None
    return OneOnOneSeries(
        name=reader.name,
        title=reader.text("title"),
        manager=manager,
        report=report,
        every=reader.every("every"),
        first=reader.date("from"),
        met_on=_dates(reader, "met_on"),
        sections=reader.texts("sections"),
        goals=reader.texts("goals"),
        kpis=reader.texts("kpis"),
        keeping=kept,
        place=reader.place,
    )


# --- improvement plans


def resolve_plan(
    reader: Reader, kpis: Mapping[str, Kpi], goals: Mapping[str, Goal], known: Known, calendar: Calendar
) -> ImprovementPlan | None:
    subject = next(kind for kind in SubjectOfPlan if reader.has("subject", kind.value))
    known.check(reader, subject.value, "subject", subject.value)
    known.check(reader, "owner", "owner")
    known.check(reader, "owner", "hr_reviewer")
    known.check(reader, "org_unit", "visibility")
    opened, ends = _plan_span(reader)
    changed = _changed(reader, opened, ends)
    _check_reviews(reader, opened, ends)
    outcome = _outcome(reader, opened)
    kept = keeping(reader, names_person=subject is SubjectOfPlan.PERSON)
    over = ends if outcome is None else min(ends, outcome.day)
    if kept is not None and kept.until <= over:
        reader.report(
            "kept-too-short",
            f"The plan runs until {over}, and may be kept until {kept.until} only.",
            ("retention_until",),
            "Nothing is made of what may not be kept: let it be kept until it has been talked about.",
        )
    _check_person(reader, subject)
    actions = tuple(_actions(reader, known))
    standard = _standard(reader, goals, known)
    success = _success(reader, kpis, known)
    if success is not None and not reader.broken:
        _check_length(reader, success, kpis[success.kpi].grain, changed or opened, ends, calendar)
    if reader.broken or success is None:
        return None
    return ImprovementPlan(
        name=reader.name,
        title=reader.text("title"),
        owner=reader.text("owner"),
        subject=(subject, reader.text("subject", subject.value)),
        opened_on=opened,
        ends_on=ends,
        trigger=reader.text_or("", "trigger"),
        current=reader.text("current"),
        required=reader.text("required"),
        standard=standard,
        actions=actions,
        support=reader.text_or("", "support"),
        reviews=_dates(reader, "reviews"),
        changed_on=changed,
        success=success,
        outcome=outcome,
        opened_with_employee=reader.optional_date("opened_with_employee"),
        hr_reviewer=reader.optional("hr_reviewer"),
        visibility=reader.texts("visibility"),
        keeping=kept,
        place=reader.place,
    )


def _plan_span(reader: Reader) -> tuple[date, date]:
    opened, ends = reader.date("opened_on"), reader.date("ends_on")
    if ends <= opened:
        reader.report(
            "empty-period",
            f"The plan ends on {ends}, which is not after its start.",
            ("ends_on",),
            "`ends_on` is the first day after it.",
        )
    for key, one in (("opened_on", opened), ("ends_on", ends)):
        if one.year not in YEARS:
            reader.report(
                "date-out-of-range",
                f"No plan is meant to be there in the year {one.year}.",
                (key,),
                f"Choose a day from {YEARS.start} to {YEARS.stop - 1}.",
            )
    return opened, ends


def _changed(reader: Reader, opened: date, ends: date) -> date | None:
    changed = reader.optional_date("changed_on")
    if changed is not None and not opened <= changed < ends:
        reader.report(
            "change-outside-plan",
            f"The plan runs from {opened} to {ends}, and {changed} lies outside.",
            ("changed_on",),
            "What was changed before it began is no part of it: leave `changed_on` out, or open it earlier.",
        )
    return changed


def _outcome(reader: Reader, opened: date) -> Outcome | None:
    if not reader.has("outcome"):
        return None
    outcome = Outcome(
        result=PlanResult(reader.text("outcome", "result")),
        day=reader.date("outcome", "day"),
        note=reader.text_or("", "outcome", "note"),
    )
    if outcome.day < opened:
        reader.report("outcome-before-plan", "The plan has an outcome before it begins.", ("outcome", "day"))
    return outcome


def _check_reviews(reader: Reader, opened: date, ends: date) -> None:
    for position, text in enumerate(reader.texts("reviews")):
        if not opened <= date.fromisoformat(text) <= ends:
            reader.report(
                "review-outside-plan",
                f"The plan runs from {opened} to {ends}, and {text} lies outside.",
                ("reviews", position),
                "It is looked at while it runs, the last time on the day after it.",
            )


def _check_length(
    reader: Reader, success: SuccessTest, grain: Grain, start: date, end: date, calendar: Calendar
) -> None:
    """Report a test that cannot be passed: fewer whole periods lie in the plan than it looks at."""
    there = calendar.whole(grain, start, end)
    if there < success.periods:
        reader.report(
            "plan-too-short",
            f"The test looks at {success.periods} whole periods ({grain.value}), and from {start} to {end} "
            f"there {'is' if there == 1 else 'are'} {there}.",
            ("success", "periods"),
            "Let the plan run longer, or look at fewer periods.",
        )


def _check_person(reader: Reader, subject: SubjectOfPlan) -> None:
    """Report what a plan for a person lacks, and what only such a plan may say."""
    if subject is not SubjectOfPlan.PERSON:
        return
    for key, why in (
        ("opened_with_employee", "It is talked through with the person before it begins."),
        ("hr_reviewer", "Somebody in human resources looks over it."),
        ("support", "It says what help is given."),
    ):
        if not reader.has(key):
            reader.report(
                "person-plan-incomplete",
                f"A plan for a person says `{key}`.",
                ("subject", "person"),
                why,
            )
    if reader.has("hr_reviewer") and reader.text("hr_reviewer") == reader.text("owner"):
        reader.report(
            "person-plan-incomplete",
            "Whoever answers for the plan cannot look it over as well.",
            ("hr_reviewer",),
            "Name an owner in human resources.",
        )
    if reader.has("trigger"):
        reader.report(
            "person-plan-triggered",
            "No number sets off a plan for a person.",
            ("trigger",),
            "Say in `current` what was seen, and leave `trigger` out.",
            at_key=True,
        )
    opened = reader.date("opened_on")
    if reader.has("opened_with_employee") and reader.date("opened_with_employee") > opened:
        reader.report(
            "person-plan-incomplete",
            "The plan begins before it was talked through with the person.",
            ("opened_with_employee",),
            f"It begins on {opened}.",
        )


def _actions(reader: Reader, known: Known) -> Iterator[Action]:
    for position in range(reader.length("actions")):
        where = ("actions", position)
        who = _role(reader, known, *where, "who")
        if isinstance(who, PersonRef) and not reader.restricted:
            keeping(reader, names_person=True)
        yield Action(
            what=reader.text(*where, "what"),
            who=who,
            due=reader.date(*where, "due"),
            done_on=reader.optional_date(*where, "done_on"),
        )


def _standard(reader: Reader, goals: Mapping[str, Goal], known: Known) -> tuple[str, str] | None:
    if not reader.has("standard"):
        return None
    known.check(reader, "goal", "standard", "goal")
    known.check(reader, "kpi", "standard", "kpi")
    names = reader.text("standard", "goal"), reader.text("standard", "kpi")
    goal = goals.get(names[0])
    if goal is not None and all(result.kpi != names[1] for result in goal.results):
        reader.report(
            "no-such-target",
            f"`{names[0]}` has no result for `{names[1]}`.",
            ("standard", "kpi"),
            "Name a KPI of which the goal wants something.",
        )
    return names


def _success(reader: Reader, kpis: Mapping[str, Kpi], known: Known) -> SuccessTest | None:
    known.check(reader, "kpi", "success", "kpi")
    kpi = kpis.get(reader.text("success", "kpi"))
    if kpi is None:
        reader.broken = True
        return None
    sliced = tuple(resolve_slice(reader, ("success",), kpi))
    persons = {dimension.name for dimension in kpi.dimensions if dimension.person}
    for name, _ in sliced:
        if name in persons:
            reader.report(
                "number-of-one-person",
                f"`{name}` tells persons apart, and no number of one person is judged.",
                ("success", "slice", name),
                "Measure what the team has reached, and say in `current` and `required` what is expected.",
                at_key=True,
            )
    test = SuccessTest(
        kpi=kpi.name,
        slice=sliced,
        at_least=reader.number("success", "at_least"),
        at_most=reader.number("success", "at_most"),
        periods=reader.whole("success", "periods") or 1,
    )
    _check_bound(reader, kpi, test)
    return test


def _check_bound(reader: Reader, kpi: Kpi, test: SuccessTest) -> None:
    """Report a test that what is worse would pass, or that no value can tell from another."""
    key, number = ("at_most", test.at_most) if test.at_least is None else ("at_least", test.at_least)
    against = {"at_most": Direction.HIGHER, "at_least": Direction.LOWER}[key]
    if kpi.direction is against:
        other = {"at_most": "at_least", "at_least": "at_most"}[key]
        reader.report(
            "target-on-wrong-side",
            f"`{kpi.name}` is better {kpi.direction.value}, and the test is passed by what is worse.",
            ("success", key),
            f"Write `{other}`, or correct the KPI's `direction`.",
            at_key=True,
        )
    if number is not None and not kpi.bounds.hold(number):
        fraction = kpi.unit.name == "percent" and abs(number) > 1
        reader.report(
            "test-outside-bounds",
            f"`{kpi.name}` never has the value {number}, by its `bounds`.",
            ("success", key),
            f"A percent is written as a fraction: {number} % is {number / 100}."
            if fraction
            else "Correct the number, or the `bounds` of the KPI.",
        )


# --- feedback


def resolve_round(reader: Reader, known: Known) -> FeedbackRound | None:
    known.check(reader, "owner", "owner")
    about: Role = reader.text_or("", "about", "org_unit")
    if reader.has("about", "person"):
        about = PersonRef(reader.text("about", "person"))
    known.check(
        reader, "person" if isinstance(about, PersonRef) else "org_unit", "about", *reader.names("about")
    )
    kept = keeping(reader, names_person=isinstance(about, PersonRef))
    start, end = _span(reader, "window")
    names = [reader.text("questions", position, "name") for position in range(reader.length("questions"))]
    for position, name in enumerate(names):
        if name in (*names[:position], "respondent", "group", "moderated"):
            reader.report(
                "repeated-question",
                f"Another column of the export is called `{name}`.",
                ("questions", position, "name"),
                "Each question has a name of its own; `respondent`, `group` and `moderated` are taken.",
            )
    questions = tuple(_question(reader, position) for position in range(len(names)))
    if reader.broken:
        return None
    return FeedbackRound(
        name=reader.name,
        title=reader.text("title"),
        owner=reader.text("owner"),
        about=about,
        start=start,
        end=end,
        groups=tuple(dict.fromkeys(Group(text) for text in reader.texts("groups"))),
        questions=questions,
        k=reader.whole("anonymity", "k") or K,
        moderated=reader.text_or("none", "anonymity", "free_text") == "moderated",
        keeping=kept,
        place=reader.place,
    )


def _question(reader: Reader, position: int) -> FeedbackQuestion:
    where = ("questions", position)
    scale = None
    if reader.has(*where, "scale"):
        low, high = reader.whole(*where, "scale", "from") or 0, reader.whole(*where, "scale", "to") or 0
        labels = reader.texts(*where, "scale", "labels")
        steps = high - low + 1
        if not 2 <= steps <= 11:
            reader.report(
                "scale-of-no-use",
                f"A scale from {low} to {high} has {max(steps, 0)} steps.",
                (*where, "scale"),
                "It has two to eleven; `from` lies below `to`.",
            )
        elif labels and len(labels) != steps:
            reader.report(
                "scale-of-no-use",
                f"The scale has {steps} steps and {len(labels)} labels.",
                (*where, "scale", "labels"),
                "Give each step one, the lowest first, or none at all.",
            )
        scale = Scale(low=low, high=high, labels=labels)
    return FeedbackQuestion(name=reader.text(*where, "name"), title=reader.text(*where, "title"), scale=scale)


# --- thanks


def resolve_program(reader: Reader, known: Known) -> RecognitionProgram | None:
    known.check(reader, "owner", "owner")
    known.check(reader, "kpi", "kpis")
    names = [reader.text("values", position, "name") for position in range(reader.length("values"))]
    for position, name in enumerate(names):
        if name in names[:position]:
            reader.report(
                "repeated-value",
                f"The program has another value `{name}`.",
                ("values", position, "name"),
                "Each value has a name of its own.",
            )
    start, end = _span(reader, "window") if reader.has("window") else (None, None)
    if reader.broken:
        return None
    return RecognitionProgram(
        name=reader.name,
        title=reader.text("title"),
        owner=reader.text("owner"),
        description=reader.text_or("", "description"),
        values=tuple(
            Value(
                name=reader.text("values", position, "name"),
                title=reader.text("values", position, "title"),
                description=reader.text_or("", "values", position, "description"),
            )
            for position in range(reader.length("values"))
        ),
        start=start,
        end=end,
        budget_note=reader.text_or("", "budget_note"),
        kpis=reader.texts("kpis"),
        place=reader.place,
    )


def resolve_recognition(
    reader: Reader, programs: Mapping[str, RecognitionProgram], known: Known
) -> Recognition | None:
    known.check(reader, "recognition_program", "program")
    known.check(reader, "owner", "by")
    given = [kind for kind in Thanked if reader.has("to", kind.value)]
    if len(given) != 1 or (given != [Thanked.PERSON] and len(reader.names("to")) > 1):
        reader.report(
            "thanks-one",
            "Thanks go to one: a role, a unit, or a person who agreed to be named.",
            ("to",),
            'Write `{owner: ...}`, `{org_unit: ...}` or `{person: "@handle", consent_on: 2026-03-02}`.',
        )
        return None
    if given[0] is not Thanked.PERSON:
        known.check(reader, given[0].value, "to", given[0].value)
    else:
        _check_consent(reader)
    for key, kind in (
        ("goals", "goal"),
        ("kpis", "kpi"),
        ("check_ins", "check_in"),
        ("visibility", "org_unit"),
    ):
        known.check(reader, kind, key)
    program, value = programs.get(reader.text("program")), reader.text("value")
    if program is not None and all(one.name != value for one in program.values):
        reader.report(
            "unknown-value",
            f"`{program.name}` has no value `{value}`.",
            ("value",),
            f"It has {', '.join(f'`{one.name}`' for one in program.values)}.",
        )
    day = reader.date("day")
    if program is not None and not (program.start or day) <= day < (program.end or date.max):
        reader.report(
            "outside-window",
            f"`{program.name}` takes no recognitions on {day}.",
            ("day",),
            f"Its window goes from {program.start} to {program.end}.",
        )
    if reader.broken:
        return None
    return Recognition(
        name=reader.name,
        program=reader.text("program"),
        to=(given[0], reader.text("to", given[0].value)),
        consent_on=reader.optional_date("to", "consent_on"),
        withdrawn_on=reader.optional_date("to", "withdrawn_on"),
        by=reader.text("by"),
        day=day,
        value=value,
        reason=reader.text("reason"),
        goals=reader.texts("goals"),
        kpis=reader.texts("kpis"),
        check_ins=reader.texts("check_ins"),
        visibility=reader.texts("visibility"),
        place=reader.place,
    )


def _check_consent(reader: Reader) -> None:
    if not reader.has("to", "consent_on"):
        reader.report(
            "consent-not-told",
            "A person is named only after they have agreed to it.",
            ("to", "person"),
            "Add `consent_on`, the day on which they did.",
        )
    elif reader.has("to", "withdrawn_on") and reader.date("to", "withdrawn_on") <= reader.date(
        "to", "consent_on"
    ):
        reader.report(
            "consent-not-told",
            "The person has withdrawn what they had not agreed to yet.",
            ("to", "withdrawn_on"),
            "`withdrawn_on` lies after `consent_on`.",
        )


def resolve_person(reader: Reader, known: Known) -> Person | None:
    known.check(reader, "org_unit", "org_unit")
    known.check(reader, "owner", "role")
    kept = keeping(reader, names_person=True)
    if reader.broken or kept is None:
        return None
    return Person(
        name=reader.name,
        title=reader.text("title"),
        org_unit=reader.text("org_unit"),
        role=reader.optional("role"),
        contact=reader.text_or("", "contact"),
        keeping=kept,
        place=reader.place,
    )
