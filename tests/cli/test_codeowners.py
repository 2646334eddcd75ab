"""`kpi codeowners`: who approves what, for git hosts, in a file that belongs to others, too."""

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import Result
from command_line import Kpi, process

from kpiascode.model.handles import handles, is_handle
from kpiascode.model.place import Place, Span
from kpiascode.model.project import Owner

FERNWOOD = Path(__file__).parents[2]
BEGIN = "# kpiascode begin: written by `kpi codeowners --write`"
END = "# kpiascode end"
DEFAULT = ".github/CODEOWNERS"


def unit(name: str, parent: str | None = None) -> str:
    above = f"level: department\nparent: {parent}\n" if parent else "level: organisation\n"
    return f"kind: org_unit\nname: {name}\ntitle: {name}\n{above}headcount: 3\n"


def owner(name: str, at: str, *approvers: str, contact: str = "by phone") -> str:
    named = f"approvers: [{', '.join(map(quoted, approvers))}]\n" if approvers else ""
    return f"kind: owner\nname: {name}\ntitle: {name}\norg_unit: {at}\ncontact: {quoted(contact)}\n{named}"


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def dataset(name: str, more: str = "") -> str:
    return f"kind: dataset\nname: {name}\nsource: sales.{name}\nprimary_key: [id]\ntime: day\n{more}"


def kpi_of(
    name: str, answers: str, reads: str = "orders", expression: str = "count(*)", more: str = ""
) -> str:
    return (
        f"kind: kpi\nname: {name}\ntitle: {name}\ndescription: {name}.\nowner: {answers}\napplies_to: [acme]\n"
        f"dataset: {reads}\nexpression: {expression}\ngrain: month\nunit: count\ndirection: higher\n{more}"
    )


def goal(name: str, answers: str, kpi: str) -> str:
    return (
        f"kind: goal\nname: {name}\ntitle: {name}\norg_unit: acme\nowner: {answers}\n"
        f"period: {{from: 2025-01-01, to: 2026-01-01}}\nresults: [{{kpi: {kpi}, measure: to_date, target: 5}}]\n"
    )


def scorecard(name: str, at: str, kpi: str) -> str:
    return (
        f"kind: scorecard\nname: {name}\ntitle: {name}\norg_unit: {at}\naudiences: [{at}]\ngrain: month\n"
        f"sections: [{{title: All, kpis: [{kpi}]}}]\n"
    )


