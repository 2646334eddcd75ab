"""SARIF 2.1.0, which code scanning of GitHub and many editors read."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from kpiascode import __version__
from kpiascode.cli.formats.report import Report, ascii_json, fingerprints, said
from kpiascode.cli.text import safe
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.place import Span
from kpiascode.pipeline.explaining import explanation

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT: Final = "kpiascode/v1"


def sarif(report: Report) -> str:
    """Return one run with the findings as results, and what each of their codes means as rules."""
    codes = list(dict.fromkeys(d.code for d in report.findings))
    run = {
        "tool": {
            "driver": {"name": "kpiascode", "version": __version__, "rules": [_rule(code) for code in codes]}
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(d, codes, fingerprint, report)
            for d, fingerprint in zip(report.findings, fingerprints(report), strict=True)
        ],
    }
    return ascii_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": code}
    if told := explanation(code):
        rule["shortDescription"] = {"text": told.what}
        rule["fullDescription"] = {"text": told.what}
        rule["help"] = {"text": told.text, "markdown": told.markdown}
        if told.severity is not None:
            rule["defaultConfiguration"] = {"level": told.severity.value}
    return rule


def _result(d: Diagnostic, codes: Sequence[str], fingerprint: str, report: Report) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": d.code,
        "ruleIndex": codes.index(d.code),
        "level": d.severity.value,
        "message": {"text": _message(d)},
        "partialFingerprints": {FINGERPRINT: fingerprint},
    }
    if d.place.path:
        result["locations"] = [{"physicalLocation": _location(d, report)}]
    if d.fix:
        result["fixes"] = [_fix(d, report)]
    return result


def _message(d: Diagnostic) -> str:
    """Return all that is said. `[text](address)` would be a link, so a user's is broken."""
    text = f"{said(d)} {safe(d.note)}" if d.note else said(d)
    return text.replace("](", "]\N{ZERO WIDTH SPACE}(")


def _location(d: Diagnostic, report: Report) -> dict[str, Any]:
    """Return file and region."""
    location: dict[str, Any] = {"artifactLocation": _artifact(d, report)}
    if d.place.span.line > 0:
        location["region"] = _region(d.place.span)
    return location


def _fix(d: Diagnostic, report: Report) -> dict[str, Any]:
    edits = [
        {"deletedRegion": _region(edit.span)}
        | ({"insertedContent": {"text": edit.text}} if edit.text else {})
        for edit in d.fix
    ]
    return {"artifactChanges": [{"artifactLocation": _artifact(d, report), "replacements": edits}]}


def _artifact(d: Diagnostic, report: Report) -> dict[str, Any]:
    """Return the file. A URI whose first part holds a colon would be an address, so it is quoted."""
    uri = quote(report.in_repository(d.place.path), errors="replace")
    return {"uri": uri, "uriBaseId": "%SRCROOT%"}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
