"""The site: every page is whole, accessible, safe and the same each time; and shows what it must."""

import csv
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser
from io import StringIO
from itertools import pairwise
from posixpath import dirname, join, normpath

import pytest
from render_fixture import ENDLESS, HOSTILE, assessment, with_texts

from kpiascode.model.assessment import Assessment, Status, Trust
from kpiascode.model.page import Page
from kpiascode.model.signals import Standing
from kpiascode.render import render
from kpiascode.render.download import download
from kpiascode.render.download import text as cell
from kpiascode.render.links import file_name
from kpiascode.render.numbers import NBSP
from kpiascode.render.pages.scorecard import needing_attention

INLINE = frozenset({"a", "b", "span", "code"})
VOID = frozenset({"meta", "link", "img", "br", "hr", "input", "path", "rect", "line", "circle"})


class Outline(HTMLParser):
    """What a page consists of; any element that is not closed in order is a mistake."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.mistakes: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attributes]
        if len(names) != len(set(names)):
            self.mistakes.append(f"<{tag}> has an attribute twice")
        self.elements.append((tag, dict(attributes)))
        self.words.append("" if tag in INLINE else " ")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.mistakes.append(f"</{tag}> closes something else")

        self.words.append("" if tag in INLINE else " ")

    def handle_data(self, data: str) -> None:
        if not {"style", "title"} & set(self.open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words).replace(NBSP, " "))


@cache
def read(html: str) -> Outline:
    return outline(html)


@cache
def site(kind: str = "company") -> dict[str, str]:
    made = {
        "company": assessment,
        "hostile": lambda: with_texts(HOSTILE),
        "endless": lambda: with_texts(ENDLESS),
    }
    return {page.path: page.text for page in render(made[kind](), version="1.2.3")}


def rendered(made: Assessment) -> dict[str, str]:
    return {page.path: page.text for page in render(made, version="1.2.3")}


def outline(html: str) -> Outline:
    found = Outline()
    found.feed(html)
    found.close()
    return found


def html_pages(kind: str = "company") -> Iterator[tuple[str, Outline]]:
    return ((path, read(text)) for path, text in site(kind).items() if path.endswith(".html"))


def words_of(path: str) -> str:
    return read(site()[path]).text


# --- which pages


def test_the_site_has_one_page_for_everything_and_the_numbers_of_each_scorecard() -> None:
    project = assessment().project

    assert set(site()) == {
        "index.html",
        *(f"scorecards/{name}.html" for name in project.scorecards),
        *(f"data/{name}.csv" for name in project.scorecards),
        *(f"kpis/{name}.html" for name in project.kpis),
        *(f"goals/{name}.html" for name in project.goals),
        *(f"units/{name}.html" for name in project.org_units),
        *(f"owners/{name}.html" for name in project.owners),
        "goals.html",
        "changes.html",
        "glossary.html",
    }


def test_the_same_assessment_gives_the_same_bytes() -> None:
    first, second = (render(assessment(), version="1.2.3") for _ in range(2))

    assert first == second
    assert all(isinstance(page, Page) and page.text.endswith("\n") for page in first)
    assert all("\r" not in page.text for page in first)


# --- every page is whole


@pytest.mark.parametrize("kind", ["company", "hostile", "endless"])
def test_every_element_is_closed_in_order(kind: str) -> None:
    for path, page in html_pages(kind):
        assert (path, page.mistakes, page.open) == (path, [], [])


@pytest.mark.parametrize("kind", ["company", "hostile"])
def test_ids_are_unique_and_what_refers_to_them_finds_them(kind: str) -> None:
    for path, page in html_pages(kind):
        ids = Counter(attributes["id"] for _, attributes in page.elements if "id" in attributes)
        labels = {a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a}
        assert (path, [one for one, count in ids.items() if count > 1]) == (path, [])
        assert (path, labels - ids.keys()) == (path, set())


def test_every_link_leads_to_a_page_and_a_place_on_it() -> None:
    ids = {path: {attributes.get("id") for _, attributes in page.elements} for path, page in html_pages()}
    for path, page in html_pages():
        for tag, attributes in page.elements:
            href = attributes.get("href")
            if tag != "a" or not href:
                continue
            target, _, place = href.partition("#")
            found = normpath(join(dirname(path), target)) if target else path
            assert found in site(), (path, href)
            assert not place or place in ids[found], (path, href)


def test_every_page_can_be_reached_from_the_first_by_two_links_at_most() -> None:
    def led_to(path: str) -> set[str]:
        hrefs = (a.get("href") for tag, a in read(site()[path]).elements if tag == "a")
        return {
            normpath(join(dirname(path), href.partition("#")[0])) for href in hrefs if href and href[0] != "#"
        }

    first = led_to("index.html")
    second = {page for path in first if path.endswith(".html") for page in led_to(path)}
    assert set(site()) <= first | second


# --- accessible


def test_every_page_has_landmarks_a_language_a_title_and_a_way_past_the_navigation() -> None:
    for path, page in html_pages():
        tags = Counter(tag for tag, _ in page.elements)
        assert [tags[one] for one in ("main", "header", "footer", "title")] == [1, 1, 1, 1], path
        names = [attributes.get("aria-label") for tag, attributes in page.elements if tag == "nav"]
        assert names[0] == "Site", path
        assert all(names), path
        assert ("html", {"lang": "en"}) in page.elements
        links = [attributes for tag, attributes in page.elements if tag == "a"]
        assert links[0].get("href") == "#main", path


def test_headings_begin_with_the_only_h1_and_skip_no_level() -> None:
    for path, page in html_pages():
        levels = [int(heading[1]) for heading in page.headings]
        assert (path, levels[0], levels.count(1)) == (path, 1, 1)
        assert all(after - before <= 1 for before, after in pairwise(levels)), path


def test_every_picture_says_what_it_shows() -> None:
    for path, page in html_pages():
        pictures = [attributes for tag, attributes in page.elements if tag == "svg"]
        assert pictures or path in {"changes.html", "glossary.html"}, path
        assert all(one.get("role") == "img" and one.get("aria-label") for one in pictures), path


def test_tables_have_captions_and_their_heads_a_scope() -> None:
    for path, page in html_pages():
        tags = Counter(tag for tag, _ in page.elements)
        assert (path, tags["table"]) == (path, tags["caption"])
        assert all(attributes.get("scope") for tag, attributes in page.elements if tag == "th"), path


def test_shapes_are_not_read_aloud_and_never_stand_alone() -> None:
    for path, page in html_pages():
        shapes = [a for _, a in page.elements if "shape" in (a.get("class") or "").split()]
        assert all(one.get("aria-hidden") == "true" for one in shapes), path
    for path, text in site().items():
        assert not re.search(r'<span class="shape"[^>]*>[^<]*</span>\s*</', text), path


# --- safe


@pytest.mark.parametrize("kind", ["company", "hostile"])
def test_no_page_has_script_style_attributes_or_asks_for_anything(kind: str) -> None:
    allowed = {"html", "head", "body", "meta", "title", "link", "style"}
    for path, page in html_pages(kind):
        for tag, attributes in page.elements:
            assert tag != "script" or path == "glossary.html"
            assert tag not in {"img", "iframe", "object", "embed", "base", "form", "image"}, path
            assert not [name for name in attributes if name == "style" or name.startswith("on")], path
            assert not {"src", "srcset", "xlink:href", "action"} & attributes.keys(), path
            assert tag in allowed or not re.match(
                "(?i)(https?|javascript|data|file):|//", attributes.get("href") or ""
            )
    if kind == "company":
        assert not any("http:" in text or "https:" in text for text in site().values())


def test_the_policy_allows_our_style_and_nothing_else() -> None:
    for path, text in site().items():
        if not path.endswith(".html"):
            continue
        (inlined,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
        digest = b64encode(sha256(inlined.encode()).digest()).decode()
        (policy,) = [
            attributes["content"]
            for _, attributes in read(text).elements
            if attributes.get("http-equiv") == "Content-Security-Policy"
        ]
        scripts = "".join(
            f" script-src 'sha256-{b64encode(sha256(script.encode()).digest()).decode()}';"
            for script in re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
        )
        assert bool(scripts) == (path == "glossary.html")
        assert policy == (
            f"default-src 'none'; style-src 'sha256-{digest}';{scripts} "
            "img-src data:; base-uri 'none'; form-action 'none'"
        ), path


def test_hostile_text_is_shown_as_text() -> None:
    for path, page in html_pages("hostile"):
        assert "<script>alert(1)</script>{{ 7*7 }}{% raw %}" in page.text, path
        assert "49{% raw" not in page.text


def test_names_cannot_leave_their_folder() -> None:
    assert file_name("../../etc/passwd") == "..%2F..%2Fetc%2Fpasswd"
    assert file_name("gross_margin") == "gross_margin"


# --- what the pages say


def test_the_first_page_has_scorecards_goals_kpis_and_units() -> None:
    words = words_of("index.html")

    assert "0 of 10 KPIs with a target are on track, 6 to watch, 1 improving." in words
    assert "11 of 13 KPIs current" in words
    assert all(
        title in words for title in ("Retail, monthly", "Grow without buying growth", "Ad impressions")
    )
    assert "Retail operations Department" in words


def test_a_scorecard_says_what_when_and_how_sure() -> None:
    words = words_of("scorecards/retail_monthly.html")

    for part in (
        "Retail, monthly Scorecard of Retail · October 2026 · 10 of 12 KPIs current · definitions at 4f2c1d9",
        "as of 6 November 2026",
        "6 watch",
        "Missed its target of 3.5 % by 1.1 points.",
        "Customer care team: Above 4 % for a month: review the ten most returned products within ten days.",
        "What to do is not declared.",
        "58 % done, 83 % expected by now",
        "Late: survey_answers (to 3 October 2026, 08:15).",
        "How to read this page",
        "Download the numbers (CSV)",
        "made by kpiascode 1.2.3",
    ):
        assert part in words


def test_the_row_of_a_kpi_has_everything_in_the_order_of_the_head() -> None:
    words = words_of("scorecards/retail_monthly.html")
    head = words[words.index("KPI October 2026") :]

    assert head.startswith(
        "KPI October 2026 Against target Last 24 periods Status What is unusual Is it a good KPI? Data "
        "Money Gross margin Finance team 42.6 % 43.6 % by now, target 44 % 39.9 to 47.2 % "
        "▲ Watch hit or miss; 1.0 points behind ● No unusual change "
        "Cr Qu Co Re Weak: communicated ● Current to 5 Nov"
    )


def test_a_row_of_another_period_says_which() -> None:
    assert "298 week 44 of 2026 no target" in words_of("scorecards/retail_monthly.html")


def test_what_needs_attention_is_in_the_order_of_its_trouble() -> None:
    made = assessment()
    orders = made.kpis["orders"]
    late = replace(orders, data=replace(orders.data, trust=Trust.LATE), standing=Standing.NO_VERDICT)
    made = replace(made, kpis={**made.kpis, "orders": late})
    names = made.project.scorecards["retail_monthly"].kpis

    assert [one.kpi for one in needing_attention(names, made)] == [
        "operating_result",
        "refund_rate",
        "net_promoter_score",
        "orders",
        "customer_lifetime_value",
    ]


def test_five_cards_at_most_and_the_rest_is_counted() -> None:
    made = assessment()
    acting = {name: replace(one, standing=Standing.ACT) for name, one in made.kpis.items()}
    text = rendered(replace(made, kpis=acting))["scorecards/retail_monthly.html"]

    assert text.count('<li class="card') == 5
    assert "7 more in the table below." in text


def test_a_scorecard_without_trouble_has_no_such_section() -> None:
    made = assessment()
    calm = {name: replace(k, standing=Standing.WATCH) for name, k in made.kpis.items() if name == "orders"}

    assert "Needs attention" not in rendered(replace(made, kpis=calm))["scorecards/retail_monthly.html"]


def test_the_page_of_a_kpi_has_its_value_its_grades_and_its_definition() -> None:
    words = words_of("kpis/gross_margin.html")

    for part in (
        "Gross margin was 42.6 % in October 2026, 1.0 points behind the 43.6 % expected by now, on the way to 44 % "
        "by 31 December 2026; that is within the tolerance of 1 point.",
        "Share of net sales left after the cost of the goods sold.",
        "What to do: If it falls below 40 % for a month, review discounts within ten days.",
        "October 2026 42.6 % the last complete month",
        "November 2026 so far 43.3 % not complete, not compared",
        "25 months: lowest 39.9 % in February 2026, highest 47.2 % in June 2026.",
        "from 41.5 %, in a straight line, tolerance 1 point, weight 2",
        "Communicated: ▲ Weak",
        "First fix: Publish October before 20 November.",
        "By channel",
        "(none)",
        "sum(margin) / sum(net_sales)",
        "status <> 'cancelled'",
        "Possible values from −100 % to 100 %",
        "Must not get worse Refund rate",
        "Told to Acme and Retail, by site and email, within 5 days of the end of a period",
        "SQL for postgres",
        "Defined in kpis/retail/gross_margin.yaml, line 3",
    ):
        assert part in words


def test_a_dimension_that_identifies_persons_is_never_shown() -> None:
    assert "By seller Not shown, because it identifies persons." in words_of("kpis/gross_margin.html")
    assert not any(
        "s-1" in text for path, text in site().items() if path.endswith(("gross_margin.html", ".csv"))
    )


def test_a_dialect_that_cannot_say_it_tells_why() -> None:
    words = words_of("kpis/net_promoter_score.html")

    assert "SQL for postgres (not possible) No percentile over a window in this dialect." in words


def test_an_old_value_in_a_chart_tells_its_period() -> None:
    assert "45.8 points in Aug" in words_of("kpis/net_promoter_score.html")


def test_a_target_for_a_span_is_not_drawn_beside_single_periods() -> None:
    assert "A target for a whole span is not drawn" in words_of("kpis/net_sales.html")


def test_a_goal_shows_its_results_its_way_and_its_place() -> None:
    words = words_of("goals/worthy_customers.html")

    assert "leads to Grow without buying growth" in words
    assert "channel: online" in words
    assert "How its targets change" in words
    assert "Acquisition cost 1 July 2026 50 € The new agency contract holds from July." in words
    assert words.index("A retailer that people come back to") < words.rindex("Customers worth 195 €")


def test_a_goal_with_two_parents_stands_under_the_first_and_names_the_other() -> None:
    assert "also leads to Grow without buying growth" in words_of("index.html")


def test_a_unit_shows_its_place_its_owners_and_its_kpis() -> None:
    words = words_of("units/retail.html")

    assert "Retail Line of business in Acme · 140 people" in words
    assert "Sales team sales@example.com, owns 2 KPIs" in words
    assert "KPIs of the units that it belongs to" in words
    assert "No KPI names it." in words_of("units/wholesale.html")


def test_an_empty_project_has_a_first_page() -> None:
    made = assessment()
    empty = replace(
        made,
        project=replace(made.project, kpis={}, goals={}, owners={}, org_units={}, scorecards={}),
        kpis={},
        goals={},
    )

    pages = {page.path: page.text for page in render(empty, version="1.2.3")}

    assert set(pages) == {"index.html", "goals.html", "changes.html", "glossary.html"}
    words = outline(pages["index.html"]).text
    assert "No KPI yet." in words
    assert "No goal is declared yet." in words
    assert "No goal is declared yet." in outline(pages["goals.html"]).text


def test_a_kpi_that_was_never_observed_has_a_page() -> None:
    made = assessment()
    silent = replace(
        made.kpis["orders"],
        series=(),
        current=None,
        part=None,
        previous=None,
        last_year=None,
        results=(),
        status=Status.NO_TARGET,
    )
    pages = rendered(replace(made, kpis={**made.kpis, "orders": silent}))

    assert "Orders has no complete period yet. It has no target." in outline(pages["kpis/orders.html"]).text
    assert "no complete period yet" in outline(pages["scorecards/retail_monthly.html"]).text


@pytest.mark.parametrize("factor", ["1E+30", "1E-12", "-1", "0"])
def test_any_size_of_number_can_be_shown(factor: str) -> None:
    made = assessment()

    def scaled(value: Decimal | None) -> Decimal | None:
        return None if value is None else value * Decimal(factor)

    kpis = {
        name: replace(
            one,
            series=(series := tuple(replace(o, value=scaled(o.value)) for o in one.series)),
            current=[o for o in series if o.complete][-1],
            results=tuple(replace(r, value=scaled(r.value)) for r in one.results),
        )
        for name, one in made.kpis.items()
    }

    for path, text in rendered(replace(made, kpis=kpis)).items():
        assert not path.endswith(".html") or outline(text).mistakes == []
        assert not re.search(
            r"\bnan\b|\binf\b|E[+-]\d", outline(text).text if path.endswith(".html") else ""
        ), path


def test_a_part_of_the_kpis_still_makes_a_site_whose_links_hold() -> None:
    made = assessment()
    few = replace(made, kpis={"orders": made.kpis["orders"]}, goals={})
    pages = rendered(few)

    for path, text in pages.items():
        for tag, attributes in outline(text).elements:
            href = (attributes.get("href") or "").partition("#")[0]
            if tag == "a" and href:
                assert normpath(join(dirname(path), href)) in pages, (path, href)


# --- the download


def table(kind: str = "company", name: str = "retail_monthly") -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(site(kind)[f"data/{name}.csv"])))


def test_the_numbers_are_exact_and_an_undefined_one_is_empty() -> None:
    october = [row for row in table() if row["period"] == "2026-10"]
    orders = next(row for row in table() if row["kpi"] == "orders" and row["value"] == "")

    assert {row["kpi"]: row["value"] for row in october if not row["dimension"]}[
        "operating_result"
    ] == "-1234567.10"
    assert orders["period"] == "2025-06"
    assert (october[0]["from"], october[0]["to"], october[0]["complete"]) == (
        "2026-10-01",
        "2026-11-01",
        "yes",
    )
    assert {row["slice"] for row in october if row["dimension"] == "channel"} >= {"online", "(none)"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("\nx", "'\nx"),
        ("\n=1+1", "'\n=1+1"),
        ("\0=1+1", "'\0=1+1"),
        (" =1+1", "' =1+1"),
        ("\N{NO-BREAK SPACE}\n =1+1", "'\N{NO-BREAK SPACE}\n =1+1"),
        ("＝HYPERLINK(1)", "'＝HYPERLINK(1)"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠SUM", "'＠SUM"),
        ("﹦1", "'﹦1"),
        ("plain", "plain"),
        (" plain", " plain"),
        ("a=b", "a=b"),
        ("1-2", "1-2"),
        ("–", "–"),
        (" ", " "),
        ("", ""),
    ],
)
def test_no_text_is_taken_for_a_formula(text: str, shown: str) -> None:
    assert cell(text) == shown


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\u2028"])
def test_no_text_begins_a_line_of_its_own(end: str) -> None:
    """Not every Python quotes a carriage return, and some spreadsheets begin a line with it."""
    made = assessment()
    kpis = {**made.project.kpis, "orders": replace(made.project.kpis["orders"], title=f"a{end}=cmd()")}
    project = replace(made.project, kpis=kpis)

    text = download(project.scorecards["board"], replace(made, project=project))

    assert f'"a{end}=cmd()"' in text or end == "\u2028"
    assert {row["title"] for row in csv.DictReader(StringIO(text, newline=""))} >= {f"a{end}=cmd()"}


def test_hostile_text_stays_in_its_cell() -> None:
    assert {row["slice"] for row in table("hostile")} == {"", HOSTILE}
    assert not [row for row in table("hostile") if row["title"].startswith(("=", "+", "-", "@"))]


def test_data_that_is_late_stands_beside_the_status() -> None:
    made = assessment()
    late = replace(
        made.kpis["orders"].data, trust=Trust.LATE, late_by=timedelta(hours=5), late=("order_lines",)
    )
    silent = replace(made.kpis["orders"], data=late, standing=Standing.NO_VERDICT)
    kpis = {**made.kpis, "orders": silent}

    words = outline(rendered(replace(made, kpis=kpis))["scorecards/board.html"]).text

    assert "Orders ◊ No verdict ▲ Late by 5 hours" in words
