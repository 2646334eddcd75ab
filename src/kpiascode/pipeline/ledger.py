"""The ledger of a project, read and held against itself."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.ledger import Publication
from kpiascode.pipeline.refusals import WrongDefinitions
from kpiascode.record import SHOWN, Conflict, Difference, Ledger, Store, chained, difference
from kpiascode.record.segments import Broken, broken, publication_of
from kpiascode.record.store import Unreadable

__all__ = [
    "SHOWN",
    "Audit",
    "Conflict",
    "Difference",
    "Ledger",
    "Store",
    "audited",
    "between",
    "named",
    "publications",
    "read",
    "store_of",
]

FOLDER: Final = "ledger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What there is in a ledger, and everything that is wrong with it. With findings `ledger` is empty."""

    ledger: Ledger
    files: int
    findings: tuple[Diagnostic, ...]


def store_of(project: Path, folder: Path | None) -> Store:
    """Return the ledger of a project: a folder beside its file, unless another one is named."""
    chosen = project / FOLDER if folder is None else folder
    inside = chosen.is_relative_to(project)
    told_as = chosen.relative_to(project).as_posix() if inside else os.fspath(chosen)
    return Store(folder=chosen, told_as=told_as)


def read(store: Store) -> Ledger | None:
    """Return the ledger; None where there is none.

    Raises:
        WrongDefinitions: when any of it is missing or was changed.
    """
    if not store.exists():
        return None
    audit = audited(store)
    if audit.findings:
        raise WrongDefinitions(audit.findings, {})
    return audit.ledger


def publications(store: Store) -> tuple[Publication, ...] | None:
    """Return what was published, the oldest first; None without a ledger.

    Raises:
        WrongDefinitions: when any of it is missing or was changed.
    """
    ledger = read(store)
    return None if ledger is None else ledger.publications


def audited(store: Store) -> Audit:
    """Return a ledger that is there, as far as it is whole."""
    files, foreign = store.files()
    found, findings = {}, list(foreign)
    for file in files:
        path = f"{store.told_as}/{file.path}"
        try:
            found[path] = publication_of(store.read(file), folder=file.folder, name=file.name, path=path)
        except Broken as refused:
            findings.append(refused.diagnostic)
        except Unreadable as unread:
            findings.append(broken(path, 0, str(unread)))
    if findings:  # what follows a broken one would be told as broken, too
        return Audit(ledger=Ledger(told={}), files=len(files), findings=tuple(findings))
    ledger, wrong = chained(found)
    return Audit(ledger=Ledger(told={}) if wrong else ledger, files=len(files), findings=wrong)


def between(ledger: Ledger, before: int, after: int) -> Difference:
    """Return what changed from the publication at one place of the ledger to that at a later one."""
    return difference(ledger.publications[: before + 1], ledger.publications[: after + 1])


def named(ledger: Ledger, name: str) -> Sequence[int]:
    """Return the places of publications that a name may mean: `HEAD`, `HEAD~2`, or the start of a hash."""
    last = len(ledger.publications) - 1
    if name == "HEAD" or name.startswith("HEAD~"):
        steps = name.removeprefix("HEAD").removeprefix("~") or "0"
        back = int(steps) if steps.isdecimal() and len(steps) < 7 else last + 1
        return [last - back] if back <= last else []
    return [at for at, one in enumerate(ledger.publications) if name and one.hash.startswith(name)]
