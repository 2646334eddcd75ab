"""The sites that are looked at, and a Chromium to look with.

Chromium is that of the system, `KPI_CHROMIUM` or the first of a few names; Playwright's own is never fetched.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import hard_pages
from click.testing import CliRunner
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from kpiascode.cli.main import main

ROOT: Final = Path(__file__).parents[2]
AXE: Final = ROOT / ".node-test-browser" / "node_modules" / "axe-core" / "axe.min.js"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
QUIET: Final = ("--disable-quic", "--no-first-run", "--disable-component-update", "--disable-sync")
AS_OF: Final = re.findall(r"kpi build --as-of (\S+)", (ROOT / "README.md").read_text(encoding="utf-8"))[0]


def chromium() -> str | None:
    """Return the path of a Chromium of this machine."""
    return os.environ.get("KPI_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def browsing() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(QUIET))
        yield browser
        browser.close()


@dataclass(frozen=True, slots=True)
class View:
    """A window or a sheet of paper. `paper` is as wide as what the margins of A4 leave."""

    name: str
    width: int
    dark: bool = False
    paper: bool = False

    @contextmanager
    def of(self, browser: Browser, *, scripts: bool = True) -> Iterator[BrowserContext]:
        context = browser.new_context(
            viewport={"width": self.width, "height": 900},
            color_scheme="dark" if self.dark else "light",
            java_script_enabled=scripts,
        )
        yield context
        context.close()


PHONE: Final = View("390", 390)
DESK: Final = View("1280", 1280)
DESK_DARK: Final = View("1280-dark", 1280, dark=True)
PAPER: Final = View("paper", 1032, paper=True)
VIEWS: Final = (
    PHONE,
    View("768", 768),
    DESK,
    View("390-dark", 390, dark=True),
    View("768-dark", 768, dark=True),
    DESK_DARK,
    PAPER,
)


def build_company(folder: Path) -> Path:
    """Return the site of the example company."""
    return _built(ROOT, folder / "site", AS_OF)


def build_hostile(folder: Path) -> Path:
    """Return the site of a project that makes everything as hard as it can be."""
    hard_pages.write(folder)
    return _built(folder, folder / "site", "2026-01-10")


def _built(project: Path, site: Path, as_of: str) -> Path:
    words = ["build", "--project", str(project), "--as-of", as_of, "--output", str(site)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.stderr
    return site


@dataclass(frozen=True, slots=True)
class Site:
    """A site to look at: how it is built, in which views, and pages of it that are always looked at.

    `alike` are pages built like others that hold other texts and numbers: axe, which takes longest, is not asked of them.
    """

    name: str
    build: Callable[[Path], Path]
    views: tuple[View, ...] = VIEWS
    always: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()


COMPANY: Final = Site(
    "company", build_company, always=("scorecards/company_monthly.html", "kpis/refund_rate.html")
)
HOSTILE: Final = Site(
    "hostile",
    build_hostile,
    (PHONE, DESK_DARK, PAPER),
    always=("scorecards/odd.html", "kpis/script.html"),
    alike=tuple(f"kpis/{name}.html" for name in hard_pages.KPIS),
)
SITES: Final = (COMPANY, HOSTILE)


class Folders:
    """The folders of the sites; each is built when it is asked for first."""

    def __init__(self, above: Path) -> None:
        self._above = above
        self._built: dict[str, Path] = {}

    def of(self, site: Site) -> Path:
        if site.name not in self._built:
            folder = self._above / site.name
            folder.mkdir()
            self._built[site.name] = site.build(folder)
        return self._built[site.name]


def sample(folder: Path, site: Site) -> tuple[str, ...]:
    """Return pages of every type: of each folder the smallest and the largest, and those that the site names."""
    folders: dict[Path, list[Path]] = {}
    for path in sorted(folder.rglob("*.html")):
        folders.setdefault(path.parent, []).append(path)
    chosen = set(folders.pop(folder))
    for paths in folders.values():
        paths.sort(key=lambda path: path.stat().st_size)
        chosen |= {paths[0], paths[-1]}
    return tuple(sorted({path.relative_to(folder).as_posix() for path in chosen} | set(site.always)))
