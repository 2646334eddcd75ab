"""A project in a folder, whose definitions are written anew for each input."""

import shutil
from functools import cache
from pathlib import Path

from targets import Plain, as_yaml, copied

from kpiascode.load import load_text

SHOP = Path(__file__).parents[1] / "cli" / "shop"


@cache
def _shop() -> tuple[Plain, ...]:
    rich = (Path(__file__).parent / "rich.yaml").read_text(encoding="utf-8")
    texts = [path.read_text(encoding="utf-8") for path in sorted((SHOP / "kpis").iterdir())]
    return tuple(document.data for text in (*texts, rich) for document in load_text("fuzzed.yaml", text)[0])


def sound_documents() -> list[Plain]:
    """Return the shop's definitions as plain data, and some that use the rest of the language."""
    return [copied(data) for data in _shop()]


def project(folder: Path) -> Path:
    """Return a copy of the shop."""
    return Path(shutil.copytree(SHOP, folder, dirs_exist_ok=True))


def written(documents: list[Plain], folder: Path) -> Path:
    """Write documents as the definitions of the project, and return it."""
    (folder / "kpis" / "shop.yaml").write_text(as_yaml(documents), encoding="utf-8", errors="surrogatepass")
    return folder
