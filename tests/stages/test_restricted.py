"""The restricted folder: what is read of it, where it may lie, and what is never told of it."""

import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyrage
import pytest

import restricted_folder
from kpiascode import load
from kpiascode.load import files as load_files
from kpiascode.load import restricted as load_restricted
from kpiascode.load.git import Git
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.pipeline import reading, restricted
from kpiascode.pipeline.reading import Checked
from kpiascode.pipeline.restricted import Source
from restricted_folder import KEEPING, KPIS, PERSON, PLAN, git, write

GIT = str(shutil.which("git"))
KEY = pyrage.x25519.Identity.generate()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return the folder of a project."""
    (tmp_path / "open").mkdir()
    return restricted_folder.project(tmp_path / "open")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a restricted folder that lies elsewhere."""
    return restricted_folder.restricted(tmp_path / "persons")


def source(home: Path, folder: Path, identity: Path | None = None, *, git: bool = True) -> Source:
    program = Git(GIT, {"PATH": os.environ["PATH"]}, home) if git else None
    return Source(folder=folder, identity=identity, git=program)


def checked(home: Path, folder: Path, identity: Path | None = None) -> Checked:
    return restricted.read(home, source(home, folder, identity))


def told(found: Checked) -> list[str]:
    """Return codes and places of findings."""
    return [f"{one.code} {one.place}" for one in found.diagnostics]


def refused(found: Checked, code: str, words: str) -> Diagnostic:
    """Expect one finding, and nothing of any person."""
    [finding] = found.diagnostics
    assert (finding.code, finding.place.path) == (code, "")
    assert words in f"{finding.message} {finding.hint}"
    assert found.restricted.persons == {}
    assert found.documents.restricted == ()
    return finding


def identity(folder: Path, text: str = f"# a key\n\n{KEY}\n", mode: int = 0o600) -> Path:
    file = folder / "key.txt"
    file.write_text(text)
    file.chmod(mode)
    return file


def encrypt(
    file: Path, text: str | bytes, key: pyrage.x25519.Identity = KEY, *, armored: bool = False
) -> None:
    data = text.encode() if isinstance(text, str) else text
    file.write_bytes(pyrage.encrypt(data, [key.to_public()], armored=armored))


# --- what is read


def test_documents_of_persons_are_read_and_are_no_part_of_the_project(home: Path, folder: Path) -> None:
    found = checked(home, folder)

    assert told(found) == []
    assert set(found.restricted.persons) == {"p17"}
    assert found.restricted.persons["p17"].keeping.until == date(2127, 1, 1)
    assert set(found.restricted.goals) == {"learn"}
    assert set(found.restricted.performance.plans) == {"plan_p17"}
    assert set(found.restricted.performance.series) == {"talks"}
    assert found.project == reading.read(home).project
    assert "Quandt" not in repr(found.project) + repr(found.documents.sources)


def test_without_a_source_nothing_of_persons_is_read(home: Path) -> None:
    restricted_folder.restricted(home / "restricted")

    for found in (reading.read(home), restricted.read(home, None)):
        assert found.restricted.persons == {}
        assert found.documents.restricted == ()
        assert told(found) == []


@pytest.mark.parametrize(
    "path",
    [
        *("PLAN.YAML", "plan.txt", "plan.yaml~", "plan.yaml.bak", "plan.YAML.age", "y.age", "x.csv", "plan"),
        *(".plan.yaml", ".plan.yaml.swp", ".old/x.yaml", "deep/.old/x.yaml", ".DS_Store", ".gitlost"),
        *(
            "deep/.github/x.yaml",
            "deep/.gitlab-ci.yml",
            "README.csv",
            "README/x.txt",
            ".gitignore/x",
            "my README.md",
        ),
    ],
)
def test_a_file_that_is_not_read_is_told_and_is_no_document(home: Path, folder: Path, path: str) -> None:
    write(folder, {path: PERSON.replace("p17", "p18")})

    found = checked(home, folder)

    assert told(found) == [f"restricted-file-not-read (restricted)/{path}:1:1"]
    assert set(found.restricted.persons) == {"p17"}
    assert not found.documents.is_whole
    assert all(one.veiled for one in found.diagnostics)


