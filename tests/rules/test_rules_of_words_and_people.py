"""Rules about what is written for people, who they are, and when a KPI goes."""

import pytest
from surroundings import COMPANY, case, findings, goal, kpi, reported, together

from kpiascode.lint.naming import unit_in_name, unit_in_title
from kpiascode.lint.rules import (
    cadence_faster_than_data,
    definition_without_use,
    deprecated_without_replacement,
    deprecated_without_sunset,
    description_repeats_title,
    goal_without_counter_kpi,
    missing_act,
    missing_baseline,
    missing_rationale,
    name_contradicts_unit,
    name_differs_from_file,
    name_too_long,
    owner_without_approvers,
    percent_as_whole_number,
    result_not_on_scorecard,
    secret_in_definition,
    single_approver,
    sunset_too_soon,
    too_many_kpis_on_scorecard,
    too_many_results,
    unmarked_person_dimension,
)
from kpiascode.lint.rules import (
    unit_in_name as unit_in_name_rule,
)

# --- names and titles


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("reply_hours", "hours"),
        ("days_to_pay", None),
        ("sales_eur", "EUR"),
        ("margin_pct", "percent"),
        ("downtime_30_days", None),
        ("downtime_last_seven_days", None),
        ("cost_per_day_usd", None),
        ("hours", None),
        ("game_points", None),
    ],
)
def test_the_unit_that_a_name_ends_in(name: str, unit: str | None) -> None:
    assert unit_in_name(name) == unit


@pytest.mark.parametrize(
    ("title", "unit"),
    [
        ("Time to reply, in hours", "hours"),
        ("Sales (EUR)", "EUR"),
        ("Sales (in euros)", "EUR"),
        ("Open days", None),
        ("Delivered in time", None),
        ("Hours in total", None),
        ("(", None),
    ],
)
def test_the_unit_that_a_title_ends_in(title: str, unit: str | None) -> None:
    assert unit_in_title(title) == unit


@pytest.mark.parametrize(
    ("name", "unit", "underlined"),
    [
        ("reply_hours", "days", ["reply_hours"]),
        ("reply_hours", "hours", []),
        ("reply_hours", "count", []),
        ("sales_usd", "{currency: EUR}", ["sales_usd"]),
        ("sales_usd", "percent", []),
        ("return_pct", "hours", ["return_pct"]),
        ("return_pct", "count", ["return_pct"]),
        ("return_pct", "ratio", []),
        ("return_pct", "points", []),
    ],
)
def test_a_name_and_a_unit_that_exclude_each_other(name: str, unit: str, underlined: list[str]) -> None:
    assert reported(name_contradicts_unit.RULE, kpi("sum(x)", unit, name)) == underlined


def test_of_a_title_too_and_once() -> None:
    both = kpi("sum(x)", "days", "reply_hours", title="Reply (hours)")

    assert reported(name_contradicts_unit.RULE, kpi("sum(x)", "days", title="Reply, in hours")) == [
        "Reply, in hours"
    ]
    assert reported(name_contradicts_unit.RULE, both) == ["reply_hours"]


def test_the_message_tells_the_currency_of_the_unit() -> None:
    (finding,) = findings(name_contradicts_unit.RULE, case(kpi("sum(x)", "{currency: EUR}", "sales_usd")))

    assert finding.message == "The name says USD, and the unit is EUR."


def test_a_unit_in_a_name_is_reported_where_it_is_the_right_one() -> None:
    assert reported(unit_in_name_rule.RULE, kpi("sum(x)", "hours", "reply_hours")) == ["reply_hours"]
    assert reported(unit_in_name_rule.RULE, kpi("sum(x)", "days", "reply_hours")) == []
    assert reported(unit_in_name_rule.RULE, kpi("sum(x)", "{currency: EUR}", "sales_eur")) == ["sales_eur"]


@pytest.mark.parametrize(
    ("title", "description", "empty"),
    [
        ("Net sales", "Net sales.", True),
        ("Net sales", "The net sales of ASKED", True),
        ("Net sales", "...", True),
        ("Net sales", "Net sales without tax.", False),
        ("Net sales", "Sales after discounts.", False),
        ("Größe", "GRÖSSE", True),
    ],
)
def test_a_description_has_a_word_of_its_own(title: str, description: str, empty: bool) -> None:
    found = reported(description_repeats_title.RULE, kpi("sum(x)", title=title, description=description))

    assert found == ([description] if empty else [])


