"""A file of the site."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """`path` is relative to the site, with forward slashes; `text` is the whole file, ending in a newline."""

    path: str
    text: str
