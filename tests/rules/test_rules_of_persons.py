"""The rule that nobody is named in the open: addresses always, declared persons where they are known."""

import time
from dataclasses import replace
from datetime import date

import pytest
from surroundings import case, kpi

from kpiascode.lint.persons import Names, addresses
from kpiascode.lint.rules.person_identifier import RULE
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.performance import Keeping, LawfulBasis, Person
from kpiascode.model.place import Place, Span

KEPT = Keeping(purpose="x", basis=LawfulBasis.CONTRACT, until=date(2030, 1, 1))
NOWHERE = Place("(restricted)/p.yaml", Span(1, 1, 1, 1))


def person(title: str, contact: str = "") -> Person:
    return Person(
        name="p17", title=title, org_unit="acme", role=None, contact=contact, keeping=KEPT, place=NOWHERE
    )


def found(text: str, *persons: Person) -> list[Diagnostic]:
    return list(RULE.diagnostics(case(text).project, persons))


def underlined(text: str, *persons: Person) -> list[str]:
    made = case(text)
    return [made.under(one) for one in RULE.diagnostics(made.project, persons)]


# --- addresses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ask kim@example.com.", ["kim@example.com"]),
        ("mailto:kim.smith+x@mail.example.co.uk", ["kim.smith+x@mail.example.co.uk"]),
        ("-kim@example.com,lee@example.com;", ["kim@example.com", "lee@example.com"]),
        ("<kim_smith@example.com>", ["kim_smith@example.com"]),
        ("kim＠example.com", ["kim＠example.com"]),
        ("zoë@müller.de", ["zoë@müller.de"]),
        ("kim@example.xn--p1ai", ["kim@example.xn--p1ai"]),
        ("see https://example.com kim@example.com", ["kim@example.com"]),
        ("email like '%kim@example.com'", ["kim@example.com"]),
        ("email like '%@example.com'", []),
        ("email like 'kim@%'", []),
        ("postgresql://kim@db.example.com/x", []),
        ("postgresql://kim:secret@db.example.com/x", []),
        ("git@github.com:acme/kpis", []),
        ("actions/checkout@v4.1.0, lodash@4.17.21, @team, a @ b.com, x@localhost", []),
        ("@acme/finance @kim", []),
    ],
)
def test_what_is_an_address(text: str, expected: list[str]) -> None:
    assert [text[one.start : one.end] for one in addresses(text)] == expected


def test_the_mailbox_of_an_owner_may_stand_anywhere() -> None:
    assert underlined(kpi("count(*)", description="Ask Finance@Example.com.")) == []


def test_an_owner_may_be_approved_for_by_mail() -> None:
    owner = (
        "kind: owner\nname: sales\ntitle: Sales\norg_unit: acme\ncontact: Sales <sales@example.com>\n"
        'approvers: ["@acme/sales", lead@example.com]'
    )
    assert underlined(owner) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(kpi("count(*)", description="By kim@example.com."), "kim@example.com", id="a text"),
        pytest.param(kpi("count(*)") + "\n# by kim@example.com", "kim@example.com", id="a comment"),
        pytest.param(kpi("count(*)", where="email = 'kim@example.com'"), "kim@example.com", id="an expression"),
        pytest.param(kpi("count(*)", description='"By kim\\u0040example.com."'), "kim\\u0040example.com", id="an escape"),
        pytest.param(kpi("count(*)", description="|\n  By\n  kim@example.com."), "kim@example.com", id="a block"),
    ],
)  # fmt: skip
def test_an_address_is_found_wherever_it_stands(text: str, expected: str) -> None:
    made = case(text, sound=False)
    [finding] = RULE.diagnostics(made.project)

    assert made.under(finding).strip('"').removeprefix("By ").rstrip(".") == expected
    assert finding.veiled
    assert "kim" not in f"{finding.message} {finding.hint} {finding.note}"


def test_each_address_is_one_finding() -> None:
    text = kpi("count(*)", description="By kim@example.com and lee@example.com.")

    assert underlined(text) == ["kim@example.com", "lee@example.com"]


def test_more_than_a_thousand_in_a_file_are_not_told_at_once() -> None:
    text = kpi("count(*)") + "\n# " + "kim@example.com " * 1_500

    assert len(found(text)) == 1_000


@pytest.mark.parametrize(
    "text",
    [
        "a." * 500_000 + "@",
        "a@" + "a-" * 500_000,
        "://" * 300_000 + "@",
        ("a@" + "a." * 8) * 60_000,
        "@" * 1_000_000,
        "a@a.aa" * 150_000,
    ],
    ids=["dots", "hyphens", "urls", "domains", "signs", "addresses"],
)
def test_the_time_is_in_proportion_to_the_text(text: str) -> None:
    since = time.process_time()
    list(addresses(text))
    assert time.process_time() - since < 10


