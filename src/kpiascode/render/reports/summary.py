"""What the forms for people have in common: the content of the page, and what is told when room is short."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from kpiascode.model.assessment import Assessment
from kpiascode.model.project import Scorecard
from kpiascode.render.audience import made_for
from kpiascode.render.drawings import SPARK, recent
from kpiascode.render.links import kpi_page, scorecard_page
from kpiascode.render.pages import scorecard as page
from kpiascode.render.pages.table import KpiRow
from kpiascode.render.reports import plain
from kpiascode.render.words import moment, plural


@dataclass(frozen=True, slots=True)
class Line:
    """One KPI: the row of the page, its history in signs, and whether somebody must act."""

    row: KpiRow
    spark: str
    needs: bool


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A scorecard for people.

    Args:
        sections: Of the whole table.
        provenance: From when it is seen, from which definitions, and what made it.
        site: Where the site can be read, ending in a slash; None: nothing leads anywhere.
        path: Of the scorecard's page in the site.
    """

    page: page.ScorecardPage
    sections: tuple[Section, ...]
    provenance: str
    site: str | None
    path: str

    def address(self, path: str) -> str:
        """Return where a page of the site can be read; empty when that is not known."""
        return f"{self.site}{path}" if self.site is not None and path else ""

    @property
    def size(self) -> int:
        return sum(len(section.lines) for section in self.sections)


@dataclass(frozen=True, slots=True)
class Cut:
    """What is told of a summary.

    Args:
        acts: Whether it is told what is to be done, and what the scorecard is about.
        rows: How many KPIs; those on which somebody must act come first.
    """

    acts: bool
    rows: int


def summary(scorecard: Scorecard, assessment: Assessment, version: str, site: str | None) -> Summary:
    content = page.scorecard_page(scorecard, assessment)
    known = [name for name in scorecard.kpis if name in assessment.kpis]
    names = {kpi_page(name): name for name in known}
    needing = {assessed.kpi for assessed in page.needing_attention(known, assessment)}

    def line(row: KpiRow) -> Line:
        name = names[row.link.path]
        complete = [o.value for o in recent(assessment.kpis[name], SPARK) if o.complete]
        return Line(row, plain.blocks(complete), name in needing)

    commit = assessment.evidence.commit
    definitions = f", definitions at commit {plain.line(commit)}" if commit else ""
    return Summary(
        page=content,
        sections=tuple(
            Section(group.title.text, tuple(map(line, group.rows))) for group in content.table.groups
        ),
        provenance=" ".join(
            part
            for part in (
                made_for(assessment.project),
                f"As of {moment(assessment.as_of)}{definitions}, made by kpiascode {version}.",
            )
            if part
        ),
        site=site,
        path=scorecard_page(scorecard.name),
    )


def chosen(told: Summary, cut: Cut) -> tuple[Section, ...]:
    """Return the sections with as many KPIs as there is room for, in the order of the page."""
    every = [line for section in told.sections for line in section.lines]
    first = {*sorted(range(len(every)), key=lambda at: not every[at].needs)[: cut.rows]}
    numbers = count()
    sections = (
        Section(section.title, tuple(line for line in section.lines if next(numbers) in first))
        for section in told.sections
    )
    return tuple(section for section in sections if section.lines)


def left_out(told: Summary, cut: Cut) -> str:
    """Return in words what is not told for want of room; empty where all is."""
    parts = []
    if not cut.acts and any(card.act for card in told.page.cards):
        parts.append("what is to be done")
    if more := told.size - cut.rows:
        parts.append(plural(more, "more KPI", "more KPIs"))
    return f"Left out, to keep this short: {' and '.join(parts)}." if parts else ""


def fitted(told: Summary, write: Callable[[Cut], str], most: int, rows: int | None = None) -> str:
    """Return the longest telling of at most so many bytes: first what is to be done goes, then KPIs.

    Args:
        rows: How many KPIs there may be at most, whatever their size; None for all.
    """
    full = told.size if rows is None else min(rows, told.size)

    def size(cut: Cut) -> int:
        return len(write(cut).encode())

    if size(Cut(acts=True, rows=full)) <= most:
        return write(Cut(acts=True, rows=full))
    fits = bisect_right(range(full + 1), most, key=lambda rows: size(Cut(acts=False, rows=rows))) - 1
    return write(Cut(acts=False, rows=max(0, fits)))
