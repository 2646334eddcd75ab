"""Breaks `lint/` and `validate/` on purpose, a little at a time, and tells which breaks no test notices.

    python tests/mutation_run.py                          all mutants of both folders
    python tests/mutation_run.py validate --sample 50     fifty of one folder (or of one file of it)

The tests are run once to see which of them come by which line. Then each mutant gets a process of its own, a
copy of this one in which the code of a function is another, and in it the tests that come by: those first that
come by few other files, and for ten seconds at most. A mutant is killed where one fails. `--seed`
chooses another sample, `--least` is the part that must be killed (in percent).
"""

import argparse
import ast
import copy
import importlib
import os
import random
import signal
import sys
import types
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src"
TRIED_BY = {
    "validate": (
        *("stages/test_validate.py", "stages/test_validate_words.py", "stages/test_corpus_yaml.py"),
        *("hostile/test_limits.py", "cli/test_mistakes.py", "cli/test_fix.py", "cli/test_schema.py"),
    ),
    "lint": ("rules", "cli/test_baseline.py", "cli/test_check_data.py", "cli/test_fix.py", "stages/test_facts.py"),
}  # fmt: skip
SECONDS = 30
"""After which a mutant with which a test does not come to an end is killed."""

ENOUGH = 10
"""So many seconds of tests are run for a mutant: who survives these is told to survive."""

KILLED, SURVIVED, NOT_MADE = 0, 3, 4


@dataclass(frozen=True, slots=True, order=True)
class Passer:
    """A test that comes by a file. First come those that see few others, as they are about it, and quick ones."""

    files: int
    taken: float
    item: pytest.Item = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A file with one thing changed. `line` is where, `what` says it."""

    file: Path
    line: int
    what: str
    tree: ast.Module


# --- what can be changed

SWAPS: Mapping[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip


def changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield what a node can become."""
    match node:
        case ast.Compare(ops=[operator, *_]) if type(operator) in SWAPS:
            changed = copy.copy(node)
            changed.ops = [SWAPS[type(operator)](), *node.ops[1:]]  # type: ignore[list-item]
            yield "comparison", changed
        case ast.BoolOp(op=operator):
            changed = copy.copy(node)
            changed.op = SWAPS[type(operator)]()  # type: ignore[assignment]
            yield "and/or", changed
        case ast.BinOp(op=operator) if type(operator) in SWAPS and not is_type(node):
            changed = copy.copy(node)
            changed.op = SWAPS[type(operator)]()  # type: ignore[assignment]
            yield "operator", changed
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "no not", operand
        case ast.Constant(value=bool() as value):
            yield "truth", ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield "number", ast.Constant(value + 1)
        case ast.If(test=test) | ast.IfExp(test=test):
            changed = copy.copy(node)
            changed.test = ast.UnaryOp(ast.Not(), test)
            yield "condition", changed
        case ast.comprehension(ifs=[first, *rest]):
            changed = copy.copy(node)
            changed.ifs = [ast.UnaryOp(ast.Not(), first), *rest]
            yield "condition", changed
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom() as value) | ast.AugAssign(value=value):
            yield "statement", ast.If(ast.Constant(False), [node], [])
        case ast.Continue():
            yield "continue", ast.Pass()
        case ast.Break():
            yield "break", ast.Pass()
        case ast.Return(value=value) if value is not None and not isinstance(value, ast.Constant):
            yield "return", ast.Return(ast.Constant(None))
        case _:
            pass


def is_type(node: ast.BinOp) -> bool:
    """Return whether an `|` joins types, which is no arithmetic."""
    return isinstance(node.op, ast.BitOr) and any(
        (isinstance(side, ast.Constant) and side.value is None)
        or (isinstance(side, ast.Name) and side.id[:1].isupper())
        for side in (node.left, node.right)
    )


