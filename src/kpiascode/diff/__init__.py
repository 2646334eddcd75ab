"""What differs between two projects, what kind of change it is, and who has to agree to it."""

from kpiascode.diff.compare import compare

__all__ = ["compare"]