def test_a_file_that_is_not_read_is_told_by_whoever_reads_the_folder(home: Path, folder: Path) -> None:
    """`kpi check`, `kpi purge` and `kpi diff`, in this order."""
    write(folder, {"plan.txt": "x"})
    where = source(home, folder)

    for found in (
        restricted.check(home, where).diagnostics,
        restricted.retention(home, where, date(2026, 1, 1)).unknown,
        restricted.alone(home, load.load(home), where).diagnostics,
    ):
        assert [f"{one.code} {one.place.path}" for one in found] == [
            "restricted-file-not-read (restricted)/plan.txt"
        ]


@pytest.mark.parametrize(
    "path",
    [
        *("README", "README.md", "readme.rst", "deep/README.txt", ".gitignore", "deep/.gitkeep"),
        *(".git/config", ".gitattributes", ".gitmodules", ".github/workflows/x.yaml", ".gitlab-ci.yml"),
    ],
)
def test_what_is_of_git_or_for_people_is_left_alone(home: Path, folder: Path, path: str) -> None:
    write(folder, {path: "?"})

    assert told(checked(home, folder)) == []


def test_a_link_is_told_whatever_its_name(home: Path, folder: Path) -> None:
    (folder / "plan.txt").symlink_to("/nowhere")

    assert told(checked(home, folder)) == ["symlink-refused (restricted)/plan.txt:1:1"]


def test_a_name_that_cannot_be_shown_is_told_without_it(home: Path, folder: Path) -> None:
    write(folder, {"plan\n.txt": "x"})

    assert told(checked(home, folder)) == ["forbidden-character :0:0"]


@pytest.mark.parametrize("name", ["site", "packs", "restricted"])
def test_names_that_the_project_leaves_out_mean_nothing_here(home: Path, folder: Path, name: str) -> None:
    (folder / "p17.yaml").unlink()
    write(folder, {f"{name}/p17.yaml": PERSON})

    assert set(checked(home, folder).restricted.persons) == {"p17"}


def test_the_folder_may_be_a_repository_of_its_own(home: Path, folder: Path) -> None:
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "x")

    assert told(checked(home, folder)) == []


# --- what is wrong with a document


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            f"{PERSON}---\n{PLAN}", ["several-documents (restricted)/p17.yaml:10:1"], id="two documents"
        ),
        pytest.param(
            KPIS.split("---\n")[4].replace("name: sales", "name: more"),
            ["not-of-a-person (restricted)/p17.yaml:1:7"],
            id="a KPI",
        ),
        pytest.param(
            PERSON.replace(KEEPING, ""), ["keeping-not-told (restricted)/p17.yaml:2:7"], id="no end"
        ),
        pytest.param(PERSON.replace("title:", "titel:"), None, id="a wrong key"),
        pytest.param("kind: [", None, id="no YAML"),
        pytest.param("kind: person\nname: &a p17\n", None, id="an anchor"),
    ],
)
def test_findings_stand_in_the_restricted_file(
    home: Path, folder: Path, text: str, expected: list[str] | None
) -> None:
    for file in folder.rglob("*.y*ml"):
        file.unlink()
    write(folder, {"p17.yaml": text})

    found = checked(home, folder)

    assert found.has_errors
    assert all(one.place.path == "(restricted)/p17.yaml" for one in found.diagnostics)
    if expected is not None:
        assert told(found) == expected


@pytest.mark.parametrize(
    "text",
    [
        PERSON.replace("name: p17", "name: Zoë Quandt"),
        PERSON.replace("org_unit: acme", "org_unit: Zoë Quandt"),
        PERSON.replace("lawful_basis: contract", "lawful_basis: Zoë Quandt"),
        PERSON.replace("kind: person", "kind: Zoë Quandt"),
        PERSON.replace("title: Zoë Quandt", "title: Zoë Quandt: x"),
        PERSON.replace("title: Zoë Quandt", "title: @Zoë Quandt"),
        PERSON.replace("title: Zoë Quandt", "title: 'Zoë Quandt"),
        PERSON.replace("title: Zoë Quandt", "Zoë Quandt: x"),
        PERSON.replace("title: Zoë Quandt", "Zoë Quandt"),
        PERSON.replace("title: Zoë Quandt", "title: [Zoë Quandt"),
        PERSON.replace("title: Zoë Quandt", "title: {Zoë Quandt: 1}"),
        PERSON.replace("title: Zoë Quandt", "title: Zoë Quandt\ntitle: Zoë Quandt"),
        PERSON.replace("title: Zoë Quandt", "title: !Quandt Zoë"),
        PERSON.replace("title: Zoë Quandt", "title: &Quandt Zoë"),
        PERSON.replace("2127-01-01", "Zoë Quandt"),
        f"%Quandt\n---\n{PERSON}",
        PLAN.replace("kpi: sales, at", "slice: {who: Zoë Quandt}, kpi: sales, at"),
        PLAN.replace("{person: p17}", "{person: Zoë Quandt}"),
        PLAN.replace("{what: Sit together,", "{what: Sit together, Zoë Quandt: 1,"),
        PLAN.replace("hr_reviewer: hr", "hr_reviewer: zoe.quandt@example.com"),
    ],
)  # fmt: skip
def test_no_finding_repeats_words_of_a_restricted_file(home: Path, folder: Path, text: str) -> None:
    write(folder, {"p17.yaml": text})

    found = checked(home, folder).diagnostics

    assert found
    for one in found:
        told = f"{one.message} {one.hint} {one.note} {one.fix}".lower()
        assert "quandt" not in told, "nor as the name that could be made of it"
        assert "zo" not in told.replace("zone", "")
        assert one.veiled
        assert one.fix == ()


