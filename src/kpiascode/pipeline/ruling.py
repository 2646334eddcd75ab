"""What the rules find, less what is allowed by a comment and what a baseline knows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kpiascode import lint
from kpiascode.lint import Known
from kpiascode.lint.baseline import HINT
from kpiascode.load.files import Refusal, inside, read
from kpiascode.model.diagnostic import Diagnostic, Severity
from kpiascode.model.document import Documents
from kpiascode.model.place import Place, Span
from kpiascode.model.project import Project, Restricted

NOBODY: Final = Restricted()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What became of the findings of the rules.

    Args:
        asked: Whether the rules were asked at all; they are not while definitions are of the wrong shape.
        open: Findings of rules that nobody allows and no baseline knows.
        allowed: Those that a comment allows.
        hidden: Those that the baseline knows.
        fixed: What the baseline knows and nobody finds any more.
        about_rules: What is wrong with the choice of rules, and with the comments.
        about_baseline: What is wrong with the baseline; then it hides nothing.
    """

    asked: bool = False
    open: tuple[Diagnostic, ...] = ()
    allowed: tuple[Diagnostic, ...] = ()
    hidden: tuple[Diagnostic, ...] = ()
    fixed: tuple[Known, ...] = ()
    about_rules: tuple[Diagnostic, ...] = ()
    about_baseline: tuple[Diagnostic, ...] = ()

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return what is to be shown."""
        return (*self.about_rules, *self.about_baseline, *self.open)


def ruling(
    folder: Path,
    documents: Documents,
    project: Project,
    found: Sequence[Diagnostic],
    baseline: Path | None,
    restricted: Restricted = NOBODY,
) -> Ruling:
    """Ask the rules, and part what they find.

    Args:
        found: What is wrong with shape and references. While it holds errors, a rule may not have seen all
            of a definition, so that nothing is said of comments without use.
        baseline: An absolute path that takes the place of the project's own one.
        restricted: The persons who are not to be named in the open.
    """
    chosen = project.settings.check
    codes = frozenset(finding.code for finding in found)
    about_rules = [
        *lint.wrong_choices(chosen, codes),
        *lint.wrong_allows(documents.allows, codes),
        *lint.near_allows(documents.near_allows),
    ]
    if documents.is_whole:
        about_rules += lint.unused_paths(chosen, documents.sources)
    known, about_baseline = _known(folder, documents, project, baseline)
    if documents.broken or not documents.is_whole:
        return Ruling(about_rules=tuple(about_rules), about_baseline=about_baseline)
    applied = lint.apply(documents.allows, lint.lint(project, tuple(restricted.persons.values())))
    if not any(finding.severity is Severity.ERROR for finding in found):
        about_rules += lint.unused_allows(documents.allows, applied, lint.select(chosen), documents.sources)
    if known is None:
        compared = lint.Compared(shown=applied.shown, hidden=(), fixed=())
    else:
        prints = lint.Fingerprints(project.documents, documents.sources)
        compared = lint.compare(known, applied.shown, prints)
    return Ruling(
        asked=True,
        open=compared.shown,
        allowed=applied.allowed,
        hidden=compared.hidden,
        fixed=compared.fixed,
        about_rules=tuple(about_rules),
        about_baseline=about_baseline,
    )


def as_baseline(project: Project, documents: Documents, findings: Sequence[Diagnostic]) -> str:
    """Return findings of rules as the text of a baseline."""
    return lint.written(findings, lint.Fingerprints(project.documents, documents.sources))


def known_findings(folder: Path, documents: Documents, project: Project) -> tuple[str, ...]:
    """Return what the project's own baseline hides, an entry for each finding; nothing where it is broken."""
    known, _ = _known(folder, documents, project, None)
    return () if known is None else tuple(sorted(str(one) for one in known.elements()))


def _known(
    folder: Path, documents: Documents, project: Project, given: Path | None
) -> tuple[Counter[Known] | None, tuple[Diagnostic, ...]]:
    """Return what the baseline knows, None where there is none, and what is wrong with it."""
    own = project.settings.check.baseline
    if given is not None:
        root, path = _rooted(folder, given)
        place = Place(path, Span(1, 1, 1, 1))
    elif own is not None and documents.project is not None:
        root, place = folder, documents.project.place(("check", "baseline"))
        plain = inside(own)
        if isinstance(plain, Refusal):
            return None, (_refused(plain, place),)
        path = plain
    else:
        return None, ()
    data = read(root, path, lint.MAX_BASELINE)
    if isinstance(data, Refusal):
        return None, (_refused(data, place),)
    try:
        return lint.read_baseline(data), ()
    except lint.BrokenBaseline as error:
        message = f"The baseline `{path[:80]}` {error}."
        return None, (Diagnostic(code="broken-baseline", message=message, place=place, hint=HINT),)


def _rooted(folder: Path, file: Path) -> tuple[Path, str]:
    """Return a file as a path below the project, or else below its own folder: no link is followed there."""
    if file.is_relative_to(folder):
        return folder, file.relative_to(folder).as_posix()
    return file.parent, file.name


def _refused(refusal: Refusal, place: Place) -> Diagnostic:
    hint = HINT if refusal.code == "missing-path" else refusal.hint
    return Diagnostic(
        code=refusal.code, message=f"The baseline is not read: {refusal.message}", place=place, hint=hint
    )
