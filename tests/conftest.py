"""Makes what the folders of tests share importable: `projects`. Where CI runs, no test is skipped.

No test finds what another one has kept: each has a cache folder of its own.
"""

import os
import tempfile
from collections.abc import Generator
from itertools import count
from typing import Final

import pytest

GOOD_REASONS: Final = ("root may read everything",)
"""Of skips that are no loss: what is tested there cannot happen to that user."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a skip without a good reason fail, where KPI_REQUIRE_DATA=1 says that everything is there."""
    report = yield
    required = os.environ.get("KPI_REQUIRE_DATA") == "1"
    if required and report.skipped and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not any(good in reason for good in GOOD_REASONS):
            report.outcome = "failed"
            report.longrepr = f"a test that is skipped tests nothing: {reason}"
    return report


_CACHES: Final = tempfile.TemporaryDirectory(prefix="kpiascode-tests-", ignore_cleanup_errors=True)
_NUMBERS: Final = count()


def pytest_runtest_setup() -> None:
    os.environ.pop("KPI_CACHE_DIR", None)
    os.environ["XDG_CACHE_HOME"] = os.path.join(_CACHES.name, str(next(_NUMBERS)))


def pytest_unconfigure() -> None:
    _CACHES.cleanup()
