"""What another sqlglot would change: `python tests/sqlglot_bump.py VERSION...`.

Everything is compiled with the sqlglot that is installed, and with each VERSION in a virtual environment that is
thrown away: each case of tests/cases and each KPI of the example company, in every dialect. What differs as text is
told by dialect. What differs in meaning is found by running: both are asked of each embedded engine that is
installed, the cases are held to what was computed by hand, and every value to what it was before. Where it is not
the same, or something is not compiled any more, the exit code is 1. A dialect that no embedded engine speaks can
only be read.
"""

import argparse
import csv
import difflib
import json
import math
import shlex
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Final, TypeAlias

ROOT: Final = Path(__file__).parents[1]
CASES: Final = sorted(file.parent for file in (ROOT / "tests" / "cases").glob("*/question.txt"))
COMPANY: Final = "example company"
ENGINES: Final = {"sqlite": "sqlite3", "chdb": "chdb", "datafusion": "datafusion"}
"""By scheme the driver. The tables are loaded into them; DuckDB reads the files."""

SPOKEN: Final = {"duckdb": "duckdb", "sqlite": "sqlite", "chdb": "clickhouse", "datafusion": "datafusion"}
"""By engine its dialect."""

RIGHT: Final = 1e-9
SAME: Final = 1e-13
"""Relative: to what was computed by hand, and to what it was before (sums of doubles differ from run to run)."""

Values: TypeAlias = dict[str, str | None]
"""By KPI, period and slice."""


@dataclass(slots=True)
class Made:
    """What one sqlglot makes of everything.

    Args:
        texts: By dialect and what is compiled, the SQL, or why it is refused.
        answers: By engine and what is asked, the values, or why there are none.
    """

    version: str
    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    answers: dict[str, dict[str, Values | str]] = field(default_factory=dict)


# --- what differs


def changed_texts(before: Made, after: Made) -> dict[str, list[str]]:
    """Return by dialect what is compiled to another text."""
    found = {}
    for dialect, texts in before.texts.items():
        others = after.texts.get(dialect, {})
        found[dialect] = sorted(name for name in {*texts, *others} if texts.get(name) != others.get(name))
    return found


def lost(before: Made, after: Made) -> Iterator[str]:
    """Yield by dialect what was SQL and is none any more."""
    for dialect, texts in before.texts.items():
        others = after.texts.get(dialect, {})
        gone = [name for name, text in texts.items() if _is_sql(text) and not _is_sql(others.get(name, ""))]
        if gone:
            yield f"{dialect}: {len(gone)} are not compiled any more, such as {gone[0]}: {others.get(gone[0])}"


def _is_sql(text: str) -> bool:
    """Return whether a text is compiled: SQL begins with what it computes, as a comment."""
    return text.startswith("-- ")


def changed_meanings(before: Made, after: Made, expected: Mapping[str, Values]) -> Iterator[str]:
    """Yield what the engines now answer otherwise than by hand, or than before."""
    for engine, answers in before.answers.items():
        for name, earlier in answers.items():
            now = after.answers.get(engine, {}).get(name, "is not asked any more")
            where = f"{engine}, {name}"
            if isinstance(now, str):
                if now != earlier:
                    yield f"{where}: no answer any more, but: {now}"
                continue
            if isinstance(earlier, str):
                yield f"{where}: an answer, and before: {earlier}"
            elif lines := list(_differing(earlier, now, SAME)):
                yield f"{where}: {len(lines)} of {len(now)} values are not what they were: {'; '.join(lines[:3])}"
            if lines := list(_differing(expected.get(name, {}), now, RIGHT)):
                yield f"{where}: {len(lines)} values are not those by hand: {'; '.join(lines[:3])}"


def _differing(meant: Values, found: Values, tolerance: float) -> Iterator[str]:
    if not meant:
        return
    for key in sorted({*meant, *found}):
        one, other = meant.get(key, "no row"), found.get(key, "no row")
        if not _alike(one, other, tolerance):
            yield f"{key} is {other}, not {one}"


def _alike(one: str | None, other: str | None, tolerance: float) -> bool:
    if one == other or one is None or other is None or "no row" in (one, other):
        return one == other
    return math.isclose(float(one), float(other), rel_tol=tolerance)


def unread(texts: Mapping[str, Sequence[str]], engines: Sequence[str]) -> list[str]:
    """Return the dialects whose text has changed and that no engine here speaks."""
    spoken = {SPOKEN[engine] for engine in engines}
    return sorted(dialect for dialect, names in texts.items() if names and dialect not in spoken)


def by_hand() -> dict[str, Values]:
    """Return the numbers of the cases."""
    found = {}
    for case in CASES:
        with (case / "expected" / "observations.csv").open(newline="") as lines:
            rows = list(csv.DictReader(lines))
        found[case.name] = {
            f"{row['kpi']} {row['period']} {row['slice']}".rstrip(): row["value"] or None for row in rows
        }
    return found


# --- making it, in a process that has the sqlglot


def made() -> Made:
    """Compile and run everything with the sqlglot of this process."""
    import sqlglot

    from kpiascode.model.dialect import DIALECTS

    found = Made(sqlglot.__version__)
    for dialect in DIALECTS:
        found.texts[dialect] = {
            case.name: _kpi("compile", "--together", "--dialect", dialect, *_asked(case)) for case in CASES
        }
    for name, dialect, text in _texts_of_company(DIALECTS):
        found.texts[dialect][f"{COMPANY}, {name}"] = text
    with tempfile.TemporaryDirectory() as folder:
        found.answers["duckdb"] = dict(_answers(None))
        for scheme, driver in ENGINES.items():
            if find_spec(driver) is not None:
                found.answers[scheme] = dict(_answers(f"{scheme}:///{folder}/{scheme}.tables"))
    return found


