"""A scorecard in other forms: it says what the page says, stays within its limits, and no text of it acts."""

import json
import re
import socket
import sys
import zlib
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from html import unescape
from html.parser import HTMLParser
from importlib import import_module
from importlib.abc import MetaPathFinder
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from render_fixture import ENDLESS, HOSTILE, assessment, with_texts
from test_validate import schema_folder

from kpiascode.model import assessment as judged
from kpiascode.model import project, signals
from kpiascode.model.assessment import Assessment
from kpiascode.model.calendar import Grain
from kpiascode.model.page import Page
from kpiascode.model.report import Form
from kpiascode.render import NoPdf, render, report
from kpiascode.render.overview import overview
from kpiascode.render.pages.scorecard import needing_attention
from kpiascode.render.reports.markdown import escaped
from kpiascode.render.reports.plain import blocks, line
from kpiascode.render.sentences import said

SITE = "https://kpis.example.com/site/"
CARD = "retail_monthly"
HIDDEN = str.maketrans("", "", "\u200b\u2068\u2069")
PEOPLE = (Form.MARKDOWN, Form.TEXT, Form.EMAIL)


def told(form: Form, made: Assessment | None = None, site: str | None = None, card: str = CARD) -> str:
    return report(made or assessment(), card, form, version="0.1.0", site=site).decode()


@cache
def many() -> Assessment:
    """Return four hundred KPIs with long names on one scorecard; the last forty of them miss their target."""
    made = assessment()
    good, bad = "new_customers" if "new_customers" in made.kpis else "orders", "refund_rate"
    names = [f"kpi_{number}" for number in range(400)]
    source = {name: bad if number >= 360 else good for number, name in enumerate(names)}
    kpis = {
        name: replace(made.project.kpis[source[name]], name=name, title=f"{name} {ENDLESS}", act=ENDLESS)
        for name in names
    }
    card = made.project.scorecards[CARD]
    section = replace(card.sections[0], kpis=tuple(names))
    return replace(
        made,
        project=replace(made.project, kpis=kpis, scorecards={CARD: replace(card, sections=(section,))}),
        kpis={name: replace(made.kpis[source[name]], kpi=name) for name in names},
    )


# --- all of them


@pytest.mark.parametrize("form", [form for form in Form if form is not Form.PDF])
def test_the_same_assessment_gives_the_same_bytes(form: Form) -> None:
    assert told(form, site=SITE) == told(form, site=SITE)


@pytest.mark.parametrize("form", PEOPLE)
def test_it_begins_with_the_sentence_of_the_page(form: Form) -> None:
    made = assessment()
    sentence = said(overview(made.project.scorecards[CARD].kpis, made)).replace("\u00a0", " ")

    assert re.sub(r"\s+", " ", _words(form, told(form, made))).find(sentence) > 0


def _words(form: Form, text: str) -> str:
    match form:
        case Form.MARKDOWN:
            return " ".join(words(text))
        case Form.EMAIL:
            return unescape(re.sub(r"<[^>]*>", "", text))
        case _:
            return text


@pytest.mark.parametrize("form", PEOPLE)
def test_every_kpi_and_every_owner_of_the_scorecard_is_told(form: Form) -> None:
    made = assessment()
    text = _words(form, told(form, made))

    for name in made.project.scorecards[CARD].kpis:
        kpi = made.project.kpis[name]
        assert kpi.title in text
        assert made.project.owners[kpi.owner].title in text


@pytest.mark.parametrize("form", PEOPLE)
def test_without_a_site_nothing_leads_anywhere_and_with_one_only_there(form: Form) -> None:
    assert "http" not in told(form)

    linked = told(form, site=SITE)

    assert set(re.findall(r"[a-z]+://[^)\s\"<]*", linked)) <= {
        SITE + page.path for page in render(assessment(), version="0.1.0")
    }
    assert f"{SITE}scorecards/{CARD}.html" in linked


