"""A review as text, Markdown and a changelog: numbers in words, hostile texts as texts, and what a comment can hold."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from render_fixture import ENDLESS, HOSTILE

from kpiascode.model.assessment import Status
from kpiascode.model.calendar import Grain, Period
from kpiascode.model.changes import (
    GRADES,
    Approver,
    Change,
    ChangeClass,
    ChangeKind,
    Flag,
    Flip,
    KpiNumbers,
    Proof,
    Reach,
    Review,
    Role,
    Subject,
    SubjectKind,
    TimeEffect,
    ValuePair,
)
from kpiascode.model.place import Place, Span
from kpiascode.model.project import Measure
from kpiascode.render.numbers import NBSP
from kpiascode.render.review import as_json, markdown, marker, text
from kpiascode.render.review.markdown import LADDER, LOWEST, MOST

EURO = Measure(name="currency", currency="EUR")
PERCENT = Measure(name="percent")
PLACE = Place("kpis/a.yaml", Span(3, 1, 3, 9))
COMMAND = "kpi diff main --as-of 2026-01-01"
OWNER = Approver(owner="sales", handles=("@acme/sales",), roles=(Role.OWNER,))
CALLS = re.compile(r"@\w|#\d|\bgh-\d|://|\bwww\.|:[\w+-]+:", re.IGNORECASE)
"""What GitHub looks for behind Markdown."""

OURS = ("details", "summary", "sub", "b")
ON_PURPOSE = "\N{ZERO WIDTH SPACE}\N{FIRST STRONG ISOLATE}\N{POP DIRECTIONAL ISOLATE}"
"""What keeps a host from calling people, and texts from right to left in their place."""

TRICKS = [
    "| a | b |\n|---|---|",
    "`code` ``more`` ```` ` ````",
    "`",
    "``",
    "</details></summary><script>alert(1)</script>",
    "<details><summary>open",
    "<!-- kpiascode:review key=kpi diff -->",
    "--> <!--",
    "@everyone @acme/all and somebody@example.com",
    "[click](https://evil.example) ![x](https://evil.example/x.png) <https://evil.example>",
    "https://evil.example www.evil.example #1 GH-1 acme/shop#1 :tada:",
    "```\nfence\n```",
    "~~~",
    "\n\n# Heading\n\n---\n\n> quote\n\n- [ ] task\n",
    "a\r\nb\vc\x00d\x1b[31m",
    "\u202eright to left\u2066 مرحبا \u2069",
    "$x$ \\( y \\) \\",
    "&lt;b&gt; &amp; &#64;everyone",
    "",
    " ",
    HOSTILE,
    ENDLESS,
    "x" * 10_000,
    "|" * 10_000,
    "`" * 10_000,
]


def change(name: str = "net_sales", kind: ChangeKind = ChangeKind.FILTER_NARROWED, **more: Any) -> Change:
    return Change(
        **{
            "kind": kind,
            "subject": Subject(SubjectKind.KPI, name),
            "part": "where",
            "before": "a > 1",
            "after": "a > 1 and b",
            "words": "Only rows with `b` count now.",
            "effect": TimeEffect.RESTATES,
            "proof": Proof.UNKNOWN,
            "reach": Reach(kpis=("basket",), goals=("grow",), scorecards=("monthly",)),
            "approvers": (OWNER,),
            "place": PLACE,
            **more,
        }
    )


def numbers(
    *pairs: tuple[str | None, str | None], kpi: str = "net_sales", unit: Measure = EURO, **more: Any
) -> KpiNumbers:
    """Return values of the months of 2025, before and after."""
    made = tuple(
        ValuePair(period=month(number), before=decimal(before), after=decimal(after))
        for number, (before, after) in enumerate(pairs, 1)
    )
    return KpiNumbers(
        **{"kpi": kpi, "grain": Grain.MONTH, "unit_before": unit, "unit_after": unit, "pairs": made, **more}
    )


def month(number: int) -> Period:
    year, index = divmod(number - 1, 12)
    after, rest = divmod(number, 12)
    return Period(
        grain=Grain.MONTH,
        name=f"{2025 + year}-{index + 1:02}",
        start=date(2025 + year, index + 1, 1),
        end=date(2025 + after, rest + 1, 1),
    )


def decimal(told: str | None) -> Decimal | None:
    return None if told is None else Decimal(told)


def review(*changes: Change, **more: Any) -> Review:
    return Review(
        **{
            "base": "main@1a2b3c4",
            "head": "working tree",
            "base_commit": "1a2b3c4",
            "head_commit": None,
            "as_of": datetime(2026, 1, 1),
            "changes": changes or (change(),),
            "evaluated": "the data files of the head, on the embedded engine",
            "numbers": {"net_sales": numbers(("100", "90"))},
            **more,
        }
    )


def comment(told: Review) -> str:
    return markdown(told, "kpi diff", "1.0", COMMAND)


def tokens(told: str) -> Iterator[Any]:
    for token in MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(told):
        yield token
        yield from token.children or ()


def seen(told: str) -> str:
    """Return what a reader sees, with simple blanks."""
    shown = [token.content for token in tokens(told) if token.type in ("text", "text_special", "code_inline")]
    return " ".join(shown).replace(NBSP, " ")


def cells(told: str, name: str = "net_sales") -> list[str]:
    """Return the row of the table of what was changed that is about something."""
    [row] = [line for line in told.splitlines() if f"| `{name}` |" in line]
    return [cell.strip().replace(NBSP, " ") for cell in re.split(r"(?<!\\)\|", row)[1:-1]]


def periods(told: str) -> list[list[str]]:
    rows = [line for line in told.splitlines() if re.match(r"\| 202\d-\d\d \|", line)]
    return [[cell.strip().replace(NBSP, " ") for cell in row.split("|")[1:-1]] for row in rows]


# --- what stands where


def test_the_marker_is_the_first_line_and_stands_there_once() -> None:
    told = comment(review())

    assert told.splitlines()[0] == "<!-- kpiascode:review key=kpi diff -->"
    assert told.count("<!--") == 1


@pytest.mark.parametrize("key", ["", " a", "a--b", "a -->", "a\nb", "a" * 101, "ä", "a<b", "a\n"])
def test_a_key_that_could_end_the_marker_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="A key has"):
        marker(key)


def test_the_verdict_comes_first_then_the_number() -> None:
    lines = comment(review()).replace(NBSP, " ").splitlines()

    assert lines[1] == "### KPI review: 1 value-changing"
    assert lines[3] == (
        "**net\\_sales of 2025-01 would read 90.00 € instead of 100 € (−10.0 %), and all of its past is restated.**"
    )


def test_nothing_changed_is_said_in_one_line() -> None:
    nothing = replace(review(), changes=())

    assert comment(nothing) == "<!-- kpiascode:review key=kpi diff -->\nNo KPI changes.\n"
    assert text(nothing) == "No KPI changes.\n"


def test_the_table_has_grave_changes_and_the_milder_ones_are_folded() -> None:
    mild = change(
        "orders",
        ChangeKind.TITLE,
        effect=TimeEffect.NONE,
        proof=Proof.TEXT,
        words="The title was `a` and is `b`.",
    )
    told = comment(review(change(), mild)).replace(NBSP, " ")

    assert cells(told)[0] == "🔴"
    assert "<details><summary>1 change that leaves every number as it is</summary>" in told
    assert "- ⚪ `orders`: The title was `a` and is `b`." in told


def test_classes_come_in_their_order_the_gravest_first() -> None:
    some = [change(f"k{weight.name.lower()}", kind_of(weight)) for weight in ChangeClass]
    told = comment(review(*some, numbers={}))

    rows = re.findall(r"^\| \S+ \| `k(\w+)` \|", told, re.MULTILINE)
    assert rows == [one.name.lower() for one in reversed(ChangeClass) if GRADES[one] >= LOWEST]
    assert told.splitlines()[1].startswith("### KPI review: 1 unknown, 1 history, 1 breaking, ")


def kind_of(weight: ChangeClass) -> ChangeKind:
    return next(kind for kind in ChangeKind if change(kind=kind).weight is weight)


def test_of_one_class_what_was_changed_itself_comes_first_then_what_differs_most() -> None:
    through = (Subject(SubjectKind.KPI, "c"),)
    some = [
        change("a", ChangeKind.INDIRECT, through=through),
        change("b"),
        change("c"),
        change("d", ChangeKind.INDIRECT, through=through),
    ]
    values = {
        "a": numbers(("100", "101"), kpi="a"),
        "b": numbers(("100", "101"), kpi="b"),
        "c": numbers(("100", "50"), kpi="c"),
        "d": numbers(("0", "5"), kpi="d"),  # no ratio is larger than that of nothing
    }

    told = comment(review(*some, numbers=values))

    assert re.findall(r"^\| \S+ \| `(\w)` \|", told, re.MULTILINE) == ["c", "b", "d", "a"]


def test_there_is_one_alert_and_only_where_a_date_would_keep_the_past() -> None:
    undated = {"flags": (Flag.NO_EFFECTIVE_DATE,)}
    restated = [change(f"k{number}", **undated) for number in range(3)]
    through = (Subject(SubjectKind.KPI, "orders"),)

    told = comment(review(*restated))
    assert told.count("> [!") == 1
    assert "> `k0`, `k1`, `k2` change periods that are over." in told
    assert "> [!" not in comment(review(change()))
    assert "> [!" not in comment(
        review(change(kind=ChangeKind.INDIRECT, part="", through=through, **undated))
    )


def test_a_change_in_the_base_says_from_which_day_its_past_is_restated() -> None:
    since = change(effect=TimeEffect.RETRO_DATED, since=date(2025, 1, 1))

    assert cells(comment(review(since)))[4] == "restated from 2025-01-01"


# --- numbers


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        pytest.param("200", "188", ["200 €", "188 €", "−12.00 €", "−6.0 %"], id="relative to the base"),
        pytest.param(
            "-200", "-188", ["−200 €", "−188 €", "+12.00 €", "+6.0 %"], id="to the size of a base below zero"
        ),
        pytest.param("0", "5", ["0 €", "5.00 €", "+5.00 €", "n/a"], id="nothing is a part of zero"),
        pytest.param("5", "0", ["5.00 €", "0 €", "−5.00 €", "−100.0 %"], id="a drop to zero is shown"),
        pytest.param("5", None, ["5.00 €", "no value", "n/a", ""], id="no value after"),
        pytest.param(None, "5", ["no value", "5.00 €", "n/a", ""], id="no value before"),
        pytest.param(None, None, ["no value", "no value", "", ""], id="no value at all"),
        pytest.param("5", "5", ["5.00 €", "5.00 €", "0", ""], id="as it was"),
        pytest.param(
            "100",
            "100.001",
            ["100.000 €", "100.001 €", "+0.001 €", "+0.001 %"],
            id="as many digits as tell them apart",
        ),
    ],
)
def test_a_period_is_told(before: str | None, after: str | None, shown: list[str]) -> None:
    told = comment(review(numbers={"net_sales": numbers((before, after))}))

    [row] = periods(told)
    assert row == ["2025-01", *shown, ""]


def test_the_newest_period_comes_first_in_a_comment_and_last_on_a_terminal() -> None:
    some = review(numbers={"net_sales": numbers(("1", "2"), ("3", "4"))})

    assert [row[0] for row in periods(comment(some))] == ["2025-02", "2025-01"]
    assert re.findall(r"^ +(2025-\d\d)", text(some), re.MULTILINE) == ["2025-01", "2025-02"]


def test_the_sentence_is_about_the_newest_period_that_differs() -> None:
    some = review(numbers={"net_sales": numbers(("100", "50"), ("100", "90"), ("100", "100"))})

    assert "net_sales of 2025-02 would read 90.00 € instead of 100 €" in text(some).replace(NBSP, " ")


def test_a_status_that_is_another_one_is_told_of_the_last_period() -> None:
    pair = ValuePair(
        period=month(1),
        before=Decimal(100),
        after=Decimal(90),
        status_before=Status.MET,
        status_after=Status.MISSED,
    )
    told = comment(review(numbers={"net_sales": replace(numbers(), pairs=(pair,))}))

    assert periods(told)[0][-1].endswith("Missed")
    assert "→" in periods(told)[0][-1]


def test_per_cents_differ_by_points() -> None:
    told = comment(review(numbers={"net_sales": numbers(("0.044", "0.046"), unit=PERCENT)}))

    assert cells(told)[3] == "2025-01: 4.6 % instead of 4.4 % (+0.2 points)"


def test_two_units_are_not_subtracted() -> None:
    some = numbers(("100", "90"), unit_after=Measure(name="currency", currency="USD"))

    assert periods(comment(review(numbers={"net_sales": some})))[0][3:5] == ["n/a", ""]


def test_what_is_not_evaluated_says_so_and_why() -> None:
    unasked = review(numbers={}, evaluated=None, why_not="the engine `x` is asked only with --trust-head")
    failed = review(numbers={"net_sales": numbers(why_not="the file is missing")})

    assert cells(comment(unasked))[3] == "not evaluated"
    assert "values not evaluated: the engine" in seen(comment(unasked))
    assert (
        text(unasked)
        .splitlines()[-1]
        .endswith("values not evaluated: the engine `x` is asked only with --trust-head.")
    )
    assert cells(comment(failed))[3] == "not evaluated: the file is missing"
    assert "not evaluated: the file is missing" in text(failed)


def test_no_cell_of_a_number_is_blank() -> None:
    for told in (
        review(),
        review(numbers={}, evaluated=None, why_not="--no-values"),
        review(numbers={"net_sales": numbers()}),
        review(numbers={"net_sales": numbers((None, None))}),
        review(numbers={"net_sales": numbers(why_not="why")}),
    ):
        assert cells(comment(told))[3]


def test_a_goal_is_told_with_why() -> None:
    flip = Flip(
        goal="grow", kpi="net_sales", slice=(), before=Status.MET, after=Status.MISSED, by_redefinition=True
    )

    shown = "goal grow, net_sales: on target → missed"
    assert f"{shown}, merely by the redefinition" in seen(comment(review(flips=(flip,))))
    assert f"! {shown}\n" in text(review(flips=(replace(flip, by_redefinition=False),)))
    assert "net_sales[channel=online]: " in text(
        review(flips=(replace(flip, slice=(("channel", "online"),)),))
    )
    assert "goal grow as a whole: " in text(review(flips=(replace(flip, kpi=""),)))


# --- who is called


def test_only_those_who_have_to_agree_are_called_and_once() -> None:
    told = comment(review(change(), change("orders", words="Ask @everyone, @acme/all and #1.")))
    called = [token.content for token in tokens(told) if token.type == "text" and CALLS.search(token.content)]

    assert called == ["To agree: @acme/sales"]


def test_whom_only_the_change_itself_knows_is_not_called() -> None:
    stranger = replace(OWNER, owner="new", handles=("@acme/all",), is_new=True)

    assert "To agree: @acme/sales, `@acme/all`" in comment(review(change(approvers=(OWNER, stranger))))


def test_an_owner_without_a_handle_is_named_as_code() -> None:
    nobody = Approver(owner="sales", handles=(), roles=(Role.OWNER,))

    assert "To agree: `sales`" in comment(review(change(approvers=(nobody,))))


@pytest.mark.parametrize("handle", TRICKS)
def test_what_is_no_handle_calls_nobody(handle: str) -> None:
    some = Approver(owner="sales", handles=(handle,), roles=(Role.OWNER,))
    told = comment(review(change(approvers=(some,))))

    assert_harmless(told)


def test_who_is_called_for_a_mild_change_is_nobody() -> None:
    mild = change(kind=ChangeKind.TITLE, effect=TimeEffect.NONE, proof=Proof.TEXT)

    assert "To agree" not in comment(review(mild, numbers={}))


def test_of_more_people_than_a_row_holds_it_is_told_how_many() -> None:
    many = tuple(Approver(owner=f"o{n}", handles=(f"@acme/o{n}",), roles=(Role.OWNER,)) for n in range(8))

    assert cells(comment(review(change(approvers=many))))[6].endswith("and 3 more")


def test_of_more_people_than_a_comment_may_call_it_is_told_how_many() -> None:
    many = tuple(Approver(owner=f"o{n}", handles=(f"@acme/o{n}",), roles=(Role.OWNER,)) for n in range(60))
    told = comment(review(change(approvers=many)))

    [line] = [line for line in told.splitlines() if line.startswith("To agree: ")]
    assert line.count("@") == 50
    assert line.endswith(" and 10 more")


# --- texts of strangers


def assert_harmless(told: str) -> None:
    """Fail where a text does anything but being read."""
    found = list(tokens(told))
    html = "\n".join(token.content for token in found if token.type in ("html_inline", "html_block"))
    tags = re.findall(r"<[^>]*>", html)
    assert tags[0] == "<!-- kpiascode:review key=kpi diff -->"
    assert set(tags[1:]) <= {f"<{end}{tag}>" for tag in OURS for end in ("", "/")}
    assert all(html.count(f"<{tag}>") == html.count(f"</{tag}>") for tag in OURS)
    assert not {token.type for token in found} & {"link_open", "image", "s_open", "hr"}
    assert not any(CALLS.search(one.replace("@acme/sales", "")) for one in prose(found))
    assert all(character.isprintable() or character in "\n" + NBSP + ON_PURPOSE for character in told)


def prose(found: list[Any]) -> Iterator[str]:
    """Yield what Markdown takes for text, in which a host looks for people; what is HTML to it, too."""
    for token in found:
        if token.type in ("text", "text_special"):
            yield token.content
        elif token.type == "html_block":
            yield re.sub(r"<!--.*?-->", "", token.content)


def layout(told: str) -> list[str]:
    kinds = (
        "tr_open",
        "td_open",
        "table_open",
        "heading_open",
        "fence",
        "blockquote_open",
        "bullet_list_open",
    )
    return [token.type for token in tokens(told) if token.type in kinds]


def with_text(told: str, *, is_kpi: bool = True) -> Review:
    """Return a review in which a text stands wherever one of a stranger can."""
    kind = SubjectKind.KPI if is_kpi else SubjectKind.PROJECT
    one = change(
        subject=Subject(kind, told),
        words=f"`{told}` and {told}.",
        before=told,
        after=f"{told} ",
        reach=Reach(kpis=(told,), goals=(told,), scorecards=(told,)),
        approvers=(Approver(owner=told, handles=(), roles=(Role.OWNER,)),),
        place=Place(told, PLACE.span),
        through=(),
        flags=(Flag.DRAFT,),
    )
    mild = replace(one, kind=ChangeKind.DESCRIPTION, proof=Proof.TEXT, effect=TimeEffect.NONE)
    flip = Flip(
        goal=told,
        kpi=told,
        slice=((told, told),),
        before=Status.MET,
        after=Status.MISSED,
        by_redefinition=True,
    )
    return review(
        one,
        mild,
        base=told,
        head=told,
        flips=(flip,),
        numbers={told: numbers(("100", "90"), kpi=told)},
        sql={told: (f"SELECT '{told}'", f"SELECT '{told}' AS x")},
        evaluated=told,
        dialect="duckdb",
    )


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("is_kpi", [True, False])
def test_what_a_stranger_wrote_is_shown_and_does_nothing(trick: str, is_kpi: bool) -> None:
    told = comment(with_text(trick, is_kpi=is_kpi))

    assert_harmless(told)
    assert layout(told) == layout(comment(with_text("name", is_kpi=is_kpi)))


@pytest.mark.parametrize("trick", TRICKS)
def test_why_there_is_no_number_is_a_text_too(trick: str) -> None:
    failed = review(numbers={"net_sales": numbers(why_not=trick)})
    unasked = review(numbers={}, evaluated=None, why_not=trick)

    for told in (comment(failed), comment(unasked)):
        assert_harmless(told)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("`|<>!-@#*_[]()~\\\n&;:/ a\u202e"), max_size=40))
def test_no_mixture_of_signs_gets_out(trick: str) -> None:
    assert_harmless(comment(with_text(trick)))


@pytest.mark.parametrize("trick", TRICKS)
def test_a_command_is_shown_and_does_nothing(trick: str) -> None:
    assert_harmless(markdown(review(), "kpi diff", "1.0", f"kpi diff {trick}"))


@pytest.mark.parametrize("trick", TRICKS)
def test_a_terminal_gets_no_control_characters_and_no_lines_of_strangers(trick: str) -> None:
    told, plain = text(with_text(trick)), text(with_text("name"))

    assert all(character.isprintable() or character in "\n" + NBSP + ON_PURPOSE for character in told)
    assert abs(len(told.splitlines()) - len(plain.splitlines())) <= 1


@pytest.mark.parametrize("trick", TRICKS)
def test_json_keeps_what_was_written(trick: str) -> None:
    [one, _] = json.loads(as_json(with_text(trick)))["changes"]

    assert one["subject"]["name"] == trick


def test_a_fence_is_longer_than_any_in_the_sql() -> None:
    told = comment(review(sql={"net_sales": ("SELECT 1\n```\nx", "SELECT 2\n````\nx")}))
    [fence] = [token for token in tokens(told) if token.type == "fence"]

    assert fence.markup == "`" * 5
    assert "-SELECT 1" in fence.content


def test_what_is_empty_is_told_in_words() -> None:
    told = comment(review(change(before="", after="`")))

    assert "_nothing_ → `` ` ``" in told


# --- what a comment can hold


def large(count: int, *, length: int = 10, sql: int = 0) -> Review:
    """Return a review of many KPIs, each with twelve periods, sentences of a length and SQL of some lines."""
    names = [f"kpi_{number:05}" for number in range(count)]
    pairs = tuple(("1000000.25", "2000000.75") for _ in range(12))
    select = [f"  {'column':>20}_{line}" for line in range(sql)]
    return review(
        *(change(name, words="w" * length) for name in names),
        numbers={name: numbers(*pairs, kpi=name) for name in names},
        sql={name: ("\n".join(select), "\n".join(f"{line}_" for line in select)) for name in names},
    )


STEPS = [
    pytest.param(large(3, sql=3), 0, id="all of it"),
    pytest.param(large(20, sql=200), 1, id="without SQL"),
    pytest.param(large(100), 2, id="periods of ten KPIs"),
    pytest.param(large(300, length=200), 3, id="fifty rows and no details"),
    pytest.param(large(60, length=2_000), 3, id="long sentences are cut"),
]


@pytest.mark.parametrize(("some", "step"), STEPS)
def test_what_is_too_long_is_left_out_step_by_step(some: Review, step: int) -> None:
    told = comment(some)
    cut = LADDER[step]

    assert len(told) <= MOST
    assert ("```diff" in told) == cut.sql
    assert ("<details>" in told) == cut.details
    assert len(periods(told)) == min(len(some.changes), cut.series) * 12
    rows = re.findall(r"^\| 🔴 \|", told, re.MULTILINE)
    assert len(rows) == min(len(some.changes), cut.rows)
    assert ("This is too long for a comment" in told) == (step > 0)
    if len(some.changes) > cut.rows:
        assert f"{len(some.changes) - cut.rows} more changes are not listed." in told


@pytest.mark.parametrize("trick", TRICKS)
def test_the_verdict_and_who_has_to_agree_always_stand(trick: str) -> None:
    """However long names and texts are, and however many there are of everything."""
    many = [
        replace(one, subject=Subject(SubjectKind.KPI, f"{trick}{number}"))
        for number in range(300)
        for one in with_text(trick).changes
    ]
    flips = tuple(
        Flip(
            goal=f"{trick}{n}",
            kpi=trick,
            slice=(),
            before=Status.MET,
            after=Status.MISSED,
            by_redefinition=True,
        )
        for n in range(200)
    )
    told = comment(review(*many, change(), flips=flips))

    assert len(told) <= MOST
    assert told.splitlines()[1] == "### KPI review: 301 value-changing, 300 metadata"
    assert "To agree: " in told
    assert "@acme/sales" in told
    assert_harmless(told)


def test_many_people_with_long_handles_fit_too() -> None:
    many = tuple(
        Approver(owner=f"o{n}", handles=tuple(f"@{'a' * 90}/{n}x{m}" for m in range(20)), roles=(Role.OWNER,))
        for n in range(200)
    )

    assert len(comment(review(*(change(f"k{n}", approvers=many) for n in range(100))))) <= MOST


def test_the_ladder_only_leaves_out() -> None:
    for more, less in pairwise(LADDER):
        assert more.sql >= less.sql
        assert more.series >= less.series
        assert more.rows >= less.rows
        assert more.details >= less.details
