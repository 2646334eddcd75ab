"""What a repository remembers of the KPIs, and that it can make git do nothing else."""

import os
import shutil
import subprocess
import time
from datetime import date
from pathlib import Path

import pytest

from kpiascode.load import git as asking
from kpiascode.load.git import Git
from kpiascode.load.history import read_history
from kpiascode.model.ledger import DefinitionChange, History

PROGRAM = shutil.which("git") or "git"
PROJECT = "version: 1\nname: acme\npaths: [kpis]\n"

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")


def kpi(name: str = "margin", expression: str = "sum(a) / sum(b)", owner: str = "cfo", more: str = "") -> str:
    return f"kind: kpi\nname: {name}\nowner: {owner}\nexpression: {expression}\n{more}---\n"


def goal(target: str, of: str = "margin", more: str = "") -> str:
    return f"kind: goal\nname: growth\nresults:\n  - {{kpi: {of}, target: {target}{more}}}\n---\n"


class Repository:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder.parent)}
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, on: str = "2026-01-01", given: str | None = None) -> str:
        who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
        times = {f"GIT_{who}_DATE": f"{on}T12:00:00Z" for who in ("AUTHOR", "COMMITTER")}
        done = subprocess.run(
            [PROGRAM, *who, *arguments],
            cwd=self.folder,
            env={**self.environment, "GIT_CONFIG_NOSYSTEM": "1", **times},
            input=given,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def commit(self, on: str, message: str, **files: str | None) -> None:
        """Write or remove files, `kpis__a` for `kpis/a.yaml`, and commit."""
        for name, text in files.items():
            file = self.folder / f"{name.replace('__', '/')}.yaml"
            if text is None:
                file.unlink()
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message, on=on)

    def history(self, *kpis: str, paths: tuple[str, ...] = ("kpis",)) -> History | None:
        return read_history(Git(PROGRAM, self.environment, self.folder), paths, kpis or ("margin",))

    def changes(self) -> list[tuple[str, str, tuple[str, ...]]]:
        found = self.history()
        assert found is not None
        return [(change.kpi, f"{change.on}", change.what) for change in found.changes]


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    """A margin since January, with a target."""
    made = Repository(tmp_path / "repo")
    made.commit("2026-01-10", "Begin", kpiascode=PROJECT, kpis__a=kpi(), kpis__goals=goal("0.4"))
    return made


def test_when_each_came(repo: Repository) -> None:
    repo.commit("2026-02-01", "More", kpis__b=kpi("sales"))

    found = repo.history()

    assert found == History(
        since=None,
        released={"margin": date(2026, 1, 10), "sales": date(2026, 2, 1)},
        changes=(),
        mentions=(),
    )


def test_formula_target_and_owner(repo: Repository) -> None:
    repo.commit("2026-02-01", "Count returns\n\nAs agreed.", kpis__a=kpi(expression="sum(a) / sum(c)"))
    repo.commit("2026-03-01", "New year", kpis__goals=goal("0.5"))
    repo.commit("2026-04-01", "Both", kpis__a=kpi(expression="sum(x)", owner="coo"))
    found = repo.history()
    name = repo.git("log", "--format=%h", "--abbrev=7", "-1", "HEAD~2").strip()

    assert repo.changes() == [
        ("margin", "2026-04-01", ("formula", "owner")),
        ("margin", "2026-03-01", ("target",)),
        ("margin", "2026-02-01", ("formula",)),
    ]
    assert found is not None
    assert found.changes[-1] == DefinitionChange(
        kpi="margin", on=date(2026, 2, 1), commit=name, what=("formula",), subject="Count returns"
    )


