"""`kpi check --format`: findings for the pages of CI systems, whatever a user wrote into them.

`sarif/` holds the schema of SARIF 2.1.0 as the PyPI package `sarif-om` of Microsoft ships it, unchanged,
with its licence.
"""

import dataclasses
import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
from command_line import Kpi, replace, validator
from jsonschema import Draft4Validator

from kpiascode import __version__
from kpiascode.cli.formats.github import LARGEST, github, github_summary
from kpiascode.cli.formats.named import FORMATS
from kpiascode.cli.formats.report import Report, fingerprints
from kpiascode.model.diagnostic import Diagnostic, Edit, Severity
from kpiascode.model.place import Place, Span

SARIF = json.loads((Path(__file__).parent / "sarif" / "sarif-2.1.0-rtm.4.json").read_text(encoding="utf-8"))
SOURCE = "kind: kpi\nname: sales\nowner: salez\n"

each_format = pytest.mark.parametrize("form", FORMATS)


def finding(
    message: str = "`salez` is not declared as an owner.",
    *,
    code: str = "unknown-owner",
    path: str = "kpis/shop.yaml",
    span: tuple[int, int, int, int] = (3, 8, 3, 13),
    severity: Severity = Severity.ERROR,
    hint: str | None = "Did you mean `sales`?",
    note: str | None = None,
) -> Diagnostic:
    return Diagnostic(
        code=code, message=message, place=Place(path, Span(*span)), severity=severity, hint=hint, note=note
    )


def warning(message: str = "Nobody uses it.", path: str = "kpis/shop.yaml") -> Diagnostic:
    return finding(message, code="kpi-without-use", path=path, severity=Severity.WARNING, hint=None)


def mendable(text: str = '"salez"', *more: Edit) -> Diagnostic:
    return dataclasses.replace(finding(), fix=(Edit(Span(3, 8, 3, 13), text), *more))


def report(
    *findings: Diagnostic, files: Sequence[str] = (), folder: str = "", strict: bool = False
) -> Report:
    return Report(
        findings=findings,
        sources={"kpis/shop.yaml": SOURCE},
        files=tuple(files),
        folder=folder,
        strict=strict,
    )


# --- github


def test_github_makes_a_command_of_a_finding() -> None:
    assert github(report(finding())) == (
        "::error file=kpis/shop.yaml,line=3,endLine=3,col=8,endColumn=13,title=unknown-owner::"
        "`salez` is not declared as an owner.%0ADid you mean `sales`?"
    )


def test_github_tells_a_warning_as_one() -> None:
    assert github(report(warning())).startswith("::warning file=kpis/shop.yaml,")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param(finding("100%: a,b", hint=None), "::100%25: a,b", id="in a message only the percent sign"),
        pytest.param(finding("%0A::error::x", hint=None), "::%250A::error::x", id="what is escaped already"),
        pytest.param(finding(path="a,line=9:%.yaml"), " file=a%2Cline=9%3A%25.yaml,line=3,", id="in a path all three"),
        pytest.param(finding("a\nb\rc", hint=None), "::a\ufffdb\ufffdc", id="line breaks of a user are none"),
        pytest.param(finding("a", hint="::set-env x::y"), "::a%0A:\u200b:set-env x:\u200b:y", id="a command in a hint"),
        pytest.param(finding("x ##[group]y", hint=None), "::x ##\u200b[group]y", id="an old command"),
        pytest.param(finding("x ##vso[task.x]y", hint=None), "::x ##\u200bvso[task.x]y", id="a command of Azure"),
        pytest.param(finding("m", hint="h", note="n"), "::m%0An%0Ah", id="message, note and hint on lines of their own"),
    ],
)  # fmt: skip
def test_github_escapes(told: Diagnostic, expected: str) -> None:
    text = github(report(told))

    assert expected in text
    assert "\n" not in text


def test_github_has_no_columns_over_several_lines() -> None:
    text = github(report(finding(span=(1, 3, 3, 8))))

    assert text.startswith("::error file=kpis/shop.yaml,line=1,endLine=3,title=unknown-owner::")


def test_github_tells_no_place_where_there_is_none() -> None:
    text = github(report(finding(path="", span=(0, 0, 0, 0))))

    assert text.startswith("::error title=unknown-owner::")


