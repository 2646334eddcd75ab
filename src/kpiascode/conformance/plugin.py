"""Options, summary and table of the suite. Nothing of it is there where `-p` does not ask for it."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from kpiascode.conformance.cases import Case, World, folders
from kpiascode.conformance.marks import Mark, WrongMarks, read_marks
from kpiascode.conformance.outcomes import Different, Equal, Failed, Outcome, Refused
from kpiascode.pipeline.connection import Connection, WrongUrl, known_schemes, read_url

WORLDS: Final = 25
EMBEDDED: Final = "duckdb"


@dataclass(slots=True)
class Suite:
    """What is asked of which engine, and what came out so far."""

    engine: str
    connection: Connection
    cases: Mapping[str, Case]
    marks: tuple[Mark, ...]
    judges_patterns: bool
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def mark_of(self, name: str) -> Mark | None:
        """Return the mark of a case: by its name, or else by the first pattern that excuses what came out."""
        of_it = sorted((mark for mark in self.marks if mark.is_of(name)), key=lambda mark: mark.is_pattern)
        found = self.outcomes[name]
        return next((mark for mark in of_it if not mark.is_pattern or mark.excuses(found)), None)

    def word(self, name: str) -> str:
        """Return in a word what became of a case: `equal`, a mark's kind, or what is wrong."""
        found, mark = self.outcomes[name], self.mark_of(name)
        if mark is not None and mark.excuses(found):
            return mark.kind
        match found:
            case Equal():
                return "equal" if mark is None else "equal though marked"
            case Refused():
                return "refused"
            case Failed():
                return "failed"
            case Different():
                return "different"

    def unneeded(self) -> tuple[Mark, ...]:
        """Return the patterns that excused nothing though all of their cases were asked."""
        return tuple(
            mark
            for mark in self.marks
            if mark.is_pattern and self.judges_patterns and not any(map(mark.excuses, self._of(mark)))
        )

    def _of(self, mark: Mark) -> tuple[Outcome, ...]:
        return tuple(found for name, found in self.outcomes.items() if mark.is_of(name))

    def counts(self) -> Counter[str]:
        return Counter(map(self.word, self.outcomes))


SUITE: Final = pytest.StashKey[Suite]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("kpiascode", "conformance of an engine")
    group.addoption(
        "--kpi-engine",
        metavar="URL",
        help="the engine, with an empty database that tables may be made in; `duckdb` is the embedded one",
    )
    group.addoption("--kpi-marks", metavar="FILE", type=Path, help="what the engine is known not to answer")
    group.addoption(
        "--kpi-worlds",
        metavar="N",
        type=int,
        default=WORLDS,
        help=f"how many random projects are asked (default: {WORLDS})",
    )
    group.addoption("--kpi-table", metavar="FILE", type=Path, help="write what came out: .json or .md")


def pytest_configure(config: pytest.Config) -> None:
    text = config.getoption("--kpi-engine")
    if text is None:
        return
    if getattr(config.option, "numprocesses", None) or hasattr(config, "workerinput"):
        raise pytest.UsageError("the cases share an engine and the names of tables: run them without -n")
    table = config.getoption("--kpi-table")
    if table is not None and table.suffix not in (".json", ".md"):
        raise pytest.UsageError("--kpi-table: write a file that ends with .json or .md")
    worlds = config.getoption("--kpi-worlds")
    cases: dict[str, Case] = {case.name: case for case in folders()}
    cases |= {world.name: world for world in map(World, range(worlds))}
    config.stash[SUITE] = Suite(
        engine=text.partition(":")[0],
        connection=_connection(text),
        cases=cases,
        marks=_marks(config.getoption("--kpi-marks"), cases),
        judges_patterns=worlds >= WORLDS,
    )


def _connection(text: str) -> Connection:
    if text == EMBEDDED:
        return Connection()
    try:
        url = read_url(text)
    except WrongUrl as wrong:
        raise pytest.UsageError(f"--kpi-engine: {wrong}") from None
    if url.scheme not in known_schemes():
        raise pytest.UsageError(f"--kpi-engine: there is no engine for `{url.scheme[:20]}`")
    if url.scheme == EMBEDDED:
        raise pytest.UsageError(
            "--kpi-engine: the embedded engine reads files, so its name is enough: duckdb"
        )
    return Connection(url=url)


def _marks(file: Path | None, cases: Mapping[str, Case]) -> tuple[Mark, ...]:
    if file is None:
        return ()
    try:
        return read_marks(file, tuple(cases))
    except (OSError, WrongMarks) as wrong:
        raise pytest.UsageError(f"--kpi-marks: {wrong}") from None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kpi_case" in metafunc.fixturenames:
        suite = metafunc.config.stash.get(SUITE, None)
        if suite is None:
            raise pytest.UsageError("say which engine: --kpi-engine URL")
        metafunc.parametrize("kpi_case", suite.cases.values(), ids=suite.cases.keys())


@pytest.fixture
def kpi_suite(request: pytest.FixtureRequest) -> Suite:
    return request.config.stash[SUITE]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if (suite := config.stash.get(SUITE, None)) is not None:
        asked = [item for item in items if "kpi_case" in getattr(item, "fixturenames", ())]
        suite.judges_patterns = suite.judges_patterns and len(asked) == len(suite.cases)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    suite = config.stash.get(SUITE, None)
    if suite is None or not suite.outcomes:
        return
    terminalreporter.section(f"conformance of {suite.engine}")
    terminalreporter.write(as_text(suite))
    file = config.getoption("--kpi-table")
    if file is not None:
        file.write_text(as_json(suite) if file.suffix == ".json" else as_markdown(suite), encoding="utf-8")


def as_text(suite: Suite) -> str:
    width = max(map(len, suite.outcomes))
    lines = [f"{name:<{width}}  {suite.word(name)}" for name in suite.outcomes]
    counted = ", ".join(f"{count} {word}" for word, count in suite.counts().most_common())
    return "\n".join([*lines, "", counted, ""])


def as_json(suite: Suite) -> str:
    """Return what came out by case, with the reasons of the marks."""
    said = {
        "engine": suite.engine,
        "cases": {name: suite.word(name) for name in suite.outcomes},
        "marks": [{"case": mark.case, mark.kind: mark.reason} for mark in suite.marks],
    }
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


def as_markdown(suite: Suite) -> str:
    lines = [f"| case | {suite.engine} |", "| --- | --- |"]
    lines += [f"| `{name}` | {suite.word(name)} |" for name in suite.outcomes]
    if suite.marks:
        lines += ["", "| marked | | why |", "| --- | --- | --- |"]
        lines += [f"| `{mark.case}` | {mark.kind} | {mark.reason} |" for mark in suite.marks]
    return "\n".join(lines) + "\n"
