"""How words are compared: what is read the same is the same."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpiascode.model.folding import UNSEEN, caseless, folded, seen, spellings, words

IGNORABLE = {
    *(0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0),
    *range(0x180B, 0x1810),
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),
    *range(0xFFF0, 0xFFF9),
    *range(0x1BCA0, 0x1BCA4),
    *range(0x1D173, 0x1D17B),
    *range(0xE0000, 0xE1000),
}
"""`Default_Ignorable_Code_Point` of DerivedCoreProperties.txt, which Python does not know."""


def test_what_unicode_lets_programs_ignore_is_not_seen() -> None:
    """So are all signs of format and of control but those that break a line."""
    every = {code for code in range(0x110000) if seen(chr(code)) == ""}
    named = {code for code in range(0x110000) if unicodedata.category(chr(code)) in ("Cf", "Cc")}

    assert every >= IGNORABLE
    assert named - every == {ord(sign) for sign in "\t\n\v\f\r\x85"}
    others = every - IGNORABLE - named
    # Signs of format that a later Unicode has, and this Python may not.
    assert {unicodedata.category(chr(code)) for code in others} <= {"Cn", "Mn"}


def test_what_is_seen_of_nothing_is_nothing_in_any_form() -> None:
    """Else a sign could hide in the one that is as wide as it."""
    made = {code for code in range(0x110000) if UNSEEN.search(unicodedata.normalize("NFKC", chr(code)))}

    assert {code for code in made if seen(chr(code)) != ""} == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Łukasz", ("lukasz",)),
        ("Søren", ("soren", "soeren")),
        ("Ångström", ("angstrom", "aangstroem")),
        ("STRASSE", ("strasse",)),
        ("Straße", ("strasse",)),
        ("Ægir Þór Đoković", ("aegir thor dokovic",)),
        ("İpek Işık", ("ipek isik",)),
        ("Zoe\u0308", ("zoe",)),
        ("Ｒｏｂｉｎ", ("robin",)),
        ("김", ("김",)),
        ("", ("",)),
    ],
)
def test_how_a_word_may_be_spelled(text: str, expected: tuple[str, ...]) -> None:
    assert spellings(text) == expected


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    assert caseless(caseless(text)) == caseless(text)
    assert folded(folded(text)) == folded(text)


@given(st.text(alphabet=st.characters(exclude_categories=["M"])), st.sampled_from(sorted(IGNORABLE)))
def test_a_sign_that_is_not_seen_changes_nothing(text: str, code: int) -> None:
    assert folded(chr(code).join(text)) == folded(text)


def test_words_keep_their_marks() -> None:
    assert words("राम, Zoë's do_it (1)") == ["राम", "Zoë", "s", "do", "it", "1"]
