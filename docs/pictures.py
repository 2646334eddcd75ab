"""Make the pictures of the docs from the example company: python docs/pictures.py [PICTURE...]

Needs Chromium (`apt-get install chromium`) and the `test` extra. The pages are built into a temporary folder.
"""

import io
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parent.parent
AS_OF = "2026-01-01"
COLOURS = 256
"""A palette makes a third of the size; `MAXCOVERAGE` keeps the rare colours, which say something."""


@dataclass(frozen=True, slots=True)
class Shot:
    page: str
    width: int = 1280
    height: int = 1150
    dark: bool = False


PICTURES = {
    "scorecard.png": Shot("scorecards/company_monthly.html"),
    "scorecard-dark.png": Shot("scorecards/company_monthly.html", height=900, dark=True),
    "scorecard-phone.png": Shot("scorecards/company_monthly.html", width=390, height=1400),
    "kpi.png": Shot("kpis/refund_rate.html", height=1700),
    "index.png": Shot("index.html"),
    "goal.png": Shot("goals/loved_by_customers.html", height=900),
    "unit.png": Shot("units/online.html"),
    "owner.png": Shot("owners/head_of_care.html", height=900),
    "changes.png": Shot("changes.html", height=900),
    "glossary.png": Shot("glossary.html", height=900),
}


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        site = Path(name) / "site"
        build = ["build", "--project", str(ROOT), "--as-of", AS_OF, "--output", str(site)]
        subprocess.run([sys.executable, "-m", "kpiascode", *build], check=True)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        for picture in names or PICTURES:
            file = ROOT / "docs" / "images" / picture
            taken(browser, site, PICTURES[picture]).save(file, optimize=True)
            print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1000} kB")
        browser.close()


def taken(browser: Browser, site: Path, shot: Shot) -> Image.Image:
    scheme = "dark" if shot.dark else "light"
    page = browser.new_page(viewport={"width": shot.width, "height": shot.height}, color_scheme=scheme)
    page.goto((site / shot.page).as_uri())
    seen = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    page.close()
    return seen.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main(sys.argv[1:])