def test_a_name_that_is_taken_is_told_with_its_other_place(home: Path, folder: Path) -> None:
    write(folder, {"q.yaml": PERSON})

    [finding] = checked(home, folder).diagnostics

    assert finding.code == "duplicate-name"
    assert finding.note == "It was first defined at (restricted)/p17.yaml:2:7."


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda file: file.symlink_to(file.parent / "p17.yaml"), "symlink-refused"),
        (lambda file: file.symlink_to("/nowhere"), "symlink-refused"),
        (os.mkfifo, "not-a-file"),
        (lambda file: file.write_bytes(b"\xff\xfe"), "not-utf8"),
        (lambda file: file.write_bytes(b"\0"), "forbidden-character"),
        (lambda file: os.truncate(os.open(file, os.O_RDWR | os.O_CREAT), 8 << 30), "file-too-large"),
    ],
    ids=["a link", "a link to nowhere", "a pipe", "no UTF-8", "NUL", "8 GiB"],
)
def test_a_file_that_is_none_is_refused(
    home: Path, folder: Path, make: Callable[[Path], object], code: str
) -> None:
    make(folder / "x.yaml")

    found = checked(home, folder)

    assert told(found) == [f"{code} (restricted)/x.yaml:1:1"]
    assert not found.documents.is_whole