def mutants_of(file: Path) -> Iterator[Mutant]:
    """Yield a file with one thing changed, for each thing; annotations, assertions and texts are left alone."""
    text = file.read_text(encoding="utf-8")
    tree = ast.parse(text)
    for where in ways(tree):
        node = at(tree, where)
        for what, changed in changes(node):
            made = copy.deepcopy(tree)
            ast.copy_location(changed, node)
            put(made, where, copy.deepcopy(changed))
            ast.fix_missing_locations(made)
            line = getattr(node, "lineno", None) or at(tree, where[:-1]).lineno
            yield Mutant(
                file=file, line=line, what=f"{what}: {ast.unparse(node).splitlines()[0][:70]}", tree=made
            )


Way = tuple[tuple[str, int | None], ...]


def ways(node: ast.AST, above: Way = ()) -> Iterator[Way]:
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "type_params", "decorator_list", "bases") or isinstance(
            node, ast.Assert
        ):
            continue
        for number, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST):
                way = (*above, (name, number))
                yield way
                yield from ways(child, way)


def at(tree: ast.AST, where: Way) -> Any:
    found: Any = tree
    for name, number in where:
        found = getattr(found, name)
        found = found if number is None else found[number]
    return found


def put(tree: ast.AST, where: Way, node: ast.AST) -> None:
    parent = at(tree, where[:-1])
    name, number = where[-1]
    if number is None:
        setattr(parent, name, node)
    else:
        getattr(parent, name)[number] = node


# --- putting a mutant into a process in which everything is loaded


