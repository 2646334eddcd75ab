"""`kpi pack plan`: an improvement plan on one page."""

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.judged import warn
from kpiascode.cli.options import connection, moment, progress
from kpiascode.cli.packing import computed_options, found_with_persons, place_of, write
from kpiascode.cli.restricted import restricted_option
from kpiascode.model.assessment import Private
from kpiascode.pipeline import alone, packing


@click.command(epilog="Example: kpi pack plan answers_within_the_day --as-of 2026-01-01")
@click.argument("plan")
@restricted_option
@computed_options
def command(
    plan: str,
    restricted: str | None,
    form: str,
    output: str | None,
    as_of: str | None,
    engine: str | None,
    timeout: float | None,
    memory_limit: str | None,
    folder: str | None,
) -> int:
    """Make the page of a plan: what set it off, what is done, what was before and after, its test computed.

    One for a person stands in the restricted folder, and its document is for those alone whom it names.
    """
    place = place_of(folder, output)
    found = found_with_persons(
        place, plan, restricted, as_of, of=lambda one: one.performance.plans, noun="improvement plan"
    )
    warn(found.checked)
    progress("Computing the KPI of its test ...")
    settings = found.checked.project.settings
    judged = alone.judged_plan(
        found.checked,
        found.value,
        moment(as_of, settings),
        connection(engine, timeout, memory_limit, settings),
    )
    private = Private(restricted=found.checked.restricted, judged=judged)
    write(place, packing.plan(found.value, private, form))
    return Exit.CLEAN
