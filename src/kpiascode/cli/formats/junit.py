"""JUnit XML, which most CI systems show: a test case a file, and it fails when the file has findings."""

from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as Tree

from kpiascode.cli.findings import summary
from kpiascode.cli.formats.concise import line
from kpiascode.cli.formats.report import Report
from kpiascode.cli.text import safe
from kpiascode.model.diagnostic import Diagnostic, Severity

PROJECT: Final = "(project)"
"""The case of what stands in no file."""


def junit(report: Report) -> str:
    """Return one suite, in ASCII. Warnings of a case that does not fail stand in its output."""
    found: dict[str, list[Diagnostic]] = {path: [] for path in report.files}
    for d in report.findings:
        found.setdefault(d.place.path, []).append(d)
    paths = sorted(found)
    suite = Tree.Element("testsuite", name="kpi check")
    for path in paths:
        _case(suite, path, found[path], report)
    counts = {"tests": str(len(paths)), "failures": str(len(suite.findall("*/failure"))), "errors": "0"}
    suite.attrib |= counts
    root = Tree.Element("testsuites", counts)
    root.append(suite)
    Tree.indent(root, " ")
    text: bytes = Tree.tostring(root, encoding="us-ascii")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text.decode()}'


def _case(suite: Tree.Element, path: str, found: Sequence[Diagnostic], report: Report) -> None:
    name = safe(report.in_repository(path)) or PROJECT
    case = Tree.SubElement(suite, "testcase", name=name, classname="kpi check")
    if path:
        case.set("file", name)
    if not found:
        return
    fails = report.strict or any(d.severity is Severity.ERROR for d in found)
    told = (
        Tree.SubElement(case, "failure", message=summary(found), type="kpi check")
        if fails
        else Tree.SubElement(case, "system-out")
    )
    told.text = "\n".join(map(line, found))