@pytest.mark.parametrize(
    ("name", "title", "underlined"),
    [
        ("a" * 40, "b" * 60, []),
        ("a" * 41, "b", ["a" * 41]),
        ("a", "b" * 61, ["b" * 61]),
        ("a" * 41, "b" * 61, ["a" * 41]),
    ],
)
def test_long_names_are_found_once(name: str, title: str, underlined: list[str]) -> None:
    assert reported(name_too_long.RULE, kpi("sum(x)", name=name, title=title)) == underlined


@pytest.mark.parametrize(("name", "found"), [("sell_more", 1), ("kpis", 0)])
def test_a_file_of_one_definition_is_called_like_it(name: str, found: int) -> None:
    alone = goal("{kpi: orders, measure: to_date, target: 1}").replace("name: aim", f"name: {name}")

    assert len(findings(name_differs_from_file.RULE, case(alone, apart=True))) == found


def test_a_file_of_one_kpi_may_be_called_by_its_kind_and_one_of_several_as_it_likes() -> None:
    assert findings(name_differs_from_file.RULE, case(kpi("sum(x)"), apart=True)) == []
    assert findings(name_differs_from_file.RULE, case(goal("{kpi: orders, target: 1}"))) == []


# --- secrets and persons


@pytest.mark.parametrize(
    ("text", "underlined"),
    [
        ("See postgresql://kim:hunter2@db/x.", "://kim:hunter2@"),
        ("-----BEGIN " + "RSA PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----"),
        ("AKIA" + "ABCDEFGHIJKLMNOP", "AKIAABCDEFGHIJKLMNOP"),
        ("token ghp_" + "a1" * 18, "ghp_" + "a1" * 18),
        ("glpat-" + "x" * 20, "glpat-" + "x" * 20),
        ("sk_live_" + "a" * 16, "sk_live_" + "a" * 16),
    ],
)
def test_what_only_a_secret_looks_like(text: str, underlined: str) -> None:
    made = case(kpi("sum(x)", description=f'"{text}"'))

    [finding] = findings(secret_in_definition.RULE, made)

    assert made.under(finding) == underlined
    assert underlined not in finding.message + (finding.hint or "")
    assert finding.veiled


@pytest.mark.parametrize(
    "text",
    [
        "See https://example.com/a:b and mail kim@example.com.",
        "See https://example.com:8080/x@y.",
        "postgresql://kim@db/x has no password.",
        "The password is in the vault.",
        "task-1234567890abcdef, AKIA, ghp_ and sk_live_.",
        "xAKIA" + "ABCDEFGHIJKLMNOP",
    ],
)
def test_what_is_no_secret(text: str) -> None:
    assert reported(secret_in_definition.RULE, kpi("sum(x)", description=f'"{text}"')) == []


def test_secrets_are_looked_for_in_each_text_of_each_kind() -> None:
    secret = "x://kim:pw@y"
    owner = f"kind: owner\nname: finance\ntitle: F\norg_unit: acme\ncontact: {secret}"
    rows = f'[{{given: {{order_lines: [{{a: "{secret}"}}]}}, expect: {{"2026-01": 1}}}}]'

    found = reported(secret_in_definition.RULE, together(owner, kpi("sum(x)", examples=rows)))

    assert found == ["://kim:pw@", "://kim:pw@"]


@pytest.mark.parametrize(
    ("dimension", "underlined"),
    [
        ("agent.email", ["agent.email"]),
        ("{who: agent.email}", ["agent.email"]),
        ("agent.work_e_mail_address", ["agent.work_e_mail_address"]),
        ("contact_phone", ["contact_phone"]),
        ("{agent: agent.email, person: true}", []),
        ("agent.email_domain", []),
        ("agent.has_email", ["agent.has_email"]),
        ("headphone", []),
        ("agent.name", []),
        ("product_name", []),
    ],
)
def test_a_dimension_that_is_called_by_what_one_person_has(dimension: str, underlined: list[str]) -> None:
    assert (
        reported(unmarked_person_dimension.RULE, kpi("count(*)", dimensions=f"[{dimension}]")) == underlined
    )


def test_what_another_kpi_marks_is_left_to_the_error() -> None:
    marked = kpi("sum(x)", name="a", dimensions="[{who: agent.email, person: true}]")

    definitions = together(marked, kpi("sum(y)", name="b", dimensions="[agent.email]"))

    assert reported(unmarked_person_dimension.RULE, definitions) == []