ACME: Mapping[str, tuple[str, ...]] = {
    "kpis/units/acme.yaml": (unit("acme"),),
    "kpis/units/sales.yaml": (unit("sales", "acme"),),
    "kpis/units/web.yaml": (unit("web", "sales"),),
    "kpis/units/care.yaml": (unit("care", "acme"),),
    "kpis/owners/boss.yaml": (owner("boss", "acme", "@acme/board"),),
    "kpis/owners/seller.yaml": (owner("seller", "sales", "@acme/sales", "@kim"),),
    "kpis/owners/carer.yaml": (owner("carer", "care", "@acme/care"),),
    "kpis/orders.yaml": (dataset("orders"),),
    "kpis/sold.yaml": (kpi_of("sold", "seller"),),
}
"""Each definition in a file of its own: a board, sellers below it with a unit of their own, and carers."""


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Return what makes a repository, and works in it: files by path, each of some definitions."""

    def make(more: Mapping[str, tuple[str, ...]] | None = None, *, folder: str = "") -> Path:
        top = tmp_path / "repository"
        (top / ".git").mkdir(parents=True, exist_ok=True)
        home = top / folder
        for path, definitions in {**ACME, **(more or {})}.items():
            file = home / path
            file.parent.mkdir(parents=True, exist_ok=True)
            if definitions:
                file.write_text("---\n".join(definitions), encoding="utf-8")
        (home / "kpiascode.yaml").write_text("version: 1\nname: acme\npaths: [kpis]\n", encoding="utf-8")
        monkeypatch.chdir(home)
        return top

    return make


def lines(kpi: Kpi, *arguments: str) -> dict[str, tuple[str, ...]]:
    """Return the approvers by pattern, as printed without anything to complain of."""
    begin, _, *rest, end = kpi.answer("codeowners", *arguments).splitlines()
    assert begin.startswith("# kpiascode begin")
    assert end.startswith("# kpiascode end")
    split = [re.split(r"(?<!\\) ", line) for line in rest]
    assert [pattern for pattern, *_ in split] == sorted(pattern for pattern, *_ in split)
    return {pattern: tuple(approvers) for pattern, *approvers in split}


def told(result: Result, code: str) -> str:
    """Return what a command says that ends with this finding only."""
    assert (result.exit_code, result.stdout) == (1, "")
    assert re.findall(r"^(?:error|warning)\[(.*?)\]", result.stderr, re.MULTILINE) == [code]
    return str(result.stderr)


# --- who approves what


def test_each_file_is_approved_by_who_answers_for_what_it_defines(
    kpi: Kpi, company: Callable[..., Path]
) -> None:
    company(
        {
            "kpis/goal.yaml": (goal("grow", "carer", "sold"),),
            "kpis/card.yaml": (scorecard("monthly", "sales", "sold"),),
        }
    )

    assert lines(kpi) == {
        "/.github/CODEOWNERS": ("@acme/board",),
        "/kpiascode.yaml": ("@acme/board",),
        "/kpis/card.yaml": ("@acme/sales", "@kim"),
        "/kpis/goal.yaml": ("@acme/care",),
        "/kpis/orders.yaml": ("@acme/sales", "@kim"),
        "/kpis/owners/boss.yaml": ("@acme/board",),
        "/kpis/owners/carer.yaml": ("@acme/care",),
        "/kpis/owners/seller.yaml": ("@acme/sales", "@kim"),
        "/kpis/sold.yaml": ("@acme/sales", "@kim"),
        "/kpis/units/acme.yaml": ("@acme/board",),
        "/kpis/units/care.yaml": ("@acme/care",),
        "/kpis/units/sales.yaml": ("@acme/sales", "@kim"),
        "/kpis/units/web.yaml": ("@acme/sales", "@kim"),
    }


def head(kind: str, name: str, *lines: str) -> str:
    return "".join(f"{line}\n" for line in (f"kind: {kind}", f"name: {name}", *lines))


def test_what_people_do_about_kpis_is_approved_by_who_does_it(kpi: Kpi, company: Callable[..., Path]) -> None:
    check_in = ("as_of: 2025-02-01", "by: carer", "confidence: 5")
    plan = (
        *(
            "title: Plan",
            "owner: carer",
            "subject: {kpi: sold}",
            "opened_on: 2025-02-01",
            "ends_on: 2025-06-01",
        ),
        *("current: Few.", "required: Many.", "actions: [{what: Sell, who: seller, due: 2025-03-01}]"),
        "success: {kpi: sold, at_least: 5, periods: 2}",
    )
    cycle = ("title: Cycle", "owner: carer", "period: {from: 2025-01-01, to: 2025-04-01}", "template: asked")
    questions = ("title: Asked", "sections: [{title: Past, questions: [What was it?]}]")
    series = ("title: Two", "manager: boss", "report: carer", "every: 2 weeks", "from: 2025-01-01")
    asked = (
        *("title: Round", "owner: carer", "about: {org_unit: sales}", "groups: [peers]"),
        *(
            "window: {from: 2025-01-01, to: 2025-02-01}",
            "questions: [{name: how, title: How?, scale: {from: 1, to: 5}}]",
        ),
    )
    program = ("title: Thanks", "owner: boss", "values: [{name: care, title: Care}]")
    thanks = (
        *("program: thanks", "to: {owner: seller}", "by: carer", "day: 2025-02-01", "value: care"),
        "reason: Well done.",
    )
    company(
        {
            "kpis/goal.yaml": (goal("grow", "seller", "sold"),),
            "kpis/of_goal.yaml": (head("check_in", "first", "goal: grow", *check_in),),
            "kpis/of_kpi.yaml": (head("check_in", "second", "kpi: sold", *check_in),),
            "kpis/plan.yaml": (head("improvement_plan", "plan", *plan),),
            "kpis/cycle.yaml": (head("review_cycle", "cycle", *cycle),),
            "kpis/asked.yaml": (head("review_template", "asked", *questions),),
            "kpis/unused.yaml": (head("review_template", "unused", *questions),),
            "kpis/series.yaml": (head("one_on_one_series", "series", *series),),
            "kpis/round.yaml": (head("feedback_round", "round", *asked),),
            "kpis/program.yaml": (head("recognition_program", "thanks", *program),),
            "kpis/thanks.yaml": (head("recognition", "well_done", *thanks),),
        }
    )

    found = lines(kpi)

    care, board = ("@acme/care",), ("@acme/board",)
    for path in ("of_goal", "plan", "cycle", "asked", "round", "thanks"):
        assert found[f"/kpis/{path}.yaml"] == care, path
    assert found["/kpis/of_kpi.yaml"] == ("@acme/care", "@acme/sales", "@kim")
    assert found["/kpis/series.yaml"] == ("@acme/board", "@acme/care")
    assert found["/kpis/program.yaml"] == found["/kpis/unused.yaml"] == board


def test_several_owners_of_kpis_in_a_file_are_named_each_once(kpi: Kpi, company: Callable[..., Path]) -> None:
    company({"kpis/sold.yaml": (kpi_of("sold", "seller"), kpi_of("asked", "carer"), kpi_of("won", "seller"))})

    assert lines(kpi)["/kpis/sold.yaml"] == ("@acme/care", "@acme/sales", "@kim")


@pytest.mark.parametrize(
    ("kpis", "approvers"),
    [
        pytest.param((kpi_of("sold", "seller"),), ("@acme/board",), id="nobody reads it"),
        pytest.param(
            (kpi_of("sold", "seller", expression="sum(buyer.size)"),), ("@acme/sales", "@kim"), id="a partner"
        ),
        pytest.param(
            (kpi_of("sold", "carer", more="dimensions: [{size: buyer.size}]\n"),),
            ("@acme/care",),
            id="a slice",
        ),
        pytest.param(
            (kpi_of("sold", "carer", more="where: buyer.size > 1\n"),), ("@acme/care",), id="a filter"
        ),
        pytest.param(
            (kpi_of("sold", "seller", "buyers"), kpi_of("won", "carer", "buyers")),
            ("@acme/care", "@acme/sales", "@kim"),
            id="two KPIs",
        ),
        pytest.param(
            (
                kpi_of(
                    "sold",
                    "seller",
                    more="revisions:\n  - {until: 2025-01-01, reason: New., expression: sum(buyer.size)}\n",
                ),
            ),
            ("@acme/sales", "@kim"),
            id="an earlier rule",
        ),
    ],
)
def test_a_dataset_is_approved_by_who_reads_it(
    kpi: Kpi, company: Callable[..., Path], kpis: tuple[str, ...], approvers: tuple[str, ...]
) -> None:
    way = "relationships:\n  buyer: {to: buyers, keys: {buyer_id: id}, required: true}\n"
    company(
        {
            "kpis/sold.yaml": kpis,
            "kpis/orders.yaml": (dataset("orders", way),),
            "kpis/buyers.yaml": (dataset("buyers"),),
        }
    )

    assert lines(kpi)["/kpis/buyers.yaml"] == approvers


SELLER, CARER = ACME["kpis/owners/seller.yaml"][0], ACME["kpis/owners/carer.yaml"][0]


@pytest.mark.parametrize(
    ("together", "approvers"),
    [
        pytest.param((SELLER, CARER), ("@acme/board",), id="owners side by side"),
        pytest.param(
            (SELLER, owner("webber", "web", "@acme/web")), ("@acme/sales", "@kim"), id="one above the other"
        ),
        pytest.param(
            (owner("one", "care", "@one"), owner("two", "care", "@two")), ("@acme/board",), id="of one unit"
        ),
        pytest.param((SELLER, kpi_of("asked", "carer")), ("@acme/board",), id="an owner and another's KPI"),
        pytest.param((SELLER, kpi_of("asked", "seller")), ("@acme/sales", "@kim"), id="an owner and its KPI"),
        pytest.param(
            (unit("more", "sales"), unit("less", "care")), ("@acme/board",), id="units side by side"
        ),
        pytest.param(
            (unit("more", "sales"), kpi_of("asked", "carer")), ("@acme/board",), id="a unit and another's KPI"
        ),
    ],
)
def test_no_owner_decides_who_approves_for_others(
    kpi: Kpi, company: Callable[..., Path], together: tuple[str, ...], approvers: tuple[str, ...]
) -> None:
    """A host takes one approval for enough, so a file about several is for who stands above all of them."""
    moved: dict[str, tuple[str, ...]] = {"kpis/together.yaml": together}
    for path, (definition,) in ACME.items():
        if definition in together:
            moved[path] = ()
    top = company(moved)
    for path, definitions in moved.items():
        if not definitions:
            (top / path).unlink(missing_ok=True)

    assert lines(kpi)["/kpis/together.yaml"] == approvers


def test_without_owners_at_the_top_it_is_for_those_nearest_to_it(
    kpi: Kpi, company: Callable[..., Path]
) -> None:
    company({"kpis/owners/boss.yaml": (owner("boss", "web", "@acme/web"),)})

    assert lines(kpi)["/kpiascode.yaml"] == ("@acme/care", "@acme/sales", "@kim")
    assert lines(kpi)["/kpis/units/acme.yaml"] == ("@acme/care", "@acme/sales", "@kim")


def test_that_owners_may_decide_about_each_other_is_told(kpi: Kpi, company: Callable[..., Path]) -> None:
    """Where nobody stands above them, and a host takes one approval for enough, no line can be right."""
    top = company({"kpis/owners/boss.yaml": (SELLER.replace("seller", "boss"), CARER)})
    (top / "kpis/owners/carer.yaml").unlink()

    result = kpi("codeowners")

    assert re.findall(r"^warning\[(.*)\]", result.stderr, re.MULTILINE) == ["owners-approve-each-other"]
    assert "--> kpis/owners/boss.yaml:1:1" in result.stderr
    assert "\n/kpis/owners/boss.yaml @acme/care @acme/sales @kim\n" in result.stdout


def test_the_example_company(kpi: Kpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(FERNWOOD / "kpis", tmp_path / "kpis")
    shutil.copy(FERNWOOD / "kpiascode.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)

    found = lines(kpi)

    assert found["/kpis/owners.yaml"] == found["/kpis/organisation.yaml"] == ("@fernwood/directors",)
    assert found["/kpis/kpis/care.yaml"] == ("@fernwood/customer-care",)
    assert found["/kpis/kpis/customers.yaml"] == ("@fernwood/marketing", "@fernwood/online")


# --- handles


@pytest.mark.parametrize(
    "text",
    ["@kim", "@acme/finance", "@group/sub/project.x", "@kim_acme", "@a", "kim.lee+kpi@mail.example.com"],
)
def test_a_handle(text: str) -> None:
    assert is_handle(text)


@pytest.mark.parametrize(
    "text",
    [
        "kim", "@", "@@kim", "@kim ", " @kim", "@kim @sam", "@kim\n@sam", "@kim\n", "@kim#x", "@acme/", "@/kim",
        "@acme//kim", "@-kim", "@.kim", "@kim.", "@kim/../sam", "@kím", "@kim\u202e", "@kim`", "@kim|", "@<b>",
        "kim@", "kim@example", "kim@exa mple.com", "kim@@example.com", "kim@example..com", "kim@-x.com",
        "mailto:kim@example.com", "Kim <kim@example.com>", "kim@example.com,sam@example.com", "+49 30 1234",
        "#kpis", "!kim", "@" + "k" * 200, "@k" + "/k" * 50, "",
    ],
)  # fmt: skip
def test_no_handle(text: str) -> None:
    assert not is_handle(text)


@pytest.mark.parametrize(
    ("approvers", "contact", "asked"),
    [
        (("@acme/x", "@kim"), "kim@example.com", ("@acme/x", "@kim")),
        (("@kim", "@kim"), "@sam", ("@kim",)),
        ((), "@acme/x", ("@acme/x",)),
        ((), "kim@example.com", ("kim@example.com",)),
        ((), "ask Kim", ()),
        (("Kim", "@sam"), "@acme/x", ("@sam",)),
        (("Kim",), "@acme/x", ()),
    ],
)
def test_the_contact_stands_in_only_where_no_approver_is_named(
    approvers: tuple[str, ...], contact: str, asked: tuple[str, ...]
) -> None:
    place = Place("owners.yaml", Span(1, 1, 1, 1))
    one = Owner(name="x", title="X", org_unit="u", contact=contact, approvers=approvers, place=place)

    assert handles(one) == asked


def test_who_cannot_be_asked_is_told_and_leaves_a_comment(kpi: Kpi, company: Callable[..., Path]) -> None:
    company({"kpis/owners/carer.yaml": (owner("carer", "care"),)})

    result = kpi("codeowners")

    assert result.exit_code == 0
    assert "warning[owner-without-handle]: Nobody can be asked to approve for `carer`." in result.stderr
    assert "--> kpis/owners/carer.yaml:5:10" in result.stderr
    assert "\n# /kpis/owners/carer.yaml: nobody, since no handle is known of `carer`\n" in result.stdout
    assert "\n# /kpis/units/care.yaml: nobody, since no handle is known of `carer`\n" in result.stdout


def test_hostile_approvers_never_reach_the_file(kpi: Kpi, company: Callable[..., Path]) -> None:
    company(
        {"kpis/owners/carer.yaml": (owner("carer", "care", "@kim @mallory", "* @mallory", "@sam", "# x"),)}
    )

    result = kpi("codeowners")

    assert result.exit_code == 0
    assert result.stderr.count("warning[approver-without-handle]") == 3
    assert "--> kpis/owners/carer.yaml:6:13" in result.stderr
    assert "mallory" not in result.stdout
    assert "\n/kpis/owners/carer.yaml @sam\n" in result.stdout


# --- the file


@pytest.mark.parametrize(
    ("there", "written"),
    [
        ((), DEFAULT),
        (("docs/CODEOWNERS",), "docs/CODEOWNERS"),
        (("docs/CODEOWNERS", "CODEOWNERS"), "CODEOWNERS"),
        ((".github/CODEOWNERS", "docs/CODEOWNERS", "CODEOWNERS"), DEFAULT),
        ((".gitlab/CODEOWNERS",), ".gitlab/CODEOWNERS"),
        ((".gitlab-ci.yml",), ".gitlab/CODEOWNERS"),
        ((".gitlab-ci.yml", ".github/dependabot.yml"), DEFAULT),
    ],
)
def test_the_file_that_a_git_host_reads_is_written(
    kpi: Kpi, company: Callable[..., Path], there: tuple[str, ...], written: str
) -> None:
    top = company()
    for path in there:
        (top / path).parent.mkdir(exist_ok=True)
        (top / path).touch()

    result = kpi("codeowners", "--write")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"Wrote {written}.\n")
    assert (top / written).read_text(encoding="utf-8") == kpi.answer("codeowners")
    assert [path for path in there if "CODEOWNERS" in path and (top / path).stat().st_size] in ([], [written])
    assert kpi("codeowners", "--check").exit_code == 0


def test_paths_are_told_from_the_top_of_the_repository(kpi: Kpi, company: Callable[..., Path]) -> None:
    top = company(folder="analytics/our kpis")

    kpi("codeowners", "--write")

    text = (top / DEFAULT).read_text(encoding="utf-8")
    key = "/analytics/our\\ kpis"
    assert text.startswith(f"# kpiascode begin {key}: written by `kpi codeowners --write`\n")
    assert f"\n{key}/kpis/sold.yaml @acme/sales @kim\n" in text
    assert "\n/.github/CODEOWNERS @acme/board\n" in text
    assert text.endswith(f"\n# kpiascode end {key}\n")


def test_two_projects_in_a_repository_leave_each_other_alone(kpi: Kpi, company: Callable[..., Path]) -> None:
    top = company(folder="one")
    kpi("codeowners", "--write")
    company({"kpis/sold.yaml": (kpi_of("sold", "carer"),)}, folder="two")
    kpi("codeowners", "--write")

    text = (top / DEFAULT).read_text(encoding="utf-8")
    assert "\n/one/kpis/sold.yaml @acme/sales @kim\n" in text
    assert "\n/two/kpis/sold.yaml @acme/care\n" in text
    assert text.count("/.github/CODEOWNERS") == 1
    for folder in ("one", "two"):
        assert kpi("codeowners", "--check", "--project", str(top / folder)).exit_code == 0


def test_without_a_repository_the_project_is_the_top(kpi: Kpi, company: Callable[..., Path]) -> None:
    top = company(folder="sub")
    (top / ".git").rmdir()

    assert kpi("codeowners", "--write").exit_code == 0
    assert (top / "sub" / DEFAULT).is_file()
    assert BEGIN in (top / "sub" / DEFAULT).read_text(encoding="utf-8")


OTHERS = (
    "* @acme/all\n",
    "* @acme/all",
    "# ours\r\n* @acme/all\r\n",
    "* @acme/all\r\n/x @y\n\n\n",
    "* @acme/all\n\n   ",
    "\ufeff* @acme/all\n",
    "* @acme/\xe4 \u2028 \x0b x\n",
)


@pytest.mark.parametrize("others", OTHERS)
def test_what_others_wrote_stays_byte_for_byte(kpi: Kpi, company: Callable[..., Path], others: str) -> None:
    top = company()
    file = top / "CODEOWNERS"
    before = others.encode()
    file.write_bytes(before)

    kpi("codeowners", "--write")
    first = file.read_bytes()

    assert first.startswith(before)
    assert first.endswith(b"\n") == before.endswith(b"\n")
    ours = first[len(before) :].lstrip(b"\r\n")
    assert ours.startswith(BEGIN.encode())
    assert ours.count(b"\r\n") in ((ours.count(b"\n"),) if b"\r\n" in before[:30] else (0,))
    assert b"/CODEOWNERS @" not in first, "who approves this file is for the lines above to say"
    again = kpi("codeowners", "--write")
    assert (again.exit_code, again.stderr) == (0, "CODEOWNERS says so already.\n")
    assert file.read_bytes() == first


def test_comments_say_nothing_of_who_approves(kpi: Kpi, company: Callable[..., Path]) -> None:
    (company() / "CODEOWNERS").write_text("# * @acme/all\n\n  # more\n", encoding="utf-8")

    assert lines(kpi)["/CODEOWNERS"] == ("@acme/board",)


@pytest.mark.parametrize("new_line", ["\n", "\r\n"])
@pytest.mark.parametrize("end", ["", "after"])
@pytest.mark.parametrize("start", ["", "\ufeff", "/docs @writers"])
def test_our_lines_are_renewed_where_they_stand(
    kpi: Kpi, company: Callable[..., Path], new_line: str, end: str, start: str
) -> None:
    top = company()
    file = top / DEFAULT
    file.parent.mkdir()
    own = new_line if start.startswith("/") else ""
    before = f"{start}{own}".encode()
    after = f"{new_line}/src @dev{new_line}{new_line}# last".encode() if end else b""
    file.write_bytes(before + f"{BEGIN}{new_line}/old @gone{new_line}{END}".encode() + after)

    kpi("codeowners", "--write")

    text = file.read_bytes()
    assert text.startswith(before + BEGIN.encode())
    assert text.endswith(new_line.encode() + END.encode() + after)
    assert b"@gone" not in text
    assert text.count(b"\n") == text.count(new_line.encode())
    assert (b"/.github/CODEOWNERS @acme/board" in text) == (not own)
    assert kpi("codeowners", "--check").exit_code == 0


def test_in_a_file_with_sections_ours_is_one(kpi: Kpi, company: Callable[..., Path]) -> None:
    """Else our lines were a part of the last one: here, of one that is optional."""
    top = company()
    (top / ".gitlab").mkdir()
    file = top / ".gitlab" / "CODEOWNERS"
    file.write_text("^[Docs][2] @writers\n*.md\n", encoding="utf-8")

    kpi("codeowners", "--write")

    assert file.read_text(encoding="utf-8").splitlines()[3:6] == [
        BEGIN,
        "# One approval of those on a line is enough. Change the definitions, not these lines.",
        "[kpiascode]",
    ]
    assert kpi("codeowners", "--check").exit_code == 0


BROKEN = {
    "two begins": (f"{BEGIN}\n{BEGIN}\n{END}\n", 2),
    "no end": (f"* @all\n{BEGIN}\n/x @y\n", 2),
    "no begin": (f"* @all\n{END}\n", 2),
    "twice": (f"{BEGIN}\n{END}\n{BEGIN}\n{END}\n", 3),
    "the end first": (f"{END}\n{BEGIN}\n", 1),
    "another's end": (f"{BEGIN}\n{END} /other\n", 2),
    "an end in another's": (f"{BEGIN.replace(':', ' /other:')}\n{END}\n", 2),
    "other words": ("# kpiascode begin: mine\n", 1),
    "more words": (f"{BEGIN}\n{END}ing\n", 2),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("option", ["--write", "--check", None])
def test_broken_markers_are_refused_and_nothing_is_written(
    kpi: Kpi, company: Callable[..., Path], name: str, option: str | None
) -> None:
    text, line = BROKEN[name]
    file = company() / "CODEOWNERS"
    file.write_text(text, encoding="utf-8")

    found = told(kpi("codeowners", *([option] if option else [])), "broken-markers")

    assert f"--> CODEOWNERS:{line}:1" in found
    assert file.read_text(encoding="utf-8") == text


# --- whether it is up to date


def test_a_file_that_is_not_there_is_a_finding(kpi: Kpi, company: Callable[..., Path]) -> None:
    top = company()

    found = told(kpi("codeowners", "--check"), "codeowners-differ")

    assert "There is no `.github/CODEOWNERS`" in found
    assert "= help: Write it with `kpi codeowners --write`." in found
    assert not (top / ".github").exists()


@pytest.mark.parametrize(
    ("change", "line"),
    [
        pytest.param(lambda text: text.replace("@acme/care", "@mallory", 1), 7, id="another approver"),
        pytest.param(
            lambda text: text.replace("/kpis/sold.yaml @acme/sales @kim\n", ""), 9, id="a line less"
        ),
        pytest.param(lambda text: text.replace(END, f"/kpis/ @mallory\n{END}"), 14, id="a line more"),
        pytest.param(lambda text: "# nothing of ours\n", 2, id="no lines of ours"),
        pytest.param(lambda text: "", 1, id="an empty file"),
    ],
)
def test_a_file_that_says_anything_else_is_a_finding(
    kpi: Kpi, company: Callable[..., Path], change: Callable[[str], str], line: int
) -> None:
    file = company() / DEFAULT
    kpi("codeowners", "--write")
    changed = change(file.read_text(encoding="utf-8"))
    file.write_text(changed, encoding="utf-8")

    found = told(kpi("codeowners", "--check"), "codeowners-differ")

    assert re.search(r"--> \.github/CODEOWNERS:(\d+):1", found), found
    assert file.read_text(encoding="utf-8") == changed, "a check writes nothing"
    assert kpi("codeowners", "--write").exit_code == 0
    assert kpi("codeowners", "--check").exit_code == 0
    assert f".github/CODEOWNERS:{line}:1" in found


def test_it_is_out_of_date_once_a_definition_has_another_owner(
    kpi: Kpi, company: Callable[..., Path]
) -> None:
    company()
    kpi("codeowners", "--write")
    company({"kpis/sold.yaml": (kpi_of("sold", "carer"),)})

    found = told(kpi("codeowners", "--check"), "codeowners-differ")

    assert "= note: They say here: /kpis/orders.yaml @acme/care" in found


def test_what_stands_in_the_file_is_not_acted_on_by_a_terminal(
    kpi: Kpi, company: Callable[..., Path]
) -> None:
    file = company() / "CODEOWNERS"
    file.write_text(f"{BEGIN}\n\x1b[31m::error::x\n{END}\n", encoding="utf-8")

    found = told(kpi("codeowners", "--check"), "codeowners-differ")

    assert "\x1b" not in found


# --- names of files

ODD = [
    "a b",
    "a  b",
    " a",
    "#a",
    "a#b",
    "a #b",
    "[a]",
    "[!a]",
    "!a",
    "a*",
    "a?",
    "a\\b",
    "a\\ b",
    "ä日本",
    "@a",
    "'a'",
]


def read_as_gitlab_does(line: str) -> tuple[str, list[str]]:
    """Return the plain path of a line, which stands for one path only, and the owners."""
    pattern, _, owners = re.fullmatch(r"((?:\\.|[^\\\s])+)(\s+)(.*)", line).groups()  # type: ignore[union-attr]
    assert not re.search(r"(?<!\\)(?:\\\\)*[*?\[\]]", pattern), "nothing in it is a wildcard"
    return re.sub(r"\\(.)", r"\1", pattern), owners.split()


@pytest.mark.parametrize("name", ODD)
def test_a_path_is_matched_as_it_is_and_nothing_else_is(
    kpi: Kpi, company: Callable[..., Path], name: str
) -> None:
    odd = (owner("odder", "care", "@odd"), kpi_of("odd", "odder"))
    top = company({f"kpis/{name}.yaml": odd}, folder=name)
    (line,) = (each for each in kpi.answer("codeowners").splitlines() if each.endswith("yaml @odd"))
    wanted = f"{name}/kpis/{name}.yaml"

    assert read_as_gitlab_does(line) == (f"/{wanted}", ["@odd"])
    subprocess.run(["git", "init", "--quiet", str(top)], check=True, capture_output=True)
    (top / ".gitignore").write_text(line.removesuffix(" @odd") + "\n", encoding="utf-8")
    near = [
        wanted,
        f"x{wanted}",
        f"x/{wanted}",
        *(f"{name}/kpis/{other}.yaml" for other in [*ODD, "a", "ab", "axb"]),
    ]
    asked = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin", "-z"],
        cwd=top, input="\0".join(dict.fromkeys(near)), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert [each for each in asked.stdout.split("\0") if each] == [wanted]


@pytest.mark.parametrize("name", ["a\nb", "a\tb", "a\x1bb", "a\u202eb", "a\xa0b"])
def test_a_path_that_no_line_can_name_is_refused(kpi: Kpi, company: Callable[..., Path], name: str) -> None:
    company(folder=name)

    found = told(kpi("codeowners", "--write"), "forbidden-character")

    assert "which no CODEOWNERS file can name" in found
    assert name not in found


# --- where it is written


@pytest.mark.parametrize("option", ["--write", "--check"])
@pytest.mark.parametrize(
    "what", ["the file", "its folder", "nowhere", "a file nowhere", "the file of another name"]
)
def test_a_link_is_refused(kpi: Kpi, company: Callable[..., Path], what: str, option: str) -> None:
    top = company()
    outside = top.parent / "outside"
    (outside / "sub").mkdir(parents=True)
    victim = outside / "CODEOWNERS"
    victim.write_text("* @all\n", encoding="utf-8")
    match what:
        case "the file":
            (top / "CODEOWNERS").symlink_to(victim)
        case "its folder":
            (top / ".github").symlink_to(outside)
        case "nowhere":
            (top / ".github").symlink_to(outside / "none")
        case "a file nowhere":
            (top / "CODEOWNERS").symlink_to(outside / "none")
        case _:
            (top / "docs").mkdir()
            (top / "other").write_text("* @all\n", encoding="utf-8")
            (top / "docs" / "CODEOWNERS").symlink_to(top / "other")

    told(kpi("codeowners", option), "symlink-refused")

    assert victim.read_text(encoding="utf-8") == "* @all\n"
    assert sorted(os.listdir(outside)) == ["CODEOWNERS", "sub"]


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("../CODEOWNERS", "lies outside the repository"),
        ("/tmp/CODEOWNERS", "lies outside the repository"),
        ("docs/../../CODEOWNERS", "lies outside the repository"),
        ("kpiascode.yaml", "the file is called CODEOWNERS"),
        ("CODEOWNERS.md", "the file is called CODEOWNERS"),
    ],
)
def test_another_file_is_wrong_usage(kpi: Kpi, company: Callable[..., Path], file: str, why: str) -> None:
    top = company()
    before = (top / "kpiascode.yaml").read_bytes()

    result = kpi("codeowners", "--write", "--file", file)

    assert (result.exit_code, result.stdout) == (2, "")
    assert why in result.stderr
    assert (top / "kpiascode.yaml").read_bytes() == before
    assert not (top.parent / "CODEOWNERS").exists()


def test_a_file_over_a_link_is_refused_also_where_it_is_named(kpi: Kpi, company: Callable[..., Path]) -> None:
    top = company()
    (top / "self").symlink_to(top)

    told(kpi("codeowners", "--write", "--file", "self/CODEOWNERS"), "symlink-refused")

    assert not (top / "CODEOWNERS").exists()


def test_a_file_is_named_from_where_one_is(
    kpi: Kpi, company: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    top = company(folder="sub")
    monkeypatch.chdir(top / "sub" / "kpis")

    result = kpi("codeowners", "--write", "--file", "../../docs/CODEOWNERS")

    assert (result.exit_code, result.stderr) == (0, "Wrote ../docs/CODEOWNERS.\n")
    assert "\n/docs/CODEOWNERS @acme/board\n" in (top / "docs" / "CODEOWNERS").read_text(encoding="utf-8")


def test_a_folder_in_its_place_is_a_finding(kpi: Kpi, company: Callable[..., Path]) -> None:
    (company() / "CODEOWNERS").mkdir()

    told(kpi("codeowners", "--write"), "not-a-file")


def test_its_mode_stays(kpi: Kpi, company: Callable[..., Path]) -> None:
    file = company() / "CODEOWNERS"
    file.write_text("* @all\n", encoding="utf-8")
    file.chmod(0o640)

    assert kpi("codeowners", "--write").exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(os.listdir(file.parent)) == [".git", "CODEOWNERS", "kpiascode.yaml", "kpis"]


def test_a_file_in_the_place_of_its_folder_is_the_machine(kpi: Kpi, company: Callable[..., Path]) -> None:
    (company() / ".github").write_text("mine", encoding="utf-8")

    result = kpi("codeowners", "--write")

    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith("error: the machine refused: File exists")


def test_the_limit_of_github_is_told(kpi: Kpi, company: Callable[..., Path]) -> None:
    file = company() / "CODEOWNERS"
    file.write_text("# much\n" * 430_000, encoding="utf-8")

    result = kpi("codeowners", "--write")

    assert result.exit_code == 0
    assert "warning[codeowners-too-large]" in result.stderr
    assert file.stat().st_size > 3_000_000


def test_a_file_without_end_is_refused(kpi: Kpi, company: Callable[..., Path]) -> None:
    file = company() / "CODEOWNERS"
    with file.open("wb") as opened:
        opened.truncate(9_000_000)

    told(kpi("codeowners", "--write"), "file-too-large")


# --- usage


def test_writing_and_checking_exclude_each_other(kpi: Kpi, company: Callable[..., Path]) -> None:
    company()

    result = kpi("codeowners", "--write", "--check")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "--check writes nothing" in result.stderr


def test_definitions_must_be_understood(kpi: Kpi, company: Callable[..., Path]) -> None:
    top = company({"kpis/sold.yaml": (kpi_of("sold", "nobody"),)})

    told(kpi("codeowners", "--write"), "unknown-owner")

    assert not (top / ".github").exists()


def test_as_a_process(company: Callable[..., Path]) -> None:
    top = company()

    assert process("codeowners", "--check", folder=top).returncode == 1
    assert process("codeowners", "--write", folder=top).returncode == 0
    ended = process("codeowners", "--check", folder=top)
    assert (ended.returncode, ended.stdout) == (0, "")
    assert ended.stderr == ".github/CODEOWNERS says what the definitions do.\n"
