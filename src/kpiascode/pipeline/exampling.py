"""From the worked examples of KPIs to what is wrong with them: each is computed over its own rows."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Final, TypeAlias

from kpiascode import compile, plan, resolve
from kpiascode.model.catalog import Catalog
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.document import Document, Documents
from kpiascode.model.example import Example
from kpiascode.model.observation import Observation, Question
from kpiascode.model.plan import Query
from kpiascode.pipeline.comparing import compared
from kpiascode.pipeline.example_tables import ExampleTables
from kpiascode.pipeline.reading import Checked
from kpiascode.pipeline.refusals import EngineError
from kpiascode.pipeline.waiting import Waiting
from kpiascode.pipeline.worked import datasets_of, rests_on, within
from kpiascode.resolve.examples import FAILS
from kpiascode.run.answers import BrokenData, observations
from kpiascode.run.guarded import GuardedEngine, guarded_engine
from kpiascode.run.jobs import Failure, Job, Table

TIMEOUT_SECONDS: Final = 10.0
"""For one example. A thousand rows take a few milliseconds."""

TOO_COSTLY: Final = "example-too-costly"

_Asked: TypeAlias = tuple[Example, tuple[Query, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exampled:
    """How many examples were computed, and what is wrong with them and with the others."""

    computed: int
    diagnostics: tuple[Diagnostic, ...]


def compute(waiting: Waiting) -> Exampled:
    """Compute the examples that wait, and keep which of them have passed.

    Raises:
        EngineError: when there is no engine.
    """
    if not waiting.is_over and waiting.worked.examples:
        with closing(guarded_engine(TIMEOUT_SECONDS)) as engine:
            _computed(waiting, engine)
    return Exampled(computed=len(waiting.computing), diagnostics=waiting.findings)


def _computed(waiting: Waiting, engine: GuardedEngine) -> None:
    checked = waiting.worked.checked
    unknown = [checked.project.datasets[name] for name in waiting.unknown]
    tables = waiting.tables or waiting.learn(
        engine.types(unknown, project=checked.folder, data_roots=checked.project.settings.data_roots)
    )
    if waiting.computing:
        run = _Run(waiting, tables)
        run.compute(engine)
        waiting.diagnostics += run.found
        waiting.keys.keep_passed(run.passed, tables)


class _Run:
    """One engine for all examples. SQL is made once for those that ask the same.

    Args:
        found: What is wrong with examples of which the rows are right.
    """

    def __init__(self, waiting: Waiting, tables: ExampleTables) -> None:
        self.checked = waiting.worked.checked
        self.examples = waiting.computing
        self.tables = tables
        self.files = waiting.types
        self.catalog = Catalog({**self.checked.catalog.tables, **tables.catalog.tables})
        self.resolution = resolve.resolve(_needed(self.checked, self.examples), self.catalog)
        self.queries: dict[Question, Query] = {}
        self.found: list[Diagnostic] = []
        self.passed: list[Example] = []

    def compute(self, engine: GuardedEngine) -> None:
        left = 0
        for (example, queries), answer in engine.answers(self._jobs()):
            if answer is Failure.LEFT:
                left += 1
            elif found := list(_outcome(example, queries, answer)):
                self.found += found
            else:
                self.passed.append(example)
        if left:
            self.found = [_with_left(one, left) if one.code == TOO_COSTLY else one for one in self.found]

    def _jobs(self) -> Iterator[tuple[_Asked, Job]]:
        """Yield what is to be computed; what cannot be asked is told at once."""
        ill_typed: set[str] = set()
        for example in self.examples:
            if example.kpi in ill_typed:
                continue
            if example.kpi not in self.resolution.project.kpis:
                ill_typed.add(example.kpi)
                told = {(one.code, one.place) for one in self.found}
                self.found += (d for d in self._ill_typed(example) if (d.code, d.place) not in told)
                continue
            try:
                queries = tuple(self._query(question) for question in _questions(example))
            except plan.Unanswerable as refusal:
                first = example.place("expect", example.expected[0].period.name)
                hint = refusal.diagnostic.hint
                self.found.append(
                    Diagnostic(
                        code=FAILS,
                        message=refusal.diagnostic.message,
                        place=first,
                        hint=None if hint is None else hint.replace("--grain ", "periods of grain "),
                    )
                )
            except compile.CannotCompile as refusal:
                self.found.append(_not_computed(example, str(refusal)))
            else:
                yield (example, queries), self._job(example, queries)

    def _ill_typed(self, example: Example) -> Iterator[Diagnostic]:
        """Yield what of the definitions behind an example does not fit the types of its rows."""
        project = self.checked.project
        kpis = [("kpi", name) for name in rests_on(example.kpi, project)]
        datasets = [("dataset", name) for name in datasets_of(project, [example])]
        wholes = [project.documents[key].place() for key in (*kpis, *datasets)]
        new = self.checked.unknown(self.resolution.diagnostics)
        behind = [d for d in new if any(within(d.place, whole) for whole in wholes)]
        is_known = all(name in self.files.tables for name in example.given)
        note = f"The types are those of the rows at {example.place('given')}."
        for why in behind or new:
            yield why if is_known or why.note is not None else replace(why, note=note)

    def _query(self, question: Question) -> Query:
        if question not in self.queries:
            made = plan.plan(self.resolution.project, question, self.catalog)
            self.queries[question] = compile.compile_plan(made, "duckdb")
        return self.queries[question]

    def _job(self, example: Example, queries: Sequence[Query]) -> Job:
        read = dict.fromkeys(name for query in queries for name in query.plan.datasets)
        return Job(
            columns={name: self.tables.columns[name] for name in (*read, *example.given)},
            rows=self.tables.rows(example),
            queries=tuple(query.text for query in queries),
        )


def _needed(checked: Checked, examples: Sequence[Example]) -> Documents:
    """Return the documents, of which only the names of those stay that no example rests on."""
    kpis = {name for example in examples for name in rests_on(example.kpi, checked.project)}

    def is_needed(document: Document) -> bool:
        kind, name = document.data.get("kind"), document.data.get("name")
        return name in kpis if kind == "kpi" else kind not in ("goal", "scorecard")

    return checked.documents.only(is_needed)


def _questions(example: Example) -> Iterator[Question]:
    """Yield what is asked: a question for each grain among the periods, seen from the end of the last."""
    periods = {expected.period for expected in example.expected}
    as_of = datetime.combine(max(period.end for period in periods), time())
    for grain in sorted({period.grain for period in periods}, key=lambda grain: grain.value):
        yield Question(
            kpis=(example.kpi,),
            grain=grain,
            periods=tuple(sorted((p for p in periods if p.grain is grain), key=lambda p: p.start)),
            as_of=as_of,
            by=() if example.by is None else (example.by,),
        )


def _outcome(
    example: Example, queries: Sequence[Query], answer: tuple[Table, ...] | Failure
) -> Iterator[Diagnostic]:
    if isinstance(answer, Failure):
        yield _failed(example, answer)
        return
    found: dict[tuple[str, str], dict[str | None, Observation]] = {}
    try:
        for query, rows in zip(queries, answer, strict=True):
            for one in observations(query, rows):
                slices = found.setdefault((one.period.grain.value, one.period.name), {})
                slices[(one.slice[0][1] or "") if one.slice else None] = one
    except BrokenData as broken:
        for diagnostic in broken.diagnostics:
            yield _not_computed(example, diagnostic.message, "Give the rows that are needed, each key once.")
    except (LookupError, TypeError, ValueError) as error:
        raise EngineError("duckdb", "the guarded process sent what is no answer", "") from error
    else:
        yield from compared(example, found)


def _failed(example: Example, why: Failure) -> Diagnostic:
    if why.is_costly:
        return Diagnostic(
            code=TOO_COSTLY,
            message=f"The example is not computed: {why.value}.",
            place=example.place("given"),
            hint="Give fewer rows, and periods that lie nearer to each other.",
        )
    hint = "Look for numbers that are too large, and for texts where the KPI needs something else."
    return _not_computed(example, f"{why.value}.", hint)


def _not_computed(example: Example, why: str, hint: str | None = None) -> Diagnostic:
    return Diagnostic(
        code=FAILS,
        message=f"The example cannot be computed: {why}",
        place=example.place("given"),
        hint=hint,
    )


def _with_left(finding: Diagnostic, left: int) -> Diagnostic:
    others = f"{left:,} {'example was' if left == 1 else 'examples were'}"
    return replace(finding, note=f"After several of the kind, {others} not computed.")
