"""`kpi publish` and `kpi build` are killed at random moments, and publish at once: nothing is lost, doubled or torn."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import NEW_YEAR, Kpi
from ledger_files import publications

KILLS = os.environ.get("KPI_KILLS", "25")
"""How often each is killed."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork and no kill -9")


@pytest.mark.parametrize("mode", ["publish", "build"])
def test_killed_at_any_moment_everything_is_whole(mode: str) -> None:
    program = Path(__file__).parent / "killing.py"
    done = subprocess.run([sys.executable, str(program), mode, KILLS], capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"killed {KILLS} times" in done.stdout


def test_publishers_at_once_all_get_in_and_what_repeats_is_told_so(kpi: Kpi, shop: Path) -> None:
    channels = ["email", "chat", "email", "pdf", "email", "meeting"]
    publishers = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "kpiascode",
                "publish",
                *NEW_YEAR,
                "--channel",
                channel,
                "--output",
                f"site{at}",
            ],
            cwd=shop,
            stdout=subprocess.PIPE,
            text=True,
        )
        for at, channel in enumerate(channels)
    ]
    told = [publisher.communicate()[0] for publisher in publishers]

    assert [publisher.returncode for publisher in publishers] == [0] * 6
    assert sum("Already recorded" in text for text in told) == 2
    found = publications(shop)
    assert sorted(one.channel for one in found) == ["chat", "email", "meeting", "pdf"]
    assert [one.parents for one in found[1:]] == [(one.hash,) for one in found[:-1]], "one after the other"
    assert kpi.answer("ledger", "verify").startswith("Whole: 4 publications")
