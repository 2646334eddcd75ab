"""Folders in which the commands of the pages are run."""

import shutil
from pathlib import Path

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
