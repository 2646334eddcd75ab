"""The example company on an engine: its files are loaded, and every KPI is asked there and of the reference.

    python tests/conformance/example_company.py URL [DAY]

prints as JSON how many values since a day are equal, which are not, and which KPIs the engine's SQL refuses and why.
Without a day, it is twelve periods.
"""

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from kpiascode.conformance.outcomes import same
from kpiascode.model.observation import Observation
from kpiascode.pipeline import asking, reading, seeding
from kpiascode.pipeline.asking import Ask
from kpiascode.pipeline.connection import Connection, read_url
from kpiascode.pipeline.reading import Checked
from kpiascode.pipeline.refusals import WrongQuestion

ROOT: Final = Path(__file__).parents[2]
AS_OF: Final = datetime(2026, 1, 1)


def compared(url: str, start: date | None) -> dict[str, Any]:
    checked = reading.read(ROOT)
    connection = Connection(url=read_url(url))
    names = [name for name, _ in seeding.seed(checked, seeding.files_of(checked), connection, replace=False)]
    refused = _refused(checked, connection)
    ask = Ask(kpis=tuple(kpi for kpi in checked.project.kpis if kpi not in refused), as_of=AS_OF, start=start)
    right = {_key(one): one for one in asking.answer(checked, ask, Connection())}
    found = {_key(one): one for one in asking.answer(checked, ask, connection)}
    money = {name for name, kpi in checked.project.kpis.items() if kpi.unit.currency is not None}
    different = [
        [*key, str(found[key].value), str(one.value)]
        for key, one in right.items()
        if key not in found or not same(found[key].value, one.value, money=key[0] in money)
    ]
    seeding.drop(names, connection)
    return {
        "equal": len(right) - len(different),
        "different": [*different, *(list(key) for key in found if key not in right)],
        "refused": refused,
    }


def _refused(checked: Checked, connection: Connection) -> dict[str, str]:
    """Return the KPIs that the engine's SQL cannot say, and why."""
    refused = {}
    with asking.open_session(checked, tuple(checked.project.datasets), connection) as session:
        for kpi in checked.project.kpis:
            for question in asking.questions(session.checked.project, Ask(kpis=(kpi,), as_of=AS_OF)):
                try:
                    session.query(question)
                except WrongQuestion as refusal:
                    refused[kpi] = refusal.diagnostic.message
    return refused


def _key(one: Observation) -> tuple[str, str]:
    return one.kpi, one.period.name


if __name__ == "__main__":
    since = date.fromisoformat(sys.argv[2]) if len(sys.argv) > 2 else None
    print(json.dumps(compared(sys.argv[1], since), indent=2))