@pytest.mark.parametrize("form", [Form.MARKDOWN, Form.TEXT, Form.EMAIL])
def test_what_has_no_room_is_left_out_and_counted_and_what_needs_somebody_stays(form: Form) -> None:
    made = many()
    text = told(form, made, SITE)
    shown = set(re.findall(r"kpi\\?_(\d+)", text))
    left = re.search(r"(\d+)[\u00a0 ]more KPIs\.", re.sub(r"\s+", " ", text))
    needing = {one.kpi.removeprefix("kpi_") for one in needing_attention(list(made.kpis), made)}

    assert len(text.encode()) <= (100_000 if form is Form.EMAIL else 60_000)
    assert left is not None
    assert len(shown) + int(left[1]) == 400
    assert needing <= shown
    assert len(shown) == 60 if form is Form.EMAIL else len(shown) > 60
    assert needing


# --- Markdown

TRICKS = [
    "| a | b |",
    "`code` ``more``",
    "@octocat and someone@example.com",
    "fixes #1, GH-1 and gh-22, owner/repo#3",
    "![x](https://evil.example/x.png)",
    "[x](javascript:alert(1))",
    "[x]: https://evil.example",
    "<!channel> <@U123> <https://evil.example|here>",
    "https://evil.example www.evil.example HTTP://EVIL.EXAMPLE ftp://evil.example",
    "<img src=x onerror=alert(1)> <!-- x --> &lt; &amp; &#64;x",
    ":tada: :+1:",
    "$x$ and $$y$$",
    "**a** _b_ ~~c~~ *d* __e__",
    "# a",
    "- a",
    "1. a",
    "a \\",
    "\\| \\@x",
    "---",
    "{{ 7*7 }} {% raw %}",
    "[^1] [ ] [x]",
    HOSTILE.replace("مرحبا ", ""),
]
CALLS = re.compile(r"@\w|#\d|\bgh-\d|://|\bwww\.|:[\w+-]+:", re.IGNORECASE)
"""What GitHub looks for behind Markdown."""


def tokens(text: str) -> Iterator[Any]:
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        yield token
        yield from token.children or ()


def words(text: str) -> list[str]:
    """Return the texts that a reader sees, block by block."""
    found = [""]
    for token in tokens(text):
        if token.type == "inline":
            found.append("")
        elif token.type in ("text", "code_inline"):
            found[-1] += token.content.translate(HIDDEN)
    return [one.replace("\u00a0", " ") for one in found]


@pytest.mark.parametrize("text", TRICKS)
@pytest.mark.parametrize(
    "around", ["x {} x", "| a | b |\n| --- | --- |\n| {} | c |\n", "- **{}** x", "## {}"]
)
def test_a_text_is_shown_as_it_is_and_does_nothing(text: str, around: str) -> None:
    assert "<" not in escaped(line(text)), "Slack acts on it whatever stands before"
    written = around.format(escaped(line(text)))
    kinds = {token.type for token in tokens(written)}

    assert any(text in one for one in words(written))
    assert not kinds & {"image", "link_open", "html_inline", "html_block", "code_inline", "s_open"}
    assert not any(CALLS.search(token.content) for token in tokens(written) if token.type == "text")


@pytest.mark.parametrize("text", TRICKS)
def test_hostile_definitions_change_nothing_in_the_layout(text: str) -> None:
    plain, hostile = told(Form.MARKDOWN, site=SITE), told(Form.MARKDOWN, with_texts(text), SITE)

    def layout(written: str) -> list[str]:
        kinds = [token.type for token in tokens(written)]
        return [kind for kind in kinds if kind not in ("text", "text_special")]

    addresses = {token.attrGet("href") for token in tokens(hostile) if token.type == "link_open"}
    assert layout(hostile).count("tr_open") == layout(plain).count("tr_open")
    assert layout(hostile).count("td_open") == layout(plain).count("td_open")
    assert set(layout(hostile)) <= {*layout(plain), "html_inline"}
    assert {token.content for token in tokens(hostile) if token.type == "html_inline"} <= {"<sub>", "</sub>"}
    assert all(str(address).startswith(SITE) for address in addresses)


@pytest.mark.parametrize("form", PEOPLE)
def test_no_hidden_character_comes_through_and_directions_are_kept_apart(form: Form) -> None:
    text = told(form, with_texts("a\u202eb\u2066c\x1b[31m\nd\u2028e مرحبا \U000e0041"))

    assert not re.search("[\u202a-\u202e\u2066\u2067\u2028\x1b\U000e0041]", text)
    assert text.count("\u2068") == text.count("\u2069") > 0


