"""Pages of Markdown as material for tests: fenced blocks, tables, sections, and commands that are run.

A fence says by the words after its language what a block is:

* `yaml`: a part of the project that the page makes; keys of a KPI alone become one.
* `yaml refused <code>`: beside that project, exactly this finding.
* `yaml instead`: a project file in the place of the page's own.
* `csv <path>`: a data file of the project.
* `console`: commands in a copy of the example company; `console page`: in the page's project; `console review`: in
  the pull request of `docs/review.md`, whose commits all read `1a2b3c4`. `exits <code>` if not 0.
"""

import contextlib
import io
import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from kpiascode.cli.main import main

ROOT: Final = Path(__file__).parents[2]
FENCE: Final = re.compile(
    r"^(?P<ticks>```+)(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=ticks)$", re.MULTILINE | re.DOTALL
)
CODE: Final = re.compile(r"`([^`\n]+)`")
PROJECT_FILE: Final = "version: 1\nname: page\npaths: [kpis]\n"
MINIMAL_KPI: Final = (
    "kind: kpi\nname: minimal\ntitle: Minimal\ndescription: Minimal.\nowner: somebody\napplies_to: [somewhere]\n"
    "dataset: minimal\nexpression: count(*)\ngrain: month\nunit: count\ndirection: higher\n"
)
MINIMAL_REST: Final = (
    "kind: dataset\nname: minimal\nsource: minimal.rows\ntime: day\n---\nkind: owner\nname: somebody\ntitle: Somebody\n"
    "org_unit: somewhere\ncontact: somebody@example.com\n---\nkind: org_unit\nname: somewhere\ntitle: Somewhere\n"
    "level: organisation\n"
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. `info` are the words after the language, `line` is where its text begins."""

    language: str
    info: tuple[str, ...]
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Command:
    """A line `$ ...` of a console block, and the output that follows it there; empty where none is shown."""

    words: tuple[str, ...]
    output: str
    code: int
    in_page: bool
    in_review: bool
    line: int

    def __str__(self) -> str:
        return f"{self.line}: {' '.join(self.words)}"


@cache
def text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Page:
    path: Path

    @property
    def text(self) -> str:
        return text_of(self.path)

    def __str__(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    def blocks(self, language: str) -> tuple[Block, ...]:
        text, found = self.text, []
        for match in FENCE.finditer(text):
            name, *info = match["info"].split() or [""]
            if name == language:
                line = text.count("\n", 0, match.start("text")) + 1
                found.append(Block(name, tuple(info), match["text"], line))
        return tuple(found)

    def commands(self) -> tuple[Command, ...]:
        found = []
        for block in self.blocks("console"):
            code = int(block.info[block.info.index("exits") + 1]) if "exits" in block.info else 0
            parts = re.split(r"^\$ (.*)\n", block.text, flags=re.MULTILINE)
            assert not parts[0].strip(), f"{self}: a console block begins with `$ `"
            for line, output in zip(parts[1::2], parts[2::2], strict=True):
                words = tuple(shlex.split(line))
                homes = ("page" in block.info, "review" in block.info)
                found.append(Command(words, output, code, *homes, block.line))
        return tuple(found)

    def section(self, title: str) -> str:
        """Return what stands below a heading, down to the next one of its level or above."""
        match = re.search(rf"^(#+) {re.escape(title)}$", self.text, re.MULTILINE)
        assert match, f"{self} has no heading `{title}`"
        rest = self.text[match.end() :]
        after = re.search(rf"^#{{1,{len(match[1])}}} ", FENCE.sub(_blank, rest), re.MULTILINE)
        return rest if after is None else rest[: after.start()]

    def outside_fences(self) -> str:
        return FENCE.sub(_blank, self.text)


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def tables(text: str) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """Return the tables of a text, each as rows of cells, its head first."""
    found: list[list[tuple[str, ...]]] = []
    inside = False
    for line in FENCE.sub(_blank, text).splitlines():
        if not line.startswith("|"):
            inside = False
            continue
        if not inside:
            found.append([])
            inside = True
        cells = tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
        if not set("".join(cells)) <= set("-: "):
            found[-1].append(cells)
    return tuple(tuple(rows) for rows in found)


def codes(cell: str) -> tuple[str, ...]:
    """Return what stands in backticks, outside fenced blocks."""
    return tuple(CODE.findall(FENCE.sub(_blank, cell)))


def arrows(text: str) -> Iterator[tuple[str, str]]:
    """Yield what stands before and after each arrow: an expression and its value."""
    yield from re.findall(r"`([^`]+)` → (null|-?[0-9.]*[0-9])", text)


def project_of(page: Page, folder: Path, *, extra: str = "", instead: str | None = None) -> Path:
    """Write the project that the page makes into a folder, with one more definition if wanted."""
    files, documents = [], []
    for block in page.blocks("yaml"):
        if block.info:
            continue
        if re.match(r"(#.*\n)*version:", block.text):
            files.append(block.text)
        elif re.search(r"^kind:", block.text, re.MULTILINE):
            documents.append(block.text)
        else:
            documents += [MINIMAL_KPI + block.text, MINIMAL_REST]
    documents = documents or [MINIMAL_KPI, MINIMAL_REST]
    assert len(files) <= 1, f"{page} has {len(files)} project files"
    (folder / "kpis").mkdir(parents=True, exist_ok=True)
    settings = instead or (files[0] if files else PROJECT_FILE)
    (folder / "kpiascode.yaml").write_text(settings, encoding="utf-8")
    (folder / "kpis" / "page.yaml").write_text("---\n".join(documents), encoding="utf-8")
    if extra:
        (folder / "kpis" / "extra.yaml").write_text(extra, encoding="utf-8")
    for block in page.blocks("csv"):
        file = folder / block.info[0]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, encoding="utf-8")
    return folder


def kpi(words: Sequence[str], folder: Path) -> tuple[int, str, str]:
    """Run `kpi` in this process; return its exit code and what it printed to the two streams."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(list(words))
            code = 0
        except SystemExit as done:
            code = int(done.code or 0)
    return code, out.getvalue(), err.getvalue()


def findings(folder: Path) -> list[dict[str, str]]:
    """Return what `kpi check` finds."""
    _, out, err = kpi(["check", "--format", "json"], folder)
    assert not err
    found: list[dict[str, str]] = json.loads(out)
    return found


README: Final = Page(ROOT / "README.md")
LANGUAGE: Final = Page(ROOT / "docs" / "language.md")
COMMANDS: Final = Page(ROOT / "docs" / "commands.md")
RULES: Final = ROOT / "docs" / "rules.md"
PAGES: Final = tuple(Page(path) for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))))
RUNNING: Final = tuple(page for page in PAGES if page.path != RULES)
"""Pages whose blocks are executed here. Those of the rules are tested with the rules that they come from."""
