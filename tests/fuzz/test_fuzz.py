"""A bounded sample of what the fuzzers do at length: the same examples every time, and some that are new.

KPI_SEED repeats the new ones, KPI_FUZZ says how many there are. `python tests/fuzz/atheris_check.py` goes on
without end.
"""

import os
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from documents import project, sound_documents, written
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from targets import check, load_bytes, mutate, read_expression
from words import WORDS

EXAMPLES = int(os.environ.get("KPI_FUZZ", "300"))
SEED = int(os.environ.get("KPI_SEED", random.SystemRandom().randrange(10**9)))
USUAL = settings(
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
CHECKS = EXAMPLES // 2
"""A whole check takes as long as many expressions."""

EXAMPLE = Path(__file__).parents[2] / "kpis"
FILES = tuple(path.read_bytes() for path in sorted(EXAMPLE.rglob("*.yaml")))
PIECES = (
    *(
        b"kind: kpi\n",
        b"---\n",
        b"- ",
        b"? ",
        b": ",
        b"{",
        b"}",
        b"[",
        b"]",
        b"|\n",
        b">-\n",
        b'"',
        b"'",
        b"\\",
        b"#",
    ),
    *(
        b"&a ",
        b"*a ",
        b"!t ",
        b"%TAG",
        b"<<: ",
        b"\t",
        b"\r\n",
        b"\xef\xbb\xbf",
        b"\x00",
        b"\xff",
        b"\xe2\x80\xae",
    ),
    *(b"no\n", b".inf\n", b"0x1f\n", b"1e999\n", b"22:22\n", b"  ", b"# kpi: allow self-division: x\n"),
)


def fuzz(count: int, *cases: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Try a target on known cases, then on fresh ones."""

    def tried(target: Callable[..., None]) -> Callable[..., None]:
        known = settings(USUAL, max_examples=count, derandomize=True)(given(*cases)(target))
        fresh = seed(SEED)(settings(USUAL, max_examples=count // 2)(given(*cases)(target)))

        @pytest.mark.parametrize("examples", [known, fresh], ids=["known", "fresh"])
        def test(examples: Callable[..., None]) -> None:
            print(f"KPI_SEED={SEED}")
            examples()

        test.__doc__ = target.__doc__
        return test

    return tried


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A file of the example company in which some pieces are something else."""
    data = draw(st.sampled_from(FILES))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 20)))
        data = data[:start] + draw(st.sampled_from(PIECES) | st.binary(max_size=4)) + data[end:]
    return data


class Drawn:
    """Choices that Hypothesis makes, and makes smaller when something fails."""

    def __init__(self, source: st.DataObject) -> None:
        self._source = source

    def pick(self, count: int) -> int:
        return self._source.draw(st.integers(0, count - 1))

    def text(self) -> str:
        return self._source.draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=12))


@fuzz(EXAMPLES, st.binary(max_size=400) | st.lists(st.sampled_from(PIECES), max_size=60).map(b"".join))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    load_bytes(data)


@fuzz(EXAMPLES, damaged())
def test_damaged_definitions_are_read_or_refused(data: bytes) -> None:
    load_bytes(data)


@fuzz(EXAMPLES * 2, st.text(max_size=200))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    read_expression(text)


@fuzz(EXAMPLES * 2, st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
def test_any_words_are_an_expression_or_refused(text: str) -> None:
    read_expression(text)


HOME = tempfile.TemporaryDirectory()
FOLDER = project(Path(HOME.name))


@fuzz(CHECKS, st.data())
def test_changed_definitions_are_checked(source: st.DataObject) -> None:
    choices, documents = Drawn(source), sound_documents()
    for _ in range(1 + choices.pick(4)):
        mutate(documents, choices)
    check(written(documents, FOLDER))


# --- what was found, and is mended


@pytest.mark.parametrize("text", ["+ + + + not", "a = not", "a + not * 2"])
def test_a_not_without_operand_is_no_name(text: str) -> None:
    assert read_expression(text) is None
