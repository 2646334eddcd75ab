"""Make the pictures of the docs from the example company: python docs/pictures.py [PICTURE...]

Needs Chromium (`apt-get install chromium`), git and the `test` extra. The pages are built into a temporary
folder. The comment is that on the change of docs/review.md, in a style like that of a git host, with the
first of its details open.
"""

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parent.parent
AS_OF = "2026-01-01"
ALONE = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
WHO = {"NAME": "Ann", "EMAIL": "ann@example.com", "DATE": "2026-01-02T12:00:00Z"}
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
    "goals.png": Shot("goals.html"),
    "goal.png": Shot("goals/lamps_arrive_whole.html", height=1500),
    "unit.png": Shot("units/online.html"),
    "owner.png": Shot("owners/head_of_care.html", height=900),
    "changes.png": Shot("changes.html", height=900),
    "glossary.png": Shot("glossary.html", height=900),
    "review.png": Shot("review.html", height=1540),
    "pack-review.png": Shot("packs/review-q4_2025-customer_care.html", width=1000, height=1300),
    "pack-one-on-one.png": Shot("packs/one-on-one-online_and_care.html", width=1000, height=1260),
    "pack-plan.png": Shot("packs/plan-out_of_the_old_warehouse.html", width=1000, height=1060),
    "pack-close.png": Shot("packs/close-q4_2025.html", width=1000, height=1300),
}
DOCUMENTS = (
    ("review", "q4_2025", "--org-unit", "customer_care"),
    ("one-on-one", "online_and_care", "--as-of", "2025-11-03"),
    ("plan", "out_of_the_old_warehouse", "--as-of", AS_OF),
    ("close", "q4_2025"),
)
"""What `kpi pack` makes for the pictures."""
COMMENT = "review.html"
SIGNS = {"🔴": "#d1242f", "🟠": "#e16f24", "🔵": "#0969da", "⚪": "#d1d9e0"}
"""Drawn, since few systems without a screen have a font for them."""
PAGE = """<!doctype html><html lang="en"><head><title>Review</title><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><style>{style}</style></head>
<body><main>{body}</main></body></html>
"""
STYLE = """
body {font: 14px/1.5 "DejaVu Sans", sans-serif; color: #1f2328; background: #f6f8fa; margin: 0; padding: 24px}
main {background: #fff; border: 1px solid #d1d9e0; border-radius: 6px; padding: 4px 20px 12px;
  max-width: 1180px; margin: auto}
table {border-collapse: collapse; display: block; overflow: auto; width: max-content; max-width: 100%;
  margin: 12px 0}
th, td {border: 1px solid #d1d9e0; padding: 6px 10px; text-align: left; vertical-align: top}
tr:nth-child(2n) td {background: #f6f8fa}
code {font: 12px "DejaVu Sans Mono", monospace; background: #eff1f3; border-radius: 4px; padding: 2px 4px}
pre {background: #f6f8fa; border-radius: 6px; padding: 12px; overflow: auto; line-height: 1.4}
pre code {background: none; padding: 0}
blockquote {border-left: 4px solid #cf222e; margin: 12px 0; padding: 0 14px}
blockquote strong {color: #cf222e}
.added {background: #dafbe1} .gone {background: #ffebe9}
i[style] {display: inline-block; width: 12px; height: 12px; border-radius: 50%}
details {margin: 8px 0} summary {cursor: pointer}
sub {font-size: 12px; vertical-align: baseline}
@media (max-width: 600px) {body {padding: 8px} main {padding: 2px 12px}}
"""


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        site = Path(name) / "site"
        build = ["build", "--project", str(ROOT), "--as-of", AS_OF, "--output", str(site)]
        subprocess.run([sys.executable, "-m", "kpiascode", *build], check=True)
        (site / COMMENT).write_text(comment(pull_request(Path(name) / "repository")), encoding="utf-8")
        for words in DOCUMENTS:
            pack = ["pack", *words, "--project", str(ROOT), "--output", str(Path(name) / "packs")]
            subprocess.run([sys.executable, "-m", "kpiascode", *pack], check=True)
        shutil.copytree(Path(name) / "packs", site / "packs")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        for picture in names or PICTURES:
            file = ROOT / "docs" / "images" / picture
            taken(browser, site, PICTURES[picture]).save(file, optimize=True)
            print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1000} kB")
        browser.close()


def pull_request(folder: Path) -> Path:
    """Make a repository of the example company, in whose working tree lies the change of docs/review.md."""
    folder.mkdir()
    shutil.copy(ROOT / "kpiascode.yaml", folder)
    shutil.copytree(ROOT / "kpis", folder / "kpis")
    page = (ROOT / "docs" / "review.md").read_text(encoding="utf-8")
    change = re.search(r"^```diff\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert change, "docs/review.md shows no change"
    who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in WHO.items()}
    for words, given in (
        (("init", "--quiet", "--initial-branch", "main"), None),
        (("add", "--all"), None),
        (("commit", "--quiet", "--message", "Begin"), None),
        (("apply",), change[1]),
    ):
        subprocess.run(
            ["git", *words],
            cwd=folder,
            env={**os.environ, **ALONE, **who},
            input=given,
            text=True,
            check=True,
        )
    return folder


def comment(folder: Path) -> str:
    """Return the review of what lies in a repository as a page."""
    diff = ["diff", "main", "--project", str(folder), "--as-of", AS_OF, "--format", "markdown"]
    told = subprocess.run(
        [sys.executable, "-m", "kpiascode", *diff], capture_output=True, encoding="utf-8", check=True
    ).stdout
    body = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable("table").render(told)
    body = body.replace("[!CAUTION]", "<strong>Caution</strong>").replace("<details>", "<details open>", 1)
    for sign, colour in SIGNS.items():
        body = body.replace(sign, f'<i style="background: {colour}"></i>')
    for sign, name in (("+", "added"), ("-", "gone")):
        body = re.sub(rf"^(\{sign} .*)$", rf'<span class="{name}">\1</span>', body, flags=re.MULTILINE)
    return PAGE.format(style=STYLE, body=body)


def taken(browser: Browser, site: Path, shot: Shot) -> Image.Image:
    scheme = "dark" if shot.dark else "light"
    page = browser.new_page(viewport={"width": shot.width, "height": shot.height}, color_scheme=scheme)
    page.goto((site / shot.page).as_uri())
    seen = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    page.close()
    return seen.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main(sys.argv[1:])
