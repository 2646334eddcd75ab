"""The formats by their names."""

from collections.abc import Callable, Mapping
from typing import Final

from kpiascode.cli.formats.concise import concise
from kpiascode.cli.formats.full import full
from kpiascode.cli.formats.github import github
from kpiascode.cli.formats.gitlab import gitlab
from kpiascode.cli.formats.json import as_json
from kpiascode.cli.formats.junit import junit
from kpiascode.cli.formats.report import Report
from kpiascode.cli.formats.sarif import sarif

FORMATS: Final[Mapping[str, Callable[[Report], str]]] = {
    "full": full,
    "concise": concise,
    "json": as_json,
    "sarif": sarif,
    "github": github,
    "gitlab": gitlab,
    "junit": junit,
}
