"""Reads the restricted folder: one document a file, in plain YAML or encrypted with age.

What is encrypted is decrypted in memory. Places of findings have a head of their own, so that nobody looks
for the file in the open repository, and no finding tells more of a file than where it is wrong.
"""

import os
import posixpath
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from kpiascode.load.files import FLAGS, Refusal, every_file, read
from kpiascode.load.project import MAX_BYTES, MAX_FILES, MAX_VALUES
from kpiascode.load.text import MAX_SIZE, read_text, start_of, too_large
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.document import Document
from kpiascode.model.place import Place, Span

HEAD: Final = "(restricted)/"
NOWHERE: Final = Place("", Span(0, 0, 0, 0))
PLAIN: Final = (".yaml", ".yml")
ENCRYPTED: Final = (".yaml.age", ".yml.age")
OF_GIT: Final = frozenset({".gitattributes", ".gitignore", ".gitkeep", ".gitmodules"})
OF_HOSTS: Final = frozenset({".github", ".gitlab", ".gitlab-ci.yml"})
"""At the top of the folder, which may be a repository of its own with CI of its own."""

READ_BY_PEOPLE: Final = re.compile(r"readme(\.(md|rst|txt))?", re.IGNORECASE)
MAX_ENCRYPTED: Final = 2 * MAX_SIZE
"""As text (armor) an encrypted file is a third longer, and its head names those who may read it."""

MAX_IDENTITY: Final = 65_536
INSTALL: Final = "`pip install 'kpiascode[privacy]'`"
VARIABLE: Final = "KPI_AGE_IDENTITY"
CODE: Final = re.compile("`([^`]*)`")
HARMLESS: Final = re.compile(r"[a-z][a-z0-9_]*|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]+|[^\w\s]{1,3}|-->?|")
"""What a message may repeat: names, which are handles, days, numbers and signs."""

SAYS_NAMES: Final = re.compile(r"invalid-name|unknown-(?!k)")
"""Findings whose hint makes a name of what was written, or lists names that were made so: of `Robin Example`
comes `robin_example`. `unknown-key` and `unknown-kind` list words of ours."""

