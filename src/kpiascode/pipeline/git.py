"""The git that is asked about a folder, for whoever may not know how it is asked."""

from kpiascode.load.git import Git

__all__ = ["Git"]
