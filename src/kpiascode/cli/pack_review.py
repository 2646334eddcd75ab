"""`kpi pack review`: a sheet for each unit of a review."""

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.judged import seen
from kpiascode.cli.ledgers import store_of
from kpiascode.cli.options import ledger_option, moment, named, sound
from kpiascode.cli.packing import at_the_end, computed_options, place_of, write
from kpiascode.pipeline import ledger, packing, reading


@click.command(epilog="Example: kpi pack review q4_2025 --org-unit customer_care")
@click.argument("cycle")
@click.option("--org-unit", metavar="NAME", help="Only of this unit; default: all units of the cycle.")
@ledger_option
@computed_options
def command(
    cycle: str,
    org_unit: str | None,
    form: str,
    output: str | None,
    ledger_folder: str | None,
    as_of: str | None,
    engine: str | None,
    timeout: float | None,
    memory_limit: str | None,
    folder: str | None,
) -> int:
    """Make the sheet of each unit that a review looks at: goals, KPIs, check-ins, plans, questions.

    It looks from the end of the cycle, or from today while the cycle runs. A sheet says what the people of
    its unit may see. Nobody is rated.
    """
    place = place_of(folder, output, ledger_folder)
    checked = sound(reading.check(place.home))
    project = checked.project
    found = named(cycle, project.performance.cycles, "review cycle")
    seen_from = at_the_end(as_of, found.end, project.settings)
    if moment(seen_from, project.settings).date() <= found.start:
        raise click.UsageError(
            f"`{found.name}` begins on {found.start}: there is nothing to look at before the day after it."
        )
    units = found.org_units
    if org_unit is not None:
        units = (
            named(
                org_unit, dict(zip(units, units, strict=True)), "org unit", f"Those are of `{found.name}`."
            ),
        )
    published = ledger.publications(store_of(checked.folder, ledger_folder))
    known = seen(checked, as_of=seen_from, engine=engine, timeout=timeout, memory_limit=memory_limit)
    made = {unit: packing.judged_for(unit, known, published) for unit in units}
    write(place, packing.review(found.name, made, form))
    return Exit.CLEAN
