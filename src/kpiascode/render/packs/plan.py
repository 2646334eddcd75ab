"""An improvement plan on one page: why, where to, who does what, and whether it has worked.

Of a plan for a person there is no chart and no verdict: it says what is expected, what help is given, when.
"""

from collections.abc import Iterator
from typing import Final

from markupsafe import Markup

from kpiascode.model.assessment import Assessment, PlanAssessment, Private
from kpiascode.model.performance import Action, ImprovementPlan, Keeping, PersonRef, SubjectOfPlan
from kpiascode.model.project import Goal, Kpi, Result
from kpiascode.model.signals import Limits
from kpiascode.render.charts.lines import Drawing, Level, Natural, Notes, line_chart
from kpiascode.render.charts.series import Point
from kpiascode.render.links import owner_title
from kpiascode.render.numbers import amount, axis
from kpiascode.render.packs.blocks import (
    Blank,
    Block,
    Cell,
    Column,
    Facts,
    Item,
    Items,
    Pack,
    Paragraph,
    Picture,
    Section,
    Table,
)
from kpiascode.render.packs.meeting import name_of
from kpiascode.render.pages.goal import in_time
from kpiascode.render.pages.results import slice_words, wanted_words
from kpiascode.render.plans import (
    PLAN_VERDICT,
    bound,
    bound_words,
    moved_words,
    outcome_words,
    subject_link,
    test_words,
    value_words,
)
from kpiascode.render.usual import clipped
from kpiascode.render.words import Word, axis_label, day, last_day, listing, period, sentence

DONE: Final = Word("Done", "●", "good")
LATE: Final = Word("Overdue", "■", "act")
NOT_DONE: Final = Word("Not done", "–", "none")
"""Of a plan that is closed: nobody is waiting for it any more."""
OPEN: Final = Word("Open", "○", "none")


def plan_pack(plan: ImprovementPlan, private: Private) -> Pack:
    """Return the page of a plan for a KPI, a goal or a unit, or the document of one for a person."""
    if plan.subject[0] is SubjectOfPlan.PERSON:
        return _of_person(plan, private)
    judged = private.judged
    assessed, kpi = judged.plans[plan.name], judged.project.kpis[plan.success.kpi]
    return Pack(
        sort="Improvement plan",
        title=plan.title,
        about=_about(plan, judged, f"for {subject_link(plan, judged).text}"),
        wide=True,
        sections=(
            Section(title="Why", blocks=(_why(plan, judged),), half=True),
            Section(title="What is done", blocks=tuple(_done(plan, private)), half=True),
            Section(title="Before and after", blocks=_before_and_after(plan, kpi, assessed)),
            Section(title="Has it worked?", blocks=(_test(plan, kpi, assessed),), half=True),
            Section(title="Outcome", blocks=tuple(_outcome(plan, assessed, judged)), half=True),
        ),
    )


def _quoted(plan: ImprovementPlan, private: Private) -> Iterator[Keeping | None]:
    """Yield until when the documents may be kept that a letter quotes: the plan, and those whom it names."""
    persons = private.restricted.persons
    yield plan.keeping
    for name in (
        plan.subject[1],
        *(one.who.person for one in plan.actions if isinstance(one.who, PersonRef)),
    ):
        yield persons[name].keeping if name in persons else None


def _of_person(plan: ImprovementPlan, private: Private) -> Pack:
    judged, person = private.judged, private.restricted.persons.get(plan.subject[1])
    name = plan.subject[1] if person is None else person.title
    kpi, assessed = judged.project.kpis[plan.success.kpi], judged.plans[plan.name]
    hr = "" if plan.hr_reviewer is None else owner_title(judged.project, plan.hr_reviewer)
    named = (name, owner_title(judged.project, plan.owner), *((hr,) if hr else ()))
    opened = "" if plan.opened_with_employee is None else day(plan.opened_with_employee)
    return Pack(
        sort="Improvement plan",
        title=plan.title,
        about=(
            *_about(plan, judged, f"for {name}"),
            f"Talked through with {name} on {opened} · looked over by {hr}",
        ),
        private=f"For {listing(list(dict.fromkeys(named)))} only.",
        until=min((one.until for one in _quoted(plan, private) if one is not None), default=None),
        sections=(
            Section(title="What is expected", blocks=tuple(_expected(plan, judged))),
            Section(title="Where it stands", blocks=(Paragraph(plan.current),)),
            Section(title="What help is given", blocks=(Paragraph(plan.support),)),
            Section(title="What is done", blocks=(_actions(plan, private),)),
            Section(
                title="When it is reached",
                blocks=(
                    Paragraph(f"{test_words(plan.success, kpi)}."),
                    Facts(tuple(_values(plan, kpi, assessed))),
                    Paragraph(
                        "A number does not say why. What it means is talked about, and nobody is rated.",
                        "soft",
                    ),
                ),
            ),
            Section(title="We look at it together", blocks=(_reviews(plan),)),
            Section(
                title="What we say to it",
                blocks=(Blank(name, 4), Blank(owner_title(judged.project, plan.owner), 4)),
            ),
        ),
        foot=() if plan.keeping is None else (f"Kept for: {plan.keeping.purpose}",),
    )


