"""A team's own templates: they write pages and do nothing else, and what takes too much is stopped."""

import resource
from base64 import b64encode
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup
from render_fixture import HOSTILE, assessment, with_texts

from kpiascode.model.assessment import Assessment
from kpiascode.render import BrokenTemplate, check_templates, render
from kpiascode.render.environment import ours, rendered, with_own
from kpiascode.render.numbers import Amount

TEMPLATE = "page.html.j2"
GROWN = (
    "{% set ns = namespace(text='0123456789') %}"
    "{% for turn in range(16) %}{% set ns.text = ns.text ~ ns.text %}{% endfor %}"
)
"""A text of 655,360 characters, just below what is allowed."""


class Page:
    """What a page is: it may not be reached beyond what it shows."""

    __module__ = "kpiascode.render.pages.page"
    title = "<b>Sales & more</b>"
    rows = (Decimal("1.5"), Decimal("2.5"))
    chart = Markup("<svg></svg>")
    _secret = "hidden"

    def removed(self) -> None:
        raise AssertionError("a template called what it may not")


def made(text: str, **others: str) -> str:
    """Return what a page becomes with a template of that text."""
    own = {TEMPLATE: text, **{f"{name}.html.j2": other for name, other in others.items()}}
    context: dict[str, Any] = {"page": Page(), "amount": Amount("5", "€")}
    return rendered(with_own(own), TEMPLATE, context)


def stopped(text: str, **others: str) -> BrokenTemplate:
    with pytest.raises(BrokenTemplate) as caught:
        made(text, **others)
    return caught.value


@cache
def of_ours() -> dict[str, str]:
    folder = files("kpiascode.render") / "templates"
    return {
        file.name: file.read_text(encoding="utf-8")
        for file in folder.iterdir()
        if file.name.endswith(".j2") and file.name not in ("email.html.j2", "pack.html.j2")
    }


@pytest.fixture
def company() -> Assessment:
    return assessment()


# --- what they can do


@pytest.mark.parametrize(
    ("text", "page"),
    [
        pytest.param("{{ page.title }}", "&lt;b&gt;Sales &amp; more&lt;/b&gt;", id="text is escaped"),
        pytest.param("{{ page.chart }}", "<svg></svg>", id="a chart is not"),
        pytest.param("{{ amount }}", "5\u00a0€", id="an amount"),
        pytest.param("{% for row in page.rows %}{{ row }};{% endfor %}", "1.5;2.5;", id="a loop"),
        pytest.param("{{ page.rows | length }}, {{ page.rows | first }}", "2, 1.5", id="filters of lists"),
        pytest.param("{{ page.rows | join(', ') }}", "1.5, 2.5", id="a join"),
        pytest.param("{{ ['<', page.chart] | join('&') }}", "&lt;&amp;<svg></svg>", id="a join with markup"),
        pytest.param("{{ 'a' ~ 1 ~ page.chart ~ '<' }}", "a1<svg></svg>&lt;", id="a concatenation"),
        pytest.param("{{ 'a-b' | replace('-', '<') }}", "a&lt;b", id="a replacement"),
        pytest.param("{{ ' Total ' | trim | upper }}", "TOTAL", id="filters of texts"),
        pytest.param("{{ 'Total'.lower() }}{{ 'a b'.split() | last }}", "totalb", id="methods of texts"),
        pytest.param("{{ {'a': 1}.get('a') }}", "1", id="a mapping"),
        pytest.param("{{ 'b' in ['a', 'b'] }} {{ page.rows == () }}", "True False", id="comparisons"),
        pytest.param("{{ [1, 2] | select('odd') | list | length }}", "1", id="a selection"),
        pytest.param("{{ 2 * 3 + 7 % 4 }}", "9", id="numbers"),
        pytest.param("{{ 'abcdef'[1:3] }}", "bc", id="a slice"),
        pytest.param("{% macro b(x) %}<b>{{ x }}</b>{% endmacro %}{{ b('<') }}", "<b>&lt;</b>", id="a macro"),
        pytest.param("{% set x %}<i>{{ '<' }}</i>{% endset %}{{ x }}", "<i>&lt;</i>", id="a block in a name"),
        pytest.param("{% include 'other.html.j2' %}", "5\u00a0€!", id="another of one's own"),
        pytest.param(
            "{{ nothing is defined }} {{ nothing | default('-') }}", "False -", id="what may be missing"
        ),
        pytest.param(
            "{% for i in 'ab' %}{{ loop.cycle('x', 'y') }}{{ loop.index }}{% endfor %}", "x1y2", id="loop"
        ),
    ],
)
def test_what_pages_need_is_there(text: str, page: str) -> None:
    assert made(text, other="{{ amount }}!") == page


