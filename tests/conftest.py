"""Makes what the folders of tests share importable: `projects`, `reference`. Where CI runs, no test is skipped."""

import os
from collections.abc import Generator
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
