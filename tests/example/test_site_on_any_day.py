"""The example company's site can be built on any day, not only at the end of a month."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from kpiascode.cli.main import main

HOME = Path(__file__).parents[2]


@pytest.mark.parametrize("day", ["2026-01-15", "2026-02-10"])
def test_the_site_is_built_inside_a_month(day: str, tmp_path: Path) -> None:
    site = tmp_path / "site"
    result = CliRunner().invoke(
        main, ["build", "--project", str(HOME), "--as-of", day, "--output", str(site)]
    )

    assert result.exit_code == 0, result.stderr
    assert (site / "index.html").is_file()