@pytest.mark.parametrize(
    ("errors", "warnings", "last"),
    [
        pytest.param(10, 10, None, id="ten of each are shown"),
        pytest.param(11, 10, "1 error", id="the eleventh error is counted"),
        pytest.param(3, 12, "2 warnings", id="few errors leave no room for more warnings"),
        pytest.param(14, 11, "4 errors and 1 warning", id="both are counted in one line"),
    ],
)
def test_github_shows_ten_errors_and_ten_warnings(errors: int, warnings: int, last: str | None) -> None:
    found = [finding(f"e{n}") for n in range(errors)] + [warning(f"w{n}") for n in range(warnings)]
    lines = github(report(*found)).splitlines()

    assert sum(line.startswith("::error ") for line in lines) == min(errors, 10)
    assert sum(line.startswith("::warning ") for line in lines) == min(warnings, 10)
    assert [line for line in lines if line.startswith("::notice ")] == (
        []
        if last is None
        else [
            f"::notice title=kpi check::There are {last} more. `kpi check` and the summary of the job tell all."
        ]
    )


def test_the_summary_of_a_job_lists_all() -> None:
    assert github_summary(report(finding(), warning())) == (
        "### kpi check: 1 error and 1 warning\n"
        "\n"
        "- **error** `unknown-owner` at `kpis/shop.yaml:3:8`: "
        "`` `salez` is not declared as an owner. Did you mean `sales`? ``\n"
        "- **warning** `kpi-without-use` at `kpis/shop.yaml:3:8`: `Nobody uses it.`\n"
    )


def test_the_summary_of_a_job_without_findings() -> None:
    assert github_summary(report()) == "### kpi check: all clean\n\n"


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        pytest.param(
            "<img src=x> @team #1", "`<img src=x> @team #1`", id="what means something stands in code"
        ),
        pytest.param("a```b", "````a```b````", id="a fence is longer than what is in it"),
        pytest.param("`` <b>", "``` `` <b> ```", id="back-ticks at an end stand off"),
        pytest.param("a\n# b", "`a\ufffd# b`", id="no line of its own"),
    ],
)
def test_markdown_of_a_user_is_none(message: str, shown: str) -> None:
    assert f": {shown}\n" in github_summary(report(finding(message, hint=None)))


def test_the_summary_of_a_job_is_one_that_github_takes() -> None:
    text = github_summary(report(*(finding(f"{n} {'é' * 1000}") for n in range(1000))))

    assert LARGEST < len(text.encode()) + 3000 < 1_048_576
    assert text.splitlines()[-1].startswith("And ")
    assert text.splitlines()[-1].endswith(" errors more.")


# --- gitlab


def test_gitlab() -> None:
    found = json.loads(FORMATS["gitlab"](report(finding(), warning())))
    prints = fingerprints(report(finding(), warning()))

    assert found == [
        {
            "description": "`salez` is not declared as an owner. Did you mean `sales`?",
            "check_name": "unknown-owner",
            "fingerprint": prints[0],
            "severity": "major",
            "location": {"path": "kpis/shop.yaml", "lines": {"begin": 3}},
        },
        {
            "description": "Nobody uses it.",
            "check_name": "kpi-without-use",
            "fingerprint": prints[1],
            "severity": "minor",
            "location": {"path": "kpis/shop.yaml", "lines": {"begin": 3}},
        },
    ]


def test_gitlab_without_findings_is_an_empty_list() -> None:
    assert FORMATS["gitlab"](report()) == "[]"


def test_gitlab_gets_a_place_for_every_finding() -> None:
    (found,) = json.loads(FORMATS["gitlab"](report(finding(path="", span=(0, 0, 0, 0)))))

    assert found["location"] == {"path": "kpiascode.yaml", "lines": {"begin": 1}}


# --- fingerprints


def moved(lines: int, text: str = SOURCE) -> Report:
    """Return the finding after lines were added above it."""
    return Report(
        findings=(finding(span=(3 + lines, 8, 3 + lines, 13)),),
        sources={"kpis/shop.yaml": "# more\n" * lines + text},
    )


def test_a_fingerprint_stays_when_lines_move() -> None:
    assert fingerprints(moved(0)) == fingerprints(moved(7))
    assert fingerprints(moved(0)) == fingerprints(moved(0, SOURCE.replace("owner: ", "owner:    ")))


