"""Hostile repositories: each a name, how to make it of the sound shop, and what is to be found in it."""

import json
import os
import socket
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

SHOP_TEXT = "kpis/shop.yaml"
MANY = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """A repository that means harm.

    Args:
        what: In words, for the table.
        make: Changes a copy of the sound shop.
        codes: What is found, and nothing else; empty where it is harmless.
        cpu: How many times as long as the sound shop it may take at most.
        mib: How much memory it may take at most.
        most: How many findings at most.
    """

    name: str
    what: str
    make: Callable[[Path], None]
    codes: frozenset[str]
    cpu: float = 10
    mib: float = 160
    most: int = 60


CASES: list[Hostile] = []


def case(name: str, what: str, codes: str, make: Callable[[Path], None], **bounds: float) -> None:
    CASES.append(Hostile(name=name, what=what, make=make, codes=frozenset(codes.split()), **bounds))  # type: ignore[arg-type]


# --- how to write one


def definitions(text: str | bytes, path: str = "kpis/hostile.yaml") -> Callable[[Path], None]:
    """A file more, in the shop."""

    def make(folder: Path) -> None:
        data = text if isinstance(text, bytes) else text.encode("utf-8")
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)

    return make


def replaced(path: str, old: str, new: str) -> Callable[[Path], None]:
    """A piece of a file, in other words."""

    def make(folder: Path) -> None:
        text = (folder / path).read_text(encoding="utf-8")
        assert text.count(old) == 1, old
        (folder / path).write_text(text.replace(old, new), encoding="utf-8")

    return make


def both(*makers: Callable[[Path], None]) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        for maker in makers:
            maker(folder)

    return make


def kpi(name: str, expression: str, **keys: str) -> str:
    """A KPI; keys are YAML, and so is the expression where it begins with a quote."""
    given = {
        "title": name[:60],
        "description": "What is hostile of it.",
        "act": "Look at it.",
        "owner": "sales",
        "applies_to": "[shop]",
        "dataset": "orders",
        "grain": "month",
        "unit": "count",
        "direction": "higher",
    } | keys
    lines = ["kind: kpi", f"name: {name}", f"expression: {json.dumps(expression)}"]
    return "\n".join([*lines, *(f"{key}: {value}" for key, value in given.items() if value)]) + "\n"


def used(names: Iterable[str]) -> str:
    """A scorecard that shows KPIs, so that they are of use."""
    listed = ", ".join(names)
    return f"kind: scorecard\nname: all_of_them\ntitle: All\norg_unit: shop\naudiences: [shop]\ngrain: year\nsections: [{{title: All, kpis: [{listed}]}}]\n"


def expression(text: str) -> Callable[[Path], None]:
    return definitions(kpi("hostile", text) + "---\n" + used(["hostile"]))


def expressions(texts: Iterable[str]) -> Callable[[Path], None]:
    """A KPI for each text."""
    return definitions("---\n".join(kpi(f"hostile_{number}", text) for number, text in enumerate(texts)))


def data(content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / "data" / "orders.csv").write_bytes(content) and None


def instead(path: str, make: Callable[[Path], object]) -> Callable[[Path], None]:
    """Something else in place of a file."""

    def maker(folder: Path) -> None:
        if (folder / path).exists():
            (folder / path).unlink()
        make(folder / path)

    return maker


