"""For people and for `grep`: one line a finding."""

from kpiascode.cli.formats.cap import for_people
from kpiascode.cli.formats.report import Report
from kpiascode.cli.text import safe
from kpiascode.model.diagnostic import Diagnostic


def concise(report: Report) -> str:
    """Return one line a finding: path, line, column, code, message, hint. Of many, some are counted only."""
    told = for_people(report.findings)
    return "\n".join(one if isinstance(one, str) else line(one) for one in told)


def line(d: Diagnostic) -> str:
    where = f"{d.place}: " if d.place.path else ""
    return safe(f"{where}{d.code}: {d.message}" + (f" ({d.hint})" if d.hint else ""))