def test_a_domain_is_computed_and_no_person() -> None:
    dataset = (
        "kind: dataset\nname: order_lines\nsource: t\ntime: ordered_on\n"
        "fields: {is_known: email is not null, email_of: {column: email}}"
    )
    asked = [kpi(f"sum({d})", name=f"k{n}", dimensions=f"[{d}]") for n, d in enumerate(("email_of",))]

    assert reported(unmarked_person_dimension.RULE, together(dataset, *asked)) == ["email_of"]
    assert (
        reported(unmarked_person_dimension.RULE, together(dataset, kpi("count(*)", dimensions="[is_known]")))
        == []
    )


# --- the end of a KPI


@pytest.mark.parametrize(
    ("status", "no_sunset", "no_replacement"),
    [
        ("deprecated", True, True),
        ("{deprecated: {since: 2026-01-01}}", True, True),
        ("{deprecated: {since: 2026-01-01, sunset: 2026-06-30}}", False, True),
        ("{deprecated: {since: 2026-01-01, replaced_by: orders}}", True, False),
        ("draft", False, False),
        ("active", False, False),
    ],
)
def test_what_a_deprecated_kpi_does_not_say(status: str, no_sunset: bool, no_replacement: bool) -> None:
    old = kpi("sum(x)", status=status)

    assert reported(deprecated_without_sunset.RULE, old) == ([status] if no_sunset else [])
    assert reported(deprecated_without_replacement.RULE, old) == ([status] if no_replacement else [])
    assert reported(sunset_too_soon.RULE, old) == []


@pytest.mark.parametrize(
    ("sunset", "told"),
    [
        ("2026-01-29", None),
        ("2026-01-28", "27 days later"),
        ("2026-01-02", "1 day later"),
        ("2026-01-01", "0 days later"),
        ("2025-12-31", "before it is deprecated"),
    ],
)
def test_four_weeks_lie_between_the_two_days(sunset: str, told: str | None) -> None:
    made = case(kpi("sum(x)", status=f"{{deprecated: {{since: 2026-01-01, sunset: {sunset}}}}}"))

    found = [(made.under(d), d.message) for d in findings(sunset_too_soon.RULE, made)]

    assert found == (
        [] if told is None else [(sunset, f"`asked` is deprecated since 2026-01-01 and goes {told}.")]
    )


# --- goals


@pytest.mark.parametrize(
    ("result", "found"),
    [
        pytest.param("{kpi: return_rate, target: 0.03}", True, id="linear by default"),
        pytest.param("{kpi: return_rate, target: 0.03, path: linear}", True, id="linear by name"),
        pytest.param(
            "{kpi: return_rate, targets: [{period: 2026-01, value: 0.04}]}", True, id="for one period"
        ),
        pytest.param("{kpi: return_rate, target: 0.03, baseline: 0.05}", False, id="with a beginning"),
        pytest.param("{kpi: return_rate, target: 0.03, path: maintain}", False, id="a level"),
        pytest.param("{kpi: return_rate, target: 0.03, path: by_end}", False, id="due at the end"),
        pytest.param("{kpi: return_rate, target: 0.03, measure: to_date}", False, id="from 0"),
        pytest.param("{kpi: return_rate, target: {kpi: return_rate}}", False, id="a KPI is its own line"),
        pytest.param("{kpi: net_sales, target: 3}", False, id="of a sum it is to be to_date"),
    ],
)
def test_a_line_has_a_beginning(result: str, found: bool) -> None:
    assert bool(reported(missing_baseline.RULE, goal(result))) is found


def test_a_band_has_no_line() -> None:
    band = kpi("sum(x) / sum(y)", direction="band")

    assert (
        reported(missing_baseline.RULE, together(band, goal("{kpi: asked, target: {min: 0.9, max: 1.1}}")))
        == []
    )


@pytest.mark.parametrize(
    ("keys", "underlined"),
    [
        ("baseline: 50, target: 44", ["50", "44"]),
        ("baseline: 9.99, target: 5", []),
        ("baseline: 0.05, target: 0.04, tolerance: 1", ["1"]),
        ("baseline: 0.05, target: 0.04, tolerance: 0.99", []),
        ("targets: [{from: 2026-01-01, value: 12}]", ["12"]),
    ],
)
def test_numbers_of_a_percent_are_fractions(keys: str, underlined: list[str]) -> None:
    assert reported(percent_as_whole_number.RULE, goal(f"{{kpi: return_rate, {keys}}}")) == underlined


