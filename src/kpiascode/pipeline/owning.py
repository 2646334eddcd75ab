"""Who approves what, as a CODEOWNERS file: what it should hold, and what it holds."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kpiascode.load.characters import name_of
from kpiascode.load.files import Refusal, read
from kpiascode.model.diagnostic import Diagnostic, Severity, in_order
from kpiascode.model.handles import is_handle
from kpiascode.model.place import Place, Span
from kpiascode.pipeline.home import PROJECT_FILE
from kpiascode.pipeline.marked import BrokenMarkers, Parted, markers, parted
from kpiascode.pipeline.reading import Checked
from kpiascode.pipeline.refusals import WrongDefinitions
from kpiascode.render.codeowners import Approval, approvals, is_expressible, line, pattern

NAME: Final = "CODEOWNERS"
FILES: Final = (f".github/{NAME}", NAME, f"docs/{NAME}", f".gitlab/{NAME}")
"""Where git hosts look for it."""

ABOUT: Final = "# One approval of those on a line is enough. Change the definitions, not these lines."
SECTION: Final = "[kpiascode]"
HEADING: Final = re.compile(r"\^?\[[^\]]*\]")
"""Of GitLab. Lines below one belong to its section, which may be optional, or ask for several approvals."""

READ_BY_GITHUB: Final = 3_000_000
LONGEST: Final = 8_388_608


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """A CODEOWNERS file as it is, and as the definitions want it.

    Args:
        top: The top of the repository; the project folder where there is none.
        path: Of the file, from there.
        told_as: The same from the project folder.
        held: What it holds; None where there is no file.
        wanted: What it should hold.
        block: Our lines of it.
        findings: Warnings: of whom nobody can be asked, and what the host would not read.
    """

    top: Path
    path: str
    told_as: str
    held: bytes | None
    wanted: bytes
    block: str
    findings: tuple[Diagnostic, ...]

    @property
    def difference(self) -> Diagnostic | None:
        """Return that the file is not as it should be, at the first line that is not; None where it is."""
        if self.held == self.wanted:
            return None
        hint = "Write it with `kpi codeowners --write`."
        if self.held is None:
            message = f"There is no `{self.told_as}`, so nobody is asked about a change of a definition."
            return Diagnostic(code="codeowners-differ", message=message, place=_at(self.told_as), hint=hint)
        now, wanted = _lines(self.held), _lines(self.wanted)
        pairs = enumerate(zip(now, wanted, strict=False))
        number = next((n for n, (one, other) in pairs if one != other), min(len(now), len(wanted)))
        said = next((each for each in wanted[number:] if each.strip()), None)
        return Diagnostic(
            code="codeowners-differ",
            message=f"`{self.told_as}` does not say what the definitions do.",
            place=_at(self.told_as, number + 1, len(now[number]) if number < len(now) else 0),
            note=said and f"They say here: {said.strip()}",
            hint=hint,
        )


def top_of(project: Path) -> Path:
    """Return the nearest folder upward that is a repository; the project folder where none is."""
    return next((folder for folder in (project, *project.parents) if (folder / ".git").exists()), project)


def owning(checked: Checked, path: str | None) -> Owned:
    """Return what a CODEOWNERS file is, and should be.

    Args:
        path: From the top of the repository; None for the first one that a git host would read.

    Raises:
        WrongDefinitions: when the file cannot be read, its markers are broken, or a path cannot be written.
    """
    project = checked.folder.resolve()
    top = top_of(project)
    path = _chosen(top) if path is None else path
    told_as = Path(os.path.relpath(top / path, project)).as_posix()
    folder = "" if project == top else project.relative_to(top).as_posix()
    for each in (folder, path):
        if not is_expressible(each):
            raise WrongDefinitions((_inexpressible(each),), {})
    key = pattern(folder) if folder else ""
    held = _read(top, path, told_as)
    around = _parted(held or b"", key, told_as)
    found = approvals(checked.project, PROJECT_FILE)
    block = _block(found, folder, key, path, around)
    wanted = around.with_block(block)
    return Owned(
        top=top,
        path=path,
        told_as=told_as,
        held=held,
        wanted=wanted,
        block="".join(f"{each}\n" for each in block),
        findings=in_order((*_about_owners(checked), *_about_files(found), *_about_size(told_as, wanted))),
    )


def _block(found: Sequence[Approval], folder: str, key: str, path: str, around: Parted) -> list[str]:
    """Return our lines.

    The file is listed itself, since whoever changes it changes who approves. Where others wrote lines above,
    it is theirs to say: ours would take the place of what they say of it.
    """
    listed: dict[str, Approval] = {f"{folder}/{each.path}".lstrip("/"): each for each in found}
    above = around.lines_before
    if not any(each and not each.startswith("#") and not HEADING.match(each) for each in above):
        listed[path] = next(each for each in found if each.path == PROJECT_FILE)
    begin, end = markers(key)
    section = [SECTION] if any(HEADING.match(each) for each in above) else []
    return [begin, ABOUT, *section, *(line(each, listed[each]) for each in sorted(listed)), end]


def _chosen(top: Path) -> str:
    found = (path for path in FILES if os.path.lexists(top / path))
    return next(found, FILES[-1] if _is_of_gitlab(top) else FILES[0])


def _is_of_gitlab(top: Path) -> bool:
    marks = (top / ".gitlab-ci.yml", top / ".gitlab")
    return any(map(os.path.lexists, marks)) and not os.path.lexists(top / ".github")


def _lines(content: bytes) -> list[str]:
    return content.decode("utf-8", "replace").removesuffix("\n").split("\n")


def _read(top: Path, path: str, told_as: str) -> bytes | None:
    found = read(top, path, LONGEST)
    if isinstance(found, bytes):
        if len(found) <= LONGEST:
            return found
        message, hint = (
            f"`{told_as}` is larger than {LONGEST:,} bytes.",
            "Write fewer lines of your own.",
        )
        found = Refusal(told_as, "file-too-large", message, hint)
    if found.code == "missing-path":
        return None
    raise WrongDefinitions((_refused(found, told_as),), {})


def _refused(refusal: Refusal, told_as: str) -> Diagnostic:
    return Diagnostic(code=refusal.code, message=refusal.message, place=_at(told_as), hint=refusal.hint)


def _parted(content: bytes, key: str, told_as: str) -> Parted:
    try:
        return parted(content, key)
    except BrokenMarkers as broken:
        found = Diagnostic(
            code="broken-markers",
            message=broken.message,
            place=_at(told_as, broken.line),
            hint="Delete these lines and their markers, and run `kpi codeowners --write`.",
        )
        raise WrongDefinitions((found,), {told_as: content.decode("utf-8", "replace")}) from None


def _about_owners(checked: Checked) -> Iterator[Diagnostic]:
    """Yield each approver that no git host knows, and each owner for whom nobody can be asked."""
    for owner in checked.project.owners.values():
        document = checked.project.documents["owner", owner.name]
        for position, approver in enumerate(owner.approvers):
            if not is_handle(approver):
                yield Diagnostic(
                    code="approver-without-handle",
                    message=f"This approver of `{owner.name}` is nobody whom a git host could ask.",
                    place=document.place(("approvers", position)),
                    severity=Severity.WARNING,
                    hint='Write an account as "@user", a team as "@org/team", or an e-mail address.',
                )
        if not owner.approvers and not is_handle(owner.contact):
            yield Diagnostic(
                code="owner-without-handle",
                message=f"Nobody can be asked to approve for `{owner.name}`.",
                place=document.place(("contact",)),
                severity=Severity.WARNING,
                hint='Add for example `approvers: ["@acme/finance"]`.',
            )


def _about_files(found: Sequence[Approval]) -> Iterator[Diagnostic]:
    for each in found:
        if each.mutual:
            yield Diagnostic(
                code="owners-approve-each-other",
                message=f"`{each.path}` says who approves for several owners, and nobody stands above them.",
                place=_at(each.path),
                severity=Severity.WARNING,
                hint="Put each into a file of its own, or declare an owner of the unit above them.",
            )


def _about_size(told_as: str, wanted: bytes) -> Iterator[Diagnostic]:
    if len(wanted) >= READ_BY_GITHUB:
        yield Diagnostic(
            code="codeowners-too-large",
            message=f"`{told_as}` has {len(wanted):,} bytes, and GitHub reads none of it from 3 MB on.",
            place=_at(told_as),
            severity=Severity.WARNING,
            hint="Put more definitions into one file, or shorten what stands outside our lines.",
        )


def _inexpressible(path: str) -> Diagnostic:
    odd = next(character for character in path if not character.isprintable())
    return Diagnostic(
        code="forbidden-character",
        message=f"A folder or file on the way holds {name_of(odd)}, which no {NAME} file can name.",
        place=_at(PROJECT_FILE),
        hint="Rename the folder or the file.",
    )


def _at(path: str, line: int = 1, width: int = 0) -> Place:
    return Place(path, Span(line, 1, line, width + 1))
