"""Links of all pages lead somewhere, and pictures come from a command of the repository."""

import ast
import re
from pathlib import Path

import pytest
from doc_pages import FENCE, ROOT, Page

FOLDERS = (ROOT, ROOT / "docs", ROOT / "kpis", ROOT / "benchmarks", ROOT / "tests")
PAGES = tuple(
    Page(path)
    for folder in FOLDERS
    for path in sorted(folder.glob("*.md" if folder == ROOT else "**/*.md"))
    if not {".venv", "site", "node_modules"} & set(path.parts)
)
LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
each_page = pytest.mark.parametrize("page", PAGES, ids=str)


def links(page: Page) -> list[str]:
    text = re.sub(r"`[^`\n]*`", "code", page.outside_fences())
    return [match["target"] for match in LINK.finditer(text)]


def anchors(page: Page) -> set[str]:
    """Return the anchors of the headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.*)$", FENCE.sub("", page.text), re.MULTILINE)
    slugs = [
        re.sub(r"[^\w\- ]", "", head.lower().replace("`", "")).strip().replace(" ", "-") for head in heads
    ]
    found: dict[str, int] = {}
    for slug in slugs:
        found[slug] = found.get(slug, -1) + 1
    return {slug if not n else f"{slug}-{n}" for slug, last in found.items() for n in range(last + 1)}


def leads_somewhere(page: Page, target: str) -> bool:
    path, _, anchor = target.partition("#")
    file = (page.path.parent / path).resolve() if path else page.path
    inside = file.exists() and file.is_relative_to(ROOT)
    return inside and (not anchor or anchor in anchors(Page(file)))


@each_page
def test_every_link_within_the_repository_leads_somewhere(page: Page) -> None:
    within = [target for target in links(page) if not re.match("[a-z]+:", target)]

    assert [target for target in within if not leads_somewhere(page, target)] == []


def test_the_pages_of_the_docs_can_all_be_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        if path in reached or path.suffix != ".md":
            continue
        reached.add(path)
        targets = (target.partition("#")[0] for target in links(Page(path)) if "://" not in target)
        waiting.extend((path.parent / target).resolve() for target in targets)

    assert set((ROOT / "docs").glob("*.md")) <= reached


def test_every_picture_is_made_by_the_command_of_the_repository() -> None:
    tree = ast.parse((ROOT / "docs" / "pictures.py").read_text(encoding="utf-8"))
    made = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    shown = {
        Path(target).name for page in PAGES for target in links(page) if target.endswith((".png", ".svg"))
    }

    assert shown <= made
