"""The templates: ours, and a team's own in the place of some of ours.

Ours are trusted. A team's own come from a folder named on the command line, and may do no more than write
pages: they reach no attribute with an underscore, no file and no module; text is always escaped; and what
takes too long or grows too large is stopped. What they may call stands in a list; all else is not there.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, wraps
from traceback import extract_tb
from typing import Any, Final, cast

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FunctionLoader,
    PackageLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
    TemplateSyntaxError,
    Undefined,
    UndefinedError,
    nodes,
)
from jinja2.exceptions import SecurityError
from jinja2.filters import do_replace
from jinja2.meta import find_referenced_templates
from jinja2.nodes import EvalContext
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, markup_join
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape, soft_str

from kpiascode.model.diagnostic import did_you_mean

STEPS: Final = 2_000_000
"""Turns of loops and calls on one page; our own page of a thousand KPIs takes a fiftieth."""

CALL: Final = 5
"""Turns of a loop that take as long as a call."""

CHARACTERS: Final = 50_000_000
"""What is written on one page and made on the way to it; ours of a thousand KPIs takes a hundredth."""

LONGEST: Final = 1_000_000
"""Characters of a text, or items of a list, that an expression makes."""

SECONDS: Final = 20.0
OF_TEXTS: Final = (
    *("abs", "capitalize", "e", "escape", "float", "int", "lower", "string", "title", "truncate", "upper"),
)
OF_LISTS: Final = ("list", "map", "reject", "rejectattr", "select", "selectattr")
OF_ANYTHING: Final = ("count", "d", "default", "first", "items", "last", "length", "reverse")
TESTS: Final = (
    *("!=", "==", "boolean", "defined", "divisibleby", "eq", "equalto", "even", "false", "ne", "none"),
    *("number", "odd", "string", "true", "undefined"),
)
GLOBALS: Final = ("dict", "namespace", "range")
METHODS: Final = {
    str: frozenset(
        "capitalize endswith lower removeprefix removesuffix split startswith title upper".split()
    ),
    dict: frozenset({"get", "items", "keys", "values"}),
    LoopContext: frozenset({"cycle"}),
}
"""What may be called of what is built in; `translate` of markup, say, would make markup of any text."""

SINGLE: Final = (str, int, float, Decimal, date, timedelta, Undefined, type(None))
SEVERAL: Final = (list, tuple, dict, set, frozenset)
OURS: Final = "kpiascode."
POINTER: Final = 8
"""Bytes of an item of a list, for the budget."""

PARTS: Final = "parts.html.j2"
OWN: Final = "own template: "
"""Before the name of a team's own template in a traceback."""


class BrokenTemplate(Exception):
    """A team's own template that makes no page: where it stops, and why."""

    def __init__(self, name: str, line: int, reason: str) -> None:
        super().__init__(reason)
        self.name = name
        self.line = line
        self.reason = reason


class _TooMuch(Exception):
    """A page that takes too long or grows too large."""


class Budget:
    """What is left of the steps, the characters and the time of one page."""

    def __init__(self) -> None:
        self.steps = 0
        self.characters = 0
        self.end = time.monotonic() + SECONDS

    def step(self, cost: int = 1) -> None:
        self.steps += cost
        if self.steps > STEPS:
            raise _TooMuch(f"It takes more than {STEPS:,} turns of loops and calls for one page.")
        if time.monotonic() > self.end:
            raise _TooMuch(f"It takes more than {SECONDS:.0f} seconds for one page.")

    def write(self, length: int) -> None:
        self.characters += length
        if self.characters > CHARACTERS:
            raise _TooMuch(f"It makes more than {CHARACTERS:,} characters of text for one page.")


