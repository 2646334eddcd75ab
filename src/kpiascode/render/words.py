"""The words of the site: days, periods, spans, statuses, grades. English, one place for each.

A shape stands beside a word and never instead of it. The shapes are among the few that every system font has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from kpiascode.model.assessment import Criterion, DataState, Grade, Outcome, Status, Trust
from kpiascode.model.calendar import Grain, Period
from kpiascode.model.project import Commitment, Direction, Level, Path, SignalRules
from kpiascode.model.signals import Assurance, Rule, Standing, Variation
from kpiascode.render.charts.lines import Below
from kpiascode.render.locales import NBSP, current
from kpiascode.render.numbers import whole

MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Word:
    """A judgement in words, with its shape and its tone (a class of the style sheet)."""

    text: str
    shape: str
    tone: str


STATUS: Final = {
    Status.MET: Word("On target", "●", "good"),
    Status.AT_RISK: Word("Within tolerance", "▲", "watch"),
    Status.MISSED: Word("Missed", "■", "act"),
    Status.NO_DATA: Word("No data", "◊", "none"),
    Status.NOT_DUE: Word("Not due yet", "○", "none"),
    Status.NO_TARGET: Word("No target", "–", "none"),
}

STATUS_MEANING: Final = {
    Status.MET: "The value reaches what is expected of it by now.",
    Status.AT_RISK: "It does not, but by no more than the tolerance that was declared.",
    Status.MISSED: "It is further away than that, or a milestone is overdue.",
    Status.NO_DATA: "There is no value, or no target value, to compare. That is neither good nor bad.",
    Status.NOT_DUE: "Nothing is expected yet: its day, or the end of the goal, lies ahead.",
    Status.NO_TARGET: "Nothing is asked: it has neither results nor milestones, nor has any goal beneath it.",
}

STANDING: Final = {
    Standing.ON_TRACK: Word("On track", "●", "good"),
    Standing.WATCH: Word("Watch", "▲", "watch"),
    Standing.IMPROVING: Word("Improving, not there yet", "▲", "watch"),
    Standing.AT_A_COST: Word("Better at a cost", "▲", "watch"),
    Standing.CANNOT: Word("Cannot meet its target", "■", "act"),
    Standing.ACT: Word("Act", "■", "act"),
    Standing.NO_VERDICT: Word("No verdict", "◊", "none"),
    Standing.NOT_DUE: Word("Not due yet", "○", "none"),
    Standing.NO_TARGET: Word("No target", "–", "none"),
}

STANDING_MEANING: Final = {
    Standing.ON_TRACK: "As it runs now, it meets its target period after period.",
    Standing.WATCH: "Hit or miss: as it runs now, a miss now and then is built in.",
    Standing.IMPROVING: "Better than usual, and not yet where it should be.",
    Standing.AT_A_COST: "Better than usual, while what must not get worse in return did.",
    Standing.CANNOT: "As it runs now, it misses its target period after period.",
    Standing.ACT: "Worse than usual; or, where what is usual cannot be told, its target was missed.",
    Standing.NO_VERDICT: "Its data is late, or there is no value.",
    Standing.NOT_DUE: "Nothing is expected before the end of the goal.",
    Standing.NO_TARGET: "No goal asks for its total.",
}

VARIATION: Final = {
    Variation.BETTER: Word("Better than usual", "▲", "good"),
    Variation.WORSE: Word("Worse than usual", "■", "act"),
    Variation.CHANGED: Word("Changed", "◆", "watch"),
    Variation.USUAL: Word("No unusual change", "●", "plain"),
    Variation.TOO_FEW: Word("Too few periods", "◊", "none"),
    Variation.NOT_JUDGED: Word("Not judged", "–", "none"),
}

VARIATION_MEANING: Final = {
    Variation.BETTER: "The last two periods hold a sign that something changed for the better.",
    Variation.WORSE: "They hold a sign that something changed for the worse.",
    Variation.CHANGED: "They hold a sign of a change; neither side is better.",
    Variation.USUAL: "What it did lately is what it always does: noise, and no reason to act.",
    Variation.TOO_FEW: "What is usual can be told from six periods on.",
    Variation.NOT_JUDGED: "Its periods share rows, or it varies too little to tell what is usual.",
}

ASSURANCE: Final = {
    Assurance.MEETS: "reliably meets its target",
    Assurance.HIT_OR_MISS: "hit or miss",
    Assurance.MISSES: "reliably misses its target",
    Assurance.NO_TARGET: "no target of a single period",
    Assurance.NOT_JUDGED: "",
}

RULE: Final = {
    Rule.OUTSIDE: "outside the usual range",
    Rule.RUN: "many in a row on one side of the mean",
    Rule.NEAR_LIMIT: "three of four nearer to the edge of the usual range than to the mean",
    Rule.TREND: "seven in a row, each further the same way",
    Rule.TWO_OF_THREE: "two of three near the edge of the usual range",
    Rule.FOUR_OF_FIVE: "four of five away from the mean on one side",
}

RULES: Final = {
    SignalRules.DEFAULT: "the default rules",
    SignalRules.NHS: "the rules of NHS England",
    SignalRules.WESTERN_ELECTRIC: "the Western Electric rules",
}

GRADE: Final = {
    Grade.STRONG: Word("Strong", "●", "good"),
    Grade.ADEQUATE: Word("Adequate", "●", "good"),
    Grade.NO_EVIDENCE: Word("Not enough evidence", "◊", "none"),
    Grade.WEAK: Word("Weak", "▲", "watch"),
    Grade.FAILING: Word("Failing", "■", "act"),
}

OUTCOME: Final = {
    Outcome.PASS: Word("Yes", "●", "good"),
    Outcome.PARTIAL: Word("Partly", "▲", "watch"),
    Outcome.FAIL: Word("No", "■", "act"),
    Outcome.INCONCLUSIVE: Word("Cannot be judged", "◊", "none"),
    Outcome.NOT_APPLICABLE: Word("Does not apply", "–", "none"),
    Outcome.WAIVED: Word("Waived", "○", "none"),
}

CRITERION: Final = {
    Criterion.CRUCIAL: "Crucial",
    Criterion.QUANTIFIABLE: "Quantifiable",
    Criterion.COMMUNICATED: "Communicated",
    Criterion.RELEVANT: "Relevant",
}

QUESTION: Final = {
    Criterion.CRUCIAL: "Does a goal depend on it?",
    Criterion.QUANTIFIABLE: "Is it well defined, and can it be counted on?",
    Criterion.COMMUNICATED: "Do those concerned get to see it?",
    Criterion.RELEVANT: "Does it fit this line of business?",
}

DIRECTION: Final = {
    Direction.HIGHER: "Higher is better",
    Direction.LOWER: "Lower is better",
    Direction.BAND: "Best inside a band",
}

COMMITMENT: Final = {
    Commitment.COMMITTED: "Committed",
    Commitment.ASPIRATIONAL: "Aspirational",
    Commitment.LEARNING: "Learning",
}

COMMITMENT_MEANING: Final = {
    Commitment.COMMITTED: "It is a promise: 1.0 is delivered. Below that its owner writes why.",
    Commitment.ASPIRATIONAL: "It aims higher than is sure: 0.7 and more is on course, 0.4 is progress, "
    "less is little of the way.",
    Commitment.LEARNING: "It has no grade. Its owner writes what was learnt.",
}

PATH: Final = {
    Path.LINEAR: "in a straight line",
    Path.STEPS: "in steps",
    Path.BY_END: "by the end",
    Path.MAINTAIN: "at all times",
}

LEVEL: Final = {
    Level.ORGANISATION: "Organisation",
    Level.LINE_OF_BUSINESS: "Line of business",
    Level.DEPARTMENT: "Department",
    Level.TEAM: "Team",
}

GRAIN: Final = {
    Grain.DAY: "day",
    Grain.WEEK: "week",
    Grain.MONTH: "month",
    Grain.QUARTER: "quarter",
    Grain.YEAR: "year",
    Grain.FISCAL_MONTH: "fiscal month",
    Grain.FISCAL_QUARTER: "fiscal quarter",
    Grain.FISCAL_YEAR: "fiscal year",
    Grain.ALL: "whole range",
}

PER_YEAR: Final = {
    Grain.MONTH: 12,
    Grain.FISCAL_MONTH: 12,
    Grain.QUARTER: 4,
    Grain.FISCAL_QUARTER: 4,
    Grain.WEEK: 52,
    Grain.DAY: 31,
}


# --- time


def day(value: date) -> str:
    """Return `6 November 2026`, in the order of the locale."""
    return current().date.format(day=value.day, month=MONTHS[value.month - 1], year=value.year)


def day_in(value: date, year: int) -> str:
    """Return `6 Nov`, with its year only if that is another than `year`."""
    style = current()
    pattern = style.day if value.year == year else style.day_of_year
    return pattern.format(day=value.day, month=style.months[value.month - 1], year=value.year)


def last_day(end: date) -> str:
    """Return the last day before a half-open end."""
    return day(end - timedelta(days=1)) if end > date.min else day(end)


def moment(value: datetime) -> str:
    """Return the day, and the time of day unless it is midnight."""
    if value.time() == time.min:
        return day(value.date())
    return f"{day(value.date())}, {value:%H:%M}"


def span(start: date, end: date) -> str:
    """Return the days of a half-open span: `1 January to 31 October 2026`, or `2026` for a whole year."""
    if (start.month, start.day) == (1, 1) and end == date(min(start.year + 1, 9999), 1, 1):
        return str(start.year)
    last = end - timedelta(days=1)
    first = day(start) if start.year != last.year else _day_and_month(start)
    return f"{first} to {day(last)}"


def _day_and_month(value: date) -> str:
    """Return a day in the order of the locale, without its year."""
    month = MONTHS[value.month - 1]
    first = current().date.startswith("{month}")
    return f"{month}{NBSP}{value.day}" if first else f"{value.day}{NBSP}{month}"


def period(value: Period) -> str:
    """Return `October 2026`, `week 45 of 2026`, `1 January to 31 October 2026`."""
    match value.grain:
        case Grain.DAY:
            return day(value.start)
        case Grain.WEEK:
            year, week = value.name.split("-W")
            return f"week{NBSP}{int(week)} of {year}"
        case Grain.MONTH:
            return f"{MONTHS[value.start.month - 1]} {value.start.year}"
        case Grain.QUARTER | Grain.FISCAL_QUARTER:
            year, quarter = value.name.split("-")
            return f"{quarter} {year}"
        case Grain.FISCAL_MONTH:
            year, number = value.name.split("-M")
            return f"month{NBSP}{int(number)} of {year}"
        case Grain.ALL:
            return span(value.start, value.end)
        case _:
            return value.name


def within(value: Period) -> str:
    """Return `in October 2026`, `from 1 January to 31 October 2026`, as a sentence needs it."""
    words = period(value)
    return f"from {words}" if " to " in words else f"{'on' if value.grain is Grain.DAY else 'in'} {words}"


def axis_label(value: Period) -> Below:
    """Return the shortest words for a period and where it stands in its year."""
    match value.grain:
        case Grain.DAY:
            text = day_in(value.start, value.start.year).replace(NBSP, " ")
            return Below(text, str(value.start.year), value.start.day - 1)
        case Grain.MONTH:
            return Below(
                current().months[value.start.month - 1], str(value.start.year), value.start.month - 1
            )
        case Grain.WEEK | Grain.QUARTER | Grain.FISCAL_QUARTER | Grain.FISCAL_MONTH:
            year, part = value.name.split("-")
            return Below(part, year, int(part[1:]) - 1)
        case _:
            return Below(value.name, "", value.start.year)


def length(value: timedelta) -> str:
    """Return a span in its largest whole unit: `34 days`, `5 hours`, `20 minutes`."""
    seconds = int(value.total_seconds())
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return plural(seconds // size, word)
    return "less than a minute"


# --- lists and numbers of things


def plural(number: int, one: str, many: str | None = None) -> str:
    """Return `1 KPI`, `2 KPIs`."""
    return f"{whole(number)}{NBSP}{one if number == 1 else many or one + 's'}"


def listing(items: Sequence[str]) -> str:
    """Return `a, b and c`."""
    return " and ".join((", ".join(items[:-1]), items[-1])) if len(items) > 1 else "".join(items)


def shortened(text: str, most: int) -> str:
    """Return `text`, cut at the end of a word and marked as cut if it is longer than `most` characters."""
    if len(text) <= most:
        return text
    words = text[: most + 1].rsplit(maxsplit=1)
    cut = words[0] if len(words) > 1 else text[:most]
    return f"{cut.rstrip('.,;: ')} …"


def sentence(text: str) -> str:
    """Return `text` with a capital and a full stop."""
    capital = text[:1].upper() + text[1:]
    return capital if capital.endswith((".", "!", "?", "…")) else f"{capital}."


# --- data


def data_word(state: DataState) -> Word:
    """Return what the freshness of the data is called."""
    match state.trust:
        case Trust.CURRENT:
            return Word("Current", "●", "plain")
        case Trust.LATE if state.late_by is not None:
            return Word(f"Late by {length(state.late_by)}", "▲", "watch")
        case Trust.LATE:
            return Word("Late", "▲", "watch")
        case Trust.UNKNOWN:
            return Word("Not known", "◊", "none")


def data_reach(state: DataState) -> str:
    """Return how far the data reaches."""
    return f"to {moment(state.latest)}" if state.latest is not None else "not dated"
