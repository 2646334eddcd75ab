"""Pages without a mouse, pages without scripts, and the search, which is the only script."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sites import COMPANY, DESK, HOSTILE, PHONE, SITES, Folders, Site, View, sample

in_company = pytest.mark.xdist_group("browser-company")
in_hostile = pytest.mark.xdist_group("browser-hostile")
EACH = [
    pytest.param(site, id=site.name, marks=pytest.mark.xdist_group(f"browser-{site.name}")) for site in SITES
]

WATCH = """() => {
  const all = [...document.querySelectorAll('*')];
  const named = (one) => `${one.localName} ${one.textContent.trim().slice(0, 60)}`;
  const controls = 'a[href], button, summary, input:not([type=hidden]), select, [tabindex]:not([tabindex="-1"])';
  window.reached = [];
  document.addEventListener('focusin', ({ target }) => {
    const style = getComputedStyle(target);
    const box = target.getBoundingClientRect();
    reached.push({
      place: all.indexOf(target),
      name: named(target),
      outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
      inside: box.right > 0 && box.left < innerWidth && box.bottom + scrollY > 0,
    });
  });
  return all.map((one, place) => [place, one]).filter(([_, one]) => one.matches(controls) && one.checkVisibility())
    .map(([place, one]) => [place, named(one)]);
}"""
"""Returns what the keyboard must come to, and from then on notes what has the focus and whether one sees it."""


def walked(page: Page) -> list[str]:
    """Press Tab until all must have been reached; return what is wrong on the way."""
    wanted: dict[int, str] = dict(page.evaluate(WATCH))
    for _ in wanted:
        page.keyboard.press("Tab")
    reached = page.evaluate("reached")
    places = [one["place"] for one in reached]
    wrong = [f"{name} is not reached" for place, name in wanted.items() if place not in places]
    wrong += [
        f"{one['name']} is not {what}" for one in reached for what in ("outlined", "inside") if not one[what]
    ]
    if places != sorted(places):
        wrong.append("the order is not that of the text")
    if not reached or not reached[0]["name"].startswith("a Skip"):
        wrong.append("the link to the content is not the first")
    return wrong


@in_company
@pytest.mark.parametrize("view", [PHONE, DESK], ids=lambda view: view.name)
def test_the_keyboard_comes_everywhere_in_the_order_of_the_text(
    browser: Browser, folders: Folders, view: View
) -> None:
    folder, wrong = folders.of(COMPANY), []
    with view.of(browser) as context:
        page = context.new_page()
        for path in sample(folder, COMPANY):
            page.goto((folder / path).as_uri())
            wrong += [f"{path}: {fault}" for fault in walked(page)]

    assert "\n".join(wrong) == ""


SKIP = "<a href='#main'>Skip</a>"


@in_company
@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (f"{SKIP}<a href='#a'>One</a><a href='#b'>Two</a><pre tabindex='0'>Text</pre>", None),
        ("<a href='#a'>One</a>", "the link to the content is not the first"),
        (f"{SKIP}<a href='#a'>One</a><a href='#b' tabindex='1'>Two</a>", "the order is not that of the text"),
        (f"{SKIP}<a href='#a' tabindex='-1'>One</a>", "a One is not reached"),
        (f"{SKIP}<a href='#a' style='outline: none'>One</a>", "a One is not outlined"),
        (f"{SKIP}<a href='#a' style='position: fixed; left: -999px'>One</a>", "a One is not inside"),
    ],
)
def test_a_fault_of_the_keyboard_is_found(
    browser: Browser, tmp_path: Path, content: str, fault: str | None
) -> None:
    style = "<style>:focus-visible { outline: 3px solid }</style>"
    (tmp_path / "page.html").write_text(f"<!doctype html>{style}<main id='main'>{content}</main>")
    with DESK.of(browser) as context:
        page = context.new_page()
        page.goto((tmp_path / "page.html").as_uri())
        wrong = walked(page)

    assert fault in wrong if fault else wrong == []


@in_company
def test_the_first_link_leads_past_the_navigation(browser: Browser, folders: Folders) -> None:
    with DESK.of(browser) as context:
        page = context.new_page()
        page.goto((folders.of(COMPANY) / "index.html").as_uri())
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")

        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize("site", EACH)
def test_what_is_folded_opens_by_keyboard_and_without_scripts(
    browser: Browser, folders: Folders, site: Site
) -> None:
    folder = folders.of(site)
    with PHONE.of(browser, scripts=False) as context:
        page = context.new_page()
        page.goto((folder / site.always[-1]).as_uri())
        folded = page.locator("summary:visible").all()
        assert folded
        for summary in folded:
            summary.focus()
            for key, expected in (("Enter", True), ("Space", False)):
                page.keyboard.press(key)
                assert summary.evaluate("one => one.parentElement.open") is expected, summary.inner_text()


@pytest.mark.parametrize("site", EACH)
def test_a_page_says_the_same_without_scripts(browser: Browser, folders: Folders, site: Site) -> None:
    """But for the field of the search, which is not there without them."""
    folder = folders.of(site)
    with DESK.of(browser) as with_scripts, DESK.of(browser, scripts=False) as without:
        one, two = with_scripts.new_page(), without.new_page()
        for path in sample(folder, site):
            texts = []
            for page in (one, two):
                page.goto((folder / path).as_uri())
                assert page.locator("input:visible").count() == (page is one and path == "glossary.html")
                page.evaluate("document.getElementById('find')?.remove()")
                texts.append(page.inner_text("body"))
            assert texts[0] == texts[1], path
            assert one.title() == two.title() != "run"


@in_hostile
def test_the_search_finds_names_in_any_script(browser: Browser, folders: Folders) -> None:
    glossary = (folders.of(HOSTILE) / "glossary.html").as_uri()
    with PHONE.of(browser) as context:
        page = context.new_page()
        found = page.locator(".entries > li:visible")
        page.goto(glossary)
        everything = found.count()
        page.locator("input").press_sequentially("המכירות")
        assert found.count() == 0
        page.locator("input").fill("שיעור")
        few = found.all_inner_texts()
        assert 0 < len(few) < everything
        assert all("שיעור" in text for text in few)
        address = page.url
        page.goto("about:blank")
        page.goto(address)
        assert page.locator("input").input_value() == "שיעור"
        assert found.all_inner_texts() == few
        page.locator("input").fill("")
        assert found.count() == everything
        page.locator(".letters a:visible").last.click()
        assert page.evaluate("document.querySelector(':target') !== null")
