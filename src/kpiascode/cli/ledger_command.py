"""`kpi ledger`: whether what was published is still there as it was, and what changed."""

import json
from collections.abc import Sequence
from typing import Any, Final

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.findings import summary
from kpiascode.cli.formats.full import printed
from kpiascode.cli.ledgers import needed, needed_store
from kpiascode.cli.options import counted, ledger_option, project_option
from kpiascode.cli.text import safe
from kpiascode.cli.values import NO_VALUE, digits
from kpiascode.model.ledger import Publication, PublishedValue, Told
from kpiascode.pipeline import ledger

SHORT: Final = ledger.SHOWN
PARTS: Final = ("formula", "targets", "owner")


@click.command(epilog="Example: kpi ledger verify")
@click.argument("action", type=click.Choice(["verify", "diff"]))
@click.argument("publications", nargs=-1, metavar="[PUBLICATION]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Of diff.",
)
@ledger_option
@project_option
def command(
    action: str,
    publications: tuple[str, ...],
    form: str,
    ledger_folder: str | None,
    folder: str | None,
) -> int:
    """Prove that the ledger is whole, or show what changed between two publications.

    `verify` reads every file: whether each is as it was written, and none is missing.

    `diff` names two publications by the beginning of their hash, or as HEAD, the last one, and HEAD~1, the
    one before; without them these two.
    """
    if action == "verify":
        if publications or form != "text":
            raise click.UsageError("`kpi ledger verify` takes no publications and no --format.")
        return _verify(needed_store(folder, ledger_folder))
    if len(publications) not in (0, 2):
        raise click.UsageError("`kpi ledger diff` takes two publications, or none for the last two.")
    _diff(needed(folder, ledger_folder), publications or ("HEAD~1", "HEAD"), form)
    return Exit.CLEAN


def _verify(store: ledger.Store) -> Exit:
    audit = ledger.audited(store)
    if audit.findings:
        click.echo(printed(audit.findings, {}), err=True)
        click.echo(f"\n{summary(audit.findings)} in {counted(range(audit.files), 'file')}.", err=True)
        return Exit.FINDINGS
    known = audit.ledger
    values = [value for one in known.publications for value in one.values]
    kpis = {value.kpi for value in values}
    restated = sum(value.restates is not None for value in values)
    click.echo(
        f"Whole: {counted(known.publications, 'publication')}, {counted(values, 'value')} of "
        f"{counted(kpis, 'KPI')}, {restated:,} restated."
    )
    for head in known.heads:
        click.echo(f"head {head}")
    for name in known.repeats:
        click.echo(f"repeat {name}: the same was published elsewhere at once, and counts once.")
    for conflict in known.conflicts:
        one, other = conflict.one, conflict.other
        click.echo(
            f"conflict {one.kpi} {one.period}: published as {_value(one)} and, elsewhere at once, "
            f"as {_value(other)}."
        )
    return Exit.CLEAN


def _diff(known: ledger.Ledger, names: Sequence[str], form: str) -> None:
    before, after = sorted(_place(known, name) for name in names)
    found = ledger.between(known, before, after)
    one, other = known.publications[before], known.publications[after]
    if form == "json":
        told: dict[str, Any] = {
            "before": _publication(one),
            "after": _publication(other),
            "values": [_pair(old, new) for old, new in found.values],
            "kpis": [_changed(old, new) for old, new in found.kpis],
        }
        click.echo(json.dumps(told, indent=1, ensure_ascii=False))
        return
    click.echo(f"from {_line(one)}\n  to {_line(other)}")
    for old, new in found.values:
        why = "" if new.restates is None else f" ({safe(str(new.author))}: {safe(str(new.reason))})"
        click.echo(f"{new.kpi} {new.period}: {'new' if old is None else _value(old)} -> {_value(new)}{why}")
    for before_kpi, after_kpi in found.kpis:
        parts = _parts(before_kpi, after_kpi)
        click.echo(f"{after_kpi.kpi}: {'new' if before_kpi is None else ', '.join(parts) + ' changed'}")
    if not found.values and not found.kpis:
        click.echo("No value and no KPI changed.")


def _place(known: ledger.Ledger, name: str) -> int:
    found = ledger.named(known, name)
    if len(found) == 1:
        return found[0]
    wrong = "More than one publication begins with" if found else "There is no publication"
    raise click.UsageError(
        f"{wrong} `{name[:70]}`; the ledger has {counted(known.publications, 'publication')}."
    )


def _line(one: Publication) -> str:
    what = f"{one.scorecard or 'all KPIs'} as of {one.as_of:%Y-%m-%d}, over {one.channel}"
    return f"{one.hash[:SHORT]}  {one.at:%Y-%m-%d %H:%M} UTC, {what}"


def _value(one: PublishedValue) -> str:
    return NO_VALUE if one.value is None else f"{digits(one.value)} {one.unit}"


def _publication(one: Publication) -> dict[str, Any]:
    return {
        "publication": one.hash,
        "published": one.at.isoformat(),
        "as_of": one.as_of.isoformat(),
        "commit": one.commit,
        "scorecard": one.scorecard,
        "channel": one.channel,
    }


def _pair(old: PublishedValue | None, new: PublishedValue) -> dict[str, Any]:
    return {
        "kpi": new.kpi,
        "grain": new.grain,
        "period": new.period,
        "is_new": old is None,
        "before": None if old is None or old.value is None else digits(old.value),
        "after": None if new.value is None else digits(new.value),
        "unit": new.unit,
        "definition_before": None if old is None else old.definition,
        "definition_after": new.definition,
        "reason": new.reason,
        "author": new.author,
    }


def _changed(old: Told | None, new: Told) -> dict[str, Any]:
    return {"kpi": new.kpi, "is_new": old is None, "changed": list(_parts(old, new))}


def _parts(old: Told | None, new: Told) -> tuple[str, ...]:
    if old is None:
        return ()
    return tuple(part for part in PARTS if getattr(old, part) != getattr(new, part))
