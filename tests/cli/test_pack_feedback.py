"""`kpi pack feedback`: an export in, a document for its owner's eyes out, and nothing told where it must not be."""

import os
import shutil
import stat
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from command_line import Kpi, process

from kpiascode.cli import options

ROUND = """kind: feedback_round
name: autumn
title: How the shop works with others
owner: sales
about: {org_unit: shop}
window: {from: 2025-11-17, to: 2025-12-01}
groups: [peers, reports, self]
questions:
  - {name: reliable, title: I can rely on what they promise., scale: {from: 1, to: 5}}
  - {name: keep, title: What should they keep?, text: true}
anonymity: {free_text: moderated}
"""
KEPT = "purpose: To grow.\nlawful_basis: consent\nretention_until: 2127-01-01\n"
PERSON = f"kind: person\nname: p_1\ntitle: Robin Example\norg_unit: shop\n{KEPT}"
ABOUT_ROBIN = ROUND.replace("name: autumn", "name: robin", 1).replace("org_unit: shop", "person: p_1") + KEPT
HEADER = "respondent,group,reliable,keep,moderated"
PEERS = tuple(f"p{number},peers,{number % 5 + 1},," for number in range(7))
REPORTS = tuple(f"r{number},reports,{number % 2 + 3},," for number in range(6))
SELF = ("s1,self,5,,",)
WORDS = ("Tea", "Bread", "Robin is great", "me@example.com", "=1+1", "Cake", "I am p3")
SECRET = "Zacharias"
NOW = ("--as-of", "2026-01-01")


@pytest.fixture
def shop(shop: Path) -> Path:
    """Return the shop with a round of feedback."""
    (shop / "kpis" / "round.yaml").write_text(ROUND, encoding="utf-8")
    return shop


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return exported(tmp_path, *PEERS, *REPORTS, *SELF)


def exported(folder: Path, *rows: str, header: str = HEADER, name: str = "export.csv") -> Path:
    file = folder / name
    file.write_text("\n".join((header, *rows, "")), encoding="utf-8")
    return file


def restricted(folder: Path, **documents: str) -> Path:
    made = folder / "of_persons"
    made.mkdir(mode=0o700)
    for name, text in documents.items():
        (made / f"{name}.yaml").write_text(text, encoding="utf-8")
        (made / f"{name}.yaml").chmod(0o600)
    return made


def pack(kpi: Kpi, file: Path, *more: str) -> str:
    """Return the document as Markdown."""
    kpi.answer("pack", "feedback", "autumn", "--responses", str(file), *NOW, *more)
    return (Path("packs") / "feedback-autumn.md").read_text(encoding="utf-8")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- what is written


@pytest.mark.usefixtures("shop")
def test_both_forms_are_for_the_owner_alone(kpi: Kpi, shop: Path, export: Path) -> None:
    before = os.umask(0)
    try:
        told = kpi.answer("pack", "feedback", "autumn", "--responses", str(export), *NOW)
    finally:
        os.umask(before)
    files = [shop / "packs" / name for name in ("feedback-autumn.html", "feedback-autumn.md")]

    assert [Path(line).resolve() for line in told.split()] == [file.resolve() for file in files]
    assert mode(shop / "packs") == 0o700
    assert {mode(file) for file in files} == {0o600}
    assert (shop / "packs" / ".gitignore").read_text() == "*\n"
    assert not (shop / "site").exists()
    assert "respondent" not in "".join(file.read_text(encoding="utf-8") for file in files)


@pytest.mark.parametrize(("form", "ending"), [("html", ".html"), ("markdown", ".md")])
def test_one_form(kpi: Kpi, shop: Path, export: Path, form: str, ending: str) -> None:
    kpi.answer("pack", "feedback", "autumn", "--responses", str(export), *NOW, "--format", form)

    assert {file.name for file in (shop / "packs").iterdir() if file.name[0] != "."} == {
        f"feedback-autumn{ending}"
    }


@pytest.mark.usefixtures("shop")
def test_each_group_is_told_and_the_one_of_one_is_not(kpi: Kpi, export: Path) -> None:
    text = pack(kpi, export)

    assert "| Peers | 7 |" in text
    assert "| Reports | 6 |" in text
    assert "| Self | Not shown: fewer than 5, or needed to hide so few |" in text
    assert "13" in text
    assert "14" not in text


@pytest.mark.usefixtures("shop")
def test_an_export_of_four_tells_nothing(kpi: Kpi, tmp_path: Path) -> None:
    text = pack(kpi, exported(tmp_path, *PEERS[:4]))

    assert "Fewer than 5 people answered of any group, so nothing is shown." in text


@pytest.mark.usefixtures("shop")
def test_an_export_from_standard_input(shop: Path, export: Path) -> None:
    """So that what is encrypted never lies on a disk."""
    with export.open("rb") as file:
        ended = process(*"pack feedback autumn --responses -".split(), *NOW, folder=shop, stdin=file)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert (shop / "packs" / "feedback-autumn.md").is_file()


