"""What becomes a side of a comparison, what cannot, and that nothing is touched or started on the way."""

import gzip
import io
import os
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kpiascode.load import archives, load, placing, revision
from kpiascode.load import git as asking
from kpiascode.load.git import Git
from kpiascode.load.revision import (
    NoProject,
    Side,
    Unavailable,
    add_data,
    is_revision,
    merge_base,
    side_of,
)
from kpiascode.model.document import Documents

PROGRAM = shutil.which("git") or "git"
PROJECT = "version: 1\nname: acme\npaths: [kpis]\ncheck: {baseline: known.json}\n"
KPI = "kind: kpi\nname: margin\nowner: cfo\nexpression: sum(a) / sum(b)\n"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n"

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")


class Repository:
    """A repository; `company` may be the project folder in it."""

    def __init__(self, folder: Path, project: str = "") -> None:
        self.folder = folder
        self.project = folder / project
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder.parent)}
        self.project.mkdir(parents=True, exist_ok=True)
        self.run("init", "--quiet", "--initial-branch=main")

    @property
    def git(self) -> Git:
        return Git(PROGRAM, self.environment, self.project)

    def run(self, *arguments: str, given: bytes = b"") -> str:
        who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "protocol.file.allow=always")
        dates = {f"GIT_{one}_DATE": "2026-01-01T12:00:00Z" for one in ("AUTHOR", "COMMITTER")}
        done = subprocess.run(
            [PROGRAM, *who, *arguments],
            cwd=self.folder,
            env={**self.environment, "GIT_CONFIG_NOSYSTEM": "1", **dates},
            input=given,
            capture_output=True,
            check=True,
        )
        return done.stdout.decode()

    def commit(self, files: dict[str, str | bytes | None], message: str = "Change") -> str:
        """Write or remove files below the project folder, commit, and return the name of the commit."""
        write(self.project, files)
        self.run("add", "--all")
        self.run("commit", "--quiet", "--allow-empty", "-m", message)
        return self.name("HEAD")

    def name(self, word: str) -> str:
        return self.run("rev-parse", word).strip()

    def tree(self, *entries: tuple[str, str, str | bytes]) -> str:
        """Commit a tree whose names git itself would refuse to add; return the name of the commit."""
        made = b"".join(
            f"{mode} {name}".encode("utf-8", "surrogateescape")
            + b"\0"
            + bytes.fromhex(self.object(mode, held))
            for mode, name, held in entries
        )
        top = self.run("hash-object", "-t", "tree", "-w", "--stdin", "--literally", given=made).strip()
        return self.run("commit-tree", "-m", "Hostile", top).strip()

    def object(self, mode: str, held: str | bytes) -> str:
        """Return the name of a blob; of a tree or a commit, `held` is the name."""
        if mode in ("40000", "160000"):
            assert isinstance(held, str)
            return held
        content = held.encode() if isinstance(held, str) else held
        return self.run("hash-object", "-w", "--stdin", given=content).strip()

    def subtree(self, *entries: tuple[str, str, str]) -> str:
        return self.run("rev-parse", f"{self.tree(*entries)}^{{tree}}").strip()


def write(folder: Path, files: dict[str, str | bytes | None]) -> None:
    for path, held in files.items():
        file = folder / path
        if held is None:
            file.unlink()
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(held.encode() if isinstance(held, str) else held)


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repo")
    made.commit({"kpiascode.yaml": PROJECT, "kpis/a.yaml": KPI})
    return made


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def files_of(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def codes(documents: Documents) -> list[str]:
    return sorted(f"{finding.place.path} {finding.code}" for finding in documents.diagnostics)


def refusal(ask: Callable[[], object]) -> tuple[str, str]:
    """Return why something cannot be had, and what to do."""
    with pytest.raises(Unavailable) as told:
        ask()
    assert told.value.reason.endswith("."), told.value.reason
    assert told.value.hint.endswith("."), told.value.hint
    return told.value.reason, told.value.hint


# --- a revision


def test_a_revision_is_read_as_it_was_committed(repo: Repository, into: Path) -> None:
    before = load(repo.project)
    name = repo.name("HEAD")
    repo.commit({"kpis/a.yaml": KPI.replace("cfo", "coo"), "kpis/b.yaml": KPI})

    side = side_of("HEAD~1", repo.git, into)

    assert side == Side(folder=into / "project", label=f"HEAD~1@{name[:7]}", commit=name)
    assert load(side.folder) == before


@pytest.mark.parametrize(
    ("word", "label"),
    [
        pytest.param("main", "main@{7}", id="a branch"),
        pytest.param("refs/heads/main", "refs/heads/main@{7}", id="a ref"),
        pytest.param("v1.0", "v1.0@{7}", id="a tag with a message"),
        pytest.param("größe/neu", "größe/neu@{7}", id="a branch in another script"),
        pytest.param("{40}", "{7}", id="a commit"),
        pytest.param("{9}", "{7}", id="the beginning of a commit"),
    ],
)
def test_the_words_for_a_revision(repo: Repository, into: Path, word: str, label: str) -> None:
    name = repo.name("HEAD")
    repo.run("tag", "--annotate", "-m", "First", "v1.0")
    repo.run("branch", "größe/neu")
    for length in (7, 9, 40):
        word, label = (text.replace(f"{{{length}}}", name[:length]) for text in (word, label))

    side = side_of(word, repo.git, into)

    assert (side.label, side.commit) == (label, name)


def test_a_commit_in_the_place_of_a_word(repo: Repository, into: Path) -> None:
    """The merge base is read, and called by the branch that it belongs to."""
    first = repo.name("HEAD")
    repo.commit({"kpis/a.yaml": KPI.replace("cfo", "coo")})

    side = side_of("main", repo.git, into, commit=first)

    assert (side.label, side.commit) == (f"main@{first[:7]}", first)
    assert load(side.folder).items[0].data["owner"] == "cfo"


def test_only_what_a_project_needs_is_there(repo: Repository, into: Path) -> None:
    repo.commit(
        {
            "kpiascode.yaml": PROJECT.replace("[kpis]", "[kpis, goals/only.yaml, words]"),
            "kpis/deep/b.yml": KPI,
            "kpis/README.md": "Words",
            "kpis/.hidden/c.yaml": KPI,
            "kpis/.d.yaml": KPI,
            "goals/only.yaml": KPI,
            "goals/other.yaml": KPI,
            "words/README.md": "Words",
            "elsewhere/e.yaml": KPI,
            "data/rows.csv": "a\n1\n",
            "known.json": "{}",
            "other.json": "{}",
            "schemas/bundle.schema.json": "{}",
            "schemas/more.json": "{}",
        }
    )

    side = side_of("HEAD", repo.git, into)

    assert files_of(side.folder) == [
        "goals/only.yaml",
        "known.json",
        "kpiascode.yaml",
        "kpis/a.yaml",
        "kpis/deep/b.yml",
        "schemas/bundle.schema.json",
    ]
    assert load(side.folder) == load(repo.project)


def test_the_project_folder_itself_as_a_path(repo: Repository, into: Path) -> None:
    project = PROJECT.replace("[kpis]", "[.]")
    repo.commit({"kpiascode.yaml": project, "b.yaml": KPI, "site/c.yaml": KPI, "d/site/e.yaml": KPI})

    side = side_of("HEAD", repo.git, into)

    assert files_of(side.folder) == ["b.yaml", "d/site/e.yaml", "kpiascode.yaml", "kpis/a.yaml"]
    assert load(side.folder) == load(repo.project)


@pytest.mark.parametrize("name", ["größe.yaml", "a b.yaml", "a'b$(x).yaml", "[a]*.yaml", ":(top)b.yaml"])
def test_names_that_git_or_a_shell_may_take_for_more(repo: Repository, into: Path, name: str) -> None:
    repo.run("config", "core.quotePath", "true")
    repo.commit({f"kpis/{name}": KPI})

    side = side_of("HEAD", repo.git, into)

    assert files_of(side.folder / "kpis") == sorted(["a.yaml", name])


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"kpiascode.yaml": "version: [1\n"}, id="a project file that is no YAML"),
        pytest.param({"kpiascode.yaml": b"\xff\xfe"}, id="a project file that is no text"),
        pytest.param({"kpiascode.yaml": ""}, id="an empty project file"),
        pytest.param({"kpiascode.yaml": "paths: kpis\ncheck: 1\n"}, id="a project file of another shape"),
        pytest.param({"kpis/a.yaml": b"\xff"}, id="a definition that is no text"),
        pytest.param({"kpis/b.yaml": "x" * 1_048_577}, id="a definition that is too large"),
        pytest.param({"kpiascode.yaml": PROJECT.replace("kpis", "../kpis")}, id="a path outside"),
        pytest.param({"kpiascode.yaml": PROJECT.replace("kpis", "nowhere")}, id="a path that is not there"),
    ],
)
def test_what_is_wrong_is_found_as_in_a_folder(
    repo: Repository, into: Path, files: dict[str, str | bytes | None]
) -> None:
    repo.commit(files)

    found = load(side_of("HEAD", repo.git, into).folder)

    assert found == load(repo.project)