def test_a_fingerprint_stays_when_a_message_counts_differently() -> None:
    one, other = (fingerprints(report(finding(f"{n} rows have no key."))) for n in (3, 4))

    assert one == other


def test_a_fingerprint_changes_with_file_code_and_line() -> None:
    told = {
        fingerprints(moved(0)),
        fingerprints(moved(0, SOURCE.replace("salez", "salex"))),
        fingerprints(report(finding(code="unknown-key"))),
        fingerprints(report(finding(path="kpis/other.yaml"))),
        fingerprints(report(finding(), folder="sub")),
    }

    assert len(told) == 5


def test_no_two_findings_have_one_fingerprint() -> None:
    found = [finding(span=(3, n, 3, 13)) for n in range(1, 9)]

    assert len(set(fingerprints(report(*found, *found)))) == 16


# --- junit


def test_junit() -> None:
    text = FORMATS["junit"](report(finding(), files=["kpiascode.yaml", "kpis/shop.yaml"]))

    assert text == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites tests="2" failures="1" errors="0">\n'
        ' <testsuite name="kpi check" tests="2" failures="1" errors="0">\n'
        '  <testcase name="kpiascode.yaml" classname="kpi check" file="kpiascode.yaml" />\n'
        '  <testcase name="kpis/shop.yaml" classname="kpi check" file="kpis/shop.yaml">\n'
        '   <failure message="1 error" type="kpi check">'
        "kpis/shop.yaml:3:8: unknown-owner: `salez` is not declared as an owner. (Did you mean `sales`?)"
        "</failure>\n"
        "  </testcase>\n"
        " </testsuite>\n"
        "</testsuites>"
    )


def test_junit_fails_a_warning_only_when_strict() -> None:
    loose, strict = (
        ElementTree.fromstring(FORMATS["junit"](report(warning(), strict=strict))) for strict in (False, True)
    )

    assert (loose.get("failures"), strict.get("failures")) == ("0", "1")
    assert loose.findtext(".//system-out") == strict.findtext(".//failure")


def test_junit_tells_what_stands_in_no_file_as_a_case_of_its_own() -> None:
    suite = ElementTree.fromstring(FORMATS["junit"](report(finding(path="", span=(0, 0, 0, 0)))))

    assert [case.get("name") for case in suite.iter("testcase")] == ["(project)"]


def test_junit_has_one_failure_a_file() -> None:
    text = FORMATS["junit"](report(finding("one"), finding("two"), warning("three")))
    (failure,) = ElementTree.fromstring(text).iter("failure")

    assert failure.get("message") == "2 errors and 1 warning"
    assert len(str(failure.text).splitlines()) == 3


# --- sarif


def test_sarif() -> None:
    told = json.loads(FORMATS["sarif"](report(finding(note="See there."))))
    (run,) = told["runs"]
    (rule,) = run["tool"]["driver"].pop("rules")

    assert told["version"] == "2.1.0"
    assert run == {
        "tool": {"driver": {"name": "kpiascode", "version": __version__}},
        "columnKind": "unicodeCodePoints",
        "results": [
            {
                "ruleId": "unknown-owner",
                "ruleIndex": 0,
                "level": "error",
                "message": {"text": "`salez` is not declared as an owner. Did you mean `sales`? See there."},
                "partialFingerprints": {"kpiascode/v1": fingerprints(report(finding()))[0]},
                "locations": [
                    {
                        "physicalLocation": {
                            "artifactLocation": {"uri": "kpis/shop.yaml", "uriBaseId": "%SRCROOT%"},
                            "region": {"startLine": 3, "startColumn": 8, "endLine": 3, "endColumn": 13},
                        }
                    }
                ],
            }
        ],
    }
    assert rule["id"] == "unknown-owner"
    assert rule["shortDescription"]["text"] == "An owner is named who is not declared."
    assert "lead to a contact" in rule["help"]["text"]


