"""From the text of an expression to tokens. What is not in the alphabet is refused by name.

The alphabet is small on purpose: no backslash, no double quotes, no semicolon, no braces, no comments. So
nothing that an engine could read differently gets through (`12-security` of the design explains each).
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from typing import Final

from kpiascode.model.expression import At
from kpiascode.resolve.habits import OPERATORS, QUOTES, QUOTES_HINT

ALPHABET_HINT: Final = (
    "An expression is made of names, numbers, texts in single quotes, operators and brackets."
)
MAX_CHARACTERS: Final = 4000
MAX_TOKENS: Final = 500
MAX_TEXT: Final = 500


class ExpressionError(Exception):
    """An expression that cannot be read: one code, one sentence, a place in the text, a next step."""

    def __init__(self, code: str, message: str, at: At, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.at = at
        self.hint = hint


class Kind(Enum):
    WORD = "word"
    NUMBER = "number"
    TEXT = "text"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is lower case for words that the grammar compares; `raw` is as written."""

    kind: Kind
    text: str
    raw: str
    at: At

    def __str__(self) -> str:
        return "the end" if self.kind is Kind.END else f"`{self.raw[:40]}`"


_TOKEN: Final = re.compile(
    r"""(?P<blank>[ \t\r\n]+)
      | (?P<comment>--|/\*)
      | (?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[A-Za-z0-9_.]*))
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<text>'(?:[^'\\\x00-\x1f\x7f]|'')*')
      | (?P<sign><=|>=|<>|!=|[=<>+\-*/%(),.])
    """,
    re.VERBOSE,
)
_NUMBER: Final = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,18})?|\.[0-9]{1,18}")


def tokens(text: str) -> tuple[Token, ...]:
    """Return the tokens of an expression, ending with one of kind END.

    Raises:
        ExpressionError: for a character, a comment, a number or a length outside the grammar.
    """
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(
            "expression-too-long",
            f"The expression has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read.",
            (0, len(text)),
            "Move parts of it into fields of the dataset or into KPIs of their own.",
        )
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _refusal(text, position)
        start, position = match.span()
        raw = match.group()
        at = (start, position)
        match match.lastgroup:
            case "blank":
                continue
            case "comment":
                raise ExpressionError(
                    "comment-in-expression",
                    f"`{raw}` begins a comment; an expression holds none.",
                    at,
                    "Say it in `description`, or in a YAML comment after `#` on a line of its own.",
                )
            case "number":
                if not _NUMBER.fullmatch(raw):
                    raise ExpressionError(
                        "invalid-number",
                        f"`{raw[:40]}` is no number of the language.",
                        at,
                        "Write digits with at most one point and 18 digits on each side, such as 0.25.",
                    )
                found.append(Token(Kind.NUMBER, raw, raw, at))
            case "word":
                if len(raw) > 63:
                    raise ExpressionError(
                        "invalid-name", "A name has at most 63 characters.", at, "Use a shorter name."
                    )
                found.append(Token(Kind.WORD, raw.lower(), raw, at))
            case "text":
                if len(raw) - 2 > MAX_TEXT:
                    raise ExpressionError(
                        "text-too-long",
                        f"A text in an expression has at most {MAX_TEXT} characters.",
                        at,
                        "Compare with a shorter text, or add a column to the data.",
                    )
                found.append(Token(Kind.TEXT, raw[1:-1].replace("''", "'"), raw, at))
            case _:
                found.append(Token(Kind.SIGN, "<>" if raw == "!=" else raw, raw, at))
        if len(found) > MAX_TOKENS:
            raise ExpressionError(
                "expression-too-long",
                f"The expression has more than {MAX_TOKENS} words and signs.",
                at,
                "Move parts of it into fields of the dataset or into KPIs of their own.",
            )
    return (*found, Token(Kind.END, "", "", (len(text), len(text))))


def _refusal(text: str, position: int) -> ExpressionError:
    character = text[position]
    at = (position, position + 1)
    match character:
        case "'":
            return ExpressionError(
                "unclosed-text",
                "A text that begins here does not end, or holds a backslash or a line break.",
                (position, len(text)),
                "Close it with a single quote; write a quote inside a text twice: 'it''s'.",
            )
        case ";":
            return ExpressionError(
                "statement-in-expression",
                "`;` separates statements; an expression is one value.",
                at,
                "Write only the value, such as sum(amount).",
            )
        case '"' | "`" | "[":
            return ExpressionError(
                "forbidden-character",
                f"`{character}` does not quote names here; names are plain words.",
                at,
                'Declare the column in the dataset: `fields: {list_price: {column: "List Price"}}`. '
                "Texts stand in single quotes.",
            )
        case _:
            shown = f"`{character}`" if character.isascii() and character.isprintable() else "A character"
            name = unicodedata.name(character, "CONTROL CHARACTER")
            return ExpressionError(
                "forbidden-character",
                f"{shown} (U+{ord(character):04X} {name}) has no meaning in an expression.",
                at,
                QUOTES_HINT if character in QUOTES else OPERATORS.get(character, ALPHABET_HINT),
            )
