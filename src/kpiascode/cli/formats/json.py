"""For programs, by the contract of `schemas/output/check.schema.json`."""

from kpiascode.cli.formats.report import Report, ascii_json


def as_json(report: Report) -> str:
    """Return the findings as an array; paths are relative to the project folder."""
    return ascii_json(
        [
            {
                "code": d.code,
                "severity": d.severity.value,
                "message": d.message,
                "path": d.place.path,
                "line": d.place.span.line,
                "column": d.place.span.column,
                "end_line": d.place.span.end_line,
                "end_column": d.place.span.end_column,
                "hint": d.hint,
                "fix": [
                    {
                        "line": edit.span.line,
                        "column": edit.span.column,
                        "end_line": edit.span.end_line,
                        "end_column": edit.span.end_column,
                        "text": edit.text,
                    }
                    for edit in d.fix
                ],
            }
            for d in report.findings
        ]
    )