def test_sarif_has_each_code_once_with_the_severity_of_its_rule() -> None:
    (run,) = json.loads(FORMATS["sarif"](report(finding(), warning(), finding("again"))))["runs"]
    rules = run["tool"]["driver"]["rules"]

    assert [rule["id"] for rule in rules] == ["unknown-owner", "kpi-without-use"]
    assert rules[1]["defaultConfiguration"] == {"level": "warning"}
    assert "```yaml" in rules[1]["help"]["markdown"]
    assert [result["ruleIndex"] for result in run["results"]] == [0, 1, 0]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("kpis/a b.yaml", "kpis/a%20b.yaml"),
        ("http:evil.yaml", "http%3Aevil.yaml"),
        ("é#?%.yaml", "%C3%A9%23%3F%25.yaml"),
    ],
)
def test_the_path_of_a_file_is_a_relative_uri(path: str, uri: str) -> None:
    (run,) = json.loads(FORMATS["sarif"](report(finding(path=path))))["runs"]

    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_a_link_in_a_message_is_none() -> None:
    (run,) = json.loads(FORMATS["sarif"](report(finding("[x](http://evil)", hint=None))))["runs"]

    assert run["results"][0]["message"]["text"] == "[x]\u200b(http://evil)"


def test_sarif_tells_what_mends_a_finding() -> None:
    told = mendable("a\nb", Edit(Span(1, 1, 2, 1), ""))
    found = json.loads(FORMATS["sarif"](report(told, folder="sub")))
    (result,) = found["runs"][0]["results"]

    Draft4Validator(SARIF).validate(found)
    assert result["fixes"] == [
        {
            "artifactChanges": [
                {
                    "artifactLocation": {"uri": "sub/kpis/shop.yaml", "uriBaseId": "%SRCROOT%"},
                    "replacements": [
                        {
                            "deletedRegion": {
                                "startLine": 3,
                                "startColumn": 8,
                                "endLine": 3,
                                "endColumn": 13,
                            },
                            "insertedContent": {"text": "a\nb"},
                        },
                        {"deletedRegion": {"startLine": 1, "startColumn": 1, "endLine": 2, "endColumn": 1}},
                    ],
                }
            ]
        }
    ]


# --- json and full tell what mends a finding


def test_json_tells_what_mends_a_finding() -> None:
    first, second = json.loads(FORMATS["json"](report(mendable(), finding())))

    assert first["fix"] == [{"line": 3, "column": 8, "end_line": 3, "end_column": 13, "text": '"salez"'}]
    assert second["fix"] == []
    validator("check").validate([first, second])


def test_full_marks_what_can_be_mended() -> None:
    first, second = FORMATS["full"](report(mendable(), finding())).split("\n\n")

    assert first.splitlines()[-1] == "  = help: fixable with `kpi check --fix`"
    assert "fixable" not in second


# --- what a user writes is text in every format

HOSTILE = (
    "\x1b[31mred\x1b]0;title\x07 \u202eevil\u2066 \x00\x08\x85\u2028 \ud800\ufffe ]]> <x a='b\"> &amp; "
    "\n::error::x\r\n##[add-mask]y ##vso[task.z]z `|%0A"
)


def hostile() -> Report:
    first = finding(HOSTILE, path=f"{HOSTILE}.yaml", hint=HOSTILE, note=HOSTILE)
    first = dataclasses.replace(first, fix=(Edit(first.place.span, HOSTILE),))
    second = finding("::error::x", path="::error file=y::x.yaml")
    return Report(
        findings=(first, second, finding(path="", span=(0, 0, 0, 0))),
        sources={first.place.path: "\n" * 2 + HOSTILE.replace("\n", " ").replace("\r", " ")},
        files=(first.place.path, "good.yaml"),
        folder="sub",
        strict=True,
    )


@each_format
def test_nothing_drives_a_terminal_or_a_log(form: str) -> None:
    text = FORMATS[form](hostile())

    assert {unicodedata.category(sign) for sign in text} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} <= {
        "Cc",
        "Cf",
    }
    assert {sign for sign in text if unicodedata.category(sign) in ("Cc", "Cf")} <= {"\n", "\u200b"}
    assert "##[" not in text
    assert "##vso[" not in text
    if form != "github":
        assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    assert text.encode("utf-8")


def test_github_has_one_command_a_finding_whatever_is_in_it() -> None:
    lines = github(hostile()).splitlines()

    assert len(lines) == 3
    assert all(line.startswith("::error ") for line in lines)
    properties = [line.split(" ", 1)[1].split("::")[0].split(",") for line in lines]
    placed = ["file", "line", "endLine", "col", "endColumn", "title"]
    assert [[p.split("=")[0] for p in told] for told in properties] == [placed, placed, ["title"]]


def test_json_of_every_kind_is_ascii_and_can_be_read() -> None:
    for form in ("json", "sarif", "gitlab"):
        text = FORMATS[form](hostile())
        assert text.isascii()
        assert json.loads(text)


