"""Check-ins, reviews, meetings, plans, feedback, thanks and persons: what they mean, where what is wrong is told.

In the texts `«` and `»` mark the place at which the one finding must stand.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from kpiascode import resolve
from kpiascode.load import load_text
from kpiascode.model.calendar import Duration, Unit
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.document import Documents
from kpiascode.model.performance import (
    Group,
    LawfulBasis,
    PersonRef,
    PlanResult,
    SubjectOfPlan,
    Thanked,
)
from kpiascode.resolve import Resolution
from kpiascode.validate import validate
from projects import PEOPLE, kpi

WORLD = f"""{PEOPLE.strip()}
---
kind: org_unit
name: shop
title: Shop
level: department
parent: acme
---
kind: owner
name: boss
title: Boss
org_unit: acme
contact: boss@example.com
---
kind: dataset
name: orders
source: orders
time: day
---
{kpi("sales", "count(*)", dataset="orders", dimensions="[channel, {agent: agent, person: true}]")}
---
{kpi("rows", "count(*)", dataset="orders", grain="month")}
---
{kpi("waste", "avg(amount)", dataset="orders", direction="lower", unit="percent", bounds="{min: 0, max: 1}")}
---
kind: goal
name: more
title: More
org_unit: acme
owner: finance
period: {{from: 2026-01-01, to: 2026-07-01}}
results: [{{kpi: sales, target: 2}}]
"""
KEPT = "purpose: To agree on goals.\nlawful_basis: contract\nretention_until: 2027-01-01\n"
PERSON = f"kind: person\nname: p_1\ntitle: Robin Example\norg_unit: shop\nrole: finance\n{KEPT}"


def written(kind: str, name: str = "it", **keys: str) -> str:
    return "\n".join([f"kind: {kind}", f"name: {name}", *(f"{key}: {text}" for key, text in keys.items())])


def check_in(**keys: str) -> str:
    return written("check_in", **{"goal": "more", "as_of": "2026-02-01", "by": "finance"} | keys)


def template(**keys: str) -> str:
    given = {"title": "Looking back", "sections": "[{title: One, questions: [Why?]}]"}
    return written("review_template", **{"name": "back"} | given | keys)


def cycle(**keys: str) -> str:
    given = {"title": "Spring", "owner": "boss", "period": "{from: 2026-01-01, to: 2026-07-01}"}
    return written("review_cycle", **given | {"template": "back"} | keys)


def series(**keys: str) -> str:
    given = {"title": "Two", "manager": "boss", "report": "finance", "every": "2 weeks", "from": "2026-01-05"}
    return written("one_on_one_series", **given | keys)


def plan(**keys: str) -> str:
    given = {
        "title": "Better",
        "owner": "finance",
        "subject": "{kpi: sales}",
        "opened_on": "2026-01-12",
        "ends_on": "2026-07-01",
        "current": "Few.",
        "required": "Many.",
        "actions": "[{what: Ask, who: finance, due: 2026-02-01}]",
        "success": "{kpi: sales, at_least: 2, periods: 3}",
    }
    return written("improvement_plan", **given | keys)


OF_PERSON = {
    "subject": "{person: p_1}",
    "opened_with_employee": "2026-01-10",
    "hr_reviewer": "boss",
    "support": "A trainer.",
}


def feedback(**keys: str) -> str:
    given = {
        "title": "How they work",
        "owner": "boss",
        "about": "{org_unit: shop}",
        "window": "{from: 2026-03-02, to: 2026-03-16}",
        "groups": "[peers, reports]",
        "questions": "[{name: reliable, title: Reliable?, scale: {from: 1, to: 5}}]",
    }
    return written("feedback_round", **given | keys)


def program(**keys: str) -> str:
    given = {"title": "Thanks", "owner": "boss", "values": "[{name: care, title: We care}]"}
    return written("recognition_program", **{"name": "thanks"} | given | keys)


def thanks(**keys: str) -> str:
    given = {
        "program": "thanks",
        "to": "{org_unit: shop}",
        "by": "boss",
        "day": "2026-03-04",
        "value": "care",
        "reason": "Help.",
    }
    return written("recognition", **given | keys)


def resolved(*texts: str, restricted: tuple[str, ...] = ()) -> Resolution:
    """Return what the texts declare beside `WORLD`, after checking that everything has the right shape."""
    items, found = load_text("kpis.yaml", "\n---\n".join([*texts, WORLD]))
    hidden, wrong = load_text("private.yaml", "\n---\n".join(restricted))
    checked = validate(Documents(project=None, items=items, restricted=hidden, diagnostics=(*found, *wrong)))
    assert checked.diagnostics == (), [(str(d.place), d.message) for d in checked.diagnostics]
    return resolve.resolve(checked)


def sound(*texts: str, restricted: tuple[str, ...] = ()) -> Resolution:
    found = resolved(*texts, restricted=restricted)
    assert found.diagnostics == (), [(d.code, str(d.place), d.message) for d in found.diagnostics]
    return found


def check_marked(code: str, *texts: str, restricted: tuple[str, ...] = ()) -> Diagnostic:
    """Check that exactly one thing is found, with that code, at the mark."""
    path, given = ("private.yaml", restricted) if any("«" in t for t in restricted) else ("kpis.yaml", texts)
    marked = "\n---\n".join(given)
    start = marked.index("«")
    line, column = marked.count("\n", 0, start) + 1, start - marked.rfind("\n", 0, start)
    plain = [tuple(text.replace("«", "").replace("»", "") for text in some) for some in (texts, restricted)]
    (finding,) = resolved(*plain[0], restricted=plain[1]).diagnostics

    assert finding.code == code, finding.message
    assert str(finding.place) == f"{path}:{line}:{column}"
    return finding


# --- goals and check-ins


def test_a_goal_has_milestones_and_a_rhythm() -> None:
    text = written(
        "goal",
        "steps",
        title="Steps",
        org_unit="shop",
        owner="finance",
        period="{from: 2026-01-01, to: 2026-07-01}",
        check_in_every="2 weeks",
        visibility="[shop]",
        results="[]",
        milestones="[{title: Open, due: 2026-02-01, done_on: 2026-01-30, weight: 0.5}, {title: Close, due: 2026-03-01}]",
    )

    goal = sound(text).project.goals["steps"]

    assert [(m.title, m.due, m.done_on, m.weight) for m in goal.milestones] == [
        ("Open", date(2026, 2, 1), date(2026, 1, 30), Decimal("0.5")),
        ("Close", date(2026, 3, 1), None, Decimal(1)),
    ]
    assert goal.check_in_every == Duration(amount=2, unit=Unit.WEEK)
    assert (goal.visibility, goal.person, goal.keeping) == (("shop",), None, None)


STEPS = written(
    "goal",
    "steps",
    title="Steps",
    org_unit="shop",
    owner="finance",
    period="{from: 2026-01-01, to: 2026-07-01}",
    results="[]",
)


@pytest.mark.parametrize("due", ["2025-12-31", "2026-07-01"])
def test_a_milestone_is_due_inside_its_goal(due: str) -> None:
    check_marked("milestone-outside-goal", f"{STEPS}\nmilestones: [{{title: Open, due: «{due}»}}]")


def test_a_goal_leads_to_another_one_once() -> None:
    check_marked("repeated-parent", f"{STEPS}\nparent: [more, {{goal: «more», weight: 2}}]")


def test_without_a_word_an_owner_checks_in_every_month() -> None:
    assert sound().project.goals["more"].check_in_every == Duration(amount=1, unit=Unit.MONTH)


def test_a_check_in_says_what_was_seen_until_when_and_what_was_decided() -> None:
    text = check_in(confidence="7", note="Good.", decision="Go on.", blockers="[Ice, Wind]")

    found = sound(text).project.performance.check_ins["it"]

    assert (found.goal, found.kpi, found.as_of, found.by) == ("more", None, date(2026, 2, 1), "finance")
    assert (found.confidence, found.note, found.decision) == (7, "Good.", "Go on.")
    assert found.blockers == ("Ice", "Wind")


def test_of_a_kpi_nobody_has_to_be_sure() -> None:
    found = sound(written("check_in", kpi="sales", as_of="2026-02-01", by="finance"))

    assert found.project.performance.check_ins["it"].confidence is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (check_in(goal="«less»", confidence="1"), "unknown-goal"),
        (written("check_in", kpi="«sale»", as_of="2026-02-01", by="finance"), "unknown-kpi"),
        (check_in(by="«nobody»", confidence="1"), "unknown-owner"),
        (check_in(goal="«more»"), "confidence-not-told"),
        (check_in(as_of="«2026-01-01»", confidence="0"), "check-in-before-goal"),
    ],
)
def test_a_wrong_check_in(text: str, code: str) -> None:
    check_marked(code, text)


def test_a_check_in_may_come_after_the_goal() -> None:
    assert sound(check_in(as_of="2026-08-01", confidence="10")).project.performance.check_ins


# --- reviews and meetings


def test_a_cycle_reviews_departments_and_teams_unless_it_says_which_units() -> None:
    usual = sound(template(), cycle()).project.performance.cycles["it"]
    told = sound(template(), cycle(org_units="[acme]")).project.performance.cycles["it"]

    assert (usual.org_units, told.org_units) == (("shop",), ("acme",))
    assert (usual.start, usual.end) == (date(2026, 1, 1), date(2026, 7, 1))


def test_only_units_are_reviewed_whose_people_may_see_it() -> None:
    """What everybody above may see those beneath may see as well."""
    desk = "kind: org_unit\nname: desk\ntitle: Desk\nlevel: team\nparent: shop"
    yard = "kind: org_unit\nname: yard\ntitle: Yard\nlevel: team\nparent: acme"
    hidden = sound(desk, yard, template(), cycle(visibility="[shop]"))
    shown = sound(desk, yard, template(), cycle(visibility="[acme]"))

    assert set(hidden.project.performance.cycles["it"].org_units) == {"shop", "desk"}
    assert set(shown.project.performance.cycles["it"].org_units) == {"shop", "desk", "yard"}


@pytest.mark.parametrize("weights", [(60, 40), (33.5, 33.5, 33), (100,), ("99.999", "0.001")])
def test_weights_of_competencies_are_a_hundred(weights: tuple[object, ...]) -> None:
    listed = ", ".join(f"{{title: C, weight: {weight}}}" for weight in weights)

    (found,) = sound(template(competencies=f"[{listed}]")).project.performance.templates.values()

    assert sum(one.weight for one in found.competencies) == 100


@pytest.mark.parametrize(
    ("weights", "said"), [((60, 30), "90"), ((60, 50), "110"), ((33.3, 33.3, 33.3), "99.9")]
)
def test_other_weights_of_competencies_are_refused(weights: tuple[object, ...], said: str) -> None:
    listed = ", ".join(f"{{title: C, weight: {weight}}}" for weight in weights)
    text = (
        template()
        .replace("sections", f"competencies: [{listed}]\nsections")
        .replace("competencies", "«competencies»")
    )

    finding = check_marked("weights-not-a-hundred", text)

    assert finding.message == f"The weights of the competencies add up to {said}, and not to 100."


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        ([cycle(template="«nothing»")], "unknown-review-template"),
        ([template(), cycle(org_units="[«shops»]")], "unknown-org-unit"),
        ([template(), cycle(org_units="[shop, «acme»]", visibility="[shop]")], "review-not-visible"),
        ([template(), cycle(kpis="[«sale»]")], "unknown-kpi"),
        ([template(), cycle(visibility="[«shops»]")], "unknown-org-unit"),
        ([template(), cycle(period="{from: 2026-07-01, to: «2026-07-01»}")], "empty-period"),
        ([series(manager="«nobody»")], "unknown-owner"),
        ([series(goals="[«less»]")], "unknown-goal"),
        ([series().replace("report:", "«report»:").replace("boss", "finance")], "meets-itself"),
    ],
)
def test_a_wrong_cycle_or_series(texts: list[str], code: str) -> None:
    check_marked(code, *texts)


def test_meetings_stand_in_the_order_of_days() -> None:
    found = sound(series(met_on="[2026-02-02, 2026-01-05]")).project.performance.series["it"]

    assert found.met_on == (date(2026, 1, 5), date(2026, 2, 2))
    assert (found.manager, found.report, found.keeping) == ("boss", "finance", None)


# --- plans


def test_a_plan_says_what_is_done_and_when_it_has_worked() -> None:
    text = plan(
        standard="{goal: more, kpi: sales}",
        success="{kpi: sales, slice: {channel: null}, at_least: 0.5, periods: 2}",
        outcome="{result: stopped, day: 2026-03-01, note: Sold.}",
    )

    found = sound(text).project.performance.plans["it"]

    assert found.subject == (SubjectOfPlan.KPI, "sales")
    assert found.standard == ("more", "sales")
    assert found.success.slice == (("channel", None),)
    assert (found.success.at_least, found.success.at_most) == (Decimal("0.5"), None)
    assert found.outcome is not None
    assert found.outcome.result is PlanResult.STOPPED


def test_a_plan_is_open_from_its_first_day_until_it_ends_or_is_closed() -> None:
    found = sound(plan()).project.performance.plans["it"]
    closed = sound(plan(outcome="{result: succeeded, day: 2026-03-01}")).project.performance.plans["it"]
    days = [date(2026, 1, 11), date(2026, 1, 12), date(2026, 3, 1), date(2026, 6, 30), date(2026, 7, 1)]

    assert [found.is_open(day) for day in days] == [False, True, True, True, False]
    assert [closed.is_open(day) for day in days] == [False, True, False, False, False]


def test_a_test_may_look_at_every_whole_period_of_its_plan() -> None:
    whole = plan(success="{kpi: rows, at_least: 1, periods: 5}")  # February to June; it begins on 12 January
    from_first = plan(opened_on="2026-01-01", success="{kpi: rows, at_least: 1, periods: 6}")
    on_its_last_day = plan(reviews="[2026-01-12, 2026-07-01]")

    assert sound(whole).project.performance.plans["it"].success.periods == 5
    assert sound(from_first).project.performance.plans["it"].success.periods == 6
    assert sound(on_its_last_day).project.performance.plans["it"].reviews[-1] == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (plan(subject="{kpi: «sale»}"), "unknown-kpi"),
        (plan(subject="{goal: «less»}"), "unknown-goal"),
        (plan(subject="{org_unit: «shops»}"), "unknown-org-unit"),
        (plan(ends_on="«2026-01-12»"), "empty-period"),
        (plan(changed_on="«2026-01-11»"), "change-outside-plan"),
        (plan(reviews="[2026-01-12, «2026-01-11»]"), "review-outside-plan"),
        (plan(reviews="[2026-07-01, «2026-07-02»]"), "review-outside-plan"),
        (plan(success="{kpi: sales, «at_most»: 1, periods: 1}"), "target-on-wrong-side"),
        (plan(success="{kpi: waste, «at_least»: 0.1, periods: 1}"), "target-on-wrong-side"),
        (plan(success="{kpi: waste, at_most: «5», periods: 1}"), "test-outside-bounds"),
        (plan(success="{kpi: waste, at_most: «-0.1», periods: 1}"), "test-outside-bounds"),
        (plan(opened_on="«0001-01-01»"), "date-out-of-range"),
        (plan(ends_on="«9999-12-31»"), "date-out-of-range"),
        (plan(success="{kpi: rows, at_least: 1, periods: «6»}"), "plan-too-short"),
        (
            plan(changed_on="2026-05-02", success="{kpi: rows, at_least: 1, periods: «2»}"),
            "plan-too-short",
        ),
        (plan(ends_on="2026-01-20", success="{kpi: rows, at_least: 1, periods: «1»}"), "plan-too-short"),
        (
            plan(success="{kpi: sales, slice: {«agent»: Kim}, at_least: 1, periods: 1}"),
            "number-of-one-person",
        ),
        (plan(changed_on="«2026-07-01»"), "change-outside-plan"),
        (plan(standard="{goal: more, kpi: «rows»}"), "no-such-target"),
        (plan(standard="{goal: «less», kpi: sales}"), "unknown-goal"),
        (plan(success="{kpi: sales, slice: {«city»: x}, at_least: 1, periods: 1}"), "unknown-dimension"),
        (plan(actions="[{what: Ask, who: «nobody», due: 2026-02-01}]"), "unknown-owner"),
        (plan(outcome="{result: stopped, day: «2026-01-11»}"), "outcome-before-plan"),
        (plan(visibility="[«shops»]"), "unknown-org-unit"),
        (
            plan(subject="{person: p_1}", support="Much.").replace("it", "«it»", 1),
            "person-in-open-repository",
        ),
    ],
)
def test_a_wrong_plan(text: str, code: str) -> None:
    if code == "person-in-open-repository":
        codes = {d.code for d in resolved(text.replace("«", "").replace("»", "")).diagnostics}
        assert code in codes
        return
    check_marked(code, text)


# --- feedback and thanks


def test_a_round_tells_nothing_of_fewer_than_five_and_no_words_unless_it_says_otherwise() -> None:
    usual = sound(feedback()).project.performance.rounds["it"]
    told = sound(feedback(anonymity="{k: 3, free_text: moderated}")).project.performance.rounds["it"]

    assert (usual.k, usual.moderated, usual.groups) == (5, False, (Group.PEERS, Group.REPORTS))
    assert (told.k, told.moderated) == (3, True)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (feedback(about="{org_unit: «shops»}"), "unknown-org-unit"),
        (feedback(window="{from: 2026-03-02, to: «2026-03-02»}"), "empty-period"),
        (
            feedback(
                questions="[{name: a, title: A, text: true}, {name: «a», title: B, scale: {from: 1, to: 5}}]"
            ),
            "repeated-question",
        ),
        (feedback(questions="[{name: «group», title: A, text: true}]"), "repeated-question"),
        (feedback(questions="[{name: a, title: A, scale: «{from: 5, to: 5}»}]"), "scale-of-no-use"),
        (feedback(questions="[{name: a, title: A, scale: «{from: 0, to: 100}»}]"), "scale-of-no-use"),
        (
            feedback(questions="[{name: a, title: A, scale: {from: 1, to: 3, labels: «[low, high]»}}]"),
            "scale-of-no-use",
        ),
    ],
)
def test_a_wrong_round(text: str, code: str) -> None:
    check_marked(code, text)


def test_a_person_is_named_while_they_agree() -> None:
    text = thanks(to='{person: "@robin", consent_on: 2026-03-02, withdrawn_on: 2026-05-01}')

    found = sound(program(), text).project.performance.recognitions["it"]

    assert found.to == (Thanked.PERSON, "@robin")
    days = [date(2026, 3, 1), date(2026, 3, 2), date(2026, 4, 30), date(2026, 5, 1)]
    assert [found.may_be_told(day) for day in days] == [False, True, True, False]


def test_a_role_and_a_unit_need_no_consent() -> None:
    found = sound(program(), thanks(), thanks(name="other", to="{owner: finance}")).project.performance

    assert all(one.may_be_told(date(2020, 1, 1)) for one in found.recognitions.values())


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        ([thanks(program="«nothing»")], "unknown-recognition-program"),
        ([program(), thanks(value="«speed»")], "unknown-value"),
        ([program(), thanks(to="«{owner: finance, org_unit: shop}»")], "thanks-one"),
        ([program(), thanks(to="«{owner: finance, consent_on: 2026-03-01}»")], "thanks-one"),
        ([program(), thanks(to="{org_unit: «shops»}")], "unknown-org-unit"),
        ([program(), thanks(check_ins="[«nothing»]")], "unknown-check-in"),
        (
            [program(window="{from: 2026-04-01, to: 2026-05-01}"), thanks(day="«2026-03-04»")],
            "outside-window",
        ),
        ([program(kpis="[«sale»]")], "unknown-kpi"),
        ([program(values="[{name: a, title: A}, {name: «a», title: B}]")], "repeated-value"),
        ([program(), thanks(to='{person: «"@robin"»}')], "consent-not-told"),
        (
            [program(), thanks(to='{person: "@robin", consent_on: 2026-03-02, withdrawn_on: «2026-03-02»}')],
            "consent-not-told",
        ),
    ],
)
def test_wrong_thanks(texts: list[str], code: str) -> None:
    check_marked(code, *texts)


@pytest.mark.parametrize("key", ["amount", "points", "rank", "rating"])
def test_thanks_have_no_place_for_amounts_points_ranks_or_ratings(key: str) -> None:
    items, _ = load_text("kpis.yaml", "\n---\n".join([program(), thanks(**{key: "3"}), WORLD]))

    (finding,) = validate(Documents(project=None, items=items)).diagnostics

    assert finding.code == "unknown-key"


# --- what belongs to a person


OPEN = {
    "person": PERSON.replace("role: finance\n", ""),
    "goal": written(
        "goal",
        title="Mine",
        org_unit="shop",
        owner="finance",
        person="p_1",
        period="{from: 2026-01-01, to: 2026-07-01}",
        results="[{kpi: sales, target: 2}]",
    ),
    "improvement_plan": plan(**OF_PERSON),
    "one_on_one_series": series(report="{person: p_1}"),
    "feedback_round": feedback(about="{person: p_1}"),
}


@pytest.mark.parametrize("kind", OPEN)
def test_what_names_a_person_is_refused_in_the_open_repository(kind: str) -> None:
    (finding,) = resolved(OPEN[kind]).diagnostics

    assert finding.code == "person-in-open-repository"
    assert finding.hint == "Move the document to the restricted folder."


@pytest.mark.parametrize("kind", OPEN)
def test_in_the_restricted_folder_it_stands(kind: str) -> None:
    text = OPEN[kind] if kind == "person" else f"{OPEN[kind]}\n{KEPT}"
    person = () if kind == "person" else (PERSON,)

    found = sound(restricted=(text, *person))

    assert found.restricted.persons["p_1"].keeping.basis is LawfulBasis.CONTRACT
    assert found.restricted.documents.keys() >= {(kind, "p_1" if kind == "person" else "it")}


def test_a_plan_for_a_person_that_was_stopped_need_not_be_kept_until_it_would_have_ended() -> None:
    stopped = plan(**OF_PERSON, outcome="{result: stopped, day: 2026-03-01}")
    short = KEPT.replace("2027-01-01", "2026-04-01")

    assert resolved(restricted=(f"{stopped}\n{short}", PERSON)).diagnostics == ()


@pytest.mark.parametrize("kind", OPEN)
@pytest.mark.parametrize("key", ["purpose", "lawful_basis", "retention_until"])
def test_it_says_why_it_is_kept_and_until_when(kind: str, key: str) -> None:
    text = OPEN[kind] if kind == "person" else f"{OPEN[kind]}\n{KEPT}"
    kept = "\n".join(line for line in text.splitlines() if not line.startswith(f"{key}:"))
    person = () if kind == "person" else (PERSON,)

    (finding,) = resolved(restricted=(kept, *person)).diagnostics

    assert (finding.code, finding.message) == ("keeping-not-told", f"The document does not say `{key}`.")


def test_the_project_knows_nothing_of_what_is_restricted() -> None:
    found = sound(
        restricted=(
            f"{OPEN['goal']}\n{KEPT}",
            PERSON,
            f"{OPEN['improvement_plan']}\n{KEPT}".replace("it", "plan", 1),
        )
    )
    without = sound()

    assert found.project == without.project
    assert found.project.documents.keys() == without.project.documents.keys()
    assert found.restricted.goals["it"].person == "p_1"


def test_the_open_repository_cannot_refer_to_what_is_restricted() -> None:
    child = written(
        "goal",
        "child",
        title="Child",
        org_unit="shop",
        owner="finance",
        parent="it",
        period="{from: 2026-01-01, to: 2026-07-01}",
        results="[{kpi: sales, target: 2}]",
    )

    (finding,) = resolved(child, restricted=(f"{OPEN['goal']}\n{KEPT}", PERSON)).diagnostics

    assert finding.code == "unknown-goal"
    assert "it" not in (finding.hint or "").split("`")


@pytest.mark.parametrize(
    ("restricted", "code"),
    [
        ((f"{OPEN['goal']}\n{KEPT}".replace("p_1", "p_2"), PERSON), "unknown-person"),
        ((f"{OPEN['goal']}\n{KEPT}".replace("person: p_1\n", ""), PERSON), "not-of-a-person"),
        ((check_in(confidence="3"),), "not-of-a-person"),
        ((template(),), "not-of-a-person"),
        ((f"{plan(**OF_PERSON, trigger='A signal.')}\n{KEPT}", PERSON), "person-plan-triggered"),
        (
            (f"{plan(**OF_PERSON | {'opened_with_employee': '2026-01-13'})}\n{KEPT}", PERSON),
            "person-plan-incomplete",
        ),
        (
            (f"{plan(**OF_PERSON)}\n{KEPT.replace('2027-01-01', '2026-07-01')}", PERSON),
            "kept-too-short",
        ),
        ((f"{plan(**OF_PERSON | {'hr_reviewer': 'finance'})}\n{KEPT}", PERSON), "person-plan-incomplete"),
        *(
            (
                (f"{plan(**{k: v for k, v in OF_PERSON.items() if k != key})}\n{KEPT}", PERSON),
                "person-plan-incomplete",
            )
            for key in ("opened_with_employee", "hr_reviewer", "support")
        ),
    ],
)
def test_what_is_wrong_in_the_restricted_folder(restricted: tuple[str, ...], code: str) -> None:
    (finding,) = resolved(restricted=restricted).diagnostics

    assert finding.code == code
    assert finding.place.path == "private.yaml"


def test_a_name_is_taken_once_over_both() -> None:
    hidden = f"{OPEN['goal']}\n{KEPT}".replace("name: it", "name: more")
    items, _ = load_text("kpis.yaml", WORLD)
    restricted, _ = load_text("private.yaml", f"{hidden}\n---\n{PERSON}")

    checked = validate(Documents(project=None, items=items, restricted=restricted))

    assert [(d.code, d.place.path) for d in checked.diagnostics] == [("duplicate-name", "private.yaml")]
    assert [document.data["name"] for document in checked.restricted] == ["p_1"]


def test_goals_of_persons_must_not_go_round_in_a_circle() -> None:
    one = f"{OPEN['goal']}\nparent: other\n{KEPT}"
    other = f"{OPEN['goal']}\nparent: it\n{KEPT}".replace("name: it", "name: other")

    (finding,) = resolved(restricted=(one, other, PERSON)).diagnostics

    assert (finding.code, finding.place.path) == ("goal-cycle", "private.yaml")


def test_both_of_a_pair_may_be_persons() -> None:
    other = PERSON.replace("p_1", "p_2")
    text = f"{series(manager='{person: p_2}', report='{person: p_1}')}\n{KEPT}"

    found = sound(restricted=(text, PERSON, other)).restricted.performance.series["it"]

    assert (found.manager, found.report) == (PersonRef("p_2"), PersonRef("p_1"))
    assert found.keeping is not None
    assert replace(found.keeping, purpose="").until == date(2027, 1, 1)
