"""What is not understood is not communicated.

Three things: a description of at most 60 words, sentences of at most 20 words on average, and `act`, which
says what is done when it is off.

Pass: all three.
Partial: two of them.
Fail: fewer.
Inconclusive: never; the words are declared.

Fix: shorten the description, cut its sentences, or add `act`.
"""

import re
from collections.abc import Sequence
from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, failed, partly, passed
from kpiascode.assess.sentences import counted, listed
from kpiascode.model.assessment import Criterion

LONGEST_DESCRIPTION: Final = 60  # words
LONGEST_SENTENCE: Final = 20  # words, on average
SENTENCE_END: Final = re.compile(r"[.!?]+(?:\s+|$)")


def check(case: Case) -> Found:
    """Return which of the three things make the KPI hard to understand."""
    words = len(case.kpi.description.split())
    sentences = sum(bool(sentence.strip()) for sentence in SENTENCE_END.split(case.kpi.description))
    expected = (
        (
            0 < words <= LONGEST_DESCRIPTION,
            f"its description has {counted(words, 'word')}",
            f"describe it in 1 to {LONGEST_DESCRIPTION} words",
        ),
        (
            words <= LONGEST_SENTENCE * sentences,
            f"its sentences have more than {LONGEST_SENTENCE} words",
            "cut its description into short sentences",
        ),
        (
            bool((case.kpi.act or "").strip()),
            "nobody says what is done when it is off",
            "say in `act` what is done when it is off",
        ),
    )
    faults = [(reason, fix) for is_so, reason, fix in expected if not is_so]
    if not faults:
        return passed(f"Described in {counted(words, 'word')}, with what is done when it is off.")
    reason, fix = (_sentence(parts) for parts in zip(*faults, strict=True))
    return partly(reason, fix) if len(faults) == 1 else failed(reason, fix)


def _sentence(parts: Sequence[str]) -> str:
    text = listed(parts)
    return f"{text[0].upper()}{text[1:]}."


PROBE = Probe(name="plain-words", criterion=Criterion.COMMUNICATED, weight=1, gate=False, check=check)
