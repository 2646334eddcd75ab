"""What the comments `# kpi: allow <rule>: <reason>` take away, and what is wrong with them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kpiascode.lint.layout import lines_of
from kpiascode.lint.selection import NAMES, Selection, wrong_name
from kpiascode.model.checking import Allow, NearAllow, RuleName
from kpiascode.model.diagnostic import Diagnostic, Edit, Severity, question
from kpiascode.model.place import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """The findings of rules that remain, and those that a comment allows."""

    shown: tuple[Diagnostic, ...]
    allowed: tuple[Diagnostic, ...]
    used: frozenset[tuple[int, str]]
    """Which allow, by its number, took away findings of which rule."""


def apply(allows: Sequence[Allow], findings: Sequence[Diagnostic]) -> Allowed:
    """Part the findings of rules into those that remain and those that a comment allows.

    A comment without a reason allows, too: that it has none is an error of its own.
    """
    by_rule: defaultdict[tuple[str, str], list[tuple[int, Allow]]] = defaultdict(list)
    for number, allow in enumerate(allows):
        for rule in dict.fromkeys(named.name for named in allow.rules):
            by_rule[allow.place.path, rule].append((number, allow))
    shown: list[Diagnostic] = []
    allowed: list[Diagnostic] = []
    used: set[tuple[int, str]] = set()
    for finding in findings:
        line = finding.place.span.line
        near = by_rule.get((finding.place.path, finding.code), ())
        covering = [number for number, allow in near if allow.first <= line <= allow.last]
        (allowed if covering else shown).append(finding)
        used |= {(number, finding.code) for number in covering}
    return Allowed(shown=tuple(shown), allowed=tuple(allowed), used=frozenset(used))


def wrong_allows(allows: Sequence[Allow], found: frozenset[str] = frozenset()) -> Iterator[Diagnostic]:
    """Yield what is wrong with the comments themselves, whatever the rules find.

    A comment whose names are wrong is not asked for its reason, too.

    Args:
        found: The codes of findings that are no rule's.
    """
    for allow in allows:
        if not allow.rules:
            yield Diagnostic(
                code="unknown-rule",
                message="This comment allows a finding and does not say of which rule.",
                place=allow.place,
                hint="Write `# kpi: allow <rule>: <reason>`.",
            )
            continue
        wrong = [
            finding for rule in dict.fromkeys(allow.rules) for finding in wrong_name(rule, found, "allowed")
        ]
        yield from wrong
        if not wrong and not allow.reason:
            yield Diagnostic(
                code="allow-without-reason",
                message="This comment allows a finding and gives no reason.",
                place=allow.place,
                hint="Say why, behind a colon: `# kpi: allow <rule>: <reason>`.",
            )


def near_allows(near: Sequence[NearAllow]) -> Iterator[Diagnostic]:
    """Yield the comments that would allow a finding if they were written like it.

    Only those that name a rule: others may say something else.
    """
    for comment in near:
        if comment.name in NAMES:
            yield Diagnostic(
                code="misspelled-allow",
                message="This comment allows nothing, since it does not begin with `# kpi: allow`.",
                place=comment.place,
                hint=question(f"# kpi: allow {comment.name}: <reason>"),
            )


def unused_allows(
    allows: Sequence[Allow], applied: Allowed, selection: Selection, sources: Mapping[str, str]
) -> Iterator[Diagnostic]:
    """Yield the comments that allow what nobody finds. Of a rule that is not asked nothing is said."""
    for number, allow in enumerate(allows):
        for rule in dict.fromkeys(allow.rules):
            asked = rule.name in NAMES and selection.asks(rule.name, allow.place.path)
            if asked and (number, rule.name) not in applied.used:
                yield Diagnostic(
                    code="unused-allow",
                    severity=Severity.WARNING,
                    message=f"`{rule.name}` finds nothing that this comment covers.",
                    place=rule.place,
                    hint="Remove it, or move it to the line of the finding or the line above.",
                    fix=(Edit(_unused(allow, rule, lines_of(sources, allow.place.path)), ""),),
                )


def _unused(allow: Allow, rule: RuleName, lines: Sequence[str]) -> Span:
    """Return what to remove: the name and a comma, or the comment with the blanks before it, or its line."""
    names = [named.place.span for named in allow.rules]
    number, line = allow.rules.index(rule), allow.place.span.line
    if len(names) > number + 1:
        return Span(line, names[number].column, line, names[number + 1].column)
    if number:
        return Span(line, names[number - 1].end_column, line, names[number].end_column)
    before = lines[line - 1][: allow.place.span.column - 1].rstrip()
    if before or line == len(lines):
        return Span(line, len(before) + 1, line, len(lines[line - 1]) + 1)
    return Span(line, 1, line + 1, 1)