def test_our_templates_as_a_teams_own_give_the_same_bytes(company: Assessment) -> None:
    sheet = (files("kpiascode.render") / "templates" / "style.css").read_text(encoding="utf-8")

    assert render(company, version="1", templates={**of_ours(), "style.css": sheet}) == render(
        company, version="1"
    )


@pytest.mark.parametrize("name", ["base.html.j2", "parts.html.j2", "index.html.j2"])
def test_one_of_them_alone_gives_the_same_bytes_too(name: str, company: Assessment) -> None:
    assert render(company, version="1", templates={name: of_ours()[name]}) == render(company, version="1")


def test_one_template_changes_the_pages_that_use_it_and_no_others(company: Assessment) -> None:
    own = {"goal.html.j2": '{% extends "base.html.j2" %}{% block main %}OURS: {{ page.title }}{% endblock %}'}
    before, after = ({p.path: p.text for p in render(company, version="1", templates=t)} for t in ({}, own))

    assert {path for path in before if before[path] != after[path]} == {
        path for path in before if path.startswith("goals/")
    }
    assert "OURS: " in after["goals/better_retail.html"]


def test_hostile_text_is_text_in_a_teams_own_template_too() -> None:
    own = {"goal.html.j2": "{{ page.title }}{% for fact in [page.title] %}<p title='{{ fact }}'>{% endfor %}"}
    for page in render(with_texts(HOSTILE), version="1", templates=own):
        if page.path.startswith("goals/"):
            assert "<script" not in page.text
            assert "{{ 7*7 }}" in page.text


def test_a_style_sheet_of_ones_own_stands_in_every_page_and_in_its_policy(company: Assessment) -> None:
    sheet = "body { color: teal }"
    pages = render(company, version="1", templates={"style.css": sheet})
    digest = b64encode(sha256(sheet.encode()).digest()).decode()

    for page in pages:
        if page.path.endswith(".html"):
            assert f"<style>{sheet}</style>" in page.text
            assert f"style-src &#39;sha256-{digest}&#39;" in page.text


@pytest.mark.parametrize("name", ["email.html.j2", "pack.html.j2"])
def test_an_e_mail_and_a_document_are_no_pages(name: str) -> None:
    with pytest.raises(BrokenTemplate):
        check_templates({name: "x"})


@pytest.mark.parametrize("text", ["a {}\n</style><script>alert(1)</script>", "a {}\n<!-- -->"])
def test_a_style_sheet_holds_no_markup(text: str) -> None:
    with pytest.raises(BrokenTemplate) as caught:
        check_templates({"style.css": text})

    assert (caught.value.name, caught.value.line) == ("style.css", 2)


# --- what they cannot reach


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ ''['__class__'] }}",
        "{{ ''['_' ~ '_class_' ~ '_'] }}",
        "{{ '' | attr('__class__') }}",
        "{{ [''] | map(attribute='__class__') | first }}",
        "{{ [''] | map('attr', '__class__') | first }}",
        "{{ page._secret }}",
        "{{ page['_secret'] }}",
        "{{ page.__init__.__globals__ }}",
        "{{ page.removed() }}",
        "{{ self.__init__ }}",
        "{{ self._TemplateReference__context }}",
        "{{ namespace.__init__.__globals__ }}",
        "{{ range.__self__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ lipsum.__globals__ }}",
        "{{ joiner() }}",
        "{{ '{0.__class__}'.format(page) }}",
        "{{ '{a.__class__}'.format_map({'a': page}) }}",
        "{{ '%s' | format(page) }}",
        "{{ '%s' % page.title }}",
        "{{ page.chart.format(page.title) }}",
        "{{ page.chart.unescape() }}",
        "{{ page.chart.translate({60: page.title}) }}",
        "{{ page.title | safe }}",
        "{{ page.title | xmlattr }}",
        "{{ page.title | urlize }}",
        "{{ (1).to_bytes(9, 'big') }}",
        "{{ [3, 1].sort() }}",
        "{{ [].append(1) }}",
        "{{ {}.update({'a': 1}) }}",
        "{{ [1, 2] | random }}",
        "{% macro m() %}{% endmacro %}{{ m.__code__ }}",
        "{% for x in [1] %}{{ loop.__class__ }}{% endfor %}",
        "{% include '/etc/passwd' %}",
        "{% include '../style.css' %}",
        "{% include 'style.css/../../site.py' %}",
        "{% import 'os' as os %}",
        "{% extends '/etc/hostname' %}",
        "{{ [page] }}",
        "{% set a = {'a': 1} %}{{ a }}",
        "{{ namespace(a=1) }}",
        "{{ range }}",
        "{{ nothing }}",
        "{{ nothing.at_all }}",
        "{{ page.nothing }}",
    ],
)
def test_what_they_may_not_reach_is_told_with_its_line(text: str) -> None:
    broken = stopped(f"first\n\n{text}\n")

    assert (broken.name, broken.line) == (TEMPLATE, 3)
    assert broken.reason.strip()
    assert "object at 0x" not in broken.reason