def test_of_a_huge_file_nothing_is_written_and_the_same_is_said(repo: Repository, into: Path) -> None:
    repo.commit({"kpis/b.yaml": "#" * (placing.MAX_FILE + 10)})

    side = side_of("HEAD", repo.git, into)
    found = (side.folder / "kpis" / "b.yaml").stat()

    assert codes(load(side.folder)) == codes(load(repo.project)) == ["kpis/b.yaml file-too-large"]
    assert found.st_size == placing.MAX_FILE + 1
    assert found.st_blocks == 0


# --- where it lies


def test_a_project_below_the_top_of_the_repository(tmp_path: Path, into: Path) -> None:
    repo = Repository(tmp_path / "repo", "teams/ünser kpi")
    write(repo.folder, {"kpiascode.yaml": "name: another\n", "kpis/z.yaml": KPI})
    repo.commit({"kpiascode.yaml": PROJECT, "kpis/a.yaml": KPI})

    side = side_of("main", repo.git, into)

    assert load(side.folder) == load(repo.project)


def test_a_bare_repository(repo: Repository, tmp_path: Path, into: Path) -> None:
    repo.run("clone", "--quiet", "--bare", str(repo.folder), str(tmp_path / "bare"))

    side = side_of("main", Git(PROGRAM, repo.environment, tmp_path / "bare"), into)

    assert load(side.folder) == load(repo.project)


def test_a_worktree(repo: Repository, tmp_path: Path, into: Path) -> None:
    repo.run("worktree", "add", "--quiet", str(tmp_path / "tree"), "-b", "side")

    side = side_of("main", Git(PROGRAM, repo.environment, tmp_path / "tree"), into)

    assert load(side.folder) == load(repo.project)


def test_a_repository_with_longer_names(tmp_path: Path, into: Path) -> None:
    folder = tmp_path / "repo"
    folder.mkdir()
    subprocess.run([PROGRAM, "init", "-q", "--object-format=sha256", str(folder)], check=True)
    repo = Repository(folder)
    name = repo.commit({"kpiascode.yaml": PROJECT, "kpis/a.yaml": KPI})

    side = side_of("HEAD", repo.git, into)

    assert (side.commit, len(name)) == (name, 64)
    assert load(side.folder) == load(repo.project)


# --- links


@pytest.mark.parametrize(
    ("links", "said"),
    [
        pytest.param({"kpis/b.yaml": "a.yaml"}, ["kpis/b.yaml symlink-refused"], id="a definition"),
        pytest.param({"kpis/b.yaml": "nothing"}, ["kpis/b.yaml symlink-refused"], id="to nothing"),
        pytest.param({"kpis/b.yaml": "/etc/passwd"}, ["kpis/b.yaml symlink-refused"], id="to a secret"),
        pytest.param({"kpis/more": "../other"}, ["kpis/more symlink-refused"], id="a folder"),
        pytest.param({"kpis/more": ".."}, ["kpis/more symlink-refused"], id="the project itself"),
        pytest.param({"kpis/more": "/etc"}, ["kpis/more symlink-refused"], id="a folder outside"),
        pytest.param({"kpis/one": "two", "kpis/two": "../other"}, 2, id="a folder over two links"),
        pytest.param({"kpis/notes": "../README"}, [], id="a file that is no definition"),
        pytest.param({"kpis/gone": "nothing"}, [], id="what is nothing, to nothing"),
        pytest.param({"kpis/round": "round"}, [], id="to itself"),
        pytest.param({"kpis/.hidden.yaml": "a.yaml", "other/b.yaml": "c.yaml"}, [], id="where nobody looks"),
    ],
)
def test_links_are_told_as_in_a_folder(
    repo: Repository, into: Path, links: dict[str, str], said: list[str] | int
) -> None:
    write(repo.project, {"other/o.yaml": KPI, "README": "Words"})
    for path, target in links.items():
        (repo.project / path).symlink_to(target)
    repo.commit({})

    found = load(side_of("HEAD", repo.git, into).folder)

    assert found == load(repo.project)
    assert len(codes(found)) == said if isinstance(said, int) else codes(found) == said


