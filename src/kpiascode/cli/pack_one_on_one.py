"""`kpi pack one-on-one`: one page for a meeting of two."""

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.judged import warn
from kpiascode.cli.options import connection, day, moment, progress
from kpiascode.cli.packing import computed_options, found_with_persons, place_of, write
from kpiascode.cli.restricted import restricted_option
from kpiascode.pipeline import alone, packing


@click.command(epilog="Example: kpi pack one-on-one online_and_care --as-of 2025-12-29")
@click.argument("series")
@click.option("--since", metavar="DATE", help="New is what came after this day. Default: when they last met.")
@restricted_option
@computed_options
def command(
    series: str,
    since: str | None,
    restricted: str | None,
    form: str,
    output: str | None,
    as_of: str | None,
    engine: str | None,
    timeout: float | None,
    memory_limit: str | None,
    folder: str | None,
) -> int:
    """Make the page of a one-on-one: room for the agenda of the one who reports, and what is new.

    Signals and check-ins are told that were not there when they last met, and what was promised by then.
    """
    place = place_of(folder, output)
    found = found_with_persons(
        place, series, restricted, as_of, of=lambda one: one.performance.series, noun="one-on-one series"
    )
    project = found.checked.project
    settings = project.settings
    seen_from = moment(as_of, settings)
    today = seen_from.date()
    last = day("--since", since) or packing.last_met(found.value, project, today)
    if last >= today:
        raise click.UsageError(f"--since {last} does not lie before {today}, from which it is looked.")
    warn(found.checked)
    looked_at = packing.looked_at(found.value, found.checked, today, last)
    progress("Computing the goals and KPIs that they look at ...")
    brief = alone.briefed(
        found.checked,
        looked_at.goals,
        looked_at.kpis,
        seen_from,
        last,
        connection(engine, timeout, memory_limit, settings),
    )
    write(place, packing.one_on_one(found.value, brief, project, form))
    return Exit.CLEAN
