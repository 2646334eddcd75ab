"""From a project to what its data is like, held against what the definitions claim."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kpiascode import compile, lint
from kpiascode.model.diagnostic import Diagnostic, in_order
from kpiascode.model.facts import Facts, KeyFacts, KpiFacts, PartnerFacts
from kpiascode.model.observation import Freshness
from kpiascode.model.project import Dataset
from kpiascode.pipeline.asking import Session, open_session
from kpiascode.pipeline.connection import Connection
from kpiascode.pipeline.reading import Checked
from kpiascode.pipeline.refusals import WrongDefinitions
from kpiascode.pipeline.valuing import look_at_values, read_for_values, worth_looking_at
from kpiascode.run.facts import examples, facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """What was found. `facts` None: the data could not be looked at, and the findings say why."""

    facts: tuple[Facts, ...] | None
    values: tuple[KpiFacts, ...]
    diagnostics: tuple[Diagnostic, ...]


def prove(
    checked: Checked,
    datasets: Sequence[str],
    kpis: Sequence[str],
    as_of: datetime,
    connection: Connection,
    *,
    shown: int,
) -> Proved:
    """Look at the rows of datasets and at the last values of KPIs.

    Args:
        checked: A project without errors.
        kpis: Of these, those that promise something of their values are looked at.
        as_of: From when it is judged how new rows are and which periods are over; all else is asked of every
            row.
        shown: How many of the keys and values that are wrong are told; none where what stands in a cell must
            not be.

    Raises:
        EngineError: when the engine fails.
    """
    known = checked.project.datasets
    wanted = worth_looking_at(checked.project, kpis)
    read = dict.fromkeys(other for name in datasets for other in compile.read_for_facts(known[name], known))
    read |= dict.fromkeys(read_for_values(checked.project, wanted, as_of))
    try:
        with open_session(checked, tuple(read), connection) as session:
            found = tuple(_Look(session, name, shown).facts(as_of) for name in datasets)
            values = look_at_values(session, wanted, as_of)
            settled = session.checked.project
    except WrongDefinitions as refused:
        return Proved(facts=None, values=(), diagnostics=refused.diagnostics)
    of_data = lint.lint_facts(settled, found, as_of)
    of_values = lint.lint_values(settled, values, told=shown > 0)
    return Proved(facts=found, values=values, diagnostics=in_order((*of_data, *of_values)))


class _Look:
    """A look at the rows of one dataset."""

    def __init__(self, session: Session, dataset: str, shown: int) -> None:
        self.session = session
        self.shown = shown
        self.datasets = session.checked.project.datasets
        self.dataset: Dataset = self.datasets[dataset]

    def facts(self, as_of: datetime) -> Facts:
        catalog, engine = self.session.checked.catalog, self.session.engine
        sql = compile.count_facts(self.dataset, self.datasets, catalog, engine.dialect)
        counted = facts(self.dataset, engine.select(sql)[0])
        return replace(
            counted,
            keys=None if counted.keys is None else self._repeated(counted.keys),
            partners=tuple(self._lost(partner) for partner in counted.partners),
            freshness=self._freshness(as_of),
        )

    def _repeated(self, keys: KeyFacts) -> KeyFacts:
        if not keys.repeated or not self.shown:
            return keys
        catalog, engine = self.session.checked.catalog, self.session.engine
        sql = compile.repeated_keys(self.dataset, self.datasets, catalog, engine.dialect, self.shown)
        return replace(keys, examples=examples(engine.select(sql)))

    def _lost(self, partner: PartnerFacts) -> PartnerFacts:
        if not partner.lost or not self.shown:
            return partner
        catalog, engine = self.session.checked.catalog, self.session.engine
        sql = compile.lost_keys(
            self.dataset, partner.relationship, self.datasets, catalog, engine.dialect, self.shown
        )
        return replace(partner, examples=examples(engine.select(sql)))

    def _freshness(self, as_of: datetime) -> Freshness | None:
        if self.dataset.freshness is None or self.dataset.time is None:
            return None
        return self.session.freshness((self.dataset.name,), as_of)[self.dataset.name]