def test_json_tells_texts_as_they_are() -> None:
    assert json.loads(FORMATS["json"](hostile()))[0]["message"] == HOSTILE


def test_xml_can_be_read() -> None:
    text = FORMATS["junit"](hostile())
    suite = ElementTree.fromstring(text)

    assert text.isascii()
    assert len(list(suite.iter("testcase"))) == 4
    assert any("]]> <x a='b\"> &amp;" in str(failure.text) for failure in suite.iter("failure"))


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(report(), id="no finding"),
        pytest.param(report(finding(), warning()), id="two findings"),
        pytest.param(report(finding(code="a-code-of-nobody")), id="an unknown code"),
        pytest.param(hostile(), id="hostile texts"),
    ],
)
def test_sarif_follows_its_schema(told: Report) -> None:
    Draft4Validator.check_schema(SARIF)
    Draft4Validator(SARIF).validate(json.loads(FORMATS["sarif"](told)))


def test_the_schema_of_sarif_refuses_what_is_none() -> None:
    assert not Draft4Validator(SARIF).is_valid({"version": "2.1.0", "runs": [{"tool": {}}]})


# --- the command


@pytest.fixture
def mistaken(shop: Path) -> Path:
    """The shop in a folder of a repository, with an owner whom nobody knows."""
    (shop.parent / ".git").mkdir()
    text = (shop / "kpis" / "shop.yaml").read_text()
    (shop / "kpis" / "shop.yaml").write_text(text.replace("owner: sales", "owner: salez", 1))
    return shop


@pytest.mark.usefixtures("mistaken")
@pytest.mark.parametrize("form", ["sarif", "github", "gitlab", "junit"])
def test_paths_are_those_of_the_repository(kpi: Kpi, form: str) -> None:
    result = kpi("check", "--format", form)

    assert (result.exit_code, result.stderr) == (1, "")
    assert "shop/kpis/shop.yaml" in result.stdout


@pytest.mark.usefixtures("shop")
def test_a_clean_project(kpi: Kpi) -> None:
    assert kpi.answer("check", "--format", "github") == ""
    assert json.loads(kpi.answer("check", "--format", "gitlab")) == []
    assert json.loads(kpi.answer("check", "--format", "sarif"))["runs"][0]["results"] == []
    suite = ElementTree.fromstring(kpi.answer("check", "--format", "junit", "kpis"))
    assert [case.get("name") for case in suite.iter("testcase")] == ["kpis/shop.yaml"]


@pytest.mark.usefixtures("mistaken")
def test_the_summary_of_a_job_is_added_to_what_is_there(
    kpi: Kpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "summary.md"
    page.write_text("# Mine\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))

    kpi("check", "--format", "github")
    for other in ("full", "sarif", "gitlab", "junit"):
        kpi("check", "--format", other)

    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Mine\n### kpi check: 1 error\n\n- **error** `unknown-owner` at ")
    assert text.count("###") == 1


def test_columns_count_characters(kpi: Kpi, shop: Path) -> None:
    replace(shop / "kpis" / "shop.yaml", "title: Basket", 'title: "\N{GRINNING FACE}", colour: x')

    (first, *_) = json.loads(kpi("check", "--format", "sarif").stdout)["runs"][0]["results"]
    region = first["locations"][0]["physicalLocation"]["region"]

    line = (shop / "kpis" / "shop.yaml").read_text(encoding="utf-8").splitlines()[region["startLine"] - 1]
    assert line[region["startColumn"] - 1] == ","


@each_format
def test_a_veiled_line_is_shown_by_no_finding(form: str) -> None:
    secret = "postgresql://kim:hunter2@db"
    line = f"description: From {secret} and back"
    place = Place("kpis/shop.yaml", Span(1, 19, 1, 47))
    told = (
        Diagnostic(code="secret-in-definition", message="A password.", place=place, veiled=True),
        Diagnostic(code="other", message="Something else.", place=place),
        Diagnostic(code="below", message="Another line.", place=Place(place.path, Span(2, 1, 2, 6))),
    )

    shown = FORMATS[form](Report(findings=told, sources={place.path: f"{line}\ntitle: A\n"}))

    assert "hunter2" not in shown
    assert form != "full" or "2 | title: A" in shown
