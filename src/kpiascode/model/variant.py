"""Whether a KPI that is called a variant of another one differs in nothing but which rows count."""

from collections.abc import Mapping
from dataclasses import replace

from kpiascode.model.expression import Aggregate, Expression, KpiValue, rebuild
from kpiascode.model.project import Kpi


def difference(kpi: Kpi, parent: Kpi, kpis: Mapping[str, Kpi]) -> str | None:
    """Return the key that differs; None where none does, as far as the two can be compared."""
    written = {one.name: _written_out(one.expression, kpis) for one in (kpi, parent)}
    if written[kpi.name] != written[parent.name]:
        return "expression"
    if kpi.dataset is None or parent.dataset is None:
        return None
    if kpi.dataset != parent.dataset:
        return "dataset"
    return "time" if kpi.time != parent.time else None


def _written_out(node: Expression, kpis: Mapping[str, Kpi]) -> Expression:
    """Return an expression without filters, with those of other KPIs in the place of their names."""
    match node:
        case KpiValue(name) if name in kpis:
            return _written_out(kpis[name].expression, kpis)
        case Aggregate(condition=condition) if condition is not None:
            return _written_out(replace(node, condition=None), kpis)
        case _:
            return rebuild(node, lambda child: _written_out(child, kpis))
