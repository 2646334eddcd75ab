"""`kpi check` from the first file to the last finding."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from time import time
from typing import Final

from kpiascode.cli import fixing, known
from kpiascode.cli.check_report import Asked, tell
from kpiascode.cli.options import connection, counted, moment, progress
from kpiascode.cli.restricted import asked_source
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.pipeline import reading, remembering
from kpiascode.pipeline.store import Store

EXAMPLES: Final = 3
"""How many of the keys that are wrong are told."""

BLIND: Final = "The data was not looked at, since the definitions have errors."


def check(asked: Asked, store: Store) -> int:
    """Check the project, tell what is wrong, and return the exit code."""
    since = time()
    with _uncollected():
        checked = _checked(asked)
    if asked.diff:
        return fixing.diff(checked, asked.is_wanted, asked.known)
    if asked.fix:
        checked = fixing.fix(checked, asked.is_wanted, asked.known)
    checked = known.write(checked, asked.write_baseline, asked.baseline)
    found = remembering.outcome_of(checked, _of_examples(checked, asked, store) if asked.examples else ())
    if asked.is_plain and not asked.wanted:
        own = checked.project.settings.check.baseline
        baseline = asked.known or (None if own is None else asked.home / own)
        remembering.remember(checked, found, asked.what_matters, store, baseline, since)
    if not asked.data:
        return tell(asked, found)
    if checked.has_errors:
        return tell(asked, found, blind=BLIND)
    of_data, said = _look(checked, asked)
    told = {(d.code, d.place) for d in found.findings}  # examples know the types of files, too
    new = tuple(d for d in of_data if (d.code, d.place) not in told)
    return tell(asked, found, of_data=new, said=said)


def _checked(asked: Asked) -> reading.Checked:
    source = asked_source(asked.restricted, asked.home)
    if source is None:
        return reading.check(asked.home, asked.known)
    from kpiascode.pipeline import restricted

    return restricted.check(asked.home, source, asked.known)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Leave circles of garbage where they are: looking for them costs a tenth of a check, and finds none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _look(checked: reading.Checked, asked: Asked) -> tuple[tuple[Diagnostic, ...], str]:
    """Return what is wrong with the data of the datasets and KPIs, and in a sentence what was looked at."""
    project = checked.project
    datasets = [dataset.name for dataset in project.datasets.values() if asked.is_wanted(dataset.place.path)]
    kpis = [kpi.name for kpi in project.kpis.values() if asked.is_wanted(kpi.place.path)]
    engine = connection(asked.engine, asked.timeout, asked.memory_limit, project.settings)
    as_of = moment(asked.as_of, project.settings)
    if not datasets and not kpis:
        return (), "Neither a dataset nor a KPI is declared there, so no data was looked at."
    from kpiascode.pipeline import proving

    progress(f"Looking at {counted(datasets, 'dataset')} and {counted(kpis, 'KPI')} ...")
    proved = proving.prove(
        checked, datasets, kpis, as_of, engine, shown=0 if "CI" in os.environ else EXAMPLES
    )
    if proved.facts is None:
        return proved.diagnostics, "The data could not be looked at."
    rows = sum(facts.rows for facts in proved.facts)
    of_rows = f"{rows:,} {'row' if rows == 1 else 'rows'} in {counted(datasets, 'dataset')}"
    of_values = f"the last values of {counted(proved.values, 'KPI')}"
    looked_at = [*([of_rows] if datasets else []), *([of_values] if proved.values else [])]
    return proved.diagnostics, f"Looked at {' and at '.join(looked_at) or 'no value of a KPI with bounds'}."


def _of_examples(checked: reading.Checked, asked: Asked, store: Store) -> tuple[Diagnostic, ...]:
    """Return what is wrong with the worked examples there. Where all have passed, no engine is loaded."""
    kpis = [
        kpi.name for kpi in checked.project.kpis.values() if kpi.examples and asked.is_wanted(kpi.place.path)
    ]
    if not kpis:
        return ()
    from kpiascode.pipeline import waiting

    examples = waiting.waiting(checked, kpis, store)
    if examples.is_over:
        return examples.findings
    from kpiascode.pipeline import exampling

    progress(f"Computing the examples of {counted(kpis, 'KPI')} ...")
    return exampling.compute(examples).diagnostics
