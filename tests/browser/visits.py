"""A visit: pages of a site in one view, and everything that is wrong with them."""

import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Page
from sites import AXE, ROOT, Site, View, sample

LOOKS: Final = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")
SHOTS: Final = ROOT / ".browser-shots"
"""Pictures of what was seen, for people to look at. Git ignores them, CI keeps them."""

TALLEST: Final = 3_000
OPENED: Final = "document.querySelectorAll('details').forEach(one => one.open = true), !!document.querySelector('details')"
ASKED: Final = "rules => axe.run(document, {resultTypes: ['violations'], preload: false, ...rules})"
EVERY_RULE: Final = {"rules": {"target-size": {"enabled": True}}}
COLOURS: Final = {"runOnly": ["color-contrast", "link-in-text-block"]}
"""In the dark the document is the same; only colours differ."""

PAPER: Final = {"runOnly": ["color-contrast"]}
"""On paper nothing is a link."""


@dataclass(frozen=True, slots=True)
class Fault:
    what: str
    page: str
    told: str

    def __str__(self) -> str:
        return f"{self.page}: {self.told}"


@dataclass(frozen=True, slots=True)
class Visit:
    faults: tuple[Fault, ...]

    def of(self, *what: str) -> str:
        """Return the faults of these kinds, a line each, with how often it was there."""
        counted = Counter(str(fault) for fault in self.faults if fault.what in what)
        return "\n".join(f"{times} x {fault}" for fault, times in counted.items())


def visit(browser: Browser, site: Site, folder: Path, view: View, above: Path = SHOTS) -> Visit:
    """Look at pages of every type, each with what is folded and without. Pictures go into a folder `above` them."""
    shots = above / site.name / view.name
    shutil.rmtree(shots, ignore_errors=True)
    shots.mkdir(parents=True, exist_ok=True)
    pages = sample(folder, site)
    faults: list[Fault] = []
    with view.of(browser) as context:
        for path in dict.fromkeys((*pages, *site.alike)):
            shot = shots / path.replace("/", "-")
            told = _looked_at(context, folder / path, view, shot, with_axe=path in pages)
            faults += [Fault(what, path, how) for what, how in told]
    return Visit(tuple(faults))


def _looked_at(
    context: BrowserContext, file: Path, view: View, shot: Path, *, with_axe: bool
) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []
    page = context.new_page()
    page.on("console", lambda message: told.append(("console", message.text)))
    page.on("pageerror", lambda error: told.append(("console", str(error))))
    page.on("dialog", lambda dialog: (told.append(("console", dialog.message)), dialog.dismiss()))
    page.on("request", lambda asked: told.append(("request", asked.url)))
    if view.paper:
        page.emulate_media(media="print")
    page.goto(file.as_uri())
    told.remove(("request", file.as_uri()))
    told += looked_at(page)
    picture(page, view, shot)
    if page.evaluate(OPENED):
        told += [fault for fault in looked_at(page) if fault not in told]
    if with_axe:
        told += accessible(page, PAPER if view.paper else COLOURS if view.dark else EVERY_RULE)
    page.close()
    return told


def looked_at(page: Page) -> list[tuple[str, str]]:
    found: list[list[str]] = page.evaluate(LOOKS)
    return [(what, how) for what, how in found]


def accessible(page: Page, rules: dict[str, Any]) -> list[tuple[str, str]]:
    # Not by a script element, which the page's policy would refuse.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    violations: Iterable[dict[str, Any]] = page.evaluate(ASKED, rules)["violations"]
    return [
        ("axe", f"{one['id']}: {one['help']}: {node['target'][0]}")
        for one in violations
        for node in one["nodes"]
    ]


def picture(page: Page, view: View, shot: Path) -> None:
    if view.paper:
        page.pdf(path=shot.with_suffix(".pdf"), prefer_css_page_size=True)
        return
    height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
    page.screenshot(
        path=shot.with_suffix(".jpg"),
        type="jpeg",
        quality=70,
        full_page=True,
        clip={"x": 0, "y": 0, "width": view.width, "height": height},
    )
