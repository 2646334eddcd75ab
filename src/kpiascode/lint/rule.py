"""What a rule is: a name that reads well after "allow", and a pure function."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from kpiascode.model.checking import Preset
from kpiascode.model.diagnostic import Diagnostic, Edit, Severity
from kpiascode.model.performance import Person
from kpiascode.model.place import Place
from kpiascode.model.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule has to say of one place; the rule's name and severity are added to it.

    Args:
        hint: The next step. None where the message already says it.
        note: A second fact, such as the other place that is meant.
        fix: What mends it without another meaning; empty where only a person can tell.
        veiled: Its lines hold what must not be repeated.
    """

    message: str
    place: Place
    hint: str | None = None
    note: str | None = None
    fix: tuple[Edit, ...] = ()
    veiled: bool = False


Check: TypeAlias = Callable[[Project], Iterator[Finding]]
CheckOfPersons: TypeAlias = Callable[[Project, Sequence[Person]], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. The docstring of its module says what it asks for, why, and how to mend it.

    Args:
        preset: The smallest one that it belongs to.
        fixable: Whether `kpi check --fix` mends what it finds, at least in plain cases.
        of_persons: What it finds besides, once persons of the restricted folder are known.
    """

    code: str
    check: Check
    severity: Severity = Severity.ERROR
    preset: Preset = Preset.STANDARD
    fixable: bool = False
    of_persons: CheckOfPersons | None = None

    def diagnostics(self, project: Project, persons: Sequence[Person] = ()) -> Iterator[Diagnostic]:
        """Yield what the rule finds in the project."""
        more = () if self.of_persons is None else self.of_persons(project, persons)
        for finding in (*self.check(project), *more):
            yield Diagnostic(
                code=self.code,
                severity=self.severity,
                message=finding.message,
                place=finding.place,
                hint=finding.hint,
                note=finding.note,
                fix=finding.fix,
                veiled=finding.veiled,
            )
