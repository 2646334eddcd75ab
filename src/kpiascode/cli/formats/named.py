"""The formats by their names; the module of one is imported when it is called, and no sooner."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final, TypeAlias

from kpiascode.cli.formats.report import Report

Format: TypeAlias = Callable[[Report], str]


def _later(module: str, name: str, *, bounded: bool = False) -> Format:
    def form(report: Report) -> str:
        made: Format = getattr(import_module(f"kpiascode.cli.formats.{module}"), name)
        if bounded:
            from kpiascode.cli.formats.cap import for_machines

            made = for_machines(made)
        return made(report)

    return form


FORMATS: Final[Mapping[str, Format]] = {
    "full": _later("full", "full"),
    "concise": _later("concise", "concise"),
    "json": _later("json", "as_json", bounded=True),
    "sarif": _later("sarif", "sarif", bounded=True),
    "github": _later("github", "github"),
    "gitlab": _later("gitlab", "gitlab", bounded=True),
    "junit": _later("junit", "junit", bounded=True),
}
