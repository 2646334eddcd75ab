"""The broken projects of this folder: each is the sound one with a single mistake, and says where it is.

`<case>.yaml` is added to the sound project as one more file of definitions. The files of a folder `<case>/` are
laid over it. The mistake stands in the line that ends in `#! <code>`, perhaps with `@<column>`; where no comment
is possible, `expected.txt` says it. What follows `--` in the name of a case tells cases of one code apart.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SOUND = HERE / "sound"
EXPECTED = "expected.txt"
MARK = re.compile(rb"#! (?P<code>[a-z0-9-]+)(?: @(?P<column>[0-9]+))?\s*$")
SAID = re.compile(
    r"(?P<code>[a-z0-9-]+) (?P<path>[^:]+):(?P<line>[0-9]+)(?::(?P<column>[0-9]+))?(?P<read>, when read)?\s*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """What is to be found. `column` is None where it is not told; `when_read`: only once the data is read."""

    code: str
    path: str
    line: int
    column: int | None = None
    when_read: bool = False


def cases() -> list[str]:
    files = [path.stem for path in HERE.glob("*.yaml")]
    folders = [path.name for path in HERE.iterdir() if path.is_dir() and not path.name.startswith(("_", "."))]
    return sorted({*files, *folders} - {SOUND.name})


def make(case: str, folder: Path) -> Mistake:
    """Write the project of a case and return its mistake."""
    file, overlay = HERE / f"{case}.yaml", HERE / case
    shutil.copytree(SOUND, folder, dirs_exist_ok=True)
    if file.exists():
        shutil.copyfile(file, folder / "kpis" / "with_mistake.yaml")
    else:
        shutil.copytree(overlay, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(EXPECTED))
    said = overlay / EXPECTED
    return _said(said.read_text()) if said.exists() else _marked(folder)


def _said(text: str) -> Mistake:
    found = SAID.fullmatch(text)
    assert found is not None, text
    column = found["column"]
    return Mistake(
        code=found["code"],
        path=found["path"],
        line=int(found["line"]),
        column=None if column is None else int(column),
        when_read=found["read"] is not None,
    )


def _marked(folder: Path) -> Mistake:
    marks = [
        (file.relative_to(folder).as_posix(), number, found)
        for file in folder.rglob("*.yaml")
        for number, line in enumerate(file.read_bytes().split(b"\n"), 1)
        if (found := MARK.search(line))
    ]
    ((path, line, found),) = marks
    column = found["column"]
    return Mistake(
        code=found["code"].decode(), path=path, line=line, column=None if column is None else int(column)
    )