def apply(mutant: Mutant) -> int:
    """Give functions and constants of the module another value. A module that breaks at once is killed."""
    name = ".".join(mutant.file.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
    module = importlib.import_module(name)
    code = compile(mutant.tree, str(mutant.file), "exec")
    before = codes_of(compile(ast.parse(mutant.file.read_text(encoding="utf-8")), str(mutant.file), "exec"))
    changed = {key for key, one in codes_of(code).items() if is_other(one, before.get(key))}
    functions = {key: function for key, function in functions_of(module) if key in changed}
    for key, function in functions.items():
        function.__code__ = codes_of(code)[key]
    if not functions and mutant.line:
        try:
            replace_constants(module, code, mutant.line)
        except Exception:
            return KILLED
    clear_caches()
    return SURVIVED


def codes_of(code: types.CodeType) -> dict[str, types.CodeType]:
    """Return the code of the functions of a module, by qualified name; what is inside of one goes with it."""
    found: dict[str, types.CodeType] = {}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            is_class = "__qualname__" in constant.co_names and constant.co_flags & 0x2 == 0
            found |= codes_of(constant) if is_class else {constant.co_qualname: constant}
    return found


def is_other(one: types.CodeType, other: types.CodeType | None) -> bool:
    return (
        other is None
        or one.co_code != other.co_code
        or not same_constants(one, other)
        or one.co_names != other.co_names
    )


def same_constants(one: types.CodeType, other: types.CodeType) -> bool:
    if len(one.co_consts) != len(other.co_consts):
        return False
    for mine, theirs in zip(one.co_consts, other.co_consts, strict=True):
        both = isinstance(mine, types.CodeType) and isinstance(theirs, types.CodeType)
        if is_other(mine, theirs) if both else (type(mine), mine) != (type(theirs), theirs):
            return False
    return True


def functions_of(module: types.ModuleType) -> Iterator[tuple[str, types.FunctionType]]:
    for value in list(vars(module).values()):
        for found in (value, *(vars(value).values() if isinstance(value, type) else ())):
            plain = getattr(found, "fget", None) or getattr(found, "__func__", None) or found
            plain = getattr(plain, "__wrapped__", plain)
            if isinstance(plain, types.FunctionType) and plain.__module__ == module.__name__:
                yield plain.__qualname__, plain


def replace_constants(module: types.ModuleType, code: types.CodeType, line: int) -> None:
    """Run the module anew and put what its changed line defines into every module that has the old value.

    Defaults of arguments are such constants, too.
    """
    fresh = types.ModuleType(module.__name__)
    fresh.__dict__.update(__file__=module.__file__, __package__=module.__package__)
    sys.modules[module.__name__] = fresh
    try:
        exec(code, fresh.__dict__)
    finally:
        sys.modules[module.__name__] = module
    defaults = {key: (one.__defaults__, one.__kwdefaults__) for key, one in functions_of(fresh)}
    for key, function in functions_of(module):
        function.__defaults__, function.__kwdefaults__ = defaults[key]
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    for statement in tree.body:
        if statement.lineno <= line <= (statement.end_lineno or line):
            targets = (
                statement.targets
                if isinstance(statement, ast.Assign)
                else [getattr(statement, "target", None)]
            )
            for target in targets:
                if isinstance(target, ast.Name):
                    replace_everywhere(getattr(module, target.id), getattr(fresh, target.id))


def replace_everywhere(old: Any, new: Any) -> None:
    for module in [one for name, one in sys.modules.items() if name.startswith("kpiascode")]:
        for name, value in list(vars(module).items()):
            if value is old:
                setattr(module, name, new)
    if isinstance(old, dict):
        old.clear()
        old.update(new)


def clear_caches() -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith("kpiascode"):
            for value in vars(module).values():
                if callable(clear := getattr(value, "cache_clear", None)):
                    clear()


# --- running


class Runner:
    """A plugin of pytest that runs the tests once, and then some of them for each mutant."""

    def __init__(self, mutants: Sequence[Mutant]) -> None:
        self.mutants = mutants
        self.files = {str(mutant.file) for mutant in mutants}
        self.by_line: defaultdict[tuple[str, int], list[Passer]] = defaultdict(list)
        self.by_file: defaultdict[str, list[Passer]] = defaultdict(list)
        self.all: list[Passer] = []
        self.survivors: list[Mutant] = []
        self.failed: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for number, item in enumerate(session.items):
            following = session.items[number + 1] if number + 1 < len(session.items) else None
            self._come_by(item, following)
        if self.failed:
            return True
        self._leave_out_what_cannot_be_copied(session.items)
        for number, mutant in enumerate(self.mutants, 1):
            survives = self._killer(mutant) is None
            if survives:
                self.survivors.append(mutant)
            told = "survived" if survives else "killed"
            where = mutant.file.relative_to(SOURCE)
            print(f"\r{number}/{len(self.mutants)} {told:8} {where}:{mutant.line} {mutant.what}", flush=True)
        return True

    def _come_by(self, item: pytest.Item, following: pytest.Item | None) -> None:
        """Run a test and keep by which lines it comes; with empty caches, as if it were the first one."""
        clear_caches()
        lines: set[tuple[str, int]] = set()

        def on_line(frame: types.FrameType, event: str, _: Any) -> Any:
            lines.add((frame.f_code.co_filename, frame.f_lineno))
            return on_line

        def on_call(frame: types.FrameType, event: str, _: Any) -> Any:
            return on_line(frame, event, _) if frame.f_code.co_filename in self.files else None

        start = monotonic()
        sys.settrace(on_call)
        try:
            reports = runtestprotocol(item, nextitem=following, log=False)
        finally:
            sys.settrace(None)
        taken = monotonic() - start
        if any(report.failed for report in reports):
            self.failed.append(item.nodeid)
        files = {file for file, _ in lines}
        passer = Passer(len(files), taken, item)
        self.all.append(passer)
        for line in lines:
            self.by_line[line].append(passer)
        for file in files:
            self.by_file[file].append(passer)

    def _leave_out_what_cannot_be_copied(self, items: Sequence[pytest.Item]) -> None:
        """Leave out tests that fail in a copy of this process though nothing is changed, such as with threads."""
        rest = list(items)
        while (failure := self._first_failure(rest)) is not None:
            print(f"left out: {rest[failure].nodeid}", flush=True)
            for tests in (*self.by_line.values(), *self.by_file.values(), self.all):
                tests[:] = [one for one in tests if one.item is not rest[failure]]
            del rest[: failure + 1]

    def _killer(self, mutant: Mutant) -> pytest.Item | None:
        """Return the test that notices a mutant, or None where it survives."""
        file = str(mutant.file)
        near = sorted(self.by_line[file, mutant.line] or self.by_file[file] or self.all)
        before = accumulate((one.taken for one in near), initial=0.0)
        tests = [one.item for one, seconds in zip(near, before, strict=False) if seconds < ENOUGH]
        failure = self._first_failure(tests, mutant)
        return None if failure is None else tests[failure]

    def _first_failure(self, tests: Sequence[pytest.Item], mutant: Mutant | None = None) -> int | None:
        """Return the number of the first test that fails in a copy of this process, or None where none does."""
        said, says = os.pipe()
        child = os.fork()
        if child == 0:
            self._fail_or_end(tests, mutant, says)
        os.close(says)
        with os.fdopen(said, "rb") as begun:
            count = len(begun.read())
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        assert code != NOT_MADE, f"{mutant} cannot be put in"
        return None if code == SURVIVED else max(0, count - 1)

    @staticmethod
    def _fail_or_end(tests: Sequence[pytest.Item], mutant: Mutant | None, says: int) -> None:
        """Run tests until one fails, telling of each that it begins, and end the process."""
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(SECONDS)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        importlib.import_module("kpiascode.pipeline.store").BY_DESCRIPTOR = False  # nothing is remembered
        end = NOT_MADE
        with suppress(BaseException):
            end = apply(mutant) if mutant else SURVIVED
            for item, following in pairwise([*tests, None]):
                os.write(says, b".")
                signal.alarm(SECONDS)
                if end == KILLED or any(
                    one.failed for one in runtestprotocol(item, nextitem=following, log=False)
                ):
                    os._exit(KILLED)
        os._exit(end)


@cache
def all_mutants(part: str) -> tuple[Mutant, ...]:
    """Return the mutants of a folder, or of a file such as `validate/words.py`."""
    wanted = SOURCE / "kpiascode" / part
    files = sorted(wanted.rglob("*.py")) if wanted.is_dir() else [wanted]
    return tuple(mutant for file in files for mutant in mutants_of(file))


def tests_of(parts: Sequence[str]) -> list[str]:
    folders = dict.fromkeys(part.split("/")[0] for part in parts)
    return [str(TESTS / path) for folder in folders for path in TRIED_BY[folder]]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "parts", nargs="*", default=["validate", "lint"], help="validate, lint, or a file there"
    )
    parser.add_argument("--sample", type=int, help="so many mutants only")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--least", type=float, default=85, help="percent that must be killed")
    parser.add_argument("--tests", nargs="*", help="instead of those that are known to come by")
    asked = parser.parse_args(arguments)
    mutants = [mutant for part in asked.parts for mutant in all_mutants(part)]
    if asked.sample is not None:
        mutants = random.Random(asked.seed).sample(mutants, min(asked.sample, len(mutants)))
    runner = Runner(mutants)
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header", "--no-summary"]
    pytest.main([*options, *(asked.tests or tests_of(asked.parts))], plugins=[runner])
    if runner.failed:
        print(f"These tests fail without any mutant: {', '.join(runner.failed[:5])}")
        return 2
    killed = len(mutants) - len(runner.survivors)
    print(
        f"\n{killed} of {len(mutants)} mutants killed ({100 * killed / max(1, len(mutants)):.1f} %). Survivors:"
    )
    for mutant in sorted(runner.survivors, key=lambda one: (str(one.file), one.line)):
        print(f"  {mutant.file.relative_to(SOURCE)}:{mutant.line} {mutant.what}")
    return 0 if 100 * killed >= asked.least * len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
