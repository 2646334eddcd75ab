"""Decimal arithmetic that never rounds unless it is told to."""

from decimal import Context
from typing import Final

EXACT: Final = Context(prec=400)
"""More digits than any number of a definition or of an engine has."""
