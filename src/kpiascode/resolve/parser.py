"""From tokens to the nodes of `model/expression.py`: a precedence parser, one method a level.

Nothing is looked up here: names stay `Name`s. The grammar is the whole of what can be written, so no
expression can read a file, open a connection or run a statement: there are no words for it.
"""

import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final, NoReturn, TypeVar

from kpiascode.model.calendar import Duration, Unit
from kpiascode.model.diagnostic import did_you_mean, one_of
from kpiascode.model.expression import (
    Aggregate,
    And,
    Arithmetic,
    At,
    AverageOver,
    Between,
    Call,
    Case,
    Cast,
    Closing,
    CohortSize,
    Comparator,
    Comparison,
    Constant,
    Cumulative,
    Days,
    Expression,
    IsNull,
    Like,
    Name,
    Negate,
    Not,
    OneOf,
    Opening,
    Operator,
    Or,
    Previous,
    Rolling,
    Share,
    Span,
    StepCount,
    ToDate,
    Type,
    children,
)
from kpiascode.resolve.functions import AGGREGATES, ALL_NAMES, OTHER_FORMS, SCALARS, TIME_FORMS
from kpiascode.resolve.habits import OPERATORS, WORDS
from kpiascode.resolve.lexer import ExpressionError, Kind, Token, tokens

MAX_BRACKETS: Final = 24
MAX_DEPTH: Final = 64
MAX_OPTIONS: Final = 200
MAX_DURATION: Final = 999_999