def sparse(size: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.truncate(size)

    return make


def bound_socket(path: Path) -> None:
    above = os.getcwd()
    os.chdir(path.parent)  # the name of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.chdir(above)


def project_file(*lines: str) -> Callable[[Path], None]:
    """More lines of the project file."""

    def make(folder: Path) -> None:
        with (folder / "kpiascode.yaml").open("a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    return make


# --- YAML

LAUGHS = 'a: &a ["lol", "lol"]\n' + "".join(
    f"{name}: &{name} [{', '.join([f'*{below}'] * 9)}]\n"
    for below, name in zip("abcdefgh", "bcdefghi", strict=True)
)
case("aliases", "aliases that explode (a billion laughs)", "unsupported-yaml", definitions(LAUGHS))
case("self-alias", "an alias to itself", "unsupported-yaml", definitions("a: &a [*a]\n"))
case(
    "merge",
    "merge keys that explode",
    "unsupported-yaml",
    definitions("a: &a {x: 1}\n" + "".join(f"b{n}: &b{n} {{<<: [*a, *a]}}\n" for n in range(50))),
)
case("brackets", "lists nested 500,000 deep", "nested-too-deep", definitions("a: " + "[" * 500_000))
case("dashes", "lists nested 200,000 deep, by dashes", "nested-too-deep", definitions("- " * 200_000))
case("braces", "mappings nested 100,000 deep", "nested-too-deep", definitions("{a: " * 100_000))
case("questions", "keys nested in keys", "invalid-key", definitions("? " * 200_000))
case(
    "indents",
    "a mapping nested 600 deep by blanks",
    "nested-too-deep",
    definitions("".join(" " * n + "a:\n" for n in range(600))),
)
case("large-file", "a file of a mebibyte and a byte", "file-too-large", definitions("# " + "x" * (1 << 20)))
case("huge-file", "a file of 8 GiB", "file-too-large", instead("kpis/hostile.yaml", sparse(8 << 30)))
case(
    "large-text",
    "a text of a mebibyte",
    "text-too-long",
    definitions(
        "kind: owner\nname: x\ntitle: " + "x" * 1_000_000 + "\norg_unit: shop\ncontact: a@b.example\n"
    ),
)
case("large-key", "a key of 60,000 characters", "yaml-syntax", definitions("x" * 60_000 + ": 1\n"))
case(
    "quoted-key",
    "a key of 1,000 characters, in quotes",
    "unknown-key missing-key",
    definitions(f'kind: owner\nname: x\n"{"x" * 1000}": 1\n'),
)
case("many-keys", "60,000 keys", "too-many-values", definitions("".join(f"k{n}: x\n" for n in range(60_000))))
case(
    "unknown-keys",
    "20,000 keys that nobody knows",
    "unknown-key missing-key more-findings",
    definitions("kind: kpi\nname: x\n" + "".join(f"descriptiom{n}: x\n" for n in range(20_000))),
    most=1_001,
)
case(
    "same-keys",
    "20,000 times the same key",
    "duplicate-key missing-key unknown-key more-findings",
    definitions("kind: owner\n" + "a: x\n" * 20_000),
    most=1_001,
)
case(
    "odd-keys",
    "20,000 keys that are numbers",
    "invalid-key missing-kind more-findings",
    definitions("".join(f"{n}: x\n" for n in range(20_000))),
    most=1_001,
)
case(
    "odd-values",
    "20,000 values that read differently everywhere",
    "ambiguous-scalar missing-key unknown-key more-findings",
    definitions("kind: owner\na:\n" + "- no\n" * 20_000),
    most=1_001,
)
case(
    "sexagesimal",
    "a number of base 60 with 20,000 digits",
    "ambiguous-scalar missing-key",
    definitions("kind: owner\nname: 1" + ":59" * 20_000 + "\n"),
)
case(
    "digits",
    "a number of 60,000 digits",
    "number-too-long missing-key",
    definitions("kind: owner\nname: " + "9" * 60_000 + "\n"),
)
case(
    "exponent",
    "a number with a huge exponent",
    "number-too-long missing-key",
    definitions("kind: owner\nname: 1e999999999\n"),
)
case(
    "directives",
    "30,000 directives",
    "unsupported-yaml",
    definitions("%TAG !a! tag:\n" + "".join(f"%TAG !a{n}! tag:x\n" for n in range(30_000)) + "---\na: 1\n"),
)
case(
    "tags",
    "tags that make Python objects",
    "unsupported-yaml",
    definitions('kind: !!python/object/apply:os.system ["touch gone"]\n'),
)
case("nul", "NUL bytes", "forbidden-character", definitions("kind: owner\nname: a\0b\n"))
case(
    "nul-file",
    "a file of NUL bytes only",
    "forbidden-character",
    instead("kpis/hostile.yaml", sparse(1 << 20)),
)
case("latin-1", "a file in Latin-1", "not-utf8", definitions("kind: owner\ntitle: café\n".encode("latin-1")))
case("utf-16", "a file in UTF-16", "not-utf8", definitions("kind: owner\n".encode("utf-16")))
case(
    "utf-8-overlong", "UTF-8 that is too long for what it says", "not-utf8", definitions(b"kind: \xc0\xaf\n")
)
case("surrogate", "half a character", "not-utf8", definitions(b"kind: \xed\xa0\x80\n"))
case("random", "random bytes", "not-utf8", definitions(bytes(n * 197 % 256 for n in range(1, 5_000))))
case(
    "bom",
    "a byte order mark, and carriage returns",
    "",
    lambda folder: (
        (folder / SHOP_TEXT).write_bytes(
            b"\xef\xbb\xbf" + (folder / SHOP_TEXT).read_bytes().replace(b"\n", b"\r\n")
        )
        and None
    ),
)
case(
    "inner-bom",
    "a byte order mark further down",
    "forbidden-character",
    definitions("kind: owner\n\ufeffname: x\n"),
)
case(
    "carriage-returns", "carriage returns alone", "forbidden-character", definitions("kind: owner\rname: x\r")
)
case(
    "tabs",
    "tabs as indentation",
    "yaml-syntax",
    definitions("kind: owner\nname: x\norg_unit:\n\tshop\n\ttitle: x\n"),
)
case(
    "documents",
    "8,000 documents without kind",
    "missing-kind more-findings",
    definitions("a: 1\n---\n" * 8_000),
    most=1_001,
)
case("empty-documents", "300,000 documents of nothing", "too-many-values", definitions("---\n" * 250_000))
case("lines", "a million empty lines", "", definitions("\n" * 1_000_000))
case("colons", "a line of 200,000 colons", "yaml-syntax", definitions("a: " + "b: " * 200_000))
case("quotes", "200,000 quotes", "yaml-syntax", definitions("a: " + "'" * 200_001))
case(
    "escapes",
    "170,000 escapes",
    "text-too-long missing-key",
    definitions('kind: owner\nname: "' + "\\u0041" * 170_000 + '"\n'),
)
case(
    "ref",
    "a `$ref` to another machine",
    "unknown-key missing-key",
    definitions(
        'kind: owner\nname: x\n"$ref": "http://198.51.100.7/evil.json"\n"$schema": "http://198.51.100.7/s.json"\n'
    ),
)

# --- text that means something to a terminal, or to a reader

case(
    "escape-bytes",
    "terminal commands in a title",
    "forbidden-character",
    definitions("kind: owner\ntitle: \x1b[2J\x1b]0;gone\x07\n"),
)
case(
    "escape-quoted",
    "terminal commands, escaped, in a title",
    "forbidden-character",
    definitions('kind: owner\nname: x\ntitle: "\\e[2J\\a"\norg_unit: shop\ncontact: a@b.example\n'),
)
case(
    "escape-name",
    "terminal commands in an unknown key",
    "forbidden-character missing-key",
    definitions('kind: owner\nname: x\n"\\e[31m": x\n'),
)
case(
    "bidi",
    "a title that turns its direction around",
    "forbidden-character",
    definitions("kind: owner\nname: x\ntitle: \u202etxet\n"),
)
case(
    "bidi-quoted",
    "the same, escaped",
    "forbidden-character",
    definitions('kind: owner\nname: x\ntitle: "\\u202Etxet"\norg_unit: shop\ncontact: a@b.example\n'),
)
case(
    "tag-letters",
    "letters that nobody sees",
    "forbidden-character",
    definitions("kind: owner\nname: x\U000e0041\n"),
)
case(
    "homoglyph",
    "a name with a Cyrillic letter",
    "invalid-name",
    definitions(kpi("net_s\u0430les", "count(*)")),
)
case(
    "right-to-left",
    "a name in Hebrew",
    "invalid-name",
    definitions(kpi("\u05de\u05db\u05d9\u05e8\u05d5\u05ea", "count(*)")),
)
case(
    "full-width",
    "a name in full-width letters",
    "invalid-name",
    definitions(kpi("\uff4e\uff45\uff54", "count(*)")),
)
case("case-names", "two names, but for their case", "invalid-name", definitions(kpi("Net_Sales", "count(*)")))
case(
    "line-break-name",
    "a name that ends in a line break",
    "invalid-name invalid-value",
    definitions(kpi('"x\\n"', "count(*)")),
)
case(
    "slash-name",
    "a name that leads out of the site",
    "invalid-name",
    definitions(kpi('"../../index"', "count(*)")),
)
case(
    "device-name",
    "names of devices on Windows",
    "",
    definitions(
        kpi("con", "count(distinct channel)")
        + "---\n"
        + kpi("nul", "max(amount)", unit="{currency: EUR}")
        + "---\n"
        + used(["con", "nul"])
    ),
)
case(
    "zalgo",
    "a letter with 500 marks",
    "invalid-value",
    definitions(kpi("x", "count(*)", title="e" + "\u0301" * 500)),
)
case(
    "workflow-commands",
    "commands to a CI log in texts and keys",
    "unknown-key invalid-value",
    definitions(
        kpi(
            "x",
            "count(*)",
            title='"::error::gone ##[add-mask]x"',
            **{'"::stop-commands::x"': "1", "grain": '"##vso[task.setvariable]x"'},
        )
    ),
)

# --- files and folders

case(
    "link",
    "a link to /etc/passwd",
    "symlink-refused",
    instead("kpis/x.yaml", lambda path: path.symlink_to("/etc/passwd")),
)
case(
    "link-to-itself",
    "a link to itself",
    "symlink-refused",
    instead("kpis/x.yaml", lambda path: path.symlink_to("x.yaml")),
)
case(
    "link-to-parent",
    "a folder that is a link to its parent",
    "symlink-refused",
    instead("kpis/again", lambda path: path.symlink_to("..")),
)
case(
    "links-to-each-other",
    "folders that are links to each other",
    "symlink-refused",
    both(
        instead("kpis/a", lambda path: path.symlink_to("b")),
        instead("kpis/b", lambda path: path.symlink_to("a")),
        instead("kpis/c.yaml", lambda path: path.symlink_to("a/b/c.yaml")),
    ),
)
case(
    "link-out",
    "a folder that is a link to /",
    "symlink-refused",
    instead("kpis/root", lambda path: path.symlink_to("/")),
)
case(
    "linked-folder",
    "the folder of `paths` is a link",
    "symlink-refused",
    both(
        lambda folder: (folder / "kpis").rename(folder / "elsewhere") and None,
        instead("kpis", lambda path: path.symlink_to("elsewhere")),
    ),
)
case(
    "zero",
    "a link to an endless device",
    "symlink-refused",
    instead("kpis/x.yaml", lambda path: path.symlink_to("/dev/zero")),
)
case(
    "pipe", "a pipe that nobody writes to", "not-a-file", instead("kpis/x.yaml", lambda path: os.mkfifo(path))
)
case("socket", "a socket", "not-a-file", instead("kpis/x.yaml", bound_socket))
case("folder", "a folder called x.yaml", "", lambda folder: (folder / "kpis" / "x.yaml").mkdir())
case(
    "out",
    "paths that lead out",
    "path-outside-project",
    replaced(
        "kpiascode.yaml",
        "[kpis]",
        "[kpis, ../.., /etc, 'http://198.51.100.7/', 'file:///etc', 'kpis\\..\\..', 'C:\\']",
    ),
)
case(
    "device-path",
    "paths that are devices",
    "path-outside-project",
    replaced("kpiascode.yaml", "[kpis]", "[kpis, /dev/zero, /dev/stdin, /proc/self/mem]"),
)
case(
    "newline-file",
    "a file whose name holds a line break",
    "forbidden-character",
    instead("kpis/a\nb.yaml", lambda path: path.touch()),
)
case(
    "escape-file",
    "a file whose name drives a terminal",
    "forbidden-character",
    instead("kpis/\x1b[2J.yaml", lambda path: path.touch()),
)
case(
    "bidi-file",
    "a file whose name turns around",
    "forbidden-character",
    instead("kpis/\u202elmay.yaml", lambda path: path.touch()),
)
case(
    "bytes-file",
    "a file whose name is no UTF-8",
    "forbidden-character",
    instead("kpis/\udcff\udcfe.yaml", lambda path: path.touch()),
)
case(
    "command-file",
    "a file whose name is a command to a CI log",
    "missing-key",
    definitions("kind: owner\nname: x\n", "kpis/::error file=x,line=1::y.yaml"),
)
case(
    "long-file",
    "a file with a name of 255 bytes",
    "missing-key",
    definitions("kind: owner\nname: x\n", f"kpis/{'x' * 250}.yaml"),
)
case(
    "case-files",
    "two files, but for the case of their names",
    "duplicate-name",
    both(definitions(kpi("x", "count(*)"), "kpis/a.yaml"), definitions(kpi("x", "count(*)"), "kpis/A.yaml")),
)


def files(count: int, text: str = "") -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        for number in range(count):
            (folder / "kpis" / f"f{number}.yaml").write_text(text.replace("@", str(number)), encoding="utf-8")

    return make


def deep_folders(depth: int) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        at = os.open(folder / "kpis", os.O_RDONLY)
        for _ in range(depth):
            os.mkdir("d" * 5, dir_fd=at)
            at, above = os.open("d" * 5, os.O_RDONLY, dir_fd=at), at
            os.close(above)
        os.close(at)

    return make


def wide_folders(folder: Path) -> None:
    for number in range(3_000):
        (folder / "kpis" / f"d{number}").mkdir()


case("files", "19,000 files", "", files(19_000), cpu=20)
case("too-many-files", "20,001 files", "too-many-files", files(20_001), cpu=20)
case(
    "wrong-files",
    "4,000 files, each with mistakes",
    "missing-key more-findings",
    files(4_000, "kind: owner\nname: x@\n"),
    cpu=120,
    mib=260,
    most=10_001,
)
case("deep-folders", "folders nested 300 deep", "too-many-files", deep_folders(300))
case("wide-folders", "3,000 folders", "", wide_folders)

# --- the project file


def without_project(make: Callable[[Path], object]) -> Callable[[Path], None]:
    return instead("kpiascode.yaml", make)


case(
    "project-link",
    "a project file that is a link",
    "symlink-refused",
    without_project(lambda path: path.symlink_to("/etc/passwd")),
)
case(
    "project-pipe",
    "a project file that is a pipe",
    "not-a-file",
    without_project(lambda path: os.mkfifo(path)),
)
case(
    "project-zero",
    "a project file that is a link to an endless device",
    "symlink-refused",
    without_project(lambda path: path.symlink_to("/dev/zero")),
)
case(
    "project-folder",
    "a project file that is a folder",
    "not-a-file",
    without_project(lambda path: path.mkdir()),
)
case("project-huge", "a project file of 8 GiB", "file-too-large", without_project(sparse(8 << 30)))
case("project-nul", "a project file of NUL bytes", "forbidden-character", without_project(sparse(1000)))
case("project-empty", "an empty project file", "not-a-mapping", without_project(lambda path: path.touch()))
case(
    "many-paths",
    "10,000 paths",
    "invalid-value",
    replaced("kpiascode.yaml", "[kpis]", f"[{', '.join(['kpis'] * MANY)}]"),
    cpu=60,
)
case(
    "zones",
    "time zones that are paths",
    "invalid-value",
    replaced("kpiascode.yaml", "Europe/Berlin", "../../../../etc/passwd"),
)
case(
    "zone-absolute",
    "a time zone that is an absolute path",
    "invalid-value",
    replaced("kpiascode.yaml", "Europe/Berlin", "/etc/passwd"),
)
case(
    "zone-folder",
    "a time zone that is a folder",
    "unknown-timezone",
    replaced("kpiascode.yaml", "Europe/Berlin", "Europe"),
)
case(
    "connection",
    "a connection, with a password, in the repository",
    "unknown-key",
    project_file('engines: {wh: {dialect: postgres, url: "postgresql://u:hunter2@198.51.100.7/db"}}'),
)
case(
    "path-patterns",
    "patterns that take exponential time elsewhere",
    "unused-path",
    project_file(
        "check:",
        "  paths:",
        *(
            f'    - {{path: "{"*a" * 249}b", ignore: [self-division]}}\n    - {{path: "{"**/" * 160}x*?*?*?", ignore: [self-division]}}'
            for _ in range(50)
        ),
    ),
    most=100,
)
case(
    "too-many-patterns",
    "3,000 patterns",
    "invalid-value",
    project_file(
        "check:", "  paths:", *('    - {path: "*a*b", ignore: [self-division]}' for _ in range(3_000))
    ),
)
case(
    "unknown-rules",
    "200 rules that do not exist",
    "unknown-rule",
    project_file(f"check: {{ignore: [{', '.join(f'no-rule-{n}' for n in range(200))}]}}"),
    most=250,
)

# --- comments

case(
    "allows",
    "20,000 comments that allow something",
    "too-many-allows",
    definitions(
        "# kpi: allow self-division: x\n" * 20_000
        + kpi("hostile", "count(distinct channel)")
        + "---\n"
        + used(["hostile"])
    ),
)
case(
    "allow-names",
    "a comment that allows 100,000 rules",
    "too-many-allows",
    definitions(
        "kind: owner  # kpi: allow "
        + ", ".join(f"a{n}" for n in range(100_000))
        + ": x\nname: own\ntitle: x\norg_unit: shop\ncontact: a@b.example\n"
    ),
)
case("hashes", "a line of 900,000 number signs", "", definitions("#" * 900_000 + "\n# kpi: allow\n"))
case(
    "hashes-in-texts",
    "90,000 number signs in texts on a line",
    "too-many-values",
    definitions("kind: owner # kpi: allow self-division: x\ntitle: [" + '"#", ' * 90_000 + "]\n"),
)
case(
    "allow-blanks",
    "a comment with 900,000 blanks",
    "",
    definitions("# kpi:" + " " * 900_000 + "allow self-division: x\n"),
)

# --- baselines


def baseline(content: str | bytes) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        project_file("check: {baseline: known.json}")(folder)
        data = content.encode("utf-8") if isinstance(content, str) else content
        (folder / "known.json").write_bytes(data)

    return make


def baseline_file(make: Callable[[Path], object]) -> Callable[[Path], None]:
    return both(project_file("check: {baseline: known.json}"), instead("known.json", make))


ENTRY = '{"rule": "kpi-without-use", "kind": "kpi", "name": "x", "count": 1, "fingerprint": "0123456789abcdef", "message": "x"}'
case(
    "baseline-deep",
    "a baseline nested a million deep",
    "broken-baseline",
    baseline('{"known": ' + "[" * 1_000_000),
)
case("baseline-huge", "a baseline of 8 GiB", "broken-baseline", baseline_file(sparse(8 << 30)))
case("baseline-large", "a baseline of 8 MiB of blanks", "broken-baseline", baseline(" " * (8 << 20)))
case(
    "baseline-entries",
    "a baseline with 60,000 entries",
    "",
    baseline(f'{{"version": 1, "known": [{", ".join([ENTRY] * 60_000)}]}}'),
    cpu=20,
    mib=260,
)
case(
    "baseline-digits",
    "a baseline with a number of 100,000 digits",
    "broken-baseline",
    baseline('{"version": ' + "9" * 100_000 + ', "known": []}'),
)
case(
    "baseline-nan",
    "a baseline with what is no number",
    "broken-baseline",
    baseline(f'{{"version": 1, "known": [{ENTRY.replace(": 1,", ": NaN,")}]}}'),
)
case(
    "baseline-hides",
    "a baseline that hides an error of shape",
    "broken-baseline",
    baseline(f'{{"version": 1, "known": [{ENTRY.replace("kpi-without-use", "unknown-owner")}]}}'),
)
case(
    "baseline-bytes",
    "a baseline of random bytes",
    "broken-baseline",
    baseline(bytes(n * 197 % 256 for n in range(1, 5_000))),
)
case("baseline-pipe", "a baseline that is a pipe", "not-a-file", baseline_file(lambda path: os.mkfifo(path)))
case(
    "baseline-link",
    "a baseline that is a link to /etc/passwd",
    "symlink-refused",
    baseline_file(lambda path: path.symlink_to("/etc/passwd")),
)
case(
    "baseline-out",
    "a baseline outside of the project",
    "path-outside-project",
    project_file("check: {baseline: ../../../../etc/passwd}"),
)

# --- data files

case(
    "header-long",
    "a CSV file with one line of 8 GiB",
    "malformed-csv",
    instead("data/orders.csv", sparse(8 << 30)),
)
case("header-line", "a first line of 3 MB", "malformed-csv", data(b"x," * 1_500_000))
case(
    "header-columns",
    "100,000 columns",
    "too-many-columns",
    data(",".join(f"c{n}" for n in range(100_000)).encode() + b"\n"),
)
case(
    "header-nul",
    "NUL bytes in the first line",
    "unknown-column",
    data(b"ordered\0on,customer_id,channel,am\0ount\n"),
    most=20,
)
case(
    "header-quote",
    "a quote that is not closed, and a megabyte",
    "malformed-csv",
    data(b'"' + b"x" * 900_000 + b"\n" * 200_000),
)
case("header-quotes", "a header of 500,000 quotes", "malformed-csv", data(b'"' * 500_001 + b"\n"))
case(
    "header-escapes",
    "column names that drive a terminal",
    "unknown-column",
    data("ordered_on,customer_id,channel,\x1b[2J\x1b]0;x\x07,\u202eamount\n".encode()),
    most=20,
)
case(
    "header-latin-1",
    "a first line in Latin-1",
    "not-utf8",
    data("ordered_on,customer_id,channel,amount,caf\xe9\n".encode("latin-1")),
)
case(
    "header-same", "2,000 columns of the same name", "malformed-csv", data(b",".join([b"x"] * 2_000) + b"\n")
)
case(
    "data-pipe",
    "a data file that is a pipe",
    "not-a-file",
    instead("data/orders.csv", lambda path: os.mkfifo(path)),
)
case(
    "data-zero",
    "a data file that is a link to an endless device",
    "symlink-refused",
    instead("data/orders.csv", lambda path: path.symlink_to("/dev/zero")),
)
case(
    "data-folder",
    "a data file that is a folder",
    "not-a-file",
    instead("data/orders.csv", lambda path: path.mkdir()),
)
case(
    "data-loop",
    "a data folder that is a link to itself",
    "symlink-refused",
    both(
        lambda folder: (folder / "data").rename(folder / "elsewhere") and None,
        instead("data", lambda path: path.symlink_to("data")),
    ),
)
case(
    "data-type",
    "a type with a billion digits",
    "invalid-value",
    replaced(
        SHOP_TEXT, "time: ordered_on\n", 'time: ordered_on\ncolumns: {amount: "decimal(1000000000,2)"}\n'
    ),
)
case(
    "data-address",
    "sources that are addresses and patterns",
    "path-outside-project pattern-in-path",
    definitions(
        "---\n".join(
            f'kind: dataset\nname: d{n}\nsource: "{source}"\n'
            for n, source in enumerate(
                [
                    "http://198.51.100.7/x.csv",
                    "s3://bucket/x.parquet",
                    "file:///etc/x.csv",
                    "../../x.csv",
                    "/etc/x.csv",
                    "//198.51.100.7/x.csv",
                    "data/*.csv",
                    "**/x.parquet",
                ]
            )
        )
    ),
)
case(
    "data-name",
    "a source with a name of 60,000 characters",
    "invalid-value",
    definitions(f"kind: dataset\nname: d\nsource: {'x' * 60_000}.csv\n"),
)
case(
    "data-long",
    "a source with a name of 400 characters",
    "missing-data-file",
    definitions(f"kind: dataset\nname: d\nsource: {'x' * 400}.csv\n"),
)
case(
    "data-steps",
    "a source over 100 folders",
    "missing-data-file",
    definitions(f"kind: dataset\nname: d\nsource: {'x/' * 100}x.csv\n"),
)
case(
    "data-nul",
    "a source with an escaped NUL",
    "forbidden-character",
    definitions('kind: dataset\nname: d\nsource: "data/x\\0.csv"\n'),
)

# --- expressions

case(
    "expression-deep",
    "an expression nested 200 deep",
    "expression-too-deep",
    expression("(" * 200 + "1" + ")" * 200),
)
case(
    "expression-deeper",
    "an expression nested 10,000 deep",
    "invalid-value",
    expression("(" * 10_000 + "1" + ")" * 10_000),
)
case(
    "expression-long", "an expression of 60,000 characters", "invalid-value", expression("1" + "+1" * 30_000)
)
case("expression-megabyte", "an expression of a megabyte", "text-too-long", expression("1" + "+1" * 500_000))
case("expression-chain", "an expression of 1,900 sums", "expression-too-long", expression("1" + "+1" * 1_900))
case(
    "expression-calls",
    "functions in functions, 150 deep",
    "expression-too-deep",
    expression("abs(" * 150 + "1" + ")" * 150),
)
case(
    "expression-cases",
    "cases in cases, 60 deep",
    "expression-too-deep",
    expression("case when true then " * 60 + "1" + " end" * 60),
)
case("expression-nots", "900 times not", "expression-too-long", expression("not " * 900 + "true"))
case("expression-signs", "3,000 signs", "expression-too-long", expression("-" * 1 + " - " * 1_200 + "1"))
case(
    "expression-list",
    "a list of 400 constants",
    "expression-too-long",
    expression("count(*) filter (where channel in (" + ",".join("'x'" for _ in range(400)) + "))"),
)
case(
    "expression-text",
    "a text of 3,900 characters",
    "text-too-long",
    expression("count(*) filter (where channel = '" + "x" * 3_900 + "')"),
)
case("expression-name", "a name of 3,900 characters", "invalid-name", expression("x" * 3_900))
case("expression-dots", "a path of 200 steps", "path-too-long", expression("sum(" + "a." * 200 + "b)"))
case("expression-number", "a number of 3,900 digits", "invalid-number", expression("9" * 3_900))
case(
    "expression-homoglyph",
    "an aggregate with a Cyrillic letter",
    "forbidden-character",
    expression("c\u043eunt(*)"),
)
case(
    "expression-bidi",
    "an expression that turns around",
    "forbidden-character",
    definitions(kpi("hostile", "x").replace('"x"', '"count(*) \\u202e+ 1"')),
)

LEAKS = (
    # DuckDB
    *("read_text('/etc/passwd')", "read_csv('/etc/passwd')", "read_parquet('s3://x/y')", "glob('/*')", "getenv('HOME')"),
    *("query('select 1')", "query_table('x')", "json_execute_serialized_sql('x')", "sniff_csv('/etc/passwd')", "sleep_ms(9)"),
    *("attach 'x.db' as x", "copy x to 'y'", "install httpfs", "load httpfs", "pragma database_list", "duckdb_secrets()"),
    # PostgreSQL
    *("pg_read_file('/etc/passwd')", "pg_ls_dir('/')", "lo_import('/etc/passwd')", "lo_export(1, '/tmp/x')", "pg_sleep(60)"),
    *("dblink('host=x', 'select 1')", "query_to_xml('select 1', true, true, '')", "set_config('x', 'y', false)", "current_setting('x')"),
    *("pg_terminate_backend(1)", "nextval('s')", "copy (select 1) to program 'id'", "do $$ begin end $$", "lo_from_bytea(0, 'x')"),
    # Snowflake
    *("system$cancel_all_queries(1)", "get_presigned_url(@s, 'x')", "parse_json('x')", "call p()", "ai_complete('m', 'x')", "put file:///etc/passwd @s"),
    # BigQuery
    *("external_query('c', 'select 1')", "ml.predict(model m, table t)", "ai.generate('x')", "export data options(uri='gs://x')", "net.host('x')", "session_user()"),
    # Spark
    *("reflect('java.lang.System', 'exit', 0)", "java_method('java.lang.Runtime', 'getRuntime')", "input_file_name()", "read_files('/etc')", "`x`.`y`", "secret('s', 'k')"),
    # others, and what sqlglot would turn into raw text
    *("load_extension('x')", "xp_cmdshell('id')", "url('http://198.51.100.7')", "file('/etc/passwd')", "utl_http.request('http://198.51.100.7')"),
    *("collate(lower('a'), 'nocase || (select 1)')", "date_add(ordered_on, 1, 'day), (select 1), (1')", "extract('epoch from x) || (select 1' from x)"),
    *("(select 1)", "exists (select 1)", "1; drop table orders", "1 -- x", "1 /* x */", "{{ env_var('X') }}", "${HOME}", ":x", "$1", "?", "@@version", "x::int"),
    *("'a\\'", "E'\\x41'", "\"orders\"", "[orders]", "#x", "cast(amount as read_text)", "list_transform(x, y -> y)", "generate_series(1, 1000000000)"),
)  # fmt: skip
LEAK_CODES = "unknown-function statement-in-expression expression-syntax forbidden-character comment-in-expression unclosed-text unknown-type"
case(
    "functions",
    f"{len(LEAKS)} functions and statements that reach files, networks or other tables",
    LEAK_CODES,
    expressions(LEAKS),
    most=len(LEAKS),
)

# --- graphs


def graph(expressions: Iterable[str], per_file: int = 500) -> Callable[[Path], None]:
    """KPIs k0, k1, ... with these expressions; those that name each other have no dataset."""

    def make(folder: Path) -> None:
        texts = [
            kpi(f"k{n}", text, dataset="" if "k" in text else "orders") for n, text in enumerate(expressions)
        ]
        for first in range(0, len(texts), per_file):
            (folder / "kpis" / f"graph{first}.yaml").write_text("---\n".join(texts[first : first + per_file]))

    return make


def chain(count: int, form: str) -> list[str]:
    return [*(form.replace("{}", f"k{n + 1}") for n in range(count - 1)), "count(distinct channel)"]


case(
    "chain",
    "10,000 KPIs, each of the next one",
    "reference-chain-too-long",
    graph(chain(MANY, "{} * 1")),
    cpu=120,
    mib=700,
    most=MANY,
)
case(
    "doubling",
    "a chain that doubles 40 times: 2^40 parts",
    "reference-chain-too-long",
    graph(chain(41, "{} + {}")),
)
case(
    "tenfold",
    "a chain that is ten times as large at each step",
    "reference-chain-too-long",
    graph(chain(30, "coalesce({}, {}, {}, {}, {}, {}, {}, {}, {}, {})")),
)
case(
    "circle",
    "a circle of 10,000 KPIs",
    "kpi-cycle",
    graph([*(f"k{n + 1} * 1" for n in range(MANY - 1)), "k0 * 1"]),
    cpu=120,
    mib=700,
    most=1,
)
case(
    "circles",
    "2,000 KPIs that are made of themselves",
    "kpi-cycle",
    graph([f"k{n}" for n in range(2_000)]),
    cpu=60,
    mib=300,
    most=2_000,
)
case(
    "unknowns",
    "2,000 KPIs that name ones that do not exist",
    "unknown-kpi",
    graph([f"kk_{n}" for n in range(2_000)]),
    cpu=120,
    mib=400,
    most=2_000,
)
case("balances", "balances of balances that branch", "form-misplaced", graph(chain(40, "closing({} + {})")))

FIELDS = "\n".join(f"  f{n}: f{n + 1} + f{n + 1}" for n in range(60))
case(
    "fields",
    "fields that double 60 times",
    "expression-too-large",
    replaced(SHOP_TEXT, "time: ordered_on\n", f"time: ordered_on\nfields:\n{FIELDS}\n  f60: amount\n"),
)
case(
    "field-chain",
    "a chain of 180 fields",
    "",
    replaced(
        SHOP_TEXT,
        "time: ordered_on\n",
        "time: ordered_on\nfields:\n"
        + "\n".join(f"  f{n}: f{n + 1}" for n in range(180))
        + "\n  f180: amount + 1\n",
    ),
)
case(
    "field-circle",
    "a circle of 190 fields",
    "expression-too-large",
    replaced(
        SHOP_TEXT,
        "time: ordered_on\n",
        "time: ordered_on\nfields:\n"
        + "\n".join(f"  f{n}: f{n + 1} + 1" for n in range(189))
        + "\n  f189: f0 + 1\n",
    ),
)


def goal(number: int, parent: int) -> str:
    result = "{kpi: net_sales, measure: to_date, target: 1, tolerance: 1, path: linear}"
    period = "{from: 2025-01-01, to: 2026-01-01}"
    return f"kind: goal\nname: g{number}\ntitle: G{number}\norg_unit: shop\nowner: sales\nparent: g{parent}\nperiod: {period}\nresults: [{result}]\n"


def goals(folder: Path) -> None:
    for first in range(0, 5_000, 500):
        texts = [goal(number, (number + 1) % 5_000) for number in range(first, first + 500)]
        (folder / "kpis" / f"goals{first}.yaml").write_text("---\n".join(texts))


case("goal-circle", "a circle of 5,000 goals", "goal-cycle", goals, cpu=120, mib=300)
case(
    "unit-circle",
    "a circle of 2,000 org units",
    "org-unit-cycle",
    definitions(
        "---\n".join(
            f"kind: org_unit\nname: u{n}\ntitle: U{n}\nlevel: team\nparent: u{(n + 1) % 2_000}\n"
            for n in range(2_000)
        )
    ),
    cpu=120,
    mib=300,
    most=2_000,
)
case(
    "forever",
    "windows as long as time",
    "offset-lands-nowhere",
    definitions(
        kpi(
            "hostile",
            "previous(net_sales, 999999 years) + rolling(net_sales, 999999 years)",
            dataset="",
            unit="{currency: EUR}",
        )
        + "---\n"
        + used(["hostile"])
    ),
)
case(
    "end-of-time",
    "a rule that held until the end of time",
    "",
    definitions(
        kpi("hostile", "count(*)", revisions="[{until: 9999-12-31, expression: sum(1), reason: x}]")
        + "---\n"
        + used(["hostile"])
    ),
)
case(
    "means",
    "a mean over 1,900 years of days",
    "unit-does-not-fit",
    definitions(
        kpi("hostile", "rolling(average_over(sum(amount), day), 1900 years)", unit="{currency: EUR}")
        + "---\n"
        + used(["hostile"])
    ),
)
case(
    "means-of-means",
    "means of means over 900 years",
    "unit-does-not-fit",
    definitions(
        kpi(
            "hostile",
            "rolling(average_over(rolling(average_over(sum(amount), day), 900 years), day), 900 years)",
            unit="{currency: EUR}",
        )
        + "---\n"
        + used(["hostile"])
    ),
)

# --- many files that are small by themselves


VALUES = "kind: kpi\nx:\n" + "- {a: b}\n" * 12_000
case("values", "40 files of 48,000 values", "project-too-large", files(40, VALUES), cpu=80, mib=480)
case(
    "blank-lines",
    "60 files of a megabyte of empty lines",
    "project-too-large",
    files(60, "kind: kpi" + "\n" * 1_000_000),
    cpu=80,
    mib=400,
)
case(
    "findings",
    "12,000 findings in 12 files of half a megabyte",
    "unknown-owner more-findings",
    files(
        12,
        "---\n".join(
            kpi(f"k@_{n}", "count(*)", owner=f"owner{n}", description="x" * 200) for n in range(1_000)
        ),
    ),
    cpu=200,
    mib=500,
    most=10_001,
)
case(
    "misspelt-names",
    "5,000 definitions that lack everything",
    "missing-key unknown-key more-findings",
    definitions("---\n".join(f"kind: kpi\nnme: x{n}\n" for n in range(5_000))),
    most=1_001,
)
case(
    "wide-keys",
    "400 files of wrong keys",
    "unknown-key missing-key more-findings",
    files(400, "kind: owner\nname: x@\n" + "".join(f"contakt{n}: x\n" for n in range(60))),
    cpu=200,
    mib=500,
    most=10_001,
)

# --- examples, which an engine computes


def rows(count: int, **cells: str) -> str:
    row = ", ".join(["ordered_on: 2025-01-01", *(f"{name}: {cell}" for name, cell in cells.items())])
    return "[" + ", ".join([f"{{{row}}}"] * count) + "]"


def example(given: str, expect: str = '{"2025-01": 1}') -> str:
    return f"{{given: {{orders: {given}}}, expect: {expect}}}"


def examples(expression: str, *given: str, **keys: str) -> Callable[[Path], None]:
    text = kpi("hostile", expression, examples=f"[{', '.join(given)}]", **keys)
    return definitions(text + "---\n" + used(["hostile"]))


LIKE = "count(*) filter (where channel like '{}b')"
case(
    "example-like",
    "a pattern of 240 wildcards over long texts",
    "example-fails",
    examples(LIKE.format("%a" * 240), example(rows(40, channel="a" * 4_000))),
    mib=250,
)
case(
    "example-like-any",
    "a pattern of `%_` over long texts",
    "example-fails",
    examples(LIKE.format("%_" * 240), example(rows(40, channel="a" * 4_000))),
    mib=250,
)
case(
    "example-digits",
    "a product of 54 digits",
    "example-fails",
    examples(
        "sum(amount) * 999999999999999999 * 999999999999999999",
        example(rows(1, amount="999999999999999999")),
        unit="{currency: EUR}",
    ),
    mib=250,
)
case(
    "example-years",
    "periods at both ends of time",
    "example-fails",
    examples("count(*)", example(rows(1), '{"0001-01-01": 1, "9998-12-31": 1}'), grain="day"),
    mib=250,
)
case(
    "example-means",
    "means over 400 months",
    "example-too-costly",
    examples(
        "average_over(count(*), day)",
        example("[]", "{" + ", ".join(f'"{year}-01": 0' for year in range(1900, 2300)) + "}"),
    ),
    cpu=60,
    mib=500,
)
case(
    "example-names",
    "columns and slices whose names are SQL",
    "unknown-column example-fails",
    examples(
        "count(*)",
        '{given: {orders: [{"a\\"; drop table orders; --": 1, "read_csv(\'/etc/passwd\')": 2}]}, expect: {"2025-01": 1}}',
        example(rows(1, channel="'\\''; drop table orders; --'".replace("\\''", "''")), '{"2025-01": 2}'),
    ),
    mib=250,
)
case(
    "example-columns",
    "499 columns in each of 40 rows",
    "example-fails",
    both(
        examples(
            "count(*)",
            "{given: {wide: ["
            + ", ".join(["{at: 2025-01-01, " + ", ".join(f"c{n}: 1" for n in range(499)) + "}"] * 40)
            + ']}, expect: {"2025-01": 1}}',
            dataset="wide",
        ),
        definitions("kind: dataset\nname: wide\nsource: x.wide\ntime: at\n", "kpis/wide.yaml"),
    ),
    mib=300,
)
case(
    "example-many",
    "50 examples of 100 rows",
    "example-fails",
    examples(
        "count(distinct channel)", *(example(rows(100, channel=f"c{n}"), '{"2025-01": 2}') for n in range(50))
    ),
    cpu=40,
    mib=300,
    most=60,
)
case(
    "example-cells",
    "cells that are commands to a terminal or a log",
    "example-fails",
    examples(
        "count(*)",
        '{given: {orders: [{ordered_on: 2025-01-01, channel: "::error::x"}]}, by: channel, expect: {"2025-01": {"##[group]x": 1}}}',
        dimensions="[channel]",
    ),
    mib=250,
)

PARQUET = b"PAR1" + b"\x15\x04" * 100


def parquet(content: bytes) -> Callable[[Path], None]:
    """A Parquet file, which an engine looks at for the examples over it."""
    declared = "kind: dataset\nname: columnar\nsource: data/x.parquet\ntime: at\n---\n"
    text = kpi(
        "hostile",
        "count(*)",
        dataset="columnar",
        examples='[{given: {columnar: []}, expect: {"2025-01": 0}}]',
    )
    return both(
        definitions(declared + text + "---\n" + used(["hostile"])), definitions(content, "data/x.parquet")
    )


case("parquet-empty", "a Parquet file that is empty", "malformed-parquet", parquet(b""), mib=250)
case(
    "parquet-text",
    "a Parquet file that is text",
    "malformed-parquet",
    parquet(b"ordered_on,amount\n"),
    mib=250,
)
case(
    "parquet-footer",
    "a Parquet file whose footer claims 4 GiB",
    "malformed-parquet",
    parquet(PARQUET + struct.pack("<I", 0xFFFFFFFF) + b"PAR1"),
    mib=250,
)
case(
    "parquet-negative",
    "a Parquet file whose footer claims less than nothing",
    "malformed-parquet",
    parquet(PARQUET + struct.pack("<i", -8) + b"PAR1"),
    mib=250,
)
case(
    "parquet-nested",
    "a Parquet file whose footer is nested without end",
    "",
    parquet(b"PAR1" + b"\x19\x1c" * 50_000 + struct.pack("<I", 100_000) + b"PAR1"),
    mib=250,
)
case(
    "parquet-list",
    "a Parquet file whose footer holds a list of two billion",
    "",
    parquet(
        b"PAR1" + b"\x15\x02\x19\xfc\xff\xff\xff\xff\x07" + b"\x00" * 64 + struct.pack("<I", 73) + b"PAR1"
    ),
    mib=250,
)
case(
    "parquet-pipe",
    "a Parquet file that is a pipe",
    "not-a-file",
    both(parquet(b""), instead("data/x.parquet", lambda path: os.mkfifo(path))),
    mib=250,
)