# --- signs


@pytest.mark.parametrize(
    ("values", "signs"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("-", "", id="a gap alone is no history"),
        pytest.param("5", "▄", id="one value has no scale"),
        pytest.param("0 0 0", "▄▄▄", id="always the same"),
        pytest.param("0 7", "▁█", id="the least and the most"),
        pytest.param("0 1 2 3 4 5 6 7", "▁▂▃▄▅▆▇█", id="every height"),
        pytest.param("-7 0", "▁█", id="negative"),
        pytest.param("0 - 7", "▁·█", id="a gap is a dot and no zero"),
        pytest.param("1e30 2e30 -", "▁█·", id="huge"),
    ],
)
def test_a_history_in_signs(values: str, signs: str) -> None:
    assert blocks([None if one == "-" else Decimal(one) for one in values.split()]) == signs


# --- mail


class Elements(HTMLParser):
    """The elements of a page with their attributes; what is not closed in order is a mistake."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.mistakes: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.mistakes.append(tag)


@pytest.mark.parametrize("text", [None, HOSTILE, ENDLESS, *TRICKS])
def test_a_mail_is_made_of_what_mail_programs_know(text: str | None) -> None:
    mail = told(Form.EMAIL, assessment() if text is None else with_texts(text), SITE)
    page = Elements(mail)
    tags = {tag for tag, _ in page.found}
    attributes = {name for _, found in page.found for name in found}

    assert page.mistakes == page.open == []
    assert tags <= set("html head meta title body div table caption tr td th h1 h2 p b br span a".split())
    assert attributes <= {
        *"lang charset name content style role width cellpadding cellspacing border bgcolor align".split(),
        *("scope", "colspan", "href", "aria-hidden"),
    }
    assert all(str(found["href"]).startswith(SITE) for _, found in page.found if "href" in found)
    assert not any("url(" in (found.get("style") or "") for _, found in page.found)
    assert len(mail.encode()) < 100_000


def test_a_mail_keeps_its_light_colours_and_shows_its_sentence_in_the_list() -> None:
    made = assessment()
    mail = told(Form.EMAIL, made)
    hidden = re.search(r'<div style="display:none;[^>]*>(.*?)</div>', mail)

    assert mail.count('content="light only"') == 2
    assert 'style="color-scheme:light only;"' in mail
    assert hidden is not None
    assert unescape(hidden[1]) == said(overview(made.project.scorecards[CARD].kpis, made))


def test_a_mail_of_the_longest_names_is_cut_before_gmail_does() -> None:
    made = many()
    quotes = '"' * 500  # each is five characters of HTML
    kpis = {name: replace(kpi, title=f"{name} {quotes}") for name, kpi in made.project.kpis.items()}
    owners = {name: replace(owner, title=quotes) for name, owner in made.project.owners.items()}
    mail = told(Form.EMAIL, replace(made, project=replace(made.project, kpis=kpis, owners=owners)))
    rows = mail.count('<th scope="row"')

    assert 95_000 < len(mail.encode()) <= 100_000
    assert f"what is to be done and {400 - rows}\u00a0more KPIs." in mail


# --- for programs


def schema() -> dict[str, Any]:
    return json.loads((schema_folder() / "output" / "report.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", [None, HOSTILE])
def test_json_is_of_its_schema(text: str | None) -> None:
    made = assessment() if text is None else with_texts(text)
    for card in made.project.scorecards:
        found = json.loads(told(Form.JSON, made, card=card))
        Draft202012Validator(schema(), format_checker=Draft202012Validator.FORMAT_CHECKER).validate(found)


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("kpi standing", signals.Standing),
        ("kpi status", judged.Status),
        ("kpi variation", signals.Variation),
        ("kpi assurance", signals.Assurance),
        ("kpi rules", project.SignalRules),
        ("kpi basis", signals.Basis),
        ("kpi verdict", judged.Grade),
        ("kpi held_back_by", judged.Criterion),
        ("kpi direction", project.Direction),
        ("limits hold", signals.Hold),
        ("signal rule", signals.Rule),
        ("target measured", project.Measured),
        ("target path", project.Path),
        ("target status", judged.Status),
        ("criterion grade", judged.Grade),
        ("criterion criterion", judged.Criterion),
        ("finding outcome", judged.Outcome),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_the_schema_knows_exactly_the_words_that_there_are(way: str, words: Any) -> None:
    title, key = way.split()

    assert schema()["$defs"][title]["properties"][key]["enum"] == [word.name.lower() for word in words]


def test_the_schema_knows_the_grains() -> None:
    assert schema()["properties"]["grain"]["enum"] == [grain.value for grain in Grain]


def test_json_tells_each_number_exactly_and_no_slice_of_persons() -> None:
    made = assessment()
    result = made.kpis["gross_margin"].results[0]
    of_person = replace(result, result=replace(result.result, slice=(("seller", "Ada Lovelace"),)))
    margin = replace(made.kpis["gross_margin"], results=(result, of_person))
    text = told(Form.JSON, replace(made, kpis={**made.kpis, "gross_margin": margin}))
    [found] = [kpi for kpi in json.loads(text)["kpis"] if kpi["kpi"] == "gross_margin"]

    assert [one["value"] for one in found["series"]] == [
        None if one.value is None else format(one.value, "f") for one in margin.series
    ]
    assert len(found["targets"]) == 1
    assert "Ada" not in text
    assert [one["criterion"] for one in found["criteria"]] == [one.value for one in judged.Criterion]


def test_csv_is_the_file_of_the_site() -> None:
    made = assessment()
    [file] = [page for page in render(made, version="0.1.0") if page.path == f"data/{CARD}.csv"]

    assert told(Form.CSV, made) == file.text


# --- paper


@pytest.fixture
def weasyprint() -> None:
    """Ask for WeasyPrint, which is an extra, and for Pango, which is the system's."""
    try:
        import_module("weasyprint")
    except (ImportError, OSError) as error:
        pytest.skip(f"WeasyPrint cannot be loaded: {error}")


