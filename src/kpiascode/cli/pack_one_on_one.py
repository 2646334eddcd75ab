"""`kpi pack one-on-one`: one page for a meeting of two."""

from datetime import datetime, time

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.judged import seen
from kpiascode.cli.options import connection, day, moment
from kpiascode.cli.packing import computed_options, found_with_persons, place_of, write
from kpiascode.cli.restricted import restricted_option
from kpiascode.pipeline import judging, packing


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
    today = moment(as_of, project.settings).date()
    last = day("--since", since) or packing.last_met(found.value, project, today)
    if last >= today:
        raise click.UsageError(f"--since {last} does not lie before {today}, from which it is looked.")
    known = seen(found.checked, as_of=as_of, engine=engine, timeout=timeout, memory_limit=memory_limit)
    before = judging.seen(
        found.checked,
        datetime.combine(last, time()),
        connection(engine, timeout, memory_limit, project.settings),
        None,
        None,
    )
    packed = packing.one_on_one(
        found.value,
        packing.judged_privately(known, found.checked.restricted),
        judging.judged(known, None),
        judging.judged(before, None),
        form,
    )
    write(place, packed)
    return Exit.CLEAN