UNITS: Final = {unit.value: unit for unit in Unit} | {f"{unit.value}s": unit for unit in Unit}
CASTS: Final = {
    t.value: t
    for t in (Type.INTEGER, Type.DECIMAL, Type.DOUBLE, Type.TEXT, Type.DATE, Type.TIMESTAMP, Type.BOOLEAN)
}
SQL_WORDS: Final = frozenset(
    "select insert update delete drop create alter truncate copy attach detach install load pragma call "
    "execute exec grant revoke set use with values table from join union intersect except exists".split()
)
AFTER_A_VALUE: Final = frozenset("and or not is in between like then else end when as per filter".split())
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP: Final = re.compile(_DATE.pattern + r"[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")
_COMPARATORS: Final = {c.value: c for c in Comparator}
_Parsed = TypeVar("_Parsed", bound=Expression)


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Return the expression that the text says. A repository says many things again and again.

    Raises:
        ExpressionError: with the exact place of the first thing that cannot be read.
    """
    parser = _Parser(tokens(text))
    parsed = parser.expression()
    parser.expect_end()
    if depth(parsed) > MAX_DEPTH:
        raise ExpressionError(
            "expression-too-deep",
            f"The expression chains more than {MAX_DEPTH} operators.",
            (0, len(text)),
            "Move parts of it into fields of the dataset or into KPIs of their own.",
        )
    return parsed


def depth(node: Expression) -> int:
    """Return how many nodes lie on the longest way down, without recursion."""
    deepest, level = 0, [node]
    while level:
        deepest += 1
        level = [child for parent in level for child in children(parent)]
    return deepest


def _only_date(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _only_timestamp(text: str) -> datetime:
    if not _TIMESTAMP.fullmatch(text):
        raise ValueError(text)
    whole, _, fraction = text.partition(".")
    return datetime.fromisoformat(whole).replace(microsecond=int(fraction.ljust(6, "0")))


class _Parser:
    def __init__(self, found: tuple[Token, ...]) -> None:
        self._tokens = found
        self._position = 0
        self._brackets = 0

    # --- moving

    @property
    def _now(self) -> Token:
        return self._tokens[self._position]

    @property
    def _then(self) -> Token:
        return self._tokens[min(self._position + 1, len(self._tokens) - 1)]

    def _next(self) -> Token:
        token = self._now
        self._position += token.kind is not Kind.END
        return token

    def _is(self, text: str, kind: Kind) -> bool:
        return self._now.text == text and self._now.kind is kind

    def _take_sign(self, text: str) -> bool:
        taken = self._is(text, Kind.SIGN)
        self._position += taken
        return taken

    def _take_word(self, text: str) -> bool:
        taken = self._is(text, Kind.WORD)
        self._position += taken
        return taken

    def _expect_sign(self, text: str, why: str) -> Token:
        if not self._is(text, Kind.SIGN):
            self._fail(f"Expected `{text}` {why}, found {self._now}.")
        return self._next()

    def _expect_word(self, text: str, why: str) -> None:
        if not self._take_word(text):
            self._fail(f"Expected `{text}` {why}, found {self._now}.")

    def expect_end(self) -> None:
        if self._now.kind is Kind.END:
            return
        if self._is("as", Kind.WORD):
            self._fail("A value has no alias here.", hint="The KPI's `name` is its name.")
        if self._is("over", Kind.WORD):
            self._fail("Window functions are not in the language.", hint="See rolling, cumulative, previous.")
        self._fail(f"Expected an operator or the end, found {self._now}.")

    def _fail(self, message: str, *, at: At | None = None, hint: str | None = None) -> NoReturn:
        raise ExpressionError("expression-syntax", message, at or self._now.at, hint or self._habit())

    def _habit(self) -> str | None:
        now, before = self._now, self._tokens[max(self._position - 1, 0)]
        is_doubled = now.text == before.text == "=" and now.at[0] == before.at[1]
        return OPERATORS.get("==" if is_doubled else now.text) if now.kind is not Kind.TEXT else None

    def _since(self, start: Token | Expression) -> At:
        return (start.at[0], self._tokens[max(self._position - 1, 0)].at[1])

    # --- levels, loosest first

    def expression(self) -> Expression:
        self._brackets += 1
        if self._brackets > MAX_BRACKETS:
            raise ExpressionError(
                "expression-too-deep",
                f"The expression is nested more than {MAX_BRACKETS} deep.",
                self._now.at,
                "Move inner parts into fields of the dataset or into KPIs of their own.",
            )
        left = self._and()
        while self._take_word("or"):
            right = self._and()
            left = Or(left, right, at=self._since(left))
        self._brackets -= 1
        return left

    def _and(self) -> Expression:
        left = self._not()
        while self._take_word("and"):
            right = self._not()
            left = And(left, right, at=self._since(left))
        return left

    def _not(self) -> Expression:
        start, nots = self._now, 0
        while self._is("not", Kind.WORD) and not (self._then.kind is Kind.SIGN and self._then.text == "."):
            self._next()
            nots += 1
        if nots > MAX_BRACKETS:
            self._fail("Too many `not` in a row.", at=start.at)
        operand = self._predicate()
        for _ in range(nots):
            operand = Not(operand, at=self._since(start))
        return operand

    def _predicate(self) -> Expression:
        left = self._sum()
        if self._now.kind is Kind.SIGN and self._now.text in _COMPARATORS:
            comparator = _COMPARATORS[self._next().text]
            right = self._sum()
            if self._now.kind is Kind.SIGN and self._now.text in _COMPARATORS:
                self._fail("Comparisons cannot be chained.", hint="Write a < b and b < c.")
            return Comparison(comparator, left, right, at=self._since(left))
        if self._take_word("is"):
            negated = self._take_word("not")
            self._expect_word("null", "after `is`")
            tested = IsNull(left, at=self._since(left))
            return Not(tested, at=tested.at) if negated else tested
        negated = (
            self._is("not", Kind.WORD)
            and self._then.kind is Kind.WORD
            and self._then.text in ("in", "between", "like")
        )
        if negated:
            self._next()
        found: Expression | None = None
        if self._take_word("in"):
            found = self._options(left, negated)
        elif self._take_word("between"):
            low = self._sum()
            self._expect_word("and", "between the two ends of `between`")
            high = self._sum()
            found = Between(left, low, high, at=self._since(left))
        elif self._take_word("like"):
            if self._now.kind is not Kind.TEXT:
                self._fail("`like` takes a text in single quotes.")
            pattern = self._next().text
            found = Like(left, pattern, at=self._since(left))
        if found is None:
            return left
        return Not(found, at=found.at) if negated else found

    def _options(self, operand: Expression, negated: bool) -> Expression:
        self._expect_sign("(", "after `in`")
        options: list[Constant] = []
        while True:
            self._refuse_statement()
            option = self._unary()
            if isinstance(option, Negate) and isinstance(option.operand, Constant):
                inner = option.operand
                if isinstance(inner.value, int | Decimal) and not isinstance(inner.value, bool):
                    option = Constant(-inner.value, inner.type, at=option.at)
            if not isinstance(option, Constant):
                self._fail("`in` takes constants only.", at=option.at)
            if option.value is None:
                name = ".".join(operand.parts) if isinstance(operand, Name) else "..."
                raise ExpressionError(
                    "null-in-list",
                    "`null` in an `in` list makes every other comparison unknown.",
                    option.at,
                    "Take `null` out of the list."
                    if negated
                    else f"Take it out, and write `or {name} is null` beside the list.",
                )
            options.append(option)
            if len(options) > MAX_OPTIONS:
                self._fail(f"`in` takes at most {MAX_OPTIONS} constants.", at=option.at)
            if not self._take_sign(","):
                break
        self._expect_sign(")", "after the list of `in`")
        return OneOf(operand, tuple(options), at=self._since(operand))

    def _sum(self) -> Expression:
        left = self._product()
        while self._now.kind is Kind.SIGN and self._now.text in "+-":
            operator = Operator(self._next().text)
            right = self._product()
            left = Arithmetic(operator, left, right, at=self._since(left))
        return left

    def _product(self) -> Expression:
        left = self._unary()
        while self._now.kind is Kind.SIGN and self._now.text in "*/%":
            operator = Operator(self._next().text)
            right = self._unary()
            left = Arithmetic(operator, left, right, at=self._since(left))
        return left

    def _unary(self) -> Expression:
        start = self._now
        signs = ""
        while self._now.kind is Kind.SIGN and self._now.text in "+-":
            signs += self._next().text
        if len(signs) > MAX_BRACKETS:
            self._fail("Too many signs in a row.", at=start.at)
        operand = self._primary()
        return Negate(operand, at=self._since(start)) if signs.count("-") % 2 else operand

    # --- what stands alone

    def _primary(self) -> Expression:
        token = self._now
        match token.kind:
            case Kind.NUMBER:
                return self._number()
            case Kind.TEXT:
                self._next()
                return Constant(token.text, Type.TEXT, at=token.at)
            case Kind.WORD:
                return self._word()
            case Kind.SIGN if token.text == "(":
                self._next()
                self._refuse_statement()
                inner = self.expression()
                self._expect_sign(")", "to close the bracket")
                return replace(inner, at=self._since(token))
            case _:
                self._fail(
                    f"Expected a value, found {token}."
                    if token.kind is not Kind.END or self._position
                    else "The expression is empty."
                )

    def _number(self) -> Expression:
        token = self._next()
        if self._now.kind is Kind.WORD and self._now.text in UNITS and "." not in token.text:
            unit = UNITS[self._next().text]
            if int(token.text) > MAX_DURATION:
                raise ExpressionError(
                    "invalid-duration",
                    f"A duration has at most {MAX_DURATION:,} of its unit.",
                    self._since(token),
                    "Use a longer unit.",
                )
            return Span(Duration(amount=int(token.text), unit=unit), at=self._since(token))
        if "." in token.text:
            return Constant(Decimal(token.text), Type.DECIMAL, at=token.at)
        return Constant(int(token.text), Type.INTEGER, at=token.at)

    def _refuse_statement(self) -> None:
        """Refuse a word of SQL statements, unless what follows shows that it is a name."""
        token, then = self._now, self._then
        if token.kind is not Kind.WORD or token.text not in SQL_WORDS or then.kind is Kind.END:
            return
        if then.kind is Kind.WORD and then.text in AFTER_A_VALUE:
            return
        if then.kind is Kind.SIGN and then.text != "(" and (token.text, then.text) != ("select", "*"):
            return
        raise ExpressionError(
            "statement-in-expression",
            f"`{token.raw}` is a word of SQL statements; an expression is one value.",
            token.at,
            "Write only the value; other tables are reached through relationships of the dataset.",
        )

    def _word(self) -> Expression:
        token, then = self._now, self._then
        path_follows = then.kind is Kind.SIGN and then.text == "."
        if not path_follows:
            self._refuse_statement()
            if token.text == "not":
                self._fail("Expected a value, found `not`.", hint="Put brackets around it: (not x).")
            if token.text in ("true", "false"):
                self._next()
                return Constant(token.text == "true", Type.BOOLEAN, at=token.at)
            if token.text == "null":
                self._next()
                return Constant(None, Type.UNKNOWN, at=token.at)
            if token.text in ("date", "timestamp") and then.kind is Kind.TEXT:
                return self._moment()
            if token.text == "case" and self._case_begins():
                return self._case()
            if then.kind is Kind.SIGN and then.text == "(":
                return self._call()
            if then.kind is Kind.TEXT:
                self._fail(f"`{token.raw}` before a text has no meaning.", at=token.at)
        self._next()
        parts = [token.raw]
        while self._take_sign("."):
            if self._now.kind is not Kind.WORD:
                self._fail(f"Expected a name after the point, found {self._now}.")
            parts.append(self._next().raw)
        if self._is("(", Kind.SIGN):
            self._fail("Functions have no qualified names.", at=self._since(token))
        return Name(tuple(parts), at=self._since(token))

    def _moment(self) -> Expression:
        word, text = self._next(), self._next()
        at = (word.at[0], text.at[1])
        try:
            if word.text == "date":
                return Constant(_only_date(text.text), Type.DATE, at=at)
            return Constant(_only_timestamp(text.text), Type.TIMESTAMP, at=at)
        except ValueError:
            example = "date '2026-01-31'" if word.text == "date" else "timestamp '2026-01-31 12:00:00'"
            raise ExpressionError(
                "invalid-date", f"{text} is no {word.text} of the calendar.", text.at, f"Write {example}."
            ) from None

    def _case_begins(self) -> bool:
        """Return whether what follows `case` cannot follow a name, so that it is no column."""
        then = self._then
        if then.kind is Kind.WORD:
            return then.text == "when" or then.text not in AFTER_A_VALUE
        return then.kind in (Kind.NUMBER, Kind.TEXT) or then.text == "("

    def _case(self) -> Expression:
        start = self._next()
        if not self._is("when", Kind.WORD):
            self._fail(
                f"Expected `when` after `case`, found {self._now}.",
                hint="Write case when a = 1 then x else y end.",
            )
        branches = []
        while self._take_word("when"):
            condition = self.expression()
            self._expect_word("then", "after the condition of `when`")
            branches.append((condition, self.expression()))
        otherwise = self.expression() if self._take_word("else") else None
        self._expect_word("end", "to close `case`")
        return Case(tuple(branches), otherwise, at=self._since(start))

    # --- calls

    def _call(self) -> Expression:
        token = self._next()
        name = token.text
        if name not in ALL_NAMES:
            raise ExpressionError(
                "unknown-function",
                f"`{token.raw}` is no function of the language.",
                token.at,
                WORDS.get(name) or did_you_mean(name, ALL_NAMES) or f"There are {one_of(ALL_NAMES, 48)}.",
            )
        self._next()
        if name in AGGREGATES:
            return self._aggregate(token)
        if name in TIME_FORMS:
            return self._time_form(token)
        if name in OTHER_FORMS:
            return self._other_form(token)
        if name == "cast":
            return self._cast(token)
        arguments = []
        if not self._is(")", Kind.SIGN):
            arguments.append(self.expression())
            while self._take_sign(","):
                arguments.append(self.expression())
        self._expect_sign(")", f"to close `{name}`")
        signature = SCALARS[name]
        if len(arguments) < signature.least or len(arguments) > (signature.most or len(arguments)):
            wanted = (
                f"{signature.least}"
                if signature.least == signature.most
                else f"{signature.least} or more"
                if signature.most is None
                else f"{signature.least} to {signature.most}"
            )
            raise ExpressionError(
                "wrong-arguments",
                f"`{name}` takes {wanted} values, not {len(arguments)}.",
                self._since(token),
                None,
            )
        return Call(name, tuple(arguments), at=self._since(token))

    def _cast(self, token: Token) -> Expression:
        operand = self.expression()
        self._expect_word("as", "in `cast`")
        wanted = self._next()
        if wanted.kind is not Kind.WORD or wanted.text not in CASTS:
            raise ExpressionError(
                "unknown-type",
                f"{wanted} is no type of the language.",
                wanted.at,
                f"There are {one_of(CASTS, 10)}.",
            )
        self._expect_sign(")", "to close `cast`")
        return Cast(operand, CASTS[wanted.text], at=self._since(token))

    def _aggregate(self, token: Token) -> Expression:
        name = token.text
        argument: Expression | None = None
        distinct = False
        fraction: Decimal | None = None
        entity: Expression | None = None
        if name == "count" and self._take_sign("*"):
            pass
        else:
            distinct = self._is("distinct", Kind.WORD) and (
                self._then.kind is not Kind.SIGN or self._then.text == "("
            )
            if distinct:
                if name != "count":
                    self._fail(
                        f"`distinct` stands in `count` only, not in `{name}`.",
                        hint=f"Take {name} over one row per entity: {name}(max(x) per id).",
                    )
                self._next()
            argument = self.expression()
            if self._take_word("per"):
                entity = self._name("after `per`")
            if name in ("percentile", "approx_percentile"):
                fraction = self._fraction(name)
        self._expect_sign(")", f"to close `{name}`")
        condition: Expression | None = None
        if self._take_word("filter"):
            self._expect_sign("(", "after `filter`")
            self._expect_word("where", "in `filter (where ...)`")
            condition = self.expression()
            self._expect_sign(")", "to close `filter`")
        return Aggregate(name, argument, distinct, fraction, condition, entity, at=self._since(token))

    def _fraction(self, name: str) -> Decimal:
        self._expect_sign(",", f"and the fraction in `{name}(x, 0.9)`")
        number = self._now
        if number.kind is not Kind.NUMBER or not 0 <= Decimal(number.text) <= 1:
            self._fail(f"The second argument of `{name}` is a number from 0 to 1.")
        return Decimal(self._next().text)

    def _name(self, why: str) -> Expression:
        found = self._word() if self._now.kind is Kind.WORD else None
        if not isinstance(found, Name):
            self._fail(f"Expected a name {why}, found {self._now if found is None else 'a value'}.")
        return found

    def _time_form(self, token: Token) -> Expression:
        name = token.text
        if name == "days":
            self._expect_sign(")", "to close `days`")
            return Days(at=self._since(token))
        operand = self.expression()
        result: Expression
        match name:
            case "cumulative":
                result = Cumulative(operand)
            case "to_date":
                result = ToDate(operand, self._unit("to_date(x, year)"))
            case "average_over":
                result = AverageOver(operand, self._unit("average_over(x, day)"))
            case "closing" | "opening":
                per = None
                if self._take_sign(","):
                    self._expect_word("per", f"and a key in `{name}(x, per key)`")
                    per = self._name("after `per`")
                result = Closing(operand, per) if name == "closing" else Opening(operand, per)
            case _:
                self._expect_sign(",", f"and a duration in `{name}(x, 1 year)`")
                at = self._now
                sign = -1 if self._take_sign("-") else 1
                duration = self._number() if self._now.kind is Kind.NUMBER else None
                if not isinstance(duration, Span):
                    self._fail(f"Expected a duration such as `1 year` in `{name}`.", at=at.at)
                if sign < 0 or duration.duration.amount < 1:
                    self._fail(f"The duration of `{name}` is at least one.", at=at.at)
                result = (
                    Previous(operand, duration.duration)
                    if name == "previous"
                    else Rolling(operand, duration.duration)
                )
        self._expect_sign(")", f"to close `{name}`")
        return replace(result, at=self._since(token))

    def _unit(self, example: str) -> Unit:
        self._expect_sign(",", f"and a unit in `{example}`")
        unit = self._now
        if unit.kind is not Kind.WORD or unit.text not in UNITS:
            self._fail(f"Expected a unit as in `{example}`, found {unit}.")
        return UNITS[self._next().text]

    def _other_form(self, token: Token) -> Expression:
        result: Expression
        match token.text:
            case "share":
                operand = self.expression()
                self._expect_sign(",", "and a dimension in `share(x, of channel)`")
                self._expect_word("of", "in `share(x, of channel)`")
                dimension = self._name("of a dimension after `of`")
                assert isinstance(dimension, Name)
                result = Share(operand, ".".join(dimension.parts))
            case "cohort_size":
                result = CohortSize()
            case _:
                number = self._now
                if number.kind is not Kind.NUMBER or not number.text.isdigit() or int(number.text) < 1:
                    self._fail(f"Expected the number of a step as in `step(2)`, found {number}.")
                result = StepCount(int(self._next().text))
        self._expect_sign(")", f"to close `{token.text}`")
        return replace(result, at=self._since(token))
