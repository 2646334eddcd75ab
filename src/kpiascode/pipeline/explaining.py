"""What a finding means, by its code: from the rule that finds it, else from the table of codes."""

from dataclasses import dataclass
from textwrap import indent

from kpiascode.lint import RULES, docs
from kpiascode.lint.rule import Rule
from kpiascode.model.codes import CODES
from kpiascode.model.diagnostic import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a code means.

    Args:
        what: What is wrong, in one sentence.
        text: All there is to say, as plain paragraphs of any length.
        markdown: The same for a page.
        severity: Of a rule; None of another finding, whose severity may depend.
    """

    code: str
    what: str
    text: str
    markdown: str
    severity: Severity | None = None


def explanation(code: str) -> Explanation | None:
    """Return what a code means, or None where no finding has it."""
    for rule in RULES:
        if rule.code == code:
            return _of_rule(rule)
    if code not in CODES:
        return None
    text = CODES[code]
    return Explanation(code=code, what=f"{text.split('. ')[0].rstrip('.')}.", text=text, markdown=text)


def known_codes() -> tuple[str, ...]:
    """Return every code that a finding can have."""
    return tuple(sorted({*CODES, *(rule.code for rule in RULES)}))


def _of_rule(rule: Rule) -> Explanation:
    said = docs.documentation(rule)
    parts = [
        said.what,
        said.why,
        f"Bad:\n\n{indent(said.bad, '    ')}",
        f"Good:\n\n{indent(said.good, '    ')}",
        f"Fix: {said.fix}",
    ]
    return Explanation(
        code=rule.code,
        what=said.what,
        text="\n\n".join(part for part in parts if part),
        markdown=docs.section(rule),
        severity=rule.severity,
    )