def test_what_the_bounds_refuse_is_left_to_the_error_and_other_units_are_free() -> None:
    bounded = kpi("sum(x) / sum(y)", "percent", bounds="{min: 0, max: 1}")

    assert reported(percent_as_whole_number.RULE, together(bounded, goal("{kpi: asked, target: 44}"))) == []
    assert reported(percent_as_whole_number.RULE, goal("{kpi: reply_time, target: 44, tolerance: 5}")) == []
    at_its_bound = kpi("sum(x) / sum(y)", "percent", bounds="{max: 44}")
    assert reported(
        percent_as_whole_number.RULE, together(at_its_bound, goal("{kpi: asked, target: 44}"))
    ) == ["44", "44"]
    assert reported(percent_as_whole_number.RULE, kpi("sum(x)", "percent", bounds="{min: -100}")) == ["-100"]


def test_the_message_says_what_the_number_means() -> None:
    [finding] = findings(
        percent_as_whole_number.RULE, case(goal("{kpi: return_rate, target: 44, path: maintain}"))
    )

    assert finding.message == "A target of 44 is one of 4,400 %."
    assert finding.hint == "A percent is written as a fraction: 44 % is 0.44."


@pytest.mark.parametrize(("count", "found"), [(5, []), (6, ["results"])])
def test_a_goal_wants_five_things_at_most(count: int, found: list[str]) -> None:
    results = ["{kpi: orders, measure: to_date, target: 1}"] * count

    assert reported(too_many_results.RULE, goal(*results)) == found


@pytest.mark.parametrize(
    ("kpis", "counter", "found"),
    [
        (["return_rate"], "", True),
        (["return_rate", "return_rate"], "", True),
        (["return_rate", "orders"], "", False),
        (["asked"], "[orders]", False),
    ],
)
def test_a_goal_on_one_kpi_has_a_counter_kpi(kpis: list[str], counter: str, found: bool) -> None:
    asked = kpi("sum(x) / sum(y)", **({"counter_kpis": counter} if counter else {}))
    results = [f"{{kpi: {name}, target: 1, path: maintain}}" for name in kpis]

    assert bool(reported(goal_without_counter_kpi.RULE, together(asked, goal(*results)))) is found


def test_a_goal_says_why_and_its_kpis_what_is_done() -> None:
    aim = goal("{kpi: asked, measure: to_date, target: 1}")
    told = kpi("sum(x)", act="Call everyone.")

    assert reported(missing_rationale.RULE, together(told, aim + "\ndescription: So that we live.")) == []
    assert reported(missing_rationale.RULE, together(kpi("sum(x)"), aim)) == ["aim"]
    assert reported(missing_act.RULE, together(kpi("sum(x)"), aim)) == ["asked"]
    assert reported(missing_act.RULE, together(told, aim)) == []
    assert reported(missing_act.RULE, kpi("sum(x)")) == []


# --- scorecards


def card(kpis: str, grain: str = "month") -> str:
    return f"kind: scorecard\nname: shown\ngrain: {grain}\nsections: [{{title: A, kpis: [{kpis}]}}]"


def test_what_a_goal_measures_is_shown_somewhere() -> None:
    aim = goal("{kpi: asked, measure: to_date, target: {kpi: other}}")
    kpis = (kpi("sum(x)"), kpi("sum(y)", name="other"))

    assert reported(result_not_on_scorecard.RULE, together(*kpis, aim)) == ["asked"]
    assert reported(result_not_on_scorecard.RULE, together(*kpis, aim, card("asked"))) == []


def test_a_kpi_that_is_shown_twice_counts_once() -> None:
    kpis = [kpi(f"sum(x{n})", name=f"k{n}") for n in range(13)]
    names = [f"k{n}" for n in range(13)]

    twelve = card(", ".join([*names[:12], "k0"]))

    assert reported(too_many_kpis_on_scorecard.RULE, together(*kpis, twelve)) == []
    assert reported(too_many_kpis_on_scorecard.RULE, together(*kpis, card(", ".join(names)))) == ["sections"]


@pytest.mark.parametrize(
    ("freshness", "grain", "shown", "found"),
    [
        ("35 days", "day", "week", True),
        ("14 days", "day", "week", False),
        ("15 days", "day", "week", True),
        ("4 days", "day", "day", False),
        ("5 days", "day", "day", True),
        ("35 days", "month", "week", False),
        ("35 days", "day", "month", False),
        ("100 days", "day", "month", True),
        ("100 days", "fiscal_quarter", "month", False),
    ],
)
def test_a_page_is_not_faster_than_its_data(freshness: str, grain: str, shown: str, found: bool) -> None:
    dataset = f"kind: dataset\nname: order_lines\nsource: t\ntime: ordered_on\nfreshness: {freshness}"
    company = case(together(dataset, kpi("sum(x)", grain=grain), card("asked", shown)), company=ALONE)

    assert bool(findings(cadence_faster_than_data.RULE, company)) is found


