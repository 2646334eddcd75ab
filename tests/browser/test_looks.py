"""What the pages are looked through for is found: each fault on a page that has it, and none on a page without."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sites import PAPER, PHONE, VIEWS, Site, View
from visits import Visit, visit

pytestmark = pytest.mark.xdist_group("browser-company")

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
<meta name="viewport" content="width=device-width"><style>
body {{ color: #222; background: #fff; font: 15px/1.5 sans-serif; margin: 20px }} a {{ display: inline-block; padding: 4px }}
.ears {{ position: absolute; width: 1px; height: 1px; overflow: hidden }}
</style></head><body><header><a href="#main">Home page</a></header>
<main id="main"><h1>A page<span class="ears">{long}</span></h1>{content}</main></body></html>"""
SVG = '<svg role="img" aria-label="A picture" width="300" height="100" viewBox="0 0 300 100">{}</svg>'
LABEL = '<text x="{}" y="{}" font-size="12" fill="{}">a label</text>'
SOUND = (
    "<p>A paragraph with <a href='https://example.com' style='display: inline; padding: 0'>a link</a> inside.</p>"
    "<pre style='overflow-x: auto' tabindex='0'>" + "wide " * 200 + "</pre>"
    "<details><summary style='padding: 3px'>More of it</summary><p>Here it is.</p></details>"
    + SVG.format(LABEL.format(10, 20, "#222") + LABEL.format(10, 40, "#222"))
)
FAULTS = {
    "sideways": ["<div style='width: 3000px; height: 10px'></div>"],
    "sticks out": [
        "<div style='width: 60px'>Donaudampfschifffahrt</div>",
        "<table><tr><td style='width: 50px'><div style='width: 50px'><b style='margin-left: -30px'>out</b></div></td></tr></table>",
        "<div style='width: 80px'>" + SVG.format("") + "</div>",
    ],
    "cut": [
        "<p style='width: 90px; overflow: hidden; white-space: nowrap'>What is said is cut</p>",
        "<p style='height: 20px; overflow: hidden'>One<br>Two<br>Three</p>",
    ],
    "text over text": ["<p>Below another text</p><p style='margin-top: -30px'>Above another text</p>"],
    "label outside": [SVG.format(LABEL.format(280, 50, "#222"))],
    "label over label": [SVG.format(LABEL.format(50, 50, "#222") + LABEL.format(70, 52, "#222"))],
    "picture": ["<svg width='20' height='20'></svg>", "<svg role='img' width='20' height='20'></svg>"],
    "id": ["<p id='one'>a</p><p id='one'>b</p>", "<p aria-describedby='nobody'>a</p>"],
    "contrast": [
        "<p style='color: #999'>Hard to read</p>",
        SVG.format(LABEL.format(10, 20, "#999")),
        SVG.format('<rect width="300" height="100" fill="#222"/>' + LABEL.format(10, 20, "#444")),
    ],
    "small": ["<p style='font-size: 8px'>Small</p>", SVG.format(LABEL.format(1, 9, "#222").replace("12", "7"))],
    "target": ["<p><a href='#main' style='padding: 0'>x</a></p>"],
    "address": ["<a href='javascript:alert(1)'>Here it is</a>", "<p onclick='alert(1)'>Here</p>"],
    "console": ["<script>console.log('hello')</script>", "<script>throw 1</script>", "<script>alert(1)</script>"],
    "request": ["<img alt='A picture' src='x.png'>", "<img alt='A picture' src='http://127.0.0.1:9/x.png'>"],
    "axe": ["<h4>A level is left out</h4>", "<button></button>"],
}  # fmt: skip


def seen(browser: Browser, folder: Path, content: str, view: View) -> Visit:
    (folder / "page.html").write_text(PAGE.format(content=content, long="for ears " * 50), encoding="utf-8")
    return visit(browser, Site("looks", lambda _: folder), folder, view, folder / "shots")


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_sound_page_has_no_fault(browser: Browser, tmp_path: Path, view: View) -> None:
    content = SOUND if not view.dark else ""

    assert seen(browser, tmp_path, content, view).faults == ()


@pytest.mark.parametrize(
    ("what", "content"), [(what, content) for what, contents in FAULTS.items() for content in contents]
)
def test_a_fault_is_found(browser: Browser, tmp_path: Path, what: str, content: str) -> None:
    assert seen(browser, tmp_path, content, PHONE).of(what)


def test_a_fault_that_is_folded_is_found(browser: Browser, tmp_path: Path) -> None:
    content = "<details><summary style='padding: 3px'>More</summary>" + FAULTS["contrast"][0] + "</details>"

    assert seen(browser, tmp_path, content, PHONE).of("contrast")


def test_a_row_that_pages_may_cut_is_found(browser: Browser, tmp_path: Path) -> None:
    table = "<table style='break-inside: {}'><tbody><tr><td>cell</td></tr></tbody></table>"

    assert seen(browser, tmp_path, table.format("auto"), PAPER).of("cut by pages")
    assert not seen(browser, tmp_path, table.format("avoid"), PAPER).of("cut by pages")
