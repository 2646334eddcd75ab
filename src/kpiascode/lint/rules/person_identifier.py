"""A definition that everybody may read names a person.

Definitions are read by everybody who may read the repository, and stay in its history for ever, so what is
said of a person there can never be forgotten. Roles answer for KPIs and goals: an owner has a shared mailbox
as `contact`, and whoever is new finds it there. Any other address of e-mail counts as one of a person; in
comments, too. The `approvers` of an owner are who a git host knows.

With `kpi check --restricted DIR` nobody may be named either whom the restricted folder declares with
`kind: person`: neither by full name nor by their own address. No finding repeats the name.

Bad:

    kind: kpi
    name: lines
    title: Lines
    description: Asked for by kim.smith@example.com.            #! person-identifier
    dataset: order_lines
    expression: count(*)
    unit: count

Good:

    kind: kpi
    name: lines
    title: Lines
    description: Asked for by the sales team.
    dataset: order_lines
    expression: count(*)
    unit: count

Fix: name a role. If it is nobody's address, such as the one of a test account, allow it and say so:
`# kpi: allow person-identifier: ...`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, TypeAlias

from kpiascode.lint.documents import texts_of
from kpiascode.lint.persons import Found, Names, address, addresses, places
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.performance import Person
from kpiascode.model.place import Place, Span
from kpiascode.model.project import Project

Find: TypeAlias = Callable[[str], Iterable[Found]]

MAX_FINDINGS: Final = 1_000
"""Of a file, and of a text with escapes; more of them are found once these are mended."""

ADDRESS: Final = "This is an address of e-mail, and no owner has it as `contact`."
PERSON: Final = "This names somebody whom the restricted folder declares."
FILE: Final = "The name of this file names somebody whom the restricted folder declares."
HINT: Final = "Name a role, and take it out of the history, too, if it was committed."


def check(project: Project) -> Iterator[Finding]:
    """Yield each address that is no declared owner's."""
    known = set(_of_owners(project))

    def strange(text: str) -> Iterable[Found]:
        return (found for found in addresses(text) if address(text[found.start : found.end]) not in known)

    yield from (_finding(ADDRESS, where) for where in _places(project, strange))


def _of_owners(project: Project) -> Iterator[str]:
    """Yield the addresses of declared owners, whether the rest of their document is sound or not."""
    for (kind, _), document in project.documents.items():
        for where, text in texts_of(document) if kind == "owner" else ():
            if where[0] in ("contact", "approvers"):
                yield from (address(text[one.start : one.end]) for one in addresses(text))


def of_persons(project: Project, persons: Sequence[Person]) -> Iterator[Finding]:
    """Yield where a declared person is named."""
    names = Names(person.title for person in persons)
    own = {address(person.contact) for person in persons if person.contact}

    def named(text: str) -> Iterable[Found]:
        yield from names.found_in(text)
        if own:
            yield from (one for one in addresses(text) if address(text[one.start : one.end]) in own)

    if persons:
        yield from (_finding(PERSON, where) for where in _places(project, named))
        for path in sorted(project.sources):
            if any(True for _ in names.found_in(path)):
                yield _finding(FILE, Place(path, Span(1, 1, 1, 1)))


def _places(project: Project, find: Find) -> Iterator[Place]:
    """Yield each place in the files, comments included, and in texts whose signs are written as escapes."""
    escaped: dict[str, set[int]] = {}
    for path, source in sorted(project.sources.items()):
        text = source.replace("\r\n", "\n")
        found = list(places(path, text, islice(find(text), MAX_FINDINGS)))
        yield from found
        if "\\" in text:
            escaped[path] = {line for one in found for line in range(one.span.line, one.span.end_line + 1)}
    for document in project.documents.values():
        for way, text in texts_of(document) if document.path in escaped else ():
            for one in islice(find(text), MAX_FINDINGS):
                where = document.place_in_text(way, one.start, one.end)
                lines = range(where.span.line, where.span.end_line + 1)
                if escaped[document.path].isdisjoint(lines):
                    yield where


def _finding(message: str, where: Place) -> Finding:
    return Finding(message=message, place=where, hint=HINT, veiled=True)


RULE = Rule("person-identifier", check, preset=Preset.MINIMAL, of_persons=of_persons)
