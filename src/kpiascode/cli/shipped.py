"""Files that come with the package: in a wheel below `_shipped/`, in a checkout at their own places."""

from pathlib import Path

import kpiascode

_PACKAGE = Path(kpiascode.__file__).parent


def example() -> Path:
    """Return the folder that holds the example company's kpiascode.yaml and kpis/."""
    shipped = _PACKAGE / "_shipped" / "example"
    return shipped if shipped.is_dir() else _PACKAGE.parent.parent


def schemas() -> Path:
    """Return the folder of the JSON Schemas."""
    shipped = _PACKAGE / "_shipped" / "schemas"
    return shipped if shipped.is_dir() else _PACKAGE.parent.parent / "schemas"
