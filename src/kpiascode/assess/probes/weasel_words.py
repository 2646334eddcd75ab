"""A word that everybody reads in his own way measures nothing.

Looked for in title and description: "effective", "efficient", "quality" and the like. A number in the text
says what is meant by them. This is a hint: it has no weight.

Pass: there is no such word, or a number beside it.
Partial: there is one.
Inconclusive: never; the words are declared.

Fix: say what is counted, and from which number on it is enough.
"""

import re
from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, partly, passed
from kpiascode.assess.sentences import listed, quoted
from kpiascode.model.assessment import Criterion

WEASELS: Final = frozenset(
    """
    adequate adequately appropriate appropriately effective effectively effectiveness efficient efficiently
    efficiency excellence excellent good impactful innovative meaningful optimal optimally optimised optimized
    proactive proactively quality reasonable reasonably robust satisfactory seamless significant significantly
    smooth smoothly strategic successful successfully sufficient sufficiently suitable sustainable timely
    """.split()
)


def check(case: Case) -> Found:
    """Return which words of title and description say nothing that can be counted."""
    text = f"{case.kpi.title} {case.kpi.description}"
    found = [word for word in dict.fromkeys(re.findall(r"\w+", text.casefold())) if word in WEASELS]
    if not found:
        return passed("Its words say what is counted.")
    words = listed([quoted(word) for word in found])
    if re.search(r"\d", text):
        return passed(f"Says {words}, with a number beside it.")
    return partly(f"Says {words}, which everybody reads in his own way.", "Say in numbers what is meant.")


PROBE = Probe(name="weasel-words", criterion=Criterion.QUANTIFIABLE, weight=0, gate=False, check=check)
