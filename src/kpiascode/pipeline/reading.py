"""From a folder to a project and everything that is wrong with it. Imports neither sqlglot nor an engine."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from kpiascode import load, resolve, validate
from kpiascode.model.catalog import Catalog
from kpiascode.model.diagnostic import Diagnostic, Severity, in_order
from kpiascode.model.document import Documents
from kpiascode.model.project import Project, Restricted
from kpiascode.pipeline.ruling import Ruling, as_baseline, ruling
from kpiascode.pipeline.trial import misfits
from kpiascode.run.headers import header_catalog

find_project = load.find_project
PROJECT_FILE = load.PROJECT_FILE


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A project as far as it could be understood, and everything that is wrong with it.

    `ruling` tells what became of the findings of rules; those that are to be shown are in `diagnostics`, too.
    `restricted` is what belongs to persons; nothing unless `pipeline/restricted.py` was asked for it.
    """

    folder: Path
    documents: Documents
    project: Project
    catalog: Catalog
    diagnostics: tuple[Diagnostic, ...]
    ruling: Ruling = field(default_factory=Ruling)
    restricted: Restricted = field(default_factory=Restricted)

    @property
    def has_errors(self) -> bool:
        return any(d.severity is Severity.ERROR for d in self.diagnostics)

    def unknown(self, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Return those that are not told yet: what shows once more is known of the data."""
        told = {(d.code, d.place) for d in self.diagnostics}
        return tuple(d for d in diagnostics if (d.code, d.place) not in told)


def read(folder: Path, instead: Mapping[str, str] = MappingProxyType({})) -> Checked:
    """Return the project of a folder: loaded, validated and resolved against the headers of its files.

    Args:
        instead: By path, texts that are read in the place of what files hold.
    """
    return understood(folder, validate.validate(load.load(folder, instead)))


def understood(folder: Path, documents: Documents) -> Checked:
    """Return the project that documents declare, resolved against the headers of the files in a folder."""
    first = resolve.resolve(documents)
    catalog, refused = header_catalog(
        first.project.datasets.values(), project=folder, data_roots=first.project.settings.data_roots
    )
    resolution = resolve.resolve(documents, catalog) if catalog.tables else first
    return Checked(
        folder=folder,
        documents=documents,
        project=resolution.project,
        catalog=catalog,
        diagnostics=in_order((*documents.diagnostics, *resolution.diagnostics, *refused)),
        restricted=resolution.restricted,
    )


def check(
    folder: Path, baseline: Path | None = None, instead: Mapping[str, str] = MappingProxyType({})
) -> Checked:
    """Return the project of a folder with every finding: about shape, references and meaning.

    Whether it is a good project is asked once all of it can be read: what a broken definition uses would
    else be called unused.

    Args:
        baseline: An absolute path; None for the one of the project file.
        instead: By path, texts that are read in the place of what files hold.
    """
    return judged(read(folder, instead), baseline)


def judged(checked: Checked, baseline: Path | None) -> Checked:
    """Return what was read with what the rules find, too."""
    if not checked.has_errors:
        checked = replace(checked, diagnostics=in_order((*checked.diagnostics, *misfits(checked.project))))
    ruled = ruling(
        checked.folder, checked.documents, checked.project, checked.diagnostics, baseline, checked.restricted
    )
    return replace(checked, ruling=ruled, diagnostics=in_order((*checked.diagnostics, *ruled.diagnostics)))


def baseline_of(checked: Checked, findings: Sequence[Diagnostic]) -> str:
    """Return findings of rules as the text of a baseline."""
    return as_baseline(checked.project, checked.documents, findings)
