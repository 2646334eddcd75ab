"""A browser, and sites that are built once. Without a browser nothing is tested, and that is told."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from sites import AXE, Folders, browsing, chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # For one module: while a browser is open its thread has an event loop, and other tests want their own.
    if chromium() is None:
        pytest.skip("there is no Chromium; tests/run installs it where apt-get is")
    if not AXE.is_file():
        pytest.skip("axe-core is installed by tests/run")
    with browsing() as found:
        yield found


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    return Folders(tmp_path_factory.mktemp("sites"))
