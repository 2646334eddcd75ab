"""What a rule is: a name that reads well after "allow", and a pure function."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.project import Project


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. The docstring of its module says what it asks for, why, and how to mend it."""

    code: str
    check: Callable[[Project], Iterator[Diagnostic]]
