"""docs/conformance.md says what the suite said, and shows the engine that the tests run."""

import re
from pathlib import Path

import page
import pytest

from kpiascode.conformance.cases import folders

HERE = Path(__file__).parent


def text() -> str:
    return page.PAGE.read_text(encoding="utf-8")


def test_the_tables_are_what_the_suite_said() -> None:
    """`python tests/conformance/page.py` writes them."""
    assert text() == page.written(text())


@pytest.mark.parametrize("name", page.TITLES)
def test_every_case_was_asked_of_every_engine(name: str) -> None:
    asked = {case for case in page.kept(name)["cases"] if not case.startswith("world_")}

    assert asked == {folder.name for folder in folders()}


def test_the_small_engine_of_the_page_is_the_one_of_the_tests() -> None:
    [shown] = re.findall(r"^```python\n(.*?)^```$", text(), re.MULTILINE | re.DOTALL)

    assert shown == (HERE / "tiny_engine.py").read_text(encoding="utf-8")


def test_the_page_names_every_option() -> None:
    plugin = (HERE.parents[1] / "src" / "kpiascode" / "conformance" / "plugin.py").read_text(encoding="utf-8")
    options = set(re.findall(r'addoption\(\s*"(--[a-z-]+)"', plugin))

    assert options == set(re.findall(r"^\| `(--[a-z-]+)", text(), re.MULTILINE))