@pytest.mark.parametrize("path", ["kpis", "kpis/deep"])
def test_a_link_on_the_way_to_the_definitions(tmp_path: Path, into: Path, path: str) -> None:
    repo = Repository(tmp_path / "repo")
    repo.commit({"kpiascode.yaml": PROJECT.replace("kpis", path), "real/deep/a.yaml": KPI})
    (repo.folder / "kpis").symlink_to("real")
    repo.commit({})

    found = load(side_of("HEAD", repo.git, into).folder)

    assert [finding.code for finding in found.diagnostics] == ["symlink-refused"]
    assert found == load(repo.project)


def test_a_project_file_that_is_a_link(repo: Repository, into: Path) -> None:
    (repo.project / "kpiascode.yaml").rename(repo.project / "real.yaml")
    (repo.project / "kpiascode.yaml").symlink_to("real.yaml")
    repo.commit({})

    found = load(side_of("HEAD", repo.git, into).folder)

    assert codes(found) == ["kpiascode.yaml symlink-refused"]


@pytest.mark.parametrize("path", ["kpis", "kpis/shared", "kpis/b.yaml"])
def test_definitions_in_a_submodule_are_not_left_out_in_silence(
    repo: Repository, into: Path, path: str
) -> None:
    if path == "kpis":
        repo.run("rm", "-r", "--quiet", "--cached", "kpis")
    repo.run("update-index", "--add", "--cacheinfo", f"160000,{repo.name('HEAD')},{path}")
    repo.run("commit", "--quiet", "-m", "Share")

    reason, _ = refusal(lambda: side_of("HEAD", repo.git, into))

    assert reason == f"`{path}` is a submodule, whose files are not part of this repository."


def test_a_submodule_elsewhere_does_not_matter(repo: Repository, into: Path) -> None:
    repo.run("update-index", "--add", "--cacheinfo", f"160000,{repo.name('HEAD')},vendor")
    repo.run("commit", "--quiet", "-m", "Share")

    assert files_of(side_of("HEAD", repo.git, into).folder) == ["kpiascode.yaml", "kpis/a.yaml"]


# --- what is not there


def test_a_revision_without_the_project(repo: Repository, into: Path, tmp_path: Path) -> None:
    inner = repo.folder / "company"
    inner.mkdir()
    write(inner, {"kpiascode.yaml": PROJECT})
    git = Git(PROGRAM, repo.environment, inner)

    with pytest.raises(NoProject, match=r"^There is no kpiascode.yaml in `company` at main@[0-9a-f]{7}\.$"):
        side_of("main", git, into)

    repo.commit({"kpiascode.yaml": None})
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(NoProject, match=r"^There is no kpiascode.yaml in the project folder at HEAD@"):
        side_of("HEAD", repo.git, other)


@pytest.mark.parametrize(
    "word", ["-h", "--all", "", "a b", "main:kpis", ":/Change", "HEAD^{/Change}", "a\0b"]
)
def test_words_that_are_no_revision(repo: Repository, into: Path, word: str) -> None:
    reason, hint = refusal(lambda: side_of(word, repo.git, into))

    assert reason.endswith("is no revision, and no folder or archive with a project.")
    assert hint == "Write a branch, a tag or a commit, as `main`, `origin/main` or `1a2b3c4`."


@pytest.mark.parametrize(
    ("word", "reason", "hint"),
    [
        pytest.param(
            "main..dev", "`main..dev` is a range of revisions.", "Write two revisions", id="a range"
        ),
        pytest.param("dev", "There is no revision `dev` here.", "`git branch --all`", id="no remote"),
        pytest.param("v1.zip", "There is no file `v1.zip`.", "Correct the path", id="an archive"),
        pytest.param("/", "`/` is a folder without kpiascode.yaml", "`git branch", id="a folder"),
        pytest.param("HEAD^{tree}", "There is no revision `HEAD^{tree}` here.", "", id="a tree"),
        pytest.param("HEAD:", "`HEAD:` is no revision", "Write a branch", id="a path"),
    ],
)
def test_what_is_said_of_a_word(repo: Repository, into: Path, word: str, reason: str, hint: str) -> None:
    found = refusal(lambda: side_of(word, repo.git, into))

    assert (found[0].startswith(reason), found[1].startswith(hint)) == (True, True), found


