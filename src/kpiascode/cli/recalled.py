"""What the repository remembers, where there is one and a git to ask."""

import os
import shutil
from pathlib import Path
from typing import Final

from kpiascode.model.ledger import History
from kpiascode.pipeline.git import Git
from kpiascode.pipeline.reading import Checked
from kpiascode.pipeline.recalling import history

NEEDED: Final = ("PATH", "HOME", "XDG_CONFIG_HOME", "USERPROFILE", "SYSTEMROOT", "TEMP", "TMP")
"""By what git finds itself and the user's own configuration, which says whose repositories are safe."""


def recalled(checked: Checked) -> History | None:
    """Return what the repository around a project remembers of its KPIs; None where nothing can be asked."""
    git = git_of(checked.folder)
    return None if git is None else history(checked, git)


def git_of(folder: Path) -> Git | None:
    """Return the git that may be asked about the repository around a folder; None where there is none."""
    program = shutil.which("git")
    home = os.path.abspath(folder)
    if program is None or not Path(program).is_absolute() or Path(program).is_relative_to(home):
        return None  # one that lies with the definitions is not run
    environment = {name: os.environ[name] for name in NEEDED if name in os.environ}
    return Git(program, environment, Path(home))