Identities: TypeAlias = Sequence[Any]
"""Keys of the library, which has no types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictedFile:
    """What came of one file. `path` is relative to the restricted folder."""

    path: str
    documents: tuple[Document, ...]
    findings: tuple[Diagnostic, ...]
    size: int = 0
    values: int = 0
    is_whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictedFiles:
    """All files, by path, and what keeps others from being read; is_whole: nothing is missing."""

    files: tuple[RestrictedFile, ...]
    findings: tuple[Diagnostic, ...] = ()

    @property
    def documents(self) -> tuple[Document, ...]:
        return tuple(document for file in self.files for document in file.documents)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return (*self.findings, *(finding for file in self.files for finding in file.findings))

    @property
    def is_whole(self) -> bool:
        return not self.findings and all(file.is_whole for file in self.files)


def load_restricted(folder: Path, identity: Path | None) -> RestrictedFiles:
    """Return what stands in a restricted folder, and what of it could not be read.

    Args:
        identity: The file of the keys by which encrypted files are read.
    """
    if refused := tuple(wrong_folder(folder)):
        return RestrictedFiles(files=(), findings=refused)
    found = []
    for entry in every_file(folder, _is_no_document):
        found.append(entry)
        if len(found) > MAX_FILES:
            return RestrictedFiles(files=(), findings=(_too_many(),))
    findings = [_finding(one) for one in found if isinstance(one, Refusal)]
    every = sorted(one for one in found if isinstance(one, str))
    paths = [path for path in every if _is_read(path)]
    findings += [_not_read(path) for path in every if not _is_read(path)]
    identities: Identities = ()
    encrypted = [path for path in paths if path.endswith(ENCRYPTED)]
    if encrypted:
        read_keys = _identities(identity, len(encrypted))
        if isinstance(read_keys, Diagnostic):
            findings.append(read_keys)
            paths = [path for path in paths if not path.endswith(ENCRYPTED)]
        else:
            identities = read_keys
    files = tuple(_files(folder, paths, identities))
    if len(files) < len(paths):
        return RestrictedFiles(files=(), findings=(_too_much(),))
    return RestrictedFiles(files=files, findings=tuple(findings))


def wrong_folder(folder: Path) -> Iterator[Diagnostic]:
    """Yield why a folder is not one that only its owner can look into."""
    try:
        found = os.lstat(folder)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        yield _wrong(
            "unreadable-file", f"The restricted folder cannot be read: {reason}.", "Correct its path."
        )
        return
    if stat.S_ISLNK(found.st_mode):
        message = "The restricted folder is a symbolic link, and links are not followed."
        yield _wrong("symlink-refused", message, "Name the folder itself.")
    elif not stat.S_ISDIR(found.st_mode):
        message = "What should be the restricted folder is none."
        yield _wrong("not-a-folder", message, "Name the folder in which the files lie.")
    elif _is_shared(found):
        message = "Others than its owner may look into the restricted folder."
        yield _wrong("restricted-folder-shared", message, f"Run `chmod 700 {folder}`.")


def veiled(finding: Diagnostic) -> Diagnostic:
    """Return a finding, in such a file without any words of it but names, days and numbers."""
    if not finding.place.path.startswith(HEAD):
        return finding
    return replace(
        finding,
        message=_without_words(finding.message),
        hint=None
        if finding.hint is None or SAYS_NAMES.match(finding.code)
        else _without_words(finding.hint, also_ours=True),
        note=None if finding.note is None else _without_words(finding.note),
        fix=(),
        veiled=True,
    )


def _without_words(text: str, *, also_ours: bool = False) -> str:
    """Return a sentence in which what is repeated of a file is left out.

    Args:
        also_ours: Whether what is written like YAML or a command stays, as hints have it.
    """

    def kept(match: re.Match[str]) -> str:
        words = match[1]
        is_ours = also_ours and (words.startswith("kpi ") or words.endswith(":"))
        return match[0] if is_ours or HARMLESS.fullmatch(words) else "`…`"

    return CODE.sub(kept, text)


# --- files


def _is_no_document(path: str, is_folder: bool) -> bool:
    """Return whether something needs no look: it is of git or its host, or tells people what is here."""
    name = posixpath.basename(path)
    if name == ".git" or path in OF_HOSTS:
        return True
    return not is_folder and (name in OF_GIT or READ_BY_PEOPLE.fullmatch(name) is not None)


def _is_read(path: str) -> bool:
    """Return whether a file is read as a document: by its ending in small letters, if it is not hidden."""
    is_hidden = any(part.startswith(".") for part in path.split("/"))
    return path.endswith((*PLAIN, *ENCRYPTED)) and not is_hidden


def _files(folder: Path, paths: Sequence[str], identities: Identities) -> Iterator[RestrictedFile]:
    """Yield the files, as long as all of them together are not too large."""
    size = values = 0
    for path in paths:
        file = _file(folder, path, identities)
        size += file.size
        values += file.values
        if size > MAX_BYTES or values > MAX_VALUES:
            return
        yield file


def _file(folder: Path, path: str, identities: Identities) -> RestrictedFile:
    is_encrypted = path.endswith(ENCRYPTED)
    data = read(folder, path, MAX_ENCRYPTED if is_encrypted else MAX_SIZE)
    shown = f"{HEAD}{path}"
    if isinstance(data, Refusal):
        return _unread(path, _finding(data))
    if is_encrypted and len(data) <= MAX_ENCRYPTED:
        plain = _decrypted(data, identities)
        if plain is None:
            return _unread(path, _not_decrypted(shown))
        data = plain
    if len(data) > MAX_SIZE:
        return _unread(path, too_large(shown))
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        message, hint = f"`{shown}` is no UTF-8.", "Save the file as UTF-8."
        return _unread(
            path, Diagnostic(code="not-utf8", message=message, place=start_of(shown), hint=hint, veiled=True)
        )
    found = read_text(shown, text)
    return RestrictedFile(
        path=path,
        documents=found.documents,
        findings=(*map(veiled, found.findings), *_others(found.documents)),
        size=len(data),
        values=found.values,
        is_whole=found.is_whole,
    )


def _unread(path: str, finding: Diagnostic) -> RestrictedFile:
    return RestrictedFile(path=path, documents=(), findings=(finding,))


def _others(documents: Sequence[Document]) -> Iterator[Diagnostic]:
    for document in documents[1:2]:
        yield Diagnostic(
            code="several-documents",
            message="A restricted file holds more than one document.",
            place=document.place(),
            hint="Give each a file of its own, so that it can be removed whole when its time is over.",
            veiled=True,
        )


# --- age


def _identities(file: Path | None, count: int) -> Identities | Diagnostic:
    """Return the keys of a file, or why there are none."""
    if file is None:
        which = "A restricted file is" if count == 1 else f"{count:,} restricted files are"
        message = f"{which} encrypted, and nobody says with which key."
        return _wrong("identity-refused", message, f"Set {VARIABLE} to the path of an age or SSH identity.")
    try:
        import pyrage
    except ImportError:
        message = "What is encrypted with age cannot be read here, since the library for it is missing."
        return _wrong("age-missing", message, f"Install it: {INSTALL}.")
    data = _key_text(file)
    if isinstance(data, str):
        return _wrong(
            "identity-refused", data, f"{VARIABLE} names a file that only you may read: `chmod 600`."
        )
    try:
        if b"-----BEGIN" in data:
            return (pyrage.ssh.Identity.from_buffer(data),)
        lines = (line.strip() for line in data.decode("ascii").splitlines())
        keys = tuple(
            pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")
        )
    except (pyrage.IdentityError, ValueError):
        message = f"The file that {VARIABLE} names holds no identity that can be used."
        hint = "It holds keys of `age-keygen`, or one SSH key, in both cases without a passphrase."
        return _wrong("identity-refused", message, hint)
    if not keys:
        message = f"The file that {VARIABLE} names holds no key."
        return _wrong("identity-refused", message, "Make one with `age-keygen`.")
    return keys


def _key_text(file: Path) -> bytes | str:
    """Return what a file of keys holds, or why it is not read."""
    try:
        descriptor = os.open(file, FLAGS)
        with open(descriptor, "rb") as opened:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                return f"What {VARIABLE} names is no regular file."
            if _is_shared(found):
                return f"Others than its owner may read the file that {VARIABLE} names."
            data = opened.read(MAX_IDENTITY + 1)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        return f"The file that {VARIABLE} names cannot be read: {reason}."
    return data if len(data) <= MAX_IDENTITY else f"The file that {VARIABLE} names is too large for a key."


def _decrypted(data: bytes, identities: Identities) -> bytes | None:
    """Return what a file says, perhaps more than is read; None where it is not for these keys, or cut."""
    import pyrage

    try:
        plain: bytes = pyrage.decrypt(data, identities)
    except pyrage.DecryptError:
        return None
    return plain


def _is_shared(found: os.stat_result) -> bool:
    """Return whether others than its owner have any right; where there are no such rights, nobody has."""
    return hasattr(os, "geteuid") and bool(stat.S_IMODE(found.st_mode) & 0o077)


# --- findings


def _wrong(code: str, message: str, hint: str) -> Diagnostic:
    return Diagnostic(code=code, message=message, place=NOWHERE, hint=hint)


def _not_decrypted(shown: str) -> Diagnostic:
    return Diagnostic(
        code="not-decrypted",
        message=f"`{shown}` cannot be decrypted: it is for another key, or not whole.",
        place=start_of(shown),
        hint=f"Set {VARIABLE} to an identity that it is encrypted for, or fetch the file again.",
    )


def _finding(refusal: Refusal) -> Diagnostic:
    place = NOWHERE if refusal.path is None else start_of(f"{HEAD}{refusal.path}")
    return Diagnostic(code=refusal.code, message=refusal.message, place=place, hint=refusal.hint)


def _not_read(path: str) -> Diagnostic:
    return Diagnostic(
        code="restricted-file-not-read",
        message="The file is not read, so nobody knows whom it is about and until when it may be kept.",
        place=start_of(f"{HEAD}{path}"),
        hint=f"Let its name end in {', '.join((*PLAIN, *ENCRYPTED))} and begin with no dot, or remove it.",
        veiled=True,
    )


def _too_many() -> Diagnostic:
    message = f"There are more than {MAX_FILES:,} restricted files."
    return _wrong("too-many-files", message, "Remove those whose time is over.")


def _too_much() -> Diagnostic:
    message = f"The restricted files hold more than {MAX_BYTES:,} bytes or {MAX_VALUES:,} values."
    return _wrong("project-too-large", message, "Remove those whose time is over.")