def test_the_beginning_of_several_commits(repo: Repository, into: Path) -> None:
    for number in range(64):
        repo.object("100644", f"{number}")
    names = repo.run("cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split()
    beginnings = [name[:4] for name in names]
    twice = next((one for one in beginnings if beginnings.count(one) > 1), None)
    tried = 64
    while twice is None and tried < 2_000:
        beginnings.append(repo.object("100644", f"{tried}")[:4])
        twice = beginnings[-1] if beginnings.count(beginnings[-1]) > 1 else None
        tried += 1
    assert twice is not None

    reason, _ = refusal(lambda: side_of(twice, repo.git, into))

    assert reason in (
        f"`{twice}` is the beginning of several names.",
        f"There is no revision `{twice}` here.",
    )


def clone(repo: Repository, folder: Path, *options: str) -> Git:
    repo.run("clone", "--quiet", *options, f"file://{repo.folder}", str(folder))
    return Git(PROGRAM, repo.environment, folder)


def do(hint: str, git: Git) -> None:
    """Run the command of a hint as a user would."""
    command = hint.split("`")[1]
    assert command.startswith("git "), hint
    subprocess.run(
        command, shell=True, cwd=git.folder, env={**git.environment}, check=True, capture_output=True
    )


def test_a_branch_that_only_the_remote_has(repo: Repository, tmp_path: Path, into: Path) -> None:
    repo.run("branch", "dev")
    git = clone(repo, tmp_path / "clone")

    assert refusal(lambda: side_of("dev", git, into))[1] == "Write `origin/dev`."


@pytest.mark.parametrize("word", ["dev", "origin/dev", "{commit}"])
@pytest.mark.parametrize("options", [("--single-branch",), ("--depth=1",)])
def test_the_hint_fetches_what_is_missing(
    repo: Repository, tmp_path: Path, into: Path, word: str, options: tuple[str, ...]
) -> None:
    repo.run("checkout", "--quiet", "-b", "dev")
    word = word.replace("{commit}", repo.commit({"kpis/b.yaml": KPI}))
    repo.run("checkout", "--quiet", "main")
    repo.run("config", "uploadpack.allowAnySHA1InWant", "true")
    git = clone(repo, tmp_path / "clone", *options)

    _, hint = refusal(lambda: side_of(word, git, into))
    do(hint, git)
    side = side_of("origin/dev" if word == "dev" else word, git, into)

    assert "kpis/b.yaml" in files_of(side.folder)
    assert ("fetch-depth: 0" in hint) == ("--depth=1" in options)


def test_a_shallow_clone_says_how_to_get_an_older_commit(
    repo: Repository, tmp_path: Path, into: Path
) -> None:
    repo.commit({"kpis/b.yaml": KPI})
    git = clone(repo, tmp_path / "clone", "--depth=1")

    reason, hint = refusal(lambda: side_of("HEAD~1", git, into))
    do(hint, git)

    assert reason == "There is no revision `HEAD~1` here."
    assert side_of("HEAD~1", git, into).commit == repo.name("HEAD~1")


def test_a_word_is_never_part_of_a_command_that_a_shell_would_read_otherwise(
    repo: Repository, tmp_path: Path, into: Path
) -> None:
    git = clone(repo, tmp_path / "clone")

    for word in ("a;reboot", "$(reboot)", "a`reboot`", "a'b", "a&b", "a|b"):
        assert refusal(lambda word=word: side_of(word, git, into))[1] == "Run `git fetch --all`."  # type: ignore[misc]


@pytest.mark.parametrize("options", [("--filter=blob:none",), ("--filter=tree:0",)])
def test_a_partial_clone_fetches_nothing_unasked(
    repo: Repository, tmp_path: Path, into: Path, options: tuple[str, ...]
) -> None:
    repo.run("config", "uploadpack.allowFilter", "true")
    repo.run("config", "uploadpack.allowAnySHA1InWant", "true")
    git = clone(repo, tmp_path / "clone", "--no-checkout", *options)

    reason, hint = refusal(lambda: side_of("main", git, into))
    do(hint, git)
    shutil.rmtree(into)
    into.mkdir()

    assert reason.startswith("This is a partial clone, and files of that revision are not in it")
    assert load(side_of("main", git, into).folder) == load(repo.project)


def test_a_repository_of_somebody_else(repo: Repository, into: Path) -> None:
    git = Git(PROGRAM, {**repo.environment, "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}, repo.folder)

    reason, hint = refusal(lambda: side_of("main", git, into))

    assert reason == "The repository belongs to somebody else, so that git does not read it."
    assert f"git config --global --add safe.directory {repo.folder}" in hint


def test_no_repository(tmp_path: Path, into: Path) -> None:
    write(tmp_path, {"kpiascode.yaml": PROJECT})
    git = Git(PROGRAM, {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}, tmp_path)

    assert refusal(lambda: side_of("main", git, into))[0] == "The project lies in no git repository."
    assert refusal(lambda: merge_base(git, "main", None))[0] == "The project lies in no git repository."


def test_no_git(repo: Repository, into: Path) -> None:
    missing = Git("/no/such/git", repo.environment, repo.folder)

    assert refusal(lambda: side_of("main", None, into))[0] == "There is no git to ask for a revision."
    assert refusal(lambda: merge_base(None, "main", None))[0] == "There is no git to ask for a revision."
    assert refusal(lambda: side_of("main", missing, into))[0].startswith("Git refuses: it cannot be started")


def test_before_the_first_commit(tmp_path: Path, into: Path) -> None:
    repo = Repository(tmp_path / "repo")

    assert refusal(lambda: side_of("HEAD", repo.git, into))[0] == "There is no commit yet."
    assert refusal(lambda: merge_base(repo.git, "HEAD", None))[0] == "There is no commit yet."


def test_a_repository_that_lost_a_file(repo: Repository, into: Path) -> None:
    name = repo.name("HEAD:kpis/a.yaml")
    (repo.folder / ".git" / "objects" / name[:2] / name[2:]).unlink()

    assert refusal(lambda: side_of("main", repo.git, into)) == (
        "Git refuses: a file of the revision is missing.",
        "Try `git fsck` there.",
    )


# --- where two parted


def test_the_merge_base(repo: Repository) -> None:
    parted = repo.name("HEAD")
    repo.run("checkout", "--quiet", "-b", "dev")
    repo.commit({"kpis/b.yaml": KPI})
    repo.run("checkout", "--quiet", "main")
    after = repo.commit({"kpis/c.yaml": KPI})

    assert merge_base(repo.git, "dev", None) == parted
    assert merge_base(repo.git, "main", "dev") == parted
    assert merge_base(repo.git, "main", "HEAD") == after


def test_several_merge_bases_are_always_told_alike(repo: Repository) -> None:
    repo.run("checkout", "--quiet", "-b", "dev")
    one = repo.commit({"kpis/b.yaml": KPI})
    repo.run("checkout", "--quiet", "main")
    two = repo.commit({"kpis/c.yaml": KPI})
    repo.run("merge", "--quiet", "--no-ff", "-m", "Cross", one)
    repo.run("checkout", "--quiet", "dev")
    repo.run("merge", "--quiet", "--no-ff", "-m", "Criss", two)

    found = {merge_base(repo.git, "main", "dev") for _ in range(3)}

    assert len(found) == 1
    assert found <= {one, two}


def test_no_history_in_common(repo: Repository) -> None:
    repo.run("checkout", "--quiet", "--orphan", "other")
    repo.commit({}, "Begin anew")

    assert refusal(lambda: merge_base(repo.git, "main", None)) == (
        "`main` and `HEAD` have no history in common.",
        "Compare with a commit that both come from.",
    )


def grown(tmp_path: Path) -> Repository:
    """Two branches that parted five commits ago."""
    repo = Repository(tmp_path / "repo")
    repo.commit({"kpiascode.yaml": PROJECT, "kpis/a.yaml": KPI})
    repo.run("branch", "dev")
    for branch in ("main", "dev"):
        repo.run("checkout", "--quiet", branch)
        for number in range(5):
            repo.commit({f"kpis/{branch}{number}.yaml": KPI})
    return repo


def test_a_shallow_clone_without_the_merge_base(tmp_path: Path) -> None:
    repo = grown(tmp_path)
    git = clone(repo, tmp_path / "clone", "--depth=2", "--no-single-branch")

    reason, hint = refusal(lambda: merge_base(git, "origin/main", None))
    do(hint, git)

    assert reason == (
        "This clone is shallow: the commit at which `origin/main` and `HEAD` parted may not be in it."
    )
    assert hint == (
        "Run `git fetch --unshallow`. "
        "With GitHub's actions/checkout set `fetch-depth: 0`, in GitLab `GIT_DEPTH: 0`."
    )
    assert merge_base(git, "origin/main", None) == repo.name("main~5")


def test_a_shallow_clone_with_the_merge_base(tmp_path: Path) -> None:
    repo = grown(tmp_path)
    git = clone(repo, tmp_path / "clone", "--depth=6", "--no-single-branch")

    assert git.is_shallow() is False or merge_base(git, "origin/main", None)
    assert merge_base(git, "origin/main", None) == repo.name("main~5")


def test_the_first_parent_of_a_merge_is_enough(tmp_path: Path) -> None:
    """GitHub checks a merge commit out: with `fetch-depth: 2` its parents are there."""
    repo = grown(tmp_path)
    repo.run("checkout", "--quiet", "main")
    base = repo.name("HEAD")
    repo.run("merge", "--quiet", "--no-ff", "-m", "Merge", "dev")
    git = clone(repo, tmp_path / "clone", "--depth=2")

    assert merge_base(git, "HEAD^1", None) == base


def test_a_shallow_clone_does_not_take_an_older_commit_for_the_merge_base(tmp_path: Path) -> None:
    """Both branches hold `old`, by a short way, and what came of it much later, by a long one that is cut."""
    repo = Repository(tmp_path / "repo")
    old = repo.commit({"kpiascode.yaml": PROJECT, "kpis/a.yaml": KPI})
    for number in range(6):
        repo.commit({f"kpis/{number}.yaml": KPI})
    parted = repo.name("HEAD")
    for branch in ("one", "two"):
        repo.run("checkout", "--quiet", "-b", branch, parted)
        for number in range(3):
            repo.commit({f"kpis/{branch}{number}.yaml": KPI})
        tree = repo.name("HEAD^{tree}")
        merge = repo.run("commit-tree", "-p", "HEAD", "-p", old, "-m", "Merge what is old", tree).strip()
        repo.run("update-ref", f"refs/heads/{branch}", merge)
    git = clone(repo, tmp_path / "clone", "--depth=3", "--no-single-branch")
    seen = subprocess.run(
        [PROGRAM, "merge-base", "origin/one", "origin/two"], cwd=git.folder, capture_output=True, text=True
    )

    assert seen.stdout.strip() == old
    assert merge_base(repo.git, "one", "two") == parted
    assert refusal(lambda: merge_base(git, "origin/one", "origin/two"))[0].startswith("This clone is shallow")


# --- folders and archives


def tar_of(folder: Path, file: Path, top: str = ".") -> Path:
    with tarfile.open(file, "w:gz" if file.name.endswith("gz") else "w") as tar:
        tar.add(folder, top)
    return file


def zip_of(folder: Path, file: Path, top: str = ".") -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(folder.rglob("*")):
            packed.write(path, (Path(top) / path.relative_to(folder)).as_posix())
    return file


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "acme"
    write(
        folder,
        {
            "kpiascode.yaml": PROJECT,
            "kpis/a.yaml": KPI,
            "kpis/b.yaml": "kind: [",
            "data/rows.csv": "a\n1\n",
            "data/large.csv": POINTER,
            "more/kpiascode.yaml": "name: another\n",
        },
    )
    return folder


def test_a_folder_is_taken_as_it_is(project: Path, into: Path) -> None:
    side = side_of(str(project), None, into)

    assert side == Side(folder=project, label=str(project), data=True)
    assert add_data(side, None, ["data/rows.csv"]) == side
    assert list(into.iterdir()) == []


def test_a_folder_comes_before_a_branch_of_that_name(
    repo: Repository, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(repo.folder, {"main/kpiascode.yaml": PROJECT})
    monkeypatch.chdir(repo.folder)

    assert not is_revision("main")
    assert side_of("main", repo.git, into).folder == Path("main")
    assert side_of("heads/main", repo.git, into).commit == repo.name("HEAD")


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.TGZ", "a.zip"])
@pytest.mark.parametrize("top", [".", "acme", "acme-1a2b3c4/deep"])
def test_an_archive(project: Path, tmp_path: Path, into: Path, name: str, top: str) -> None:
    pack = zip_of if name.endswith("zip") else tar_of
    file = pack(project, tmp_path / (name.lower()), top)
    file = file.rename(tmp_path / name)

    side = side_of(str(file), None, into)
    more = add_data(
        side, None, ["data/rows.csv", "data/large.csv", "data/none.csv", "../a", "http://x/y.csv"]
    )

    assert not is_revision(str(file))
    assert side == Side(folder=into / "project", label=str(file), archive=file)
    assert load(side.folder) == load(project)
    assert files_of(side.folder) == ["data/rows.csv", "kpiascode.yaml", "kpis/a.yaml", "kpis/b.yaml"]
    assert (more.data, more.pointers) == (True, ("data/large.csv",))


def test_an_archive_of_git(repo: Repository, tmp_path: Path, into: Path) -> None:
    file = tmp_path / "a.tar.gz"
    repo.run("archive", "--prefix=acme-main/", f"--output={file}", "main")

    assert load(side_of(str(file), None, into).folder) == load(repo.project)


@pytest.mark.parametrize("name", ["a.tar", "a.zip"])
def test_links_in_an_archive_are_told_as_in_a_folder(
    project: Path, tmp_path: Path, into: Path, name: str
) -> None:
    links = {"b.yaml": "a.yaml", "more": "../more", "out": "/etc", "notes": "../data/rows.csv", "gone": "x"}
    (project / "kpis" / "b.yaml").unlink()
    for link, target in links.items():
        (project / "kpis" / link).symlink_to(target)
    if name == "a.tar":
        file = tar_of(project, tmp_path / name)
    else:
        file = tmp_path / name
        with zipfile.ZipFile(file, "w") as packed:
            for path in sorted(project.rglob("*")):
                if path.is_symlink():
                    info = zipfile.ZipInfo(path.relative_to(project).as_posix())
                    info.create_system, info.external_attr = 3, 0o120777 << 16
                    packed.writestr(info, os.readlink(path))
                else:
                    packed.write(path, path.relative_to(project))

    found = load(side_of(str(file), None, into).folder)

    assert codes(found) == [f"kpis/{path} symlink-refused" for path in ("b.yaml", "more", "out")]
    assert found == load(project)


Member = tuple[str, bytes, str]


def hostile_tar(file: Path, members: list[Member]) -> Path:
    types = {
        "file": tarfile.REGTYPE,
        "link": tarfile.SYMTYPE,
        "hard": tarfile.LNKTYPE,
        "pipe": tarfile.FIFOTYPE,
    }
    with tarfile.open(file, "w") as tar:
        for name, held, kind in members:
            info = tarfile.TarInfo(name)
            info.type = types[kind]
            info.linkname = "" if kind == "file" else held.decode()
            info.size = len(held) if kind == "file" else 0
            tar.addfile(info, io.BytesIO(held))
    return file


def hostile_zip(file: Path, members: list[Member]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed, pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)
        for name, held, kind in members:
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            info.external_attr = {"file": 0o100644, "link": 0o120777, "pipe": 0o010644}[kind] << 16
            packed.writestr(info, held)
    return file


OURS: list[Member] = [("kpiascode.yaml", PROJECT.encode(), "file"), ("kpis/a.yaml", KPI.encode(), "file")]


@pytest.mark.parametrize("pack", [hostile_tar, hostile_zip])
@pytest.mark.parametrize(
    ("members", "reason"),
    [
        pytest.param([*OURS, ("../evil.yaml", b"x", "file")], "holds what would lie outside", id="above"),
        pytest.param([*OURS, ("kpis/../../x.yaml", b"x", "file")], "would lie outside", id="above, later"),
        pytest.param([*OURS, ("/tmp/evil.yaml", b"x", "file")], "would lie outside", id="absolute"),
        pytest.param([*OURS, ("kpis/..", b"x", "file")], "would lie outside", id="the folder above"),
        pytest.param([*OURS, ("kpis/a\\b.yaml", b"x", "file")], "parts a path on some", id="a backslash"),
        pytest.param([*OURS, ("kpis/a\x1bb.yaml", b"x", "file")], "U+001B ESCAPE", id="a terminal's code"),
        pytest.param([*OURS, ("kpis//b.yaml", b"x", "file")], "is no path inside", id="nothing between"),
        pytest.param([*OURS, ("kpis/b./c.yaml", b"x", "file")], "with a space or a full stop", id="a stop"),
        pytest.param([*OURS, OURS[1]], "`kpis/a.yaml` is there twice", id="twice"),
        pytest.param([*OURS, ("kpis/a.yaml/b.yaml", b"x", "file")], "is there twice", id="file and folder"),
        pytest.param([*OURS, ("kpis", b"/etc", "link")], "`kpis` is there twice", id="link and folder"),
        pytest.param([("kpis", b"/tmp", "link"), *OURS], "`kpis` is there twice", id="a link before"),
        pytest.param([*OURS, ("kpis/b.yaml", b"", "pipe")], "is no regular file there", id="a pipe"),
        pytest.param([*OURS, ("a" * 2_000, b"", "file")], "is longer than 1,024", id="a long name"),
        pytest.param([*OURS, (f"kpis/{'a' * 300}.yaml", b"", "file")], "in it than 255", id="a long part"),
        pytest.param([("a/b.yaml", b"x", "file")], "There is no kpiascode.yaml in", id="no project"),
        pytest.param(
            [(f"{top}/kpiascode.yaml", b"", "file") for top in "ab"], "holds 2 projects: `a`, `b`", id="two"
        ),
    ],
)
def test_hostile_archives(
    tmp_path: Path,
    into: Path,
    pack: Callable[[Path, list[Member]], Path],
    members: list[Member],
    reason: str,
) -> None:
    file = pack(tmp_path / ("a.tar" if pack is hostile_tar else "a.zip"), members)
    before = set(files_of(tmp_path))

    assert reason in refusal(lambda: side_of(str(file), None, into))[0]
    assert {path for path in files_of(tmp_path) if not path.startswith("into/project/")} == before


def test_a_hard_link_is_no_file_of_its_own(tmp_path: Path, into: Path) -> None:
    file = hostile_tar(tmp_path / "a.tar", [*OURS, ("kpis/b.yaml", b"kpis/a.yaml", "hard")])

    assert "is no regular file there" in refusal(lambda: side_of(str(file), None, into))[0]


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.tar", b"", id="an empty tar"),
        pytest.param("a.tar", b"x" * 5_000, id="no tar"),
        pytest.param("a.tar", KPI.encode(), id="a text"),
        pytest.param("a.tgz", b"no gzip", id="no gzip"),
        pytest.param("a.tgz", cut(gzip.compress(os.urandom(50_000))), id="half a gzip"),
        pytest.param("a.tgz", gzip.compress(b"x" * 5_000), id="a gzip of no tar"),
        pytest.param("a.zip", b"", id="an empty zip"),
        pytest.param("a.zip", b"PK\x05\x06" + b"\xff" * 18, id="the end of a zip"),
        pytest.param("a.zip", b"x" * 5_000, id="no zip"),
    ],
)
def test_broken_archives(tmp_path: Path, into: Path, name: str, content: bytes) -> None:
    file = tmp_path / name
    file.write_bytes(content)

    reason, _ = refusal(lambda: side_of(str(file), None, into))

    assert reason.startswith((f"`{name}` is broken", f"There is no kpiascode.yaml in `{name}`"))


@pytest.mark.parametrize("ending", ["tar", "tar.gz", "zip"])
def test_archives_with_bytes_changed_never_crash(project: Path, tmp_path: Path, ending: str) -> None:
    pack = zip_of if ending == "zip" else tar_of
    whole = pack(project, tmp_path / f"whole.{ending}").read_bytes()
    for number in range(100):
        at = number * 7_919 % len(whole)
        file = tmp_path / f"a.{ending}"
        file.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << number % 8)]) + whole[at + 1 :])
        into = tmp_path / f"into{number}"
        into.mkdir()
        try:
            load(side_of(str(file), None, into).folder)
        except Unavailable:
            continue


