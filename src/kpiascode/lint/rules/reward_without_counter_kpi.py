"""Rewards look at a KPI, and nothing says what must not get worse for it.

Who is rewarded for a number finds ways to it, also those that nobody wanted: calls are ended sooner, orders
are booked that come back. `counter_kpis` name what would show it. `kpis` of a recognition program names what
rewards look at.

Bad:

    kind: recognition_program
    name: quick_replies
    kpis: [reply_in_a_day]                                  #! reward-without-counter-kpi
    ---
    kind: kpi
    name: reply_in_a_day
    dataset: order_lines
    expression: avg(reply_days)
    unit: days
    direction: lower

Good:

    kind: recognition_program
    name: quick_replies
    kpis: [reply_in_a_day]
    ---
    kind: kpi
    name: reply_in_a_day
    dataset: order_lines
    expression: avg(reply_days)
    unit: days
    direction: lower
    counter_kpis: [return_rate]

Fix: name in the KPI what must not get worse, or let rewards look at no number.
"""

from collections.abc import Iterator

from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.project import Lifecycle, Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each KPI that rewards look at and that nothing holds in balance."""
    for program in project.performance.programs.values():
        document = project.documents["recognition_program", program.name]
        for position, name in enumerate(program.kpis):
            kpi = project.kpis.get(name)
            if kpi is not None and not any(_is_guard(project, name, one) for one in kpi.counter_kpis):
                yield Finding(
                    message=f"Rewards look at `{name}`, and no counter KPI holds it in balance.",
                    place=document.place(("kpis", position)),
                    note=f"`{name}` is defined at {kpi.place}.",
                    hint="Name there in `counter_kpis` an active KPI that must not get worse.",
                )


def _is_guard(project: Project, rewarded: str, counter: str) -> bool:
    """Return whether a counter KPI is another one, and is still looked at."""
    kpi = project.kpis.get(counter)
    return kpi is not None and counter != rewarded and kpi.status is Lifecycle.ACTIVE


RULE = Rule("reward-without-counter-kpi", check, preset=Preset.MINIMAL)
