"""What is asked of an engine, and what is right: folders with values by hand, and worlds with an oracle's."""

import csv
import shlex
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final, TypeAlias

import kpiascode
from kpiascode.conformance import reference as ref
from kpiascode.conformance.worlds import cases
from kpiascode.conformance.writing import write_project
from kpiascode.model.calendar import Grain
from kpiascode.pipeline.asking import Ask

Key: TypeAlias = tuple[str, str, str]
"""KPI, period and slice, its values with `|` between them and `null` for none."""

_PACKAGE: Final = Path(kpiascode.__file__).parent
_FOLDERS: Final = ("cases", "traps")


@dataclass(frozen=True, slots=True)
class Values:
    """By key the right value; None is undefined, a float one that is not exact."""

    by_key: Mapping[Key, Decimal | float | None]


@dataclass(frozen=True, slots=True)
class NoValue:
    """Data of which no number may be given: the codes of one of these findings are told.

    Args:
        may_be_silent: Whether nothing is seen of it where there is no slice.
    """

    codes: frozenset[str]
    may_be_silent: bool


@dataclass(frozen=True, slots=True)
class AnError:
    """What has no answer: any error is right, and any value is wrong."""


Right: TypeAlias = Values | NoValue | AnError


@dataclass(frozen=True, slots=True)
class Folder:
    """A project with data, a question as `kpi run` takes it, and values that were computed by hand."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    def ask(self) -> Ask:
        parser = ArgumentParser()
        parser.add_argument("kpis", nargs="*")
        parser.add_argument("--from", dest="start", type=date.fromisoformat)
        parser.add_argument("--to", dest="end", type=date.fromisoformat)
        parser.add_argument("--as-of", dest="as_of", type=datetime.fromisoformat, required=True)
        parser.add_argument("--grain", type=Grain)
        parser.add_argument("--by", action="append", default=[])
        parser.add_argument("--where")
        asked = parser.parse_args(shlex.split((self.path / "question.txt").read_text(encoding="utf-8")))
        return Ask(**{**vars(asked), "kpis": tuple(asked.kpis), "by": tuple(asked.by)})

    def right(self) -> Right:
        values = self.path / "expected" / "observations.csv"
        if not values.exists():
            return AnError()
        with values.open(newline="", encoding="utf-8") as lines:
            return Values(
                {
                    (row["kpi"], row["period"], row["slice"]): Decimal(row["value"]) if row["value"] else None
                    for row in csv.DictReader(lines)
                }
            )

    @contextmanager
    def project(self) -> Iterator[Path]:
        yield self.path


@dataclass(frozen=True, slots=True)
class World:
    """A random project with random data and a random question; the same for a seed wherever it is thrown."""

    seed: int

    @property
    def name(self) -> str:
        return f"world_{self.seed:04}"

    def ask(self) -> Ask:
        _, asked, _ = _thrown(self.seed)
        return Ask(
            kpis=asked.kpis,
            as_of=asked.as_of,
            grain=Grain(asked.grain),
            start=asked.first,
            end=asked.end,
            by=asked.by,
            where=None if asked.where is None else ref.written(asked.where),
        )

    def right(self) -> Right:
        _, _, right = _thrown(self.seed)
        return right

    @contextmanager
    def project(self) -> Iterator[Path]:
        project, _, _ = _thrown(self.seed)
        with TemporaryDirectory(prefix="kpiascode-") as folder:
            write_project(project, Path(folder))
            yield Path(folder)


Case: TypeAlias = Folder | World


@cache
def _thrown(seed: int) -> tuple[ref.Project, ref.Question, Values | NoValue]:
    """Return the first world of a seed that can be asked and has some value; each fifth may be broken."""
    chance = Random(seed)
    while True:
        project, asked = cases().throw(chance)
        try:
            right = _answered(project, asked)
        except ref.Meaningless:
            continue
        match right:
            case NoValue() if seed % 5 == 0:
                return project, asked, right
            case Values(by_key) if any(value is not None for value in by_key.values()):
                return project, asked, right


def _answered(project: ref.Project, asked: ref.Question) -> Values | NoValue:
    try:
        found = ref.answers(project, asked)
    except ref.Broken as broken:
        return NoValue(causes(broken.codes), broken.empty)
    return Values({(kpi, period, told(key)): value for (kpi, period, key), value in found.items()})


def causes(codes: frozenset[str] | set[str]) -> frozenset[str]:
    """Return what is told of broken data: last rows only where no partner may have doubled them."""
    return frozenset(codes - {"last-row-not-unique"} or codes)


def told(values: tuple[str | None, ...]) -> str:
    return "|".join("null" if value is None else value for value in values)


def folders() -> tuple[Folder, ...]:
    """Return the cases and then the traps; in a wheel they lie in `_shipped/`, in a checkout in `tests/`."""
    shipped = _PACKAGE / "_shipped"
    root = shipped if (shipped / _FOLDERS[0]).is_dir() else _PACKAGE.parent.parent / "tests"
    questions = (path for folder in _FOLDERS for path in sorted((root / folder).glob("*/question.txt")))
    return tuple(Folder(path.parent) for path in questions)
