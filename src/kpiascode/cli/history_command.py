"""`kpi history`: what was published of a KPI, and what of it was restated."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.ledgers import needed
from kpiascode.cli.options import ledger_option, project_option
from kpiascode.cli.text import aligned, safe
from kpiascode.cli.values import NO_VALUE, cell, digits
from kpiascode.model.diagnostic import did_you_mean, one_of
from kpiascode.model.ledger import Publication, PublishedValue
from kpiascode.pipeline import ledger

SHORT: Final = ledger.SHOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A value that was published for the first time, or otherwise than before.

    Args:
        publication: In which it was so first.
        before: What was published of the same period before; None when nothing was.
        times: In how many publications it was, up to the next one that has another value.
    """

    value: PublishedValue
    publication: Publication
    before: PublishedValue | None
    times: int = 1


@click.command(epilog="Example: kpi history net_sales --period 2025-12")
@click.argument("kpi")
@click.option("--period", metavar="PERIOD", help="Of one period only, such as 2026-01 or 2026-Q1.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True
)
@ledger_option
@project_option
def command(kpi: str, period: str | None, form: str, ledger_folder: str | None, folder: str | None) -> int:
    """Show each value of a KPI that was published: when, by which definition, and what it replaced."""
    known = needed(folder, ledger_folder)
    entries = _of_period(_of_kpi(kpi, known.publications), kpi, period)
    match form:
        case "json":
            text = json.dumps([_plain(entry) for entry in entries], indent=1, ensure_ascii=False) + "\n"
        case "csv":
            text = _as_csv(entries)
        case _:
            text = _as_text(entries)
    click.echo(text, nl=False)
    return Exit.CLEAN


def _of_kpi(kpi: str, publications: Sequence[Publication]) -> tuple[Entry, ...]:
    """Return what was published of a KPI, by period, and there by time."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for publication in publications:
        for value in publication.values:
            if value.kpi != kpi:
                continue
            entries = found.setdefault((value.grain, value.period), [])
            last = entries[-1] if entries else None
            if last is not None and (last.value.value, last.value.unit) == (value.value, value.unit):
                entries[-1] = replace(last, times=last.times + 1)
            else:
                before = None if last is None else last.value
                entries.append(Entry(value=value, publication=publication, before=before))
    if not found:
        names = {told.kpi for publication in publications for told in publication.kpis}
        hint = did_you_mean(kpi, names) or (f"There are {one_of(names)}." if names else "It is empty.")
        raise click.UsageError(f"The ledger has no value of a KPI `{kpi[:60]}`. {hint}")
    ordered = sorted(found.values(), key=lambda entries: (entries[0].value.grain, entries[0].value.start))
    return tuple(entry for entries in ordered for entry in entries)


def _of_period(entries: Sequence[Entry], kpi: str, period: str | None) -> Sequence[Entry]:
    if period is None:
        return entries
    chosen = [entry for entry in entries if entry.value.period == period]
    if not chosen:
        periods = list(dict.fromkeys(entry.value.period for entry in entries))
        raise click.UsageError(
            f"The ledger has no value of `{kpi}` for `{period[:20]}`; it has {periods[0]} to {periods[-1]}."
        )
    return chosen


def _plain(entry: Entry) -> dict[str, Any]:
    value, publication, before = entry.value, entry.publication, entry.before
    return {
        "kpi": value.kpi,
        "grain": value.grain,
        "period": value.period,
        "from": value.start.isoformat(),
        "to": value.end.isoformat(),
        "value": None if value.value is None else digits(value.value),
        "unit": value.unit,
        "restated": before is not None,
        "before": None if before is None or before.value is None else digits(before.value),
        "reason": value.reason,
        "author": value.author,
        "published": publication.at.isoformat(),
        "as_of": publication.as_of.isoformat(),
        "times": entry.times,
        "status": value.status,
        "watermark": None if value.watermark is None else value.watermark.isoformat(),
        "definition": value.definition,
        "commit": publication.commit,
        "publication": publication.hash,
    }


def _as_csv(entries: Iterable[Entry]) -> str:
    rows = [_plain(entry) for entry in entries]
    lines = [",".join(rows[0])]
    lines += [",".join(_field(key, of) for key, of in row.items()) for row in rows]
    return "\n".join(lines) + "\n"


def _field(key: str, of: Any) -> str:
    """Return a field; only what people wrote may hold anything, so only that is put in quotes."""
    if key in ("reason", "author"):
        return cell(of)
    return "" if of is None else str(of).lower() if isinstance(of, bool) else str(of)


def _as_text(entries: Sequence[Entry]) -> str:
    first = entries[0].value
    head = ("period", "published", "definition", "commit", "times", "value")
    rows = [
        (
            entry.value.period,
            f"{entry.publication.at:%Y-%m-%d %H:%M}",
            entry.value.definition[:SHORT],
            entry.publication.commit or NO_VALUE,
            str(entry.times),
            NO_VALUE if entry.value.value is None else digits(entry.value.value),
        )
        for entry in entries
    ]
    lines = aligned([head, *rows], last_right=True)
    told = [f"{first.kpi} ({first.unit}), times in UTC", lines[0]]
    for entry, line in zip(entries, lines[1:], strict=True):
        told.append(line)
        if entry.value.restates is not None:
            told.append(f"  restated by {safe(str(entry.value.author))}: {safe(str(entry.value.reason))}")
    return "\n".join(told) + "\n"
