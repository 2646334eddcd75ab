"""What an earlier check of the same project found, so that nothing unchanged is understood once more.

It holds for the same texts, data files, options and program, all known by their content. To ask for it, no
definition is read as YAML or resolved. What is kept is as trustworthy as the folder that it is kept in, which
is the user's alone; its texts are those of the project, and shown with the same care.
"""

import json
import os
import stat
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kpiascode.load.files import FLAGS, read, yaml_files
from kpiascode.load.project import PROJECT_FILE, SCHEMAS
from kpiascode.load.text import MAX_SIZE
from kpiascode.model.diagnostic import Diagnostic, Edit, Severity, in_order
from kpiascode.model.place import Place, Span
from kpiascode.pipeline.store import Store, key_of
from kpiascode.validate.schemas import schema_folder

if TYPE_CHECKING:
    from kpiascode.pipeline.reading import Checked

WHOLE: Final = 1_048_576
"""Data files up to this size are known by their content; larger ones by size, times and both ends."""

END: Final = 65_536
DATA_ENDINGS: Final = (".csv", ".parquet")
TOLD: Final = ("code", "message", "hint", "note", "veiled")
KEYS: Final = {"paths", "definitions", "files", "found"}
BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a check of a whole project found.

    Args:
        findings: Those that are to be shown.
        about_baseline: Those of them that are shown whatever files are asked for.
        allowed: By file how many findings comments allow.
        hidden: By file how many findings the baseline knows.
        gone: What the baseline knows and nobody finds any more, in words.
        sources: The texts of the project file and of the files of definitions.
    """

    kpis: int
    goals: int
    scorecards: int
    findings: tuple[Diagnostic, ...]
    about_baseline: tuple[Diagnostic, ...]
    allowed: Mapping[str, int]
    hidden: Mapping[str, int]
    gone: tuple[str, ...]
    sources: Mapping[str, str]


def outcome_of(checked: "Checked", of_examples: Sequence[Diagnostic] = ()) -> Outcome:
    """Return what was found, and what is wrong with the worked examples besides."""
    project, ruling = checked.project, checked.ruling
    return Outcome(
        kpis=len(project.kpis),
        goals=len(project.goals),
        scorecards=len(project.scorecards),
        findings=in_order((*checked.diagnostics, *of_examples)),
        about_baseline=ruling.about_baseline,
        allowed=dict(Counter(finding.place.path for finding in ruling.allowed)),
        hidden=dict(Counter(finding.place.path for finding in ruling.hidden)),
        gone=tuple(str(one) for one in ruling.fixed),
        sources=checked.documents.sources,
    )


def recall(folder: Path, options: Sequence[str], store: Store) -> Outcome | None:
    """Return what was found with these options; None where that is not known or something has changed.

    Args:
        folder: Absolute.
        options: Whatever else findings depend on.
    """
    project = read(folder, PROJECT_FILE, MAX_SIZE)
    kept = store.get(_key(folder, options, project)) if isinstance(project, bytes) else None
    record = None if kept is None else _record(kept)
    if record is None:
        return None
    texts = _texts(folder, record["paths"])
    if texts is None or _digest(folder, texts) != record["definitions"]:
        return None
    if any(_fingerprint(Path(file)) != known for file, known in record["files"].items()):
        return None
    return _outcome(record["found"], texts)


def remember(
    checked: "Checked",
    found: Outcome,
    options: Sequence[str],
    store: Store,
    baseline: Path | None,
    since: float,
) -> None:
    """Remember what was found in the whole project.

    Args:
        baseline: The file whose findings are hidden.
        since: When the check began, in seconds since 1970. What changed later may not be what was checked.
    """
    documents = checked.documents
    others = [] if baseline is None else [os.path.join(os.path.realpath(baseline.parent), baseline.name)]
    if (
        documents.project is None
        or store.folder is None
        or not all(map(_is_inside(checked), data_files(checked)))
    ):
        return
    files = {file: _fingerprint(Path(file), since) for file in (*data_files(checked), *others)}
    if None in files.values():
        return
    record = {
        "paths": documents.project.data["paths"],
        "definitions": _digest(
            checked.folder, {path: text.encode() for path, text in documents.sources.items()}
        ),
        "files": files,
        "found": _record_of(found),
    }
    text = documents.sources[PROJECT_FILE].encode()
    store.put(_key(checked.folder, options, text), json.dumps(record).encode())


# --- as JSON


def _record_of(found: Outcome) -> dict[str, Any]:
    return {
        "counts": [found.kpis, found.goals, found.scorecards],
        "findings": [_told(finding) for finding in found.findings],
        "about_baseline": [_told(finding) for finding in found.about_baseline],
        "allowed": found.allowed,
        "hidden": found.hidden,
        "gone": found.gone,
    }


def _outcome(record: Mapping[str, Any], texts: Mapping[str, bytes]) -> Outcome:
    kpis, goals, scorecards = record["counts"]
    return Outcome(
        kpis=kpis,
        goals=goals,
        scorecards=scorecards,
        findings=tuple(map(_read, record["findings"])),
        about_baseline=tuple(map(_read, record["about_baseline"])),
        allowed=record["allowed"],
        hidden=record["hidden"],
        gone=tuple(record["gone"]),
        sources={path: data.decode() for path, data in texts.items()},
    )


def _told(finding: Diagnostic) -> dict[str, Any]:
    return {
        **{name: getattr(finding, name) for name in TOLD},
        "severity": finding.severity.value,
        "path": finding.place.path,
        "span": astuple(finding.place.span),
        "fix": [(astuple(edit.span), edit.text) for edit in finding.fix],
    }


def _read(told: dict[str, Any]) -> Diagnostic:
    return Diagnostic(
        **{name: told[name] for name in TOLD},
        severity=Severity(told["severity"]),
        place=Place(told["path"], Span(*told["span"])),
        fix=tuple(Edit(Span(*span), text) for span, text in told["fix"]),
    )


# --- what it holds for


def _key(folder: Path, options: Sequence[str], project: bytes) -> str:
    return key_of("outcome", program(), str(folder), *options, "", project.removeprefix(BOM))


def _record(kept: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(kept)
    except ValueError:
        return None
    return record if isinstance(record, dict) and record.keys() == KEYS else None


def _texts(folder: Path, paths: Sequence[str]) -> dict[str, bytes] | None:
    """Return all definitions as they are now; None where something cannot be read as it should."""
    texts: dict[str, bytes] = {}
    found = (path for entry in paths for path in yaml_files(folder, os.path.normpath(entry)))
    for path in (PROJECT_FILE, *found):
        data = read(folder, path, MAX_SIZE) if isinstance(path, str) else None
        if not isinstance(path, str) or not isinstance(data, bytes):
            return None
        texts[path] = data.removeprefix(BOM)
    return texts


def _digest(folder: Path, texts: Mapping[str, bytes]) -> str:
    schemas = (path for path in SCHEMAS if (folder / path).is_file())
    return key_of(*(part for path in sorted(texts) for part in (path, texts[path])), "", *schemas)


def data_files(checked: "Checked") -> Iterator[str]:
    """Yield where the files of datasets lie, whether the dataset is sound or not."""
    documents, home = checked.documents, os.path.realpath(checked.folder)
    for document in (*documents.items, *documents.broken):
        source = document.data.get("source")
        if isinstance(source, str) and source.lower().endswith(DATA_ENDINGS):
            yield os.path.normpath(os.path.join(home, source))


def _is_inside(checked: "Checked") -> Callable[[str], bool]:
    """Return whether a file lies where data may lie; others are refused, and not even looked at here."""
    home = os.path.realpath(checked.folder)
    roots = [
        home,
        *(os.path.normpath(os.path.join(home, root)) for root in checked.project.settings.data_roots),
    ]
    return lambda file: any(Path(file).is_relative_to(root) for root in roots)


def _fingerprint(file: Path, before: float | None = None) -> str | None:
    """Return what tells one content of a file from another; None where it cannot be read or is too new.

    A file behind a link is not opened.
    """
    if os.path.realpath(file) != str(file):
        return None
    try:
        descriptor = os.open(file, FLAGS)
        with open(descriptor, "rb") as opened:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or (before is not None and found.st_mtime >= before):
                return None
            if found.st_size <= WHOLE:
                return key_of(os.path.realpath(file), opened.read())
            ends = [opened.read(END)]
            opened.seek(-END, os.SEEK_END)
            ends.append(opened.read())
    except OSError:
        return None
    told = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
    return key_of(os.path.realpath(file), *(str(number) for number in told), *ends)


@cache
def program() -> str:
    """Return one digest for everything that findings come from: this package, what it uses, and Python."""
    parts: list[bytes | str] = [sys.version]
    for folder in (Path(__file__).parents[1], schema_folder()):
        for file in sorted(_files(folder)):
            with open(file, "rb") as opened:
                parts += [os.path.relpath(file, folder), opened.read()]
    return key_of(*parts, "", *sorted(_distributions()))


def _files(folder: Path) -> Iterable[str]:
    for above, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (os.path.join(above, name) for name in files if name.endswith((".py", ".json")))


def _distributions() -> Iterable[str]:
    """Yield the name and version of everything that is installed."""
    for entry in sys.path:
        try:
            yield from (name for name in os.listdir(entry or ".") if name.endswith(".dist-info"))
        except OSError:
            continue
