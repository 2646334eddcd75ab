"""Random KPIs over rows with nulls, and changes to them that keep the meaning, or just about do not."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeAlias

from kpiascode.model.calendar import Duration, Unit
from kpiascode.model.expression import (
    Aggregate,
    And,
    Arithmetic,
    Between,
    Call,
    Case,
    Column,
    Comparator,
    Comparison,
    Constant,
    Expression,
    IsNull,
    Like,
    Moved,
    Negate,
    Not,
    OneOf,
    Operator,
    Or,
    Previous,
    Rolling,
    Type,
    rebuild,
)

# --- the rows

COLUMNS = {
    "day": (Type.DATE, "DATE"),
    "channel": (Type.TEXT, "VARCHAR"),
    "i": (Type.INTEGER, "BIGINT"),
    "j": (Type.INTEGER, "BIGINT"),
    "p": (Type.DECIMAL, "DECIMAL(18,2)"),
    "q": (Type.DECIMAL, "DECIMAL(9,3)"),
    "f": (Type.DOUBLE, "DOUBLE"),
    "g": (Type.DOUBLE, "DOUBLE"),
    "b": (Type.BOOLEAN, "BOOLEAN"),
    "c": (Type.BOOLEAN, "BOOLEAN"),
    "s": (Type.TEXT, "VARCHAR"),
    "t": (Type.TEXT, "VARCHAR"),
    "d": (Type.DATE, "DATE"),
    "m": (Type.TIMESTAMP, "TIMESTAMP"),
}
"""Of `g` some values are not a number. It stands in conditions only."""

FIRST, END = date(2026, 1, 1), date(2026, 5, 1)
TEXTS = ["", "a", "A", "ab", "a%b"]
DAYS = [date(2026, 1, 31), date(2026, 2, 1), date(2026, 3, 1)]
MOMENTS = [datetime(2026, 1, 31, 12), datetime(2026, 2, 1), datetime(2026, 2, 1, 0, 0, 1)]
VALUES: dict[str, list[Any]] = {
    "channel": ["online", "store", None],
    "i": [-1, 0, 1, 2, 3, None],
    "j": [-1, 0, 1, 2, 3, None],
    "p": [Decimal("-1.00"), Decimal("0.00"), Decimal("1.00"), Decimal("2.50"), None],
    "q": [Decimal("-1.000"), Decimal("0.125"), Decimal("1.000"), Decimal("2.500"), None],
    "f": [-1.5, 0.0, 0.1, 1.0, 2.5, None],
    "g": [-1.5, 0.0, 1.0, 2.5, float("nan"), float("inf"), None],
    "b": [True, False, None],
    "c": [True, False, None],
    "s": [*TEXTS, None],
    "t": [*TEXTS, None],
    "d": [*DAYS, None],
    "m": [*MOMENTS, None],
}


def rows(chance: Random, count: int) -> list[tuple[Any, ...]]:
    days = (END - FIRST).days
    return [
        (
            FIRST + timedelta(days=chance.randrange(days)),
            *(chance.choice(VALUES[name]) for name in COLUMNS if name != "day"),
        )
        for _ in range(count)
    ]


# --- KPIs


@dataclass(frozen=True, slots=True)
class Draft:
    expression: Expression
    where: Expression | None


def column(name: str) -> Column:
    return Column((), name, COLUMNS[name][0])


def constant(value: Any) -> Constant:
    kinds = {
        bool: Type.BOOLEAN,
        int: Type.INTEGER,
        Decimal: Type.DECIMAL,
        str: Type.TEXT,
        date: Type.DATE,
        datetime: Type.TIMESTAMP,
        type(None): Type.UNKNOWN,
    }
    return Constant(value, kinds[type(value)])


NUMBERS = [constant(n) for n in (0, 1, 2, 3)] + [constant(Decimal(n)) for n in ("0.5", "1.0", "1.00", "2.50")]
OF_KIND = {
    "number": [constant(n) for n in (-1, 0, 1, 2, 3)],
    "decimal": [constant(Decimal(n)) for n in ("0.5", "1.0", "2.5", "2.50", "-1.0")],
    "text": [constant(text) for text in TEXTS],
    "day": [constant(day) for day in DAYS],
    "moment": [constant(moment) for moment in MOMENTS],
    "truth": [constant(True), constant(False)],
}
NAMES = {
    "number": ["i", "j", "p", "q", "f", "g"],
    "decimal": ["i", "p", "q", "f", "g"],
    "text": ["s", "t", "channel"],
    "day": ["d"],
    "moment": ["m"],
    "truth": ["b", "c"],
}
UNTYPED = Column((), "i", Type.UNKNOWN)
"""A number where a condition may stand, since nothing is known of it."""


def number(chance: Random, depth: int) -> Expression:
    if depth == 0 or chance.random() < 0.4:
        return chance.choice([*map(column, "ijpqf"), *NUMBERS])
    part = lambda: number(chance, depth - 1)  # noqa: E731
    match chance.randrange(7):
        case 0 | 1:
            return Arithmetic(chance.choice([Operator.ADD, Operator.MULTIPLY]), part(), part())
        case 2:
            return Arithmetic(chance.choice([Operator.SUBTRACT, Operator.DIVIDE]), part(), part())
        case 3:
            return Negate(part())
        case 4:
            return Call("coalesce", (part(), part()))
        case 5:
            return Call("coalesce", (Call("coalesce", (column("i"), column("j"))), chance.choice(NUMBERS)))
        case _:
            otherwise = chance.choice([None, constant(None), part()])
            return Case(((condition(chance, depth - 1), part()),), otherwise)


def condition(chance: Random, depth: int) -> Expression:
    if depth and chance.random() < 0.75:
        part = lambda: condition(chance, depth - 1)  # noqa: E731
        match chance.randrange(13):
            case 0 | 1 | 6 | 7:
                return And(part(), part())
            case 2 | 3 | 8 | 9:
                return Or(part(), part())
            case 4 | 10:
                return Not(part())
            case 12:
                truth = chance.choice([And(UNTYPED, UNTYPED), Not(Not(UNTYPED)), And(UNTYPED, TRUE), UNTYPED])
                return Comparison(Comparator.EQUAL, truth, column("b"))
            case _:
                return Comparison(
                    chance.choice(list(Comparator)), number(chance, depth - 1), number(chance, depth - 1)
                )
    kind = chance.choice(list(NAMES))
    name, options = column(chance.choice(NAMES[kind])), OF_KIND[kind]
    match chance.randrange(8):
        case 0:
            return IsNull(name)
        case 1 | 2:
            listed = tuple(chance.choices(options, k=chance.randint(1, 3)))
            return OneOf(name, listed)
        case 3 if kind != "truth":
            return Between(name, chance.choice(options), chance.choice(options))
        case 4:
            return Like(column("s"), chance.choice(["a%", "_", "%"]))
        case 5:
            return chance.choice([column("b"), column("c"), UNTYPED])
        case 6 if kind == "day":
            moved = Moved(name, Duration(amount=chance.choice([1, 7, 14]), unit=Unit.DAY), True)
            return Comparison(chance.choice(list(Comparator)), moved, chance.choice(options))
        case _:
            return Comparison(chance.choice(list(Comparator)), name, chance.choice(options))


def perhaps(chance: Random, share: float, make: Callable[[], Expression]) -> Expression | None:
    return make() if chance.random() < share else None


def aggregate(chance: Random) -> Aggregate:
    kept = perhaps(chance, 0.6, lambda: condition(chance, 3))
    match chance.randrange(8):
        case 0 | 1:
            return Aggregate("count", None, condition=kept)
        case 2:
            return Aggregate("count", chance.choice(NUMBERS), condition=kept)
        case 3:
            return Aggregate("count", column(chance.choice("ijst")), distinct=True, condition=kept)
        case 4:
            return Aggregate(chance.choice(["min", "max", "avg"]), number(chance, 1), condition=kept)
        case 5:
            inner = Aggregate("sum", number(chance, 1), condition=kept)
            return Aggregate(chance.choice(["avg", "sum"]), inner, entity=column("t"))
        case _:
            return Aggregate("sum", number(chance, 2), condition=kept)


def value(chance: Random, depth: int = 1) -> Expression:
    if depth == 0 or chance.random() < 0.5:
        return aggregate(chance)
    part = lambda: value(chance, depth - 1)  # noqa: E731
    match chance.randrange(7):
        case 0 | 1:
            return Arithmetic(chance.choice(list(Operator)[:4]), part(), part())
        case 2:
            return Call("coalesce", (part(), constant(0)))
        case 3:
            return Call("coalesce", (Call("coalesce", (aggregate_of("i"), aggregate_of("j"))), constant(1)))
        case 4:
            asked = Comparison(chance.choice(list(Comparator)), part(), chance.choice(NUMBERS))
            return Case(((asked, part()),), chance.choice([None, constant(None), constant(0)]))
        case 5:
            return Previous(part(), Duration(amount=chance.choice([3, 12]), unit=Unit.MONTH))
        case _:
            unit = chance.choice([Unit.DAY, Unit.MONTH])
            return Rolling(part(), Duration(amount=chance.choice([3, 7, 28]), unit=unit))


def aggregate_of(name: str) -> Aggregate:
    return Aggregate("sum", column(name))


def draft(chance: Random) -> Draft:
    return Draft(value(chance), perhaps(chance, 0.7, lambda: condition(chance, 3)))


# --- changes

Change: TypeAlias = Callable[[Expression, Random], Expression | None]
"""Gives what a node becomes, or None where it does not apply."""
TRUE, FALSE = constant(True), constant(False)
CONDITIONS = (And, Or, Not, Comparison, IsNull, OneOf, Between, Like)
FLIPPED = {
    Comparator.EQUAL: Comparator.EQUAL,
    Comparator.UNEQUAL: Comparator.UNEQUAL,
    Comparator.LESS: Comparator.MORE,
    Comparator.MORE: Comparator.LESS,
    Comparator.AT_MOST: Comparator.AT_LEAST,
    Comparator.AT_LEAST: Comparator.AT_MOST,
}
OPPOSITE = {
    Comparator.EQUAL: Comparator.UNEQUAL,
    Comparator.UNEQUAL: Comparator.EQUAL,
    Comparator.LESS: Comparator.AT_LEAST,
    Comparator.AT_LEAST: Comparator.LESS,
    Comparator.MORE: Comparator.AT_MOST,
    Comparator.AT_MOST: Comparator.MORE,
}


def swap_sides(node: Expression, chance: Random) -> Expression | None:
    match node:
        case And(left, right) | Or(left, right):
            return type(node)(right, left)
        case Arithmetic(Operator.ADD | Operator.MULTIPLY, left, right):
            return replace(node, left=right, right=left)
        case Comparison(comparator, left, right):
            return Comparison(FLIPPED[comparator], right, left)
    return None


def regroup(node: Expression, chance: Random) -> Expression | None:
    match node:
        case And(And(a, b), c):
            return And(a, And(b, c))
        case And(a, And(b, c)):
            return And(And(a, b), c)
        case Or(Or(a, b), c):
            return Or(a, Or(b, c))
        case Or(a, Or(b, c)):
            return Or(Or(a, b), c)
    return None


def repeat(node: Expression, chance: Random) -> Expression | None:
    match node:
        case And(left, right) | Or(left, right):
            return type(node)(node, chance.choice([left, right]))
        case OneOf(_, options):
            listed = [*options, chance.choice(options)]
            chance.shuffle(listed)
            return replace(node, options=tuple(listed))
    return None


def add_neutral(node: Expression, chance: Random) -> Expression | None:
    if not isinstance(node, CONDITIONS):
        return None
    return chance.choice([And(node, TRUE), Or(FALSE, node), Or(node, FALSE)])


def move_not(node: Expression, chance: Random) -> Expression | None:
    match node:
        case Not(And(left, right)):
            return Or(Not(left), Not(right))
        case Not(Or(left, right)):
            return And(Not(left), Not(right))
        case And(left, right):
            return Not(Or(Not(left), Not(right)))
        case Or(left, right):
            return Not(And(Not(left), Not(right)))
        case Comparison(comparator, _, _):
            return Not(replace(node, comparator=OPPOSITE[comparator]))
        case Not(Comparison(comparator, left, right)):
            return Comparison(OPPOSITE[comparator], left, right)
        case IsNull() | Like() | OneOf() | Between():
            return Not(Not(node))
    return None


def spread(node: Expression, chance: Random) -> Expression | None:
    match node:
        case Between(operand, low, high):
            return And(
                Comparison(Comparator.AT_LEAST, operand, low), Comparison(Comparator.AT_MOST, operand, high)
            )
        case OneOf(operand, (first, *others)):
            found: Expression = Comparison(Comparator.EQUAL, operand, first)
            for other in others:
                found = Or(found, Comparison(Comparator.EQUAL, operand, other))
            return found
        case Comparison(Comparator.EQUAL, operand, Constant() as option) if option.value is not None:
            return OneOf(operand, (option,))
    return None


def else_null(node: Expression, chance: Random) -> Expression | None:
    match node:
        case Case(_, None):
            return replace(node, otherwise=constant(None))
        case Case(_, Constant(None)):
            return replace(node, otherwise=None)
    return None


def nest(node: Expression, chance: Random) -> Expression | None:
    match node:
        case Call("coalesce", (Call("coalesce", inner), *others)):
            return Call("coalesce", (*inner, *others))
        case Call("coalesce", (first, second, third)):
            return Call("coalesce", (first, Call("coalesce", (second, third))))
    return None


def count_rows(node: Expression, chance: Random) -> Expression | None:
    match node:
        case Aggregate("count", None):
            return replace(node, argument=chance.choice([constant(1), constant("x")]))
        case Aggregate("count", Constant(), False):
            return replace(node, argument=None)
    return None


def keep_all(node: Expression, chance: Random) -> Expression | None:
    match node:
        case Aggregate(condition=None):
            return replace(node, condition=TRUE)
    return None


def other_unit(node: Expression, chance: Random) -> Expression | None:
    def said(found: Duration) -> Duration | None:
        match found.unit:
            case Unit.DAY if found.amount % 7 == 0:
                return Duration(amount=found.amount // 7, unit=Unit.WEEK)
            case Unit.MONTH if found.amount % 12 == 0:
                return Duration(amount=found.amount // 12, unit=Unit.YEAR)
            case Unit.MONTH if found.amount % 3 == 0:
                return Duration(amount=found.amount // 3, unit=Unit.QUARTER)
        return None

    match node:
        case Moved(_, duration) if (found := said(duration)) is not None:
            return replace(node, duration=found)
        case Previous(_, duration) if (found := said(duration)) is not None:
            return replace(node, offset=found)
        case Rolling(_, duration) if (found := said(duration)) is not None:
            return replace(node, window=found)
    return None


def distribute(node: Expression, chance: Random) -> Expression | None:
    match node:
        case And(one, Or(left, right)):
            return Or(And(one, left), And(one, right))
        case Or(one, And(left, right)):
            return And(Or(one, left), Or(one, right))
    return None


def absorb(node: Expression, chance: Random) -> Expression | None:
    return Or(node, And(node, IsNull(constant(1)))) if isinstance(node, CONDITIONS) else None


SAME: tuple[Change, ...] = (
    swap_sides,
    swap_sides,
    regroup,
    repeat,
    add_neutral,
    move_not,
    move_not,
    spread,
    else_null,
    nest,
    count_rows,
    keep_all,
    other_unit,
    distribute,
    absorb,
)


def other_literal(node: Expression, chance: Random) -> Expression | None:
    match node:
        case Constant():
            options = next((found for found in OF_KIND.values() if node in found), NUMBERS)
            return chance.choice(options)
    return None


def other_comparator(node: Expression, chance: Random) -> Expression | None:
    match node:
        case Comparison():
            return replace(node, comparator=chance.choice(list(Comparator)))
        case Between(operand, low, high):
            ends = (Comparison(Comparator.LESS, low, operand), Comparison(Comparator.AT_MOST, operand, high))
            return chance.choice([And(*ends), replace(node, low=high, high=low)])
        case OneOf(_, options):
            kept = tuple(chance.sample(options, len(options) - 1)) if len(options) > 1 else options
            return chance.choice([replace(node, options=kept), Not(node)])
    return None


def other_operator(node: Expression, chance: Random) -> Expression | None:
    match node:
        case Arithmetic(Operator.SUBTRACT | Operator.DIVIDE, left, right):
            return replace(node, left=right, right=left)
        case Arithmetic():
            return replace(node, operator=chance.choice(list(Operator)[:3]))
        case Negate(operand):
            return operand
    return None


def other_join(node: Expression, chance: Random) -> Expression | None:
    match node:
        case And(left, right):
            return chance.choice([Or(left, right), left, right])
        case Or(left, right):
            return chance.choice([And(left, right), left, right])
        case Not(And(left, right)):
            return And(Not(left), Not(right))
    return None


def other_not(node: Expression, chance: Random) -> Expression | None:
    match node:
        case Not(And(left, right)):
            return And(Not(left), right)
        case Not(operand):
            return operand
        case And(left, right) | Or(left, right):
            return type(node)(left, Not(right))
    return Not(node) if isinstance(node, CONDITIONS) else None


def other_null(node: Expression, chance: Random) -> Expression | None:
    match node:
        case IsNull(operand):
            return chance.choice([Not(node), Comparison(Comparator.EQUAL, operand, constant(None))])
        case Comparison(_, operand, _) | OneOf(operand, _):
            return chance.choice([Or(node, IsNull(operand)), And(node, IsNull(operand))])
        case Call("coalesce", (first, *_)):
            return first
        case Case(_, None | Constant(None)):
            return replace(node, otherwise=constant(0))
    return None


def only_flip(node: Expression, chance: Random) -> Expression | None:
    match node:
        case Comparison(comparator):
            return replace(node, comparator=FLIPPED[comparator])
        case Call("coalesce", arguments):
            return replace(node, arguments=arguments[::-1])
        case Case(((asked, result),), Constant() as otherwise) if otherwise.value is not None:
            return Case(((asked, otherwise),), result)
    return None


def other_aggregate(node: Expression, chance: Random) -> Expression | None:
    match node:
        case Aggregate("count", None):
            return replace(node, argument=column(chance.choice("ijst")))
        case Aggregate("count", Column()):
            return replace(node, distinct=not node.distinct)
        case Aggregate("sum"):
            return replace(node, function=chance.choice(["avg", "min", "max"]))
        case Aggregate("avg" | "min" | "max"):
            return replace(node, function="sum")
    return None


def other_filter(node: Expression, chance: Random) -> Expression | None:
    match node:
        case Aggregate(condition=None):
            return replace(node, condition=chance.choice([FALSE, constant(None), column("b")]))
        case Aggregate():
            return replace(node, condition=None)
    return None


def other_length(node: Expression, chance: Random) -> Expression | None:
    match node:
        case Previous(_, offset):
            return replace(node, offset=replace(offset, amount=offset.amount // 3))
        case Rolling(_, window):
            return replace(node, window=replace(window, amount=window.amount + 1))
        case Moved(_, duration):
            return replace(node, duration=replace(duration, amount=duration.amount + 1))
    return None


OTHER: tuple[Change, ...] = (
    other_literal,
    other_literal,
    other_comparator,
    other_operator,
    other_join,
    other_join,
    other_not,
    other_null,
    only_flip,
    other_aggregate,
    other_filter,
    other_length,
)


def spots(node: Expression) -> list[Expression]:
    """Return what `put` counts: the node and what is inside, outermost first."""
    found: list[Expression] = []

    def look(part: Expression) -> Expression:
        found.append(part)
        return rebuild(part, look)

    look(node)
    return found


def put(node: Expression, at: int, new: Expression) -> Expression:
    left = at

    def look(part: Expression) -> Expression:
        nonlocal left
        left -= 1
        return new if left == -1 else rebuild(part, look)

    return look(node)


def changed(node: Expression, chance: Random, changes: tuple[Change, ...]) -> Expression:
    """Return the node with one change somewhere; the same object where none applies."""
    change = chance.choice(changes)
    fitting = [(at, new) for at, part in enumerate(spots(node)) if (new := change(part, chance)) is not None]
    return put(node, *chance.choice(fitting)) if fitting else node


def mutated(said: Draft, chance: Random, changes: tuple[Change, ...]) -> Draft:
    """Return another KPI: `where` and expression count as one, so that a condition may move between them."""
    if changes is SAME and said.where in (None, TRUE) and chance.random() < 0.1:
        return replace(said, where=None if said.where else TRUE)
    match said:
        case Draft(Aggregate(condition=None) as node, moved) if (
            changes is OTHER and moved is not None and chance.random() < 0.1
        ):
            return Draft(replace(node, condition=moved), None)
        case Draft(Aggregate(condition=kept) as node, None) if (
            changes is OTHER and kept is not None and chance.random() < 0.1
        ):
            return Draft(replace(node, condition=None), kept)
    if said.where is not None and chance.random() < 0.5:
        return replace(said, where=changed(said.where, chance, changes))
    return replace(said, expression=changed(said.expression, chance, changes))


def pair(chance: Random) -> tuple[Draft, Draft, bool]:
    """Return a KPI, another made of it, and whether each change was to keep the meaning."""
    said = draft(chance)
    other, same = said, chance.random() < 0.5
    while other == said:
        for _ in range(chance.randint(1, 3)):
            other = mutated(other, chance, SAME if same or chance.random() < 0.5 else OTHER)
        if not same:
            other = mutated(other, chance, OTHER)
    return said, other, same
