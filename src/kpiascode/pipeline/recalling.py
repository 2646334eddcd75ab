"""From a repository to what it remembers of the definitions."""

from kpiascode.load.git import Git
from kpiascode.load.history import read_history
from kpiascode.model.ledger import History
from kpiascode.pipeline.reading import Checked


def history(checked: Checked, git: Git) -> History | None:
    """Return what the repository around a project remembers of its KPIs; None outside one."""
    project = checked.documents.project
    paths = project.data.get("paths") if project is not None else None
    listed = [path for path in paths if isinstance(path, str)] if isinstance(paths, list) else []
    return read_history(git, listed, checked.project.kpis)