# --- persons


KIM = person("Zoë Quandt", "zq@example.com")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Asked for by Zoë Quandt.", ["Zoë Quandt"]),
        ("asked for by ZOE QUANDT", ["ZOE QUANDT"]),
        ("Zoe\u0308 Quandt", ["Zoe\u0308 Quandt"]),
        ("Quandt, Zoë", ["Quandt, Zoë"]),
        ("zoe_quandt; zoe-quandt; zoe.quandt", ["zoe_quandt", "zoe-quandt", "zoe.quandt"]),
        ("Zoë\n# Quandt", ["Zoë\n# Quandt"]),
        ("Zoë's plan, and Quandt's", []),
        ("Zoëlla Quandt; Zoë Quandtner; azoe quandt", []),
        ("Zoë and Quandt", []),
        ("ZoeQuandt; quandtzoë", ["ZoeQuandt", "quandtzoë"]),
        ("Zoë M. Quandt", ["Zoë M. Quandt"]),
        ("Zoë (Quandt)", ["Zoë (Quandt"]),
        ('Zoë "Quandt"', ['Zoë "Quandt']),
        ("Zoe Quandts plan; ZoeQuandts plan", ["Zoe Quandts", "ZoeQuandts"]),
        ("Zoes Quandt; Zoë Mo Quandt; Zoë M", []),
    ],
)
def test_how_a_full_name_may_be_written(text: str, expected: list[str]) -> None:
    assert [text[one.start : one.end] for one in Names(["Zoë Quandt"]).found_in(text)] == expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Will", "Will says that it will do.", ["Will"]),
        ("山田 太郎", "担当は山田太郎です。", ["山田太郎"]),
        ("山田太郎", "担当は山田 太郎です。", ["山田 太郎"]),
        ("José Ørsted-Müller", "jose orsted muller", ["jose orsted muller"]),
        ("Ann Marie Lee", "Lee, Ann Marie", ["Lee, Ann Marie"]),
        ("Иван Петров", "ИВАН ПЕТРОВ", ["ИВАН ПЕТРОВ"]),
        ("Jürgen Müller", "JUERGEN Muller; Jürgen Mueller", ["JUERGEN Muller", "Jürgen Mueller"]),
        ("Juergen Mueller", "Jürgen Müllers plan", ["Jürgen Müllers"]),
        ("Jürgen Müller", "juergenmueller; MüllerJürgen", ["juergenmueller", "MüllerJürgen"]),
        ("Łukasz Søndergård", "lukasz soendergaard", ["lukasz soendergaard"]),
        ("Zoë Quandt", "Zo\u115fë Qu\u034fandt\ufe0f", ["Zo\u115fë Qu\u034fandt\ufe0f"]),
        ("山田太郎", "山\u3164田太郎", ["山\u3164田太郎"]),
        ("Will", "Wi\ufe0fll will", ["Wi\ufe0fll"]),
        ("", "anything", []),
        ("...", "...", []),
    ],
)
def test_names_of_all_kinds(name: str, text: str, expected: list[str]) -> None:
    assert [text[one.start : one.end] for one in Names([name]).found_in(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        kpi("count(*)", description="Asked for by zoe quandt."),
        kpi("count(*)") + "\n# for Zoë Quandt",
        kpi("count(*)", description='"Asked for by Zo\\u00eb Quandt."'),
        "kind: owner\nname: finance\ntitle: F\norg_unit: acme\ncontact: zq@example.com",
        "kind: owner\nname: zoe_quandt\ntitle: F\norg_unit: acme\ncontact: f@example.com",
        kpi("count(*)", description="Asked for by ZQ@example.com."),
    ],
    ids=["a text", "a comment", "an escape", "the contact of an owner", "a name", "an address"],
)
def test_nobody_who_is_declared_is_named_in_the_open(text: str) -> None:
    findings = found(text, KIM)

    assert findings
    for one in findings:
        assert one.veiled
        assert not any(
            word in f"{one.message} {one.hint} {one.note}".lower() for word in ("zo", "quandt", "zq@")
        )
    assert "Zoë" not in repr(findings)


def test_the_name_of_a_file_names_nobody() -> None:
    named = replace(case(kpi("count(*)")).project, sources={"kpis/zoe_quandt.yaml": "", "kpis/zoe.yaml": ""})

    (finding,) = RULE.diagnostics(named, (KIM,))

    assert finding.place == Place("kpis/zoe_quandt.yaml", Span(1, 1, 1, 1))
    assert finding.message == "The name of this file names somebody whom the restricted folder declares."


def test_without_restricted_documents_nobody_is_known() -> None:
    assert found(kpi("count(*)", description="Asked for by Zoë Quandt.")) == []
