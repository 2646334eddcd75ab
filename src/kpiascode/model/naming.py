"""Names for what is made: steps, columns, levels."""

from collections.abc import Container


def free(name: str, taken: Container[str]) -> str:
    """Return the name, or the first of `name_2`, `name_3`, ... that is not taken."""
    unique, number = name, 2
    while unique in taken:
        unique, number = f"{name}_{number}", number + 1
    return unique