def test_a_folder_that_is_a_link_is_not_walked(home: Path, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (folder / "more").symlink_to(tmp_path / "more")

    assert told(checked(home, folder)) == ["symlink-refused (restricted)/more:1:1"]


def test_all_files_together_are_not_too_large(
    home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_restricted, "MAX_BYTES", 500)
    refused(checked(home, folder), "project-too-large", "more than 500 bytes")

    monkeypatch.setattr(load_restricted, "MAX_FILES", 2)
    refused(checked(home, folder), "too-many-files", "more than 2 restricted files")


# --- which folder


def test_a_folder_that_is_a_link_is_refused(home: Path, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)

    refused(checked(home, tmp_path / "link"), "symlink-refused", "is a symbolic link")


def test_a_file_in_its_place_is_refused(home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    refused(checked(home, tmp_path / "file"), "not-a-folder", "is none")
    refused(checked(home, tmp_path / "nothing"), "unreadable-file", "no such file or directory")


@pytest.mark.parametrize("mode", [0o750, 0o755, 0o701, 0o720, 0o777])
def test_a_folder_that_others_may_look_into_is_refused(home: Path, folder: Path, mode: int) -> None:
    folder.chmod(mode)

    finding = refused(checked(home, folder), "restricted-folder-shared", "Others than its owner")

    assert finding.hint == f"Run `chmod 700 {folder}`."


@pytest.mark.parametrize("where", ["kpis", "kpis/hr", "site", "site/hr", "site-sales/hr"])
def test_a_folder_that_everybody_reads_is_refused(home: Path, where: str) -> None:
    shutil.rmtree(home / where, ignore_errors=True)
    (home / where).parent.mkdir(exist_ok=True)

    found = checked(home, restricted_folder.restricted(home / where, {"x.yaml": PERSON}))

    assert [one.code for one in found.diagnostics if not one.place.path] == ["restricted-folder-misplaced"]
    assert found.documents.restricted == ()


def test_a_way_into_paths_through_a_link_above_is_refused(home: Path, tmp_path: Path) -> None:
    restricted_folder.restricted(home / "kpis" / "hr", {})
    (tmp_path / "link").symlink_to(home / "kpis")

    refused(checked(home, tmp_path / "link" / "hr"), "restricted-folder-misplaced", "lies under `paths`")


def test_a_folder_around_the_project_is_refused(home: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)

    home.chmod(0o700)

    for folder in (home, tmp_path):
        refused(checked(home, folder), "restricted-folder-misplaced", "holds the whole project")


def test_where_definitions_are_anywhere_the_usual_folder_is_left_out(home: Path) -> None:
    write(home, {"kpiascode.yaml": restricted_folder.PROJECT.replace("[kpis]", "[.]")})
    folder = restricted_folder.restricted(home / "restricted")

    assert reading.read(home).diagnostics == ()
    assert set(checked(home, folder).restricted.persons) == {"p17"}

    folder.rename(home / "persons")
    found = checked(home, home / "persons")
    assert "restricted-folder-misplaced" in {one.code for one in found.diagnostics}
    assert found.restricted.persons == {}


def test_paths_that_name_the_folder_are_refused(home: Path) -> None:
    write(home, {"kpiascode.yaml": restricted_folder.PROJECT.replace("[kpis]", "[kpis, restricted]")})

    found = checked(home, restricted_folder.restricted(home / "restricted"))

    assert "restricted-folder-misplaced" in {one.code for one in found.diagnostics}
    assert "person-in-open-repository" in {one.code for one in found.diagnostics}
    assert found.restricted.persons == {}


@pytest.mark.parametrize("folder", ["restricted", "packs", "Restricted", "data/../restricted"])
def test_no_dataset_takes_its_rows_from_what_belongs_to_persons(home: Path, folder: str) -> None:
    write(home, {f"{folder}/scores.csv": "day,amount\n2026-01-05,1.00\n"})
    write(home, {"kpis/all.yaml": KPIS.replace("data/orders.csv", f"{folder}/scores.csv")})

    [finding] = reading.read(home).diagnostics

    assert finding.code == "path-outside-project"
    assert "only what belongs to persons" in finding.message


# --- git


@pytest.mark.parametrize("ignored", ["/restricted/", "restricted/*", "restricted", "*.y*ml\n*.yml"])
def test_in_the_open_repository_it_is_ignored(home: Path, ignored: str) -> None:
    git(home, "init", "-q")
    (home / ".gitignore").write_text(f"{ignored}\n")

    assert told(checked(home, restricted_folder.restricted(home / "restricted"))) == []


@pytest.mark.parametrize("ignored", ["", "*.yml", "/packs/", "restricted/*\n!restricted/p17.yaml"])
def test_in_the_open_repository_it_is_not_forgotten(home: Path, ignored: str) -> None:
    git(home, "init", "-q")
    (home / ".gitignore").write_text(f"{ignored}\n")

    found = checked(home, restricted_folder.restricted(home / "restricted"))

    refused(found, "restricted-folder-in-git", "does not ignore the restricted folder")


@pytest.mark.parametrize("gone", [False, True], ids=["there", "removed since"])
def test_a_folder_that_the_open_repository_tracks_is_refused(home: Path, gone: bool) -> None:
    git(home, "init", "-q")
    (home / ".gitignore").write_text("/restricted/\n")
    folder = restricted_folder.restricted(home / "restricted")
    git(home, "add", "--force", "restricted/p17.yaml")
    if gone:
        (folder / "p17.yaml").unlink()

    refused(checked(home, folder), "restricted-folder-in-git", "tracks the restricted folder, or files in it")


def test_a_project_below_the_root_of_its_repository(home: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    folder = restricted_folder.restricted(tmp_path / "persons")

    refused(checked(home, folder), "restricted-folder-in-git", "does not ignore")
    (tmp_path / ".gitignore").write_text("persons/\n")
    assert told(checked(home, folder)) == []


def test_where_git_cannot_be_asked_nobody_can_say(home: Path) -> None:
    git(home, "init", "-q")
    (home / ".gitignore").write_text("/restricted/\n")
    folder = restricted_folder.restricted(home / "restricted")

    found = restricted.read(home, source(home, folder, git=False))
    refused(found, "restricted-folder-in-git", "git cannot be asked")

    (home / ".git" / "HEAD").write_text("broken")
    refused(checked(home, folder), "restricted-folder-in-git", "git cannot be asked")


def test_without_a_repository_nothing_is_asked(home: Path) -> None:
    folder = restricted_folder.restricted(home / "restricted")

    assert told(restricted.read(home, source(home, folder, git=False))) == []


# --- age


@pytest.mark.parametrize("armored", [False, True], ids=["binary", "armored"])
def test_what_is_encrypted_is_read_in_memory(home: Path, folder: Path, tmp_path: Path, armored: bool) -> None:
    (folder / "p17.yaml").unlink()
    encrypt(folder / "p17.yaml.age", PERSON, armored=armored)
    encrypt(folder / "more.yml.age", PERSON.replace("p17", "p18"))
    before = sorted(tmp_path.rglob("*"))

    found = checked(home, folder, identity(tmp_path))

    assert told(found) == []
    assert set(found.restricted.persons) == {"p17", "p18"}
    assert sorted(tmp_path.rglob("*")) == sorted({*before, tmp_path / "key.txt"})


def test_an_ssh_key_reads_what_is_encrypted_for_it(home: Path, folder: Path, tmp_path: Path) -> None:
    key = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    recipient = pyrage.ssh.Recipient.from_str((tmp_path / "id.pub").read_text().strip())
    (folder / "p17.yaml").unlink()
    (folder / "p17.yaml.age").write_bytes(pyrage.encrypt(PERSON.encode(), [recipient]))

    assert told(checked(home, folder, key)) == []


def with_encrypted(folder: Path, data: bytes | None = None) -> None:
    (folder / "p17.yaml").unlink()
    encrypt(folder / "p17.yaml.age", PERSON)
    if data is not None:
        (folder / "p17.yaml.age").write_bytes(data)
    for name in ("plan.yaml", "talks.yml", "deep/goal.yaml"):
        (folder / name).unlink()


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        pytest.param(None, 0, "nobody says with which key", id="none"),
        pytest.param(f"{KEY}\n", 0o640, "Others than its owner may read the file", id="readable by a group"),
        pytest.param(f"{KEY}\n", 0o604, "Others than its owner may read the file", id="readable by all"),
        pytest.param("", 0o600, "holds no key", id="empty"),
        pytest.param("# only a comment\n", 0o600, "holds no key", id="a comment"),
        pytest.param("AGE-SECRET-KEY-1XYZ\n", 0o600, "holds no identity that can be used", id="broken"),
        pytest.param("AGE-PLUGIN-YUBIKEY-1Q\n", 0o600, "holds no identity that can be used", id="a program"),
        pytest.param(
            "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n", 0o600, "holds no identity that can be used", id="SSH"
        ),
        pytest.param("é\n", 0o600, "holds no identity that can be used", id="no ASCII"),
        pytest.param("#" * 70_000, 0o600, "too large for a key", id="large"),
    ],
)
def test_a_key_that_is_none(
    home: Path, folder: Path, tmp_path: Path, text: str | None, mode: int, words: str
) -> None:
    with_encrypted(folder)
    key = None if text is None else identity(tmp_path, text, mode)

    finding = refused(checked(home, folder, key), "identity-refused", words)

    assert str(KEY)[:30] not in repr(finding)
    assert "XYZ" not in repr(finding)


def test_a_key_that_is_not_there_or_no_file(home: Path, folder: Path, tmp_path: Path) -> None:
    with_encrypted(folder)

    refused(checked(home, folder, tmp_path / "no"), "identity-refused", "no such file or directory")
    refused(checked(home, folder, tmp_path), "identity-refused", "is a directory")
    os.mkfifo(tmp_path / "pipe")
    refused(checked(home, folder, tmp_path / "pipe"), "identity-refused", "is no regular file")


def test_without_a_key_plain_files_are_read_all_the_same(home: Path, folder: Path) -> None:
    encrypt(folder / "q.yaml.age", PERSON.replace("p17", "q"))

    found = checked(home, folder)

    assert [one.code for one in found.diagnostics] == ["identity-refused"]
    assert set(found.restricted.persons) == {"p17"}


def test_without_the_library_the_install_command_is_told(
    home: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_encrypted(folder)
    monkeypatch.setitem(__import__("sys").modules, "pyrage", None)

    refused(checked(home, folder, identity(tmp_path)), "age-missing", "pip install 'kpiascode[privacy]'")


WHOLE = pyrage.encrypt(PERSON.encode(), [KEY.to_public()])


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(pyrage.encrypt(PERSON.encode(), [pyrage.x25519.Identity.generate().to_public()]), id="for others"),
        pytest.param(pyrage.passphrase.encrypt(PERSON.encode(), "x"), id="with a passphrase"),
        pytest.param(WHOLE[:-1], id="cut at the end"),
        pytest.param(WHOLE[:100], id="cut in the head"),
        pytest.param(WHOLE[:-20] + b"x" + WHOLE[-19:], id="changed"),
        pytest.param(b"", id="empty"),
        pytest.param(PERSON.encode(), id="not encrypted"),
        pytest.param(b"age-encryption.org/v1\n-> scrypt aaaaaaaaaaaaaaaaaaaaaa 30\n", id="a costly passphrase"),
    ],
)  # fmt: skip
def test_what_cannot_be_decrypted_is_told_and_not_believed(
    home: Path, folder: Path, tmp_path: Path, data: bytes
) -> None:
    with_encrypted(folder, data)

    found = checked(home, folder, identity(tmp_path))

    assert told(found) == ["not-decrypted (restricted)/p17.yaml.age:1:1"]
    assert found.restricted.persons == {}


