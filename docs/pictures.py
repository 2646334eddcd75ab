"""Make the pictures of the docs from the example company: python docs/pictures.py

Needs Chromium (`apt-get install chromium`). The pages are built as of 2026-01-01 into a temporary folder.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PICTURES = {
    "scorecard.png": ("scorecards/company_monthly.html", 1280, 1150),
    "kpi.png": ("kpis/refund_rate.html", 1280, 1350),
    "index.png": ("index.html", 1280, 1150),
}
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        site = Path(name) / "site"
        build = ["build", "--project", str(ROOT), "--as-of", "2026-01-01", "--output", str(site)]
        subprocess.run([sys.executable, "-m", "kpiascode", *build], check=True)
        for picture, (page, width, height) in PICTURES.items():
            subprocess.run(
                [
                    "chromium",
                    *QUIET,
                    f"--user-data-dir={name}/profile",
                    f"--window-size={width},{height}",
                    f"--screenshot={ROOT / 'docs' / 'images' / picture}",
                    (site / page).as_uri(),
                ],
                check=True,
                stderr=subprocess.DEVNULL,
            )
            print(f"docs/images/{picture}")


if __name__ == "__main__":
    main()
