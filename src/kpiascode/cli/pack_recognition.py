"""`kpi pack recognition`: thanks of a program."""

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.options import day, keeping_day, moment, named, sound
from kpiascode.cli.packing import output_options, place_of, write
from kpiascode.cli.private import private_files
from kpiascode.pipeline import packing, reading


@click.command(epilog="Example: kpi pack recognition thanks --from 2025-10-01 --to 2026-01-01")
@click.argument("program")
@click.option("--from", "start", metavar="DATE", help="The first day; default: from the beginning.")
@click.option("--to", "end", metavar="DATE", help="The day after the last one; default: up to today.")
@click.option("--csv", "with_csv", is_flag=True, help="Also as CSV, for human resources.")
@click.option("--as-of", "as_of", metavar="DATE", help="What may be told on this day. Default: today.")
@output_options
def command(
    program: str,
    start: str | None,
    end: str | None,
    with_csv: bool,
    as_of: str | None,
    form: str,
    output: str | None,
    folder: str | None,
) -> int:
    """Make the page of thanks in the order in which they were said; nobody is counted or ranked.

    Persons are on it from the day on which they agreed, and no longer once they do not: what an earlier run
    wrote of the program is made anew with it, in whatever form.
    """
    place = place_of(folder, output)
    checked = sound(reading.check(place.home))
    found = named(program, checked.project.performance.programs, "recognition program")
    first, last = day("--from", start), day("--to", end)
    if first is not None and last is not None and first >= last:
        raise click.UsageError(f"The range from {first} to {last} is empty; --to is not included.")
    seen_from = moment(as_of, checked.project.settings)
    packed = packing.recognition(
        found,
        checked.project,
        seen_from,
        first,
        last,
        form,
        with_csv=with_csv,
        there=private_files(place.target),
        agreed=keeping_day(as_of, checked.project.settings),
    )
    write(place, packed)
    return Exit.CLEAN
