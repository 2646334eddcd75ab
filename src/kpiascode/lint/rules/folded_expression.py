"""An expression over several lines is written so that YAML joins its lines.

What is wrong in it can then be told at its beginning only, and not at the word that is meant. Behind `|` the
lines stay as they are written.

Bad:

    kind: kpi
    name: margin
    dataset: order_lines
    expression: >                                           #! folded-expression
      sum(margin_amount)
      / sum(net_amount)

Good:

    kind: kpi
    name: margin
    dataset: order_lines
    expression: |
      sum(margin_amount)
      / sum(net_amount)

Fix: write `|` instead of `>`, and before the lines of a text without a sign or in quotes.
"""

from collections.abc import Iterator, Sequence

from kpiascode.lint.layout import is_in_brackets, written
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Edit, Severity
from kpiascode.model.document import Document, Where
from kpiascode.model.place import Place, Span
from kpiascode.model.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each expression over several lines that is no literal block."""
    for document, lines in written(project):
        for where in _expressions(document):
            span = document.values[where].span
            if span.end_line > span.line and lines[span.line - 1][span.column - 1] != "|":
                yield Finding(
                    message="YAML joins the lines of this expression, so what is wrong in it is told at its "
                    "beginning only.",
                    place=Place(document.path, span),
                    hint="Begin it with `|`, which keeps the lines.",
                    fix=_literal(document, where, lines),
                )


def _expressions(document: Document) -> Iterator[Where]:
    """Yield where expressions stand; below `examples` there are rows, whatever their columns are called."""
    kind = document.data.get("kind")
    if kind not in ("kpi", "dataset"):
        return
    for where in document.values:
        named = where[-1:] in (("expression",), ("where",)) and where[0] != "examples"
        of_field = kind == "dataset" and where[:1] == ("fields",) and len(where) == 2
        if (named or of_field) and isinstance(document.data_at(where), str):
            yield where


def _literal(document: Document, where: Where, lines: Sequence[str]) -> tuple[Edit, ...]:
    """Return what makes it a literal block of the same lines; nothing where that would be another text.

    A line break within a constant such as 'a b' is such a case, and so is a text that cannot begin on a line
    of its own.
    """
    span, key = document.values[where].span, document.keys.get(where)
    number, begin, last = span.line - 1, span.column - 1, span.end_line - 1
    opening = lines[number][begin]
    if opening == ">":
        is_other_text = _breaks_constant(lines[span.line : span.end_line])
        return () if is_other_text else (_edit(number, begin, begin + 1, "|"),)
    quote = opening if opening in "'\"" else ""
    own, end = _pieces(span, lines, len(quote)), span.end_column - 1 - len(quote)
    if key is None or is_in_brackets(document, where, lines) or _breaks_constant(own):
        return ()
    if quote and (own[0][:1] in ("", " ", "\t") or any("\\" in piece or quote in piece for piece in own)):
        return ()
    colon = lines[key.line - 1].find(":", key.end_column - 1) + 1
    behind = lines[key.line - 1][colon:].strip()
    comment = lines[last][span.end_column - 1 :].strip()
    indent = min((_indent(line) for line in lines[span.line : span.end_line] if line.strip()), default=0)
    head = f"|  {comment}" if comment else "|"
    if span.line == key.line and indent >= key.column:
        edits = [_edit(number, begin, begin + len(quote), f"{head}\n{' ' * indent}")]
    elif span.line == key.line + 1 and indent >= begin == _indent(lines[number]) and not (comment and behind):
        edits = [_edit(key.line - 1, colon, colon, f" {head}"), _edit(number, begin, begin + len(quote), "")]
    else:
        return ()
    edits.append(_edit(last, end, len(lines[last]), ""))
    return tuple(edit for edit in edits if edit.text or edit.span.column < edit.span.end_column)


def _pieces(span: Span, lines: Sequence[str], quote: int) -> list[str]:
    """Return the lines of a text without its quotes."""
    first = lines[span.line - 1][span.column - 1 + quote :]
    last = lines[span.end_line - 1][: span.end_column - 1 - quote]
    return [first, *lines[span.line : span.end_line - 1], last]


def _breaks_constant(pieces: Sequence[str]) -> bool:
    """Return whether a line ends within quotes of the expression."""
    quotes = 0
    for piece in pieces[:-1]:
        quotes += piece.count("'")
        if quotes % 2:
            return True
    return False


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _edit(line: int, start: int, end: int, text: str) -> Edit:
    """Return an edit within a line; line and columns from 0."""
    return Edit(Span(line + 1, start + 1, line + 1, end + 1), text)


RULE = Rule("folded-expression", check, Severity.WARNING, fixable=True)
