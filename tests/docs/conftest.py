"""Folders in which the commands of the pages are run."""

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest
from doc_pages import LANGUAGE, ROOT, project_of


@pytest.fixture(scope="session")
def example_company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the example company, so that nothing is written into the repository."""
    folder = tmp_path_factory.mktemp("example")
    shutil.copy(ROOT / "kpiascode.yaml", folder)
    shutil.copytree(ROOT / "kpis", folder / "kpis")
    return folder


@pytest.fixture(scope="session")
def language_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the project that the page of the language makes."""
    return project_of(LANGUAGE, tmp_path_factory.mktemp("language"))


@pytest.fixture(scope="session")
def pictures() -> ModuleType:
    """Return the script that makes the pictures."""
    spec = importlib.util.spec_from_file_location("pictures", ROOT / "docs" / "pictures.py")
    assert spec
    assert spec.loader
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture(scope="session")
def pull_request(pictures: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the example company in a repository, with the change of docs/review.md in the working tree."""
    folder: Path = pictures.pull_request(tmp_path_factory.mktemp("review") / "repository")
    return folder
