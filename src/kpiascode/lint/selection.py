"""Which rules are asked of which files, and how grave their findings are: as the project file chooses."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Final

from kpiascode.lint.patterns import Pattern, pattern
from kpiascode.lint.rule import Rule
from kpiascode.lint.rules import RULES
from kpiascode.model.checking import Checking, Preset, RuleName
from kpiascode.model.codes import CODES
from kpiascode.model.diagnostic import Diagnostic, Severity, did_you_mean

NAMES: Final = {rule.code: rule for rule in RULES}
SIZES: Final = tuple(Preset)
FIXED_HINT: Final = "Only the rules of docs/rules.md are a matter of choice; mend it instead."


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The rules that are asked, each with the severity that is chosen; `paths` says where they are not."""

    rules: tuple[Rule, ...]
    paths: tuple[tuple[Pattern, frozenset[str]], ...] = ()

    def left_out(self, path: str) -> frozenset[str]:
        """Return the rules that are not asked of a file."""
        return frozenset[str]().union(*(rules for where, rules in self.paths if where.matches(path)))

    def asks(self, rule: str, path: str) -> bool:
        """Return whether a rule is asked of a file."""
        return any(rule == asked.code for asked in self.rules) and rule not in self.left_out(path)


def select(chosen: Checking) -> Selection:
    """Return the rules that are asked; names that are none are left to `wrong_choices`."""
    severity = {rule.name: grave for rule, grave in chosen.severity.items()}
    selected, ignored = _names(chosen.select), _names(chosen.ignore)
    return Selection(
        rules=tuple(
            replace(rule, severity=severity.get(rule.code, rule.severity))
            for rule in RULES
            if (holds(chosen.preset, rule) or rule.code in selected) and rule.code not in ignored
        ),
        paths=tuple((pattern(choice.path), _names(choice.ignore)) for choice in chosen.paths),
    )


def holds(preset: Preset, rule: Rule) -> bool:
    """Return whether a preset holds a rule."""
    return SIZES.index(rule.preset) <= SIZES.index(preset)


def wrong_choices(chosen: Checking, found: frozenset[str] = frozenset()) -> Iterator[Diagnostic]:
    """Yield what is wrong with the rules that the project file names.

    Args:
        found: The codes of findings that are no rule's.
    """
    in_paths = (rule for choice in chosen.paths for rule in choice.ignore)
    for rule in (*chosen.select, *chosen.ignore, *chosen.severity, *in_paths):
        yield from wrong_name(rule, found, "turned off or made less grave")


def unused_paths(chosen: Checking, files: Collection[str]) -> Iterator[Diagnostic]:
    """Yield the `paths` that no file lies at, so that nothing is left out there."""
    unused = [choice for choice in chosen.paths if not any(map(pattern(choice.path).matches, files))]
    known = _with_folders(files) if unused else frozenset()
    for choice in unused:
        plain = choice.path.removesuffix("/**").rstrip("/")
        near = None if "*" in plain or "?" in plain else did_you_mean(plain, known)
        yield Diagnostic(
            code="unused-path",
            severity=Severity.WARNING,
            message="No file of the project lies there, so nothing is left out.",
            place=choice.place,
            hint=near or "Correct or remove it: of files that come there later the rules would not be asked.",
        )


def _with_folders(files: Collection[str]) -> frozenset[str]:
    """Return files and the folders that they lie in."""
    folders = {file[:end] for file in files for end, sign in enumerate(file) if sign == "/"}
    return frozenset({*files, *folders})


def wrong_name(rule: RuleName, found: frozenset[str], cannot: str) -> Iterator[Diagnostic]:
    """Yield the finding for a name that is no rule's; `cannot` is what cannot be done with other findings."""
    if rule.name in NAMES:
        return
    if rule.name in CODES or rule.name in found:
        yield Diagnostic(
            code="cannot-be-allowed",
            message=f"`{rule.name}` is no matter of taste: it cannot be {cannot}.",
            place=rule.place,
            hint=FIXED_HINT,
        )
    else:
        near = did_you_mean(rule.name[:64], NAMES)
        yield Diagnostic(
            code="unknown-rule",
            message=f"There is no rule `{rule.name[:64]}`.",
            place=rule.place,
            hint=near or "docs/rules.md lists the rules.",
        )


def _names(rules: tuple[RuleName, ...]) -> frozenset[str]:
    return frozenset(rule.name for rule in rules)