def paper(site: str | None = None) -> bytes:
    return report(assessment(), "board", Form.PDF, version="0.1.0", site=site)


def addresses(made: bytes) -> set[str]:
    """Return where its links lead."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL)
    opened = [zlib.decompressobj().decompress(stream) for stream in streams if stream[:1] == b"x"]
    return {one.decode() for part in (made, *opened) for one in re.findall(rb"/URI \(([^)]*)\)", part)}


@pytest.mark.usefixtures("weasyprint")
def test_a_pdf_is_whole_the_same_twice_and_leads_to_the_site_only() -> None:
    made = paper()
    led = addresses(paper(SITE))

    assert made.startswith(b"%PDF-")
    assert made.rstrip().endswith(b"%%EOF")
    assert made == paper()
    assert addresses(made) == set()
    assert f"{SITE}kpis/orders.html" in led
    assert all(address.startswith(SITE) for address in led)


@pytest.mark.usefixtures("weasyprint")
def test_nothing_is_fetched_for_a_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/x"
        html = (
            f'<link rel="stylesheet" href="{url}"><style>@import "{url}"; p {{ background: url({url}) }}</style>'
            f'<img src="{url}"><img src="file:///etc/hostname"><object data="{url}"></object><p>x</p>'
        )
        monkeypatch.setattr(
            import_module("kpiascode.render.reports.pdf"),
            "render_scorecard",
            lambda *_, **__: Page("x.html", html),
        )
        assert paper(SITE).startswith(b"%PDF-")
        with pytest.raises(BlockingIOError):
            listening.accept()


class Refusing(MetaPathFinder):
    """Stands before every other way to find WeasyPrint."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def find_spec(self, name: str, *_: object) -> None:
        if name == "weasyprint":
            raise self.error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        pytest.param(ModuleNotFoundError("No module"), r"\[pdf\]'\.$", id="it is not installed"),
        pytest.param(OSError("cannot load library 'libpango'\nmore"), r"'libpango'\)\.$", id="Pango is not"),
    ],
)
def test_without_weasyprint_it_is_said_what_to_install(
    error: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Refusing(error), *sys.meta_path])

    with pytest.raises(NoPdf, match=said):
        paper()
