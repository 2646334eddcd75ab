"""What an owner needs to see, what changed, and what everything is called."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from render_fixture import AS_OF, ENDLESS, HOSTILE, assessment, with_texts

from kpiascode.model.assessment import Assessment, Status
from kpiascode.model.ledger import DefinitionChange, History, Publication, PublishedValue, Told
from kpiascode.model.project import Waiver
from kpiascode.render import render
from kpiascode.render.links import owner_page as owner_path
from kpiascode.render.numbers import NBSP
from kpiascode.render.pages.changes import changes_page
from kpiascode.render.pages.glossary import glossary_page
from kpiascode.render.pages.index import MANY, index_page
from kpiascode.render.pages.owner import owner_page
from kpiascode.render.sentences import said
from kpiascode.render.whatchanged import LATELY, DayOfChanges, changes_of, last_issue

TODAY = AS_OF.date()


def pages(made: Assessment) -> dict[str, str]:
    return {page.path: page.text for page in render(made, version="1")}


def plain(text: str) -> str:
    return text.replace(NBSP, " ")


def lines(days: tuple[DayOfChanges, ...]) -> list[str]:
    return [
        plain(f"{day.day}: {line.word.text}, {line.about.text}: {line.text} [{line.source}]")
        for day in days
        for line in day.lines
    ]


# --- owners


def test_an_owner_sees_what_is_owned_and_what_of_it_needs_somebody() -> None:
    made = assessment()
    page = owner_page(made.project.owners["customer_care"], made)

    assert plain(said(page.sentence)).startswith("Owns 3 KPIs. ")
    assert "1 dataset is late" in plain(said(page.sentence))
    assert [row.link.text for group in page.table.groups for row in group.rows] == [
        "Net promoter score",
        "Open tickets",
        "Refund rate",
    ]
    (late,) = page.late
    assert (late.dataset, late.late_by, [kpi.text for kpi in late.kpis]) == (
        "survey_answers",
        f"34{NBSP}days",
        ["Net promoter score"],
    )
    assert {fix.kpi.text for fix in page.fixes} == {"Net promoter score", "Refund rate"}


def test_an_owner_of_nothing_says_so() -> None:
    made = assessment()
    idle = replace(made.project.owners["board"], name="idle")

    assert said(owner_page(idle, made).sentence) == "Owns no KPI and no goal."


def test_an_owner_whom_nothing_calls_reads_so() -> None:
    made = assessment()
    board = made.project.owners["board"]
    calm = {name: replace(goal, status=Status.MET) for name, goal in made.goals.items()}

    assert plain(said(owner_page(board, replace(made, goals=calm)).sentence)) == (
        "Owns 2 goals. Nothing needs attention now."
    )


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        pytest.param(-1, "Ended", id="one that ended"),
        pytest.param(0, "Ends", id="one that ends today still holds"),
        pytest.param(60, "Ends", id="the last day ahead"),
        pytest.param(61, None, id="a day later nobody is told"),
    ],
)
def test_waivers_are_told_sixty_days_ahead(days: int, shown: str | None) -> None:
    made = assessment()
    waiver = Waiver(
        probe="on_time", reason="The new shop.", approved_by="Ada", expires=TODAY + timedelta(days=days)
    )
    kpis = {**made.project.kpis, "orders": replace(made.project.kpis["orders"], waivers=(waiver,))}
    text = pages(replace(made, project=replace(made.project, kpis=kpis)))["owners/sales.html"]

    assert (f"<b>{shown} on" in text) == (shown is not None)
    assert ("The new shop." in text) == (shown is not None)


def test_whoever_is_named_on_a_goal_and_in_a_unit_has_a_link() -> None:
    site = pages(assessment())

    assert 'href="../owners/board.html"' in site["goals/profitable_growth.html"]
    assert 'href="../owners/customer_care.html"' in site["units/care_team.html"]
    assert owner_path("a/b") == "owners/a%2Fb.html"


# --- what changed


def value(kpi: str, text: str | None, hash_: str, **more: str | None) -> PublishedValue:
    return PublishedValue(
        kpi=kpi,
        grain="month",
        period="2026-09",
        start=date(2026, 9, 1),
        end=date(2026, 10, 1),
        slice=(),
        value=None if text is None else Decimal(text),
        unit="percent",
        definition="d",
        watermark=None,
        status="met",
        hash=hash_,
        **more,  # type: ignore[arg-type]
    )


def publication(
    day: int, *values: PublishedValue, told: tuple[Told, ...] = (), note: str = ""
) -> Publication:
    return Publication(
        hash=f"h{day}",
        at=datetime(2026, 10, day, 9),
        as_of=datetime(2026, 10, day),
        commit=None,
        scorecard="retail_monthly",
        channel="site",
        audiences=(),
        recipients=None,
        delivered=None,
        acknowledged=None,
        artefact=None,
        note=note,
        parents=(),
        kpis=told,
        values=values,
    )


def told(formula: str = "f", targets: str = "t", owner: str = "finance") -> Told:
    return Told(kpi="gross_margin", formula=formula, targets=targets, owner=owner)


def with_evidence(
    publications: tuple[Publication, ...] | None = None, history: History | None = None
) -> Assessment:
    made = assessment()
    quiet = {
        name: replace(kpi, behaviour=replace(kpi.behaviour, new=None, since=None))
        for name, kpi in made.kpis.items()
    }
    return replace(
        made, kpis=quiet, evidence=replace(made.evidence, publications=publications, history=history)
    )


def history(*changes: DefinitionChange, since: date | None = None, **released: date) -> History:
    return History(since=since, released=dict(released), changes=changes, mentions=())


def changed(day: int, *what: str, kpi: str = "gross_margin") -> DefinitionChange:
    return DefinitionChange(
        kpi=kpi, on=date(2026, 10, day), commit="abcdef0123", what=what, subject="Discounts count"
    )


def test_a_commit_that_changes_a_definition_is_told_with_its_reason() -> None:
    made = with_evidence(history=history(changed(5, "formula", "target")))

    assert lines(changes_of(None, made)) == [
        "5 October 2026: Definition, Gross margin: Formula and target changed: Discounts count [commit abcdef0]"
    ]


def test_a_restated_value_shows_both_values_and_who_said_why() -> None:
    made = with_evidence(
        (
            publication(2, value("refund_rate", "0.0461", "one")),
            publication(
                9,
                value("refund_rate", "0.0462", "two", restates="one", reason="late returns", author="Ada"),
            ),
        )
    )

    assert lines(changes_of(None, made)) == [
        "9 October 2026: Restated, Refund rate: September 2026: 4.62 % instead of 4.61 %. "
        "Late returns (Ada). [published on 9 October 2026]"
    ]


def test_what_the_ledger_saw_is_told_only_where_the_repository_does_not() -> None:
    twice = (
        publication(2, told=(told(),)),
        publication(9, told=(told(formula="g", owner="sales"),), note="A new rule."),
    )

    assert lines(changes_of(["gross_margin"], with_evidence(twice))) == [
        "9 October 2026: Definition, Gross margin: Formula and owner changed. [published on 9 October 2026]"
    ]
    known = with_evidence(twice, history(changed(8, "formula")))
    assert [line.split(":")[0] for line in lines(changes_of(["gross_margin"], known))] == ["8 October 2026"]
    assert "9 October 2026: Note, Retail, monthly: A new rule. [told by site]" in lines(
        changes_of(None, known)
    )


def test_the_newest_day_comes_first_and_what_is_too_old_or_to_come_is_left_out() -> None:
    old = replace(changed(1, "owner"), on=TODAY - LATELY - timedelta(days=1))
    later = replace(changed(1, "owner"), on=TODAY + timedelta(days=1))
    made = with_evidence(
        history=history(changed(3, "owner"), changed(5, "target"), old, later, orders=date(2026, 10, 4))
    )

    assert [line.split(",")[0] for line in lines(changes_of(None, made))] == [
        "5 October 2026: Definition",
        "4 October 2026: New",
        "3 October 2026: Definition",
    ]
    assert len(changes_of(None, made, since=date(2026, 10, 4))) == 1
    assert [line.split(":")[0] for line in lines(changes_of(["orders"], made))] == ["4 October 2026"]


def test_a_new_signal_is_told_when_it_could_first_be_seen() -> None:
    made = assessment()
    signalled = [name for name, kpi in made.kpis.items() if kpi.behaviour.new is not None]

    assert signalled, "the fixture has one"
    for name in signalled:
        new = made.kpis[name].behaviour.new
        assert new is not None
        (day,) = changes_of([name], made)
        assert plain(day.day).startswith(str(min(new.last.end, TODAY).day))


def test_the_last_issue_of_a_scorecard_is_its_last_publication() -> None:
    made = with_evidence((publication(2), publication(9)))

    assert last_issue("retail_monthly", made) == date(2026, 10, 9)
    assert last_issue("another", made) is None
    assert last_issue("retail_monthly", with_evidence()) is None


def test_the_page_says_what_it_cannot_know() -> None:
    nothing = changes_page(with_evidence())
    shallow = changes_page(with_evidence((publication(2),), history(since=date(2026, 9, 1))))

    assert said(nothing.sentence) == "Nothing that is recorded has changed."
    assert "in no git repository" in nothing.limits
    assert "Nothing was published yet" in nothing.limits
    assert "is known from 1 September 2026 on." in plain(shallow.limits)
    assert "Nothing was published" not in shallow.limits


# --- the glossary


def test_the_glossary_has_everything_that_has_a_name_in_the_order_of_the_alphabet() -> None:
    made = assessment()
    project = made.project
    page = glossary_page(made)
    terms = [entry.term.text for letter in page.letters for entry in letter.entries]

    assert (
        page.number
        == len(terms)
        == sum(map(len, (project.kpis, project.goals, project.org_units, project.owners, project.scorecards)))
    )
    assert terms == sorted(terms, key=str.casefold)
    assert [letter.title for letter in page.letters] == sorted({term[0] for term in terms})


def test_accents_do_not_change_the_order_and_digits_come_last() -> None:
    made = assessment()
    kpis = dict(made.project.kpis)
    for name, title in (("orders", "Überziehung"), ("net_sales", "9 to 5"), ("refund_rate", "zebra")):
        kpis[name] = replace(kpis[name], title=title)
    titles = [
        letter.title
        for letter in glossary_page(replace(made, project=replace(made.project, kpis=kpis))).letters
    ]

    assert titles[-2:] == ["Z", "0–9"]
    assert titles[:-1] == sorted(titles[:-1])
    assert "U" in titles


def test_the_glossary_is_whole_without_script_and_the_search_field_needs_it() -> None:
    text = pages(assessment())["glossary.html"]

    assert '<div class="find" id="find" hidden>' in text
    assert text.count("<h3>") == glossary_page(assessment()).number
    assert re.search(r'<label for="query">', text)
    assert 'aria-live="polite"' in text
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert not re.search(r"innerHTML|eval|fetch|XMLHttp|import|document\.write|\.src", script)


SEARCHES = """
const found = {};
for (const query of %s) {
  document.getElementById("query").value = query;
  document.getElementById("query").dispatchEvent(new Event("input"));
  found[query] = [document.getElementById("found").textContent, location.hash,
    [...document.querySelectorAll(".entries > li:not([hidden]) h3 a")].map((link) => link.textContent)];
}
document.title = JSON.stringify(found);
"""


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs a browser")
def test_one_finds_by_words_in_any_order_whatever_their_accents_and_capitals(tmp_path: Path) -> None:
    made = assessment()
    kpis = {**made.project.kpis, "orders": replace(made.project.kpis["orders"], title="Überzogene Aufträge")}
    text = pages(replace(made, project=replace(made.project, kpis=kpis)))["glossary.html"]
    queries = ["uberzogene", "MARGIN gross", "nothing of the kind", ""]
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    page = text.replace(script, script + SEARCHES % json.dumps(queries))
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)  # it stops what was put in
    (tmp_path / "glossary.html").write_text(page, encoding="utf-8")

    shown = subprocess.run(
        [
            *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
            *("--disable-background-networking", f"--user-data-dir={tmp_path / 'browser'}", "--dump-dom"),
            (tmp_path / "glossary.html").as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout
    titled = re.search(r"<title>(.*?)</title>", shown)
    assert titled is not None
    found = json.loads(unescape(titled[1]))
    number = glossary_page(made).number

    assert found["uberzogene"] == [f"1 of {number} found", "#q=uberzogene", ["Überzogene Aufträge"]]
    assert found["MARGIN gross"][2] == ["Gross margin"]
    assert found["nothing of the kind"][0] == f"0 of {number} found"
    assert found[""][0] == ""
    assert found[""][1] == ""
    assert len(found[""][2]) == number


# --- many KPIs


def test_a_first_page_of_many_kpis_has_one_line_each_folded_by_unit() -> None:
    made = assessment()
    one = made.project.kpis["orders"]
    names = [f"copy_{number:03d}" for number in range(MANY + 1)]
    many = replace(
        made,
        project=replace(made.project, kpis={name: replace(one, name=name) for name in names}),
        kpis={name: replace(made.kpis["orders"], kpi=name, results=()) for name in names},
        goals={},
    )
    page = index_page(many)

    assert page.table is None
    assert [len(fold.rows) for fold in page.folds] == [MANY + 1]
    text = pages(many)["index.html"]
    assert text.count("<details") == 1
    assert len(text) < 200 * len(names) + 80_000
    assert index_page(made).folds == ()


# --- hostile texts


@pytest.mark.parametrize("text", [HOSTILE, ENDLESS, "\u202egro.elpmaxe//:sptth", "javascript:alert(1)"])
def test_hostile_names_contacts_reasons_and_notes_are_text_on_every_page(text: str) -> None:
    made = with_texts(text)
    project = made.project
    waiver = Waiver(probe=text, reason=text, approved_by=text, expires=TODAY)
    made = replace(
        made,
        project=replace(
            project,
            kpis={name: replace(kpi, waivers=(waiver,)) for name, kpi in project.kpis.items()},
            owners={name: replace(o, approvers=(text,)) for name, o in project.owners.items()},
        ),
        evidence=replace(
            made.evidence,
            publications=(publication(2, note=text),),
            history=history(replace(changed(5, "owner"), subject=text, commit=text)),
        ),
    )
    site = pages(made)

    for path in (
        "owners/finance.html",
        "changes.html",
        "glossary.html",
        "goals/kept_promises.html",
        "index.html",
    ):
        page = site[path]
        assert "<script>alert" not in page
        assert "<img" not in page
        assert not re.search(r"""href\s*=\s*["']?\s*(javascript|data:text|http)""", page, re.IGNORECASE)
        assert "49{%" not in page
        assert text in unescape(page)
