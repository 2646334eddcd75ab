"""Where a project begins, to be asked before anything of it is read."""

from kpiascode.load import PROJECT_FILE, find_project

__all__ = ["PROJECT_FILE", "find_project"]
