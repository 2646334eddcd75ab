"""Texts at random, as expressions: `python tests/fuzz/atheris_expression.py -max_total_time=300`.

Half of them are made of words and signs of the language, so that more of them can be read.
"""

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent))
with atheris.instrument_imports(include=["kpiascode"]):
    from targets import read_expression
    from words import WORDS


def one(data: bytes) -> None:
    source = atheris.FuzzedDataProvider(data)
    if source.ConsumeBool():
        read_expression(source.ConsumeUnicode(source.remaining_bytes()))
        return
    words = []
    while source.remaining_bytes():
        words.append(WORDS[source.ConsumeIntInRange(0, len(WORDS) - 1)])
    read_expression(" ".join(words))


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
