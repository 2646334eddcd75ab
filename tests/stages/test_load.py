"""What `load` reads, what it refuses, and where it says that things stand."""

import os
import stat
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from kpiascode.load import files as load_files
from kpiascode.load import find_project, load, load_text
from kpiascode.load import project as load_project
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.document import Document, Documents, Plain, Where
from kpiascode.model.place import Span

PROJECT = "version: 1\nname: acme\npaths: [kpis]\n"
READERS = [pytest.param("CSafeLoader", id="C reader"), pytest.param("SafeLoader", id="pure reader")]


@pytest.fixture(params=READERS)
def _reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with libyaml and without: PyYAML may have been built either way."""
    if not hasattr(yaml, request.param):
        pytest.skip("PyYAML was built without libyaml")
    monkeypatch.setattr("kpiascode.load.text.LOADER", getattr(yaml, request.param))


both_readers = pytest.mark.usefixtures("_reader")


def data_of(text: str) -> dict[str, Plain]:
    documents, findings = load_text("a.yaml", text)
    assert findings == ()
    assert len(documents) == 1
    return documents[0].data


def document_of(text: str) -> Document:
    documents, findings = load_text("a.yaml", text)
    assert findings == ()
    return documents[0]


def finding_of(text: str) -> Diagnostic:
    _, findings = load_text("a.yaml", text)
    assert len(findings) == 1, findings
    return findings[0]


def at(finding: Diagnostic) -> str:
    return f"{finding.place.span.line}:{finding.place.span.column}"


def project_in(folder: Path, files: dict[str, str | bytes], project: str = PROJECT) -> Path:
    for path, text in {"kpiascode.yaml": project, **files}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def told(documents: Documents) -> list[str]:
    return [f"{finding.place} {finding.code}" for finding in documents.diagnostics]


# --- scalars


@both_readers
@pytest.mark.parametrize(
    ("written", "value"),
    [
        pytest.param("", None, id="nothing"),
        pytest.param("~", None, id="a tilde"),
        pytest.param("null", None, id="null"),
        pytest.param("true", True, id="true"),
        pytest.param("False", False, id="false with a capital"),
        pytest.param("tRue", "tRue", id="a word that no YAML takes for true"),
        pytest.param("0", 0, id="zero"),
        pytest.param("-12", -12, id="a negative integer"),
        pytest.param("+12", 12, id="a plus sign means the same everywhere"),
        pytest.param("123456789012345678", 123456789012345678, id="18 digits"),
        pytest.param("1.10", Decimal("1.10"), id="a decimal keeps its last zero"),
        pytest.param("0.1", Decimal("0.1"), id="a decimal is exact"),
        pytest.param(".5", Decimal("0.5"), id="nothing before the point"),
        pytest.param("1.", Decimal(1), id="nothing behind the point"),
        pytest.param("1e3", Decimal(1000), id="an exponent without point or sign"),
        pytest.param("-1.5E-30", Decimal("-1.5E-30"), id="the smallest exponent"),
        pytest.param("2026-01-31", "2026-01-31", id="a day stays text"),
        pytest.param("2026-02-31", "2026-02-31", id="a day that does not exist stays text, too"),
        pytest.param("2026-01", "2026-01", id="a month stays text"),
        pytest.param("2026-01-31 22:22:22", "2026-01-31 22:22:22", id="a timestamp stays text"),
        pytest.param("60s", "60s", id="a duration is text"),
        pytest.param("1,000", "1,000", id="a comma makes text"),
        pytest.param("1.2.3", "1.2.3", id="a version is text"),
        pytest.param('"no"', "no", id="quotes make text"),
        pytest.param("'0123'", "0123", id="single quotes make text"),
        pytest.param('""', "", id="empty quotes are an empty text"),
        pytest.param("sum(margin) / sum(net_sales)", "sum(margin) / sum(net_sales)", id="an expression"),
        pytest.param("status <> 'cancelled'", "status <> 'cancelled'", id="quotes inside a text"),
        pytest.param("none", "none", id="none is a word"),
        pytest.param("yesterday", "yesterday", id="longer than yes"),
        pytest.param("٣", "٣", id="only ASCII digits are numbers"),
    ],
)
def test_a_value_is_read_as(written: str, value: Plain) -> None:
    read = data_of(f"a: {written}\n")["a"]

    assert read == value
    assert type(read) is type(value)


@both_readers
def test_block_scalars_are_text_whatever_they_hold() -> None:
    assert data_of("a: |\n  no\nb: >-\n  0123\n") == {"a": "no\n", "b": "0123"}


@both_readers
@pytest.mark.parametrize(
    "written",
    [
        *("yes", "No", "NO", "on", "OFF", "y", "N", "oN"),
        *("0123", "00", "01.5", "0o17", "0x1F", "0b11", "1_000", "1_0.5", "-0_1", ".5_0"),
        *("22:22", "1:59:59", "09:30", "1:30.5", ".nan", ".NaN", ".inf", "-.Inf", "+.INF", "="),
    ],
)
def test_what_yaml_readers_disagree_about_asks_for_quotes(written: str) -> None:
    finding = finding_of(f"a: b\nc: {written}\n")

    assert (finding.code, at(finding)) == ("ambiguous-scalar", "2:4")
    assert f'"{written}"' in str(finding.hint)


@both_readers
@pytest.mark.parametrize("written", ["9" * 19, "0." + "1" * 19, "1e31", "1e-31", "1e999", "1e" + "9" * 40])
def test_a_number_that_is_too_long_is_refused(written: str) -> None:
    assert finding_of(f"a: {written}\n").code == "number-too-long"


# --- keys, documents, and what definitions have not


@both_readers
def test_a_key_that_stands_twice_says_where_it_stood_first() -> None:
    finding = finding_of('name: x\n"unit": percent\nunit: count\n')

    assert (finding.code, at(finding)) == ("duplicate-key", "3:1")
    assert finding.note == "It was first defined at line 2."


@both_readers
@pytest.mark.parametrize(
    "text", ["a: {x: 1, x: 2}\n", "- {b: 1}\n- {b: 1, c: 2, b: 3}\n", "a:\n  b: 1\n  b: 2\n"]
)
def test_keys_are_compared_within_their_mapping(text: str) -> None:
    assert "duplicate-key" in {finding.code for finding in load_text("a.yaml", text)[1]}


@both_readers
@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("2026: x\n", "invalid-key", id="a number"),
        pytest.param("~: x\n", "invalid-key", id="null"),
        pytest.param("?\n: x\n", "invalid-key", id="nothing"),
        pytest.param("true: x\n", "invalid-key", id="a truth value"),
        pytest.param("? [a]\n: x\n", "invalid-key", id="a list"),
        pytest.param("a: {{ x }}\n", "invalid-key", id="a template, which is a mapping as key"),
        pytest.param("on: x\n", "ambiguous-scalar", id="on"),
        pytest.param("1e999: x\n", "number-too-long", id="infinity"),
    ],
)
def test_keys_are_texts(text: str, code: str) -> None:
    assert code in {finding.code for finding in load_text("a.yaml", text)[1]}


@both_readers
def test_keys_in_quotes_may_look_like_anything() -> None:
    assert data_of('"2026": 1\n"on": 2\n? "a b"\n: 3\n') == {"2026": 1, "on": 2, "a b": 3}


@both_readers
@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("a: &x 1\n", "1:4", id="anchor"),
        pytest.param("a: &x [1]\n", "1:4", id="anchor of a list"),
        pytest.param("a: 1\nb: *x\n", "2:4", id="alias"),
        pytest.param("a: !!str 1\n", "1:4", id="tag"),
        pytest.param("a: !important\n", "1:4", id="own tag"),
        pytest.param("a: ! x\n", "1:4", id="empty tag"),
        pytest.param("!!map {a: 1}\n", "1:1", id="tag of a mapping"),
        pytest.param("a:\n  <<: {b: 1}\n", "2:3", id="merge"),
        pytest.param("%YAML 1.2\n---\na: 1\n", "1:1", id="directive"),
        pytest.param("a: |\n  x\n%TAG ! tag:x\n---\nb: 1\n", "3:1", id="directive further down"),
    ],
)
def test_anchors_aliases_merges_tags_and_directives_are_refused(text: str, place: str) -> None:
    finding = finding_of(text)

    assert (finding.code, at(finding)) == ("unsupported-yaml", place)


@both_readers
def test_a_file_may_hold_several_documents_and_empty_ones_do_not_count() -> None:
    documents, findings = load_text("a.yaml", "---\na: 1\n---\n---\n# nothing\n---\nb: 2\n...\n---\nc: 3\n")

    assert findings == ()
    assert [document.data for document in documents] == [{"a": 1}, {"b": 2}, {"c": 3}]
    assert [str(document.place()) for document in documents] == ["a.yaml:2:1", "a.yaml:7:1", "a.yaml:10:1"]


@both_readers
@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "---\n", "\ufeff", "---\n...\n---\n"])
def test_a_file_without_content_is_nothing(text: str) -> None:
    assert load_text("a.yaml", text) == ((), ())


@both_readers
@pytest.mark.parametrize("root", ["hello", "[1, 2]", "- a", "'x'", "12", "''"])
def test_a_root_that_is_no_mapping_is_a_finding_and_spares_the_others(root: str) -> None:
    documents, findings = load_text("a.yaml", f"a: 1\n---\n{root}\n---\nb: 2\n")

    assert [document.data for document in documents] == [{"a": 1}, {"b": 2}]
    assert [(finding.code, at(finding)) for finding in findings] == [("not-a-mapping", "3:1")]


def test_all_lesser_mistakes_are_told_at_once_and_in_order() -> None:
    documents, findings = load_text("a.yaml", "b: no\na: 022\nb: .nan\n1: 1e99\n")

    assert [f"{at(one)} {one.code}" for one in findings] == [
        "1:4 ambiguous-scalar",
        "2:4 ambiguous-scalar",
        "3:1 duplicate-key",
        "3:4 ambiguous-scalar",
        "4:1 invalid-key",
        "4:4 number-too-long",
    ]
    assert len(documents) == 1


# --- places


def where_in(document: Document) -> dict[Where, str]:
    """Return all places of a document, values and keys (`key:`)."""
    spans = {where: value.span for where, value in document.values.items()}
    keys = {("key", *where): span for where, span in document.keys.items()}
    return {
        where: f"{span.line}:{span.column}-{span.end_line}:{span.end_column}"
        for where, span in {**spans, **keys}.items()
    }


@both_readers
def test_the_place_of_every_key_and_value() -> None:
    text = "kind: kpi\nüx: {a: [1, b c],  d: 0}\nlist:\n  - x: 1\n    z:\n\n# end\n"

    assert where_in(document_of(text)) == {
        (): "1:1-5:7",
        ("key", "kind"): "1:1-1:5",
        ("kind",): "1:7-1:10",
        ("key", "üx"): "2:1-2:3",
        ("üx",): "2:5-2:25",
        ("key", "üx", "a"): "2:6-2:7",
        ("üx", "a"): "2:9-2:17",
        ("üx", "a", 0): "2:10-2:11",
        ("üx", "a", 1): "2:13-2:16",
        ("key", "üx", "d"): "2:20-2:21",
        ("üx", "d"): "2:23-2:24",
        ("key", "list"): "3:1-3:5",
        ("list",): "4:3-5:7",
        ("list", 0): "4:5-5:7",
        ("key", "list", 0, "x"): "4:5-4:6",
        ("list", 0, "x"): "4:8-4:9",
        ("key", "list", 0, "z"): "5:5-5:6",
        ("list", 0, "z"): "5:7-5:7",
    }


def test_a_place_is_found_for_what_does_not_exist() -> None:
    document = document_of("a: {b: 1}\n")

    assert str(document.place(("a", "z", 3))) == "a.yaml:1:4"
    assert str(document.place(("a", "b", "c"))) == "a.yaml:1:4".replace("4", "8")
    assert str(document.place_of_key(("a", "b"))) == "a.yaml:1:5"
    assert str(document.place_of_key(("z",))) == "a.yaml:1:1"
    assert ("a", 0) not in document.values
    assert ("a", "b", 0) not in document.keys
    assert () not in document.keys


@both_readers
@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("a: sum(x)\n", [(1, 4)], id="plain"),
        pytest.param("größe:   sum(x)  # sum\n", [(1, 10)], id="plain, behind letters beyond ASCII"),
        pytest.param("😀: {a: sum(x)}\n", [(1, 8)], id="plain, behind a letter beyond 16 bits"),
        pytest.param('a: "sum(x)"\n', [(1, 5)], id="double quotes"),
        pytest.param("a: 'sum(x)'\n", [(1, 5)], id="single quotes"),
        pytest.param("a:\n  sum(x)\n", [(2, 3)], id="plain, on its own line"),
        pytest.param("a:\n  'sum(x)'\n", [(2, 4)], id="quoted, on its own line"),
        pytest.param("a: 'it''s'\n", [], id="a doubled quote"),
        pytest.param('a: "x\\ty"\n', [], id="an escape"),
        pytest.param('a: "\\u0061"\n', [], id="an escaped letter"),
        pytest.param("a: x\n  y\n", [], id="plain, over two lines"),
        pytest.param('a: "x\n  y"\n', [], id="quoted, over two lines"),
        pytest.param("a: >\n  x\n", [], id="folded"),
        pytest.param("a: |-\n  x\n", [(2, 3)], id="literal"),
        pytest.param(
            "a: |-\n  x\n    y\n\n  z\nb: 1\n", [(2, 3), (3, 3), (4, 3), (5, 3)], id="literal, ragged"
        ),
        pytest.param(
            "a: |\n  x\n  yz\n", [(2, 3), (3, 3), (3, 5)], id="literal: behind the last line break is its end"
        ),
        pytest.param("a: |+\n  x\n\nb: 1\n", [(2, 3), (3, 3), (3, 3)], id="literal that keeps blank lines"),
        pytest.param(
            "a: |2-\n    x\n   y\nb: 1\n", [(2, 3), (3, 3)], id="literal with an indentation indicator"
        ),
        pytest.param("a: |1-\n  x\n", [(2, 2)], id="literal with an indicator smaller than the blanks"),
        pytest.param(
            "a: |-   # why\n\n\n    x\n",
            [(2, 5), (3, 5), (4, 5)],
            id="literal behind blank lines and a comment",
        ),
        pytest.param("a: |-\n  # no comment\n# a comment\nb: 1\n", [(2, 3)], id="literal before a comment"),
        pytest.param("- |-\n x\n", [(2, 2)], id="literal in a list"),
        pytest.param("a:\n  b:\n    - c: |-\n        x\n", [(4, 9)], id="literal far in"),
        pytest.param("a: |-\n  é ö\n  x", [(2, 3), (3, 3)], id="literal that ends with the file"),
        pytest.param("a: |\n  x", [(2, 3)], id="literal that ends with the file, without line break"),
        pytest.param("a: |\nb: 1\n", [], id="empty literal"),
        pytest.param("a: ''\n", [(1, 5)], id="empty quotes"),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("bom", ["", "\ufeff"], ids=["no BOM", "BOM"])
def test_where_the_lines_of_a_text_begin(
    text: str, lines: list[tuple[int, int]], ends: str, bom: str
) -> None:
    root = "list:\n" + text if text.startswith("-") else text
    document = document_of(bom + root.replace("\n", ends))
    where = next(where for where in document.values if isinstance(document.data_at(where), str))
    shift = 1 if root != text else 0

    assert document.values[where].lines == tuple((line + shift, column) for line, column in lines)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        pytest.param("a: |\n  x\n\n\nb: 1\n", Span(1, 4, 2, 4), id="literal"),
        pytest.param("a: >-\n  x\n  yy\n\n# c\nb: 1\n", Span(1, 4, 3, 5), id="folded"),
        pytest.param("a: |+\n  x\n\n", Span(1, 4, 2, 4), id="kept blank lines"),
        pytest.param("a: |\nb: 1\n", Span(1, 4, 1, 5), id="empty"),
        pytest.param("a: |\n  x", Span(1, 4, 2, 4), id="to the end of the file"),
    ],
)
@both_readers
def test_a_block_ends_behind_its_last_character(text: str, span: Span) -> None:
    assert document_of(text).place(("a",)).span == span


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.sampled_from("  :#'\"\\-"), max_size=20
)


def json_text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def assert_every_character_is_found(document: Document, where: Where, source: str) -> None:
    text = document.data_at(where)
    assert isinstance(text, str)
    lines = source.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    for number, character in enumerate(text):
        span = document.place_in_text(where, number, number + 1).span
        if character != "\n":
            assert lines[span.line - 1][span.column - 1] == character


@settings(deadline=None)
@given(
    st.lists(TEXT, min_size=1, max_size=6),
    st.sampled_from(["|", "|-", "|+"]),
    st.integers(1, 6),
    st.booleans(),
)
def test_every_character_of_a_literal_block_is_found_in_the_file(
    rows: list[str], header: str, indent: int, windows: bool
) -> None:
    assume(rows[0].strip() and not rows[0].startswith(" "))
    text = (
        "key:\n  ä: " + header + "\n" + "".join(f"{' ' * (2 + indent)}{row}\n" for row in rows) + "end: 1\n"
    )
    source = text.replace("\n", "\r\n") if windows else text
    document = document_of(source)

    assert document.values[("key", "ä")].lines
    assert_every_character_is_found(document, ("key", "ä"), source)


@settings(deadline=None)
@given(TEXT, st.sampled_from(["'", '"', ""]), TEXT)
def test_every_character_of_a_text_on_one_line_is_found_in_the_file(
    text: str, quote: str, before: str
) -> None:
    source = f"- {json_text(before)}\n- {{b: {quote}{text}{quote}}}\n"
    documents, findings = load_text("a.yaml", "x:\n" + source)
    assume(not findings and isinstance(documents[0].data_at(("x", 1, "b")), str))

    document = documents[0]
    if document.values[("x", 1, "b")].lines:
        assert_every_character_is_found(document, ("x", 1, "b"), "x:\n" + source)
    else:
        assert quote
        assert "'" in text or "\\" in text


# --- characters


@both_readers
@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\x00", "U+0000 NULL"),
        ("\x07", "U+0007 BELL"),
        ("\x1b", "U+001B ESCAPE"),
        ("\x1f", "U+001F CONTROL CHARACTER"),
        ("\x7f", "U+007F DELETE"),
        ("\x85", "U+0085 NEXT LINE"),
        ("\x9b", "U+009B CONTROL CHARACTER"),
        ("\xad", "U+00AD SOFT HYPHEN"),
        ("\u200b", "U+200B ZERO WIDTH SPACE"),
        ("\u2028", "U+2028 LINE SEPARATOR"),
        ("\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("\u2066", "U+2066 LEFT-TO-RIGHT ISOLATE"),
        ("\ufeff", "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
        ("\uffff", "U+FFFF UNASSIGNED CHARACTER"),
        ("\U000e0041", "U+E0041 TAG LATIN CAPITAL LETTER A"),
        ("\ud800", "U+D800 LONE SURROGATE"),
    ],
)
def test_characters_that_deceive_are_refused_by_name(character: str, name: str) -> None:
    finding = finding_of(f"a: 1\nb: x{character}y\n")

    assert (finding.code, at(finding)) == ("forbidden-character", "2:5")
    assert name in finding.message
    assert character not in finding.message


@both_readers
@pytest.mark.parametrize("escape", ["\\0", "\\e", "\\x9b", "\\N", "\\L", "\\u202e", "\\U000E0041", "\\r"])
def test_an_escape_does_not_smuggle_them_in(escape: str) -> None:
    documents, findings = load_text("a.yaml", f'a: 1\nb: "x{escape}y"\n')

    assert [(finding.code, at(finding)) for finding in findings] == [("forbidden-character", "2:4")]
    assert documents[0].data["b"] == "x\ufffdy"


@both_readers
def test_other_escapes_are_fine() -> None:
    assert data_of('a: "\\t\\n\\"\\\\\\u00e9\\_"\n') == {"a": '\t\n"\\é\xa0'}


def test_a_forbidden_character_is_told_once_for_each_kind() -> None:
    _, findings = load_text("a.yaml", "a: x\u200by\u200b\nb: \x00\u200b\n")

    assert [at(finding) for finding in findings] == ["1:5", "2:4"]


def test_a_carriage_return_stands_only_before_a_line_break() -> None:
    assert data_of("a: 1\r\nb: 2\r\n") == {"a": 1, "b": 2}
    assert at(finding_of("a: 1\r\nb: 2\rc: 3\r\n")) == "2:5"


# --- syntax


@both_readers
@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        pytest.param("owner: @team\n", "1:8", "cannot begin with `@`", id="at sign"),
        pytest.param("a: `x`\n", "1:4", "cannot begin with ```", id="back-tick"),
        pytest.param("a: %x\n", "1:4", "cannot begin with `%`", id="percent"),
        pytest.param("a: >=5\n", "1:4", "cannot begin with `>`", id="a comparison"),
        pytest.param("a: *.csv\n", "1:4", "cannot begin with `*`", id="a star"),
        pytest.param("a: & b\n", "1:4", "cannot begin with `&`", id="an ampersand"),
        pytest.param("a: !x!y z\n", "1:4", "cannot begin with `!`", id="an exclamation mark"),
        pytest.param("a: !<x z\n", "1:4", "cannot begin with `!`", id="half a tag"),
        pytest.param("a: b: c\n", "1:5", "holds a `: `", id="a colon in a text"),
        pytest.param("a: Note: b\nc: 1\n", "1:8", "holds a `: `", id="a colon in a title"),
        pytest.param("a:\n\tb: 1\n", "2:1", "A tab stands", id="tab"),
        pytest.param("a:\n  b: 1\n\tc: 2\n", "3:1", "A tab stands", id="tab later"),
        pytest.param('a: 1\nb: "x\nc: y\n', "2:4", 'no closing `"`', id="open double quote"),
        pytest.param("a: 'x\n", "1:4", "no closing `'`", id="open single quote"),
        pytest.param("a: 'it's'\n", "1:8", "the text goes on", id="an apostrophe in single quotes"),
        pytest.param('a: "x" y\n', "1:8", "the text goes on", id="more behind the quote"),
        pytest.param("a: [1, 2\nb: 3\n", "1:4", "`[` that opens here is not closed", id="open bracket"),
        pytest.param("a: {x: 1\n", "1:4", "`{` that opens here is not closed", id="open brace"),
        pytest.param("a: {b: c: d}\n", "1:4", "`{` that opens here is not closed", id="a colon in flow"),
        pytest.param("a: [", "1:5", "The file ends", id="open bracket at the end"),
        pytest.param("a: 1\n]\n", "2:1", "`]` closes nothing", id="closing bracket"),
        pytest.param("a: ]\n", "1:4", "A value is expected here, but there is `]`", id="bracket as value"),
        pytest.param("a: 1\n: x\n", "2:1", "no key before this `:`", id="a colon without key"),
        pytest.param("kind kpi\nname: x\n", "1:1", "no `:` after its key", id="no colon in the first line"),
        pytest.param("name: x\nkind\n", "2:1", "no `:` after its key", id="no colon in the last line"),
        pytest.param("name: x\n kind: y\n", "2:2", "does not line up", id="deeper"),
        pytest.param("  name: x\nkind: y\n", "2:1", "does not line up", id="less deep than the first line"),
        pytest.param("a:\n    b: 1\n  c: 1\n", "3:3", "does not line up", id="between"),
        pytest.param("- a\nb: 1\n", "2:1", "does not line up", id="a key behind a list"),
        pytest.param("a: 1\n- b\n", "2:1", "does not line up", id="a list behind a key"),
        pytest.param("a: - b\n", "1:4", "`-` cannot stand here", id="a list behind a key on one line"),
        pytest.param("a: ? b\n", "1:4", "`?` cannot stand here", id="a question mark"),
        pytest.param(f"a: 1\n{'x' * 2000}: 1\n", "2:1", "longer than 1024", id="a very long key"),
    ],
)
def test_what_is_no_yaml_is_said_in_our_words(text: str, place: str, said: str) -> None:
    documents, findings = load_text("a.yaml", text)

    assert documents == ()
    assert [(finding.code, at(finding)) for finding in findings] == [("yaml-syntax", place)]
    assert said in findings[0].message
    assert findings[0].hint


@both_readers
@pytest.mark.parametrize("escape", ["\\d", "\\xZZ", "\\UFFFFFFFF", "\\U00110000"])
def test_an_unknown_escape_is_said_in_our_words(escape: str) -> None:
    finding = finding_of(f'a: "{escape}"\n')

    assert finding.code == "yaml-syntax"
    assert "begins no known escape" in finding.message


def test_the_hint_shows_the_line_as_it_should_be() -> None:
    assert finding_of("owner: @acme/finance\n").hint == 'Write `"@acme/finance"`.'
    assert finding_of("approvers: [ann, @acme/finance, bob]  # x\n").hint == 'Write `"@acme/finance"`.'
    assert finding_of("target: {min: >=5 }\n").hint == 'Write `">=5"`.'
    assert finding_of("target: >=5  # x\n").hint == 'Write `">=5"`.'
    assert finding_of("kind kpi\nname: x\n").hint == "Write `kind: kpi`."
    assert finding_of('a: b: "c"\n').hint == "Write `'b: \"c\"'`."


@pytest.mark.parametrize("rest", ["* 1.0", "- 1.0", "/ sum(b)"])
def test_a_comment_that_ends_a_text_is_the_cause(rest: str) -> None:
    finding = finding_of(f"expression: sum(a)   # net\n  {rest}\n")

    assert at(finding) == "2:3"
    assert finding.message == "The comment on the line above has ended the text, which goes on here."
    assert finding.hint == "Write `|` behind the key, and the text on lines of its own, without the comment."
    assert "comment" not in finding_of(f"expression: sum(a)\nb:\n  c: 1 # net\n {rest}: 1: 2\n").message


def test_a_no_break_space_is_no_indentation() -> None:
    documents, findings = load_text("a.yaml", "kind: kpi\n\u00a0name: x\n")

    assert [(at(one), one.code) for one in findings] == [("2:1", "forbidden-character")]
    assert "U+00A0" in findings[0].message
    assert documents[0].data == {"kind": "kpi", "name": "x"}
    assert "U+00A0" in finding_of("a:\n  b: 1\n \u00a0- c\n").message
    assert not load_text("a.yaml", "a: |\n  x\n  \u00a0y\n")[1]


def test_an_open_bracket_says_where_reading_stopped() -> None:
    assert finding_of("a: [1,\n  2\nb: 3\n").note == "Reading stopped at line 3, column 2."


def test_a_file_that_breaks_off_gives_no_documents_at_all() -> None:
    documents, findings = load_text("a.yaml", "a: no\n---\nb: [\n---\nc: 1\n")

    assert documents == ()
    assert [finding.code for finding in findings] == ["ambiguous-scalar", "yaml-syntax"]


# --- budgets


@both_readers
@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("a: " + "[" * 31 + "]" * 31 + "\n", None, id="32 levels"),
        pytest.param("a: " + "[" * 32 + "]" * 32 + "\n", "nested-too-deep", id="33 levels"),
        pytest.param("- " * 100_000 + "\n", "nested-too-deep", id="100,000 levels"),
        pytest.param("a: [" + "1," * 49_900 + "]\n", None, id="49,900 values"),
        pytest.param("a: [" + "1," * 50_000 + "]\n", "too-many-values", id="50,000 values"),
        pytest.param("a: " + "x" * 65_536 + "\n", None, id="a text of 64 KiB"),
        pytest.param("a: " + "x" * 65_537 + "\n", "text-too-long", id="a text beyond 64 KiB"),
        pytest.param("a: 1\n#" + "x" * 1_048_600 + "\n", "file-too-large", id="a file beyond 1 MiB"),
    ],
)
def test_budgets(text: str, code: str | None) -> None:
    assert [finding.code for finding in load_text("a.yaml", text)[1]] == ([code] if code else [])


@settings(deadline=None)
@given(st.text(max_size=300) | st.text("[]{}:-?,&*!|>%@'\"#\\ \t\n\raAn0.~<=", max_size=60))
@example('a: "\\UFFFFFFFF"')
@example("? |\n- :")
def test_no_text_raises(text: str) -> None:
    for loader in ("CSafeLoader", "SafeLoader"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("kpiascode.load.text.LOADER", getattr(yaml, loader))
            documents, findings = load_text("a.yaml", text)
        for document in documents:
            assert set(document.values) >= set(document.keys)
            assert all(document.values[where] for where in document.values)
            assert len(document.values) == 1 + len(list(document.values)[1:])
        assert all(str(finding.place) and finding.message and finding.hint for finding in findings)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(
    st.dictionaries(TEXT, PLAIN, min_size=1, max_size=4), st.sampled_from([None, True, False]), st.booleans()
)
def test_what_pyyaml_writes_reads_the_same(data: dict[str, Plain], flow: bool | None, wide: bool) -> None:
    written = yaml.safe_dump(data, default_flow_style=flow, allow_unicode=True, width=1000 if wide else 20)
    documents, findings = load_text("a.yaml", written)
    assume(not findings)

    assert [document.data for document in documents] == [data]
    assert yaml.load(written, Loader=yaml.CSafeLoader) == data


# --- folders and files


def test_a_project_is_read_in_the_order_of_its_paths(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "kpis/b.yaml": "x: 3\n---\nx: 4\n",
        "kpis/a/z.yml": "x: 1\n",
        "kpis/a.yaml": "x: 2\n",
        "kpis/README.md": "no",
        "goals/g.yaml": "x: 0\n",
        "other/o.yaml": "x: 9\n",
    }
    folder = project_in(tmp_path, files, "version: 1\npaths: [kpis, ./goals/g.yaml, kpis/b.yaml]\n")
    documents = load(folder)

    assert documents.project is not None
    assert documents.project.data["version"] == 1
    assert [(item.path, item.data["x"]) for item in documents.items] == [
        ("goals/g.yaml", 0),
        ("kpis/a.yaml", 2),
        ("kpis/a/z.yml", 1),
        ("kpis/b.yaml", 3),
        ("kpis/b.yaml", 4),
    ]
    assert documents.diagnostics == ()
    assert set(documents.sources) == {
        "kpiascode.yaml",
        "goals/g.yaml",
        "kpis/a.yaml",
        "kpis/a/z.yml",
        "kpis/b.yaml",
    }
    assert documents.sources["kpis/a.yaml"] == "x: 2\n"


def test_hidden_folders_and_the_output_folder_are_left_out(tmp_path: Path) -> None:
    hidden = [".git/a.yaml", ".venv/b.yaml", "kpis/.old/c.yaml", ".pre-commit-config.yaml", "site/d.yaml"]
    files: dict[str, str | bytes] = dict.fromkeys([*hidden, "kpis/e.yaml", "kpis/site/f.yaml"], "x: 1\n")
    documents = load(project_in(tmp_path, files, "version: 1\npaths: [.]\n"))

    assert [item.path for item in documents.items] == ["kpis/e.yaml", "kpis/site/f.yaml"]
    assert documents.diagnostics == ()


def test_a_folder_may_be_called_like_a_file(tmp_path: Path) -> None:
    documents = load(project_in(tmp_path, {"kpis/x.yaml/a.yaml": "x: 1\n"}))

    assert [item.path for item in documents.items] == ["kpis/x.yaml/a.yaml"]


def test_a_bom_is_no_part_of_the_text(tmp_path: Path) -> None:
    documents = load(project_in(tmp_path, {"kpis/a.yaml": "\ufeffx: 1\n"}))

    assert documents.sources["kpis/a.yaml"] == "x: 1\n"
    assert str(documents.items[0].place(("x",))) == "kpis/a.yaml:1:4"


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ("/etc", "path-outside-project"),
        ("../other", "path-outside-project"),
        ("kpis/../../other", "path-outside-project"),
        ("..", "path-outside-project"),
        ("C:/kpis", "path-outside-project"),
        ("//server/share", "path-outside-project"),
        ("kpis\\\\a", "path-outside-project"),
        ("http://127.0.0.1:9/x.yaml", "path-outside-project"),
        ("file:///etc/passwd", "path-outside-project"),
        (" ", "path-outside-project"),
        ("kpis\\nx", "path-outside-project"),
        ("nothing", "missing-path"),
        ("kpis/a.yaml/b", "missing-path"),
        ("x" * 300, "missing-path"),
    ],
)
def test_a_path_that_cannot_be_followed_is_told_at_its_place(tmp_path: Path, entry: str, code: str) -> None:
    project = f'version: 1\npaths: [kpis, "{entry}"]\n'
    documents = load(project_in(tmp_path, {"kpis/a.yaml": "x: 1\n"}, project))

    assert told(documents) == [f"kpiascode.yaml:2:15 {code}"]
    assert [item.path for item in documents.items] == ["kpis/a.yaml"]


def test_a_path_may_wander_as_long_as_it_stays_inside(tmp_path: Path) -> None:
    documents = load(project_in(tmp_path, {"kpis/a.yaml": "x: 1\n"}, "version: 1\npaths: [goals/../kpis/]\n"))

    assert [item.path for item in documents.items] == ["kpis/a.yaml"]
    assert documents.diagnostics == ()


@pytest.mark.parametrize(
    "paths", ["", "paths:\n", "paths: kpis\n", "paths: {a: b}\n", "paths: [1, [x], null]\n", "paths: []\n"]
)
def test_paths_of_the_wrong_shape_are_left_to_validate(tmp_path: Path, paths: str) -> None:
    documents = load(project_in(tmp_path, {"kpis/a.yaml": "x: 1\n"}, "version: 1\n" + paths))

    assert (documents.items, documents.diagnostics) == ((), ())
    assert documents.project is not None


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_a_project_without_definitions_is_a_finding(tmp_path: Path, text: str) -> None:
    documents = load(project_in(tmp_path, {"kpis/a.yaml": text}))

    assert told(documents) == ["kpiascode.yaml:3:1 no-definitions"]


def test_no_definitions_is_not_said_where_there_are_broken_ones(tmp_path: Path) -> None:
    documents = load(project_in(tmp_path, {"kpis/a.yaml": "a: [\n"}))

    assert told(documents) == ["kpis/a.yaml:2:1 yaml-syntax"]
    assert documents.sources["kpis/a.yaml"] == "a: [\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["kpiascode.yaml:1:1 not-a-mapping"]),
        ("- a\n", ["kpiascode.yaml:1:1 not-a-mapping"]),
        ("a: [\n", ["kpiascode.yaml:2:1 yaml-syntax"]),
        ("version: 1\npaths: [kpis]\n---\nname: x\n", ["kpiascode.yaml:4:1 unsupported-yaml"]),
    ],
)
def test_a_project_file_is_one_mapping(tmp_path: Path, text: str, expected: list[str]) -> None:
    documents = load(project_in(tmp_path, {"kpis/a.yaml": "x: 1\n"}, text))

    assert told(documents) == expected


@pytest.mark.parametrize(
    ("data", "place"),
    [
        pytest.param(b"title: caf\xe9\n", "1:11", id="Latin-1"),
        pytest.param("title: é\nx: ".encode() + b"\xff\n", "2:4", id="second line"),
        pytest.param(b"a: \xc3\xa9\xc0\xaf\n", "1:5", id="overlong, columns are characters"),
        pytest.param(b"a: \xed\xa0\x80\n", "1:4", id="a surrogate"),
        pytest.param("title: x\n".encode("utf-16"), "1:1", id="UTF-16"),
        pytest.param(b"\xef\xbb\xbfa: \xff", "1:4", id="behind a BOM"),
    ],
)
def test_what_is_no_utf8_is_told_at_its_byte(tmp_path: Path, data: bytes, place: str) -> None:
    documents = load(project_in(tmp_path, {"kpis/a.yaml": data, "kpis/b.yaml": "x: 1\n"}))

    assert told(documents) == [f"kpis/a.yaml:{place} not-utf8"]
    assert "kpis/a.yaml" not in documents.sources


@pytest.mark.parametrize("by_descriptor", [True, False], ids=["by descriptor", "by path, as on Windows"])
@pytest.mark.parametrize(
    ("link", "target", "expected"),
    [
        pytest.param("kpis/l.yaml", "/etc/passwd", ["kpis/l.yaml:1:1 symlink-refused"], id="a file"),
        pytest.param("kpis/l.yaml", "a.yaml", ["kpis/l.yaml:1:1 symlink-refused"], id="a file inside"),
        pytest.param("kpis/l.yaml", "l.yaml", ["kpis/l.yaml:1:1 symlink-refused"], id="itself"),
        pytest.param("kpis/l.yaml", "nothing", ["kpis/l.yaml:1:1 symlink-refused"], id="nothing"),
        pytest.param("kpis/sub", "/etc", ["kpis/sub:1:1 symlink-refused"], id="a folder"),
        pytest.param("kpis/sub", ".", ["kpis/sub:1:1 symlink-refused"], id="a loop"),
        pytest.param("kpis/README.md", "a.yaml", [], id="what would not be read anyway"),
        pytest.param("kpis/loop", "loop", [], id="a loop of no interest"),
        pytest.param("goals", "/etc", ["kpiascode.yaml:2:15 symlink-refused"], id="a folder in `paths`"),
        pytest.param("goals", "kpis/a.yaml", ["kpiascode.yaml:2:15 symlink-refused"], id="a file in `paths`"),
    ],
)
def test_links_are_not_followed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    link: str,
    target: str,
    expected: list[str],
    by_descriptor: bool,
) -> None:
    monkeypatch.setattr(load_files, "BY_DESCRIPTOR", by_descriptor and load_files.BY_DESCRIPTOR)
    project = "version: 1\npaths: [kpis, goals]\n" if link == "goals" else PROJECT
    folder = project_in(tmp_path, {"kpis/a.yaml": "x: 1\n"}, project)
    (folder / link).symlink_to(target)
    documents = load(folder)

    assert told(documents) == expected
    assert [item.path for item in documents.items] == ["kpis/a.yaml"]


def test_a_path_behind_a_link_is_not_followed(tmp_path: Path) -> None:
    folder = project_in(tmp_path, {"kpis/a.yaml": "x: 1\n"}, "version: 1\npaths: [kpis, goals/deep/g.yaml]\n")
    (folder / "elsewhere/deep").mkdir(parents=True)
    (folder / "elsewhere/deep/g.yaml").write_text("x: 1\n")
    (folder / "goals").symlink_to("elsewhere")

    assert told(load(folder)) == ["kpiascode.yaml:2:15 symlink-refused"]


def test_a_project_file_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text(PROJECT)
    (tmp_path / "kpiascode.yaml").symlink_to("real.yaml")
    documents = load(tmp_path)

    assert documents.project is None
    assert told(documents) == ["kpiascode.yaml:1:1 symlink-refused"]


def test_a_project_may_lie_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    project_in(tmp_path / "real", {"kpis/a.yaml": "x: 1\n"})
    (tmp_path / "link").symlink_to("real")

    assert len(load(tmp_path / "link").items) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no FIFOs")
def test_a_fifo_is_no_file_and_does_not_block(tmp_path: Path) -> None:
    folder = project_in(tmp_path, {"kpis/a.yaml": "x: 1\n"})
    os.mkfifo(folder / "kpis/f.yaml")

    assert told(load(folder)) == ["kpis/f.yaml:1:1 not-a-file"]


def test_a_project_file_that_is_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "kpiascode.yaml").mkdir()

    assert told(load(tmp_path)) == ["kpiascode.yaml:1:1 not-a-file"]


def test_an_unreadable_file_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project_in(tmp_path, {"kpis/a.yaml": "x: 1\n", "kpis/b.yaml": "x: 1\n"})
    really_open = os.open

    def refuse_b(path: str, flags: int, *, dir_fd: int | None = None) -> int:
        if path == "b.yaml":
            raise PermissionError(13, "Permission denied")
        return really_open(path, flags, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", refuse_b)
    documents = load(folder)

    assert told(documents) == ["kpis/b.yaml:1:1 unreadable-file"]
    assert documents.diagnostics[0].message == "`kpis/b.yaml` cannot be read: permission denied."


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may read everything")
def test_a_file_without_rights_is_a_finding(tmp_path: Path) -> None:
    folder = project_in(tmp_path, {"kpis/b.yaml": "x: 1\n"})
    (folder / "kpis/b.yaml").chmod(0)

    assert told(load(folder)) == ["kpis/b.yaml:1:1 unreadable-file"]


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    folder = project_in(
        tmp_path, {"kpis/a.yaml": "x: 1\n"}, "version: 1\npaths: [kpis, nothing, kpis/a.yaml/x]\n"
    )
    (folder / "kpis/l.yaml").symlink_to("a.yaml")
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else pytest.skip("no /proc")
    load(folder)

    assert len(os.listdir("/proc/self/fd")) == before


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    documents = load(project_in(tmp_path, {"kpis/a.yaml": b"x: 1\n#" + b"x" * 1_048_576}))

    assert told(documents) == ["kpis/a.yaml:1:1 file-too-large"]


def test_the_size_is_counted_in_bytes(tmp_path: Path) -> None:
    documents = load(project_in(tmp_path, {"kpis/a.yaml": "x: 1\n#" + "é" * 524_288}))

    assert told(documents) == ["kpis/a.yaml:1:1 file-too-large"]


def test_too_many_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_project, "MAX_FILES", 3)
    files: dict[str, str | bytes] = {f"kpis/{number}.yaml": "x: 1\n" for number in range(4)}
    documents = load(project_in(tmp_path, files))

    assert told(documents) == ["kpiascode.yaml:3:9 too-many-files"]
    assert len(documents.items) == 3


def test_folders_are_not_nested_without_end(tmp_path: Path) -> None:
    documents = load(
        project_in(tmp_path, {"kpis/a.yaml": "x: 1\n", "kpis/" + "d/" * 101 + "a.yaml": "x: 1\n"})
    )

    assert told(documents) == ["kpiascode.yaml:3:9 too-many-files"]


@pytest.mark.parametrize(
    "name", ["a\n::error::.yaml", "\x1b[31m.yaml", "a\u202eb.yaml", os.fsdecode(b"\xff.yaml")]
)
def test_a_file_name_cannot_drive_a_terminal(tmp_path: Path, name: str) -> None:
    folder = project_in(tmp_path, {"kpis/a.yaml": "x: 1\n"})
    try:
        (folder / "kpis" / name).write_text("x: 2\n")
    except OSError:
        pytest.skip("the file system refuses such names itself")
    documents = load(folder)

    assert told(documents) == ["kpiascode.yaml:3:9 forbidden-character"]
    assert documents.diagnostics[0].message.isprintable()
    assert len(documents.items) == 1


def test_without_a_project_file_there_is_nothing_to_load(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(tmp_path)


def test_the_project_is_the_nearest_one_upward(tmp_path: Path) -> None:
    (tmp_path / "kpiascode.yaml").touch()
    (tmp_path / "a/b/c").mkdir(parents=True)
    (tmp_path / "a/b/kpiascode.yaml").touch()

    assert find_project(tmp_path / "a/b/c") == tmp_path / "a/b"
    assert find_project(tmp_path / "a/b") == tmp_path / "a/b"
    assert find_project(tmp_path / "a") == tmp_path
    assert find_project(tmp_path / "a/b/kpiascode.yaml") == tmp_path / "a/b"


def test_there_may_be_no_project(tmp_path: Path) -> None:
    upward = [folder for folder in tmp_path.parents if (folder / "kpiascode.yaml").exists()]

    assert find_project(tmp_path) == (upward[0] if upward else None)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = project_in(tmp_path_factory.mktemp("p"), {"kpis/a.yaml": data})

    assert all(finding.message for finding in load(folder).diagnostics)


def test_the_project_folder_is_not_written_to(tmp_path: Path) -> None:
    folder = project_in(tmp_path, {"kpis/a.yaml": "x: 1\n"})
    for path in (folder / "kpis", folder):
        path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    before = sorted(path.name for path in folder.rglob("*"))
    load(folder)
    for path in (folder, folder / "kpis"):
        path.chmod(stat.S_IRWXU)

    assert sorted(path.name for path in folder.rglob("*")) == before