@pytest.mark.parametrize(
    ("files", "what"),
    [
        pytest.param({"kpis__a": kpi(more="where: x = 1\n")}, "formula", id="a filter"),
        pytest.param({"kpis__a": kpi(more="time: paid_at\n")}, "formula", id="a time"),
        pytest.param({"kpis__a": kpi(more="cohort: {entity: a}\n")}, "formula", id="a cohort"),
        pytest.param({"kpis__a": kpi(more="revisions: [{until: 2026-01-01}]\n")}, "formula", id="a revision"),
        pytest.param({"kpis__goals": goal("0.4", more=", tolerance: 0.1")}, "target", id="a tolerance"),
        pytest.param({"kpis__goals": None}, "target", id="a goal that is dropped"),
        pytest.param({"kpis__a": kpi(expression="sum(a)/sum( b )")}, "", id="other spaces"),
        pytest.param({"kpis__a": kpi(expression="|\n  sum(a)\n  / sum(b)")}, "", id="other lines"),
        pytest.param({"kpis__a": f"# Ours\n{kpi(more='title: Margin')}\n"}, "", id="words"),
        pytest.param({"kpis__goals": goal("0.40")}, "", id="another way to write a number"),
        pytest.param({"kpis__goals": goal("0.4", more=", weight: 2")}, "", id="a weight"),
        pytest.param({"kpis__a": None, "kpis__deep__c": kpi()}, "", id="another file"),
        pytest.param({"kpis__a": kpi("sales") + kpi()}, "", id="beside another one"),
        pytest.param({"kpis__a": None, "kpis__c": kpi("profit")}, "", id="another name is another KPI"),
    ],
)
def test_what_is_a_change(repo: Repository, files: dict[str, str | None], what: str) -> None:
    repo.commit("2026-02-01", "Change", **files)

    assert repo.changes() == ([("margin", "2026-02-01", (what,))] if what else [])


def test_a_file_that_was_renamed_and_changed(repo: Repository) -> None:
    title = "title: A title that stays as it is\n"
    repo.git("config", "diff.renames", "copies")
    repo.commit("2026-02-01", "Long", kpis__a=kpi(more=title))
    repo.commit(
        "2026-03-01", "Rename", kpis__a=None, kpis__b=kpi(more=title, owner="coo"), kpis__goals=goal("0.5")
    )

    assert repo.changes() == [("margin", "2026-03-01", ("target", "owner"))]


def test_spaces_in_quotes_are_part_of_the_formula(repo: Repository) -> None:
    repo.commit("2026-02-01", "One", kpis__a=kpi(expression="count(*) filter (where x = 'a b')"))
    repo.commit("2026-03-01", "Two", kpis__a=kpi(expression="count(*) filter (where x = 'a  b')"))

    assert [on for _, on, _ in repo.changes()] == ["2026-03-01", "2026-02-01"]


def test_a_file_that_cannot_be_read_is_as_it_was(repo: Repository) -> None:
    repo.commit("2026-02-01", "Oops", kpis__a="kind: [kpi\n")
    repo.commit("2026-03-01", "Mend", kpis__a=kpi(owner="coo"))

    found = repo.history()

    assert repo.changes() == [("margin", "2026-03-01", ("owner",))]
    assert found is not None
    assert found.released == {"margin": date(2026, 1, 10)}


