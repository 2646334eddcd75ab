"""What an engine is known not to answer, and why: a file of marks.

A mark excuses a refusal or a failure, and never a wrong number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from kpiascode.conformance.outcomes import Failed, Outcome, Refused
from kpiascode.load import load_text

KINDS: Final = ("never", "notyet", "notimpl")


class WrongMarks(Exception):
    """A file of marks that says nothing, or what cannot be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A case, or many, that an engine does not answer.

    Args:
        case: A name, or a pattern such as `world_*`.
        kind: `never`: the engine cannot say it. `notyet`: it will, in a later version. `notimpl`: it could,
            and kpiascode does not say it there yet.
        says: What the refusal says, so that no other is excused.
    """

    case: str
    kind: str
    reason: str
    says: str = ""

    @property
    def is_pattern(self) -> bool:
        return "*" in self.case

    def is_of(self, name: str) -> bool:
        return fnmatchcase(name, self.case)

    def excuses(self, outcome: Outcome) -> bool:
        return isinstance(outcome, Refused | Failed) and self.says in outcome.why


def read_marks(file: Path, names: Sequence[str]) -> tuple[Mark, ...]:
    """Return the marks of a file.

    Args:
        names: Of all cases that there are.

    Raises:
        WrongMarks: for what is no mark, has no reason, or is of no case.
    """
    documents, findings = load_text(file.name, file.read_text(encoding="utf-8"))
    if findings:
        raise WrongMarks(f"{findings[0].place}: {findings[0].message}")
    listed = [one for document in documents for one in _listed(document.data)]
    return tuple(_mark(one, names) for one in listed)


def _listed(data: Any) -> Sequence[Any]:
    found = data.get("marks")
    if set(data) != {"marks"} or not isinstance(found, list | tuple):
        raise WrongMarks("a file of marks has one key, `marks`, with a list")
    return found


def _mark(said: Any, names: Sequence[str]) -> Mark:
    keys = set(said) if isinstance(said, dict) else set()
    kinds = [kind for kind in KINDS if kind in keys]
    if len(kinds) != 1 or not keys <= {"case", "says", *KINDS} or not all(map(_is_text, said.values())):
        raise WrongMarks(f"a mark has `case`, one of {', '.join(KINDS)} with a reason, and perhaps `says`")
    mark = Mark(case=said.get("case", ""), kind=kinds[0], reason=said[kinds[0]], says=said.get("says", ""))
    if not any(map(mark.is_of, names)):
        raise WrongMarks(f"there is no case `{mark.case}`")
    if mark.is_pattern and not mark.says:
        raise WrongMarks(f"the mark of `{mark.case}` says nothing of the refusal: add `says`")
    return mark


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
