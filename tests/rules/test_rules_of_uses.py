"""Rules about who uses which KPI, and what it is called."""

import pytest
from surroundings import case, findings, goal, kpi, reported, together

from kpiascode.lint.rules import (
    deprecated_in_use,
    draft_on_scorecard,
    kpi_without_use,
    repeated_entry,
    repeated_title,
    self_reference,
)

SCORECARD = "kind: scorecard\nname: shown\nsections:\n  - {title: All, kpis: [orders, asked]}"
TARGETED = "kind: kpi\nname: reached\nexpression: orders\nunit: count"

# --- kpi-without-use


@pytest.mark.parametrize(
    "user",
    [
        pytest.param(SCORECARD, id="on a scorecard"),
        pytest.param(goal("{kpi: asked, measure: to_date, target: 5}"), id="measured by a goal"),
        pytest.param(
            goal("{kpi: orders, measure: to_date, target: {kpi: asked}}"), id="the target of a goal"
        ),
        pytest.param(
            goal("{kpi: orders, targets: [{from: 2026-01-01, value: {kpi: asked}}]}"),
            id="a dated target of a goal",
        ),
        pytest.param(
            "kind: kpi\nname: orders\nexpression: previous(asked, 1 year)", id="another KPI is made of it"
        ),
        pytest.param(
            "kind: kpi\nname: orders\nexpression: net_sales\ncounter_kpis: [asked]", id="counter KPI"
        ),
    ],
)
def test_each_way_to_be_used(user: str) -> None:
    assert reported(kpi_without_use.RULE, together(kpi("sum(a)"), user)) == []


@pytest.mark.parametrize(
    ("keys", "unused"),
    [
        pytest.param({}, ["asked"], id="active by default"),
        pytest.param({"status": "active"}, ["asked"], id="active"),
        pytest.param({"status": "draft"}, [], id="a draft is not used yet"),
        pytest.param({"status": "deprecated"}, [], id="a deprecated one no more"),
        pytest.param({"counter_kpis": "[asked]"}, ["asked"], id="as its own counter KPI it is of no use"),
    ],
)
def test_an_active_kpi_is_used(keys: dict[str, str], unused: list[str]) -> None:
    assert reported(kpi_without_use.RULE, kpi("sum(a)", **keys)) == unused


def test_a_column_of_its_name_does_not_use_a_kpi() -> None:
    assert reported(kpi_without_use.RULE, kpi("sum(asked)")) == ["asked"]


@pytest.mark.parametrize(
    "user",
    [
        pytest.param(goal("{kpi: asked, measure: to_date, target: 5}") + "\nparent: nowhere", id="a goal"),
        pytest.param(SCORECARD + "\naudiences: [nobody]", id="a scorecard"),
        pytest.param("kind: kpi\nname: orders\nexpression: asked / unheard_of", id="a KPI"),
        pytest.param("kind: kpi\nname: orders\nexpression: asked /", id="a KPI that cannot be read"),
        pytest.param("kind: kpi\nname: orders\nexpression: nil\ncounter_kpis: [asked]", id="a counter KPI"),
    ],
)
def test_a_user_with_a_mistake_of_its_own_still_uses_it(user: str) -> None:
    made = case(together(kpi("sum(a)"), user), sound=False)

    assert made.resolution.diagnostics
    assert [made.under(d) for d in findings(kpi_without_use.RULE, made)] == []


# --- deprecated-in-use

OLD = kpi("sum(a)", status="{deprecated: {since: 2026-01-01, replaced_by: orders}}")


@pytest.mark.parametrize(
    ("user", "underlined"),
    [
        pytest.param(SCORECARD, ["asked"], id="on a scorecard"),
        pytest.param(goal("{kpi: asked, measure: to_date, target: 5}"), ["asked"], id="measured by a goal"),
        pytest.param(
            goal("{kpi: orders, measure: to_date, target: {kpi: asked}}"),
            ["asked"],
            id="the target of a goal",
        ),
        pytest.param(
            "kind: kpi\nname: x\nexpression: asked / asked",
            ["asked", "asked"],
            id="each time that a KPI names it",
        ),
        pytest.param(
            "kind: kpi\nname: x\nexpression: orders\ncounter_kpis: [orders, asked]",
            ["asked"],
            id="counter KPI",
        ),
        pytest.param("kind: kpi\nname: x\nexpression: asked\nstatus: draft", [], id="a draft may change yet"),
        pytest.param("kind: kpi\nname: x\nexpression: asked\nstatus: deprecated", [], id="both go"),
    ],
)
def test_what_still_uses_a_deprecated_kpi(user: str, underlined: list[str]) -> None:
    assert reported(deprecated_in_use.RULE, together(OLD, user)) == underlined


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        ("{deprecated: {since: 2026-01-01, replaced_by: orders}}", "Use `orders` instead."),
        ("{deprecated: {since: 2026-01-01}}", "Use what replaces it."),
        ("deprecated", "Use what replaces it."),
    ],
)
def test_the_hint_names_what_replaces_it(status: str, hint: str) -> None:
    [finding] = findings(deprecated_in_use.RULE, case(together(kpi("sum(a)", status=status), SCORECARD)))

    assert finding.message == "The scorecard `shown` uses `asked`, which is deprecated."
    assert finding.hint == hint


# --- draft-on-scorecard