def test_a_merge_is_a_change_on_its_own_day(repo: Repository) -> None:
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit("2026-02-01", "Try", kpis__a=kpi(expression="sum(x)"))
    repo.commit("2026-02-02", "Try again", kpis__a=kpi(expression="sum(y)"))
    repo.git("checkout", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-ff", "-m", "Merge it", "side", on="2026-03-05")

    assert repo.changes() == [("margin", "2026-03-05", ("formula",))]


def test_a_project_in_a_folder_of_the_repository(repo: Repository, tmp_path: Path) -> None:
    inner = repo.folder / "company"
    inner.mkdir()
    for name in ("kpiascode.yaml", "kpis"):
        repo.git("mv", name, f"company/{name}")
    repo.commit("2026-02-01", "Move")
    repo.commit("2026-03-01", "Change", company__kpis__a=kpi(owner="coo"), kpis__a=kpi(owner="somebody"))
    git = Git(PROGRAM, repo.environment, inner)

    found = read_history(git, ["kpis"], ["margin"])

    assert found is not None
    assert [(c.on, c.what) for c in found.changes] == [(date(2026, 3, 1), ("owner",))]


def test_definitions_are_followed_to_where_they_lay_before(repo: Repository) -> None:
    repo.commit(
        "2026-02-01",
        "Tidy",
        kpiascode=PROJECT.replace("[kpis]", "[metrics]"),
        kpis__a=None,
        kpis__goals=None,
        metrics__a=kpi(),
        metrics__goals=goal("0.4"),
    )

    found = repo.history(paths=("metrics",))

    assert found is not None
    assert (found.released, found.changes) == ({"margin": date(2026, 1, 10)}, ())


def test_what_lies_outside_the_paths_is_no_definition(repo: Repository) -> None:
    repo.commit("2026-02-01", "Fixtures", tests__a=kpi(owner="nobody"), kpis2__a=kpi(owner="nobody"))

    assert repo.changes() == []


@pytest.mark.parametrize("entry", ["a[1]*", "kpis/only.yaml", "."])
def test_paths_are_taken_as_they_are_written(tmp_path: Path, entry: str) -> None:
    made = Repository(tmp_path / "repo")
    file = entry if entry.endswith(".yaml") else f"{entry}/x.yaml"
    for path, text in (("kpiascode.yaml", PROJECT), (file, kpi()), ("a1b/x.yml", kpi("other"))):
        (made.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (made.folder / path).write_text(text, encoding="utf-8")
    made.commit("2026-01-10", "Begin")

    found = made.history(paths=(entry,))

    assert found is not None
    assert found.released.keys() == {"margin"} | ({"other"} if entry == "." else set())


# --- decisions


@pytest.mark.parametrize(
    ("message", "decision"),
    [
        pytest.param(
            "Cut\n\nDecision: no discounts for `margin`", "no discounts for `margin`", id="in backticks"
        ),
        pytest.param("The margin fell.\n\nDecision: raise prices", "raise prices", id="as a word elsewhere"),
        pytest.param("margin\n\n  decision:  raise   prices \nmore", "raise prices", id="in small letters"),
        pytest.param("Decision: (margin)", "(margin)", id="in brackets, as the only line"),
        pytest.param(
            "Decision: raise\tprices \x1b[31m\n\nmargin.", "raise prices [31m", id="what cannot be shown"
        ),
        pytest.param("Decision: gross_margin", None, id="part of another name"),
        pytest.param("Decision: see margin-report and kpis/margin.yaml", None, id="part of a file name"),
        pytest.param("margin\n\nNo Decision: yet", None, id="no line that begins with it"),
        pytest.param("margin\n\nDecision:", None, id="no decision"),
        pytest.param("margin\n\nDecided: raise prices", None, id="another word"),
    ],
)
def test_a_decision(repo: Repository, message: str, decision: str | None) -> None:
    repo.commit("2026-02-01", message)

    found = repo.history("margin", "sales")

    assert found is not None
    assert [(one.kpi, f"{one.on}", one.decision) for one in found.mentions] == (
        [] if decision is None else [("margin", "2026-02-01", decision)]
    )


def test_a_decision_names_several_and_may_come_from_a_branch(repo: Repository) -> None:
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit("2026-02-01", "sales and margin\n\nDecision: close a store")
    repo.git("checkout", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-ff", "-m", "Merge it", "side", on="2026-03-05")

    found = repo.history("margin", "sales", "other")

    assert found is not None
    assert [one.kpi for one in found.mentions] == ["margin", "sales"]


# --- what is not there


def test_without_a_repository_nothing_is_remembered(tmp_path: Path) -> None:
    assert read_history(Git(PROGRAM, {"PATH": os.environ["PATH"]}, tmp_path), ["kpis"], []) is None


def test_without_git_nothing_is_remembered(repo: Repository) -> None:
    assert read_history(Git("/no/such/git", repo.environment, repo.folder), ["kpis"], []) is None


def test_definitions_that_were_never_committed_have_no_history(repo: Repository) -> None:
    inner = repo.folder / "new"
    inner.mkdir()

    assert read_history(Git(PROGRAM, repo.environment, inner), ["kpis"], []) is None


def test_an_empty_repository_remembers_nothing(tmp_path: Path) -> None:
    assert Repository(tmp_path / "repo").history() is None


def test_a_shallow_clone_says_from_when_it_knows(repo: Repository, tmp_path: Path) -> None:
    repo.commit("2026-02-01", "Change", kpis__a=kpi(owner="coo"))
    repo.commit("2026-03-01", "More", kpis__b=kpi("sales"), kpis__a=kpi(owner="cfo"))
    repo.git("clone", "--quiet", "--depth=2", f"file://{repo.folder}", str(tmp_path / "shallow"))
    git = Git(PROGRAM, repo.environment, tmp_path / "shallow")

    found = read_history(git, ["kpis"], ["margin"])

    assert found is not None
    assert (found.since, found.released) == (date(2026, 2, 1), {"sales": date(2026, 3, 1)})
    assert [(change.kpi, f"{change.on}") for change in found.changes] == [("margin", "2026-03-01")]


def test_versions_beyond_what_is_read_cut_the_history(
    repo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit("2026-02-01", "Change", kpis__a=kpi(owner="coo"))
    repo.commit("2026-03-01", "Change back", kpis__a=kpi(owner="cfo"))
    monkeypatch.setattr(asking, "MAX_BLOBS", 3 * len(kpi()))

    found = repo.history()

    assert found is not None
    assert (found.since, found.released) == (date(2026, 2, 1), {})
    assert [f"{change.on}" for change in found.changes] == ["2026-03-01", "2026-02-01"]


def test_ten_thousand_commits_are_asked_for_the_newest_five_hundred(tmp_path: Path) -> None:
    """A goal whose target moves every hour, in 10,000 commits."""
    made = Repository(tmp_path / "repo")
    first = 1_700_000_000
    parts = [
        f"blob\nmark :1\ndata {len(PROJECT)}\n{PROJECT}\n",
        f"blob\nmark :2\ndata {len(kpi())}\n{kpi()}\n",
    ]
    for number in range(10_000):
        text = goal(f"{number}")
        parts.append(
            f"commit refs/heads/main\ncommitter A <a@example.com> {first + 3600 * number} +0000\ndata 1\nx\n"
            + ("M 644 :1 kpiascode.yaml\nM 644 :2 kpis/a.yaml\n" if number == 0 else "")
            + f"M 644 inline kpis/goals.yaml\ndata {len(text)}\n{text}\n"
        )
    made.git("fast-import", "--quiet", given="".join(parts))

    found = made.history()

    assert found is not None
    assert len(found.changes) == 500
    assert found.since == found.changes[-1].on
    assert found.released == {}


# --- what it must not do


def test_nothing_that_a_repository_configures_is_started(repo: Repository, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    script = tmp_path / "trap.sh"
    script.write_text(f"#!/bin/sh\ntouch {trap}\ncat\n", encoding="utf-8")
    script.chmod(0o755)
    repo.commit("2026-02-01", "margin\n\nDecision: yes", kpis__a=kpi(owner="coo"))
    (repo.folder / ".gitattributes").write_text("*.yaml diff=trap filter=trap\n", encoding="utf-8")
    repo.commit("2026-03-01", "Attributes", kpis__a=kpi(owner="cfo"))
    (repo.folder / ".git" / "hooks" / "post-index-change").write_text(script.read_text(), encoding="utf-8")
    for key in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "core.askPass",
        "core.editor",
        "credential.helper",
        "diff.external",
        "diff.trap.command",
        "diff.trap.textconv",
        "filter.trap.clean",
        "filter.trap.smudge",
        "filter.trap.process",
        "gpg.program",
        "pager.log",
        "pager.cat-file",
        "interactive.diffFilter",
        "uploadpack.packObjectsHook",
    ):
        repo.git("config", key, str(script))
    for key, value in {
        "log.showSignature": "true",
        "log.showRoot": "false",
        "log.follow": "true",
        "diff.renames": "copies",
        "core.quotePath": "true",
        "color.ui": "always",
        "log.decorate": "full",
        "format.pretty": "oneline",
        "alias.log": f"!{script}",
        "alias.rev-parse": f"!{script}",
        "diff.orderFile": str(script),
        "grep.patternType": "perl",
        "i18n.logOutputEncoding": "UTF-16",
    }.items():
        repo.git("config", key, value)

    found = repo.history()

    assert found is not None
    assert [f"{change.on}" for change in found.changes] == ["2026-03-01", "2026-02-01"]
    assert [one.decision for one in found.mentions] == ["yes"]
    assert found.released == {"margin": date(2026, 1, 10)}
    assert not trap.exists()


def test_a_git_that_says_nothing_is_ended(
    repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "git"
    slow.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    slow.chmod(0o755)
    monkeypatch.setattr(asking, "SECONDS", 0.2)

    begun = time.monotonic()
    assert read_history(Git(str(slow), repo.environment, repo.folder), ["kpis"], []) is None
    assert time.monotonic() - begun < 30


def test_a_git_that_says_too_much_is_ended(
    repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = tmp_path / "git"
    endless.write_text("#!/bin/sh\nexec yes\n", encoding="utf-8")
    endless.chmod(0o755)
    monkeypatch.setattr(asking, "MAX_OUTPUT", 1 << 16)

    assert read_history(Git(str(endless), repo.environment, repo.folder), ["kpis"], []) is None


def test_a_link_in_the_place_of_a_file_is_none(repo: Repository) -> None:
    (repo.folder / "kpis" / "link.yaml").symlink_to("/etc/passwd")
    repo.commit("2026-02-01", "Link")

    found = repo.history()

    assert found is not None
    assert found.changes == ()
