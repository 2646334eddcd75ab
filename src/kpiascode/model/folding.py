"""How words are compared: whatever their case, accents and width, and without signs that nobody sees.

Whoever looks for a name, or for somebody who answers twice, means what people read and not how it is encoded.
"""

import re
import unicodedata
from typing import Final

UNSEEN_SIGNS: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""What Unicode calls `Default_Ignorable_Code_Point`, as ranges of a regular expression."""

UNSEEN: Final = re.compile(
    f"[{UNSEEN_SIGNS}\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2"
    "\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f]"
)
"""Those, the other signs of format, and control characters that break no line."""

BLANK_OF_BRAILLE: Final = "\u2800"
"""A sign of no dots. It looks like a blank, and Unicode calls it a symbol."""

LETTERS: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ŋ": "n"}
    | {"æ": "ae", "œ": "oe", "þ": "th"}
)
"""Letters that no table of Unicode takes apart, such as those with a stroke."""

WRITTEN_OUT: Final = str.maketrans({"ä": "ae", "ö": "oe", "ø": "oe", "ü": "ue", "å": "aa"})
"""Letters that are written as two where a keyboard lacks them."""


BETWEEN_WORDS: Final = re.compile(r"[\W_]")


def seen(text: str, instead: str = "") -> str:
    """Return a text without the signs that nobody sees.

    Args:
        instead: What stands in the place of each; some of them are as wide as a letter.

    >>> seen("Ro\\u3164bin\\ufe0f")
    'Robin'
    """
    return UNSEEN.sub(instead, text).replace(BLANK_OF_BRAILLE, " ")


def caseless(text: str) -> str:
    """Return a text without case, width and what is not seen; accents stay.

    >>> caseless("Ａ\\u200bÉ")
    'aé'
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen(text)).casefold())


def folded(text: str) -> str:
    """Return a text without accents and strokes either.

    >>> folded("Łukasz MÜLLER")
    'lukasz muller'
    """
    plain = caseless(text)
    if plain.isascii():
        return plain
    parts = unicodedata.normalize("NFKD", plain).translate(LETTERS)
    # Put together again, since the syllables of Korean were taken apart, too.
    return unicodedata.normalize("NFC", "".join(sign for sign in parts if unicodedata.category(sign) != "Mn"))


def spellings(text: str) -> tuple[str, ...]:
    """Return the ways to write a text without accents, the usual one first.

    >>> spellings("Müller")
    ('muller', 'mueller')
    >>> spellings("Mueller")
    ('mueller',)
    """
    return tuple(dict.fromkeys((folded(text), folded(caseless(text).translate(WRITTEN_OUT)))))


def words(text: str) -> list[str]:
    """Return the words of a text: letters and digits, with the marks upon them.

    >>> words("Zoe\\u0308's do_it")
    ['Zoë', 's', 'do', 'it']
    """
    return BETWEEN_WORDS.sub(
        lambda found: found[0] if unicodedata.category(found[0]).startswith("M") else " ",
        unicodedata.normalize("NFC", text),
    ).split()