def _texts_of_company(dialects: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield each KPI of the example company in each dialect, by its first dimension; the project is read once."""
    from kpiascode import compile
    from kpiascode.pipeline import asking, reading

    checked = reading.read(ROOT)
    for kpi in checked.project.kpis.values():
        by = tuple(dimension.name for dimension in kpi.dimensions[:1])
        ask = asking.Ask(kpis=(kpi.name,), as_of=datetime(2026, 1, 1), by=by)
        (plan,) = asking.plans(asking.with_file_types(checked, ask), ask)
        for dialect in dialects:
            try:
                yield kpi.name, dialect, compile.compile_plan(plan, dialect).text
            except Exception as error:  # a refusal, or what this sqlglot does not have
                yield kpi.name, dialect, f"{type(error).__name__}: {error}".splitlines()[0]


def _answers(url: str | None) -> Iterator[tuple[str, Values | str]]:
    asked = [(case.name, case, _asked(case)) for case in CASES]
    asked.append((COMPANY, ROOT, ["--as-of", "2026-01-01", "--project", str(ROOT)]))
    for name, project, words in asked:
        engine = [] if url is None else ["--engine", url]
        if url is not None:
            _kpi("seed", *engine, "--replace", "--project", str(project))
        said = _kpi("run", "--format", "json", *engine, *words)
        yield name, _values(said) if said.startswith("[") else said


def _values(said: str) -> Values:
    found: Values = {}
    for one in json.loads(said):
        part = "|".join("null" if value is None else value for value in one["slice"].values())
        found[f"{one['kpi']} {one['period']} {part}".rstrip()] = one["value"]
    return found


def _asked(case: Path) -> list[str]:
    return [*shlex.split((case / "question.txt").read_text()), "--project", str(case)]


def _kpi(*words: str) -> str:
    """Return what a command prints, or in one line why it does not."""
    from click.testing import CliRunner

    from kpiascode.cli.main import main

    result = CliRunner().invoke(main, list(words))
    if result.exit_code == 0:
        return result.stdout
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        return f"{type(result.exception).__name__}: {result.exception}".splitlines()[0]
    return next(
        (line for line in result.output.splitlines() if line.startswith(("error", "Error"))), result.output
    )


# --- both, and the report


def made_by(python: Path | str) -> Made | str:
    """Return what the sqlglot of an interpreter makes, or the last line of why it cannot."""
    done = subprocess.run([python, __file__, "--make"], capture_output=True, text=True)
    if done.returncode != 0:
        return (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
    return Made(**json.loads(done.stdout.splitlines()[-1]))


def environment(folder: Path, version: str) -> Path:
    """Make an environment that has another sqlglot and everything else of this one; return its Python."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run([*install, f"sqlglot=={version}"], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr.strip() or "pip failed")
    where = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    own = subprocess.run([python, "-c", where], check=True, capture_output=True, text=True).stdout.strip()
    # Found after its own packages, so that sqlglot alone is another one.
    line = f"import site; site.addsitedir({sysconfig.get_paths()['purelib']!r})\n"
    (Path(own) / "everything_else.pth").write_text(line, encoding="utf-8")
    return python


def report(before: Made, after: Made, lines_shown: int) -> int:
    """Print what differs; return the exit code."""
    print(f"sqlglot {before.version} -> {after.version}")
    texts = changed_texts(before, after)
    print("\nOther texts")
    for dialect, names in texts.items():
        print(f"  {dialect:<12}{len(names):>4} of {len(before.texts[dialect])}")
        for name in names[:1]:
            old, new = (side.texts[dialect].get(name, "").splitlines() for side in (before, after))
            diff = [
                line
                for line in difflib.unified_diff(old, new, n=0, lineterm="")
                if line[:3] not in ("---", "+++")
            ]
            print(*(f"      {line}" for line in [name, *diff[:lines_shown]]), sep="\n")
    print("\nOther meanings")
    meanings = [*lost(before, after), *changed_meanings(before, after, by_hand())]
    print(*(f"  {line}" for line in meanings or ["none"]), sep="\n")
    asked = sum(len(answers) for answers in after.answers.values())
    print(f"\nAsked: {asked} questions of {', '.join(after.answers)}.")
    if left := unread(texts, list(after.answers)):
        print(f"Run by no engine here, so read what differs: {', '.join(left)}.\n")
    return 1 if meanings else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("versions", nargs="*", metavar="VERSION", help="of sqlglot, such as 30.31.0")
    parser.add_argument("--lines", type=int, default=8, help="of one difference of each dialect (default 8)")
    parser.add_argument("--make", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        print(json.dumps(asdict(made())))
        return 0
    if not options.versions:
        parser.error("which version of sqlglot?")
    before = made_by(sys.executable)
    if isinstance(before, str):
        parser.error(f"the compiler does not run with the sqlglot that is installed: {before}")
    code = 0
    for version in options.versions:
        with tempfile.TemporaryDirectory() as folder:
            after = made_by(environment(Path(folder), version))
        if isinstance(after, str):
            print(f"sqlglot {version}: the compiler does not run with it: {after}\n")
            code = 1
        else:
            code |= report(before, after, options.lines)
    return code


if __name__ == "__main__":
    sys.exit(main())
