"""By what a git host knows who approves for an owner: accounts, teams and e-mail addresses."""

import re
from typing import Final

from kpiascode.model.project import Owner

_PART: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,98}[A-Za-z0-9_-])?"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HANDLE: Final = re.compile(
    rf"@{_PART}(?:/{_PART}){{0,20}}|[A-Za-z0-9_](?:[A-Za-z0-9_.%+-]{{0,63}})@{_LABEL}(?:\.{_LABEL}){{1,8}}"
)
"""`@user`, `@org/team`, `@group/sub/project`, `who@example.com`: nothing else can be meant."""


def is_handle(text: str) -> bool:
    """Return whether a git host may take the text for an account, a team or an e-mail address."""
    return _HANDLE.fullmatch(text) is not None


def handles(owner: Owner) -> tuple[str, ...]:
    """Return who approves for an owner, each once, in the order written; empty where nobody can be asked.

    These are its `approvers`, as far as they are handles. The `contact` stands in for them only where none
    are written at all: those who were named are not replaced by somebody else.
    """
    return tuple(dict.fromkeys(filter(is_handle, owner.approvers or (owner.contact,))))