@pytest.mark.parametrize(
    ("status", "underlined"),
    [("draft", ["asked"]), ("active", []), ("{deprecated: {since: 2026-01-01}}", [])],
)
def test_a_draft_is_on_no_scorecard(status: str, underlined: list[str]) -> None:
    assert reported(draft_on_scorecard.RULE, together(kpi("sum(a)", status=status), SCORECARD)) == underlined


def test_a_draft_may_be_measured_by_a_goal() -> None:
    definitions = together(kpi("sum(a)", status="draft"), goal("{kpi: asked, measure: to_date, target: 5}"))

    assert reported(draft_on_scorecard.RULE, definitions) == []


# --- repeated-title


@pytest.mark.parametrize(
    ("one", "other", "underlined"),
    [
        pytest.param("Sales", "Sales", ["Sales", "Sales"], id="the same"),
        pytest.param(
            "Net sales", "Net  Sales", ["Net sales", "Net  Sales"], id="case and spacing make no difference"
        ),
        pytest.param("Straße", "STRASSE", ["Straße", "STRASSE"], id="nor do the capitals of other languages"),
        pytest.param("Sales", "Sales, net", [], id="other words"),
    ],
)
def test_two_kpis_with_one_title(one: str, other: str, underlined: list[str]) -> None:
    definitions = together(kpi("sum(a)", name="a", title=one), kpi("sum(b)", name="b", title=f"{other}"))

    assert reported(repeated_title.RULE, definitions) == underlined


def test_each_of_several_names_another_one_and_where_it_stands() -> None:
    kpis = [kpi("sum(a)", name=name, title="Sales") for name in ("c", "a", "b")]
    made = case(together(*kpis))

    told = [
        (made.under(d), d.place.span.line, d.message, d.note) for d in findings(repeated_title.RULE, made)
    ]

    assert told == [
        (
            "Sales",
            line_of(made.text, one),
            f"`{other}` has the title `Sales` too.",
            f"The other one stands at kpis.yaml:{line_of(made.text, other)}:8.",
        )
        for one, other in ("ab", "ba", "ca")
    ]


def line_of(text: str, name: str) -> int:
    """Return the line of the title of a KPI of that name."""
    lines = text.splitlines()
    start = lines.index(f"name: {name}")
    return lines.index("title: Sales", start) + 1


def test_a_deprecated_kpi_may_share_its_title_with_what_replaces_it() -> None:
    definitions = together(
        kpi("sum(a)", name="a", title="Sales", status="deprecated"), kpi("sum(b)", name="b", title="Sales")
    )

    assert reported(repeated_title.RULE, definitions) == []


# --- repeated-entry


@pytest.mark.parametrize(
    ("definition", "underlined"),
    [
        (
            "kind: scorecard\nname: s\nsections: [{title: A, kpis: [net_sales, orders, net_sales]}]",
            ["net_sales"],
        ),
        (
            "kind: scorecard\nname: s\nsections: [{title: A, kpis: [orders]}, {title: B, kpis: [orders]}]",
            [],
        ),
        (kpi("count(*)", applies_to="[acme, acme, acme]"), ["acme", "acme"]),
        (kpi("count(*)", communication="{audiences: [acme, acme], channels: [Mail]}"), ["acme"]),
        (kpi("count(*)", counter_kpis="[orders, net_sales]"), []),
        (kpi("count(*)", examples='[{given: {order_lines: [{a: x}, {a: x}]}, expect: {"2026-01": 2}}]'), []),
    ],
)
def test_a_list_names_each_once(definition: str, underlined: list[str]) -> None:
    assert reported(repeated_entry.RULE, definition) == underlined


def test_a_repeated_entry_says_where_the_first_one_stands() -> None:
    made = case(kpi("count(*)", counter_kpis="[orders, orders]"))

    [finding] = findings(repeated_entry.RULE, made)

    assert finding.message == "`orders` stands twice in this list."
    assert finding.note == f"The first one stands at kpis.yaml:{finding.place.span.line}:16."


# --- self-reference


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"derived_from": "asked"}, "`asked` names itself as the KPI that it derives from."),
        ({"counter_kpis": "[orders, asked]"}, "`asked` names itself as its counter KPI."),
        (
            {"status": "{deprecated: {since: 2026-01-01, replaced_by: asked}}"},
            "`asked` names itself as its replacement.",
        ),
        ({"counter_kpis": "[orders]", "derived_from": "net_sales"}, None),
    ],
)
def test_a_kpi_is_no_other_kpi_of_its_own(keys: dict[str, str], message: str | None) -> None:
    made = case(kpi("sum(x)", **keys))

    found = findings(self_reference.RULE, made)

    assert [(one.message, made.under(one)) for one in found] == ([(message, "asked")] if message else [])


# --- kpi-without-use


@pytest.mark.parametrize(
    ("user", "silent"),
    [
        pytest.param("kind: kpi\nname: x\nexpression: askd * 2", True, id="an expression"),
        pytest.param(
            "kind: scorecard\nname: s\nsections: [{title: A, kpis: [askd]}]", True, id="a scorecard"
        ),
        pytest.param(
            "kind: scorecard\nname: s\nsections: [{title: A, kpis: [somewhat]}]", False, id="another name"
        ),
    ],
)
def test_what_was_meant_by_a_wrong_name_is_not_called_unused(user: str, silent: bool) -> None:
    made = case(together(kpi("sum(x)"), user), sound=False)

    told = [made.under(one) for one in findings(kpi_without_use.RULE, made)]

    assert made.resolution.diagnostics
    assert ("asked" not in told) == silent