@pytest.mark.usefixtures("shop")
def test_semicolons_and_a_column_that_is_not_read(kpi: Kpi, tmp_path: Path) -> None:
    rows = [f"{row};{SECRET}".replace(",", ";") for row in PEERS]
    file = exported(tmp_path, *rows, header=f"{HEADER},full name".replace(",", ";"))
    options = ("--delimiter", ";", "--ignore-column", "full name")

    assert SECRET not in pack(kpi, file, *options)


@pytest.mark.usefixtures("shop")
def test_words_that_name_somebody_are_counted_for_who_runs_it_and_on_no_page(
    kpi: Kpi, tmp_path: Path
) -> None:
    rows = [row.replace(",,", f",{text},yes") for row, text in zip(PEERS, WORDS, strict=True)]
    people = restricted(tmp_path, person=PERSON)
    file = exported(tmp_path, *rows)

    result = kpi("pack", "feedback", "autumn", "--responses", str(file), *NOW, "--restricted", str(people))
    text = Path("packs/feedback-autumn.md").read_text(encoding="utf-8")

    assert result.exit_code == 0
    assert result.stderr == "Answers in words that are not told, since they may name somebody: 3.\n"
    assert [line for line in text.splitlines() if "“" in line] == [
        "- “=1+1”",
        "- “Bread”",
        "- “Cake”",
        "- “Tea”",
    ]
    assert "Robin" not in text


# --- when


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("day", ["2025-11-20", "2025-11-30"])
def test_nothing_is_told_before_the_window_has_closed(kpi: Kpi, export: Path, day: str) -> None:
    result = kpi("pack", "feedback", "autumn", "--responses", str(export), "--as-of", day)

    assert result.exit_code == 2
    assert "`autumn` takes answers until 2025-12-01, that day not included." in result.stderr
    assert not Path("packs").exists()


@pytest.mark.usefixtures("shop")
def test_it_is_told_on_the_day_after(kpi: Kpi, export: Path) -> None:
    assert kpi(*f"pack feedback autumn --responses {export} --as-of 2025-12-01".split()).exit_code == 0


@pytest.mark.usefixtures("shop")
def test_a_day_that_is_yet_to_come_opens_nothing(
    kpi: Kpi, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the command line says of the day closes no window early."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime(2025, 11, 20, tzinfo=tz)  # type: ignore[arg-type]

    monkeypatch.setattr(options, "datetime", Clock)
    result = kpi("pack", "feedback", "autumn", "--responses", str(export), *NOW)

    assert result.exit_code == 2
    assert "Nothing is told before" in result.stderr


@pytest.mark.usefixtures("shop")
def test_a_round_is_told_once(kpi: Kpi, tmp_path: Path, export: Path) -> None:
    """One answer more, and the difference of two summaries is what one person said."""
    first = pack(kpi, export)
    assert pack(kpi, export) == first, "the same again is the same"
    more = exported(tmp_path, *PEERS, *REPORTS, *SELF, "p99,peers,1,,", name="more.csv")

    for form in ("both", "html", "markdown"):
        result = kpi("pack", "feedback", "autumn", "--responses", str(more), *NOW, "--format", form)
        assert result.exit_code == 2
        assert "tells `autumn` already, from other answers or another definition." in result.stderr
    assert Path("packs/feedback-autumn.md").read_text(encoding="utf-8") == first
    for name in ("html", "md"):
        Path(f"packs/feedback-autumn.{name}").unlink()
    assert pack(kpi, more) != first


@pytest.mark.usefixtures("shop")
def test_the_other_form_of_other_answers_is_refused_too(kpi: Kpi, tmp_path: Path, export: Path) -> None:
    kpi.answer("pack", "feedback", "autumn", "--responses", str(export), *NOW, "--format", "html")
    more = exported(tmp_path, *PEERS, *REPORTS, "p99,peers,1,,", name="more.csv")

    assert kpi(*f"pack feedback autumn --responses {more} --format markdown".split(), *NOW).exit_code == 2


def test_nobody_lowers_k_on_the_command_line(kpi: Kpi) -> None:
    assert "--k" not in kpi.answer("pack", "feedback", "--help")


# --- about a person


@pytest.mark.usefixtures("shop")
def test_a_round_about_a_person_needs_the_restricted_folder(kpi: Kpi, tmp_path: Path, export: Path) -> None:
    missing = kpi("pack", "feedback", "robin", "--responses", str(export), *NOW)
    people = restricted(tmp_path, person=PERSON, round=ABOUT_ROBIN)

    assert missing.exit_code == 2
    assert "There is no feedback round `robin`." in missing.stderr
    assert "One about a person needs the restricted folder: --restricted DIR." in missing.stderr
    kpi.answer("pack", "feedback", "robin", "--responses", str(export), *NOW, "--restricted", str(people))
    text = Path("packs/feedback-robin.md").read_text(encoding="utf-8")
    assert "About Robin Example" in text
    assert "2127-01-01 feedback-robin.md" in Path("packs/.kpiascode-private").read_text()


@pytest.mark.usefixtures("shop")
def test_of_a_document_that_may_not_be_kept_nothing_is_made(kpi: Kpi, tmp_path: Path, export: Path) -> None:
    people = restricted(tmp_path, person=PERSON, round=ABOUT_ROBIN.replace("2127-01-01", "2026-01-01"))
    result = kpi("pack", "feedback", "robin", "--responses", str(export), *NOW, "--restricted", str(people))

    assert result.exit_code == 1
    assert "retention-over" in result.stderr
    assert not Path("packs").exists()


@pytest.mark.usefixtures("shop")
def test_a_round_that_is_misspelt(kpi: Kpi, export: Path) -> None:
    result = kpi("pack", "feedback", "autum", "--responses", str(export), *NOW)

    assert result.exit_code == 2
    assert "Did you mean `autumn`?" in result.stderr


# --- hostile exports


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("rows", "told"),
    [
        pytest.param(
            (f"{SECRET},peers,4,,", f"{SECRET.upper()} ,reports,4,,"), "wrong-respondent", id="twice"
        ),
        pytest.param((f"a,{SECRET},4,,",), "wrong-answer", id="a group that is not asked"),
        pytest.param((f"a,peers,{SECRET},,",), "wrong-answer", id="no number"),
        pytest.param(('a,peers,"=HYPERLINK(""http://Zacharias"")",,',), "wrong-answer", id="a formula"),
        pytest.param((f"a,peers,4,{SECRET},{SECRET}",), "wrong-answer", id="no word of a moderator"),
        pytest.param((f"a,peers,4,{SECRET},,{SECRET}",), "malformed-csv", id="a column too many"),
        pytest.param((f'a,peers,4,"{SECRET},,',), "malformed-csv", id="a quote that is not closed"),
    ],
)
def test_of_a_wrong_export_nothing_is_written_and_nothing_repeated(
    kpi: Kpi, tmp_path: Path, rows: tuple[str, ...], told: str
) -> None:
    result = kpi("pack", "feedback", "autumn", "--responses", str(exported(tmp_path, *PEERS, *rows)), *NOW)

    assert (result.exit_code, result.stdout) == (1, "")
    assert f"error[{told}]: " in result.stderr
    assert "--> export.csv:" in result.stderr
    assert SECRET.lower() not in result.stderr.lower()
    assert not Path("packs").exists()