def test_a_gigabyte_of_zeros_is_not_read(home: Path, folder: Path, tmp_path: Path) -> None:
    """Encrypted it is as large as it was; no more than two mebibytes of it come into memory."""
    with_encrypted(folder)
    with (folder / "p17.yaml.age").open("wb") as file:
        file.write(pyrage.encrypt(b"", [KEY.to_public()]))
        file.truncate(1 << 30)
    read: list[int] = []

    def watched(root: Path, path: str, limit: int) -> bytes | load_files.Refusal:
        data = load_files.read(root, path, limit)
        read.append(len(data) if isinstance(data, bytes) else 0)
        return data

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load_restricted, "read", watched)
        found = checked(home, folder, identity(tmp_path))

    assert told(found) == ["file-too-large (restricted)/p17.yaml.age:1:1"]
    assert read == [load_restricted.MAX_ENCRYPTED + 1]


def test_what_is_too_large_once_it_is_decrypted(home: Path, folder: Path, tmp_path: Path) -> None:
    with_encrypted(folder)
    encrypt(folder / "p17.yaml.age", b"#" + b"\0" * (1 << 20))

    assert told(checked(home, folder, identity(tmp_path))) == ["file-too-large (restricted)/p17.yaml.age:1:1"]


# --- until when


@pytest.mark.parametrize(
    ("day", "over"),
    [
        pytest.param(date(2126, 12, 31), 0, id="the last day on which it may be kept"),
        pytest.param(date(2127, 1, 1), 4, id="the first on which it may not"),
        pytest.param(date(2130, 1, 1), 4, id="years later"),
    ],
)
def test_what_may_not_be_kept_is_an_error(home: Path, folder: Path, day: date, over: int) -> None:
    found = restricted.kept(checked(home, folder), day)

    assert [one.code for one in found.diagnostics] == ["retention-over"] * over
    assert all(one.veiled and one.place.path.startswith("(restricted)/") for one in found.diagnostics)
    assert found.has_errors is bool(over)


