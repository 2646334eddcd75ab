"""The conformance suite on what can be had of Snowflake and BigQuery without an account: an emulator of each.

`python tests/conformance/emulated.py snowflake|bigquery` installs the emulator into an environment that is thrown
away, since what it needs does not go together with kpiascode, and runs the suite on it. What else is given goes to
pytest, such as `--kpi-worlds 150`. An emulator is not the engine: `docs/conformance.md` says what each can show.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from emulators.adapters import python_of

HERE: Final = Path(__file__).parent
ENTRIES: Final = """[kpiascode.engines]
fakesnow = emulators.adapters:FakeSnow
zetasql = emulators.adapters:ZetaSQL
"""


@dataclass(frozen=True, slots=True)
class Emulator:
    """The scheme of its URL, which is also the name of its marks, and what is installed."""

    scheme: str
    requires: tuple[str, ...]


EMULATORS: Final = {
    "snowflake": Emulator("fakesnow", ("fakesnow==0.12.1", "snowflake-connector-python==4.8.1")),
    "bigquery": Emulator("zetasql", ("zetasql==0.1.5",)),
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("engine", choices=EMULATORS)
    parser.add_argument("--venv", type=Path, metavar="FOLDER", help="an environment that has the emulator")
    parser.add_argument("--table", type=Path, metavar="FILE", help="write what came out: .json or .md")
    asked, more = parser.parse_known_args(arguments)
    if asked.venv and not Path(python_of(asked.venv)).exists():
        parser.error(f"--venv: there is no Python in {asked.venv}")
    emulator = EMULATORS[asked.engine]
    table = ["--kpi-table", str(asked.table.absolute())] if asked.table else []
    with tempfile.TemporaryDirectory(prefix="kpi-emulated-") as folder:
        home = Path(folder)
        environment = asked.venv.absolute() if asked.venv else installed(emulator, home / "environment")
        register(home)
        return run(home, f"{emulator.scheme}://{environment}", emulator.scheme, [*table, *more])


def installed(emulator: Emulator, folder: Path) -> Path:
    """Return a new environment with the emulator."""
    venv.create(folder, with_pip=True)
    subprocess.run([python_of(folder), "-m", "pip", "install", "--quiet", *emulator.requires], check=True)
    return folder


def register(home: Path) -> None:
    """Have the adapters found by their schemes, as those of an installed package are."""
    metadata = home / "emulators-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: emulators\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(ENTRIES)


def run(home: Path, url: str, name: str, more: list[str]) -> int:
    """Run the suite as everybody may; `more` goes to pytest."""
    command = [sys.executable, "-m", "pytest", "-p", "kpiascode.conformance.plugin", "--pyargs"]
    command += ["kpiascode.conformance", "-q", "--tb=short", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command += ["-c", os.devnull, "--rootdir", str(home), "--kpi-engine", url]
    command += ["--kpi-marks", str(HERE / "marks" / f"{name}.yaml"), *more]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(home), str(HERE)])}
    environment.pop("PYTEST_ADDOPTS", None)
    return subprocess.run(command, cwd=home, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