@cache
def ours() -> Environment:
    made = Environment(
        loader=PackageLoader("kpiascode.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["coded"] = coded
    return made


def coded(text: object) -> Markup:
    """Return a sentence of ours whose quoted parts are code, as markup; nothing in it acts.

    >>> coded("Add `act` & <b>.")
    Markup('Add <code>act</code> &amp; &lt;b&gt;.')
    """
    parts = soft_str(text).split("`")
    if len(parts) % 2 == 0:  # a quote that does not end
        return escape(text)
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(part) if at % 2 else part for at, part in enumerate(parts))


def with_own(own: Mapping[str, str]) -> Environment:
    """Return an environment in which a team's own templates stand before ours.

    Raises:
        BrokenTemplate: when one of them cannot be read.
    """
    found = _Sandbox(own)
    for name in own:
        try:
            found.get_template(name)
        except TemplateSyntaxError as error:
            raise _broken(error, own) from None
        except (RecursionError, SyntaxError, MemoryError):  # what jinja takes, and Python does not
            raise BrokenTemplate(name, 1, "It is nested too deeply.") from None
    return found


def check_used(own: Mapping[str, str]) -> None:
    """Refuse a template that takes the place of none of ours and that no other uses: its name is misspelt.

    Raises:
        BrokenTemplate: for the first such.
    """
    our_names = set(ours().list_templates())
    used: set[str | None] = set()
    for text in own.values():
        used |= set(find_referenced_templates(ours().parse(text)))
    if None in used:  # a name is computed, and may be any
        return
    for name in own.keys() - our_names - used:
        hint = did_you_mean(name, our_names)
        raise BrokenTemplate(name, 1, f"It takes the place of none of ours, and none uses it. {hint}".strip())


def rendered(environment: Environment, template: str, context: Mapping[str, object]) -> str:
    """Return a page.

    Raises:
        BrokenTemplate: when a team's own template does what it may not, or what has no meaning.
    """
    if not isinstance(environment, _Sandbox):
        return environment.get_template(template).render(context)
    environment.budget = Budget()
    try:
        text = environment.get_template(template).render(context)
        text.encode("utf-8")  # a template can write half a character
    except Exception as error:  # whatever a template may do wrong; what is ours goes on as it is
        raise _broken(error, environment.own) from None
    return text


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's own sandbox, with a budget and with nothing else to call than what is listed above.

    Turns of loops, calls, what is written and what is made on the way are counted. Only single values are
    written, joined and compared: a list that holds another twice, and so on forty times, would be as large as
    no page can be.
    """

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, own: Mapping[str, str]) -> None:
        def find(name: str) -> tuple[str, str, Callable[[], bool]] | None:
            return (own[name], OWN + name, lambda: True) if name in own else None

        loaders: list[BaseLoader] = [FunctionLoader(find), PackageLoader("kpiascode.render")]
        super().__init__(
            loader=ChoiceLoader(loaders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=self._written,
        )
        self.own = own
        self.budget = Budget()
        given, tests = self.filters, dict[str, Any](self.tests)
        self.filters = {
            **{name: self._bounded(given[name], _single) for name in OF_TEXTS},
            **{name: self._bounded(given[name], self._counted) for name in OF_LISTS},
            **{name: self._bounded(given[name], lambda value: value) for name in OF_ANYTHING},
            "coded": lambda value: self._made(coded(_single(value))),
            "comparable": _comparable,
            "counted": self._counted,
            "join": self._joined,
            "made": self._made,
            "replace": self._replaced,
            "single": _single,
            "trim": lambda value: soft_str(_single(value)).strip(),
        }
        self.tests = {name: _of_comparable(tests[name]) for name in TESTS}
        self.globals = {name: self.globals[name] for name in GLOBALS}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for switch in tree.find_all(nodes.EvalContextModifier):
            raise TemplateSyntaxError("`autoescape` cannot be switched off.", switch.lineno, name, filename)
        for loop in tree.find_all(nodes.For):
            if loop.recursive:
                reason = "Loops are not `recursive`; write a macro."
                raise TemplateSyntaxError(reason, loop.lineno, name, filename)
            cost = 1 + sum(len(text.data) for text in loop.find_all(nodes.TemplateData)) // 100
            loop.iter = self.filtered(loop.iter, "counted", nodes.Const(cost))
        return _Watched(self).visit(tree)  # type: ignore[no-any-return]

    def _load_template(self, name: str, known: Any) -> Template:
        self.budget.step(CALL + len(self.own.get(name, "")) // 100)
        return super()._load_template(name, known)

    def filtered(self, of: nodes.Node | None, name: str, *arguments: nodes.Expr) -> nodes.Filter:
        """Return an expression with one of our own filters around it."""
        made = nodes.Filter(
            cast(nodes.Expr | None, of), name, list(arguments), [], None, None, lineno=of.lineno if of else 1
        )
        made.set_environment(self)
        return made

    def _bounded(self, given: Callable[..., Any], of: Callable[[Any], Any]) -> Callable[..., Any]:
        """Return a filter that counts what it makes, of a value that was looked at."""
        at = 1 if hasattr(given, "jinja_pass_arg") else 0

        @wraps(given)
        def bounded(*arguments: Any, **named: Any) -> Any:
            self.budget.step()
            return self._made(given(*arguments[:at], of(arguments[at]), *arguments[at + 1 :], **named))

        return bounded

    def _counted(self, items: Iterable[object], cost: int = 1) -> Iterator[object]:
        for item in items:
            self.budget.step(cost)
            yield item

    def _joined(self, items: Iterable[object], sign: object = "") -> object:
        parts: list[object] = []
        length = 0
        for item in self._counted(items):
            parts += [_single(sign), _single(item)] if parts else [_single(item)]
            length += len(soft_str(item)) + len(soft_str(sign))
            self._room(length)
        return self._made(markup_join(parts))

    def _replaced(self, value: object, old: str, new: str) -> object:
        text = soft_str(_single(value))
        self._room(len(text) + text.count(old) * len(soft_str(_single(new))))
        return self._made(do_replace(EvalContext(self), text, old, new))

    def _written(self, value: object) -> object:
        shown = _single(value)
        if isinstance(shown, str):
            self.budget.write(len(shown))
        return shown

    def _made(self, value: Any) -> Any:
        if isinstance(value, str):
            self.budget.write(len(value))
        elif isinstance(value, SEVERAL):
            self.budget.write(POINTER * len(value))
        return value

    def _room(self, length: int) -> None:
        if length > LONGEST:
            raise _TooMuch(f"It makes a text of more than {LONGEST:,} characters.")

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Refuse `format` of texts, which pads too; jinja asks this of every attribute."""
        if super().wrap_str_format(value) is not None:
            raise SecurityError(f"`{value.__name__}` is not there.")
        return None

    def call(self, context: Context, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        self.budget.step(CALL)
        if not isinstance(called, Macro | BlockReference | Undefined):
            owner, name = getattr(called, "__self__", None), getattr(called, "__name__", "this")
            methods = (some for of, some in METHODS.items() if isinstance(owner, of))
            if any(name in some for some in methods):
                args = tuple(_single(argument) for argument in args)
            elif not any(called is known for known in self.globals.values()):
                raise SecurityError(f"`{name}` is not there.")
        return self._made(super().call(context, called, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "**":
            raise SecurityError("`**` is not there.")
        if operator == "+":
            for one in (left, right):
                self._room(len(one) if isinstance(one, str | list | tuple) else 0)
            return self._made(left + right)
        if not all(isinstance(one, int | float) and abs(one) < 1e9 for one in (left, right)):
            raise SecurityError(f"`{operator}` takes numbers below a billion only.")
        return super().call_binop(context, operator, left, right)


class _Watched(NodeTransformer):
    """Puts our own filters around what makes texts and compares without a call."""

    def __init__(self, environment: _Sandbox) -> None:
        self.environment = environment
        self.filtered = environment.filtered

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno).set_environment(self.environment)
        return self.filtered(parts, "join")

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return self.filtered(node, "made") if isinstance(node.arg, nodes.Slice) else node

    def visit_AssignBlock(self, node: nodes.AssignBlock) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.filter = self.filtered(node.filter, "made")
        return node

    def visit_Pair(self, node: nodes.Pair) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.key = self.filtered(node.key, "single")
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.expr = self.filtered(node.expr, "comparable")
        for operand in node.ops:
            if operand.op not in ("in", "notin"):
                operand.expr = self.filtered(operand.expr, "comparable")
        return node


def _single(value: Any) -> Any:
    """Return a value that is written as one text; refuse one that holds others."""
    if hasattr(value, "__html__") and not isinstance(value, str | Undefined):
        return Markup(value.__html__())
    if isinstance(value, SINGLE) or type(value).__module__.startswith(OURS):
        return value
    raise SecurityError(f"This is no text and no number but a {type(value).__name__}; write what is in it.")


def _comparable(value: Any) -> Any:
    """Return a value; refuse one that holds lists, which could hold lists in turn."""
    items = (*value, *value.values()) if isinstance(value, dict) else value
    if isinstance(value, SEVERAL) and any(isinstance(item, SEVERAL) for item in items):
        raise SecurityError("Lists of lists are not compared.")
    return value


def _of_comparable(test: Callable[..., Any]) -> Callable[..., bool]:
    @wraps(test)
    def tested(*arguments: Any) -> bool:
        return bool(test(*(_comparable(argument) for argument in arguments)))

    return tested


def _broken(error: Exception, own: Mapping[str, str]) -> Exception:
    """Return where a team's own template went wrong; the error itself where none of them had a part in it."""
    if isinstance(error, TemplateSyntaxError) and error.name is not None and error.name in own:
        return BrokenTemplate(error.name, error.lineno, error.message or "It cannot be read.")
    frames = [frame for frame in extract_tb(error.__traceback__) if frame.filename.startswith(OWN)]
    if not frames:
        return _missed(error, own)
    name, line = frames[-1].filename.removeprefix(OWN), frames[-1].lineno or 1
    match error:
        case _TooMuch():
            return BrokenTemplate(name, line, str(error))
        case TemplateNotFound():
            return BrokenTemplate(name, line, f"There is no template `{error.name}`.")
        case RecursionError():
            return BrokenTemplate(name, line, "It calls itself without end.")
        case MemoryError():
            return BrokenTemplate(name, line, "It takes more memory than there is.")
        case _:
            return BrokenTemplate(name, line, str(error) or type(error).__name__)


def _missed(error: Exception, own: Mapping[str, str]) -> Exception:
    """Return what a team's own templates did to ours, which use them."""
    name = PARTS if PARTS in own else next(iter(own))
    match error:
        case UndefinedError():
            return BrokenTemplate(name, 1, f"Our templates need what it does not have: {error}.")
        case UnicodeEncodeError():
            return BrokenTemplate(name, 1, "A page with it would hold half a character, which is no UTF-8.")
        case _:
            return error