def test_a_zip_that_is_encrypted(tmp_path: Path, into: Path) -> None:
    file = hostile_zip(tmp_path / "a.zip", OURS)
    content = bytearray(file.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = -1
        while (start := content.find(mark, start + 1)) >= 0:
            content[start + at] |= 1
    file.write_bytes(content)

    assert "is broken, encrypted" in refusal(lambda: side_of(str(file), None, into))[0]


def test_archives_that_grow(tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit each: of what is packed, of a list, of how many, of the bytes that are written."""
    monkeypatch.setattr(archives, "MAX_UNPACKED", 20_000_000)
    bomb = tmp_path / "bomb.tgz"
    with gzip.open(bomb, "wb", compresslevel=1) as file:
        info = tarfile.TarInfo("zeros")
        info.size = 40_000_000
        file.write(info.tobuf())
        for _ in range(40):
            file.write(bytes(1_000_000))
    assert bomb.stat().st_size < 400_000
    assert refusal(lambda: side_of(str(bomb), None, fresh(into)))[0].startswith("The archive is too large")

    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 10_000_000
    long = tmp_path / "header.tar"
    long.write_bytes(header.tobuf() + bytes(12_000_000))
    assert refusal(lambda: side_of(str(long), None, fresh(into)))[0].startswith("The archive is too large")

    monkeypatch.setattr(archives, "MAX_MEMBERS", 3)
    many = hostile_tar(tmp_path / "many.tar", [*OURS, ("a", b"", "file"), ("b", b"", "file")])
    assert "holds more than 3 files" in refusal(lambda: side_of(str(many), None, fresh(into)))[0]

    large = hostile_zip(
        tmp_path / "large.zip", [*OURS[:1], *((f"kpis/{n}.yaml", bytes(900), "file") for n in "12")]
    )
    monkeypatch.setattr(revision, "MAX_TOTAL", len(PROJECT) + 1_000)
    assert refusal(lambda: side_of(str(large), None, fresh(into)))[0] == (
        "The files that are needed are too large together."
    )


def test_a_zip_that_lies_about_a_size(tmp_path: Path, into: Path) -> None:
    file = hostile_zip(tmp_path / "a.zip", [*OURS, ("kpis/b.yaml", b"#" * 5_000_000, "file")])
    content = file.read_bytes()
    told, lie = (5_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little")
    file.write_bytes(content.replace(told, lie))

    reason, _ = refusal(lambda: side_of(str(file), None, into))

    assert reason.startswith("`a.zip` is broken")
    assert sum(path.stat().st_size for path in into.rglob("*") if path.is_file()) < 2_000


def fresh(into: Path) -> Path:
    folder = into / f"{len(list(into.iterdir()))}"
    folder.mkdir()
    return folder


# --- data


def test_data_files_come_on_request_alone(repo: Repository, into: Path) -> None:
    repo.commit(
        {
            "data/rows.csv": "a\n1\n",
            "data/.odd name.PARQUET": b"\0\1",
            "data/large.csv": POINTER,
            "data/other.csv": "a\n",
            "kpis/empty.csv": "",
        }
    )
    (repo.folder / "data" / "link.csv").symlink_to("rows.csv")
    repo.commit({})
    side = side_of("main", repo.git, into)
    assert (side.data, files_of(side.folder)) == (False, ["kpiascode.yaml", "kpis/a.yaml"])

    sources = [
        "data/rows.csv",
        "./data/.odd name.PARQUET",
        "data/large.csv",
        "data/link.csv",
        "kpis/empty.csv",
    ]
    more = add_data(
        side, repo.git, [*sources, "kpis/a.yaml", "sales.orders", "/etc/passwd", "a?.csv", "", "."]
    )

    assert (more.data, more.pointers) == (True, ("data/large.csv",))
    assert files_of(more.folder) == [
        "data/.odd name.PARQUET",
        "data/link.csv",
        "data/rows.csv",
        "kpiascode.yaml",
        "kpis/a.yaml",
        "kpis/empty.csv",
    ]
    assert (more.folder / "data" / "link.csv").is_symlink()
    assert not (more.folder / "data" / "link.csv").exists()
    assert (more.folder / "data" / ".odd name.PARQUET").read_bytes() == b"\0\1"
    assert load(more.folder) == load(repo.project)


def test_data_that_is_larger_than_definitions_may_be(repo: Repository, into: Path) -> None:
    content = os.urandom(placing.MAX_FILE + 12_345)
    repo.commit({"data/rows.csv": content})

    side = add_data(side_of("main", repo.git, into), repo.git, ["data/rows.csv"])

    assert (side.folder / "data" / "rows.csv").read_bytes() == content


def test_data_that_is_too_large(repo: Repository, into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({"data/a.csv": "x" * 600, "data/b.csv": "x" * 600})
    monkeypatch.setattr(revision, "MAX_DATA", 1_000)
    side = side_of("main", repo.git, into)

    reason, _ = refusal(lambda: add_data(side, repo.git, ["data/a.csv", "data/b.csv"]))

    assert reason == "The files that are needed are too large together."


# --- hostile repositories


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        pytest.param("..", None, id="the folder above, which is hidden"),
        pytest.param(".git", None, id="git's own, which is hidden"),
        pytest.param("a\\b.yaml", "parts a path on some systems.", id="a backslash"),
        pytest.param("b.yaml\n.yaml", "A file name holds U+000A", id="a line break"),
        pytest.param("\x1b[31mb.yaml", "A file name holds U+001B", id="a terminal's code"),
        pytest.param("\udcffb.yaml", "A file name holds U+DCFF", id="no UTF-8"),
        pytest.param("\u202eb.yaml", "A file name holds U+202E", id="other direction"),
        pytest.param("b " + "/c.yaml", "ends with a space or a full stop.", id="a space at the end"),
        pytest.param("b" * 300 + ".yaml", "or a name in it than 255.", id="a long name"),
        pytest.param("/".join("abcdefghij" * 12) + ".yaml", None, id="deep folders"),
        pytest.param(
            "b" * 250 + ("/" + "b" * 250) * 4 + ".yaml", "or names that are too long.", id="a long way"
        ),
        pytest.param("a.yaml", "`kpis/a.yaml` is there twice", id="the same name"),
        pytest.param("A.yaml", None, id="the same name in capitals"),
    ],
)
def test_hostile_names(repo: Repository, into: Path, name: str, reason: str | None) -> None:
    held: tuple[str, str, str] = ("100644", "a.yaml", KPI)
    *folders, last = name.split("/")
    inner: tuple[str, str, str] = ("100644", last, KPI)
    if name in ("..", ".git"):
        inner = ("40000", name, repo.subtree(("100644", "evil.yaml", KPI)))
    for folder in reversed(folders):
        inner = ("40000", folder, repo.subtree(inner))
    commit = repo.tree(("100644", "kpiascode.yaml", PROJECT), ("40000", "kpis", repo.subtree(held, inner)))
    before = set(files_of(into.parent))

    if reason is None:
        load(side_of(commit, repo.git, into).folder)
    else:
        assert reason in refusal(lambda: side_of(commit, repo.git, into))[0]
    assert {path for path in files_of(into.parent) if not path.startswith("into/project/")} == before


@pytest.mark.parametrize("is_first", [True, False])
def test_nothing_is_written_through_a_link(repo: Repository, into: Path, is_first: bool) -> None:
    """A tree that holds a link and a folder of one name."""
    outside = into.parent / "outside"
    outside.mkdir()
    both = (("120000", "kpis", str(outside)), ("40000", "kpis", repo.subtree(("100644", "b.yaml", KPI))))
    commit = repo.tree(("100644", "kpiascode.yaml", PROJECT), *(both if is_first else both[::-1]))

    assert refusal(lambda: side_of(commit, repo.git, into))[0].startswith("`kpis` is there twice")
    assert list(outside.iterdir()) == []


def test_a_tree_of_endlessly_many_files(
    repo: Repository, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten folders that each hold the same ten folders, and so on, are a hundred thousand files in 6 objects."""
    inner = repo.subtree(*(("100644", f"{n}.yaml", KPI) for n in range(10)))
    for _ in range(4):
        inner = repo.subtree(*(("40000", f"{n}", inner) for n in range(10)))
    commit = repo.tree(("100644", "kpiascode.yaml", PROJECT), ("40000", "kpis", inner))
    reason = "More than 20,000 files would be needed."
    assert refusal(lambda: side_of(commit, repo.git, fresh(into)))[0] == reason

    commit = repo.tree(("100644", "kpiascode.yaml", PROJECT), ("40000", "other", inner))
    monkeypatch.setattr(revision, "MAX_ENTRIES", 50_000)
    reason = "The project folder holds more than 50,000 files in that revision"
    assert refusal(lambda: side_of(commit, repo.git, fresh(into)))[0].startswith(reason)


def test_a_listing_that_takes_too_long(repo: Repository, into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = into.parent / "git"
    slow.write_text(f'#!/bin/sh\ncase "$*" in *ls-tree*) exec sleep 60;; *) exec {PROGRAM} "$@";; esac\n')
    slow.chmod(0o755)
    monkeypatch.setattr(revision, "LISTING_SECONDS", 0.2)
    git = Git(str(slow), repo.environment, repo.folder)

    assert "stopped after 0.2 seconds" in refusal(lambda: side_of("main", git, into))[0]


def test_as_many_paths_as_a_project_file_can_list(repo: Repository, into: Path) -> None:
    paths = "\n".join(f"  - {'a/' * 100}{number}" for number in range(4_000))
    repo.commit({"kpiascode.yaml": f"version: 1\nname: acme\npaths:\n{paths}\n  - kpis\n"})

    assert files_of(side_of("main", repo.git, into).folder) == ["kpiascode.yaml", "kpis/a.yaml"]


# --- what it must not do


def trap_in(repo: Repository, folder: Path) -> tuple[Path, Path]:
    """Return a script, and the file that it leaves when it is started."""
    trap, script = folder / "trap", folder / "trap.sh"
    script.write_text(f"#!/bin/sh\ntouch {trap}\ncat\n", encoding="utf-8")
    script.chmod(0o755)
    return script, trap


def test_nothing_that_a_repository_configures_is_started_and_no_byte_is_changed(
    repo: Repository, tmp_path: Path, into: Path
) -> None:
    script, trap = trap_in(repo, tmp_path)
    crlf = KPI.replace("\n", "\r\n")
    (repo.folder / ".gitattributes").write_text(
        "* filter=trap diff=trap ident text eol=crlf working-tree-encoding=UTF-16\n*.csv export-ignore\n",
        encoding="utf-8",
    )
    entry = repo.run("hash-object", "-w", "--stdin", "--no-filters", given=f"# $Id$\n{crlf}".encode()).strip()
    repo.run("update-index", "--add", "--cacheinfo", f"100644,{entry},kpis/a.yaml")
    repo.run("update-index", "--add", "--cacheinfo", f"100644,{entry},data/a.csv")
    repo.run("commit", "--quiet", "-m", "Raw")
    hooks = repo.folder / ".git" / "hooks"
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "post-merge"):
        shutil.copy(script, hooks / hook)
    keys = (
        *("core.fsmonitor", "core.pager", "core.sshCommand", "core.askPass", "core.alternateRefsCommand"),
        *("credential.helper", "diff.external", "diff.trap.command", "diff.trap.textconv", "gpg.program"),
        *("filter.trap.clean", "filter.trap.smudge", "filter.trap.process", "tar.tar.gz.command"),
        *("pager.ls-tree", "pager.cat-file", "pager.rev-parse", "uploadpack.packObjectsHook"),
    )
    for key in keys:
        repo.run("config", key, str(script))
    for command in ("ls-tree", "cat-file", "rev-parse", "merge-base"):
        repo.run("config", f"alias.{command}", f"!{script}")
    trap.unlink(missing_ok=True)

    side = add_data(side_of("HEAD", repo.git, into), repo.git, ["data/a.csv"])
    merge_base(repo.git, "main", None)

    assert not trap.exists()
    for path in ("kpis/a.yaml", "data/a.csv"):
        assert (side.folder / path).read_bytes() == f"# $Id$\n{crlf}".encode()


@pytest.mark.parametrize("is_old", [False, True], ids=["this git", "a git that would fetch what is missing"])
def test_a_missing_file_does_not_start_the_remote(
    repo: Repository, tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch, is_old: bool
) -> None:
    """A repository may allow itself any protocol, and one of them starts a program."""
    script, trap = trap_in(repo, tmp_path)
    name = repo.name("HEAD:kpis/a.yaml")
    (repo.folder / ".git" / "objects" / name[:2] / name[2:]).unlink()
    for key, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": f"ext::{script}",
        "protocol.ext.allow": "always",
        "protocol.allow": "always",
    }.items():
        repo.run("config", key, value)
    if is_old:
        monkeypatch.delitem(asking.ENVIRONMENT, "GIT_NO_LAZY_FETCH")

    assert refusal(lambda: side_of("main", repo.git, into))[0].startswith("This is a partial clone")
    assert not trap.exists()


def test_the_checkout_is_left_as_it_is(repo: Repository, into: Path) -> None:
    repo.commit({"kpis/b.yaml": KPI})
    write(repo.folder, {"kpis/a.yaml": "changed", "kpis/new.yaml": KPI})
    repo.run("add", "kpis/new.yaml")
    os.utime(repo.folder / "kpis" / "b.yaml", (1, 1))  # git would like to refresh its index
    kept = {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in repo.folder.rglob("*")}

    add_data(side_of("HEAD~1", repo.git, into), repo.git, ["data/x.csv"])
    merge_base(repo.git, "HEAD~1", None)

    assert {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in repo.folder.rglob("*")} == kept
    assert repo.run("status", "--porcelain") == " M kpis/a.yaml\nA  kpis/new.yaml\n"