def _about(plan: ImprovementPlan, judged: Assessment, subject: str) -> tuple[str, ...]:
    owner = owner_title(judged.project, plan.owner)
    return (f"{subject} · answered for by {owner} · {day(plan.opened_on)} to {last_day(plan.ends_on)}",)


# --- why, and where to


def _why(plan: ImprovementPlan, judged: Assessment) -> Facts:
    told = (
        ("What set it off", Cell(text=plan.trigger)),
        ("Where it stood", Cell(text=plan.current)),
        ("What is expected", Cell(text=plan.required, note=_standard(plan, judged))),
    )
    return Facts(tuple((name, cell) for name, cell in told if cell.text))


def _expected(plan: ImprovementPlan, judged: Assessment) -> Iterator[Block]:
    yield Paragraph(plan.required)
    if told := _standard(plan, judged):
        yield Paragraph(told)


def _standard(plan: ImprovementPlan, judged: Assessment) -> str:
    """Return the declared target that it rests on; empty where it rests on none."""
    if plan.standard is None:
        return ""
    goal, kpi = judged.project.goals.get(plan.standard[0]), judged.project.kpis.get(plan.standard[1])
    if goal is None or kpi is None:
        return ""
    found = [_target_of(result, goal, kpi, judged) for result in goal.results if result.kpi == kpi.name]
    return f"The standard is the target of “{goal.title}”. {' '.join(found)}"


def _target_of(result: Result, goal: Goal, kpi: Kpi, judged: Assessment) -> str:
    told = (
        f"{wanted_words(one.target, kpi, judged)} {one.for_only or f'from {day(one.target.start)}'}"
        for one in in_time(result, goal, judged)
    )
    of = f"{kpi.title} ({slice_words(result.slice)})" if result.slice else kpi.title
    return sentence(f"{of}: {', '.join(told)}")


def _done(plan: ImprovementPlan, private: Private) -> Iterator[Block]:
    yield _actions(plan, private)
    told = (
        ("Help", Cell(text=plan.support)),
        ("Looked at on", Cell(text=listing([day(one) for one in plan.reviews]))),
    )
    if facts := tuple((name, cell) for name, cell in told if cell.text):
        yield Facts(facts)


def _reviews(plan: ImprovementPlan) -> Items:
    return Items(
        tuple(Item(text=day(one), boxed=True) for one in plan.reviews), "No day is set to look at it."
    )


def _actions(plan: ImprovementPlan, private: Private) -> Table:
    today = private.judged.as_of.date()
    return Table(
        caption="Actions",
        columns=(
            Column("What", wide=4),
            Column("Who", wide=3),
            Column("By", wide=3),
            Column("State", wide=3),
        ),
        rows=tuple(
            (
                Cell(text=action.what),
                Cell(text=name_of(action.who, private.restricted, private.judged.project)),
                Cell(text=day(action.due)),
                Cell(
                    word=_state(action, plan, private),
                    note=day(action.done_on) if _is_done(action, private) and action.done_on else "",
                ),
            )
            for action in plan.actions
        ),
        empty=f"Nothing is planned by {day(today)}.",
    )


def _is_done(action: Action, private: Private) -> bool:
    """Return whether it was done by now; what is noted of a later day is not known yet."""
    return action.done_on is not None and action.done_on <= private.judged.as_of.date()


def _state(action: Action, plan: ImprovementPlan, private: Private) -> Word:
    if _is_done(action, private):
        return DONE
    today = private.judged.as_of.date()
    if plan.outcome is not None and plan.outcome.day <= today:
        return NOT_DONE
    return LATE if action.due < today else OPEN


# --- whether it has worked


def _test(plan: ImprovementPlan, kpi: Kpi, assessed: PlanAssessment) -> Facts:
    return Facts(
        (
            ("Test", Cell(text=test_words(plan.success, kpi))),
            ("So far", Cell(word=PLAN_VERDICT[assessed.verdict])),
            *_values(plan, kpi, assessed),
        )
    )