@pytest.mark.usefixtures("shop")
def test_a_name_as_a_column_is_not_repeated(kpi: Kpi, tmp_path: Path) -> None:
    result = kpi(
        "pack",
        "feedback",
        "autumn",
        "--responses",
        str(exported(tmp_path, header=f"{HEADER},{SECRET}")),
        *NOW,
    )

    assert result.exit_code == 1
    assert "Row 1, column 6: no question of `autumn` has this name." in result.stderr
    assert SECRET not in result.stderr


@pytest.mark.usefixtures("shop")
def test_an_export_that_is_too_large(kpi: Kpi, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    with file.open("wb") as out:
        out.truncate(8_000_000_000)

    assert "file-too-large" in kpi("pack", "feedback", "autumn", "--responses", str(file), *NOW).stderr


@pytest.mark.usefixtures("shop")
def test_wrong_usage(kpi: Kpi, tmp_path: Path, export: Path) -> None:
    def ended(*more: str) -> str:
        result = kpi("pack", "feedback", "autumn", *NOW, *more)
        assert result.exit_code == 2
        return result.stderr

    assert "Missing option '--responses'" in ended()
    assert "does not exist" in ended("--responses", str(tmp_path / "none.csv"))
    assert "is a directory" in ended("--responses", str(tmp_path))
    assert "'--delimiter'" in ended("--responses", str(export), "--delimiter", "|")
    needed = ended("--responses", str(export), "--ignore-column", "reliable")
    assert "the round needs the column `reliable`" in needed


def test_an_export_in_the_repository_is_warned_of(kpi: Kpi, shop: Path) -> None:
    file = exported(shop, *PEERS)
    subprocess.run(["git", "init", "-q", str(shop)], check=True)
    arguments = ("pack", "feedback", "autumn", "--responses", str(file), *NOW)

    assert "The export lies in the repository, where answers never belong." in kpi(*arguments).stderr
    (shop / ".gitignore").write_text("export.csv\n")
    assert kpi(*arguments).stderr == ""


def test_nothing_is_written_to_a_site(kpi: Kpi, shop: Path, export: Path) -> None:
    (shop / "site").mkdir(mode=0o700)
    arguments = ("pack", "feedback", "autumn", "--responses", str(export), *NOW, "--output")

    assert kpi(*arguments, "site").exit_code == 2
    assert kpi(*arguments, "site/inner").exit_code == 2
    shutil.rmtree(shop / "site")
    assert kpi(*arguments, str(shop / "elsewhere")).exit_code == 0
