"""Thanks of a program, in the order in which they were said. There are no counts of persons and no ranks."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from io import StringIO
from typing import Final

from kpiascode.model.performance import KEPT, Recognition, RecognitionProgram, Thanked
from kpiascode.model.project import Project
from kpiascode.render.download import text
from kpiascode.render.links import owner_title, thanked_link, unit_link
from kpiascode.render.packs.blocks import Item, Items, Pack, Paragraph, Section
from kpiascode.render.packs.parts import subject
from kpiascode.render.words import day, last_day, listing

HEADER: Final = (
    *("day", "program", "value", "to_kind", "to", "consent_on", "by", "reason"),
    *("goals", "kpis", "check_ins", "visibility"),
)


def told(
    program: RecognitionProgram, project: Project, today: date, start: date | None, end: date | None
) -> tuple[Recognition, ...]:
    """Return the recognitions that may be told on a day, the first in front.

    Args:
        start, end: Only of the days from `start` up to, but not including, `end`; None: from the first on, up
            to today.
    """
    found = [
        one
        for one in project.performance.recognitions.values()
        if one.program == program.name
        and one.may_be_told(today)
        and one.day <= today
        and (start is None or start <= one.day)
        and (end is None or one.day < end)
    ]
    return tuple(sorted(found, key=lambda one: (one.day, one.name)))


def recognition_pack(
    program: RecognitionProgram,
    some: Sequence[Recognition],
    project: Project,
    today: date,
    start: date | None,
    end: date | None,
) -> Pack:
    """Return the page.

    Args:
        some: Those that may be told on `today`.
    """
    until = until_of(some, today)
    values = {value.name: value for value in program.values}
    moved = tuple(_moved(some, project))
    return Pack(
        sort="Thanks",
        title=program.title,
        about=(
            " · ".join(
                part for part in (f"run by {owner_title(project, program.owner)}", _when(start, end)) if part
            ),
            *((program.description.strip(),) if program.description else ()),
        ),
        sections=(
            Section(
                title="Thank you",
                blocks=(
                    Items(
                        tuple(
                            Item(
                                lead=f"{thanked_link(project, one).text}:",
                                text=one.reason,
                                note=_note(one, values[one.value].title, project),
                            )
                            for one in some
                        ),
                        "Nobody was thanked in this time.",
                    ),
                ),
            ),
            *((Section(title="Who moved what", blocks=(Items(moved),)),) if moved else ()),
            Section(
                title="For what we thank",
                blocks=(Items(tuple(Item(lead=v.title, text=v.description) for v in program.values)),),
            ),
            *(
                (Section(title="What it is paid from", blocks=(Paragraph(program.budget_note),)),)
                if program.budget_note
                else ()
            ),
        ),
        private="" if until is None else "Persons are named here who have agreed to it, as long as they do.",
        until=until,
    )


def until_of(some: Sequence[Recognition], today: date) -> date | None:
    """Return the first day on which documents about them must be gone; None where no person is named."""
    return today + KEPT if any(one.to[0] is Thanked.PERSON for one in some) else None


def _when(start: date | None, end: date | None) -> str:
    return " ".join(
        part
        for part in (
            f"from {day(start)}" if start else "",
            f"up to {last_day(end)}" if end else "",
        )
        if part
    )


def _note(one: Recognition, value: str, project: Project) -> str:
    only = listing([unit_link(project, name).text for name in one.visibility])
    parts = (
        value,
        f"says {owner_title(project, one.by)}",
        day(one.day),
        f"to be told in {only} only" if only else "",
    )
    return ", ".join(part for part in parts if part)


def _moved(some: Sequence[Recognition], project: Project) -> Iterator[Item]:
    """Yield each KPI, goal and check-in with those who moved it, by its title."""
    by: dict[tuple[str, str], list[str]] = {}
    for one in some:
        for name in one.kpis:
            by.setdefault(("KPI", project.kpis[name].title), []).append(_mention(one, project))
        for name in one.goals:
            by.setdefault(("goal", project.goals[name].title), []).append(_mention(one, project))
        for name in one.check_ins:
            check_in = project.performance.check_ins[name]
            title = f"{subject(check_in, project)}, {day(check_in.as_of)}"
            by.setdefault(("check-in", title), []).append(_mention(one, project))
    for (kind, title), names in sorted(by.items(), key=lambda found: (found[0][1], found[0][0])):
        yield Item(lead=title, text=listing(list(dict.fromkeys(names))), note=kind)


def _mention(one: Recognition, project: Project) -> str:
    return f"{thanked_link(project, one).text} ({day(one.day)})"


# --- for human resources


def recognition_csv(some: Sequence[Recognition]) -> str:
    """Return one line for each; no cell is taken for a formula by a spreadsheet."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)  # a return in a text ends no line
    writer.writerow(HEADER)
    writer.writerows([text(cell) for cell in _cells(one)] for one in some)
    return out.getvalue()


def _cells(one: Recognition) -> tuple[str, ...]:
    kind, name = one.to
    return (
        one.day.isoformat(),
        one.program,
        one.value,
        kind.value,
        name,
        one.consent_on.isoformat() if one.consent_on else "",
        one.by,
        one.reason,
        " ".join(one.goals),
        " ".join(one.kpis),
        " ".join(one.check_ins),
        " ".join(one.visibility),
    )