def test_the_data_of_the_kpis_within_counts_too() -> None:
    slow = "kind: dataset\nname: slow\nsource: t\ntime: paid_on\nfreshness: 40 days"
    fast = "kind: dataset\nname: order_lines\nsource: t\ntime: ordered_on\nfreshness: 1 day"
    paid = kpi("sum(x)", name="paid", grain="day").replace("dataset: order_lines", "dataset: slow")
    asked = "kind: kpi\nname: asked\nexpression: ordered / paid\ngrain: day"
    ordered = kpi("sum(x)", name="ordered", grain="day")
    made = case(together(slow, fast, paid, ordered, asked, card("ordered, asked", "week")), company=ALONE)

    found = findings(cadence_faster_than_data.RULE, made)

    assert [made.under(d) for d in found] == ["asked"]
    assert found[0].message == "`asked` is shown by week, and the data of `slow` may be 40 days old."


# --- owners and leftovers

OWNER = "kind: owner\nname: finance\ntitle: Finance\norg_unit: acme\ncontact: a@example.com"
ALONE = COMPANY.split("---\nkind: dataset")[0]


@pytest.mark.parametrize(
    ("approvers", "none", "one"),
    [
        ("", True, False),
        ('["@kim"]', False, True),
        ('["@kim", "@kim"]', False, True),
        ('["@kim", "@sam"]', False, False),
        ('["@acme/finance"]', False, False),
        ("[acme/finance]", False, False),
        ("[kim@example.com]", False, True),
    ],
)
def test_who_approves(approvers: str, none: bool, one: bool) -> None:
    owner = OWNER + (f"\napprovers: {approvers}" if approvers else "")

    assert bool(reported(owner_without_approvers.RULE, owner)) is none
    assert bool(reported(single_approver.RULE, owner)) is one


def test_an_owner_of_nothing_needs_no_approvers() -> None:
    assert reported(owner_without_approvers.RULE, OWNER.replace("name: finance", "name: new_team")) == [
        "finance"
    ]


@pytest.mark.parametrize(
    ("user", "left"),
    [
        pytest.param("kind: kpi\nname: a\ndataset: spare\nexpression: sum(x)", [], id="a KPI"),
        pytest.param(
            "kind: kpi\nname: a\ndataset: order_lines\nexpression: sum(x)\n"
            "revisions: [{until: 2026-01-01, dataset: spare, reason: New shop}]",
            [],
            id="an earlier rule",
        ),
        pytest.param(
            "kind: kpi\nname: a\ndataset: order_lines\nexpression: step(2) / step(1)\n"
            "funnel: {entity: x, within: 1 day, steps: [{}, {dataset: spare}]}",
            [],
            id="a step of a funnel",
        ),
        pytest.param(
            "kind: dataset\nname: b\nsource: t\nrelationships: {s: {to: spare, keys: {k: id}}}",
            ["b"],
            id="a relationship; who leads there is left itself",
        ),
        pytest.param("kind: kpi\nname: a\nexpression: orders", ["spare"], id="nobody"),
        pytest.param(
            "kind: dataset\nname: spare\nsource: t\ntime: day\nprimary_key: [id]\n"
            "relationships: {above: {to: spare, keys: {above_id: id}}}",
            ["spare"],
            id="itself",
        ),
    ],
)
def test_a_dataset_that_nothing_uses(user: str, left: list[str]) -> None:
    spare = "kind: dataset\nname: spare\nsource: t\ntime: day\nprimary_key: [id]"

    given = user if "name: spare" in user else together(spare, user)

    assert reported(definition_without_use.RULE, given) == left


def test_an_owner_is_used_by_a_waiver_too() -> None:
    waiver = "[{probe: varies, reason: New, approved_by: new_team, expires: 2026-06-30}]"
    spare = OWNER.replace("name: finance", "name: new_team")

    assert reported(definition_without_use.RULE, spare) == ["new_team"]
    assert reported(definition_without_use.RULE, together(spare, kpi("sum(x)", waivers=waiver))) == []