@pytest.mark.parametrize("text", ["{% autoescape false %}{{ page.title }}{% endautoescape %}", "{% do 1 %}"])
def test_what_has_no_meaning_is_told_before_anything_is_computed(text: str) -> None:
    with pytest.raises(BrokenTemplate) as caught:
        check_templates({TEMPLATE: f"\n{text}"})

    assert (caught.value.name, caught.value.line) == (TEMPLATE, 2)


@pytest.mark.parametrize(
    "text", ["{% if %}", "{{ 1 +", "{% for x in y %}", "{{ 'a' | nosuch }}", "{% block a %}"]
)
def test_a_mistake_is_told_with_its_line(text: str) -> None:
    assert stopped(f"one\ntwo\n{text}").line == 3


def test_a_mistake_in_an_included_template_is_told_there() -> None:
    broken = stopped("\n{% include 'other.html.j2' %}", other="\n\n{{ nothing }}")

    assert (broken.name, broken.line) == ("other.html.j2", 3)


def test_what_ours_miss_in_a_teams_own_is_told(company: Assessment) -> None:
    with pytest.raises(BrokenTemplate) as caught:
        render(company, version="1", templates={"parts.html.j2": "{% macro lead(x) %}{% endmacro %}"})

    assert caught.value.name == "parts.html.j2"
    assert "tally" in caught.value.reason


def test_half_a_character_is_no_page() -> None:
    assert stopped('{{ "\\ud800" }}').name == TEMPLATE


# --- what takes too much


