"""For people and for `grep`: one line a finding."""

from kpiascode.cli.formats.report import Report
from kpiascode.cli.text import safe
from kpiascode.model.diagnostic import Diagnostic


def concise(report: Report) -> str:
    """Return one line a finding: path, line, column, code, message, hint."""
    return "\n".join(map(line, report.findings))


def line(d: Diagnostic) -> str:
    where = f"{d.place}: " if d.place.path else ""
    return safe(f"{where}{d.code}: {d.message}" + (f" ({d.hint})" if d.hint else ""))
