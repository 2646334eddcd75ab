"""`--templates`: pages of one's own, from a folder that the command line names and from nowhere else."""

import os
from pathlib import Path

import pytest
from command_line import NEW_YEAR, Kpi, process, replace

from kpiascode.cli import templates

OWN = """\
{% extends "base.html.j2" %}
{% block main %}
<p>Our own: {{ page.title }}</p>
{% endblock %}
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return a folder with one template."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "unit.html.j2").write_text(OWN, encoding="utf-8")
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def refused(kpi: Kpi, own: Path, *words: str) -> str:
    """Return what is said of templates that are wrong usage; nothing is written."""
    result = kpi("build", *NEW_YEAR, "--templates", str(own))

    assert result.exit_code == 2
    assert not Path("site").exists()
    for word in words:
        assert word in result.stderr
    return result.stderr


def test_a_template_takes_the_place_of_ours_and_the_other_pages_stay(kpi: Kpi, shop: Path, own: Path) -> None:
    kpi.answer("build", *NEW_YEAR)
    before = files_of(shop / "site")
    kpi.answer("build", *NEW_YEAR, "--templates", str(own))
    after = files_of(shop / "site")

    assert before.keys() == after.keys()
    changed = {path for path in before if before[path] != after[path]}
    assert changed == {path for path in before if path.startswith("units/")}
    assert all(b"<p>Our own: " in after[path] for path in changed)


def test_only_templates_and_the_style_sheet_are_read(kpi: Kpi, shop: Path, own: Path) -> None:
    kpi.answer("build", *NEW_YEAR, "--templates", str(own))
    before = files_of(shop / "site")
    (own / "README.md").write_text("{{ nothing }}")
    (own / "old.html").write_text("{{ nothing }}")
    (own / "more").mkdir()
    (own / "more" / "goal.html.j2").write_text("{{ nothing }}")
    (own / ".git").symlink_to("/")

    kpi.answer("build", *NEW_YEAR, "--templates", str(own))

    assert files_of(shop / "site") == before


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        pytest.param("one\n{% if %}\n", 2, "Expected an expression", id="no meaning"),
        pytest.param("one\ntwo\n{{ page.nothing }}\n", 3, "nothing", id="what no page has"),
        pytest.param("{{ ''.__class__ }}\n", 1, "__class__", id="what may not be reached"),
        pytest.param("{% include '../../kpiascode.yaml' %}\n", 1, "no template", id="another folder"),
        pytest.param(
            "\n{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
            2,
            "turns",
            id="endless",
        ),
    ],
)
def test_a_template_that_makes_no_page_leaves_the_old_site(
    text: str, line: int, word: str, kpi: Kpi, shop: Path, own: Path
) -> None:
    kpi.answer("build", *NEW_YEAR)
    before = files_of(shop / "site")
    (own / "unit.html.j2").write_text(text)

    result = kpi("build", *NEW_YEAR, "--templates", str(own))

    assert (result.exit_code, result.stdout) == (1, "")
    assert "broken-template" in result.stderr
    assert f"unit.html.j2:{line}" in result.stderr
    assert word in result.stderr
    assert result.stderr.endswith("1 error. Nothing was written.\n")
    assert files_of(shop / "site") == before
    assert not [path for path in shop.iterdir() if path.name.startswith(".site.")]


def test_a_template_that_nothing_uses_is_misspelt(kpi: Kpi, shop: Path, own: Path) -> None:
    (own / "units.html.j2").write_text("never seen")

    result = kpi("build", *NEW_YEAR, "--templates", str(own))

    assert result.exit_code == 1
    assert "units.html.j2:1" in result.stderr
    assert "none uses it. Did you mean `unit.html.j2`?" in result.stderr


def test_a_template_may_be_there_for_others(kpi: Kpi, shop: Path, own: Path) -> None:
    (own / "line.html.j2").write_text("Ask us.")
    (own / "unit.html.j2").write_text(OWN.replace("Our own:", "{% include 'line.html.j2' %}"))

    kpi.answer("build", *NEW_YEAR, "--templates", str(own))

    assert b"Ask us." in next((shop / "site" / "units").glob("*.html")).read_bytes()


def test_a_style_sheet_with_markup_is_told_with_its_line(kpi: Kpi, shop: Path, own: Path) -> None:
    (own / "style.css").write_text("p { color: red }\n</style><script>alert(1)</script>\n")

    result = kpi("build", *NEW_YEAR, "--templates", str(own))

    assert result.exit_code == 1
    assert "style.css:2" in result.stderr
    assert not (shop / "site").exists()


def test_templates_are_looked_at_before_anything_is_computed(kpi: Kpi, shop: Path, own: Path) -> None:
    (own / "unit.html.j2").write_text("{% if %}")
    (shop / "data" / "orders.csv").unlink()

    result = kpi("build", *NEW_YEAR, "--templates", str(own))

    assert result.exit_code == 1
    assert "broken-template" in result.stderr
    assert "orders.csv" not in result.stderr


def test_publish_records_nothing_when_a_template_is_broken(kpi: Kpi, shop: Path, own: Path) -> None:
    (own / "unit.html.j2").write_text("{{ page.nothing }}")
    before = files_of(shop)

    result = kpi("publish", *NEW_YEAR, "--templates", str(own))

    assert result.exit_code == 1
    assert "broken-template" in result.stderr
    assert {path: text for path, text in files_of(shop).items() if not path.startswith("ledger/")} == before
    assert not [path for path in files_of(shop) if path.startswith("ledger/") and path.endswith(".jsonl")]


# --- which folders and files


@pytest.mark.parametrize("named", ["missing", "own/unit.html.j2"])
def test_what_is_no_folder_is_wrong_usage(named: str, kpi: Kpi, shop: Path, own: Path) -> None:
    refused(kpi, own.parent / named)


def test_a_folder_without_templates_is_wrong_usage(kpi: Kpi, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    refused(kpi, tmp_path / "empty", "holds no template", "*.html.j2")


@pytest.mark.parametrize("leads_to", ["/etc/hostname", "own/unit.html.j2", "nowhere", "."])
def test_a_link_is_not_followed(leads_to: str, kpi: Kpi, shop: Path, own: Path) -> None:
    (own / "goal.html.j2").symlink_to(own.parent / leads_to)

    refused(kpi, own, "goal.html.j2", "no regular file")


def test_a_pipe_is_not_waited_for(kpi: Kpi, shop: Path, own: Path) -> None:
    os.mkfifo(own / "goal.html.j2")

    refused(kpi, own, "goal.html.j2", "no regular file")


def test_a_device_is_not_read(kpi: Kpi, shop: Path, own: Path) -> None:
    (own / "goal.html.j2").symlink_to("/dev/zero")

    refused(kpi, own, "no regular file")


def test_a_folder_with_the_name_of_a_template_is_not_read(kpi: Kpi, shop: Path, own: Path) -> None:
    (own / "goal.html.j2").mkdir()

    refused(kpi, own, "no regular file")


def test_bytes_that_are_no_text_are_wrong_usage(kpi: Kpi, shop: Path, own: Path) -> None:
    (own / "goal.html.j2").write_bytes(b"\xff\xfe")

    refused(kpi, own, "goal.html.j2", "not UTF-8")


def test_a_huge_file_is_wrong_usage(kpi: Kpi, shop: Path, own: Path) -> None:
    with (own / "goal.html.j2").open("wb") as file:
        file.truncate(templates.LARGEST + 1)

    refused(kpi, own, "larger than 1 MB")


def test_hundreds_of_files_are_wrong_usage(kpi: Kpi, shop: Path, own: Path) -> None:
    for number in range(templates.MOST + 1):
        (own / f"part_{number}.html.j2").write_text("")

    refused(kpi, own, "more than 100 templates")


@pytest.mark.parametrize("name", ["sp oof\x1b[31m.html.j2", "new\nline.html.j2", "\u202egoal.html.j2"])
def test_a_hostile_name_is_shown_harmless(name: str, kpi: Kpi, shop: Path, own: Path) -> None:
    (own / name).mkdir()

    said = refused(kpi, own)

    assert not {"\x1b", "\u202e"} & set(said)


def test_a_line_end_of_windows_changes_nothing(kpi: Kpi, shop: Path, own: Path) -> None:
    kpi.answer("build", *NEW_YEAR, "--templates", str(own))
    before = files_of(shop / "site")
    (own / "unit.html.j2").write_bytes(OWN.replace("\n", "\r\n").encode())

    kpi.answer("build", *NEW_YEAR, "--templates", str(own))

    assert files_of(shop / "site") == before


# --- never from the project


def test_a_folder_of_the_project_is_used_only_when_it_is_named(kpi: Kpi, shop: Path, own: Path) -> None:
    kpi.answer("build", *NEW_YEAR)
    before = files_of(shop / "site")
    for name in ("templates", "kpis/templates"):
        (shop / name).mkdir()
        (shop / name / "unit.html.j2").write_text("from the project")

    kpi.answer("build", *NEW_YEAR)

    assert files_of(shop / "site") == before


def test_the_project_file_cannot_name_one(kpi: Kpi, shop: Path, own: Path) -> None:
    replace(shop / "kpiascode.yaml", "name: shop\n", f"name: shop\ntemplates: {own}\n")

    result = kpi("build", *NEW_YEAR)

    assert result.exit_code == 1
    assert "unknown-key" in result.stderr


def test_the_environment_cannot_name_one(shop: Path, own: Path) -> None:
    names = ("KPI_TEMPLATES", "KPI_BUILD_TEMPLATES", "KPIASCODE_TEMPLATES")

    built = process("build", *NEW_YEAR, folder=shop, environment=dict.fromkeys(names, str(own)))

    assert built.returncode == 0, built.stderr
    assert not any(b"Our own" in text for text in files_of(shop / "site").values())
