"""`kpi pack close`: what became of the goals of a cycle."""

from datetime import timedelta

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.judged import judged
from kpiascode.cli.options import moment, named, sound
from kpiascode.cli.packing import computed_options, place_of, write
from kpiascode.pipeline import packing, reading


@click.command(epilog="Example: kpi pack close q4_2025")
@click.argument("cycle")
@computed_options
def command(
    cycle: str,
    form: str,
    output: str | None,
    as_of: str | None,
    engine: str | None,
    timeout: float | None,
    memory_limit: str | None,
    folder: str | None,
) -> int:
    """Make the report on the goals that ended in a review cycle: grades, beliefs, what is owed.

    It looks from the end of the cycle, and is not made before. Goals are graded, and nobody is.
    """
    place = place_of(folder, output)
    checked = sound(reading.check(place.home))
    found = named(cycle, checked.project.performance.cycles, "review cycle")
    settings = checked.project.settings
    if moment(as_of, settings).date() < found.end:
        raise click.UsageError(
            f"`{found.name}` ends on {found.end - timedelta(days=1)}, that day included, and is closed as of "
            f"{found.end} or later. `kpi pack review {found.name}` shows where its goals stand by then."
        )
    made = judged(
        checked,
        as_of=as_of or found.end.isoformat(),
        engine=engine,
        timeout=timeout,
        memory_limit=memory_limit,
    )
    write(place, packing.closing(found, made, form))
    return Exit.CLEAN
