"""The commit that the definitions are at, read from git's own files; no process is started."""

import re
from pathlib import Path


def commit_of(folder: Path) -> str | None:
    """Return the first seven characters of the commit of the repository around a folder, or None."""
    for parent in (folder, *folder.parents):
        git = parent / ".git"
        try:
            if git.is_file():
                named = git.read_text(encoding="utf-8").strip().removeprefix("gitdir: ")
                git = (parent / named).resolve()
            if git.is_dir():
                return _head(git)
        except (OSError, UnicodeDecodeError):
            return None
    return None


def in_repository(folder: Path) -> str:
    """Return the way from the root of the repository to a folder; empty where it is the root, or none is."""
    for parent in (folder, *folder.parents):
        if (parent / ".git").exists():
            way = folder.relative_to(parent).as_posix()
            return "" if way == "." else way
    return ""


def _head(git: Path) -> str | None:
    head = (git / "HEAD").read_text(encoding="utf-8").strip()
    if not head.startswith("ref: "):
        return _short(head)
    name = head.removeprefix("ref: ")
    if not re.fullmatch(r"refs/[A-Za-z0-9._/-]+", name) or ".." in name:
        return None
    common = git / "commondir"
    homes = [git, (git / common.read_text(encoding="utf-8").strip()).resolve()] if common.is_file() else [git]
    for home in homes:
        if (home / name).is_file():
            return _short((home / name).read_text(encoding="utf-8"))
        packed = home / "packed-refs"
        if packed.is_file():
            for line in packed.read_text(encoding="utf-8").splitlines():
                if line.endswith(f" {name}"):
                    return _short(line)
    return None


def _short(text: str) -> str | None:
    match = re.match(r"[0-9a-f]{40}", text.strip())
    return match[0][:7] if match else None
