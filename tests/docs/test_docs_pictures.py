"""The pictures of the docs: each is made by the script, shown by a page, and small. What is on them people look at."""

from pathlib import Path
from types import ModuleType

from doc_pages import ROOT, Page
from test_docs_links import PAGES, links

from kpiascode.load import load_text

FOLDER = ROOT / "docs" / "images"
LARGEST = 200_000


def shown(pages: tuple[Page, ...]) -> set[str]:
    return {Path(target).name for page in pages for target in links(page) if target.endswith(".png")}


def test_every_picture_is_made_and_shown(pictures: ModuleType) -> None:
    made = set(pictures.PICTURES)

    assert {file.name for file in FOLDER.iterdir()} == made
    assert shown(PAGES) == made


def test_a_picture_is_small() -> None:
    sizes = {file.name: file.stat().st_size for file in FOLDER.iterdir()}

    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}


def test_every_page_that_is_shown_is_there(pictures: ModuleType) -> None:
    """Names of pages are those of definitions of the example company."""
    defined = {
        str(document.data["name"])
        for file in (ROOT / "kpis").rglob("*.yaml")
        for document in load_text(file.name, file.read_text(encoding="utf-8"))[0]
    }
    pages = [Path(shot.page) for shot in pictures.PICTURES.values()]

    folders = {"goals", "kpis", "owners", "scorecards", "units"}
    assert {page.stem for page in pages if page.parent.name in folders} <= defined
    assert {page.parent.name for page in pages} == {"", "packs", *folders}


def test_every_document_that_is_shown_is_made(pictures: ModuleType) -> None:
    made = {f"{kind}-{name}" for kind, name, *_ in pictures.DOCUMENTS}
    shown = {Path(shot.page).stem for shot in pictures.PICTURES.values() if shot.page.startswith("packs/")}

    assert {stem.removesuffix("-customer_care") for stem in shown} == made


def test_pictures_are_of_the_day_of_the_readme(pictures: ModuleType) -> None:
    assert f"kpi build --as-of {pictures.AS_OF}" in Page(ROOT / "README.md").text
