"""What differs between two projects, what kind of change it is, and who has to agree to it."""

from kpiascode.diff.compare import compare
from kpiascode.diff.standards import moved

__all__ = ["compare", "moved"]