@pytest.fixture
def small_machine() -> Iterator[None]:
    """Give this process half a gigabyte more than it has, so that a test that fails does so at once."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 2**29, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", id="loops"
        ),
        pytest.param("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", id="recursion"),
        pytest.param(
            "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
            id="recursion twice",
        ),
        pytest.param(f"{{% include '{TEMPLATE}' %}}", id="itself"),
        pytest.param(
            "{% set d = (d | default(0)) + 1 %}{% if d < 40 %}"
            + f"{{% include '{TEMPLATE}' %}}" * 2
            + "{% endif %}",
            id="itself twice",
        ),
        pytest.param(f"{{% extends '{TEMPLATE}' %}}", id="itself as its base"),
        pytest.param("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", id="a recursive loop"),
        pytest.param("{{ range(10 * 1000 * 1000) | length }}", id="a long range"),
        pytest.param("{{ 'a' * 1000000000 }}", id="a product of a text"),
        pytest.param("{{ [1] * 1000000000 }}", id="a product of a list"),
        pytest.param("{{ 10 ** 1000000000 }}", id="a power"),
        pytest.param("{{ 'a'.ljust(1000000000) }}", id="a padded text"),
        pytest.param("{{ 'a'.center(1000000000) }}", id="a centred text"),
        pytest.param("{{ 'a' | center(1000000000) }}", id="the same as a filter"),
        pytest.param("{{ 'a'.expandtabs(1000000000) }}", id="tabs"),
        pytest.param("{{ '%1000000000d' % 1 }}", id="a width"),
        pytest.param("{{ '{:1000000000}'.format(1) }}", id="the same in another way"),
        pytest.param("{{ 1 | round(1000000000, 'floor') }}", id="places"),
        pytest.param("{{ [1] | tojson(indent=1000000000) }}", id="an indent"),
        pytest.param("{{ 'a\\n' | indent(1000000000) }}", id="another indent"),
        pytest.param(
            "{% set ns = namespace(t='a') %}{% for i in range(99) %}{% set ns.t = ns.t ~ ns.t %}{% endfor %}",
            id="doubling by ~",
        ),
        pytest.param(
            "{% set ns = namespace(t='a') %}{% for i in range(99) %}{% set ns.t = ns.t + ns.t %}{% endfor %}",
            id="doubling by +",
        ),
        pytest.param(
            "{% set ns = namespace(t=[1]) %}{% for i in range(99) %}{% set ns.t = ns.t + ns.t %}{% endfor %}",
            id="doubling a list",
        ),
        pytest.param(
            "{% set ns = namespace(t='a') %}{% for i in range(99) %}"
            "{% set ns.t = [ns.t, ns.t] | join %}{% endfor %}",
            id="doubling by join",
        ),
        pytest.param(
            "{% set ns = namespace(t='a') %}{% for i in range(99) %}"
            "{% set t %}{{ ns.t }}{{ ns.t }}{% endset %}{% set ns.t = t %}{% endfor %}",
            id="doubling by blocks",
        ),
        pytest.param(
            "{% set ns = namespace(t=[0], s=[0]) %}{% for i in range(60) %}"
            "{% set ns.t = [ns.t, ns.t] %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.t == ns.s }}",
            id="lists of lists compared",
        ),
        pytest.param(
            "{% set ns = namespace(t=[0]) %}{% for i in range(60) %}{% set ns.t = [ns.t, ns.t] %}{% endfor %}"
            "{{ ns.t }}",
            id="lists of lists written",
        ),
        pytest.param(
            "{% set ns = namespace(t=(0,)) %}{% for i in range(60) %}{% set ns.t = (ns.t, ns.t) %}{% endfor %}"
            "{{ {ns.t: 1} | length }}",
            id="lists of lists as a key",
        ),
        pytest.param(
            "{% set ns = namespace(t=[0], s=[0]) %}{% for i in range(60) %}"
            "{% set ns.t = [ns.t, ns.t] %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}"
            "{{ [ns.t] | select('eq', ns.s) | list | length }}",
            id="lists of lists tested",
        ),
        pytest.param(GROWN + "{{ ns.text | replace('0', ns.text) }}", id="a replacement"),
        pytest.param(GROWN + "{{ ns.text.replace('0', ns.text) }}", id="the same as a method"),
        pytest.param(GROWN + "{{ range(99999) | join(ns.text) }}", id="a join"),
        pytest.param(GROWN + "{{ ns.text.join(['a', 'b', 'c']) }}", id="the same as a method of the sign"),
        pytest.param(GROWN + "{{ range(9999) | map(attribute='x', default=ns.text) | join }}", id="a map"),
        pytest.param(GROWN + "{{ range(9999) | map(attribute='x', default=ns.text) | list }}", id="a list"),
        pytest.param(GROWN + "{% for i in range(9999) %}{{ ns.text }}{% endfor %}", id="written often"),
        pytest.param(
            GROWN
            + "{% set ns.l = [] %}{% for i in range(9999) %}{% set ns.l = ns.l + [ns.text ~ i] %}{% endfor %}",
            id="kept often",
        ),
        pytest.param(
            GROWN
            + "{% set ns.l = [] %}{% for i in range(9999) %}{% set ns.l = ns.l + [ns.text[i:]] %}{% endfor %}",
            id="slices kept",
        ),
        pytest.param(
            "{% macro m() %}" + "x" * 500_000 + "{% endmacro %}{% set ns = namespace(l=[]) %}"
            "{% for i in range(9999) %}{% set ns.l = ns.l + [m()] %}{% endfor %}",
            id="macros kept",
        ),
        pytest.param(
            "{% set ns = namespace(l=[]) %}{% macro m() %}{% set x %}" + "x" * 500_000 + "{% endset %}"
            "{% set ns.l = ns.l + [x] %}{% endmacro %}"
            "{% for i in range(9999) %}{{ m() }}{% endfor %}",
            id="blocks kept",
        ),
        pytest.param(
            "{% for i in range(99999) %}" + "x" * 500_000 + "{% endfor %}", id="long text in a loop"
        ),
        pytest.param("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", id="brackets"),
        pytest.param("{% for a in [1] %}" * 30 + "{% endfor %}" * 30, id="loops in loops"),
    ],
)
def test_what_takes_too_much_is_stopped_soon(text: str, small_machine: None) -> None:
    broken = stopped(text)

    assert broken.name == TEMPLATE
    assert len(broken.reason) < 300


def test_a_page_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kpiascode.render.environment.SECONDS", 0.05)

    broken = stopped(GROWN + "{% for i in range(99999) %}{{ 'zz' in ns.text }}{% endfor %}")

    assert "seconds" in broken.reason


def test_the_budget_is_that_of_one_page() -> None:
    environment = with_own(
        {TEMPLATE: "{% for i in range(90000) %}{% for j in range(9) %}{% endfor %}{% endfor %}"}
    )

    for _ in range(3):
        rendered(environment, TEMPLATE, {})


def test_our_own_have_no_budget() -> None:
    assert not hasattr(ours(), "budget")
