"""Every block of the pages is executed: definitions are checked, commands are run, output is compared."""

import re
from functools import cache
from pathlib import Path

import pytest
from doc_pages import RUNNING, Block, Command, Page, findings, kpi, project_of

each_page = pytest.mark.parametrize("page", RUNNING, ids=str)
REFUSED = [
    (page, block) for page in RUNNING for block in page.blocks("yaml") if block.info[:1] == ("refused",)
]
INSTEAD = [(page, block) for page in RUNNING for block in page.blocks("yaml") if block.info == ("instead",)]
# A command may need what one above it has written, so those of a page are run by one process, in their order.
COMMANDS = [
    pytest.param(page, command, marks=pytest.mark.xdist_group(str(page)))
    for page in RUNNING
    for command in page.commands()
]


@each_page
def test_the_blocks_of_a_page_are_together_a_project_without_errors(page: Page, tmp_path: Path) -> None:
    found = findings(project_of(page, tmp_path)) if page.blocks("yaml") else []

    assert [f for f in found if f["severity"] == "error"] == []


@pytest.mark.parametrize(("page", "block"), REFUSED, ids=lambda x: x.line if isinstance(x, Block) else str(x))
def test_a_block_that_is_refused_is_refused_with_its_code(page: Page, block: Block, tmp_path: Path) -> None:
    project_of(page, tmp_path, extra=block.text)

    assert {f["code"] for f in findings(tmp_path) if f["severity"] == "error"} == {block.info[1]}


@pytest.mark.parametrize(("page", "block"), INSTEAD, ids=lambda x: x.line if isinstance(x, Block) else str(x))
def test_another_project_file_fits_the_page(page: Page, block: Block, tmp_path: Path) -> None:
    project_of(page, tmp_path, instead=block.text)

    assert [f for f in findings(tmp_path) if f["severity"] == "error"] == []


@each_page
def test_the_words_of_a_fence_are_known(page: Page) -> None:
    for block in page.blocks("yaml"):
        assert block.info in ((), ("instead",), ("workflow",)) or (
            block.info[0] == "refused" and len(block.info) == 2
        )
    for block in page.blocks("console"):
        assert set(block.info) <= {"page", "review", "exits", "1", "2", "3"}


@cache
def run_once(words: tuple[str, ...], folder: Path) -> tuple[int, str, str]:
    """Run a command; one that several pages show is run once."""
    return kpi(words, folder)


@pytest.mark.parametrize(("page", "command"), COMMANDS, ids=str)
def test_a_command_does_what_the_page_shows(
    page: Page, command: Command, example_company: Path, pull_request: Path, tmp_path: Path
) -> None:
    program, *words = command.words
    assert program == "kpi"
    home = project_of(page, tmp_path) if command.in_page else example_company
    home = pull_request if command.in_review else home
    if words[0] == "init":
        home = tmp_path

    code, out, err = run_once(tuple(words), home)

    assert code == command.code, err
    shown = re.sub(r"@[0-9a-f]{7}\b", "@1a2b3c4", out + err) if command.in_review else out + err
    if command.output.strip():
        assert [line.rstrip() for line in shown.strip().splitlines()] == command.output.strip().splitlines()