def test_which_files_are_over_is_told_even_of_broken_documents(home: Path, folder: Path) -> None:
    ends = "retention_until: 2026-01-01\n"
    write(
        folder,
        {
            "kpi.yaml": f"kind: kpi\nname: x\n{ends}",
            "odd.yaml": f"kind: 7\n{ends}",
            "two.yaml": f"kind: person\n{ends}---\nkind: person\n{ends}",
            "none.yaml": "kind: person\n",
            "empty.yaml": "",
            "day.yaml": "retention_until: 2026-02-30\n",
            "week.yaml": "retention_until: 2026-W01-1\n",
            "cut.yaml": f"{ends}kind: [",
        },
    )

    found = restricted.retention(home, source(home, folder), date(2026, 1, 1))

    assert [(one.path, one.kind) for one in found.over] == [("kpi.yaml", "kpi"), ("odd.yaml", "document")]
    assert sorted(f"{one.code} {one.place.path}" for one in found.unknown) == [
        "keeping-not-told (restricted)/day.yaml",
        "keeping-not-told (restricted)/empty.yaml",
        "keeping-not-told (restricted)/none.yaml",
        "keeping-not-told (restricted)/week.yaml",
        "several-documents (restricted)/two.yaml",
        "yaml-syntax (restricted)/cut.yaml",
    ]