def _values(plan: ImprovementPlan, kpi: Kpi, assessed: PlanAssessment) -> Iterator[tuple[str, Cell]]:
    """Yield the values that the test looks at, by their periods."""
    words = {True: "reached", False: "not reached", None: ""}
    for one in assessed.tested:
        yield period(one.period), Cell(text=value_words(one, plan.success, kpi), note=words[one.reached])


def _outcome(plan: ImprovementPlan, assessed: PlanAssessment, judged: Assessment) -> Iterator[Block]:
    told = outcome_words(plan, assessed, judged)
    if not told and plan.opened_on >= judged.as_of.date():
        yield Paragraph(f"It begins on {day(plan.opened_on)}.")
        return
    if not told:
        yield Paragraph(
            "The plan is over, and nobody has said what came of it." if assessed.over else "The plan runs."
        )
        yield Blank("What came of it?", 3)
        return
    yield Paragraph(told, "t-act" if assessed.agrees is False else "")


# --- the picture


def _before_and_after(plan: ImprovementPlan, kpi: Kpi, assessed: PlanAssessment) -> tuple[Block, ...]:
    points = (*assessed.before.points, *assessed.after.points)
    told = moved_words(plan, assessed, kpi)
    if all(point.value is None for point in points):
        return (Paragraph(told),)
    return (Picture(_chart(plan, kpi, assessed), f"{told} {_usual(kpi, assessed)}".rstrip()),)


def _usual(kpi: Kpi, assessed: PlanAssessment) -> str:
    """Return the limits of both sides in words, as far as there are any."""
    told = [
        f"Usual {side}: {_limits(kpi, stretch.limits)} (from {stretch.limits.points} periods)."
        for side, stretch in (("before", assessed.before), ("after", assessed.after))
        if stretch.limits is not None
    ]
    if assessed.after.limits is None and assessed.unfit is None and assessed.after.points:
        told.append("What is usual after can be told from six periods on.")
    return " ".join(told)


def _limits(kpi: Kpi, found: Limits) -> str:
    lower, upper = clipped(kpi, found)
    return f"{amount(lower, kpi.unit).number} to {amount(upper, kpi.unit)}"


def _chart(plan: ImprovementPlan, kpi: Kpi, assessed: PlanAssessment) -> Markup:
    before, after = assessed.before.points, assessed.after.points
    every = (*before, *after)
    wanted = bound(plan.success)
    name = "changed" if plan.changed_on is not None else "plan begins"
    drawing = Drawing(
        points=tuple(Point(point.value) for point in every),
        below=tuple(axis_label(point.period) for point in every),
        axis=lambda ticks: axis(ticks, kpi.unit),
        last=_last(kpi, assessed),
        part="",
        levels=(Level(tuple(wanted for _ in every), bound_words(plan.success, kpi)),),
        natural=tuple(_natural(kpi, assessed)),
        since=(len(before) - 0.5, f"{name} {day(assessed.cut)}"),
        whole=kpi.unit.name == "count",
        bounds=(kpi.possible.min, kpi.possible.max),
    )
    label = f"{kpi.title} before and after {day(assessed.cut)}. {moved_words(plan, assessed, kpi)}"
    wide = line_chart(drawing, label=label, width=1200, height=220, kind="chart wide", notes=Notes.BESIDE)
    return wide + line_chart(
        drawing, label=label, width=350, height=280, kind="chart narrow", notes=Notes.BENEATH
    )


def _last(kpi: Kpi, assessed: PlanAssessment) -> str:
    known = [p.value for p in (*assessed.before.points, *assessed.after.points) if p.value is not None]
    return str(amount(known[-1], kpi.unit)) if known else ""


def _natural(kpi: Kpi, assessed: PlanAssessment) -> Iterator[Natural]:
    start, last = 0, "before" if assessed.after.limits is None else "after"
    for side, stretch in (("before", assessed.before), ("after", assessed.after)):
        end = start + len(stretch.points) - 1
        if stretch.limits is not None:
            yield _band(kpi, side if side == last else "", stretch.limits, start, end)
        start = end + 1


def _band(kpi: Kpi, side: str, found: Limits, start: int, end: int) -> Natural:
    """Return a usual range; the one that has a `side` is written beside."""
    lower, upper = clipped(kpi, found)
    names = (
        f"usual {side}, at most {amount(upper, kpi.unit)}",
        f"mean {side} {amount(found.mean, kpi.unit)}",
        f"usual {side}, at least {amount(lower, kpi.unit)}",
    )
    return Natural(
        start=start,
        end=end,
        mean=found.mean,
        lower=found.lower,
        upper=found.upper,
        names=names if side else (),
    )
