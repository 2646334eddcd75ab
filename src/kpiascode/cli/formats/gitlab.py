"""The report of GitLab Code Quality."""

from typing import Final

from kpiascode.cli.formats.report import Report, ascii_json, fingerprints, said
from kpiascode.cli.text import safe
from kpiascode.model.diagnostic import Severity

SEVERITIES: Final = {Severity.ERROR: "major", Severity.WARNING: "minor"}
PROJECT: Final = "kpiascode.yaml"
"""Where a finding is shown that stands in no file: GitLab demands one."""


def gitlab(report: Report) -> str:
    """Return an issue a finding."""
    return ascii_json(
        [
            {
                "description": said(d),
                "check_name": d.code,
                "fingerprint": fingerprint,
                "severity": SEVERITIES[d.severity],
                "location": {
                    "path": safe(report.in_repository(d.place.path or PROJECT)),
                    "lines": {"begin": max(1, d.place.span.line)},
                },
            }
            for d, fingerprint in zip(report.findings, fingerprints(report), strict=True)
        ]
    )
